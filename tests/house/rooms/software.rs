//! Software of practices: let in by a person, known by its key, and out with its next request.

use serde_json::json;

use super::endpoints::{Scene, Who, rows};
use crate::{
    agent::Agent,
    behind::Database,
    house::House,
    paper::Upload,
    people::{Patient, Practice},
    phone::text,
    proof_maker::SigningKey,
    server::Setup,
};

promises![
    sr_k10_a_person_lets_software_in_by_its_code,
    a_person_turns_software_away,
    software_that_asks_too_often_is_slowed_down,
    a_code_that_nobody_typed_runs_out,
    wrong_codes_cost_time,
    sr_a06_a_flood_of_one_network_pushes_out_only_its_own,
    sr_a06_a_full_house_takes_in_who_comes_next,
    sr_i11_strangers_do_not_choose_their_network,
    sr_a08_letting_software_in_needs_a_fresh_sign_in,
    sr_k10_only_the_registered_key_gets_in,
    sr_k10_an_assertion_is_good_once_and_for_us,
    sr_k10_revoked_software_is_out_with_its_next_request,
    sr_k10_a_key_that_was_not_renewed_ends_on_the_second,
    sr_k10_a_new_key_takes_the_place_of_the_old,
    sr_a06_twenty_bad_assertions_suspend_software,
    sr_s01_a_token_of_software_lasts_ten_minutes,
    sr_a13_a_token_of_software_needs_its_key,
    software_gives_its_token_back,
    sr_z05_software_only_uploads_and_reads_its_receipts,
    sr_z05_software_sees_no_receipts_of_its_neighbour,
    sr_k10_upload_credentials_open_nothing_where_keys_are_needed,
    another_practice_cannot_touch_our_software,
];

fn error(reply: &crate::http::Reply) -> String {
    reply.text("/error")
}

fn sr_k10_a_person_lets_software_in_by_its_code(house: &House) {
    let practice = house.own_practice();
    let agent = Agent::new(&practice.server);
    let codes = agent.ask().expect(200).json();
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&json!(600), &json!(5)));
    assert_eq!(error(&agent.poll(&codes).expect(400)), "authorization_pending");
    let path = format!("/v1/practice/pairings/{}", text(&codes, "user_code").to_lowercase().replace('-', ""));
    let asks = practice.staff.get(&path).expect(200).json();
    assert_eq!(asks["key_fingerprint"], codes["key_fingerprint"]);
    let client = practice.staff.call("POST", &format!("{path}/approve")).send().expect(201).json();
    assert_eq!(client["id"], codes["client_id"]);
    assert_eq!(client["label"], asks["label"]);
    std::thread::sleep(std::time::Duration::from_millis(4_100));
    let tokens = agent.poll(&codes).expect(200).json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("DPoP"), &json!(600)));
    assert_eq!((&tokens["client_id"], &tokens["scope"]), (&client["id"], &json!("findings:write")));
    assert!(tokens.get("refresh_token").is_none());
    agent.call("GET", "/v1/practice/findings", &text(&tokens, "access_token")).send().expect(200);
    assert_eq!(error(&agent.poll(&codes).expect(400)), "invalid_grant");
    practice.staff.get(&path).problem(404, "not-found");
    // The way from now on: no person, an assertion for each token.
    let token = agent.token(&text(&client, "id"));
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient);
    let receipt = upload.on(agent.call("POST", upload.path(), &token)).send().expect(201);
    assert_eq!(receipt.json()["documents"][0]["state"], "delivered");
    assert_eq!(resident.list().len(), 1);
    assert!(
        practice.staff.get("/v1/practice/software").expect(200).items().iter().any(|one| one["id"] == client["id"])
    );
}

