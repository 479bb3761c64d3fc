//! What the operator decided, for all use cases.

use std::path::PathBuf;

use nahraum_domain::network::IpRange;

/// What the operator decided, as far as use cases and the web floor care.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether this is a demo with made-up people.
    pub demo: bool,
    /// The address under which phones reach the server, without a slash at the end.
    pub public_url: String,
    /// The address under which software with certificates reaches the server, where there is a listener for it.
    pub mtls_url: Option<String>,
    /// The name the installation goes by.
    pub app_name: String,
    /// A short word for this installation in activation codes.
    pub instance: String,
    /// Whether a practice must confirm an account that was made with a posted slip before anything is shown (SR-B05).
    pub confirm_letter: bool,
    /// Whether tokens are good without a proof of possession. Anyone who finds such a token can use it.
    pub bearer: bool,
    /// Whether people who work here may do with a password alone. Never with real findings.
    pub password_alone: bool,
    /// Where authorization codes may be sent, exactly.
    pub redirect_uris: Vec<String>,
    /// The largest document in bytes.
    pub max_upload_bytes: u64,
    /// Where uploads lie while they arrive.
    pub spool_dir: PathBuf,
    /// How phones are woken, where they are.
    pub push: Option<PushSettings>,
}

/// What the operator decided about waking phones.
#[derive(Debug, Clone)]
pub struct PushSettings {
    /// Whom the people of a push service ask when something is wrong: `mailto:` or `https:` (RFC 8292, 2.1).
    pub contact: String,
    /// Networks that are not the public internet and may be pushed to all the same, such as that of the operator's own push server.
    pub private_networks: Vec<IpRange>,
}
