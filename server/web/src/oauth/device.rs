//! Pairing by a code (RFC 8628): software without a browser asks to be let in, shows a code, and asks until a person of a
//! practice has typed it.

use actix_web::{HttpResponse, get, http::header, post, web::Data};
use nahraum_api_spec::{
    oauth::OAuthError,
    sessions::Session,
    software::{DeviceAuthorization, DeviceAuthorizationRequest},
};
use nahraum_app::{
    App, Call,
    software::{PairingAnswer, PollAnswer, UNPAIRED},
};
use nahraum_domain::{network::Network, software::POLL_SECONDS};

use super::{OAuthRefusal, client};
use crate::{
    extract::{Anyone, Form, Sender},
    problem::Answer,
    software::fingerprint,
};

/// The grant's name.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What people see who follow the address beside a code.
const PAGE: &str = "<!doctype html>\n<html lang=\"de\">\n<meta charset=\"utf-8\">\n<title>Programm verbinden</title>\n\
    <h1>Programm verbinden</h1>\n<p>Melden Sie sich in Ihrer Praxis an Nahraum an, wählen Sie &bdquo;Programm \
    verbinden&ldquo; und tippen Sie dort den Code ein, den das Programm zeigt. Vergleichen Sie den Fingerabdruck. Der Code \
    gilt zehn Minuten.</p>\n<p lang=\"en\">Sign in to Nahraum as a person of your practice, choose &ldquo;connect a \
    program&rdquo; and type the code that the program shows. Compare the fingerprint. The code is good for ten \
    minutes.</p>\n</html>\n";

/// Ask to be let in.
///
/// For software of a practice that is not known yet (RFC 8628). It makes a key, shows the answer's `user_code` and
/// `key_fingerprint` to a person of the practice, and asks at the token endpoint until that person has decided. Nobody is
/// turned away: where too many wait, an older wish gives way, one from the same network first. Its `device_code` is answered
/// `invalid_grant` from then on; begin anew.
#[utoipa::path(
    tag = "oauth",
    security(()),
    request_body(content = DeviceAuthorizationRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The codes.", body = DeviceAuthorization),
        (status = 400, description = "An error of OAuth.", body = OAuthError),
    ),
)]
#[post("/oauth/device_authorization")]
pub(super) async fn create_device_authorization(app: Data<App>, call: Anyone, sender: Sender, form: Form) -> Answer {
    match begun(&app, &call, sender.0, &form).await {
        Ok(codes) => Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(codes)),
        Err(refusal) => refusal.answer(call.moment.now),
    }
}

async fn begun(app: &App, call: &Call, network: Network, form: &Form) -> Result<DeviceAuthorization, OAuthRefusal> {
    if form.one("client_id")? != Some(UNPAIRED) {
        return Err(OAuthRefusal::new("invalid_client", "Software that wants to be let in is called nahraum-agent."));
    }
    let label = form.one("client_name")?.ok_or_else(|| OAuthRefusal::missing("client_name"))?;
    let jwk = form.one("jwk")?.ok_or_else(|| OAuthRefusal::missing("jwk"))?;
    let new = match app.begin_pairing(call, network, label, jwk).await? {
        PairingAnswer::Begun(new) => new,
        PairingAnswer::Invalid(why) => return Err(OAuthRefusal::new("invalid_request", why)),
    };
    let left = new.expires_at.duration_since(call.moment.now).as_secs();
    Ok(DeviceAuthorization {
        device_code: new.device_code.expose().to_owned(),
        user_code: new.user_code.shown().expose().to_owned(),
        verification_uri: format!("{}/pair", app.settings().public_url),
        expires_in: i32::try_from(left).unwrap_or(i32::MAX),
        interval: POLL_SECONDS,
        client_id: new.client.to_string(),
        key_fingerprint: fingerprint(new.thumbprint.as_bytes()),
    })
}

/// The first token of software, once a person has let it in.
pub(super) async fn grant(app: &App, call: &Call, form: &Form) -> Result<Session, OAuthRefusal> {
    let code = form.one("device_code")?.ok_or_else(|| OAuthRefusal::missing("device_code"))?;
    let error = match app.poll_pairing(call, code).await.map_err(client::refused)? {
        PollAnswer::Tokens(client, opened) => return Ok(client::software_tokens(client, &opened, call)),
        PollAnswer::Pending => ("authorization_pending", "Nobody has typed the code yet."),
        PollAnswer::SlowDown => ("slow_down", "Wait five seconds more between two questions from now on."),
        PollAnswer::Denied => ("access_denied", "A person of the practice has said no."),
        PollAnswer::Expired => ("expired_token", "Nobody typed the code in time. Begin anew."),
        PollAnswer::InvalidGrant => {
            ("invalid_grant", "The device code is unknown, was used, or gave way to a newer one.")
        }
    };
    Err(OAuthRefusal::new(error.0, error.1))
}

/// Tell people what to do with a code.
///
/// A small page for people, where `verification_uri` leads.
#[utoipa::path(
    tag = "oauth",
    security(()),
    responses((status = 200, description = "What to do.", content_type = "text/html", body = String)),
)]
#[get("/pair")]
pub(super) async fn get_pairing_help() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(PAGE))
}
