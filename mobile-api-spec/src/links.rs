//! Room links: what a resident shows to people without an account, and how those see it (HL7 SMART Health Links).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{decisions::DecisionText, shares::RuleData};

/// A link to make.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkOrder {
    /// A short description, at most 80 characters. It stands in the link: whoever sees the link can read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 80, example = "Für Dr. Amsel")]
    pub label: Option<String>,
    /// Which findings.
    #[serde(default)]
    pub data: RuleData,
    /// Whether their documents can be had. Otherwise values and words only.
    #[serde(default)]
    #[schema(example = true)]
    pub may_download: bool,
    /// For how many minutes; a week if nothing is said, a year at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 525_600, example = 1440)]
    pub minutes: Option<u32>,
    /// A passcode to ask for, 6 to 128 characters. Tell it on another way than the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 6, max_length = 128, example = "drossel-47")]
    pub passcode: Option<String>,
    /// How many wrong passcodes end the link, in its whole life; five if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 10, example = 5)]
    pub wrong_passcodes: Option<u32>,
    /// Whether it opens once.
    #[serde(default)]
    #[schema(example = false)]
    pub one_time: bool,
    /// The text that was shown for it, as it stands under `/v1/consent-texts/link`. It is recorded with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<DecisionText>,
}

/// A link of the resident, without what opens it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareLink {
    /// The link.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9ab1")]
    pub id: String,
    /// The decision behind it: what the access log has as `consent_id`.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub rule_id: String,
    /// Where it stands: `open`, `used-up`, `guessed-at` (too many wrong passcodes), `expired` or `revoked`. More may come.
    #[schema(example = "open")]
    pub state: String,
    /// A short description.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Für Dr. Amsel")]
    pub label: Option<String>,
    /// Which findings.
    pub data: RuleData,
    /// Whether their documents can be had.
    #[schema(example = true)]
    pub may_download: bool,
    /// Whether it asks for a passcode.
    #[schema(example = true)]
    pub has_passcode: bool,
    /// How many wrong passcodes it still bears; absent when it asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 5)]
    pub passcodes_left: Option<u32>,
    /// Whether it opens once.
    #[schema(example = false)]
    pub one_time: bool,
    /// Since when.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub from: String,
    /// Up to, and not with, this moment.
    #[schema(example = "2026-11-23T09:30:00Z")]
    pub until: String,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T12:00:00Z")]
    pub ended_at: Option<String>,
    /// How often somebody was let in. Who, stands in the access log.
    #[schema(example = 1)]
    pub opens: i32,
    /// When somebody was let in last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T10:02:00Z")]
    pub last_opened_at: Option<String>,
}

/// A link that was just made. What opens it is told this once and never again.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeShareLink {
    /// As it stands in the list.
    pub link: ShareLink,
    /// The link for apps that know SMART Health Links.
    #[schema(example = "shlink:/eyJ1cmwiOiJodHRwczovL2JlZnVuZGUuZXhhbXBsZS5vcmcvc2hsL…")]
    pub shlink: String,
    /// The same behind the address of a page of this server that shows it in any browser.
    #[schema(
        example = "https://befunde.example.org/shl#shlink:/eyJ1cmwiOiJodHRwczovL2JlZnVuZGUuZXhhbXBsZS5vcmcvc2hsL…"
    )]
    pub url: String,
    /// `url` as a QR code, an SVG image.
    #[schema(example = "<svg xmlns=\"http://www.w3.org/2000/svg\">…</svg>")]
    pub qr: String,
}

/// The resident's links, newest first, also those that are over.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareLinkList {
    /// The links.
    pub items: Vec<ShareLink>,
}

/// A manifest request. Fields that are not known are ignored, as the specification wants it.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ManifestRequest {
    /// Who asks, in words for the resident: a person, an institution. 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "Praxis Dr. Amsel")]
    pub recipient: String,
    /// The passcode, if the link asks for one (flag `P`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "drossel-47")]
    pub passcode: Option<String>,
    /// The longest content to embed. Taken and not needed: nothing is embedded, so that each file is in the resident's log
    /// when it is read and not before.
    #[serde(default, rename = "embeddedLengthMax", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 10000)]
    pub embedded_length_max: Option<i64>,
}

/// A file that a link leads to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManifestFile {
    /// `application/fhir+json`.
    #[serde(rename = "contentType")]
    #[schema(example = "application/fhir+json")]
    pub content_type: String,
    /// Where it is, for a quarter of an hour and a few times.
    #[schema(example = "https://befunde.example.org/shl/files/sFQ9…")]
    pub location: String,
    /// When it came.
    #[serde(rename = "lastUpdated")]
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub last_updated: String,
    /// `finalized`: a finding does not change, another version of it is another file.
    #[schema(example = "finalized")]
    pub status: String,
    /// The version of FHIR.
    #[serde(rename = "fhirVersion")]
    #[schema(example = "4.0.1")]
    pub fhir_version: String,
}

/// What a link leads to now: one file for each finding, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Manifest {
    /// The files.
    pub files: Vec<ManifestFile>,
}

/// The passcode is missing or wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrongPasscode {
    /// How many wrong ones are left until the link is dead.
    #[serde(rename = "remainingAttempts")]
    #[schema(example = 4)]
    pub remaining_attempts: u32,
}
