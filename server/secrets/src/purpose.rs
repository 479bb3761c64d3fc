//! What keys are derived from the root secret for: one label for each purpose (SR-K02).

/// What a derived key is for. Each has its own label, and a label never changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Pepper,
    BirthDates,
    Cursors,
    Lookups,
    Nonces,
    Checkpoints,
    Wrapping,
    Erasures,
    PracticeCa,
    Push,
}

impl Purpose {
    /// Every purpose, for the inventory.
    pub(crate) const ALL: &[Self] = &[
        Self::Pepper,
        Self::BirthDates,
        Self::Cursors,
        Self::Lookups,
        Self::Nonces,
        Self::Checkpoints,
        Self::Wrapping,
        Self::Erasures,
        Self::PracticeCa,
        Self::Push,
    ];

    /// What the key is for, in the inventory.
    pub(crate) const fn use_for(self) -> &'static str {
        match self {
            Self::Pepper => "pepper of password, PIN and code hashes",
            Self::BirthDates => "keyed hash of birth dates",
            Self::Cursors => "seal of paging cursors",
            Self::Lookups => "keyed hashes to look values up by",
            Self::Nonces => "signs the nonces of DPoP proofs",
            Self::Checkpoints => "signs statements about the access log",
            Self::Wrapping => "wraps the key encryption keys",
            Self::Erasures => "keyed hash of erased residents",
            Self::PracticeCa => "signs the certificates of practices' software",
            Self::Push => "signs who sends a push",
        }
    }

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Pepper => "nahraum/1/pepper",
            Self::BirthDates => "nahraum/1/birth-dates",
            Self::Cursors => "nahraum/1/cursors",
            Self::Lookups => "nahraum/1/lookups",
            Self::Nonces => "nahraum/1/dpop-nonces",
            Self::Checkpoints => "nahraum/1/log-checkpoints",
            Self::Wrapping => "nahraum/1/wrapping",
            Self::Erasures => "nahraum/1/erasures",
            Self::PracticeCa => "nahraum/1/practice-ca",
            Self::Push => "nahraum/1/push",
        }
    }
}
