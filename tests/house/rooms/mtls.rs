//! Software of practices that shows a certificate: only that of our own CA, only for its own key, and only for as long as
//! its practice wants it.

use std::sync::Arc;

use rcgen::KeyPair;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};

use crate::{
    agent::{Agent, encoded},
    house::House,
    paper::Upload,
    people::{Patient, Practice},
    proof_maker::SigningKey,
    raw::RawReply,
    secure::{Authority, Files, Line, Shown, shown},
    server::{Server, Setup, free_port},
};

promises![
    sr_k10_a_certificate_of_our_own_ca_comes_in,
    sr_k10_a_foreign_certificate_meets_an_alert,
    sr_k10_revoked_software_is_out_on_its_open_connection,
    sr_k10_a_certificate_that_ran_out_a_second_ago_is_refused,
    sr_k10_a_token_needs_the_certificate_it_is_bound_to,
    sr_k10_a_certificate_speaks_for_its_own_client_only,
    sr_k10_a_certificate_is_renewed_with_its_key,
    sr_k10_no_header_asserts_a_certificate,
    sr_k10_certificates_are_off_unless_asked_for,
];

/// A server with two listeners, and a practice on it.
struct Scene {
    files: Files,
    port: u16,
    server: Arc<Server>,
    practice: Practice,
}

impl Scene {
    fn new(house: &House, clock: bool) -> Self {
        let files = Authority::new("Zertifikate").files_for(&KeyPair::generate().expect("a key"));
        let port = free_port();
        let more = format!("[mtls]\nbind = \"127.0.0.1:{port}\"\npublic_url = \"https://127.0.0.1:{port}\"\n");
        let server = house.own_server(Setup { tls: files.setup(), more, clock, ..Setup::default() });
        let practice = Practice::add(&server);
        Self { files, port, server, practice }
    }

    /// Software that was let in, its name, and what it shows.
    fn software(&self) -> (Agent, String, Shown) {
        let agent = Agent::new(&self.server);
        let client = self.practice.staff.pair(&agent);
        let pem = agent.certificate(&client).expect(200).text("/certificate");
        let shown = shown(&pem, &agent.key);
        (agent, client, shown)
    }

    fn line(&self, shown: &Shown) -> Line {
        Line::open(self.port, &self.files.chain, &TLS13, Some((shown.0.clone(), shown.1.clone_key()))).expect("a line")
    }

    fn token_of(&self, line: &mut Line, client: &str) -> String {
        let reply = self.ask_for_token(line, client);
        assert_eq!(reply.status(), 200, "{}", String::from_utf8_lossy(&reply.body));
        json_of(&reply)["access_token"].as_str().expect("a token").to_owned()
    }

    fn ask_for_token(&self, line: &mut Line, client: &str) -> RawReply {
        let form = format!("grant_type=client_credentials&client_id={client}");
        line.ask(&self.server.call("POST", "/oauth/token").form(&form))
    }

    fn receipts(&self, line: &mut Line, token: &str) -> RawReply {
        line.ask(&self.server.call("GET", "/v1/practice/findings").token(token))
    }
}

fn json_of(reply: &RawReply) -> Value {
    serde_json::from_slice(&reply.body).expect("JSON")
}

fn sr_k10_a_certificate_of_our_own_ca_comes_in(house: &House) {
    let scene = Scene::new(house, false);
    let (_, client, shown) = scene.software();
    let metadata = scene.server.get("/.well-known/oauth-authorization-server").expect(200).json();
    assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], true);
    let alias = &metadata["mtls_endpoint_aliases"]["token_endpoint"];
    assert_eq!(*alias, json!(format!("https://127.0.0.1:{}/oauth/token", scene.port)));
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().expect("methods");
    assert!(methods.contains(&json!("tls_client_auth")));
    for version in [&TLS12, &TLS13] {
        let pair = (shown.0.clone(), shown.1.clone_key());
        let mut line = Line::open(scene.port, &scene.files.chain, version, Some(pair)).expect("a line");
        let reply = scene.ask_for_token(&mut line, &client);
        assert_eq!((reply.status(), &json_of(&reply)["token_type"]), (200, &json!("Bearer")));
        let token = json_of(&reply)["access_token"].as_str().expect("a token").to_owned();
        let upload = Upload::pdf(&Patient::new());
        let sent = line.ask(&upload.on(scene.server.call("POST", upload.path()).token(&token)));
        assert_eq!(sent.status(), 202, "{}", String::from_utf8_lossy(&sent.body));
        assert_eq!(scene.receipts(&mut line, &token).status(), 200);
        // Write-only, as with a proof.
        for path in ["/v1/findings", "/v1/access-log", "/v1/practice/inbox", "/v1/practice/software"] {
            assert_eq!(line.ask(&scene.server.call("GET", path).token(&token)).status(), 403, "{path}");
        }
    }
}

