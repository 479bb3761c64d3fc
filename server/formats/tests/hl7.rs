//! The committed HL7 v2 messages: every good one is read as expected, every bad one is refused for the right reason.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

#[path = "support/row.rs"]
mod row;
#[path = "support/shown.rs"]
mod shown;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use nahraum_domain::finding::{
    Flag, MediaType, Observation, ReadFinding, ReportStatus, ReportVersion, SourceFormat, Value, Warning,
};
use nahraum_formats::{Refusal, Upload, read_upload};

use row::row;
use shown::shown;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats/hl7")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn findings(name: &str) -> Vec<ReadFinding> {
    match read_upload(&bytes(name)) {
        Ok(Upload::Findings(read)) => read.findings,
        other => panic!("{name}: {other:?}"),
    }
}

fn only(name: &str) -> ReadFinding {
    let mut findings = findings(name);
    assert_eq!(findings.len(), 1, "{name}");
    findings.remove(0)
}

fn limits(row: &Observation) -> (String, String) {
    let range = row.ranges.first().unwrap();
    let number = |limit: &Option<_>| {
        limit.as_ref().map_or_else(String::new, |l: &nahraum_domain::private::Private<rust_decimal::Decimal>| {
            l.reveal().to_string()
        })
    };
    (number(&range.low), number(&range.high))
}

#[test]
fn a_report_is_read_with_everything_it_says() {
    let finding = only("oru.hl7");
    assert_eq!((finding.source_format, finding.class.code), (SourceFormat::Hl7V2, "LB120107"));
    assert_eq!(finding.title.reveal(), "Laborbefund");
    assert_eq!(finding.author.as_ref().unwrap().reveal(), "BEISPIELLABOR");
    assert_eq!(finding.note.as_ref().unwrap().reveal(), "Bitte nüchtern wiederkommen.");
    assert_eq!(finding.status, ReportStatus::Final);
    assert_eq!(finding.clinical_date, Some(date(2026, 11, 18)));
    let issued = "2026-11-18T14:02:11Z".parse().unwrap();
    assert_eq!(finding.issued_at, Some(issued));
    let key = finding.business_key.as_ref().unwrap();
    assert_eq!(key.key.reveal(), "hl7v2|BEISPIELLABOR|L-0815|11502-2");
    assert_eq!(key.version, Some(ReportVersion::Issued(issued)));
    let subject = &finding.subject;
    let references: Vec<&str> = subject.references.iter().map(|r| r.reveal().as_str()).collect();
    assert_eq!(references, ["P-20417"], "the insurance number is no reference");
    assert_eq!(subject.birth_date.as_ref().unwrap().reveal(), &date(1987, 3, 14));
    assert_eq!(subject.name.as_ref().unwrap().reveal(), "Meryem Ada Müller-Beispiel");
    assert_eq!(subject.order.as_ref().unwrap().reveal(), "A-4711");
    assert!(!finding.retracts && finding.part.is_none());
    assert_eq!(finding.warnings, [Warning::ClassAssumed]);
}

#[test]
fn values_units_ranges_flags_and_words_are_exact() {
    let finding = only("oru.hl7");
    let values: Vec<String> = finding.observations.iter().map(shown).collect();
    assert_eq!(
        values,
        [
            "4.20 mmol/l",
            "5.10 mU/l",
            "<0.3 mg/l",
            "64 µg/l",
            "1:80",
            "negativ",
            "2.4 10^9/l",
            "Leichte Abweichung & sonst unauffällig.\n\nBitte Verlauf beobachten.",
            "2026-11-18",
            "absent not-performed",
        ]
    );
    let potassium = row(&finding, "Kalium");
    assert_eq!((potassium.loinc.as_deref(), potassium.local_code.as_deref()), (Some("2823-3"), Some("K")));
    assert_eq!(limits(potassium), ("3.5".into(), "5.1".into()));
    assert_eq!((potassium.flag, potassium.flag_raw.as_deref()), (Some(Flag::Normal), Some("N")));
    assert_eq!(potassium.effective_at, Some("2026-11-18T06:55:00Z".parse().unwrap()));
    assert_eq!((potassium.specimen.as_deref(), potassium.status.as_str()), (Some("Serum"), "final"));
    let Value::Quantity(quantity) = &potassium.value else { panic!("a quantity") };
    assert_eq!(quantity.ucum.as_deref(), Some("mmol/l"));
    assert_eq!(row(&finding, "TSH").method.as_deref(), Some("Elektrochemilumineszenz"));
    let crp = row(&finding, "CRP");
    assert_eq!((crp.raw_text.reveal().as_str(), limits(crp)), ("<0.3", (String::new(), "5".into())));
    let titre = row(&finding, "HBs-Antikörper");
    assert_eq!(titre.comment.as_ref().unwrap().reveal(), "Kontrolle in drei Monaten\nempfohlen");
    let Value::Coded { code, .. } = &row(&finding, "HBs-Antigen").value else { panic!("a code") };
    assert_eq!(code.as_deref(), Some("http://snomed.info/sct|260385009"));
    let cancelled = row(&finding, "Magnesium");
    assert_eq!((cancelled.status.as_str(), cancelled.raw_text.reveal().as_str()), ("cancelled", ""));
}

