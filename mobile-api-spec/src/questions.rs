//! Room questions: what residents want to ask at their next visit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to ask at the next visit.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionOrder {
    /// In the resident's own words. 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "Soll ich wegen des Kaliums weniger Bananen essen?")]
    pub said: String,
    /// The finding it is about. A note to oneself; it is not looked up.
    #[serde(default)]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: Option<String>,
}

/// A question for the next visit.
#[derive(Debug, Serialize, ToSchema)]
pub struct Question {
    /// The question.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c31")]
    pub id: String,
    /// In the resident's own words.
    #[schema(example = "Soll ich wegen des Kaliums weniger Bananen essen?")]
    pub said: String,
    /// The finding it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: Option<String>,
    /// When it was written.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub written_at: String,
    /// When the resident ticked it off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-24T08:00:00Z")]
    pub answered_at: Option<String>,
}

/// Whether a question is answered.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionChange {
    /// `true` ticks it off, `false` opens it again.
    #[schema(example = true)]
    pub answered: bool,
}

/// The questions of a resident, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionList {
    /// The questions.
    pub items: Vec<Question>,
}
