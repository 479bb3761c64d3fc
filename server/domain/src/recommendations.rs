//! Recommendations: somebody at work thinks that an offer would do a resident good. It lies in the resident's record; what becomes of it is
//! the resident's alone, and nobody else is told.

/// What the resident makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecommendationState {
    /// Nothing yet.
    New,
    /// They have looked at it.
    Seen,
    /// Not for them.
    Declined,
}

impl RecommendationState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::New, Self::Seen, Self::Declined];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Seen => "seen",
            Self::Declined => "declined",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What a resident can say; nothing becomes new again.
    #[must_use]
    pub fn said(word: &str) -> Option<Self> {
        Self::parse(word).filter(|state| *state != Self::New)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_says_that_something_is_new() {
        for state in RecommendationState::ALL {
            assert_eq!(RecommendationState::parse(state.as_str()), Some(state));
        }
        assert_eq!(RecommendationState::said("new"), None);
        assert_eq!(RecommendationState::said("declined"), Some(RecommendationState::Declined));
    }
}