fn sr_k10_a_foreign_certificate_meets_an_alert(house: &House) {
    let scene = Scene::new(house, false);
    let failures = || scene.server.log().matches("tls_handshake_failed").count();
    // The suite itself has knocked at the door to see whether the server is there.
    let before = failures();
    let wait_for_line = |seen: usize| {
        for _ in 0..500 {
            if failures() >= before + seen {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert_eq!(failures(), before + seen);
    };
    let key = SigningKey::es256();
    let SigningKey::Es256(pair) = &key else { panic!("P-256") };
    let der = pair.to_pkcs8v1().expect("a key").as_ref().to_vec();
    let foreign = KeyPair::try_from(der).expect("a key");
    // Somebody else's CA, and one that calls itself by our name.
    for (seen, (name, reason)) in (1..).zip([("Fremde CA", "UnknownCA"), ("Nahraum practice CA", "DecryptError")]) {
        let stranger = shown(&Authority::new(name).chain_for(&foreign), &key);
        let line =
            Line::open(scene.port, &scene.files.chain, &TLS13, Some(stranger)).expect("TLS 1.3 tells afterwards");
        let alert = line.alert();
        assert!(alert.contains(reason), "{name}: {alert}");
        wait_for_line(seen);
    }
    let line = Line::open(scene.port, &scene.files.chain, &TLS13, None).expect("TLS 1.3 tells afterwards");
    assert!(line.alert().contains("CertificateRequired"));
    wait_for_line(3);
    assert!(scene.server.log().contains("127.0.0.0/24"));
}

fn sr_k10_revoked_software_is_out_on_its_open_connection(house: &House) {
    let scene = Scene::new(house, false);
    let (_, client, shown) = scene.software();
    let mut line = scene.line(&shown);
    let token = scene.token_of(&mut line, &client);
    assert_eq!(scene.receipts(&mut line, &token).status(), 200);
    scene.practice.staff.call("DELETE", &format!("/v1/practice/software/{client}")).send().expect(204);
    assert_eq!(scene.receipts(&mut line, &token).status(), 401);
    let reply = scene.ask_for_token(&mut line, &client);
    assert_eq!((reply.status(), &json_of(&reply)["error"]), (401, &json!("invalid_client")));
}

fn sr_k10_a_certificate_that_ran_out_a_second_ago_is_refused(house: &House) {
    let scene = Scene::new(house, true);
    let start = scene.server.now();
    let mut agent = Agent::new(&scene.server);
    agent.stop_clocks(start);
    let client = scene.practice.staff.pair(&agent);
    let pem = agent.certificate(&client).expect(200).text("/certificate");
    let shown = shown(&pem, &agent.key);
    let end = start + 90 * 86_400;
    agent.stop_clocks(end - 1);
    let mut line = scene.line(&shown);
    let token = scene.token_of(&mut line, &client);
    assert_eq!(scene.receipts(&mut line, &token).status(), 200);
    agent.stop_clocks(end + 1);
    assert_eq!(scene.receipts(&mut line, &token).status(), 401, "also on a connection that is open");
    let alert = scene.line(&shown).alert();
    assert!(alert.contains("CertificateExpired"), "{alert}");
}

fn sr_k10_a_token_needs_the_certificate_it_is_bound_to(house: &House) {
    let scene = Scene::new(house, false);
    let (agent, client, shown) = scene.software();
    let (_, _, others) = scene.software();
    let mut line = scene.line(&shown);
    let token = scene.token_of(&mut line, &client);
    assert_eq!(scene.receipts(&mut scene.line(&others), &token).status(), 401, "another's certificate");
    scene.server.call("GET", "/v1/practice/findings").token(&token).send().problem(401, "not-signed-in");
    agent.call("GET", "/v1/practice/findings", &token).send().problem(401, "not-signed-in");
    // The other way round: a certificate does not stand in for a proof.
    let proven = agent.token(&client);
    agent.call("GET", "/v1/practice/findings", &proven).send().expect(200);
    assert_eq!(scene.receipts(&mut line, &proven).status(), 401);
    // Whoever finds a token cannot even end it; its holder can.
    let end = |token: &str| scene.server.call("POST", "/oauth/revoke").form(&format!("token={token}"));
    end(&token).send().expect(200);
    assert_eq!(scene.receipts(&mut line, &token).status(), 200);
    assert_eq!(line.ask(&end(&token)).status(), 200);
    assert_eq!(scene.receipts(&mut line, &token).status(), 401);
}

fn sr_k10_a_certificate_speaks_for_its_own_client_only(house: &House) {
    let scene = Scene::new(house, false);
    let (_, client, shown) = scene.software();
    let (_, other, _) = scene.software();
    let mut line = scene.line(&shown);
    for name in [other.as_str(), "nahraum-agent", "", &crate::people::nobody()] {
        let reply = scene.ask_for_token(&mut line, name);
        assert_eq!((reply.status(), &json_of(&reply)["error"]), (401, &json!("invalid_client")), "{name}");
    }
    let unnamed = line.ask(&scene.server.call("POST", "/oauth/token").form("grant_type=client_credentials"));
    assert_eq!(unnamed.status(), 401);
    scene.token_of(&mut line, &client);
}

fn sr_k10_a_certificate_is_renewed_with_its_key(house: &House) {
    let scene = Scene::new(house, true);
    let start = scene.server.now();
    let mut agent = Agent::new(&scene.server);
    agent.stop_clocks(start);
    let client = scene.practice.staff.pair(&agent);
    let first = agent.certificate(&client).expect(200);
    let old = shown(&first.text("/certificate"), &agent.key);
    let new = SigningKey::ed25519();
    let renew = |line: &mut Line| {
        let form = format!("client_id={client}&jwk={}", encoded(&new.jwk()));
        line.ask(&scene.server.call("POST", "/oauth/key").form(&form))
    };
    agent.stop_clocks(start + 60 * 86_400 - 1);
    assert_eq!(renew(&mut scene.line(&old)).status(), 400, "not before the sixtieth day");
    agent.stop_clocks(start + 60 * 86_400);
    let mut line = scene.line(&old);
    let token = scene.token_of(&mut line, &client);
    let reply = renew(&mut line);
    assert_eq!(reply.status(), 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(scene.receipts(&mut line, &token).status(), 401, "the old key's tokens end");
    assert_eq!(scene.ask_for_token(&mut line, &client).status(), 401, "and so does its certificate");
    agent.key = new;
    let second = agent.certificate(&client).expect(200);
    assert!(second.text("/expires_at") > first.text("/expires_at"));
    agent.stop_clocks(start + 91 * 86_400);
    let mut line = scene.line(&shown(&second.text("/certificate"), &agent.key));
    let token = scene.token_of(&mut line, &client);
    assert_eq!(scene.receipts(&mut line, &token).status(), 200);
}

fn sr_k10_no_header_asserts_a_certificate(house: &House) {
    let scene = Scene::new(house, false);
    let (agent, client, shown) = scene.software();
    let token = scene.token_of(&mut scene.line(&shown), &client);
    let pem = encoded(&agent.certificate(&client).expect(200).text("/certificate"));
    let names = ["client-cert", "x-client-cert", "x-ssl-client-cert", "x-forwarded-client-cert", "ssl-client-cert"];
    for name in names.into_iter().chain(["x-arr-clientcert", "x-amzn-mtls-clientcert", "cf-client-cert-der-base64"]) {
        let get = scene.server.call("GET", "/v1/practice/findings").token(&token).header(name, &pem);
        get.header("x-ssl-client-verify", "SUCCESS").send().problem(401, "not-signed-in");
        let form = format!("grant_type=client_credentials&client_id={client}");
        scene.server.call("POST", "/oauth/token").header(name, &pem).form(&form).send().expect(401);
    }
}

fn sr_k10_certificates_are_off_unless_asked_for(house: &House) {
    let practice = house.practice();
    let agent = Agent::new(&practice.server);
    let client = practice.staff.pair(&agent);
    agent.certificate(&client).problem(404, "not-found");
    let metadata = practice.server.get("/.well-known/oauth-authorization-server").expect(200).json();
    assert_eq!(metadata["tls_client_certificate_bound_access_tokens"], false);
    assert!(metadata.get("mtls_endpoint_aliases").is_none());
    // Only who ends TLS sees certificates: behind a proxy the listener does not start.
    let set = ["--set", "mtls.bind=127.0.0.1:1", "--set", "mtls.public_url=https://127.0.0.1:1"];
    let refused = practice.server.run(&[&["check-config"], &set[..]].concat());
    assert_eq!(refused.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("[mtls] is set, but [tls] is not"), "{refused:?}");
}
