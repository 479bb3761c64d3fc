//! The first contact: with a slip and a birth date one has an account, and nobody else has it.

use serde_json::{Value, json};

use crate::{
    house::House,
    http::Reply,
    paper::Upload,
    people::{Patient, Resident, Slip, activation, device_secret},
};

promises![
    a_slip_and_the_birth_date_make_an_account,
    a_code_is_typed_as_people_type,
    the_qr_code_does_the_same,
    a_lost_answer_can_be_asked_for_again,
    two_phones_at_once_are_one_account,
    a_new_slip_brings_a_new_phone_and_ends_the_old_one,
    one_phone_serves_a_family,
    another_practice_can_be_linked,
    one_agrees_only_to_the_published_text,
    a_weak_pin_is_refused_and_the_code_stays_good,
    a_weak_device_secret_is_refused,
    a_birth_date_must_be_a_day,
    the_slip_speaks_all_languages,
    sr_b02_printing_a_slip_kills_the_code_before,
    an_invitation_taken_back_is_worth_nothing,
    a_practice_cannot_move_a_patients_birth_date,
];

fn activate(house: &House, body: &Value) -> Reply {
    house.server().post("/v1/activations", body)
}

fn body(house: &House, slip: &Slip) -> Value {
    activation(house.server(), &slip.code, &slip.patient.birth_date, &device_secret(), "de")
}

fn a_slip_and_the_birth_date_make_an_account(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let done = activate(house, &body(house, &slip)).expect(201).json();
    assert_eq!(done["practice_name"], practice.name);
    assert_eq!(done["session"]["token_type"], "Bearer");
    let token = done["session"]["access_token"].as_str().unwrap();
    assert!(token.starts_with("nra_"));
    let me = house.server().call("GET", "/v1/me").token(token).send().expect(200).json();
    assert_eq!((me["id"] == done["resident_id"], &me["language"]), (true, &json!("de")));
    assert_eq!(me["practices"][0]["name"], practice.name);
    let used = practice.staff.get(&format!("/v1/practice/invitations/{}", slip.id)).expect(200).json();
    assert_eq!(used["state"], "used");
    assert!(used["used_at"].is_string());
    let consents = house.server().call("GET", "/v1/consents").token(token).send().expect(200).items();
    assert_eq!((consents.len(), &consents[0]["state"]), (1, &json!("granted")));
}

fn a_code_is_typed_as_people_type(house: &House) {
    let practice = house.practice();
    for typed in
        [|c: &str| c.to_lowercase(), |c: &str| c.replace('-', " "), |c: &str| format!(" {} ", c.replace('-', ""))]
    {
        let mut slip = practice.staff.invite(&Patient::new());
        slip.code = typed(&slip.code);
        activate(house, &body(house, &slip)).expect(201);
    }
}

fn the_qr_code_does_the_same(house: &House) {
    let practice = house.practice();
    for part in [|qr: &str| qr.to_owned(), |qr: &str| qr.split_once('#').unwrap().1.to_owned()] {
        let mut slip = practice.staff.invite(&Patient::new());
        assert!(slip.qr.starts_with("http://localhost:"), "{}", slip.qr);
        slip.code = part(&slip.qr);
        activate(house, &body(house, &slip)).expect(201);
    }
}

/// The app sends the same again and gets the same account, not "code used".
fn a_lost_answer_can_be_asked_for_again(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let mut body = body(house, &slip);
    let first = activate(house, &body).expect(201);
    let again = activate(house, &body).expect(201);
    assert_eq!(first.json()["resident_id"], again.json()["resident_id"]);
    assert_ne!(first.json()["session"]["access_token"], again.json()["session"]["access_token"]);
    let get = |reply: &Reply| house.server().call("GET", "/v1/me").token(&reply.text("/session/access_token")).send();
    get(&first).problem(401, "session-over");
    get(&again).expect(200);
    body["pin"] = json!("739184");
    activate(house, &body).problem(403, "activation-failed");
    body["pin"] = json!("482915");
    body["device_secret"] = json!(device_secret());
    activate(house, &body).problem(403, "activation-failed");
}

