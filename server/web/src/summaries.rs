//! Room summaries: findings in brief on paper.

use actix_web::{HttpResponse, http::header, post, web::Data};
use nahraum_api_spec::summaries::SummaryOrder;
use nahraum_app::{App, Fault};
use nahraum_domain::ids::FindingId;

use crate::{
    extract::{ActingHeader, Json, Signed},
    problem::Answer,
    ranges,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_summary);
}

/// Print findings in brief.
///
/// A PDF for the next visit, in the resident's language: what the physician says, what stands out, all values with what people
/// call them, and squares (QR codes) with the same values signed by the server, which anybody verifies without a network. Each finding is
/// logged as taken away.
#[utoipa::path(
    tag = "summaries",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = SummaryOrder,
    responses(
        (status = 200, description = "The paper.", content_type = "application/pdf", body = Vec<u8>),
        (status = 404, description = "One of the findings is not there."),
    ),
)]
#[post("/v1/summaries")]
async fn create_summary(app: Data<App>, call: Signed, body: Json<SummaryOrder>) -> Answer {
    let ids: Result<Vec<FindingId>, _> = body.0.finding_ids.iter().map(|id| id.parse()).collect();
    let ids = ids.map_err(|_| Fault {
        pointer: "/finding_ids",
        code: "invalid-id",
        detail: "The ids of findings, as the list has them.",
    })?;
    let pdf = app.print_summary(&call, ids).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("befunde", "pdf")))
        .body(pdf.into_revealed()))
}
