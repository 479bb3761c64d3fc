//! The text of a rule (RFC 5545, 3.3.10): the part of it that is taken, read strictly and written in one way.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};

use super::RecurrenceError;

/// The longest text that is looked at, in bytes.
const LONGEST: usize = 400;

/// A rule. Its text is its `Display`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) every: Every,
    pub(super) interval: u16,
    pub(super) days: Vec<Day>,
    pub(super) month_days: Vec<i8>,
    pub(super) months: Vec<u8>,
    pub(super) ends: Ends,
}

/// What a rule counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// A weekday, or which of a month or year: `1` the first, `-1` the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) nth: Option<i8>,
    pub(super) weekday: Weekday,
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    Never,
    /// After so many dates.
    After(u16),
    /// With the last date up to this moment.
    By(Timestamp),
}

/// The parts of a rule as they stand in its text.
#[derive(Default)]
struct Parts<'a> {
    freq: Option<&'a str>,
    interval: Option<&'a str>,
    days: Option<&'a str>,
    month_days: Option<&'a str>,
    months: Option<&'a str>,
    count: Option<&'a str>,
    until: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Result<Self, RecurrenceError> {
        if text.is_empty() || text.len() > LONGEST {
            return Err(RecurrenceError::Malformed);
        }
        let mut parts = Self::default();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(RecurrenceError::Malformed)?;
            let place = match name {
                "FREQ" => &mut parts.freq,
                "INTERVAL" => &mut parts.interval,
                "BYDAY" => &mut parts.days,
                "BYMONTHDAY" => &mut parts.month_days,
                "BYMONTH" => &mut parts.months,
                "COUNT" => &mut parts.count,
                "UNTIL" => &mut parts.until,
                "BYSETPOS" => return Err(RecurrenceError::SetPosition),
                "BYHOUR" | "BYMINUTE" | "BYSECOND" => return Err(RecurrenceError::SubDaily),
                _ => return Err(RecurrenceError::UnknownPart),
            };
            if place.replace(value).is_some() {
                return Err(RecurrenceError::DoubledPart);
            }
        }
        Ok(parts)
    }
}

impl FromStr for Rule {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, RecurrenceError> {
        let parts = Parts::of(text)?;
        let every = every(parts.freq)?;
        let days = list(parts.days, day, RecurrenceError::OddDay)?;
        let month_days = list(parts.month_days, month_day, RecurrenceError::OddMonthDay)?;
        let months = list(parts.months, |text| number(text, 1..=12), RecurrenceError::OddMonth)?;
        if matches!(every, Every::Day | Every::Week) && days.iter().any(|day| day.nth.is_some()) {
            return Err(RecurrenceError::OrdinalDay);
        }
        if every == Every::Week && !month_days.is_empty() {
            return Err(RecurrenceError::MonthDayInWeek);
        }
        let interval = parts.interval.map_or(Some(1), |text| number(text, 1..=52));
        let ends = match (parts.count, parts.until) {
            (None, None) => Ends::Never,
            (Some(count), None) => Ends::After(number(count, 1..=400).ok_or(RecurrenceError::OddCount)?),
            (None, Some(until)) => Ends::By(moment(until).ok_or(RecurrenceError::LocalUntil)?),
            (Some(_), Some(_)) => return Err(RecurrenceError::TwoEnds),
        };
        let interval = interval.ok_or(RecurrenceError::OddInterval)?;
        Ok(Self { every, interval, days, month_days, months, ends })
    }
}

fn every(freq: Option<&str>) -> Result<Every, RecurrenceError> {
    match freq {
        Some("DAILY") => Ok(Every::Day),
        Some("WEEKLY") => Ok(Every::Week),
        Some("MONTHLY") => Ok(Every::Month),
        Some("YEARLY") => Ok(Every::Year),
        Some("HOURLY" | "MINUTELY" | "SECONDLY") => Err(RecurrenceError::SubDaily),
        None | Some(_) => Err(RecurrenceError::OddFrequency),
    }
}

/// What stands between the commas.
fn list<T>(
    text: Option<&str>,
    one: impl Fn(&str) -> Option<T>,
    odd: RecurrenceError,
) -> Result<Vec<T>, RecurrenceError> {
    let Some(text) = text else { return Ok(Vec::new()) };
    text.split(',').map(|item| one(item).ok_or(odd)).collect()
}

/// Digits alone: no sign, no blank.
fn number<T: FromStr + PartialOrd>(text: &str, range: std::ops::RangeInclusive<T>) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|value| digits && range.contains(value))
}

/// A number that may count from the end.
fn signed(text: &str, most: i8) -> Option<i8> {
    match text.strip_prefix('-') {
        Some(back) => number(back, 1..=most).map(|value| -value),
        None => number(text.strip_prefix('+').unwrap_or(text), 1..=most),
    }
}

