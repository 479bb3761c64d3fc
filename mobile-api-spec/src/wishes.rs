//! Room wishes: what people miss in the district.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody misses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWish {
    /// What it would be about, a word of `GET /v1/topics`.
    #[schema(example = "movement")]
    pub topic: String,
    /// Where, an area of `GET /v1/areas`.
    #[serde(default)]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b41")]
    pub area_id: Option<String>,
    /// In which language, as a BCP 47 tag.
    #[schema(example = "tr")]
    pub lang: String,
    /// In one's own words, at most 500 characters, without mail addresses and telephone numbers.
    #[serde(default)]
    #[schema(nullable = false, example = "Schwimmen nur für Frauen.")]
    pub text: Option<String>,
}

/// What was missed in a month. What is not listed is below ten, zero included.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedList {
    /// The month.
    #[schema(example = "2026-10")]
    pub month: String,
    /// By topic and area. Nothing is added up: an area does not have in it what its parts have.
    pub items: Vec<Need>,
}

/// What was missed of a topic in an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct Need {
    /// The topic; missing when only an area was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "movement")]
    pub topic: Option<String>,
    /// The area; missing when none was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b41")]
    pub area_id: Option<String>,
    /// How many wishes.
    pub wishes: NeedCount,
    /// How many searches that found nothing.
    pub searches: NeedCount,
}

/// A count as it may be told.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedCount {
    /// To the nearest multiple of five; missing when it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 15)]
    pub count: Option<i64>,
    /// `<10`, when it is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "<10")]
    pub marker: Option<String>,
}

/// What people wrote in a month about what they miss.
#[derive(Debug, Serialize, ToSchema)]
pub struct WishTextList {
    /// The month.
    #[schema(example = "2026-10")]
    pub month: String,
    /// In no order, at most 500. Where somebody lives is not told with it.
    pub items: Vec<WishText>,
}

/// Somebody's own words.
#[derive(Debug, Serialize, ToSchema)]
pub struct WishText {
    /// What it would be about.
    #[schema(example = "movement")]
    pub topic: String,
    /// In which language.
    #[schema(example = "tr")]
    pub lang: String,
    /// The words.
    #[schema(example = "Schwimmen nur für Frauen.")]
    pub text: String,
}
