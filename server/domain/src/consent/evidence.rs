//! How a decision came about: where it was made.

/// Where somebody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// On their own phone.
    Phone,
    /// In a practice.
    Practice,
    /// In a kiosk.
    Kiosk,
    /// On paper, which was entered afterwards.
    Paper,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Practice, Self::Kiosk, Self::Paper];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Practice => "practice",
            Self::Kiosk => "kiosk",
            Self::Paper => "paper",
        }
    }

    /// The place with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_a_word_of_its_own() {
        for place in Place::ALL {
            assert_eq!(Place::parse(place.as_str()), Some(place));
        }
    }
}
