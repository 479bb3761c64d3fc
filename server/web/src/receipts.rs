//! Room receipts: what a practice knows of what it sent, and taking it back.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::practices::{Hold, Match, Opening, Recall, RecallReport, Receipt, ReceiptList};
use nahraum_app::{
    App, Fault,
    receipts::{self as app_receipts, RecallReason, ReceiptRecord},
};
use nahraum_domain::{audit::statement::hex, ids::FindingId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Cursors, Json, Limit, Path, Query, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_receipts).service(get_receipt).service(recall_finding).service(release_finding);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ReceiptQuery {
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
    /// `true`: only what the practice holds back and somebody still has to talk about.
    #[param(nullable = false, example = true)]
    held: Option<bool>,
}

/// List receipts.
///
/// Newest first. People of the practice see the practice's receipts; an upload credential sees those of its own
/// uploads. A receipt holds nothing of the content.
#[utoipa::path(
    tag = "uploads",
    security(("bearer" = [])),
    params(ReceiptQuery),
    responses((status = 200, description = "One page of receipts.", body = ReceiptList)),
)]
#[get("/v1/practice/findings")]
async fn list_receipts(app: Data<App>, call: Signed, query: Query<ReceiptQuery>) -> Answer {
    let ReceiptQuery { limit, cursor, held } = query.0;
    let only_held = held.unwrap_or(false);
    let cursors = Cursors::new(&app, &call, "list_receipts", &only_held);
    let before = cursors.id::<FindingId>(cursor.as_deref())?;
    let (items, next) = app.receipts(&call, only_held, before, limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    let items = items.into_iter().map(|record| wire(record, false)).collect();
    Ok(HttpResponse::Ok().json(ReceiptList { items, next_cursor }))
}

/// Show a receipt.
///
/// Where the finding is on its way, and when the resident first opened it.
#[utoipa::path(
    tag = "uploads",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    responses((status = 200, description = "The receipt.", body = Receipt)),
)]
#[get("/v1/practice/findings/{id}")]
async fn get_receipt(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.receipt(&call, id.0).await?, false)))
}

/// Say that you have talked about a finding.
///
/// What was held back until then shows from now on, unless the resident wishes not to have it on the phone, which the practice
/// does not learn. For all that is not held back nothing changes.
#[utoipa::path(
    tag = "uploads",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    responses((status = 204, description = "Noted.")),
)]
#[post("/v1/practice/findings/{id}/release")]
async fn release_finding(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    app.release_finding(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take a finding back.
///
/// Its content is destroyed at once; the resident keeps a stub that says so, and the log stays. The answer lists
/// everyone who had seen it.
#[utoipa::path(
    tag = "uploads",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    request_body = Recall,
    responses((status = 200, description = "The receipt, and who had seen it.", body = RecallReport)),
)]
#[post("/v1/practice/findings/{id}/recall")]
async fn recall_finding(app: Data<App>, call: Signed, id: Path<FindingId>, body: Json<Recall>) -> Answer {
    let reason = RecallReason::parse(&body.0.reason).ok_or(Fault {
        pointer: "/reason",
        code: "unknown-reason",
        detail: "One of wrong-patient, wrong-content, entered-in-error, other.",
    })?;
    let (record, openings) = app.recall_finding(&call, id.0, reason).await?;
    let openings = openings.into_iter().map(|(action, at)| Opening {
        who: "resident".into(),
        action: action.as_str().into(),
        at: at.to_string(),
    });
    Ok(HttpResponse::Ok().json(RecallReport { receipt: wire(record, false), openings: openings.collect() }))
}

/// A receipt as it goes over the wire.
pub(crate) fn wire(record: ReceiptRecord, duplicate: bool) -> Receipt {
    Receipt {
        id: Some(record.id.to_string()),
        state: record.state.as_str().into(),
        duplicate,
        matching: matching(record.reason),
        patient_reference: record.reference.map(|r| r.into_revealed()),
        document_class: record.class.code.into(),
        document_class_name: record.class.name.into(),
        date: record.date.map(|day| day.to_string()),
        value_count: record.value_count,
        sha256: hex(&record.sha256),
        received_at: Some(record.received_at.to_string()),
        replaces: record.replaces.map(|id| id.to_string()),
        superseded_by: record.superseded_by.map(|id| id.to_string()),
        recalled_at: record.recalled_at.map(|at| at.to_string()),
        first_opened_at: record.first_opened_at.map(|at| at.to_string()),
        hold: record.hold.map(hold),
        warnings: record.warnings,
    }
}

/// That the practice holds a finding back.
pub(crate) fn hold(hold: app_receipts::Hold) -> Hold {
    Hold { until: hold.until.map(|until| until.to_string()) }
}

/// How sure a match is.
pub(crate) fn matching(reason: nahraum_domain::matching::MatchReason) -> Match {
    let certainty = if reason.is_certain() { "certain" } else { "unclear" };
    Match { certainty: certainty.into(), reason: reason.as_str().into() }
}
