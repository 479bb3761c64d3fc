//! What the operator decided, for all use cases.

use std::path::PathBuf;

use jiff::civil::Date;
use nahraum_domain::{clients::Wanted, network::IpRange};

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
    /// What the server says of itself.
    pub about: About,
}

/// What a server says of itself to people, apps and operating systems, as far as the operator has said it.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Who runs it.
    pub imprint_url: Option<String>,
    /// What it does with data.
    pub privacy_url: Option<String>,
    /// How well everybody can use it.
    pub accessibility_url: Option<String>,
    /// Where residents ask when they get stuck: `https:`, `mailto:` or `tel:`.
    pub support_url: Option<String>,
    /// Whom to tell of a hole: `https:`, `mailto:` or `tel:`.
    pub security_contacts: Vec<String>,
    /// The last day on which that is true.
    pub security_expires: Option<Date>,
    /// Apps for Android that belong to it.
    pub android: Vec<AndroidApp>,
    /// Apps for iPhones that belong to it: team and bundle.
    pub ios: Vec<String>,
    /// What is wanted of apps for Android.
    pub android_shop: Shop,
    /// What is wanted of apps for iPhones.
    pub ios_shop: Shop,
}

/// What the operator wants of the apps for one system, and where they are had.
#[derive(Debug, Clone, Default)]
pub struct Shop {
    /// The versions.
    pub wanted: Wanted,
    /// Where they are had.
    pub store_url: Option<String>,
}

/// An app for Android.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AndroidApp {
    /// Its package.
    pub package: String,
    /// The SHA-256 of the certificate it is signed with, in pairs of digits with colons between them.
    pub fingerprint: String,
}

/// What the operator decided about waking phones.
#[derive(Debug, Clone)]
pub struct PushSettings {
    /// Whom the people of a push service ask when something is wrong: `mailto:` or `https:` (RFC 8292, 2.1).
    pub contact: String,
    /// Networks that are not the public internet and may be pushed to all the same, such as that of the operator's own push server.
    pub private_networks: Vec<IpRange>,
}
