//! Everything a use case can answer instead of a result. The web floor maps each to one problem document.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use nahraum_domain::{activation::InvitationState, ids::OrganisationId, private::Private, registrations::NoPart};
use nahraum_formats::Refusal as FormatRefusal;
use nahraum_secrets::{DpopError, HashError};
use nahraum_store::{DatabaseError, Denied, NotLogged, Refused, StoreError, sessions::Over};

use crate::ports::Objection;

/// A use case's no. Closed on purpose: a new one does not compile before it has its status and its sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// No credential, or one that is nobody's.
    NotSignedIn,
    /// The credential was good once.
    SessionOver(Over),
    /// The proof of possession proves nothing.
    ProofRefused {
        /// What is wrong with it.
        error: DpopError,
        /// For the next try.
        nonce: String,
    },
    /// Here nothing is given out or taken without a proof of possession.
    ProofMissing,
    /// Here no credential is made that is good by itself.
    BearerNotAllowed,
    /// The sign-in is too long ago for something as delicate.
    StepUpRequired,
    /// The person works for several organisations and did not say for which they act: these.
    ChooseOrganisation(Vec<(OrganisationId, String)>),
    /// The credential is good, and never good for this.
    Forbidden,
    /// It takes another person than the one who asked.
    SecondPersonRequired,
    /// Not there, or not the caller's: the two look the same.
    NotFound,
    /// Login and secret do not fit together.
    SignInFailed,
    /// Both factors are needed, and one of them was not shown.
    SecondFactorRequired,
    /// The enrolment's secret is nobody's, used up, or too old.
    EnrolmentRefused,
    /// Without it, only the password would be left.
    LastSecondFactor,
    /// The address of this server has no name, so that no passkey can be bound to it.
    PasskeysUnavailable,
    /// The operator does not have phones woken.
    PushUnavailable,
    /// Too many wrong tries; not before.
    TryLater(Timestamp),
    /// Code, birth date or both are not right, or the code cannot be used (any more). Deliberately one answer.
    ActivationFailed,
    /// A code for a second phone or a recovery is wrong or cannot be used (any more). Deliberately one answer.
    CodeFailed,
    /// It is another number.
    WrongNumber,
    /// There is nothing to confirm (any more, or yet).
    NothingToConfirm,
    /// Too many numbers were wrong; a new slip is needed.
    ConfirmationBlocked,
    /// The resident has as many phones as possible.
    TooManyDevices,
    /// The resident has closed everything to this recipient, and has to take that back first.
    RecipientBlocked,
    /// As many rules stand as possible.
    TooManyRules,
    /// The consent text that was agreed to is not the one that is published.
    ConsentTextUnknown,
    /// The version to publish is not the one after the last.
    NotNextVersion,
    /// The patient has not consented: nothing was stored.
    ConsentMissing,
    /// The finding is not in a state in which this can be done.
    StateConflict,
    /// The practice knows this patient with another birth date.
    BirthDateDiffers,
    /// Too many codes of this patient were burnt; not before.
    InvitationBlocked(Timestamp),
    /// An invitation in this state cannot be printed.
    InvitationNotOpen(InvitationState),
    /// The finding to replace belongs to another patient.
    ReplacesOtherPatient,
    /// A newer version of this report is there already; nothing was stored.
    OlderVersion,
    /// The report says that it was entered in error, and no such report is here.
    NothingToWithdraw,
    /// There is no document to open in this finding.
    NoDocument,
    /// The practice has taken the finding back.
    Recalled,
    /// Taking part is not possible (any more).
    CannotTakePart(NoPart),
    /// The idempotency key was used for another request.
    IdempotencyKeyReused,
    /// The idempotency key is missing.
    IdempotencyKeyMissing,
    /// The request has faults, place by place.
    Invalid(Vec<Fault>),
    /// The file cannot be read as what it should be.
    Unreadable(FormatRefusal),
    /// Something stands against reading the file at all.
    Objection(Objection),
    /// The file is larger than allowed.
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Nothing is free right now; come back in some seconds.
    Overloaded {
        /// How many.
        retry_after_seconds: u32,
    },
    /// No room to store anything.
    StorageFull,
    /// Something is broken inside. The log knows what.
    Internal,
}

/// One fault in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901) or the name of a parameter.
    pub pointer: &'static str,
    /// A stable code.
    pub code: &'static str,
    /// A sentence about it.
    pub detail: &'static str,
}

/// What a person has written in their own words: so many characters, over several lines if they like.
///
/// # Errors
/// [`Refusal::Invalid`], with this detail.
pub(crate) fn words(
    pointer: &'static str,
    written: &Private<String>,
    length: RangeInclusive<usize>,
    detail: &'static str,
) -> Result<Private<String>, Refusal> {
    let text = written.reveal().trim();
    if length.contains(&text.chars().count()) && !text.chars().any(|c| c.is_control() && c != '\n') {
        Ok(Private::new(text.to_owned()))
    } else {
        Err(Refusal::invalid(pointer, "out-of-range", detail))
    }
}

impl Refusal {
    /// A refusal for one fault.
    #[must_use]
    pub fn invalid(pointer: &'static str, code: &'static str, detail: &'static str) -> Self {
        Self::Invalid(vec![Fault { pointer, code, detail }])
    }
}

/// What a unit of work fails with: a refusal that is settled, or a store error that still has to be.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A refusal.
    Refusal(Refusal),
    /// The policy's no, whose line in the log is not written yet.
    Denied(Box<Denied>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Denied(denied) => Self::Denied(denied),
            StoreError::Unauthenticated => Self::Refusal(Refusal::NotSignedIn),
            StoreError::Over(over) => Self::Refusal(Refusal::SessionOver(over)),
            StoreError::Database(error) => error.into(),
            // A key that was destroyed: what it was for is not there any more.
            StoreError::Erased => Self::Refusal(Refusal::NotFound),
            StoreError::Corrupt(place) => {
                tracing::error!(place, "a stored value cannot be read");
                Self::Refusal(Refusal::Internal)
            }
        }
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self::Refusal(match error {
            DatabaseError::Busy => Refusal::Overloaded { retry_after_seconds: 1 },
            DatabaseError::Full => Refusal::StorageFull,
            DatabaseError::Unavailable(_) | DatabaseError::ReadOnly => {
                tracing::error!(%error, cause = ?std::error::Error::source(&error), "the database is not available");
                Refusal::Overloaded { retry_after_seconds: 5 }
            }
            DatabaseError::NotFound
            | DatabaseError::Unique { .. }
            | DatabaseError::ForeignKey
            | DatabaseError::Corrupt(_)
            | DatabaseError::Internal(_)
            | DatabaseError::SchemaNewer { .. }
            | DatabaseError::Refused(_) => {
                tracing::error!(%error, cause = ?std::error::Error::source(&error), "the database failed");
                Refusal::Internal
            }
        })
    }
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Overloaded { retry_after_seconds } => Self::Overloaded { retry_after_seconds },
            HashError::Stopped => Self::Overloaded { retry_after_seconds: 5 },
        }
    }
}

impl From<NotLogged> for Refusal {
    /// No entry, no content (SR-L01).
    fn from(error: NotLogged) -> Self {
        match error {
            NotLogged::Unavailable => Self::Overloaded { retry_after_seconds: 5 },
            NotLogged::Stale => Self::Overloaded { retry_after_seconds: 1 },
        }
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Hidden => Self::NotFound,
            Refused::Forbidden => Self::Forbidden,
            Refused::Conflict => Self::StateConflict,
        }
    }
}