#[test]
fn states_are_understood() {
    let of = |name: &str| {
        let finding = only(name);
        (finding.status, finding.observations.iter().map(|row| row.status.clone()).collect::<Vec<_>>())
    };
    assert_eq!(
        of("corrected.hl7"),
        (ReportStatus::Corrected, ["corrected", "final", "final", "final"].map(String::from).into())
    );
    let (status, rows) = of("cancelled.hl7");
    assert!(status == ReportStatus::Cancelled && rows.iter().all(|row| row == "cancelled"));
    let preliminary = only("preliminary.hl7");
    assert_eq!(preliminary.status, ReportStatus::Preliminary);
    assert_eq!(preliminary.observations[3].status, "registered");
    assert_eq!(shown(&preliminary.observations[3]), "absent temp-unknown");
}

/// A newer state of a report has the same name and a later version.
#[test]
fn a_correction_is_the_same_report_later() {
    let key = |name: &str| only(name).business_key.unwrap();
    let [first, corrected, wrong] = ["oru.hl7", "corrected.hl7", "wrong-patient.hl7"].map(key);
    assert!(first.key == corrected.key && corrected.key == wrong.key);
    assert!(first.version < corrected.version && corrected.version < wrong.version);
}

#[test]
fn what_was_posted_to_the_wrong_patient_is_withdrawn() {
    let all = only("wrong-patient.hl7");
    assert_eq!((all.status, all.observations.len(), all.retracts), (ReportStatus::EnteredInError, 0, true));
    let one = only("one-withdrawn.hl7");
    assert_eq!((one.status, one.observations.len(), one.retracts), (ReportStatus::Corrected, 3, true));
    assert!(one.observations.iter().all(|row| row.name.reveal() != "Kalium"));
}

#[test]
fn character_sets_are_told_from_the_bytes() {
    for (name, contradicts) in [
        ("oru.hl7", false),
        ("utf-8.hl7", false),
        ("latin-9.hl7", false),
        ("utf-8-undeclared.hl7", true),
        ("windows-declared-latin.hl7", true),
    ] {
        let finding = only(name);
        assert_eq!(finding.subject.name.as_ref().unwrap().reveal(), "Meryem Ada Müller-Beispiel", "{name}");
        assert_eq!(shown(row(&finding, "25-OH-Vitamin D")), "64 µg/l", "{name}");
        assert_eq!(finding.warnings.contains(&Warning::CharsetContradicts), contradicts, "{name}");
    }
    let comment = |name: &str| only(name).observations[3].comment.as_ref().unwrap().reveal().clone();
    assert_eq!(comment("windows-declared-latin.hl7"), "Kosten 12 € – „siehe Anhang“");
    assert_eq!(comment("latin-9.hl7"), "Kosten 12 €");
}

#[test]
fn wrapping_line_ends_and_delimiters_do_not_matter() {
    let plain = only("oru.hl7");
    for name in ["carriage-return-line-feeds.hl7", "odd-delimiters.hl7"] {
        let finding = only(name);
        assert_eq!(finding.observations, plain.observations, "{name}");
        assert_eq!(finding.subject, plain.subject, "{name}");
    }
    assert_eq!(only("line-feeds.hl7").observations.len(), 4);
}

/// Each message is a finding of its own, and none is stored with what is about somebody else.
#[test]
fn each_message_of_a_file_stands_alone() {
    for (name, count) in [("batch.hl7", 3), ("mllp.hl7", 2)] {
        let (file, findings) = (bytes(name), findings(name));
        assert_eq!(findings.len(), count, "{name}");
        for (at, finding) in findings.iter().enumerate() {
            let own = finding.subject.references.first().unwrap().reveal();
            assert_eq!(own, &format!("P-2041{}", 7 + at), "{name}");
            let part = String::from_utf8_lossy(&file[finding.part.clone().unwrap()]).into_owned();
            assert!(part.starts_with("MSH|") && part.contains(own) && part.matches("P-2041").count() == 1, "{name}");
        }
    }
}

