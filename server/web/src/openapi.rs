//! The OpenAPI 3.1 document: collected from the handlers, completed with what all operations share.
//!
//! Handlers declare what is special about them. Problems, common headers and examples are added here, so that they are
//! the same everywhere; examples are put together from those of the properties.

mod examples;
mod files;
#[cfg(test)]
mod lint;
mod older;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};

use crate::{
    problem::{
        Failure, MEDIA_TYPE, Reader,
        kinds::{self, ProblemKind},
    },
    register::ServiceConfig,
};

/// The parts of the API, in the order of a first reading.
const TAGS: &[(&str, &str)] = &[
    ("server", "Is the server there, what does it speak, what do its problems mean."),
    ("sessions", "From the slip of the practice to a signed-in phone; signing in and out."),
    ("staff", "How people who work in the network prove who they are: passwords, passkeys, codes from an app."),
    ("oauth", "Going on with a session and ending it, as standard client libraries do."),
    ("devices", "The phones on which a resident signs in."),
    ("push", "Waking the resident's phone when something is new."),
    ("security", "What changed how a resident signs in, and getting an account back."),
    ("accounts", "The resident's own settings and practices."),
    ("consents", "What a resident has agreed to, and taking it back."),
    ("sync", "What changed, for apps that keep what they show."),
    ("shares", "Whom a resident lets see findings, what is closed to whom, and what those find who were let in."),
    (
        "encounters",
        "Two people side by side: a code lets one explain findings for minutes, or act for the other for longer.",
    ),
    ("links", "Links with which somebody without an account may look (HL7 SMART Health Links)."),
    ("findings", "The resident's findings: list, values, documents, trends."),
    ("corrections", "What residents say is wrong with a finding, and what its practice answers."),
    ("glossary", "What laboratory values are, in plain words, for everybody."),
    ("summaries", "Findings in brief on paper, for the next visit."),
    ("questions", "What residents want to ask at the next visit."),
    ("exports", "What residents take away: a copy of everything, and decisions for other programs."),
    ("audit", "Who has seen what."),
    ("practices", "The practice and the credentials of its software."),
    ("software", "The software of a practice: letting it in, taking it away."),
    ("uploads", "Findings on their way from the practice to the resident."),
    ("inbox", "Uploads that wait for a decision because it is not clear whose they are."),
    ("invitations", "Slips with codes for patients."),
    ("catalogue", "The offers of the district, for everybody: list, search, hold all of them."),
    ("recommendations", "Offers that physicians and case workers recommend to a resident."),
    ("bookmarks", "Offers that a resident keeps."),
    ("hsds", "The same offers for other directories (Open Referral HSDS 3.1)."),
    ("areas", "Districts, quarters, postcodes."),
    ("places", "Where organisations offer something."),
    ("offers", "What organisations of the district offer, as their people write it."),
    ("schedules", "When offers take place: rules, and single dates."),
    ("registrations", "Taking part: places, the waiting list, and the list at the door."),
    ("approvals", "Acts that take two persons of the operator."),
];

/// For each status the problem that stands for it in the document.
const TYPICAL: &[(u16, &str)] = &[
    (400, "malformed-request"),
    (401, "not-signed-in"),
    (403, "forbidden"),
    (404, "not-found"),
    (408, "too-slow"),
    (409, "state-conflict"),
    (410, "recalled"),
    (413, "too-large"),
    (415, "unsupported-media-type"),
    (416, "range-not-satisfiable"),
    (422, "invalid"),
    (429, "try-later"),
    (500, "internal"),
    (503, "overloaded"),
    (507, "storage-full"),
];

const DESCRIPTION: &str = "\
Nahraum gives the residents of a district their medical findings on their phones.

Errors are problem documents (RFC 9457) with a stable `code`; `GET /problems` explains each. What is not yours looks like \
what does not exist. Requests refuse fields and parameters they do not know; clients ignore those they do not know, and \
treat an unknown word like its documented default. What is absent is absent, never `null`. Times are RFC 3339 in UTC, \
days are `YYYY-MM-DD`, ids are opaque. Within `/v1` things are only ever added.";

#[derive(OpenApi)]
#[openapi(components(schemas(nahraum_api_spec::problem::Problem, nahraum_api_spec::problem::ProblemError)))]
struct Shared;

