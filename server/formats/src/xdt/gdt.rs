//! GDT of the QMS: what devices send, one record for each examination. Version 3.5 puts objects around the same fields.

use jiff::civil::Date;
use nahraum_domain::finding::{ReportStatus, SourceFormat, Warning};
use nahraum_domain::kdl::{self, DocumentClass};

use super::XdtRefusal;
use super::date::{self, Day};
use super::flat::Flat;
use super::line::Line;
use super::patient::Patient;
use super::record::Record;
use super::report::{Findings, Report};
use super::text::Text;
use crate::charset::Charset;
use crate::read::Warnings;
use crate::refusal::Position;

/// What a device sends when it has measured something.
const RESULT: u16 = 6310;

/// The object of the patient, in GDT 3.5.
const PATIENT: &[u8] = b"Obj_0045";

/// The set of characters a file declares (field 9206). The seven bits of `1` are those of ASCII.
pub(super) fn declared(lines: &[Line<'_>]) -> Option<Charset> {
    match lines.iter().find(|line| line.field == 9206)?.content.trim_ascii() {
        b"2" => Some(Charset::Ibm437),
        b"1" | b"3" => Some(Charset::Windows1252),
        b"4" => Some(Charset::Iso8859_15),
        b"5" => Some(Charset::Utf8),
        _ => None,
    }
}

/// Reads every examination. Requests beside them say nothing about anybody's health and are passed over.
pub(super) fn read(records: &[Record<'_, '_>], text: Text, warnings: &mut Warnings) -> Result<Findings, XdtRefusal> {
    let mut findings = Findings::default();
    for record in records {
        match record.code {
            RESULT => findings.push(report(record, text))?,
            6300 | 6301 | 6302 | 6311 => warnings.add(Warning::EntriesIgnored),
            _ => return Err(XdtRefusal::UnknownRecord(Position::at_line(record.line()))),
        }
    }
    Ok(findings)
}

/// What a record says besides results.
#[derive(Default)]
struct Head {
    examination: Option<String>,
    day: Option<Date>,
    time: Option<String>,
    linked: bool,
    length: Option<usize>,
}

fn report(record: &Record<'_, '_>, text: Text) -> Report {
    let (mut head, mut patient, mut flat) = (Head::default(), Patient::default(), Flat::new(text));
    let mut warnings = Warnings::default();
    let mut objects: Vec<&[u8]> = Vec::new();
    for line in record.lines {
        match line.field {
            8002 => objects.push(line.content),
            8003 => drop(objects.pop()),
            3000..4000 if !objects.is_empty() && !objects.contains(&PATIENT) => {}
            8100 => head.length = super::line::digits(line.content),
            8402 => head.examination = text.said(line),
            6200 => head.day = Day::parse(&text.of(line)).full(),
            6201 => head.time = text.said(line),
            6220 => flat.headed("Befund", text.row(line)),
            6221 => flat.headed("Fremdbefund", text.row(line)),
            6226 if is_count(line) => {}
            6226 => flat.headed("Zusammenfassung", text.row(line)),
            6227 => flat.headed("Kommentar", text.row(line)),
            6228 => flat.headed("Ergebnistabelle", text.row(line)),
            6305 => head.linked = true,
            _ if patient.take(line, text) => {}
            _ => flat.take(line, &mut warnings),
        }
    }
    if head.linked {
        warnings.add(Warning::DocumentOnlyLinked);
    }
    if head.length.is_some_and(|said| said != record.lines.iter().map(Line::length).sum::<usize>()) {
        warnings.add(Warning::RecordLengthWrong);
    }
    let at = date::at(head.day, head.time.as_deref(), None);
    Report {
        source_format: SourceFormat::Gdt,
        line: record.line(),
        part: record.part(),
        class: class(head.examination.as_deref(), &mut warnings),
        author: None,
        patient,
        order: None,
        // Nothing in GDT names an examination, so nothing replaces one by itself.
        key: None,
        issued_at: at,
        date: head.day,
        status: ReportStatus::Final,
        note: Vec::new(),
        results: flat.results(head.day, at),
        embedded: None,
        warnings,
    }
}

/// In older versions the field 6226 says how many rows of a table follow.
fn is_count(line: &Line<'_>) -> bool {
    super::line::digits(line.content.trim_ascii()).is_some()
}

/// The class of an examination, from the beginning of its name in field 8402, such as `EKG01`.
fn class(examination: Option<&str>, warnings: &mut Warnings) -> &'static DocumentClass {
    const CLASSES: &[(&str, &str)] =
        &[("EKG", "DG060111"), ("ERGO", "DG060111"), ("LUFU", "DG060108"), ("SPIR", "DG060108"), ("SONO", "DG020111")];
    let name = examination.unwrap_or_default().to_ascii_uppercase();
    warnings.add(Warning::ClassAssumed);
    let found = CLASSES.iter().find(|(beginning, _)| name.starts_with(beginning));
    found.and_then(|(_, code)| kdl::find(code)).unwrap_or(&kdl::OTHER_DOCUMENT)
}
