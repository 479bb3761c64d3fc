//! Signing in in the browser for a client: the page, the code, and what a thief of a code gets.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    house::House,
    http::{Call, Reply},
    people::PASSWORD,
    phone::Phone,
    server::{REDIRECT as BACK, Server, Setup},
    worker::Worker,
};

promises![
    sr_s01_a_code_is_good_once_and_for_a_minute,
    sr_s01_a_code_is_bound_to_client_address_verifier_and_key,
    sr_s01_only_s256_and_known_addresses,
    the_page_is_ours_and_loads_nothing_else,
];

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

struct Scene {
    server: Arc<Server>,
    worker: Worker,
    phone: Phone,
}

impl Scene {
    fn new(house: &House) -> Self {
        let setup = Setup { second_factor: true, clock: true, proofs: true, ..Setup::default() };
        let server = house.own_server(setup);
        let (worker, phone) = (Worker::new(&server, "practice"), Phone::new(&server));
        Self { server, worker, phone }
    }

    fn asked(&self) -> Value {
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
        json!({
            "response_type": "code", "client_id": "nahraum-staff", "redirect_uri": BACK, "state": "a b&c",
            "code_challenge": challenge, "code_challenge_method": "S256",
        })
    }

    /// Signs in on the page, with these fields changed.
    fn authorize(&mut self, changed: &Value) -> Reply {
        let mut body = self.asked();
        let proof = self.worker.proof();
        let factors = self.worker.with(&json!({"password": PASSWORD, "passkey": proof}));
        for more in [&factors, changed] {
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        self.server.call("POST", "/oauth/authorize").header("sec-fetch-site", "same-origin").json(&body).send()
    }

    fn code(&mut self) -> String {
        let url = self.authorize(&json!({})).expect(201).text("/redirect_to");
        let (place, query) = url.split_once('?').expect("a query");
        assert_eq!(place, BACK);
        let fields: Vec<&str> = query.split('&').collect();
        assert_eq!(fields[1], "state=a+b%26c");
        let issuer = self.server.public("").replace(':', "%3A").replace('/', "%2F");
        assert_eq!(fields[2], format!("iss={issuer}"));
        fields[0].strip_prefix("code=").expect("a code").to_owned()
    }

    fn redeem(&self, code: &str, verifier: &str, client: &str, back: &str) -> Reply {
        let form = format!(
            "grant_type=authorization_code&code={code}&code_verifier={verifier}&client_id={client}&redirect_uri={back}"
        );
        self.ask("POST", "/oauth/token", None).form(&form).send()
    }

    /// A request with a proof by the server's clock.
    fn ask(&self, method: &str, path: &str, token: Option<&str>) -> Call<'_> {
        let proof = self.phone.proof_at(method, path, token, self.server.clock(), None);
        let call = self.server.call(method, path).header("dpop", &proof);
        token.map_or_else(
            || self.server.call(method, path).header("dpop", &proof),
            |token| call.header("authorization", &format!("DPoP {token}")),
        )
    }

    fn exchange(&self, code: &str) -> Reply {
        self.redeem(code, VERIFIER, "nahraum-staff", BACK)
    }
}

fn refused(reply: Reply) {
    assert_eq!(reply.expect(400).json()["error"], "invalid_grant");
}

fn sr_s01_a_code_is_good_once_and_for_a_minute(house: &House) {
    let mut scene = Scene::new(house);
    let begin = scene.server.now();
    scene.server.stop_clock_at(begin);
    let code = scene.code();
    let tokens = scene.exchange(&code).expect(200);
    let token = tokens.text("/access_token");
    assert_eq!(tokens.json()["token_type"], "DPoP");
    let current = scene.ask("GET", "/v1/sessions/current", Some(&token)).send().expect(200).json();
    assert_eq!(
        (&current["kind"], &current["organisation"]["id"]),
        (&json!("practice"), &json!(scene.worker.organisation))
    );
    refused(scene.exchange(&code));
    scene.ask("GET", "/v1/sessions/current", Some(&token)).send().problem(401, "session-over");
    let form = format!("grant_type=refresh_token&refresh_token={}", tokens.text("/refresh_token"));
    refused(scene.ask("POST", "/oauth/token", None).form(&form).send());
    let code = scene.code();
    scene.server.stop_clock_at(begin + 59);
    scene.exchange(&code).expect(200);
    let code = scene.code();
    scene.server.stop_clock_at(begin + 59 + 60);
    refused(scene.exchange(&code));
}

