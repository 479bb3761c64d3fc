//! The committed example files: every good one is read as expected, every bad one is refused for the right reason.

#![expect(clippy::panic, reason = "a test may panic: that is how it fails")]

use std::fs;
use std::path::{Path, PathBuf};

use nahraum_domain::finding::{Comparator, Flag, MediaType, ReadFinding, ReportStatus, ReportVersion, Value, Warning};
use nahraum_formats::{Upload, read_upload};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn findings(name: &str) -> (Vec<ReadFinding>, Vec<Warning>) {
    match read_upload(&bytes(name)) {
        Ok(Upload::Findings(read)) => (read.findings, read.warnings),
        other => panic!("{name}: {other:?}"),
    }
}

fn only(name: &str) -> ReadFinding {
    let (mut findings, _) = findings(name);
    assert_eq!(findings.len(), 1, "{name}");
    findings.remove(0)
}

#[test]
fn a_laboratory_bundle_gives_every_value() {
    let finding = only("fhir/laboratory-bundle.json");
    assert_eq!(finding.class.code, "LB120107");
    assert_eq!(finding.title.reveal(), "Laborbericht");
    assert_eq!(finding.author.as_ref().unwrap().reveal(), "Labor am Beispielplatz");
    assert_eq!(finding.status, ReportStatus::Final);
    assert_eq!(finding.clinical_date, Some(jiff::civil::date(2026, 11, 18)));
    let issued = "2026-11-18T15:02:11Z".parse().unwrap();
    assert_eq!(finding.issued_at, Some(issued));
    let key = finding.business_key.unwrap();
    assert_eq!(key.key.reveal(), "https://labor.example/befund|B-2026-118");
    assert_eq!((key.version, key.revision), (Some(ReportVersion::Issued(issued)), None));
    assert_eq!(finding.observations.len(), 13, "12 values and the conclusion");
    assert!(finding.embedded.is_none());
    assert!(finding.warnings.contains(&Warning::ModifierExtension));

    let subject = finding.subject;
    let references: Vec<&str> = subject.references.iter().map(|r| r.reveal().as_str()).collect();
    assert_eq!(references, ["P-20417"], "the insurance number is no reference");
    assert_eq!(subject.birth_date.unwrap().reveal(), &jiff::civil::date(1987, 3, 14));
    assert_eq!(subject.name.unwrap().reveal(), "Meryem Ada Beispiel");
}

#[test]
fn values_ranges_and_flags_are_exact() {
    let finding = only("fhir/laboratory-bundle.json");
    let of = |loinc: &str| finding.observations.iter().find(|o| o.loinc.as_deref() == Some(loinc)).unwrap();
    let tsh = of("3016-3");
    let Value::Quantity(quantity) = &tsh.value else { panic!("a quantity") };
    assert_eq!(quantity.value.reveal().to_string(), "5.10");
    assert_eq!((quantity.unit.as_deref(), quantity.ucum.as_deref()), (Some("mU/l"), Some("m[IU]/L")));
    assert_eq!(tsh.raw_text.reveal(), "5.10");
    assert_eq!(tsh.name.reveal(), "TSH basal");
    assert_eq!(tsh.local_code.as_deref(), Some("https://labor.example/verfahren|TSH"));
    assert_eq!(tsh.group.as_deref(), Some("Schilddrüse"));
    assert_eq!((tsh.flag, tsh.flag_raw.as_deref()), (Some(Flag::High), Some("H")));
    assert_eq!(tsh.specimen.as_deref(), Some("Blut"));
    let range = tsh.ranges.first().unwrap();
    let limits = [&range.low, &range.high].map(|l| l.as_ref().unwrap().reveal().to_string());
    assert_eq!(limits, ["0.4", "4.0"]);
    let Value::Quantity(crp) = &of("1988-5").value else { panic!("a quantity") };
    assert_eq!(crp.comparator, Some(Comparator::Less));
    assert!(matches!(of("5048-4").value, Value::Ratio { .. }));
    assert_eq!(of("5048-4").raw_text.reveal(), "1:160");
    assert!(matches!(of("5195-3").value, Value::Coded { .. }));
    assert_eq!(of("5195-3").flag_raw.as_deref(), Some("NEG"));
    assert_eq!(of("2160-0").method.as_deref(), Some("enzymatisch"));
    let potassium = of("2823-3");
    assert!(potassium.flag.unwrap().is_critical());
    let comment = potassium.comment.as_ref().unwrap().reveal();
    assert_eq!(comment, "Das Labor schränkt die Aussage ein: Probe hämolytisch\nBitte Kontrolle.");
    let conclusion = finding.observations.last().unwrap();
    assert_eq!(conclusion.name.reveal(), "Beurteilung");
}

