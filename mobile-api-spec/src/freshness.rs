//! Room freshness: organisations say that their offers are still true.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::offers::PublisherOffer;

/// Offers that are still true.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferConfirmations {
    /// Which, 1 to 200.
    pub items: Vec<OfferConfirmation>,
}

/// One offer that is still true.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferConfirmation {
    /// The offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: String,
    /// Its revision as it was seen.
    #[schema(example = 3)]
    pub revision: i32,
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferConfirmationList {
    /// In the order of the request.
    pub items: Vec<ConfirmedOffer>,
}

/// What became of one offer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmedOffer {
    /// The offer, as it was named.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub id: String,
    /// `confirmed`; `changed`, when it was changed since, so that somebody has to look again; `not-public`; `unknown`, when there is no such
    /// offer of the organisation. Treat an unknown word as `changed`.
    #[schema(example = "confirmed")]
    pub outcome: String,
    /// The offer as it is now, when it is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub offer: Option<PublisherOffer>,
}

/// Where an organisation is written to about its offers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublisherContact {
    /// The mail address; missing when it is not written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "angebote@kiosk.example")]
    pub mail: Option<String>,
    /// In which language, one of those that `GET /v1/server` lists; German, if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tr")]
    pub lang: Option<String>,
}