/// The code was photographed: whoever is first has it, and nobody else.
fn two_phones_at_once_are_one_account(house: &House) {
    let practice = house.practice();
    for _ in 0..3 {
        let slip = practice.staff.invite(&Patient::new());
        let bodies: Vec<Value> = (0..4).map(|_| body(house, &slip)).collect();
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let all: Vec<_> = bodies.iter().map(|body| scope.spawn(|| activate(house, body).status)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403, 403, 403]);
    }
}

fn a_new_slip_brings_a_new_phone_and_ends_the_old_one(house: &House) {
    let practice = house.practice();
    let old = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&old.patient))["id"].as_str().unwrap().to_owned();
    let new = Resident::activate(&practice.staff.invite(&old.patient), house.server());
    assert_eq!(new.id, old.id, "the same account");
    assert_eq!(new.list()[0]["id"], finding, "the findings are still there");
    old.get("/v1/me").problem(401, "device-revoked");
    old.sign_in("482915").problem(401, "sign-in-failed");
    new.sign_in("482915").expect(201);
}

fn one_phone_serves_a_family(house: &House) {
    let practice = house.practice();
    let (mother, child) = (practice.resident(), practice.resident());
    practice.software.deliver(&Upload::pdf(&mother.patient));
    assert_eq!((mother.list().len(), child.list().len()), (1, 0), "each sees their own only");
    // An app that mixes its secrets up gets a clear answer, and nobody's account is touched.
    let slip = practice.staff.invite(&Patient::new());
    let mixed = activation(house.server(), &slip.code, &slip.patient.birth_date, &mother.device_secret, "de");
    let reply = activate(house, &mixed);
    assert!((400..500).contains(&reply.status), "{}: {}", reply.status, reply.json());
    assert_eq!(mother.list().len(), 1);
    mother.sign_in("482915").expect(201);
}

fn another_practice_can_be_linked(house: &House) {
    let (first, second) = (house.practice(), house.own_practice());
    let resident = first.resident();
    let slip = second.staff.invite(&Patient::new());
    let link =
        |birth_date: &str| resident.post("/v1/me/practices", &json!({"code": slip.code, "birth_date": birth_date}));
    link("1999-09-09").problem(403, "activation-failed");
    let linked = link(&slip.patient.birth_date).expect(201).json();
    assert_eq!((linked["id"] == second.id, linked["name"] == second.name), (true, true));
    link(&slip.patient.birth_date).problem(403, "activation-failed");
    second.software.deliver(&Upload::pdf(&slip.patient));
    first.software.deliver(&Upload::pdf(&resident.patient));
    assert_eq!(resident.list().len(), 2, "one list for both practices");
    let of_second = resident.get(&format!("/v1/findings?practice={}", second.id)).expect(200).items();
    assert_eq!(of_second[0]["practice"]["name"], second.name);
    assert_eq!(resident.get("/v1/me").expect(200).json()["practices"].as_array().unwrap().len(), 2);
    // A code of somebody who already has an account of their own cannot be taken over.
    let other = first.resident();
    let theirs = first.staff.invite(&other.patient);
    let grab = json!({"code": theirs.code, "birth_date": other.patient.birth_date});
    resident.post("/v1/me/practices", &grab).problem(403, "activation-failed");
}

fn one_agrees_only_to_the_published_text(house: &House) {
    let slip = house.practice().staff.invite(&Patient::new());
    let good = body(house, &slip);
    let changes = [
        ("sha256", json!("0".repeat(64))),
        ("version", json!(999)),
        ("purpose", json!("research")),
        ("lang", json!("tr")),
        ("lang", json!("xx")),
    ];
    for (field, value) in changes {
        let mut bad = good.clone();
        bad["consent"][field] = value;
        activate(house, &bad).problem(422, "consent-text-unknown");
    }
    activate(house, &good).expect(201);
}

fn a_weak_pin_is_refused_and_the_code_stays_good(house: &House) {
    let slip = house.practice().staff.invite(&Patient::new());
    let good = body(house, &slip);
    let weak = ["123456", "111111", "121212", "987654", "140361", "196103", "12345", "1234567", "abcdef", "", "112233"];
    for pin in weak {
        let mut bad = good.clone();
        bad["pin"] = json!(pin);
        let reply = activate(house, &bad).problem(422, "invalid").json();
        assert_eq!(reply["errors"][0]["pointer"], "/pin", "{pin}");
        assert!(!reply.to_string().contains(pin) || pin.is_empty(), "a refusal does not repeat the PIN");
    }
    activate(house, &good).expect(201);
}