/// The document itself, as it appears in itself.
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "stands for a schema only")]
pub(crate) struct OpenApiDocument(Value);

/// The document as indented JSON with sorted members, with a line feed at the end.
#[must_use]
pub fn document() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let mut text = serde_json::to_string_pretty(&assembled(crate::rooms)).unwrap_or_default();
        text.push('\n');
        text
    });
    &DOCUMENT
}

/// The same document in the words of OpenAPI 3.0.
pub(crate) fn older_document() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let document = sorted(older::older(assembled(crate::rooms)));
        serde_json::to_string(&document).unwrap_or_default()
    });
    &DOCUMENT
}

/// What this server can, as the tags of its contract. Without pushes there is none of that.
pub(crate) fn features(push: bool) -> Vec<String> {
    TAGS.iter().map(|(tag, _)| *tag).filter(|tag| push || *tag != "push").map(str::to_owned).collect()
}

/// What the rooms declare, as utoipa sees it.
pub(crate) fn collected(rooms: fn(&mut ServiceConfig<'_>)) -> utoipa::openapi::OpenApi {
    let mut document = Shared::openapi();
    rooms(&mut ServiceConfig::describing(&mut document));
    document
}

/// The whole document for these rooms.
pub(crate) fn assembled(rooms: fn(&mut ServiceConfig<'_>)) -> Value {
    let collected = serde_json::to_value(collected(rooms)).unwrap_or_default();
    let member = |pointer: &str| collected.pointer(pointer).cloned().unwrap_or_else(|| json!({}));
    let schemas = member("/components/schemas");
    let mut paths = member("/paths");
    for (method, operation) in operations(&mut paths) {
        complete(method, operation, &schemas);
    }
    let responses = used(problem_responses(), &paths);
    sorted(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Nahraum",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "contact": {"name": "Whoever runs the server that serves this document"},
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/", "description": "The server that serves this document."}],
        "tags": TAGS.iter().map(|(name, text)| json!({"name": name, "description": text})).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "parameters": common_parameters(),
            "headers": common_headers(),
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "An access token (`nra_`), or the upload credential (`nru_`) of a practice's software. Access tokens \
                                are shown as `Authorization: DPoP` together with a `DPoP` header (RFC 9449), unless the \
                                `token_type` of the sign-in was `Bearer`.",
            }},
        },
    }))
}

/// Those responses that an operation leads to.
fn used(responses: Value, paths: &Value) -> Value {
    let text = paths.to_string();
    let Value::Object(all) = responses else { return responses };
    let is_used = |name: &str| text.contains(&format!("#/components/responses/{name}\""));
    all.into_iter().filter(|(name, _)| is_used(name)).collect::<Map<_, _>>().into()
}

/// Every operation object below `paths`, with its method.
fn operations(paths: &mut Value) -> impl Iterator<Item = (&String, &mut Map<String, Value>)> {
    let items = paths.as_object_mut().into_iter().flat_map(Map::values_mut);
    let operations = items.filter_map(Value::as_object_mut).flatten();
    operations.filter_map(|(method, operation)| Some((method, operation.as_object_mut()?)))
}

/// Adds to one operation what it shares with the others.
fn complete(method: &str, operation: &mut Map<String, Value>, schemas: &Value) {
    let statuses = shared_statuses(method, operation);
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.extend(["Accept-Language", "X-Request-Id"].map(|name| reference("parameters", name)));
    }
    if let Some(content) = operation.get_mut("requestBody").and_then(|body| body.get_mut("content")) {
        files::describe(content);
        examples::fill(content, schemas);
    }
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Some(responses) = responses.as_object_mut() else { return };
    for status in statuses {
        responses.entry(status.to_string()).or_insert_with(|| reference("responses", &format!("Problem{status}")));
    }
    for (status, response) in responses {
        let Some(response) = response.as_object_mut().filter(|response| !response.contains_key("$ref")) else {
            continue;
        };
        if status.starts_with(['4', '5']) {
            // An operation may have errors of its own form; the door's are problems also there.
            let problem = problem_content(typical(status));
            let content = response.entry("content").or_insert_with(|| json!({}));
            if let (Some(content), Value::Object(problem)) = (content.as_object_mut(), problem) {
                content.extend(problem);
            }
        }
        if let Some(content) = response.get_mut("content") {
            files::describe(content);
            examples::fill(content, schemas);
        }
        let headers = response.entry("headers").or_insert_with(|| json!({}));
        if let Some(headers) = headers.as_object_mut() {
            headers.insert("X-Request-Id".to_owned(), reference("headers", "X-Request-Id"));
        }
    }
}

