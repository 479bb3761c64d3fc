//! Room device links: letting a second phone in with the first.

use actix_web::{HttpResponse, get, post, web::Data};
use jiff::Timestamp;
use nahraum_api_spec::device_links::{
    CreatedDeviceLink, DeviceClaim, DeviceClaimPoll, DeviceLink, DeviceLinkConfirmation, NewDeviceClaim,
};
use nahraum_app::{
    App,
    device_links::{Claim, Link, NewPhone},
};
use nahraum_domain::{ids::DeviceLinkId, private::Private};

use crate::{
    extract::{Anyone, Json, Path, Signed},
    problem::Answer,
    register::ServiceConfig,
    sessions::tokens,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_device_link)
        .service(get_device_link)
        .service(confirm_device_link)
        .service(claim_device_link)
        .service(poll_device_claim);
}

/// Let another phone in.
///
/// Gives a QR code for the other phone to scan: good for five minutes and for one phone, and it ends an earlier one. The
/// sign-in must not be older than five minutes. A resident has at most five phones.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    responses((status = 201, description = "The link and its code.", body = CreatedDeviceLink)),
)]
#[post("/v1/me/device-links")]
async fn create_device_link(app: Data<App>, call: Signed) -> Answer {
    let (link, qr_payload) = app.begin_device_link(&call).await?;
    Ok(HttpResponse::Created().json(CreatedDeviceLink { link: wire(link), qr_payload: qr_payload.into_revealed() }))
}

/// Show how far the other phone is.
///
/// Once it is `claimed`, ask the person for the number that the other phone shows.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The link.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a31")),
    responses((status = 200, description = "The link.", body = DeviceLink)),
)]
#[get("/v1/me/device-links/{id}")]
async fn get_device_link(app: Data<App>, call: Signed, id: Path<DeviceLinkId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.device_link(&call, id.0).await?)))
}

/// Type the number that the other phone shows.
///
/// Never show the number on this phone, and never send it anywhere: that it is read from one screen and typed on the other is
/// what proves that both are in the same hands. Three wrong numbers end the link.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The link.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a31")),
    request_body = DeviceLinkConfirmation,
    responses((status = 204, description = "The other phone is in.")),
)]
#[post("/v1/me/device-links/{id}/confirmation")]
async fn confirm_device_link(
    app: Data<App>,
    call: Signed,
    id: Path<DeviceLinkId>,
    body: Json<DeviceLinkConfirmation>,
) -> Answer {
    app.confirm_device_link(&call, id.0, &body.0.number).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Claim a link with a new phone.
///
/// The new phone sends what it has scanned, with a key of its own in the `DPoP` header and a PIN of its own, and shows the
/// number of the answer. Unknown, used and late codes get the same answer.
#[utoipa::path(
    tag = "devices",
    security(()),
    request_body = NewDeviceClaim,
    responses((status = 201, description = "The number to show.", body = DeviceClaim)),
)]
#[post("/v1/device-claims")]
async fn claim_device_link(app: Data<App>, call: Anyone, body: Json<NewDeviceClaim>) -> Answer {
    let NewDeviceClaim { code, device_secret, device_name, pin } = body.0;
    let phone = NewPhone {
        code: code.into(),
        device_secret: device_secret.map(Private::new),
        device_name: device_name.map(Private::new),
        pin: pin.into(),
    };
    let claim = app.claim_device_link(&call, phone).await?;
    Ok(HttpResponse::Created().json(wire_claim(claim, call.moment.now)))
}

/// Ask whether the new phone is in.
///
/// With the same key and code, every two seconds, until `session` is there.
#[utoipa::path(
    tag = "devices",
    security(()),
    request_body = DeviceClaimPoll,
    responses((status = 200, description = "Whether it is in.", body = DeviceClaim)),
)]
#[post("/v1/device-claims/session")]
async fn poll_device_claim(app: Data<App>, call: Anyone, body: Json<DeviceClaimPoll>) -> Answer {
    let secret = body.0.device_secret.map(Private::new);
    let claim = app.poll_device_link(&call, &body.0.code.into(), secret.as_ref()).await?;
    Ok(HttpResponse::Ok().json(wire_claim(claim, call.moment.now)))
}

fn wire(link: Link) -> DeviceLink {
    DeviceLink {
        id: link.id.to_string(),
        state: link.stage.as_str().to_owned(),
        device_name: link.device_name.map(Private::into_revealed),
        expires_at: link.expires_at.to_string(),
    }
}

fn wire_claim(claim: Claim, now: Timestamp) -> DeviceClaim {
    match claim {
        Claim::Waiting { number, expires_at } => DeviceClaim {
            state: "waiting".to_owned(),
            number: Some(format!("{number:02}")),
            expires_at: Some(expires_at.to_string()),
            session: None,
        },
        Claim::In(session) => DeviceClaim {
            state: "confirmed".to_owned(),
            number: None,
            expires_at: None,
            session: Some(tokens(&session, now)),
        },
    }
}
