//! Room imports: lists of offers that an organisation brings along.

use actix_web::{HttpResponse, post, web::Data};
use nahraum_api_spec::imports::{HsdsList, ImportFault, ImportNotice, ImportedOffer, OfferImport};
use nahraum_app::{
    App,
    imports::{self as room, Defaults, Imported, ListFault, Order, Spot},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Query, Signed},
    multipart::Incoming,
    problem::{Answer, Failure, Words},
    register::ServiceConfig,
};

/// The largest list in bytes.
const LIMIT: u64 = 4 * 1024 * 1024;

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_offer_import);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    /// `false`: do it. Otherwise only what would be done is said, and nothing is stored.
    #[param(nullable = false, example = true)]
    dry_run: Option<bool>,
    /// The language of the texts, as a BCP 47 tag, when the list does not say; `de`, if this is missing.
    #[param(nullable = false, example = "de")]
    lang: Option<String>,
    /// The kind of new offers of which the list does not say it.
    #[param(nullable = false, example = "counselling")]
    kind: Option<String>,
    /// What new offers are about of which the list does not say it: words of `GET /v1/topics` with commas between them.
    #[param(nullable = false, example = "movement,heart")]
    topics: Option<String>,
    /// `normal` or `sensitive`, for new offers of which the list does not say it.
    #[param(nullable = false, example = "normal")]
    sensitivity: Option<String>,
    /// `free`, `donation` or `insurer`, for new offers of which the list does not say it.
    #[param(nullable = false, example = "free")]
    cost: Option<String>,
}

/// Import offers.
///
/// A table (CSV in UTF-8) or services of HSDS 3 (JSON), at most 1,000 offers in 4 MiB; what it is, is judged from its bytes. By
/// itself this only says what it would do, and what is wrong, line by line. With `dry_run=false` it is done: all of it, or nothing when
/// anything is wrong. New offers are drafts. What an offer is known by (`key`, or the `id` of a service) is kept, so that importing again
/// changes the same offers; what says the same as before changes nothing, and what is not in the list stays as it is.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(ImportQuery),
    request_body(content(
        (String = "text/csv"),
        (HsdsList = "application/json", example = json!({"services": [{"id": "7", "name": "Gehgruppe", "status": "active"}]})),
    )),
    responses(
        (status = 200, description = "What was done, or with a dry run what would be done and what is wrong.", body = OfferImport),
        (status = 413, description = "More than 4 MiB."),
        (status = 415, description = "Neither text/csv nor application/json."),
        (status = 422, description = "Something is wrong with the list, and nothing was done. `errors` has every fault as the dry run has it."),
    ),
)]
#[post("/v1/publisher/offer-imports")]
async fn create_offer_import(app: Data<App>, call: Signed, query: Query<ImportQuery>, incoming: Incoming) -> Answer {
    app.may_publish(&call).await?;
    if !matches!(incoming.media_type(), Some("text/csv" | "application/json")) {
        return Err(Failure::of("unsupported-media-type"));
    }
    let mut bytes = Vec::new();
    incoming.raw(&mut bytes, LIMIT).await?;
    let ImportQuery { dry_run, lang, kind, topics, sensitivity, cost } = query.0;
    let topics = topics.iter().flat_map(|topics| topics.split(',')).map(str::to_owned).collect();
    let defaults = Defaults { language: lang, kind, topics, sensitivity, cost };
    let dry_run = dry_run.unwrap_or(true);
    let Imported { offers, faults, more_faults } = app.import_offers(&call, Order { bytes, dry_run, defaults }).await?;
    if !dry_run && !faults.is_empty() {
        return Err(faults.into_iter().fold(Failure::of("invalid"), refused));
    }
    Ok(HttpResponse::Ok().json(OfferImport {
        dry_run,
        offers: offers.into_iter().map(offer).collect(),
        faults: faults.into_iter().map(fault).collect(),
        more_faults: u64::try_from(more_faults).unwrap_or(u64::MAX),
    }))
}

/// Line or pointer of a spot.
fn spot(at: Spot) -> (Option<u64>, Option<String>) {
    match at {
        Spot::Line(line) => (Some(line), None),
        Spot::Pointer(pointer) => (None, Some(pointer)),
    }
}

/// A fault as one of a problem: at `line:column` of a table, or at a JSON pointer.
fn refused(failure: Failure, fault: ListFault) -> Failure {
    let ListFault { at, field, code, detail } = fault;
    let pointer = match at {
        Spot::Line(line) if field.is_empty() => line.to_string(),
        Spot::Line(line) => format!("{line}:{field}"),
        Spot::Pointer(pointer) if field.is_empty() => pointer,
        Spot::Pointer(pointer) => format!("{pointer}/{field}"),
    };
    failure.at(pointer, code, Words::same(detail))
}

fn fault(fault: ListFault) -> ImportFault {
    let (line, pointer) = spot(fault.at);
    let field = Some(fault.field).filter(|field| !field.is_empty());
    ImportFault { line, pointer, field, code: fault.code.to_owned(), detail: fault.detail.to_owned() }
}

fn offer(offer: room::ImportedOffer) -> ImportedOffer {
    let (line, pointer) = spot(offer.at);
    let notice = |notice: room::Notice| ImportNotice {
        code: notice.code.to_owned(),
        fields: notice.fields,
        detail: notice.detail.to_owned(),
    };
    ImportedOffer {
        line,
        pointer,
        key: offer.key,
        id: offer.offer.map(|id| id.to_string()),
        effect: offer.effect.as_str().to_owned(),
        changes: offer.changes,
        notices: offer.notices.into_iter().map(notice).collect(),
    }
}
