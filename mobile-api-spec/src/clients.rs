//! Room clients: whether an installed app still does.

use serde::Serialize;
use utoipa::ToSchema;

/// Whether an installed app still does.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientGate {
    /// `ok`, `update-recommended` or `update-required`. Treat an unknown word, and no answer at all, as `ok`.
    #[schema(example = "update-recommended")]
    pub status: String,
    /// A sentence for the resident, in the language of `Accept-Language`. Absent when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        example = "There is a new version of the app. Please install it when you have the time."
    )]
    pub message: Option<String>,
    /// The oldest version that does, now or from `effective_at` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2.0")]
    pub min_version: Option<String>,
    /// The first day on which `min_version` counts. Absent when it counts already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-01-01", format = Date)]
    pub effective_at: Option<String>,
    /// The newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2.3")]
    pub latest_version: Option<String>,
    /// The oldest version of the operating system on which that can be installed. Whoever has an older one is told `ok`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "12")]
    pub min_os: Option<String>,
    /// Where the app is had.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://shop.example.org/nahraum")]
    pub store_url: Option<String>,
}
