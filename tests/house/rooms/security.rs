//! Being told: of a session that two have used, of what changed how people at work sign in, of a phone that runs out; and a
//! hash that grows with the times.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::hkdf;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::mail::Post;
use crate::{
    house::House,
    http::Reply,
    people::{CANARY, PASSWORD, PIN, Practice, Staff},
    phone::{Phone, text},
    server::{REDIRECT, Server, Setup},
    sql::Intruder,
    worker::{Worker, code, new_passkey},
};

promises![
    sr_a04_a_weak_hash_is_raised_at_the_next_sign_in,
    sr_s03_a_replay_is_told_once_and_by_one_mail,
    sr_s03_people_at_work_are_told_of_a_replay,
    sr_a09_people_at_work_are_told_of_every_change,
    sr_a09_a_thief_takes_no_news_away,
    sr_a09_that_was_not_me_leaves_a_reset_only,
    sr_s06_a_phone_that_runs_out_is_told_three_times,
];

const EVENTS: &str = "/v1/staff/security-events";

/// A hash of this server with less than half of today's memory; without its pepper on demand.
fn weak_hash(server: &Server, secret: &str, with_pepper: bool) -> String {
    let root = fs::read_to_string(server.path("data/root.key")).expect("the root key");
    let root = URL_SAFE_NO_PAD.decode(root.trim().trim_start_matches("nahraum-root-1:")).expect("base64url");
    let mut pepper = [0; 32];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&root);
    extracted.expand(&[b"nahraum/1/pepper"], hkdf::HKDF_SHA256).expect("a key").fill(&mut pepper).expect("32 bytes");
    let pepper = if with_pepper { &pepper[..] } else { &[] };
    let params = Params::new(19_456, 1, 1, Some(32)).expect("parameters");
    let argon2 = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params).expect("a hasher");
    let (salt, mut digest) = ([7; 16], [0; 32]);
    argon2.hash_password_into(secret.as_bytes(), &salt, &mut digest).expect("a hash");
    format!("$argon2id$v=19$m=19456,t=1,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(digest))
}

/// A table, its column with the hash, the secret, today's cost, and a sign-in with it.
type Stored<'a> = (&'static str, &'static str, &'static str, &'static str, &'a dyn Fn() -> Reply);

