//! An offer as everybody would see it, for those who write it or have to agree to it.

use actix_web::{HttpResponse, get, web::Data};
use nahraum_api_spec::catalogue::CatalogueOffer;
use nahraum_app::App;
use nahraum_domain::ids::OfferId;

use super::{
    LangQuery,
    view::{Reader, offer},
};
use crate::{
    extract::{Path, Query, Signed},
    offers::address,
    problem::Answer,
};

/// Look at an offer as everybody would see it.
///
/// With the same choice of languages, the same dates and no more of its place than everybody is told, in every state. For the people of its
/// organisation, and, while it waits for a second person, for those of the district office.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        LangQuery,
    ),
    responses(
        (status = 200, description = "The offer as everybody would see it.", body = CatalogueOffer),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/publisher/offers/{id}/preview")]
pub(super) async fn get_offer_preview(
    app: Data<App>,
    call: Signed,
    reader: Reader,
    id: Path<OfferId>,
    query: Query<LangQuery>,
) -> Answer {
    let reader = reader.wants(query.0.lang.as_deref())?;
    let listed = app.preview_offer(&call, id.0).await?;
    let mut shown = offer(listed, &reader, call.moment.now);
    // Nobody else can read it yet.
    if let Some(image) = &mut shown.image {
        image.url = address(id.0);
    }
    Ok(HttpResponse::Ok().json(shown))
}
