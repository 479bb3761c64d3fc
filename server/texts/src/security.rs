//! The words about signing in: what has changed, and the sheet for the day on which the phone is gone.

use nahraum_domain::security::SecurityEvent;
use serde::Deserialize;

use crate::{catalogue::texts, language::Language};

/// The sentences of the recovery sheet, with their placeholders; [`fill`](crate::fill) completes them. No medical word in
/// any of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetTexts {
    /// With `{app_name}`.
    pub heading: String,
    /// What to do; the first with `{app_name}`.
    pub steps: [String; 3],
    /// That it takes a day, and why.
    pub delay: String,
    /// That it works once.
    pub single_use: String,
    /// Where to keep it.
    pub keep_safe: String,
    /// With `{date}`.
    pub printed_on: String,
    /// What the QR code is, for those who cannot see it.
    pub qr_alt: String,
}

/// The sentences of the recovery sheet.
#[must_use]
pub fn sheet_texts(language: Language) -> &'static SheetTexts {
    &texts(language).file.sheet
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecurityWords {
    device_added: String,
    device_by_slip: String,
    device_cut_off: String,
    pin_changed: String,
    address_changed: String,
    sheet_made: String,
    recovery_started: String,
    recovery_cancelled: String,
    recovery_done: String,
    log_looked_at: String,
    device_ends_soon: String,
    session_replayed: String,
    enrolled: String,
    reset_started: String,
    passkey_added: String,
    passkey_removed: String,
    password_changed: String,
    totp_set: String,
    totp_removed: String,
}

/// What has happened, as a sentence for whom it concerns.
#[must_use]
pub fn security_sentence(language: Language, event: SecurityEvent) -> &'static str {
    let words = &texts(language).file.security;
    match event {
        SecurityEvent::DeviceAdded => &words.device_added,
        SecurityEvent::DeviceBySlip => &words.device_by_slip,
        SecurityEvent::DeviceCutOff => &words.device_cut_off,
        SecurityEvent::PinChanged => &words.pin_changed,
        SecurityEvent::AddressChanged => &words.address_changed,
        SecurityEvent::SheetMade => &words.sheet_made,
        SecurityEvent::RecoveryStarted => &words.recovery_started,
        SecurityEvent::RecoveryCancelled => &words.recovery_cancelled,
        SecurityEvent::RecoveryDone => &words.recovery_done,
        SecurityEvent::LogLookedAt => &words.log_looked_at,
        SecurityEvent::DeviceEndsSoon => &words.device_ends_soon,
        SecurityEvent::SessionReplayed => &words.session_replayed,
        SecurityEvent::Enrolled => &words.enrolled,
        SecurityEvent::ResetStarted => &words.reset_started,
        SecurityEvent::PasskeyAdded => &words.passkey_added,
        SecurityEvent::PasskeyRemoved => &words.passkey_removed,
        SecurityEvent::PasswordChanged => &words.password_changed,
        SecurityEvent::TotpSet => &words.totp_set,
        SecurityEvent::TotpRemoved => &words.totp_removed,
    }
}
