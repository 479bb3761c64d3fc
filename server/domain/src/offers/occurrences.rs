//! One date of an offer, and what its publisher does with it. Its id stays, whatever becomes of it.

use jiff::civil::Weekday;

/// The day of the week with this English word.
#[must_use]
pub fn weekday(word: &str) -> Option<Weekday> {
    let words = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let place = words.iter().position(|known| *known == word)?;
    Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok()
}

/// How a date stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OccurrenceState {
    /// As the schedule has it.
    Scheduled,
    /// At another time or place.
    Moved,
    /// It does not take place.
    Cancelled,
}

/// What is done with one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OccurrenceStep {
    /// It does not take place.
    Cancel,
    /// It takes place at another time or place.
    Move,
    /// It takes place as the schedule has it.
    Restore,
}

impl OccurrenceState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Scheduled, Self::Moved, Self::Cancelled];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Moved => "moved",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// How a date stands after a step; none where that step is none. Who is told that a date is cancelled has to be told that it
    /// takes place again before it can move.
    #[must_use]
    pub const fn after(self, step: OccurrenceStep) -> Option<Self> {
        match (self, step) {
            (Self::Scheduled | Self::Moved, OccurrenceStep::Cancel) => Some(Self::Cancelled),
            (Self::Scheduled | Self::Moved, OccurrenceStep::Move) => Some(Self::Moved),
            (Self::Moved | Self::Cancelled, OccurrenceStep::Restore) => Some(Self::Scheduled),
            (Self::Cancelled, OccurrenceStep::Cancel | OccurrenceStep::Move)
            | (Self::Scheduled, OccurrenceStep::Restore) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_have_english_words() {
        assert_eq!(
            (weekday("monday"), weekday("sunday"), weekday("Sonntag")),
            (Some(Weekday::Monday), Some(Weekday::Sunday), None)
        );
    }

    #[test]
    fn what_is_cancelled_takes_place_again_only_when_somebody_says_so() {
        use OccurrenceState::{Cancelled, Moved, Scheduled};
        for (state, cancel, moved, restore) in [
            (Scheduled, Some(Cancelled), Some(Moved), None),
            (Moved, Some(Cancelled), Some(Moved), Some(Scheduled)),
            (Cancelled, None, None, Some(Scheduled)),
        ] {
            let steps = [OccurrenceStep::Cancel, OccurrenceStep::Move, OccurrenceStep::Restore];
            assert_eq!(steps.map(|step| state.after(step)), [cancel, moved, restore]);
            assert_eq!(OccurrenceState::parse(state.as_str()), Some(state));
        }
    }
}
