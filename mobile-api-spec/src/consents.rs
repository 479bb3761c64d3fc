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
    /// What is different from the version before, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Neu ist: Ihre Praxis erfährt, wann Sie einen Befund geöffnet haben.")]
    pub change: Option<String>,
    /// When it was published. Missing for a text that comes with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-27T09:00:00Z")]
    pub published_at: Option<String>,
    /// The organisation that published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Bezirksamt Mitte")]
    pub published_by: Option<String>,
    /// The person who did, by their id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a33")]
    pub published_by_person: Option<String>,
    /// Up to, and not with, this moment an agreement to an older version counts. Missing when nobody was asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-01-31T23:00:00Z")]
    pub old_counts_until: Option<String>,
}

/// The newest text of every purpose.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentTextList {
    /// The texts, by purpose.
    pub items: Vec<ConsentText>,
}

/// A version to publish, in all its languages at once. It cannot be changed afterwards.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsentText {
    /// What the consent is for: 2 to 40 of a-z, 0-9 and the hyphen. A purpose that was never used begins with version 1.
    #[schema(example = "statistics", min_length = 2, max_length = 40)]
    pub purpose: String,
    /// Its number: the last one plus one.
    #[schema(example = 1, minimum = 1)]
    pub version: u32,
    /// Whether everybody who has agreed to an older version is asked again: `none` or `again`.
    #[schema(example = "none")]
    pub asking: String,
    /// With `again`: the last day, in Berlin, on which an agreement to an older version counts. At least seven days ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-01-31", format = Date)]
    pub old_counts_until: Option<String>,
    /// The texts. German has to be among them.
    #[schema(min_items = 1, max_items = 8)]
    pub texts: Vec<NewConsentWording>,
}

/// The version in one language.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsentWording {
    /// One of the languages of `GET /v1/server`.
    #[schema(example = "de")]
    pub lang: String,
    /// The heading: 1 to 200 characters.
    #[schema(example = "Meine Angaben für die Statistik", max_length = 200)]
    pub title: String,
    /// 1 to 30 paragraphs of 1 to 5000 characters, without line breaks.
    #[schema(example = json!(["Ich willige ein, dass meine Angaben gezählt werden."]), min_items = 1, max_items = 30)]
    pub paragraphs: Vec<String>,
    /// What is different from the version before, in a sentence. For every later version, and not for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Neu ist der zweite Absatz.", max_length = 500)]
    pub change: Option<String>,
    /// Whether somebody who speaks the language has checked it: `reviewed` or `unreviewed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "reviewed")]
    pub review: Option<String>,
}

/// How many answers to a version stand where.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementCount {
    /// `asked`, `granted`, `refused`, `withdrawn` or `expired`.
    #[schema(example = "granted")]
    pub state: String,
    /// The language the text was read in.
    #[schema(example = "tr")]
    pub lang: String,
    /// How many.
    #[schema(example = 12)]
    pub count: i64,
}

/// One answer, without whose it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agreement {
    /// The decision, as it stands in the resident's own receipt.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub id: String,
    /// `asked`, `granted`, `refused`, `withdrawn` or `expired`.
    #[schema(example = "granted")]
    pub state: String,
    /// The language the text was read in.
    #[schema(example = "tr")]
    pub lang: String,
    /// The day of the answer in Berlin, or of the question that waits for one.
    #[schema(example = "2026-11-27", format = Date)]
    pub day: String,
}

/// The answers to one version: how many of each, and a page of them, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementList {
    /// What the text is for.
    #[schema(example = "base")]
    pub purpose: String,
    /// Its version.
    #[schema(example = 4)]
    pub version: u32,
    /// How many of each.
    pub counts: Vec<AgreementCount>,
    /// The answers.
    pub items: Vec<Agreement>,
    /// Where to go on, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// A question that waits for the resident's answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentQuestion {
    /// The text to answer, in the resident's language: the newest one.
    pub text: ConsentText,
    /// What is different since the text that the resident has agreed to: a sentence for each version, oldest first.
    #[schema(example = json!(["Neu ist: Ihre Praxis erfährt, wann Sie einen Befund geöffnet haben."]))]
    pub changes: Vec<String>,
    /// Up to, and not with, this moment the old agreement counts without an answer, and after a refusal.
    #[schema(example = "2027-01-31T23:00:00Z")]
    pub old_counts_until: String,
}

/// What the resident is asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentQuestionList {
    /// The questions, by purpose.
    pub items: Vec<ConsentQuestion>,
}

/// How a decision came about. Kept sealed with the decision; only the resident sees it.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentEvidence {
    /// Where it was made: `phone`, `practice`, `kiosk` or `paper`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "kiosk")]
    pub place: Option<String>,
    /// The organisation that explained it, by its id in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub explained_by: Option<String>,
    /// Who explained it there, in words: 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Gesundheitslotsin", max_length = 80)]
    pub explained_role: Option<String>,
    /// The language it was explained in, as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tr")]
    pub explained_in: Option<String>,
    /// How it was explained: 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "vorgelesen und besprochen", max_length = 500)]
    pub how: Option<String>,
    /// A compact JWS of type `nahraum-consent+jwt` by the key that this request proves, with that key as `jwk`, over `purpose`,
    /// `version`, `sha256`, `decision` and `iat`, which is at most five minutes off. A wrong one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln")]
    pub signature: Option<String>,
}

/// The answer to one exact text.
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
    /// `granted`, also when it is missing, or `refused`. Whoever activates an account agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "granted")]
    pub decision: Option<String>,
    /// How it came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub evidence: Option<ConsentEvidence>,
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
    /// `granted`, `refused`, `withdrawn` or `expired`: a newer text asked for a new agreement, and there was none in time. Treat
    /// an unknown word as not granted.
    #[schema(example = "granted")]
    pub state: String,
    /// When the answer was given; for `refused`, when it was refused.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub granted_at: String,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-12-01T17:00:00Z")]
    pub withdrawn_at: Option<String>,
    /// Up to, and not with, this moment an agreement counts, because a newer text asks for a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-01-31T23:00:00Z")]
    pub counts_until: Option<String>,
}

/// All decisions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentList {
    /// The decisions.
    pub items: Vec<Consent>,
}
