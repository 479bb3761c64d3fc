//! The committed CDA documents: every good one is read as expected, every bad one is refused for the right reason.

#![expect(clippy::panic, reason = "a test may panic: that is how it fails")]

#[path = "support/row.rs"]
mod row;
#[path = "support/shown.rs"]
mod shown;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use nahraum_domain::finding::{
    Flag, MediaType, ReadFinding, ReportStatus, ReportVersion, SourceFormat, Value, Warning,
};
use nahraum_formats::{Refusal, Sniffed, Upload, read_upload, sniff};

use row::row;
use shown::shown;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats/cda")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn only(name: &str) -> ReadFinding {
    match read_upload(&bytes(name)) {
        Ok(Upload::Findings(mut read)) => {
            assert_eq!(read.findings.len(), 1, "{name}");
            read.findings.remove(0)
        }
        other => panic!("{name}: {other:?}"),
    }
}

/// Heading, name and value of every row.
fn told(finding: &ReadFinding) -> Vec<(&str, &str, String)> {
    let rows = finding.observations.iter();
    rows.map(|row| (row.group.as_deref().unwrap_or_default(), row.name.reveal().as_str(), shown(row))).collect()
}

#[test]
fn a_report_is_read_with_everything_it_says() {
    let finding = only("laboratory.xml");
    assert_eq!((finding.source_format, finding.class.code), (SourceFormat::Cda, "LB120107"));
    assert_eq!(finding.title.reveal(), "Laborbefund");
    assert_eq!(finding.author.as_ref().unwrap().reveal(), "Dr. med. Erika Probe, Beispielklinik");
    assert_eq!(finding.status, ReportStatus::Final);
    assert_eq!(finding.clinical_date, Some(date(2026, 11, 18)));
    assert_eq!(finding.issued_at, Some("2026-11-18T14:02:11Z".parse().unwrap()));
    let key = finding.business_key.as_ref().unwrap();
    assert_eq!(key.key.reveal(), "cda|1.2.276.0.76.3.1.999.2|L-0815");
    assert_eq!(key.version, Some(ReportVersion::Number(1)));
    let subject = &finding.subject;
    let references: Vec<&str> = subject.references.iter().map(|r| r.reveal().as_str()).collect();
    assert_eq!(references, ["P-20417"], "the insurance number is no reference");
    assert_eq!(subject.birth_date.as_ref().unwrap().reveal(), &date(1987, 3, 14));
    assert_eq!(subject.name.as_ref().unwrap().reveal(), "Meryem Ada Müller-Beispiel");
    assert_eq!(subject.order.as_ref().unwrap().reveal(), "A-4711");
    assert!(!finding.retracts && finding.part.is_none() && finding.embedded.is_none());
    assert_eq!(finding.warnings, [Warning::ClassAssumed]);
}

