//! Runs the HL7 v2 reader over a folder of example files, which are not part of this repository.
//!
//! The folder is named by `NAHRAUM_TEST_DATA`. Without it the tests say that they were skipped.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

mod examples;

use std::fs;
use std::path::Path;

use examples::{folder, gold};
use nahraum_domain::finding::{MediaType, ReadFinding, ReportStatus, Value, Warning};
use nahraum_formats::{Hl7Refusal, Read, hl7};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

fn read(folder: &Path, name: &str) -> Result<Read, Hl7Refusal> {
    hl7::read(&fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// The real files: what is read of each, and why not.
#[test]
fn every_public_message_is_read_or_refused_for_a_reason() {
    let Some(folder) = folder() else { return };
    let expected: &[(&str, Result<&[usize], &str>)] = &[
        ("LAB-ORU-1.hl7", Ok(&[5, 5])),
        ("MDM-T02-01.hl7", Err("hl7-nothing-to-read")), // its document is empty
        ("ORU-R01-01.hl7", Ok(&[2])),
        ("ORU-multiline-short.hl7", Ok(&[1])),
        ("OUL-R22-01.hl7", Err("hl7-embedded-document")), // its pictures are words
        ("sample_oru_r01_generic.hl7", Ok(&[14])),
        ("sample_unix.hl7", Err("hl7-message-unsupported")),
        ("sample_win.hl7", Err("hl7-message-unsupported")),
    ];
    for (name, expected) in expected {
        let outcome = read(&folder, &format!("hl7v2/{name}"));
        let counts =
            outcome.as_ref().map(|read| read.findings.iter().map(|f| f.observations.len()).collect::<Vec<_>>());
        for finding in outcome.iter().flat_map(|read| &read.findings) {
            eprintln!("{name}: {} {:?} {:?}", finding.class.code, finding.status, finding.warnings);
        }
        let expected = expected.map(<[usize]>::to_vec);
        assert_eq!(counts.map_err(Hl7Refusal::code), expected, "{name}");
    }
}

fn check(name: &str, expected: &Json, outcome: &Result<Read, Hl7Refusal>) {
    let expectation = expected["expect"].as_str().unwrap();
    if expectation == "reject" {
        assert!(outcome.is_err(), "{name}: {}", expected["why"]);
        return;
    }
    let read = outcome.as_ref().unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let count = expected["messages"].as_u64().unwrap_or(1);
    assert_eq!(u64::try_from(read.findings.len()).unwrap(), count, "{name}");
    let first = read.findings.first().unwrap();
    match expectation {
        "accept" => assert!(!first.warnings.contains(&Warning::CharsetContradicts), "{name}"),
        "accept_with_warning" => assert!(first.warnings.contains(&Warning::CharsetContradicts), "{name}"),
        // Posted to the wrong patient: nothing of it may be seen any more.
        "hold" => {
            assert_eq!((first.status, first.observations.len()), (ReportStatus::EnteredInError, 0), "{name}");
        }
        "quarantine" => assert!(first.subject.references.is_empty(), "{name}"),
        other => panic!("{name}: unknown expectation {other}"),
    }
    if let Some(status) = expected["status"].as_str() {
        assert_eq!(first.status, ReportStatus::parse(status).unwrap(), "{name}");
    }
    if let Some(text) = expected["text"].as_str() {
        assert!(first.observations.iter().any(|row| row.raw_text.reveal() == text), "{name}");
    }
    for attachment in expected["attachments"].as_array().into_iter().flatten() {
        let document = first.embedded.as_ref().unwrap();
        assert_eq!(document.media_type, MediaType::parse(attachment["type"].as_str().unwrap()).unwrap(), "{name}");
        let hash: String = Sha256::digest(document.bytes.reveal()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(Some(hash.as_str()), attachment["sha256"].as_str(), "{name}");
    }
    assert_eq!(expected["kind"] == "document", first.embedded.is_some() && first.observations.is_empty(), "{name}");
    for (report, finding) in expected["reports"].as_array().into_iter().flatten().zip(&read.findings) {
        check_report(name, report, finding);
    }
}

fn check_report(name: &str, expected: &Json, finding: &ReadFinding) {
    let patient = &expected["patient"];
    let birth_date = finding.subject.birth_date.as_ref().map(|d| d.reveal().to_string().replace('-', ""));
    assert_eq!(birth_date.as_deref(), patient["dob"].as_str(), "{name}");
    let full = format!("{} {}", patient["first"].as_str().unwrap(), patient["last"].as_str().unwrap());
    assert_eq!(finding.subject.name.as_ref().unwrap().reveal(), &full, "{name}");
    let kvnr = patient["kvnr"].as_str().unwrap();
    assert!(finding.subject.references.iter().all(|r| r.reveal() != kvnr), "{name}: no reference");
    let key = finding.business_key.as_ref().unwrap().key.reveal();
    assert!(key.contains(expected["lab"].as_str().unwrap()), "{name}: the laboratory's order number");
    let results = expected["results"].as_array().unwrap();
    assert_eq!(finding.observations.len(), results.len(), "{name}");
    for (wanted, got) in results.iter().zip(&finding.observations) {
        assert_eq!(got.name.reveal(), wanted["name"].as_str().unwrap(), "{name}");
        assert_eq!(got.local_code.as_deref(), wanted["id"].as_str(), "{name}");
        let Value::Quantity(quantity) = &got.value else { panic!("{name}: a quantity") };
        assert_eq!(Some(quantity.value.reveal().to_string().as_str()), wanted["val"].as_str(), "{name}");
        assert_eq!(quantity.unit.as_deref(), wanted["unit"].as_str(), "{name}");
        assert_eq!(got.flag_raw.as_deref(), wanted["flag"].as_str(), "{name}");
        assert_eq!(got.status, "final", "{name}");
        let range = got.ranges.first().unwrap();
        for (limit, key) in [(&range.low, "low"), (&range.high, "high")] {
            let number = wanted[key].to_string().parse().unwrap();
            assert_eq!(*limit.as_ref().unwrap().reveal(), number, "{name}");
        }
    }
}

#[test]
fn the_synthetic_messages_match_their_gold_standard() {
    let Some(folder) = folder() else { return };
    let mut checked = 0;
    for (name, expected) in &gold(&folder, &["hl7v2-syn/"]) {
        let outcome = read(&folder, name);
        check(name, expected, &outcome);
        if let Some(older) = expected["supersedes"].as_str() {
            let key = |read: Result<Read, Hl7Refusal>| read.unwrap().findings.remove(0).business_key.unwrap();
            let (older, newer) = (key(read(&folder, &format!("hl7v2-syn/{older}"))), key(outcome));
            assert!(older.key == newer.key && older.version <= newer.version, "{name}");
        }
        checked += 1;
    }
    eprintln!("{checked} synthetic HL7 v2 files match gold-syn.json");
    assert!(checked > 0);
}
