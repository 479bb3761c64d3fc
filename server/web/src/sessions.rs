//! Room sessions: activation with a slip, signing in and out.

use actix_web::{HttpResponse, delete, get, post, web::Data};
use jiff::{SignedDuration, Timestamp};
use nahraum_api_spec::sessions::{Activated, Activation, CurrentSession, OrganisationRef, ResidentSignIn, Session};
use nahraum_app::sessions::OpenedSession;
use nahraum_app::{App, Fault, activations::ActivationRequest, consents::Decision};
use nahraum_domain::private::Private;

use crate::{
    consents::answer,
    extract::{Anyone, Json, Signed, parse_date},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(activate_resident).service(sign_in_resident).service(get_current_session).service(sign_out);
}

/// Activate an account with a slip.
///
/// The first contact: code and birth date from the slip, a PIN of the resident's own, a key the app has made for this
/// resident on this phone and proves in the `DPoP` header, and the consent text that was read. Everything that had waited for the resident is there afterwards.
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
    let (consent, decision, evidence) = answer(consent)?;
    if decision != Decision::Granted {
        let detail = "Whoever activates an account agrees to receive findings.";
        return Err(Fault { pointer: "/consent/decision", code: "unknown-word", detail }.into());
    }
    let request = ActivationRequest {
        code: code.into(),
        birth_date: parse_date("/birth_date", &birth_date)?.into(),
        device_secret: device_secret.map(Private::new),
        device_name: device_name.map(Private::new),
        pin: pin.into(),
        language,
        consent,
        evidence,
    };
    let done = app.activate(&call, request).await?;
    Ok(HttpResponse::Created().json(Activated {
        resident_id: done.resident.to_string(),
        practice_name: done.practice.name,
        confirmation_number: done.confirmation_number.map(|number| format!("{number:04}")),
        session: tokens(&done.session, call.moment.now),
    }))
}

/// Sign a resident in.
///
/// With the key of the `DPoP` header, which the app keeps for this resident, and the resident's PIN. Earlier sessions on the
/// same phone end. Five wrong PINs in a row cost a minute,
/// then 5, 15 and 60; after ten the phone is unbound and the practice gives a new slip.
#[utoipa::path(
    tag = "sessions",
    security(()),
    request_body = ResidentSignIn,
    responses((status = 201, description = "The session.", body = Session)),
)]
#[post("/v1/sessions/resident")]
async fn sign_in_resident(app: Data<App>, call: Anyone, body: Json<ResidentSignIn>) -> Answer {
    let session = app.sign_in_resident(&call, body.0.device_secret.as_deref(), &body.0.pin).await?;
    Ok(HttpResponse::Created().json(tokens(&session, call.moment.now)))
}

/// Show the session of this token.
///
/// Who is signed in, for which organisation, and until when what is possible.
#[utoipa::path(
    tag = "sessions",
    security(("bearer" = [])),
    responses((status = 200, description = "The session.", body = CurrentSession)),
)]
#[get("/v1/sessions/current")]
async fn get_current_session(app: Data<App>, call: Signed) -> Answer {
    let who = app.whoami(&call).await?;
    Ok(HttpResponse::Ok().json(CurrentSession {
        kind: who.kind.as_str().to_owned(),
        organisation: who.organisation.map(|organisation| OrganisationRef {
            id: organisation.id.to_string(),
            kind: organisation.kind.as_str().to_owned(),
            name: organisation.name,
        }),
        authenticated_at: who.authenticated_at.to_string(),
        fresh_until: who.fresh_until.to_string(),
        expires_at: who.expires_at.to_string(),
        idle_seconds: seconds(who.idle),
        new_security_events: who.news.map(count),
    }))
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

/// The answer that hands tokens out.
pub(crate) fn tokens(session: &OpenedSession, now: Timestamp) -> Session {
    Session {
        access_token: session.access.expose().to_owned(),
        token_type: if session.bound { "DPoP" } else { "Bearer" }.to_owned(),
        expires_in: seconds(session.access_expires_at.duration_since(now)),
        refresh_token: session.refresh.as_ref().map(|token| token.expose().to_owned()),
        session_expires_at: session.expires_at.to_string(),
        client_id: None,
        scope: None,
        new_security_events: session.news.map(count),
    }
}

fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn seconds(duration: SignedDuration) -> i32 {
    i32::try_from(duration.as_secs()).unwrap_or(i32::MAX)
}
