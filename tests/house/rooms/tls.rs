//! Encryption by the server itself: TLS 1.3 and 1.2 with its certificate, exchanged while people are connected, and nothing
//! without.

use std::{
    fs,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{KeyPair, PublicKeyData};
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    version::{TLS12, TLS13},
};
use sha2::{Digest, Sha256};

use crate::{
    house::House,
    paper::{Upload, pdf_of},
    people::{Patient, Practice},
    processes,
    raw::{self, RawReply},
    secure::{Authority, Files, Line},
    server::{Server, Setup},
};

promises![
    sr_k07_both_versions_of_tls_work_with_our_certificate,
    sr_k07_plain_http_is_refused,
    sr_k05_a_tls_key_that_others_can_read_is_refused,
    sr_k08_a_certificate_is_exchanged_under_fifty_open_uploads,
    sr_k08_a_broken_file_keeps_the_old_certificate,
    sr_k08_a_signal_while_it_starts_does_not_end_it,
    sr_k09_a_renewal_keeps_the_first_pin,
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

/// Waits until new connections meet the certificate that lies there.
fn wait_for_exchange(server: &Server, files: &Files) {
    let (patience, expected) = (Instant::now() + Duration::from_secs(60), files.leaf());
    while Line::open(server.port(), &files.chain, &TLS13, None).expect("a connection").peer() != expected {
        assert!(Instant::now() < patience, "the certificate is not exchanged:\n{}", server.last_words());
        thread::sleep(Duration::from_millis(100));
    }
}

fn sr_k08_a_certificate_is_exchanged_under_fifty_open_uploads(house: &House) {
    const UPLOADS: usize = 50;
    let (authority, key) = (Authority::new("Zertifikate"), KeyPair::generate().expect("a key"));
    let files = authority.files_for(&key);
    let server = house.own_server(Setup { tls: files.setup(), ..Setup::default() });
    let practice = Practice::add(&server);
    let old = files.leaf();
    let open = |()| {
        let upload = Upload::file(&Patient::new(), pdf_of(50_000));
        let bytes = upload.on(practice.software.call("POST", upload.path())).raw();
        let mut line = Line::open(server.port(), &files.chain, &TLS13, None).expect("a connection");
        assert!(line.peer() == old);
        line.send(&bytes[..bytes.len() / 2]).expect("half an upload");
        (line, bytes)
    };
    let half_way = four_at_once(vec![(); UPLOADS], open);
    files.lay(&authority.chain_for(&key), &key);
    server.hang_up();
    wait_for_exchange(&server, &files);
    let answers = four_at_once(half_way, |(mut line, bytes)| {
        line.send(&bytes[bytes.len() / 2..]).expect("the other half");
        let mut answer = line.answer();
        // A busy database asks to come again, which is no broken connection: on the same one.
        for _ in 0..10 {
            if answer.status() != 503 {
                break;
            }
            thread::sleep(Duration::from_secs(1));
            line.send(&bytes).expect("the same once more");
            answer = line.answer();
        }
        answer
    });
    // Accepted: nobody knows the patient, so it waits in the inbox.
    let broken: Vec<&RawReply> = answers.iter().filter(|reply| reply.status() != 202).collect();
    assert!(broken.is_empty(), "{} broken, such as {:?}", broken.len(), broken[0]);
    assert_eq!(answers.len(), UPLOADS);
    assert_eq!(server.log().matches("tls_certificate_exchanged").count(), 1);
}

/// Does something with all of them, four at a time.
fn four_at_once<T: Send, R: Send>(all: Vec<T>, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(all);
    let next = || waiting.lock().expect("a list").pop();
    thread::scope(|scope| {
        let work = || std::iter::from_fn(next).map(&act).collect::<Vec<R>>();
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("an upload that is not broken")).collect()
    })
}

