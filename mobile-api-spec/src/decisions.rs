//! Decisions of all kinds: their history, and the signed receipt of one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consents::ConsentEvidence;

/// A step of a decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionEvent {
    /// `asked`, `granted`, `refused`, `withdrawn`, `expired`, `changed` or `corrected`.
    #[schema(example = "granted")]
    pub kind: String,
    /// From when it counts.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub at: String,
    /// When it was written down.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub recorded_at: String,
    /// Whether somebody took it who acts for the resident; who, the access log says.
    #[schema(example = false)]
    pub in_place: bool,
    /// The text that was shown for it, where the decision is not about the text itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<DecisionText>,
    /// How it came about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub evidence: Option<ConsentEvidence>,
}

/// A text that was shown.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionText {
    /// Its version.
    #[schema(example = 1)]
    pub version: u32,
    /// The language it was read in.
    #[schema(example = "de")]
    pub lang: String,
    /// Its hash, as the text's `sha256` says.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

/// The installation's signed word about a decision, for the resident to keep.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionReceipt {
    /// A compact JWS (RFC 7515) of type `nahraum-receipt+jwt`, signed with EdDSA. Its claims stand in `docs/consent.md`.
    #[schema(example = "eyJhbGciOiJFZERTQSJ9.e30.c2ln")]
    pub receipt: String,
    /// The public key that verifies it, in hexadecimal digits: `log_key` of `GET /v1/server`.
    #[schema(example = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")]
    pub key: String,
}

/// A decision with all its steps.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionRecord {
    /// The decision: the id of a permission, a block or a consent.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub id: String,
    /// Where it stood: `not-asked`, `asked`, `granted`, `refused`, `withdrawn`, `expired` or `corrected`.
    #[schema(example = "granted")]
    pub standing: String,
    /// Its steps, in the order in which they were written down.
    pub events: Vec<DecisionEvent>,
}

/// All decisions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionList {
    /// The decisions.
    pub items: Vec<DecisionRecord>,
}
