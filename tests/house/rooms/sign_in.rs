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
    wrong_pins_cost_time_and_ten_unbind_the_phone,
    wrong_passwords_slow_down_and_lock_nobody_out_for_long,
    a_session_ends_after_twelve_hours,
    signing_out_holds_with_the_next_request,
    a_credential_taken_away_holds_with_the_next_request,
    a_locked_person_is_out_with_the_next_request,
    who_exists_is_not_told,
    a_flood_of_sign_ins_is_told_to_wait,
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
fn wrong_pins_cost_time_and_ten_unbind_the_phone(house: &House) {
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
    resident.get("/v1/me").problem(401, "not-signed-in");
    // The practice helps with a new slip.
    let again = crate::people::Resident::activate(&practice_again(&practice).invite(&resident.patient), &server);
    assert_eq!(again.id, resident.id);
}

/// The person of the practice, signed in anew: a day has passed.
fn practice_again(practice: &Practice) -> Staff {
    Staff::sign_in(&practice.server, &practice.staff.login)
}

fn wrong_passwords_slow_down_and_lock_nobody_out_for_long(house: &House) {
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

fn a_session_ends_after_twelve_hours(house: &House) {
    let (server, practice) = clock_server(house);
    let resident = practice.resident();
    server.move_clock(12 * 3_600 - 60);
    resident.get("/v1/me").expect(200);
    practice.staff.get("/v1/practice").expect(200);
    server.move_clock(12 * 3_600 + 1);
    resident.get("/v1/me").problem(401, "not-signed-in");
    practice.staff.get("/v1/practice").problem(401, "not-signed-in");
    practice.software.get("/v1/practice/findings").expect(200);
}

fn signing_out_holds_with_the_next_request(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let second = resident.sign_in(PIN).expect(201).text("/access_token");
    let staff = Staff::sign_in(house.server(), &practice.staff.login);
    for account in [&*resident, &*staff] {
        account.call("DELETE", "/v1/sessions/current").send().expect(204);
        account.call("DELETE", "/v1/sessions/current").send().problem(401, "not-signed-in");
    }
    resident.get("/v1/findings").problem(401, "not-signed-in");
    staff.get("/v1/practice").problem(401, "not-signed-in");
    house.server().call("GET", "/v1/me").token(&second).send().expect(200);
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
    house.server().cli(&["staff", "lock", "--practice", &practice.id, "--login", &login]);
    practice.staff.get("/v1/practice").problem(401, "not-signed-in");
    let body = json!({"login": login, "password": PASSWORD});
    house.server().post("/v1/sessions/staff", &body).problem(401, "sign-in-failed");
    house.server().cli(&["staff", "unlock", "--practice", &practice.id, "--login", &login]);
    house.server().post("/v1/sessions/staff", &body).expect(201);
    let nobody = house.server().run(&["staff", "lock", "--practice", &practice.id, "--login", "niemand"]);
    assert_eq!(nobody.status.code(), Some(1), "locking nobody is a failure");
}

/// A wrong secret and an unknown name give the same answer.
fn who_exists_is_not_told(house: &House) {
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
fn a_flood_of_sign_ins_is_told_to_wait(house: &House) {
    let server = house.own_server(Setup { more: "[secrets]\nhashing_workers = 1\n".into(), ..Setup::default() });
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
        "--practice",
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
