//! Entries become rows: observations alone, in panels (`organizer`) and below acts, as laboratories send them (IHE XD-LAB, C-CDA
//! Results). What is no result stays in the narrative.

use nahraum_domain::finding::{Observation, ReportStatus, Value, Warning};
use nahraum_domain::private::Private;

use super::CdaRefusal;
use super::code::Coded;
use super::node::{Element, brief};
use super::section::{Body, Ids, status_of, when_of};
use super::{range, value};
use crate::fhir::NAMELESS;
use crate::hl7::{Moment, ResultStatus};
use crate::read::Warnings;

/// Templates that say that an observation is a result: of C-CDA (results, vital signs) and of IHE (laboratory).
const RESULT_TEMPLATES: &[&str] =
    &["2.16.840.1.113883.10.20.22.4.2", "2.16.840.1.113883.10.20.22.4.27", "1.3.6.1.4.1.19376.1.3.1.6"];

/// The code of a remark (LOINC).
const REMARK: &str = "48767-8";

/// What is said of results that are denied (`negationInd`).
const DENIED: &str = "verneint";

/// What an entry inherits from what is around it.
#[derive(Clone)]
pub(super) struct Inherited {
    pub(super) status: ReportStatus,
    pub(super) when: Moment,
    pub(super) specimen: Option<String>,
    pub(super) group: Option<String>,
    pub(super) is_negated: bool,
}

/// Reads the acts of an `entry`, `component` or `entryRelationship`. Gives whether all that is in them became values.
pub(super) fn entry<'a, 'i>(
    link: Element<'a, 'i>,
    of_results: bool,
    inherited: &Inherited,
    body: &mut Body<'a, 'i>,
    warnings: &mut Warnings,
) -> Result<bool, CdaRefusal> {
    let mut is_read = true;
    let inherited = Inherited { is_negated: inherited.is_negated || is_negated(link), ..inherited.clone() };
    for act in link.elements() {
        is_read &= match act.name() {
            "observation" | "organizer" | "act" if act.child("subject").is_some() => {
                warnings.add(Warning::EntriesIgnored);
                false
            }
            "observation" => observation(act, of_results, &inherited, body, warnings)?,
            "organizer" => parts(act, "component", of_results, &inherited, body, warnings)?,
            "act" if is_remark(act) => true,
            "act" => parts(act, "entryRelationship", of_results, &inherited, body, warnings)?,
            "templateId" | "sequenceNumber" | "seperatableInd" | "realmCode" | "typeId" => true,
            _ => false,
        };
    }
    Ok(is_read)
}

fn is_negated(element: Element<'_, '_>) -> bool {
    element.attribute("negationInd") == Some("true")
}

fn is_remark(act: Element<'_, '_>) -> bool {
    act.child("code").and_then(|code| code.attribute("code")) == Some(REMARK)
}

/// What belongs together.
fn parts<'a, 'i>(
    act: Element<'a, 'i>,
    links: &'static str,
    of_results: bool,
    inherited: &Inherited,
    body: &mut Body<'a, 'i>,
    warnings: &mut Warnings,
) -> Result<bool, CdaRefusal> {
    let name = act.child("code").map(|code| Coded::of(code, &body.ids)).and_then(|code| code.words().map(brief));
    let within = Inherited {
        status: status_of(act, inherited.status),
        when: when_of(act, inherited.when, warnings),
        specimen: specimen(act, &body.ids).or_else(|| inherited.specimen.clone()),
        group: name.or_else(|| inherited.group.clone()),
        is_negated: inherited.is_negated || is_negated(act),
    };
    let mut is_read = true;
    for link in act.all(links) {
        is_read &= entry(link, of_results, &within, body, warnings)?;
    }
    Ok(is_read)
}

fn observation<'a, 'i>(
    act: Element<'a, 'i>,
    of_results: bool,
    inherited: &Inherited,
    body: &mut Body<'a, 'i>,
    warnings: &mut Warnings,
) -> Result<bool, CdaRefusal> {
    let has_happened = act.attribute("moodCode").is_none_or(|mood| mood == "EVN");
    let is_result = of_results
        || act.all("templateId").any(|id| id.attribute("root").is_some_and(|root| RESULT_TEMPLATES.contains(&root)));
    if !has_happened || !is_result {
        return Ok(false);
    }
    let status = result_status(act, inherited);
    body.statuses.push(status);
    if status == ResultStatus::Withdrawn {
        return Ok(true);
    }
    let values: Vec<Element<'a, 'i>> = act.all("value").collect();
    let mut is_read = true;
    // Each of several values is one: none may be lost.
    for sent in values.iter().copied().map(Some).chain(values.is_empty().then_some(None)) {
        let (row, whole) = row(act, sent, status, inherited, &body.ids, warnings);
        is_read &= whole;
        body.push(row)?;
    }
    // Observations about the observation, such as its severity, are told in the narrative.
    let inner = act.all("entryRelationship").flat_map(Element::elements);
    Ok(is_read && inner.filter(|inner| matches!(inner.name(), "observation" | "organizer" | "procedure")).count() == 0)
}

