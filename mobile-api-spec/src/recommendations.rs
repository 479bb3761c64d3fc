//! Rooms recommendations and bookmarks: offers that people at work recommend to a resident, and offers that a resident keeps.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::CatalogueOffer;

/// An offer that is recommended to a patient of the practice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientRecommendation {
    /// The practice's own number of the patient.
    #[schema(example = "P-104")]
    pub patient_reference: String,
    /// The patient's birth date.
    #[schema(example = "1961-04-17", format = Date)]
    pub birth_date: String,
    /// A public offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
    /// Why, in your own words, for the resident alone.
    #[serde(default)]
    #[schema(nullable = false, max_length = 1000, example = "Das täte Ihrem Rücken gut.")]
    pub said: Option<String>,
}

/// An offer that is recommended to somebody who has let one in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedRecommendation {
    /// A public offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
    /// Why, in your own words, for the resident alone.
    #[serde(default)]
    #[schema(nullable = false, max_length = 1000, example = "Das täte Ihrem Rücken gut.")]
    pub said: Option<String>,
}

/// What has been recommended, for who recommends it. What becomes of it is not told.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecommendationMade {
    /// The recommendation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")]
    pub id: String,
}

/// An offer that was recommended to the resident.
#[derive(Serialize, ToSchema)]
pub struct Recommendation {
    /// The recommendation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")]
    pub id: String,
    /// Which offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
    /// What everybody is told of it; absent when it is not public any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<CatalogueOffer>,
    /// Who recommends it.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: String,
    /// What people call them.
    #[schema(example = "Praxis am Markt")]
    pub organisation: String,
    /// Why, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Das täte Ihrem Rücken gut.")]
    pub said: Option<String>,
    /// `new`, `seen` or `declined`. Treat an unknown word as `seen`.
    #[schema(example = "new")]
    pub state: String,
    /// When it was recommended.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub made_at: String,
}

/// What was recommended.
#[derive(Serialize, ToSchema)]
pub struct RecommendationList {
    /// The recommendations, newest first.
    pub items: Vec<Recommendation>,
}

/// What the resident makes of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecommendationAnswer {
    /// `seen` or `declined`.
    #[schema(example = "seen")]
    pub state: String,
}

/// An offer that the resident keeps.
#[derive(Serialize, ToSchema)]
pub struct Bookmark {
    /// Which offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
    /// What everybody is told of it; absent when it is not public any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<CatalogueOffer>,
}

/// What the resident keeps.
#[derive(Serialize, ToSchema)]
pub struct BookmarkList {
    /// The offers, the last one first.
    pub items: Vec<Bookmark>,
}
