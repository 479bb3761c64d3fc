//! How surely a slip has reached its person: letters wait for a word of the practice, and a wrong account is cut off.

use serde_json::{Value, json};

use crate::{
    house::House,
    http::Reply,
    paper::{Report, Upload},
    people::{Patient, Practice, Resident, Slip, activation, device_secret},
    server::Setup,
};

promises![
    sr_b05_a_letter_shows_nothing_before_the_practice_confirms,
    sr_b05_five_wrong_numbers_need_a_new_slip,
    sr_b05_a_letter_never_opens_what_was_bound_in_person,
    sr_b05_a_practice_linked_by_letter_waits_and_the_others_do_not,
    sr_b05_the_operator_may_only_want_to_be_told,
    sr_b02_a_slip_ends_after_two_weeks_and_a_letter_after_three,
    sr_b06_the_same_name_and_birth_date_bring_nobody_together,
    sr_a08_linking_a_practice_needs_a_fresh_sign_in,
    not_my_patient_takes_everything_out_of_the_account_at_once,
    not_my_patient_leaves_the_other_practices_alone,
    not_my_patient_cuts_off_a_phone_that_a_letter_brought,
];

fn invitation(practice: &Practice, slip: &Slip) -> Value {
    practice.staff.get(&format!("/v1/practice/invitations/{}", slip.id)).expect(200).json()
}

fn confirm(practice: &Practice, slip: &Slip, number: &str) -> Reply {
    practice.staff.post(&format!("/v1/practice/invitations/{}/confirmation", slip.id), &json!({"number": number}))
}

fn not_my_patient(practice: &Practice, slip: &Slip) -> Reply {
    practice.staff.call("POST", &format!("/v1/practice/invitations/{}/not-my-patient", slip.id)).send()
}

/// What the resident's account says about a practice.
fn as_seen(resident: &Resident, practice: &Practice) -> Value {
    let me = resident.get("/v1/me").expect(200).json();
    me["practices"].as_array().unwrap().iter().find(|p| p["id"] == practice.id).cloned().unwrap_or_default()
}

fn number(resident: &Resident, practice: &Practice) -> String {
    as_seen(resident, practice)["confirmation_number"].as_str().expect("a number").to_owned()
}

/// Another number than this.
fn wrong(number: &str) -> String {
    format!("{:04}", (number.parse::<u16>().unwrap() + 1) % 10_000)
}

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn sr_b05_a_letter_shows_nothing_before_the_practice_confirms(house: &House) {
    let practice = house.own_practice();
    let slip = practice.staff.invite_by_letter(&Patient::new());
    assert_eq!(
        (&invitation(&practice, &slip)["binding"], invitation(&practice, &slip).get("link")),
        (&json!("letter"), None)
    );
    let early = practice.software.deliver(&Upload::fhir(Report::new(&slip.patient).bytes()));
    assert_eq!(early["state"], "waiting", "{early}");
    let body = activation(house.server(), &slip.code, &slip.patient.birth_date, &device_secret(), "de");
    let told = house.server().post("/v1/activations", &body).expect(201).json();
    assert_eq!(told["confirmation_number"].as_str().map(str::len), Some(4));
    let slip = practice.staff.invite_by_letter(&slip.patient);
    let resident = Resident::activate(&slip, house.server());
    let late = practice.software.deliver(&Upload::pdf(&slip.patient));
    assert_eq!(late["state"], "waiting");
    assert_eq!(as_seen(&resident, &practice)["state"], "pending-confirmation");
    assert_eq!(invitation(&practice, &slip)["link"], "pending-confirmation");
    let nothing_is_there = || {
        assert!(resident.list().is_empty());
        for finding in [id(&early), id(&late)] {
            for part in ["", "/content", "/fhir"] {
                resident.get(&format!("/v1/findings/{finding}{part}")).problem(404, "not-found");
            }
            resident.call("PUT", &format!("/v1/findings/{finding}/read")).send().problem(404, "not-found");
        }
        resident.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
    };
    nothing_is_there();
    let number = number(&resident, &practice);
    confirm(&practice, &slip, &wrong(&number)).problem(422, "wrong-number");
    confirm(&practice, &slip, "12").problem(422, "invalid");
    nothing_is_there();
    let done = confirm(&practice, &slip, &number).expect(200).json();
    assert_eq!(done["link"], "linked");
    let seen: Vec<String> = resident.list().iter().map(id).collect();
    assert_eq!(seen.len(), 2, "what waited is there: {seen:?}");
    assert!(resident.logged("confirm", "done", None));
    let linked = as_seen(&resident, &practice);
    assert_eq!((&linked["state"], linked.get("confirmation_number")), (&json!("linked"), None));
    confirm(&practice, &slip, &number).problem(409, "nothing-to-confirm");
    assert_eq!(practice.software.deliver(&Upload::pdf(&slip.patient))["state"], "delivered");
}

