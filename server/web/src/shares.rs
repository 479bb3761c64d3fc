//! Room shares, the resident's side: whom to let in, what to close, and what somebody would see.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, delete, get, http::header, patch, post, web::Data};
use nahraum_api_spec::shares::{
    BlockOrder, Directory, DirectoryEntry, Preview, PreviewItem, RuleData, ShareChange, ShareGrant, ShareRule,
    ShareRuleList,
};
use nahraum_app::{
    App, Fault,
    shares::{BlockRequest, Eyes, ShareRequest, StoredRule, To},
};
use nahraum_domain::{
    consent::{Data as Findings, Effect, Purpose, Rights, Verdict, period},
    ids::{ConsentId, OrganisationId, ShareLinkId, StaffId},
    kdl::FindingKind,
    organisations::Duty,
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    consents::shown,
    extract::{ActingHeader, Json, Path, Query, Signed, parse_date, parse_id},
    finding_views,
    problem::{Answer, Failure},
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_directory)
        .service(get_share_preview)
        .service(list_shares)
        .service(grant_share)
        .service(update_share)
        .service(end_share)
        .service(list_blocks)
        .service(create_block)
        .service(end_block);
}

/// The most that one list in a rule may name.
const MOST_NAMED: usize = 100;

/// List with whom findings can be shared.
///
/// Practices, kiosks and social institutions of the network, by name.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The organisations.", body = Directory)),
)]
#[get("/v1/directory")]
async fn list_directory(app: Data<App>, call: Signed) -> Answer {
    let items = app.directory(&call).await?.into_iter().map(|organisation| DirectoryEntry {
        id: organisation.id.to_string(),
        kind: organisation.kind.as_str().into(),
        name: organisation.name,
        usual_days: period::usual_days(organisation.kind),
    });
    Ok(HttpResponse::Ok().json(Directory { items: items.collect() }))
}

/// List the resident's permissions.
///
/// Newest first, also those that are over.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The permissions.", body = ShareRuleList)),
)]
#[get("/v1/shares")]
async fn list_shares(app: Data<App>, call: Signed) -> Answer {
    rules(&app, &call, Effect::Permit).await
}

/// Let somebody see findings.
///
/// A practice, a kiosk, a social institution, those who do one thing there, or one person of it, for a chosen time. It holds from now on, also for
/// findings to come unless `data` says otherwise. Nothing is opened by it that a block closes. Needs a sign-in of the last
/// five minutes.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = ShareGrant,
    responses(
        (status = 201, description = "The permission.", body = ShareRule),
        (status = 404, description = "There is no such recipient."),
    ),
)]
#[post("/v1/shares")]
async fn grant_share(app: Data<App>, call: Signed, body: Json<ShareGrant>) -> Answer {
    let ShareGrant { organisation, person, duty, called, days, data, may_download, may_pass_on, text } = body.0;
    let request = ShareRequest {
        to: to(&organisation, person.as_deref(), duty.as_deref())?,
        data: findings(&data)?,
        rights: Rights { download: may_download, pass_on: may_pass_on },
        days: days.map(checked_days).transpose()?,
        called: checked_name(&called)?,
        text: shown(Purpose::Treatment, text),
    };
    Ok(HttpResponse::Created().json(rule(&app, app.share(&call, request).await?)))
}

/// Give a permission another end.
///
/// Sooner or later than before. Needs a sign-in of the last five minutes.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The permission.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99"), ActingHeader),
    request_body = ShareChange,
    responses((status = 200, description = "The permission as it is now.", body = ShareRule)),
)]
#[patch("/v1/shares/{id}")]
async fn update_share(app: Data<App>, call: Signed, id: Path<ConsentId>, body: Json<ShareChange>) -> Answer {
    let days = checked_days(body.0.days)?;
    Ok(HttpResponse::Ok().json(rule(&app, app.set_share_days(&call, id.0, days).await?)))
}

/// Take a permission back.
///
/// It holds for the very next request of whomever it was for.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The permission.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99"), ActingHeader),
    responses((status = 204, description = "Taken back.")),
)]
#[delete("/v1/shares/{id}")]
async fn end_share(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    app.end_rule(&call, id.0, Effect::Permit).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List the resident's blocks.
///
/// Newest first, also those that were lifted.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The blocks.", body = ShareRuleList)),
)]
#[get("/v1/blocks")]
async fn list_blocks(app: Data<App>, call: Signed) -> Answer {
    rules(&app, &call, Effect::Deny).await
}

