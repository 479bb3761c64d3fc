//! Room push: the phone in the resident's hand asks to be woken when something is new.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a phone is woken: what its push service has given to the app (Push API, UnifiedPush).
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushSubscription {
    /// The address of the push service for this app on this phone: `https`, at most 1,024 characters.
    #[schema(example = "https://push.example.net/wake/Yx3kd0aEo1cP")]
    pub endpoint: String,
    /// The phone's key, `p256dh`: an uncompressed point on P-256 in base64url.
    #[schema(example = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")]
    pub p256dh: String,
    /// The secret of this phone and this server, `auth`: sixteen bytes in base64url.
    #[schema(example = "BTBZMqHH6r4Tts7J_aSIgg")]
    pub auth: String,
}

/// The code that came with the first push.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushCode {
    /// The member `code` of that push.
    #[schema(example = "1f0c9a7de2b84463b5d0a17c93e8f246")]
    pub code: String,
}

/// Whether the phone in the resident's hand is woken.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushState {
    /// `off`, `waiting` until the phone has shown the code that was pushed to it, or `on`. Treat an unknown word as `off`.
    #[schema(example = "waiting")]
    pub state: String,
}

/// How this server wakes phones.
#[derive(Debug, Serialize, ToSchema)]
pub struct PushInfo {
    /// The kinds of push services it sends to. Today `web-push` (RFC 8030, which UnifiedPush speaks as well). Skip unknown ones.
    #[schema(example = json!(["web-push"]))]
    pub kinds: Vec<String>,
    /// The key of this server for push services (VAPID, RFC 8292): `applicationServerKey` of the Push API. When it is another one
    /// than the one that the app subscribed with, the app subscribes anew.
    #[schema(example = "BJW3Wb08b5EF5yQm0Wmo3JqQ0P4g5L0wV4d0vJ0mW9Q4o5Zk9C3o9kY3S3cQp2bJz1pX6m1uVv8nB3m4Yx0aE1c")]
    pub vapid_public_key: String,
}
