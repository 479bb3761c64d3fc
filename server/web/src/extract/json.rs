//! JSON bodies.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use futures_util::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;

use super::{Paced, failure_of_payload, strict_json};
use crate::problem::Failure;

/// The largest JSON body in bytes (SR-I01).
const LIMIT: u64 = 256 * 1024;
/// How much of a refused body is still read, so that its sender comes to see the answer.
const TAIL: u64 = 1024 * 1024;

/// A JSON body of at most 256 KiB without unknown or doubled fields.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let head = check_head(request);
        let mut body = Paced::new(payload.take(), LIMIT);
        Box::pin(async move {
            let bytes = match head {
                Ok(()) => read(&mut body).await,
                Err(failure) => Err(failure),
            };
            if bytes.is_err() {
                body.discard(TAIL).await;
            }
            strict_json::from_slice(&bytes?).map(Self)
        })
    }
}

async fn read(body: &mut Paced<Payload>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| failure_of_payload(&error, LIMIT))?);
    }
    Ok(bytes)
}

fn check_head(request: &HttpRequest) -> Result<(), Failure> {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        return Err(Failure::of("unsupported-media-type"));
    }
    refuse_encodings(request.headers())?;
    refuse_announced(request.headers(), LIMIT)
}

/// Compressed bodies are not read: they could unfold to any size.
pub(crate) fn refuse_encodings(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.contains_key(header::CONTENT_ENCODING) { Err(Failure::of("unsupported-media-type")) } else { Ok(()) }
}

/// A body that is announced as too large is not even begun.
pub(crate) fn refuse_announced(headers: &HeaderMap, limit: u64) -> Result<(), Failure> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit) { Err(Failure::too_large(limit)) } else { Ok(()) }
}
