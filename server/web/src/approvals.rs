//! Room approvals: what one person of the operator asks for and another one agrees to.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::approvals::{Approval, ApprovalList, InspectedEntry, InspectedLog, NewApproval, PhonesCutOff};
use nahraum_app::{
    App,
    approvals::{self as app_approvals, AskedAct, Entry},
};
use nahraum_domain::{ids::ApprovalId, private::Private};

use crate::{
    extract::{Cursors, Json, Page, Path, Query, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_approval)
        .service(list_approvals)
        .service(approve_approval)
        .service(deny_approval)
        .service(get_approved_access_log)
        .service(cut_off_phones);
}

/// Ask for an act that takes two persons.
///
/// Destroying a resident's key, a look into a resident's access log, or cutting off a resident's phones. Nothing happens before another person of the operator
/// agrees, within a day. Needs a fresh sign-in.
#[utoipa::path(
    tag = "approvals",
    security(("bearer" = [])),
    request_body = NewApproval,
    responses(
        (status = 201, description = "The wish.", body = Approval),
        (status = 404, description = "There is no such resident."),
    ),
)]
#[post("/v1/operator/approvals")]
async fn create_approval(app: Data<App>, call: Signed, body: Json<NewApproval>) -> Answer {
    let NewApproval { act, why, resident_id, reason } = body.0;
    let asked = AskedAct { act, why, resident: resident_id, reason: reason.into() };
    let approval = app.ask_for_approval(&call, asked).await?;
    Ok(HttpResponse::Created().json(wire(approval)))
}

/// List what was asked for.
///
/// Newest first, by whomever, for three years.
#[utoipa::path(
    tag = "approvals",
    security(("bearer" = [])),
    params(Page),
    responses((status = 200, description = "One page of wishes.", body = ApprovalList)),
)]
#[get("/v1/operator/approvals")]
async fn list_approvals(app: Data<App>, call: Signed, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "list_approvals", &());
    let before = cursors.id::<ApprovalId>(query.0.cursor.as_deref())?;
    let (approvals, next) = app.approvals(&call, before, query.0.limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    Ok(HttpResponse::Ok().json(ApprovalList { items: approvals.into_iter().map(wire).collect(), next_cursor }))
}

/// Agree to what another person asked for.
///
/// From now on the person who asked can do it for half an hour: destroy the key once, read the log, or cut the
/// phones off. Needs a fresh sign-in.
#[utoipa::path(
    tag = "approvals",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The approval.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a62")),
    responses(
        (status = 200, description = "It can be done.", body = Approval),
        (status = 409, description = "It was decided already, or nobody agreed in time."),
    ),
)]
#[post("/v1/operator/approvals/{id}/approve")]
async fn approve_approval(app: Data<App>, call: Signed, id: Path<ApprovalId>) -> Answer {
    let approval = app.approve(&call, id.0).await?;
    Ok(HttpResponse::Ok().json(wire(approval)))
}

/// Say no to it, or take it back.
///
/// By anybody of the operator, also by the one who asked, as long as nothing was done.
#[utoipa::path(
    tag = "approvals",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The approval.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a62")),
    responses(
        (status = 200, description = "It will not be done.", body = Approval),
        (status = 409, description = "It is too late."),
    ),
)]
#[post("/v1/operator/approvals/{id}/deny")]
async fn deny_approval(app: Data<App>, call: Signed, id: Path<ApprovalId>) -> Answer {
    let approval = app.deny_approval(&call, id.0).await?;
    Ok(HttpResponse::Ok().json(wire(approval)))
}

/// Look into a resident's access log.
///
/// For the one who asked, for half an hour after another person has agreed. Each page is an entry in that same log, with the
/// kind of reason, before it is shown; with the first one the resident is told. Nothing of a finding is shown.
#[utoipa::path(
    tag = "approvals",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The approval.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a62"),
        Page,
    ),
    responses(
        (status = 200, description = "One page of the log.", body = InspectedLog),
        (status = 409, description = "Nobody has agreed, or it is over."),
    ),
)]
#[get("/v1/operator/approvals/{id}/access-log")]
async fn get_approved_access_log(app: Data<App>, call: Signed, id: Path<ApprovalId>, query: Query<Page>) -> Answer {
    let cursors = Cursors::new(&app, &call, "get_approved_access_log", &id.0.to_string());
    let before = cursors.open::<i64>(query.0.cursor.as_deref())?;
    let (entries, next) = app.look_into_log(&call, id.0, before, query.0.limit.get()).await?;
    let next_cursor = next.map(|number| cursors.seal(&number)).transpose()?;
    Ok(HttpResponse::Ok().json(InspectedLog { items: entries.into_iter().map(inspected).collect(), next_cursor }))
}

/// Cut off a resident's phones.
///
/// For somebody who has lost the phone, has no other one, and calls a help line. For the one who asked, once, for half an hour
/// after another person has agreed. Every phone of the resident gets `device-revoked` with its next request. The resident is
/// told at the address that is stored, sees it in the access log, and comes back with a new slip or a recovery sheet.
#[utoipa::path(
    tag = "approvals",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The approval.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a62")),
    responses(
        (status = 200, description = "Cut off.", body = PhonesCutOff),
        (status = 409, description = "Nobody has agreed, it is over, or it was done already."),
    ),
)]
#[post("/v1/operator/approvals/{id}/cut-off")]
async fn cut_off_phones(app: Data<App>, call: Signed, id: Path<ApprovalId>) -> Answer {
    let phones = i64::try_from(app.cut_off_phones(&call, id.0).await?).unwrap_or(i64::MAX);
    Ok(HttpResponse::Ok().json(PhonesCutOff { phones }))
}

fn wire(approval: app_approvals::Approval) -> Approval {
    let wish = approval.wish;
    Approval {
        id: approval.id.to_string(),
        act: wish.act.as_str().to_owned(),
        why: wish.act.why().to_owned(),
        resident_id: approval.resident.to_string(),
        reason: approval.reason.map(Private::into_revealed),
        state: approval.state.as_str().to_owned(),
        asked_by: approval.asked_by,
        asked_at: wish.asked_at.to_string(),
        decided_by: approval.decided_by,
        used_at: wish.used_at.map(|at| at.to_string()),
        ends_at: wish.ends_at().to_string(),
    }
}

fn inspected(entry: Entry) -> InspectedEntry {
    InspectedEntry {
        number: entry.number,
        at: entry.at.to_string(),
        actor: entry.who.as_str().to_owned(),
        actor_id: entry.actor,
        organisation_id: entry.organisation.map(|(id, _)| id.to_string()),
        action: entry.action.as_str().to_owned(),
        outcome: entry.outcome.as_str().to_owned(),
        finding_id: entry.finding.map(|id| id.to_string()),
        basis: entry.basis.map(|basis| basis.as_str().to_owned()),
    }
}
