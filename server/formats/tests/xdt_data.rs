//! Runs the xDT reader over a folder of example files, which are not part of this repository.
//!
//! The folder is named by `NAHRAUM_TEST_DATA`. Without it the tests say that they were skipped.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic: that is how it fails"
)]

mod examples;

use std::fs;
use std::path::Path;

use examples::{folder, gold};
use nahraum_domain::finding::{Flag, MediaType, ReadFinding, SourceFormat, Value, Warning};
use nahraum_domain::release::needs_a_person;
use nahraum_formats::xdt::{self, charset_of};
use nahraum_formats::{Read, XdtRefusal};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// What is said of every file that names no patient as the practice does; it is nothing odd about the file.
const USUAL: [Warning; 4] =
    [Warning::PatientReferenceMissing, Warning::BirthDateMissing, Warning::ClassAssumed, Warning::NotPdfA];

fn read(folder: &Path, name: &str) -> Result<Read, XdtRefusal> {
    xdt::read(&fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")))
}

fn odd(read: &Read) -> Vec<Warning> {
    let all = read.warnings.iter().chain(read.findings.iter().flat_map(|finding| &finding.warnings));
    all.copied().filter(|warning| !USUAL.contains(warning)).collect()
}

fn is_unclear(finding: &ReadFinding) -> bool {
    let subject = &finding.subject;
    subject.references.is_empty() || subject.birth_date.is_none() || finding.warnings.iter().any(|w| w.is_doubt())
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap()
}

fn number(text: &str) -> String {
    text.parse::<rust_decimal::Decimal>().map_or_else(|_| text.to_owned(), |n| n.normalize().to_string())
}

fn check_report(name: &str, wanted: &Json, finding: &ReadFinding) {
    let order = finding.subject.order.as_ref().map(|order| order.reveal().as_str());
    if let Some(number) = wanted["order"].as_str() {
        assert_eq!(order, Some(number), "{name}");
    }
    if let Some(lab) = wanted["lab"].as_str() {
        assert!(finding.business_key.as_ref().unwrap().key.reveal().contains(lab), "{name}");
    }
    if let Some(patient) = wanted["patient"].as_object() {
        let born = finding.subject.birth_date.as_ref().unwrap().reveal().to_string().replace('-', "");
        assert_eq!(born, patient["dob"].as_str().unwrap(), "{name}");
        let names = format!("{} {}", patient["first"].as_str().unwrap(), patient["last"].as_str().unwrap());
        assert_eq!(*finding.subject.name.as_ref().unwrap().reveal(), names, "{name}");
        assert!(!format!("{finding:?}").contains(patient["kvnr"].as_str().unwrap()), "no insurance number is kept");
    }
    let Some(results) = wanted["results"].as_array() else { return };
    assert_eq!(finding.observations.len(), results.len(), "{name}");
    for (wanted, got) in results.iter().zip(&finding.observations) {
        let says = |key: &str| wanted[key].as_str().unwrap().to_owned();
        assert_eq!((got.local_code.clone().unwrap(), got.name.reveal().clone()), (says("id"), says("name")), "{name}");
        assert_eq!(*got.raw_text.reveal(), says("val"), "{name}");
        let Value::Quantity(quantity) = &got.value else { panic!("{name}: a quantity") };
        let bare = says("val").replace(['<', '>', ' '], "").replace(',', ".");
        assert_eq!(quantity.value.reveal().to_string(), bare, "{name}");
        assert_eq!(quantity.unit.as_deref(), wanted["unit"].as_str(), "{name}");
        let range = got.ranges.first().unwrap();
        for (limit, key) in [(&range.low, "low"), (&range.high, "high")] {
            assert_eq!(
                number(&limit.as_ref().unwrap().reveal().to_string()),
                number(&wanted[key].to_string()),
                "{name}"
            );
        }
        // In LDT 2 no sign means that the value does not stand out; the potassium of the critical file is marked `!H` in
        // the file and L in the list, so the file is believed.
        let flag = got.flag.filter(|flag| !flag.is_critical()).map_or_else(|| says("flag"), |f| f.as_str().to_owned());
        assert_eq!(flag, says("flag"), "{name}");
        let silent = got.flag.is_none() && finding.source_format == SourceFormat::Ldt2;
        assert!(!silent || says("flag") == "N", "{name}");
    }
}

fn check_rest(name: &str, expected: &Json, finding: &ReadFinding) {
    let rows = &finding.observations;
    if let Some(status) = expected["status"].as_str() {
        assert_eq!(finding.status.as_str(), status, "{name}");
    }
    for code in expected["cancelled"].as_array().into_iter().flatten() {
        let row = rows.iter().find(|row| row.local_code.as_deref() == code.as_str()).unwrap();
        assert_eq!((row.status.as_str(), &row.value), ("cancelled", &Value::Absent { reason: None }), "{name}");
    }
    for (pair, row) in expected["values"].as_array().into_iter().flatten().zip(rows) {
        let got = (row.local_code.as_deref(), Some(row.raw_text.reveal().as_str()));
        assert_eq!(got, (pair[0].as_str(), pair[1].as_str()), "{name}");
    }
    for (code, row) in expected["loinc"].as_array().into_iter().flatten().zip(rows) {
        assert_eq!(row.loinc.as_deref(), code.as_str(), "{name}");
    }
    let words =
        || rows.iter().filter_map(|row| if let Value::Text(text) = &row.value { Some(text.reveal()) } else { None });
    if let Some(lines) = expected["text_lines"].as_u64() {
        assert_eq!(size(words().next().unwrap().lines().count()), lines, "{name}");
    }
    if let Some(characters) = expected["text_chars"].as_u64() {
        assert_eq!(words().map(|text| size(text.chars().count())).max(), Some(characters), "{name}");
    }
    for wanted in expected["attachments"].as_array().into_iter().flatten() {
        let document = finding.embedded.as_ref().unwrap();
        assert_eq!(document.media_type, MediaType::Pdf, "{name}");
        assert_eq!(size(document.bytes.reveal().len()), wanted["size"].as_u64().unwrap(), "{name}");
        let hash: String = Sha256::digest(document.bytes.reveal()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hash, wanted["sha256"].as_str().unwrap(), "{name}");
    }
}

fn check(name: &str, expected: &Json, outcome: Result<Read, XdtRefusal>) -> Vec<ReadFinding> {
    let expect = expected["expect"].as_str().unwrap();
    if expect == "reject" {
        let refusal = outcome.err().unwrap_or_else(|| panic!("{name} must be refused"));
        eprintln!("{name}: {} at {:?}", refusal.code(), refusal.position().and_then(|at| at.line));
        return Vec::new();
    }
    let read = outcome.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let holds = |f: &ReadFinding| needs_a_person(f);
    match expect {
        "accept" | "duplicate" => assert_eq!(odd(&read), [], "{name}"),
        "accept_with_warning" => assert_ne!(odd(&read), [], "{name}"),
        "hold" => assert!(read.findings.iter().all(holds), "{name}"),
        // Whose a well written insurance number is, is not known here, and must not be.
        "quarantine" if name.ends_with("kvnr_of_other_person.ldt") => assert_eq!(odd(&read), [], "{name}"),
        "quarantine" => assert!(read.findings.iter().all(is_unclear), "{name}"),
        other => panic!("{name}: unknown expectation {other}"),
    }
    let reports = expected["reports"].as_array();
    if let Some(reports) = reports {
        assert_eq!(read.findings.len(), reports.len(), "{name}");
        reports.iter().zip(&read.findings).for_each(|(wanted, finding)| check_report(name, wanted, finding));
    }
    check_rest(name, expected, &read.findings[0]);
    read.findings
}

#[test]
fn the_synthetic_files_match_their_gold_standard() {
    let Some(folder) = folder() else { return };
    let mut checked = 0;
    for (name, expected) in &gold(&folder, &["ldt2-syn/", "ldt3-syn/", "gdt-syn/"]) {
        let findings = check(name, expected, read(&folder, name));
        if let Some(charset) = expected["charset"].as_str() {
            let got = charset_of(&fs::read(folder.join(name)).unwrap()).unwrap().name().to_lowercase().replace(' ', "");
            assert_eq!(got.replace("ibm437", "cp437"), charset, "{name}");
        }
        if let Some(older) = expected["supersedes"].as_str() {
            let older = read(&folder, &format!("{}/{older}", name.split('/').next().unwrap())).unwrap().findings;
            let [old, new] = [&older[0], &findings[0]].map(|f| f.business_key.clone().unwrap());
            assert!(old.key == new.key && old.version <= new.version, "{name}");
        }
        checked += 1;
    }
    eprintln!("{checked} synthetic xDT files match gold-syn.json");
    assert_eq!(checked, 36);
}

/// Files that other people have published, with their real faults.
#[test]
fn public_examples_are_read_or_refused_for_a_reason() {
    let Some(folder) = folder() else { return };
    let code = |name: &str| read(&folder, name).map_or_else(|refusal| refusal.code(), |_| "read");
    for (name, expected) in [
        ("ldt3-nasty/befund-localdate.ldt", "xdt-truncated"),
        ("ldt3-nasty/befund-localdatetime.ldt", "xdt-truncated"),
        ("ldt3-nasty/ldt_lab_order.ldt", "xdt-order"),
        ("ldt3-nasty/person-19900000.ldt", "xdt-order"),
        ("ldt3-nasty/person-19900204.ldt", "xdt-order"),
        ("ldt3-nasty/sample_lab_results.ldt", "xdt-record-unknown"),
        ("gdt/corrupt_sample.ldt", "xdt-line"),
        ("gdt/example1.gdt", "xdt-request"),
        ("gdt/gdt_6302_request_schmidt.gdt", "xdt-request"),
        ("gdt/gdt_6310_rr01_00046.gdt", "read"),
        ("gdt/gdt_6310_spir_00044.gdt", "read"),
        ("gdt/sample_is_gdt.ldt", "read"),
        ("bdt/sample_clinic_incremental.bdt", "xdt-practice-export"),
    ] {
        assert_eq!(code(name), expected, "{name}");
    }
    let pressure = read(&folder, "gdt/gdt_6310_rr01_00046.gdt").unwrap().findings.remove(0);
    let rows: Vec<_> =
        pressure.observations.iter().map(|row| (row.name.reveal().as_str(), row.raw_text.reveal().as_str())).collect();
    assert_eq!(
        rows[..4],
        [
            ("Systolischer Blutdruck", "148"),
            ("Diastolischer Blutdruck", "92"),
            ("Herzfrequenz", "88"),
            ("Sauerstoffsaettigung", "94")
        ]
    );
    assert_eq!(
        (rows[4].0, rows[5].0, pressure.subject.references[0].reveal().as_str()),
        ("Befund", "Zusammenfassung", "00046")
    );
    assert_eq!(pressure.clinical_date, Some(jiff::civil::date(2026, 4, 6)));
    let day = read(&folder, "gdt/sample_is_gdt.ldt").unwrap();
    let finding = &day.findings[0];
    assert_eq!(finding.subject.birth_date.as_ref().unwrap().reveal(), &jiff::civil::date(1945, 10, 1));
    assert!(
        finding
            .observations
            .iter()
            .any(|row| row.name.reveal() == "Ergebnistabelle" && row.raw_text.reveal().lines().count() == 7)
    );
    assert!(finding.observations.iter().all(|row| row.flag.is_none_or(|flag: Flag| !flag.is_critical())));
}

/// The vectors of both check digits.
#[test]
fn published_numbers_fit_their_check_digits() {
    use nahraum_domain::identifiers::{insurance_number_fits, physician_number_fits};
    let Some(folder) = folder() else { return };
    let vectors: Json = serde_json::from_slice(&fs::read(folder.join("ids/vectors.json")).unwrap()).unwrap();
    let of =
        |key: &str| vectors[key].as_array().unwrap().iter().map(|n| n.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(of("kvnr_valid").iter().all(|number| insurance_number_fits(number)));
    assert!(!of("kvnr_invalid").iter().any(|number| insurance_number_fits(number)));
    assert!(of("lanr_valid").iter().all(|number| physician_number_fits(number)));
    assert!(!of("lanr_invalid").iter().any(|number| physician_number_fits(number)));
}
