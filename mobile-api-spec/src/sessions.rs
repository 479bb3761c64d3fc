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
    /// A secret the app has made and keeps: at least 128 random bits, as hex or base64url. It names this resident on
    /// this phone; send the same one again when the answer was lost on the way.
    #[schema(example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: String,
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
    /// The session that begins now.
    pub session: Session,
}

/// How a resident signs in.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResidentSignIn {
    /// The secret the app keeps for this resident.
    #[schema(example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: String,
    /// The resident's six digits.
    #[schema(example = "482915")]
    pub pin: String,
}

/// How a person of a practice signs in.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffSignIn {
    /// The login name.
    #[schema(example = "empfang@praxis-am-markt")]
    pub login: String,
    /// The password.
    #[schema(example = "demo-praxis-am-markt-2026")]
    pub password: String,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// The token for `Authorization: Bearer`. It is shown once and stored nowhere.
    #[schema(example = "nra_0yBfD2m5mJ3bq0mC9e8rT1vWzXaK4sLd7uPhNcGiQoE2Zt")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// When the session ends at the latest.
    #[schema(example = "2026-11-22T21:30:00Z")]
    pub expires_at: String,
}
