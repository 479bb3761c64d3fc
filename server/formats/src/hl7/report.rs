//! Reports become findings.
//!
//! Each OBR is a finding of its own, named by its number and its code, because that is what senders correct and take back
//! (`docs/formats.md` says which belong together nevertheless).

use std::collections::HashMap;

use nahraum_domain::finding::{
    BusinessKey, EmbeddedDocument, Observation, ReadFinding, ReportStatus, ReportVersion, SourceFormat, Subject, Value,
    Warning,
};
use nahraum_domain::kdl::{self, DocumentClass};
use nahraum_domain::private::Private;

use super::Hl7Refusal;
use super::message::{Kind, Message, Report};
use super::moment::Moment;
use super::result::{self, Inherited, Outcome};
use super::segment::Segment;
use super::status::{self, ResultStatus};
use super::{document, order, patient};
use crate::read::Warnings;
use crate::refusal::Position;

/// More values than any file has.
pub(super) const MAX_ROWS: usize = 5000;

/// What the head of a report says about it.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) status: Option<ReportStatus>,
    pub(super) when: Moment,
    pub(super) issued: Moment,
    /// The sender's name of it, unique for the sender.
    pub(super) key: Option<String>,
    /// The name of this version alone, where that is another one.
    pub(super) own: Option<String>,
    pub(super) title: Option<String>,
    /// The class, if the head gives one away.
    pub(super) class: Option<&'static DocumentClass>,
    pub(super) author: Option<String>,
}

/// The results of a report.
#[derive(Default)]
struct Results {
    statuses: Vec<ResultStatus>,
    rows: Vec<Observation>,
    document: Option<EmbeddedDocument>,
}

/// The findings of a message, at least one. `rows_left` is what remains of the limit for the file.
pub(super) fn findings(message: &Message<'_>, rows_left: &mut usize) -> Result<Vec<ReadFinding>, Hl7Refusal> {
    let (subject, odd) = patient::subject(&message.patients)?;
    let mut findings = Vec::new();
    let mut empty = message.ignored;
    for family in families(&message.reports) {
        *rows_left = rows_left.checked_sub(1).ok_or(Hl7Refusal::TooManyEntries)?;
        match finding(message, &family, (&subject, &odd), rows_left)? {
            Some(finding) => findings.push(finding),
            None => empty = true,
        }
    }
    let Some(first) = findings.first_mut() else {
        let line = message.reports.first().map_or(message.line, |report| report.head.line);
        return Err(Hl7Refusal::NothingToRead(Position::at_line(line)));
    };
    if empty && !first.warnings.contains(&Warning::EntriesIgnored) {
        first.warnings.push(Warning::EntriesIgnored);
    }
    Ok(findings)
}

/// Reports that are one finding: those of one number and code, and those whose parent (OBR-29) is among them.
fn families<'r, 'm>(reports: &'r [Report<'m>]) -> Vec<Vec<&'r Report<'m>>> {
    let mut families: Vec<Vec<&Report<'_>>> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut by_number: HashMap<String, usize> = HashMap::new();
    for report in reports {
        let name = order::name(report);
        let same = name.as_ref().and_then(|name| by_name.get(name).copied());
        let at = same.or_else(|| order::parents(report).find_map(|number| by_number.get(&number).copied()));
        let at = at.unwrap_or(families.len());
        match families.get_mut(at) {
            Some(family) => family.push(report),
            None => families.push(vec![report]),
        }
        if let Some(name) = name {
            by_name.entry(name).or_insert(at);
        }
        for number in order::numbers(report) {
            by_number.entry(number).or_insert(at);
        }
    }
    families
}

