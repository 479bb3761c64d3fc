//! Room bookmarks: offers that a resident keeps.

use actix_web::{HttpResponse, delete, get, put, web::Data};
use nahraum_api_spec::recommendations::{Bookmark, BookmarkList};
use nahraum_app::{App, bookmarks as app_bookmarks};
use nahraum_domain::ids::OfferId;

use crate::{
    catalogue::view::{Reader, offer},
    extract::{Path, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_bookmarks).service(update_bookmark).service(delete_bookmark);
}

/// List the offers that the resident keeps.
///
/// The last one first, each in the language of `Accept-Language`, as long as it is public. The list is encrypted for the resident, and nobody
/// counts who keeps an offer.
#[utoipa::path(
    tag = "bookmarks",
    security(("bearer" = [])),
    responses((status = 200, description = "The offers.", body = BookmarkList)),
)]
#[get("/v1/bookmarks")]
async fn list_bookmarks(app: Data<App>, call: Signed, reader: Reader) -> Answer {
    let now = call.moment.now;
    let view = |(id, listed): app_bookmarks::Bookmark| Bookmark {
        offer_id: id.to_string(),
        offer: listed.map(|listed| offer(listed, &reader, now)),
    };
    let items = app.bookmarks(&call).await?.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(BookmarkList { items }))
}

/// Keep an offer.
///
/// At most 200. Doing it again changes nothing.
#[utoipa::path(
    tag = "bookmarks",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    responses(
        (status = 204, description = "It is kept."),
        (status = 409, description = "200 are kept already."),
    ),
)]
#[put("/v1/bookmarks/{id}")]
async fn update_bookmark(app: Data<App>, call: Signed, id: Path<OfferId>) -> Answer {
    app.keep_offer(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Do not keep an offer any more.
///
/// Doing it again changes nothing.
#[utoipa::path(
    tag = "bookmarks",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    responses((status = 204, description = "It is not kept.")),
)]
#[delete("/v1/bookmarks/{id}")]
async fn delete_bookmark(app: Data<App>, call: Signed, id: Path<OfferId>) -> Answer {
    app.let_offer_go(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