/// The narrative is told once: where the sender says that it was made from the values, the values tell it.
#[test]
fn values_units_ranges_flags_and_words_are_exact() {
    let finding = only("laboratory.xml");
    assert_eq!(
        told(&finding).iter().map(|(group, name, value)| (*group, *name, value.as_str())).collect::<Vec<_>>(),
        [
            ("Serumchemie", "Kalium", "4.20 mmol/l"),
            ("Serumchemie", "CRP", "<0.3 mg/l"),
            ("Serumchemie", "Glukose", "412 mg/dl"),
            ("Serumchemie", "HBs-Antikörper-Titer", "1:80"),
            ("Serumchemie", "HBs-Antigen", "Negativ"),
            ("Serumchemie", "Magnesium", "absent not-performed"),
            ("Serumchemie", "Natrium", "absent not-asked"),
            ("", "Hämatologie", "Untersuchung | Ergebnis\nLeukozyten | 6,1 x 10^9/l"),
            ("Blutbild", "Leukozyten", "6.1 10*9/l"),
            ("Blutbild", "Thrombozyten", "152 Tsd/µl"),
            ("Blutbild", "Aussehen", "leicht trüb"),
            ("", "Beurteilung", "Blutzucker stark erhöht."),
        ]
    );
    let potassium = row(&finding, "Kalium");
    let own = Some("urn:oid:1.2.276.0.76.3.1.999.7|K");
    assert_eq!((potassium.loinc.as_deref(), potassium.local_code.as_deref()), (Some("2823-3"), own));
    let range = potassium.ranges.first().unwrap();
    let limits = [&range.low, &range.high].map(|limit| limit.as_ref().unwrap().reveal().to_string());
    assert_eq!((limits, range.unit.as_deref()), (["3.5", "5.1"].map(String::from), Some("mmol/l")));
    assert_eq!((potassium.flag, potassium.flag_raw.as_deref()), (Some(Flag::Normal), Some("N")));
    assert_eq!(potassium.effective_at, Some("2026-11-18T06:55:00Z".parse().unwrap()));
    assert_eq!((potassium.specimen.as_deref(), potassium.status.as_str()), (Some("Serum"), "final"));
    let Value::Quantity(quantity) = &potassium.value else { panic!("a quantity") };
    assert_eq!(quantity.ucum.as_deref(), Some("mmol/l"));
    let glucose = row(&finding, "Glukose");
    assert!(glucose.flag.unwrap().is_critical(), "HH is critical in HL7");
    assert_eq!(glucose.comment.as_ref().unwrap().reveal(), "Sofort in der Praxis melden.");
    let Value::Quantity(platelets) = &row(&finding, "Thrombozyten").value else { panic!("a quantity") };
    assert_eq!(platelets.ucum, None, "a unit in words is no UCUM");
    let Value::Coded { code, .. } = &row(&finding, "HBs-Antigen").value else { panic!("a code") };
    assert_eq!(code.as_deref(), Some("http://snomed.info/sct|260385009"));
    let cancelled = row(&finding, "Magnesium");
    assert_eq!((cancelled.status.as_str(), cancelled.raw_text.reveal().as_str()), ("cancelled", ""));
}

#[test]
fn a_correction_is_the_same_report_later_and_takes_back_what_was_never_true() {
    let (first, second) = (only("laboratory.xml"), only("laboratory-corrected.xml"));
    let (was, is) = (first.business_key.unwrap(), second.business_key.as_ref().unwrap());
    assert!(was.key == is.key && was.version < is.version);
    assert_eq!((second.status, second.retracts), (ReportStatus::Corrected, true));
    assert!(second.observations.iter().all(|row| row.name.reveal() != "Glukose"));
    assert_eq!(shown(row(&second, "Kalium")), "4.70 mmol/l");
}

#[test]
fn what_is_not_finished_is_told_so() {
    let finding = only("preliminary.xml");
    assert_eq!(finding.status, ReportStatus::Partial);
    let states: Vec<_> = ["Kalium", "TSH", "Ferritin"]
        .map(|name| (row(&finding, name).status.as_str(), shown(row(&finding, name))))
        .into();
    assert_eq!(
        states,
        [
            ("final", "4.20 mmol/l".into()),
            ("registered", "absent temp-unknown".into()),
            ("preliminary", "30 ug/l".into())
        ]
    );
}

#[test]
fn a_withdrawn_document_says_nothing_any_more() {
    let (letter, gone) = (only("letter.xml"), only("nullified.xml"));
    assert_eq!((gone.status, gone.retracts), (ReportStatus::EnteredInError, true));
    assert!(gone.observations.is_empty() && gone.embedded.is_none());
    assert_eq!(letter.business_key.unwrap().key, gone.business_key.unwrap().key);
}

