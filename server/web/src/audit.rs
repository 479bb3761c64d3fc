//! Room audit: the resident's own access log.

use actix_web::{HttpResponse, get, http::header, web::Data};
use jiff::Timestamp;
use nahraum_api_spec::audit::{AccessLog, AccessLogEntry, AccessLogExport, AccessLogHead, AccessLogProof, SignedText};
use nahraum_app::{
    App, Fault, Refusal,
    audit::{Filter, LogExport, LogLine},
};
use nahraum_domain::{
    audit::{LogAction, LogOutcome, statement::hex},
    ids::OrganisationId,
};
use nahraum_texts::Language;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{ActingHeader, Cursors, Limit, Query, Signed},
    problem::{Answer, Failure},
    ranges,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_access_log).service(export_access_log).service(print_access_log);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LogQuery {
    /// Only this action, e.g. `open`.
    #[param(nullable = false, example = "open")]
    action: Option<String>,
    /// Only what was `done`, or only what was `denied`.
    #[param(nullable = false, example = "denied")]
    outcome: Option<String>,
    /// Only from this moment on.
    #[param(nullable = false, format = DateTime, example = "2026-01-01T00:00:00Z")]
    from: Option<String>,
    /// Only before this moment.
    #[param(nullable = false, format = DateTime, example = "2027-01-01T00:00:00Z")]
    to: Option<String>,
    /// Only what was done for this organisation.
    #[param(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    organisation: Option<String>,
    /// How many at most, 1 to 200; 25 unless said otherwise.
    #[serde(default = "Limit::of_the_log")]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 25)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

/// List who did what with the resident's findings.
///
/// Every delivery, every look and every refused try, newest first, each with a plain sentence in the resident's
/// language. Every look had its line in here before its first byte was sent. `head` tells where the whole log ends: an app
/// that keeps it can see later, in an export, that nothing before it was changed. In somebody's place (`Acting-For`) it is the
/// log of what is open there, with numbers of its own, and there is nothing to verify.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = [])),
    params(LogQuery, ActingHeader),
    responses(
        (status = 200, description = "One page of the log.", body = AccessLog),
        (status = 422, description = "A filter cannot be read."),
    ),
)]
#[get("/v1/access-log")]
async fn list_access_log(app: Data<App>, call: Signed, query: Query<LogQuery>) -> Answer {
    let query = query.0;
    let filter = filter(&query)?;
    let bound = (&query.action, &query.outcome, &query.from, &query.to, &query.organisation);
    let cursors = Cursors::new(&app, &call, "list_access_log", &bound);
    let before = cursors.open::<i64>(query.cursor.as_deref())?;
    let page = app.own_access_log(&call, filter, before, query.limit.get()).await?;
    let next_cursor = page.next.map(|number| cursors.seal(&number)).transpose()?;
    let items = page.lines.into_iter().map(|line| wire(line, page.language)).collect();
    let head = AccessLogHead { count: page.head.count, hash: hex(&page.head.hash) };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_LANGUAGE, page.language.tag())).json(AccessLog {
        items,
        next_cursor,
        head,
    }))
}

/// Take the resident's whole access log away.
///
/// All entries with their hash chain, a signed statement about where it ends, and the newest checkpoint. Whoever has it
/// can verify it without the server: `nahraum audit verify-export FILE`, or any program written after
/// `mobile-api-spec/access-log.md`.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = [])),
    responses((status = 200, description = "The whole log with its proofs.", body = AccessLogExport)),
)]
#[get("/v1/access-log/export")]
async fn export_access_log(app: Data<App>, call: Signed) -> Answer {
    let LogExport { entries, begins_after, statement, checkpoint } = app.export_access_log(&call).await?;
    let proof = |entry: nahraum_app::audit::ExportedEntry| AccessLogProof {
        number: entry.number,
        seq: entry.seq,
        body: entry.body,
        hash: entry.hash,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"access-log.json\""))
        .json(AccessLogExport {
            format: "nahraum-log-export-1".to_owned(),
            key: hex(app.log_key().as_bytes()),
            entries: entries.into_iter().map(proof).collect(),
            begins_after: hex(&begins_after.hash),
            statement: SignedText { text: statement.statement.text(), signature: hex(&statement.signature) },
            checkpoint: checkpoint
                .map(|signed| SignedText { text: signed.checkpoint.text(), signature: hex(&signed.signature) }),
        }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PaperQuery {
    /// Only entries with a number below this: for the next paper when the log has more than a thousand.
    #[param(nullable = false, minimum = 1, example = 2001)]
    before: Option<i64>,
}

/// Print the resident's access log.
///
/// In the resident's language, the newest entries first, with the refused tries, and with number, hash and signature of where
/// the log ends, so that the paper can be compared with the export. At most a thousand entries; the paper says which they
/// are, and `before` asks for those that come before them.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = [])),
    params(PaperQuery),
    responses((status = 200, description = "The log.", content_type = "application/pdf", body = Vec<u8>)),
)]
#[get("/v1/access-log/pdf")]
async fn print_access_log(app: Data<App>, call: Signed, query: Query<PaperQuery>) -> Answer {
    let pdf = app.print_access_log(&call, query.0.before).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, ranges::attachment("access-log", "pdf")))
        .body(pdf.into_revealed()))
}

fn filter(query: &LogQuery) -> Result<Filter, Failure> {
    let fault = |pointer, code, detail| Fault { pointer, code, detail };
    let action = |word: &String| {
        LogAction::parse(word).ok_or(fault("action", "unknown-action", "One of the actions that the log names."))
    };
    let outcome =
        |word: &String| LogOutcome::parse(word).ok_or(fault("outcome", "unknown-outcome", "One of done, denied."));
    let organisation = |id: &String| {
        let detail = "The id of an organisation, as it stands in an entry.";
        id.parse::<OrganisationId>().map_err(|_| fault("organisation", "invalid-id", detail))
    };
    let moment = |pointer: &'static str, text: &String| {
        let detail = "A moment in UTC, such as 2026-11-22T17:04:05Z.";
        text.parse::<Timestamp>().map_err(|_| fault(pointer, "invalid-moment", detail))
    };
    let filter = || -> Result<Filter, Fault> {
        Ok(Filter {
            action: query.action.as_ref().map(action).transpose()?,
            outcome: query.outcome.as_ref().map(outcome).transpose()?,
            from: query.from.as_ref().map(|text| moment("from", text)).transpose()?,
            to: query.to.as_ref().map(|text| moment("to", text)).transpose()?,
            organisation: query.organisation.as_ref().map(organisation).transpose()?,
        })
    };
    filter().map_err(|fault| Refusal::Invalid(vec![fault]).into())
}

fn wire(line: LogLine, language: Language) -> AccessLogEntry {
    let LogLine { entry, actor, sentence } = line;
    let (organisation_id, organisation) = entry.organisation.unzip();
    AccessLogEntry {
        id: entry.id.to_string(),
        number: entry.number,
        at: entry.at.to_string(),
        actor: actor.into(),
        actor_id: entry.actor,
        organisation: organisation.flatten(),
        organisation_id: organisation_id.map(|id| id.to_string()),
        action: entry.action.as_str().into(),
        outcome: entry.outcome.as_str().into(),
        finding_id: entry.finding.map(|id| id.to_string()),
        basis: entry.basis.map(|basis| basis.as_str().into()),
        consent_id: entry.consent.map(|consent| consent.to_string()),
        sentence,
        lang: language.tag().into(),
        dir: language.dir().as_str().into(),
    }
}
