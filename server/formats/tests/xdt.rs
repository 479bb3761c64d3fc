//! The committed xDT files: every good one is read as expected, every bad one is refused for the right reason and line.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

#[path = "support/row.rs"]
mod row;

use std::fs;
use std::path::{Path, PathBuf};

use nahraum_domain::finding::{
    Comparator, Flag, MediaType, Observation, RangeKind, ReadFinding, ReportStatus, ReportVersion, SourceFormat, Value,
    Warning,
};
use nahraum_domain::release::needs_a_person;
use nahraum_formats::charset::Charset;
use nahraum_formats::xdt::charset_of;
use nahraum_formats::{Read, Refusal, Upload, read_upload};

use row::row;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/formats/xdt")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(name: &str) -> Read {
    match read_upload(&bytes(name)) {
        Ok(Upload::Findings(read)) => read,
        other => panic!("{name}: {other:?}"),
    }
}

fn only(name: &str) -> ReadFinding {
    let mut findings = read(name).findings;
    assert_eq!(findings.len(), 1, "{name}");
    findings.remove(0)
}

fn number(row: &Observation) -> (String, Option<&str>) {
    let Value::Quantity(quantity) = &row.value else { panic!("a quantity, not {:?}", row.value) };
    (quantity.value.reveal().to_string(), quantity.unit.as_deref())
}

fn limits(row: &Observation) -> (Option<String>, Option<String>) {
    let range = row.ranges.first().unwrap();
    let text = |limit: &Option<nahraum_domain::private::Private<rust_decimal::Decimal>>| {
        limit.as_ref().map(|limit| limit.reveal().to_string())
    };
    (text(&range.low), text(&range.high))
}

fn some(low: &str, high: &str) -> (Option<String>, Option<String>) {
    (Some(low.to_owned()), Some(high.to_owned()))
}

#[test]
fn an_ldt_2_file_is_a_finding_for_each_person() {
    let read = read("ldt2-two-people.ldt");
    let [first, second] = read.findings.as_slice() else { panic!("two findings") };
    assert_eq!(
        (read.warnings.as_slice(), first.warnings.as_slice(), second.warnings.as_slice()),
        (&[][..], &[][..], &[][..])
    );
    assert_eq!(
        (first.source_format, first.class.code, first.status),
        (SourceFormat::Ldt2, "LB120107", ReportStatus::Final)
    );
    assert_eq!(first.author.as_ref().unwrap().reveal(), "Labor Möwenstraße");
    assert_eq!(first.note.as_ref().unwrap().reveal(), "Bitte nüchtern wiederkommen.");
    assert_eq!(first.clinical_date, Some(jiff::civil::date(2026, 11, 18)));
    assert_eq!(first.issued_at, Some("2026-11-20T08:34:00Z".parse().unwrap()));
    let key = first.business_key.as_ref().unwrap();
    assert_eq!(key.key.reveal(), "ldt|Labor Möwenstraße|8201|lab-order|L-1");
    assert_eq!(key.version, first.issued_at.map(ReportVersion::Issued));
    let subject = &first.subject;
    assert_eq!(subject.name.as_ref().unwrap().reveal(), "Änne Möwe-Groß");
    assert_eq!((subject.references[0].reveal().as_str(), subject.references.len()), ("P-20417", 1));
    assert_eq!(subject.birth_date.as_ref().unwrap().reveal(), &jiff::civil::date(1987, 3, 14));
    assert_eq!(subject.order.as_ref().unwrap().reveal(), "A-1");
    assert_eq!(second.subject.name.as_ref().unwrap().reveal(), "Özgür Straßer");
}

#[test]
fn a_data_carrier_around_a_package_is_passed_over() {
    let (bare, carried) = (read("ldt2-two-people.ldt"), read("ldt2-carrier.ldt"));
    assert_eq!((carried.findings.len(), carried.warnings.as_slice()), (2, &[][..]));
    for (one, other) in bare.findings.iter().zip(&carried.findings) {
        assert_eq!((&one.subject, &one.observations), (&other.subject, &other.observations));
        let (bare, carried) = (bytes("ldt2-two-people.ldt"), bytes("ldt2-carrier.ldt"));
        assert_eq!(
            bare[one.part.clone().unwrap()],
            carried[other.part.clone().unwrap()],
            "the same bytes of the same report"
        );
    }
}

