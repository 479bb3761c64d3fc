//! Every refusal of a use case and what it is on the wire. Exhaustive: a new refusal does not compile before it has
//! its line here.

use actix_web::http::header::{self, HeaderValue};
use nahraum_app::{DpopError, Fault, Objection, Refusal, sessions::Over};
use nahraum_domain::{registrations::NoPart, sessions::EndReason};

use super::{Failure, Wait, Words};
use crate::oauth::DPOP_NONCE;

/// After how many seconds a file that nobody could look at may be sent again.
const NOT_INSPECTED: u32 = 30;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure = Self::of(code(&refusal));
        match refusal {
            Refusal::TryLater(time) => not_before(failure, time),
            Refusal::InvitationBlocked(time) => not_before(failure, time),
            Refusal::InvitationNotOpen(state) => failure.detail(Words::same(state.as_str())),
            Refusal::Invalid(faults) => faults
                .into_iter()
                .fold(failure, |failure, fault| failure.at(fault.pointer, fault.code, Words::same(fault.detail))),
            Refusal::Unreadable(why) => {
                let place = why.position().and_then(|at| place(at.pointer.as_deref(), at.line, at.column));
                unreadable(failure, why.code(), place, || Words::new(why.to_string(), why.german()))
            }
            Refusal::TooLarge { limit } => Self::too_large(limit),
            Refusal::Objection(Objection::Unavailable) => failure.wait(Wait::Seconds(NOT_INSPECTED)),
            Refusal::Overloaded { retry_after_seconds } => failure.wait(Wait::Seconds(retry_after_seconds)),
            Refusal::ProofRefused { error, nonce } => refused_proof(failure, error, &nonce),
            Refusal::ChooseOrganisation(organisations) => organisations
                .into_iter()
                .fold(failure, |failure, (id, name)| failure.at("/organisation_id", id.to_string(), Words::same(name))),
            Refusal::NotSignedIn
            | Refusal::SessionOver(_)
            | Refusal::ProofMissing
            | Refusal::BearerNotAllowed
            | Refusal::StepUpRequired
            | Refusal::Forbidden
            | Refusal::SecondPersonRequired
            | Refusal::NotFound
            | Refusal::SignInFailed
            | Refusal::SecondFactorRequired
            | Refusal::EnrolmentRefused
            | Refusal::LastSecondFactor
            | Refusal::PasskeysUnavailable
            | Refusal::PushUnavailable
            | Refusal::ActivationFailed
            | Refusal::CodeFailed
            | Refusal::WrongNumber
            | Refusal::NothingToConfirm
            | Refusal::ConfirmationBlocked
            | Refusal::TooManyDevices
            | Refusal::RecipientBlocked
            | Refusal::TooManyRules
            | Refusal::ConsentTextUnknown
            | Refusal::NotNextVersion
            | Refusal::ConsentMissing
            | Refusal::StateConflict
            | Refusal::BirthDateDiffers
            | Refusal::ReplacesOtherPatient
            | Refusal::OlderVersion
            | Refusal::NothingToWithdraw
            | Refusal::NoDocument
            | Refusal::Recalled
            | Refusal::CannotTakePart(_)
            | Refusal::IdempotencyKeyReused
            | Refusal::IdempotencyKeyMissing
            | Refusal::Objection(Objection::TooDemanding | Objection::Malware)
            | Refusal::StorageFull
            | Refusal::Internal => failure,
        }
    }
}

/// RFC 9449, 7.1 and 9: the code for client libraries, and a nonce for the next try.
fn refused_proof(failure: Failure, error: DpopError, nonce: &str) -> Failure {
    let challenge = format!(r#"DPoP error="{}", algs="ES256 EdDSA""#, error.code());
    let headers = [(header::WWW_AUTHENTICATE, challenge), (DPOP_NONCE, nonce.to_owned())];
    headers.into_iter().fold(failure.detail(Words::same(error.to_string())), |failure, (name, value)| {
        match HeaderValue::from_str(&value) {
            Ok(value) => failure.header(name, value),
            Err(_) => failure,
        }
    })
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Refusal::Invalid(vec![fault]).into()
    }
}

/// A file that cannot be read: the sentence about it, and the place in it.
pub(super) fn unreadable(
    failure: Failure,
    code: &'static str,
    place: Option<String>,
    words: impl Fn() -> Words,
) -> Failure {
    let failure = failure.detail(words());
    match place {
        Some(place) => failure.at(place, code, words()),
        None => failure,
    }
}

