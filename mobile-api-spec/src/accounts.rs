//! Room accounts: the resident's own settings and practices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The resident's own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The resident.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub id: String,
    /// The language the resident is spoken to, as a BCP 47 tag.
    #[schema(example = "tr")]
    pub language: String,
    /// Where "something new is there" is mailed to, if anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "jemand@example.org")]
    pub notice_address: Option<String>,
    /// Whether a notice is sent when an organisation has to do with the resident's data for the first time.
    #[schema(example = false)]
    pub notify_first_access: bool,
    /// When the resident wants to see what arrives: `at-once`, `after-talk` (once the practice has talked about it, after
    /// fourteen days in any case unless a value is critical), or `not-on-phone`.
    #[schema(example = "at-once")]
    pub release: String,
    /// The practices that deliver findings.
    pub practices: Vec<LinkedPractice>,
}

/// A practice that knows the resident as a patient.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedPractice {
    /// The practice.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub id: String,
    /// Its name.
    #[schema(example = "Hausarztpraxis am Markt")]
    pub name: String,
    /// Since when it can deliver.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub linked_at: String,
    /// How the slip travelled: `in_person` or `letter`.
    #[schema(example = "letter")]
    pub binding: String,
    /// `linked`, or `pending-confirmation`: nothing of this practice is shown before it has confirmed.
    #[schema(example = "pending-confirmation")]
    pub state: String,
    /// What to say to the practice so that it confirms: at the next visit, or by phone on the number one knows. Four digits.
    /// Absent when nothing is to be confirmed, or when another practice of the list has to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0415")]
    pub confirmation_number: Option<String>,
    /// Whether a notice is sent when a finding of this practice comes.
    #[schema(example = true)]
    pub notice: bool,
    /// Whether its findings come put away. Such a practice is in the list only within five minutes of a sign-in.
    #[schema(example = false)]
    pub put_away: bool,
}

/// How the findings of a practice come.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discretion {
    /// Whether a notice is sent. None is ever sent of what comes put away.
    #[schema(example = false)]
    pub notice: bool,
    /// Whether they come put away: shared only when they are named, and shown only to somebody who has just typed the PIN.
    #[schema(example = true)]
    pub put_away: bool,
}

/// A change of the resident's settings. What is absent stays as it is.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeChange {
    /// Another language, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ar")]
    pub language: Option<String>,
    /// A mail address for notices without content; an empty text takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "jemand@example.org")]
    pub notice_address: Option<String>,
    /// Whether to send a notice, without content like all notices, when an organisation has to do with the resident's
    /// data for the first time. Needs a `notice_address`. Off unless it was switched on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub notify_first_access: Option<bool>,
    /// `at-once`, `after-talk` or `not-on-phone`. What waits is settled anew; what shows already goes on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "after-talk")]
    pub release: Option<String>,
}

/// A slip of another practice, scanned inside the app.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PracticeLink {
    /// The code from the slip: the twelve characters, or what the QR code says.
    #[schema(example = "7K3M-Q2XW-9HPA")]
    pub code: String,
    /// The resident's birth date.
    #[schema(example = "1961-03-14", format = Date)]
    pub birth_date: String,
}
