//! A second phone, a lost phone, and being told about both.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::mail::Post;
use crate::{
    house::House,
    http::Reply,
    people::{CANARY, PIN, Patient, Practice, Resident, device_secret},
    phone::{Phone, text},
    server::{Server, Setup},
};

promises![
    sr_b07_a_second_phone_is_let_in_by_a_number,
    sr_b07_three_wrong_numbers_end_the_link,
    sr_b07_no_answer_tells_why_a_link_is_no_good,
    sr_s06_a_sixth_phone_is_one_too_many,
    sr_a08_a_second_phone_and_a_sheet_need_a_fresh_sign_in,
    sr_b07_a_sheet_brings_the_account_back_after_a_day,
    sr_b07_any_earlier_phone_stops_a_recovery,
    sr_b07_a_sheet_is_good_once_and_the_newest_only,
    sr_a13_a_second_phone_has_a_key_of_its_own,
    sr_a09_every_change_is_told_once_to_the_address_before,
    sr_a09_that_was_not_me_undoes_it,
    sr_a09_events_speak_all_languages_and_are_paged,
    sr_b08_many_wrong_codes_raise_an_alarm_and_lock_nobody_out,
];

/// A phone that is not in yet.
struct NewPhone<'a> {
    server: &'a Server,
    code: String,
    secret: String,
}

impl<'a> NewPhone<'a> {
    fn new(server: &'a Server, code: &str) -> Self {
        Self { server, code: code.to_owned(), secret: device_secret() }
    }

    fn body(&self) -> Value {
        json!({"code": self.code, "device_secret": self.secret, "device_name": format!("Tablet {CANARY}"), "pin": PIN})
    }

    fn claim(&self) -> Reply {
        self.server.post("/v1/device-claims", &self.body())
    }

    fn poll(&self) -> Reply {
        self.server.post("/v1/device-claims/session", &json!({"code": self.code, "device_secret": self.secret}))
    }

    fn recover(&self, birth_date: &str) -> Reply {
        let mut body = self.body();
        body["birth_date"] = json!(birth_date);
        self.server.post("/v1/recoveries", &body)
    }

    fn ask(&self) -> Reply {
        self.server.post("/v1/recoveries/session", &json!({"code": self.code, "device_secret": self.secret}))
    }

    fn sign_in(&self) -> Reply {
        self.server.post("/v1/sessions/resident", &json!({"device_secret": self.secret, "pin": PIN}))
    }
}

fn link(resident: &Resident) -> (String, String) {
    let made = resident.call("POST", "/v1/me/device-links").send().expect(201);
    (made.text("/link/id"), made.text("/qr_payload"))
}

fn confirm(resident: &Resident, id: &str, number: &str) -> Reply {
    resident.post(&format!("/v1/me/device-links/{id}/confirmation"), &json!({"number": number}))
}

fn wrong(number: &str) -> String {
    (10 + (number.parse::<u8>().unwrap() - 9) % 90).to_string()
}

fn sheet(resident: &Resident) -> String {
    let made = resident.call("POST", "/v1/me/recovery-sheet").send().expect(201);
    assert!(made.text("/pdf").starts_with("JVBERi0"), "a PDF");
    made.text("/qr_payload")
}

fn events(resident: &Resident) -> Vec<Value> {
    resident.get("/v1/me/security-events").expect(200).items()
}

fn kinds(resident: &Resident) -> Vec<String> {
    events(resident).iter().map(|e| e["kind"].as_str().unwrap().to_owned()).collect()
}

/// Lets another phone in.
fn second_phone<'a>(server: &'a Server, resident: &Resident) -> NewPhone<'a> {
    let (id, code) = link(resident);
    let phone = NewPhone::new(server, &code);
    let number = phone.claim().expect(201).text("/number");
    confirm(resident, &id, &number).expect(204);
    phone
}

fn sr_b07_a_second_phone_is_let_in_by_a_number(house: &House) {
    let server = house.server();
    let resident = house.practice().resident();
    let (id, code) = link(&resident);
    assert!(code.contains("/a#d1."), "behind a #, which browsers do not send: {code}");
    let state = || resident.get(&format!("/v1/me/device-links/{id}")).expect(200).json();
    assert_eq!(state()["state"], "open");
    let phone = NewPhone::new(server, &code);
    let claimed = phone.claim().expect(201).json();
    assert_eq!((&claimed["state"], claimed.get("session")), (&json!("waiting"), None));
    assert_eq!((&state()["state"], state()["device_name"].is_string()), (&json!("claimed"), true));
    assert_eq!(phone.poll().expect(200).json()["number"], claimed["number"]);
    phone.sign_in().problem(401, "sign-in-failed");
    confirm(&resident, &id, claimed["number"].as_str().unwrap()).expect(204);
    let done = phone.poll().expect(200).json();
    let token = done["session"]["access_token"].as_str().unwrap();
    let me = server.call("GET", "/v1/me").token(token).send().expect(200).json();
    assert_eq!(me["id"], json!(resident.id));
    phone.poll().expect(200); // the answer was lost
    phone.sign_in().expect(201);
    resident.sign_in_again();
    assert_eq!(kinds(&resident), ["device-added"]);
    assert_eq!(resident.get("/v1/me/devices").expect(200).items().len(), 2);
    NewPhone::new(server, &code).claim().problem(403, "code-failed");
}