/// The state of a result. One that is open and has a value is preliminary.
fn result_status(act: Element<'_, '_>, inherited: &Inherited) -> ResultStatus {
    let status = ResultStatus::of(None, Some(status_of(act, inherited.status)));
    let has_value = act.all("value").any(|value| value.null_flavor().is_none());
    if status == ResultStatus::Preliminary && !has_value { ResultStatus::Registered } else { status }
}

/// A row, and whether its value was understood.
fn row<'a, 'i>(
    act: Element<'a, 'i>,
    sent: Option<Element<'a, 'i>>,
    status: ResultStatus,
    inherited: &Inherited,
    ids: &Ids<'a, 'i>,
    warnings: &mut Warnings,
) -> (Observation, bool) {
    let code = act.child("code").map(|code| Coded::of(code, ids));
    let read = match status.absent() {
        // What cannot be had has no value, whatever stands there from before.
        Some(reason) => value::absent(Some(reason)),
        None => sent.map_or_else(|| value::absent(None), |sent| value::read(sent, ids)),
    };
    let denied = (inherited.is_negated || is_negated(act)) && status.absent().is_none();
    let read = if denied { deny(&read) } else { read };
    if read.is_kept_as_text {
        warnings.add(Warning::ValueKeptAsText);
    }
    if read.is_irregular {
        warnings.add(Warning::ValueIrregular);
    }
    let (flag, flag_raw) = range::flag(act);
    let has_flag = status.absent().is_none() && !denied;
    let when = when_of(act, inherited.when, warnings);
    let words = |name: &'static str| {
        act.child(name).map(|code| Coded::of(code, ids)).and_then(|code| code.words_or_code().map(str::to_owned))
    };
    let row = Observation {
        local_code: code.as_ref().and_then(Coded::other_than_loinc),
        loinc: code.as_ref().and_then(Coded::loinc).map(str::to_owned),
        name: Private::new(code.as_ref().and_then(Coded::words_or_code).unwrap_or(NAMELESS).to_owned()),
        group: inherited.group.clone(),
        status: status.as_str().to_owned(),
        value: read.value,
        raw_text: Private::new(read.raw),
        flag: flag.filter(|_| has_flag),
        flag_raw: flag_raw.filter(|_| has_flag),
        ranges: range::ranges(act, ids),
        effective_at: when.at,
        effective_date: when.date,
        method: words("methodCode"),
        specimen: specimen(act, ids).or_else(|| inherited.specimen.clone()),
        comment: remarks(act, ids).map(Private::new),
    };
    (row, !read.is_kept_as_text)
}

/// What was looked for and not found must never be read as if it were there.
fn deny(read: &value::Read) -> value::Read {
    let words = if read.raw.is_empty() { DENIED.to_owned() } else { format!("{DENIED}: {}", read.raw) };
    value::Read {
        value: Value::Text(Private::new(words)),
        raw: read.raw.clone(),
        is_kept_as_text: true,
        is_irregular: false,
    }
}

/// The specimen in words.
fn specimen<'a>(act: Element<'a, '_>, ids: &Ids<'a, '_>) -> Option<String> {
    let entities = act.all_at(&["specimen", "specimenRole", "specimenPlayingEntity"]);
    let names: Vec<String> = entities
        .into_iter()
        .filter_map(|entity| {
            let code = entity.child("code").map(|code| Coded::of(code, ids));
            let of_code = code.as_ref().and_then(Coded::words_or_code).map(str::to_owned);
            of_code.or_else(|| entity.child("name")?.words())
        })
        .collect();
    (!names.is_empty()).then(|| brief(&names.join(", ")))
}

/// Remarks of the laboratory on a result.
fn remarks<'a, 'i>(act: Element<'a, 'i>, ids: &Ids<'a, 'i>) -> Option<String> {
    let acts = act.all_at(&["entryRelationship", "act"]).into_iter().filter(|act| is_remark(*act));
    let lines: Vec<String> = acts.filter_map(|act| ids.words(act.child("text")?)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