/// `None`: it has nothing that could be shown, and says that nothing will follow.
fn finding(
    message: &Message<'_>,
    family: &[&Report<'_>],
    (subject, odd): (&Subject, &Warnings),
    rows_left: &mut usize,
) -> Result<Option<ReadFinding>, Hl7Refusal> {
    let Some(main) = family.first() else { return Ok(None) };
    let mut warnings = odd.clone();
    let (facts, order) = match message.kind {
        Kind::Results | Kind::SpecimenFirst => (order::facts(message, family), order::placer(main)),
        Kind::Document | Kind::Replacement | Kind::Cancellation => (document::facts(message, main), None),
    };
    let Results { statuses, rows, document } = results(message, family, &facts, rows_left, &mut warnings)?;
    let status = match facts.status {
        Some(ReportStatus::EnteredInError) => ReportStatus::EnteredInError,
        sent => status::of_both(sent, &statuses),
    };
    if rows.is_empty() && document.is_none() && is_finished(status) {
        return Ok(None);
    }
    let clinical_date = facts.when.date.or_else(|| rows.iter().filter_map(|row| row.effective_date).min());
    if facts.when.is_partial {
        warnings.add(Warning::DatePartial);
    } else if clinical_date.is_none() {
        warnings.add(Warning::DateMissing);
    }
    warnings.add(Warning::ClassAssumed);
    let class = facts.class.unwrap_or_else(|| assumed_class(&rows));
    if facts.title.is_none() {
        warnings.add(Warning::TitleMissing);
    }
    let notes: Vec<Segment<'_>> = family.iter().flat_map(|report| report.notes.iter().copied()).collect();
    Ok(Some(ReadFinding {
        source_format: SourceFormat::Hl7V2,
        class,
        title: Private::new(facts.title.unwrap_or_else(|| class.name.to_owned())),
        author: facts.author.map(Private::new),
        note: result::notes(&notes).map(Private::new),
        subject: Subject { order: order.map(Private::new), ..subject.clone() },
        clinical_date,
        issued_at: facts.issued.at,
        status,
        business_key: facts.key.map(|key| BusinessKey {
            key: Private::new(key),
            own: facts.own.map(Private::new),
            version: facts.issued.order.map(ReportVersion::Issued),
            revision: None,
        }),
        retracts: statuses.contains(&ResultStatus::Withdrawn),
        observations: rows,
        embedded: document,
        part: None,
        warnings: warnings.0,
    }))
}

fn results(
    message: &Message<'_>,
    family: &[&Report<'_>],
    facts: &Facts,
    rows_left: &mut usize,
    warnings: &mut Warnings,
) -> Result<Results, Hl7Refusal> {
    let mut found = Results::default();
    for (number, report) in family.iter().enumerate() {
        let specimen = order::specimen(message, report);
        let group = if number == 0 { None } else { order::heading(report) };
        let when = if number == 0 { facts.when } else { order::when(message, report) };
        let own_status = match message.kind {
            Kind::Results | Kind::SpecimenFirst => order::status(report),
            Kind::Document | Kind::Replacement | Kind::Cancellation => facts.status,
        };
        let inherited =
            Inherited { when, specimen: specimen.as_deref(), group: group.as_deref(), offset: message.offset() };
        for sent in report.results.iter().filter(|sent| sent.is_result()) {
            let status = sent.status(own_status);
            found.statuses.push(status);
            match sent.read(status, &inherited, warnings)? {
                Outcome::Row(row) => {
                    *rows_left = rows_left.checked_sub(1).ok_or(Hl7Refusal::TooManyEntries)?;
                    found.rows.push(*row);
                }
                Outcome::Document(_) if found.document.is_some() => {
                    let position = Position::at_line(sent.first.line);
                    return Err(Hl7Refusal::SeveralDocuments(position));
                }
                Outcome::Document(document) => found.document = Some(document),
                Outcome::Nothing => {}
            }
        }
    }
    Ok(found)
}

const fn is_finished(status: ReportStatus) -> bool {
    match status {
        ReportStatus::Final | ReportStatus::Amended | ReportStatus::Corrected | ReportStatus::Appended => true,
        ReportStatus::Partial | ReportStatus::Preliminary | ReportStatus::Cancelled | ReportStatus::EnteredInError => {
            false
        }
    }
}

/// What is measured comes from a laboratory; words alone may be anything.
fn assumed_class(rows: &[Observation]) -> &'static DocumentClass {
    let words_only = rows.iter().all(|row| matches!(row.value, Value::Text(_)));
    if words_only { &kdl::OTHER_DOCUMENT } else { &kdl::LABORATORY_REPORT }
}
