//! The one map from errors to HTTP: what a use case or this floor refuses becomes a problem document (RFC 9457).
//!
//! A [`Failure`] knows what went wrong and not yet for whom: language, request id and time are added where the
//! answer leaves the house (`door.rs`).

mod file_kinds;
pub mod kinds;
mod refusals;

use std::{borrow::Cow, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use jiff::Timestamp;
use kinds::{INTERNAL, ProblemKind, kind};
use nahraum_api_spec::problem::{Problem, ProblemError};
use nahraum_texts::Language;

/// What a handler gives back.
pub(crate) type Answer = Result<HttpResponse, Failure>;

/// The media type of problem documents.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The schemes that a 401 names (RFC 9449, 7.1; RFC 6750, 3).
const CHALLENGE: HeaderValue = HeaderValue::from_static(r#"DPoP algs="ES256 EdDSA", Bearer"#);

/// How long nothing is left, for client libraries (draft-ietf-httpapi-ratelimit-headers). There is no `RateLimit-Policy`: it would
/// have to name a quota, and what is slowed down here are guesses, by ladders.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// The longest pointer that is repeated in an answer, in characters.
const MAX_POINTER: usize = 200;

/// A no on its way to the client. Neither `Debug` nor the answer shows anything from the inside of the server.
pub struct Failure(Box<Inner>);

struct Inner {
    kind: &'static ProblemKind,
    detail: Option<Words>,
    errors: Vec<Fault>,
    wait: Wait,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A sentence in both languages of this API.
pub(crate) struct Words {
    pub(crate) en: Cow<'static, str>,
    pub(crate) de: Cow<'static, str>,
}

/// One fault at one place.
struct Fault {
    pointer: String,
    code: Cow<'static, str>,
    detail: Words,
}

/// What `Retry-After` will say.
#[derive(Clone, Copy)]
enum Wait {
    No,
    Seconds(u32),
    Until(Timestamp),
}

/// For whom and when a problem document is written.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    /// The language the client asked for; German when it did not.
    pub(crate) language: Option<Language>,
    /// The name of the request in the logs.
    pub(crate) request_id: String,
    /// Now.
    pub(crate) now: Option<Timestamp>,
}

impl Words {
    pub(crate) fn new(en: impl Into<Cow<'static, str>>, de: impl Into<Cow<'static, str>>) -> Self {
        Self { en: en.into(), de: de.into() }
    }

    /// One sentence for all languages.
    pub(crate) fn same(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        Self { en: text.clone(), de: text }
    }

    fn choose(&self, german: bool) -> &str {
        if german { &self.de } else { &self.en }
    }
}

impl Failure {
    /// A failure of the kind with this code. An unknown code is a mistake of ours and answered as one.
    pub(crate) fn of(code: &str) -> Self {
        Self::kind_of(kind(code).unwrap_or(INTERNAL))
    }

    /// The same failure of a part of a request: its pointers begin with the part's name.
    pub(crate) fn within(mut self, part: &str) -> Self {
        for fault in self.0.errors.iter_mut().filter(|fault| fault.pointer.starts_with('/')) {
            fault.pointer.insert_str(0, part);
        }
        self
    }

    fn kind_of(kind: &'static ProblemKind) -> Self {
        Self(Box::new(Inner { kind, detail: None, errors: Vec::new(), wait: Wait::No, headers: Vec::new() }))
    }

    /// The failure for an error of the framework, of which only the status is known.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let code = match status.as_u16() {
            401 => "not-signed-in",
            403 => "forbidden",
            404 => "not-found",
            405 => "method-not-allowed",
            408 => "too-slow",
            413 => "too-large",
            414 => "uri-too-long",
            415 => "unsupported-media-type",
            416 => "range-not-satisfiable",
            431 => "headers-too-large",
            400..=499 => "malformed-request",
            503 => "overloaded",
            _ => INTERNAL.code,
        };
        Self::of(code)
    }

    /// The route or the thing is not there.
    pub(crate) fn not_found() -> Self {
        Self::of("not-found")
    }

    /// More than `limit` bytes.
    pub(crate) fn too_large(limit: u64) -> Self {
        Self::of("too-large")
            .detail(Words::new(format!("At most {limit} bytes are taken."), format!("Nach {limit} Bytes ist Schluss.")))
    }

    /// Says more about this occurrence.
    pub(crate) fn detail(mut self, words: Words) -> Self {
        self.0.detail = Some(words);
        self
    }

    /// Adds a fault at a place: a JSON pointer, the name of a parameter, or `line:column`.
    pub(crate) fn at(mut self, pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: Words) -> Self {
        let pointer = pointer.into().chars().take(MAX_POINTER).collect();
        self.0.errors.push(Fault { pointer, code: code.into(), detail });
        self
    }

    /// Adds a header to the answer.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    fn wait(mut self, wait: Wait) -> Self {
        self.0.wait = wait;
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.kind.code
    }

    /// The document for this reader.
    pub(crate) fn document(&self, reader: &Reader) -> Problem {
        let german = speaks_german(reader.language);
        let Inner { kind, detail, errors, .. } = &*self.0;
        Problem {
            kind: format!("/problems/{}", kind.code),
            title: if german { kind.title_de } else { kind.title_en }.to_owned(),
            status: kind.status,
            code: kind.code.to_owned(),
            detail: detail.as_ref().map(|words| words.choose(german).to_owned()),
            request_id: reader.request_id.clone(),
            errors: errors
                .iter()
                .map(|fault| ProblemError {
                    pointer: fault.pointer.clone(),
                    code: fault.code.clone().into_owned(),
                    detail: fault.detail.choose(german).to_owned(),
                })
                .collect(),
        }
    }

    /// The whole answer for this reader.
    pub(crate) fn answer(&self, reader: &Reader) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        if self.0.kind.status == 401 {
            // RFC 9110, 11.6.1: a 401 names its schemes
            answer.insert_header((header::WWW_AUTHENTICATE, CHALLENGE));
        }
        for (name, value) in &self.0.headers {
            answer.insert_header((name.clone(), value.clone()));
        }
        if let Some(seconds) = self.0.wait.seconds(reader.now) {
            if self.0.kind.status == 429 {
                answer.insert_header((RATE_LIMIT, format!("\"{}\";r=0;t={seconds}", self.0.kind.code)));
            }
            answer.insert_header((header::RETRY_AFTER, seconds));
        }
        let language = if speaks_german(reader.language) { "de" } else { "en" };
        answer.insert_header((header::CONTENT_LANGUAGE, HeaderValue::from_static(language)));
        let body = serde_json::to_vec(&self.document(reader)).unwrap_or_default();
        answer.content_type(MEDIA_TYPE).body(body)
    }
}

/// German is the language of the house; whoever asks for another one than German gets English.
fn speaks_german(language: Option<Language>) -> bool {
    matches!(language, None | Some(Language::De | Language::DeSimple))
}

/// The value of `Retry-After` for a moment in the future.
pub(crate) fn retry_after(time: Timestamp, now: Timestamp) -> HeaderValue {
    HeaderValue::from(Wait::Until(time).seconds(Some(now)).unwrap_or(1))
}

impl Wait {
    /// Seconds from now, at least one, as RFC 9110 10.2.3 wants them.
    fn seconds(self, now: Option<Timestamp>) -> Option<i64> {
        match self {
            Self::No => None,
            Self::Seconds(seconds) => Some(i64::from(seconds.max(1))),
            Self::Until(time) => {
                let left = time.duration_since(now?);
                let started = i64::from(left.subsec_nanos() > 0);
                Some(left.as_secs().saturating_add(started).max(1))
            }
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer for nobody in particular. Replaced on the way out, where the reader is known.
    fn error_response(&self) -> HttpResponse {
        self.answer(&Reader { language: None, request_id: String::new(), now: None })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind.code)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({})", self.0.kind.code)
    }
}

#[cfg(test)]
mod tests;
