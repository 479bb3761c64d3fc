//! What a report is called: document class, title, business key and version.

use jiff::Timestamp;
use nahraum_domain::finding::{BusinessKey, ReportStatus, ReportVersion, Warning};
use nahraum_domain::kdl::{self, DocumentClass, KDL_SYSTEM};
use nahraum_domain::private::Private;

use super::Warnings;
use super::lenient::List;
use super::model::{CodeableConcept, Extension, Identifier, Meta, Relation, filled};
use crate::classes;

/// Whether a category or code means laboratory.
pub(super) fn is_laboratory<'c>(concepts: impl IntoIterator<Item = &'c CodeableConcept>) -> bool {
    let mut codes = concepts.into_iter().flat_map(|c| c.coding.iter()).filter_map(|c| c.code.as_deref());
    codes.any(classes::is_laboratory)
}

/// The KDL class: as sent, else judged from section and code, else `fallback`.
pub(super) fn class(
    concepts: &[&CodeableConcept],
    fallback: &'static DocumentClass,
    warnings: &mut Warnings,
) -> &'static DocumentClass {
    if let Some(code) = concepts.iter().find_map(|c| c.code_of(KDL_SYSTEM)) {
        return kdl::find(code).unwrap_or_else(|| {
            warnings.add(Warning::ClassUnknown);
            if code.starts_with("LB") { &kdl::LABORATORY_REPORT } else { &kdl::OTHER_DOCUMENT }
        });
    }
    warnings.add(Warning::ClassAssumed);
    let codings = concepts.iter().flat_map(|c| c.coding.iter());
    let codes = codings.filter_map(|c| Some((filled(c.system.as_deref()), c.code.as_deref()?)));
    classes::assumed(&codes.collect::<Vec<_>>()).unwrap_or(fallback)
}

/// The first title that says something, else the class's name.
pub(super) fn title<'t>(
    candidates: impl IntoIterator<Item = Option<&'t str>>,
    class: &DocumentClass,
    warnings: &mut Warnings,
) -> Private<String> {
    let found = candidates.into_iter().find_map(filled);
    if found.is_none() {
        warnings.add(Warning::TitleMissing);
    }
    Private::new(found.unwrap_or(class.name).to_owned())
}

/// `DiagnosticReport.status`. What is not known to be final is treated as not final.
pub(super) fn status(code: Option<&str>) -> ReportStatus {
    match code {
        Some("registered") => ReportStatus::Partial,
        Some(code) => ReportStatus::parse(code).unwrap_or(ReportStatus::Preliminary),
        None => ReportStatus::Preliminary,
    }
}

/// Everything that can name a report and its version.
#[derive(Default)]
pub(super) struct Names<'n> {
    /// The best name first; among `rest` the rules of [`business_key`] decide.
    pub(super) master: Option<&'n Identifier>,
    pub(super) rest: &'n [Identifier],
    /// The name of the bundle, when the report is all there is in it.
    pub(super) bundle: Option<&'n Identifier>,
    /// The name of the report that this one takes the place of.
    pub(super) replaced: Option<&'n Identifier>,
    pub(super) extensions: &'n [Extension],
    pub(super) meta: Option<&'n Meta>,
    pub(super) issued: Option<Timestamp>,
}

/// The sender's stable name of a report: its master identifier, else the filler's number, else a UUID, else any.
pub(super) fn business_key(names: &Names<'_>) -> Option<BusinessKey> {
    let is_filler = |i: &&Identifier| {
        let codes = i.r#type.iter().flat_map(|t| t.coding.iter()).filter_map(|c| c.code.as_deref());
        codes.into_iter().any(|code| code == "FILL")
    };
    let is_uuid = |i: &&Identifier| i.value.as_deref().is_some_and(|v| v.starts_with("urn:uuid:"));
    let usable = || names.rest.iter().filter(|i| filled(i.value.as_deref()).is_some());
    let identifier = names
        .master
        .filter(|i| filled(i.value.as_deref()).is_some())
        .or_else(|| usable().find(is_filler))
        .or_else(|| usable().find(is_uuid))
        .or_else(|| usable().next())
        .or(names.bundle)?;
    let own = name(identifier)?;
    let key = names.replaced.and_then(name).unwrap_or_else(|| own.clone());
    let number = names.extensions.iter().find_map(version_number).map(ReportVersion::Number);
    Some(BusinessKey {
        own: (own != key).then(|| Private::new(own)),
        key: Private::new(key),
        version: number.or_else(|| names.issued.map(ReportVersion::Issued)),
        revision: names.meta.and_then(|m| m.version_id.as_deref()).and_then(|v| v.trim().parse().ok()),
    })
}

