//! Software of a practice at the OAuth endpoints: the grant `client_credentials` (RFC 6749, 4.4), by an assertion that its
//! key has signed (RFC 7523), and the renewal of that key.

use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use nahraum_api_spec::{
    oauth::OAuthError,
    sessions::Session,
    software::{CertificateRequest, ClientCertificate, KeyRenewal, SoftwareClient},
};
use nahraum_app::{
    App, Call, Refusal,
    sessions::OpenedSession,
    software::{CLIENT_ASSERTION_TYPE, ClientProof, SoftwareAnswer},
};
use nahraum_domain::ids::CredentialId;

use super::OAuthRefusal;
use crate::{
    extract::{Anyone, Form},
    problem::Answer,
    sessions::tokens,
    software::wire,
};

/// What software may do (RFC 6749, 3.3).
pub(super) const SCOPE: &str = "findings:write";

/// The assertion of a form and the name that stands beside it, if there is one.
///
/// # Errors
/// When a field is there twice, or the assertion is of another type.
pub(super) fn shown(form: &Form) -> Result<Option<ClientProof<'_>>, OAuthRefusal> {
    let client_id = form.one("client_id")?;
    match (form.one("client_assertion_type")?, form.one("client_assertion")?) {
        (_, None) => Ok(None),
        (Some(CLIENT_ASSERTION_TYPE), Some(assertion)) => Ok(Some(ClientProof::Assertion(client_id, assertion))),
        (Some(_) | None, Some(_)) => {
            Err(invalid_client("client_assertion_type is urn:ietf:params:oauth:client-assertion-type:jwt-bearer."))
        }
    }
}

/// The assertion of a form; without one, the client's name, for which the certificate of its connection speaks.
fn must_show<'f>(call: &Call, form: &'f Form) -> Result<ClientProof<'f>, OAuthRefusal> {
    match (shown(form)?, form.one("client_id")?) {
        (Some(assertion), _) => Ok(assertion),
        (None, Some(client)) if call.shows_certificate() => Ok(ClientProof::Certificate(client)),
        (None, _) => Err(invalid_client("client_assertion is missing.")),
    }
}

/// A token for software that proves its key.
pub(super) async fn grant(app: &App, call: &Call, form: &Form) -> Result<Session, OAuthRefusal> {
    let shown = must_show(call, form)?;
    if form.one("scope")?.is_some_and(|scope| scope != SCOPE) {
        return Err(OAuthRefusal::new("invalid_scope", "The only scope is findings:write."));
    }
    let answer = app.sign_in_software(call, shown).await.map_err(refused)?;
    let (client, opened) = good(answer)?;
    Ok(software_tokens(client, &opened, call))
}

/// The tokens of software: its own name, and what it may do.
pub(super) fn software_tokens(client: CredentialId, opened: &OpenedSession, call: &Call) -> Session {
    let scope = Some(SCOPE.to_owned());
    Session { client_id: Some(client.to_string()), scope, ..tokens(opened, call.moment.now) }
}

/// Ends a token of the software that has signed the form's assertion.
pub(super) async fn revoke(app: &App, call: &Call, shown: ClientProof<'_>, token: &str) -> Result<(), OAuthRefusal> {
    good(app.revoke_token_of_software(call, shown, token).await?)
}

/// Put a new key in the place of the old one.
///
/// For software of a practice, from the sixtieth day of its key on: a key ends after ninety. The old key signs the
/// assertion, or its certificate speaks for it; it ends with this, and so do the tokens that were had with it; the `client_id` stays. When the answer was
/// lost, try both keys at the token endpoint: one of them is good.
#[utoipa::path(
    tag = "oauth",
    security(()),
    request_body(content = KeyRenewal, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The software with its new key.", body = SoftwareClient),
        (status = 400, description = "An error of OAuth.", body = OAuthError),
        (status = 401, description = "The assertion is not good.", body = OAuthError),
    ),
)]
#[post("/oauth/key")]
pub(super) async fn update_software_key(app: Data<App>, call: Anyone, form: Form) -> Answer {
    match renewed(&app, &call, &form).await {
        Ok(client) => Ok(HttpResponse::Ok().json(client)),
        Err(refusal) => refusal.answer(call.moment.now),
    }
}

async fn renewed(app: &App, call: &Call, form: &Form) -> Result<SoftwareClient, OAuthRefusal> {
    let shown = must_show(call, form)?;
    let jwk = form.one("jwk")?.ok_or_else(|| OAuthRefusal::missing("jwk"))?;
    good(app.renew_software_key(call, shown, jwk).await?).map(wire)
}

/// Get a certificate.
///
/// For software of a practice, where `mtls_endpoint_aliases` stand in the metadata: a certificate of the practice CA for the
/// key that is registered, good for as long as that key. With it the software comes in at the other listener, and its tokens
/// are bound to it (RFC 8705). Ask again after each renewal of the key, or when the certificate was lost.
#[utoipa::path(
    tag = "oauth",
    security(()),
    request_body(content = CertificateRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The certificate.", body = ClientCertificate),
        (status = 400, description = "An error of OAuth.", body = OAuthError),
        (status = 401, description = "The assertion is not good.", body = OAuthError),
        (status = 404, description = "This server asks for no certificates."),
    ),
)]
#[post("/oauth/certificate")]
pub(super) async fn create_client_certificate(app: Data<App>, call: Anyone, form: Form) -> Answer {
    match certified(&app, &call, &form).await {
        Ok(certificate) => Ok(HttpResponse::Ok().json(certificate)),
        Err(refusal) => refusal.answer(call.moment.now),
    }
}

async fn certified(app: &App, call: &Call, form: &Form) -> Result<ClientCertificate, OAuthRefusal> {
    let made = good(app.certify_software(call, must_show(call, form)?).await?)?;
    Ok(ClientCertificate { certificate: made.pem, expires_at: made.expires_at.to_string() })
}

fn good<T>(answer: SoftwareAnswer<T>) -> Result<T, OAuthRefusal> {
    match answer {
        SoftwareAnswer::Good(value) => Ok(value),
        SoftwareAnswer::InvalidClient(error) => Err(invalid_client(error.to_string())),
        SoftwareAnswer::WrongCertificate => Err(invalid_client(
            "The certificate of this connection is not that of the client, or the client may not come in.",
        )),
        SoftwareAnswer::KeyRefused => Err(OAuthRefusal::new(
            "invalid_request",
            "It is too early for a new key, or jwk is no public key of P-256 or Ed25519 that is new here.",
        )),
    }
}

fn invalid_client(description: impl Into<std::borrow::Cow<'static, str>>) -> OAuthRefusal {
    OAuthRefusal::Error {
        status: StatusCode::UNAUTHORIZED,
        code: "invalid_client",
        description: description.into(),
        not_before: None,
        nonce: None,
    }
}

/// A missing proof as client libraries know it.
pub(super) fn refused(refusal: Refusal) -> OAuthRefusal {
    if refusal == Refusal::ProofMissing {
        OAuthRefusal::new("invalid_dpop_proof", "Tokens are given out for a proof of possession only: the header DPoP.")
    } else {
        refusal.into()
    }
}
