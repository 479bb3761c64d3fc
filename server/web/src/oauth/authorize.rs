//! The authorization endpoint (RFC 6749, 3.1): a page of our own on which people who work in the network sign in, and the
//! code that their browser carries to the client. The page loads nothing from anywhere else.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web::Data};
use nahraum_api_spec::oauth::{Authorization, AuthorizationAnswer};
use nahraum_app::{
    App,
    authorizations::{AuthorizationError, AuthorizationRequest},
};
use nahraum_texts::escape_html;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    extract::{Anyone, Json, Query},
    problem::{Answer, Failure, Words},
    register::ServiceConfig,
    staff::attempt,
};

/// What the pages may load: script and style of this server, and answers to their own questions.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                                       base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                                       require-trusted-types-for 'script'; trusted-types 'none'";

const SIGN_IN: [&str; 2] = [include_str!("page/sign-in.de.html"), include_str!("page/sign-in.en.html")];
const ENROL: [&str; 2] = [include_str!("page/enrol.de.html"), include_str!("page/enrol.en.html")];
const SCRIPT: &str = concat!(include_str!("page/common.js"), include_str!("page/sign-in.js"));
const STYLE: &str = include_str!("page/sign-in.css");

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_sign_in_page)
        .service(create_authorization)
        .service(get_enrolment_page)
        .service(get_sign_in_script)
        .service(get_sign_in_style);
}

/// A page or a part of it.
#[derive(ToSchema)]
#[schema(value_type = String, example = "<!doctype html>")]
#[expect(dead_code, reason = "stands for a schema only")]
pub(crate) struct Text(String);

/// An authorization request.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "what standard clients send is taken, also where it is not needed")]
struct Asked {
    /// `code`.
    #[param(nullable = false, example = "code")]
    response_type: Option<String>,
    /// `nahraum-staff`.
    #[param(nullable = false, example = "nahraum-staff")]
    client_id: Option<String>,
    /// Where the answer goes: one of the addresses that the operator has allowed, exactly.
    #[param(nullable = false, example = "https://portal.example.org/callback")]
    redirect_uri: Option<String>,
    /// Comes back to the client as it is.
    #[param(nullable = false, example = "af0ifjsldkj")]
    state: Option<String>,
    /// SHA-256 of the verifier that only the client knows (RFC 7636).
    #[param(nullable = false, example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
    code_challenge: Option<String>,
    /// `S256`.
    #[param(nullable = false, example = "S256")]
    code_challenge_method: Option<String>,
    /// The thumbprint of the key that the client will prove (RFC 9449, 10).
    #[param(nullable = false, example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]
    dpop_jkt: Option<String>,
    /// Who will probably sign in.
    #[param(nullable = false, example = "empfang")]
    login_hint: Option<String>,
    /// Taken and not needed: rights come from the organisation.
    #[param(nullable = false, example = "staff")]
    scope: Option<String>,
    /// Taken and not needed: every authorization is a sign-in.
    #[param(nullable = false, example = "login")]
    prompt: Option<String>,
    /// Taken and not needed: no ID tokens are given out.
    #[param(nullable = false, example = "n-0S6_WzA2Mj")]
    nonce: Option<String>,
    /// Taken and not needed: the answer is in the query.
    #[param(nullable = false, example = "query")]
    response_mode: Option<String>,
    /// Taken and not needed: the page follows `Accept-Language`.
    #[param(nullable = false, example = "de")]
    ui_locales: Option<String>,
    /// Taken and not needed: there is one resource server.
    #[param(nullable = false, example = "https://befunde.example.org")]
    resource: Option<String>,
}

/// Show the page to sign in.
///
/// The authorization endpoint of OAuth, for a browser: `response_type=code`, PKCE with S256, an exact `redirect_uri`. The
/// answer to the client carries `iss` (RFC 9207).
#[utoipa::path(
    tag = "oauth",
    security(()),
    params(Asked),
    responses(
        (status = 200, description = "The page.", body = Text, content_type = "text/html"),
        (status = 303, description = "The client is told what is wrong with its request."),
    ),
)]
#[get("/oauth/authorize")]
async fn get_sign_in_page(app: Data<App>, call: Anyone, asked: Query<Asked>) -> Answer {
    let asked = asked.0;
    let request = AuthorizationRequest {
        response_type: asked.response_type,
        client_id: asked.client_id,
        redirect_uri: asked.redirect_uri,
        state: asked.state,
        code_challenge: asked.code_challenge,
        code_challenge_method: asked.code_challenge_method,
        dpop_jkt: asked.dpop_jkt,
    };
    match app.judge_authorization(&request) {
        Ok(binding) => Ok(page(&call, SIGN_IN, &host_of(&binding.redirect_uri))),
        Err(AuthorizationError::Stranger) => Err(stranger()),
        Err(AuthorizationError::Tell(error, description)) => {
            let (url, state) = (request.redirect_uri.unwrap_or_default(), request.state);
            let fields = [("error", error), ("error_description", description)];
            let location = answer_at(&url, &fields, state.as_deref(), &app.settings().public_url);
            Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish())
        }
    }
}