#[test]
fn the_part_of_a_report_is_its_record_and_nothing_else() {
    let file = bytes("ldt2-two-people.ldt");
    let parts: Vec<&[u8]> =
        read("ldt2-two-people.ldt").findings.iter().map(|f| &file[f.part.clone().unwrap()]).collect();
    let holds = |part: &[u8], words: &str| String::from_utf8_lossy(part).contains(words);
    assert!(
        holds(parts[0], "P-20417")
            && !holds(parts[0], "P-30001")
            && holds(parts[1], "P-30001")
            && !holds(parts[1], "P-20417")
    );
    assert!(parts.iter().all(|part| part.starts_with(b"01380008201\r\n") && !holds(part, "8221")));
}

#[test]
fn values_units_ranges_and_verdicts_of_ldt_2_are_exact() {
    let findings = read("ldt2-two-people.ldt").findings;
    let first = &findings[0];
    let tsh = row(first, "TSH basal");
    assert_eq!((number(tsh), limits(tsh)), (("5.10".into(), Some("mU/l")), some("0.4", "4.0")));
    assert_eq!((tsh.flag, tsh.flag_raw.as_deref()), (Some(Flag::High), Some("+")));
    assert_eq!(
        (tsh.local_code.as_deref(), tsh.effective_at.unwrap().to_string()),
        (Some("TSH"), "2026-11-18T06:55:00Z".into())
    );
    let potassium = row(first, "Kalium");
    assert_eq!(potassium.flag, Some(Flag::CriticalHigh));
    assert_eq!(potassium.comment.as_ref().unwrap().reveal(), "Probe hämolytisch\nBitte Kontrolle");
    let titre = row(first, "ANA-Titer");
    assert!(matches!(titre.value, Value::Ratio { .. }));
    assert_eq!(titre.ranges[0].text.as_deref(), Some("bis 1:80"));
    let antigen = row(first, "HBs-Antigen");
    assert_eq!(
        (&antigen.value, antigen.specimen.as_deref()),
        (&Value::Text("negativ".to_owned().into()), Some("Serum"))
    );
    assert_eq!(row(first, "Hinweise des Labors").raw_text.reveal(), "Befund telefonisch durchgegeben.");
    assert_eq!((first.observations.len(), needs_a_person(first)), (6, true));
    let second = &findings[1];
    assert_eq!((row(second, "Kreatinin").flag, row(second, "Hämoglobin").flag), (None, Some(Flag::SignificantlyHigh)));
    assert!(!needs_a_person(second));
}

#[test]
fn every_set_of_characters_gives_the_same_words() {
    for (name, charset, warnings) in [
        ("ldt2-two-people.ldt", Charset::Iso8859_15, &[][..]),
        ("ldt2-charset-437.ldt", Charset::Ibm437, &[]),
        ("ldt2-charset-din.ldt", Charset::Din66003, &[]),
        ("ldt2-charset-1252.ldt", Charset::Windows1252, &[Warning::CharsetContradicts]),
        ("ldt2-charset-contradicts.ldt", Charset::Ibm437, &[Warning::CharsetContradicts]),
        (
            "ldt2-utf-8.ldt",
            Charset::Utf8,
            &[Warning::LineLengthWrong, Warning::CharsetContradicts, Warning::RecordLengthWrong],
        ),
    ] {
        assert_eq!(charset_of(&bytes(name)), Ok(charset), "{name}");
        let read = read(name);
        let finding = &read.findings[0];
        assert_eq!(finding.subject.name.as_ref().unwrap().reveal(), "Änne Möwe-Groß", "{name}");
        assert_eq!(finding.author.as_ref().unwrap().reveal(), "Labor Möwenstraße", "{name}");
        let told: Vec<Warning> = read.warnings.iter().copied().filter(|w| *w != Warning::RecordLengthWrong).collect();
        let wanted: Vec<Warning> = warnings.iter().copied().filter(|w| *w != Warning::RecordLengthWrong).collect();
        assert_eq!(told, wanted, "{name}");
    }
    let words = only("ldt2-charset-1252.ldt");
    assert_eq!(
        row(&words, "Hinweise des Labors").raw_text.reveal(),
        "Befund telefonisch durchgegeben.\nPrüfung – „erledigt“"
    );
}

