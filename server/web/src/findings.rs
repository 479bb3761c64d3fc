//! Room findings, the resident's side: the list, one finding, its document, its export; trends lie beside.

mod trend;

use std::sync::Arc;

use actix_web::{
    HttpResponse, get,
    http::header,
    patch, put,
    web::{Bytes, Data},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use nahraum_api_spec::{
    findings::{FindingChange, FindingDifferences, FindingList, PracticeRef, WaitingFinding, WaitingFindingList},
    practices::FhirResource,
};
use nahraum_app::{
    App, Fault, Refusal,
    findings::{Document, Filter, Position},
};
use nahraum_domain::{
    audit::statement::hex,
    ids::{FindingId, PracticeId},
    kdl::FindingKind,
    release::{Plan, Treatment},
};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{
    extract::{ActingHeader, Cursors, Json, Limit, Path, Query, Signed, parse_date},
    finding_views,
    problem::{Answer, Failure},
    ranges::{self, Conditions, Etag, Selection},
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_findings)
        .service(get_finding)
        .service(get_finding_differences)
        .service(get_finding_content)
        .service(mark_finding_read)
        .service(update_finding)
        .service(list_waiting_findings)
        .service(export_finding)
        .service(trend::get_trend);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Only this kind, e.g. `laboratory`.
    #[param(nullable = false, example = "laboratory")]
    kind: Option<String>,
    /// Only from this practice.
    #[param(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    practice: Option<String>,
    /// Only from this day on.
    #[param(nullable = false, format = Date, example = "2026-01-01")]
    from: Option<String>,
    /// Only up to and with this day.
    #[param(nullable = false, format = Date, example = "2026-12-31")]
    to: Option<String>,
    /// `true`: only what is not marked as read.
    #[param(nullable = false, example = true)]
    unread: Option<bool>,
    /// `true`: only what the resident has called delicate.
    #[param(nullable = false, example = true)]
    sensitive: Option<bool>,
    /// `true`: only what the resident has put away, which is otherwise left out. Needs a sign-in of the last five minutes.
    #[param(nullable = false, example = true)]
    put_away: Option<bool>,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

/// The place in the list, as it stands inside a cursor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Place {
    date: String,
    finding: String,
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Self { date: position.date.to_string(), finding: position.finding.to_string() }
    }
}

/// List the resident's findings.
///
/// Newest first, by the day of the examination and then by arrival. A finding that was replaced or taken back stays in
/// the list with a banner. Follow `next_cursor` to the end; a cursor belongs to one resident and one filter.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(ListQuery, ActingHeader),
    responses(
        (status = 200, description = "One page of findings.", body = FindingList),
        (status = 422, description = "A filter cannot be read."),
    ),
)]
#[get("/v1/findings")]
async fn list_findings(app: Data<App>, call: Signed, query: Query<ListQuery>) -> Answer {
    let query = query.0;
    let filter = filter(&query)?;
    let bound =
        (&query.kind, &query.practice, &query.from, &query.to, &query.unread, &query.sensitive, &query.put_away);
    let cursors = Cursors::new(&app, &call, "list_findings", &bound);
    let after = cursors.open::<Place>(query.cursor.as_deref())?.map(|place| position(&place)).transpose()?;
    let page = app.list_findings(&call, filter, after, query.limit.get()).await?;
    let next_cursor = page.next.map(|p| cursors.seal(&Place::from(p))).transpose()?;
    let items = page.items.get().iter().map(|record| finding_views::summary(record, page.language)).collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, page.language.tag()))
        .json(FindingList { items, next_cursor }))
}

fn filter(query: &ListQuery) -> Result<Filter, Failure> {
    let kind = |word: &String| {
        FindingKind::parse(word).ok_or(Fault {
            pointer: "kind",
            code: "unknown-kind",
            detail: "One of laboratory, pathology, imaging, function, letter, medication, vaccination, other.",
        })
    };
    let practice = |id: &String| {
        id.parse::<PracticeId>().map_err(|_| Fault {
            pointer: "practice",
            code: "invalid-id",
            detail: "The id of a practice, as it stands in a finding.",
        })
    };
    Ok(Filter {
        kind: query.kind.as_ref().map(kind).transpose()?,
        practice: query.practice.as_ref().map(practice).transpose()?,
        from: query.from.as_deref().map(|day| parse_date("from", day)).transpose()?,
        to: query.to.as_deref().map(|day| parse_date("to", day)).transpose()?,
        unread: query.unread.unwrap_or(false),
        sensitive: query.sensitive.unwrap_or(false),
        put_away: query.put_away.unwrap_or(false),
    })
}

