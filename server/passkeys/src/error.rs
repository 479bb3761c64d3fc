//! Why a ceremony fails, in the few kinds that make a difference to somebody.

use webauthn_rs::prelude::WebauthnError;

/// Why passkeys cannot be used at this address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("passkeys need a public address with a name, such as https://nahraum.example; an IP address cannot have any")]
pub struct WrongAddress;

/// Why a passkey is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// Not what a browser answers, or longer than 16 KiB.
    #[error("this is not an answer of an authenticator")]
    Malformed,
    /// Made for another challenge: a replay, or an answer from another window.
    #[error("the answer belongs to another request; please try again")]
    WrongChallenge,
    /// Made on another page.
    #[error("the answer was made on another site")]
    WrongSite,
    /// The authenticator did not ask who is there.
    #[error("the passkey has to ask for finger, face or PIN")]
    UserNotVerified,
    /// None of the keys that may sign in here, or removed meanwhile.
    #[error("this passkey is not registered here")]
    Unknown,
    /// The key is registered for this person already.
    #[error("this passkey is registered already")]
    AlreadyRegistered,
    /// The counter of the key is not above the last one: there may be a copy of it. Nobody gets in, and it is worth an
    /// alarm.
    #[error("the passkey has counted backwards; it may have been copied")]
    CounterWentBack,
    /// A wrong signature, or anything else the standard forbids.
    #[error("the passkey could not prove itself")]
    Refused,
    /// What was stored is not what this crate gave out.
    #[error("a stored passkey or ceremony cannot be read")]
    Corrupt,
}

impl From<WebauthnError> for PasskeyError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library knows a hundred ways to be refused")]
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::MismatchedChallenge | WebauthnError::ChallengeNotFound => Self::WrongChallenge,
            WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash | WebauthnError::CredentialCrossOrigin => {
                Self::WrongSite
            }
            WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => Self::UserNotVerified,
            WebauthnError::CredentialNotFound => Self::Unknown,
            WebauthnError::CredentialPossibleCompromise => Self::CounterWentBack,
            WebauthnError::ParseBase64Failure(_)
            | WebauthnError::ParseCBORFailure(_)
            | WebauthnError::ParseJSONFailure(_)
            | WebauthnError::ParseNOMFailure
            | WebauthnError::ParseInsufficientBytesAvailable => Self::Malformed,
            _ => Self::Refused,
        }
    }
}
