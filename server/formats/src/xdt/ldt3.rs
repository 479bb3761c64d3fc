//! LDT 3 of the KBV: records of nested objects under a checksum. Read by structure, so that versions 3.2.x are all alike.

mod attachment;
mod microbiology;
mod result;

use std::collections::HashMap;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::Date;
use nahraum_domain::audit::statement::hex;
use nahraum_domain::finding::{ReportStatus, SourceFormat, Warning};
use nahraum_domain::kdl::{self, DocumentClass};
use sha1::{Digest, Sha1};

use super::XdtRefusal;
use super::date::{self, Day};
use super::patient::Patient;
use super::record::Record;
use super::report::{self, Findings, Report};
use super::result::Told;
use super::sender;
use super::text::Text;
use super::tree::Object;
use crate::read::Warnings;
use crate::refusal::Position;

/// Objects of the report, by their names.
const MOMENT: &[u8] = b"Obj_0054";
const ANIMAL: &[u8] = b"Obj_0053";
const INFORMATION: &[u8] = b"Obj_0017";
const LABORATORY: &[u8] = b"Obj_0036";
const MATERIAL: &[u8] = b"Obj_0037";
const ORGANISATION: &[u8] = b"Obj_0043";
const PATIENT: &[u8] = b"Obj_0045";
const PERSON: &[u8] = b"Obj_0047";
const PLACE: &[u8] = b"Obj_0019";
const RESULTS: &[u8] = b"Obj_0035";

/// Reads the reports of one data package.
pub(super) fn read(
    bytes: &[u8],
    records: &[Record<'_, '_>],
    text: Text,
    warnings: &mut Warnings,
) -> Result<Findings, XdtRefusal> {
    check_frame(records)?;
    check_sum(bytes, records)?;
    let mut findings = Findings::default();
    let mut laboratory = None;
    for record in records {
        let tree = Object::of(record)?;
        check_senders(&tree, text, warnings);
        match record.code {
            8220 => laboratory = self::laboratory(&tree, text),
            8205 => report(&tree, record.part(), text, laboratory.as_deref(), &mut findings)?,
            _ => {}
        }
    }
    Ok(findings)
}

/// One package from its beginning to its end, with reports and nothing else in it.
fn check_frame(records: &[Record<'_, '_>]) -> Result<(), XdtRefusal> {
    let last_line = records.last().and_then(|record| record.lines.last()).map_or(1, |line| line.number);
    if let Some(second) = records.iter().filter(|record| record.code == 8220).nth(1) {
        return Err(XdtRefusal::TwoPackages(Position::at_line(second.line())));
    }
    if let Some(other) = records.iter().find(|record| !matches!(record.code, 8220 | 8205 | 8221)) {
        return Err(XdtRefusal::UnknownRecord(Position::at_line(other.line())));
    }
    match records {
        [first, .., last] if first.code == 8220 && last.code == 8221 => {}
        _ => return Err(XdtRefusal::Truncated(Position::at_line(last_line))),
    }
    if records.iter().filter(|record| record.code != 8205).count() > 2 {
        return Err(XdtRefusal::TwoPackages(Position::at_line(last_line)));
    }
    if records.len() < 3 {
        return Err(XdtRefusal::NothingToRead(Position::at_line(1)));
    }
    Ok(())
}

/// Field 9300 is the SHA-1 of everything before its line, with the line ends as they were written.
fn check_sum(bytes: &[u8], records: &[Record<'_, '_>]) -> Result<(), XdtRefusal> {
    let lines = records.iter().rev().flat_map(|record| record.lines.iter().rev());
    let Some(line) = lines.clone().find(|line| line.field == 9300) else {
        return Err(XdtRefusal::Checksum(Position::at_line(lines.map(|line| line.number).next().unwrap_or(1))));
    };
    let before = bytes.get(..line.start).unwrap_or_default();
    let before = before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before);
    let said = line.content.trim_ascii().to_ascii_lowercase();
    if hex(&Sha1::digest(before)).as_bytes() == said {
        return Ok(());
    }
    // Mail and version control take the carriage returns away; with them put back the sum is right again.
    let mut restored = Sha1::new();
    for line in before.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        restored.update(line.strip_suffix(b"\r").unwrap_or(line));
        restored.update(b"\r\n");
    }
    if hex(&restored.finalize()).as_bytes() == said { Ok(()) } else { Err(XdtRefusal::Checksum(line.position())) }
}

/// The name of the laboratory, from what it says of itself, else of its place.
fn laboratory(header: &Object<'_>, text: Text) -> Option<String> {
    let laboratory = header.all(LABORATORY);
    let organisations = laboratory.iter().flat_map(|object| object.all(ORGANISATION));
    let name = organisations.filter_map(|object| object.field(1250)).find_map(|line| text.said(line));
    name.or_else(|| {
        header.all(PLACE).into_iter().filter_map(|object| object.field(203)).find_map(|line| text.said(line))
    })
}

/// Whether the numbers of physicians and places are well written.
fn check_senders(tree: &Object<'_>, text: Text, warnings: &mut Warnings) {
    tree.every().flat_map(Object::fields).for_each(|line| sender::check(line, text, warnings));
}

/// A moment, as far as an object tells one.
fn moment(object: &Object<'_>, text: Text, warnings: &mut Warnings) -> (Option<Date>, Option<Timestamp>) {
    let said = |field: u16| object.field(field).map(|line| text.of(line));
    let day = said(7278).map(|day| Day::parse(&day));
    if day == Some(Day::Partial) {
        warnings.add(Warning::DatePartial);
    }
    let day = day.and_then(Day::full);
    (day, date::at(day, said(7279).as_deref(), said(7273).as_deref()))
}

