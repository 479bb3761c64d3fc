//! What people are told about values is arithmetic with the laboratory's own words, or nothing.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    disclosure::PracticeName,
    finding::FindingState,
    ids::{FindingId, PracticeId},
    private::Private,
};

/// `"<5.1"`, `"5.1"` or words.
fn value(text: &str) -> Value {
    let digits = text.trim_start_matches(['<', '>', '=']);
    match digits.parse::<Decimal>() {
        Ok(number) => Value::Quantity(Quantity {
            comparator: text.strip_suffix(digits).and_then(Comparator::parse),
            value: Private::new(number),
            unit: Some("mg/dl".into()),
            ucum: Some("mg/dL".into()),
        }),
        Err(_) => Value::Text(Private::new(text.to_owned())),
    }
}

fn range(low: &str, high: &str) -> ReferenceRange {
    let end = |text: &str| text.parse().ok().map(Private::new);
    let (low, high) = (end(low), end(high));
    ReferenceRange { low, high, unit: None, text: None, applies_to: None, kind: RangeKind::Normal }
}

fn observation(text: &str, ranges: Vec<ReferenceRange>, flag: Option<Flag>) -> Observation {
    Observation {
        local_code: Some("KREA".into()),
        loinc: None,
        name: Private::new("Kreatinin".into()),
        group: None,
        status: "final".into(),
        value: value(text),
        raw_text: Private::new(text.into()),
        flag,
        flag_raw: None,
        ranges,
        effective_at: None,
        effective_date: None,
        method: None,
        specimen: None,
        comment: None,
    }
}

fn placed(text: &str, low: &str, high: &str) -> Option<&'static str> {
    place(&observation(text, vec![range(low, high)], None)).map(RangePlace::as_str)
}

#[test]
fn a_value_is_placed_in_the_laboratorys_own_range() {
    for (text, low, high, said) in [
        ("0.90", "0.50", "0.90", Some("within")),
        ("0.9", "0.50", "0.90", Some("within")),
        ("0.91", "0.50", "0.90", Some("above")),
        ("0.49", "0.50", "0.90", Some("below")),
        ("5", "", "5", Some("within")),
        ("6", "", "5", Some("above")),
        ("6", "5", "", Some("within")),
        ("4", "5", "", Some("below")),
        ("4", "", "", None),
        // the ends are the wrong way round: nobody knows what was meant
        ("4", "5", "3", None),
        ("negativ", "1", "5", None),
    ] {
        assert_eq!(placed(text, low, high), said, "{text} in {low}-{high}");
    }
}

#[test]
fn what_is_only_known_to_be_less_or_more_is_placed_where_all_it_can_be_is() {
    for (text, low, high, said) in [
        ("<0.5", "", "0.5", Some("within")),
        ("<=0.5", "", "0.5", Some("within")),
        ("<0.6", "", "0.5", None),
        ("<0.4", "0.1", "0.5", None),
        ("<0.1", "0.1", "0.5", Some("below")),
        ("<=0.1", "0.1", "0.5", None),
        ("<=0.09", "0.1", "0.5", Some("below")),
        (">60", "60", "", Some("within")),
        (">59", "60", "", None),
        (">90", "60", "90", Some("above")),
        (">=90", "60", "90", None),
        (">=91", "60", "90", Some("above")),
        (">70", "60", "90", None),
    ] {
        assert_eq!(placed(text, low, high), said, "{text} in {low}-{high}");
    }
}

#[test]
fn the_laboratorys_flag_counts_before_arithmetic() {
    let flagged = |flag| place(&observation("1.0", vec![range("0.5", "0.9")], Some(flag))).map(RangePlace::as_str);
    for (flag, said) in [
        (Flag::Normal, "within"),
        (Flag::High, "above"),
        (Flag::Low, "below"),
        (Flag::SignificantlyHigh, "clearly-above"),
        (Flag::CriticalHigh, "clearly-above"),
        (Flag::SignificantlyLow, "clearly-below"),
        (Flag::CriticalLow, "clearly-below"),
        (Flag::Abnormal, "outside"),
        (Flag::CriticalAbnormal, "outside"),
    ] {
        assert_eq!(flagged(flag), Some(said));
    }
}

#[test]
fn there_is_no_place_without_one_usual_range_in_the_values_unit() {
    let usual = || range("0.5", "0.9");
    let aim = ReferenceRange { kind: RangeKind::Therapeutic, ..usual() };
    let in_other_unit = ReferenceRange { unit: Some("µmol/l".into()), ..usual() };
    let open = ReferenceRange { low: None, text: Some("< 0.9".into()), ..usual() };
    let placed = |text, ranges| place(&observation(text, ranges, None));
    assert_eq!(placed("1.0", vec![]), None);
    assert_eq!(placed("1.0", vec![aim.clone()]), None);
    assert_eq!(placed("1.0", vec![usual(), usual()]), None, "for whom each is, only the practice knows");
    assert_eq!(placed("1.0", vec![usual(), aim]), Some(RangePlace::Above));
    assert_eq!(placed("1.0", vec![in_other_unit]), None);
    assert_eq!(placed("0.9", vec![open.clone()]), None, "whether the end itself is within, the words do not say");
    assert_eq!(placed("0.89", vec![open]), Some(RangePlace::Within));
    for status in ["registered", "cancelled", "entered-in-error", "unknown"] {
        let observation = Observation { status: status.into(), ..observation("1", vec![usual()], Some(Flag::High)) };
        assert_eq!(place(&observation), None, "{status}");
    }
}

