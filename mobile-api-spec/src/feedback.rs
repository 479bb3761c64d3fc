//! Room feedback: what people say about an offer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody says about an offer: at least one of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeedback {
    /// Whether it helped: `yes`, `partly` or `no`.
    #[serde(default)]
    #[schema(nullable = false, example = "partly")]
    pub helpful: Option<String>,
    /// `wrong-times`, `gone` (it does not exist any more), `no-access` (one could not get in), `language` (nobody spoke it), `cost`, `full`,
    /// `friendly`.
    #[serde(default)]
    #[schema(example = json!(["wrong-times"]))]
    pub tags: Vec<String>,
    /// In one's own words, at most 500 characters, without mail addresses and telephone numbers.
    #[serde(default)]
    #[schema(nullable = false, example = "Am Dienstag war zu.")]
    pub comment: Option<String>,
    /// The language it was read in, as a BCP 47 tag.
    #[serde(default)]
    #[schema(nullable = false, example = "tr")]
    pub lang: Option<String>,
}

/// What was said about an offer, for its organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackSummary {
    /// How many said that it helped, in parts, or not.
    pub helpful: Vec<FeedbackCount>,
    /// How many said what, all words of the list.
    pub tags: Vec<FeedbackCount>,
    /// How many have said `wrong-times` or `gone` since it was confirmed last. With the third it is due.
    #[schema(example = 1)]
    pub doubts: i32,
    /// Their own words, those of the newest month first and in no order within it; at most 200.
    pub comments: Vec<FeedbackComment>,
}

/// How many have said something.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackCount {
    /// What, in the words of [`NewFeedback`]. More may come.
    #[schema(example = "wrong-times")]
    pub what: String,
    /// How many.
    #[schema(example = 2)]
    pub count: i64,
}

/// Somebody's own words.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackComment {
    /// In which month.
    #[schema(example = "2026-11")]
    pub month: String,
    /// The language they read the offer in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tr")]
    pub lang: Option<String>,
    /// The words.
    #[schema(example = "Am Dienstag war zu.")]
    pub text: String,
}