fn sr_s01_a_code_is_bound_to_client_address_verifier_and_key(house: &House) {
    let mut scene = Scene::new(house);
    let code = scene.code();
    let other = VERIFIER.replace('d', "e");
    refused(scene.redeem(&code, &other, "nahraum-staff", BACK));
    refused(scene.redeem(&code, "kurz", "nahraum-staff", BACK));
    refused(scene.redeem(&code, VERIFIER, "other", BACK));
    refused(scene.redeem(&code, VERIFIER, "nahraum-staff", "https://portal.example.org/"));
    refused(scene.exchange("nrc_x"));
    scene.exchange(&code).expect(200);
    // A code that is bound to a key needs it.
    let thief = Phone::new(&scene.server);
    let key: Value = serde_json::from_str(&scene.phone.key.jwk()).expect("a key");
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]);
    let jkt = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
    let url = scene.authorize(&json!({"dpop_jkt": jkt})).expect(201).text("/redirect_to");
    let code = url.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let mine = std::mem::replace(&mut scene.phone, thief);
    refused(scene.exchange(&code));
    scene.phone = mine;
    let token = scene.exchange(&code).expect(200).text("/access_token");
    scene.ask("GET", "/v1/practice", Some(&token)).send().expect(200);
}

fn sr_s01_only_s256_and_known_addresses(house: &House) {
    let mut scene = Scene::new(house);
    scene.authorize(&json!({"code_challenge_method": "plain"})).problem(400, "authorization-refused");
    scene.authorize(&json!({"redirect_uri": format!("{BACK}/")})).problem(400, "authorization-refused");
    scene.authorize(&json!({"client_id": "other"})).problem(400, "authorization-refused");
    scene.authorize(&json!({"password": null})).problem(401, "second-factor-required");
    let get = |query: &str| scene.server.get(&format!("/oauth/authorize?{query}"));
    let back = "redirect_uri=https%3A%2F%2Fportal.example.org%2Fcb&client_id=nahraum-staff&state=x";
    let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    get(&format!("{back}&response_type=code&{challenge}&code_challenge_method=S256")).expect(200);
    for (query, error) in [
        (format!("{back}&response_type=code&{challenge}&code_challenge_method=plain"), "invalid_request"),
        (format!("{back}&response_type=code&{challenge}"), "invalid_request"),
        (format!("{back}&response_type=code"), "invalid_request"),
        (format!("{back}&response_type=token&{challenge}&code_challenge_method=S256"), "unsupported_response_type"),
    ] {
        let told = get(&query).expect(303);
        let place = told.header("location").unwrap();
        assert!(place.starts_with(&format!("{BACK}?error={error}&")) && place.contains("&state=x&iss="), "{place}");
    }
    get("client_id=nahraum-staff&response_type=code").problem(400, "authorization-refused");
    get("redirect_uri=https%3A%2F%2Fevil.example&client_id=nahraum-staff").problem(400, "authorization-refused");
    let metadata = scene.server.get("/.well-known/oauth-authorization-server").expect(200).json();
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    assert!(grants.contains(&json!("authorization_code")));
    assert!(!grants.contains(&json!("password")) && !grants.contains(&json!("implicit")));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}

/// SR-S08, as far as it goes without cookies: another site can neither frame nor fill the page.
fn the_page_is_ours_and_loads_nothing_else(house: &House) {
    let mut scene = Scene::new(house);
    let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let path = format!("/oauth/authorize?response_type=code&client_id=nahraum-staff&redirect_uri={BACK}&{challenge}");
    for (language, word) in [("de", "Anmelden"), ("en", "Sign in")] {
        let page = scene.server.call("GET", &path).header("accept-language", language).send().expect(200);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        let text = String::from_utf8(page.body.clone()).unwrap();
        assert!(text.contains(word) && text.contains("portal.example.org") && !text.contains("{client}"));
        assert!(!text.contains("http://") && !text.contains("https://"), "nothing comes from elsewhere");
        assert!(
            !text.contains("<script>") && !text.contains(" style=") && !text.contains(" onclick"),
            "nothing inline"
        );
        let enrol = scene.server.call("GET", "/enrol").header("accept-language", language).send().expect(200);
        assert!(enrol.header("content-security-policy").unwrap().starts_with("default-src 'none';"));
    }
    for path in ["/oauth/sign-in.js", "/oauth/sign-in.css"] {
        assert!(!scene.server.get(path).expect(200).body.is_empty());
    }
    let mut body = scene.asked();
    let factors = scene.worker.with(&json!({"password": PASSWORD}));
    body.as_object_mut().unwrap().extend(factors.as_object().unwrap().clone());
    for site in ["cross-site", "same-site", "none"] {
        let call = scene.server.call("POST", "/oauth/authorize").header("sec-fetch-site", site);
        call.json(&body).send().problem(403, "forbidden");
    }
    let proof = scene.worker.proof();
    let ours = scene.server.call("POST", "/oauth/authorize").header("sec-fetch-site", "same-origin");
    body["passkey"] = proof;
    ours.json(&body).send().expect(201);
}