#[test]
fn documents_come_out_of_results_and_of_document_messages() {
    let report = only("with-pdf.hl7");
    assert_eq!(report.embedded.as_ref().unwrap().media_type, MediaType::Pdf);
    assert_eq!(report.observations.len(), 1);
    let letter = only("document.hl7");
    assert_eq!((letter.class.code, letter.status), ("AD010115", ReportStatus::Final));
    assert_eq!(
        (letter.title.reveal().as_str(), letter.clinical_date),
        ("Entlassungsbericht", Some(date(2026, 11, 17)))
    );
    assert_eq!(letter.author.as_ref().unwrap().reveal(), "Dr. Erika Probe");
    assert!(letter.embedded.is_some() && letter.observations.len() == 1);
    for name in ["document-obsolete.hl7", "document-cancelled.hl7"] {
        let gone = only(name);
        assert_eq!(gone.status, ReportStatus::EnteredInError, "{name}");
        let (was, is) = (letter.business_key.as_ref().unwrap(), gone.business_key.unwrap());
        assert!(was.key == is.key && was.version < is.version, "{name}");
    }
    let (replaced, added) = (only("document-replaced.hl7"), only("document-addendum.hl7"));
    let key = |finding: &ReadFinding| finding.business_key.as_ref().unwrap().key.reveal().clone();
    assert_eq!((key(&replaced), replaced.status), (key(&letter), ReportStatus::Amended), "it is the next version");
    assert!(replaced.business_key.as_ref().unwrap().version > letter.business_key.as_ref().unwrap().version);
    let own = |finding: &ReadFinding| finding.business_key.as_ref().unwrap().own.is_some();
    assert!(own(&replaced) && !own(&letter), "what replaces the next version names it by its own number");
    assert_eq!((key(&added).ends_with("|DOK-79"), added.status), (true, ReportStatus::Final), "it stands beside");
}

#[test]
fn orders_of_one_number_are_findings_by_their_code_and_children_belong_to_their_parents() {
    let orders = findings("several-orders.hl7");
    let titles: Vec<(&str, usize)> = orders.iter().map(|f| (f.title.reveal().as_str(), f.observations.len())).collect();
    assert_eq!(titles, [("Blutbild", 2), ("Klinische Chemie", 1)], "the order without result is no finding");
    assert!(orders[0].warnings.contains(&Warning::EntriesIgnored));
    let culture = only("microbiology.hl7");
    assert_eq!((culture.class.code, culture.title.reveal().as_str()), ("LB130101", "Urinkultur"));
    let groups: Vec<_> = culture.observations.iter().map(|row| row.group.as_deref()).collect();
    assert_eq!(groups, [None, Some("Escherichia coli"), Some("Escherichia coli")]);
    assert_eq!(shown(&culture.observations[2]), "<=0.25 mg/l");
    assert_eq!(culture.observations[1].flag_raw.as_deref(), Some("R"));
}

#[test]
fn a_specimen_may_come_first() {
    let finding = only("specimen-first.hl7");
    assert_eq!(finding.observations.len(), 1, "the patient's weight is no result");
    let protein = &finding.observations[0];
    assert_eq!((protein.specimen.as_deref(), protein.effective_date), (Some("Urin"), Some(date(2026, 11, 18))));
    assert!(finding.warnings.contains(&Warning::EntriesIgnored));
}

#[test]
fn bad_messages_are_refused_with_code_sentence_and_line() {
    let cases = [
        ("adt.hl7", "hl7-message-unsupported", 1),
        ("truncated.hl7", "hl7-truncated", 8),
        ("mllp-truncated.hl7", "hl7-truncated", 20),
        ("batch-truncated.hl7", "hl7-truncated", 19),
        ("batch-count.hl7", "hl7-count-differs", 20),
        ("two-patients.hl7", "hl7-two-patients", 9),
        ("no-results.hl7", "hl7-nothing-to-read", 4),
        ("bad-base64.hl7", "hl7-bad-base64", 5),
        ("cut-pdf.hl7", "hl7-embedded-document", 5),
        ("two-documents.hl7", "hl7-several-documents", 6),
        ("no-header.hl7", "hl7-no-header", 2),
    ];
    for (name, code, line) in cases {
        let refusal = read_upload(&bytes(name)).expect_err(name);
        assert_eq!(refusal.code(), code, "{name}");
        assert!(Refusal::CODES.contains(&code));
        assert_eq!(refusal.position().and_then(|p| p.line), Some(line), "{name}");
        assert!(refusal.to_string().ends_with('.') && refusal.german().ends_with('.'), "{name}");
        assert!(!format!("{refusal:?}{refusal}").contains("Beispiel"), "{name}: a refusal repeats nobody's name");
    }
    let adt = read_upload(&bytes("adt.hl7")).unwrap_err();
    assert!(adt.to_string().contains("ADT^A01") && adt.german().contains("ADT^A01"));
    let names: Vec<String> =
        fs::read_dir(folder()).unwrap().map(|f| f.unwrap().file_name().display().to_string()).collect();
    let refused = names.iter().filter(|name| read_upload(&bytes(name)).is_err()).count();
    assert_eq!(refused, cases.len(), "every refused file is listed above");
}

/// Nothing that a message says is printed by accident.
#[test]
fn a_finding_prints_no_name_and_no_value() {
    let printed = format!("{:?}", findings("oru.hl7"));
    for word in ["Meryem", "Müller", "P-20417", "5.10", "Abweichung", "nüchtern", "L-0815"] {
        assert!(!printed.contains(word), "{word}");
    }
}
