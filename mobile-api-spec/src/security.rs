//! Room security: what changed how somebody signs in, and getting an account back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::sessions::Session;

/// What changed how the resident signs in, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecurityEventList {
    /// The events.
    pub items: Vec<SecurityEvent>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecurityEvent {
    /// The event.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a41")]
    pub id: String,
    /// `device-added`, `device-by-slip`, `device-cut-off`, `pin-changed`, `address-changed`, `sheet-made`, `recovery-started`,
    /// `recovery-cancelled`, `recovery-done`, `device-ends-soon` (the phone has to be connected anew by its `expires_at`) or
    /// `session-replayed` (two have used one sign-in, which was ended); more may come.
    #[schema(example = "device-added")]
    pub kind: String,
    /// When.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub at: String,
    /// The phone it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a22")]
    pub device_id: Option<String>,
    /// The name of that phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Tablet")]
    pub device_name: Option<String>,
    /// Whether it was done on the phone that asks.
    #[schema(example = false)]
    pub by_this_device: bool,
    /// When the resident said that it was not them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:31:00Z")]
    pub disowned_at: Option<String>,
    /// The same in a sentence.
    #[schema(example = "Ein weiteres Gerät kann sich jetzt in Ihrem Konto anmelden.")]
    pub sentence: String,
    /// The language of the sentence.
    #[schema(example = "de")]
    pub lang: String,
    /// Its direction: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
}

/// What changed how a person at work signs in, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffSecurityEventList {
    /// The events.
    pub items: Vec<StaffSecurityEvent>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// One change, for a person at work.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffSecurityEvent {
    /// The event.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a42")]
    pub id: String,
    /// `enrolled`, `reset-started`, `passkey-added`, `passkey-removed`, `password-changed`, `totp-set`, `totp-removed` or
    /// `session-replayed` (two have used one sign-in, which was ended); more may come.
    #[schema(example = "passkey-added")]
    pub kind: String,
    /// When.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub at: String,
    /// Whether it was done in the session that asks.
    #[schema(example = false)]
    pub by_this_session: bool,
    /// When the person said that it was not them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:31:00Z")]
    pub disowned_at: Option<String>,
    /// The same in a sentence.
    #[schema(example = "Ein Passkey kam hinzu.")]
    pub sentence: String,
    /// The language of the sentence.
    #[schema(example = "de")]
    pub lang: String,
    /// Its direction: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
}

/// A new recovery sheet, for the only time it is seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedRecoverySheet {
    /// What the QR code says. Stored only as a hash.
    #[schema(example = "http://127.0.0.1:8080/a#r1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub qr_payload: String,
    /// The sheet to print in the resident's language: a PDF as base64.
    #[schema(example = "JVBERi0xLjcK", format = Byte)]
    pub pdf: String,
}

/// A new phone shows a recovery sheet.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecovery {
    /// What the QR code on the sheet says.
    #[schema(example = "http://127.0.0.1:8080/a#r1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub code: String,
    /// The resident's birth date.
    #[schema(example = "1961-03-14", format = Date)]
    pub birth_date: String,
    /// Only where the server takes tokens without proof, as in an activation. Everywhere else the key of the `DPoP` header
    /// names the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: Option<String>,
    /// A name for the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Neues Handy")]
    pub device_name: Option<String>,
    /// Six digits for this phone.
    #[schema(example = "482915")]
    pub pin: String,
}

/// The new phone asks for the account.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoveryPoll {
    /// The same code.
    #[schema(example = "http://127.0.0.1:8080/a#r1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub code: String,
    /// The same secret, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: Option<String>,
}

/// How far a recovery is, for the new phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryProgress {
    /// `waiting`: ask again at `ready_at`. `done`: the account is on this phone, and `session` is there.
    #[schema(example = "waiting")]
    pub state: String,
    /// When it will be done, unless an earlier phone stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T09:30:00Z")]
    pub ready_at: Option<String>,
    /// The session that begins, once it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub session: Option<Session>,
}

/// Whether somebody is getting the account back, for the earlier phones.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryStatus {
    /// Whether one runs.
    #[schema(example = true)]
    pub running: bool,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:30:00Z")]
    pub started_at: Option<String>,
    /// When the new phone gets the account, unless somebody stops it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T09:30:00Z")]
    pub ready_at: Option<String>,
    /// What the new phone calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Neues Handy")]
    pub device_name: Option<String>,
}