#[test]
fn wrong_lengths_line_ends_and_odd_numbers_are_read_with_a_warning() {
    let read = read("ldt2-odd.ldt");
    assert_eq!(read.warnings, [Warning::LineFeedOnly, Warning::RecordLengthWrong]);
    let finding = &read.findings[0];
    assert_eq!(finding.warnings, [Warning::ValueIrregular]);
    let sign = |name: &str| {
        let Value::Quantity(quantity) = &row(finding, name).value else { panic!("a quantity") };
        (quantity.comparator, quantity.value.reveal().to_string())
    };
    assert_eq!(sign("HbA1c"), (Some(Comparator::Less), "0.5".into()));
    assert_eq!(sign("CRP"), (Some(Comparator::Greater), "1000".into()));
    assert_eq!(row(finding, "HbA1c").raw_text.reveal(), "<0,5");
}

#[test]
fn a_correction_has_the_name_of_what_it_corrects() {
    let (partial, corrected) = (only("ldt2-partial.ldt"), only("ldt2-corrected.ldt"));
    assert_eq!((partial.status, corrected.status), (ReportStatus::Partial, ReportStatus::Corrected));
    let [old, new] = [partial, corrected.clone()].map(|f| f.business_key.unwrap());
    assert!(old.key == new.key && old.version < new.version);
    let missing = row(&corrected, "Glukose");
    assert_eq!(
        (&missing.value, missing.status.as_str()),
        (&Value::Absent { reason: Some("not-performed".into()) }, "cancelled")
    );
    assert_eq!(missing.comment.as_ref().unwrap().reveal(), "Material fehlt");
    assert_eq!(
        (row(&corrected, "Hämoglobin").status.as_str(), row(&corrected, "CRP").status.as_str()),
        ("corrected", "final")
    );
    let stages: Vec<ReportStatus> =
        ["preliminary", "corrected", "cancelled"].map(|n| only(&format!("ldt3-{n}.ldt")).status).into();
    assert_eq!(stages, [ReportStatus::Preliminary, ReportStatus::Corrected, ReportStatus::Corrected]);
    assert_eq!(row(&only("ldt3-cancelled.ldt"), "Kreatinin").value, Value::Absent { reason: None });
}

#[test]
fn reports_without_a_name_and_in_words_are_read() {
    let nobody = only("ldt2-no-name.ldt");
    assert_eq!(nobody.warnings, [Warning::PatientReferenceMissing, Warning::BirthDateMissing]);
    assert_eq!((nobody.subject.name, nobody.subject.order.unwrap().reveal().as_str()), (None, "A-5"));
    let germs = only("ldt2-microbiology.ldt");
    let words = row(&germs, "Keimzahl und Resistenz");
    assert_eq!(
        words.raw_text.reveal().lines().collect::<Vec<_>>(),
        ["Escherichia coli  >10^5 KBE/ml", "Antibiogramm:", "  Ampicillin          R", "  Nitrofurantoin      S"]
    );
    assert_eq!((germs.class.code, words.specimen.as_deref()), ("LB130101", Some("Urin, Mittelstrahlurin")));
}

#[test]
fn an_ldt_3_report_gives_every_value_and_every_word() {
    let read = read("ldt3-values.ldt");
    let finding = &read.findings[0];
    assert_eq!((read.warnings.as_slice(), finding.warnings.as_slice()), (&[][..], &[][..]));
    assert_eq!(
        (finding.source_format, finding.status),
        (SourceFormat::Ldt3, ReportStatus::Partial),
        "ferritin is to come"
    );
    assert_eq!(finding.issued_at, Some("2026-11-20T08:34:30Z".parse().unwrap()));
    assert_eq!(finding.business_key.as_ref().unwrap().key.reveal(), "ldt|Labor Möwenstraße|8205|report|B-11");
    assert_eq!(finding.subject.references[0].reveal(), "P-20417");
    let tsh = row(finding, "TSH basal");
    assert_eq!((tsh.loinc.as_deref(), tsh.local_code.as_deref()), (Some("3016-3"), Some("TSH")));
    assert_eq!((number(tsh), limits(tsh)), (("5.10".into(), Some("mU/l")), some("0.4", "4.0")));
    assert_eq!((tsh.ranges[0].unit.as_deref(), tsh.ranges[0].kind), (Some("mU/l"), RangeKind::Normal));
    assert_eq!(
        (tsh.specimen.as_deref(), tsh.effective_at.unwrap().to_string()),
        (Some("Serum"), "2026-11-18T06:55:00Z".into())
    );
    assert_eq!((row(finding, "Kalium").flag, needs_a_person(finding)), (Some(Flag::CriticalHigh), true));
    assert_eq!(number(row(finding, "Keimzahl")).0, "50000000");
    let profile: Vec<_> =
        finding.observations.iter().filter(|r| r.name.reveal() == "Tagesprofil").map(|r| number(r).0).collect();
    assert_eq!(profile, ["98", "131", "104"], "several values of one result are all kept");
    assert_eq!(row(finding, "Ferritin").value, Value::Absent { reason: Some("temp-unknown".into()) });
    let words = row(finding, "Beurteilung");
    assert_eq!(words.raw_text.reveal(), "Kein Anhalt für\n  eine Entzündung.");
    assert_eq!(words.comment.as_ref().unwrap().reveal(), "Methode geändert.");
    let remarks = row(finding, "Hinweise des Labors").raw_text.reveal();
    assert!(remarks.ends_with("Wort Möwe am Ende."), "a full line goes on in the middle of a word");
}

