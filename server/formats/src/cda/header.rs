//! What the header of a document says about it.

use jiff::civil::Date;
use nahraum_domain::finding::{BusinessKey, ReportStatus, ReportVersion, Warning};
use nahraum_domain::kdl::{self, DocumentClass};
use nahraum_domain::private::Private;

use super::code::Coded;
use super::node::Element;
use super::patient::full_name;
use super::section::Ids;
use crate::classes;
use crate::hl7::Moment;
use crate::read::Warnings;

/// What the header says.
pub(super) struct Facts {
    pub(super) status: ReportStatus,
    /// The day that the document is about.
    pub(super) clinical_date: Option<Date>,
    /// When it was made.
    pub(super) issued: Moment,
    /// The sender's name of it.
    pub(super) key: Option<BusinessKey>,
    pub(super) title: Option<String>,
    /// The class, if the header gives one away.
    pub(super) class: Option<&'static DocumentClass>,
    pub(super) author: Option<String>,
}

impl Facts {
    pub(super) fn of(root: Element<'_, '_>, warnings: &mut Warnings) -> Self {
        let code = root.child("code").map(|code| Coded::of(code, &Ids::default()));
        let title = root.child("title").and_then(Element::words);
        let title = title.or_else(|| code.as_ref().and_then(Coded::words).map(str::to_owned));
        if title.is_none() {
            warnings.add(Warning::TitleMissing);
        }
        let replaced = replaced(root);
        let issued = root.child("effectiveTime").and_then(when).unwrap_or_default();
        let confidentiality = root.child("confidentialityCode").and_then(|code| code.attribute("code"));
        if matches!(confidentiality, Some("R" | "V")) {
            warnings.add(Warning::Confidential);
        }
        Self {
            status: status(root, replaced.is_some()),
            clinical_date: clinical_date(root, issued, warnings),
            issued,
            key: key(root, replaced, issued),
            title,
            class: class(code.as_ref(), warnings),
            author: author(root),
        }
    }
}

/// CDA gives documents no state: what was sent was finished, unless the extension of HL7 (`sdtc:statusCode`) says otherwise.
fn status(root: Element<'_, '_>, is_replacement: bool) -> ReportStatus {
    let sent = root.elements().find(|child| child.name() == "statusCode").and_then(|code| code.attribute("code"));
    match sent {
        None | Some("completed") if is_replacement => ReportStatus::Amended,
        None | Some("completed") => ReportStatus::Final,
        Some("aborted" | "cancelled") => ReportStatus::Cancelled,
        Some("nullified" | "obsolete") => ReportStatus::EnteredInError,
        Some(_) => ReportStatus::Preliminary,
    }
}

