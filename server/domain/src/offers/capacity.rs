//! How many can take part, and how much of that is told.

use super::facts::Registration;

/// What everybody is told of the places. Not the number: who sees eight become seven knows that somebody has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Band {
    /// Nobody registers: one comes.
    WalkIn,
    /// How many there are is not known here.
    NotCounted,
    /// There are places.
    Free,
    /// There are three at most.
    Few,
    /// There is none, and a waiting list.
    FullWaitingList,
    /// There is none.
    Full,
}

impl Band {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WalkIn => "walk-in",
            Self::NotCounted => "not-counted",
            Self::Free => "free",
            Self::Few => "few",
            Self::FullWaitingList => "full-waiting-list",
            Self::Full => "full",
        }
    }

    /// The band of so many free places, where people register in the app. Where there is no limit, none is counted.
    #[must_use]
    pub const fn of(registration: &Registration, free: Option<u32>, waiting_list: bool) -> Self {
        match (registration, free) {
            (Registration::None, _) => Self::WalkIn,
            (Registration::Phone(_) | Registration::Website(_) | Registration::Referral, _)
            | (Registration::InApp, None) => Self::NotCounted,
            (Registration::InApp, Some(0)) if waiting_list => Self::FullWaitingList,
            (Registration::InApp, Some(0)) => Self::Full,
            (Registration::InApp, Some(1..=3)) => Self::Few,
            (Registration::InApp, Some(4..)) => Self::Free,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_a_number() {
        for (free, waiting, band) in [
            (None, false, Band::NotCounted),
            (Some(12), true, Band::Free),
            (Some(4), true, Band::Free),
            (Some(3), true, Band::Few),
            (Some(1), false, Band::Few),
            (Some(0), true, Band::FullWaitingList),
            (Some(0), false, Band::Full),
        ] {
            assert_eq!(Band::of(&Registration::InApp, free, waiting), band, "{free:?}");
        }
        assert_eq!(Band::of(&Registration::None, None, false), Band::WalkIn);
        assert_eq!(Band::of(&Registration::Referral, None, false), Band::NotCounted);
    }
}
