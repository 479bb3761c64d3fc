//! Room offers: the image of an offer.

use serde::Serialize;
use utoipa::ToSchema;

/// The image of an offer, and what it shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueImage {
    /// Where it is on this server. Another image has another address, so that it can be kept for good.
    #[schema(example = "/v1/offers/019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11/image?v=5f0c9a7be1d24c38")]
    pub url: String,
    /// `image/jpeg` or `image/png`.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// Pixels from left to right.
    #[schema(minimum = 1, example = 1600)]
    pub width: u32,
    /// Pixels from top to bottom.
    #[schema(minimum = 1, example = 1200)]
    pub height: u32,
    /// What it shows, for those who do not see it.
    #[schema(example = "Fünf Menschen gehen auf einem Parkweg.")]
    pub alt: String,
    /// The language of `alt`: that of the text shown, or the offer's own.
    #[schema(example = "de")]
    pub alt_lang: String,
}

/// The image of an offer, as its organisation sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublisherImage {
    /// Where it is, for the people of the organisation.
    #[schema(example = "/v1/publisher/offers/019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11/image")]
    pub url: String,
    /// `image/jpeg` or `image/png`.
    #[schema(example = "image/jpeg")]
    pub media_type: String,
    /// Pixels from left to right.
    #[schema(minimum = 1, example = 1600)]
    pub width: u32,
    /// Pixels from top to bottom.
    #[schema(minimum = 1, example = 1200)]
    pub height: u32,
    /// Whether everybody sees it when the offer is public: the text in the offer's own language says what it shows.
    #[schema(example = true)]
    pub shown: bool,
}