#[test]
fn what_stands_out_begins_with_the_gravest() {
    let with = |flag| observation("1", vec![], flag);
    let report = [
        with(Some(Flag::High)),
        with(Some(Flag::Normal)),
        with(Some(Flag::SignificantlyLow)),
        with(None),
        with(Some(Flag::CriticalAbnormal)),
        with(Some(Flag::Low)),
    ];
    assert_eq!(stands_out(&report), [4, 2, 0, 5]);
}

#[test]
fn the_differences_of_two_versions_are_named() {
    let named =
        |name: &str, text: &str| Observation { local_code: Some(name.into()), ..observation(text, vec![], None) };
    let before = vec![named("A", "1"), named("B", "2"), named("C", "3"), named("D", "4")];
    let settled = Observation { status: "corrected".into(), ..named("D", "4") };
    let after = vec![named("A", "1"), settled, named("B", "2.5"), named("E", "5")];
    let told = changes(before, after).into_iter().map(|change| {
        let at = |side: &Option<(u32, Observation)>| side.as_ref().map(|(position, _)| *position);
        (change.difference.as_str(), at(&change.before), at(&change.after))
    });
    let expected = [
        ("status", Some(3), Some(1)),
        ("changed", Some(1), Some(2)),
        ("added", None, Some(3)),
        ("removed", Some(2), None),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

fn point(practice: u8, author: &str, method: Option<&str>, ucum: &str) -> TrendRecord {
    let mut observation = observation("1", vec![], None);
    observation.method = method.map(Into::into);
    if let Value::Quantity(quantity) = &mut observation.value {
        quantity.ucum = Some(ucum.into());
    }
    TrendRecord {
        finding: FindingId::from_bytes([1; 16]),
        state: FindingState::Delivered,
        date: date(2026, 11, 27),
        practice: PracticeName { id: PracticeId::from_bytes([practice; 16]), name: "Praxis".into() },
        author: Some(Private::new(author.into())),
        observation,
    }
}

#[test]
fn a_line_ends_where_unit_method_or_laboratory_change() {
    let points = [
        point(1, "Labor A", None, "mg/dL"),
        point(1, "Labor A", None, "mg/dL"),
        point(1, "Labor A", None, "umol/L"),
        point(1, "Labor A", Some("Jaffé"), "umol/L"),
        point(1, "Labor B", Some("Jaffé"), "umol/L"),
        point(2, "Labor B", None, "mg/dL"),
    ];
    let because = |because: &[Break], points| Segment { points, because: because.to_vec() };
    let expected = [
        because(&[], 2),
        because(&[Break::Unit], 1),
        because(&[Break::Method], 1),
        because(&[Break::Laboratory], 1),
        because(&[Break::Unit, Break::Method, Break::Laboratory], 1),
    ];
    assert_eq!(segments(&points), expected);
    assert_eq!(segments(&[]), []);
}

proptest! {
    /// A number has the place that all the numbers have that it can stand for.
    #[test]
    fn a_place_holds_for_every_number_that_is_meant(
        number in -50_i64..50, other in -60_i64..60, low in proptest::option::of(-40_i64..0), high in proptest::option::of(0_i64..40),
        sign in proptest::sample::select(vec!["<", "<=", ">", ">="]),
    ) {
        let words = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
        let (low, high) = (words(low), words(high));
        let meant = match sign { "<" => other < number, "<=" => other <= number, ">" => other > number, _ => other >= number };
        prop_assume!(meant);
        if let Some(said) = placed(&format!("{sign}{number}"), &low, &high) {
            prop_assert_eq!(Some(said), placed(&other.to_string(), &low, &high));
        }
    }

    /// Two versions that say the same do not differ, however often a code occurs in them.
    #[test]
    fn what_is_the_same_is_no_change(codes in proptest::collection::vec("[A-C]", 0..8)) {
        let report = || codes.iter().map(|code| Observation {
            local_code: Some(code.clone()), ..observation("1", vec![], None)
        }).collect::<Vec<_>>();
        prop_assert!(changes(report(), report()).is_empty());
        prop_assert_eq!(changes(Vec::new(), report()).len(), codes.len());
        prop_assert_eq!(changes(report(), Vec::new()).len(), codes.len());
    }

    #[test]
    fn every_point_is_in_one_segment(kinds in proptest::collection::vec(0_u8..3, 0..20)) {
        let points: Vec<_> = kinds.iter().map(|kind| point(*kind, "Labor", None, "mg/dL")).collect();
        let segments = segments(&points);
        prop_assert_eq!(segments.iter().flat_map(|segment| 0..segment.points).count(), points.len());
        prop_assert!(segments.iter().skip(1).all(|segment| !segment.because.is_empty()));
    }
}