fn sr_b05_five_wrong_numbers_need_a_new_slip(house: &House) {
    let practice = house.own_practice();
    let slip = practice.staff.invite_by_letter(&Patient::new());
    let resident = Resident::activate(&slip, house.server());
    let right = number(&resident, &practice);
    for _ in 0..5 {
        confirm(&practice, &slip, &wrong(&right)).problem(422, "wrong-number");
    }
    confirm(&practice, &slip, &right).problem(409, "confirmation-blocked");
    practice.software.deliver(&Upload::pdf(&slip.patient));
    assert!(resident.list().is_empty());
    let again = Resident::activate(&practice.staff.invite_by_letter(&slip.patient), house.server());
    assert_ne!(number(&again, &practice), "", "another letter, another number, five new tries");
    let known = Resident::activate(&practice.staff.invite(&slip.patient), house.server());
    assert_eq!(
        (known.id == resident.id, known.list().len()),
        (true, 1),
        "handed over in person, nothing is to be confirmed"
    );
}

/// Somebody opens a letter to a person who has an account: the account is theirs to lock, and not to read.
fn sr_b05_a_letter_never_opens_what_was_bound_in_person(house: &House) {
    let (first, second) = (house.own_practice(), house.own_practice());
    let owner = first.resident();
    let of_second = second.staff.invite(&Patient::new());
    let link = json!({"code": of_second.code, "birth_date": of_second.patient.birth_date});
    owner.post("/v1/me/practices", &link).expect(201);
    let findings = [
        id(&first.software.deliver(&Upload::pdf(&owner.patient))),
        id(&second.software.deliver(&Upload::pdf(&of_second.patient))),
    ];
    assert_eq!(owner.list().len(), 2);
    let letter = first.staff.invite_by_letter(&owner.patient);
    let thief = Resident::activate(&letter, house.server());
    assert_eq!(thief.id, owner.id);
    assert!(thief.list().is_empty());
    for finding in &findings {
        thief.get(&format!("/v1/findings/{finding}")).problem(404, "not-found");
    }
    assert_eq!(as_seen(&thief, &second)["state"], "pending-confirmation");
    assert!(as_seen(&thief, &second).get("confirmation_number").is_none(), "that practice has nothing to confirm");
    assert_eq!(second.software.deliver(&Upload::pdf(&of_second.patient))["state"], "waiting");
    confirm(&first, &letter, &number(&thief, &first)).expect(200);
    assert_eq!(thief.list().len(), 3, "it was the owner after all");
}

fn sr_b05_a_practice_linked_by_letter_waits_and_the_others_do_not(house: &House) {
    let (first, second) = (house.own_practice(), house.own_practice());
    let resident = first.resident();
    let letter = second.staff.invite_by_letter(&Patient::new());
    let link = json!({"code": letter.code, "birth_date": letter.patient.birth_date});
    resident.post("/v1/me/practices", &link).expect(201);
    first.software.deliver(&Upload::pdf(&resident.patient));
    second.software.deliver(&Upload::pdf(&letter.patient));
    let practices = || resident.list().iter().map(|f| f["practice"]["id"].clone()).collect::<Vec<_>>();
    assert_eq!(practices(), [json!(first.id)]);
    confirm(&second, &letter, &number(&resident, &second)).expect(200);
    assert_eq!(practices().len(), 2);
}

fn sr_b05_the_operator_may_only_want_to_be_told(house: &House) {
    let more = "[activation]\nconfirm_letter = \"notify\"\n".to_owned();
    let server = house.own_server(Setup { more, ..Setup::default() });
    let practice = Practice::add(&server);
    let slip = practice.staff.invite_by_letter(&Patient::new());
    let resident = Resident::activate(&slip, &server);
    practice.software.deliver(&Upload::pdf(&slip.patient));
    assert_eq!(resident.list().len(), 1);
    let shown = invitation(&practice, &slip);
    assert_eq!((&shown["link"], shown["used_at"].is_string()), (&json!("linked"), true));
}

fn sr_b02_a_slip_ends_after_two_weeks_and_a_letter_after_three(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let start = server.now() + 60;
    for (letter, days) in [(false, 14), (true, 21)] {
        for (off, good) in [(-1_i64, true), (0, false), (1, false)] {
            server.stop_clock_at(start);
            let patient = Patient::new();
            let slip = if letter { practice.staff.invite_by_letter(&patient) } else { practice.staff.invite(&patient) };
            server.stop_clock_at((start + days * 86_400).checked_add_signed(off).unwrap());
            let body = activation(&server, &slip.code, &patient.birth_date, &device_secret(), "de");
            let status = server.post("/v1/activations", &body).status;
            assert_eq!(status, if good { 201 } else { 403 }, "letter: {letter}, {off} s");
            assert_eq!(invitation(&practice, &slip)["state"], if good { "used" } else { "expired" });
        }
    }
}