/// What was taken from the patient.
#[derive(Clone, Default)]
struct Material {
    name: Option<String>,
    date: Option<Date>,
    at: Option<Timestamp>,
}

fn materials(tree: &Object<'_>, text: Text, warnings: &mut Warnings) -> HashMap<String, Material> {
    let mut materials = HashMap::new();
    for object in tree.all(MATERIAL) {
        let names = [8430, 8431].into_iter().filter_map(|field| object.field(field)).filter_map(|line| text.said(line));
        let names: Vec<String> = names.collect();
        let taken = object.objects().find(|inner| inner.attribute == 8219 && inner.name == MOMENT);
        let (date, at) = taken.map_or((None, None), |taken| moment(taken, text, warnings));
        let name = (!names.is_empty()).then(|| names.join(", "));
        let id = object.field(7364).map(|line| text.of(line).into_owned()).unwrap_or_default();
        materials.insert(id, Material { name, date, at });
    }
    materials
}

fn report(
    tree: &Object<'_>,
    part: Range<usize>,
    text: Text,
    laboratory: Option<&str>,
    findings: &mut Findings,
) -> Result<(), XdtRefusal> {
    if let Some(animal) = tree.all(ANIMAL).first() {
        return Err(XdtRefusal::Animal(Position::at_line(animal.line)));
    }
    let mut warnings = Warnings::default();
    let patient = patient(tree, text)?;
    let information = tree.all(INFORMATION).into_iter().next();
    let said = |field: u16| information.and_then(|object| object.field(field)).and_then(|line| text.said(line));
    let issued = information.and_then(|object| object.objects().find(|inner| inner.attribute == 8216));
    let (day, issued_at) = issued.map_or((None, None), |object| moment(object, text, &mut warnings));
    let materials = materials(tree, text, &mut warnings);
    let (results, class) = results(tree, text, &materials, &mut warnings);
    let mut documents = attachment::documents(tree, &mut warnings).into_iter();
    let numbers = [("report", said(7305)), ("lab-order", said(8311)), ("order", said(8310))];
    let report = Report {
        source_format: SourceFormat::Ldt3,
        line: tree.line,
        part,
        class,
        author: laboratory.map(str::to_owned),
        patient: patient.clone(),
        order: said(8310),
        key: report::key(laboratory, 8205, numbers),
        issued_at,
        date: day,
        status: status(said(8401).as_deref(), &mut warnings),
        note: Vec::new(),
        results,
        embedded: documents.next(),
        warnings,
    };
    // A finding shows one document; each further one is a finding of its own.
    let further: Vec<Report> = documents
        .enumerate()
        .map(|(index, document)| Report {
            class: &kdl::OTHER_DOCUMENT,
            author: report.author.clone(),
            patient: patient.clone(),
            order: report.order.clone(),
            key: report.key.as_ref().map(|key| format!("{key}|document {}", index + 2)),
            part: report.part.clone(),
            note: Vec::new(),
            results: Vec::new(),
            embedded: Some(document),
            warnings: Warnings(vec![Warning::ClassAssumed]),
            ..report
        })
        .collect();
    findings.push(report)?;
    further.into_iter().try_for_each(|report| findings.push(report))
}

fn patient(tree: &Object<'_>, text: Text) -> Result<Patient, XdtRefusal> {
    let mut patient = Patient::default();
    let objects = tree.all(PATIENT);
    if let Some(second) = objects.get(1) {
        return Err(XdtRefusal::TwoPatients(Position::at_line(second.line)));
    }
    for object in objects {
        let persons = object.objects().filter(|inner| inner.name == PERSON);
        for line in object.fields().chain(persons.flat_map(Object::fields)) {
            patient.take(line, text);
        }
    }
    Ok(patient)
}

/// Field 8401. What is not known to be final is treated as not final.
fn status(code: Option<&str>, warnings: &mut Warnings) -> ReportStatus {
    match code {
        Some("1") => ReportStatus::Partial,
        Some("2") => ReportStatus::Final,
        Some(_) => {
            warnings.add(Warning::CodeUnknown);
            ReportStatus::Preliminary
        }
        None => ReportStatus::Preliminary,
    }
}

/// Every result of a report, and the class that they make it.
fn results(
    tree: &Object<'_>,
    text: Text,
    materials: &HashMap<String, Material>,
    warnings: &mut Warnings,
) -> (Vec<Told>, &'static DocumentClass) {
    let mut told = Vec::new();
    let inner = tree.all(RESULTS).into_iter().flat_map(Object::objects);
    let (objects, kinds): (Vec<_>, Vec<_>) =
        inner.filter_map(|object| Some((object, result::kind(object, text)?))).unzip();
    for (&object, &kind) in objects.iter().zip(&kinds) {
        let base = result::told(object, text, materials, warnings);
        let before = told.len();
        if kind == result::Kind::Microbiology {
            told.extend(microbiology::rows(object, &base, text));
        }
        if kind == result::Kind::Genetics {
            warnings.add(Warning::Genetic);
        }
        if !base.is_empty() {
            told.insert(before, base);
        }
        if told.len() == before {
            warnings.add(Warning::ResultNotRead);
        }
    }
    if result::is_notifiable(tree, text) {
        warnings.add(Warning::Notifiable);
    }
    told.extend(result::remarks(tree, &objects, text));
    let class = kinds.into_iter().min().map_or(&kdl::LABORATORY_REPORT, result::Kind::class);
    (told, class)
}
