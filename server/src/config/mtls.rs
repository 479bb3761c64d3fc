//! `[mtls]`: a listener of its own for the software of practices that shows a certificate of the practice CA (SR-K10).

use std::net::SocketAddr;

use super::{
    key::Key,
    server::{PublicUrl, public_url},
    settings::Settings,
};

/// The address and port to listen on. Without it there is no such listener.
const BIND: Key = Key::text("mtls.bind", "an IP address with a port such as \"0.0.0.0:8443\"");
/// The address under which software reaches that listener.
const PUBLIC_URL: Key =
    Key::text("mtls.public_url", "an address without a path such as \"https://befunde.example.org:8443\"");

pub(super) const KEYS: &[Key] = &[BIND, PUBLIC_URL];

/// Where software with certificates comes in.
#[derive(Debug, Clone)]
pub(crate) struct Mtls {
    /// Address and port of the listener.
    pub bind: SocketAddr,
    /// The address that stands in the metadata.
    pub public_url: PublicUrl,
}

pub(super) fn read(settings: &mut Settings) -> Option<Mtls> {
    let bind = settings.text(&BIND, |text| text.parse().ok());
    let public_url = settings.text(&PUBLIC_URL, public_url);
    if bind.is_some() != public_url.is_some() {
        settings.problems.push(String::from("mtls.bind and mtls.public_url belong together: set both, or neither"));
    }
    Some(Mtls { bind: bind?, public_url: public_url? })
}
