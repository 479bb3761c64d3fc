//! Room push: the phone in the resident's hand asks to be woken when something is new.

use actix_web::{HttpResponse, delete, get, post, put, web::Data};
use nahraum_api_spec::push::{PushCode, PushState, PushSubscription};
use nahraum_app::{App, push::Wanted};
use nahraum_domain::push;

use crate::{
    extract::{Json, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_push).service(update_push).service(delete_push).service(confirm_push);
}

/// Tell whether this phone is woken.
///
/// The phone in the resident's hand; `GET /v1/me/devices` says it of all of them. Where it is woken is never told again.
#[utoipa::path(
    tag = "push",
    security(("bearer" = [])),
    responses((status = 200, description = "Whether it is.", body = PushState)),
)]
#[get("/v1/me/push")]
async fn get_push(app: Data<App>, call: Signed) -> Answer {
    answer(app.push_state(&call).await?)
}

/// Ask to be woken.
///
/// For the phone in the resident's hand, in place of an earlier address of the same phone. A push with a code goes to the address
/// at once; until the app has shown it (`POST /v1/me/push/confirmation`), nothing else does. Can be repeated as often as the app
/// starts: an address that is known stays as it is. A push says `{"v":1}` and nothing more: the app asks `GET /v1/sync` then.
#[utoipa::path(
    tag = "push",
    security(("bearer" = [])),
    request_body = PushSubscription,
    responses((status = 200, description = "Whether the phone is woken now, or has to show a code first.", body = PushState)),
)]
#[put("/v1/me/push")]
async fn update_push(app: Data<App>, call: Signed, body: Json<PushSubscription>) -> Answer {
    let PushSubscription { endpoint, p256dh, auth } = body.0;
    let wanted = Wanted { endpoint: endpoint.into(), p256dh: p256dh.into(), auth: auth.into() };
    answer(app.subscribe_push(&call, &wanted).await?)
}

/// Show the code that was pushed.
///
/// So that nobody can have this server knock somewhere that is not theirs. A code is good for an hour.
#[utoipa::path(
    tag = "push",
    security(("bearer" = [])),
    request_body = PushCode,
    responses((status = 200, description = "The phone is woken from now on.", body = PushState)),
)]
#[post("/v1/me/push/confirmation")]
async fn confirm_push(app: Data<App>, call: Signed, body: Json<PushCode>) -> Answer {
    answer(app.confirm_push(&call, &body.0.code.into()).await?)
}

/// Be woken no more.
///
/// The address and its keys are deleted. Signing out does the same, and so does cutting the phone off.
#[utoipa::path(
    tag = "push",
    security(("bearer" = [])),
    responses((status = 204, description = "Not woken any more.")),
)]
#[delete("/v1/me/push")]
async fn delete_push(app: Data<App>, call: Signed) -> Answer {
    app.unsubscribe_push(&call).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn answer(state: push::PushState) -> Answer {
    Ok(HttpResponse::Ok().json(PushState { state: state.as_str().to_owned() }))
}
