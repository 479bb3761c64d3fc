//! The listener for software of practices that shows a certificate of the practice CA (SR-K10). What a connection has shown
//! is remembered with the connection itself: no header can say it.

use std::{fmt, sync::Arc, time::Duration};

use actix_http::Extensions;
use actix_web::rt::net::TcpStream;
use nahraum_app::{App, ShownCertificate};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, UnixTime},
    server::{NoServerSessionStorage, ParsedCertificate, WebPkiClientVerifier},
    time_provider::TimeProvider,
};
use tokio_rustls::server::TlsStream;

use super::{Served, TlsError, protocols, provider};

/// TLS 1.2 and 1.3 with the certificate that is served, for clients that show one of the practice CA and nobody else.
/// Sessions are not resumed, so that each connection proves its certificate, and that it is still good by `app`'s clock.
///
/// # Errors
/// When the practice CA cannot be used.
pub(crate) fn mutual_config(served: &Arc<Served>, app: &App) -> Result<Arc<ServerConfig>, TlsError> {
    let refused = |error: &dyn fmt::Display| TlsError::PracticeCa(error.to_string());
    let provider = Arc::new(provider());
    let mut roots = RootCertStore::empty();
    let ca = app.practice_ca().certificate().map_err(|error| refused(&error))?;
    roots.add(CertificateDer::from(ca)).map_err(|error| refused(&error))?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| refused(&error))?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(ByClock(app.clone())))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::<Served>::clone(served));
    config.alpn_protocols = protocols();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// The application's clock, for the times of certificates.
struct ByClock(App);

impl TimeProvider for ByClock {
    fn current_time(&self) -> Option<UnixTime> {
        let second = u64::try_from(self.0.clock().now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(second)))
    }
}

impl fmt::Debug for ByClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByClock")
    }
}

/// Puts the certificate that a client has shown, if the listener asks for one, beside its connection.
pub(super) fn remember_certificate(stream: &TlsStream<TcpStream>, connection: &mut Extensions) {
    if let Some(shown) = shown(stream) {
        connection.insert(shown);
    }
}

fn shown(stream: &TlsStream<TcpStream>) -> Option<ShownCertificate> {
    let leaf = stream.get_ref().1.peer_certificates()?.first()?;
    let key = ParsedCertificate::try_from(leaf).ok()?.subject_public_key_info();
    ShownCertificate::of(leaf, &key)
}