/// Two practices, one name, one birth date, two people.
fn sr_b06_the_same_name_and_birth_date_bring_nobody_together(house: &House) {
    let practices = [house.own_practice(), house.own_practice()];
    let reference = Patient::new();
    let people = practices.each_ref().map(|p| Resident::activate(&p.staff.invite(&reference), house.server()));
    let findings =
        practices.each_ref().map(|p| id(&p.software.deliver(&Upload::fhir(Report::new(&reference).bytes()))));
    for (mine, theirs) in [(0, 1), (1, 0)] {
        let seen: Vec<String> = people[mine].list().iter().map(id).collect();
        assert_eq!(seen, [findings[mine].clone()]);
        people[mine].get(&format!("/v1/findings/{}", findings[theirs])).problem(404, "not-found");
        let trend = people[mine].get("/v1/trends?loinc=2823-3").expect(200).json().to_string();
        assert!(!trend.contains(&findings[theirs]));
        assert_eq!(people[mine].get("/v1/me").expect(200).json()["practices"].as_array().unwrap().len(), 1);
    }
    assert_ne!(people[0].id, people[1].id);
}

fn sr_a08_linking_a_practice_needs_a_fresh_sign_in(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let (first, second) = (Practice::add(&server), Practice::add(&server));
    let start = server.now();
    server.stop_clock_at(start);
    let slip = second.staff.invite(&Patient::new());
    let resident = first.resident();
    let body = json!({"code": slip.code, "birth_date": slip.patient.birth_date});
    let link = || server.call("POST", "/v1/me/practices").token(&resident.token).json(&body).send();
    server.stop_clock_at(start + 301);
    link().problem(403, "step-up-required");
    assert_eq!(invitation(&second, &slip)["state"], "open");
    server.stop_clock_at(start + 299);
    link().expect(201);
}

fn not_my_patient_takes_everything_out_of_the_account_at_once(house: &House) {
    for on_paper in [false, true] {
        let practice = house.own_practice();
        let patient = Patient::new();
        let slip =
            if on_paper { practice.staff.invite_with_paper_consent(&patient) } else { practice.staff.invite(&patient) };
        let stranger = Resident::activate(&slip, house.server());
        let finding = id(&practice.software.deliver(&Upload::fhir(Report::new(&patient).bytes())));
        stranger.open(&finding);
        let cut = not_my_patient(&practice, &slip).expect(200).json();
        assert_eq!(
            (&cut["link"], cut["cut_off_at"].is_string(), &cut["state"]),
            (&json!("cut-off"), true, &json!("used"))
        );
        house.server().call("GET", "/v1/findings").token(&stranger.token).send().problem(401, "session-over");
        stranger.sign_in_again();
        assert!(stranger.list().is_empty());
        stranger.get(&format!("/v1/findings/{finding}")).problem(404, "not-found");
        stranger.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
        assert!(stranger.logged("unlink", "done", None), "their log tells it");
        assert_eq!(stranger.get("/v1/me").expect(200).json()["practices"], json!([]));
        let state = practice.software.receipt(&finding)["state"].clone();
        assert_eq!(state, if on_paper { "waiting" } else { "inbox" });
        not_my_patient(&practice, &slip).problem(409, "state-conflict");
        // The right person comes.
        let patient_themself = Resident::activate(&practice.staff.invite(&patient), house.server());
        assert_ne!(patient_themself.id, stranger.id);
        if !on_paper {
            let whose = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
            practice.staff.post(&format!("/v1/practice/inbox/{finding}/assign"), &whose).expect(200);
        }
        assert_eq!(id(&patient_themself.list()[0]), finding);
        patient_themself.open(&finding);
    }
}

fn not_my_patient_leaves_the_other_practices_alone(house: &House) {
    let (first, second) = (house.own_practice(), house.own_practice());
    let resident = first.resident();
    let wrong = second.staff.invite(&Patient::new());
    let link = json!({"code": wrong.code, "birth_date": wrong.patient.birth_date});
    resident.post("/v1/me/practices", &link).expect(201);
    first.software.deliver(&Upload::pdf(&resident.patient));
    second.software.deliver(&Upload::pdf(&wrong.patient));
    not_my_patient(&second, &wrong).expect(200);
    let list = house.server().call("GET", "/v1/findings").token(&resident.token).send().expect(200).items();
    assert_eq!(list.len(), 1, "signed in as before, and only the first practice's findings");
    assert_eq!(list[0]["practice"]["id"], first.id);
}

/// A letter was opened by somebody else, and the account has other practices: they get back to their owner.
fn not_my_patient_cuts_off_a_phone_that_a_letter_brought(house: &House) {
    let (first, second) = (house.own_practice(), house.own_practice());
    let owner = first.resident();
    let of_second = second.staff.invite(&Patient::new());
    let link = json!({"code": of_second.code, "birth_date": of_second.patient.birth_date});
    owner.post("/v1/me/practices", &link).expect(201);
    second.software.deliver(&Upload::pdf(&of_second.patient));
    let letter = first.staff.invite_by_letter(&owner.patient);
    // Times of the same instant would look like the account's own beginning.
    let thief = Resident::activate(&letter, house.server());
    not_my_patient(&first, &letter).expect(200);
    thief.get("/v1/findings").problem(401, "device-revoked");
    let back = Resident::activate(&second.staff.invite(&of_second.patient), house.server());
    assert_eq!((back.id == owner.id, back.list().len()), (true, 1));
}
