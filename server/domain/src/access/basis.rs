//! On what grounds somebody may see something: a word of the access log.

use crate::consent::Purpose;

/// Why something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// It is the resident's own.
    Own,
    /// The practice delivers what it has examined, with the patient's consent.
    TreatmentDelivery,
    /// The resident has let somebody in.
    Consent,
    /// Somebody explains findings, in a conversation that the resident has opened.
    Explanation,
    /// Somebody acts for the resident.
    Representation,
    /// Somebody has a link of the resident's.
    Link,
    /// It was an emergency.
    Emergency,
    /// Two persons of the operator let one of them look into the access log, because the resident asked.
    ResidentAsked,
    /// The same, because misuse is suspected.
    SuspectedMisuse,
    /// The same, because an authority or a court demanded it.
    Authority,
}

impl Basis {
    /// The basis of what a resident allows for a purpose.
    #[must_use]
    pub const fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Treatment => Self::Consent,
            Purpose::Explanation => Self::Explanation,
            Purpose::Representation => Self::Representation,
            Purpose::Link => Self::Link,
            Purpose::Emergency => Self::Emergency,
        }
    }

    /// Every basis.
    pub const ALL: [Self; 10] = [
        Self::Own,
        Self::TreatmentDelivery,
        Self::Consent,
        Self::Explanation,
        Self::Representation,
        Self::Link,
        Self::Emergency,
        Self::ResidentAsked,
        Self::SuspectedMisuse,
        Self::Authority,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::TreatmentDelivery => "treatment-delivery",
            Self::Consent => "consent",
            Self::Explanation => "explanation",
            Self::Representation => "representation",
            Self::Link => "link",
            Self::Emergency => "emergency",
            Self::ResidentAsked => "resident-asked",
            Self::SuspectedMisuse => "suspected-misuse",
            Self::Authority => "authority",
        }
    }

    /// The basis with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.as_str() == word)
    }
}
