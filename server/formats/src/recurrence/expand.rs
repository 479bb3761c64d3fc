//! From a rule to its dates, by the crate `rrule`. Nothing else knows of that crate.
//!
//! It only ever sees wall clocks, which it is told are UTC: when a clock changes is decided by one database of time zones, that of
//! `jiff`, and not by two.

use chrono::{DateTime as Moment, Datelike as _, Month, TimeZone as _, Timelike as _};
use jiff::civil::{DateTime, Weekday};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz};

use super::rule::{Ends, Every, Rule};

/// How many dates of a rule are looked at, from its start: a century of every day.
const LOOKED_AT: usize = 40_000;

/// The dates of a rule that starts at `start`, in order, up to and with `last`. One a day at most.
pub(super) fn dates(rule: &Rule, start: DateTime, last: DateTime) -> Vec<DateTime> {
    let Some(set) = set(rule, start, last) else { return Vec::new() };
    let dates = set.limit().into_iter().take(LOOKED_AT).map_while(from_moment).take_while(|date| *date <= last);
    dates.collect()
}

fn set(rule: &Rule, start: DateTime, last: DateTime) -> Option<RRuleSet> {
    let starts = moment(start)?;
    let frequency = match rule.every {
        Every::Day => Frequency::Daily,
        Every::Week => Frequency::Weekly,
        Every::Month => Frequency::Monthly,
        Every::Year => Frequency::Yearly,
    };
    let days = rule.days.iter().map(|day| NWeekday::new(day.nth.map(i16::from), weekday(day.weekday))).collect();
    let months: Vec<Month> = rule.months.iter().filter_map(|month| Month::try_from(*month).ok()).collect();
    let built = RRule::new(frequency)
        .interval(rule.interval)
        .by_weekday(days)
        .by_month_day(rule.month_days.clone())
        .by_month(&months);
    let built = match rule.ends {
        Ends::After(count) => built.count(u32::from(count)),
        Ends::Never | Ends::By(_) => built.until(moment(last)?),
    };
    built.build(starts).ok()
}

fn moment(civil: DateTime) -> Option<Moment<Tz>> {
    let part = |value: i8| u32::try_from(value).ok();
    let (month, day) = (part(civil.month())?, part(civil.day())?);
    let (hour, minute) = (part(civil.hour())?, part(civil.minute())?);
    Tz::UTC.with_ymd_and_hms(i32::from(civil.year()), month, day, hour, minute, 0).single()
}

fn from_moment(moment: Moment<Tz>) -> Option<DateTime> {
    let part = |value: u32| i8::try_from(value).ok();
    let (month, day) = (part(moment.month())?, part(moment.day())?);
    let (hour, minute) = (part(moment.hour())?, part(moment.minute())?);
    DateTime::new(i16::try_from(moment.year()).ok()?, month, day, hour, minute, 0, 0).ok()
}

const fn weekday(day: Weekday) -> rrule::Weekday {
    match day {
        Weekday::Monday => rrule::Weekday::Mon,
        Weekday::Tuesday => rrule::Weekday::Tue,
        Weekday::Wednesday => rrule::Weekday::Wed,
        Weekday::Thursday => rrule::Weekday::Thu,
        Weekday::Friday => rrule::Weekday::Fri,
        Weekday::Saturday => rrule::Weekday::Sat,
        Weekday::Sunday => rrule::Weekday::Sun,
    }
}