fn sr_b07_three_wrong_numbers_end_the_link(house: &House) {
    let resident = house.practice().resident();
    let (id, code) = link(&resident);
    let phone = NewPhone::new(house.server(), &code);
    let number = phone.claim().expect(201).text("/number");
    for _ in 0..3 {
        confirm(&resident, &id, &wrong(&number)).problem(422, "wrong-number");
    }
    confirm(&resident, &id, &number).problem(409, "nothing-to-confirm");
    phone.poll().problem(403, "code-failed");
    phone.sign_in().problem(401, "sign-in-failed");
    assert!(kinds(&resident).is_empty());
}

fn sr_b07_no_answer_tells_why_a_link_is_no_good(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let start = server.now();
    server.stop_clock_at(start);
    let mut answers = BTreeSet::new();
    let mut failed = |reply: Reply| {
        answers.insert(reply.problem(403, "code-failed").fingerprint());
    };
    let (_, earlier) = link(&resident);
    let (id, code) = link(&resident);
    failed(NewPhone::new(&server, &earlier).claim());
    failed(NewPhone::new(&server, "http://x.example/a#d1.nahraum.AAAAAAAAAAAAAAAAAAAAAA").claim());
    failed(NewPhone::new(&server, "hello").claim());
    failed(NewPhone::new(&server, &sheet(&resident)).claim());
    failed(NewPhone { secret: resident.device_secret.clone(), ..NewPhone::new(&server, &code) }.claim());
    let phone = NewPhone::new(&server, &code);
    phone.claim().expect(201);
    failed(phone.claim());
    failed(NewPhone::new(&server, &code).poll());
    server.stop_clock_at(start + 299);
    phone.poll().expect(200);
    server.stop_clock_at(start + 300);
    failed(phone.poll());
    failed(NewPhone::new(&server, &code).claim());
    assert_eq!(resident.get(&format!("/v1/me/device-links/{id}")).expect(200).json()["state"], "dead");
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

fn sr_s06_a_sixth_phone_is_one_too_many(house: &House) {
    let resident = house.practice().resident();
    let server = house.server();
    for _ in 0..4 {
        second_phone(server, &resident);
    }
    resident.call("POST", "/v1/me/device-links").send().problem(409, "too-many-devices");
    let devices = resident.get("/v1/me/devices").expect(200).items();
    let other = devices.iter().find(|d| d["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    resident.call("DELETE", &format!("/v1/me/devices/{other}")).send().expect(204);
    link(&resident);
}

fn sr_a08_a_second_phone_and_a_sheet_need_a_fresh_sign_in(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let start = server.now();
    server.stop_clock_at(start);
    let resident = practice.resident();
    for (second, fresh) in [(299, true), (301, false)] {
        server.stop_clock_at(start + second);
        for path in ["/v1/me/device-links", "/v1/me/recovery-sheet"] {
            let reply = server.call("POST", path).token(&resident.token).send();
            if fresh { drop(reply.expect(201)) } else { drop(reply.problem(403, "step-up-required")) }
        }
    }
}

fn sr_b07_a_sheet_brings_the_account_back_after_a_day(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let start = server.now();
    server.stop_clock_at(start);
    let resident = practice.resident();
    let code = sheet(&resident);
    let second = second_phone(&server, &resident);
    let phone = NewPhone::new(&server, &code);
    let begun = phone.recover(&resident.patient.birth_date).expect(201).json();
    assert_eq!((&begun["state"], begun.get("session")), (&json!("waiting"), None));
    let told = resident.get("/v1/me/recovery").expect(200).json();
    assert_eq!((&told["running"], &told["ready_at"]), (&json!(true), &begun["ready_at"]));
    assert!(kinds(&resident).contains(&"recovery-started".to_owned()));
    server.stop_clock_at(start + 86_399);
    assert_eq!(phone.ask().expect(200).json()["state"], "waiting");
    phone.sign_in().problem(401, "sign-in-failed");
    NewPhone::new(&server, &code).ask().problem(403, "code-failed");
    server.stop_clock_at(start + 86_400);
    let done = phone.ask().expect(200).json();
    let token = done["session"]["access_token"].as_str().unwrap();
    let me = server.call("GET", "/v1/me").token(token).send().expect(200).json();
    assert_eq!(me["id"], json!(resident.id));
    phone.ask().expect(200); // the answer was lost
    resident.sign_in(PIN).problem(401, "sign-in-failed");
    second.sign_in().problem(401, "sign-in-failed");
    assert_eq!(phone.sign_in().expect(201).json()["token_type"], "Bearer");
    NewPhone::new(&server, &code).recover(&resident.patient.birth_date).problem(403, "code-failed");
}

fn sr_b07_any_earlier_phone_stops_a_recovery(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let second = second_phone(&server, &resident);
    let phone = NewPhone::new(&server, &sheet(&resident));
    phone.recover(&resident.patient.birth_date).expect(201);
    server.move_clock(86_000);
    let token = second.sign_in().expect(201).text("/access_token");
    server.call("DELETE", "/v1/me/recovery").token(&token).send().expect(204);
    assert_eq!(resident.get("/v1/me/recovery").expect(200).json(), json!({"running": false}));
    assert_eq!(kinds(&resident)[0], "recovery-cancelled");
    server.move_clock(90_000);
    phone.ask().problem(403, "code-failed");
    phone.recover(&resident.patient.birth_date).problem(403, "code-failed");
    resident.sign_in(PIN).expect(201);
    resident.call("DELETE", "/v1/me/recovery").send().expect(204);
}

fn sr_b07_a_sheet_is_good_once_and_the_newest_only(house: &House) {
    let server = house.server();
    let resident = house.practice().resident();
    let (old, new) = (sheet(&resident), sheet(&resident));
    let birth_date = resident.patient.birth_date.as_str();
    let mut answers = BTreeSet::new();
    let tries = [
        (old.as_str(), birth_date),
        (new.as_str(), "1977-07-07"),
        ("r1.nahraum.AAAAAAAAAAAAAAAAAAAAAA", birth_date),
        ("hello", birth_date),
    ];
    for (code, birth_date) in tries {
        let reply = NewPhone::new(server, code).recover(birth_date);
        answers.insert(reply.problem(403, "code-failed").fingerprint());
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
    NewPhone::new(server, &new).recover(birth_date).expect(201);
    NewPhone::new(server, &new).recover(birth_date).problem(403, "code-failed");
    let weak = json!({"code": new, "device_secret": device_secret(), "pin": "140361", "birth_date": birth_date});
    server.post("/v1/recoveries", &weak).problem(422, "invalid");
}

/// Where findings are real: the new phone proves a key of its own, and nobody else can ask for its session.
fn sr_a13_a_second_phone_has_a_key_of_its_own(house: &House) {
    let scene = super::proofs::Scene::new(house);
    let (old, tokens) = scene.phone();
    let token = text(&tokens, "access_token");
    let made = old.call("POST", "/v1/me/device-links", &token).send().expect(201);
    let code = made.text("/qr_payload");
    let body = json!({"code": code, "pin": PIN});
    scene.server.post("/v1/device-claims", &body).problem(401, "proof-missing");
    let new = Phone::new(&scene.server);
    let number = new.call("POST", "/v1/device-claims", "").json(&body).send().expect(201).text("/number");
    let path = format!("/v1/me/device-links/{}/confirmation", made.text("/link/id"));
    old.call("POST", &path, &token).json(&json!({"number": number})).send().expect(204);
    let poll = json!({"code": code});
    Phone::new(&scene.server)
        .call("POST", "/v1/device-claims/session", "")
        .json(&poll)
        .send()
        .problem(403, "code-failed");
    let done = new.call("POST", "/v1/device-claims/session", "").json(&poll).send().expect(200).json();
    assert_eq!(done["session"]["token_type"], "DPoP");
    let token = text(&done["session"], "access_token");
    new.call("GET", "/v1/me", &token).send().expect(200);
    new.unlock();
    scene.server.call("GET", "/v1/me").token(&token).send().problem(401, "not-signed-in");
}

fn sr_a09_every_change_is_told_once_to_the_address_before(house: &House) {
    let post = Post::begin(house);
    let resident = post.resident("de", "alt@example.org");
    let server = &post.server;
    let mut expected = 0;
    let mut one_more = |what: &str| {
        expected += 1;
        let mails = post.wait_for(expected);
        assert_eq!(mails.len(), expected, "{what}");
        let mail = mails.last().unwrap();
        assert!(mail.contains("alt@example.org"), "{what}: {mail}");
        assert!(!mail.contains(CANARY), "{what}: {mail}");
    };
    let second = second_phone(server, &resident);
    one_more("a new phone");
    resident.call("PUT", "/v1/me/pin").json(&json!({"pin": PIN})).send().expect(204);
    one_more("another PIN");
    let code = sheet(&resident);
    one_more("a sheet");
    NewPhone::new(server, &code).recover(&resident.patient.birth_date).expect(201);
    one_more("a recovery");
    resident.call("DELETE", "/v1/me/recovery").send().expect(204);
    one_more("a recovery stopped");
    let devices = resident.get("/v1/me/devices").expect(200).items();
    let other = devices.iter().find(|d| d["current"] == false).unwrap()["id"].as_str().unwrap().to_owned();
    resident.call("DELETE", &format!("/v1/me/devices/{other}")).send().expect(204);
    one_more("a phone cut off");
    second.sign_in().problem(401, "sign-in-failed");
    resident.wants_mail("neu@example.org");
    one_more("another address");
    assert_eq!(post.wait_in_vain(), expected);
    let kinds = kinds(&resident);
    assert_eq!(
        kinds[..7],
        [
            "address-changed",
            "device-cut-off",
            "recovery-cancelled",
            "recovery-started",
            "sheet-made",
            "pin-changed",
            "device-added",
        ],
    );
}

fn sr_a09_that_was_not_me_undoes_it(house: &House) {
    let server = house.server();
    let resident = house.practice().resident();
    let second = second_phone(server, &resident);
    let token = second.sign_in().expect(201).text("/access_token");
    let body = json!({"pin": PIN});
    server.call("PUT", "/v1/me/pin").token(&token).json(&body).send().expect(204);
    let third = {
        let made = server.call("POST", "/v1/me/device-links").token(&token).send().expect(201);
        let phone = NewPhone::new(server, &made.text("/qr_payload"));
        let number = phone.claim().expect(201).text("/number");
        let path = format!("/v1/me/device-links/{}/confirmation", made.text("/link/id"));
        server.call("POST", &path).token(&token).json(&json!({"number": number})).send().expect(204);
        phone
    };
    let added = events(&resident)[0].clone();
    assert_eq!((&added["kind"], &added["by_this_device"]), (&json!("device-added"), &json!(false)));
    let path = format!("/v1/me/security-events/{}/not-me", added["id"].as_str().unwrap());
    server.call("POST", &path).token(&token).send().expect(204); // the thief denies it, and is not cut off by it
    resident.call("POST", &path).send();
    resident.sign_in_again();
    resident.call("POST", &path).send().expect(204);
    server.call("GET", "/v1/me").token(&token).send().problem(401, "device-revoked");
    second.sign_in().problem(401, "sign-in-failed");
    third.sign_in().problem(401, "sign-in-failed");
    assert_eq!(resident.get("/v1/me/devices").expect(200).items().len(), 1, "the phone in the hand stays");
    assert!(events(&resident).iter().any(|e| e["disowned_at"].is_string()));
    // A recovery that was not them is stopped, and its sheet is void.
    let phone = NewPhone::new(server, &sheet(&resident));
    phone.recover(&resident.patient.birth_date).expect(201);
    let path = format!("/v1/me/security-events/{}/not-me", events(&resident)[0]["id"].as_str().unwrap());
    resident.call("POST", &path).send().expect(204);
    assert_eq!(resident.get("/v1/me/recovery").expect(200).json()["running"], false);
    phone.ask().problem(403, "code-failed");
}

fn sr_a09_events_speak_all_languages_and_are_paged(house: &House) {
    let resident = house.practice().resident();
    let (_, _, _) = (sheet(&resident), sheet(&resident), sheet(&resident));
    let mut sentences = BTreeSet::new();
    for language in ["de", "de-simple", "en", "tr", "ar", "fa", "ru", "pl"] {
        let call = resident.call("GET", "/v1/me/security-events?limit=1").header("accept-language", language);
        let page = call.send().expect(200);
        sentences.insert(page.text("/items/0/sentence"));
        assert_eq!(page.text("/items/0/lang"), language);
    }
    assert_eq!(sentences.len(), 8);
    let mut cursor = String::new();
    for left in [true, true, false] {
        let page = resident.get(&format!("/v1/me/security-events?limit=1{cursor}")).expect(200).json();
        assert_eq!((page["items"].as_array().unwrap().len(), page["next_cursor"].is_string()), (1, left));
        cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
    }
}

fn sr_b08_many_wrong_codes_raise_an_alarm_and_lock_nobody_out(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let slip = practice.staff.invite(&Patient::new());
    let alarms = || server.log().matches("somebody is guessing codes").count();
    for n in 0..150_u32 {
        let code = format!("d1.nahraum.{n:022}");
        let body = json!({"code": code, "device_secret": device_secret()});
        server.post("/v1/device-claims/session", &body).problem(403, "code-failed");
        assert_eq!(alarms(), usize::from(n >= 99), "after {} wrong codes", n + 1);
    }
    Resident::activate(&slip, &server);
}
