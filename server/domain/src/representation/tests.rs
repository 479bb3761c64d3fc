//! The steps as a table that people can read, and what must hold on every day of every life.

use std::fmt::Write;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::calendar::{day, end_of};

/// The table in the docs is the one that is lived by.
#[test]
fn the_printed_table_is_the_policy() {
    let mut table = String::from("| from | parents |\n|---|---|\n");
    for (age, may) in STEPS {
        let from = if age == 0 { "birth".to_owned() } else { format!("the {age}th birthday") };
        let may = match may {
            ParentsMay::ReadAndAct => "read everything and act",
            ParentsMay::ReadAndActButDelicate => {
                "read and act; what is delicate or put away is closed to them, unless the child names it"
            }
            ParentsMay::Nothing => "do nothing any more, unless the young person appoints them",
        };
        writeln!(table, "| {from} | {may} |").unwrap();
    }
    let docs = include_str!("../../../../docs/representation.md");
    assert!(docs.contains(&table), "docs/representation.md does not have this table:\n{table}");
}

#[test]
fn a_birthday_begins_at_midnight_in_berlin() {
    let winter = steps(date(2014, 1, 10));
    assert_eq!(winter.narrows_at.to_string(), "2026-01-09T23:00:00Z");
    let summer = steps(date(2011, 7, 10));
    assert_eq!(summer.ends_at.to_string(), "2026-07-09T22:00:00Z");
}

#[test]
fn who_was_born_on_29_february_has_the_birthday_on_1_march() {
    let leap = steps(date(2012, 2, 29));
    assert_eq!(day(leap.narrows_at), date(2024, 2, 29));
    assert_eq!(day(leap.ends_at), date(2027, 3, 1));
}

#[test]
fn notices_come_thirty_days_before_each_step_and_at_it() {
    let Steps { narrows_at, ends_at } = steps(date(2015, 5, 5));
    let mut told = Vec::new();
    let mut after = Timestamp::UNIX_EPOCH;
    while let Some(next) = next_notice(Some(narrows_at), Some(ends_at), after) {
        told.push(next);
        after = next;
    }
    assert_eq!(told, [narrows_at - NOTICE, narrows_at, ends_at - NOTICE, ends_at]);
}

#[test]
fn every_ground_has_a_word_of_its_own() {
    for ground in Ground::ALL {
        assert_eq!(Ground::parse(ground.as_str()), Some(ground));
    }
    for slip in SlipFor::ALL {
        assert_eq!(SlipFor::parse(slip.as_str()), Some(slip));
    }
}

proptest! {
    /// Day by day: nothing is ever given back, and the last moment before a birthday still belongs to the step before.
    #[test]
    fn parents_may_less_and_less(year in 1990_i16..2030, ordinal in 1_i16..=366, second in 0_i64..3_000_000_000) {
        let born = Date::new(year, 1, 1).unwrap().checked_add(i32::from(ordinal - 1).days()).unwrap();
        let Steps { narrows_at, ends_at } = steps(born);
        let now = Timestamp::from_second(second).unwrap();
        let expected = match () {
            () if now < narrows_at => ParentsMay::ReadAndAct,
            () if now < ends_at => ParentsMay::ReadAndActButDelicate,
            () => ParentsMay::Nothing,
        };
        prop_assert_eq!(parents_may(born, now), expected);
        for (step, age) in [(narrows_at, 12), (ends_at, 15)] {
            let birthday = day(step);
            prop_assert_eq!(end_of(birthday.yesterday().unwrap()), step);
            let years = birthday.year() - born.year();
            prop_assert_eq!(years, age);
            let same_day = (birthday.month(), birthday.day()) == (born.month(), born.day());
            let leap = (born.month(), born.day()) == (2, 29) && (birthday.month(), birthday.day()) == (3, 1);
            prop_assert!(same_day || leap);
        }
    }
}
