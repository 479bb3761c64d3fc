//! Signing in and out: a phone in wrong hands, forgotten passwords, floods, and sessions that end when they should.

use std::thread;

use serde_json::{Value, json};

use crate::{
    house::House,
    http::Reply,
    paper::Upload,
    people::{PASSWORD, PIN, Patient, Practice, Staff, device_secret},
    server::{Server, Setup},
};

promises![
    sr_a06_wrong_pins_cost_time_and_ten_unbind_the_phone,
    sr_a06_wrong_passwords_slow_down_and_lock_nobody_out_for_long,
    sr_s02_sessions_end_by_rest_and_by_age,
    sr_s03_a_lost_answer_is_repeated_and_a_replay_ends_the_session,
    sr_s03_fifty_refreshes_at_once_leave_one_good_pair,
    sr_s04_signing_out_holds_with_the_next_request,
    sr_s05_a_new_sign_in_ends_the_session_before,
    sr_s06_a_phone_that_rests_for_half_a_year_is_connected_anew,
    sr_s07_a_lost_phone_is_cut_off_with_its_next_request,
    sr_a08_a_delicate_act_wants_a_fresh_sign_in,
    tokens_can_be_given_back,
    who_works_for_two_says_for_whom,
    a_credential_taken_away_holds_with_the_next_request,
    a_locked_person_is_out_with_the_next_request,
    sr_a07_who_exists_is_not_told,
    sr_a05_a_flood_of_sign_ins_is_told_to_wait,
    one_login_name_is_one_person,
];

const WRONG_PIN: &str = "739184";

fn clock_server(house: &House) -> (std::sync::Arc<Server>, Practice) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    (server, practice)
}

fn wait_of(reply: &Reply) -> i64 {
    reply.header("retry-after").expect("Retry-After").parse().expect("seconds")
}

/// Five wrong tries cost a minute, then 5, 15, 60 and 60; ten unbind the device. The right PIN in between counts anew.
fn sr_a06_wrong_pins_cost_time_and_ten_unbind_the_phone(house: &House) {
    let (server, practice) = clock_server(house);
    let resident = practice.resident();
    let mut now = 0;
    for _ in 0..4 {
        resident.sign_in(WRONG_PIN).problem(401, "sign-in-failed");
    }
    resident.sign_in(PIN).expect(201);
    for _ in 0..5 {
        resident.sign_in(WRONG_PIN).problem(401, "sign-in-failed");
    }
    for minutes in [1, 5, 15, 60, 60] {
        let wait = wait_of(&resident.sign_in(PIN).problem(429, "try-later"));
        assert!((minutes * 60 - 30..=minutes * 60).contains(&wait), "{wait} s instead of {minutes} min");
        now += wait + 1;
        server.move_clock(now);
        resident.sign_in(WRONG_PIN).problem(401, "sign-in-failed");
    }
    now += 86_400;
    server.move_clock(now);
    resident.sign_in(PIN).problem(401, "sign-in-failed");
    resident.get("/v1/me").problem(401, "session-over");
    // The practice helps with a new slip.
    let again = crate::people::Resident::activate(&practice_again(&practice).invite(&resident.patient), &server);
    assert_eq!(again.id, resident.id);
}

/// The person of the practice, signed in anew: a day has passed.
fn practice_again(practice: &Practice) -> Staff {
    Staff::sign_in(&practice.server, &practice.staff.login)
}

fn sr_a06_wrong_passwords_slow_down_and_lock_nobody_out_for_long(house: &House) {
    let (server, practice) = clock_server(house);
    let login = &practice.staff.login;
    let sign_in = |password: &str| server.post("/v1/sessions/staff", &json!({"login": login, "password": password}));
    let mut now = 1;
    for longest in [1, 1, 3, 3, 3] {
        server.stop_clock(now);
        sign_in("falsch-falsch-falsch").problem(401, "sign-in-failed");
        let wait = wait_of(&sign_in(PASSWORD).problem(429, "try-later"));
        assert!((1..=longest).contains(&wait), "{wait} s");
        now += longest + 1;
    }
    server.move_clock(now);
    sign_in(PASSWORD).expect(201);
    sign_in(PASSWORD).expect(201);
    practice.staff.get("/v1/practice").expect(200);
}

