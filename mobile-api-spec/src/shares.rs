//! Room shares: what residents open to others and close, what those would see, and what they find.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{decisions::DecisionText, findings::FindingSummary};

/// An organisation with which findings can be shared.
#[derive(Debug, Serialize, ToSchema)]
pub struct DirectoryEntry {
    /// Its id.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub id: String,
    /// `practice`, `kiosk` or `social-institution`. More may come.
    #[schema(example = "practice")]
    pub kind: String,
    /// What people call it.
    #[schema(example = "Herzpraxis Lerchenbrook")]
    pub name: String,
    /// How many days a permission for it lasts when nothing else is chosen.
    #[schema(example = 90)]
    pub usual_days: u16,
}

/// The organisations with which findings can be shared, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Directory {
    /// The organisations.
    pub items: Vec<DirectoryEntry>,
}

/// Which findings a rule is about. Whatever is given must hold; with nothing given, all findings, also those to come.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleData {
    /// Only these findings, at most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 100, example = json!(["019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"]))]
    pub findings: Option<Vec<String>>,
    /// Only of these kinds, e.g. `laboratory`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 8, example = json!(["laboratory"]))]
    pub kinds: Option<Vec<String>>,
    /// Only from these practices, at most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 100, example = json!(["019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01"]))]
    pub practices: Option<Vec<String>>,
    /// Only from this day on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Date, example = "2026-01-01")]
    pub from: Option<String>,
    /// Only up to and with this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = Date, example = "2026-12-31")]
    pub to: Option<String>,
    /// Delicate findings as well, also when they are not named in `findings`.
    #[serde(default)]
    #[schema(example = false)]
    pub sensitive: bool,
}

/// A permission to give.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareGrant {
    /// The organisation that may look.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation: String,
    /// Only this person of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a33")]
    pub person: Option<String>,
    /// Only those who do this there: `physician`, `care`, `social-work`, `interpreting`, `office`. Not together with `person`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "physician")]
    pub duty: Option<String>,
    /// How the resident wants to be called there, so that they know whose findings they see. 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80, example = "Käthe M.")]
    pub called: String,
    /// For how many days, today being the first; ends at midnight in Berlin. If missing, as many as is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 3653, example = 30)]
    pub days: Option<u16>,
    /// Which findings.
    #[serde(default)]
    pub data: RuleData,
    /// Whether documents may be downloaded, too.
    #[serde(default)]
    #[schema(example = false)]
    pub may_download: bool,
    /// Whether they may be passed on.
    #[serde(default)]
    #[schema(example = false)]
    pub may_pass_on: bool,
    /// The text that was shown for it, as it stands under `/v1/consent-texts/treatment`. It is recorded with the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<DecisionText>,
}

/// Another end for a permission.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShareChange {
    /// For how many days from now on, today being the first.
    #[schema(minimum = 1, maximum = 3653, example = 7)]
    pub days: u16,
}

/// A block to set.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockOrder {
    /// To whom findings are closed; to everybody but the resident if nobody is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation: Option<String>,
    /// Only to this person of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a33")]
    pub person: Option<String>,
    /// Only to those who do this there. Not together with `person`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "physician")]
    pub duty: Option<String>,
    /// Which findings. Delicate ones are always meant.
    #[serde(default)]
    pub data: RuleData,
}

/// A permission or a block of the resident.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareRule {
    /// The decision.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub id: String,
    /// `permit` or `deny`. A denial beats every permission.
    #[schema(example = "permit")]
    pub effect: String,
    /// For whom: `organisation`, `duty-physician` and the like for those who do one thing there, `person`, `everyone`, `resident` for somebody who acts for the resident, `explain` for a
    /// conversation. More may come.
    #[schema(example = "organisation")]
    pub recipient_kind: String,
    /// The organisation or person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub recipient_id: Option<String>,
    /// How a representative wants to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Tochter Ayla")]
    pub recipient_called: Option<String>,
    /// What for: `treatment`, `explanation`, `representation`, `link`, or `emergency` when somebody at work declared one.
    /// More may come.
    #[schema(example = "treatment")]
    pub purpose: String,
    /// In an emergency: why, in the words of who declared it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Bewusstlos eingeliefert, Vorerkrankungen unbekannt.")]
    pub reason: Option<String>,
    /// How the resident is called there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Käthe M.")]
    pub called: Option<String>,
    /// Which findings.
    pub data: RuleData,
    /// Whether documents may be downloaded.
    #[schema(example = false)]
    pub may_download: bool,
    /// Whether they may be passed on.
    #[schema(example = false)]
    pub may_pass_on: bool,
    /// Of somebody who acts for a resident: on which ground, `appointed`, `parental` or `guardian`. More may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "appointed")]
    pub ground: Option<String>,
    /// Whether they also act in the resident's place (with the header `Acting-For`).
    #[schema(example = false)]
    pub may_act: bool,
    /// Since when.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub from: String,
    /// Up to, and not with, this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-02-19T23:00:00Z")]
    pub until: Option<String>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-12-01T17:00:00Z")]
    pub ended_at: Option<String>,
    /// Whether it counts now.
    #[schema(example = true)]
    pub stands: bool,
}

