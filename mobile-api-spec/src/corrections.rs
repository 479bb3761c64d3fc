//! Room corrections: what a resident says is wrong with a finding, and what its practice answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is wrong with a finding.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionOrder {
    /// In the resident's own words. 3 to 2000 characters.
    #[schema(min_length = 3, max_length = 2000, example = "Ich nehme kein Marcumar, das steht aber im Brief.")]
    pub said: String,
}

/// A request to correct a finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct Correction {
    /// The request.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c01")]
    pub id: String,
    /// The finding.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: String,
    /// Who sent it, and owes an answer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub practice_id: String,
    /// Their name.
    #[schema(example = "Hausarztpraxis am Markt")]
    pub practice: String,
    /// `asked`, `extended` when the practice needs more time, `corrected`, `declined`, `taken-back`.
    #[schema(example = "asked")]
    pub state: String,
    /// What is wrong.
    #[schema(example = "Ich nehme kein Marcumar, das steht aber im Brief.")]
    pub said: String,
    /// Why the practice does not do it, or needs more time; or a word about the corrected one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Das Labor prüft den Wert noch einmal.")]
    pub reason: Option<String>,
    /// When it was asked.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub asked_at: String,
    /// Before which moment an answer is owed: the end of the day one month later, or three (GDPR, Art. 12(3)).
    #[schema(example = "2026-12-22T23:00:00Z")]
    pub due_at: String,
    /// Whether that has passed without one.
    #[schema(example = false)]
    pub overdue: bool,
    /// When the practice answered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-24T08:00:00Z")]
    pub answered_at: Option<String>,
    /// For the practice: under which reference it knows the patient.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "P-4711")]
    pub patient_reference: Option<String>,
}

/// The requests of a resident, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionList {
    /// The requests, at most a hundred.
    pub items: Vec<Correction>,
}

/// One page of what residents ask a practice to correct.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionPage {
    /// The requests, newest first.
    pub items: Vec<Correction>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "AbCdEf")]
    pub next_cursor: Option<String>,
}

/// What the practice answers.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionAnswer {
    /// `corrected` when a newer version says it right, `declined`, or once `extended` for two months more.
    #[schema(example = "corrected")]
    pub decision: String,
    /// Why. Needed for `declined` and `extended`. 3 to 2000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 3, max_length = 2000, example = "Der neue Brief ist da.")]
    pub reason: Option<String>,
}
