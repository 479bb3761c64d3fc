//! The listener as clients meet it: which suites they get, what a failed handshake leaves in the log, and that an
//! answer comes through.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream as Client},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Mutex,
    thread,
};

use actix_web::{App, HttpResponse, web};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedCipherSuite};

use super::*;
use crate::config::Tls;

fn config_of(tls: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    server_config(&Served::load(tls)?)
}

fn files(dir: &Path) -> Tls {
    let made = rcgen::generate_simple_self_signed(vec![String::from("localhost")]).unwrap();
    let tls = Tls { certificate: dir.join("certificate.pem"), private_key: dir.join("key.pem"), backup_key: None };
    fs::write(&tls.certificate, made.cert.pem()).unwrap();
    fs::write(&tls.private_key, made.signing_key.serialize_pem()).unwrap();
    fs::set_permissions(&tls.private_key, fs::Permissions::from_mode(0o600)).unwrap();
    tls
}

fn client(trust: Option<&Tls>, suites: Vec<SupportedCipherSuite>, alpn: &[&[u8]]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    if let Some(tls) = trust {
        roots.add(certificates(&tls.certificate).unwrap().remove(0)).unwrap();
    }
    let provider = CryptoProvider { cipher_suites: suites, ..aws_lc_rs::default_provider() };
    let versions = rustls::ALL_VERSIONS
        .iter()
        .copied()
        .filter(|version| provider.cipher_suites.iter().any(|suite| suite.version().version == version.version));
    let versions: Vec<_> = versions.collect();
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Arc::new(config)
}

fn connect(address: SocketAddr, config: Arc<ClientConfig>) -> io::Result<StreamOwned<ClientConnection, Client>> {
    let connection = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, Client::connect(address)?);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

/// Where a test's log goes.
#[derive(Clone, Default)]
pub(super) struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Lets one client meet [`handshake`]; gives back whether it succeeded, and the log.
fn meet(tls: &Tls, client: impl FnOnce(SocketAddr) + Send + 'static) -> (Option<Protocol>, String) {
    let sink = Sink::default();
    let copy = sink.clone();
    let log = tracing_subscriber::fmt().with_writer(move || copy.clone()).with_ansi(false).finish();
    let acceptor = TlsAcceptor::from(config_of(tls).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let protocol = tracing::subscriber::with_default(log, || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let client = thread::spawn(move || client(address));
            let (stream, _) = listener.accept().await.unwrap();
            let outcome = handshake(acceptor, stream).await.ok().map(|(_, protocol, _)| protocol);
            client.join().unwrap();
            outcome
        })
    });
    (protocol, sink.text())
}

#[test]
fn sr_k07_only_aes_gcm_suites_are_spoken() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    assert_eq!(provider().cipher_suites.len(), 6);
    assert_eq!(aws_lc_rs::ALL_CIPHER_SUITES.len(), 9);
    let mut spoken = Vec::new();
    for suite in aws_lc_rs::ALL_CIPHER_SUITES {
        let config = client(Some(&tls), vec![*suite], &[]);
        let (protocol, log) = meet(&tls, move |address| drop(connect(address, config)));
        if protocol.is_some() {
            spoken.push(suite.suite());
        } else {
            assert!(log.contains("tls_handshake_failed"), "{suite:?}: {log}");
        }
    }
    spoken.sort_by_key(|suite| u16::from(*suite));
    assert_eq!(
        spoken,
        [
            CipherSuite::TLS13_AES_128_GCM_SHA256,
            CipherSuite::TLS13_AES_256_GCM_SHA384,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ]
    );
}