/// A letter in words: what the sender could have had shown, linked or run is gone, what the author struck out too.
#[test]
fn a_letter_is_told_in_plain_words() {
    let finding = only("letter.xml");
    assert_eq!((finding.class.code, finding.title.reveal().as_str()), ("AD010115", "Entlassungsbrief"));
    assert_eq!(finding.clinical_date, Some(date(2026, 11, 10)));
    let told = told(&finding);
    assert_eq!(
        told.iter().map(|(group, name, value)| (*group, *name, value.as_str())).collect::<Vec<_>>(),
        [
            (
                "",
                "Anamnese",
                "Aufnahmegrund\nLuftnot & Fieber seit 3 Tagen, Leukozyten 12 x 10^9/l.\n\nSiehe hier.\n\n1. Amoxicillin\n2. Bettruhe\n  – drei Tage"
            ),
            ("", "Befund", "Werte\nWert | Ergebnis\nTemperatur | 39,1 °C"),
            ("Befund", "Hauptdiagnose", "verneint: Pneumonie"),
            ("Befund", "Vitalzeichen", "Blutdruck 118/76 mmHg"),
            ("Blutdruck", "Systolisch", "118 mm[Hg]"),
            ("Blutdruck", "Diastolisch", "76 mm[Hg]"),
            ("", "Familie", "Mutter: Glukose 300 mg/dl"),
        ],
        "neither an aim nor the value of a relative is a result"
    );
    assert_eq!(
        finding.warnings,
        [Warning::Confidential, Warning::ClassAssumed, Warning::ValueKeptAsText, Warning::EntriesIgnored]
    );
}

#[test]
fn documents_come_out_of_the_body_and_of_sections() {
    let letter = only("letter-pdf.xml");
    assert_eq!(letter.embedded.as_ref().unwrap().media_type, MediaType::Pdf);
    assert_eq!((letter.class.code, letter.observations.len()), ("ED110104", 0));
    assert!(!letter.warnings.contains(&Warning::ClassAssumed), "a KDL code is known, whatever its system is called");
    let attached = only("letter-with-attached-pdf.xml");
    assert_eq!(attached.embedded.as_ref().unwrap().media_type, MediaType::Pdf);
    assert_eq!(told(&attached), [("", "Befund", "Das Ergebnis steht im Anhang.".into())]);
    assert!(attached.warnings.contains(&Warning::EntriesIgnored), "the logo is passed over");
    let text = only("letter-text.xml");
    assert_eq!(shown(&text.observations[0]), "Sehr geehrte Frau Müller-Beispiel,\nalles in Ordnung: 1 < 2.");
}

#[test]
fn encodings_are_told_from_the_bytes() {
    for (name, contradicts, words) in [
        ("utf-8-bom.xml", false, "Straße: größer als 5 µg, unauffällig."),
        ("utf-16.xml", false, "Straße: größer als 5 µg, unauffällig."),
        ("latin-1.xml", false, "Straße: größer als 5 µg, unauffällig."),
        ("latin-9.xml", false, "Straße: größer als 5 µg, unauffällig, 12 €."),
        ("windows-declared-latin.xml", true, "Straße: größer als 5 µg, „unauffällig“, 12 €."),
        ("latin-declared-utf-8.xml", true, "Straße: größer als 5 µg, unauffällig."),
        ("blank-line-in-front.xml", false, "Straße: größer als 5 µg, unauffällig."),
    ] {
        assert_eq!(sniff(&bytes(name)), Some(Sniffed::Cda), "{name}");
        let finding = only(name);
        assert_eq!(shown(row(&finding, "Befund")), words, "{name}");
        assert_eq!(finding.subject.name.as_ref().unwrap().reveal(), "Meryem Ada Müller-Beispiel", "{name}");
        assert_eq!(finding.warnings.contains(&Warning::CharsetContradicts), contradicts, "{name}");
    }
}

