//! Pushes: one at a time to the push service that a phone has named (RFC 8030), over TLS, and never to a machine that only this
//! server reaches.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use jiff::SignedDuration;
use nahraum_app::{App, OutgoingPush, PushError, Pusher};
use rustls::crypto::aws_lc_rs;
use ureq::{
    Agent,
    http::{Request, StatusCode, Uri, header},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem},
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

use crate::config::{PrivateFileError, Push, read_public_file};

/// How long a push service may take for everything.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a push service keeps a push for a phone that is off, in seconds: four weeks, as long as a position of the feed is good.
const KEPT: &str = "2419200";

/// Pushes of one topic replace each other while the phone is off (RFC 8030, 5.4).
const TOPIC: &str = "sync";

/// Why nothing can be pushed at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PushSetupError {
    /// The CA cannot be read.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// The file is no certificate.
    #[error("push.root_certificate holds no certificate in PEM form")]
    NoCertificate,
}

/// Sends over HTTPS.
pub(crate) struct WebPusher(Agent);

impl WebPusher {
    /// A pusher by the configuration. Connects only when there is something to send.
    ///
    /// # Errors
    /// When the CA file cannot be read or is no certificate.
    pub(crate) fn new(push: &Push, app: &App) -> Result<Self, PushSetupError> {
        let roots = match &push.root_certificate {
            Some(path) => certificates(&read_public_file(path)?)?,
            None => RootCerts::PlatformVerifier,
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        let config = Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            // A push service that leads elsewhere leads nowhere.
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .user_agent(concat!("nahraum/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let app = app.clone();
        let may = Box::new(move |address| app.may_push_to(address));
        Ok(Self(Agent::with_parts(config, DefaultConnector::new(), Guarded { names: DefaultResolver::default(), may })))
    }
}

fn certificates(pem: &[u8]) -> Result<RootCerts, PushSetupError> {
    let items: Result<Vec<PemItem<'_>>, _> = parse_pem(pem).collect();
    let found: Vec<Certificate<'static>> = items
        .map_err(|_| PushSetupError::NoCertificate)?
        .into_iter()
        .filter_map(|item| if let PemItem::Certificate(certificate) = item { Some(certificate) } else { None })
        .collect();
    if found.is_empty() { Err(PushSetupError::NoCertificate) } else { Ok(RootCerts::Specific(Arc::new(found))) }
}

impl Pusher for WebPusher {
    fn push(&self, push: &OutgoingPush) -> Result<(), PushError> {
        let request = Request::post(push.endpoint.reveal())
            .header(header::AUTHORIZATION, push.authorization.as_str())
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", KEPT)
            .header("topic", TOPIC)
            .header("urgency", if push.hurries { "high" } else { "normal" })
            .body(push.body.as_slice())
            .map_err(|_| PushError::Refused(String::from("the address is none for HTTP")))?;
        let answer = self.0.run(request).map_err(|error| trouble(&error))?;
        let wait = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        verdict(answer.status(), wait.map(SignedDuration::from_secs))
    }
}

/// What an answer says (RFC 8030, 5 and 7.3).
fn verdict(status: StatusCode, wait: Option<SignedDuration>) -> Result<(), PushError> {
    let reason = || format!("the push service answers {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        404 | 410 => Err(PushError::Gone),
        408 | 425 | 429 | 500..=599 => Err(PushError::Temporary { reason: reason(), wait }),
        _ => Err(PushError::Refused(reason())),
    }
}

/// No answer. The sentences name no address: whoever has one can wake the phone.
#[expect(clippy::wildcard_enum_match_arm, reason = "errors of a library that may get more; all of them may pass")]
fn trouble(error: &ureq::Error) -> PushError {
    let temporary = |reason: &str| PushError::Temporary { reason: reason.to_owned(), wait: None };
    match error {
        ureq::Error::Timeout(_) => temporary("the push service does not answer in time"),
        ureq::Error::HostNotFound => temporary("the push service has no address that pushes go to"),
        ureq::Error::Io(error) => temporary(&format!("the push service cannot be reached: {}", error.kind())),
        ureq::Error::RequireHttpsOnly(_) | ureq::Error::BadUri(_) => {
            PushError::Refused(String::from("the address is none for HTTPS"))
        }
        _ => temporary("the connection to the push service failed"),
    }
}

/// Looks names up, and keeps those addresses only that pushes may go to: what is connected to is what was judged, so that a name
/// cannot mean another machine a moment later.
struct Guarded {
    names: DefaultResolver,
    may: Box<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let all = self.names.resolve(uri, config, timeout)?;
        let mut allowed = self.empty();
        let may = |address: &&SocketAddr| (self.may)(address.ip());
        all.iter().filter(may).for_each(|address| allowed.push(*address));
        if allowed.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(allowed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_one_meaning() {
        let of = |status: u16| verdict(StatusCode::from_u16(status).unwrap(), Some(SignedDuration::from_secs(7)));
        assert_eq!((of(201), of(202)), (Ok(()), Ok(())));
        assert_eq!((of(404), of(410)), (Err(PushError::Gone), Err(PushError::Gone)));
        for status in [429, 500, 503] {
            let wait = Some(SignedDuration::from_secs(7));
            assert!(matches!(of(status), Err(PushError::Temporary { wait: asked, .. }) if asked == wait), "{status}");
        }
        for status in [301, 307, 400, 401, 403, 413] {
            assert!(matches!(of(status), Err(PushError::Refused(_))), "{status}");
        }
    }

    #[test]
    fn a_name_that_means_this_machine_has_no_address() {
        let resolver = Guarded { names: DefaultResolver::default(), may: Box::new(nahraum_domain::network::is_public) };
        let uri: Uri = "https://localhost/x".parse().unwrap();
        let agent = Agent::with_parts(Agent::config_builder().build(), DefaultConnector::new(), resolver);
        let refused = agent.run(Request::post(uri).body(()).unwrap()).unwrap_err();
        assert!(matches!(refused, ureq::Error::HostNotFound), "{refused}");
    }
}
