//! Where findings are real: nothing is given out without the proof of a key, and a stolen token opens nothing.

use serde_json::{Value, json};

use crate::{
    house::House,
    people::{PASSWORD, PIN, Patient, Slip, activation, device_secret},
    phone::{Phone, text},
    server::{Server, Setup},
};

promises![
    sr_a13_without_a_proof_nothing_is_given_out,
    sr_a13_a_stolen_token_opens_nothing,
    sr_a13_a_proof_is_good_for_one_request,
    sr_a13_a_phone_whose_clock_is_off_gets_a_nonce,
    sr_s03_a_refresh_token_needs_its_key,
    several_residents_share_a_phone,
    a_list_is_read_on_after_a_refresh,
];

/// A practice whose person has signed in with a key, and a slip of a patient.
pub(crate) struct Scene {
    pub(crate) server: std::sync::Arc<Server>,
    pub(crate) staff: Phone,
    pub(crate) staff_token: String,
}

impl Scene {
    pub(crate) fn new(house: &House) -> Self {
        let server = house.own_server(Setup { proofs: true, ..Setup::default() });
        let said = server.cli(&["organisation", "add", "--kind", "practice", "--name", "Praxis Kanarie"]);
        let file = server.secret_file("password", PASSWORD);
        let arguments = ["staff", "add", "--organisation", said.trim(), "--login", "kanarie", "--password-file"];
        server.cli(&[&arguments[..], &[file.to_str().unwrap()]].concat());
        let staff = Phone::new(&server);
        let body = json!({"login": "kanarie", "password": PASSWORD});
        let tokens = staff.call("POST", "/v1/sessions/staff", "").json(&body).send().expect(201).json();
        let staff_token = text(&tokens, "access_token");
        Self { server, staff, staff_token }
    }

    fn slip(&self) -> Slip {
        let patient = Patient::new();
        let body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
        let call = self.staff.call("POST", "/v1/practice/invitations", &self.staff_token);
        let made = call.json(&body).send().expect(201);
        Slip { id: made.text("/invitation/id"), code: made.text("/manual_code"), qr: made.text("/qr_payload"), patient }
    }

    /// A resident's phone with its tokens.
    pub(super) fn phone(&self) -> (Phone, Value) {
        let phone = Phone::new(&self.server);
        let tokens = phone.activate(&self.slip());
        assert_eq!(tokens["token_type"], "DPoP");
        (phone, tokens)
    }
}

fn sr_a13_without_a_proof_nothing_is_given_out(house: &House) {
    let scene = Scene::new(house);
    let server = &scene.server;
    let slip = scene.slip();
    let secret = activation(server, &slip.code, &slip.patient.birth_date, &device_secret(), "de");
    server.post("/v1/activations", &secret).problem(401, "proof-missing");
    server.post("/v1/sessions/staff", &json!({"login": "kanarie", "password": PASSWORD})).problem(401, "proof-missing");
    let body = json!({"device_secret": device_secret(), "pin": PIN});
    server.post("/v1/sessions/resident", &body).problem(401, "proof-missing");
    server.post("/v1/sessions/resident", &json!({"pin": PIN})).problem(401, "proof-missing");
    assert_eq!(server.get("/v1/server").json()["bearer"], false);
    // The slip is still good.
    Phone::new(server).activate(&slip);
}

fn sr_a13_a_stolen_token_opens_nothing(house: &House) {
    let scene = Scene::new(house);
    let (phone, tokens) = scene.phone();
    let token = text(&tokens, "access_token");
    phone.call("GET", "/v1/me", &token).send().expect(200);
    scene.server.call("GET", "/v1/me").token(&token).send().problem(401, "not-signed-in");
    let bare = scene.server.call("GET", "/v1/me").header("authorization", &format!("DPoP {token}"));
    bare.send().problem(401, "proof-missing");
    let thief = Phone::new(&scene.server);
    thief.call("GET", "/v1/me", &token).send().problem(401, "not-signed-in");
    let mixed = scene.server.call("GET", "/v1/me").header("authorization", &format!("Bearer {token}"));
    mixed.header("dpop", &phone.proof("GET", "/v1/me", Some(&token))).send().problem(401, "not-signed-in");
    phone.call("HEAD", "/v1/me", &token).send().expect(200);
}