/// A place in a file: its JSON pointer, or `line:column`.
pub(super) fn place(pointer: Option<&str>, line: Option<usize>, column: Option<usize>) -> Option<String> {
    let by_line = || line.map(|line| format!("{line}:{}", column.unwrap_or(1)));
    pointer.map(str::to_owned).or_else(by_line)
}

fn not_before(failure: Failure, time: jiff::Timestamp) -> Failure {
    let time_words = Words::new(format!("Not before {time}."), format!("Nicht vor {time}."));
    failure.detail(time_words).wait(Wait::Until(time))
}

const fn objected(objection: Objection) -> &'static str {
    match objection {
        Objection::TooDemanding => "file-too-demanding",
        Objection::Malware => "file-malicious",
        Objection::Unavailable => "file-not-inspected",
    }
}

/// The code of a refusal. Its status stands in the list of problems.
fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotSignedIn => "not-signed-in",
        Refusal::SessionOver(Over::TokenExpired) => "token-expired",
        Refusal::SessionOver(Over::Ended(EndReason::DeviceRevoked)) => "device-revoked",
        Refusal::SessionOver(Over::Ended(EndReason::DeviceExpired)) => "device-expired",
        Refusal::SessionOver(Over::Expired | Over::Ended(_)) => "session-over",
        Refusal::ProofRefused { .. } => "proof-refused",
        Refusal::ProofMissing => "proof-missing",
        Refusal::BearerNotAllowed => "bearer-not-allowed",
        Refusal::StepUpRequired => "step-up-required",
        Refusal::ChooseOrganisation(_) => "choose-organisation",
        Refusal::Forbidden => "forbidden",
        Refusal::SecondPersonRequired => "second-person-required",
        Refusal::NotFound => "not-found",
        Refusal::SignInFailed => "sign-in-failed",
        Refusal::SecondFactorRequired => "second-factor-required",
        Refusal::EnrolmentRefused => "enrolment-refused",
        Refusal::LastSecondFactor => "last-second-factor",
        Refusal::PasskeysUnavailable => "passkeys-unavailable",
        Refusal::PushUnavailable => "push-unavailable",
        Refusal::TryLater(_) => "try-later",
        Refusal::ActivationFailed => "activation-failed",
        Refusal::CodeFailed => "code-failed",
        Refusal::WrongNumber => "wrong-number",
        Refusal::NothingToConfirm => "nothing-to-confirm",
        Refusal::ConfirmationBlocked => "confirmation-blocked",
        Refusal::TooManyDevices => "too-many-devices",
        Refusal::RecipientBlocked => "recipient-blocked",
        Refusal::TooManyRules => "too-many-rules",
        Refusal::ConsentTextUnknown => "consent-text-unknown",
        Refusal::NotNextVersion => "not-next-version",
        Refusal::ConsentMissing => "consent-missing",
        Refusal::StateConflict => "state-conflict",
        Refusal::BirthDateDiffers => "birth-date-differs",
        Refusal::InvitationBlocked(_) => "invitation-blocked",
        Refusal::InvitationNotOpen(_) => "invitation-not-open",
        Refusal::ReplacesOtherPatient => "replaces-other-patient",
        Refusal::OlderVersion => "older-version",
        Refusal::NothingToWithdraw => "nothing-to-withdraw",
        Refusal::NoDocument => "no-document",
        Refusal::Recalled => "recalled",
        Refusal::CannotTakePart(NoPart::Elsewhere) => "registration-elsewhere",
        Refusal::CannotTakePart(NoPart::Paused) => "offer-paused",
        Refusal::CannotTakePart(NoPart::DateCancelled) => "date-cancelled",
        Refusal::CannotTakePart(NoPart::DateOver) => "date-over",
        Refusal::CannotTakePart(NoPart::Full) => "no-place-left",
        Refusal::CannotTakePart(NoPart::Already) => "already-registered",
        Refusal::CannotTakePart(NoPart::NotOffered) => "place-not-kept",
        Refusal::IdempotencyKeyReused => "idempotency-key-reused",
        Refusal::IdempotencyKeyMissing => "idempotency-key-missing",
        Refusal::Invalid(_) => "invalid",
        Refusal::Unreadable(why) => why.code(),
        Refusal::Objection(objection) => objected(*objection),
        Refusal::TooLarge { .. } => "too-large",
        Refusal::Overloaded { .. } => "overloaded",
        Refusal::StorageFull => "storage-full",
        Refusal::Internal => "internal",
    }
}
