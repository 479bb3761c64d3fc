//! `nahraum healthcheck`: asks the running server on this machine whether it is ready, for containers that have no
//! other program to ask with.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use crate::{
    config::Config,
    tls::{TlsError, certificates},
};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the server does not count as ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unhealthy {
    /// Nobody answers, or not in time.
    #[error("no answer from {address}: {cause}")]
    Silent {
        /// Where the server should be.
        address: SocketAddr,
        /// What the operating system or TLS said.
        cause: io::Error,
    },
    /// The server answers, but not with 200.
    #[error("the server at {address} answers, and says that it is not ready: {status}")]
    NotReady {
        /// Where the server is.
        address: SocketAddr,
        /// The status line.
        status: String,
    },
    /// The certificate of the configuration cannot be read.
    #[error(transparent)]
    Certificate(#[from] TlsError),
}

/// Asks `/readyz` at the configured address; an address that means "all of this machine" is asked through loopback.
///
/// With TLS the server has to show exactly the configured certificate. After a renewal this fails until the server
/// has been started again, which is what the person in charge should hear.
///
/// # Errors
/// Why the server does not count as ready.
pub(crate) fn run(config: &Config) -> Result<(), Unhealthy> {
    let address = reachable(config.server.bind);
    let silent = |cause| Unhealthy::Silent { address, cause };
    let request =
        format!("GET /readyz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", config.server.public_url.host());
    let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(silent)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(silent)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(silent)?;
    let status = match &config.tls {
        None => ask(stream, &request).map_err(silent)?,
        Some(tls) => {
            let chain = certificates(&tls.certificate)?;
            let connection = connection(chain, config.server.public_url.host()).map_err(silent)?;
            ask(StreamOwned::new(connection, stream), &request).map_err(silent)?
        }
    };
    if status.split(' ').nth(1) == Some("200") { Ok(()) } else { Err(Unhealthy::NotReady { address, status }) }
}

fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        IpAddr::V4(_) | IpAddr::V6(_) => bind.ip(),
    };
    SocketAddr::new(ip, bind.port())
}

/// Sends the request and gives back the status line.
fn ask(mut wire: impl Read + Write, request: &str) -> io::Result<String> {
    wire.write_all(request.as_bytes())?;
    wire.flush()?;
    // A status line is short; whoever sends more is not our server.
    let mut status = String::new();
    BufReader::new(wire.take(256)).read_line(&mut status)?;
    Ok(status.trim_end().to_owned())
}

fn connection(chain: Vec<CertificateDer<'static>>, host: &str) -> io::Result<ClientConnection> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Pinned { certificate: chain.into_iter().next(), provider: Arc::clone(&provider) };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)
}

/// Accepts one certificate and no other: the one that the configuration names.
#[derive(Debug)]
struct Pinned {
    certificate: Option<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _stapled: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.certificate.as_ref() == Some(shown) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::General(String::from(
                "the server shows another certificate than the configured one; a renewed one is taken within ten seconds",
            )))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt, path::Path, thread};

    use rustls::{ServerConnection, Stream};

    use super::*;
    use crate::config::Tls;

    fn identity(dir: &Path) -> Tls {
        let made = rcgen::generate_simple_self_signed(vec![String::from("befunde.example.org")]).unwrap();
        let tls = Tls { certificate: dir.join("certificate.pem"), private_key: dir.join("key.pem"), backup_key: None };
        fs::write(&tls.certificate, made.cert.pem()).unwrap();
        fs::write(&tls.private_key, made.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&tls.private_key, fs::Permissions::from_mode(0o600)).unwrap();
        tls
    }

    /// A server that gives one answer; its configuration.
    fn server(tls: Option<&Tls>, answer: &'static str) -> Config {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut flags = vec![("server.bind", format!("0.0.0.0:{}", listener.local_addr().unwrap().port()))];
        let secured = tls.map(|tls| crate::tls::server_config(&crate::tls::Served::load(tls).unwrap()).unwrap());
        if let Some(tls) = tls {
            flags.push(("server.public_url", String::from("https://befunde.example.org")));
            flags.push(("tls.certificate", tls.certificate.display().to_string()));
            flags.push(("tls.private_key", tls.private_key.display().to_string()));
        }
        thread::spawn(move || -> io::Result<()> {
            let (mut socket, _) = listener.accept()?;
            let mut request = [0; 19];
            match secured {
                None => {
                    socket.read_exact(&mut request)?;
                    socket.write_all(answer.as_bytes())?;
                }
                Some(config) => {
                    let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
                    let mut stream = Stream::new(&mut connection, &mut socket);
                    stream.read_exact(&mut request)?;
                    stream.write_all(answer.as_bytes())?;
                }
            }
            assert_eq!(&request, b"GET /readyz HTTP/1.");
            // Reads to the end, so that closing does not cut the answer off.
            io::copy(&mut socket, &mut io::sink()).map(drop)
        });
        Config::load(None, [], flags.into_iter().map(|(key, value)| (key.to_owned(), value))).unwrap()
    }

    #[test]
    fn a_ready_server_is_healthy_with_and_without_tls() {
        let dir = tempfile::tempdir().unwrap();
        let tls = identity(dir.path());
        run(&server(None, "HTTP/1.1 200 OK\r\n\r\n")).unwrap();
        run(&server(Some(&tls), "HTTP/1.1 200 OK\r\n\r\n")).unwrap();
    }

    #[test]
    fn a_server_that_is_not_ready_or_not_there_is_not() {
        let refusal = run(&server(None, "HTTP/1.1 503 Service Unavailable\r\n\r\n")).unwrap_err().to_string();
        assert!(refusal.ends_with("says that it is not ready: HTTP/1.1 503 Service Unavailable"), "{refusal}");
        let nobody = Config::load(None, [], [(String::from("server.bind"), String::from("127.0.0.1:1"))]).unwrap();
        assert!(matches!(run(&nobody), Err(Unhealthy::Silent { .. })));
    }

    #[test]
    fn another_certificate_than_the_configured_one_is_reported() {
        let dir = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let mut config = server(Some(&identity(dir.path())), "HTTP/1.1 200 OK\r\n\r\n");
        config.tls = Some(identity(other.path()));
        let refusal = run(&config).unwrap_err().to_string();
        assert!(refusal.contains("another certificate than the configured one"), "{refusal}");
    }
}
