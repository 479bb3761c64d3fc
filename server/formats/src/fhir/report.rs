//! DiagnosticReport, and observations that no report names.

use std::collections::HashSet;

use jiff::Timestamp;
use nahraum_domain::finding::{EmbeddedDocument, Observation, ReadFinding, ReportStatus, SourceFormat, Value, Warning};
use nahraum_domain::kdl::{self, DocumentClass};
use nahraum_domain::private::Private;

use super::context::Context;
use super::date::When;
use super::document;
use super::graph::Resource;
use super::identity::{self, Names};
use super::model::{self, CodeableConcept, Composition, DiagnosticReport, Reference, filled};
use super::observation::{self, Origin};
use super::{FhirRefusal, Warnings};
use crate::refusal::Position;

/// The name of the row that holds the laboratory's conclusion.
const CONCLUSION: &str = "Beurteilung";

/// The finding of every DiagnosticReport.
pub(super) fn findings(context: &mut Context<'_, '_>) -> Result<Vec<ReadFinding>, FhirRefusal> {
    let reports: Vec<_> = context.roots().collect();
    let count = reports.iter().filter(|(_, node)| matches!(node.resource, Resource::Report(_))).count();
    context.companions = document::companions(context);
    let mut findings = Vec::new();
    for (index, node) in reports {
        if let Resource::Report(report) = &node.resource {
            findings.push(finding(context, index, report, count == 1)?);
        }
    }
    Ok(findings)
}

fn finding(
    context: &mut Context<'_, '_>,
    index: usize,
    report: &DiagnosticReport<'_>,
    only: bool,
) -> Result<ReadFinding, FhirRefusal> {
    let mut warnings = context.subject_warnings.clone();
    let composition = only.then(|| context.composition()).flatten();
    let when = when(report, &mut warnings);
    let issued_at = report.issued.as_deref().and_then(|text| When::parse(text).at);
    let status = identity::status(report.status.as_deref());
    let note = note(report, &mut warnings);
    let origin = Origin { from: index, when, references: &report.result };
    let mut observations = observation::rows(context, &origin, &mut warnings)?;
    observations.extend(conclusion(report, status, when));
    let embedded = presented(context, index, report, &mut warnings)?;
    refuse_empty(context, index, status, observations.is_empty() && embedded.is_none(), &warnings)?;
    let mut concepts: Vec<&CodeableConcept> = report.code.iter().chain(report.category.iter()).collect();
    concepts.extend(composition.iter().flat_map(|(_, c)| c.r#type.iter().chain(c.category.iter())));
    let class = identity::class(&concepts, fallback_class(&observations), &mut warnings);
    let code_words = report.code.as_ref().and_then(CodeableConcept::words);
    let title = identity::title([composition.and_then(|(_, c)| c.title.as_deref()), code_words], class, &mut warnings);
    let clinical_date = when.date.or_else(|| first_date(&observations));
    if clinical_date.is_none() && !warnings.0.contains(&Warning::DatePartial) {
        warnings.add(Warning::DateMissing);
    }
    let names = names(context, report, composition.map(|(_, c)| c), only, issued_at);
    let author = author(context, index, &[&report.performer, &report.results_interpreter])
        .or_else(|| composition.and_then(|(at, c)| author(context, at, &[&c.author])));
    Ok(ReadFinding {
        source_format: SourceFormat::FhirR4,
        class,
        title,
        author,
        note,
        subject: context.subject.clone(),
        clinical_date,
        issued_at,
        status,
        business_key: identity::business_key(&names),
        observations,
        embedded,
        retracts: false,
        warnings: warnings.0,
        part: None,
    })
}

/// What names the report; what names the whole file only where nothing else is in it.
fn names<'n>(
    context: &'n Context<'_, '_>,
    report: &'n DiagnosticReport<'_>,
    composition: Option<&'n Composition>,
    only: bool,
    issued: Option<Timestamp>,
) -> Names<'n> {
    let of_file = || composition.and_then(|c| c.identifier.as_ref()).or(context.graph.identifier.as_ref());
    Names {
        rest: &report.identifier,
        bundle: only.then(of_file).flatten(),
        // A report with a number of its own keeps it in all versions.
        replaced: composition.filter(|_| report.identifier.is_empty()).and_then(|c| identity::replaced(&c.relates_to)),
        extensions: match composition {
            Some(composition) if report.extension.is_empty() => &composition.extension,
            Some(_) | None => &report.extension,
        },
        meta: report.meta.as_ref(),
        issued,
        ..Names::default()
    }
}