#[test]
fn documents_of_an_ldt_3_report_are_shown_or_told() {
    let pdf = fs::read(folder().join("../pdf/small.pdf")).unwrap();
    let finding = only("ldt3-pdf.ldt");
    assert_eq!((finding.observations.len(), finding.warnings.as_slice()), (1, &[Warning::NotPdfA][..]));
    assert_eq!(*finding.embedded.unwrap().bytes.reveal(), pdf);
    let two = read("ldt3-two-documents.ldt").findings;
    let kinds: Vec<_> = two.iter().map(|f| (f.embedded.as_ref().unwrap().media_type, f.observations.len())).collect();
    assert_eq!(kinds, [(MediaType::Pdf, 1), (MediaType::Jpeg, 0)]);
    assert_ne!(two[0].business_key, two[1].business_key);
    for name in ["ldt3-attachment-program.ldt", "ldt3-attachment-base64.ldt"] {
        let finding = only(name);
        assert_eq!(finding.warnings, [Warning::AttachmentRefused], "{name}");
        assert!(
            finding.embedded.is_none() && finding.warnings[0].is_doubt() && finding.observations.len() == 1,
            "{name}"
        );
    }
    assert_eq!(only("ldt3-attachment-path.ldt").warnings, [Warning::DocumentOnlyLinked]);
}

#[test]
fn oddities_of_ldt_3_are_told() {
    assert_eq!(
        read("ldt3-line-feed-only.ldt").warnings,
        [Warning::LineFeedOnly],
        "its sum is right with the line ends it had"
    );
    assert_eq!(only("ldt3-insurance-number.ldt").warnings, [Warning::InsuranceNumberWrong]);
    assert!(!format!("{:?}", only("ldt3-insurance-number.ldt")).contains("A123456781"));
    let partial = only("ldt3-birth-date-partial.ldt");
    assert!(partial.subject.birth_date.is_none() && partial.warnings == [Warning::BirthDateMissing]);
    let unread = only("ldt3-unknown-result.ldt");
    assert_eq!((unread.observations.len(), unread.warnings.as_slice()), (1, &[Warning::ResultNotRead][..]));
    let genes = only("ldt3-genetics.ldt");
    assert!(genes.warnings == [Warning::Genetic] && needs_a_person(&genes));
    let notified = only("ldt3-notifiable.ldt");
    assert!(notified.warnings.contains(&Warning::Notifiable));
    assert!(!only("ldt3-values.ldt").warnings.contains(&Warning::Notifiable), "a danger to life is another reason");
    assert_eq!(row(&genes, "BRCA1-Gen").raw_text.reveal(), "Variante ohne Bedeutung (erfunden).");
}

#[test]
fn germs_and_what_they_withstand_are_rows() {
    let finding = only("ldt3-microbiology.ldt");
    assert_eq!(finding.class.code, "LB130101");
    let rows: Vec<_> = finding
        .observations
        .iter()
        .map(|row| {
            (row.group.as_deref().unwrap_or_default(), row.name.reveal().as_str(), row.raw_text.reveal().as_str())
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("", "Kultur", ""),
            ("Keime", "Keim 1", "Escherichia coli"),
            ("Keime", "Keim 2", "Candida albicans"),
            ("Antibiogramm: Escherichia coli", "Ampicillin", "R (resistent)"),
            ("Antibiogramm: Escherichia coli", "Nitrofurantoin", "S (sensibel)"),
        ]
    );
    assert_eq!(row(&finding, "Keim 1").comment.as_ref().unwrap().reveal(), "Wachstum: massenhaft");
    assert_eq!(row(&finding, "Ampicillin").comment.as_ref().unwrap().reveal(), "MHK: >=32 mg/l");
}