#[test]
fn an_isik_document_reference_gives_the_document() {
    let finding = only("fhir/document-reference.json");
    assert_eq!(finding.class.code, "DG060111");
    assert_eq!(finding.title.reveal(), "Ruhe-EKG vom 17.11.2026");
    assert_eq!(finding.clinical_date, Some(jiff::civil::date(2026, 11, 17)));
    let key = finding.business_key.unwrap();
    assert_eq!(key.key.reveal(), "urn:ietf:rfc:3986|urn:uuid:0b4df5c6-8a63-4d20-9f0e-6f3b8f1f0a11");
    assert_eq!(key.own, None);
    let embedded = finding.embedded.unwrap();
    assert_eq!(embedded.media_type, MediaType::Pdf);
    assert_eq!(*embedded.bytes.reveal(), bytes("pdf/small.pdf"));
    assert_eq!(finding.subject.references.first().unwrap().reveal(), "P-20417");
    assert_eq!(finding.warnings, [Warning::BirthDateMissing, Warning::NotPdfA]);

    let text = String::from_utf8(bytes("fhir/document-reference.json")).unwrap();
    let old = r#""relatesTo": [{"code": "replaces", "target": {"identifier": {"system": "urn:x", "value": "7"}}}],"#;
    let Ok(Upload::Findings(read)) = read_upload(text.replacen('{', &format!("{{ {old}"), 1).as_bytes()) else {
        panic!("a replacement is read")
    };
    let next = read.findings[0].business_key.as_ref().unwrap();
    assert_eq!((next.key.reveal().as_str(), next.own.as_ref()), ("urn:x|7", Some(&key.key)));

    let binary = only("fhir/document-with-binary.json").embedded.unwrap();
    assert_eq!(binary.media_type, MediaType::Jpeg, "judged from the bytes, not from the declared type");
}

#[test]
fn components_and_contained_values_become_rows() {
    let pressure = only("fhir/blood-pressure.json");
    assert_eq!(pressure.title.reveal(), "Blutdruck");
    let [systolic, diastolic] = pressure.observations.as_slice() else { panic!("two rows") };
    assert_eq!((systolic.name.reveal().as_str(), systolic.group.as_deref()), ("Systolisch", Some("Blutdruck")));
    assert_eq!(systolic.effective_date, Some(jiff::civil::date(2026, 11, 17)));
    assert_eq!(diastolic.value, Value::Absent { reason: Some("not-performed".into()) });

    let report = only("fhir/report-contained.json");
    assert_eq!(report.status, ReportStatus::Preliminary);
    assert_eq!(report.title.reveal(), "Urinstatus");
    assert_eq!(report.observations.len(), 2);
    assert!(report.embedded.is_some());
    assert_eq!(report.subject.references.first().unwrap().reveal(), "P-20417");
}

#[test]
fn oddities_are_read_with_a_warning() {
    let (read, warnings) = findings("fhir/url-null.json");
    assert_eq!((read.len(), warnings), (1, vec![Warning::NullIgnored]));
    let partial = only("fhir/birth-date-wrong.json");
    assert!(partial.subject.birth_date.is_none());
    assert!(partial.warnings.contains(&Warning::BirthDateMissing));
    assert_eq!(only("fhir/member-of-itself.json").observations.len(), 13, "each value once");
}