/// Close findings.
///
/// To an organisation, to those who do one thing there, to one person, or to everybody. A block beats every permission, and nobody can see that there is
/// one. An organisation that is blocked altogether loses its permissions, and gets none while the block stands.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = BlockOrder,
    responses(
        (status = 201, description = "The block.", body = ShareRule),
        (status = 404, description = "There is nobody like that."),
    ),
)]
#[post("/v1/blocks")]
async fn create_block(app: Data<App>, call: Signed, body: Json<BlockOrder>) -> Answer {
    let BlockOrder { organisation, person, duty, data } = body.0;
    let to = match (&organisation, person.as_ref().or(duty.as_ref())) {
        (Some(organisation), _) => Some(to(organisation, person.as_deref(), duty.as_deref())?),
        (None, None) => None,
        (None, Some(_)) => {
            let detail = "A person, or a duty, is blocked as one of an organisation.";
            return Err(Fault { pointer: "/organisation", code: "missing-field", detail }.into());
        }
    };
    let request = BlockRequest { to, data: findings(&data)? };
    Ok(HttpResponse::Created().json(rule(&app, app.block(&call, request).await?)))
}

/// Lift a block.
///
/// Permissions that it had closed count again; those it had ended do not come back.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The block.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a99"), ActingHeader),
    responses((status = 204, description = "Lifted.")),
)]
#[delete("/v1/blocks/{id}")]
async fn end_block(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    app.end_rule(&call, id.0, Effect::Deny).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PreviewQuery {
    /// The organisation; or `link`.
    #[param(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    organisation: Option<String>,
    /// One person of it; without, somebody who works there.
    #[param(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a33")]
    person: Option<String>,
    /// Somebody who does this there.
    #[param(nullable = false, example = "physician")]
    duty: Option<String>,
    /// A link; whoever has it. One that is over shows nothing.
    #[param(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9ab1")]
    link: Option<String>,
}

/// See what somebody would see now.
///
/// Every finding that could be shown to them, whether it would be, and the rule that decides. What is `visible` here is
/// exactly what they find.
#[utoipa::path(
    tag = "shares",
    security(("bearer" = [])),
    params(PreviewQuery, ActingHeader),
    responses(
        (status = 200, description = "Finding by finding.", body = Preview),
        (status = 404, description = "There is no such recipient."),
        (status = 422, description = "An id cannot be read, or nobody is named."),
    ),
)]
#[get("/v1/share-preview")]
async fn get_share_preview(app: Data<App>, call: Signed, query: Query<PreviewQuery>) -> Answer {
    let PreviewQuery { organisation, person, duty, link } = query.0;
    let eyes = match (organisation, link) {
        (Some(organisation), None) => Eyes::Of(to(&organisation, person.as_deref(), duty.as_deref())?),
        (None, Some(link)) if person.is_none() && duty.is_none() => Eyes::Link(parse_id::<ShareLinkId>("link", &link)?),
        (Some(_) | None, _) => {
            let detail = "Whose eyes: an organisation, or a link.";
            return Err(Fault { pointer: "organisation", code: "missing-parameter", detail }.into());
        }
    };
    let (judged, language) = app.preview(&call, eyes).await?;
    let items = judged.get().iter().map(|(record, verdict)| {
        let (reason, rule) = match verdict {
            Verdict::Permitted(rule, _) => ("permitted", Some(rule)),
            Verdict::Denied(rule) => ("denied", Some(rule)),
            Verdict::NotAsked => ("not-asked", None),
        };
        PreviewItem {
            finding: finding_views::summary(record, language),
            visible: verdict.is_permitted(),
            reason: reason.into(),
            rule_id: rule.map(ToString::to_string),
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .json(Preview { items: items.collect() }))
}

async fn rules(app: &App, call: &Signed, effect: Effect) -> Answer {
    let items = app.rules(call, effect).await?.into_iter().map(|stored| rule(app, stored)).collect();
    Ok(HttpResponse::Ok().json(ShareRuleList { items }))
}

pub(crate) fn rule(app: &App, StoredRule { rule, called, recipient_called, reason, .. }: StoredRule) -> ShareRule {
    let (recipient_kind, recipient_id) = rule.recipient.parts();
    ShareRule {
        id: rule.id.to_string(),
        effect: rule.effect.as_str().into(),
        recipient_kind: recipient_kind.into(),
        recipient_id: recipient_id.map(|id| OrganisationId::from_bytes(*id).to_string()),
        recipient_called: recipient_called.map(nahraum_domain::private::Private::into_revealed),
        purpose: rule.purpose.as_str().into(),
        reason: reason.map(nahraum_domain::private::Private::into_revealed),
        called: called.map(nahraum_domain::private::Private::into_revealed),
        stands: rule.stands(app.clock().now()),
        may_download: rule.rights.download,
        may_pass_on: rule.rights.pass_on,
        ground: rule.representation.map(|representation| representation.ground.as_str().to_owned()),
        may_act: rule.representation.is_some_and(|representation| representation.may_act),
        from: rule.period.from.to_string(),
        until: rule.period.until.map(|until| until.to_string()),
        ended_at: rule.ended_at.map(|ended| ended.to_string()),
        data: wire_data(&rule.data),
    }
}

pub(crate) fn wire_data(data: &Findings) -> RuleData {
    RuleData {
        findings: data.documents.as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
        kinds: data.kinds.as_ref().map(|all| all.iter().map(|kind| (*kind).to_owned()).collect()),
        practices: data.authors.as_ref().map(|all| all.iter().map(ToString::to_string).collect()),
        from: data.from.map(|day| day.to_string()),
        to: data.to.map(|day| day.to_string()),
        sensitive: data.sensitive,
    }
}

fn to(organisation: &str, person: Option<&str>, duty: Option<&str>) -> Result<To, Failure> {
    let fault = |code, detail| Fault { pointer: "/duty", code, detail };
    if person.is_some() && duty.is_some() {
        return Err(fault("one-of-two", "Either a person or a duty.").into());
    }
    let unknown = "One of physician, care, social-work, interpreting, office.";
    Ok(To {
        organisation: parse_id::<OrganisationId>("/organisation", organisation)?,
        person: person.map(|person| parse_id::<StaffId>("/person", person)).transpose()?,
        duty: duty.map(|word| Duty::parse(word).ok_or_else(|| fault("unknown-duty", unknown))).transpose()?,
    })
}

pub(crate) fn findings(data: &RuleData) -> Result<Findings, Failure> {
    let kind = |word: &String| {
        FindingKind::parse(word).map(FindingKind::as_str).ok_or(Fault {
            pointer: "/data/kinds",
            code: "unknown-kind",
            detail: "One of laboratory, pathology, imaging, function, letter, medication, vaccination, other.",
        })
    };
    let kinds = data.kinds.as_ref().map(|all| all.iter().map(kind).collect::<Result<BTreeSet<_>, _>>());
    Ok(Findings {
        documents: named("/data/findings", data.findings.as_ref())?,
        kinds: kinds.transpose()?,
        authors: named("/data/practices", data.practices.as_ref())?,
        from: data.from.as_deref().map(|day| parse_date("/data/from", day)).transpose()?,
        to: data.to.as_deref().map(|day| parse_date("/data/to", day)).transpose()?,
        sensitive: data.sensitive,
    })
}

fn named<I: std::str::FromStr + Ord>(
    pointer: &'static str,
    all: Option<&Vec<String>>,
) -> Result<Option<BTreeSet<I>>, Failure> {
    let Some(all) = all else { return Ok(None) };
    if all.is_empty() || all.len() > MOST_NAMED {
        return Err(Fault { pointer, code: "too-many", detail: "Name 1 to 100, or leave it out." }.into());
    }
    let ids = all.iter().map(|id| parse_id(pointer, id)).collect::<Result<BTreeSet<I>, Fault>>()?;
    Ok(Some(ids))
}

pub(crate) fn checked_days(days: u16) -> Result<u16, Fault> {
    if (1..=period::LONGEST).contains(&days) {
        Ok(days)
    } else {
        Err(Fault { pointer: "/days", code: "out-of-range", detail: "1 to 3653 days." })
    }
}

pub(crate) fn checked_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if (1..=80).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Fault { pointer: "/called", code: "out-of-range", detail: "1 to 80 characters, without line breaks." })
    }
}
