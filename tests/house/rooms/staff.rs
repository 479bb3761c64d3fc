//! People who work in the network: two factors, how they come to have them, and what strangers can do to them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    house::House,
    http::Reply,
    people::{CANARY, PASSWORD},
    server::{Server, Setup},
    soft_passkey::SoftPasskey,
    worker::{Worker, begin, code, new_passkey, organisation},
};

promises![
    sr_a06_the_hundred_and_first_try_waits_for_midnight_and_a_passkey_still_opens,
    sr_a07_logins_that_nobody_has_climb_the_same_ladder,
    sr_a07_how_long_an_answer_takes_is_measured,
    sr_a01_a_single_factor_opens_nothing,
    sr_a01_real_findings_never_do_with_a_password_alone,
    sr_a02_a_passkey_verifies_its_user_and_is_answered_once,
    sr_a02_a_code_is_good_once_and_for_a_minute,
    sr_a02_people_of_an_operator_have_passkeys_only,
    sr_a03_people_choose_passwords_that_are_not_guessed_first,
    sr_a10_the_first_operator_is_made_once_within_ten_minutes,
    sr_a11_a_reset_gives_a_one_time_secret_and_nothing_else,
    sr_a11_the_api_has_no_field_for_somebody_elses_secret,
    sr_a08_people_change_their_own_factors_after_a_fresh_sign_in,
    sr_s05_a_confirmed_sign_in_is_a_new_session,
];

fn strict(house: &House, clock: bool) -> Arc<Server> {
    house.own_server(Setup { second_factor: true, clock, ..Setup::default() })
}

fn wait_of(reply: &Reply) -> u64 {
    reply.header("retry-after").expect("Retry-After").parse().expect("seconds")
}

fn sr_a01_a_single_factor_opens_nothing(house: &House) {
    let server = strict(house, false);
    for kind in ["practice", "kiosk", "district-office", "operator"] {
        let mut worker = Worker::new(&server, kind);
        let proof = worker.proof();
        worker.sign_in(&json!({"password": PASSWORD})).problem(401, "second-factor-required");
        worker.sign_in(&json!({"passkey": proof})).problem(401, "second-factor-required");
        worker.sign_in(&json!({"totp_code": "123456"})).problem(401, "second-factor-required");
        worker.sign_in(&json!({})).problem(401, "second-factor-required");
        let ended = server.cli(&["staff", "end-sessions", "--login", &worker.login]);
        assert!(ended.starts_with("0 "), "nothing was opened: {ended}");
        let both = json!({"password": PASSWORD, "passkey": worker.proof()});
        let session = worker.sign_in(&both).expect(201).text("/access_token");
        assert_eq!(worker.ask(&session, "GET", "/v1/staff/factors", None).expect(200).json()["login"], worker.login);
    }
    // Nobody learns from it who exists.
    let nobody = json!({"login": "niemand", "password": PASSWORD});
    server.post("/v1/sessions/staff", &nobody).problem(401, "second-factor-required");
}

/// The setting for invented people does not start on a database for real findings, and a password that somebody else has set
/// does not get into one.
fn sr_a01_real_findings_never_do_with_a_password_alone(house: &House) {
    let server = strict(house, false);
    let practice = organisation(&server, "practice");
    let file = server.secret_file("password", PASSWORD);
    let add = ["staff", "add", "--organisation", &practice, "--login", "x", "--password-file", file.to_str().unwrap()];
    assert_eq!(server.run(&add).status.code(), Some(4));
    server.stop();
    let output = server.run(&["serve", "--set", "sign_in.second_factor=demo"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&output.stderr).contains("password alone"));
}

