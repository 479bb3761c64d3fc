//! Room corrections: what a resident says is wrong with a finding, and what its practice answers.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use jiff::Timestamp;
use nahraum_api_spec::corrections::{Correction, CorrectionAnswer, CorrectionList, CorrectionOrder, CorrectionPage};
use nahraum_app::{App, Fault, corrections as app_corrections};
use nahraum_domain::{
    corrections::Answer as Given,
    ids::{CorrectionId, FindingId},
    private::Private,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Cursors, Json, Limit, Path, Query, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_correction)
        .service(list_corrections)
        .service(end_correction)
        .service(list_practice_corrections)
        .service(answer_correction);
}

/// Say what is wrong with a finding.
///
/// The practice that sent it reads it and owes an answer within a month (GDPR, Art. 16 and 12(3)). The finding itself does not
/// change: a corrected one comes as a newer version. One request at a time for each finding.
#[utoipa::path(
    tag = "corrections",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    request_body = CorrectionOrder,
    responses(
        (status = 201, description = "The request.", body = Correction),
        (status = 409, description = "It was said already, or the finding was taken back or replaced."),
    ),
)]
#[post("/v1/findings/{id}/corrections")]
async fn create_correction(app: Data<App>, call: Signed, id: Path<FindingId>, body: Json<CorrectionOrder>) -> Answer {
    let correction = app.ask_correction(&call, id.0, body.0.said.into()).await?;
    Ok(HttpResponse::Created().json(wire(correction, None, call.moment.now)))
}

/// List what the resident has asked to correct.
///
/// Newest first, with the practice's answer, and whether one is overdue.
#[utoipa::path(
    tag = "corrections",
    security(("bearer" = [])),
    responses((status = 200, description = "The requests.", body = CorrectionList)),
)]
#[get("/v1/corrections")]
async fn list_corrections(app: Data<App>, call: Signed) -> Answer {
    let now = call.moment.now;
    let items = app.corrections(&call).await?.into_iter().map(|correction| wire(correction, None, now)).collect();
    Ok(HttpResponse::Ok().json(CorrectionList { items }))
}

/// Do not ask any more.
///
/// As long as the practice has not answered.
#[utoipa::path(
    tag = "corrections",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The request.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c01")),
    responses(
        (status = 204, description = "Taken back."),
        (status = 409, description = "It is answered, or taken back already."),
    ),
)]
#[delete("/v1/corrections/{id}")]
async fn end_correction(app: Data<App>, call: Signed, id: Path<CorrectionId>) -> Answer {
    app.end_correction(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PracticeQuery {
    /// `true` for what is answered or taken back, instead of what waits.
    #[serde(default)]
    #[param(example = false)]
    settled: bool,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

/// List what residents ask the practice to correct.
///
/// Newest first. Each resident sees in the log that it was read.
#[utoipa::path(
    tag = "corrections",
    security(("bearer" = [])),
    params(PracticeQuery),
    responses((status = 200, description = "One page of requests.", body = CorrectionPage)),
)]
#[get("/v1/practice/corrections")]
async fn list_practice_corrections(app: Data<App>, call: Signed, query: Query<PracticeQuery>) -> Answer {
    let settled = query.0.settled;
    let cursors = Cursors::new(&app, &call, "list_practice_corrections", &settled);
    let before = cursors.id::<CorrectionId>(query.0.cursor.as_deref())?;
    let (items, next) = app.practice_corrections(&call, settled, before, query.0.limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    let now = call.moment.now;
    let items = items.into_iter().map(|(correction, reference)| wire(correction, reference, now)).collect();
    Ok(HttpResponse::Ok().json(CorrectionPage { items, next_cursor }))
}

/// Answer what a resident asks to correct.
///
/// The resident is told that something is new. `corrected` says that a newer version is there or on its way; it is uploaded as
/// any other.
#[utoipa::path(
    tag = "corrections",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The request.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9c01")),
    request_body = CorrectionAnswer,
    responses(
        (status = 200, description = "The request as it stands now.", body = Correction),
        (status = 409, description = "It is settled, or more time was taken before."),
    ),
)]
#[post("/v1/practice/corrections/{id}/answer")]
async fn answer_correction(
    app: Data<App>,
    call: Signed,
    id: Path<CorrectionId>,
    body: Json<CorrectionAnswer>,
) -> Answer {
    let CorrectionAnswer { decision, reason } = body.0;
    let answer = Given::parse(&decision).ok_or(Fault {
        pointer: "/decision",
        code: "unknown-decision",
        detail: "One of corrected, declined, extended.",
    })?;
    let correction = app.answer_correction(&call, id.0, answer, reason.map(Private::new)).await?;
    Ok(HttpResponse::Ok().json(wire(correction, None, call.moment.now)))
}

pub(crate) fn wire(
    correction: app_corrections::Correction,
    reference: Option<Private<String>>,
    now: Timestamp,
) -> Correction {
    Correction {
        id: correction.id.to_string(),
        finding_id: correction.finding.to_string(),
        practice_id: correction.practice.id.to_string(),
        practice: correction.practice.name,
        state: correction.stage.as_str().into(),
        said: correction.said.into_revealed(),
        reason: correction.reason.map(Private::into_revealed),
        asked_at: correction.asked_at.to_string(),
        due_at: correction.due_at.to_string(),
        overdue: correction.stage.is_open() && correction.due_at <= now,
        answered_at: correction.answered_at.map(|at| at.to_string()),
        patient_reference: reference.map(Private::into_revealed),
    }
}
