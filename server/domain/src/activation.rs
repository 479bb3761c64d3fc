//! First contact: when an invitation can be used, and which wrong tries count against its code (SR-B02, SR-B03).

use jiff::{SignedDuration, Timestamp};

/// How surely a slip reaches the person it is for (SR-B05).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binding {
    /// Handed over in the practice, to somebody who is known there.
    InPerson,
    /// Posted. Whoever opens the letter can use it.
    Letter,
}

impl Binding {
    /// Every level.
    pub const ALL: [Self; 2] = [Self::InPerson, Self::Letter];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::Letter => "letter",
        }
    }

    /// The level with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.as_str() == word)
    }

    /// How long a code that travels like this is good (SR-B02).
    #[must_use]
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::InPerson => SignedDuration::from_hours(14 * 24),
            Self::Letter => SignedDuration::from_hours(21 * 24),
        }
    }
}

/// How many wrong numbers end the confirmation of a letter; then only a new slip helps.
pub const CONFIRMATION_TRIES: i32 = 5;

/// How many counted tries burn a code.
pub const TRIES_PER_CODE: i32 = 5;

/// How many burnt codes within [`BURNT_CODES_WINDOW`] block a patient reference for the same time.
pub const BURNT_CODES_LIMIT: i64 = 3;

/// See [`BURNT_CODES_LIMIT`].
pub const BURNT_CODES_WINDOW: SignedDuration = SignedDuration::from_hours(8);

/// How long a finding may wait for its patient's activation, and an unclear one for a decision.
pub const WAITING_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationState {
    /// It can be used.
    Open,
    /// It was used.
    Used,
    /// The practice took it back, or printed a new one.
    Revoked,
    /// Too many counted tries.
    Burnt,
    /// Its time is over. Never stored: it follows from the clock.
    Expired,
}

impl InvitationState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Used, Self::Revoked, Self::Burnt, Self::Expired];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Revoked => "revoked",
            Self::Burnt => "burnt",
            Self::Expired => "expired",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// The state as of now: an open invitation whose time is over has expired.
    #[must_use]
    pub fn as_of(self, now: Timestamp, expires_at: Timestamp) -> Self {
        if self == Self::Open && now >= expires_at { Self::Expired } else { self }
    }
}

/// What a try with an *open* invitation amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Try {
    /// Both parts are right.
    Succeeds,
    /// Exactly one part is right: a stolen letter, or someone who knows the person. Counts against the code.
    Counts,
    /// Both are wrong: a stranger guessing, who must not be able to burn other people's codes.
    Passes,
}

/// The counting rule (SR-B03).
#[must_use]
pub const fn weigh(code_right: bool, birth_date_right: bool) -> Try {
    match (code_right, birth_date_right) {
        (true, true) => Try::Succeeds,
        (true, false) | (false, true) => Try::Counts,
        (false, false) => Try::Passes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_cannot_burn_a_code_but_half_knowledge_does() {
        assert_eq!(weigh(true, true), Try::Succeeds);
        assert_eq!(weigh(true, false), Try::Counts);
        assert_eq!(weigh(false, true), Try::Counts);
        assert_eq!(weigh(false, false), Try::Passes);
    }

    /// SR-B02
    #[test]
    fn sr_b02_a_slip_is_good_for_two_weeks_and_a_letter_for_three() {
        let made = Timestamp::from_second(1_000_000).unwrap();
        for (binding, days) in [(Binding::InPerson, 14), (Binding::Letter, 21)] {
            let end = made + binding.lifetime();
            let at = |s: i64| made + SignedDuration::from_secs(days * 86_400 + s);
            assert_eq!(InvitationState::Open.as_of(at(-1), end), InvitationState::Open);
            assert_eq!(InvitationState::Open.as_of(at(0), end), InvitationState::Expired);
            assert_eq!(InvitationState::Open.as_of(at(1), end), InvitationState::Expired);
            assert_eq!(Binding::parse(binding.as_str()), Some(binding));
        }
    }

    #[test]
    fn an_invitation_ends_to_the_second() {
        let end = Timestamp::from_second(1_000).unwrap();
        let at = |s| Timestamp::from_second(s).unwrap();
        assert_eq!(InvitationState::Open.as_of(at(999), end), InvitationState::Open);
        assert_eq!(InvitationState::Open.as_of(at(1_000), end), InvitationState::Expired);
        assert_eq!(InvitationState::Used.as_of(at(2_000), end), InvitationState::Used);
    }
}
