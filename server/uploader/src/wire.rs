//! HTTP to the server: one request, one answer, with what this program reads of it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use ureq::{
    Agent, Body,
    http::{HeaderMap, Request, Response},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
};

use crate::address::Address;

/// How long one request may take. The server gives a body 120 seconds.
const LONGEST_CALL: Duration = Duration::from_secs(150);
/// How long it may take to reach the server.
const LONGEST_CONNECT: Duration = Duration::from_secs(15);
/// The longest answer in bytes: the receipts of a file about a thousand people.
const LONGEST_ANSWER: u64 = 4 * 1024 * 1024;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// Nobody answers.
    #[error("Der Server ist nicht erreichbar.")]
    Network,
    /// The server's certificate is not one that this machine trusts.
    #[error("Dem Zertifikat des Servers wird nicht vertraut. Hat das Netzwerk ein eigenes, hilft die Option --ca.")]
    Certificate,
}

/// What is given to trust is no certificate.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("In der Datei für --ca steht kein Zertifikat im PEM-Format.")]
pub(crate) struct NoCertificate;

/// An answer. It cannot be printed: it may hold a token, or the number of a patient.
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// Whether it is `application/problem+json` (RFC 9457).
    pub(crate) problem: bool,
    /// What the next proof has to hold (`DPoP-Nonce`).
    pub(crate) nonce: Option<String>,
    /// How long to wait (`Retry-After`).
    pub(crate) retry_after: Option<Duration>,
    /// What time it is there (`Date`).
    pub(crate) date: Option<Timestamp>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// What is sent. It cannot be printed: it holds health data or proofs.
#[derive(Clone, Copy)]
pub(crate) struct Post<'a> {
    /// Path and query.
    pub(crate) target: &'a str,
    /// Headers beside the media type.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// `Content-Type`
    pub(crate) media_type: &'a str,
    /// The body.
    pub(crate) body: &'a [u8],
}

/// The way to one server.
#[derive(Debug)]
pub(crate) struct Wire {
    agent: Agent,
    address: Address,
}

impl Wire {
    /// A way to this server, trusting what the machine trusts, or these certificates (PEM) alone.
    pub(crate) fn new(address: Address, trusted: Option<&str>) -> Result<Self, NoCertificate> {
        // only says whether there was a provider already
        let _there = rustls::crypto::aws_lc_rs::default_provider().install_default().is_err();
        let roots = trusted.map_or(Ok(RootCerts::PlatformVerifier), certificates)?;
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(LONGEST_CALL))
            .timeout_connect(Some(LONGEST_CONNECT))
            .user_agent(concat!("nahraum-uploader/", env!("CARGO_PKG_VERSION")))
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        if address.is_local() {
            config = config.proxy(None);
        }
        Ok(Self { agent: Agent::new_with_config(config.build()), address })
    }

    /// The server.
    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    /// Asks for a path.
    pub(crate) fn get(&self, path: &str, now: Timestamp) -> Result<Reply, NoAnswer> {
        let request = Request::get(self.address.with(path)).header("accept", "application/json");
        let request = request.body(()).map_err(|_| NoAnswer::Network)?;
        reply(self.agent.run(request), now)
    }

    /// Sends something. Problems are asked for in German.
    pub(crate) fn post(&self, post: Post<'_>, now: Timestamp) -> Result<Reply, NoAnswer> {
        let mut request = Request::post(self.address.with(post.target))
            .header("accept-language", "de")
            .header("content-type", post.media_type);
        for (name, value) in post.headers {
            request = request.header(*name, *value);
        }
        let request = request.body(post.body).map_err(|_| NoAnswer::Network)?;
        reply(self.agent.run(request), now)
    }
}

fn certificates(pem: &str) -> Result<RootCerts, NoCertificate> {
    let mut found = Vec::new();
    for item in parse_pem(pem.as_bytes()) {
        if let PemItem::Certificate(certificate) = item.map_err(|_| NoCertificate)? {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        Err(NoCertificate)
    } else {
        Ok(RootCerts::Specific(Arc::<Vec<Certificate<'static>>>::new(found)))
    }
}

fn reply(answer: Result<Response<Body>, ureq::Error>, now: Timestamp) -> Result<Reply, NoAnswer> {
    let (parts, mut body) = answer.map_err(|error| why(&error))?.into_parts();
    let body = body.with_config().limit(LONGEST_ANSWER).read_to_vec().map_err(|error| why(&error))?;
    let text = |name: &str| text(&parts.headers, name);
    Ok(Reply {
        status: parts.status.as_u16(),
        problem: text("content-type").is_some_and(|kind| kind.starts_with("application/problem+json")),
        nonce: text("dpop-nonce").map(str::to_owned),
        retry_after: text("retry-after").and_then(|value| wait(value, now)),
        date: text("date").and_then(moment),
        body,
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// `Retry-After`: seconds, or a moment (RFC 9110, 10.2.3).
fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    Duration::try_from(moment(value)?.duration_since(now)).ok()
}

/// A date of HTTP (RFC 9110, 5.6.7).
fn moment(value: &str) -> Option<Timestamp> {
    let time: SystemTime = httpdate::parse_http_date(value).ok()?;
    Timestamp::try_from(time).ok()
}

/// The library tells a refused certificate as an error of I/O with one of rustls in it.
fn why(error: &ureq::Error) -> NoAnswer {
    let inner = if let ureq::Error::Io(error) = error {
        error.get_ref().and_then(|inner| inner.downcast_ref())
    } else if let ureq::Error::Rustls(error) = error {
        Some(error)
    } else {
        None
    };
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => NoAnswer::Certificate,
        Some(_) | None => NoAnswer::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-27T08:00:00Z".parse().unwrap();
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Fri, 27 Nov 2026 08:01:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(wait("Fri, 27 Nov 2026 07:00:00 GMT", now), None);
        assert_eq!(wait("soon", now), None);
    }

    #[test]
    fn what_is_no_certificate_is_not_trusted() {
        let local = || Address::parse("https://localhost").unwrap();
        assert!(Wire::new(local(), Some("no certificate")).is_err());
        assert!(Wire::new(local(), None).is_ok());
    }
}
