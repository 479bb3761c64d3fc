//! Room shares, the other side: what residents have opened to a practice, a kiosk or a person, and reading it.

use actix_web::{HttpResponse, delete, get, http::header, web::Data};
use nahraum_api_spec::{
    findings::FindingList,
    shares::{EndedShare, EndedShareList, ReceivedShare, ReceivedShareList},
};
use nahraum_app::{App, shares::Received};
use nahraum_domain::ids::{ConsentId, FindingId};

use crate::{
    extract::{Cursors, Page, Path, Query, Signed},
    finding_views,
    findings::{ConditionHeaders, Place, position, send_document},
    problem::Answer,
    ranges::Conditions,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_received_shares)
        .service(list_ended_shares)
        .service(end_received_share)
        .service(list_shared_findings)
        .service(get_shared_finding)
        .service(get_shared_content);
}

/// List what residents have opened to the caller.
///
/// Newest first; what is over is not there any more. Nothing says what was left out of it.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of permissions.", body = ReceivedShareList)),
)]
#[get("/v1/shared")]
async fn list_received_shares(app: Data<App>, call: Signed, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_received_shares", &());
    let before = cursors.id::<ConsentId>(query.0.cursor.as_deref())?;
    let (items, next) = app.received_shares(&call, before, query.0.limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    Ok(HttpResponse::Ok().json(ReceivedShareList { items: items.into_iter().map(wire).collect(), next_cursor }))
}

/// List what is over.
///
/// What residents had opened to the caller and is over since thirty days at most: taken back, run out or closed, which all look
/// the same. Says what is to be done with what was downloaded.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    responses((status = 200, description = "The permissions.", body = EndedShareList)),
)]
#[get("/v1/ended-shares")]
async fn list_ended_shares(app: Data<App>, call: Signed) -> Answer {
    let items = app.ended_shares(&call).await?.into_iter().map(|(share, over)| {
        let ReceivedShare { id, called, purpose, may_download, .. } = wire(share);
        let copies = if may_download { "delete" } else { "none" };
        EndedShare { id, called, purpose, ended_at: over.to_string(), copies: copies.into() }
    });
    Ok(HttpResponse::Ok().json(EndedShareList { items: items.collect() }))
}

pub(crate) fn wire(share: Received) -> ReceivedShare {
    ReceivedShare {
        id: share.id.to_string(),
        called: share.called.map_or_else(String::new, nahraum_domain::private::Private::into_revealed),
        purpose: share.purpose.as_str().into(),
        may_download: share.rights.download,
        may_pass_on: share.rights.pass_on,
        ground: share.representation.map(|representation| representation.ground.as_str().to_owned()),
        may_act: share.representation.is_some_and(|representation| representation.may_act),
        from: share.from.to_string(),
        until: share.until.map(|until| until.to_string()),
    }
}

/// Give up what a resident has opened.
///
/// For the person it was given to: somebody who acts for a resident and does not want to any more, or a person at work to
/// whom alone it was opened. What was opened to a whole organisation is its resident's to end. The resident sees it.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The permission.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99")),
    responses((status = 204, description = "Given up.")),
)]
#[delete("/v1/shared/{id}")]
async fn end_received_share(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    app.give_up(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the findings that a resident shows the caller.
///
/// All that is open to the caller from this resident, newest first. What is closed leaves no trace: no total, no gap, no
/// stub. Once the permission is over, or taken back, there is nothing here.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The permission.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99"), Page),
    responses((status = 200, description = "One page of findings.", body = FindingList)),
)]
#[get("/v1/shared/{id}/findings")]
async fn list_shared_findings(app: Data<App>, call: Signed, id: Path<ConsentId>, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_shared_findings", &id.0.to_string());
    let after = cursors.open::<Place>(query.0.cursor.as_deref())?.map(|place| position(&place)).transpose()?;
    let page = app.list_shared(&call, id.0, after, query.0.limit.get()).await?;
    let next_cursor = page.next.map(|p| cursors.seal(&Place::from(p))).transpose()?;
    let items = page.items.get().iter().map(|record| finding_views::summary(record, page.language)).collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, page.language.tag()))
        .json(FindingList { items, next_cursor }))
}

/// Open a finding that a resident shows the caller.
///
/// The resident sees that it was opened, by whom and by which permission.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    responses((status = 200, description = "The finding.", body = nahraum_api_spec::findings::Finding)),
)]
#[get("/v1/shared-findings/{id}")]
async fn get_shared_finding(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    let (finding, language) = app.open_shared(&call, id.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(finding_views::finding(finding.get(), language)))
}

/// Download the document of a finding that a resident shows the caller.
///
/// Only where the permission says so.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02"),
        ConditionHeaders,
    ),
    responses(
        (status = 200, description = "The whole document.", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part that was asked for.", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client already has it."),
        (status = 416, description = "The document is shorter than that."),
    ),
)]
#[get("/v1/shared-findings/{id}/content")]
async fn get_shared_content(app: Data<App>, call: Signed, id: Path<FindingId>, conditions: Conditions) -> Answer {
    let document = app.shared_document(&call, id.0).await?;
    send_document(app, call, document, conditions).await
}
