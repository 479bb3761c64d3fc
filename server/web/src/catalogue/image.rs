//! The image of an offer, for everybody.

use actix_web::{get, web::Data};
use nahraum_api_spec::images::CatalogueImage;
use nahraum_app::{
    App,
    offers::{Offer, OfferText},
};
use nahraum_domain::{audit::statement::hex, ids::OfferId, offers::image::Image};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Anyone, Path, Query},
    problem::Answer,
    public,
    ranges::Conditions,
};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImageQuery {
    /// Which image the client means. That one may be kept for good; without it, for five minutes.
    #[param(nullable = false, example = "5f0c9a7be1d24c38")]
    v: Option<String>,
}

/// Read the image of an offer.
///
/// With nothing in it but the picture. Its address stands in the offer, with what it shows.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        ImageQuery,
    ),
    responses(
        (status = 200, description = "The image.", content((Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offers/{id}/image")]
pub(super) async fn get_offer_image(
    app: Data<App>,
    call: Anyone,
    id: Path<OfferId>,
    query: Query<ImageQuery>,
    conditions: Conditions,
) -> Answer {
    let (image, content) = app.offer_image(&call, id.0).await?;
    let is_meant = query.0.v.is_some_and(|meant| meant == version(&image));
    public::image(&conditions, &image, content, is_meant)
}

/// The image of an offer on the wire: beside this text, or beside that in the offer's own language.
pub(super) fn wire(offer: &Offer, beside: Option<&OfferText>) -> Option<CatalogueImage> {
    let image = offer.shown_image()?;
    let own = offer.texts.iter().find(|text| text.language == offer.language);
    let said = beside.filter(|text| !text.image_alt.is_empty()).or(own)?;
    Some(CatalogueImage {
        url: format!("/v1/offers/{}/image?v={}", offer.id, version(image)),
        media_type: image.media_type.as_str().to_owned(),
        width: image.width,
        height: image.height,
        alt: said.image_alt.clone(),
        alt_lang: said.language.to_string(),
    })
}

/// What tells this image from another one of the same offer.
fn version(image: &Image) -> String {
    hex(image.sha256.first_chunk::<8>().map_or(&image.sha256, |start| start))
}