fn month_day(text: &str) -> Option<i8> {
    signed(text, 31)
}

fn day(text: &str) -> Option<Day> {
    let (nth, weekday) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = WEEKDAYS.into_iter().find(|(name, _)| *name == weekday)?.1;
    let nth = if nth.is_empty() { None } else { Some(signed(nth, 53)?) };
    Some(Day { nth, weekday })
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// `20270331T220000Z`
const MOMENT: &str = "%Y%m%dT%H%M%SZ";

fn moment(text: &str) -> Option<Timestamp> {
    let shape = text.len() == 16 && text.is_ascii();
    let civil = jiff::civil::DateTime::strptime(MOMENT, text).ok().filter(|_| shape)?;
    let moment = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (2000..2200).contains(&civil.year()).then_some(moment)
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.every {
            Every::Day => "FREQ=DAILY",
            Every::Week => "FREQ=WEEKLY",
            Every::Month => "FREQ=MONTHLY",
            Every::Year => "FREQ=YEARLY",
        })?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        write_list(f, ";BYMONTH=", &self.months)?;
        write_list(f, ";BYMONTHDAY=", &self.month_days)?;
        write_list(f, ";BYDAY=", &self.days)?;
        match self.ends {
            Ends::Never => Ok(()),
            Ends::After(count) => write!(f, ";COUNT={count}"),
            Ends::By(until) => write!(f, ";UNTIL={}", until.strftime(MOMENT)),
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        let name = WEEKDAYS.into_iter().find(|(_, weekday)| *weekday == self.weekday);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, name: &str, items: &[impl fmt::Display]) -> fmt::Result {
    let mut before = name;
    for item in items {
        write!(f, "{before}{item}")?;
        before = ",";
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_written_in_one_way_and_read_again() {
        for (given, written) in [
            ("FREQ=WEEKLY;INTERVAL=1;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
            ("BYDAY=TU,TH;FREQ=WEEKLY;COUNT=6;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=6"),
            ("FREQ=MONTHLY;BYDAY=+1TU,-1FR", "FREQ=MONTHLY;BYDAY=1TU,-1FR"),
            ("FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=2", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"),
            ("FREQ=DAILY;UNTIL=20261103T170000Z", "FREQ=DAILY;UNTIL=20261103T170000Z"),
        ] {
            let rule: Rule = given.parse().unwrap();
            assert_eq!(rule.to_string(), written);
            assert_eq!(written.parse(), Ok(rule));
        }
    }

    #[test]
    fn what_is_not_taken_says_why() {
        use RecurrenceError as E;
        for (text, why) in [
            ("", E::Malformed),
            ("FREQ", E::Malformed),
            ("RRULE:FREQ=DAILY", E::UnknownPart),
            ("freq=DAILY", E::UnknownPart),
            ("FREQ=DAILY;WKST=MO", E::UnknownPart),
            ("FREQ=DAILY;FREQ=DAILY", E::DoubledPart),
            ("INTERVAL=2", E::OddFrequency),
            ("FREQ=SOMETIMES", E::OddFrequency),
            ("FREQ=HOURLY", E::SubDaily),
            ("FREQ=DAILY;BYHOUR=8,9", E::SubDaily),
            ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", E::SetPosition),
            ("FREQ=DAILY;INTERVAL=0", E::OddInterval),
            ("FREQ=DAILY;INTERVAL=53", E::OddInterval),
            ("FREQ=DAILY;INTERVAL=+2", E::OddInterval),
            ("FREQ=DAILY;COUNT=0", E::OddCount),
            ("FREQ=DAILY;COUNT=401", E::OddCount),
            ("FREQ=DAILY;UNTIL=20310101T235959", E::LocalUntil),
            ("FREQ=DAILY;UNTIL=20310101", E::LocalUntil),
            ("FREQ=DAILY;UNTIL=20310230T000000Z", E::LocalUntil),
            ("FREQ=DAILY;COUNT=2;UNTIL=20310101T235959Z", E::TwoEnds),
            ("FREQ=WEEKLY;BYDAY=DI", E::OddDay),
            ("FREQ=WEEKLY;BYDAY=", E::OddDay),
            ("FREQ=MONTHLY;BYDAY=0MO", E::OddDay),
            ("FREQ=MONTHLY;BYDAY=ä1MO", E::OddDay),
            ("FREQ=WEEKLY;BYDAY=1MO", E::OrdinalDay),
            ("FREQ=MONTHLY;BYMONTHDAY=32", E::OddMonthDay),
            ("FREQ=WEEKLY;BYMONTHDAY=1", E::MonthDayInWeek),
            ("FREQ=YEARLY;BYMONTH=13", E::OddMonth),
        ] {
            assert_eq!(text.parse::<Rule>(), Err(why), "{text}");
        }
    }
}
