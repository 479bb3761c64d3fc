//! What other directories want to know of offers in their own way: ids of parts that have none here, and dates as weekly rules.

use std::{collections::BTreeMap, fmt::Display};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use sha2::{Digest as _, Sha256};

/// The longest step of a rule, in weeks.
const LONGEST: i64 = 4;

/// The id of a part of something that has no id here, such as the address of a place: always the same for the same part
/// (UUID version 8, RFC 9562, 5.8).
#[must_use]
pub fn part(of: impl Display, name: &str) -> String {
    let hash = Sha256::digest(format!("{of} {name}"));
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(hash) {
        *byte = hashed;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().hyphenated().to_string()
}

/// Dates that follow each other in the same step of weeks, at the same time on the clock and at the same distance from UTC. Who knows
/// no time zones reads them rightly, also across the change of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<Id> {
    /// Its first date.
    pub id: Id,
    /// The day of the first one.
    pub first: Date,
    /// The day of the last one.
    pub last: Date,
    /// On which day of the week.
    pub weekday: Weekday,
    /// How many weeks there are between two of them.
    pub weeks: i64,
    /// How many there are.
    pub count: i64,
    /// When they begin, on the clock there.
    pub opens: Time,
    /// When they end, on the clock there.
    pub closes: Time,
    /// How many minutes the clock there is ahead of UTC.
    pub ahead: i32,
}

/// One date: its name, when it begins and when it ends.
pub type Dated<Id> = (Id, Timestamp, Timestamp);

/// The day of the week, from when to when on the clock there, and the minutes that it is ahead of UTC.
type Slot = (i8, Time, Time, i32);

/// The same dates as runs, by their first day. Every date is in one of them and no other day is.
pub fn runs<Id: Copy>(dates: impl IntoIterator<Item = Dated<Id>>, zone: &TimeZone) -> Vec<Run<Id>> {
    let mut alike: BTreeMap<Slot, Vec<(Date, Id)>> = BTreeMap::new();
    for (id, starts, ends) in dates {
        let begins = starts.to_zoned(zone.clone());
        let closes = ends.to_zoned(zone.clone()).time();
        let day = begins.date();
        let key = (day.weekday().to_monday_zero_offset(), begins.time(), closes, begins.offset().seconds() / 60);
        alike.entry(key).or_default().push((day, id));
    }
    let mut runs = Vec::new();
    for ((_, opens, closes, ahead), mut days) in alike {
        days.sort_by_key(|(day, _)| *day);
        let first = runs.len();
        for (day, id) in days {
            let open = runs.get_mut(first..).and_then(|runs: &mut [Run<Id>]| runs.last_mut());
            if open.is_none_or(|run| !run.takes(day)) {
                let (weekday, last) = (day.weekday(), day);
                runs.push(Run { id, first: day, last, weekday, weeks: 1, count: 1, opens, closes, ahead });
            }
        }
    }
    runs.sort_by_key(|run| (run.first, run.opens));
    runs
}

impl<Id> Run<Id> {
    /// Takes a later day in if it is the next one.
    fn takes(&mut self, day: Date) -> bool {
        let step = (1..=LONGEST).find(|weeks| self.last.checked_add(weeks.weeks()).is_ok_and(|next| next == day));
        let Some(step) = step.filter(|step| self.count == 1 || *step == self.weeks) else {
            return false;
        };
        (self.weeks, self.last, self.count) = (step, day, self.count + 1);
        true
    }

    /// The distance from UTC as ISO 8601 writes it: `+01:00`.
    #[must_use]
    pub fn offset(&self) -> String {
        let sign = if self.ahead < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", self.ahead.abs() / 60, self.ahead.abs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_course_that_crosses_the_change_of_the_clocks_is_two_runs() {
        let starts = ["2027-03-16T17:00:00Z", "2027-03-23T17:00:00Z", "2027-03-30T16:00:00Z", "2027-04-06T16:00:00Z"];
        let dates = starts.iter().enumerate().map(|(n, start)| (n, at(start), at(start) + 1.hour()));
        let found = runs(dates, &berlin());
        let told: Vec<_> = found.iter().map(|run| (run.id, run.count, run.offset(), run.opens.to_string())).collect();
        assert_eq!(
            told,
            [(0, 2, "+01:00".to_owned(), "18:00:00".to_owned()), (2, 2, "+02:00".to_owned(), "18:00:00".to_owned())]
        );
        assert_eq!((found[1].first.to_string(), found[1].last.to_string()), ("2027-03-30".into(), "2027-04-06".into()));
    }

    #[test]
    fn the_part_of_something_has_the_same_id_for_ever() {
        assert_eq!(part(1, "address"), "7ea8eefb-acb7-8e1c-89bf-732cb961dc4e");
        assert_ne!(part(1, "address"), part(1, "phone"));
        assert_ne!(part(1, "address"), part(2, "address"));
    }

    proptest! {
        #[test]
        fn runs_have_every_date_once_and_no_other(days in prop::collection::btree_set((0_i64..400, 0_i64..3), 0..60)) {
            let start = at("2026-12-01T08:00:00Z");
            let dates: Vec<_> = days
                .iter()
                .map(|(day, part)| {
                    let begins = start + (day * 24 + part * 3).hours();
                    ((*day, *part), begins, begins + 2.hours())
                })
                .collect();
            let mut again = Vec::new();
            for run in runs(dates.clone(), &TimeZone::UTC) {
                for n in 0..run.count {
                    let day = run.first + (n * run.weeks).weeks();
                    again.push(day.to_datetime(run.opens).to_zoned(TimeZone::UTC).unwrap().timestamp());
                    prop_assert_eq!(day.weekday(), run.weekday);
                    prop_assert!(day <= run.last);
                }
            }
            again.sort();
            prop_assert_eq!(again, dates.into_iter().map(|date| date.1).collect::<Vec<_>>());
        }
    }
}