/// The resident's permissions or blocks, newest first, also those that are over.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShareRuleList {
    /// The rules.
    pub items: Vec<ShareRule>,
}

/// One finding, and whether a recipient would see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewItem {
    /// The finding.
    pub finding: FindingSummary,
    /// Whether the recipient would see it now.
    #[schema(example = true)]
    pub visible: bool,
    /// Why: `permitted` or `denied` by a rule, or `not-asked`: no rule opens it.
    #[schema(example = "permitted")]
    pub reason: String,
    /// The rule that decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub rule_id: Option<String>,
}

/// What a recipient would see of the resident's findings now, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// Every finding that could be shown, and whether it would be.
    pub items: Vec<PreviewItem>,
}

/// Something that a resident has opened to whoever asks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedShare {
    /// The permission.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub id: String,
    /// How the resident wants to be called.
    #[schema(example = "Käthe M.")]
    pub called: String,
    /// What for, e.g. `treatment`.
    #[schema(example = "treatment")]
    pub purpose: String,
    /// Whether documents may be downloaded.
    #[schema(example = false)]
    pub may_download: bool,
    /// Whether they may be passed on.
    #[schema(example = false)]
    pub may_pass_on: bool,
    /// Of somebody who acts for a resident: on which ground, `appointed`, `parental` or `guardian`. More may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "appointed")]
    pub ground: Option<String>,
    /// Whether they also act in the resident's place (with the header `Acting-For`).
    #[schema(example = false)]
    pub may_act: bool,
    /// Since when.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub from: String,
    /// Up to, and not with, this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-02-19T23:00:00Z")]
    pub until: Option<String>,
}

/// One page of what is open to whoever asks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceivedShareList {
    /// The permissions.
    pub items: Vec<ReceivedShare>,
    /// Where to go on, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// A permission that is over, as its recipient is told.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedShare {
    /// The permission.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")]
    pub id: String,
    /// How the resident wanted to be called.
    #[schema(example = "Käthe M.")]
    pub called: String,
    /// What it was for.
    #[schema(example = "treatment")]
    pub purpose: String,
    /// When it ended.
    #[schema(example = "2026-11-23T10:00:00Z")]
    pub ended_at: String,
    /// What is to be done with what was downloaded: `delete`, unless a law binds to keep it (§ 630f (3) BGB); `none` when nothing
    /// could be downloaded.
    #[schema(example = "delete")]
    pub copies: String,
}

/// What is over since thirty days at most; what ended last comes first. At most two hundred.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedShareList {
    /// The permissions.
    pub items: Vec<EndedShare>,
}

/// An emergency of a patient who cannot be asked.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyDeclaration {
    /// The practice's own number for the patient.
    #[schema(example = "P-10442")]
    pub patient_reference: String,
    /// The patient's birth date.
    #[schema(example = "1961-03-14", format = Date)]
    pub birth_date: String,
    /// Why. The resident reads it. 10 to 500 characters.
    #[schema(min_length = 10, max_length = 500, example = "Bewusstlos eingeliefert, Vorerkrankungen unbekannt.")]
    pub reason: String,
}

/// What taking a decision back would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Withdrawal {
    /// What would happen, and what would stay.
    pub items: Vec<WithdrawalConsequence>,
}

/// One thing that would happen, or stay.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithdrawalConsequence {
    /// `stop-new`: nothing new comes; `lock`: what is there is closed; `keep`: what is there stays, and why. More may come.
    #[schema(example = "lock")]
    pub kind: String,
    /// The same in words, in the resident's language.
    #[schema(example = "Wer die Erlaubnis hatte, sieht ab der nächsten Anfrage nichts mehr.")]
    pub sentence: String,
}