pub(crate) fn position(place: &Place) -> Result<Position, Failure> {
    let finding = place.finding.parse().map_err(|_| Refusal::Internal)?;
    Ok(Position { date: parse_date("cursor", &place.date)?, finding })
}

/// List what has arrived and does not show yet.
///
/// Because the resident wishes to talk first, or the practice does. Nothing of what it says; newest first, at most 200. Say
/// "a result of … is there" and how to get at it.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    responses((status = 200, description = "What waits.", body = WaitingFindingList)),
)]
#[get("/v1/waiting-findings")]
async fn list_waiting_findings(app: Data<App>, call: Signed) -> Answer {
    let items = app.waiting_findings(&call).await?.into_iter().map(|waiting| {
        let (until, shows_at) = match waiting.plan {
            Plan::Shows => ("date", None),
            Plan::From(moment) => ("date", Some(moment)),
            Plan::AfterTalk => ("talk", None),
            Plan::AfterWish => ("wish", None),
        };
        WaitingFinding {
            practice: PracticeRef { id: waiting.practice.id.to_string(), name: waiting.practice.name },
            received_at: waiting.arrived.to_string(),
            until: until.to_owned(),
            shows_at: shows_at.map(|moment| moment.to_string()),
        }
    });
    Ok(HttpResponse::Ok().json(WaitingFindingList { items: items.collect() }))
}

/// Decide how a finding is treated.
///
/// `sensitive`: shared only when it is named or expressly meant. `put-away`: the same, and it shows only to somebody who has
/// signed in within five minutes, with `put_away=true` in the list; nothing tells that it is there. It holds for the very
/// next request of everybody.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    request_body = FindingChange,
    responses((status = 204, description = "Done.")),
)]
#[patch("/v1/findings/{id}")]
async fn update_finding(app: Data<App>, call: Signed, id: Path<FindingId>, body: Json<FindingChange>) -> Answer {
    let treatment = match Treatment::parse(&body.0.treatment) {
        Some(treatment @ (Treatment::Normal | Treatment::Sensitive | Treatment::PutAway)) => treatment,
        Some(Treatment::Held) | None => {
            let detail = "One of normal, sensitive, put-away.";
            return Err(Fault { pointer: "/treatment", code: "unknown-treatment", detail }.into());
        }
    };
    app.adjust_finding(&call, id.0, treatment).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Open a finding.
///
/// With all its values, the laboratory's ranges and flags, and what there is to download.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"), ActingHeader),
    responses((status = 200, description = "The finding.", body = nahraum_api_spec::findings::Finding)),
)]
#[get("/v1/findings/{id}")]
async fn get_finding(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    let (finding, language) = app.open_finding(&call, id.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(finding_views::finding(finding.get(), language)))
}

/// Tell what a new version of a finding changes.
///
/// Value by value, beside the version whose place it took (`replaces`). Nothing, when it took nobody's place or nothing is left
/// of what the other said.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The newer finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a03")),
    responses((status = 200, description = "What differs.", body = FindingDifferences)),
)]
#[get("/v1/findings/{id}/differences")]
async fn get_finding_differences(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    let (found, language) = app.finding_differences(&call, id.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(finding_views::differences(found, language)))
}

