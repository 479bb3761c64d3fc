//! Corrections: a resident says that a finding is wrong, and the practice that sent it answers (GDPR, Art. 16).
//!
//! Nobody but the practice changes a finding, and never in its place: a corrected one is a newer version (§ 630f (1) BGB). What
//! is asked, until when an answer is owed (GDPR, Art. 12(3)) and what was answered is kept here.

use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::calendar::{day, end_of};

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It waits for an answer.
    Asked,
    /// The practice has said why it takes longer.
    Extended,
    /// The practice agrees; a newer version says it right.
    Corrected,
    /// The practice does not agree, and has said why.
    Declined,
    /// The resident does not ask any more.
    TakenBack,
}

/// What a practice answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It was wrong, and is corrected.
    Corrected,
    /// It stays as it is.
    Declined,
    /// It takes two months longer. Once.
    Extended,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Corrected, Self::Declined, Self::Extended];

    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.stage().as_str()
    }

    /// The answer with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }

    /// Whether it needs a reason: whoever does not do what was asked says why (GDPR, Art. 12(3) and (4)).
    #[must_use]
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Declined | Self::Extended)
    }

    /// Where a request stands after it.
    #[must_use]
    pub const fn stage(self) -> Stage {
        match self {
            Self::Corrected => Stage::Corrected,
            Self::Declined => Stage::Declined,
            Self::Extended => Stage::Extended,
        }
    }
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Extended, Self::Corrected, Self::Declined, Self::TakenBack];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Extended => "extended",
            Self::Corrected => "corrected",
            Self::Declined => "declined",
            Self::TakenBack => "taken-back",
        }
    }

    /// The stage with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == word)
    }

    /// Whether an answer is owed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Extended)
    }

    /// Whether a practice may give this answer now: only to what is open, and more time only once.
    #[must_use]
    pub fn takes(self, answer: Answer) -> bool {
        self == Self::Asked || (self == Self::Extended && answer != Answer::Extended)
    }

    /// Up to, and not with, which moment an answer is owed: the end of the day a month after the request came, or three months
    /// (GDPR, Art. 12(3); the day of the request does not count, § 187 (1) and § 188 (2) and (3) BGB).
    #[must_use]
    pub fn due(self, asked: Timestamp) -> Timestamp {
        let months = if self == Self::Extended { 3 } else { 1 };
        end_of(day(asked).checked_add(months.months()).unwrap_or(Date::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::parse(stage.as_str()), Some(stage));
        }
        for answer in Answer::ALL {
            assert_eq!(Answer::parse(answer.as_str()), Some(answer));
        }
        assert_eq!(Answer::parse("taken-back"), None);
    }

    #[test]
    fn an_answer_is_owed_within_a_month_and_three_when_it_takes_longer() {
        for (asked, month, three) in [
            ("2026-11-27T09:00:00Z", "2026-12-27T23:00:00Z", "2027-02-27T23:00:00Z"),
            // A month without that day ends with its last, and the summer has another midnight.
            ("2027-01-31T09:00:00Z", "2027-02-28T23:00:00Z", "2027-04-30T22:00:00Z"),
            // In Berlin it was the next day already.
            ("2026-11-27T23:30:00Z", "2026-12-28T23:00:00Z", "2027-02-28T23:00:00Z"),
        ] {
            let asked = asked.parse().unwrap();
            assert_eq!(Stage::Asked.due(asked).to_string(), month);
            assert_eq!(Stage::Extended.due(asked).to_string(), three);
        }
    }

    #[test]
    fn more_time_is_taken_once_and_what_is_settled_stays() {
        for answer in Answer::ALL {
            assert!(Stage::Asked.takes(answer));
            assert_eq!(Stage::Extended.takes(answer), answer != Answer::Extended);
            for settled in [Stage::Corrected, Stage::Declined, Stage::TakenBack] {
                assert!(!settled.takes(answer) && !settled.is_open());
            }
        }
    }
}
