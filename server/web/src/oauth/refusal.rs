//! What the OAuth endpoints refuse, in the form of RFC 6749, 5.2.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use jiff::Timestamp;
use nahraum_api_spec::oauth::OAuthError;
use nahraum_app::Refusal;

use crate::{
    door::SpeaksForItself,
    problem::{Answer, retry_after},
};

/// Where a fresh nonce stands (RFC 9449, 8).
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// A no of an OAuth endpoint.
#[derive(Debug)]
pub(super) enum OAuthRefusal {
    /// An error of OAuth.
    Error {
        /// The status: 400, 401 or 429.
        status: StatusCode,
        /// The code.
        code: &'static str,
        /// A sentence for developers.
        description: Cow<'static, str>,
        /// From when on a further try makes sense.
        not_before: Option<Timestamp>,
        /// A nonce for the next proof.
        nonce: Option<String>,
    },
    /// Anything else, which is a problem as everywhere.
    Problem(Refusal),
}

impl OAuthRefusal {
    /// An error with status 400.
    pub(super) fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self::Error { status, code, description: description.into(), not_before: None, nonce: None }
    }

    /// A field is missing.
    pub(super) fn missing(field: &'static str) -> Self {
        Self::new("invalid_request", format!("{field} is missing."))
    }

    /// A field is there twice.
    pub(super) fn twice(field: &'static str) -> Self {
        Self::new("invalid_request", format!("{field} is there twice."))
    }

    /// There is no such grant here.
    pub(super) fn unsupported_grant() -> Self {
        Self::new("unsupported_grant_type", "See /.well-known/oauth-authorization-server for what there is.")
    }

    /// Too often.
    pub(super) fn slow_down(until: Timestamp) -> Self {
        Self::Error {
            status: StatusCode::TOO_MANY_REQUESTS,
            code: "slow_down",
            description: "Too often.".into(),
            not_before: Some(until),
            nonce: None,
        }
    }

    /// The answer.
    pub(super) fn answer(self, now: Timestamp) -> Answer {
        let (status, code, description, not_before, nonce) = match self {
            Self::Error { status, code, description, not_before, nonce } => {
                (status, code, description, not_before, nonce)
            }
            Self::Problem(refusal) => return Err(refusal.into()),
        };
        let body = OAuthError { error: code.to_owned(), error_description: description.into_owned() };
        let mut answer = HttpResponse::build(status).json(body);
        answer.extensions_mut().insert(SpeaksForItself);
        if let Some(until) = not_before {
            answer.headers_mut().insert(header::RETRY_AFTER, retry_after(until, now));
        }
        if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::from_str(&nonce).ok()) {
            answer.headers_mut().insert(DPOP_NONCE, nonce);
        }
        Ok(answer)
    }
}

impl From<&'static str> for OAuthRefusal {
    /// A field that [`Form::one`](crate::extract::Form::one) has found twice.
    fn from(field: &'static str) -> Self {
        Self::twice(field)
    }
}

impl From<Refusal> for OAuthRefusal {
    fn from(refusal: Refusal) -> Self {
        let Refusal::ProofRefused { error, nonce } = refusal else { return Self::Problem(refusal) };
        Self::Error {
            status: StatusCode::BAD_REQUEST,
            code: error.code(),
            description: error.to_string().into(),
            not_before: None,
            nonce: Some(nonce),
        }
    }
}
