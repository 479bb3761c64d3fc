//! The door of the house: every request comes in and every answer goes out here.
//!
//! In: a name for the request, its language, limits on address and headers, methods that nobody declared. Out: problems
//! in the reader's language, the headers every answer carries, one line in the log. A handler that panics costs its own
//! request and nothing else (SR-I12).

use std::{fmt, panic::AssertUnwindSafe, pin::Pin, task};

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
    web::{Bytes, Data},
};
use futures_util::FutureExt;
use jiff::Timestamp;
use nahraum_app::Moment;
use nahraum_domain::ids::RequestId;
use nahraum_texts::Language;

use crate::{
    extract::{Asked, unknown_parameter},
    headers::{X_REQUEST_ID, dress},
    problem::{Failure, MEDIA_TYPE, Reader},
    routes::{Here, Routes},
    shl::open_to_all,
};

/// The longest path with query, in bytes (SR-I01).
const MAX_URI: usize = 8 * 1024;
/// The most that all header fields may have together, in bytes (SR-I01).
const MAX_HEADERS: usize = 64 * 1024;

/// What the door knows.
pub(crate) struct Door {
    moment: Box<dyn Fn(Option<RequestId>) -> Moment>,
    routes: &'static Routes,
    https: bool,
}

/// One request, as it is told in the log.
struct Visit {
    asked: Asked,
    began: Timestamp,
    method: &'static str,
    here: Here<'static>,
    head: bool,
}

impl Visit {
    /// The declared path, as it stands in the document.
    fn route(&self) -> &'static str {
        self.here.template().unwrap_or("unmatched")
    }
}

impl Door {
    pub(crate) fn new(
        moment: impl Fn(Option<RequestId>) -> Moment + 'static,
        https: bool,
        routes: &'static Routes,
    ) -> Self {
        Self { moment: Box::new(moment), routes, https }
    }

    fn now(&self, request: RequestId) -> Timestamp {
        (self.moment)(Some(request)).now
    }

    fn greet(&self, request: &ServiceRequest) -> Visit {
        let headers = request.headers();
        let sent = headers.get(X_REQUEST_ID).and_then(|id| id.to_str().ok()?.parse().ok());
        let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = language.map(Language::negotiate);
        let moment = (self.moment)(sent);
        Visit {
            asked: Asked { request_id: moment.request, language, method: known(request.method()) },
            began: moment.now,
            method: known(request.method()),
            here: self.routes.here(request.path()),
            head: request.method() == Method::HEAD,
        }
    }

    /// What is answered without asking any handler.
    fn turn_away(visit: &Visit, request: &ServiceRequest) -> Option<Result<HttpResponse, Failure>> {
        let (here, method) = (&visit.here, request.method());
        if request.uri().path_and_query().is_some_and(|uri| uri.as_str().len() > MAX_URI) {
            return Some(Err(Failure::of("uri-too-long")));
        }
        if size(request.headers()) > MAX_HEADERS {
            return Some(Err(Failure::of("headers-too-large")));
        }
        let allow = HeaderValue::from_str(&here.allow()?).ok()?;
        if method == Method::OPTIONS {
            return Some(Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allow)).finish()));
        }
        if !here.has(method) {
            return Some(Err(Failure::of("method-not-allowed").header(header::ALLOW, allow)));
        }
        let unknown = here.unknown_parameter(method, request.query_string())?;
        Some(Err(unknown_parameter(&unknown)))
    }

    fn reader(&self, visit: &Visit) -> Reader {
        let Asked { request_id, language, .. } = visit.asked;
        Reader { language, request_id: request_id.to_string(), now: Some(self.now(request_id)) }
    }

    /// The answer as it leaves: errors as problems, with all headers.
    fn farewell(&self, visit: &Visit, answer: HttpResponse) -> HttpResponse {
        let mut answer = match failure_of(&answer) {
            Some(Told::Ours(failure)) => failure.answer(&self.reader(visit)),
            Some(Told::Foreign(failure)) => failure.answer(&self.reader(visit)),
            None => answer,
        };
        dress(answer.headers_mut(), self.https);
        open_to_all(visit.route(), answer.headers_mut());
        if let Ok(id) = HeaderValue::from_str(&visit.asked.request_id.to_string()) {
            answer.headers_mut().insert(X_REQUEST_ID, id);
        }
        self.log(visit, answer.status());
        if visit.head { answer.map_body(|_, body| BoxBody::new(NoBody(body.size()))) } else { answer }
    }

    /// One line per request: the route as declared, never path or query, which carry ids.
    fn log(&self, visit: &Visit, status: StatusCode) {
        let duration_ms = self.now(visit.asked.request_id).duration_since(visit.began).as_millis();
        let (Visit { asked, method, .. }, route) = (visit, visit.route());
        let (request_id, status) = (asked.request_id, status.as_u16());
        if status == 500 {
            tracing::error!(%request_id, method, route, status, duration_ms, "request failed");
        } else {
            tracing::info!(%request_id, method, route, status, duration_ms, "request");
        }
    }
}

