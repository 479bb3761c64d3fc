//! Room software: how the software of a practice is let in and taken away.

use serde::Serialize;
use utoipa::ToSchema;

/// The form of the device authorization endpoint (`application/x-www-form-urlencoded`; RFC 8628, 3.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceAuthorizationRequest {
    /// The name of software that no practice has let in yet: `nahraum-agent`.
    #[schema(example = "nahraum-agent")]
    pub client_id: String,
    /// How the software calls itself, for the person who lets it in: 1 to 80 characters.
    #[schema(example = "Rechner Anmeldung")]
    pub client_name: String,
    /// The public key of the software as a JWK: P-256 or Ed25519.
    #[schema(
        example = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#
    )]
    pub jwk: String,
}

/// What software that wants to be let in shows and keeps (RFC 8628, 3.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceAuthorization {
    /// What the software asks with at the token endpoint.
    #[schema(example = "nrd_4sLd7uPhNcGiQoE2Zt0yBfD2m5mJ3bq0mC9e8rT1vWzXaK")]
    pub device_code: String,
    /// What the person types.
    #[schema(example = "7K3M-Q2XW")]
    pub user_code: String,
    /// Where it says what to do with the code.
    #[schema(example = "https://befunde.example.org/pair")]
    pub verification_uri: String,
    /// For how many seconds the code is good.
    #[schema(example = 600)]
    pub expires_in: i32,
    /// How many seconds to wait between two questions.
    #[schema(example = 5)]
    pub interval: i32,
    /// The software's `client_id` from the moment on at which a person has let it in.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")]
    pub client_id: String,
    /// The fingerprint of the key, to be shown beside the code.
    #[schema(example = "3f2a 91bc 07de 44c1 a0b9")]
    pub key_fingerprint: String,
}

/// The form for a new key (`application/x-www-form-urlencoded`).
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyRenewal {
    /// Taken and compared with the assertion.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")]
    pub client_id: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    #[schema(example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    pub client_assertion_type: String,
    /// An assertion that the present key has signed (RFC 7523).
    #[schema(example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    pub client_assertion: String,
    /// The new public key as a JWK: P-256 or Ed25519.
    #[schema(example = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)]
    pub jwk: String,
}

/// A piece of software of the practice. It can upload and read its own receipts, nothing else.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoftwareClient {
    /// The client; its `client_id` at the token endpoint.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")]
    pub id: String,
    /// How the software called itself.
    #[schema(example = "Rechner Anmeldung")]
    pub label: String,
    /// The fingerprint of its key.
    #[schema(example = "3f2a 91bc 07de 44c1 a0b9")]
    pub key_fingerprint: String,
    /// When a person let it in.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub created_at: String,
    /// From when on it can put a new key in the place of its own.
    #[schema(example = "2027-01-21T09:30:00Z")]
    pub renewable_at: String,
    /// When its key ends.
    #[schema(example = "2027-02-20T09:30:00Z")]
    pub expires_at: String,
    /// When the practice took it away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T09:30:00Z")]
    pub revoked_at: Option<String>,
    /// Since when it waits for a person of the practice, after too many bad assertions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-23T09:30:00Z")]
    pub suspended_at: Option<String>,
}

/// The practice's software.
#[derive(Debug, Serialize, ToSchema)]
pub struct SoftwareList {
    /// The software, newest first, with what was taken away.
    pub items: Vec<SoftwareClient>,
}

/// Software that wants to be let in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Pairing {
    /// How the software calls itself. Anybody can call themselves anything: compare the fingerprint.
    #[schema(example = "Rechner Anmeldung")]
    pub label: String,
    /// The fingerprint of its key: the same as the software shows.
    #[schema(example = "3f2a 91bc 07de 44c1 a0b9")]
    pub key_fingerprint: String,
    /// Until when it can be let in.
    #[schema(example = "2026-11-22T09:40:00Z")]
    pub expires_at: String,
}

/// The form by which software gets a certificate (`application/x-www-form-urlencoded`). It says who asks and nothing else: the
/// key is the one that is registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateRequest {
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`. Left out where a certificate speaks for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")]
    pub client_assertion_type: Option<String>,
    /// The assertion.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    pub client_assertion: Option<String>,
    /// The name of the software. Needed where a certificate speaks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")]
    pub client_id: Option<String>,
}

/// A certificate for the key of software.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientCertificate {
    /// The certificate, in PEM form.
    #[schema(example = "-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n")]
    pub certificate: String,
    /// When it ends, together with its key.
    #[schema(example = "2027-02-20T17:04:05.123456Z")]
    pub expires_at: String,
}