fn sr_a02_a_passkey_verifies_its_user_and_is_answered_once(house: &House) {
    let server = strict(house, true);
    let mut worker = Worker::new(&server, "practice");
    let both = |proof: &Value| json!({"password": PASSWORD, "passkey": proof});
    let challenge = worker.challenge();
    let options: Value = serde_json::from_str(challenge["options"].as_str().unwrap()).unwrap();
    assert_eq!(options["publicKey"]["challenge"].as_str().unwrap().len(), 43, "32 bytes in base64url");
    assert_eq!(options["publicKey"]["userVerification"], "required");
    worker.passkey.verifies_user = false;
    let unverified = worker.proof();
    worker.sign_in(&both(&unverified)).problem(401, "sign-in-failed");
    worker.passkey.verifies_user = true;
    let proof = worker.proof();
    worker.sign_in(&both(&proof)).expect(201);
    worker.sign_in(&both(&proof)).problem(401, "sign-in-failed");
    // Also after a wrong password the challenge is gone.
    let proof = worker.proof();
    worker.sign_in(&json!({"password": "falsch-falsch-falsch", "passkey": proof})).problem(401, "sign-in-failed");
    server.move_clock(10);
    worker.sign_in(&both(&proof)).problem(401, "sign-in-failed");
    // Not for another login, not with another key, not after five minutes.
    let mut other = Worker::new(&server, "practice");
    let theirs = other.proof();
    worker.sign_in(&both(&theirs)).problem(401, "sign-in-failed");
    let challenge = worker.challenge();
    let answer = other.passkey.sign_in(challenge["options"].as_str().unwrap());
    let foreign = json!({"ceremony_id": challenge["ceremony_id"], "answer": answer});
    worker.sign_in(&both(&foreign)).problem(401, "sign-in-failed");
    let proof = worker.proof();
    server.move_clock(10 + 301);
    worker.sign_in(&both(&proof)).problem(401, "sign-in-failed");
    worker.token();
}

fn sr_a02_a_code_is_good_once_and_for_a_minute(house: &House) {
    let server = strict(house, true);
    // The clock stands in the middle of a step.
    let begin = server.now() / 30 * 30 + 15;
    let at = |second: u64| server.stop_clock_at(begin + second);
    at(0);
    let worker = Worker::new(&server, "practice");
    let with = |code: &str| worker.sign_in(&json!({"password": PASSWORD, "totp_code": code}));
    with(&worker.code(0)).problem(401, "sign-in-failed");
    let mut now = 0;
    for (steps, good) in [(0, true), (-1, true), (1, true), (-2, false), (2, false)] {
        now += 300;
        at(now);
        let code = worker.code(steps);
        let reply = with(&code);
        assert_eq!(reply.status, if good { 201 } else { 401 }, "{steps}");
        at(now + 5);
        with(&code).problem(401, "sign-in-failed");
    }
    // A code with a wrong password is not used up.
    at(now + 300);
    let code = worker.code(0);
    worker.sign_in(&json!({"password": "falsch-falsch-falsch", "totp_code": code})).problem(401, "sign-in-failed");
    at(now + 310);
    with(&code).expect(201);
}

fn sr_a02_people_of_an_operator_have_passkeys_only(house: &House) {
    let server = strict(house, false);
    let mut worker = Worker::new(&server, "operator");
    assert!(worker.totp.is_none());
    let token = worker.token();
    worker.ask(&token, "POST", "/v1/staff/totp/begin", None).problem(403, "forbidden");
    // Whoever joins an operator later cannot use the app any more, for whichever organisation they sign in.
    let mut other = Worker::new(&server, "practice");
    server.cli(&["staff", "join", "--organisation", &worker.organisation, "--login", &other.login]);
    let with_code = json!({"password": PASSWORD, "totp_code": other.code(1), "organisation_id": other.organisation});
    other.sign_in(&with_code).problem(401, "sign-in-failed");
    let with_passkey = json!({"password": PASSWORD, "passkey": other.proof(), "organisation_id": other.organisation});
    other.sign_in(&with_passkey).expect(201);
}

