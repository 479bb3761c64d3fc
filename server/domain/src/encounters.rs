//! Encounters: two people side by side, one of whom shows a code and the other types it.
//!
//! A resident lets a worker of the kiosk explain findings, for some minutes; or lets another resident act for them, for
//! longer. The code is for this one purpose and lives for minutes, so that it needs nothing but two people in a room.

use jiff::{SignedDuration, Timestamp};

use crate::consent::{Period, Purpose};

/// How long a code can be typed.
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// The shortest conversation, in minutes.
pub const SHORTEST: u16 = 5;

/// The longest conversation, in minutes: what such a talk takes at most, with a reserve.
pub const LONGEST: u16 = 90;

/// What a conversation takes when nobody says anything, in minutes.
pub const USUAL: u16 = 30;

/// How many wrong numbers end an encounter.
pub const TRIES: i32 = 3;

/// How many people may act for a resident at the same time.
pub const MOST_REPRESENTATIVES: usize = 5;

/// What an encounter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aim {
    /// A person at work explains findings.
    Explanation,
    /// Another resident is to act for this one.
    Representation,
}

impl Aim {
    /// Every aim.
    pub const ALL: [Self; 2] = [Self::Explanation, Self::Representation];

    /// The purpose of the rule that comes of it.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Explanation => Purpose::Explanation,
            Self::Representation => Purpose::Representation,
        }
    }

    /// A stable word for it, in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.purpose().as_str()
    }

    /// The aim with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|aim| aim.as_str() == word)
    }
}

/// Where an encounter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The code waits.
    Open,
    /// Another resident has typed it, and shows a number.
    Claimed,
    /// It came to what it was for: a conversation goes on, or somebody was let in.
    Met,
    /// It is over, or came to nothing.
    Over,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Open, Self::Claimed, Self::Met, Self::Over];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::Met => "met",
            Self::Over => "over",
        }
    }

    /// The stage with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    /// The stage at a moment: nobody ends what ends by itself. `until` is the end of what came of it, if that has one.
    #[must_use]
    pub fn at(self, now: Timestamp, created: Timestamp, until: Option<Timestamp>) -> Self {
        match self {
            Self::Open | Self::Claimed if now >= created + CODE_LIFETIME => Self::Over,
            Self::Met if until.is_some_and(|until| until <= now) => Self::Over,
            Self::Open | Self::Claimed | Self::Met | Self::Over => self,
        }
    }
}

/// How long the rule of a conversation stands before anybody has typed its code: until the last moment to which a
/// conversation that begins at the last moment can last. It opens nothing yet, because nobody takes part.
#[must_use]
pub fn reserved(now: Timestamp, minutes: u16) -> Period {
    Period { from: now, until: Some(ends(now + CODE_LIFETIME, minutes)) }
}

/// When a conversation ends that begins now.
#[must_use]
pub fn ends(now: Timestamp, minutes: u16) -> Timestamp {
    now + SignedDuration::from_mins(i64::from(minutes.clamp(SHORTEST, LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGUN: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn words_are_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Some(stage));
        }
        for aim in Aim::ALL {
            assert_eq!(Aim::parse(aim.as_str()), Some(aim));
        }
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_and_a_conversation_for_its_own() {
        let last = BEGUN + CODE_LIFETIME - SignedDuration::from_nanos(1);
        assert_eq!(Stage::Open.at(last, BEGUN, None), Stage::Open);
        assert_eq!(Stage::Open.at(BEGUN + CODE_LIFETIME, BEGUN, None), Stage::Over);
        assert_eq!(Stage::Claimed.at(BEGUN + CODE_LIFETIME, BEGUN, None), Stage::Over);
        let end = ends(last, USUAL);
        assert_eq!(Stage::Met.at(end - SignedDuration::from_nanos(1), BEGUN, Some(end)), Stage::Met);
        assert_eq!(Stage::Met.at(end, BEGUN, Some(end)), Stage::Over);
        assert_eq!(Stage::Met.at(end + SignedDuration::from_hours(99), BEGUN, None), Stage::Met);
    }

    #[test]
    fn what_is_reserved_is_as_long_as_the_longest_way_there() {
        for minutes in [0, SHORTEST, USUAL, LONGEST, u16::MAX] {
            let last = BEGUN + CODE_LIFETIME - SignedDuration::from_nanos(1);
            assert!(ends(last, minutes) < reserved(BEGUN, minutes).until.unwrap());
        }
        assert_eq!(ends(BEGUN, u16::MAX), BEGUN + SignedDuration::from_mins(90));
    }
}
