//! The organisations of a district network, and what kind of session their people have.

use crate::sessions::SessionKind;

/// What an organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganisationKind {
    /// A practice: it sends findings of its own patients.
    Practice,
    /// A health kiosk: it explains, and publishes offers.
    Kiosk,
    /// A social institution: it publishes offers.
    SocialInstitution,
    /// The district office: it publishes offers and looks after their truth.
    DistrictOffice,
    /// Who runs the installation. It never sees health data.
    Operator,
}

impl OrganisationKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Practice, Self::Kiosk, Self::SocialInstitution, Self::DistrictOffice, Self::Operator];

    /// A stable word for it, in the API, on the command line and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::Kiosk => "kiosk",
            Self::SocialInstitution => "social-institution",
            Self::DistrictOffice => "district-office",
            Self::Operator => "operator",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether residents can let its people see findings.
    #[must_use]
    pub const fn is_shared_with(self) -> bool {
        match self {
            Self::Practice | Self::Kiosk | Self::SocialInstitution => true,
            Self::DistrictOffice | Self::Operator => false,
        }
    }

    /// The kind of session its people have.
    #[must_use]
    pub const fn session(self) -> SessionKind {
        match self {
            Self::Practice => SessionKind::Practice,
            Self::Kiosk | Self::SocialInstitution | Self::DistrictOffice => SessionKind::District,
            Self::Operator => SessionKind::Operator,
        }
    }
}

/// What a person does in an organisation, as far as residents tell apart whom they let in. The operator says it, by the word of
/// the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// Treats: physicians and psychotherapists.
    Physician,
    /// Nurses, and assists in a practice.
    Care,
    /// Advises and accompanies: social work, help with applications.
    SocialWork,
    /// Explains in other languages.
    Interpreting,
    /// Reception and office.
    Office,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 5] = [Self::Physician, Self::Care, Self::SocialWork, Self::Interpreting, Self::Office];

    /// A stable word for it, in the API, on the command line and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Physician => "physician",
            Self::Care => "care",
            Self::SocialWork => "social-work",
            Self::Interpreting => "interpreting",
            Self::Office => "office",
        }
    }

    /// The duty with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in OrganisationKind::ALL {
            assert_eq!(OrganisationKind::parse(kind.as_str()), Some(kind));
        }
        for duty in Duty::ALL {
            assert_eq!(Duty::parse(duty.as_str()), Some(duty));
        }
    }
}
