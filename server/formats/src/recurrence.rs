//! When something takes place again and again: a local time, a time zone and a rule (RFC 5545), and from them the dates.
//!
//! The wall clock counts: a course at six in the evening is at six in the evening before and after the clocks change. A local time
//! that a clock jumps over is an hour later on that day, and of one that comes twice the first is meant (RFC 5545, 3.3.5).

mod error;
mod expand;
mod rule;

use std::collections::BTreeSet;

use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};
use nahraum_domain::offers::holidays::{Land, is_holiday};

pub use error::RecurrenceError;
use rule::{Ends, Rule};

/// How many dates can be left out or added.
pub const MAX_EXCEPTIONS: usize = 200;

/// How many days after its start a recurrence must have had a date.
pub const NO_DATE_AFTER: i32 = 400;

/// How many days are looked at once, at most.
const DAYS_AT_ONCE: i64 = 450;

/// How many dates are given at once, at most: one a day by the rule, and those that were added.
pub const MAX_OCCURRENCES: usize = 451 + MAX_EXCEPTIONS;

/// A recurrence as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// A zone of the IANA time zone database.
    pub time_zone: String,
    /// The first time, on the clock there.
    pub starts: DateTime,
    /// How long it takes.
    pub minutes: i32,
    /// The rule, as the value of an RRULE; none for something that is once.
    pub rule: Option<String>,
    /// Dates of the rule that are left out.
    pub skip: Vec<DateTime>,
    /// Dates beside the rule.
    pub extra: Vec<DateTime>,
    /// Where the public holidays are that are left out.
    pub skip_holidays_in: Option<Land>,
}

/// A recurrence that is known to be good.
#[derive(Debug, Clone)]
pub struct Recurrence {
    zone: TimeZone,
    starts: DateTime,
    lasts: SignedDuration,
    rule: Option<Rule>,
    skip: BTreeSet<DateTime>,
    extra: BTreeSet<DateTime>,
    holidays: Option<Land>,
}

/// One date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// The wall clock, as the rule says it.
    pub starts_local: DateTime,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// What the clocks do to a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// They jump over its time: it is later.
    Gap,
    /// Its time comes twice: the first is meant.
    Fold,
}

impl Recurrence {
    /// Looks at what somebody wants. Nothing is kept that was not looked at here.
    ///
    /// # Errors
    /// [`RecurrenceError`], the first reason there is.
    pub fn parse(wanted: &Wanted) -> Result<Self, RecurrenceError> {
        let zone = TimeZone::get(&wanted.time_zone).ok().filter(|zone| zone.iana_name().is_some());
        let zone = zone.ok_or(RecurrenceError::UnknownZone)?;
        let exceptions = || wanted.skip.iter().chain(&wanted.extra);
        if exceptions().count() > MAX_EXCEPTIONS {
            return Err(RecurrenceError::TooManyExceptions);
        }
        if exceptions().chain([&wanted.starts]).any(|date| !is_taken(*date)) {
            return Err(RecurrenceError::OddStart);
        }
        if exceptions().collect::<BTreeSet<_>>().len() < exceptions().count() {
            return Err(RecurrenceError::DoubledException);
        }
        if !(1..=1440).contains(&wanted.minutes) {
            return Err(RecurrenceError::OddMinutes);
        }
        let recurrence = Self {
            zone,
            starts: wanted.starts,
            lasts: SignedDuration::from_mins(i64::from(wanted.minutes)),
            rule: wanted.rule.as_deref().map(str::parse).transpose()?,
            skip: wanted.skip.iter().copied().collect(),
            extra: wanted.extra.iter().copied().collect(),
            holidays: wanted.skip_holidays_in,
        };
        if recurrence.first_dates().is_empty() { Err(RecurrenceError::NoDate) } else { Ok(recurrence) }
    }

    /// The name of its time zone, as the database spells it.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        self.zone.iana_name().unwrap_or_default()
    }

    /// What the clocks there show at a moment.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// Its rule, written in one way.
    #[must_use]
    pub fn rule(&self) -> Option<String> {
        self.rule.as_ref().map(ToString::to_string)
    }

    /// What begins in `from..to`, in order; at most [`MAX_OCCURRENCES`], and nothing that is more than 450 days after `from`.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Vec<Occurrence> {
        let most = from.saturating_add(SignedDuration::from_hours(DAYS_AT_ONCE * 24)).unwrap_or(to);
        let to = to.min(most);
        // The wall clock is never a day away from what counts, whatever the clocks do.
        let last = self.zone.to_datetime(to).saturating_add(1.day());
        let mut dates: BTreeSet<DateTime> =
            self.by_rule(last).into_iter().filter(|date| self.takes_place(*date)).collect();
        dates.extend(&self.extra);
        let found = dates.into_iter().filter_map(|date| self.occurrence(date));
        let mut found: Vec<_> = found.filter(|one| (from..to).contains(&one.starts_at)).collect();
        found.sort_by_key(|one| (one.starts_at, one.starts_local));
        found
    }

    /// The dates of the first 400 days at which the clocks change, and what they do.
    #[must_use]
    pub fn clock_changes(&self) -> Vec<(DateTime, ClockChange)> {
        let change = |one: Occurrence| match self.zone.to_ambiguous_zoned(one.starts_local).offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => Some((one.starts_local, ClockChange::Gap)),
            AmbiguousOffset::Fold { .. } => Some((one.starts_local, ClockChange::Fold)),
        };
        self.first_dates().into_iter().filter_map(change).collect()
    }

    fn first_dates(&self) -> Vec<Occurrence> {
        let added = self.extra.first().copied().unwrap_or(self.starts);
        let Some(first) = self.occurrence(self.starts.min(added)) else { return Vec::new() };
        let days = SignedDuration::from_hours(i64::from(NO_DATE_AFTER) * 24);
        first.starts_at.checked_add(days).map_or_else(|_| Vec::new(), |to| self.between(first.starts_at, to))
    }

    fn by_rule(&self, last: DateTime) -> Vec<DateTime> {
        match &self.rule {
            None => vec![self.starts],
            Some(rule) => expand::dates(rule, self.starts, last),
        }
    }

    /// Whether a date of the rule is one: it is not left out, no holiday, and not behind the end.
    fn takes_place(&self, date: DateTime) -> bool {
        let holiday = self.holidays.is_some_and(|land| is_holiday(date.date(), land));
        let over = match self.rule.as_ref().map(|rule| rule.ends) {
            Some(Ends::By(until)) => self.occurrence(date).is_none_or(|one| one.starts_at > until),
            None | Some(Ends::Never | Ends::After(_)) => false,
        };
        !holiday && !over && !self.skip.contains(&date)
    }

    fn occurrence(&self, starts_local: DateTime) -> Option<Occurrence> {
        let starts_at = self.zone.to_ambiguous_zoned(starts_local).compatible().ok()?.timestamp();
        let ends_at = starts_at.checked_add(self.lasts).ok()?;
        Some(Occurrence { starts_local, starts_at, ends_at })
    }
}

/// When a local time is, in a zone of the IANA time zone database; none when there is no such zone, or no such moment.
#[must_use]
pub fn moment_of(time_zone: &str, local: DateTime) -> Option<Timestamp> {
    let zone = TimeZone::get(time_zone).ok()?;
    Some(zone.to_ambiguous_zoned(local).compatible().ok()?.timestamp())
}

/// Whether a local time is one that is taken.
fn is_taken(date: DateTime) -> bool {
    (2000..2100).contains(&date.year()) && date.second() == 0 && date.subsec_nanosecond() == 0
}

#[cfg(test)]
mod tests;