fn sr_a03_people_choose_passwords_that_are_not_guessed_first(house: &House) {
    // "Libelle tanzt im Regen 7", as lists of breaches name it.
    let breached = "Libelle tanzt im Regen 7";
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, breached.as_bytes());
    let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let list = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(list.path(), format!("{hash}:3\r\n")).expect("a list");
    let more = format!("breached_passwords_file = {:?}\n", list.path().display().to_string());
    let server = house.own_server(Setup { second_factor: true, more, ..Setup::default() });
    let practice = organisation(&server, "practice");
    let secret = server.cli(&["staff", "invite", "--organisation", &practice, "--login", "libelle@weide"]);
    let secret = secret.trim();
    let offer = begin(&server, secret).expect(201).json();
    let (_, passkey) = new_passkey(&server, &offer["passkey"]);
    let enrol = |password: &str, passkeys: Value| {
        server.post("/v1/enrolments", &json!({"secret": secret, "password": password, "passkeys": passkeys}))
    };
    for (weak, why) in [
        ("Tinte-Rad-71-a", "too-short"),
        ("BillstedtHorn2026", "too-common"),
        (breached, "breached"),
        (&"x1y2".repeat(33), "too-long"),
    ] {
        let refused = enrol(weak, json!([passkey])).problem(422, "invalid").json();
        assert_eq!(refused["errors"][0]["code"], why, "{weak}");
    }
    let refused = enrol(PASSWORD, json!([])).problem(422, "invalid").json();
    assert_eq!(refused["errors"][0]["code"], "second-factor-missing");
    // Nothing of this has used the secret up.
    enrol(PASSWORD, json!([passkey])).expect(201);
    enrol(PASSWORD, json!([passkey])).problem(401, "enrolment-refused");
}

fn sr_a06_the_hundred_and_first_try_waits_for_midnight_and_a_passkey_still_opens(house: &House) {
    let server = strict(house, true);
    // Eight in the morning, in Berlin, of some winter's day.
    let morning = (server.now() / 86_400 + 1) * 86_400 + 7 * 3_600;
    server.stop_clock_at(morning);
    let mut worker = Worker::new(&server, "practice");
    let wrong = json!({"password": "falsch-falsch-falsch", "totp_code": "000000"});
    for try_ in 1..=100 {
        server.stop_clock_at(morning + try_ * 15);
        worker.sign_in(&wrong).problem(401, "sign-in-failed");
    }
    server.stop_clock_at(morning + 3_600);
    let right = |code: String| json!({"password": PASSWORD, "totp_code": code});
    let wait = wait_of(&worker.sign_in(&right(worker.code(0))).problem(429, "try-later"));
    assert_eq!(wait, 15 * 3_600 - 3_600 + 3_600, "until midnight in Berlin");
    worker.token();
    worker.sign_in(&right(worker.code(0))).problem(429, "try-later");
    server.kill();
    server.restart();
    worker.sign_in(&right(worker.code(0))).problem(429, "try-later");
    server.stop_clock_at(morning + 3_600 + wait);
    worker.sign_in(&right(worker.code(0))).expect(201);
}

