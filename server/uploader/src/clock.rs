//! What time it is: the only place of this program that asks the machine.

use std::time::{Duration, Instant};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The clocks of the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts to count.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where time comes in; everything else gets it as an argument"
    )]
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// The time of day, which somebody may set.
    #[expect(clippy::disallowed_methods, reason = "as above")]
    #[expect(clippy::unused_self, reason = "who has no clock does not know the time")]
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// How long the program has been running, which nobody can set.
    pub(crate) fn running(&self) -> Duration {
        self.start.elapsed()
    }
}

/// The day in Germany, where practices that use this program are.
pub(crate) fn german_day(now: Timestamp) -> Date {
    now.to_zoned(german_zone()).date()
}

/// The time of day in Germany, for people: `27.11.2026 10:31`.
pub(crate) fn german_time(now: Timestamp) -> String {
    now.to_zoned(german_zone()).strftime("%d.%m.%Y %H:%M").to_string()
}

fn german_zone() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_that_of_the_practice() {
        let late: Timestamp = "2026-11-27T23:30:00Z".parse().unwrap();
        assert_eq!(german_day(late).to_string(), "2026-11-28");
        assert_eq!(german_time(late), "28.11.2026 00:30");
    }
}
