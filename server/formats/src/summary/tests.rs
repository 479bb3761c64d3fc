//! The squares hold every value, once and in order, and each fits.

use std::io::Read as _;

use flate2::read::DeflateDecoder;
use nahraum_domain::{
    disclosure::{PracticeName, SummaryRecord},
    finding::{FindingState, Flag, ReportStatus},
    ids::{FindingId, PracticeId},
    kdl,
    observation::Quantity,
    private::Private,
};
use proptest::prelude::*;

use super::*;

fn observation(name: &str, value: Value, raw: &str, flag: Option<Flag>) -> Observation {
    Observation {
        local_code: None,
        loinc: Some("2823-3".into()),
        name: Private::new(name.into()),
        group: None,
        status: "final".into(),
        value,
        raw_text: Private::new(raw.into()),
        flag,
        flag_raw: None,
        ranges: vec![],
        effective_at: None,
        effective_date: None,
        method: None,
        specimen: None,
        comment: None,
    }
}

fn number(name: &str, number: &str, flag: Option<Flag>) -> Observation {
    let quantity = Quantity {
        comparator: None,
        value: Private::new(number.parse().unwrap()),
        unit: Some("mmol/l".into()),
        ucum: None,
    };
    observation(name, Value::Quantity(quantity), number, flag)
}

fn finding(observations: Vec<Observation>) -> FindingRecord {
    FindingRecord {
        summary: SummaryRecord {
            id: FindingId::from_bytes([1; 16]),
            state: FindingState::Delivered,
            class: &kdl::LABORATORY_REPORT,
            title: Some(Private::new("Laborbefund".into())),
            practice: PracticeName { id: PracticeId::from_bytes([2; 16]), name: "Praxis am Schiffbeker Weg".into() },
            date: jiff::civil::date(2026, 11, 22),
            received_at: Timestamp::UNIX_EPOCH,
            read_at: None,
            value_count: 2,
            flagged_count: 1,
            document: None,
        },
        report_status: ReportStatus::Final,
        author: None,
        note: None,
        issued_at: None,
        observations,
        superseded_by: None,
        replaces: None,
        recalled_at: None,
    }
}

fn claims(finding: &FindingRecord) -> Vec<Json> {
    let summary = summary_claims(finding, "https://nahraum.example", Timestamp::UNIX_EPOCH);
    let unpack = |packed: &Vec<u8>| {
        let mut text = String::new();
        DeflateDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    summary.iter().map(unpack).collect()
}

#[test]
fn a_square_says_what_the_report_says() {
    let text = observation("Urinkultur", Value::Text(Private::new("steril".into())), "steril", None);
    let claims = claims(&finding(vec![number("Kalium", "5.10", Some(Flag::High)), text]));
    let expected = json!({
        "iss": "https://nahraum.example",
        "iat": 0,
        "finding": "01010101-0101-0101-0101-010101010101",
        "date": "2026-11-22",
        "practice": "Praxis am Schiffbeker Weg",
        "title": "Laborbefund",
        "status": "final",
        "values": [["Kalium", "5.10", "mmol/l", "2823-3", "H"], ["Urinkultur", "steril", "", "2823-3"]],
    });
    assert_eq!(claims, [expected]);
    assert!(self::claims(&finding(vec![])).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn all_values_are_in_the_squares_in_order_and_each_square_fits(
        names in proptest::collection::vec("\\PC{0,90}", 1..60),
    ) {
        let finding = finding(names.iter().map(|name| number(name, "5.10", None)).collect());
        let summary = summary_claims(&finding, "https://nahraum.example", Timestamp::UNIX_EPOCH);
        prop_assert!(summary.iter().all(|packed| packed.len() <= PACKED + 150));
        let claims = claims(&finding);
        let found: Vec<_> = claims.iter().flat_map(|part| part["values"].as_array().unwrap().clone()).collect();
        prop_assert_eq!(found, finding.observations.iter().map(value).collect::<Vec<_>>());
        if claims.len() > 1 {
            let parts: Vec<_> = claims.iter().map(|part| part["part"][0].as_u64().unwrap()).collect();
            prop_assert_eq!(parts, (1..).take(claims.len()).collect::<Vec<u64>>());
        }
    }
}
