//! Runs the CDA reader over a folder of public example files, which are not part of this repository.
//!
//! The folder is named by `NAHRAUM_TEST_DATA`. Without it the tests say that they were skipped.

#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

#[expect(dead_code, reason = "no synthetic file among the examples is CDA")]
mod examples;

use std::fs;
use std::path::Path;

use examples::folder;
use nahraum_domain::finding::{Comparator, Flag, MediaType, ReadFinding, ReportStatus, Value, Warning};
use nahraum_formats::{Upload, cda, read_upload};

/// The examples of C-CDA are sections without a document around them.
fn in_a_document(folder: &Path, name: &str) -> ReadFinding {
    let section = fs::read_to_string(folder.join("cda-ccda").join(name)).unwrap();
    let text = format!(
        "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:sdtc=\"urn:hl7-org:sdtc\">\
         <recordTarget><patientRole><id root=\"1.2\" extension=\"P-1\"/></patientRole></recordTarget>\
         <component><structuredBody><component>{section}</component></structuredBody></component></ClinicalDocument>"
    );
    cda::read(text.as_bytes()).unwrap().findings.remove(0)
}

#[test]
fn every_public_document_is_read() {
    let Some(folder) = folder() else { return };
    let read = |name: &str| match read_upload(&fs::read(folder.join(name)).unwrap()) {
        Ok(Upload::Findings(mut read)) => read.findings.remove(0),
        other => unreachable!("{name}: {other:?}"),
    };
    let summary = read("cda-ncpeh/Patient_Summary_CDA3.xml");
    assert!(summary.subject.references.is_empty(), "an insurance number under another authority is none the less one");
    assert_eq!(summary.subject.birth_date.as_ref().unwrap().reveal(), &jiff::civil::date(1967, 6, 30));
    assert_eq!(summary.clinical_date, Some(jiff::civil::date(2023, 2, 27)), "care over years is no day");
    assert!(summary.observations.len() >= 6 && summary.embedded.is_none());
    assert!(summary.observations.iter().all(|row| matches!(row.value, Value::Text(_) | Value::Coded { .. })));
    for row in &summary.observations {
        eprintln!("{:?} {}: {}", row.group, row.name.reveal(), row.raw_text.reveal());
    }
    let plan = read("cda-ccda/CDA_with_Embedded_PDF.ccda");
    assert_eq!(plan.embedded.as_ref().unwrap().media_type, MediaType::Pdf);
    assert_eq!((plan.status, plan.observations.len()), (ReportStatus::Final, 0));
    eprintln!("{:?} {:?}", summary.warnings, plan.warnings);
}

#[test]
fn results_of_the_public_examples_are_exact() {
    let Some(folder) = folder() else { return };
    let less = in_a_document(&folder, "Results_with_less_than_specific_value(C-CDA2.1).xml");
    let row = less.observations.last().unwrap();
    let Value::Range { low, high } = &row.value else { unreachable!("a span") };
    let ends = [low, high].map(|end| end.as_ref().unwrap().value.reveal().to_string());
    assert_eq!((ends, row.flag), (["0", "5"].map(String::from), Some(Flag::Normal)));
    assert_eq!(row.loinc.as_deref(), Some("42637-9"));

    let units = in_a_document(&folder, "Results_Unit_Non-UCUM(C-CDA2.1).xml");
    let row = units.observations.last().unwrap();
    let Value::Quantity(quantity) = &row.value else { unreachable!("a number") };
    assert_eq!((row.name.reveal().as_str(), quantity.comparator), ("Platelet count", None::<Comparator>));
    assert_eq!((quantity.value.reveal().to_string(), quantity.unit.as_deref()), ("152".into(), Some("THOUS/MCL")));
    assert_eq!(quantity.ucum, None);
    assert_eq!(row.ranges[0].high.as_ref().unwrap().reveal().to_string(), "400");

    let pending = in_a_document(&folder, "Results_panel_with_pending_component(C-CDA2.1).xml");
    assert_eq!(pending.status, ReportStatus::Preliminary);
    let row = pending.observations.last().unwrap();
    assert_eq!((row.status.as_str(), pending.observations.len()), ("registered", 1));

    let ranges = in_a_document(&folder, "Lab_with_Multiple_Reference_Ranges(C-CDA2.1).xml");
    let row = ranges.observations.last().unwrap();
    let Value::Text(words) = &row.value else { unreachable!("words") };
    assert_eq!(
        (words.reveal().as_str(), row.flag, row.ranges.len()),
        ("Borderline, equal to 1:80", Some(Flag::Abnormal), 3)
    );
    assert_eq!(row.ranges[2].text.as_deref(), Some("Positive, greater than 1:80"));
    for finding in [less, units, pending, ranges] {
        assert!(!finding.warnings.contains(&Warning::ValueKeptAsText));
    }
}