/// Mark a finding as read.
///
/// It no longer appears under `unread=true`. Marking it again changes nothing.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"), ActingHeader),
    responses((status = 204, description = "Marked.")),
)]
#[put("/v1/findings/{id}/read")]
async fn mark_finding_read(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    app.mark_finding_read(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What is read from the headers of a download; `ranges` does the reading.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the headers to the OpenAPI document")]
pub(crate) struct ConditionHeaders {
    /// Only these bytes, e.g. to go on with a broken download (RFC 9110, one range).
    #[param(rename = "Range", nullable = false, example = "bytes=65536-")]
    range: Option<String>,
    /// Only if the document is still the one with this `ETag`; otherwise all of it.
    #[param(rename = "If-Range", nullable = false, example = "\"9f86d081\"")]
    if_range: Option<String>,
    /// Nothing, if the document is still the one with this `ETag`.
    #[param(rename = "If-None-Match", nullable = false, example = "\"9f86d081\"")]
    if_none_match: Option<String>,
}

/// Download the document of a finding.
///
/// The PDF or picture as the practice sent it. Broken downloads go on with `Range` and `If-Range`; the strong `ETag` is
/// the document's SHA-256.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"),
        ConditionHeaders, ActingHeader),
    responses(
        (status = 200, description = "The whole document.", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part that was asked for.", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client already has it."),
        (status = 410, description = "The practice has taken the finding back."),
        (status = 416, description = "The document is shorter than that."),
    ),
)]
#[get("/v1/findings/{id}/content")]
async fn get_finding_content(app: Data<App>, call: Signed, id: Path<FindingId>, conditions: Conditions) -> Answer {
    let document = app.document(&call, id.0).await?;
    send_document(app, call, document, conditions).await
}

/// A document, or the part of it that was asked for.
pub(crate) async fn send_document(app: Data<App>, call: Signed, document: Document, conditions: Conditions) -> Answer {
    let etag = Etag::from_sha256_hex(&hex(&document.sha256()));
    let size = document.size();
    let selection = conditions.select(&etag, size);
    let mut response = ranges::head(selection, &etag, size)?;
    let (first, last) = match selection {
        Selection::NotModified => return Ok(response.finish()),
        Selection::Part { first, last } => (first, last),
        Selection::Whole | Selection::Unsatisfiable => (0, size.saturating_sub(1)),
    };
    response
        .insert_header((header::CONTENT_TYPE, document.media_type().as_str()))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("befund", document.media_type().extension())))
        .no_chunking(last.saturating_sub(first).saturating_add(1));
    let mut rest = Box::pin(parts(app, call, document, first, last));
    // The first part is opened before anything is said, so that a document that cannot be read is a fault with an answer.
    let beginning = rest.try_next().await?;
    let whole = stream::iter(beginning.map(Ok)).chain(rest);
    Ok(response.streaming(whole.map_err(actix_web::Error::from)))
}

/// The bytes from `first` to `last`, part by part. A recall in the middle breaks the connection: half a document must
/// not look like a whole one.
fn parts(
    app: Data<App>,
    call: Signed,
    document: Document,
    first: u64,
    last: u64,
) -> impl futures_util::Stream<Item = Result<Bytes, Failure>> {
    let (document, call, size) = (Arc::new(document), Arc::new(call), Document::PART_SIZE);
    stream::try_unfold(first, move |at| {
        let (app, call, document) = (app.clone(), Arc::clone(&call), Arc::clone(&document));
        async move {
            if at > last {
                return Ok(None);
            }
            let (part, offset) = (at / size, at % size);
            let bytes = app.document_part(&call, &document, part).await?.into_revealed();
            let end = size.min(last.saturating_sub(part * size).saturating_add(1));
            let wanted = usize::try_from(offset).unwrap_or(0)..usize::try_from(end).unwrap_or(0).min(bytes.len());
            let piece = Bytes::from(bytes).slice(wanted);
            if piece.is_empty() {
                return Err(Refusal::Internal.into());
            }
            let next = at.saturating_add(u64::try_from(piece.len()).unwrap_or(0));
            Ok(Some((piece, next)))
        }
    })
}

/// Export a finding as FHIR.
///
/// A FHIR R4 document Bundle with the report, its values and its document, to keep or to hand on. It carries no name:
/// the patient is an identifier of this server.
#[utoipa::path(
    tag = "findings",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"), ActingHeader),
    responses(
        (
            status = 200,
            description = "The Bundle.",
            content_type = "application/fhir+json",
            body = FhirResource,
            example = json!({
                "resourceType": "Bundle",
                "type": "document",
                "entry": [{"resource": {"resourceType": "Composition", "status": "final", "title": "Laborbefund"}}],
            }),
        ),
        (status = 410, description = "The practice has taken the finding back."),
    ),
)]
#[get("/v1/findings/{id}/fhir")]
async fn export_finding(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    let bundle = app.export_finding(&call, id.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/fhir+json"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("befund", "fhir.json")))
        .body(bundle.into_revealed()))
}
