//! Room devices: the resident's phones, and the PIN on the one in their hand.

use actix_web::{HttpResponse, delete, get, patch, put, web::Data};
use nahraum_api_spec::devices::{Device, DeviceChange, DeviceList, PinChange};
use nahraum_app::{App, devices};
use nahraum_domain::ids::DeviceId;

use crate::{
    extract::{Json, Path, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_devices)
        .service(update_device)
        .service(delete_device)
        .service(end_other_sessions)
        .service(update_pin);
}

/// List the resident's phones.
///
/// Every phone (and browser) on which the resident can sign in.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    responses((status = 200, description = "The phones.", body = DeviceList)),
)]
#[get("/v1/me/devices")]
async fn list_devices(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.devices(&call).await?)))
}

/// Give a phone another name.
///
/// So that the resident knows later which one it is.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The device.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a22")),
    request_body = DeviceChange,
    responses((status = 200, description = "The phones as they are now.", body = DeviceList)),
)]
#[patch("/v1/me/devices/{id}")]
async fn update_device(app: Data<App>, call: Signed, id: Path<DeviceId>, body: Json<DeviceChange>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.rename_device(&call, id.0, &body.0.name).await?)))
}

/// Cut a phone off.
///
/// For a lost, stolen or sold phone. Its very next request is answered with `device-revoked`, and the app on it deletes
/// what it keeps. The phone in the resident's hand can be cut off as well.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The device.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a22")),
    responses((status = 204, description = "Cut off.")),
)]
#[delete("/v1/me/devices/{id}")]
async fn delete_device(app: Data<App>, call: Signed, id: Path<DeviceId>) -> Answer {
    app.cut_off_device(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all other sessions.
///
/// Signs the resident out on every other phone. The phones stay bound; the next sign-in there needs the PIN.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    responses((status = 204, description = "Ended.")),
)]
#[delete("/v1/me/other-sessions")]
async fn end_other_sessions(app: Data<App>, call: Signed) -> Answer {
    app.end_other_sessions(&call).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Set another PIN.
///
/// On the phone in the resident's hand; other phones keep theirs. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "devices",
    security(("bearer" = [])),
    request_body = PinChange,
    responses((status = 204, description = "Set.")),
)]
#[put("/v1/me/pin")]
async fn update_pin(app: Data<App>, call: Signed, body: Json<PinChange>) -> Answer {
    app.change_pin(&call, &body.0.pin.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(devices: Vec<devices::Device>) -> DeviceList {
    let device = |device: devices::Device| Device {
        id: device.id.to_string(),
        name: device.name.map(|name| name.reveal().clone()),
        current: device.current,
        proves_key: device.proves_key,
        push: device.push,
        created_at: device.created_at.to_string(),
        last_used_at: device.last_used_at.to_string(),
        expires_at: device.expires_at.to_string(),
    };
    DeviceList { items: devices.into_iter().map(device).collect() }
}