#[test]
fn bad_documents_are_refused_with_code_sentence_and_line() {
    let cases = [
        ("encoding-unknown.xml", "cda-encoding", None),
        ("doctype-entities.xml", "cda-doctype", Some(2)),
        ("doctype-external.xml", "cda-doctype", Some(2)),
        ("two-patients.xml", "cda-two-patients", Some(25)),
        ("no-patient.xml", "cda-no-patient", Some(2)),
        ("too-deep.xml", "cda-too-deep", Some(41)),
        ("too-many-attributes.xml", "cda-too-large", None),
        ("truncated.xml", "cda-truncated", Some(67)),
        ("not-well-formed.xml", "cda-syntax", Some(7)),
        ("message.xml", "cda-not-a-document", Some(2)),
        ("empty.xml", "cda-nothing-to-read", Some(2)),
        ("linked.xml", "cda-document-only-linked", Some(37)),
        ("bad-base64.xml", "cda-bad-base64", Some(37)),
        ("cut-pdf.xml", "cda-embedded-document", Some(37)),
        ("html-body.xml", "cda-embedded-document", Some(37)),
        ("two-documents.xml", "cda-several-documents", Some(58)),
    ];
    for (name, code, line) in cases {
        let refusal = read_upload(&bytes(name)).expect_err(name);
        assert_eq!(refusal.code(), code, "{name}");
        assert!(Refusal::CODES.contains(&code));
        assert_eq!(refusal.position().and_then(|p| p.line), line, "{name}");
        assert!(refusal.to_string().ends_with('.') && refusal.german().ends_with('.'), "{name}");
        assert!(!format!("{refusal:?}{refusal}").contains("Beispiel"), "{name}: a refusal repeats nobody's name");
    }
    let names: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|f| f.unwrap().file_name().display().to_string()).collect();
    let refused = names.iter().filter(|name| read_upload(&bytes(name)).is_err()).count();
    assert_eq!(refused, cases.len(), "every refused file is listed above");
}

/// A report in words may be long; a heading that every row repeats may not.
#[test]
fn long_words_are_kept_and_long_headings_are_cut() {
    let text = String::from_utf8(bytes("laboratory.xml")).unwrap();
    let long = text.replace(" leicht\n trüb ", &"trüb ".repeat(2000)).replace("Serumchemie", &"ä".repeat(200_000));
    let Ok(Upload::Findings(read)) = read_upload(long.as_bytes()) else { panic!("a finding") };
    assert_eq!(shown(row(&read.findings[0], "Aussehen")).len(), 2000 * "trüb ".len() - 1);
    let headings = read.findings[0].observations.iter().filter_map(|row| row.group.as_deref());
    assert_eq!(headings.map(str::len).max(), Some(300 + "…".len()));
}

/// A section about a child or a relative is told in its words; its values are not the patient's.
#[test]
fn values_of_somebody_else_are_not_the_patients() {
    let text = String::from_utf8(bytes("laboratory.xml")).unwrap();
    let subject = "</text><subject><relatedSubject classCode=\"PRS\"/></subject>";
    let Ok(Upload::Findings(read)) = read_upload(text.replacen("</text>", subject, 1).as_bytes()) else {
        panic!("a finding")
    };
    let finding = &read.findings[0];
    assert!(finding.observations.iter().all(|row| row.group.as_deref() != Some("Serumchemie")));
    assert_eq!(shown(row(finding, "Klinische Chemie")), "Kalium | 4,20\n\nSofort in der Praxis melden.");
    assert!(finding.warnings.contains(&Warning::EntriesIgnored));
}

/// A sender that forgets the namespace means it; one that names another means something else.
#[test]
fn a_document_is_one_of_hl7() {
    let text = String::from_utf8(bytes("laboratory.xml")).unwrap();
    let of = |namespace: &str| read_upload(text.replacen(" xmlns=\"urn:hl7-org:v3\"", namespace, 1).as_bytes());
    let Ok(Upload::Findings(read)) = of("") else { panic!("a finding") };
    assert_eq!(read.findings[0].observations, only("laboratory.xml").observations);
    assert_eq!(of(" xmlns=\"urn:example\"").unwrap_err().code(), "cda-not-a-document");
}

/// Nothing that a document says is printed by accident.
#[test]
fn a_finding_prints_no_name_and_no_value() {
    let printed = format!("{:?}{:?}", only("laboratory.xml"), only("letter.xml"));
    for word in ["Meryem", "Müller", "P-20417", "4.20", "Luftnot", "Praxis melden", "L-0815"] {
        assert!(!printed.contains(word), "{word}");
    }
}
