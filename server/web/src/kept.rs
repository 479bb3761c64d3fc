//! Answers that are kept for retries, as they go out.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use nahraum_app::{Refusal, kept::KeptAnswer};

use crate::problem::Answer;

/// The answer as it was rendered; `Idempotent-Replayed` says that it is that of an earlier attempt.
pub(crate) fn answer(kept: KeptAnswer) -> Answer {
    let KeptAnswer { status, body, replayed } = kept;
    let mut response = HttpResponse::build(StatusCode::from_u16(status).map_err(|_| Refusal::Internal)?);
    response.insert_header((header::CONTENT_TYPE, "application/json"));
    if replayed {
        response.insert_header(("Idempotent-Replayed", "true"));
    }
    Ok(response.body(body))
}