/// Leads a request through the door and its answer out again. The outermost middleware.
pub(crate) async fn through<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let Some(door) = request.app_data::<Data<Door>>().cloned() else {
        return Err(Failure::of_status(StatusCode::INTERNAL_SERVER_ERROR).into());
    };
    let visit = door.greet(&request);
    request.extensions_mut().insert(visit.asked);
    if visit.head {
        // HEAD is GET without the body (RFC 9110, 9.3.2); a range has a meaning for GET only
        request.head_mut().method = Method::GET;
        request.headers_mut().remove(header::RANGE);
    }
    if let Some(answer) = Door::turn_away(&visit, &request) {
        let answer = door.farewell(&visit, answer.unwrap_or_else(HttpResponse::from_error));
        return Ok(request.into_response(answer));
    }
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(Ok(response)) => {
            let (request, answer) = response.into_parts();
            Ok(ServiceResponse::new(request, door.farewell(&visit, answer.map_into_boxed_body())))
        }
        Ok(Err(error)) => Err(Rescued { door, visit, failure: failure_of_error(&error) }.into()),
        Err(_) => {
            tracing::error!(request_id = %visit.asked.request_id, route = visit.route(), "a handler panicked");
            Err(Rescued { door, visit, failure: Failure::of_status(StatusCode::INTERNAL_SERVER_ERROR) }.into())
        }
    }
}

/// What an answer says about an error.
enum Told<'a> {
    Ours(&'a Failure),
    Foreign(Failure),
}

/// Marks an answer that says in its own way what is wrong: the errors of OAuth have a form of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpeaksForItself;

fn failure_of(answer: &HttpResponse) -> Option<Told<'_>> {
    if let Some(failure) = answer.error().and_then(|error| error.as_error::<Failure>()) {
        return Some(Told::Ours(failure));
    }
    let status = answer.status();
    let is_problem = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == MEDIA_TYPE);
    let failed = status.is_client_error() || status.is_server_error();
    let speaks = answer.extensions().get::<SpeaksForItself>().is_some();
    (failed && !is_problem && !speaks).then(|| Told::Foreign(Failure::of_status(status)))
}

fn failure_of_error(error: &Error) -> Failure {
    Failure::of_status(error.as_response_error().status_code())
}

/// The answer to a request that was lost inside. The request itself is gone with its handler, so that only an error can
/// carry the answer out.
struct Rescued {
    door: Data<Door>,
    visit: Visit,
    failure: Failure,
}

impl ResponseError for Rescued {
    fn status_code(&self) -> StatusCode {
        self.failure.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        self.door.farewell(&self.visit, self.failure.answer(&self.door.reader(&self.visit)))
    }
}

impl fmt::Display for Rescued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl fmt::Debug for Rescued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rescued({})", self.failure)
    }
}

/// The body of an answer to HEAD: its size is told and nothing is sent.
struct NoBody(BodySize);

impl MessageBody for NoBody {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> task::Poll<Option<Result<Bytes, Self::Error>>> {
        task::Poll::Ready(None)
    }
}

/// A method as a word for the log. What a client invents is not repeated there.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        "TRACE" => "TRACE",
        _ => "other",
    }
}

/// All header fields as they came in, roughly.
fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wire_tests;
