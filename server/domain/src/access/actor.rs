//! Who acts, and as what.

use crate::{
    consent::Reader,
    ids::{ConsentId, CredentialId, LinkVisitId, OrganisationId, PracticeId, ResidentId, ShareLinkId, StaffId},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A resident, for themself.
    Resident(ResidentId),
    /// A resident, in the place of another one, who let them act or for whom the law does.
    Representative {
        /// Who acts.
        representative: ResidentId,
        /// In whose place.
        resident: ResidentId,
        /// The rule that lets them.
        by: ConsentId,
    },
    /// A person of a practice, for the practice.
    Staff {
        /// The person.
        staff: StaffId,
        /// The practice they act for.
        practice: PracticeId,
    },
    /// A person of a kiosk, a social institution or the district office. No way to health data (SR-Z06) but what a resident
    /// opens for them.
    District {
        /// The person.
        staff: StaffId,
        /// The organisation they act for.
        organisation: OrganisationId,
    },
    /// A person who runs the installation. No way to health data (SR-Z06).
    Operator {
        /// The person.
        staff: StaffId,
        /// The organisation they act for.
        organisation: OrganisationId,
    },
    /// A practice's software. Write-only but for its own receipts (SR-Z05).
    Software {
        /// The upload credential.
        credential: CredentialId,
        /// The practice it uploads for.
        practice: PracticeId,
    },
    /// Somebody without an account, who holds a link of a resident's.
    Holder {
        /// The link.
        link: ShareLinkId,
        /// This one time at the door.
        visit: LinkVisitId,
    },
}

impl Actor {
    /// The role, which decides what kinds of action are open at all.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Resident(_) => Role::Resident,
            Self::Representative { .. } => Role::Representative,
            Self::Staff { .. } => Role::Staff,
            Self::District { .. } => Role::District,
            Self::Operator { .. } => Role::Operator,
            Self::Software { .. } => Role::Software,
            Self::Holder { .. } => Role::Holder,
        }
    }

    /// The organisation the actor acts for; none for residents and the holder of a link.
    #[must_use]
    pub fn organisation(&self) -> Option<OrganisationId> {
        match self {
            Self::Resident(_) | Self::Representative { .. } | Self::Holder { .. } => None,
            Self::Staff { practice, .. } | Self::Software { practice, .. } => Some((*practice).into()),
            Self::District { organisation, .. } | Self::Operator { organisation, .. } => Some(*organisation),
        }
    }

    /// As whom the actor could be let in by a resident; none for those who never are.
    #[must_use]
    pub fn reader(&self) -> Option<Reader> {
        match *self {
            Self::Resident(id) | Self::Representative { representative: id, .. } => Some(Reader::Representative(id)),
            Self::Staff { staff, practice } => {
                Some(Reader::AtWork { person: staff, organisation: practice.into(), duty: None })
            }
            Self::District { staff, organisation } => Some(Reader::AtWork { person: staff, organisation, duty: None }),
            Self::Holder { link, .. } => Some(Reader::Holder(link)),
            Self::Operator { .. } | Self::Software { .. } => None,
        }
    }

    /// Whose things the actor acts on: a resident's own, or those of the one in whose place they act.
    #[must_use]
    pub const fn principal(&self) -> Option<ResidentId> {
        match *self {
            Self::Resident(resident) | Self::Representative { resident, .. } => Some(resident),
            Self::Staff { .. }
            | Self::District { .. }
            | Self::Operator { .. }
            | Self::Software { .. }
            | Self::Holder { .. } => None,
        }
    }

    /// The rule by which the actor acts in somebody's place, if they do.
    #[must_use]
    pub const fn acts_by(&self) -> Option<ConsentId> {
        match *self {
            Self::Representative { by, .. } => Some(by),
            Self::Resident(_)
            | Self::Staff { .. }
            | Self::District { .. }
            | Self::Operator { .. }
            | Self::Software { .. }
            | Self::Holder { .. } => None,
        }
    }

    /// The practice the actor acts for, if any.
    #[must_use]
    pub const fn practice(&self) -> Option<PracticeId> {
        match self {
            Self::Resident(_)
            | Self::Representative { .. }
            | Self::District { .. }
            | Self::Operator { .. }
            | Self::Holder { .. } => None,
            Self::Staff { practice, .. } | Self::Software { practice, .. } => Some(*practice),
        }
    }
}

/// The kinds of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A resident.
    Resident,
    /// A resident in the place of another one.
    Representative,
    /// A person of a practice.
    Staff,
    /// A person of a kiosk, a social institution or the district office.
    District,
    /// A person who runs the installation.
    Operator,
    /// A practice's software.
    Software,
    /// Somebody without an account, who holds a link of a resident's.
    Holder,
}