/// SR-S01, SR-S02: a token lasts ten minutes; a session rests for so long, and lasts for so long.
fn sr_s02_sessions_end_by_rest_and_by_age(house: &House) {
    let (server, practice) = clock_server(house);
    let resident = practice.resident();
    let get = |token: &str| server.call("GET", "/v1/sessions/current").token(token).send();
    let refresh = |token: &str| server.call("POST", "/oauth/token").form(&refreshing(token)).send();
    // The clock stands still, so that seconds count.
    let begin = server.now() + 10;
    let at = |second: u64| server.stop_clock_at(begin + second);
    at(0);
    for (sign_in, idle) in [(resident.sign_in(PIN), 15), (Staff::password(&server, &practice.staff.login), 30)] {
        let mut tokens = sign_in.expect(201);
        at(599);
        get(&tokens.text("/access_token")).expect(200);
        at(600);
        get(&tokens.text("/access_token")).problem(401, "token-expired");
        tokens = refresh(&tokens.text("/refresh_token")).expect(200);
        // One second before the idle limit it can still be prolonged, at the limit not.
        at(600 + idle * 60 - 1);
        tokens = refresh(&tokens.text("/refresh_token")).expect(200);
        at(600 + 2 * idle * 60 - 1);
        assert_eq!(refresh(&tokens.text("/refresh_token")).expect(400).json()["error"], "invalid_grant");
        get(&tokens.text("/access_token")).problem(401, "session-over");
        at(0);
    }
    // However often it is prolonged, after twelve hours it is over.
    let mut tokens = resident.sign_in(PIN).expect(201);
    for minute in (14..12_u64 * 60).step_by(14) {
        at(minute * 60);
        tokens = refresh(&tokens.text("/refresh_token")).expect(200);
    }
    at(12 * 3_600 - 1);
    tokens = refresh(&tokens.text("/refresh_token")).expect(200);
    assert_eq!(tokens.json()["expires_in"], 1, "no token outlives its session");
    at(12 * 3_600);
    get(&tokens.text("/access_token")).problem(401, "session-over");
    practice.software.get("/v1/practice/findings").expect(200);
}

fn refreshing(token: &str) -> String {
    format!("grant_type=refresh_token&refresh_token={token}")
}

/// SR-S03: an answer lost on the tram costs nothing, and a stolen token ends the session of the thief as well.
fn sr_s03_a_lost_answer_is_repeated_and_a_replay_ends_the_session(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let server = house.server();
    let refresh = |token: &str| server.call("POST", "/oauth/token").form(&refreshing(token)).send();
    let get = |token: &str| server.call("GET", "/v1/me").token(token).send();
    let first = resident.sign_in(PIN).expect(201).text("/refresh_token");
    let lost = refresh(&first).expect(200);
    let second = refresh(&first).expect(200);
    assert_eq!(second.json()["token_type"], "Bearer");
    get(&lost.text("/access_token")).problem(401, "not-signed-in");
    assert_eq!(refresh(&lost.text("/refresh_token")).expect(400).json()["error"], "invalid_grant");
    get(&second.text("/access_token")).expect(200);
    // Now its successor was used: whoever shows the first one again is somebody else.
    assert_eq!(refresh(&first).expect(400).json()["error"], "invalid_grant");
    get(&second.text("/access_token")).problem(401, "session-over");
    assert_eq!(refresh(&second.text("/refresh_token")).expect(400).json()["error"], "invalid_grant");
    resident.sign_in(PIN).expect(201);
}

