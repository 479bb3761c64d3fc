//! TLS of the listeners: protocol versions and cipher suites, whom they ask for a certificate, and a listener that reports
//! every failed handshake (SR-K05, SR-K07, SR-K10, SR-L07, SR-I08).

mod mutual;
mod pins;
mod served;

use std::{
    io,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actix_http::{HttpService, Protocol, Request, body::MessageBody};
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    Error, HttpServer,
    dev::{AppConfig, Response, Server},
    rt::net::TcpStream,
};
use jiff::Timestamp;
use nahraum_domain::network::Network;
use rustls::{
    CipherSuite, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

pub(crate) use self::{mutual::mutual_config, pins::run, served::Served};
use crate::config::{PrivateFileError, read_public_file};

/// How long a client may take for the handshake (SR-I08).
const HANDSHAKE: Duration = Duration::from_secs(3);

/// How long a client may take for the head of a request (SR-I08).
const REQUEST_HEAD: Duration = Duration::from_secs(5);

/// How long a client that has its answer may take to close the connection; afterwards it is cut.
const DISCONNECT: Duration = Duration::from_secs(1);

/// AES-GCM with ephemeral elliptic curve keys, as BSI TR-02102-2 lists them; rustls' defaults add ChaCha20.
const SUITES: [CipherSuite; 6] = [
    CipherSuite::TLS13_AES_256_GCM_SHA384,
    CipherSuite::TLS13_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

/// Why there is no TLS listener.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// One of the files cannot be read, or the key is open to others.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// A file is not what its name says.
    #[error("{} holds no {expected} in PEM form", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The key does not belong to the certificate, or the library refuses one of them.
    #[error("certificate and private key do not go together: {0}")]
    Mismatch(#[from] rustls::Error),
    /// A certificate that is over is no renewal.
    #[error("the certificate has run out at {0}")]
    RanOut(Timestamp),
    /// The practice CA cannot be made into a verifier.
    #[error("the practice CA cannot be used: {0}")]
    PracticeCa(String),
}

/// Makes aws-lc-rs the one cryptography provider of the process. Goes first in `main`; a second call changes nothing.
pub(crate) fn install_provider() {
    // An error only says that there is a provider already, and there is only this one in the tree.
    let _already_installed = aws_lc_rs::default_provider().install_default().is_err();
}

/// The house's choice of suites and key exchange: AES-GCM, P-256 and P-384, and the hybrid of X25519 with ML-KEM.
fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| SUITES.contains(&suite.suite()));
    provider.kx_groups =
        vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::SECP256R1, aws_lc_rs::kx_group::SECP384R1];
    provider
}

/// TLS 1.2 and 1.3 with the certificate that is served, offering HTTP/2 and HTTP/1.1. Clients show no certificate.
///
/// # Errors
/// When the library refuses the choice of suites.
pub(crate) fn server_config(served: &Arc<Served>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(Arc::<Served>::clone(served));
    config.alpn_protocols = protocols();
    Ok(Arc::new(config))
}

fn protocols() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec()]
}

/// The certificates of a PEM file, at least one.
///
/// # Errors
/// When the file cannot be read or holds none.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    chain_of(&read_public_file(path)?, path)
}

fn chain_of(pem: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| TlsError::NotPem { path: path.to_owned(), expected: "certificate" })
}

/// Size and patience of the listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listener {
    /// Threads that answer requests.
    pub workers: usize,
    /// Time that running requests have to finish when the server stops.
    pub shutdown_timeout: Duration,
}

/// Answers on `listener`, with TLS or without it. `factory` makes the application, once for each thread.
///
/// The server handles no signals: the caller stops it with `handle().stop(true)`.
///
/// actix-web drops failed handshakes without a word, so the TLS listener is put together here from the same parts
/// that [`HttpServer`] uses, with [`handshake`] in front.
///
/// # Errors
/// When the operating system refuses the listener.
pub(crate) fn serve<F, I, S, B>(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    size: Listener,
    factory: F,
) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error> + 'static,
    S::InitError: std::fmt::Debug,
    S::Response: Into<Response<B>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let patience = size.shutdown_timeout.as_secs();
    let Some(tls) = tls else {
        return Ok(HttpServer::new(factory)
            .workers(size.workers)
            .shutdown_timeout(patience)
            .client_request_timeout(REQUEST_HEAD)
            .client_disconnect_timeout(DISCONNECT)
            .disable_signals()
            .listen(listener)?
            .run());
    };
    let address = listener.local_addr()?;
    let server = Server::build().workers(size.workers).shutdown_timeout(patience).disable_signals();
    let stopping = server.graceful_shutdown_signal();
    let server = server.listen("tls", listener, move || {
        let acceptor = TlsAcceptor::from(Arc::clone(&tls));
        let stopping = stopping.clone();
        // Only the port and address are known to the application; links come from the configured public address.
        let application = map_config(factory().into_factory().map_err(|error| error.into().error_response()), |()| {
            AppConfig::default()
        });
        let http = HttpService::build()
            .client_request_timeout(REQUEST_HEAD)
            .client_disconnect_timeout(DISCONNECT)
            .local_addr(address)
            .secure()
            .on_connect_ext(mutual::remember_certificate)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .finish(application);
        fn_service(move |stream| handshake(acceptor.clone(), stream)).and_then(http.map_err(drop))
    })?;
    Ok(server.run())
}

type Accepted = (tokio_rustls::server::TlsStream<TcpStream>, Protocol, Option<std::net::SocketAddr>);

/// Ends the handshake, or reports why it failed: one log line with the peer's network and the reason.
async fn handshake(acceptor: TlsAcceptor, stream: TcpStream) -> Result<Accepted, ()> {
    let peer = stream.peer_addr().ok();
    let failed = |reason: &str| {
        let network = peer.map_or_else(String::new, |peer| Network::of(peer.ip()).to_string());
        tracing::warn!(event = "tls_handshake_failed", peer = network, reason, "a connection was not established");
    };
    // Small answers go out at once; a connection that is gone already fails in the handshake.
    let _gone = stream.set_nodelay(true).is_err();
    let stream = match timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(accepted) => accepted.map_err(|error| failed(&error.to_string()))?,
        Err(_) => {
            failed("no handshake within 3 s");
            return Err(());
        }
    };
    let protocol = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Protocol::Http2,
        Some(_) | None => Protocol::Http1,
    };
    Ok((stream, protocol, peer))
}

#[cfg(test)]
mod tests;
