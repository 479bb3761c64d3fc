//! Pushes: whether and when a phone is woken.

use jiff::{SignedDuration, Timestamp};

/// The longest that a push is held back. Chance decides within it, so that who sees the push service's traffic does not see
/// which practice has just sent something.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_secs(20);

/// How long a phone has for showing that it gets pushes.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// How often a phone may give another address: nobody shall be able to make this server knock at strangers' doors by the thousand, or
/// wait for answers that never come and hold up the pushes of others.
pub const BETWEEN_ADDRESSES: SignedDuration = SignedDuration::from_mins(1);

/// Whether a phone is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushState {
    /// No.
    Off,
    /// Not before it has shown the code that was pushed to it.
    Waiting,
    /// Yes.
    On,
}

impl PushState {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Waiting => "waiting",
            Self::On => "on",
        }
    }
}

/// How much a push hurries (RFC 8030, 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Something new is there.
    Normal,
    /// Somebody may be at the account who should not, or a phone asks whether pushes arrive.
    High,
}

/// When a push goes out that is asked for now. `chance` is a random byte.
#[must_use]
pub fn due(now: Timestamp, urgency: Urgency, chance: u8) -> Timestamp {
    let share = LONGEST_DELAY.as_millis().saturating_mul(i128::from(chance)).div_euclid(i128::from(u8::MAX));
    match urgency {
        Urgency::High => now,
        Urgency::Normal => now + SignedDuration::from_millis(i64::try_from(share).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_push_is_held_back_for_seconds_and_one_that_hurries_is_not(chance in any::<u8>()) {
            let now = Timestamp::UNIX_EPOCH;
            prop_assert_eq!(due(now, Urgency::High, chance), now);
            let wait = due(now, Urgency::Normal, chance).duration_since(now);
            prop_assert!(wait >= SignedDuration::ZERO && wait <= LONGEST_DELAY);
        }
    }
}
