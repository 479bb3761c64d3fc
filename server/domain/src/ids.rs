//! Identifiers: one type per kind of thing, so that a patient's id can never stand where a finding's belongs.
//!
//! All ids are UUIDs (RFC 9562); new ones are version 7 and sort by time. An id is a name, never a secret:
//! whatever must not be guessed is a token or a code (`nahraum-secrets`).

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use uuid::Uuid;

/// A text that should have been an id and is not a UUID in its canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id from the moment it is made and ten random bytes.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid_v7(at, random))
            }

            /// The sixteen bytes as the databases store them.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// An id from its sixteen stored bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                // `Uuid` also reads braces, URNs and undashed digits; one id has one spelling here.
                let id = Uuid::try_parse(text).map_err(|_| NotAnId)?;
                if id.hyphenated().to_string() == text { Ok(Self(id)) } else { Err(NotAnId) }
            }
        }
    )+};
}

ids! {
    /// A person who owns findings.
    ResidentId,
    /// One phone (or browser) on which a resident signs in.
    DeviceId,
    /// An organisation of the network.
    OrganisationId,
    /// An organisation that is a practice.
    PracticeId,
    /// A person who works in one or more organisations.
    StaffId,
    /// The credential of a practice's software.
    CredentialId,
    /// Whoever stands in an entry of the access log as the one who acted: a resident, a person at work, a credential.
    ActorId,
    /// The way from one phone to the next.
    DeviceLinkId,
    /// A sheet for the day on which the phone is gone.
    SheetId,
    /// A recovery with such a sheet.
    RecoveryId,
    /// Something that changed how one signs in.
    SecurityEventId,
    /// A practice's own patient, known by the practice's reference.
    PatientId,
    /// An invitation for one patient.
    InvitationId,
    /// One finding, in one version.
    FindingId,
    /// Stored bytes.
    BlobId,
    /// A signed-in session.
    SessionId,
    /// A passkey of a person who works in the network.
    PasskeyId,
    /// A begun proof or registration of a second factor.
    CeremonyId,
    /// A one-time enrolment of a person.
    EnrolmentId,
    /// One consent decision.
    ConsentId,
    /// One event in the life of a consent decision.
    ConsentEventId,
    /// Two people side by side, one of whom shows a code: a conversation at the kiosk, or somebody to be let in for good.
    EncounterId,
    /// A request to correct a finding.
    CorrectionId,
    /// A question for the next visit.
    QuestionId,
    /// An offer that somebody at work recommends to a resident.
    RecommendationId,
    /// An area: a district, a quarter, a postcode.
    AreaId,
    /// A place where something is offered.
    PlaceId,
    /// What an organisation offers.
    OfferId,
    /// A rule by which an offer takes place.
    ScheduleId,
    /// One date of an offer.
    OccurrenceId,
    /// Somebody's registration for an offer, or for one of its dates.
    RegistrationId,
    /// A moment up to which somebody has been handed what they see.
    SyncPointId,
    /// One link with which somebody without an account may look.
    ShareLinkId,
    /// Somebody at the door with such a link, once.
    LinkVisitId,
    /// A wish for an act that takes two persons.
    ApprovalId,
    /// One line of the access log.
    AccessLogId,
    /// One notice waiting to be sent.
    OutboxId,
    /// One mail to an organisation about what is due.
    FreshnessMailId,
    /// What somebody has said about an offer. Made of chance alone: it must not tell when.
    FeedbackId,
    /// What somebody misses. Made of chance alone: it must not tell when.
    WishId,
    /// One key encryption key of the key store.
    KeyId,
    /// One entry of the ledger of the erased.
    ErasureId,
    /// One request, as it stands in the logs and in problem documents.
    RequestId,
}

impl From<PracticeId> for OrganisationId {
    fn from(practice: PracticeId) -> Self {
        Self(practice.0)
    }
}

fn uuid_v7(at: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_survive_text() {
        let early = FindingId::new(Timestamp::from_second(1_000).unwrap(), [255; 10]);
        let late = FindingId::new(Timestamp::from_second(1_001).unwrap(), [0; 10]);
        assert!(early < late);
        assert_eq!(early.to_string().parse::<FindingId>(), Ok(early));
        assert_eq!(FindingId::from_bytes(*late.as_bytes()), late);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let text = "018f3c5e-0000-7000-8000-00000000000a";
        assert!(text.parse::<FindingId>().is_ok());
        for wrong in [
            "",
            "x",
            "018F3C5E-0000-7000-8000-00000000000A",
            "{018f3c5e-0000-7000-8000-00000000000a}",
            "018f3c5e00007000800000000000000a",
        ] {
            assert_eq!(wrong.parse::<FindingId>(), Err(NotAnId), "{wrong}");
        }
    }
}
