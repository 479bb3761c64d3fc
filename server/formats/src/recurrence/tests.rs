//! Recurrences against dates that another library computed, against counting days, and against the clocks.

use jiff::civil::{Weekday, date};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn wanted(starts: DateTime, rule: &str) -> Wanted {
    Wanted {
        time_zone: "Europe/Berlin".into(),
        starts,
        minutes: 90,
        rule: Some(rule.into()).filter(|rule: &String| !rule.is_empty()),
        skip: Vec::new(),
        extra: Vec::new(),
        skip_holidays_in: None,
    }
}

fn at(text: &str) -> DateTime {
    text.parse().unwrap()
}

/// The local dates of a year from the start.
fn year_of(wanted: &Wanted) -> Vec<String> {
    let recurrence = Recurrence::parse(wanted).unwrap();
    let from = recurrence.occurrence(wanted.starts).unwrap().starts_at;
    let to = from + SignedDuration::from_hours(365 * 24);
    recurrence.between(from, to).into_iter().map(|one| one.starts_local.to_string()).collect()
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    tzid: String,
    dtstart_local: DateTime,
    rrule: String,
    exdates_local: Vec<DateTime>,
    expected: Vec<String>,
}

#[test]
fn another_library_gives_the_same_dates() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../../../tests/fixtures/offers/recurrence_vectors.json")).unwrap();
    assert_eq!(vectors.len(), 10);
    for vector in vectors {
        let mut wanted = wanted(vector.dtstart_local, &vector.rrule);
        (wanted.time_zone, wanted.skip) = (vector.tzid, vector.exdates_local);
        let recurrence = Recurrence::parse(&wanted).unwrap();
        // More than 400 days are asked for in pieces.
        let start = recurrence.occurrence(wanted.starts).unwrap().starts_at;
        let piece = |n: i64| start + SignedDuration::from_hours(n * 300 * 24);
        let found = (0..13).flat_map(|n| recurrence.between(piece(n), piece(n + 1)));
        let found: Vec<Timestamp> = found.map(|one| one.starts_at).collect();
        let expected: Vec<Timestamp> = vector.expected.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(found, expected, "{}", vector.name);
    }
}

#[test]
fn a_holiday_of_the_land_is_left_out_and_an_added_date_is_not() {
    let saturdays = wanted(at("2026-10-24T10:00"), "FREQ=WEEKLY;BYDAY=SA;COUNT=3");
    assert_eq!(year_of(&saturdays), ["2026-10-24T10:00:00", "2026-10-31T10:00:00", "2026-11-07T10:00:00"]);
    let in_hamburg = Wanted { skip_holidays_in: Some(Land::Hh), ..saturdays.clone() };
    assert_eq!(year_of(&in_hamburg), ["2026-10-24T10:00:00", "2026-11-07T10:00:00"]);
    let in_hesse = Wanted { skip_holidays_in: Some(Land::He), ..saturdays };
    assert_eq!(year_of(&in_hesse).len(), 3);
    let added = Wanted { extra: vec![at("2026-10-31T12:00")], ..in_hamburg };
    assert_eq!(year_of(&added), ["2026-10-24T10:00:00", "2026-10-31T12:00:00", "2026-11-07T10:00:00"]);
}

#[test]
fn who_gets_up_at_half_past_two_is_warned() {
    let nightly = wanted(at("2026-10-20T02:30"), "FREQ=DAILY");
    let recurrence = Recurrence::parse(&nightly).unwrap();
    let changes = recurrence.clock_changes();
    let expected = [(at("2026-10-25T02:30"), ClockChange::Fold), (at("2027-03-28T02:30"), ClockChange::Gap)];
    assert_eq!(changes[..2], expected);
    let found = |day: &str| {
        let from: Timestamp = format!("{day}T00:00:00+01:00").parse().unwrap();
        let to = from + SignedDuration::from_hours(20);
        recurrence.between(from, to).into_iter().map(|one| one.starts_at.to_string()).collect::<Vec<_>>()
    };
    // The first of two, which is still in summer time; and an hour later, as 03:30 in summer time.
    assert_eq!(found("2026-10-25"), ["2026-10-25T00:30:00Z"]);
    assert_eq!(found("2027-03-28"), ["2027-03-28T01:30:00Z"]);
    let in_daylight = wanted(at("2026-10-20T18:00"), "FREQ=DAILY");
    assert_eq!(Recurrence::parse(&in_daylight).unwrap().clock_changes(), []);
}

#[test]
fn what_makes_no_sense_says_why() {
    use RecurrenceError as E;
    let good = wanted(at("2026-11-24T10:00"), "FREQ=WEEKLY");
    let with = |change: fn(&mut Wanted)| {
        let mut wanted = good.clone();
        change(&mut wanted);
        Recurrence::parse(&wanted).err()
    };
    assert_eq!(with(|_| ()), None);
    assert_eq!(with(|w| w.time_zone = "Mitteleuropa".into()), Some(E::UnknownZone));
    assert_eq!(with(|w| w.time_zone = String::new()), Some(E::UnknownZone));
    assert_eq!(with(|w| w.starts = at("2026-11-24T10:00:30")), Some(E::OddStart));
    assert_eq!(with(|w| w.starts = at("1926-11-24T10:00")), Some(E::OddStart));
    assert_eq!(with(|w| w.minutes = 0), Some(E::OddMinutes));
    assert_eq!(with(|w| w.minutes = 1441), Some(E::OddMinutes));
    assert_eq!(with(|w| w.minutes = 1440), None);
    assert_eq!(with(|w| w.extra = vec![w.starts, w.starts]), Some(E::DoubledException));
    assert_eq!(with(|w| (w.skip, w.extra) = (vec![w.starts], vec![w.starts])), Some(E::DoubledException));
    let many = |w: &mut Wanted| w.extra = (0..201).map(|n| w.starts.saturating_add(n.days())).collect();
    assert_eq!(with(many), Some(E::TooManyExceptions));
    assert_eq!(with(|w| w.rule = Some("FREQ=SECONDLY".into())), Some(E::SubDaily));
    for never in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;UNTIL=20261101T000000Z",
    ] {
        let wanted = wanted(at("2026-11-24T10:00"), never);
        assert_eq!(Recurrence::parse(&wanted).err(), Some(E::NoDate), "{never}");
    }
    assert_eq!(with(|w| (w.rule, w.skip) = (None, vec![w.starts])), Some(E::NoDate));
}