fn a_person_turns_software_away(house: &House) {
    let practice = house.practice();
    let agent = Agent::new(&practice.server);
    let codes = agent.ask().expect(200).json();
    let path = format!("/v1/practice/pairings/{}", text(&codes, "user_code"));
    practice.staff.call("POST", &format!("{path}/deny")).send().expect(204);
    assert_eq!(error(&agent.poll(&codes).expect(400)), "access_denied");
    practice.staff.call("POST", &format!("{path}/approve")).send().problem(404, "not-found");
    assert_eq!(error(&agent.sign_in(&text(&codes, "client_id")).expect(401)), "invalid_client");
}

fn software_that_asks_too_often_is_slowed_down(house: &House) {
    let practice = house.practice();
    let agent = Agent::new(&practice.server);
    let codes = agent.ask().expect(200).json();
    assert_eq!(error(&agent.poll(&codes).expect(400)), "authorization_pending");
    assert_eq!(error(&agent.poll(&codes).expect(400)), "slow_down");
    let thief = Agent::new(&practice.server);
    let other = json!({"device_code": thief.ask().expect(200).text("/device_code").replace("nrd_", "nrr_")});
    assert_eq!(error(&thief.poll(&other).expect(400)), "invalid_grant");
    // One key, one client.
    let server = &practice.server;
    practice.staff.pair(&agent);
    assert_eq!(error(&agent.ask().expect(400)), "invalid_request");
    for form in
        ["client_id=nahraum-agent&client_name=x", "client_id=nahraum-agent&client_name=x&jwk=%7B%7D", "client_id=x"]
    {
        server.call("POST", "/oauth/device_authorization").form(form).send().expect(400);
    }
}

fn a_code_that_nobody_typed_runs_out(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (start, mut agent) = (server.now(), Agent::new(&server));
    agent.stop_clocks(start);
    let (early, late) = (agent.ask().expect(200).json(), Agent::new(&server).ask().expect(200).json());
    let path = |codes: &serde_json::Value| format!("/v1/practice/pairings/{}/approve", text(codes, "user_code"));
    agent.stop_clocks(start + 599);
    practice.staff.call("POST", &path(&early)).send().expect(201);
    agent.stop_clocks(start + 600);
    practice.staff.call("POST", &path(&late)).send().problem(404, "not-found");
    assert_eq!(error(&agent.poll(&late).expect(400)), "expired_token");
}

fn wrong_codes_cost_time(house: &House) {
    let practice = house.own_practice();
    let agent = Agent::new(&practice.server);
    let codes = agent.ask().expect(200).json();
    let right = format!("/v1/practice/pairings/{}", text(&codes, "user_code"));
    for wrong in 0..9 {
        practice.staff.get(&format!("/v1/practice/pairings/ABCD-EFG{}", wrong % 8 + 2)).problem(404, "not-found");
    }
    practice.staff.get(&right).expect(200);
    for _ in 0..10 {
        practice.staff.get("/v1/practice/pairings/nonsense-that-is-none").problem(404, "not-found");
    }
    practice.staff.get(&right).problem(429, "try-later");
    practice.staff.call("POST", &format!("{right}/approve")).send().problem(429, "try-later");
    house.practice().staff.get(&right).expect(200);
}

/// Lets software in by its code, and it hears of it.
fn let_in(practice: &Practice, agent: &Agent, codes: &serde_json::Value) {
    let path = format!("/v1/practice/pairings/{}/approve", text(codes, "user_code"));
    practice.staff.call("POST", &path).send().expect(201);
    agent.poll(codes).expect(200);
}

fn pairings_of(server: &crate::server::Server) -> (String, String) {
    let one = |column| server.ask(Database::Main, column, "FROM pairings").concat();
    (one("count(*)"), one("count(DISTINCT network_key)"))
}

