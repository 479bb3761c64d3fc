//! Room inbox: uploads of which it is not clear whose they are.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::practices::{Assignment, Inbox, InboxItem, Receipt};
use nahraum_app::{App, inbox as app_inbox};
use nahraum_domain::ids::FindingId;

use crate::{
    extract::{Json, Path, Signed, parse_date},
    problem::Answer,
    receipts::wire as receipt,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_inbox).service(assign_inbox_item).service(reject_inbox_item);
}

/// List what waits in the inbox.
///
/// Oldest first, at most 200: whom the file names, why it was not clear, and which of the practice's patients it may
/// belong to. What nobody decides on is destroyed after thirty days.
#[utoipa::path(
    tag = "inbox",
    security(("bearer" = [])),
    responses((status = 200, description = "What waits.", body = Inbox)),
)]
#[get("/v1/practice/inbox")]
async fn list_inbox(app: Data<App>, call: Signed) -> Answer {
    let items = app.inbox(&call).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(Inbox { items }))
}

/// Say whose finding it is.
///
/// The patient's birth date is asked again and compared. The finding is delivered at once, or waits for the patient's
/// activation.
#[utoipa::path(
    tag = "inbox",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    request_body = Assignment,
    responses((status = 200, description = "The receipt.", body = Receipt)),
)]
#[post("/v1/practice/inbox/{id}/assign")]
async fn assign_inbox_item(app: Data<App>, call: Signed, id: Path<FindingId>, body: Json<Assignment>) -> Answer {
    let Assignment { patient_reference, birth_date } = body.0;
    let birth_date = parse_date("/birth_date", &birth_date)?;
    let record = app.assign_inbox_item(&call, id.0, patient_reference.into(), birth_date.into()).await?;
    Ok(HttpResponse::Ok().json(receipt(record, false)))
}

/// Throw an item out of the inbox.
///
/// Its content is destroyed at once; the receipt stays.
#[utoipa::path(
    tag = "inbox",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The finding.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02")),
    responses((status = 200, description = "The receipt.", body = Receipt)),
)]
#[post("/v1/practice/inbox/{id}/reject")]
async fn reject_inbox_item(app: Data<App>, call: Signed, id: Path<FindingId>) -> Answer {
    Ok(HttpResponse::Ok().json(receipt(app.reject_inbox_item(&call, id.0).await?, false)))
}

fn wire(item: app_inbox::InboxItem) -> InboxItem {
    let expires_at = item.receipt.expires_at.map_or_else(String::new, |at| at.to_string());
    InboxItem {
        receipt: receipt(item.receipt, false),
        title: item.title.into_revealed(),
        references: item.subject.references.into_iter().map(|r| r.into_revealed()).collect(),
        birth_date: item.subject.birth_date.map(|d| d.reveal().to_string()),
        name: item.subject.name.map(|n| n.into_revealed()),
        order_number: item.subject.order.map(|o| o.into_revealed()),
        proposals: item.proposals.into_iter().map(|r| r.into_revealed()).collect(),
        expires_at,
    }
}