/// SR-S03: fifty at once, and one pair is good in the end.
fn sr_s03_fifty_refreshes_at_once_leave_one_good_pair(house: &House) {
    let practice = house.practice();
    let server = house.server();
    let token = practice.resident().sign_in(PIN).expect(201).text("/refresh_token");
    let refresh = || server.call("POST", "/oauth/token").form(&refreshing(&token)).send();
    let answers: Vec<Reply> = thread::scope(|scope| {
        let all: Vec<_> = (0..50).map(|_| scope.spawn(refresh)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let good = answers.iter().filter(|r| r.status == 200).map(|r| r.text("/access_token"));
    let good: Vec<String> = good.collect();
    assert!((1..=6).contains(&good.len()), "{} answers with tokens", good.len());
    assert!(answers.iter().all(|r| matches!(r.status, 200 | 429 | 503)), "{:?}", answers.iter().map(|r| r.status));
    let live = good.iter().filter(|token| server.call("GET", "/v1/me").token(token).send().status == 200).count();
    assert_eq!(live, 1);
}

/// SR-A08: what is delicate wants the PIN again after five minutes.
fn sr_a08_a_delicate_act_wants_a_fresh_sign_in(house: &House) {
    let (server, practice) = clock_server(house);
    let resident = practice.resident();
    let begin = server.now() + 10;
    let at = |second: u64| server.stop_clock_at(begin + second);
    at(0);
    let tokens = resident.sign_in(PIN).expect(201).text("/access_token");
    let change = |token: &str| server.call("PUT", "/v1/me/pin").token(token).json(&json!({"pin": WRONG_PIN})).send();
    at(301);
    change(&tokens).problem(403, "step-up-required");
    resident.sign_in(PIN).expect(201);
    at(0);
    let tokens = resident.sign_in(PIN).expect(201).text("/access_token");
    at(299);
    change(&tokens).expect(204);
    resident.sign_in(PIN).problem(401, "sign-in-failed");
    resident.sign_in(WRONG_PIN).expect(201);
}

/// SR-S05: a new sign-in on the same phone ends the session before.
fn sr_s05_a_new_sign_in_ends_the_session_before(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    resident.get("/v1/findings").expect(200);
    let again = resident.sign_in(PIN).expect(201).text("/access_token");
    resident.get("/v1/findings").problem(401, "session-over");
    house.server().call("GET", "/v1/findings").token(&again).send().expect(200);
}

/// SR-S04: an ended session is over with the next request.
fn sr_s04_signing_out_holds_with_the_next_request(house: &House) {
    let practice = house.practice();
    let staff = Staff::sign_in(house.server(), &practice.staff.login);
    let again = practice.resident().sign_in(PIN).expect(201);
    let phone = |method, path| house.server().call(method, path).token(&again.text("/access_token")).send();
    phone("GET", "/v1/me").expect(200);
    phone("DELETE", "/v1/sessions/current").expect(204);
    phone("DELETE", "/v1/sessions/current").problem(401, "session-over");
    phone("GET", "/v1/findings").problem(401, "session-over");
    staff.call("DELETE", "/v1/sessions/current").send().expect(204);
    staff.get("/v1/practice").problem(401, "session-over");
    practice.staff.get("/v1/practice").expect(200);
}

/// RFC 7009: whichever token is given back, the whole session ends; strange tokens are no trouble.
fn tokens_can_be_given_back(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let revoke = |token: &str| house.server().call("POST", "/oauth/revoke").form(&format!("token={token}")).send();
    for which in ["/access_token", "/refresh_token"] {
        let tokens = resident.sign_in(PIN).expect(201);
        revoke(&tokens.text(which)).expect(200);
        let access = tokens.text("/access_token");
        house.server().call("GET", "/v1/me").token(&access).send().problem(401, "session-over");
        revoke(&access).expect(200);
    }
    revoke("x").expect(200);
    assert_eq!(revoke("").expect(400).json()["error"], "invalid_request");
}

/// SR-S06, SR-S07: people see their phones, name them, and cut a lost one off.
fn sr_s07_a_lost_phone_is_cut_off_with_its_next_request(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let devices = resident.get("/v1/me/devices").expect(200).items();
    assert_eq!((devices.len(), &devices[0]["current"]), (1, &json!(true)));
    let path = format!("/v1/me/devices/{}", devices[0]["id"].as_str().unwrap());
    let rename = |name: &str| resident.call("PATCH", &path).json(&json!({"name": name})).send();
    assert_eq!(rename("Altes Handy").expect(200).items()[0]["name"], "Altes Handy");
    assert!(rename(" ").expect(200).items()[0]["name"].is_null());
    rename(&"x".repeat(61)).problem(422, "invalid");
    resident.call("DELETE", &path).send().expect(204);
    resident.get("/v1/findings").problem(401, "device-revoked");
    resident.sign_in(PIN).problem(401, "sign-in-failed");
}

/// SR-S06: a phone that nobody uses for half a year has to be connected anew.
fn sr_s06_a_phone_that_rests_for_half_a_year_is_connected_anew(house: &House) {
    let (server, practice) = clock_server(house);
    let resident = practice.resident();
    let day = 86_400;
    server.stop_clock(179 * day);
    resident.sign_in(PIN).expect(201);
    server.stop_clock((179 + 180) * day - 60);
    resident.sign_in(PIN).expect(201);
    server.stop_clock((179 + 180 + 180) * day);
    resident.sign_in(PIN).problem(401, "device-expired");
    // Also with use, not for longer than two years.
    let other = practice_again(&practice).invite(&Patient::new());
    let other = crate::people::Resident::activate(&other, &server);
    for half_years in 1..5 {
        server.stop_clock((539 + half_years * 170) * day);
        other.sign_in(PIN).expect(201);
    }
    server.stop_clock((539 + 731) * day);
    other.sign_in(PIN).problem(401, "device-expired");
}

fn a_credential_taken_away_holds_with_the_next_request(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let software = practice.staff.new_software();
    software.deliver(&Upload::pdf(&resident.patient));
    practice.staff.call("DELETE", &format!("/v1/practice/upload-credentials/{}", software.id)).send().expect(204);
    software.upload(&Upload::pdf(&resident.patient)).problem(401, "not-signed-in");
    software.get("/v1/practice/findings").problem(401, "not-signed-in");
    assert_eq!(resident.list().len(), 1);
    let listed = practice.staff.get("/v1/practice/upload-credentials").expect(200).items();
    let gone = listed.iter().find(|c| c["id"] == software.id).expect("it stays in the list");
    assert!(gone["revoked_at"].is_string());
    assert!(listed.iter().all(|c| c["token"].is_null()), "the token is shown once");
}

fn a_locked_person_is_out_with_the_next_request(house: &House) {
    let practice = house.own_practice();
    let login = practice.staff.login.clone();
    house.server().cli(&["staff", "lock", "--login", &login]);
    practice.staff.get("/v1/practice").problem(401, "session-over");
    let body = json!({"login": login, "password": PASSWORD});
    house.server().post("/v1/sessions/staff", &body).problem(401, "sign-in-failed");
    house.server().cli(&["staff", "unlock", "--login", &login]);
    house.server().post("/v1/sessions/staff", &body).expect(201);
    let nobody = house.server().run(&["staff", "lock", "--login", "niemand"]);
    assert_eq!(nobody.status.code(), Some(1), "locking nobody is a failure");
}

/// A person of two organisations says for which they act; people of a kiosk see nothing of a practice.
fn who_works_for_two_says_for_whom(house: &House) {
    let practice = house.own_practice();
    let server = house.server();
    let login = &practice.staff.login;
    let said = server.cli(&["organisation", "add", "--kind", "kiosk", "--name", "Kiosk Kanarie"]);
    let kiosk = said.trim();
    server.cli(&["staff", "join", "--organisation", kiosk, "--login", login]);
    let sign_in = |organisation: Option<&str>| {
        let mut body = json!({"login": login, "password": PASSWORD});
        if let Some(id) = organisation {
            body["organisation_id"] = json!(id);
        }
        server.post("/v1/sessions/staff", &body)
    };
    let asked = sign_in(None).problem(409, "choose-organisation").json();
    let ids: Vec<&str> = asked["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    assert!(ids.len() == 2 && ids.contains(&kiosk) && ids.contains(&practice.id.as_str()));
    sign_in(Some(&house.practice().id)).problem(401, "sign-in-failed");
    let here = |token: &str, path: &str| server.call("GET", path).token(token).send();
    let at_kiosk = sign_in(Some(kiosk)).expect(201).text("/access_token");
    let session = here(&at_kiosk, "/v1/sessions/current").expect(200).json();
    assert_eq!((&session["kind"], &session["organisation"]["kind"]), (&json!("district"), &json!("kiosk")));
    for path in ["/v1/practice", "/v1/practice/inbox", "/v1/findings", "/v1/me", "/v1/practice/findings"] {
        here(&at_kiosk, path).problem(403, "forbidden");
    }
    let at_practice = sign_in(Some(&practice.id)).expect(201).text("/access_token");
    assert_eq!(here(&at_practice, "/v1/practice").expect(200).json()["id"], practice.id);
    server.cli(&["staff", "leave", "--organisation", kiosk, "--login", login]);
    here(&at_kiosk, "/v1/sessions/current").problem(401, "session-over");
    here(&at_practice, "/v1/practice").expect(200);
    assert!(server.cli(&["staff", "end-sessions", "--login", login]).contains("sessions ended"));
    here(&at_practice, "/v1/practice").problem(401, "session-over");
    sign_in(None).expect(201);
}

/// A wrong secret and an unknown name give the same answer.
fn sr_a07_who_exists_is_not_told(house: &House) {
    let server = house.server();
    let practice = house.own_practice();
    let staff = |login: &str| server.post("/v1/sessions/staff", &json!({"login": login, "password": "falsch-falsch"}));
    let known = staff(&practice.staff.login).problem(401, "sign-in-failed").fingerprint();
    assert_eq!(known, staff("niemand@praxis").problem(401, "sign-in-failed").fingerprint());
    assert_eq!(known, staff("").problem(401, "sign-in-failed").fingerprint());
    let resident = practice.resident();
    let phone =
        |secret: &str, pin: &str| server.post("/v1/sessions/resident", &json!({"device_secret": secret, "pin": pin}));
    let wrong = phone(&resident.device_secret, WRONG_PIN).problem(401, "sign-in-failed").fingerprint();
    for (secret, pin) in [(device_secret(), PIN), ("x".into(), PIN), (device_secret(), "x"), (String::new(), "")] {
        assert_eq!(wrong, phone(&secret, pin).problem(401, "sign-in-failed").fingerprint());
    }
}

/// Sixty at once: some wait, the others are told when to come back, and whoever is signed in notices nothing.
fn sr_a05_a_flood_of_sign_ins_is_told_to_wait(house: &House) {
    let server = house.own_server(Setup {
        slow_hashes: true,
        more: "[secrets]\nhashing_workers = 1\n".into(),
        ..Setup::default()
    });
    let practice = Practice::add(&server);
    let flood: Value = json!({"device_secret": device_secret(), "pin": PIN});
    let answers: Vec<Reply> = thread::scope(|scope| {
        let all: Vec<_> = (0..60).map(|_| scope.spawn(|| server.post("/v1/sessions/resident", &flood))).collect();
        practice.staff.get("/v1/practice").expect(200);
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let busy: Vec<&Reply> = answers.iter().filter(|r| r.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() < 60, "{} of 60 were turned away", busy.len());
    for reply in busy {
        assert_eq!(reply.json()["code"], "overloaded");
        assert!((1..=60).contains(&wait_of(reply)));
    }
    Staff::sign_in(&server, &practice.staff.login);
}

/// The login is what people type, so it may exist once only.
fn one_login_name_is_one_person(house: &House) {
    let (first, second) = (house.own_practice(), house.own_practice());
    let file = house.server().secret_file("password-2", "Kanarie-Feder-Ast-33");
    let again = house.server().run(&[
        "staff",
        "add",
        "--organisation",
        &second.id,
        "--login",
        &first.staff.login,
        "--password-file",
        file.to_str().unwrap(),
    ]);
    assert_eq!(again.status.code(), Some(1), "a login that is taken is refused: {again:?}");
    Staff::sign_in(house.server(), &first.staff.login);
    assert_eq!(first.staff.get("/v1/practice").expect(200).json()["id"], first.id);
    practice_keeps_its_patients(&first);
}

fn practice_keeps_its_patients(practice: &Practice) {
    assert_eq!(practice.staff.invite(&Patient::new()).code.len(), 14);
}
