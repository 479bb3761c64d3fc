//! What becomes of it when a decision is taken back: told before it is confirmed, kept by the house.

use super::{Purpose, Rights};

/// What kind of thing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing new comes.
    StopNew,
    /// What is there is closed.
    Lock,
    /// What is there stays, for a reason.
    Keep,
}

impl Kind {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StopNew => "stop-new",
            Self::Lock => "lock",
            Self::Keep => "keep",
        }
    }
}

/// One thing that happens, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consequence {
    /// No new findings are stored for the resident.
    NoNewFindings,
    /// The findings that are there stay readable for the resident, until they erase the account.
    FindingsStay,
    /// The recipient sees nothing any more, from the very next request on.
    RecipientLosesSight,
    /// What the recipient has downloaded before cannot be fetched back.
    CopiesStay,
    /// The access log is kept: without it nobody could see who has looked.
    LogStays,
}

impl Consequence {
    /// Every consequence.
    pub const ALL: [Self; 5] =
        [Self::NoNewFindings, Self::FindingsStay, Self::RecipientLosesSight, Self::CopiesStay, Self::LogStays];

    /// What kind of thing it is.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::NoNewFindings => Kind::StopNew,
            Self::RecipientLosesSight => Kind::Lock,
            Self::FindingsStay | Self::CopiesStay | Self::LogStays => Kind::Keep,
        }
    }
}

/// When the consent to receive findings is taken back.
pub const OF_BASE: &[Consequence] = &[Consequence::NoNewFindings, Consequence::FindingsStay, Consequence::LogStays];

/// When another consent to a text is taken back: nothing rests on it by itself.
pub const OF_OTHER_TEXTS: &[Consequence] = &[Consequence::LogStays];

/// When a permission is taken back.
#[must_use]
pub const fn of_permit(purpose: Purpose, rights: Rights) -> &'static [Consequence] {
    use Consequence::{CopiesStay, LogStays, RecipientLosesSight};
    match (purpose, rights.download) {
        // A conversation never allows a download.
        (Purpose::Explanation, _) | (Purpose::Treatment | Purpose::Representation | Purpose::Link, false) => {
            &[RecipientLosesSight, LogStays]
        }
        (Purpose::Treatment | Purpose::Representation | Purpose::Link, true) | (Purpose::Emergency, _) => {
            &[RecipientLosesSight, CopiesStay, LogStays]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_permission_was_for_it_closes_and_the_log_stays() {
        for purpose in Purpose::ALL {
            for download in [false, true] {
                let told = of_permit(purpose, Rights { download, pass_on: false });
                assert!(told.iter().any(|one| one.kind() == Kind::Lock), "{purpose:?}");
                assert!(told.contains(&Consequence::LogStays));
                assert!(!download || purpose == Purpose::Explanation || told.contains(&Consequence::CopiesStay));
            }
        }
    }
}
