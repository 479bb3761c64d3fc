//! Decisions of all kinds: their history, and the signed receipt of one.

use actix_web::{HttpResponse, get, web::Data};
use jiff::Timestamp;
use nahraum_api_spec::{
    consents::ConsentEvidence,
    decisions::{DecisionEvent, DecisionList, DecisionReceipt, DecisionRecord, DecisionText},
};
use nahraum_app::{
    App, Fault,
    consents::{Detail, Evidence},
};
use nahraum_domain::{audit::statement::hex, consent::event::Event, ids::ConsentId, private::Private};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{ActingHeader, Path, Query, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_decisions).service(get_decision_receipt);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    /// Where decisions stood at this moment; now, if it is missing.
    #[param(nullable = false, format = DateTime, example = "2026-11-22T12:00:00Z")]
    as_of: Option<String>,
    /// By what was written down until this moment; now, if it is missing.
    #[param(nullable = false, format = DateTime, example = "2026-11-22T12:00:00Z")]
    known_at: Option<String>,
}

/// List all decisions with their history.
///
/// Consents, permissions and blocks, newest first. Nothing is ever changed or deleted in a history.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(HistoryQuery, ActingHeader),
    responses(
        (status = 200, description = "The decisions.", body = DecisionList),
        (status = 422, description = "A moment cannot be read."),
    ),
)]
#[get("/v1/decisions")]
async fn list_decisions(app: Data<App>, call: Signed, query: Query<HistoryQuery>) -> Answer {
    let moment = |pointer: &'static str, text: &String| {
        let detail = "A moment in UTC, such as 2026-11-22T17:04:05Z.";
        text.parse::<Timestamp>().map_err(|_| Fault { pointer, code: "invalid-moment", detail })
    };
    let as_of = query.0.as_of.as_ref().map(|text| moment("as_of", text)).transpose()?;
    let known_at = query.0.known_at.as_ref().map(|text| moment("known_at", text)).transpose()?;
    let items = app.decision_history(&call, as_of, known_at).await?.into_iter().map(|decision| DecisionRecord {
        id: decision.consent.to_string(),
        standing: decision.standing.as_str().into(),
        events: decision.events.iter().zip(decision.told).map(|(event, (_, detail))| step(event, detail)).collect(),
    });
    Ok(HttpResponse::Ok().json(DecisionList { items: items.collect() }))
}

/// Get the receipt of a decision.
///
/// The installation's signed word about a consent, a permission or a block, to be kept: what was decided, about which text, for
/// whom, for how long, when, by whom, and where it stands now. Anybody can verify it without this server.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The decision.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")),
    responses((status = 200, description = "The receipt.", body = DecisionReceipt)),
)]
#[get("/v1/decisions/{id}/receipt")]
async fn get_decision_receipt(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    let (receipt, key) = app.decision_receipt(&call, id.0).await?;
    Ok(HttpResponse::Ok().json(DecisionReceipt { receipt, key: hex(key.as_bytes()) }))
}

fn step(event: &Event, detail: Detail) -> DecisionEvent {
    DecisionEvent {
        kind: event.kind.as_str().into(),
        at: event.at.to_string(),
        recorded_at: event.recorded_at.to_string(),
        in_place: event.in_place,
        text: detail.text.map(|text| DecisionText {
            version: u32::try_from(text.version).unwrap_or(0),
            lang: text.language,
            sha256: text.sha256,
        }),
        evidence: detail.evidence.map(evidence),
    }
}

fn evidence(evidence: Evidence) -> ConsentEvidence {
    let Evidence { place, explained_by, explained_role, explained_in, how, signature } = evidence;
    ConsentEvidence {
        place: place.map(|place| place.as_str().to_owned()),
        explained_by: explained_by.map(|id| id.to_string()),
        explained_role: explained_role.map(Private::into_revealed),
        explained_in,
        how: how.map(Private::into_revealed),
        signature: signature.map(Private::into_revealed),
    }
}
