//! Why a resident's data is erased for good. A closed list: free text would put a person back into a ledger that is to
//! outlive them.

/// A reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureReason {
    /// The resident asked for it (GDPR Art. 17).
    Asked,
    /// The account was not used for too long.
    Unused,
    /// The account should never have been made, such as one for the wrong person.
    Mistake,
}

impl ErasureReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Unused, Self::Mistake];

    /// A stable word for it, on the command line and in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Unused => "unused",
            Self::Mistake => "mistake",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_word_of_its_own() {
        for reason in ErasureReason::ALL {
            assert_eq!(ErasureReason::parse(reason.as_str()), Some(reason));
        }
        assert_eq!(ErasureReason::parse("because"), None);
    }
}
