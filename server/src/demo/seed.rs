//! Makes the demo's past through the same use cases that serve people: each call carries the moment at which it would
//! have happened.

use std::sync::Arc;

use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, Time, time},
    tz::TimeZone,
};
use nahraum_app::{
    App, Call, Clock, MailError, Mailer, Moment, OutgoingMail, Refusal, Spool,
    activations::ActivationRequest,
    consents,
    invitations::InvitationRequest,
    jobs::NoticeWords,
    receipts::RecallReason,
    uploads::{UploadDetails, UploadRequest, Uploaded},
};
use nahraum_domain::{
    ids::{FindingId, PracticeId, RequestId},
    private::Private,
};
use nahraum_secrets::{HashError, PresentedToken, Random, Secret, SecretKind, SeededRandom, Token, random_bytes};
use nahraum_texts::{BASE_PURPOSE, Language, consent_text};
use tokio::task::JoinSet;

use super::district::{
    self, DISTRICT, DistrictError, Registration, Resident, SeedAfter, SeedContent, SeedMetadata, SeedUpload,
    StaffLogin, Standing,
};
use crate::wiring::House;

/// Everyone's findings follow from this number and the day.
const SEED: u64 = 1;

/// When a practice invites: before the first findings of a day are sent.
const MORNING: Time = time(6, 30, 0, 0);

/// How many findings may be opened at once while the next files are written.
const OPENINGS: usize = 8;

/// Why the demo's people could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    /// A file of the district could not be written.
    #[error(transparent)]
    District(#[from] DistrictError),
    /// A use case said no.
    #[error("the demo could not {step}: {refusal:?}")]
    Refused {
        /// What was tried.
        step: &'static str,
        /// The answer.
        refusal: Refusal,
    },
    /// The tables name something that is not there.
    #[error("the demo lacks {0}")]
    Missing(&'static str),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A day that the calendar does not have.
    #[error(transparent)]
    Time(#[from] jiff::Error),
    /// The spool cannot be written.
    #[error("the demo's files could not be stored")]
    Spool(#[from] std::io::Error),
    /// A task was lost.
    #[error("a part of the demo was lost on the way")]
    Task(#[from] tokio::task::JoinError),
}

/// For `map_err`: at which step a use case said no.
fn at(step: &'static str) -> impl Fn(Refusal) -> SeedError {
    move |refusal| SeedError::Refused { step, refusal }
}

/// A clock that stands still, for what the operator did before the practices opened.
struct StoppedClock(Timestamp);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
