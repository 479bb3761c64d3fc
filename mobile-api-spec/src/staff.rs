//! Room staff: how people who work in the network prove who they are, and the factors they do it with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a person who works in the network signs in: password, and a passkey or a code from an app.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffSignIn {
    /// The login name.
    #[schema(example = "empfang@praxis-am-markt")]
    pub login: String,
    /// The password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "demo-praxis-am-markt-2026")]
    pub password: Option<String>,
    /// The answer of a passkey, begun at `/v1/sessions/staff/begin`. This or `totp_code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub passkey: Option<PasskeyProof>,
    /// The six digits of an authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "492039")]
    pub totp_code: Option<String>,
    /// The organisation they act for. Needed only by people who work for several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a01")]
    pub organisation_id: Option<String>,
}

/// Who wants to sign in with a passkey.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInBegin {
    /// The login name.
    #[schema(example = "empfang@praxis-am-markt")]
    pub login: String,
}

/// A challenge for a passkey.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyChallenge {
    /// Names the challenge when it is answered.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a51")]
    pub ceremony_id: String,
    /// JSON text with the member `publicKey`: options for `navigator.credentials` (WebAuthn), with bytes as base64url.
    #[schema(example = "{\"publicKey\":{\"challenge\":\"k3Jc…\"}}")]
    pub options: String,
    /// Until when it can be answered.
    #[schema(example = "2026-11-22T09:35:00Z")]
    pub expires_at: String,
}

/// What a passkey answered.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyProof {
    /// Which challenge.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a51")]
    pub ceremony_id: String,
    /// JSON text of the credential that the browser gave, with bytes as base64url.
    #[schema(example = "{\"id\":\"AbCd…\",\"type\":\"public-key\"}")]
    pub answer: String,
}

/// A passkey to be registered.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// Which challenge.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a51")]
    pub ceremony_id: String,
    /// JSON text of the credential that the browser made, with bytes as base64url.
    #[schema(example = "{\"id\":\"AbCd…\",\"type\":\"public-key\"}")]
    pub answer: String,
    /// What its owner calls it.
    #[schema(example = "Schlüsselbund")]
    pub label: String,
}

/// Another name for a passkey.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyChange {
    /// What its owner calls it.
    #[schema(example = "Telefon")]
    pub label: String,
}

/// The secret for an authenticator app. It is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotpOffer {
    /// Names it when its first code is sent.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a52")]
    pub ceremony_id: String,
    /// What the app scans.
    #[schema(example = "otpauth://totp/Nahraum:empfang?secret=JBSWY3DPEHPK3PXP&issuer=Nahraum")]
    pub uri: String,
    /// The same for typing, in base32.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    pub secret: String,
}

/// The first code of an authenticator app.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpConfirmation {
    /// Which secret.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a52")]
    pub ceremony_id: String,
    /// The six digits that the app shows.
    #[schema(example = "492039")]
    pub code: String,
}

/// Another password.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// At least 15 characters, at most 128.
    #[schema(example = "Libelle tanzt im Regen 7")]
    pub password: String,
}

/// A person's own factors.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffFactors {
    /// The login name.
    #[schema(example = "empfang@praxis-am-markt")]
    pub login: String,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<PasskeyEntry>,
    /// Whether there are codes from an authenticator app.
    #[schema(example = false)]
    pub totp: bool,
    /// What was changed last: `enrolled`, `passkey-added`, `passkey-removed`, `password-changed`, `totp-set` or
    /// `totp-removed`; more may come. Absent if nothing ever was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "passkey-added")]
    pub last_change: Option<String>,
    /// When that was. Whoever does not remember it should tell the operator at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:30:00Z")]
    pub last_changed_at: Option<String>,
}

/// A passkey in the list of its owner.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasskeyEntry {
    /// The passkey.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a53")]
    pub id: String,
    /// What its owner calls it.
    #[schema(example = "Schlüsselbund")]
    pub label: String,
    /// When it was registered.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub created_at: String,
    /// When somebody last signed in with it. Absent if nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T18:02:00Z")]
    pub last_used_at: Option<String>,
}

/// The one-time secret of somebody who enrols.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentBegin {
    /// What the operator has handed over.
    #[schema(example = "nri_0yBfD2m5mJ3bq0mC9e8rT1vWzXaK4sLd7uPhNcGiQoE2Zt")]
    pub secret: String,
}

/// What somebody who enrols needs to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolmentOffer {
    /// The login name.
    #[schema(example = "empfang@praxis-am-markt")]
    pub login: String,
    /// The organisations the person works for.
    #[schema(example = json!(["Hausarztpraxis am Markt"]))]
    pub organisations: Vec<String>,
    /// For a passkey; ask again for a second one. Absent where the server's address has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub passkey: Option<PasskeyChallenge>,
    /// For an authenticator app, the second choice. Absent for whoever runs the installation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub totp: Option<TotpOffer>,
}

/// The factors that somebody who enrols sets.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// What the operator has handed over. It is used up by this.
    #[schema(example = "nri_0yBfD2m5mJ3bq0mC9e8rT1vWzXaK4sLd7uPhNcGiQoE2Zt")]
    pub secret: String,
    /// The password the person chose: at least 15 characters, at most 128.
    #[schema(example = "Libelle tanzt im Regen 7")]
    pub password: String,
    /// Passkeys; two are better than one, because one can be lost.
    #[serde(default)]
    pub passkeys: Vec<NewPasskey>,
    /// The first code of an authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub totp: Option<TotpConfirmation>,
}
