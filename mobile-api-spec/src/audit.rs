//! Room audit: who did what with the resident's findings, in plain words.

use serde::Serialize;
use utoipa::ToSchema;

/// One line of the resident's access log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLogEntry {
    /// The entry.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub id: String,
    /// When.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub at: String,
    /// Who: `you`, `practice-staff`, `practice-software`, `system` or `someone-else`. Treat an unknown word as
    /// `someone-else`.
    #[schema(example = "you")]
    pub actor: String,
    /// The organisation the actor acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Hausarztpraxis am Markt")]
    pub organisation: Option<String>,
    /// What was done, e.g. `deliver`, `list`, `open`, `download`, `export`, `trend`, `recall`. Show the sentence for
    /// an unknown word.
    #[schema(example = "open")]
    pub action: String,
    /// `done` or `denied`.
    #[schema(example = "done")]
    pub outcome: String,
    /// The finding it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: Option<String>,
    /// Why it was allowed: `own` or `treatment-delivery`; absent when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "own")]
    pub basis: Option<String>,
    /// The same in one plain sentence.
    #[schema(example = "Sie haben diesen Befund geöffnet.")]
    pub sentence: String,
    /// The language of the sentence.
    #[schema(example = "de")]
    pub lang: String,
    /// The direction of its script: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
}

/// A page of the access log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLog {
    /// The entries.
    pub items: Vec<AccessLogEntry>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}