/// The first person or institution of several lists that has a name.
pub(super) fn author(context: &Context<'_, '_>, from: usize, lists: &[&[Reference]]) -> Option<Private<String>> {
    lists.iter().flat_map(|list| list.iter()).find_map(|r| context.actor(from, r)).map(Private::new)
}

fn when(report: &DiagnosticReport<'_>, warnings: &mut Warnings) -> When {
    let period = report.effective_period.as_ref().and_then(|p| p.start.as_deref().or(p.end.as_deref()));
    let Some(sent) = filled(report.effective_date_time.as_deref().or(period)) else { return When::default() };
    let when = When::parse(sent);
    if when.is_partial() {
        warnings.add(Warning::DatePartial);
    }
    when
}

/// The sender's words for the patient, and what qualifies the report as a whole.
fn note(report: &DiagnosticReport<'_>, warnings: &mut Warnings) -> Option<Private<String>> {
    let of_r5 = report.extension.iter().filter(|e| e.url.as_deref() == Some(model::REPORT_NOTE));
    let sent = report.note.iter().chain(of_r5.filter_map(|e| e.value_annotation.as_ref()));
    let notes = sent.filter_map(|n| filled(n.text.as_deref())).map(str::to_owned);
    let modifiers = observation::modifiers(&report.modifier_extension, warnings);
    let lines: Vec<String> = modifiers.into_iter().chain(notes).collect();
    (!lines.is_empty()).then(|| Private::new(lines.join("\n")))
}

/// The conclusion is part of the result, so it is shown as a row of words below the values.
fn conclusion(report: &DiagnosticReport<'_>, status: ReportStatus, when: When) -> Option<Observation> {
    let words = filled(report.conclusion.as_deref())?.to_owned();
    Some(Observation {
        local_code: None,
        loinc: None,
        name: Private::new(CONCLUSION.to_owned()),
        group: None,
        status: status.as_str().to_owned(),
        value: Value::Text(Private::new(words.clone())),
        raw_text: Private::new(words),
        flag: None,
        flag_raw: None,
        ranges: Vec::new(),
        effective_at: when.at,
        effective_date: when.date,
        method: None,
        specimen: None,
        comment: None,
    })
}

/// The document of the report: its own, else the DocumentReference that belongs to it.
fn presented(
    context: &mut Context<'_, '_>,
    index: usize,
    report: &DiagnosticReport<'_>,
    warnings: &mut Warnings,
) -> Result<Option<EmbeddedDocument>, FhirRefusal> {
    if !report.presented_form.is_empty() {
        return document::embedded(context, index, "presentedForm", "", report.presented_form.iter(), warnings);
    }
    let Some(at) = context.companions.get(&index).copied() else { return Ok(None) };
    let Some(Resource::Document(companion)) = context.graph.get(at).map(|n| &n.resource) else { return Ok(None) };
    context.used.insert(at);
    let attachments = companion.content.iter().filter_map(|c| c.attachment.as_ref());
    document::embedded(context, at, "content", "/attachment", attachments, warnings)
}

/// A finished report without any content would look like a delivery and show nothing.
fn refuse_empty(
    context: &Context<'_, '_>,
    index: usize,
    status: ReportStatus,
    is_empty: bool,
    warnings: &Warnings,
) -> Result<(), FhirRefusal> {
    let finished = match status {
        ReportStatus::Final | ReportStatus::Amended | ReportStatus::Corrected | ReportStatus::Appended => true,
        ReportStatus::Partial | ReportStatus::Preliminary => false,
        ReportStatus::Cancelled | ReportStatus::EnteredInError => false,
    };
    if !(is_empty && finished) {
        return Ok(());
    }
    let position = Position::at_pointer(context.graph.get(index).map(|n| n.pointer.clone()).unwrap_or_default());
    Err(if warnings.0.contains(&Warning::DocumentOnlyLinked) {
        FhirRefusal::DocumentOnlyLinked(position)
    } else {
        FhirRefusal::NothingToRead(position)
    })
}

fn fallback_class(observations: &[Observation]) -> &'static DocumentClass {
    if observations.is_empty() { &kdl::OTHER_DOCUMENT } else { &kdl::LABORATORY_REPORT }
}

