//! Room consents: the texts people agree to, and their decisions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A consent text in one version and one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentText {
    /// What the consent is for. `base`: that practices may deliver findings here.
    #[schema(example = "base")]
    pub purpose: String,
    /// The version of the text. A published version never changes.
    #[schema(example = 1)]
    pub version: u32,
    /// The language of the text, as a BCP 47 tag.
    #[schema(example = "de")]
    pub lang: String,
    /// The direction of its script: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
    /// The heading.
    #[schema(example = "Ihre Einwilligung")]
    pub title: String,
    /// The text, paragraph by paragraph.
    #[schema(example = json!(["Sie bekommen hier Ihre Befunde."]))]
    pub paragraphs: Vec<String>,
    /// SHA-256 of title and paragraphs joined by blank lines (UTF-8), in lower-case hex. Send it back when agreeing.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// SHA-256 of the German text this one translates. The German text is the binding one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")]
    pub translation_of: Option<String>,
    /// How far people have checked this translation: `original`, `reviewed` or `unreviewed`.
    #[schema(example = "original")]
    pub review: String,
}

/// Agreement to one exact text.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentGrant {
    /// The purpose of the text that was read.
    #[schema(example = "base")]
    pub purpose: String,
    /// Its version.
    #[schema(example = 1)]
    pub version: u32,
    /// The language it was read in.
    #[schema(example = "de")]
    pub lang: String,
    /// The hash of the text that was read, as the text's `sha256` says.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
}

/// One decision of the resident.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consent {
    /// The decision's id.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub id: String,
    /// What it is for.
    #[schema(example = "base")]
    pub purpose: String,
    /// The version of the text.
    #[schema(example = 1)]
    pub version: u32,
    /// The language it was read in.
    #[schema(example = "de")]
    pub lang: String,
    /// The hash of the text.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: String,
    /// `granted` or `withdrawn`. Treat an unknown word as not granted.
    #[schema(example = "granted")]
    pub state: String,
    /// When it was given.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub granted_at: String,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-12-01T17:00:00Z")]
    pub withdrawn_at: Option<String>,
}

/// All decisions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentList {
    /// The decisions.
    pub items: Vec<Consent>,
}
