//! Counting answers that carry health data, by what the operation is and not by what its handler did.
//!
//! The application compares the number with what was written into the access log before (SR-L01): a handler that one day
//! shows something without an entry is found by this, because it cannot forget to be counted.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};
use nahraum_app::App;

/// The operations whose answers show health data, as paths in the document. Each of them is a `GET`; the manifest of a link,
/// which is asked for by `POST`, and what an app is told that keeps things, which may be no health data, are counted by their use cases.
pub(crate) const SHOWING: [&str; 19] = [
    "/v1/findings",
    "/v1/findings/{id}",
    "/v1/findings/{id}/content",
    "/v1/findings/{id}/differences",
    "/v1/findings/{id}/fhir",
    "/v1/export",
    "/v1/trends",
    "/v1/share-preview",
    "/v1/shared/{id}/findings",
    "/v1/shared-findings/{id}",
    "/v1/shared-findings/{id}/content",
    "/shl/files/{file}",
    "/v1/practice/findings",
    "/v1/practice/findings/{id}",
    "/v1/practice/inbox",
    "/v1/practice/corrections",
    "/v1/publisher/attendance/{id}",
    "/v1/publisher/registrations/{id}/contact",
    "/v1/operator/approvals/{id}/access-log",
];

/// Counts an answer on its way out.
pub(crate) async fn count<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let app = request.app_data::<Data<App>>().cloned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let answer = next.call(request).await?;
    let shows = |pattern: &str| SHOWING.contains(&pattern);
    if reads
        && answer.status().as_u16() < 400
        && answer.request().match_pattern().is_some_and(|pattern| shows(&pattern))
        && let Some(app) = app
    {
        app.count_answer();
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_one_of_the_document() {
        let document: serde_json::Value = serde_json::from_str(crate::openapi::document()).unwrap();
        for path in SHOWING {
            assert!(document["paths"][path]["get"].is_object(), "{path}");
        }
    }
}