#[test]
fn documents_are_accepted_as_they_are() {
    for (name, expected) in
        [("pdf/small.pdf", MediaType::Pdf), ("image/small.jpg", MediaType::Jpeg), ("image/small.png", MediaType::Png)]
    {
        match read_upload(&bytes(name)) {
            Ok(Upload::Document { media_type, .. }) => assert_eq!(media_type, expected),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn bad_files_are_refused_with_code_sentence_and_place() {
    let cases = [
        ("pdf/truncated.pdf", "pdf-truncated", None),
        ("pdf/encrypted.pdf", "pdf-encrypted", None),
        ("pdf/empty.pdf", "file-empty", None),
        ("pdf/no-pages.pdf", "pdf-no-pages", None),
        ("pdf/program-named.pdf", "file-type-unsupported", None),
        ("pdf/with-zip-behind.pdf", "file-type-polyglot", None),
        ("pdf/script-in-front.pdf", "file-type-polyglot", None),
        ("image/truncated.jpg", "image-truncated", None),
        ("fhir/two-patients.json", "fhir-two-patients", Some("/entry/16/resource")),
        ("fhir/subject-mismatch.json", "fhir-subject-mismatch", Some("/entry/3/resource/subject")),
        ("fhir/duplicate-resource-type.json", "fhir-duplicate-key", Some("/resourceType")),
        ("fhir/duplicate-subject.json", "fhir-duplicate-key", Some("/entry/1/resource/subject")),
        ("fhir/depth-3000.json", "fhir-too-deep", None),
        ("fhir/truncated.json", "fhir-truncated", None),
        ("fhir/utf-16.json", "fhir-not-utf8", None),
        ("fhir/latin-1.json", "fhir-not-utf8", None),
        ("fhir/bundle.xml", "fhir-xml", None),
        ("fhir/bad-base64.json", "fhir-bad-base64", Some("/entry/15/resource/presentedForm/0/data")),
        ("fhir/document-reference-cut-pdf.json", "fhir-embedded-document", Some("/content/0/attachment/data")),
        ("fhir/document-reference-linked.json", "fhir-document-only-linked", None),
    ];
    for (name, code, pointer) in cases {
        let refusal = read_upload(&bytes(name)).expect_err(name);
        assert_eq!(refusal.code(), code, "{name}");
        assert!(nahraum_formats::Refusal::CODES.contains(&code));
        if pointer.is_some() {
            assert_eq!(refusal.position().and_then(|p| p.pointer.as_deref()), pointer, "{name}");
        }
        assert!(refusal.to_string().ends_with('.') && refusal.german().ends_with('.'), "{name}");
    }
    let names: Vec<String> = ["pdf", "image", "fhir"]
        .iter()
        .flat_map(|dir| {
            fs::read_dir(path(dir)).unwrap().map(move |f| format!("{dir}/{}", f.unwrap().file_name().display()))
        })
        .collect();
    let refused = names.iter().filter(|name| read_upload(&bytes(name)).is_err()).count();
    assert_eq!(refused, cases.len(), "every refused file is listed above");
}

#[test]
fn small_inline_cases() {
    let code = |text: &str| read_upload(text.as_bytes()).map_or_else(|r| r.code(), |_| "accepted");
    assert_eq!(code("[]"), "fhir-no-resource-type");
    assert_eq!(code("{}"), "fhir-no-resource-type");
    assert_eq!(code(r#"{"resourceType":"Encounter"}"#), "fhir-resource-unsupported");
    assert_eq!(code(r#"{"resourceType":"Patient","id":"1"}"#), "fhir-nothing-to-read");
    assert_eq!(code(r#"{"resourceType":"Bundle"}"#), "fhir-nothing-to-read");
    assert_eq!(code(r#"{"resourceType":"Bundle","entry":[{"resource":{}}]}"#), "fhir-no-resource-type");
    assert_eq!(code(r#"{"resourceType":"Observation","code":"HB"}"#), "fhir-shape");
    assert_eq!(code(r#"{"resourceType":"DiagnosticReport","status":"final"}"#), "fhir-nothing-to-read");
    assert_eq!(code(r#"{"resourceType":"DiagnosticReport","status":"registered"}"#), "accepted");
    assert_eq!(code(r#"{"resourceType":"DiagnosticReport","status":"entered-in-error"}"#), "accepted");
    assert_eq!(code("\u{FEFF}{\"resourceType\":\"Observation\",\"valueString\":\"x\"}"), "accepted");
    assert_eq!(code("plain words"), "file-type-unknown");
    let many = format!(r#"{{"resourceType":"Bundle","entry":[{}]}}"#, vec!["{}"; 5001].join(","));
    assert_eq!(code(&many), "fhir-too-many-entries");
    let two = r#"{"resourceType":"Bundle","entry":[
        {"resource":{"resourceType":"DiagnosticReport","status":"final","conclusion":"a","subject":{"reference":"Patient/1"}}},
        {"resource":{"resourceType":"DiagnosticReport","status":"final","conclusion":"b","subject":{"reference":"Patient/2"}}}]}"#;
    assert_eq!(code(two), "fhir-two-patients");
    assert_eq!(code(&two.replace("Patient/2", "Patient/1")), "accepted");
}