fn sr_a13_a_proof_is_good_for_one_request(house: &House) {
    let scene = Scene::new(house);
    let (phone, tokens) = scene.phone();
    let token = text(&tokens, "access_token");
    let with = |proofs: &[&str]| {
        let call = scene.server.call("GET", "/v1/findings").header("authorization", &format!("DPoP {token}"));
        proofs.iter().fold(call, |call, proof| call.header("dpop", proof)).send()
    };
    let good = phone.proof("GET", "/v1/findings", Some(&token));
    with(&[&good]).expect(200);
    let again = with(&[&good]).problem(401, "proof-refused");
    let challenge = again.header("www-authenticate").unwrap();
    assert!(challenge.starts_with(r#"DPoP error="invalid_dpop_proof""#), "{challenge}");
    let other = Phone::new(&scene.server);
    let wrong = [
        phone.proof("POST", "/v1/findings", Some(&token)),
        phone.proof("GET", "/v1/me", Some(&token)),
        phone.proof("GET", "/v1/findings", None),
        phone.proof("GET", "/v1/findings", Some(&text(&tokens, "refresh_token"))),
        "x".to_owned(),
        String::new(),
    ];
    for proof in &wrong {
        with(&[proof]).problem(401, "proof-refused");
    }
    let two = [&phone, &other].map(|phone| phone.proof("GET", "/v1/findings", Some(&token)));
    with(&[&two[0], &two[1]]).problem(401, "proof-refused");
    with(&[&phone.proof("GET", "/v1/findings?limit=1", Some(&token))]).expect(200);
}

fn sr_a13_a_phone_whose_clock_is_off_gets_a_nonce(house: &House) {
    let scene = Scene::new(house);
    let (phone, tokens) = scene.phone();
    let token = text(&tokens, "access_token");
    let now = i64::try_from(scene.server.now()).unwrap();
    for off in [-86_400, 86_400] {
        let ask = |nonce: Option<&str>| {
            let proof = phone.proof_at("GET", "/v1/me", Some(&token), now + off, nonce);
            let call = scene.server.call("GET", "/v1/me").header("authorization", &format!("DPoP {token}"));
            call.header("dpop", &proof).send()
        };
        let told = ask(None).problem(401, "proof-refused");
        assert!(told.header("www-authenticate").unwrap().contains("use_dpop_nonce"));
        let nonce = told.header("dpop-nonce").expect("a nonce").to_owned();
        ask(Some(&nonce)).expect(200);
        ask(Some("made-up")).problem(401, "proof-refused");
    }
    // The same at the token endpoint, in the form of RFC 6749.
    let proof = phone.proof_at("POST", "/oauth/token", None, now + 86_400, None);
    let form = format!("grant_type=refresh_token&refresh_token={}", text(&tokens, "refresh_token"));
    let told = scene.server.call("POST", "/oauth/token").header("dpop", &proof).form(&form).send().expect(400);
    assert_eq!(told.json()["error"], "use_dpop_nonce");
    let nonce = told.header("dpop-nonce").expect("a nonce").to_owned();
    let proof = phone.proof_at("POST", "/oauth/token", None, now + 86_400, Some(&nonce));
    scene.server.call("POST", "/oauth/token").header("dpop", &proof).form(&form).send().expect(200);
}

/// Another key changes nothing: a thief of the text cannot even sign the owner out.
fn sr_s03_a_refresh_token_needs_its_key(house: &House) {
    let scene = Scene::new(house);
    let (phone, tokens) = scene.phone();
    let form = format!("grant_type=refresh_token&refresh_token={}", text(&tokens, "refresh_token"));
    let thief = Phone::new(&scene.server);
    for _ in 0..3 {
        let refused = thief.call("POST", "/oauth/token", "").form(&form).send().expect(400);
        assert_eq!(refused.json()["error"], "invalid_grant");
        let bare = scene.server.call("POST", "/oauth/token").form(&form).send().expect(400);
        assert_eq!(bare.json()["error"], "invalid_grant");
        let token = format!("token={}", text(&tokens, "refresh_token"));
        thief.call("POST", "/oauth/revoke", "").form(&token).send().expect(200);
    }
    phone.call("GET", "/v1/me", &text(&tokens, "access_token")).send().expect(200);
    let next = phone.call("POST", "/oauth/token", "").form(&form).send().expect(200).json();
    assert_eq!(next["token_type"], "DPoP");
    phone.call("GET", "/v1/me", &text(&next, "access_token")).send().expect(200);
}

/// A family has one phone: a key for each, and nobody sees anything of another.
fn several_residents_share_a_phone(house: &House) {
    let scene = Scene::new(house);
    let (mother, child) = (scene.phone(), scene.phone());
    let id = |(phone, tokens): &(Phone, Value)| {
        phone.call("GET", "/v1/me", &text(tokens, "access_token")).send().expect(200).text("/id")
    };
    assert_ne!(id(&mother), id(&child));
    mother.0.call("GET", "/v1/me", &text(&child.1, "access_token")).send().problem(401, "not-signed-in");
    // A key that names somebody already cannot name another.
    let slip = scene.slip();
    let mut body = activation(&scene.server, &slip.code, &slip.patient.birth_date, "", "de");
    body.as_object_mut().unwrap().remove("device_secret");
    mother.0.call("POST", "/v1/activations", "").json(&body).send().problem(422, "invalid");
    mother.0.unlock();
    child.0.unlock();
}

/// A cursor belongs to the phone, not to the token of ten minutes.
fn a_list_is_read_on_after_a_refresh(house: &House) {
    let scene = Scene::new(house);
    let (phone, tokens) = scene.phone();
    let page = |token: &str, path: &str| phone.call("GET", path, token).send();
    page(&text(&tokens, "access_token"), "/v1/findings").expect(200);
    let first = page(&text(&tokens, "access_token"), "/v1/access-log?limit=1").expect(200).json();
    let cursor = first["next_cursor"].as_str().map(str::to_owned);
    let Some(cursor) = cursor else { panic!("one page only: {first}") };
    let form = format!("grant_type=refresh_token&refresh_token={}", text(&tokens, "refresh_token"));
    let next = phone.call("POST", "/oauth/token", "").form(&form).send().expect(200).json();
    page(&text(&next, "access_token"), &format!("/v1/access-log?limit=1&cursor={cursor}")).expect(200);
    let (other, theirs) = scene.phone();
    let stolen = other.call("GET", &format!("/v1/access-log?limit=1&cursor={cursor}"), &text(&theirs, "access_token"));
    stolen.send().problem(400, "cursor-mismatch");
}