#[test]
fn every_reason_has_a_code_and_a_sentence_of_its_own() {
    let codes: BTreeSet<&str> = RecurrenceError::ALL.iter().map(|error| error.code()).collect();
    let sentences: BTreeSet<String> = RecurrenceError::ALL.iter().map(ToString::to_string).collect();
    assert_eq!((codes.len(), sentences.len()), (RecurrenceError::ALL.len(), RecurrenceError::ALL.len()));
    assert!(RecurrenceError::TooManyExceptions.sentence().contains(&MAX_EXCEPTIONS.to_string()));
    assert!(RecurrenceError::NoDate.sentence().contains(&NO_DATE_AFTER.to_string()));
}

#[test]
fn something_that_is_once_needs_no_rule() {
    let once = wanted(at("2026-11-24T10:00"), "");
    assert_eq!(year_of(&once), ["2026-11-24T10:00:00"]);
    let recurrence = Recurrence::parse(&Wanted { time_zone: "europe/berlin".into(), ..once }).unwrap();
    assert_eq!((recurrence.rule(), recurrence.time_zone()), (None, "Europe/Berlin"));
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// What a rule in days or weeks gives in a year, by looking at every day.
fn by_counting(starts: DateTime, weekly: bool, interval: i64, days: &[Weekday], count: usize) -> Vec<DateTime> {
    let monday = |day: jiff::civil::Date| day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days());
    let first = starts.date();
    let all = (0..365_i64).map(|n| first.saturating_add(n.days()));
    let fits = |day: &jiff::civil::Date| {
        let weekday = if days.is_empty() && weekly {
            day.weekday() == first.weekday()
        } else {
            days.is_empty() || days.contains(&day.weekday())
        };
        let (from, to) = if weekly { (monday(first), monday(*day)) } else { (first, *day) };
        let passed = i64::from((to - from).get_days());
        weekday && passed % (interval * if weekly { 7 } else { 1 }) == 0
    };
    all.filter(fits).take(count).map(|day| day.to_datetime(starts.time())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn rules_in_days_and_weeks_are_what_counting_gives(
        day in 0..700_i64, hour in 4..24_i8, weekly: bool, interval in 1..=52_i64,
        which in proptest::sample::subsequence(DAYS.to_vec(), 0..=7), count in 1..=400_usize, counted: bool,
    ) {
        let starts = date(2026, 1, 1).saturating_add(day.days()).at(hour, 15, 0, 0);
        let names: Vec<&str> = which.iter().map(|(name, _)| *name).collect();
        let mut rule = format!("FREQ={};INTERVAL={interval}", if weekly { "WEEKLY" } else { "DAILY" });
        if !names.is_empty() {
            rule = format!("{rule};BYDAY={}", names.join(","));
        }
        if counted {
            rule = format!("{rule};COUNT={count}");
        }
        let wanted = wanted(starts, &rule);
        let days: Vec<Weekday> = which.iter().map(|(_, weekday)| *weekday).collect();
        let expected = by_counting(starts, weekly, interval, &days, if counted { count } else { usize::MAX });
        let Ok(recurrence) = Recurrence::parse(&wanted) else {
            prop_assert!(expected.is_empty(), "{rule}");
            return Ok(());
        };
        let from = recurrence.occurrence(starts).unwrap().starts_at;
        // A year of days on the clock, whatever the clocks do.
        let last = recurrence.occurrence(starts.saturating_add(365.days())).unwrap().starts_at;
        let found = recurrence.between(from, last);
        prop_assert_eq!(found.iter().map(|one| one.starts_local).collect::<Vec<_>>(), expected, "{}", rule);
        for one in found {
            let clock = recurrence.zone.to_datetime(one.starts_at);
            prop_assert_eq!((clock, clock.hour()), (one.starts_local, hour));
        }
    }

    #[test]
    fn no_rule_gives_more_than_the_bound(
        rule in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;INTERVAL=[1-9])?(;BYDAY=-?[1-5]?(MO|FR),SU)?(;BYMONTH=[1-9],12)?(;BYMONTHDAY=-?[1-9],31)?",
        years in 0..90_i16, extra in 0..=200_i64,
    ) {
        let mut wanted = wanted(date(2000 + years, 2, 28).at(2, 30, 0, 0), &rule);
        wanted.extra = (0..extra).map(|n| wanted.starts.saturating_add((n * 7).minutes())).collect();
        if let Ok(recurrence) = Recurrence::parse(&wanted) {
            let found = recurrence.between("2026-01-01T00:00:00Z".parse().unwrap(), Timestamp::MAX);
            prop_assert!(found.len() <= MAX_OCCURRENCES);
            prop_assert!(found.is_sorted());
        }
    }
}
