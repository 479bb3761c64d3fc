//! LDT 2 of the KBV (LDT1014.01): flat records, one for each report of a laboratory.

use jiff::civil::Date;
use nahraum_domain::finding::{ReportStatus, SourceFormat, Warning};
use nahraum_domain::kdl::{self, DocumentClass};

use super::XdtRefusal;
use super::date::{self, Day};
use super::flat::Flat;
use super::line::{Line, digits};
use super::patient::Patient;
use super::record::Record;
use super::report::{self, Findings, Report};
use super::sender;
use super::text::Text;
use crate::charset::Charset;
use crate::read::Warnings;
use crate::refusal::Position;

/// The set of characters a file declares (field 9106).
pub(super) fn declared(lines: &[Line<'_>]) -> Option<Charset> {
    match lines.iter().find(|line| line.field == 9106)?.content.trim_ascii() {
        b"1" => Some(Charset::Din66003),
        b"2" => Some(Charset::Ibm437),
        b"3" => Some(Charset::Iso8859_1),
        b"4" => Some(Charset::Iso8859_15),
        _ => None,
    }
}

/// Reads the reports of one data package.
pub(super) fn read(records: &[Record<'_, '_>], text: Text, warnings: &mut Warnings) -> Result<Findings, XdtRefusal> {
    check_frame(records)?;
    check_lengths(records, warnings);
    let laboratory = header(records, text, warnings);
    let mut findings = Findings::default();
    for record in records {
        if let Some(class) = class(record.code) {
            findings.push(report(record, class, text, laboratory.as_deref()))?;
        }
    }
    Ok(findings)
}

/// The class of a report's record; the first is for a physician, the second for a laboratory community.
fn class(code: u16) -> Option<&'static DocumentClass> {
    match code {
        8201 | 8202 | 8204 => Some(&kdl::LABORATORY_REPORT),
        8203 => kdl::find("LB130101"),
        _ => None,
    }
}

/// One package from its beginning to its end, and nothing in it that is not known.
fn check_frame(records: &[Record<'_, '_>]) -> Result<(), XdtRefusal> {
    let place = |record: &Record<'_, '_>| Position::at_line(record.line());
    let mut packages = records.iter().filter(|record| record.code == 8220);
    let Some(first) = packages.next() else { return Err(XdtRefusal::Truncated(Position::at_line(1))) };
    if let Some(second) = packages.next() {
        return Err(XdtRefusal::TwoPackages(place(second)));
    }
    if let Some(other) = records.iter().find(|r| !matches!(r.code, 20 | 21 | 8220 | 8221) && class(r.code).is_none()) {
        return Err(XdtRefusal::UnknownRecord(place(other)));
    }
    let ends: Vec<u16> = records.iter().rev().map(|record| record.code).take(2).collect();
    let carrier = records.first().is_some_and(|record| record.code == 20);
    if !matches!((ends.as_slice(), carrier), ([8221, ..], false) | ([21, 8221], true)) {
        let last = records.last().and_then(|record| record.lines.last()).map_or(1, |line| line.number);
        return Err(XdtRefusal::Truncated(Position::at_line(last)));
    }
    if !records.iter().any(|record| class(record.code).is_some()) {
        return Err(XdtRefusal::NothingToRead(place(first)));
    }
    Ok(())
}

/// Compares the lengths that records (8100) and the package (9202) say with those they would have as they were written.
fn check_lengths(records: &[Record<'_, '_>], warnings: &mut Warnings) {
    let length = |record: &Record<'_, '_>| record.lines.iter().map(Line::length).sum::<usize>();
    let said = |record: &Record<'_, '_>, field: u16| {
        record.lines.iter().find(|line| line.field == field).and_then(|line| digits(line.content))
    };
    let inside = || records.iter().filter(|record| !matches!(record.code, 20 | 21));
    let each = records.iter().all(|record| said(record, 8100).is_none_or(|said| said == length(record)));
    let total = inside().find_map(|record| said(record, 9202));
    if !each || total.is_some_and(|total| total != inside().map(length).sum::<usize>()) {
        warnings.add(Warning::RecordLengthWrong);
    }
}

/// The name of the laboratory; whether the numbers of those it is for are well written.
fn header(records: &[Record<'_, '_>], text: Text, warnings: &mut Warnings) -> Option<String> {
    let mut laboratory = None;
    for line in records.iter().filter(|record| record.code == 8220).flat_map(|record| record.lines) {
        if line.field == 8320 {
            laboratory = text.said(line);
        }
        sender::check(line, text, warnings);
    }
    laboratory
}

/// What a record says besides results.
#[derive(Default)]
struct Head {
    order: Option<String>,
    lab_order: Option<String>,
    received: Option<Date>,
    issued: Option<Date>,
    issued_time: Option<String>,
    status: Option<String>,
    note: Vec<String>,
}

fn report(record: &Record<'_, '_>, class: &'static DocumentClass, text: Text, laboratory: Option<&str>) -> Report {
    let (mut head, mut patient, mut flat) = (Head::default(), Patient::default(), Flat::new(text));
    let mut warnings = Warnings::default();
    for line in record.lines {
        match line.field {
            8310 => head.order = text.said(line),
            8311 => head.lab_order = text.said(line),
            8301 => head.received = Day::parse(&text.of(line)).full(),
            8302 => head.issued = Day::parse(&text.of(line)).full(),
            8303 => head.issued_time = text.said(line),
            8401 => head.status = text.said(line),
            8405 => head.note.push(text.row(line)),
            _ if patient.take(line, text) => {}
            _ => flat.take(line, &mut warnings),
        }
    }
    if record.code == 8204 {
        warnings.add(Warning::ClassAssumed);
    }
    let numbers = [("lab-order", head.lab_order), ("order", head.order.clone())];
    Report {
        source_format: SourceFormat::Ldt2,
        line: record.line(),
        part: record.part(),
        class,
        author: laboratory.map(str::to_owned),
        patient,
        order: head.order,
        key: report::key(laboratory, record.code, numbers),
        issued_at: date::at(head.issued, head.issued_time.as_deref(), None),
        date: head.received.or(head.issued),
        status: status(head.status.as_deref(), &mut warnings),
        note: head.note,
        results: flat.results(None, None),
        embedded: None,
        warnings,
    }
}

/// Field 8401. What is not known to be final is treated as not final.
fn status(code: Option<&str>, warnings: &mut Warnings) -> ReportStatus {
    match code {
        Some("E" | "A") => ReportStatus::Final,
        Some("N") => ReportStatus::Amended,
        Some("T") => ReportStatus::Partial,
        Some("V") | None => ReportStatus::Preliminary,
        Some(_) => {
            warnings.add(Warning::CodeUnknown);
            ReportStatus::Preliminary
        }
    }
}