/// The problems that an operation of this kind can always answer with.
fn shared_statuses(method: &str, operation: &Map<String, Value>) -> Vec<u16> {
    let mut statuses = vec![400, 500, 503];
    let security = operation.get("security").and_then(Value::as_array);
    let signed = security.is_some_and(|schemes| schemes.iter().any(|scheme| scheme.get("bearer").is_some()));
    let has_body = operation.contains_key("requestBody");
    // who sends something without being signed in wants to be, and may fail
    if signed || has_body {
        statuses.extend([401, 403]);
    }
    if has_body {
        statuses.extend([408, 413, 415, 422, 429]);
    }
    if method != "get" {
        statuses.extend([409, 507]);
    }
    let parameters = || operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    if parameters().any(|parameter| parameter.get("in").is_some_and(|place| place == "path")) {
        statuses.push(404);
    }
    if parameters().any(|parameter| parameter.get("name").is_some_and(|name| name == "Idempotency-Key")) {
        statuses.push(422);
    }
    statuses
}

fn typical(status: &str) -> &'static ProblemKind {
    let known = TYPICAL.iter().find(|(known, _)| known.to_string() == status);
    let by_status = || kinds::all().find(|kind| kind.status.to_string() == status);
    known.and_then(|(_, code)| kinds::kind(code)).or_else(by_status).unwrap_or(kinds::INTERNAL)
}

fn problem_responses() -> Value {
    let response = |status: &u16| {
        let kind = typical(&status.to_string());
        let response = json!({
            "description": kind.meaning_en,
            "content": problem_content(kind),
            "headers": problem_headers(*status),
        });
        (format!("Problem{status}"), response)
    };
    TYPICAL.iter().map(|(status, _)| response(status)).collect::<Map<_, _>>().into()
}

fn problem_headers(status: u16) -> Value {
    let names: &[&str] = match status {
        429 => &["X-Request-Id", "Retry-After", "RateLimit"],
        503 => &["X-Request-Id", "Retry-After"],
        _ => &["X-Request-Id"],
    };
    names.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect::<Map<_, _>>().into()
}

fn problem_content(kind: &ProblemKind) -> Value {
    let reader = Reader {
        language: Some(nahraum_texts::Language::En),
        request_id: "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88".to_owned(),
        now: None,
    };
    let example = Failure::of(kind.code).document(&reader);
    json!({MEDIA_TYPE: {"schema": reference("schemas", "Problem"), "example": example}})
}

fn common_parameters() -> Value {
    json!({
        "Accept-Language": {
            "name": "Accept-Language",
            "in": "header",
            "required": false,
            "description": "The languages the reader understands (RFC 9110, 12.5.4). German if nothing fits.",
            "schema": {"type": "string"},
            "example": "tr, de;q=0.8",
        },
        "X-Request-Id": {
            "name": "X-Request-Id",
            "in": "header",
            "required": false,
            "description": "A UUID that names this request in the server's logs. The server makes one if none is sent.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88",
        },
    })
}

fn common_headers() -> Value {
    json!({
        "X-Request-Id": {
            "description": "The name of this request in the server's logs.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88",
        },
        "Retry-After": {
            "description": "In how many seconds the same request can be sent again (RFC 9110, 10.2.3).",
            "schema": {"type": "integer", "format": "int32"},
            "example": 60,
        },
        "RateLimit": {
            "description": "The same for client libraries (draft-ietf-httpapi-ratelimit-headers): nothing is left (`r`) for so many \
                            seconds (`t`). `Retry-After` counts where the two differ.",
            "schema": {"type": "string"},
            "example": "\"try-later\";r=0;t=60",
        },
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

/// The same value with sorted members, whatever map the JSON library was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(name, member)| (name, sorted(member))).collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

#[cfg(test)]
mod tests;
