//! The address of a server: https, or http on the same machine.

use std::net::IpAddr;

use ureq::http::Uri;

/// Where a server is: scheme, host and port, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    local: bool,
}

/// Why an address is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadAddress {
    /// Not `https://name`.
    #[error("Die Adresse des Servers sieht so aus: https://befunde.example.org")]
    Malformed,
    /// Health data would cross a network in clear.
    #[error("Ohne https geht es nur zu einem Server auf demselben Rechner.")]
    InClear,
}

impl Address {
    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim().trim_end_matches('/');
        let uri: Uri = text.parse().map_err(|_| BadAddress::Malformed)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(BadAddress::Malformed)?;
        let bare = uri.path() == "/" || uri.path().is_empty();
        if !bare || uri.query().is_some() || text.contains(['@', '#']) {
            return Err(BadAddress::Malformed);
        }
        let local = is_local(host);
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if local => {}
            Some("http") => return Err(BadAddress::InClear),
            Some(_) | None => return Err(BadAddress::Malformed),
        }
        Ok(Self { text: text.to_ascii_lowercase(), local })
    }

    /// This address and a path.
    pub(crate) fn with(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The address.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is this machine.
    pub(crate) const fn is_local(&self) -> bool {
        self.local
    }
}

/// Whether this host is the machine itself, by the loopback addresses or their name.
fn is_local(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_data_never_crosses_a_network_in_clear() {
        for good in [
            "https://befunde.example.org/",
            "https://10.0.0.7:8443",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost:9",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for clear in [
            "http://befunde.example.org",
            "http://10.0.0.7",
            "http://127.0.0.1.example.org",
            "http://localhost.example.org",
        ] {
            assert_eq!(Address::parse(clear), Err(BadAddress::InClear), "{clear}");
        }
        for bad in [
            "befunde.example.org",
            "ftp://localhost",
            "https://",
            "",
            "https://a.example/x",
            "https://u@a.example",
            "https://a.example/?q=1",
        ] {
            assert_eq!(Address::parse(bad), Err(BadAddress::Malformed), "{bad}");
        }
        assert_eq!(Address::parse("https://A.example/").unwrap().with("/x"), "https://a.example/x");
    }
}
