//! Release: when a finding shows on its owner's phone.
//!
//! What the resident wishes and what the physician holds back meet in one rule ([`plan`]): the later of both counts, every
//! date is a latest one, and what is critical or not final is never released by a timer, only by somebody who has talked
//! with the person. What is held back is told to its owner as something that waits, never kept from them silently.

use jiff::{SignedDuration, Timestamp};

use crate::{consent::Sensitivity, finding::ReadFinding, holds::stated};

/// When a resident wants to see what arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Wish {
    /// At once.
    #[default]
    AtOnce,
    /// After the practice has talked about it; after [`LATEST`] in any case, unless it is critical.
    AfterTalk,
    /// Not on the phone at all, until the resident wishes something else.
    NotOnPhone,
}

impl Wish {
    /// Every wish.
    pub const ALL: [Self; 3] = [Self::AtOnce, Self::AfterTalk, Self::NotOnPhone];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtOnce => "at-once",
            Self::AfterTalk => "after-talk",
            Self::NotOnPhone => "not-on-phone",
        }
    }

    /// The wish with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.as_str() == word)
    }
}

/// How long a finding waits at most for a talk that the resident wishes for.
pub const LATEST: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many days a physician can hold a finding back at most.
pub const LONGEST_HOLD: u16 = 14;

/// What the rule needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What the owner wishes.
    pub wish: Wish,
    /// Until when the physician holds it back, at most.
    pub held_until: Option<Timestamp>,
    /// Whether the practice has said that it has talked with the person.
    pub talked: bool,
    /// Whether no timer may release it ([`needs_a_person`]).
    pub critical: bool,
    /// When it arrived.
    pub arrived: Timestamp,
}

/// When a finding shows. The later is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plan {
    /// It shows.
    Shows,
    /// It shows from this moment on, if nobody releases it earlier.
    From(Timestamp),
    /// It shows once the practice has talked with the person.
    AfterTalk,
    /// It shows once its owner wishes so.
    AfterWish,
}

/// When a finding shows, seen from a moment.
#[must_use]
pub fn plan(facts: &Facts, now: Timestamp) -> Plan {
    let wished = match facts.wish {
        Wish::AtOnce => Plan::Shows,
        Wish::AfterTalk => Plan::From(facts.arrived + LATEST),
        Wish::NotOnPhone => return Plan::AfterWish,
    };
    if facts.talked {
        return Plan::Shows;
    }
    match wished.max(facts.held_until.map_or(Plan::Shows, Plan::From)) {
        Plan::From(_) if facts.critical => Plan::AfterTalk,
        Plan::From(moment) if moment <= now => Plan::Shows,
        plan @ (Plan::Shows | Plan::From(_) | Plan::AfterTalk | Plan::AfterWish) => plan,
    }
}

/// Whether a finding is one that no timer may release: a value is critical, it is not final, its sender calls it confidential,
/// or it is about somebody's genes, which must be explained in person (GenDG, section 11).
#[must_use]
pub fn needs_a_person(read: &ReadFinding) -> bool {
    stated(read).next().is_some()
}

/// How a finding is treated: by its owner, or because it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Treatment {
    /// Like most.
    Normal,
    /// As delicate: shared only when it is named or expressly meant.
    Sensitive,
    /// Put away by its owner: delicate, and shown only to somebody who has just typed the PIN.
    PutAway,
    /// It waits for its release.
    Held,
}

impl Treatment {
    /// Every treatment.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Sensitive, Self::PutAway, Self::Held];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Sensitive => "sensitive",
            Self::PutAway => "put-away",
            Self::Held => "held",
        }
    }

    /// The treatment with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|treatment| treatment.as_str() == word)
    }

    /// How delicate it is for others.
    #[must_use]
    pub const fn sensitivity(self) -> Sensitivity {
        match self {
            Self::Normal => Sensitivity::Normal,
            Self::Sensitive | Self::PutAway | Self::Held => Sensitivity::Sensitive,
        }
    }

    /// Whether its owner sees it. `unlocked`: they have proven who they are within five minutes.
    #[must_use]
    pub const fn shows(self, unlocked: bool) -> bool {
        match self {
            Self::Normal | Self::Sensitive => true,
            Self::PutAway => unlocked,
            Self::Held => false,
        }
    }
}

/// How a resident wants the findings of one practice to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discretion {
    /// Whether a notice is sent.
    pub notice: bool,
    /// Whether they come put away.
    pub put_away: bool,
}

