//! Errors on the wire: problem documents (RFC 9457) with a stable machine code.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What went wrong, for machines (`code`) and for people (`title`, `detail`).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where the code is explained: `/problems/{code}` on the same server.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    /// A short sentence, the same for every occurrence of the code.
    #[schema(example = "There is nothing here for you.")]
    pub title: String,
    /// The HTTP status, repeated.
    #[schema(example = 404)]
    pub status: u16,
    /// The stable code to program against. Treat an unknown code like its HTTP status.
    #[schema(example = "not-found")]
    pub code: String,
    /// What to do about this occurrence, if there is more to say than the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Nach 26214400 Bytes ist Schluss.")]
    pub detail: Option<String>,
    /// The name of this request in the server's logs.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub request_id: String,
    /// The faults, one by one, when a request has several or when the place is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemError>,
}

/// One fault in a request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProblemError {
    /// Where in the request, as a JSON pointer (RFC 6901), the name of a query parameter, or `line:column`.
    #[schema(example = "/birth_date")]
    pub pointer: String,
    /// A stable code of the fault.
    #[schema(example = "invalid-date")]
    pub code: String,
    /// A sentence about it.
    #[schema(example = "A day is written YYYY-MM-DD.")]
    pub detail: String,
}
