//! Encryption by the server itself: TLS 1.3 and 1.2 with its certificate, and nothing without.

use std::{fs, net::TcpStream, os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};

use crate::{house::House, raw, server::Setup};

promises![
    sr_k07_both_versions_of_tls_work_with_our_certificate,
    sr_k07_plain_http_is_refused,
    sr_k05_a_tls_key_that_others_can_read_is_refused,
];

fn identity(dir: &tempfile::TempDir) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a key");
    let (certificate, key) = (dir.path().join("certificate.pem"), dir.path().join("key.pem"));
    fs::write(&certificate, made.cert.pem()).expect("a file");
    fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a closed file");
    (certificate, key)
}

fn connect(
    port: u16,
    certificate: &PathBuf,
    version: &'static SupportedProtocolVersion,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).expect("a certificate")).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    StreamOwned::new(connection, raw::connect(port))
}

fn sr_k07_both_versions_of_tls_work_with_our_certificate(house: &House) {
    let dir = tempfile::tempdir().expect("a folder");
    let (certificate, key) = identity(&dir);
    let server = house.own_server(Setup { tls: Some((certificate.clone(), key)), ..Setup::default() });
    for (version, expected) in [(&TLS13, ProtocolVersion::TLSv1_3), (&TLS12, ProtocolVersion::TLSv1_2)] {
        let mut stream = connect(server.port(), &certificate, version);
        let reply = raw::exchange(&mut stream, b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        assert_eq!(reply.status(), 200, "{expected:?}: {}", reply.head);
        assert_eq!(stream.conn.protocol_version(), Some(expected));
        let head = reply.head.to_ascii_lowercase();
        assert!(head.contains("strict-transport-security: max-age=63072000"), "{head}");
    }
}

fn sr_k07_plain_http_is_refused(house: &House) {
    let dir = tempfile::tempdir().expect("a folder");
    let (certificate, key) = identity(&dir);
    let server = house.own_server(Setup { tls: Some((certificate.clone(), key)), ..Setup::default() });
    let reply = raw::exchange(&mut raw::connect(server.port()), b"GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(reply.status() != 200 && reply.body.is_empty(), "{reply:?}");
    let reply =
        raw::exchange(&mut connect(server.port(), &certificate, &TLS13), b"GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(reply.status(), 200, "others are not disturbed");
    assert!(!server.log().contains("GET /readyz HTTP"), "what was sent in clear is not in the log");
}

fn sr_k05_a_tls_key_that_others_can_read_is_refused(house: &House) {
    let dir = tempfile::tempdir().expect("a folder");
    let (certificate, key) = identity(&dir);
    let server = house.own_server(Setup { tls: Some((certificate, key.clone())), ..Setup::default() });
    server.stop();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("an open file");
    let output = server.run(&["serve"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("chmod 600"));
}
