//! Answers that are the same for everybody and may be kept for a while (RFC 9111): with a tag of what they say, so that who asks
//! again is told in a few bytes that nothing has changed; compressed for who takes that; and to be read by web pages of others.
//!
//! Only these are compressed: beside a secret, the length of a compressed answer tells what is in it (BREACH).

use std::io::Write as _;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderValue},
    web,
};
use flate2::{Compression, write::GzEncoder};
use nahraum_app::Refusal;
use nahraum_domain::{audit::statement::hex, offers::image::Image};
use serde::Serialize;

use crate::{
    problem::Answer,
    ranges::{Conditions, Etag},
};

/// Five minutes.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");
/// A year, the longest there is.
const KEPT_FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What else an answer depends on than its address.
const VARIES: HeaderValue = HeaderValue::from_static("Accept-Language, Accept-Encoding");
/// Below this length compressing gains nothing.
const SHORT: usize = 1024;

/// [`answer`] for a text of this kind.
pub(crate) async fn text(conditions: &Conditions, kind: &'static str, content: String) -> Answer {
    bytes(conditions, HeaderValue::from_static(kind), content.into_bytes()).await
}

/// The answer with this content, or that it is what the client has.
pub(crate) async fn answer(conditions: &Conditions, content: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(content).map_err(|_| Refusal::Internal)?;
    bytes(conditions, HeaderValue::from_static("application/json"), body).await
}

/// An image, which is packed already. One whose address stands for it and for no other may be kept for good (RFC 8246).
pub(crate) fn image(conditions: &Conditions, image: &Image, content: Vec<u8>, for_good: bool) -> Answer {
    let etag = Etag::from_sha256_hex(&hex(&image.sha256));
    let (mut answer, is_current) = begin(conditions, &etag, if for_good { KEPT_FOR_GOOD } else { KEPT });
    if is_current {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header((header::CONTENT_TYPE, image.media_type.as_str())).body(content))
}

async fn bytes(conditions: &Conditions, kind: HeaderValue, body: Vec<u8>) -> Answer {
    let gzip = conditions.gzip() && body.len() >= SHORT;
    let etag = if gzip { Etag::of(&body).of_gzip() } else { Etag::of(&body) };
    let (mut answer, is_current) = begin(conditions, &etag, KEPT);
    answer.insert_header((header::VARY, VARIES));
    if is_current {
        return Ok(answer.finish());
    }
    answer.insert_header((header::CONTENT_TYPE, kind));
    if !gzip {
        return Ok(answer.body(body));
    }
    // A whole district takes milliseconds: not on a thread that answers others.
    let packed = web::block(move || packed(&body)).await.map_err(|_| Refusal::Internal)?;
    Ok(answer.insert_header((header::CONTENT_ENCODING, "gzip")).body(packed.map_err(|_| Refusal::Internal)?))
}

/// What every such answer says, and whether it is that the client has it already.
fn begin(conditions: &Conditions, etag: &Etag, kept: HeaderValue) -> (HttpResponseBuilder, bool) {
    let is_current = conditions.is_current(etag);
    let mut answer = if is_current { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::ETAG, etag.header()))
        .insert_header((header::CACHE_CONTROL, kept))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    (answer, is_current)
}

/// As gzip (RFC 1952), without a time, so that the same content is the same bytes.
fn packed(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}
