//! Room sessions: activation with a slip, signing in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::consents::ConsentGrant;

/// The first contact: the slip from the practice becomes an account.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Activation {
    /// The code from the slip: the twelve characters, or what the QR code says.
    #[schema(example = "7K3M-Q2XW-9HPA")]
    pub code: String,
    /// The resident's birth date.
    #[schema(example = "1961-03-14", format = Date)]
    pub birth_date: String,
    /// Only where the server takes tokens without proof (`bearer` in `GET /v1/server`): a secret the app has made and
    /// keeps, at least 128 random bits, as hex or base64url. It names this resident on this phone. Everywhere else the
    /// key of the `DPoP` header does: one key for each resident on a phone. Send the same again when the answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: Option<String>,
    /// A name for the phone, for the resident's own list of devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Ayşes Handy")]
    pub device_name: Option<String>,
    /// Six digits the resident chose.
    #[schema(example = "482915")]
    pub pin: String,
    /// The language the resident wants to be spoken to, as a BCP 47 tag.
    #[schema(example = "tr")]
    pub language: String,
    /// The base consent text the resident has read and agreed to.
    pub consent: ConsentGrant,
}

/// The account that came out of an activation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activated {
    /// The resident.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88")]
    pub resident_id: String,
    /// The practice that had given the slip.
    #[schema(example = "Hausarztpraxis am Markt")]
    pub practice_name: String,
    /// After a posted slip: the four digits to say to the practice. Nothing is shown before it has confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0415")]
    pub confirmation_number: Option<String>,
    /// The session that begins now.
    pub session: Session,
}

/// How a resident signs in.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentSignIn {
    /// The secret the app keeps for this resident, where the server takes tokens without proof. Everywhere else the key
    /// of the `DPoP` header names resident and phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: Option<String>,
    /// The resident's six digits.
    #[schema(example = "482915")]
    pub pin: String,
}

/// The tokens of a session, as a token response of OAuth (RFC 6749, 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The access token. It is shown once and stored nowhere.
    #[schema(example = "nra_0yBfD2m5mJ3bq0mC9e8rT1vWzXaK4sLd7uPhNcGiQoE2Zt")]
    pub access_token: String,
    /// `DPoP` when each request must prove the key of the sign-in (RFC 9449), `Bearer` when not.
    #[schema(example = "DPoP")]
    pub token_type: String,
    /// For how many seconds the access token is good.
    #[schema(example = 600)]
    pub expires_in: i32,
    /// Exchanged at `/oauth/token` for the next pair of tokens. Absent for sessions that cannot be prolonged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "nrr_4sLd7uPhNcGiQoE2Zt0yBfD2m5mJ3bq0mC9e8rT1vWzXaK")]
    pub refresh_token: Option<String>,
    /// When the session ends at the latest, however often it is prolonged.
    #[schema(example = "2026-11-22T21:30:00Z")]
    pub session_expires_at: String,
    /// For software of a practice: its own `client_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a04")]
    pub client_id: Option<String>,
    /// For software of a practice: what the token is good for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "findings:write")]
    pub scope: Option<String>,
    /// For people at work, at a sign-in: how many security events there were since the sign-in before with the same key. Show
    /// them when it is not 0 (`/v1/staff/security-events`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0)]
    pub new_security_events: Option<i32>,
}

/// The session of the token, as the server sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurrentSession {
    /// `resident`, `practice`, `district` or `operator`; more may come.
    #[schema(example = "practice")]
    pub kind: String,
    /// The organisation the person acts for. Absent for residents.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub organisation: Option<OrganisationRef>,
    /// When the person proved who they are.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub authenticated_at: String,
    /// Until when that is fresh enough for delicate acts; after it they answer `step-up-required`, and the person signs in
    /// again.
    #[schema(example = "2026-11-22T09:35:00Z")]
    pub fresh_until: String,
    /// When the session ends at the latest.
    #[schema(example = "2026-11-22T21:30:00Z")]
    pub expires_at: String,
    /// After how many seconds without any request it ends earlier.
    #[schema(example = 1800)]
    pub idle_seconds: i32,
    /// For people at work: how many security events there were since the sign-in before with the same key, as the sign-in has
    /// told it and since then. What was done with this key is not among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0)]
    pub new_security_events: Option<i32>,
}

/// An organisation of the network.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationRef {
    /// The organisation.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub id: String,
    /// `practice`, `kiosk`, `social-institution`, `district-office` or `operator`; more may come.
    #[schema(example = "practice")]
    pub kind: String,
    /// Its name.
    #[schema(example = "Hausarztpraxis am Markt")]
    pub name: String,
}
