//! A summary has every value, in every language, and never fails on what practices really send.

use jiff::civil::{date, datetime};
use nahraum_domain::{
    disclosure::{PracticeName, SummaryRecord},
    finding::{Quantity, RangeKind, ReferenceRange, Value},
    ids::{FindingId, PracticeId},
    kdl,
    private::Private,
};

use super::*;

fn observation(name: &str, loinc: &str, number: &str, flag: Option<Flag>) -> Observation {
    let end = |text: &str| Some(Private::new(text.parse().unwrap()));
    Observation {
        local_code: None,
        loinc: Some(loinc.into()),
        name: Private::new(name.into()),
        group: None,
        status: "final".into(),
        value: Value::Quantity(Quantity {
            comparator: None,
            value: Private::new(number.parse().unwrap()),
            unit: Some("mmol/l".into()),
            ucum: None,
        }),
        raw_text: Private::new(number.into()),
        flag,
        flag_raw: None,
        ranges: vec![ReferenceRange {
            low: end("3.5"),
            high: end("5.1"),
            unit: None,
            text: None,
            applies_to: None,
            kind: RangeKind::Normal,
        }],
        effective_at: None,
        effective_date: None,
        method: None,
        specimen: None,
        comment: None,
    }
}

fn finding(values: Vec<Observation>) -> FindingRecord {
    FindingRecord {
        summary: SummaryRecord {
            id: FindingId::from_bytes([1; 16]),
            state: FindingState::Delivered,
            class: &kdl::LABORATORY_REPORT,
            title: Some(Private::new("Laborbefund".into())),
            practice: PracticeName { id: PracticeId::from_bytes([2; 16]), name: "Praxis am Schiffbeker Weg".into() },
            date: date(2026, 11, 22),
            received_at: Timestamp::UNIX_EPOCH,
            read_at: None,
            value_count: 2,
            flagged_count: 1,
            document: None,
        },
        report_status: ReportStatus::Preliminary,
        author: Some(Private::new("Labor Elbinsel".into())),
        note: Some(Private::new("Bitte rufen Sie uns an.".into())),
        issued_at: None,
        observations: values,
        superseded_by: None,
        replaces: None,
        recalled_at: None,
    }
}

fn paper(language: Language, findings: Vec<FindingRecord>) -> SummaryPaper {
    let squares = || vec!["eyJhbGciOiJFZERTQSJ9.".to_owned() + &"A".repeat(880); 4];
    SummaryPaper {
        language,
        app_name: "Nahraum".into(),
        as_of: datetime(2026, 12, 6, 17, 4, 5, 0),
        page: "https://befunde.lerchenbrook.example/paper".into(),
        findings: findings.into_iter().map(|finding| SummarizedFinding { finding, squares: squares() }).collect(),
    }
}

fn values() -> Vec<Observation> {
    let mut values = vec![
        observation("Kalium", "2823-3", "5.9", None),
        observation("Kreatinin", "2160-0", "4.0", Some(Flag::Normal)),
        observation("Hämoglobin", "718-7", "2.0", Some(Flag::CriticalLow)),
    ];
    values[1].comment = Some(Private::new("Probe leicht hämolytisch".into()));
    values
}

#[test]
fn prints_in_every_language_on_as_many_pages_as_it_takes() {
    for language in Language::ALL {
        // Long ones in both directions; all in all languages would take a minute.
        let long = matches!(language, Language::De | Language::Ar).then_some(60);
        for count in [0, 3].into_iter().chain(long) {
            let values: Vec<_> = values().into_iter().cycle().take(count).collect();
            let paper = paper(language, vec![finding(values), finding(self::values())]);
            let pdf = findings_summary(&paper, Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(findings_summary(&paper, Timestamp::UNIX_EPOCH).unwrap(), pdf);
            if let Some(folder) = option_env!("NAHRAUM_PRINT_SAMPLES") {
                std::fs::write(format!("{folder}/summary-{}-{count}.pdf", language.tag()), pdf).unwrap();
            }
        }
    }
}

#[test]
fn what_is_printed_is_what_the_report_says_with_its_place_and_what_people_call_it() {
    let words = compose(&paper(Language::De, vec![finding(values())])).unwrap().words();
    for said in [
        "Laborbefund",
        "Praxis am Schiffbeker Weg",
        "Labor Elbinsel",
        "Bitte rufen Sie uns an.",
        "Was auffällt",
        "Alle Werte",
        "5.9 mmol/l",
        "3.5 – 5.1",
        "Probe leicht hämolytisch",
        "Name und Geburtsdatum:",
        "Vorläufiges Ergebnis",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    let called = glossary_entry("2160-0", Language::De).unwrap().name;
    assert!(words.contains(called) && called != "Kreatinin", "{words}");
    assert_eq!(words.matches("Probe leicht").count(), 1, "what is within its range does not stand out: {words}");
    assert!(words.find("Hämoglobin") < words.find("Kalium"), "what is critical comes first");
}

#[test]
fn nothing_that_a_practice_sends_keeps_a_summary_from_being_printed() {
    let mut long = observation("Mikrobiologie ".repeat(80).trim(), "", "1", None);
    long.value = Value::Text(Private::new(String::new()));
    long.raw_text = Private::new("Wachstum ".repeat(4_000));
    long.comment = Some(Private::new("Satz. ".repeat(4_000)));
    long.ranges = vec![ReferenceRange { text: Some("x".repeat(4_000)), ..long.ranges[0].clone() }; 9];
    let mut record = finding(vec![long; 12]);
    record.note = Some(Private::new("Wort ".repeat(4_000)));
    let paper = paper(Language::Ar, vec![record]);
    findings_summary(&paper, Timestamp::UNIX_EPOCH).unwrap();
    assert!(!format!("{paper:?}").contains("Mikrobiologie"));
}
