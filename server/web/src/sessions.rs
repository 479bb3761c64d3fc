//! Room sessions: activation with a slip, signing in and out.

use actix_web::{HttpResponse, delete, post, web::Data};
use nahraum_api_spec::sessions::{Activated, Activation, ResidentSignIn, Session, StaffSignIn};
use nahraum_app::sessions::OpenedSession;
use nahraum_app::{App, Secret, activations::ActivationRequest, consents::agreed};
use nahraum_domain::private::Private;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    extract::{Anyone, Json, Signed, parse_date},
    problem::Answer,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(activate_resident).service(sign_in_resident).service(sign_in_staff).service(sign_out);
}

/// Activate an account with a slip.
///
/// The first contact: code and birth date from the slip, a PIN of the resident's own, a secret the app has made for
/// this phone, and the consent text that was read. Everything that had waited for the resident is there afterwards.
/// An unknown, used, expired or wrong code and a wrong birth date all get the same answer. When the answer was lost on
/// the way, send exactly the same again within a day.
#[utoipa::path(
    tag = "sessions",
    security(()),
    request_body = Activation,
    responses((status = 201, description = "The account, with a session.", body = Activated)),
)]
#[post("/v1/activations")]
async fn activate_resident(app: Data<App>, call: Anyone, body: Json<Activation>) -> Answer {
    let Activation { code, birth_date, device_secret, device_name, pin, language, consent } = body.0;
    let request = ActivationRequest {
        code: code.into(),
        birth_date: parse_date("/birth_date", &birth_date)?.into(),
        device_secret: device_secret.into(),
        device_name: device_name.map(Private::new),
        pin: pin.into(),
        language,
        consent: agreed(&consent.purpose, consent.version, &consent.lang, &consent.sha256)?,
    };
    let done = app.activate(&call, request).await?;
    Ok(HttpResponse::Created().json(Activated {
        resident_id: done.resident.to_string(),
        practice_name: done.practice.name,
        session: wire(&done.session),
    }))
}

/// Sign a resident in.
///
/// With the secret the app keeps for this resident and the resident's PIN. Five wrong PINs in a row cost a minute,
/// then 5, 15 and 60; after ten the phone is unbound and the practice gives a new slip.
#[utoipa::path(
    tag = "sessions",
    security(()),
    request_body = ResidentSignIn,
    responses((status = 201, description = "The session.", body = Session)),
)]
#[post("/v1/sessions/resident")]
async fn sign_in_resident(app: Data<App>, call: Anyone, body: Json<ResidentSignIn>) -> Answer {
    let session = app.sign_in_resident(&call, &body.0.device_secret, &body.0.pin).await?;
    Ok(HttpResponse::Created().json(wire(&session)))
}

/// Sign a person of a practice in.
///
/// With login and password. Wrong passwords slow the account down; a hundred in a day lock it until the next.
#[utoipa::path(
    tag = "sessions",
    security(()),
    request_body = StaffSignIn,
    responses((status = 201, description = "The session.", body = Session)),
)]
#[post("/v1/sessions/staff")]
async fn sign_in_staff(app: Data<App>, call: Anyone, body: Json<StaffSignIn>) -> Answer {
    let StaffSignIn { login, password } = body.0;
    let session = app.sign_in_staff(&call, login, Secret::new(password)).await?;
    Ok(HttpResponse::Created().json(wire(&session)))
}

/// Sign out.
///
/// Ends the session of this token. The very next request with it is refused.
#[utoipa::path(
    tag = "sessions",
    security(("bearer" = [])),
    responses((status = 204, description = "Signed out.")),
)]
#[delete("/v1/sessions/current")]
async fn sign_out(app: Data<App>, call: Signed) -> Answer {
    app.sign_out(&call).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(session: &OpenedSession) -> Session {
    Session {
        access_token: session.token.expose().to_owned(),
        token_type: "Bearer".into(),
        expires_at: session.expires_at.to_string(),
    }
}
