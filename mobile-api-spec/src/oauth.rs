//! Room oauth: what standard client libraries need (RFC 6749, 7009, 8414, 9449).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::staff::PasskeyProof;

/// The form of the token endpoint (`application/x-www-form-urlencoded`).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRequest {
    /// How tokens are asked for: `authorization_code`, `refresh_token`, `client_credentials` or
    /// `urn:ietf:params:oauth:grant-type:device_code`.
    #[schema(example = "refresh_token")]
    pub grant_type: String,
    /// For `refresh_token`: the refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nrr_4sLd7uPhNcGiQoE2Zt0yBfD2m5mJ3bq0mC9e8rT1vWzXaK")]
    pub refresh_token: Option<String>,
    /// For the device code: what the device authorization endpoint gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nrd_4sLd7uPhNcGiQoE2Zt0yBfD2m5mJ3bq0mC9e8rT1vWzXaK")]
    pub device_code: Option<String>,
    /// For `client_credentials`: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    pub client_assertion_type: Option<String>,
    /// For `client_credentials`: a JWT of at most 60 seconds that the software's key has signed (RFC 7523).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    pub client_assertion: Option<String>,
    /// For `client_credentials`: `findings:write`, which is also meant when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "findings:write")]
    pub scope: Option<String>,
    /// For `authorization_code`: the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nrc_4sLd7uPhNcGiQoE2Zt0yBfD2m5mJ3bq0mC9e8rT1vWzXaK")]
    pub code: Option<String>,
    /// For `authorization_code`: the same address as in the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://portal.example.org/callback")]
    pub redirect_uri: Option<String>,
    /// For `authorization_code`: what the challenge was made of (RFC 7636).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")]
    pub code_verifier: Option<String>,
    /// For `authorization_code`: `nahraum-staff`; for `client_credentials` the name of the software. Elsewhere taken and not
    /// needed: tokens are bound to the key of the `DPoP` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nahraum-app")]
    pub client_id: Option<String>,
}

/// The form of the revocation endpoint (`application/x-www-form-urlencoded`).
#[derive(Debug, Serialize, ToSchema)]
pub struct RevocationRequest {
    /// An access token or a refresh token; the session of either ends.
    #[schema(example = "nrr_4sLd7uPhNcGiQoE2Zt0yBfD2m5mJ3bq0mC9e8rT1vWzXaK")]
    pub token: String,
    /// Taken and not needed: a token says itself what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "refresh_token")]
    pub token_type_hint: Option<String>,
    /// Compared with the assertion, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nahraum-app")]
    pub client_id: Option<String>,
    /// For software: `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    pub client_assertion_type: Option<String>,
    /// For software: an assertion in place of a `DPoP` header. The token must be its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    pub client_assertion: Option<String>,
}

/// An error of the OAuth endpoints (RFC 6749, 5.2). Everything that is no error of OAuth is a problem document there, too.
#[derive(Debug, Serialize, ToSchema)]
pub struct OAuthError {
    /// `invalid_request`, `invalid_client`, `invalid_grant`, `unsupported_grant_type`, `invalid_dpop_proof` or `use_dpop_nonce`; more may come.
    #[schema(example = "invalid_grant")]
    pub error: String,
    /// A sentence for developers.
    #[schema(example = "The refresh token is unknown, used up or over.")]
    pub error_description: String,
}

/// The endpoints of the listener that asks for certificates. Everything else is there under the same paths.
#[derive(Debug, Serialize, ToSchema)]
pub struct MtlsEndpoints {
    /// Where tokens are had.
    #[schema(example = "https://befunde.example.org:8443/oauth/token")]
    pub token_endpoint: String,
    /// Where tokens are given back.
    #[schema(example = "https://befunde.example.org:8443/oauth/revoke")]
    pub revocation_endpoint: String,
}