fn sr_a06_a_flood_of_one_network_pushes_out_only_its_own(house: &House) {
    let server = house.own_server(Setup { proxy: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (far, near) = (Agent::new(&server), Agent::new(&server));
    let far_codes = far.ask_from("203.0.113.7").expect(200).json();
    let near_codes = near.ask_from("198.51.100.1").expect(200).json();
    let flood = Agent::new(&server);
    for n in 0..49 {
        // What the flood writes there itself is not what the proxy says.
        flood.ask_from(&format!("192.0.2.{n}, 198.51.100.{n}")).expect(200);
    }
    assert_eq!(pairings_of(&server), (String::from("51"), String::from("2")));
    assert_eq!(error(&near.poll(&near_codes).expect(400)), "authorization_pending");
    for n in 49..120 {
        flood.ask_from(&format!("192.0.2.{n}, 198.51.100.{n}")).expect(200);
    }
    assert_eq!(pairings_of(&server), (String::from("51"), String::from("2")));
    assert_eq!(error(&near.poll(&near_codes).expect(400)), "invalid_grant");
    let_in(&practice, &far, &far_codes);
    assert!(!server.log().contains("203.0.113"), "where somebody comes from is in no line");
}

fn sr_a06_a_full_house_takes_in_who_comes_next(house: &House) {
    let server = house.own_server(Setup { proxy: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (early, late) = (Agent::new(&server), Agent::new(&server));
    let early_codes = early.ask_from("203.0.113.7").expect(200).json();
    let flood = Agent::new(&server);
    for n in 0..1_125 {
        flood.ask_from(&format!("2001:db8:{}::{n}", n % 25)).expect(200);
    }
    assert_eq!(pairings_of(&server), (String::from("1000"), String::from("26")));
    let late_codes = late.ask_from("192.0.2.7").expect(200).json();
    assert_eq!(pairings_of(&server), (String::from("1000"), String::from("27")));
    let_in(&practice, &late, &late_codes);
    let_in(&practice, &early, &early_codes);
    assert_eq!(server.log().matches(r#""alarm":"pairings""#).count(), 1, "the operator is told once");
}

fn sr_i11_strangers_do_not_choose_their_network(house: &House) {
    let server = house.own_server(Setup::default());
    let (agent, flood) = (Agent::new(&server), Agent::new(&server));
    let codes = agent.ask_from("203.0.113.7").expect(200).json();
    for n in 0..50 {
        flood.ask_from(&format!("198.51.{n}.1")).expect(200);
    }
    assert_eq!(pairings_of(&server), (String::from("50"), String::from("1")));
    assert_eq!(error(&agent.poll(&codes).expect(400)), "invalid_grant");
}

fn sr_a08_letting_software_in_needs_a_fresh_sign_in(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let agent = Agent::new(&server);
    let client = practice.staff.pair(&agent);
    let token = practice.staff.token.clone();
    server.move_clock(301);
    let codes = Agent::new(&server).ask().expect(200).json();
    let path = format!("/v1/practice/pairings/{}", text(&codes, "user_code"));
    let stale = |method: &str, path: &str| server.call(method, path).token(&token).send();
    stale("GET", &path).expect(200);
    stale("POST", &format!("{path}/approve")).problem(403, "step-up-required");
    stale("POST", &format!("/v1/practice/software/{client}/resume")).problem(403, "step-up-required");
    practice.staff.call("POST", &format!("{path}/approve")).send().expect(201);
}

fn sr_k10_only_the_registered_key_gets_in(house: &House) {
    let practice = house.practice();
    let mut agent = Agent::new(&practice.server);
    let client = practice.staff.pair(&agent);
    agent.token(&client);
    let other = Agent::new(&practice.server);
    let others = practice.staff.pair(&other);
    // Another's key, another's name, no name, and no assertion.
    assert_eq!(error(&other.sign_in(&client).expect(401)), "invalid_client");
    assert_eq!(error(&agent.sign_in(&others).expect(401)), "invalid_client");
    assert_eq!(error(&agent.sign_in("nahraum-agent").expect(401)), "invalid_client");
    assert_eq!(error(&agent.sign_in(&crate::people::nobody()).expect(401)), "invalid_client");
    assert_eq!(error(&agent.show("x.y.z").expect(401)), "invalid_client");
    assert_eq!(error(&agent.show("").expect(401)), "invalid_client");
    agent.key = SigningKey::ed25519();
    assert_eq!(error(&agent.sign_in(&client).expect(401)), "invalid_client");
    // Somebody's Ed25519 key is as good as P-256.
    let mut edwards = Agent::new(&practice.server);
    edwards.key = SigningKey::ed25519();
    let client = practice.staff.pair(&edwards);
    edwards.token(&client);
}

fn sr_k10_an_assertion_is_good_once_and_for_us(house: &House) {
    let practice = house.practice();
    let agent = Agent::new(&practice.server);
    let client = practice.staff.pair(&agent);
    let assertion = agent.assertion(&agent.claims(&client));
    agent.show(&assertion).expect(200);
    assert_eq!(error(&agent.show(&assertion).expect(401)), "invalid_client");
    let now = agent.claims(&client)["iat"].as_i64().unwrap();
    for (claim, value) in [
        ("aud", json!("https://elsewhere.example/oauth/token")),
        ("exp", json!(now + 600)),
        ("exp", json!(now - 120)),
        ("sub", json!("somebody-else")),
        ("jti", json!("")),
    ] {
        let mut claims = agent.claims(&client);
        claims[claim] = value;
        assert_eq!(error(&agent.show(&agent.assertion(&claims)).expect(401)), "invalid_client", "{claim}");
    }
    let mut issuer = agent.claims(&client);
    issuer["aud"] = json!([practice.server.public("")]);
    agent.show(&agent.assertion(&issuer)).expect(200);
}

fn sr_k10_revoked_software_is_out_with_its_next_request(house: &House) {
    let practice = house.practice();
    let agent = Agent::new(&practice.server);
    let client = practice.staff.pair(&agent);
    let token = agent.token(&client);
    agent.call("GET", "/v1/practice/findings", &token).send().expect(200);
    practice.staff.call("DELETE", &format!("/v1/practice/software/{client}")).send().expect(204);
    agent.call("GET", "/v1/practice/findings", &token).send().problem(401, "session-over");
    assert_eq!(error(&agent.sign_in(&client).expect(401)), "invalid_client");
    practice.staff.call("DELETE", &format!("/v1/practice/software/{client}")).send().expect(204);
    let listed = practice.staff.get("/v1/practice/software").expect(200).items();
    assert!(listed.iter().any(|one| one["id"] == client.as_str() && one["revoked_at"].is_string()));
}

fn sr_k10_a_key_that_was_not_renewed_ends_on_the_second(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (start, mut agent) = (server.now(), Agent::new(&server));
    agent.stop_clocks(start);
    let client = practice.staff.pair(&agent);
    let end = start + 90 * 86_400;
    agent.stop_clocks(end - 1);
    let token = agent.token(&client);
    agent.call("GET", "/v1/practice/findings", &token).send().expect(200);
    agent.stop_clocks(end + 1);
    agent.call("GET", "/v1/practice/findings", &token).send().problem(401, "session-over");
    assert_eq!(error(&agent.sign_in(&client).expect(401)), "invalid_client");
}

fn sr_k10_a_new_key_takes_the_place_of_the_old(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (start, mut agent) = (server.now(), Agent::new(&server));
    agent.stop_clocks(start);
    let client = practice.staff.pair(&agent);
    let upload = Upload::pdf(&Patient::new());
    let sent = upload.on(agent.call("POST", upload.path(), &agent.token(&client))).send();
    let receipt = sent.json()["documents"][0]["id"].as_str().expect("a receipt").to_owned();
    agent.stop_clocks(start + 60 * 86_400 - 1);
    let new = SigningKey::es256();
    assert_eq!(error(&agent.renew(&client, &new).expect(400)), "invalid_request");
    agent.stop_clocks(start + 60 * 86_400);
    let token = agent.token(&client);
    let renewed = agent.renew(&client, &new).expect(200).json();
    assert_eq!(renewed["id"], client.as_str());
    agent.call("GET", "/v1/practice/findings", &token).send().problem(401, "not-signed-in");
    assert_eq!(error(&agent.sign_in(&client).expect(401)), "invalid_client");
    agent.key = new;
    agent.stop_clocks(start + 91 * 86_400);
    let token = agent.token(&client);
    // What it sent before is still its own.
    agent.call("GET", &format!("/v1/practice/findings/{receipt}"), &token).send().expect(200);
}

fn sr_a06_twenty_bad_assertions_suspend_software(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let agent = Agent::new(&server);
    let client = practice.staff.pair(&agent);
    let token = agent.token(&client);
    let thief = Agent::new(&server);
    for _ in 0..19 {
        thief.sign_in(&client).expect(401);
    }
    agent.call("GET", "/v1/practice/findings", &token).send().expect(200);
    assert!(!server.log().contains("software_suspended"));
    thief.sign_in(&client).expect(401);
    agent.call("GET", "/v1/practice/findings", &token).send().problem(401, "session-over");
    assert_eq!(error(&agent.sign_in(&client).expect(401)), "invalid_client");
    assert_eq!(server.log().matches("software_suspended").count(), 1);
    let listed = practice.staff.get("/v1/practice/software").expect(200).items();
    assert!(listed[0]["suspended_at"].is_string(), "{listed:?}");
    practice.staff.call("POST", &format!("/v1/practice/software/{client}/resume")).send().expect(204);
    agent.call("GET", "/v1/practice/findings", &agent.token(&client)).send().expect(200);
}

fn sr_s01_a_token_of_software_lasts_ten_minutes(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (start, mut agent) = (server.now(), Agent::new(&server));
    agent.stop_clocks(start);
    let client = practice.staff.pair(&agent);
    let token = agent.token(&client);
    for (second, status) in [(599, 200), (600, 401)] {
        agent.stop_clocks(start + second);
        agent.call("GET", "/v1/practice/findings", &token).send().expect(status);
    }
    let gone = agent.call("GET", "/v1/practice/findings", &token).send();
    gone.problem(401, "token-expired");
}

fn sr_a13_a_token_of_software_needs_its_key(house: &House) {
    let practice = house.practice();
    let (agent, thief) = (Agent::new(&practice.server), Agent::new(&practice.server));
    let client = practice.staff.pair(&agent);
    let token = agent.token(&client);
    thief.call("GET", "/v1/practice/findings", &token).send().problem(401, "not-signed-in");
    practice.server.call("GET", "/v1/practice/findings").token(&token).send().problem(401, "not-signed-in");
    agent.call("GET", "/v1/practice/findings", &token).send().expect(200);
}

fn software_gives_its_token_back(house: &House) {
    let practice = house.practice();
    let (agent, other) = (Agent::new(&practice.server), Agent::new(&practice.server));
    let (client, others) = (practice.staff.pair(&agent), practice.staff.pair(&other));
    let token = agent.token(&client);
    other.give_back(&others, &token).expect(200);
    agent.call("GET", "/v1/practice/findings", &token).send().expect(200);
    assert_eq!(error(&other.give_back(&client, &token).expect(401)), "invalid_client");
    agent.give_back(&client, &token).expect(200);
    agent.call("GET", "/v1/practice/findings", &token).send().problem(401, "not-signed-in");
}

/// SR-Z05: every GET of the table, with a token of software that has sent something.
fn sr_z05_software_only_uploads_and_reads_its_receipts(house: &House) {
    let scene = Scene::begin(house);
    let practice = &scene.practice;
    let agent = Agent::new(&practice.server);
    let client = practice.staff.pair(&agent);
    let token = agent.token(&client);
    let upload = Upload::pdf(&scene.resident.patient);
    let sent = upload.on(agent.call("POST", upload.path(), &token)).send().expect(201);
    let own = sent.json()["documents"][0]["id"].as_str().expect("a receipt").to_owned();
    let mut refused = 0;
    for row in rows().iter().filter(|row| row.who != Who::Anyone) {
        let path = scene.path(row);
        if row.method == "GET" && !row.operation.ends_with("receipts") && row.operation != "get_receipt" {
            agent.call("GET", &path, &token).send().problem(403, "forbidden");
            refused += 1;
        } else if row.operation != "upload_finding" && row.method != "GET" {
            let reply = row.send(&scene, agent.call(row.method, &path, &token));
            assert_eq!(reply.status, 403, "{}", row.operation);
        }
    }
    assert!(refused >= 15, "{refused}");
    agent.call("GET", &format!("/v1/practice/findings/{own}"), &token).send().expect(200);
    agent.call("GET", &format!("/v1/findings/{own}"), &token).send().problem(403, "forbidden");
    agent.call("GET", &format!("/v1/practice/findings/{}", scene.finding), &token).send().problem(404, "not-found");
    let listed = agent.call("GET", "/v1/practice/findings", &token).send().expect(200).items();
    assert_eq!(listed.iter().map(|one| one["id"].clone()).collect::<Vec<_>>(), [json!(own)]);
}

fn sr_z05_software_sees_no_receipts_of_its_neighbour(house: &House) {
    let practice = house.practice();
    let (agent, neighbour) = (Agent::new(&practice.server), Agent::new(&practice.server));
    let token = agent.token(&practice.staff.pair(&agent));
    let theirs = neighbour.token(&practice.staff.pair(&neighbour));
    let upload = Upload::pdf(&Patient::new());
    let sent = upload.on(agent.call("POST", upload.path(), &token)).send();
    let own = sent.json()["documents"][0]["id"].as_str().expect("a receipt").to_owned();
    neighbour.call("GET", &format!("/v1/practice/findings/{own}"), &theirs).send().problem(404, "not-found");
    assert!(neighbour.call("GET", "/v1/practice/findings", &theirs).send().expect(200).items().is_empty());
}

fn sr_k10_upload_credentials_open_nothing_where_keys_are_needed(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    practice.software.get("/v1/practice/findings").expect(200);
    let strict = super::proofs::Scene::new(house);
    let made = strict.staff.call("POST", "/v1/practice/upload-credentials", &strict.staff_token);
    made.json(&json!({"label": "Rechner"})).send().problem(403, "bearer-not-allowed");
    // The same with one that was made when tokens were still good by themselves.
    server.stop();
    server.forbid_bearers();
    server.restart();
    practice.software.get("/v1/practice/findings").problem(401, "not-signed-in");
    // Without a proof software gets nothing, with one it does.
    let agent = Agent::new(&strict.server);
    let codes = agent.ask().expect(200).json();
    let path = format!("/v1/practice/pairings/{}/approve", text(&codes, "user_code"));
    let client = strict.staff.call("POST", &path, &strict.staff_token).send().expect(201).text("/id");
    let bare = format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer\
         &client_assertion={}",
        agent.assertion(&agent.claims(&client))
    );
    let refused = strict.server.call("POST", "/oauth/token").form(&bare).send().expect(400);
    assert_eq!(error(&refused), "invalid_dpop_proof");
    agent.call("GET", "/v1/practice/findings", &agent.token(&client)).send().expect(200);
}

fn another_practice_cannot_touch_our_software(house: &House) {
    let (practice, other) = (house.practice(), house.own_practice());
    let agent = Agent::new(&practice.server);
    let client = practice.staff.pair(&agent);
    let token = agent.token(&client);
    other.staff.call("DELETE", &format!("/v1/practice/software/{client}")).send().problem(404, "not-found");
    other.staff.call("POST", &format!("/v1/practice/software/{client}/resume")).send().problem(404, "not-found");
    assert!(other.staff.get("/v1/practice/software").expect(200).items().is_empty());
    agent.call("GET", "/v1/practice/findings", &token).send().expect(200);
}
