//! What use cases need from outside: the clock, mail, pushes, and somebody who looks at files first. Randomness is a port of `nahraum-secrets`.

use jiff::{SignedDuration, Timestamp};
use nahraum_domain::private::Private;
use nahraum_secrets::PushEndpoint;

/// The time. Everything that happens takes it from here.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// The way out for mails. Blocking: called from the thread of the outbox.
pub trait Mailer: Send + Sync {
    /// Hands one mail to the relay.
    ///
    /// # Errors
    /// [`MailError::Temporary`] when a later try may succeed, [`MailError::Permanent`] when none will.
    fn send(&self, mail: &OutgoingMail) -> Result<(), MailError>;
}

/// The way out for pushes. Blocking: called from a thread of its own.
pub trait Pusher: Send + Sync {
    /// Hands one push to its push service.
    ///
    /// # Errors
    /// What has become of it instead.
    fn push(&self, push: &OutgoingPush) -> Result<(), PushError>;
}

/// Who looks at a file before the server itself reads it. Blocking.
pub trait Inspection: Send + Sync {
    /// Looks at all bytes of a file.
    ///
    /// # Errors
    /// What stands against it.
    fn inspect(&self, bytes: &[u8]) -> Result<(), Objection>;
}

/// What stands against reading a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objection {
    /// Reading it takes more memory or time than it may, or does not end well.
    TooDemanding,
    /// A scanner knows it as malicious.
    Malware,
    /// It could not be looked at now. What was not looked at is not taken.
    Unavailable,
}

/// A push as it goes to a push service (RFC 8030), complete.
#[derive(Debug, Clone)]
pub struct OutgoingPush {
    /// Where to.
    pub endpoint: PushEndpoint,
    /// Who sends it, for the `Authorization` header (RFC 8292).
    pub authorization: String,
    /// The message, `aes128gcm`, for the phone only.
    pub body: Vec<u8>,
    /// Whether a phone that saves its battery is woken all the same.
    pub hurries: bool,
}

/// Why a push was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The phone is not to be had at this address any more.
    #[error("the phone is not there any more")]
    Gone,
    /// This one never.
    #[error("the push service will not take the push: {0}")]
    Refused(String),
    /// Later, perhaps.
    #[error("the push service did not take the push now: {reason}")]
    Temporary {
        /// Why.
        reason: String,
        /// How long it asks to be left alone.
        wait: Option<SignedDuration>,
    },
}

/// A mail, complete but for the sender.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// Where to.
    pub to: Private<String>,
    /// The subject.
    pub subject: String,
    /// The text, UTF-8, lines separated by `\n`.
    pub body: String,
    /// The language of the text, as a BCP 47 tag.
    pub language: String,
    /// The left part of the Message-ID. The same on every try, so that a duplicate can be recognised.
    pub message_id: String,
    /// When it was written.
    pub date: Timestamp,
}

/// Why a mail was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Later, perhaps.
    #[error("the relay did not take the mail now: {0}")]
    Temporary(String),
    /// Never.
    #[error("the relay will not take the mail: {0}")]
    Permanent(String),
}
