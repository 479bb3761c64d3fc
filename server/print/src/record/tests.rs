//! The page is whole, in the resident's direction, and shows what senders wrote as words and never as markup.

use jiff::{Timestamp, civil::datetime};
use nahraum_domain::{
    disclosure::PracticeName,
    finding::{Comparator, Flag, Quantity, RangeKind, ReferenceRange, ReportStatus, Value},
    ids::{FindingId, PracticeId},
    kdl,
};

use super::*;

fn observation(name: &str, raw: &str, flag: Option<Flag>) -> Observation {
    Observation {
        local_code: None,
        loinc: None,
        name: Private::new(name.into()),
        group: None,
        status: "final".into(),
        value: Value::Text(Private::new(raw.into())),
        raw_text: Private::new(raw.into()),
        flag,
        flag_raw: None,
        ranges: vec![ReferenceRange {
            low: Some(Private::new(35.into())),
            high: Some(Private::new(51.into())),
            unit: Some("mmol/l".into()),
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

fn finding(state: FindingState, title: &str) -> FindingRecord {
    FindingRecord {
        summary: SummaryRecord {
            id: FindingId::from_bytes([1; 16]),
            state,
            class: &kdl::LABORATORY_REPORT,
            title: Some(Private::new(title.into())),
            practice: PracticeName { id: PracticeId::from_bytes([2; 16]), name: "Praxis & Söhne".into() },
            date: jiff::civil::date(2026, 11, 22),
            received_at: Timestamp::UNIX_EPOCH,
            read_at: None,
            value_count: 1,
            flagged_count: 1,
            document: None,
        },
        report_status: ReportStatus::Final,
        author: None,
        note: Some(Private::new("Bitte <anrufen>".into())),
        issued_at: None,
        observations: vec![observation("Kalium", "62 mmol/l", Some(Flag::CriticalHigh))],
        superseded_by: None,
        replaces: None,
        recalled_at: None,
    }
}

fn page(language: Language, fill: impl FnOnce(&mut RecordPage)) -> String {
    let mut page = RecordPage::new(language, "Nahraum".into(), datetime(2026, 12, 6, 17, 4, 5, 0));
    fill(&mut page);
    page.finish(7, "abcd").into_iter().map(Private::into_revealed).collect()
}

const FILES: FindingFiles<'static> = FindingFiles { document: Some("documents/0001-a.pdf"), fhir: "fhir/0001.json" };

/// Tags that are opened are closed, in their order.
fn is_sound(html: &str) -> bool {
    let mut open = Vec::new();
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split(' ').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name.to_owned()) => return false,
            Some(_) => {}
            None if ["!doctype", "meta", "br"].contains(&name) => {}
            None => open.push(name.to_owned()),
        }
    }
    open.is_empty()
}

#[test]
fn the_page_is_sound_and_in_its_direction_in_every_language() {
    for language in Language::ALL {
        let html = page(language, |page| {
            page.finding(&finding(FindingState::Superseded, "Blutbild"), FILES);
            page.stub(&finding(FindingState::Recalled, "Geheim").summary);
            page.left_out(&finding(FindingState::Recalled, "Geheim").summary);
            for subject in [
                DecisionSubject::Text("Einwilligung"),
                DecisionSubject::Permission(Some("Praxis")),
                DecisionSubject::Block(None),
                DecisionSubject::BlockForEveryone,
            ] {
                let day = Some(jiff::civil::date(2026, 1, 2));
                page.decision(&DecisionLine { subject, standing: Standing::Granted, from: day, until: day });
            }
        });
        let start = format!("<html lang=\"{}\" dir=\"{}\">", language.tag(), language.dir().as_str());
        assert!(html.contains(&start) && is_sound(&html), "{}", language.tag());
        assert!(!html.contains(['{', '}']) || html.matches(['{', '}']).count() == STYLE.matches(['{', '}']).count());
        assert!(!html.contains("Geheim") && !html.contains("<script") && html.contains("Kalium"));
        let readme = record_readme(language, "Nahraum", datetime(2026, 12, 6, 17, 4, 5, 0), "abcd");
        assert!(!readme.contains(['{', '}']) && readme.contains("manifest.json") && readme.contains("abcd"));
    }
}

#[test]
fn what_senders_write_is_never_markup() {
    let html =
        page(Language::De, |page| page.finding(&finding(FindingState::Delivered, "<script>alert(1)</script>"), FILES));
    assert!(html.contains("&lt;script&gt;") && html.contains("Praxis &amp; Söhne") && html.contains("&lt;anrufen&gt;"));
    assert!(!html.contains("<script"));
}

#[test]
fn a_value_says_in_words_what_is_wrong() {
    let html = page(Language::De, |page| page.finding(&finding(FindingState::Delivered, "Blutbild"), FILES));
    assert!(
        html.contains("62 mmol/l") && html.contains("über dem Bereich, kritisch") && html.contains("35 – 51 mmol/l")
    );
    assert!(html.contains("href=\"documents/0001-a.pdf\"") && html.contains("href=\"fhir/0001.json\""));
}

#[test]
fn a_number_has_its_unit_and_its_digits() {
    let quantity = |comparator, value: &str, unit: Option<&str>| Quantity {
        comparator,
        value: Private::new(value.parse().unwrap()),
        unit: unit.map(str::to_owned),
        ucum: Some("mU/L".into()),
    };
    let of = |value| result(&Observation { value, ..observation("TSH", "roh", None) });
    assert_eq!(of(Value::Quantity(quantity(None, "5.10", Some("mU/l")))), "5.10 mU/l");
    assert_eq!(of(Value::Quantity(quantity(Some(Comparator::Less), "0.1", None))), "< 0.1 mU/L");
    let (low, high) = (Some(quantity(None, "1", Some("m"))), None);
    assert_eq!(of(Value::Range { low, high }), "1 m – ");
    assert_eq!(
        (of(Value::Text(Private::new("x".into()))), of(Value::Absent { reason: None })),
        ("roh".into(), "–".into())
    );
}

#[test]
fn where_there_is_nothing_it_says_so() {
    let html = page(Language::En, |_| {});
    assert_eq!(html.matches("There is nothing here.").count(), 3);
    assert!(html.contains("0 of 7"));
}
