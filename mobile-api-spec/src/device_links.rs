//! Room device links: letting a second phone in with the first.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::sessions::Session;

/// A new link, with what the QR code says.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedDeviceLink {
    /// The link.
    pub link: DeviceLink,
    /// What the QR code says. Shown once and stored only as a hash.
    #[schema(example = "http://127.0.0.1:8080/a#d1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub qr_payload: String,
}

/// The way to a second phone, as the first one sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceLink {
    /// The link.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a31")]
    pub id: String,
    /// `open` until a phone has scanned it, `claimed` while that phone shows a number, `confirmed` when it is in, `dead` when
    /// it is too late.
    #[schema(example = "claimed")]
    pub state: String,
    /// What the new phone calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Tablet")]
    pub device_name: Option<String>,
    /// Until when it is good: five minutes.
    #[schema(example = "2026-11-22T09:35:00Z")]
    pub expires_at: String,
}

/// The number the new phone shows, typed on the first one.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceLinkConfirmation {
    /// Two digits.
    #[schema(example = "47")]
    pub number: String,
}

/// A new phone shows what it has scanned.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDeviceClaim {
    /// What the QR code says.
    #[schema(example = "http://127.0.0.1:8080/a#d1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub code: String,
    /// Only where the server takes tokens without proof, as in an activation. Everywhere else the key of the `DPoP` header
    /// names the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: Option<String>,
    /// A name for the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Tablet")]
    pub device_name: Option<String>,
    /// Six digits for this phone.
    #[schema(example = "482915")]
    pub pin: String,
}

/// The new phone asks again.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceClaimPoll {
    /// The same code.
    #[schema(example = "http://127.0.0.1:8080/a#d1.nahraum.bG9yZW1pcHN1bWRvbG9yc2k")]
    pub code: String,
    /// The same secret, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "d3a1f0c2b4e69788a5c1d2e3f4051627")]
    pub device_secret: Option<String>,
}

/// What the new phone gets to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceClaim {
    /// `waiting`: show the number and ask again in two seconds. `confirmed`: the phone is in, and `session` is there.
    #[schema(example = "waiting")]
    pub state: String,
    /// The number to show while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "47")]
    pub number: Option<String>,
    /// Until when asking makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026-11-22T09:35:00Z")]
    pub expires_at: Option<String>,
    /// The session that begins, once it is confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub session: Option<Session>,
}
