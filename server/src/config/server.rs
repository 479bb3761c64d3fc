//! `[server]`: where the server listens and how the world reaches it.

use std::{fmt, net::SocketAddr, time::Duration};

use actix_web::http::Uri;
use nahraum_domain::network::IpRange;

use super::{is_loopback_host, key::Key, settings::Settings};

/// The address and port to listen on. Anything but loopback needs `[tls]` or `trusted_proxies`.
const BIND: Key = Key::text("server.bind", "an IP address with a port such as \"127.0.0.1:8080\"").or("127.0.0.1:8080");
/// The address people and apps use: scheme, host and port, nothing behind it. `https` unless it is loopback.
const PUBLIC_URL: Key = Key::text(
    "server.public_url",
    "an address of 80 characters at most, without a path, such as \"https://befunde.example.org\"",
)
.or("http://127.0.0.1:8080");
/// How many threads answer requests.
const WORKERS: Key = Key::number("server.workers", "a whole number from 1 to 64").or("2");
/// The reverse proxies that end TLS in front of this server: addresses or ranges. Of their headers one is believed,
/// `X-Forwarded-For`.
const TRUSTED_PROXIES: Key =
    Key::list("server.trusted_proxies", "IP addresses or ranges such as [\"10.0.0.0/8\"]").or("");
/// How long running requests may take to finish when the server stops.
const SHUTDOWN_TIMEOUT: Key =
    Key::number("server.shutdown_timeout_seconds", "a whole number of seconds from 1 to 600").or("30");

/// What is left for it in a link that somebody scans: 128 characters (SMART Health Links, "url") but the 48 of our path and secret.
const LONGEST_URL: usize = 80;

pub(super) const KEYS: &[Key] = &[BIND, PUBLIC_URL, WORKERS, TRUSTED_PROXIES, SHUTDOWN_TIMEOUT];

/// Where the server listens and how the world reaches it.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// Address and port of the listener.
    pub bind: SocketAddr,
    /// The address that stands in links, mails and the API description.
    pub public_url: PublicUrl,
    /// Threads that answer requests.
    pub workers: usize,
    /// The reverse proxies that end TLS in front of this server.
    pub trusted_proxies: Vec<IpRange>,
    /// Time that running requests have to finish when the server stops.
    pub shutdown_timeout: Duration,
}

/// The public address: `http` or `https`, a host, perhaps a port, and never a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    text: String,
    host: String,
    https: bool,
}

impl PublicUrl {
    fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.parse().ok()?;
        let https = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?.as_str();
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !text.contains('#');
        if !bare
            || text.len() > LONGEST_URL
            || authority.contains('@')
            || authority.ends_with(':')
            || text.chars().any(char::is_uppercase)
        {
            return None;
        }
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        Some(Self { text: text.trim_end_matches('/').to_owned(), host, https }).filter(|url| !url.host.is_empty())
    }

    /// The address without a slash at its end.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The host name or IP address, without port and brackets.
    #[must_use]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether the address begins with `https`.
    #[must_use]
    pub(crate) const fn is_https(&self) -> bool {
        self.https
    }

    /// Whether the address only means this machine.
    #[must_use]
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Reads a public address, for whichever listener it is.
pub(super) fn public_url(text: &str) -> Option<PublicUrl> {
    PublicUrl::parse(text)
}

pub(super) fn read(settings: &mut Settings) -> Option<Server> {
    let bind = settings.text(&BIND, |text| text.parse().ok());
    let public_url = settings.text(&PUBLIC_URL, PublicUrl::parse);
    let workers = settings.number(&WORKERS, 1..=64);
    let trusted_proxies = settings.list(&TRUSTED_PROXIES, |text| text.parse().ok());
    let shutdown_timeout = settings.number(&SHUTDOWN_TIMEOUT, 1..=600).map(Duration::from_secs);
    Some(Server {
        bind: bind?,
        public_url: public_url?,
        workers: workers?,
        trusted_proxies,
        shutdown_timeout: shutdown_timeout?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_scheme_host_and_port() {
        for (text, shown, host, loopback) in [
            ("https://befunde.example.org", "https://befunde.example.org", "befunde.example.org", false),
            ("https://befunde.example.org/", "https://befunde.example.org", "befunde.example.org", false),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1", true),
            ("http://[::1]:8080", "http://[::1]:8080", "::1", true),
            ("http://localhost", "http://localhost", "localhost", true),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.as_str(), url.host(), url.is_loopback()), (shown, host, loopback));
        }
        for wrong in [
            "",
            "befunde.example.org",
            "ftp://befunde.example.org",
            "https://befunde.example.org/api",
            "https://befunde.ein-sehr-langer-name-eines-netzes-das-sich-nicht-kurz-fassen-kann.example",
            "https://befunde.example.org?x=1",
            "https://befunde.example.org#x",
            "https://user:word@befunde.example.org",
            "https://",
            "https://befunde.example.org:",
            "HTTPS://Befunde.example.org",
        ] {
            assert_eq!(PublicUrl::parse(wrong), None, "{wrong}");
        }
    }
}
