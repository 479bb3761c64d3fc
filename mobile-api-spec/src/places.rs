//! Room places: where organisations offer something.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new place.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlace {
    /// What people call it. 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Gesundheitskiosk am Markt")]
    pub name: String,
    /// Street and number. 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120, example = "Beispielstraße 1")]
    pub street: String,
    /// The postcode.
    #[schema(min_length = 1, max_length = 10, example = "00000")]
    pub postcode: String,
    /// The town. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Musterstadt")]
    pub city: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub position: Option<Position>,
    /// In which area.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9e01")]
    pub area_id: Option<String>,
    /// Who is told the address: `public` everybody, `district-only` nobody but of the area, `on-booking` whoever has a place.
    #[schema(example = "public")]
    pub address_visibility: String,
    /// Whether one gets in and around with a wheelchair: `yes`, `limited`, `no`, `unknown`.
    #[schema(example = "yes")]
    pub wheelchair: String,
    /// Whether there is a toilet for people with a wheelchair: `yes`, `limited`, `no`, `unknown`.
    #[schema(example = "limited")]
    pub toilet: String,
    /// Whether there is no step on the way.
    #[schema(example = true)]
    pub step_free: bool,
}

/// A position on the earth (WGS 84).
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Decimal degrees north, to six places.
    #[schema(minimum = -90, maximum = 90, example = 53.5412)]
    pub latitude: f64,
    /// Decimal degrees east, to six places.
    #[schema(minimum = -180, maximum = 180, example = 10.1057)]
    pub longitude: f64,
}

/// What is known of a place now. What is absent stays as it is.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceChange {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 120, example = "Gesundheitskiosk am Markt")]
    pub name: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 120, example = "Beispielstraße 2")]
    pub street: Option<String>,
    /// The postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 10, example = "00000")]
    pub postcode: Option<String>,
    /// The town.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 80, example = "Musterstadt")]
    pub city: Option<String>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub position: Option<Position>,
    /// `true` takes the position away.
    #[serde(default)]
    #[schema(example = false)]
    pub no_position: bool,
    /// In which area. An empty text takes it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9e01")]
    pub area_id: Option<String>,
    /// Who is told the address: `public`, `district-only`, `on-booking`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "on-booking")]
    pub address_visibility: Option<String>,
    /// `yes`, `limited`, `no`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "yes")]
    pub wheelchair: Option<String>,
    /// `yes`, `limited`, `no`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "limited")]
    pub toilet: Option<String>,
    /// Whether there is no step on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    pub step_free: Option<bool>,
}

/// A place of the organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    /// The place.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d03")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Gesundheitskiosk am Markt")]
    pub name: String,
    /// Street and number.
    #[schema(example = "Beispielstraße 1")]
    pub street: String,
    /// The postcode.
    #[schema(example = "00000")]
    pub postcode: String,
    /// The town.
    #[schema(example = "Musterstadt")]
    pub city: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub position: Option<Position>,
    /// In which area.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9e01")]
    pub area_id: Option<String>,
    /// Who is told the address: `public`, `district-only`, `on-booking`.
    #[schema(example = "public")]
    pub address_visibility: String,
    /// `yes`, `limited`, `no`, `unknown`.
    #[schema(example = "yes")]
    pub wheelchair: String,
    /// `yes`, `limited`, `no`, `unknown`.
    #[schema(example = "limited")]
    pub toilet: String,
    /// Whether there is no step on the way.
    #[schema(example = true)]
    pub step_free: bool,
    /// Since when it is known.
    #[schema(example = "2026-11-27T09:30:00Z")]
    pub created_at: String,
}

/// One page of places, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacePage {
    /// They.
    pub items: Vec<Place>,
    /// Where to go on, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}