#[test]
fn what_a_device_sends_is_read() {
    let finding = only("gdt-lung-function.gdt");
    assert_eq!((finding.source_format, finding.class.code), (SourceFormat::Gdt, "DG060108"));
    assert_eq!(finding.subject.birth_date.as_ref().unwrap().reveal(), &jiff::civil::date(1987, 3, 14));
    assert_eq!(finding.subject.name.as_ref().unwrap().reveal(), "Änne Möwe-Groß");
    assert_eq!((finding.clinical_date, finding.business_key.as_ref()), (Some(jiff::civil::date(2026, 11, 20)), None));
    let capacity = row(&finding, "Forcierte Vitalkapazität");
    assert_eq!((number(capacity), limits(capacity)), (("3.12".into(), Some("l")), some("3.50", "5.50")));
    assert_eq!(row(&finding, "Befund").raw_text.reveal(), "Leichte Einschränkung,\nstabil.");
    assert_eq!(
        row(&finding, "Ergebnistabelle").raw_text.reveal(),
        "        Soll   Ist\nFVC     4.50   3.12".trim_start()
    );
    assert_eq!(finding.warnings, [Warning::DocumentOnlyLinked, Warning::ClassAssumed]);

    let pressure = only("gdt-without-lengths.gdt");
    assert_eq!(number(row(&pressure, "Systolisch")), ("148".into(), Some("mmHg")));
    assert_eq!(row(&pressure, "Systolisch").effective_at.unwrap().to_string(), "2026-11-19T15:34:00Z");
    let read = read("gdt-two-records.gdt");
    let classes: Vec<_> = read.findings.iter().map(|f| f.class.code).collect();
    assert_eq!(
        (classes.as_slice(), read.warnings.as_slice()),
        (&["DG060108", "DG060111"][..], &[Warning::EntriesIgnored][..])
    );
    let objects = only("gdt-objects.gdt");
    assert_eq!(objects.subject.name.as_ref().unwrap().reveal(), "Muster", "and not the physician");
}

#[test]
fn bad_files_are_refused_with_code_sentence_and_line() {
    let cases = [
        ("ldt2-truncated.ldt", "xdt-truncated", 74),
        ("ldt2-order.ldt", "xdt-order", 1),
        ("ldt2-two-packages.ldt", "xdt-two-packages", 78),
        ("ldt2-two-people-in-one.ldt", "xdt-two-patients", 16),
        ("ldt2-nothing.ldt", "xdt-nothing-to-read", 16),
        ("ldt2-damaged-line.ldt", "xdt-line", 32),
        ("ldt3-checksum.ldt", "xdt-checksum", 129),
        ("ldt3-without-checksum.ldt", "xdt-checksum", 129),
        ("ldt3-two-packages.ldt", "xdt-two-packages", 131),
        ("ldt3-object-end.ldt", "xdt-wrong-end", 85),
        ("ldt3-truncated.ldt", "xdt-truncated", 85),
        ("ldt3-animal.ldt", "xdt-animal", 44),
        ("ldt3-two-people-in-one.ldt", "xdt-two-patients", 57),
        ("ldt3-too-deep.ldt", "xdt-too-deep", 57),
        ("ldt3-order.ldt", "xdt-order", 1),
        ("gdt-request.gdt", "xdt-request", 1),
        ("gdt-practice-export.bdt", "xdt-practice-export", 3),
        ("gdt-unknown-record.gdt", "xdt-record-unknown", 1),
    ];
    for (name, code, line) in cases {
        let refusal = read_upload(&bytes(name)).expect_err(name);
        assert_eq!((refusal.code(), refusal.position().and_then(|at| at.line)), (code, Some(line)), "{name}");
        assert!(
            Refusal::CODES.contains(&code) && refusal.to_string().ends_with('.') && refusal.german().ends_with('.')
        );
        assert!(!format!("{refusal:?} {refusal}").contains("Möwe"), "{name}");
    }
    let names = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().display().to_string());
    let refused = names.filter(|name| read_upload(&bytes(name)).is_err()).count();
    assert_eq!(refused, cases.len(), "every refused file is listed above");
}
