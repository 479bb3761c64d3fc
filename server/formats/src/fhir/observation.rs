//! Observations become rows: one for the value, one for each component, and those of the members of a panel.

use std::collections::HashSet;

use nahraum_domain::finding::{Observation, Value, Warning};
use nahraum_domain::private::Private;

use super::context::Context;
use super::date::When;
use super::graph::{Node, Resource};
use super::lenient::List;
use super::model::{self, CodeableConcept, Extension, Measured, filled};
use super::{FhirRefusal, Warnings, value};

/// The coding system of LOINC codes.
pub(crate) const LOINC: &str = "http://loinc.org";

/// Shown when a value has no name at all.
pub(crate) const NAMELESS: &str = "Ohne Bezeichnung";

/// Category codes that say what every laboratory value is, and so are no heading.
const GENERAL_CATEGORIES: &[&str] = &["26436-6", "laboratory", "LAB", "vital-signs"];

/// Where observations of a report come from, and what they inherit from it.
pub(super) struct Origin<'o> {
    /// The resource that names them.
    pub(super) from: usize,
    /// The report's own time, for values without one.
    pub(super) when: When,
    /// The references.
    pub(super) references: &'o [model::Reference],
}

/// The rows of every observation that `origin` names, panels expanded, each once, in the order of the report.
pub(super) fn rows(
    context: &mut Context<'_, '_>,
    origin: &Origin<'_>,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, FhirRefusal> {
    let mut todo = Vec::new();
    context.take_links(origin.references.len())?;
    push_targets(context, origin.from, origin.references, None, &mut todo, warnings);
    expand(context, todo, origin.when, warnings)
}

/// The rows of one observation and its members.
pub(super) fn rows_of(
    context: &mut Context<'_, '_>,
    index: usize,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, FhirRefusal> {
    expand(context, vec![(index, None)], When::default(), warnings)
}

/// An observation that waits, and the heading it stands under.
type Waiting = (usize, Option<String>);

fn expand(
    context: &mut Context<'_, '_>,
    mut todo: Vec<Waiting>,
    inherited: When,
    warnings: &mut Warnings,
) -> Result<Vec<Observation>, FhirRefusal> {
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    while let Some((index, heading)) = todo.pop() {
        if !seen.insert(index) {
            continue; // named twice, or a panel that is its own member
        }
        context.used.insert(index);
        let Some(node) = context.graph.get(index) else { continue };
        let Resource::Observation(observation, measured) = &node.resource else { continue };
        let own = own_rows(context, (index, node), heading.as_deref(), inherited, warnings);
        context.take_rows(own.len().max(1))?;
        rows.extend(own);
        let heading = heading.or_else(|| Some(name(measured)));
        context.take_links(observation.has_member.len() + observation.derived_from.len())?;
        push_targets(context, index, &observation.has_member, heading.as_deref(), &mut todo, warnings);
        if observation.derived_from.iter().any(|r| context.target(index, r).is_some_and(|(at, _)| at == index)) {
            warnings.add(Warning::ReferenceUnresolved); // derived from itself
        }
    }
    Ok(rows)
}

/// Puts the observations behind references on the stack, the first on top.
fn push_targets(
    context: &Context<'_, '_>,
    from: usize,
    references: &[model::Reference],
    heading: Option<&str>,
    todo: &mut Vec<Waiting>,
    warnings: &mut Warnings,
) {
    for reference in references.iter().rev() {
        match context.target(from, reference) {
            Some((index, node)) if index != from && matches!(node.resource, Resource::Observation(_, _)) => {
                todo.push((index, heading.map(str::to_owned)));
            }
            Some(_) | None => warnings.add(Warning::ReferenceUnresolved),
        }
    }
}

/// What the rows of one observation have in common.
struct Common<'o> {
    observation: &'o model::Observation,
    group: Option<String>,
    when: When,
    specimen: Option<String>,
}

