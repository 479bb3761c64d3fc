//! Room audit: the resident's own access log.

use actix_web::{HttpResponse, get, http::header, web::Data};
use nahraum_api_spec::audit::{AccessLog, AccessLogEntry};
use nahraum_app::{App, audit::LogLine};
use nahraum_domain::ids::AccessLogId;
use nahraum_texts::Language;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    extract::{Cursors, Page, Query, Signed},
    problem::Answer,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_access_log);
}

/// List who did what with the resident's findings.
///
/// Every delivery, every look and every refused try, newest first, each with a plain sentence in the resident's
/// language. Every look had its line in here before its first byte was sent.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of the log.", body = AccessLog)),
)]
#[get("/v1/access-log")]
async fn list_access_log(app: Data<App>, call: Signed, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_access_log", &());
    let before = cursors.id::<AccessLogId>(query.0.cursor.as_deref())?;
    let page = app.own_access_log(&call, before, query.0.limit.get()).await?;
    let next_cursor = page.next.map(|id| cursors.seal_id(&id)).transpose()?;
    let items = page.lines.into_iter().map(|line| wire(line, page.language)).collect();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, page.language.tag()))
        .json(AccessLog { items, next_cursor }))
}

fn wire(line: LogLine, language: Language) -> AccessLogEntry {
    let LogLine { entry, actor, sentence } = line;
    AccessLogEntry {
        id: entry.id.to_string(),
        at: entry.at.to_string(),
        actor: actor.into(),
        organisation: entry.organisation,
        action: entry.action.as_str().into(),
        outcome: entry.outcome.as_str().into(),
        finding_id: entry.finding.map(|id| id.to_string()),
        basis: entry.basis.map(|basis| basis.as_str().into()),
        sentence,
        lang: language.tag().into(),
        dir: language.dir().as_str().into(),
    }
}