fn sr_a07_logins_that_nobody_has_climb_the_same_ladder(house: &House) {
    let server = strict(house, true);
    let worker = Worker::new(&server, "practice");
    let begin = server.now() + 10;
    let known = |login: &str| {
        let body = json!({"login": login, "password": "falsch-falsch-falsch", "totp_code": "000000"});
        server.post("/v1/sessions/staff", &body)
    };
    let mut now = begin;
    for _ in 0..5 {
        server.stop_clock_at(now);
        let told = known(&worker.login).problem(401, "sign-in-failed").fingerprint();
        assert_eq!(told, known("niemand@praxis").problem(401, "sign-in-failed").fingerprint());
        let told = known(&worker.login).problem(429, "try-later").fingerprint();
        assert_eq!(told, known("niemand@praxis").problem(429, "try-later").fingerprint());
        assert_eq!(told, known(" NIEMAND@praxis").problem(429, "try-later").fingerprint());
        now += 10;
    }
    // A challenge for a passkey does not tell either, and the same login gets the same each time.
    let options = |login: &str| {
        let begun = server.post("/v1/sessions/staff/begin", &json!({"login": login})).expect(201).json();
        let mut options: Value = serde_json::from_str(begun["options"].as_str().unwrap()).unwrap();
        let id = options["publicKey"]["allowCredentials"][0]["id"].take().as_str().unwrap().to_owned();
        options["publicKey"]["challenge"] = json!("•");
        (options.to_string(), id)
    };
    let (theirs, key) = options(&worker.login);
    let (nobodys, decoy) = options("niemand@praxis");
    assert_eq!(theirs, nobodys);
    assert_eq!(key.len(), decoy.len());
    assert_eq!(decoy, options("niemand@praxis").1);
    let challenge = server.post("/v1/sessions/staff/begin", &json!({"login": "niemand@praxis"})).expect(201).json();
    let mut stranger = SoftPasskey::at(&server.public(""));
    let fail = |login: &str, id: &Value, answer: String| {
        let passkey = json!({"ceremony_id": id, "answer": answer});
        let body = json!({"login": login, "password": PASSWORD, "passkey": passkey});
        server.post("/v1/sessions/staff", &body).problem(401, "sign-in-failed").fingerprint()
    };
    let answer = stranger.sign_in(challenge["options"].as_str().unwrap());
    let nobodys = fail("niemand@praxis", &challenge["ceremony_id"], answer);
    let challenge = worker.challenge();
    let answer = stranger.sign_in(challenge["options"].as_str().unwrap());
    assert_eq!(nobodys, fail(&worker.login, &challenge["ceremony_id"], answer));
}

