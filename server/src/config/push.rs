//! `[push]`: waking phones when something is new (Web Push, UnifiedPush); off unless enabled.

use std::path::PathBuf;

use nahraum_domain::network::IpRange;

use super::{key::Key, settings::Settings};

/// Whether phones are woken.
const ENABLED: Key = Key::switch("push.enabled").or("false");
/// Whom the people of a push service ask when something is wrong.
const CONTACT: Key = Key::text("push.contact", "\"mailto:…\" or \"https://…\", of up to 200 characters");
/// Networks besides the public internet in which push services may stand.
const PRIVATE_NETWORKS: Key = Key::list("push.private_networks", "networks such as [\"10.20.0.0/16\"]").or("");
/// The CA that signed the certificates of push services, when the operating system does not know it.
const ROOT_CERTIFICATE: Key = Key::text("push.root_certificate", "the path of a PEM file");

pub(super) const KEYS: &[Key] = &[ENABLED, CONTACT, PRIVATE_NETWORKS, ROOT_CERTIFICATE];

/// How phones are woken.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    /// Whom to ask, as a URI.
    pub contact: String,
    /// Networks besides the public internet.
    pub private_networks: Vec<IpRange>,
    /// PEM file with the CA of push services.
    pub root_certificate: Option<PathBuf>,
}

pub(super) fn read(settings: &mut Settings) -> Option<Push> {
    let contact = settings.text(&CONTACT, |text| Some(text.to_owned()).filter(|text| is_contact(text)));
    let private_networks = settings.list(&PRIVATE_NETWORKS, |text| text.parse().ok());
    let root_certificate = settings.text(&ROOT_CERTIFICATE, |text| Some(PathBuf::from(text)));
    if !settings.switch(&ENABLED) {
        return None;
    }
    if settings.get(&CONTACT).is_none() {
        settings.problems.push(format!("push.contact is missing: push.enabled = true needs {}", CONTACT.expects));
    }
    Some(Push { contact: contact?, private_networks, root_certificate })
}

/// RFC 8292, 2.1. Push services read it out of a signed text; what would need an escape there is none.
fn is_contact(text: &str) -> bool {
    let rest = text.strip_prefix("mailto:").or_else(|| text.strip_prefix("https://"));
    let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '\\');
    text.len() <= 200 && rest.is_some_and(|rest| !rest.is_empty()) && text.chars().all(plain)
}
