//! Room sync: what changed for a resident since an app asked last.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    consents::Consent, corrections::Correction, findings::Finding, questions::Question,
    recommendations::Recommendation, registrations::Registration, shares::ShareRule,
};

/// One change. Of the things beside `op`, `type` and `id` the one is there that `type` names, and only with `upsert`.
#[derive(Serialize, ToSchema)]
pub struct SyncChange {
    /// `upsert`: put it in the place of what you have of it. `delete`: delete what you have of it; you need not have anything. Skip a
    /// change with an unknown word.
    #[schema(example = "upsert")]
    pub op: String,
    /// `finding`, `recall`, `consent`, `share`, `block`, `registration`, `bookmark`, `recommendation`, `question` or `correction`. Skip a
    /// change with an unknown word.
    #[serde(rename = "type")]
    #[schema(example = "question")]
    pub kind: String,
    /// Its id. A finding and its recall have the same.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c31")]
    pub id: String,
    /// The round in which it changed. Rises.
    #[schema(example = 12)]
    pub rev: i64,
    /// With `delete`: `deleted`, `access_ended` (it is not shown here any more) or `recalled` (the practice took it back; a `recall` has
    /// what stays of it). Treat an unknown word as `access_ended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "recalled")]
    pub reason: Option<String>,
    /// A finding with its values, as `GET /v1/findings/{id}` has it. Its document stays behind `/v1/findings/{id}/content`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finding: Option<Finding>,
    /// What stays of a finding that was taken back: who had sent it and when. No content.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recall: Option<Finding>,
    /// An answer to what the resident was asked, as `GET /v1/consents` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub consent: Option<Consent>,
    /// A permission to see findings, as `GET /v1/shares` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub share: Option<ShareRule>,
    /// A rule that closes findings, as `GET /v1/blocks` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub block: Option<ShareRule>,
    /// Taking part in an offer, as `GET /v1/registrations` has it. The 200 newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub registration: Option<Registration>,
    /// An offer that the resident keeps; `id` is the offer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bookmark: Option<KeptOffer>,
    /// What was recommended, as `GET /v1/recommendations` has it, but for the offer: that is in the feed of offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub recommendation: Option<Recommendation>,
    /// What to ask at the next visit, as `GET /v1/questions` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub question: Option<Question>,
    /// What the resident says is wrong, as `GET /v1/corrections` has it. The 200 newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub correction: Option<Correction>,
}

/// An offer that the resident keeps. What everybody is told of it is in the feed of offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptOffer {
    /// Which offer.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")]
    pub offer_id: String,
}

/// A page of changes, the oldest first.
#[derive(Serialize, ToSchema)]
pub struct SyncPage {
    /// The changes. Apply them in their order; the same one may come twice.
    pub changes: Vec<SyncChange>,
    /// What to ask with next time, as `since`. Keep it together with what the changes have made of your store.
    #[schema(example = "b3BhcXVl")]
    pub next: String,
    /// `true`: there is more, ask again at once.
    #[schema(example = false)]
    pub has_more: bool,
}