fn own_rows(
    context: &Context<'_, '_>,
    (index, node): (usize, &Node<'_>),
    heading: Option<&str>,
    inherited: When,
    warnings: &mut Warnings,
) -> Vec<Observation> {
    let Resource::Observation(observation, measured) = &node.resource else { return Vec::new() };
    let common = Common {
        observation,
        group: heading.map(str::to_owned).or_else(|| group(&observation.category)),
        when: when(observation, inherited, warnings),
        specimen: specimen(context, index, observation),
    };
    let mut rows = Vec::new();
    let value = value::read(measured, warnings);
    let is_panel = !observation.component.is_empty() || !observation.has_member.is_empty();
    // A panel without a value of its own is only a heading, unless it says something in words.
    let narrative = || observation.text.as_ref().and_then(narrative).filter(|_| observation.component.is_empty());
    let value = value.or_else(|| narrative().map(|words| (Value::Text(Private::new(words.clone())), words)));
    if value.is_some() || !is_panel {
        let value = value.unwrap_or((Value::Absent { reason: None }, String::new()));
        rows.push(row(measured, value, &common, warnings));
    }
    let panel = Common { group: Some(name(measured)), ..common };
    for component in observation.component.iter() {
        let value = value::read(component, warnings).unwrap_or((Value::Absent { reason: None }, String::new()));
        rows.push(row(component, value, &panel, warnings));
    }
    rows
}

fn row(measured: &Measured, (value, raw): value::Read, common: &Common<'_>, warnings: &mut Warnings) -> Observation {
    let observation = common.observation;
    let codings = || measured.code.iter().flat_map(|c| c.coding.iter());
    let (flag, flag_raw) = value::flag(&measured.interpretation);
    let remarks = observation.note.iter().filter_map(|n| filled(n.text.as_deref())).map(str::to_owned);
    let modifiers = modifiers(&measured.modifier_extension, warnings);
    let remarks: Vec<String> = modifiers.into_iter().chain(remarks).collect();
    Observation {
        local_code: codings().filter(|c| !c.is_of(LOINC)).find_map(model::Coding::token),
        loinc: measured.code.as_ref().and_then(|c| c.code_of(LOINC)).map(str::to_owned),
        name: Private::new(name(measured)),
        group: common.group.clone(),
        status: filled(observation.status.as_deref()).unwrap_or("unknown").to_owned(),
        value,
        raw_text: Private::new(raw),
        flag,
        flag_raw,
        ranges: value::reference_ranges(&measured.reference_range),
        effective_at: common.when.at,
        effective_date: common.when.date,
        method: observation.method.as_ref().and_then(CodeableConcept::words_or_code).map(str::to_owned),
        specimen: common.specimen.clone(),
        comment: (!remarks.is_empty()).then(|| Private::new(remarks.join("\n"))),
    }
}

/// The name the report gives a value.
pub(super) fn name(measured: &Measured) -> String {
    measured.code.as_ref().and_then(CodeableConcept::words_or_code).unwrap_or(NAMELESS).to_owned()
}

/// A heading that the sender gave as a category, e.g. of a system `…/Laborgruppe`.
fn group(category: &List<CodeableConcept>) -> Option<String> {
    let is_general = |c: &model::Coding| c.code.as_deref().is_some_and(|code| GENERAL_CATEGORIES.contains(&code));
    let own_group = category
        .iter()
        .flat_map(|c| c.coding.iter())
        .find(|c| c.system.as_deref().is_some_and(|s| s.to_ascii_lowercase().contains("laborgruppe")));
    let words =
        |c: &model::Coding| filled(c.display.as_deref()).or_else(|| filled(c.code.as_deref())).map(str::to_owned);
    let text = || category.iter().find_map(|c| filled(c.text.as_deref())).map(str::to_owned);
    let loinc = || {
        let mut codings = category.iter().flat_map(|c| c.coding.iter());
        let class = codings.find(|c| c.is_of(LOINC) && !is_general(c));
        class.and_then(|c| filled(c.display.as_deref())).map(str::to_owned)
    };
    own_group.and_then(words).or_else(text).or_else(loinc)
}

fn when(observation: &model::Observation, inherited: When, warnings: &mut Warnings) -> When {
    let period = observation.effective_period.as_ref().and_then(|p| p.start.as_deref().or(p.end.as_deref()));
    let sent = observation.effective_date_time.as_deref().or(observation.effective_instant.as_deref()).or(period);
    let Some(sent) = filled(sent) else { return inherited };
    let when = When::parse(sent);
    if when.is_partial() {
        warnings.add(Warning::DatePartial);
    }
    when
}

fn specimen(context: &Context<'_, '_>, from: usize, observation: &model::Observation) -> Option<String> {
    let reference = observation.specimen.as_ref()?;
    let from_resource = context.target(from, reference).and_then(|(_, node)| {
        let Resource::Specimen(specimen) = &node.resource else { return None };
        specimen.r#type.as_ref().and_then(CodeableConcept::words)
    });
    from_resource.or_else(|| filled(reference.display.as_deref())).map(str::to_owned)
}

/// What modifier extensions say. They may change or negate a meaning (FHIR 2.4.2), so they must be read with the value.
pub(super) fn modifiers(extensions: &List<Extension>, warnings: &mut Warnings) -> Option<String> {
    if extensions.is_empty() {
        return None;
    }
    warnings.add(Warning::ModifierExtension);
    let words: Vec<&str> = extensions.iter().filter_map(modifier_words).collect();
    Some(format!("Das Labor schränkt die Aussage ein: {}", words.join("; ")))
}

fn modifier_words(extension: &Extension) -> Option<&str> {
    let coding = extension.value_coding.as_ref();
    let texts = [
        extension.value_codeable_concept.as_ref().and_then(CodeableConcept::words_or_code),
        coding.and_then(|c| c.display.as_deref().or(c.code.as_deref())),
        extension.value_string.as_deref(),
        extension.value_code.as_deref(),
        extension.url.as_deref().and_then(|url| url.rsplit('/').next()),
    ];
    texts.into_iter().find_map(filled)
}

/// The words of a narrative (XHTML, FHIR 2.4.0) without its markup.
fn narrative(text: &model::Narrative) -> Option<String> {
    let html = text.div.as_deref().filter(|_| text.status.as_deref() != Some("empty"))?;
    let mut words = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => {
                inside = true;
                words.push(' ');
            }
            '>' => inside = false,
            c if !inside => words.push(c),
            _ => {}
        }
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#160;", " "), ("&nbsp;", " "), ("&amp;", "&")];
    let plain = entities.iter().fold(words, |text, (entity, c)| text.replace(entity, c));
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrative_loses_its_markup() {
        let text: model::Narrative =
            serde_json::from_str(r#"{"status":"additional","div":"<div><h1>Beurteilung</h1><p>pH &lt; 7</p></div>"}"#)
                .unwrap();
        assert_eq!(narrative(&text).as_deref(), Some("Beurteilung pH < 7"));
    }

    #[test]
    fn a_laboratory_group_is_the_heading() {
        let of = |json: &str| group(&serde_json::from_str(json).unwrap());
        let general = r#"{"coding":[{"system":"http://loinc.org","code":"26436-6","display":"Labor"}]}"#;
        assert_eq!(of(&format!("[{general}]")), None);
        let own = r#"{"coding":[{"code":"Niere","system":"http://example.org/fhir/sid/Laborgruppe"}]}"#;
        assert_eq!(of(&format!("[{general},{own}]")).as_deref(), Some("Niere"));
        assert_eq!(of(r#"[{"text":"Blutbild"}]"#).as_deref(), Some("Blutbild"));
    }
}
