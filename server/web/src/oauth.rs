//! Room oauth: the endpoints that standard client libraries speak with (RFC 6749, 7009, 8414, 9449).
//!
//! Their errors have the form of RFC 6749, 5.2, because that is what those libraries read.

pub(crate) mod authorize;
mod client;
mod code;
mod device;
mod refresh;
mod refusal;

use actix_web::{HttpResponse, get, http::header, post, web::Data};
use nahraum_api_spec::{
    oauth::{AuthorizationServer, MtlsEndpoints, OAuthError, RevocationRequest, TokenRequest},
    sessions::Session,
};
use nahraum_app::App;

use self::refusal::OAuthRefusal;
pub(crate) use self::{
    authorize::{Text, page},
    refusal::DPOP_NONCE,
};
use crate::{
    extract::{Anyone, Form},
    problem::Answer,
    register::ServiceConfig,
    sessions::tokens,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    authorize::routes(cfg);
    cfg.service(create_token)
        .service(revoke_token)
        .service(get_authorization_server)
        .service(client::update_software_key)
        .service(client::create_client_certificate)
        .service(device::create_device_authorization)
        .service(device::get_pairing_help);
}

/// Ask for tokens.
///
/// The token endpoint of OAuth. Each `grant_type` has its own fields.
///
/// `authorization_code`: exchanges the code of a sign-in in the browser, once and within a minute. The key of the `DPoP`
/// header is what the tokens are bound to.
///
/// `refresh_token`: exchanges a refresh token for the next pair, with the same key in the `DPoP` header as at the sign-in.
/// When the answer is lost on the way, ask again with the same refresh token: as long as nothing of the lost answer was
/// used, another one is given. A refresh token that was used up before ends its session, because then two hold it.
///
/// `client_credentials`: software of a practice shows an assertion that its key has signed, and gets a token of ten minutes
/// for its uploads. A bad assertion is counted; after twenty within an hour the software is suspended.
///
/// At the address that `mtls_endpoint_aliases` names, a certificate of the practice CA does for an assertion and for a proof:
/// `client_id` says whose it is, and the token is bound to the certificate (RFC 8705).
///
/// `urn:ietf:params:oauth:grant-type:device_code`: software that asked to be let in hears what a person has decided.
#[utoipa::path(
    tag = "oauth",
    security(()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens.", body = Session),
        (status = 400, description = "An error of OAuth.", body = OAuthError),
        (status = 401, description = "The assertion is not good.", body = OAuthError),
        (status = 429, description = "Too often.", body = OAuthError),
    ),
)]
#[post("/oauth/token")]
async fn create_token(app: Data<App>, call: Anyone, form: Form) -> Answer {
    let now = call.moment.now;
    let given = match form.one("grant_type") {
        Ok(Some("authorization_code")) => code::grant(&app, &call, &form).await.map(|opened| tokens(&opened, now)),
        Ok(Some("refresh_token")) => refresh::grant(&app, &call, &form).await.map(|opened| tokens(&opened, now)),
        Ok(Some("client_credentials")) => client::grant(&app, &call, &form).await,
        Ok(Some(device::GRANT)) => device::grant(&app, &call, &form).await,
        Ok(Some(_)) => Err(OAuthRefusal::unsupported_grant()),
        Ok(None) => Err(OAuthRefusal::missing("grant_type")),
        Err(twice) => Err(OAuthRefusal::twice(twice)),
    };
    match given {
        Ok(given) => Ok(HttpResponse::Ok().insert_header((header::PRAGMA, "no-cache")).json(given)),
        Err(refusal) => refusal.answer(now),
    }
}

/// Give tokens back.
///
/// The revocation endpoint of OAuth: the whole session of the token ends, with the next request. Also unknown tokens are
/// answered with 200. The token of software can be given back with an assertion instead of a proof.
#[utoipa::path(
    tag = "oauth",
    security(()),
    request_body(content = RevocationRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token opens nothing (any more)."),
        (status = 400, description = "An error of OAuth.", body = OAuthError),
        (status = 401, description = "The assertion is not good.", body = OAuthError),
    ),
)]
#[post("/oauth/revoke")]
async fn revoke_token(app: Data<App>, call: Anyone, form: Form) -> Answer {
    let token = match form.one("token") {
        Ok(Some(token)) => token,
        Ok(None) => return OAuthRefusal::missing("token").answer(call.moment.now),
        Err(twice) => return OAuthRefusal::twice(twice).answer(call.moment.now),
    };
    let done = match client::shown(&form) {
        Ok(Some(shown)) => client::revoke(&app, &call, shown, token).await,
        Ok(None) => app.revoke_token(&call, token).await.map_err(OAuthRefusal::from),
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => Ok(HttpResponse::Ok().finish()),
        Err(refusal) => refusal.answer(call.moment.now),
    }
}

/// Tell what the authorization server can do.
///
/// For client libraries (RFC 8414).
#[utoipa::path(
    tag = "oauth",
    security(()),
    responses((status = 200, description = "The metadata.", body = AuthorizationServer)),
)]
#[get("/.well-known/oauth-authorization-server")]
async fn get_authorization_server(app: Data<App>) -> Answer {
    let (url, mtls) = (&app.settings().public_url, app.settings().mtls_url.as_ref());
    let methods: &[&str] =
        if mtls.is_some() { &["none", "private_key_jwt", "tls_client_auth"] } else { &["none", "private_key_jwt"] };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Ok(HttpResponse::Ok().json(AuthorizationServer {
        issuer: url.clone(),
        token_endpoint: format!("{url}/oauth/token"),
        revocation_endpoint: format!("{url}/oauth/revoke"),
        authorization_endpoint: format!("{url}/oauth/authorize"),
        response_types_supported: words(&["code"]),
        code_challenge_methods_supported: words(&["S256"]),
        authorization_response_iss_parameter_supported: true,
        device_authorization_endpoint: format!("{url}/oauth/device_authorization"),
        grant_types_supported: words(&["authorization_code", "refresh_token", "client_credentials", device::GRANT]),
        scopes_supported: words(&[client::SCOPE]),
        token_endpoint_auth_methods_supported: words(methods),
        token_endpoint_auth_signing_alg_values_supported: words(&nahraum_app::SIGNING_ALGORITHMS),
        revocation_endpoint_auth_methods_supported: words(&["none", "private_key_jwt"]),
        revocation_endpoint_auth_signing_alg_values_supported: words(&nahraum_app::SIGNING_ALGORITHMS),
        dpop_signing_alg_values_supported: words(&nahraum_app::SIGNING_ALGORITHMS),
        tls_client_certificate_bound_access_tokens: mtls.is_some(),
        mtls_endpoint_aliases: mtls.map(|url| MtlsEndpoints {
            token_endpoint: format!("{url}/oauth/token"),
            revocation_endpoint: format!("{url}/oauth/revoke"),
        }),
        service_documentation: format!("{url}/v1/openapi.json"),
    }))
}