/// The KDL class if a code is one, whatever its system is called: no other system writes its codes like that.
fn class(code: Option<&Coded<'_>>, warnings: &mut Warnings) -> Option<&'static DocumentClass> {
    if let Some(class) = code.and_then(|code| code.codes().find_map(kdl::find)) {
        return Some(class);
    }
    warnings.add(Warning::ClassAssumed);
    let tokens: Vec<_> = code.iter().flat_map(|code| code.tokens()).collect();
    let tokens: Vec<_> = tokens.iter().map(|(system, code)| (system.as_deref(), *code)).collect();
    classes::assumed(&tokens)
}

/// The document that this one takes the place of.
fn replaced<'a, 'i>(root: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    let mut related = root.all("relatedDocument");
    related.find(|related| related.attribute("typeCode") == Some("RPLC"))?.child("parentDocument")
}

/// The set of versions, else the document that this one replaces, else its own id. A version number counts within a set, where
/// the time of making decides else.
fn key(root: Element<'_, '_>, replaced: Option<Element<'_, '_>>, issued: Moment) -> Option<BusinessKey> {
    let set = root.child("setId").and_then(id);
    let number = root.child("versionNumber").and_then(|number| number.attribute("value")?.parse().ok());
    let number: Option<u32> = number.filter(|_| set.is_some());
    let of_replaced =
        || replaced.and_then(|parent| parent.child("setId").and_then(id).or_else(|| id(parent.child("id")?)));
    let own = root.child("id").and_then(id);
    let key = set.or_else(of_replaced).or_else(|| own.clone())?;
    let own = own.filter(|own| *own != key);
    let version = number.map(ReportVersion::Number).or_else(|| issued.order.map(ReportVersion::Issued));
    let name = |id: String| Private::new(format!("cda|{id}"));
    Some(BusinessKey { key: name(key), own: own.map(name), version, revision: None })
}

/// An instance identifier (II): root and extension.
fn id(element: Element<'_, '_>) -> Option<String> {
    match (element.attribute("root"), element.attribute("extension")) {
        (Some(root), Some(extension)) => Some(format!("{root}|{extension}")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => None,
    }
}

/// A moment (TS), or where a span of time (`IVL_TS`) begins, else where it ends.
pub(super) fn when(time: Element<'_, '_>) -> Option<Moment> {
    let within = ["low", "center", "high"];
    let sent =
        time.attribute("value").or_else(|| within.into_iter().find_map(|end| time.child(end)?.attribute("value")));
    sent.map(|sent| Moment::parse(sent, None))
}

/// The day of what is documented, else of the stay or visit, else of the document. Care over years (`PCPR`), as patient summaries name
/// it, is no day.
fn clinical_date(root: Element<'_, '_>, issued: Moment, warnings: &mut Warnings) -> Option<Date> {
    let services = root.all_at(&["documentationOf", "serviceEvent"]).into_iter();
    let services = services.filter(|event| event.attribute("classCode") != Some("PCPR"));
    let visits = root.all_at(&["componentOf", "encompassingEncounter"]);
    let mut moments = services.chain(visits).filter_map(|event| when(event.child("effectiveTime")?));
    let moment = moments.find(|moment| moment.date.is_some()).unwrap_or(issued);
    if moment.is_partial {
        warnings.add(Warning::DatePartial);
    } else if moment.date.is_none() {
        warnings.add(Warning::DateMissing);
    }
    moment.date
}

/// Who wrote it and for whom; a device is nobody. Without an author who keeps it.
fn author(root: Element<'_, '_>) -> Option<String> {
    let written = root.all_at(&["author", "assignedAuthor"]).into_iter().find_map(|author| {
        let person = author.path(&["assignedPerson", "name"]).and_then(full_name);
        let organisation = author.path(&["representedOrganization", "name"]).and_then(Element::words);
        let names: Vec<String> = person.into_iter().chain(organisation).collect();
        (!names.is_empty()).then(|| names.join(", "))
    });
    let custodian = ["custodian", "assignedCustodian", "representedCustodianOrganization", "name"];
    written.or_else(|| root.path(&custodian).and_then(Element::words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn facts<T>(header: &str, take: impl Fn(Facts, Vec<Warning>) -> T) -> T {
        let text = format!("<ClinicalDocument xmlns:sdtc='urn:hl7-org:sdtc'>{header}</ClinicalDocument>");
        let document = roxmltree::Document::parse(&text).unwrap();
        let mut warnings = Warnings::default();
        let facts = Facts::of(Element(document.root_element()), &mut warnings);
        take(facts, warnings.0)
    }

    fn key_of(header: &str) -> (String, Option<ReportVersion>) {
        facts(header, |facts, _| facts.key.map(|key| (key.key.into_revealed(), key.version)).unwrap_or_default())
    }

    #[test]
    fn versions_of_a_set_have_one_name_and_a_replacement_has_that_of_what_it_replaces() {
        let own = "<id root='1.2' extension='b'/><effectiveTime value='20261118120000+0100'/>";
        let issued = Some(ReportVersion::Issued("2026-11-18T11:00:00Z".parse().unwrap()));
        assert_eq!(key_of(own), ("cda|1.2|b".into(), issued));
        let set = "<setId root='1.2' extension='s'/><versionNumber value='2'/>";
        assert_eq!(key_of(&format!("{own}{set}")), ("cda|1.2|s".into(), Some(ReportVersion::Number(2))));
        let replaces = |parent: &str| {
            format!("<relatedDocument typeCode='RPLC'><parentDocument>{parent}</parentDocument></relatedDocument>")
        };
        let first = replaces("<id root='1.2' extension='a'/>");
        assert_eq!(key_of(&format!("{own}{first}")), ("cda|1.2|a".into(), issued));
        let of_set = replaces("<id root='1.2' extension='a'/><setId root='1.2' extension='s'/>");
        assert_eq!(key_of(&format!("{own}{of_set}")).0, "cda|1.2|s");
        let added = first.replace("RPLC", "APND");
        assert_eq!(key_of(&format!("{own}{added}")).0, "cda|1.2|b", "an addition stands beside what it adds to");
        assert_eq!(key_of("").1, None);
    }

    #[test]
    fn a_document_is_final_unless_it_says_otherwise() {
        let of = |header: &str| facts(header, |facts, _| facts.status);
        assert_eq!(of(""), ReportStatus::Final);
        assert_eq!(of("<relatedDocument typeCode='RPLC'><parentDocument/></relatedDocument>"), ReportStatus::Amended);
        for (code, status) in [
            ("completed", ReportStatus::Final),
            ("active", ReportStatus::Preliminary),
            ("aborted", ReportStatus::Cancelled),
            ("nullified", ReportStatus::EnteredInError),
            ("?", ReportStatus::Preliminary),
        ] {
            assert_eq!(of(&format!("<sdtc:statusCode code='{code}'/>")), status, "{code}");
        }
    }

    #[test]
    fn days_classes_authors_and_confidentiality_are_read() {
        let service = |class: &str| {
            format!(
                "<documentationOf><serviceEvent classCode='{class}'><effectiveTime><low value='19610314'/></effectiveTime></serviceEvent></documentationOf>\
                <componentOf><encompassingEncounter><effectiveTime><low nullFlavor='UNK'/><high value='202611171030'/></effectiveTime></encompassingEncounter></componentOf>"
            )
        };
        let day = |header: &str| {
            facts(header, |facts, warnings| (facts.clinical_date, warnings.contains(&Warning::DatePartial)))
        };
        assert_eq!(day(&service("ACT")), (Some(date(1961, 3, 14)), false));
        assert_eq!(day(&service("PCPR")), (Some(date(2026, 11, 17)), false));
        assert_eq!(day("<effectiveTime value='202611'/>"), (None, true));
        let class = |header: &str| {
            facts(header, |facts, warnings| {
                (facts.class.map(|class| class.code), warnings.contains(&Warning::ClassAssumed))
            })
        };
        let kdl = "<code code='18842-5' codeSystem='2.16.840.1.113883.6.1'><translation code='ED110104' codeSystem='1.2'/></code>";
        assert_eq!(class(kdl), (Some("ED110104"), false));
        assert_eq!(class("<code code='18842-5' codeSystem='2.16.840.1.113883.6.1'/>"), (Some("AD010115"), true));
        assert_eq!(class("<code code='18842-5' codeSystem='1.2'/>"), (None, true));
        let author = |header: &str| facts(header, |facts, _| facts.author.unwrap_or_default());
        let device = "<author><assignedAuthor><assignedAuthoringDevice><softwareName>S</softwareName></assignedAuthoringDevice></assignedAuthor></author>";
        let person = "<author><assignedAuthor><assignedPerson><name><prefix>Dr.</prefix><family>Probe</family></name></assignedPerson><representedOrganization><name>Klinik</name></representedOrganization></assignedAuthor></author>";
        let keeper = "<custodian><assignedCustodian><representedCustodianOrganization><name>Haus</name></representedCustodianOrganization></assignedCustodian></custodian>";
        assert_eq!(author(&format!("{device}{person}{keeper}")), "Dr. Probe, Klinik");
        assert_eq!(author(&format!("{device}{keeper}")), "Haus");
        for (code, confidential) in [("N", false), ("R", true), ("V", true)] {
            let header = format!("<confidentialityCode code='{code}'/>");
            assert_eq!(facts(&header, |_, warnings| warnings.contains(&Warning::Confidential)), confidential);
        }
    }
}
