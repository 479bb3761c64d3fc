//! Room devices: the phones on which a resident signs in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The resident's phones.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    /// The last used first. At most five.
    pub items: Vec<Device>,
}

/// A phone (or browser) on which the resident signs in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Device {
    /// The device.
    #[schema(example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a22")]
    pub id: String,
    /// What the resident calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Ayşes Handy")]
    pub name: Option<String>,
    /// Whether it is the one this request comes from.
    #[schema(example = true)]
    pub current: bool,
    /// Whether it proves a key of its own with each request.
    #[schema(example = true)]
    pub proves_key: bool,
    /// Whether it is woken when something is new.
    #[schema(example = false)]
    pub push: bool,
    /// Since when it is bound to the resident.
    #[schema(example = "2026-11-22T09:30:00Z")]
    pub created_at: String,
    /// When the resident last signed in on it.
    #[schema(example = "2026-11-22T18:02:00Z")]
    pub last_used_at: String,
    /// When it will have to be bound anew if nobody signs in on it any more: 180 days after the last time, two years after
    /// the first. 90, 40 and 2 days before, the resident is reminded by a security event and a neutral mail.
    #[schema(example = "2027-05-21T18:02:00Z")]
    pub expires_at: String,
}

/// Another name for a device.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceChange {
    /// At most 60 characters; an empty text takes the name away.
    #[schema(example = "Altes Handy")]
    pub name: String,
}

/// Another PIN.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinChange {
    /// Six digits the resident chose.
    #[schema(example = "482915")]
    pub pin: String,
}
