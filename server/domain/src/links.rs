//! Links with which somebody without an account may look: where one stands, and what bounds it.

use jiff::{SignedDuration, Timestamp};

use crate::consent::Rule;

/// How long a link lasts unless something else is said: a week.
pub const USUAL_MINUTES: u32 = 7 * 24 * 60;
/// The longest that a link may last: a year.
pub const LONGEST_MINUTES: u32 = 365 * 24 * 60;
/// How many wrong passcodes a link bears in its whole life unless something else is said.
pub const USUAL_TRIES: u32 = 5;
/// The most that may be said. A passcode of six digits is guessed by then once in a hundred thousand times.
pub const MOST_TRIES: u32 = 10;
/// How long the addresses of files are good that somebody got who was let in.
pub const FILES_LIFETIME: SignedDuration = SignedDuration::from_mins(15);
/// How often each of these files may be fetched: once, and again when a connection breaks.
pub const FETCHES: u32 = 3;
/// How often somebody may stand at the door with one link within an hour.
pub const VISITS_AN_HOUR: i64 = 60;

/// Where a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It opens.
    Open,
    /// It was for one time, and that was.
    UsedUp,
    /// Too many wrong passcodes.
    GuessedAt,
    /// Its time is over.
    Expired,
    /// The resident has taken it back.
    Revoked,
}

impl LinkState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::UsedUp, Self::GuessedAt, Self::Expired, Self::Revoked];

    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::UsedUp => "used-up",
            Self::GuessedAt => "guessed-at",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// What a link has been through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkFacts {
    /// When its one time was; none if it has not been, or the link is for many times.
    pub used_at: Option<Timestamp>,
    /// How many passcodes were wrong, those included that are being looked at.
    pub wrong: i32,
    /// How many may be.
    pub most_wrong: i32,
}

impl LinkFacts {
    /// How many wrong passcodes it still bears.
    #[must_use]
    pub fn tries_left(&self) -> u32 {
        u32::try_from(self.most_wrong.saturating_sub(self.wrong)).unwrap_or(0)
    }
}

/// Where a link stands, by its rule and by what it has been through.
#[must_use]
pub fn state(rule: &Rule, facts: &LinkFacts, now: Timestamp) -> LinkState {
    if rule.ended_at.is_some_and(|ended| ended <= now) {
        LinkState::Revoked
    } else if facts.used_at.is_some() {
        LinkState::UsedUp
    } else if facts.tries_left() == 0 {
        LinkState::GuessedAt
    } else if rule.stands(now) {
        LinkState::Open
    } else {
        LinkState::Expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        consent::{Data, Effect, Period, Purpose, Recipient, Rights},
        ids::{ConsentId, ShareLinkId},
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn rule(ended_at: Option<Timestamp>) -> Rule {
        Rule {
            id: ConsentId::from_bytes([1; 16]),
            effect: Effect::Permit,
            recipient: Recipient::Link(ShareLinkId::from_bytes([2; 16])),
            purpose: Purpose::Link,
            data: Data::default(),
            rights: Rights::default(),
            period: Period { from: at(100), until: Some(at(200)) },
            ended_at,
            representation: None,
        }
    }

    const FRESH: LinkFacts = LinkFacts { used_at: None, wrong: 0, most_wrong: 5 };

    #[test]
    fn a_link_opens_as_long_as_nothing_speaks_against_it() {
        let state = |ended, facts: LinkFacts, now| state(&rule(ended), &facts, at(now));
        assert_eq!(state(None, FRESH, 100), LinkState::Open);
        assert_eq!(state(None, FRESH, 199), LinkState::Open);
        assert_eq!(state(None, FRESH, 200), LinkState::Expired);
        assert_eq!(state(None, LinkFacts { wrong: 4, ..FRESH }, 150), LinkState::Open);
        assert_eq!(state(None, LinkFacts { wrong: 5, ..FRESH }, 150), LinkState::GuessedAt);
        assert_eq!(state(None, LinkFacts { used_at: Some(at(120)), ..FRESH }, 150), LinkState::UsedUp);
        assert_eq!(state(Some(at(150)), FRESH, 150), LinkState::Revoked);
        // Why it ended first is what is told.
        let worn = LinkFacts { used_at: Some(at(120)), wrong: 5, ..FRESH };
        assert_eq!(state(Some(at(130)), worn, 300), LinkState::Revoked);
        assert_eq!(state(None, worn, 300), LinkState::UsedUp);
    }

    #[test]
    fn every_state_has_its_word() {
        let words: std::collections::BTreeSet<_> = LinkState::ALL.into_iter().map(LinkState::as_str).collect();
        assert_eq!(words.len(), LinkState::ALL.len());
        assert_eq!((FRESH.tries_left(), LinkFacts { wrong: 9, ..FRESH }.tries_left()), (5, 0));
    }
}
