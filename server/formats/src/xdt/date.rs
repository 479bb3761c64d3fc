//! Days and times of xDT files. LDT writes `YYYYMMDD`, GDT writes `DDMMYYYY`, and not every sender keeps to it; no day of
//! the years 1850 to 2150 can be taken for another one, so the digits decide.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use nahraum_domain::calendar::berlin;

/// What a day says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Day {
    /// A whole day.
    Full(Date),
    /// A year, or a year and a month: `19900200`, or digits that are no day.
    Partial,
}

impl Day {
    /// Reads a day.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.trim();
        let number = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<i16>().ok());
        let small = |range: std::ops::Range<usize>| number(range).and_then(|part| i8::try_from(part).ok());
        let day = |year: Option<i16>, month: Option<i8>, day: Option<i8>| {
            let year = year.filter(|year| (1850..=2150).contains(year))?;
            Date::new(year, month?, day?).ok()
        };
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Partial;
        }
        let year_first = day(number(0..4), small(4..6), small(6..8));
        let day_first = || day(number(4..8), small(2..4), small(0..2));
        year_first.or_else(day_first).map_or(Self::Partial, Self::Full)
    }

    /// The day, if it is whole.
    pub(super) const fn full(self) -> Option<Date> {
        match self {
            Self::Full(date) => Some(date),
            Self::Partial => None,
        }
    }
}

/// The instant of a day and a time of day, as far as both are told, in Germany or in the zone that is told as `UTC+1`.
pub(super) fn at(day: Option<Date>, time: Option<&str>, zone: Option<&str>) -> Option<Timestamp> {
    instant(day?, self::time(time?)?, zone)
}

/// A time of day: `hhmm`, `hhmmss`, or with milliseconds behind.
fn time(text: &str) -> Option<Time> {
    let text = text.trim();
    if !matches!(text.len(), 4 | 6 | 9) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| text.get(from..from + 2).and_then(|part| part.parse::<i8>().ok());
    Time::new(part(0)?, part(2)?, part(4).unwrap_or(0), 0).ok()
}

fn instant(date: Date, time: Time, zone: Option<&str>) -> Option<Timestamp> {
    let local = date.to_datetime(time);
    match zone {
        Some(zone) => offset(zone)?.to_timestamp(local).ok(),
        None => berlin().to_timestamp(local).ok(),
    }
}

fn offset(zone: &str) -> Option<Offset> {
    let hours = zone.trim().strip_prefix("UTC")?.trim();
    if hours.is_empty() {
        return Some(Offset::UTC);
    }
    Offset::from_hours(hours.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_of_both_orders_are_read() {
        assert_eq!(Day::parse("19870314"), Day::Full(date(1987, 3, 14)));
        assert_eq!(Day::parse("14031987"), Day::Full(date(1987, 3, 14)));
        assert_eq!(Day::parse("20111990"), Day::Full(date(1990, 11, 20)));
        for partial in ["19900200", "19900000", "00000000", "1990", "", "19900230", "1990021a", "１９９０"] {
            assert_eq!(Day::parse(partial), Day::Partial, "{partial}");
        }
    }

    #[test]
    fn times_are_those_of_germany_unless_told() {
        let day = date(2026, 11, 20);
        let winter = instant(day, time("0934").unwrap(), None).unwrap();
        assert_eq!(winter.to_string(), "2026-11-20T08:34:00Z");
        let summer = instant(date(2026, 7, 1), time("093430").unwrap(), None).unwrap();
        assert_eq!(summer.to_string(), "2026-07-01T07:34:30Z");
        let told = instant(day, time("093430123").unwrap(), Some("UTC+1")).unwrap();
        assert_eq!(told.to_string(), "2026-11-20T08:34:30Z");
        assert_eq!(instant(day, time("0934").unwrap(), Some("GMT?")), None);
        assert_eq!((time("2460"), time("9"), time("12:30")), (None, None, None));
    }

    proptest! {
        /// The promise behind reading both orders.
        #[test]
        fn no_day_is_taken_for_another(year in 1850_i16..=2150, month in 1_i8..=12, day in 1_i8..=28) {
            let expected = Day::Full(date(year, month, day));
            prop_assert_eq!(Day::parse(&format!("{year}{month:02}{day:02}")), expected);
            prop_assert_eq!(Day::parse(&format!("{day:02}{month:02}{year}")), expected);
        }
    }
}
