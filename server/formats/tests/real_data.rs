//! Runs the reader over a folder of public example files, which are not part of this repository.
//!
//! The folder is named by `NAHRAUM_TEST_DATA`. Without it the test says that it was skipped.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic: that is how it fails"
)]

mod examples;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use examples::{folder, gold};
use nahraum_domain::finding::{ReadFinding, ReportStatus, ReportVersion, Value, Warning};
use nahraum_formats::{Read, fhir};
use serde_json::Value as Json;

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for directory in fs::read_dir(folder).unwrap().map(|d| d.unwrap().path()) {
        let is_fhir = directory.file_name().is_some_and(|n| n.to_string_lossy().starts_with("fhir-"));
        if is_fhir {
            files.extend(fs::read_dir(&directory).unwrap().map(|f| f.unwrap().path()));
        }
    }
    files.retain(|f| f.extension() == Some(OsStr::new("json")));
    files.sort();
    files
}

#[test]
fn every_public_example_is_read_or_refused_for_a_reason() {
    let Some(folder) = folder() else { return };
    let mut refused: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let (mut read_files, mut findings, mut values) = (0, 0, 0);
    for file in json_files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        match fhir::read(&fs::read(&file).unwrap()) {
            Ok(read) => {
                read_files += 1;
                findings += read.findings.len();
                values += read.findings.iter().map(|f| f.observations.len()).sum::<usize>();
                for finding in &read.findings {
                    eprintln!("{name}: {} {:?} {:?}", finding.class.code, finding.status, summary(finding));
                }
            }
            Err(refusal) => {
                eprintln!("{name}: REFUSED {} at {:?}", refusal.code(), refusal.position());
                refused.entry(refusal.code()).or_default().push(name);
            }
        }
    }
    eprintln!("{read_files} files read, {findings} findings, {values} values; refused: {refused:#?}");
    assert!(read_files > 0);
    for code in ["fhir-shape", "fhir-syntax", "fhir-bad-base64"] {
        assert!(!refused.contains_key(code), "a public example is valid FHIR: {:?}", refused.get(code));
    }
}

fn summary(finding: &ReadFinding) -> String {
    let embedded = finding.embedded.as_ref().map(|e| e.media_type.as_str()).unwrap_or_default();
    let references = finding.subject.references.len();
    format!("{} values, {references} references, {embedded}, {:?}", finding.observations.len(), finding.warnings)
}

/// One entry of `gold-syn.json`.
fn check(name: &str, expected: &Json, outcome: &Result<Read, fhir::FhirRefusal>) {
    match expected["expect"].as_str().unwrap() {
        "reject" => assert!(outcome.is_err(), "{name}: {}", expected["why"]),
        // Whether a version is stale is known only to whoever stored the newer one.
        "accept" | "accept_with_warning" | "conflict" => {
            let read = outcome.as_ref().unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
            let [finding] = read.findings.as_slice() else { panic!("{name}: one finding") };
            if expected["expect"] == "accept_with_warning" {
                assert!(finding.warnings.contains(&Warning::ReferenceUnresolved), "{name}");
            }
            if let Some(status) = expected["status"].as_str() {
                assert_eq!(finding.status, ReportStatus::parse(status).unwrap(), "{name}");
            }
            for report in expected["reports"].as_array().into_iter().flatten() {
                check_report(name, report, finding);
            }
        }
        other => panic!("{name}: unknown expectation {other}"),
    }
}

fn check_report(name: &str, expected: &Json, finding: &ReadFinding) {
    let birth_date = finding.subject.birth_date.as_ref().map(|d| d.reveal().to_string().replace('-', ""));
    assert_eq!(birth_date.as_deref(), expected["patient"]["dob"].as_str(), "{name}");
    let results = expected["results"].as_array().unwrap();
    assert_eq!(finding.observations.len(), results.len(), "{name}");
    for (wanted, got) in results.iter().zip(&finding.observations) {
        assert_eq!(got.name.reveal(), wanted["name"].as_str().unwrap(), "{name}");
        let Value::Quantity(quantity) = &got.value else { panic!("{name}: a quantity") };
        let number = wanted["val"].as_str().unwrap().parse().unwrap();
        assert_eq!(*quantity.value.reveal(), number, "{name}");
        assert_eq!(quantity.unit.as_deref(), wanted["unit"].as_str(), "{name}");
        assert_eq!(got.flag_raw.as_deref(), wanted["flag"].as_str(), "{name}");
        let range = got.ranges.first().unwrap();
        for (limit, key) in [(&range.low, "low"), (&range.high, "high")] {
            let number = wanted[key].to_string().parse().unwrap();
            assert_eq!(*limit.as_ref().unwrap().reveal(), number, "{name}");
        }
    }
}

#[test]
fn the_synthetic_files_match_their_gold_standard() {
    let Some(folder) = folder() else { return };
    let mut checked = 0;
    for (name, expected) in &gold(&folder, &["fhir-syn/"]) {
        check(name, expected, &fhir::read(&fs::read(folder.join(name)).unwrap()));
        checked += 1;
    }
    eprintln!("{checked} synthetic FHIR files match gold-syn.json");
    assert!(checked > 0);
}

/// The versions of one report in the order in which the gold standard lets them replace each other.
#[test]
fn corrections_are_newer_than_what_they_correct() {
    let Some(folder) = folder() else { return };
    let version = |name: &str| -> (Option<ReportVersion>, Option<u32>) {
        let read = fhir::read(&fs::read(folder.join("fhir-syn").join(name)).unwrap()).unwrap();
        let key = read.findings.into_iter().next().unwrap().business_key.unwrap();
        (key.version, key.revision)
    };
    let [first, corrected, withdrawn, stale] =
        ["bundle_final.json", "bundle_corrected.json", "bundle_entered_in_error.json", "bundle_stale_version.json"]
            .map(version);
    assert!(first < corrected && corrected < withdrawn);
    assert!(stale < withdrawn);
}