/// What this one takes the place of (`DocumentRelationshipType`), as far as it is named and not only addressed.
pub(super) fn replaced(relations: &List<Relation>) -> Option<&Identifier> {
    let relation = relations.iter().find(|relation| relation.code.as_deref() == Some("replaces"))?;
    relation.target_identifier.as_ref().or_else(|| relation.target.as_ref()?.identifier.as_ref())
}

fn name(identifier: &Identifier) -> Option<String> {
    let value = filled(identifier.value.as_deref())?;
    Some(match filled(identifier.system.as_deref()) {
        Some(system) => format!("{system}|{value}"),
        None => value.to_owned(),
    })
}

/// A version number in an extension such as `composition-clinicaldocument-versionNumber`.
fn version_number(extension: &Extension) -> Option<u32> {
    let name = extension.url.as_deref()?.rsplit('/').next()?.to_ascii_lowercase();
    if !name.contains("version") {
        return None;
    }
    let numbers = [&extension.value_positive_int, &extension.value_unsigned_int, &extension.value_integer];
    let number = numbers.into_iter().flatten().map(|n| n.0.as_str()).next();
    number.or(extension.value_string.as_deref())?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fillers_number_names_a_report() {
        let json = r#"[{"system":"a","value":"1"},{"value":"urn:uuid:2"},
            {"type":{"coding":[{"code":"FILL"}]},"system":"lab","value":"3"}]"#;
        let all: Vec<Identifier> = serde_json::from_str(json).unwrap();
        let key = |rest: &[Identifier]| {
            business_key(&Names { rest, ..Names::default() }).map(|k| k.key.into_revealed()).unwrap_or_default()
        };
        assert_eq!(key(&all), "lab|3");
        assert_eq!(key(&all[..2]), "urn:uuid:2");
        assert_eq!(key(&all[..1]), "a|1");
        assert_eq!(key(&[]), "");
    }

    #[test]
    fn what_takes_the_place_of_another_has_its_name_and_one_of_its_own() {
        let json = r#"[{"system":"a","value":"1"},{"system":"a","value":"2"}]"#;
        let [old, new]: [Identifier; 2] = serde_json::from_str(json).unwrap();
        let of = |replaced| {
            let key = business_key(&Names { master: Some(&new), replaced, ..Names::default() }).unwrap();
            (key.key.into_revealed(), key.own.map(Private::into_revealed))
        };
        assert_eq!(of(None), ("a|2".into(), None));
        assert_eq!(of(Some(&old)), ("a|1".into(), Some("a|2".into())));
        assert_eq!(of(Some(&new)), ("a|2".into(), None));
    }

    #[test]
    fn an_explicit_version_goes_before_the_time_of_issue() {
        let extensions: Vec<Extension> = serde_json::from_str(
            r#"[{"url":"http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber","valueString":"4"}]"#,
        )
        .unwrap();
        let identifier = Identifier { value: Some("x".into()), ..Identifier::default() };
        let meta = Meta { version_id: Some("7".into()) };
        let issued = "2026-01-01T00:00:00Z".parse().ok();
        let names =
            Names { master: Some(&identifier), extensions: &extensions, meta: Some(&meta), issued, ..Names::default() };
        let key = business_key(&names).unwrap();
        assert_eq!((key.version, key.revision), (Some(ReportVersion::Number(4)), Some(7)));
        let key = business_key(&Names { extensions: &[], ..names }).unwrap();
        assert_eq!(key.version, issued.map(ReportVersion::Issued));
    }

    #[test]
    fn classes_come_from_kdl_then_from_section_and_code() {
        let of = |json: &str| {
            let concept: CodeableConcept = serde_json::from_str(json).unwrap();
            let mut warnings = Warnings::default();
            (class(&[&concept], &kdl::OTHER_DOCUMENT, &mut warnings).code, warnings.0)
        };
        let kdl = |code| format!(r#"{{"coding":[{{"system":"{KDL_SYSTEM}","code":"{code}"}}]}}"#);
        assert_eq!(of(&kdl("DG060111")), ("DG060111", vec![]));
        assert_eq!(of(&kdl("LB999999")), ("LB120107", vec![Warning::ClassUnknown]));
        assert_eq!(
            of(&format!(r#"{{"coding":[{{"system":"{}","code":"MB"}},{{"code":"LAB"}}]}}"#, classes::SECTION_SYSTEM)).0,
            "LB130101"
        );
        assert_eq!(of(r#"{"coding":[{"code":"laboratory"}]}"#).0, "LB120107");
        assert_eq!(of("{}"), ("VL230101", vec![Warning::ClassAssumed]));
    }
}