fn a_weak_device_secret_is_refused(house: &House) {
    let slip = house.practice().staff.invite(&Patient::new());
    let good = body(house, &slip);
    for secret in ["", "abc", "00000000000000000000000000000000", "geheim geheim geheim geheim geheim"] {
        let mut bad = good.clone();
        bad["device_secret"] = json!(secret);
        let reply = activate(house, &bad).problem(422, "invalid").json();
        assert_eq!(reply["errors"][0]["pointer"], "/device_secret", "{secret}");
    }
}

fn a_birth_date_must_be_a_day(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    for day in ["", "14.03.1961", "1961-02-30", "1961-3-14", "1961-03-14T00:00:00Z", "-1961-03-14", "19610314"] {
        let mut bad = body(house, &slip);
        bad["birth_date"] = json!(day);
        let reply = activate(house, &bad).problem(422, "invalid").json();
        assert_eq!(reply["errors"][0]["pointer"], "/birth_date", "{day}");
        let invitation = json!({"patient_reference": "x", "birth_date": day});
        practice.staff.post("/v1/practice/invitations", &invitation).problem(422, "invalid");
    }
    let unborn = json!({"patient_reference": "x", "birth_date": "2101-01-01"});
    practice.staff.post("/v1/practice/invitations", &unborn).problem(422, "invalid");
    let born_on_a_leap_day = Patient { birth_date: "1960-02-29".into(), ..Patient::new() };
    Resident::activate(&practice.staff.invite(&born_on_a_leap_day), house.server());
}

fn the_slip_speaks_all_languages(house: &House) {
    let practice = house.practice();
    let languages = house.server().get("/v1/server").expect(200).json()["languages"].as_array().unwrap().clone();
    assert_eq!(languages.len(), 8);
    for language in languages {
        let patient = Patient::new();
        let invitation = json!({
            "patient_reference": patient.reference, "birth_date": patient.birth_date, "language": language,
        });
        let id = practice.staff.post("/v1/practice/invitations", &invitation).expect(201).text("/invitation/id");
        let slip = practice.staff.call("POST", &format!("/v1/practice/invitations/{id}/slip")).send().expect(200);
        assert_eq!(slip.header("content-type"), Some("application/pdf"));
        assert!(slip.body.starts_with(b"%PDF-"), "{language}");
        let text = house.server().get(&format!("/v1/consent-texts/base?lang={}", language.as_str().unwrap()));
        assert_eq!(text.expect(200).json()["lang"], language);
    }
    let unknown = json!({"patient_reference": "x", "birth_date": "1970-01-02", "language": "tlh"});
    practice.staff.post("/v1/practice/invitations", &unknown).problem(422, "invalid");
}

fn sr_b02_printing_a_slip_kills_the_code_before(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let print = || practice.staff.call("POST", &format!("/v1/practice/invitations/{}/slip", slip.id)).send();
    print().expect(200);
    activate(house, &body(house, &slip)).problem(403, "activation-failed");
    let qr = Slip { code: slip.qr.clone(), ..slip.clone() };
    activate(house, &body(house, &qr)).problem(403, "activation-failed");
    // A new invitation ends the one before as well.
    let newer = practice.staff.invite(&slip.patient);
    print().problem(409, "invitation-not-open");
    activate(house, &body(house, &newer)).expect(201);
}

fn an_invitation_taken_back_is_worth_nothing(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let path = format!("/v1/practice/invitations/{}", slip.id);
    practice.staff.call("DELETE", &path).send().expect(204);
    assert_eq!(practice.staff.get(&path).expect(200).json()["state"], "revoked");
    activate(house, &body(house, &slip)).problem(403, "activation-failed");
}

/// Once somebody is known by a birth date, a slip of the pen must not hand their findings to somebody else.
fn a_practice_cannot_move_a_patients_birth_date(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let other = json!({"patient_reference": resident.patient.reference, "birth_date": "1962-03-14"});
    practice.staff.post("/v1/practice/invitations", &other).problem(409, "birth-date-differs");
    // Before the first activation, with nothing waiting, it can be mended.
    let patient = Patient::new();
    practice.staff.invite(&patient);
    let mended = Patient { birth_date: "1962-03-14".into(), ..patient };
    Resident::activate(&practice.staff.invite(&mended), house.server());
}
