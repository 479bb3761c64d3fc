//! Being let in, staying in, and whom to trust.

use std::{fs, net::TcpListener, sync::Arc};

use rcgen::{CertificateParams, KeyPair};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivatePkcs8KeyDer};

use crate::{
    program::{Program, told},
    server::{Server, Stream},
};

fn pair(program: &Program, server: &Server, more: &[&str]) -> std::process::Output {
    let url = server.url();
    let arguments = [&["pair", "--server", &url, "--name", "Empfang"], more].concat();
    program.run(&arguments)
}

#[test]
fn a_person_lets_the_program_in_by_its_code() {
    let server = Server::start();
    let program = Program::new();
    server.state().approval = Some((true, 1));
    let output = pair(&program, &server, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let shown = told(&output);
    assert!(shown.contains("7K3M-Q2XW") && shown.contains(&server.url()) && shown.contains("Fingerabdruck"), "{shown}");
    program.put("a.pdf", b"%PDF- a");
    assert_eq!(program.once(&[]).status.code(), Some(0));
    assert_eq!(server.count(b"%PDF- a"), 1);
    server.no_faults();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(program.data.join("access.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "the key is for its owner alone");
    }
    // Being connected twice needs a word.
    let again = pair(&program, &server, &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("schon verbunden"));
}

#[test]
fn a_program_that_was_turned_away_says_so_and_keeps_nothing() {
    let server = Server::start();
    let program = Program::new();
    for (approval, sentence) in [(Some((false, 0)), "abgelehnt"), (None, "nicht rechtzeitig")] {
        server.state().approval = approval;
        let output = pair(&program, &server, &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(told(&output).contains(sentence), "{}", told(&output));
    }
    assert!(!program.data.join("access.json").exists());
    let output = program.once(&[]);
    assert_eq!(output.status.code(), Some(3));
    assert!(told(&output).contains("nahraum-uploader pair"));
}

#[test]
fn a_key_that_was_exchanged_on_the_way_is_noticed() {
    let server = Server::start();
    let program = Program::new();
    server.state().approval = Some((true, 0));
    server.state().swaps_keys = true;
    let output = pair(&program, &server, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("anderen Schlüssel"), "{}", told(&output));
    assert!(!told(&output).contains("7K3M-Q2XW"), "nobody types a code for somebody else");
}

#[test]
fn nothing_goes_to_another_machine_in_clear() {
    let program = Program::new();
    let output = program.run(&["pair", "--server", "http://192.0.2.1", "--name", "Empfang"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("Ohne https"), "{}", told(&output));
}

/// A server with a certificate of its own for `localhost`, and that certificate.
fn with_tls() -> (Server, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    let config = Arc::new(config);
    let wrap = move |stream| -> Option<Box<dyn Stream>> {
        let connection = ServerConnection::new(Arc::clone(&config)).ok()?;
        Some(Box::new(StreamOwned::new(connection, stream)))
    };
    let server = Server::serve(TcpListener::bind("127.0.0.1:0").unwrap(), "https", Arc::new(wrap));
    (server, certificate.pem())
}

#[test]
fn a_server_with_a_certificate_of_its_own_is_trusted_when_it_was_named_and_only_then() {
    let (server, pem) = with_tls();
    let program = Program::new();
    server.state().approval = Some((true, 0));
    let output = pair(&program, &server, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("--ca"), "{}", told(&output));
    let file = program.folder.parent().unwrap().join("ca.pem");
    fs::write(&file, &pem).unwrap();
    let output = pair(&program, &server, &["--ca", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    fs::remove_file(&file).unwrap();
    program.put("a.pdf", b"%PDF- a");
    assert_eq!(program.once(&[]).status.code(), Some(0), "the certificate was kept");
    assert_eq!(server.count(b"%PDF- a"), 1);
    // Another server at the same place, with another certificate, gets nothing.
    let other = Program::new();
    let (_, foreign) = with_tls();
    fs::write(&file, foreign).unwrap();
    server.state().approval = Some((true, 0));
    assert_eq!(pair(&other, &server, &["--ca", file.to_str().unwrap()]).status.code(), Some(1));
    server.no_faults();
}

#[test]
fn a_key_is_renewed_before_it_ends_also_when_the_answer_is_lost() {
    for loses_renewals in [false, true] {
        let server = Server::start();
        let program = Program::let_in(&server, 61);
        server.state().loses_renewals = loses_renewals;
        let before = fs::read_to_string(program.data.join("access.json")).unwrap();
        program.put("a.pdf", b"%PDF- a");
        let output = program.once(&[]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        let after = fs::read_to_string(program.data.join("access.json")).unwrap();
        let key = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["key"].clone();
        assert_ne!(key(&before), key(&after));
        program.put("b.pdf", b"%PDF- b");
        assert_eq!(program.once(&[]).status.code(), Some(0));
        assert_eq!(server.state().renewals, 1);
        assert_eq!(server.state().stored.len(), 2);
        server.no_faults();
    }
}