fn first_date(observations: &[Observation]) -> Option<jiff::civil::Date> {
    observations.iter().filter_map(|o| o.effective_date).min()
}

/// Observations that no report names: a single one is a finding by itself; in a bundle the laboratory's become one finding.
pub(super) fn loose_observations(context: &mut Context<'_, '_>) -> Result<Option<ReadFinding>, FhirRefusal> {
    let is_bundle = context.graph.is_bundle;
    let mut loose = Vec::new();
    let mut members = HashSet::new();
    for (index, node) in context.roots() {
        let Resource::Observation(observation, _) = &node.resource else { continue };
        if context.used.contains(&index) {
            continue;
        }
        if is_bundle && !identity::is_laboratory(observation.category.iter()) {
            context.file_warnings.add(Warning::EntriesIgnored);
            continue;
        }
        let targets = observation.has_member.iter().filter_map(|r| context.target(index, r));
        members.extend(targets.map(|(member, _)| member).filter(|member| *member != index));
        loose.push((index, &**observation));
    }
    let mut warnings = context.subject_warnings.clone();
    let mut observations = Vec::new();
    // Panels first, so that members stand under their heading; what is left then can only be a circle of panels.
    let (inner, outer): (Vec<_>, Vec<_>) = loose.iter().partition(|(index, _)| members.contains(index));
    for (index, _) in outer.into_iter().chain(inner) {
        if !context.used.contains(&index) {
            observations.extend(observation::rows_of(context, index, &mut warnings)?);
        }
    }
    if observations.is_empty() {
        return Ok(None);
    }
    Ok(Some(loose_finding(context, &loose, observations, warnings)))
}

fn loose_finding(
    context: &Context<'_, '_>,
    loose: &[(usize, &model::Observation)],
    observations: Vec<Observation>,
    mut warnings: Warnings,
) -> ReadFinding {
    let categories: Vec<&CodeableConcept> = loose.iter().flat_map(|(_, o)| o.category.iter()).collect();
    let vital = categories.iter().any(|c| c.coding.iter().any(|c| c.code.as_deref() == Some("vital-signs")));
    let fallback = if vital { &kdl::OTHER_DOCUMENT } else { &kdl::LABORATORY_REPORT };
    let class = identity::class(&categories, fallback, &mut warnings);
    let own_name = match loose {
        [(index, _)] => context.graph.get(*index).and_then(|n| {
            let Resource::Observation(_, measured) = &n.resource else { return None };
            measured.code.as_ref().and_then(CodeableConcept::words)
        }),
        _ => None,
    };
    let title = identity::title([own_name], class, &mut warnings);
    let issued_at = loose.iter().filter_map(|(_, o)| When::parse(o.issued.as_deref()?).at).max();
    let clinical_date = first_date(&observations);
    if clinical_date.is_none() && !warnings.0.contains(&Warning::DatePartial) {
        warnings.add(Warning::DateMissing);
    }
    let names = match loose {
        [(_, o)] => Names { rest: &o.identifier, meta: o.meta.as_ref(), issued: issued_at, ..Names::default() },
        _ => Names { bundle: context.graph.identifier.as_ref(), issued: issued_at, ..Names::default() },
    };
    ReadFinding {
        source_format: SourceFormat::FhirR4,
        class,
        title,
        author: loose.iter().find_map(|(index, o)| author(context, *index, &[&o.performer])),
        note: None,
        subject: context.subject.clone(),
        clinical_date,
        issued_at,
        status: common_status(&observations),
        business_key: identity::business_key(&names),
        observations,
        embedded: None,
        retracts: false,
        warnings: warnings.0,
        part: None,
    }
}

/// What several observations amount to as a report.
fn common_status(observations: &[Observation]) -> ReportStatus {
    let all = |code: &str| observations.iter().all(|o| o.status == code);
    let any = |code: &str| observations.iter().any(|o| o.status == code);
    match () {
        () if all("entered-in-error") => ReportStatus::EnteredInError,
        () if all("cancelled") => ReportStatus::Cancelled,
        () if any("registered") => ReportStatus::Partial,
        () if any("preliminary") || any("unknown") => ReportStatus::Preliminary,
        () if any("corrected") => ReportStatus::Corrected,
        () if any("amended") => ReportStatus::Amended,
        () => ReportStatus::Final,
    }
}
