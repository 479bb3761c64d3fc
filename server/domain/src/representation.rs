//! People who act for others: on which ground, in what, and until when.
//!
//! Whom a resident appoints acts as long as the resident wants. Parents act by law, less from the age of twelve and not any
//! more from fifteen ([`STEPS`]). A guardian acts as long as a court says, and for seven years at most. All of it holds by the
//! rule itself, in the read that asks it: no job has to run for a step to count.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};

use crate::calendar::start_of;

/// On which ground somebody acts for a resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// The resident has appointed them.
    Appointed,
    /// They are a parent of the resident, who is a child.
    Parental,
    /// A court has appointed them.
    Guardian,
}

impl Ground {
    /// Every ground.
    pub const ALL: [Self; 3] = [Self::Appointed, Self::Parental, Self::Guardian];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appointed => "appointed",
            Self::Parental => "parental",
            Self::Guardian => "guardian",
        }
    }

    /// The ground with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == word)
    }
}

/// For whom a practice makes a slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlipFor {
    /// The patient.
    Itself,
    /// A parent of the patient.
    Parent,
    /// A guardian of the patient.
    Guardian,
}

impl SlipFor {
    /// Everybody.
    pub const ALL: [Self; 3] = [Self::Itself, Self::Parent, Self::Guardian];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Itself => "self",
            Self::Parent => "parent",
            Self::Guardian => "guardian",
        }
    }

    /// Whether it is the patient's own.
    #[must_use]
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Itself)
    }

    /// The one with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What counts for a rule by which somebody acts for a resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Representation {
    /// On which ground.
    pub ground: Ground,
    /// Whether they act; otherwise they look.
    pub may_act: bool,
    /// From when on what is delicate is closed to them, unless it is named.
    pub narrows_at: Option<Timestamp>,
}

impl Representation {
    /// Whether what is delicate is closed by now.
    #[must_use]
    pub fn is_narrowed(&self, now: Timestamp) -> bool {
        self.narrows_at.is_some_and(|at| at <= now)
    }
}

/// The longest that a court appoints a guardian for before it looks again, in years (BGB § 1871, FamFG § 295).
pub const LONGEST_GUARDIANSHIP: i16 = 7;

/// How long before a step both sides are told.
pub const NOTICE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What parents may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentsMay {
    /// Read everything, and act.
    ReadAndAct,
    /// Read and act, but for what is delicate or put away, unless the child names it.
    ReadAndActButDelicate,
    /// Nothing, unless the young person appoints them like anybody else.
    Nothing,
}

/// From which birthday on parents may do what. A birthday begins at midnight in Berlin; who was born on 29 February has it on
/// 1 March in years without that day (BGB § 187 (2), § 188 (2)).
pub const STEPS: [(i16, ParentsMay); 3] =
    [(0, ParentsMay::ReadAndAct), (12, ParentsMay::ReadAndActButDelicate), (15, ParentsMay::Nothing)];

/// The moments of a child's life that count for their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// The 12th birthday.
    pub narrows_at: Timestamp,
    /// The 15th birthday.
    pub ends_at: Timestamp,
}

/// The steps of somebody who was born on this day.
#[must_use]
pub fn steps(born: Date) -> Steps {
    let [_, (narrows, _), (ends, _)] = STEPS;
    Steps { narrows_at: birthday(born, narrows), ends_at: birthday(born, ends) }
}

/// What parents may do at a moment.
#[must_use]
pub fn parents_may(born: Date, now: Timestamp) -> ParentsMay {
    let reached = STEPS.into_iter().rev().find(|(age, _)| birthday(born, *age) <= now);
    reached.map_or(ParentsMay::ReadAndAct, |(_, may)| may)
}

/// The first moment of the day on which somebody completes so many years.
fn birthday(born: Date, years: i16) -> Timestamp {
    let year = born.year().saturating_add(years);
    let day = Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1));
    // behind everything that is reached
    day.map_or(Timestamp::MAX, start_of)
}

/// The latest end of a guardianship that is attested now.
#[must_use]
pub fn latest_end(today: Date) -> Date {
    today.checked_add(i32::from(LONGEST_GUARDIANSHIP).years()).unwrap_or(Date::MAX)
}

/// When both sides are told next of a rule with these steps; none when there is nothing left to tell.
#[must_use]
pub fn next_notice(narrows_at: Option<Timestamp>, ends_at: Option<Timestamp>, after: Timestamp) -> Option<Timestamp> {
    let of = |step: Timestamp| [step.checked_sub(NOTICE).unwrap_or(step), step];
    let all = narrows_at.into_iter().chain(ends_at).flat_map(of);
    all.filter(|moment| *moment > after).min()
}

#[cfg(test)]
mod tests;