/// Sign in on the page, for a client.
///
/// What the page of the authorization endpoint sends; not for other programs. The code goes to the client's address, is
/// good for a minute and once, and only with the verifier of its challenge.
#[utoipa::path(
    tag = "oauth",
    security(()),
    request_body = Authorization,
    responses((status = 201, description = "Where the browser goes now.", body = AuthorizationAnswer)),
)]
#[post("/oauth/authorize")]
async fn create_authorization(app: Data<App>, call: Anyone, request: HttpRequest, body: Json<Authorization>) -> Answer {
    // Another site's page cannot send JSON here without being asked first, and would be told no; this is the second lock.
    let site = request.headers().get("sec-fetch-site").map(header::HeaderValue::as_bytes);
    if site.is_some_and(|site| site != b"same-origin") {
        return Err(Failure::of("forbidden"));
    }
    let Authorization { response_type, client_id, redirect_uri, state, code_challenge, .. } = body.0;
    let Authorization { code_challenge_method, dpop_jkt, login, password, passkey, totp_code, .. } = body.0;
    let asked = AuthorizationRequest {
        response_type,
        client_id,
        redirect_uri,
        state,
        code_challenge,
        code_challenge_method,
        dpop_jkt,
    };
    let binding = app.judge_authorization(&asked).map_err(|error| match error {
        AuthorizationError::Stranger => stranger(),
        AuthorizationError::Tell(_, description) => {
            Failure::of("authorization-refused").detail(Words::same(description))
        }
    })?;
    let url = binding.redirect_uri.clone();
    let attempt = attempt(login, password, passkey, totp_code, body.0.organisation_id.as_deref())?;
    let code = app.authorize(&call, attempt, binding).await?;
    let fields = [("code", code.expose())];
    let redirect_to = answer_at(&url, &fields, asked.state.as_deref(), &app.settings().public_url);
    Ok(HttpResponse::Created().json(AuthorizationAnswer { redirect_to }))
}

/// Show the page to enrol.
///
/// For people who have a one-time secret: they choose a password and register their passkeys.
#[utoipa::path(
    tag = "staff",
    security(()),
    responses((status = 200, description = "The page.", body = Text, content_type = "text/html")),
)]
#[get("/enrol")]
async fn get_enrolment_page(call: Anyone) -> Answer {
    Ok(page(&call, ENROL, ""))
}

/// Give the script of the pages.
///
/// One file, for both pages.
#[utoipa::path(
    tag = "oauth",
    security(()),
    responses((status = 200, description = "The script.", body = Text, content_type = "text/javascript")),
)]
#[get("/oauth/sign-in.js")]
async fn get_sign_in_script() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(SCRIPT))
}

/// Give the style of the pages.
///
/// One file, for both pages.
#[utoipa::path(
    tag = "oauth",
    security(()),
    responses((status = 200, description = "The style.", body = Text, content_type = "text/css")),
)]
#[get("/oauth/sign-in.css")]
async fn get_sign_in_style() -> Answer {
    Ok(HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE))
}

/// A page in the reader's language, German unless they speak another one, with this text in the place of `{}`.
pub(crate) fn page(call: &Anyone, [german, english]: [&'static str; 2], filling: &str) -> HttpResponse {
    use nahraum_texts::Language::{De, DeSimple};
    let speaks_german = matches!(call.language, None | Some(De | DeSimple));
    let (text, language) = if speaks_german { (german, "de") } else { (english, "en") };
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_LANGUAGE, language))
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .body(text.replace("{}", &escape_html(filling)))
}

fn stranger() -> Failure {
    let english = "client_id or redirect_uri is not known here. Nothing was sent there.";
    Failure::of("authorization-refused").detail(Words::new(
        english,
        "client_id oder redirect_uri ist hier nicht bekannt. Es wurde nichts dorthin gesendet.",
    ))
}

/// The address of the client with an answer (RFC 6749, 4.1.2; RFC 9207).
fn answer_at(url: &str, fields: &[(&str, &str)], state: Option<&str>, issuer: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}{}", query.finish())
}

/// What a person recognises of an address: the host, or the scheme of an app.
fn host_of(url: &str) -> String {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next()).filter(|host| !host.is_empty());
    host.unwrap_or(scheme).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_who_it_is_from_and_brings_the_state_back() {
        let issuer = "https://nahraum.example";
        assert_eq!(
            answer_at("https://a.example/cb", &[("code", "nrc_x")], Some("a&b"), issuer),
            "https://a.example/cb?code=nrc_x&state=a%26b&iss=https%3A%2F%2Fnahraum.example"
        );
        assert!(
            answer_at("app.example:/cb?x=1", &[("error", "y")], None, issuer)
                .starts_with("app.example:/cb?x=1&error=y&iss=")
        );
    }

    #[test]
    fn people_see_whom_they_sign_in_for_and_no_tags_of_theirs() {
        assert_eq!(host_of("https://a.example/cb"), "a.example");
        assert_eq!(host_of("org.example.app:/cb"), "org.example.app");
        assert_eq!(escape_html("<b>&\""), "&lt;b&gt;&amp;&quot;");
    }
}