/// Prints how long a stranger's tries take, for a login that exists and for one that nobody has. Nothing is asserted about
/// time: a loaded machine would fail it. `NAHRAUM_TEST_SAMPLES=1000` for the figure in docs/performance.md.
fn sr_a07_how_long_an_answer_takes_is_measured(house: &House) {
    let samples = std::env::var("NAHRAUM_TEST_SAMPLES").ok().and_then(|n| n.parse().ok()).unwrap_or(20);
    let server = strict(house, false);
    let worker = Worker::new(&server, "practice");
    let mut stranger = SoftPasskey::at(&server.public(""));
    let mut times = [(); 4].map(|()| Vec::new());
    for n in 0..samples {
        let nobody = format!("niemand.{n}@praxis");
        for (who, login) in [worker.login.as_str(), &nobody].into_iter().enumerate() {
            let clock = Instant::now();
            let begun = server.post("/v1/sessions/staff/begin", &json!({"login": login}));
            times[who].push(clock.elapsed());
            let begun = begun.expect(201).json();
            let answer = stranger.sign_in(begun["options"].as_str().unwrap());
            let passkey = json!({"ceremony_id": begun["ceremony_id"], "answer": answer});
            let body = json!({"login": login, "password": PASSWORD, "passkey": passkey});
            let clock = Instant::now();
            server.post("/v1/sessions/staff", &body).problem(401, "sign-in-failed");
            times[2 + who].push(clock.elapsed());
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1_000.0
    };
    let [a, b, c, d] = times.each_mut().map(median);
    let engine = house.engine.name();
    eprintln!(
        "{engine}, median of {samples}: challenge {a:.2} ms for a login, {b:.2} ms for none; answer {c:.2} ms, {d:.2} ms"
    );
}

fn sr_a10_the_first_operator_is_made_once_within_ten_minutes(house: &House) {
    let server = strict(house, true);
    assert_eq!(server.cli(&["organisation", "list"]), "", "nothing and nobody is there by default");
    let bootstrap = || server.run(&["operator", "bootstrap", "--login", "ada"]);
    let secret = || {
        let output = bootstrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let start = server.now() + 10;
    server.stop_clock_at(start);
    let late = secret();
    assert!(late.starts_with("nri_"), "a one-time secret");
    server.stop_clock_at(start + 599);
    begin(&server, &late).expect(201);
    server.stop_clock_at(start + 601);
    begin(&server, &late).problem(401, "enrolment-refused");
    let (replaced, good) = (secret(), secret());
    begin(&server, &replaced).problem(401, "enrolment-refused");
    let listed = server.cli(&["organisation", "list"]);
    let operator = listed.split_whitespace().next().expect("one organisation").to_owned();
    let mut ada = Worker::enrol(&server, &good, "ada", &operator);
    begin(&server, &good).problem(401, "enrolment-refused");
    let again = bootstrap();
    assert_eq!(again.status.code(), Some(1), "never twice");
    let token = ada.token();
    assert_eq!(ada.ask(&token, "GET", "/v1/sessions/current", None).expect(200).json()["kind"], "operator");
    begin(&server, "nri_x").problem(401, "enrolment-refused");
}

fn sr_a11_a_reset_gives_a_one_time_secret_and_nothing_else(house: &House) {
    let server = strict(house, true);
    let mut worker = Worker::new(&server, "practice");
    let token = worker.token();
    let said = server.cli(&["staff", "reset", "--login", &worker.login]);
    let secret = said.trim();
    assert!(secret.starts_with("nri_") && said.lines().count() == 1);
    // Until it is used, nothing changes; then everything is new.
    worker.ask(&token, "GET", "/v1/staff/factors", None).expect(200);
    let mut renewed = Worker::enrol(&server, secret, &worker.login, &worker.organisation);
    worker.ask(&token, "GET", "/v1/staff/factors", None).problem(401, "session-over");
    let old = json!({"password": PASSWORD, "passkey": worker.proof()});
    worker.sign_in(&old).problem(401, "sign-in-failed");
    renewed.token();
    begin(&server, secret).problem(401, "enrolment-refused");
    let secret = server.cli(&["staff", "reset", "--login", &worker.login]);
    server.move_clock(24 * 3_600 + 1);
    begin(&server, secret.trim()).problem(401, "enrolment-refused");
}

/// No operation of somebody else's takes or shows a password, a code or a key: only one's own, and the one-time secret.
fn sr_a11_the_api_has_no_field_for_somebody_elses_secret(house: &House) {
    let document = house.server().get("/v1/openapi.json").expect(200).json();
    let own = [
        "StaffSignIn",
        "Authorization",
        "Enrolment",
        "EnrolmentBegin",
        "PasswordChange",
        "PinChange",
        "Activation",
        "ResidentSignIn",
        "TotpOffer",
        "TotpConfirmation",
        "TokenRequest",
        "RevocationRequest",
        "Session",
        "PasskeyProof",
        "NewPasskey",
        "PasskeyChallenge",
        "NewDeviceClaim",
        "NewRecovery",
    ];
    let secrets = ["password", "totp_code", "secret", "pin", "answer", "otp", "recovery_code"];
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        for field in schema["properties"].as_object().into_iter().flatten().map(|(field, _)| field.as_str()) {
            assert!(!secrets.contains(&field) || own.contains(&name.as_str()), "{name}.{field}");
        }
    }
    for path in document["paths"].as_object().expect("paths").keys() {
        assert!(!path.contains("sms") && !path.contains("mail"), "{path}: no factor comes by mail or SMS");
    }
}

fn sr_a08_people_change_their_own_factors_after_a_fresh_sign_in(house: &House) {
    let server = strict(house, true);
    let start = server.now() + 10;
    server.stop_clock_at(start);
    let mut worker = Worker::new(&server, "kiosk");
    let (token, elsewhere) = (worker.token(), worker.token());
    let ask = |token: &str, method: &str, path: &str, body: Option<&Value>| {
        let call = server.call(method, path).token(token);
        body.map_or_else(|| server.call(method, path).token(token).send(), |body| call.json(body).send())
    };
    server.stop_clock_at(start + 299);
    let offer = ask(&token, "POST", "/v1/staff/passkey-challenges", None).expect(201).json();
    let (_, second) = new_passkey(&server, &offer);
    let factors = ask(&token, "POST", "/v1/staff/passkeys", Some(&second)).expect(201).json();
    assert_eq!((factors["passkeys"].as_array().unwrap().len(), &factors["last_change"]), (2, &json!("passkey-added")));
    ask(&elsewhere, "GET", "/v1/staff/factors", None).problem(401, "session-over");
    server.stop_clock_at(start + 301);
    let password = json!({"password": format!("{CANARY}-Feder-Ast-Wind-33")});
    for (method, path, body) in [
        ("POST", "/v1/staff/passkey-challenges", None),
        ("POST", "/v1/staff/passkeys", Some(&second)),
        ("POST", "/v1/staff/totp/begin", None),
        ("DELETE", "/v1/staff/totp", None),
        ("PUT", "/v1/staff/password", Some(&password)),
    ] {
        ask(&token, method, path, body).problem(403, "step-up-required");
    }
    let listed = ask(&token, "GET", "/v1/staff/factors", None).expect(200).json();
    let paths: Vec<String> = listed["passkeys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| format!("/v1/staff/passkeys/{}", key["id"].as_str().unwrap()))
        .collect();
    ask(&token, "DELETE", &paths[1], None).problem(403, "step-up-required");
    ask(&token, "PATCH", &paths[1], Some(&json!({"label": "Reserve"}))).expect(200);
    let token = worker.token();
    ask(&token, "DELETE", &paths[1], None).expect(200);
    ask(&token, "DELETE", &paths[1], None).problem(404, "not-found");
    ask(&token, "DELETE", "/v1/staff/totp", None).expect(200);
    ask(&token, "DELETE", &paths[0], None).problem(409, "last-second-factor");
    let offer = ask(&token, "POST", "/v1/staff/totp/begin", None).expect(201).json();
    let wrong = json!({"ceremony_id": offer["ceremony_id"], "code": "000000"});
    ask(&token, "PUT", "/v1/staff/totp", Some(&wrong)).problem(422, "invalid");
    let right = code(offer["secret"].as_str().unwrap(), server.clock());
    let right = json!({"ceremony_id": offer["ceremony_id"], "code": right});
    assert_eq!(ask(&token, "PUT", "/v1/staff/totp", Some(&right)).expect(200).json()["totp"], true);
    ask(&token, "PUT", "/v1/staff/password", Some(&json!({"password": "kurz"}))).problem(422, "invalid");
    assert_eq!(
        ask(&token, "PUT", "/v1/staff/password", Some(&password)).expect(200).json()["last_change"],
        "password-changed"
    );
    let proof = worker.proof();
    worker.sign_in(&json!({"password": PASSWORD, "passkey": proof})).problem(401, "sign-in-failed");
    server.stop_clock_at(start + 330);
    let proof = worker.proof();
    worker.sign_in(&json!({"password": password["password"], "passkey": proof})).expect(201);
    assert!(server.log().contains("factors changed"), "changes are told in the log");
}

fn sr_s05_a_confirmed_sign_in_is_a_new_session(house: &House) {
    let server = strict(house, true);
    let start = server.now() + 10;
    server.stop_clock_at(start);
    let mut worker = Worker::new(&server, "practice");
    let first = worker.token();
    let label = json!({"label": format!("Rechner {CANARY}")});
    server.stop_clock_at(start + 301);
    worker.ask(&first, "POST", "/v1/practice/upload-credentials", Some(&label)).problem(403, "step-up-required");
    let proof = worker.proof();
    let both = worker.with(&json!({"password": PASSWORD, "passkey": proof}));
    let second = server.call("POST", "/v1/sessions/staff").token(&first).json(&both).send().expect(201);
    let second = second.text("/access_token");
    worker.ask(&first, "GET", "/v1/practice", None).problem(401, "session-over");
    worker.ask(&second, "POST", "/v1/practice/upload-credentials", Some(&label)).expect(201);
}
