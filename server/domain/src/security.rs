//! What people are told about their own sign-in, how a second phone is let in, and how an account comes back (SR-A09,
//! SR-B07). Rules only: nothing here knows a clock or a database.

use jiff::{SignedDuration, Timestamp};

/// Something that has to do with how one signs in, or that somebody other than a practice looked into the account. The first
/// ones are about residents, the last ones about people at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecurityEvent {
    /// Another phone can sign in, confirmed on a phone that could.
    DeviceAdded,
    /// Another phone can sign in, by a slip of a practice; the earlier ones cannot any more.
    DeviceBySlip,
    /// A phone was cut off.
    DeviceCutOff,
    /// The PIN of a phone is another one.
    PinChanged,
    /// Notices go to another address, or to none.
    AddressChanged,
    /// A recovery sheet was made.
    SheetMade,
    /// Somebody wants the account on a new phone, with the recovery sheet.
    RecoveryStarted,
    /// The recovery was stopped.
    RecoveryCancelled,
    /// The recovery is done; the earlier phones cannot sign in any more.
    RecoveryDone,
    /// A person of the operator looks into the access log, after a second one has agreed (SR-L05).
    LogLookedAt,
    /// The registration of a phone ends soon, unless somebody signs in on it (SR-S06).
    DeviceEndsSoon,
    /// A token that was used up was shown again: two have had it, and its session ended (SR-S03).
    SessionReplayed,
    /// A person at work has set all their factors anew, with a one-time secret.
    Enrolled,
    /// Somebody has given out a one-time secret for setting a person's factors anew.
    ResetStarted,
    /// A passkey came.
    PasskeyAdded,
    /// A passkey went.
    PasskeyRemoved,
    /// Another password.
    PasswordChanged,
    /// One-time codes from an app, or from another app.
    TotpSet,
    /// No such codes any more.
    TotpRemoved,
}

impl SecurityEvent {
    /// Every kind.
    pub const ALL: [Self; 19] = [
        Self::DeviceAdded,
        Self::DeviceBySlip,
        Self::DeviceCutOff,
        Self::PinChanged,
        Self::AddressChanged,
        Self::SheetMade,
        Self::RecoveryStarted,
        Self::RecoveryCancelled,
        Self::RecoveryDone,
        Self::LogLookedAt,
        Self::DeviceEndsSoon,
        Self::SessionReplayed,
        Self::Enrolled,
        Self::ResetStarted,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::PasswordChanged,
        Self::TotpSet,
        Self::TotpRemoved,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeviceAdded => "device-added",
            Self::DeviceBySlip => "device-by-slip",
            Self::DeviceCutOff => "device-cut-off",
            Self::PinChanged => "pin-changed",
            Self::AddressChanged => "address-changed",
            Self::SheetMade => "sheet-made",
            Self::RecoveryStarted => "recovery-started",
            Self::RecoveryCancelled => "recovery-cancelled",
            Self::RecoveryDone => "recovery-done",
            Self::LogLookedAt => "log-looked-at",
            Self::DeviceEndsSoon => "device-ends-soon",
            Self::SessionReplayed => "session-replayed",
            Self::Enrolled => "enrolled",
            Self::ResetStarted => "reset-started",
            Self::PasskeyAdded => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::PasswordChanged => "password-changed",
            Self::TotpSet => "totp-set",
            Self::TotpRemoved => "totp-removed",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == word)
    }
}

/// For how long a person at work who signs in somewhere new is told of events as new ones.
pub const NEWS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long the QR code for a second phone is good.
pub const LINK_LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// How many wrong numbers end the way to a second phone.
pub const LINK_TRIES: i32 = 3;

/// How long a recovery can be stopped by any phone of the account before it counts.
pub const RECOVERY_DELAY: SignedDuration = SignedDuration::from_hours(24);

/// How long a recovery can be completed after that; then the sheet is used up for nothing.
pub const RECOVERY_OPEN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Where a recovery stands by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryStage {
    /// It can still be stopped.
    Waiting,
    /// It can be completed (and still be stopped).
    Ready,
    /// Nobody came back for it.
    Lapsed,
}

/// Where a recovery stands that began at `started_at`.
#[must_use]
pub fn recovery_stage(started_at: Timestamp, now: Timestamp) -> RecoveryStage {
    let age = now.duration_since(started_at);
    if age < RECOVERY_DELAY {
        RecoveryStage::Waiting
    } else if age < RECOVERY_DELAY + RECOVERY_OPEN {
        RecoveryStage::Ready
    } else {
        RecoveryStage::Lapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_events_are_unique() {
        for event in SecurityEvent::ALL {
            assert_eq!(SecurityEvent::parse(event.as_str()), Some(event));
        }
    }

    /// SR-B07
    #[test]
    fn sr_b07_a_recovery_waits_a_day_to_the_second() {
        let start = Timestamp::from_second(1_000_000).unwrap();
        let stage = |seconds| recovery_stage(start, start + SignedDuration::from_secs(seconds));
        assert_eq!((stage(0), stage(86_399)), (RecoveryStage::Waiting, RecoveryStage::Waiting));
        assert_eq!((stage(86_400), stage(15 * 86_400 - 1)), (RecoveryStage::Ready, RecoveryStage::Ready));
        assert_eq!(stage(15 * 86_400), RecoveryStage::Lapsed);
        assert_eq!(stage(-86_400), RecoveryStage::Waiting, "a clock that jumped back hands nothing out");
    }
}
