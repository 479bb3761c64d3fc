//! Room health: is the server alive, is it ready, what does it speak.

use serde::Serialize;
use utoipa::ToSchema;

use crate::push::PushInfo;

/// The answer of the liveness and readiness probes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `unavailable`. More words may come.
    #[schema(example = "ok")]
    pub status: String,
}

/// What an app needs to know before it talks to a server it has never seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerInfo {
    /// The name the operator gave this installation.
    #[schema(example = "Nahraum")]
    pub name: String,
    /// The version of the server.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// The API versions it serves.
    pub api_versions: Vec<ApiVersion>,
    /// The languages it speaks, as BCP 47 tags.
    #[schema(example = json!(["de", "de-simple", "en", "tr", "ar", "fa", "ru", "pl"]))]
    pub languages: Vec<String>,
    /// What it can: the tags of the contract it serves. An app asks here before it offers something; what is not named is not there.
    #[schema(example = json!(["findings", "offers", "push", "sync"]))]
    pub features: Vec<String>,
    /// Who runs it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://www.example.org/impressum")]
    pub imprint_url: Option<String>,
    /// What it does with data, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://www.example.org/datenschutz")]
    pub privacy_url: Option<String>,
    /// How well everybody can use it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://www.example.org/barrierefreiheit")]
    pub accessibility_url: Option<String>,
    /// Where residents ask when they get stuck: `https:`, `mailto:` or `tel:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tel:+4940123456")]
    pub support_url: Option<String>,
    /// Whether this is a demo with made-up people.
    #[schema(example = true)]
    pub demo: bool,
    /// Whether tokens are good here without a proof of possession (RFC 9449). Never for real people's findings.
    #[schema(example = true)]
    pub bearer: bool,
    /// How it wakes phones, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub push: Option<PushInfo>,
    /// For how many days a position of the feed (`next` of `GET /v1/sync`) leads on.
    #[schema(example = 30)]
    pub sync_days: i64,
    /// The most entries of a page.
    #[schema(example = 200)]
    pub max_page: u32,
    /// The largest upload in bytes.
    #[schema(example = 26_214_400)]
    pub max_upload_bytes: u64,
    /// The public key (Ed25519, 32 bytes in lower-case hexadecimal digits) that verifies what the server signs about its
    /// access log. Keep it at the first contact: it changes only when the operator changes the root key.
    #[schema(example = "9b1f0d6ce1c25cdd3c3b9a7a4f0ab6a0d9e5c0a9d1f6f3d2c4b5a69788796a5b")]
    pub log_key: String,
}

/// One version of the API.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiVersion {
    /// The first segment of its paths.
    #[schema(example = "v1")]
    pub version: String,
    /// `current` or `deprecated`. Treat an unknown word as `current`.
    #[schema(example = "current")]
    pub status: String,
}