/// What this authorization server can do (RFC 8414).
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationServer {
    /// The address of this server.
    #[schema(example = "https://befunde.example.org")]
    pub issuer: String,
    /// Where tokens are had.
    #[schema(example = "https://befunde.example.org/oauth/token")]
    pub token_endpoint: String,
    /// Where tokens are given back (RFC 7009).
    #[schema(example = "https://befunde.example.org/oauth/revoke")]
    pub revocation_endpoint: String,
    /// Where software asks to be let in (RFC 8628).
    #[schema(example = "https://befunde.example.org/oauth/device_authorization")]
    pub device_authorization_endpoint: String,
    /// Where people who work in the network sign in, in a browser.
    #[schema(example = "https://befunde.example.org/oauth/authorize")]
    pub authorization_endpoint: String,
    /// Codes, and nothing else.
    #[schema(example = json!(["code"]))]
    pub response_types_supported: Vec<String>,
    /// With which methods a code is bound to its client (RFC 7636).
    #[schema(example = json!(["S256"]))]
    pub code_challenge_methods_supported: Vec<String>,
    /// Answers of the authorization endpoint say who they are from (RFC 9207).
    #[schema(example = true)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How tokens can be asked for.
    #[schema(example = json!(["authorization_code", "refresh_token"]))]
    pub grant_types_supported: Vec<String>,
    /// What tokens can be good for: that of software of a practice.
    #[schema(example = json!(["findings:write"]))]
    pub scopes_supported: Vec<String>,
    /// How clients prove who they are at the token endpoint.
    #[schema(example = json!(["none", "private_key_jwt"]))]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// With which algorithms assertions can be signed.
    #[schema(example = json!(["ES256", "EdDSA"]))]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How clients prove who they are at the revocation endpoint.
    #[schema(example = json!(["none", "private_key_jwt"]))]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// With which algorithms assertions can be signed there.
    #[schema(example = json!(["ES256", "EdDSA"]))]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// With which algorithms proofs of possession can be signed (RFC 9449, 5.1).
    #[schema(example = json!(["ES256", "EdDSA"]))]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether tokens can be bound to a certificate of the client (RFC 8705, 3.3).
    #[schema(example = true)]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Where clients with a certificate come in, if this server asks for certificates (RFC 8705, 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub mtls_endpoint_aliases: Option<MtlsEndpoints>,
    /// The document for developers.
    #[schema(example = "https://befunde.example.org/v1/openapi.json")]
    pub service_documentation: String,
}

/// A sign-in on the page of the authorization endpoint: the authorization request, and both factors.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    /// `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "code")]
    pub response_type: Option<String>,
    /// `nahraum-staff`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nahraum-staff")]
    pub client_id: Option<String>,
    /// Where the answer goes: one of the addresses that the operator has allowed, exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "https://portal.example.org/callback")]
    pub redirect_uri: Option<String>,
    /// Comes back to the client as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "af0ifjsldkj")]
    pub state: Option<String>,
    /// SHA-256 of the verifier that only the client knows (RFC 7636).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
    pub code_challenge: Option<String>,
    /// `S256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "S256")]
    pub code_challenge_method: Option<String>,
    /// The thumbprint of the key that the client will prove (RFC 9449, 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]
    pub dpop_jkt: Option<String>,
    /// The login name.
    #[schema(example = "empfang@praxis-am-markt")]
    pub login: String,
    /// The password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Libelle tanzt im Regen 7")]
    pub password: Option<String>,
    /// The answer of a passkey, begun at `/v1/sessions/staff/begin`. This or `totp_code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub passkey: Option<PasskeyProof>,
    /// The six digits of an authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "492039")]
    pub totp_code: Option<String>,
    /// The organisation the person acts for. Needed only by people who work for several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: Option<String>,
}

/// Where the browser goes now.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationAnswer {
    /// The client's address with `code`, `state` and `iss`.
    #[schema(
        example = "https://portal.example.org/callback?code=nrc_4sLd7uPh&state=af0ifjsldkj&iss=https%3A%2F%2Fbefunde.example.org"
    )]
    pub redirect_to: String,
}