fn sr_a04_a_weak_hash_is_raised_at_the_next_sign_in(house: &House) {
    let server = house.own_server(Setup { slow_hashes: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let mut intruder = Intruder::at(&server);
    let phone = || resident.sign_in(PIN);
    let person = || Staff::password(&server, &practice.staff.login);
    let secrets: [Stored<'_>; 2] = [
        ("devices", "pin_hash", PIN, "m=47104,t=1,p=1", &phone),
        ("staff", "password_hash", PASSWORD, "m=65536,t=3,p=1", &person),
    ];
    for (table, column, secret, today, sign_in) in secrets {
        let mut set = |hash: &str| intruder.run(&format!("UPDATE {table} SET {column} = '{hash}'"));
        set(&weak_hash(&server, secret, false));
        sign_in().problem(401, "sign-in-failed");
        set(&weak_hash(&server, "another-secret-71", true));
        thread::sleep(Duration::from_millis(1_100)); // the wrong password costs a second
        sign_in().problem(401, "sign-in-failed");
        thread::sleep(Duration::from_millis(1_100));
        let count = |intruder: &mut Intruder, costs: &str| {
            intruder.number(&format!("SELECT count(*) FROM {table} WHERE {column} LIKE '$argon2id$v=19${costs}$%'"))
        };
        assert_eq!(count(&mut intruder, today), 0, "{table}: a wrong secret raises nothing");
        intruder.run(&format!("UPDATE {table} SET {column} = '{}'", weak_hash(&server, secret, true)));
        sign_in().expect(201);
        let patience = Instant::now() + Duration::from_secs(20);
        while count(&mut intruder, today) == 0 {
            assert!(Instant::now() < patience, "{table}: the hash was not raised");
            thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(count(&mut intruder, "m=19456,t=1,p=1"), 0);
        sign_in().expect(201);
    }
}

fn refresh(server: &Server, token: &str) -> Reply {
    server.call("POST", "/oauth/token").form(&format!("grant_type=refresh_token&refresh_token={token}")).send()
}

/// Uses the successor of a refresh token, and then shows the token itself, many times.
fn replay(server: &Server, first: &str, path: &str) {
    let second = refresh(server, first).expect(200);
    server.call("GET", path).token(&second.text("/access_token")).send().expect(200);
    for _ in 0..5 {
        assert_eq!(refresh(server, first).expect(400).json()["error"], "invalid_grant");
    }
    server.call("GET", path).token(&second.text("/access_token")).send().problem(401, "session-over");
}

fn sr_s03_a_replay_is_told_once_and_by_one_mail(house: &House) {
    let post = Post::begin(house);
    let resident = post.resident("tr", "jemand@example.org");
    let server = &post.server;
    replay(server, &resident.sign_in(PIN).expect(201).text("/refresh_token"), "/v1/me");
    let mail = post.wait_for(1).remove(0);
    assert!(mail.contains("jemand@example.org") && !mail.contains(CANARY), "{mail}");
    assert_eq!(post.wait_in_vain(), 1, "one notice, however often it was shown");
    assert_eq!(server.log().matches("a used-up refresh token was shown").count(), 1);
    resident.sign_in_again();
    let events = resident.get("/v1/me/security-events").expect(200).items();
    let told: Vec<&Value> = events.iter().filter(|event| event["kind"] == "session-replayed").collect();
    assert_eq!(told.len(), 1, "{events:#?}");
    assert_eq!(told[0]["lang"], "tr");
    assert!(told[0]["device_name"].is_string(), "they see which phone it was");
    let path = format!("/v1/me/security-events/{}/not-me", told[0]["id"].as_str().unwrap());
    resident.call("POST", &path).send().expect(204);
    assert_eq!(resident.get("/v1/me/devices").expect(200).items().len(), 1, "the phone in the hand stays");
}

fn strict(house: &House, clock: bool) -> std::sync::Arc<Server> {
    house.own_server(Setup { second_factor: true, clock, ..Setup::default() })
}

fn kinds(worker: &Worker, token: &str) -> Vec<String> {
    let events = worker.ask(token, "GET", EVENTS, None).expect(200).items();
    events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

fn sr_s03_people_at_work_are_told_of_a_replay(house: &House) {
    let server = strict(house, false);
    let mut worker = Worker::new(&server, "practice");
    let both = json!({"password": PASSWORD, "passkey": worker.proof()});
    replay(&server, &worker.sign_in(&both).expect(201).text("/refresh_token"), "/v1/staff/factors");
    let token = worker.token();
    assert_eq!(kinds(&worker, &token), ["session-replayed", "enrolled"]);
    // So is a code that was used twice: the session that came of it ends, and that is told.
    let proof = worker.proof();
    let mut asked = worker.with(&json!({"password": PASSWORD, "passkey": proof}));
    let request = json!({
        "response_type": "code", "client_id": "nahraum-staff", "redirect_uri": REDIRECT, "code_challenge_method": "S256",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    });
    asked.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
    let goes_to = server.post("/oauth/authorize", &asked).expect(201).text("/redirect_to");
    let code = goes_to.split(['?', '&']).find_map(|field| field.strip_prefix("code=")).expect("a code").to_owned();
    let form = format!(
        "grant_type=authorization_code&client_id=nahraum-staff&redirect_uri=https%3A%2F%2Fportal.example.org%2Fcb\
         &code={code}&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    let redeem = || server.call("POST", "/oauth/token").form(&form).send();
    let session = redeem().expect(200);
    assert_eq!(session.json()["new_security_events"], 2);
    for _ in 0..3 {
        redeem().expect(400);
    }
    worker.ask(&session.text("/access_token"), "GET", EVENTS, None).problem(401, "session-over");
    assert_eq!(kinds(&worker, &token), ["session-replayed", "session-replayed", "enrolled"]);
}

fn sr_a09_people_at_work_are_told_of_every_change(house: &House) {
    let server = strict(house, false);
    let mut worker = Worker::new(&server, "kiosk");
    let elsewhere = worker.token();
    let token = worker.token();
    let ask = |method: &str, path: &str, body: Option<&Value>| worker.ask(&token, method, path, body);
    let offer = ask("POST", "/v1/staff/passkey-challenges", None).expect(201).json();
    let (_, passkey) = new_passkey(&server, &offer);
    let factors = ask("POST", "/v1/staff/passkeys", Some(&passkey)).expect(201).json();
    worker.ask(&elsewhere, "GET", EVENTS, None).problem(401, "session-over");
    let path = format!("/v1/staff/passkeys/{}", factors["passkeys"][1]["id"].as_str().unwrap());
    ask("DELETE", &path, None).expect(200);
    ask("DELETE", "/v1/staff/totp", None).expect(200);
    let offer = ask("POST", "/v1/staff/totp/begin", None).expect(201).json();
    let right = code(offer["secret"].as_str().unwrap(), server.clock());
    ask("PUT", "/v1/staff/totp", Some(&json!({"ceremony_id": offer["ceremony_id"], "code": right}))).expect(200);
    ask("PUT", "/v1/staff/password", Some(&json!({"password": PASSWORD}))).expect(200);
    server.cli(&["staff", "reset", "--login", &worker.login]);
    let expected = [
        "reset-started",
        "password-changed",
        "totp-set",
        "totp-removed",
        "passkey-removed",
        "passkey-added",
        "enrolled",
    ];
    assert_eq!(kinds(&worker, &token), expected);
    let here = |event: &&Value| event["by_this_session"] == true;
    let events = ask("GET", EVENTS, None).expect(200).items();
    assert_eq!(events.iter().filter(here).count(), 5, "all but the reset and the enrolment");
    let current = ask("GET", "/v1/sessions/current", None).expect(200).json();
    assert_eq!(current["new_security_events"], 2);
    // Whoever signs in next is told, in a language they read, page by page.
    let both = json!({"password": PASSWORD, "passkey": worker.proof()});
    let next = worker.sign_in(&both).expect(201);
    assert_eq!(next.json()["new_security_events"], 7);
    let page = server.call("GET", &format!("{EVENTS}?limit=4")).token(&next.text("/access_token"));
    let page = page.header("accept-language", "pl").send().expect(200).json();
    assert_eq!((&page["items"][0]["lang"], page["items"].as_array().unwrap().len()), (&json!("pl"), 4));
    let rest = format!("{EVENTS}?limit=4&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(worker.ask(&next.text("/access_token"), "GET", &rest, None).expect(200).items().len(), 3);
}

/// A person at work who signs in with a key of their browser.
struct Desk {
    phone: Phone,
    token: String,
    news: i64,
}

impl Desk {
    fn new(server: &std::sync::Arc<Server>) -> Self {
        Self { phone: Phone::new(server), token: String::new(), news: 0 }
    }

    fn sign_in(&mut self, worker: &mut Worker) {
        let proof = worker.proof();
        let both = worker.with(&json!({"password": PASSWORD, "passkey": proof}));
        let tokens = self.phone.call("POST", "/v1/sessions/staff", "").json(&both).send().expect(201).json();
        self.token = text(&tokens, "access_token");
        self.news = tokens["new_security_events"].as_i64().expect("a number");
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let call = self.phone.call(method, path, &self.token);
        body.map_or_else(|| self.phone.call(method, path, &self.token).send(), |body| call.json(body).send())
    }

    fn add_passkey(&self, server: &Server) {
        let offer = self.ask("POST", "/v1/staff/passkey-challenges", None).expect(201).json();
        self.ask("POST", "/v1/staff/passkeys", Some(&new_passkey(server, &offer).1)).expect(201);
    }
}

fn sr_a09_a_thief_takes_no_news_away(house: &House) {
    let server = house.own_server(Setup { second_factor: true, proofs: true, ..Setup::default() });
    let mut worker = Worker::new(&server, "practice");
    let (mut own, mut thief) = (Desk::new(&server), Desk::new(&server));
    own.sign_in(&mut worker);
    assert_eq!(own.news, 1, "the enrolment");
    own.add_passkey(&server);
    own.sign_in(&mut worker);
    assert_eq!(own.news, 0, "what was done here is no news");
    thief.sign_in(&mut worker);
    assert_eq!(thief.news, 2, "a new place is told everything of a month");
    thief.add_passkey(&server);
    thief.sign_in(&mut worker);
    thief.sign_in(&mut worker);
    own.ask("GET", EVENTS, None).problem(401, "session-over");
    own.sign_in(&mut worker);
    assert_eq!(own.news, 1, "however often the thief signed in since");
    let current = own.ask("GET", "/v1/sessions/current", None).expect(200).json();
    assert_eq!(current["new_security_events"], 1);
}

fn sr_a09_that_was_not_me_leaves_a_reset_only(house: &House) {
    let server = strict(house, false);
    let (mut worker, mut colleague) = (Worker::new(&server, "practice"), Worker::new(&server, "practice"));
    let thief = worker.token();
    let offer = worker.ask(&thief, "POST", "/v1/staff/passkey-challenges", None).expect(201).json();
    let (mut stolen, sent) = new_passkey(&server, &offer);
    worker.ask(&thief, "POST", "/v1/staff/passkeys", Some(&sent)).expect(201);
    let started = server.cli(&["staff", "reset", "--login", &worker.login]);
    let token = worker.token();
    let refreshing = worker.sign_in(&json!({"password": PASSWORD, "totp_code": worker.code(1)})).expect(201);
    let event = worker.ask(&token, "GET", EVENTS, None).expect(200).items().remove(1);
    assert_eq!((&event["kind"], &event["by_this_session"]), (&json!("passkey-added"), &json!(false)));
    let path = format!("{EVENTS}/{}/not-me", event["id"].as_str().unwrap());
    let colleagues = colleague.token();
    colleague.ask(&colleagues, "POST", &path, None).problem(404, "not-found");
    worker.ask(&token, "GET", EVENTS, None).expect(200);
    worker.ask(&token, "POST", &path, None).expect(204);
    // Every session is over, and nothing that anybody had opens a new one.
    for token in [&token, &thief, &refreshing.text("/access_token")] {
        worker.ask(token, "GET", EVENTS, None).problem(401, "session-over");
    }
    assert_eq!(refresh(&server, &refreshing.text("/refresh_token")).expect(400).json()["error"], "invalid_grant");
    let proof = worker.proof();
    worker.sign_in(&json!({"password": PASSWORD, "passkey": proof})).problem(401, "sign-in-failed");
    thread::sleep(Duration::from_millis(1_100));
    let challenge = worker.challenge();
    let answer = stolen.sign_in(challenge["options"].as_str().unwrap());
    let passkey = json!({"ceremony_id": challenge["ceremony_id"], "answer": answer});
    worker.sign_in(&json!({"password": PASSWORD, "passkey": passkey})).problem(401, "sign-in-failed");
    crate::worker::begin(&server, started.trim()).problem(401, "enrolment-refused");
    assert!(server.log().contains("\"alarm\":\"not-me\""), "the operator hears of it");
    // What is left is a reset, after which the person sees what has happened.
    let secret = server.cli(&["staff", "reset", "--login", &worker.login]);
    let mut renewed = Worker::enrol(&server, secret.trim(), &worker.login, &worker.organisation);
    let token = renewed.token();
    let events = renewed.ask(&token, "GET", EVENTS, None).expect(200).items();
    let told: Vec<&str> = events.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["enrolled", "reset-started", "reset-started", "passkey-added", "enrolled"]);
    assert!(events[3]["disowned_at"].is_string() && events[4].get("disowned_at").is_none());
    colleague.ask(&colleagues, "GET", EVENTS, None).expect(200);
}

/// Ninety, forty and two days before its end, whoever looks and however often: restarts, and on PostgreSQL two processes.
fn sr_s06_a_phone_that_runs_out_is_told_three_times(house: &House) {
    const DAY: u64 = 86_400;
    let post = Post::begin(house);
    let server = &post.server;
    let start = server.now() + 10;
    server.stop_clock_at(start);
    let resident = post.resident("ru", "jemand@example.org");
    let end = start + 180 * DAY;
    let devices = resident.get("/v1/me/devices").expect(200);
    let shown: jiff::Timestamp = devices.text("/items/0/expires_at").parse().expect("a moment");
    assert_eq!(u64::try_from(shown.as_second()).unwrap(), end);
    let mut intruder = Intruder::at(server);
    let told = |intruder: &mut Intruder| {
        intruder.number("SELECT count(*) FROM security_events WHERE kind = 'device-ends-soon'")
    };
    let second = server.database().map(|_| Server::beside(server));
    let look_at = |second_of_time: u64| {
        for one in [Some(server), second.as_ref()].into_iter().flatten() {
            one.stop_clock_at(second_of_time);
            // Killed in the middle of a mail it would send that one again, under the same name.
            assert_eq!(one.stop(), Some(0));
        }
        // Every start looks at once.
        thread::scope(|scope| {
            for one in [Some(server), second.as_ref()].into_iter().flatten() {
                scope.spawn(|| one.restart());
            }
        });
        thread::sleep(Duration::from_millis(700));
    };
    let before = |days: u64| end - days * DAY;
    for (second, expected) in [
        (before(90) - 1, 0),
        (before(90), 1),
        (before(90) + 1, 1),
        (before(40) - 1, 1),
        (before(40), 2),
        (before(2), 3),
        (before(1), 3),
    ] {
        look_at(second);
        assert_eq!(told(&mut intruder), expected, "{} days before the end", (end - second).div_ceil(DAY));
    }
    assert_eq!(
        intruder.number("SELECT count(*) FROM outbox WHERE kind = 'security'"),
        3,
        "three notices and none twice"
    );
    assert_eq!(post.wait_for(3).len(), 3);
    assert_eq!(post.wait_in_vain(), 3);
    assert!(post.wait_for(3).iter().all(|mail| mail.contains("jemand@example.org") && !mail.contains(CANARY)));
    // Whoever signs in in time has half a year again.
    resident.sign_in_again();
    let events = resident.get("/v1/me/security-events").expect(200).items();
    assert_eq!((&events[0]["kind"], &events[0]["lang"]), (&json!("device-ends-soon"), &json!("ru")));
    assert!(events[0]["device_name"].is_string());
    let shown: jiff::Timestamp =
        resident.get("/v1/me/devices").expect(200).text("/items/0/expires_at").parse().expect("a moment");
    assert_eq!(u64::try_from(shown.as_second()).unwrap(), end + 179 * DAY);
    look_at(before(1) + 60);
    look_at(end + 1);
    assert_eq!(told(&mut intruder), 3);
}
