//! Days as people in Hamburg count them. Everything else is UTC; a legal day ends in Europe/Berlin (SR-R08).

use std::sync::LazyLock;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// The zone of German law and of the district.
#[must_use]
pub fn berlin() -> &'static TimeZone {
    // The zone comes with the program, and is looked up by its name once.
    static BERLIN: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC));
    &BERLIN
}

/// The day of a moment.
#[must_use]
pub fn day(moment: Timestamp) -> Date {
    local(moment).date()
}

/// What calendar and clock on a wall say at a moment.
#[must_use]
pub fn local(moment: Timestamp) -> DateTime {
    moment.to_zoned(berlin().clone()).datetime()
}

/// The month of a moment: `2026-11`.
#[must_use]
pub fn month(moment: Timestamp) -> String {
    month_of(day(moment))
}

/// The month of a day: `2026-11`.
#[must_use]
pub fn month_of(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The month that was so many months before that of a moment.
#[must_use]
pub fn months_before(moment: Timestamp, months: i64) -> String {
    month_of(day(moment).saturating_sub(months.months()))
}

/// The first moment of the day after a moment's.
#[must_use]
pub fn end_of_day(moment: Timestamp) -> Timestamp {
    end_of(day(moment))
}

/// The first moment of a day.
#[must_use]
pub fn start_of(day: Date) -> Timestamp {
    // a day that has no beginning lies behind the year 9999
    day.to_zoned(berlin().clone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// The first moment of the day after a day.
#[must_use]
pub fn end_of(day: Date) -> Timestamp {
    let midnight = day.tomorrow().and_then(|next| next.to_zoned(berlin().clone()));
    // only in the year 9999 there is no tomorrow
    midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sr_r08_days_end_at_midnight_in_berlin_in_winter_and_in_summer() {
        for (moment, end) in [
            ("2025-01-01T12:00:00Z", "2025-01-01T23:00:00Z"),
            ("2025-07-01T12:00:00Z", "2025-07-01T22:00:00Z"),
            ("2025-07-01T21:59:59.999Z", "2025-07-01T22:00:00Z"),
            ("2025-07-01T22:00:00Z", "2025-07-02T22:00:00Z"),
            // the days with 23 and with 25 hours
            ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
        ] {
            assert_eq!(end_of_day(moment.parse().unwrap()).to_string(), end);
        }
    }

    proptest! {
        #[test]
        fn a_day_ends_where_the_next_one_begins(second in 0_i64..4_000_000_000) {
            let moment = Timestamp::from_second(second).unwrap();
            let end = end_of_day(moment);
            prop_assert!(end > moment);
            prop_assert_eq!(day(end), day(moment).tomorrow().unwrap());
            prop_assert_eq!(day(end - SignedDuration::from_nanos(1)), day(moment));
        }
    }
}