#[test]
fn sr_l07_a_failed_handshake_is_one_line_with_the_network_and_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    let foreign = client(None, aws_lc_rs::DEFAULT_CIPHER_SUITES.to_vec(), &[]);
    type Meeting = Box<dyn FnOnce(SocketAddr) + Send>;
    let cases: [(&str, Meeting); 4] = [
        ("UnknownCA", Box::new(move |address| drop(connect(address, foreign)))),
        (
            "corrupt",
            Box::new(|address| Client::connect(address).unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap()),
        ),
        ("eof", Box::new(|address| drop(Client::connect(address).unwrap()))),
        (
            "no handshake within 3 s",
            Box::new(|address| {
                let mut idle = Client::connect(address).unwrap();
                // Returns when the server gives up.
                let _closed = idle.read(&mut [0; 1]);
            }),
        ),
    ];
    for (reason, client) in cases {
        let (protocol, log) = meet(&tls, client);
        assert_eq!(protocol, None, "{reason}");
        assert_eq!(log.matches('\n').count(), 1, "{log}");
        assert!(log.contains("tls_handshake_failed") && log.contains("127.0.0.0/24"), "{log}");
        assert!(log.contains(reason), "{reason}: {log}");
        assert!(!log.contains("127.0.0.1"), "{log}");
    }
}

#[test]
fn the_client_chooses_between_http_2_and_1() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    for (alpn, expected) in [
        (&[b"h2".as_slice(), b"http/1.1"][..], Protocol::Http2),
        (&[b"http/1.1"], Protocol::Http1),
        (&[], Protocol::Http1),
    ] {
        let config = client(Some(&tls), aws_lc_rs::DEFAULT_CIPHER_SUITES.to_vec(), alpn);
        let (protocol, log) = meet(&tls, move |address| drop(connect(address, config).unwrap()));
        assert_eq!(protocol, Some(expected), "{log}");
        assert_eq!(log, "");
    }
}

fn hello() -> App<
    impl ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = Error,
        InitError = (),
    >,
> {
    App::new().route("/", web::get().to(|| async { HttpResponse::Ok().body("guten Tag") })).route(
        "/slow",
        web::get().to(|| async {
            tokio::time::sleep(Duration::from_millis(600)).await;
            HttpResponse::Ok().body("in Ruhe fertig")
        }),
    )
}

#[test]
fn requests_are_answered_with_and_without_tls_and_finish_when_the_server_stops() {
    let dir = tempfile::tempdir().unwrap();
    let files = files(dir.path());
    for tls in [None, Some(config_of(&files).unwrap())] {
        let encrypted = tls.is_some();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let size = Listener { workers: 1, shutdown_timeout: Duration::from_secs(5) };
        let (send, receive) = std::sync::mpsc::channel();
        let server = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = serve(listener, tls, size, hello).unwrap();
                send.send(server.handle()).unwrap();
                server.await
            })
        });
        let handle = receive.recv().unwrap();
        let config = client(Some(&files), aws_lc_rs::DEFAULT_CIPHER_SUITES.to_vec(), &[b"http/1.1"]);
        let get = move |path: &str| {
            let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let mut answer = String::new();
            if encrypted {
                let mut stream = connect(address, Arc::clone(&config)).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                stream.read_to_string(&mut answer).unwrap();
            } else {
                let mut stream = Client::connect(address).unwrap();
                stream.write_all(request.as_bytes()).unwrap();
                stream.read_to_string(&mut answer).unwrap();
            }
            answer
        };
        assert!(get("/").ends_with("guten Tag"));
        let slow = thread::spawn(move || get("/slow"));
        thread::sleep(Duration::from_millis(200));
        actix_web::rt::System::new().block_on(handle.stop(true));
        assert!(slow.join().unwrap().ends_with("in Ruhe fertig"), "tls: {encrypted}");
        server.join().unwrap().unwrap();
    }
}

#[test]
fn an_open_key_or_a_foreign_one_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let tls = files(dir.path());
    let other = tempfile::tempdir().unwrap();
    let foreign = Tls { private_key: files(other.path()).private_key, ..tls.clone() };
    assert!(matches!(config_of(&foreign), Err(TlsError::Mismatch(_))));
    let swapped = Tls { certificate: tls.private_key.clone(), private_key: tls.certificate.clone(), backup_key: None };
    fs::set_permissions(&tls.certificate, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(config_of(&swapped).unwrap_err().to_string().contains("holds no certificate in PEM form"));
    fs::set_permissions(&tls.private_key, fs::Permissions::from_mode(0o644)).unwrap();
    let refusal = config_of(&tls).unwrap_err().to_string();
    assert!(refusal.contains("others can read it (mode 0644)"), "{refusal}");
}
