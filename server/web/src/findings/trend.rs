//! A value over time.

use actix_web::{HttpResponse, get, http::header, web::Data};
use nahraum_api_spec::findings::Trend;
use nahraum_app::{App, Fault, findings::CodeSystem};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Query, Signed},
    finding_views,
    problem::Answer,
};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TrendQuery {
    /// The LOINC code of the value. Either this or `local_code`.
    #[param(nullable = false, example = "4548-4")]
    loinc: Option<String>,
    /// The sender's own code, as a finding's `local_code` has it.
    #[param(nullable = false, example = "KREA")]
    local_code: Option<String>,
}

/// Follow a value over time.
///
/// The newest 200 points, oldest first, from findings that are neither replaced nor taken back. Values are never
/// converted: where unit, method or laboratory change, a line must end, and `segments` says where.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(TrendQuery),
    responses(
        (status = 200, description = "The points.", body = Trend),
        (status = 404, description = "The resident has no such value."),
        (status = 422, description = "Not exactly one code was asked for."),
    ),
)]
#[get("/v1/trends")]
pub(super) async fn get_trend(app: Data<App>, call: Signed, query: Query<TrendQuery>) -> Answer {
    let (system, code) = match (&query.0.loinc, &query.0.local_code) {
        (Some(code), None) => (CodeSystem::Loinc, code.clone()),
        (None, Some(code)) => (CodeSystem::Local, code.clone()),
        (Some(_), Some(_)) | (None, None) => {
            let detail = "Ask for one of loinc and local_code.";
            return Err(Fault { pointer: "loinc", code: "one-code", detail }.into());
        }
    };
    let (points, language) = app.trend(&call, system, code).await?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_LANGUAGE, language.tag())).json(finding_views::trend(
        points.get(),
        query.0.loinc,
        language,
    )))
}
