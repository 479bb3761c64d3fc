//! Room audit: who did what with the resident's findings, in plain words, and as a proof to take away.

use serde::Serialize;
use utoipa::ToSchema;

/// One line of the resident's access log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLogEntry {
    /// The entry.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub id: String,
    /// Its number in the resident's own log: 1, 2, 3 … without gaps.
    #[schema(example = 42)]
    pub number: i64,
    /// When.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub at: String,
    /// Who: `you`, `practice-staff`, `practice-software`, `operator`, `link-holder`, `system` or `someone-else`. Treat an
    /// unknown word as `someone-else`.
    #[schema(example = "you")]
    pub actor: String,
    /// The person or the software, as an id that stays the same, or one time at the door with a link; present for
    /// practices, the operator and links only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a77")]
    pub actor_id: Option<String>,
    /// The organisation the actor acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Hausarztpraxis am Markt")]
    pub organisation: Option<String>,
    /// Its id, to filter by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: Option<String>,
    /// What was done, e.g. `deliver`, `list`, `open`, `download`, `export`, `export-everything`, `trend`, `recall`, `read-log`. Show the
    /// sentence for an unknown word.
    #[schema(example = "open")]
    pub action: String,
    /// `done` or `denied`.
    #[schema(example = "done")]
    pub outcome: String,
    /// The finding it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: Option<String>,
    /// Why it was allowed: `own`, `treatment-delivery`; `consent`, `explanation`, `representation`, `link`, `emergency` where
    /// the resident has let somebody in; `resident-asked`, `suspected-misuse`, `authority` for a look of the operator into
    /// this log. Absent when it was not allowed. More may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "own")]
    pub basis: Option<String>,
    /// By which decision of the resident: the id of a permission or a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub consent_id: Option<String>,
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

/// Where the resident's own log ends. An app that keeps it notices later when the past was rewritten.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLogHead {
    /// How many entries there have been, those that were deleted after three years included.
    #[schema(example = 42)]
    pub count: i64,
    /// The hash of the newest one, in lower-case hexadecimal digits; 64 zeros before the first.
    #[schema(example = "3f0a3c6d1c8b5f1d0e9a7b2c4d6e8f00112233445566778899aabbccddeeff00")]
    pub hash: String,
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
    /// Where the whole log ends, whatever it was narrowed to.
    pub head: AccessLogHead,
}

/// One entry to verify. How: `mobile-api-spec/access-log.md`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLogProof {
    /// Its number in the resident's own chain.
    #[schema(example = 42)]
    pub number: i64,
    /// Its number in the chain over all residents.
    #[schema(example = 90_417)]
    pub seq: i64,
    /// The entry as canonical JSON text (RFC 8785). Hash these bytes as they are; do not write them anew.
    #[schema(example = "{\"action\":\"open\",\"actor\":\"resident\",\"at\":1795000000123456,\"v\":1}")]
    pub body: String,
    /// Its hash in the resident's own chain.
    #[schema(example = "3f0a3c6d1c8b5f1d0e9a7b2c4d6e8f00112233445566778899aabbccddeeff00")]
    pub hash: String,
}

/// A text that the server has signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedText {
    /// Canonical JSON text (RFC 8785). The signature is over these bytes.
    #[schema(
        example = "{\"at\":1795000000123456,\"format\":\"nahraum-log-checkpoint-1\",\"hash\":\"…\",\"key\":\"…\",\"seq\":90417}"
    )]
    pub text: String,
    /// Ed25519 (RFC 8032), in lower-case hexadecimal digits.
    #[schema(example = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da…")]
    pub signature: String,
}

/// The resident's whole access log, to be verified anywhere. How: `mobile-api-spec/access-log.md`.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessLogExport {
    /// `nahraum-log-export-1`.
    #[schema(example = "nahraum-log-export-1")]
    pub format: String,
    /// The public key of the signatures: Ed25519, lower-case hexadecimal digits. Compare it with the one you know.
    #[schema(example = "9b1f0d6ce1c25cdd3c3b9a7a4f0ab6a0d9e5c0a9d1f6f3d2c4b5a69788796a5b")]
    pub key: String,
    /// All entries, oldest first.
    pub entries: Vec<AccessLogProof>,
    /// The hash that the first entry follows: 64 zeros, unless older ones were deleted after three years.
    #[schema(example = "0000000000000000000000000000000000000000000000000000000000000000")]
    pub begins_after: String,
    /// What the server says about where this log ends.
    pub statement: SignedText,
    /// The newest checkpoint over all residents' entries; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub checkpoint: Option<SignedText>,
}
