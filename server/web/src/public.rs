//! Answers that are the same for everybody and may be kept for a while (RFC 9111): with a tag of what they say, so that who asks
//! again is told in a few bytes that nothing has changed.

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
};
use nahraum_app::Refusal;
use serde::Serialize;

use crate::{
    problem::Answer,
    ranges::{Conditions, Etag},
};

/// Five minutes.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// [`answer`] for a text of this kind.
pub(crate) fn text(conditions: &Conditions, kind: &'static str, content: String) -> Answer {
    bytes(conditions, HeaderValue::from_static(kind), content.into_bytes())
}

/// The answer with this content, or that it is what the client has.
pub(crate) fn answer(conditions: &Conditions, content: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(content).map_err(|_| Refusal::Internal)?;
    bytes(conditions, HeaderValue::from_static("application/json"), body)
}

fn bytes(conditions: &Conditions, kind: HeaderValue, body: Vec<u8>) -> Answer {
    let etag = Etag::of(&body);
    let mut answer = if conditions.is_current(&etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, etag.header())).insert_header((header::CACHE_CONTROL, KEPT));
    if conditions.is_current(&etag) {
        return Ok(answer.finish());
    }
    Ok(answer.insert_header((header::CONTENT_TYPE, kind)).body(body))
}
