//! For whom rules are, and who counts as whom.

use crate::{
    ids::{EncounterId, OrganisationId, ResidentId, ShareLinkId, StaffId},
    organisations::Duty,
};

/// For whom a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recipient {
    /// Everybody but the resident. Only for closing.
    Everyone,
    /// Everybody who works for an organisation.
    Organisation(OrganisationId),
    /// Those who do one thing in an organisation.
    Duty(OrganisationId, Duty),
    /// One person, for whichever organisation they act.
    Person(StaffId),
    /// Another resident, who acts for this one.
    Resident(ResidentId),
    /// Whoever takes part in one conversation at the kiosk.
    Explain(EncounterId),
    /// Whoever holds one link.
    Link(ShareLinkId),
}

impl Recipient {
    /// A stable word for the kind, in the API and in the database, and the id.
    #[must_use]
    pub const fn parts(&self) -> (&'static str, Option<&[u8; 16]>) {
        match self {
            Self::Everyone => ("everyone", None),
            Self::Organisation(id) => ("organisation", Some(id.as_bytes())),
            Self::Duty(id, duty) => (duty_kind(*duty), Some(id.as_bytes())),
            Self::Person(id) => ("person", Some(id.as_bytes())),
            Self::Resident(id) => ("resident", Some(id.as_bytes())),
            Self::Explain(id) => ("explain", Some(id.as_bytes())),
            Self::Link(id) => ("link", Some(id.as_bytes())),
        }
    }

    /// The recipient with this kind and id.
    #[must_use]
    pub fn from_parts(kind: &str, id: Option<[u8; 16]>) -> Option<Self> {
        match (kind, id) {
            ("everyone", None) => Some(Self::Everyone),
            ("organisation", Some(id)) => Some(Self::Organisation(OrganisationId::from_bytes(id))),
            ("person", Some(id)) => Some(Self::Person(StaffId::from_bytes(id))),
            ("resident", Some(id)) => Some(Self::Resident(ResidentId::from_bytes(id))),
            ("explain", Some(id)) => Some(Self::Explain(EncounterId::from_bytes(id))),
            ("link", Some(id)) => Some(Self::Link(ShareLinkId::from_bytes(id))),
            (kind, Some(id)) => {
                let duty = Duty::ALL.into_iter().find(|duty| duty_kind(*duty) == kind)?;
                Some(Self::Duty(OrganisationId::from_bytes(id), duty))
            }
            (_, None) => None,
        }
    }
}

const fn duty_kind(duty: Duty) -> &'static str {
    match duty {
        Duty::Physician => "duty-physician",
        Duty::Care => "duty-care",
        Duty::SocialWork => "duty-social-work",
        Duty::Interpreting => "duty-interpreting",
        Duty::Office => "duty-office",
    }
}

/// Who wants to see something, in all the ways in which they could be a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A person at work, for an organisation.
    AtWork {
        /// The person.
        person: StaffId,
        /// The organisation they act for.
        organisation: OrganisationId,
        /// What they do there, as far as that is known.
        duty: Option<Duty>,
    },
    /// The same, in a conversation that the resident has opened.
    Explaining {
        /// The conversation.
        conversation: EncounterId,
        /// The person.
        person: StaffId,
        /// The organisation they act for.
        organisation: OrganisationId,
        /// What they do there, as far as that is known.
        duty: Option<Duty>,
    },
    /// Another resident.
    Representative(ResidentId),
    /// Somebody with a link.
    Holder(ShareLinkId),
}

impl Reader {
    /// Every recipient this reader counts as.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        let mut all = vec![Recipient::Everyone];
        match *self {
            Self::AtWork { person, organisation, duty } => {
                all.extend([Recipient::Organisation(organisation), Recipient::Person(person)]);
                all.extend(duty.map(|duty| Recipient::Duty(organisation, duty)));
            }
            Self::Explaining { conversation, person, organisation, duty } => {
                let explains = Recipient::Explain(conversation);
                all.extend([explains, Recipient::Organisation(organisation), Recipient::Person(person)]);
                all.extend(duty.map(|duty| Recipient::Duty(organisation, duty)));
            }
            Self::Representative(resident) => all.push(Recipient::Resident(resident)),
            Self::Holder(link) => all.push(Recipient::Link(link)),
        }
        all
    }

    /// Whether a rule for this recipient is one for this reader.
    #[must_use]
    pub fn is(&self, recipient: Recipient) -> bool {
        match (*self, recipient) {
            (_, Recipient::Everyone) => true,
            (
                Self::AtWork { organisation, .. } | Self::Explaining { organisation, .. },
                Recipient::Organisation(other),
            ) => organisation == other,
            (Self::AtWork { person, .. } | Self::Explaining { person, .. }, Recipient::Person(other)) => {
                person == other
            }
            (
                Self::AtWork { organisation, duty, .. } | Self::Explaining { organisation, duty, .. },
                Recipient::Duty(other, theirs),
            ) => organisation == other && duty == Some(theirs),
            (Self::Explaining { conversation, .. }, Recipient::Explain(other)) => conversation == other,
            (Self::Representative(resident), Recipient::Resident(other)) => resident == other,
            (Self::Holder(link), Recipient::Link(other)) => link == other,
            (
                Self::AtWork { .. } | Self::Explaining { .. } | Self::Representative(_) | Self::Holder(_),
                Recipient::Organisation(_)
                | Recipient::Duty(..)
                | Recipient::Person(_)
                | Recipient::Resident(_)
                | Recipient::Explain(_)
                | Recipient::Link(_),
            ) => false,
        }
    }
}
