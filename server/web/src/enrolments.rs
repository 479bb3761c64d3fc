//! Room enrolments: with a one-time secret a person sets their own factors.

use actix_web::{HttpResponse, post, web::Data};
use nahraum_api_spec::staff::{Enrolment, EnrolmentBegin, EnrolmentOffer, StaffFactors};
use nahraum_app::{App, Secret, enrolments::NewFactors};

use crate::{
    extract::{Anyone, Json, parse_id},
    problem::{Answer, Failure},
    register::ServiceConfig,
    staff::{answer, challenge, totp, wire},
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_enrolment_challenge).service(create_enrolment);
}

/// Begin an enrolment.
///
/// Tells the person who they are here, and gives what a passkey or an authenticator app needs. Ask again for a second
/// passkey. The secret stays good until it is used.
#[utoipa::path(
    tag = "staff",
    security(()),
    request_body = EnrolmentBegin,
    responses((status = 201, description = "What is needed.", body = EnrolmentOffer)),
)]
#[post("/v1/enrolments/begin")]
async fn create_enrolment_challenge(app: Data<App>, call: Anyone, body: Json<EnrolmentBegin>) -> Answer {
    let begun = app.begin_enrolment(&call, &body.0.secret).await?;
    Ok(HttpResponse::Created().json(EnrolmentOffer {
        login: begun.login,
        organisations: begun.organisations,
        passkey: begun.passkey.map(challenge),
        totp: begun.totp.as_ref().map(totp),
    }))
}

/// Enrol.
///
/// Sets password and second factors, in place of all that the person had, and ends their sessions. The secret is used up,
/// unless something was not right: then the person corrects it and sends it again.
#[utoipa::path(
    tag = "staff",
    security(()),
    request_body = Enrolment,
    responses((status = 201, description = "The factors.", body = StaffFactors)),
)]
#[post("/v1/enrolments")]
async fn create_enrolment(app: Data<App>, call: Anyone, body: Json<Enrolment>) -> Answer {
    let Enrolment { secret, password, passkeys, totp } = body.0;
    let code = |totp: nahraum_api_spec::staff::TotpConfirmation| {
        Ok::<_, Failure>((parse_id("/totp/ceremony_id", &totp.ceremony_id)?, Secret::new(totp.code)))
    };
    let new = NewFactors {
        password: Secret::new(password),
        passkeys: passkeys.into_iter().map(answer).collect::<Result<_, _>>()?,
        totp: totp.map(code).transpose()?,
    };
    Ok(HttpResponse::Created().json(wire(app.enrol(&call, &secret, new).await?)))
}
