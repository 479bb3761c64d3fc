//! Room encounters: a conversation at the kiosk, and letting somebody act for a resident.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{decisions::DecisionText, shares::RuleData};

/// A conversation to begin.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExplanation {
    /// How the resident wants to be called. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Käthe M.")]
    pub called: String,
    /// How long the conversation may take, from the moment at which the code is typed; 30 if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 5, maximum = 90, example = 30)]
    pub minutes: Option<u16>,
    /// Which findings it is about.
    #[serde(default)]
    pub data: RuleData,
    /// The text that was shown for it, as it stands under `/v1/consent-texts/explanation`. It is recorded with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<DecisionText>,
}

/// A conversation, as the resident sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The conversation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a41")]
    pub id: String,
    /// `open` while the code waits, `met` while somebody may look, `over`.
    #[schema(example = "met")]
    pub state: String,
    /// Until when the code can be typed: ten minutes.
    #[schema(example = "2026-11-22T09:40:00Z")]
    pub code_until: String,
    /// The permission behind it, as it stands in `/v1/shares`.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub share_id: String,
    /// The person who takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a33")]
    pub person_id: Option<String>,
    /// The organisation they act for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a03")]
    pub organisation_id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Gesundheitskiosk Lerchenbrook")]
    pub organisation: Option<String>,
    /// When it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T10:05:00Z")]
    pub ends_at: Option<String>,
}

/// A new conversation, with its code.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedExplanation {
    /// The conversation.
    pub explanation: Explanation,
    /// What the other types. Shown once.
    #[schema(example = "7KQM-X3HD")]
    pub code: String,
}

/// The resident's latest conversations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplanationList {
    /// The conversations.
    pub items: Vec<Explanation>,
}

/// The code that a resident shows.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplanationClaim {
    /// As it is shown, with or without the hyphen.
    #[schema(example = "7KQM-X3HD")]
    pub code: String,
}

/// A conversation, as the one who explains sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinedExplanation {
    /// The conversation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a41")]
    pub id: String,
    /// The permission: the findings are at `/v1/shared/{share_id}/findings`.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub share_id: String,
    /// How the resident wants to be called.
    #[schema(example = "Käthe M.")]
    pub called: String,
    /// When it ends by itself.
    #[schema(example = "2026-11-22T10:05:00Z")]
    pub ends_at: String,
}

/// The way to somebody who acts for the resident, as the resident sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepresentativeCode {
    /// The encounter.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a42")]
    pub id: String,
    /// `open` while the code waits, `claimed` while somebody shows a number, `met` once they were let in, `over`.
    #[schema(example = "claimed")]
    pub state: String,
    /// How the other wants to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Tochter Ayla")]
    pub called: Option<String>,
    /// Until when code and number are good: ten minutes.
    #[schema(example = "2026-11-22T09:40:00Z")]
    pub code_until: String,
}

/// A new way, with its code.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedRepresentativeCode {
    /// The encounter.
    pub encounter: RepresentativeCode,
    /// What the other types. Shown once.
    #[schema(example = "7KQM-X3HD")]
    pub code: String,
}

/// The code that another resident shows, typed by who is to act for them.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepresentativeClaim {
    /// As it is shown, with or without the hyphen.
    #[schema(example = "7KQM-X3HD")]
    pub code: String,
    /// How the caller wants to be called by the resident. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Tochter Ayla")]
    pub called: String,
}

/// What to show now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimedRepresentation {
    /// The resident types it on their phone.
    #[schema(example = "47")]
    pub number: String,
    /// Until when it is good at most.
    #[schema(example = "2026-11-22T09:40:00Z")]
    pub expires_at: String,
}

/// Whom the resident lets act for them, and in what.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepresentativeOrder {
    /// The number that the other shows: two digits.
    #[schema(example = "47")]
    pub number: String,
    /// How the resident wants to be called. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Mama")]
    pub called: String,
    /// For how many days, today being the first; ends at midnight in Berlin.
    #[schema(minimum = 1, maximum = 3653, example = 365)]
    pub days: u16,
    /// Which findings.
    #[serde(default)]
    pub data: RuleData,
    /// Whether documents may be downloaded, too.
    #[serde(default)]
    #[schema(example = true)]
    pub may_download: bool,
    /// Whether the other also acts in the resident's place (with the header `Acting-For`). Otherwise they look.
    #[serde(default)]
    #[schema(example = false)]
    pub may_act: bool,
    /// The text that was shown for it, as it stands under `/v1/consent-texts/representation`. It is recorded with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<DecisionText>,
}

/// A slip of a practice for a parent or a guardian, used by them.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRepresented {
    /// The code of the slip, or what its QR code says.
    #[schema(example = "7K3M-Q2XW-9HPA")]
    pub code: String,
    /// The patient's birth date.
    #[schema(example = "2017-05-04", format = Date)]
    pub birth_date: String,
    /// How the patient is to be called. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Emil")]
    pub called: String,
    /// How the caller wants to be called by the patient. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Mama")]
    pub own_name: String,
    /// The language in which the patient is spoken to, as a BCP 47 tag.
    #[schema(example = "de")]
    pub language: String,
    /// The text that the caller agrees to in the patient's place, where they have no account yet.
    pub consent: crate::consents::ConsentGrant,
}

/// Whom the caller acts for now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Represented {
    /// The permission, as it stands in `/v1/shared`.
    pub share: crate::shares::ReceivedShare,
    /// The practice that has attested it.
    pub practice: crate::findings::PracticeRef,
    /// Four digits to say to the practice after a posted slip; nothing shows before it has confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0415")]
    pub confirmation_number: Option<String>,
}
