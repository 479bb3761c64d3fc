//! Room approvals: acts that take two persons of the operator.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one person wants to do, and another one has to agree to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApproval {
    /// `destroy-key`, `read-access-log` or `cut-off-phones`.
    #[schema(example = "read-access-log")]
    pub act: String,
    /// The kind of reason. For `destroy-key` one of `asked`, `unused`, `mistake`; for `read-access-log` one of `resident-asked`,
    /// `suspected-misuse`, `authority`; for `cut-off-phones` one of `resident-asked`, `suspected-misuse`.
    #[schema(example = "resident-asked")]
    pub why: String,
    /// The resident.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a61")]
    pub resident_id: String,
    /// The reason in one's own words: 1 to 500 characters. Kept encrypted, with the resident's key.
    #[schema(example = "Anruf am Telefon, Vorgang 17.")]
    pub reason: String,
}

/// A wish for an act that takes two persons.
#[derive(Debug, Serialize, ToSchema)]
pub struct Approval {
    /// The approval. `nahraum keys destroy --approval` takes it.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a62")]
    pub id: String,
    /// `destroy-key`, `read-access-log` or `cut-off-phones`. Treat an unknown word as one that this version cannot do.
    #[schema(example = "read-access-log")]
    pub act: String,
    /// The kind of reason.
    #[schema(example = "resident-asked")]
    pub why: String,
    /// The resident.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a61")]
    pub resident_id: String,
    /// The reason in the person's own words; absent when the resident was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Anruf am Telefon, Vorgang 17.")]
    pub reason: Option<String>,
    /// `open`, `approved`, `denied`, `used` or `expired`. Treat an unknown word as `expired`.
    #[schema(example = "open")]
    pub state: String,
    /// The login of the one who asked.
    #[schema(example = "ada@betrieb")]
    pub asked_by: String,
    /// When.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub asked_at: String,
    /// The login of the one who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "grace@betrieb")]
    pub decided_by: Option<String>,
    /// When it was done, for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:40:00Z")]
    pub used_at: Option<String>,
    /// Until when another person can agree; after that, until when it can be done.
    #[schema(example = "2026-11-23T09:30:00Z")]
    pub ends_at: String,
}

/// What was cut off.
#[derive(Debug, Serialize, ToSchema)]
pub struct PhonesCutOff {
    /// How many phones there were.
    #[schema(example = 1)]
    pub phones: i64,
}

/// A page of wishes, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalList {
    /// The wishes.
    pub items: Vec<Approval>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}

/// One line of a resident's access log as the operator sees it: ids and words, nothing of a finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct InspectedEntry {
    /// Its number in the resident's log.
    #[schema(example = 42)]
    pub number: i64,
    /// When.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub at: String,
    /// Who: `resident` (whose log it is), `practice-staff`, `practice-software`, `district-staff`, `operator`, `link-holder`,
    /// `system` or `someone-else`.
    #[schema(example = "practice-staff")]
    pub actor: String,
    /// The person or the software; present for practices and the operator only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a77")]
    pub actor_id: Option<String>,
    /// The organisation they acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: Option<String>,
    /// What was done, as in the resident's own log.
    #[schema(example = "receipt")]
    pub action: String,
    /// `done` or `denied`.
    #[schema(example = "done")]
    pub outcome: String,
    /// With which finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")]
    pub finding_id: Option<String>,
    /// Why it was allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "treatment-delivery")]
    pub basis: Option<String>,
}

/// A page of a resident's access log, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct InspectedLog {
    /// The entries.
    pub items: Vec<InspectedEntry>,
    /// Ask for more with this; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "b3BhcXVl")]
    pub next_cursor: Option<String>,
}