impl Default for Discretion {
    /// With a notice, and like any other.
    fn default() -> Self {
        Self { notice: true, put_away: false }
    }
}

/// How a finding is treated that shows from now on, and whether its owner gets a notice. A newer version is treated as the one
/// whose place it takes (`before`): nobody puts something away to find it in the open again because a comma was mended. Of
/// what is put away no notice is sent.
#[must_use]
pub fn arrival(before: Option<Treatment>, discretion: Discretion) -> (Treatment, bool) {
    let put_away = discretion.put_away || before == Some(Treatment::PutAway);
    let treatment = match before {
        _ if put_away => Treatment::PutAway,
        Some(Treatment::Sensitive) => Treatment::Sensitive,
        Some(Treatment::Normal | Treatment::PutAway | Treatment::Held) | None => Treatment::Normal,
    };
    (treatment, discretion.notice && !put_away)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let wish = proptest::sample::select(&Wish::ALL[..]);
        let hold = proptest::option::of(0..2_000_000_i64);
        (wish, hold, any::<bool>(), any::<bool>(), 0..2_000_000_i64).prop_map(
            |(wish, hold, talked, critical, arrived)| Facts {
                wish,
                held_until: hold.map(at),
                talked,
                critical,
                arrived: at(arrived),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_critical_is_never_released_by_a_timer(facts in facts(), now in 0..9_000_000_i64, later in 0..9_000_000_i64) {
            let facts = Facts { critical: true, ..facts };
            let (early, late) = (plan(&facts, at(now)), plan(&facts, at(now + later)));
            prop_assert_eq!(early, late);
            prop_assert!(!matches!(early, Plan::From(_)));
        }

        #[test]
        fn nothing_waits_for_ever_but_by_wish_or_for_a_talk(facts in facts(), now in 0..9_000_000_i64) {
            match plan(&facts, at(now)) {
                Plan::Shows => {}
                Plan::From(moment) => {
                    prop_assert!(moment > at(now) && !facts.talked);
                    prop_assert_eq!(plan(&facts, moment), Plan::Shows);
                }
                Plan::AfterTalk => prop_assert!(facts.critical && !facts.talked),
                Plan::AfterWish => prop_assert_eq!(facts.wish, Wish::NotOnPhone),
            }
        }

        #[test]
        fn a_talk_releases_and_a_wish_comes_first(facts in facts(), now in 0..9_000_000_i64) {
            let told = plan(&Facts { talked: true, ..facts }, at(now));
            let expected = if facts.wish == Wish::NotOnPhone { Plan::AfterWish } else { Plan::Shows };
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn the_later_of_wish_and_hold_counts() {
        let facts = Facts { wish: Wish::AfterTalk, held_until: None, talked: false, critical: false, arrived: at(0) };
        let wished = Timestamp::UNIX_EPOCH + LATEST;
        assert_eq!(plan(&facts, at(1)), Plan::From(wished));
        let longer = wished + SignedDuration::from_hours(1);
        assert_eq!(plan(&Facts { held_until: Some(longer), ..facts }, at(1)), Plan::From(longer));
        assert_eq!(plan(&Facts { held_until: Some(at(2)), ..facts }, at(1)), Plan::From(wished));
        assert_eq!(plan(&Facts { wish: Wish::AtOnce, held_until: Some(at(2)), ..facts }, at(1)), Plan::From(at(2)));
        assert_eq!(plan(&Facts { wish: Wish::AtOnce, held_until: Some(at(2)), ..facts }, at(2)), Plan::Shows);
    }

    #[test]
    fn words_are_read_back() {
        for wish in Wish::ALL {
            assert_eq!(Wish::parse(wish.as_str()), Some(wish));
        }
        for treatment in Treatment::ALL {
            assert_eq!(Treatment::parse(treatment.as_str()), Some(treatment));
        }
    }

    #[test]
    fn what_was_put_away_comes_back_put_away_and_without_a_notice() {
        for before in Treatment::ALL.map(Some).into_iter().chain([None]) {
            for (notice, put_away) in [(false, false), (false, true), (true, false), (true, true)] {
                let (treatment, told) = arrival(before, Discretion { notice, put_away });
                let away = put_away || before == Some(Treatment::PutAway);
                assert_eq!(treatment == Treatment::PutAway, away);
                assert_eq!(treatment == Treatment::Sensitive, before == Some(Treatment::Sensitive) && !away);
                assert_eq!(told, notice && !away);
            }
        }
    }
}
