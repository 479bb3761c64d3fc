//! Room staff: how people who work in the network prove who they are, and the factors they do it with.

use actix_web::{HttpResponse, delete, get, patch, post, put, web::Data};
use nahraum_api_spec::{
    sessions::Session,
    staff::{
        NewPasskey, PasskeyChallenge, PasskeyChange, PasskeyEntry, PasskeyProof, PasswordChange, SignInBegin,
        StaffFactors, StaffSignIn, TotpConfirmation, TotpOffer,
    },
};
use nahraum_app::{
    App, Secret,
    factors::{Factors, PasskeyAnswer, TotpBegun},
    staff::{Attempt, Begun, SecondFactor},
};
use nahraum_domain::ids::PasskeyId;

use crate::{
    extract::{Anyone, Json, Path, Signed, parse_id},
    problem::{Answer, Failure, Words},
    register::ServiceConfig,
    sessions::tokens,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_sign_in_challenge)
        .service(sign_in_staff)
        .service(get_factors)
        .service(create_passkey_challenge)
        .service(create_passkey)
        .service(update_passkey)
        .service(delete_passkey)
        .service(create_totp_secret)
        .service(update_totp)
        .service(delete_totp)
        .service(update_password);
}

/// Begin a sign-in with a passkey.
///
/// Also a login that nobody has gets a challenge, and the same one looks alike each time.
#[utoipa::path(
    tag = "staff",
    security(()),
    request_body = SignInBegin,
    responses((status = 201, description = "The challenge.", body = PasskeyChallenge)),
)]
#[post("/v1/sessions/staff/begin")]
async fn create_sign_in_challenge(app: Data<App>, call: Anyone, body: Json<SignInBegin>) -> Answer {
    Ok(HttpResponse::Created().json(challenge(app.begin_staff_sign_in(&call, body.0.login).await?)))
}

/// Sign a person who works in the network in.
///
/// With login and two factors: the password, and a passkey or a code from an authenticator app; people of an operator
/// only with a passkey. A single one is answered with `second-factor-required`. Wrong passwords slow the account down, and
/// a hundred in a day lock that way in until the next; who shows a passkey is not kept out by the tries of strangers.
/// Who works for several organisations names the one they act for now; without it the answer lists them in `errors`.
///
/// Sent with the token of a running session of the same person, that session ends and the new one is fresh: so delicate acts
/// are confirmed.
#[utoipa::path(
    tag = "staff",
    security(()),
    request_body = StaffSignIn,
    responses((status = 201, description = "The session.", body = Session)),
)]
#[post("/v1/sessions/staff")]
async fn sign_in_staff(app: Data<App>, call: Anyone, body: Json<StaffSignIn>) -> Answer {
    let StaffSignIn { login, password, passkey, totp_code, organisation_id } = body.0;
    let attempt = attempt(login, password, passkey, totp_code, organisation_id.as_deref())?;
    let session = app.sign_in_staff(&call, attempt).await?;
    Ok(HttpResponse::Created().json(tokens(&session, call.moment.now)))
}

/// Show one's own factors.
///
/// Passkeys, whether there are codes from an app, and what was changed last.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    responses((status = 200, description = "The factors.", body = StaffFactors)),
)]
#[get("/v1/staff/factors")]
async fn get_factors(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.factors(&call).await?)))
}

/// Begin to register another passkey.
///
/// The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    responses((status = 201, description = "The challenge.", body = PasskeyChallenge)),
)]
#[post("/v1/staff/passkey-challenges")]
async fn create_passkey_challenge(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Created().json(challenge(app.begin_passkey(&call).await?)))
}

/// Register another passkey.
///
/// Ends all other sessions of the person. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    request_body = NewPasskey,
    responses((status = 201, description = "The factors as they are now.", body = StaffFactors)),
)]
#[post("/v1/staff/passkeys")]
async fn create_passkey(app: Data<App>, call: Signed, body: Json<NewPasskey>) -> Answer {
    Ok(HttpResponse::Created().json(wire(app.add_passkey(&call, answer(body.0)?).await?)))
}

/// Give a passkey another name.
///
/// So that its owner knows later which one it is.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The passkey.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a53")),
    request_body = PasskeyChange,
    responses((status = 200, description = "The factors as they are now.", body = StaffFactors)),
)]
#[patch("/v1/staff/passkeys/{id}")]
async fn update_passkey(app: Data<App>, call: Signed, id: Path<PasskeyId>, body: Json<PasskeyChange>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.rename_passkey(&call, id.0, &body.0.label).await?)))
}

