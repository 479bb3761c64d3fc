//! Answers that are the same for everybody and may be kept for a while (RFC 9111): with a tag of what they say, so that who asks
//! again is told in a few bytes that nothing has changed.

use actix_web::{
    HttpResponse,
    http::header::{self, ContentType, HeaderValue},
};
use nahraum_app::Refusal;
use serde::Serialize;

use crate::{
    problem::Answer,
    ranges::{Conditions, Etag},
};

/// Five minutes.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The answer with this content, or that it is what the client has.
pub(crate) fn answer(conditions: &Conditions, content: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(content).map_err(|_| Refusal::Internal)?;
    let etag = Etag::of(&body);
    let mut answer = if conditions.is_current(&etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, etag.header())).insert_header((header::CACHE_CONTROL, KEPT));
    if conditions.is_current(&etag) {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header(ContentType::json()).body(body))
}
