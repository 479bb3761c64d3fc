//! The image of an offer, for those who write it or have to agree to it.

use actix_web::{HttpResponse, delete, get, http::header, put, web::Data};
use nahraum_api_spec::{images::PublisherImage, offers::PublisherOffer};
use nahraum_app::{App, offers::Offer};
use nahraum_domain::ids::OfferId;

use super::RevisionQuery;
use crate::{
    extract::{Path, Query, Signed},
    multipart::Incoming,
    problem::{Answer, Failure},
};

/// The largest file in bytes as it is sent: what is in it besides the picture does not count in the end.
const LIMIT: u64 = 2 * 1024 * 1024;

/// Read the image of one of the organisation's offers.
///
/// Before everybody sees it. The people of the district office read that of every offer that waits for a second person.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    responses((status = 200, description = "The image.", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png")))),
)]
#[get("/v1/publisher/offers/{id}/image")]
pub(super) async fn get_publisher_offer_image(app: Data<App>, call: Signed, id: Path<OfferId>) -> Answer {
    let (image, content) = app.publisher_offer_image(&call, id.0).await?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, image.media_type.as_str())).body(content))
}

/// Give an offer an image.
///
/// A JPEG or PNG of at most 2 MiB, in the place of the one before. Everything in the file that is not the picture is left out (place, time,
/// device, names, previews, depth), and what stays is at most 4,096 pixels on a side and 512 KiB. Each text says in `image_alt` what the image
/// shows; nobody is shown an image before the text in the offer's own language does.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        RevisionQuery,
    ),
    request_body(content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
    responses(
        (status = 200, description = "The offer as it is now.", body = PublisherOffer),
        (status = 409, description = "Somebody else has changed it since, or it is archived."),
        (status = 413, description = "More than 2 MiB."),
        (status = 415, description = "Neither image/jpeg nor image/png."),
        (status = 422, description = "It is no whole image, or too large."),
    ),
)]
#[put("/v1/publisher/offers/{id}/image")]
pub(super) async fn update_offer_image(
    app: Data<App>,
    call: Signed,
    id: Path<OfferId>,
    query: Query<RevisionQuery>,
    incoming: Incoming,
) -> Answer {
    app.may_publish(&call).await?;
    if !matches!(incoming.media_type(), Some("image/jpeg" | "image/png")) {
        return Err(Failure::of("unsupported-media-type"));
    }
    let mut bytes = Vec::new();
    incoming.raw(&mut bytes, LIMIT).await?;
    let offer = app.put_offer_image(&call, id.0, query.0.revision, bytes).await?;
    Ok(HttpResponse::Ok().json(super::wire(offer, call.moment.now)))
}

/// Take the image of an offer away.
///
/// What the texts say it shows stays with them.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        RevisionQuery,
    ),
    responses(
        (status = 200, description = "The offer as it is now.", body = PublisherOffer),
        (status = 409, description = "Somebody else has changed it since, or it is archived."),
        (status = 422, description = "The revision is missing or no number."),
    ),
)]
#[delete("/v1/publisher/offers/{id}/image")]
pub(super) async fn delete_offer_image(
    app: Data<App>,
    call: Signed,
    id: Path<OfferId>,
    query: Query<RevisionQuery>,
) -> Answer {
    let offer = app.delete_offer_image(&call, id.0, query.0.revision).await?;
    Ok(HttpResponse::Ok().json(super::wire(offer, call.moment.now)))
}

/// The image of an offer on the wire, as its own people see it.
pub(super) fn wire(offer: &Offer) -> Option<PublisherImage> {
    offer.image.as_ref().map(|image| PublisherImage {
        url: address(offer.id),
        media_type: image.media_type.as_str().to_owned(),
        width: image.width,
        height: image.height,
        shown: offer.shown_image().is_some(),
    })
}

/// Where the image of an offer is for its own people.
pub(crate) fn address(id: OfferId) -> String {
    format!("/v1/publisher/offers/{id}/image")
}