/// Remove a passkey.
///
/// Never the last second factor. Ends all other sessions of the person. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The passkey.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a53")),
    responses((status = 200, description = "The factors as they are now.", body = StaffFactors)),
)]
#[delete("/v1/staff/passkeys/{id}")]
async fn delete_passkey(app: Data<App>, call: Signed, id: Path<PasskeyId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.remove_passkey(&call, id.0).await?)))
}

/// Begin to set up codes from an authenticator app.
///
/// The second choice, and not for people of an operator. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    responses((status = 201, description = "The secret for the app.", body = TotpOffer)),
)]
#[post("/v1/staff/totp/begin")]
async fn create_totp_secret(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Created().json(totp(&app.begin_totp(&call).await?)))
}

/// Set up codes from an authenticator app.
///
/// In place of earlier ones. Ends all other sessions of the person. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    request_body = TotpConfirmation,
    responses((status = 200, description = "The factors as they are now.", body = StaffFactors)),
)]
#[put("/v1/staff/totp")]
async fn update_totp(app: Data<App>, call: Signed, body: Json<TotpConfirmation>) -> Answer {
    let ceremony = parse_id("/ceremony_id", &body.0.ceremony_id)?;
    Ok(HttpResponse::Ok().json(wire(app.set_totp(&call, ceremony, Secret::new(body.0.code)).await?)))
}

/// Remove the codes from an authenticator app.
///
/// Never the last second factor. Ends all other sessions of the person. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The factors as they are now.", body = StaffFactors),
        (status = 404, description = "There are none."),
    ),
)]
#[delete("/v1/staff/totp")]
async fn delete_totp(app: Data<App>, call: Signed) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.remove_totp(&call).await?)))
}

/// Set another password.
///
/// Ends all other sessions of the person. The sign-in must not be older than five minutes.
#[utoipa::path(
    tag = "staff",
    security(("bearer" = [])),
    request_body = PasswordChange,
    responses((status = 200, description = "The factors as they are now.", body = StaffFactors)),
)]
#[put("/v1/staff/password")]
async fn update_password(app: Data<App>, call: Signed, body: Json<PasswordChange>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.change_password(&call, Secret::new(body.0.password)).await?)))
}

/// What somebody shows to sign in.
pub(crate) fn attempt(
    login: String,
    password: Option<String>,
    passkey: Option<PasskeyProof>,
    totp_code: Option<String>,
    organisation: Option<&str>,
) -> Result<Attempt, Failure> {
    let second = match (passkey, totp_code) {
        (Some(_), Some(_)) => {
            let words = Words::new("Send a passkey or a code, not both.", "Passkey oder Code, nicht beides.");
            return Err(Failure::of("invalid").at("/totp_code", "one-of-two", words));
        }
        (Some(PasskeyProof { ceremony_id, answer }), None) => Some(SecondFactor::Passkey {
            ceremony: parse_id("/passkey/ceremony_id", &ceremony_id)?,
            answer: answer.into(),
        }),
        (None, code) => code.map(|code| SecondFactor::Totp(Secret::new(code))),
    };
    let organisation = organisation.map(|id| parse_id("/organisation_id", id)).transpose()?;
    Ok(Attempt { login, password: password.map(Secret::new), second, organisation })
}

pub(crate) fn answer(new: NewPasskey) -> Result<PasskeyAnswer, Failure> {
    let ceremony = parse_id("/ceremony_id", &new.ceremony_id)?;
    Ok(PasskeyAnswer { ceremony, answer: new.answer.into(), label: new.label })
}

pub(crate) fn challenge(begun: Begun) -> PasskeyChallenge {
    PasskeyChallenge {
        ceremony_id: begun.ceremony.to_string(),
        options: begun.options,
        expires_at: begun.expires_at.to_string(),
    }
}

pub(crate) fn totp(begun: &TotpBegun) -> TotpOffer {
    TotpOffer {
        ceremony_id: begun.ceremony.to_string(),
        uri: begun.uri.expose().to_owned(),
        secret: begun.secret.expose().to_owned(),
    }
}

pub(crate) fn wire(factors: Factors) -> StaffFactors {
    let entry = |key: nahraum_app::factors::Passkey| PasskeyEntry {
        id: key.id.to_string(),
        label: key.label,
        created_at: key.created_at.to_string(),
        last_used_at: key.last_used_at.map(|at| at.to_string()),
    };
    let (last_change, last_changed_at) = factors.changed.map(|(change, at)| (change, at.to_string())).unzip();
    StaffFactors {
        login: factors.login,
        passkeys: factors.passkeys.into_iter().map(entry).collect(),
        totp: factors.totp,
        last_change,
        last_changed_at,
    }
}
