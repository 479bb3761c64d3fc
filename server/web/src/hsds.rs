//! Room hsds: the same offers for directories that speak Open Referral HSDS 3.1. Nothing that `GET /v1/offers` would not tell.

mod view;

use actix_web::{get, web::Data};
use nahraum_api_spec::hsds::{HsdsDescription, HsdsService, HsdsServices};
use nahraum_app::{App, Refusal};
use nahraum_domain::ids::OfferId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    catalogue::view::Reader,
    extract::{Anyone, Path, Query},
    problem::Answer,
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

/// How many services a page has, if nobody says so, and at most.
const PAGE: i64 = 50;
const LONGEST_PAGE: i64 = 100;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_hsds_api).service(list_hsds_services).service(get_hsds_service);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ServicesQuery {
    /// Which page; the first is 1.
    #[param(value_type = Option<i64>, nullable = false, minimum = 1, example = 1)]
    page: Option<i64>,
    /// How many on a page, 1 to 100.
    #[param(value_type = Option<i64>, nullable = false, minimum = 1, maximum = 100, example = 50)]
    per_page: Option<i64>,
    /// Those that have changed at or after this moment. What is gone is only in the feed of `GET /v1/offer-feed`: HSDS has no word for it.
    #[param(nullable = false, example = "2026-11-22T09:30:00Z")]
    modified_after: Option<String>,
    /// Whether everything nested in them is told as well.
    #[serde(default)]
    #[param(value_type = Option<bool>, nullable = false, example = true)]
    full: bool,
    /// In which language, as a BCP 47 tag. Otherwise `Accept-Language` decides, then each offer's own.
    #[param(nullable = false, example = "de")]
    lang: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LangQuery {
    /// In which language, as a BCP 47 tag. Otherwise `Accept-Language` decides, then the offer's own.
    #[param(nullable = false, example = "de")]
    lang: Option<String>,
}

/// Read what this is.
///
/// The root of an HSDS 3.1 API.
#[utoipa::path(
    tag = "hsds",
    security(()),
    responses(
        (status = 200, description = "The version.", body = HsdsDescription),
        (status = 304, description = "Unchanged."),
    ),
)]
#[get("/v1/hsds")]
async fn get_hsds_api(app: Data<App>, _call: Anyone, conditions: Conditions) -> Answer {
    let version = HsdsDescription {
        version: "3.1".to_owned(),
        profile: "https://docs.openreferral.org/en/latest/hsds/".to_owned(),
        openapi_url: format!("{}/v1/openapi.json", app.settings().public_url),
    };
    public::answer(&conditions, &version).await
}

/// List the services.
///
/// Every public offer as an HSDS service. Searching is `POST /v1/offer-searches`: what somebody looks for does not belong into an address.
#[utoipa::path(
    tag = "hsds",
    security(()),
    params(ServicesQuery),
    responses(
        (status = 200, description = "One page of services.", body = HsdsServices),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/hsds/services")]
async fn list_hsds_services(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    query: Query<ServicesQuery>,
    conditions: Conditions,
) -> Answer {
    let ServicesQuery { page, per_page, modified_after, full, lang } = query.0;
    let reader = reader.wants(lang.as_deref())?;
    let (page, size) = (page.unwrap_or(1), per_page.unwrap_or(PAGE));
    if page < 1 || !(1..=LONGEST_PAGE).contains(&size) {
        return Err(Refusal::invalid("page", "out-of-range", "Pages begin with 1 and have 1 to 100 services.").into());
    }
    let skip = (page - 1).saturating_mul(size);
    let (total, exported) = app.export_offers(&call, modified_after.as_deref(), skip, size).await?;
    let pages = total.saturating_add(size - 1) / size;
    let service = |exported| {
        let service = view::service(exported, &reader, call.moment.now);
        if full { service } else { view::short(service) }
    };
    let contents: Vec<HsdsService> = exported.into_iter().map(service).collect();
    let services = HsdsServices {
        total_items: total,
        total_pages: pages,
        page_number: page,
        size: i64::try_from(contents.len()).unwrap_or(i64::MAX),
        first_page: page == 1,
        last_page: page >= pages,
        empty: contents.is_empty(),
        contents,
    };
    public::answer(&conditions, &services).await
}

/// Read a service.
///
/// An offer as an HSDS service with everything nested in it. Dates are written out as weekly runs, each at one distance from UTC: rules with
/// time zones and exceptions have no place in HSDS, and a reader would be an hour off for half of the year. Cancelled dates are left out.
#[utoipa::path(
    tag = "hsds",
    security(()),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        LangQuery,
    ),
    responses(
        (status = 200, description = "The service.", body = HsdsService),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/hsds/services/{id}")]
async fn get_hsds_service(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    id: Path<OfferId>,
    query: Query<LangQuery>,
    conditions: Conditions,
) -> Answer {
    let reader = reader.wants(query.0.lang.as_deref())?;
    let exported = app.export_offer(&call, id.0).await?;
    public::answer(&conditions, &view::service(exported, &reader, call.moment.now)).await
}
