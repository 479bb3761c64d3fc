//! Room accounts: the resident's own settings and practices.

use actix_web::{HttpResponse, delete, get, patch, post, put, web::Data};
use nahraum_api_spec::{
    accounts::{Discretion, LinkedPractice, Me, MeChange, PracticeLink},
    findings::PracticeRef,
};
use nahraum_app::{App, Fault, accounts::Account};
use nahraum_domain::{
    ids::PracticeId,
    private::Private,
    release::{Discretion as Wanted, Wish},
};

use crate::{
    extract::{ActingHeader, Json, Path, Signed, parse_date},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_me).service(update_me).service(delete_me).service(link_practice).service(update_discretion);
}

/// Show the resident's own account.
///
/// The language, the address for notices, and the practices that can deliver.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The account.", body = Me)),
)]
#[get("/v1/me")]
async fn get_me(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.account(&call).await?)))
}

/// Change the resident's settings.
///
/// What is absent stays as it is. An empty `notice_address` takes the address away; without one no mail is ever sent.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = MeChange,
    responses((status = 200, description = "The account as it is now.", body = Me)),
)]
#[patch("/v1/me")]
async fn update_me(app: Data<App>, call: Signed, body: Json<MeChange>) -> Answer {
    let MeChange { language, notice_address, notify_first_access, release } = body.0;
    let detail = "One of at-once, after-talk, not-on-phone.";
    let unknown = Fault { pointer: "/release", code: "unknown-wish", detail };
    let release = release.map(|word| Wish::parse(&word).ok_or(unknown)).transpose()?;
    let account =
        app.change_account(&call, language.as_deref(), notice_address.as_deref(), notify_first_access, release).await?;
    Ok(HttpResponse::Ok().json(wire(account)))
}

/// Erase the account.
///
/// For good, at once, and with everything in it: findings, phones, consents, settings. The key that they were encrypted
/// with is destroyed first, so that no backup brings them back either; backups of keys are kept for at most seven days. The
/// practices keep what they must keep themselves. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    responses((status = 204, description = "Erased. The token opens nothing any more.")),
)]
#[delete("/v1/me")]
async fn delete_me(app: Data<App>, call: Signed) -> Answer {
    app.erase_own_account(&call).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Link another practice.
///
/// With the code of that practice's own slip, scanned inside the app. Nothing is ever linked by name or birth date
/// alone. The sign-in must not be older than five minutes. After a posted slip the practice has to confirm first.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    request_body = PracticeLink,
    responses((status = 201, description = "The practice that can deliver from now on.", body = PracticeRef)),
)]
#[post("/v1/me/practices")]
async fn link_practice(app: Data<App>, call: Signed, body: Json<PracticeLink>) -> Answer {
    let PracticeLink { code, birth_date } = body.0;
    let birth_date = parse_date("/birth_date", &birth_date)?;
    let practice = app.link_practice(&call, &Private::new(code), birth_date.into()).await?;
    Ok(HttpResponse::Created().json(PracticeRef { id: practice.id.to_string(), name: practice.name }))
}

/// Say how the findings of a practice come.
///
/// Without a notice, put away, or both. It holds for what comes from now on; the practice does not learn of it. Needs a sign-in
/// of the last five minutes.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The practice.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")),
    request_body = Discretion,
    responses(
        (status = 204, description = "Noted."),
        (status = 404, description = "It is none of the resident's practices."),
    ),
)]
#[put("/v1/me/practices/{id}/discretion")]
async fn update_discretion(app: Data<App>, call: Signed, id: Path<PracticeId>, body: Json<Discretion>) -> Answer {
    let Discretion { notice, put_away } = body.0;
    app.set_discretion(&call, id.0, Wanted { notice, put_away }).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(account: Account) -> Me {
    let practices = account.practices.into_iter().map(|one| LinkedPractice {
        id: one.practice.id.to_string(),
        name: one.practice.name,
        linked_at: one.linked_at.to_string(),
        binding: one.binding.as_str().to_owned(),
        state: if one.pending { "pending-confirmation" } else { "linked" }.to_owned(),
        confirmation_number: one.confirmation_number.map(|number| format!("{number:04}")),
        notice: one.discretion.notice,
        put_away: one.discretion.put_away,
    });
    Me {
        id: account.id.to_string(),
        language: account.language,
        notice_address: account.notice_address.map(|address| address.reveal().clone()),
        notify_first_access: account.notify_first_access,
        release: account.release.as_str().to_owned(),
        practices: practices.collect(),
    }
}