fn sr_k08_a_broken_file_keeps_the_old_certificate(house: &House) {
    let (authority, key) = (Authority::new("Zertifikate"), KeyPair::generate().expect("a key"));
    let files = authority.files_for(&key);
    let server = house.own_server(Setup { tls: files.setup(), ..Setup::default() });
    let (old, good) = (files.leaf(), authority.chain_for(&key));
    let whole = fs::read_to_string(&files.chain).expect("a file");
    let meets = |chain: &PathBuf| Line::open(server.port(), chain, &TLS13, None).expect("a connection").peer();
    let spare = files.chain.with_file_name("spare.pem");
    fs::write(&spare, &whole).expect("a file");
    fs::write(&files.chain, &whole[..100]).expect("a file");
    server.hang_up();
    let patience = Instant::now() + Duration::from_secs(30);
    while !server.log().contains("\"alarm\":\"tls-certificate\"") {
        assert!(Instant::now() < patience, "no alarm:\n{}", server.last_words());
        thread::sleep(Duration::from_millis(50));
    }
    assert!(meets(&spare) == old);
    // Nobody says anything: the files are looked at.
    files.lay(&good, &key);
    wait_for_exchange(&server, &files);
    assert_eq!(server.log().matches("\"alarm\":\"tls-certificate\"").count(), 1, "{}", server.last_words());
}

fn sr_k08_a_signal_while_it_starts_does_not_end_it(house: &House) {
    let (authority, key) = (Authority::new("Zertifikate"), KeyPair::generate().expect("a key"));
    let files = authority.files_for(&key);
    let server = house.own_server(Setup { tls: files.setup(), ..Setup::default() });
    server.stop();
    let mut starting = server.start_command(&["serve"]);
    let patience = Instant::now() + Duration::from_secs(30);
    // The operating system takes connections as soon as there is a listener, long before somebody answers them.
    while TcpStream::connect(("127.0.0.1", server.port())).is_err() {
        assert!(Instant::now() < patience, "no listener");
    }
    processes::signal(starting.id(), "-HUP");
    let met = Line::open(server.port(), &files.chain, &TLS13, None).map(|line| line.peer());
    starting.kill().expect("a living server");
    starting.wait().expect("a dead server");
    assert!(met.expect("a connection") == files.leaf());
}

fn sr_k09_a_renewal_keeps_the_first_pin(house: &House) {
    let (authority, key) = (Authority::new("Zertifikate"), KeyPair::generate().expect("a key"));
    let files = authority.files_for(&key);
    let backup = files.chain.with_file_name("backup.pem");
    let set = format!("tls.backup_key={}", backup.display());
    let server = house.own_server(Setup { tls: files.setup(), ..Setup::default() });
    let refused = server.run(&["tls", "pins", "--set", &set]);
    assert!(!refused.status.success(), "there is no backup key yet");
    let made = server.cli(&["tls", "backup-key", "--set", &set]);
    assert_eq!(fs::metadata(&backup).expect("a key").permissions().mode() & 0o777, 0o600);
    assert!(!server.run(&["tls", "backup-key", "--set", &set]).status.success(), "a key is never replaced");
    let pins = server.cli(&["tls", "pins", "--set", &set]);
    assert_eq!(pins, made);
    let pin = |key: &KeyPair| STANDARD.encode(Sha256::digest(key.subject_public_key_info()));
    let spare = KeyPair::from_pem(&fs::read_to_string(&backup).expect("a key")).expect("a key");
    let expected = format!("pin-sha256=\"{}\"  active\npin-sha256=\"{}\"  backup\n", pin(&key), pin(&spare));
    assert_eq!(pins, expected);
    files.lay(&authority.chain_for(&key), &key);
    assert_eq!(server.cli(&["tls", "pins", "--set", &set]), pins, "renewed");
    // The private half can lie elsewhere.
    fs::write(&backup, spare.public_key_pem()).expect("a file");
    assert_eq!(server.cli(&["tls", "pins", "--set", &set]), pins);
}
