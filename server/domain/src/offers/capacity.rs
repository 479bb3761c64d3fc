//! How many can take part, and how much of that is told.

use jiff::{SignedDuration, Timestamp};

/// What everybody is told of the places. Not the number: who sees eight become seven knows that somebody has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Band {
    /// Nobody signs in: one comes.
    Open,
    /// There are places.
    Free,
    /// There are three at most.
    Few,
    /// There is none, and a waiting list.
    FullWaiting,
    /// There is none.
    Full,
}

impl Band {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Free => "free",
            Self::Few => "few",
            Self::FullWaiting => "full-waiting",
            Self::Full => "full",
        }
    }

    /// The band of so many places of which so many are taken; without a limit, none is counted.
    #[must_use]
    pub const fn of(places: Option<u32>, taken: u32, waiting_list: bool) -> Self {
        let Some(places) = places else { return Self::Open };
        match places.saturating_sub(taken) {
            0 if waiting_list => Self::FullWaiting,
            0 => Self::Full,
            1..=3 => Self::Few,
            4.. => Self::Free,
        }
    }
}

/// How long a place that became free is kept for the one to whom it is offered: a day; two hours when it begins within two days.
#[must_use]
pub fn offered_until(now: Timestamp, begins: Timestamp) -> Timestamp {
    let soon = begins.duration_since(now) <= SignedDuration::from_hours(48);
    let kept = now + SignedDuration::from_hours(if soon { 2 } else { 24 });
    kept.min(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_a_number() {
        for (places, taken, waiting, band) in [
            (None, 40, false, Band::Open),
            (Some(12), 0, true, Band::Free),
            (Some(12), 8, true, Band::Free),
            (Some(12), 9, true, Band::Few),
            (Some(12), 11, false, Band::Few),
            (Some(12), 12, true, Band::FullWaiting),
            (Some(12), 12, false, Band::Full),
            // Fewer places than are taken already.
            (Some(2), 12, false, Band::Full),
        ] {
            assert_eq!(Band::of(places, taken, waiting), band, "{places:?} {taken}");
        }
    }

    #[test]
    fn a_place_is_kept_for_a_day_and_never_beyond_the_beginning() {
        let now: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
        for (begins, until) in [
            ("2026-12-27T10:00:00Z", "2026-11-28T10:00:00Z"),
            ("2026-11-29T10:00:00Z", "2026-11-27T12:00:00Z"),
            ("2026-11-27T11:00:00Z", "2026-11-27T11:00:00Z"),
        ] {
            assert_eq!(offered_until(now, begins.parse().unwrap()).to_string(), until);
        }
    }
}
