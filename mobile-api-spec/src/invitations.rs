//! Room invitations: slips for a practice's own patients.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An invitation for one of the practice's own patients. No name, no insurance number.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The practice's own number for the patient.
    #[schema(example = "P-10442")]
    pub patient_reference: String,
    /// The patient's birth date. Only a keyed hash of it is kept.
    #[schema(example = "1961-03-14", format = Date)]
    pub birth_date: String,
    /// The patient's language for the slip, as a BCP 47 tag. German if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tr")]
    pub language: Option<String>,
    /// The day on which the patient consented on paper. With it, findings may arrive before the activation and wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22", format = Date)]
    pub paper_consent_on: Option<String>,
    /// How the slip travels: `in_person` when it is handed over to somebody who is known (the default), `letter` when it is
    /// posted. A letter is good for 21 days, names no practice, and has to be confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "in_person")]
    pub binding: Option<String>,
    /// For whom the slip is: `self` (the default), `parent` of a child of less than 15 years, or `guardian`. With the latter two
    /// the practice attests that whoever gets the slip may act for its patient.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "self")]
    pub is_for: Option<String>,
    /// A guardian: the last day, at most seven years from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2029-06-30", format = Date)]
    pub represents_until: Option<String>,
    /// A guardian: the court's file reference. Kept encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 80, example = "42 XVII 117/26")]
    pub court_file: Option<String>,
}

/// The number that the patient says.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationConfirmation {
    /// Four digits, as the patient's app shows them.
    #[schema(example = "0415")]
    pub number: String,
}

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// The invitation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a05")]
    pub id: String,
    /// The practice's own number for the patient.
    #[schema(example = "P-10442")]
    pub patient_reference: String,
    /// `open`, `used`, `revoked`, `burnt` or `expired`. Treat an unknown word as not open.
    #[schema(example = "open")]
    pub state: String,
    /// The language of the slip.
    #[schema(example = "tr")]
    pub language: String,
    /// When it was made.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub created_at: String,
    /// Until when its code can be used.
    #[schema(example = "2026-12-06T09:30:00Z")]
    pub expires_at: String,
    /// When the patient used it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T18:02:11Z")]
    pub used_at: Option<String>,
    /// How the slip travels: `in_person` or `letter`. Treat an unknown word as `letter`.
    #[schema(example = "letter")]
    pub binding: String,
    /// What became of the account behind a used slip: `linked`, `pending-confirmation` (nothing is shown in it before the
    /// practice confirms) or `cut-off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "pending-confirmation")]
    pub link: Option<String>,
    /// The account behind a slip that is `linked`. What a help line is told to cut off the phone of somebody who has lost it; nothing opens
    /// with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a61")]
    pub account_id: Option<String>,
    /// When the practice said that it is not its patient's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-24T08:00:00Z")]
    pub cut_off_at: Option<String>,
    /// The day on which the patient consented on paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22", format = Date)]
    pub paper_consent_on: Option<String>,
    /// For whom the slip is: `self`, `parent` or `guardian`. More may come.
    #[serde(rename = "for")]
    #[schema(example = "self")]
    pub is_for: String,
    /// A guardian's last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2029-06-30", format = Date)]
    pub represents_until: Option<String>,
    /// The court's file reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "42 XVII 117/26")]
    pub court_file: Option<String>,
}

/// A new invitation with its codes, for software that prints its own slips.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedInvitation {
    /// The invitation.
    pub invitation: Invitation,
    /// Twelve characters to type. Shown once and stored only as a hash.
    #[schema(example = "7K3M-Q2XW-9HPA")]
    pub manual_code: String,
    /// What the QR code says. Shown once and stored only as a hash.
    #[schema(example = "http://127.0.0.1:8080/a#1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub qr_payload: String,
}

/// The practice's invitations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationList {
    /// The invitations.
    pub items: Vec<Invitation>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}
