//! Room areas: districts, quarters, postcodes.

use serde::Serialize;
use utoipa::ToSchema;

/// All areas.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaList {
    /// They, by scheme and key.
    pub items: Vec<Area>,
}

/// An area: a district, a quarter, a postcode.
#[derive(Debug, Serialize, ToSchema)]
pub struct Area {
    /// The area.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9e01")]
    pub id: String,
    /// Whose key it is: `ags8` (the German municipality key), `plz`, `custom`, and others.
    #[schema(example = "custom")]
    pub scheme: String,
    /// Its key there.
    #[schema(example = "billstedt")]
    pub key: String,
    /// What people call it.
    #[schema(example = "Billstedt")]
    pub name: String,
    /// The area it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9e02")]
    pub parent_id: Option<String>,
    /// How many live there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 71000)]
    pub population: Option<i32>,
}
