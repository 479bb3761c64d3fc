//! Parents and guardians: a practice attests that they act for its patient, and the law, a court or the patient ends it.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    encounters::{appointed, text},
    representation::Acting,
};
use crate::{
    house::{House, number},
    http::Reply,
    paper::Upload,
    people::{Patient, Practice, Resident, Slip, activation, consent, device_secret},
    server::{Server, Setup},
    sql::Intruder,
};

promises![
    sr_z10_a_parent_acts_for_a_child_without_a_phone,
    sr_z10_parents_see_less_from_the_twelfth_birthday_on,
    sr_z10_on_the_fifteenth_birthday_parents_act_no_more,
    sr_z10_a_guardian_acts_until_the_last_day,
    a_slip_for_a_parent_is_none_for_the_child_and_the_reverse,
    a_child_gets_into_its_account_by_a_slip_of_its_own,
    both_parents_have_a_slip_of_their_own,
    what_a_practice_attested_it_takes_back,
    a_letter_for_a_parent_waits_for_a_word_of_the_practice,
    a_practice_attests_no_more_than_there_is,
];

const DAY: i64 = 24 * 3600;

fn today(server: &Server) -> Date {
    let now = Timestamp::from_second(server.clock()).unwrap();
    now.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).date()
}

/// A patient who becomes so old in so many days.
fn child(server: &Server, years: i32, days: i32) -> Patient {
    let birthday = today(server).checked_add(days.days()).unwrap();
    Patient { birth_date: birthday.checked_sub(years.years()).unwrap().to_string(), ..Patient::new() }
}

fn slip(practice: &Practice, patient: &Patient, more: &Value) -> Slip {
    let mut body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date, "for": "parent"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let made = practice.staff.post("/v1/practice/invitations", &body).expect(201);
    Slip {
        id: made.text("/invitation/id"),
        code: made.text("/manual_code"),
        qr: made.text("/qr_payload"),
        patient: patient.clone(),
    }
}

fn claim(parent: &Resident, slip: &Slip, own_name: &str) -> Reply {
    parent.sign_in_again();
    let body = json!({
        "code": slip.code, "birth_date": slip.patient.birth_date, "called": "Emil", "own_name": own_name,
        "language": "de", "consent": consent(&parent.server, "de"),
    });
    parent.post("/v1/represented", &body)
}

fn acts<'a>(parent: &'a Resident, slip: &Slip) -> Acting<'a> {
    Acting { who: parent, by: claim(parent, slip, "Mama").expect(201).text("/share/id") }
}

fn deliver(practice: &Practice, patient: &Patient) -> String {
    text(&practice.software.deliver(&Upload::pdf(patient)), "/id")
}

fn sr_z10_a_parent_acts_for_a_child_without_a_phone(house: &House) {
    let practice = house.own_practice();
    let mother = practice.resident();
    let patient = child(&practice.server, 9, 100);
    let mother_acts = acts(&mother, &slip(&practice, &patient, &json!({})));
    let received = mother.get("/v1/shared").expect(200).items();
    let permission = &received[0];
    assert_eq!((&permission["ground"], &permission["may_act"]), (&json!("parental"), &json!(true)), "{permission}");
    assert_eq!(permission["called"], json!("Emil"));
    let finding = deliver(&practice, &patient);
    assert_eq!(mother_acts.listed(), [finding.clone()].into());
    mother_acts.get(&format!("/v1/findings/{finding}/content")).expect(200);
    assert!(mother.list().iter().all(|own| own["id"] != json!(finding)), "not among her own");
    // What she agreed to for the child stands as the child's, and as done by her.
    let consents = mother_acts.get("/v1/consents").expect(200).items();
    assert_eq!((consents.len(), &consents[0]["purpose"]), (1, &json!("base")));
    let decisions = mother_acts.get("/v1/decisions").expect(200).items();
    assert!(decisions.iter().all(|d| d["events"][0]["in_place"] == json!(true)), "{decisions:?}");
    let id = text(&consents[0], "/id");
    let fhir = mother_acts.get(&format!("/v1/decisions/{id}/fhir")).expect(200).json();
    assert_eq!(fhir["performer"][0]["type"], json!("RelatedPerson"));
    // She lets another practice in, and the practice sees nothing of who did.
    let other = house.practice();
    let order = json!({"organisation": other.id, "called": "Emil"});
    let share = mother_acts.post("/v1/shares", &order).expect(201).text("/id");
    let seen = other.staff.get("/v1/shared").expect(200).json().to_string();
    assert!(seen.contains(&share) && !seen.contains("Mama") && !seen.contains(&mother.id));
}

fn sr_z10_parents_see_less_from_the_twelfth_birthday_on(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let mother = practice.resident();
    let patient = child(&server, 12, 3);
    let mother_acts = acts(&mother, &slip(&practice, &patient, &json!({})));
    let (plain, delicate, away) =
        (deliver(&practice, &patient), deliver(&practice, &patient), deliver(&practice, &patient));
    let child = Resident::activate(&practice.staff.invite(&patient), &server);
    for (finding, treatment) in [(&delicate, "sensitive"), (&away, "put-away")] {
        let body = json!({"treatment": treatment});
        child.call("PATCH", &format!("/v1/findings/{finding}")).json(&body).send().expect(204);
    }
    mother.sign_in_again();
    let all: BTreeSet<String> = [plain.clone(), delicate.clone(), away.clone()].into();
    assert_eq!(mother_acts.listed(), all);
    // The last moment of the day before, and the first of the birthday, at midnight in Berlin.
    let birthday = today(&server).checked_add(3.days()).unwrap();
    let midnight = birthday.to_zoned(TimeZone::get("Europe/Berlin").unwrap()).unwrap().timestamp().as_second();
    let until = midnight - server.clock();
    server.move_clock(until - 60);
    assert_eq!(mother_acts.listed(), all);
    server.move_clock(until + 1);
    assert_eq!(mother_acts.listed(), [plain].into());
    mother_acts.get(&format!("/v1/findings/{delicate}")).problem(404, "not-found");
    mother_acts.post("/v1/blocks", &json!({"organisation": practice.id})).expect(201);
    // Unless the child names it.
    child.sign_in_again();
    appointed(&child, &mother, &json!({"data": {"findings": [delicate]}}));
    mother_acts.get(&format!("/v1/findings/{delicate}")).expect(200);
    mother_acts.get(&format!("/v1/findings/{away}")).problem(404, "not-found");
}

fn sr_z10_on_the_fifteenth_birthday_parents_act_no_more(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let mother = practice.resident();
    let patient = child(&server, 15, 40);
    let mother_acts = acts(&mother, &slip(&practice, &patient, &json!({})));
    let finding = deliver(&practice, &patient);
    let child = Resident::activate(&practice.staff.invite(&patient), &server);
    mother.wants_mail("mutter@example.org");
    child.wants_mail("kind@example.org");
    let mut intruder = Intruder::at(&server);
    let mut told = || intruder.number("SELECT count(*) FROM outbox WHERE kind = 'security'");
    let before = told();
    let mut at = |days: i64| {
        // Every start looks at once.
        server.move_clock(days * DAY);
        assert_eq!(server.stop(), Some(0));
        server.restart();
        std::thread::sleep(std::time::Duration::from_millis(700));
        told() - before
    };
    assert_eq!(at(9), 0, "not before thirty days before");
    assert_eq!(at(11), 2, "both are told");
    assert_eq!(at(39), 2, "once");
    mother.sign_in_again();
    assert_eq!(mother_acts.listed(), [finding.clone()].into());
    assert_eq!(at(41), 4, "and at the step");
    mother.sign_in_again();
    mother_acts.get("/v1/findings").problem(403, "forbidden");
    mother.get(&format!("/v1/shared-findings/{finding}")).problem(404, "not-found");
    // Nobody makes it longer, and no practice attests it anew.
    child.sign_in_again();
    let shares = child.get("/v1/shares").expect(200).items();
    let rule = shares.iter().find(|rule| rule["id"] == json!(mother_acts.by)).unwrap();
    assert_eq!((&rule["ground"], &rule["stands"]), (&json!("parental"), &json!(false)));
    let longer = child.call("PATCH", &format!("/v1/shares/{}", mother_acts.by)).json(&json!({"days": 90})).send();
    longer.problem(404, "not-found");
    practice.staff.sign_in_again();
    let body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date, "for": "parent"});
    practice.staff.post("/v1/practice/invitations", &body).problem(422, "invalid");
    // Like anybody else she can be appointed.
    let again = Acting::new(&child, &mother, &json!({}));
    assert_eq!(again.listed(), [finding].into());
}

fn sr_z10_a_guardian_acts_until_the_last_day(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let guardian = practice.resident();
    let patient = Patient::new();
    let last = today(&server).checked_add(2.days()).unwrap().to_string();
    let file = format!("XVII {}", number());
    let order = json!({"for": "guardian", "represents_until": last, "court_file": file});
    let made = slip(&practice, &patient, &order);
    let acting = acts(&guardian, &made);
    let finding = deliver(&practice, &patient);
    assert_eq!(acting.listed(), [finding].into());
    let permission = guardian.get("/v1/shared").expect(200).items()[0].clone();
    assert_eq!(permission["ground"], json!("guardian"));
    // The practice knows what it has attested, and nobody else the file.
    let path = format!("/v1/practice/invitations/{}", made.id);
    let attested = practice.staff.get(&path).expect(200).json();
    let said = (&attested["for"], &attested["represents_until"], &attested["court_file"]);
    assert_eq!(said, (&json!("guardian"), &json!(last), &json!(file)));
    let seen = format!("{permission}{}", acting.get("/v1/shares").expect(200).json());
    assert!(!seen.contains(&file));
    server.move_clock(2 * DAY);
    acting.get("/v1/findings").expect(200);
    server.move_clock(3 * DAY);
    acting.get("/v1/findings").problem(403, "forbidden");
}

fn a_slip_for_a_parent_is_none_for_the_child_and_the_reverse(house: &House) {
    let practice = house.own_practice();
    let (server, mother) = (&practice.server, practice.resident());
    let patient = child(server, 10, 10);
    let made = slip(&practice, &patient, &json!({}));
    let body = activation(server, &made.code, &patient.birth_date, &device_secret(), "de");
    server.post("/v1/activations", &body).problem(403, "activation-failed");
    let code = json!({"code": made.code, "birth_date": patient.birth_date});
    mother.sign_in_again();
    mother.post("/v1/me/practices", &code).problem(403, "activation-failed");
    // It was not used up by that, and is good once.
    claim(&mother, &made, "Mama").expect(201);
    claim(&mother, &made, "Mama").problem(403, "activation-failed");
    let own = practice.staff.invite(&patient);
    claim(&mother, &own, "Mama").problem(403, "activation-failed");
    let wrong = Slip { patient: child(server, 10, 11), ..slip(&practice, &patient, &json!({})) };
    claim(&mother, &wrong, "Mama").problem(403, "activation-failed");
    // Nobody represents themself.
    let herself = slip(
        &practice,
        &mother.patient,
        &json!({
            "for": "guardian", "represents_until": today(server).to_string(), "court_file": "XVII 1",
        }),
    );
    claim(&mother, &herself, "Ich").problem(403, "activation-failed");
}

fn a_child_gets_into_its_account_by_a_slip_of_its_own(house: &House) {
    let practice = house.own_practice();
    let mother = practice.resident();
    let patient = child(&practice.server, 14, 10);
    let mother_acts = acts(&mother, &slip(&practice, &patient, &json!({})));
    let finding = deliver(&practice, &patient);
    mother_acts.get(&format!("/v1/findings/{finding}")).expect(200);
    let child = Resident::activate(&practice.staff.invite(&patient), &practice.server);
    assert_eq!(child.list()[0]["id"], json!(finding));
    // It sees who acts, what they did, and ends it.
    let shares = child.get("/v1/shares").expect(200).items();
    assert_eq!((shares.len(), &shares[0]["recipient_called"]), (1, &json!("Mama")));
    let log = child.log();
    let line = log.iter().find(|l| l["action"] == "open").unwrap();
    assert!(text(line, "/sentence").contains("Mama") && line["actor"] == "representative", "{line}");
    child.call("DELETE", &format!("/v1/shares/{}", mother_acts.by)).send().expect(204);
    mother_acts.get("/v1/findings").problem(403, "forbidden");
}

fn both_parents_have_a_slip_of_their_own(house: &House) {
    let practice = house.own_practice();
    let (mother, father) = (practice.resident(), practice.resident());
    let patient = child(&practice.server, 5, 10);
    let mother_acts = acts(&mother, &slip(&practice, &patient, &json!({})));
    let father_acts = acts(&father, &slip(&practice, &patient, &json!({})));
    let finding = deliver(&practice, &patient);
    assert_eq!(mother_acts.listed(), [finding.clone()].into());
    assert_eq!(father_acts.listed(), [finding].into());
    // One of them gives it up, and the other still acts; neither ends the other's.
    mother_acts.call("DELETE", &format!("/v1/shares/{}", father_acts.by)).send().problem(404, "not-found");
    mother.call("DELETE", &format!("/v1/shared/{}", mother_acts.by)).send().expect(204);
    mother_acts.get("/v1/findings").problem(403, "forbidden");
    father_acts.get("/v1/findings").expect(200);
}

fn what_a_practice_attested_it_takes_back(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let (mother, father) = (practice.resident(), practice.resident());
    let patient = child(&practice.server, 8, 10);
    let (first, second) = (slip(&practice, &patient, &json!({})), json!({}));
    let mother_acts = acts(&mother, &first);
    let second = slip(&practice, &patient, &second);
    let father_acts = acts(&father, &second);
    let take_back = |practice: &Practice, slip: &Slip| {
        practice.staff.call("DELETE", &format!("/v1/practice/invitations/{}/attestation", slip.id)).send()
    };
    take_back(&other, &first).problem(404, "not-found");
    take_back(&practice, &first).expect(204);
    take_back(&practice, &first).problem(404, "not-found");
    mother_acts.get("/v1/findings").problem(403, "forbidden");
    father_acts.get("/v1/findings").expect(200);
    // "Not my patient" ends all of it.
    practice.staff.call("POST", &format!("/v1/practice/invitations/{}/not-my-patient", second.id)).send().expect(200);
    father_acts.get("/v1/findings").problem(403, "forbidden");
}

fn a_letter_for_a_parent_waits_for_a_word_of_the_practice(house: &House) {
    let practice = house.own_practice();
    let (mother, father) = (practice.resident(), practice.resident());
    let patient = child(&practice.server, 8, 10);
    let letter = json!({"binding": "letter", "paper_consent_on": "2026-11-01"});
    let made = slip(&practice, &patient, &letter);
    let finding = deliver(&practice, &patient);
    let done = claim(&mother, &made, "Mama").expect(201);
    let mother_acts = Acting { who: &mother, by: done.text("/share/id") };
    assert!(mother_acts.listed().is_empty());
    let path = format!("/v1/practice/invitations/{}/confirmation", made.id);
    practice.staff.post(&path, &json!({"number": done.text("/confirmation_number")})).expect(200);
    assert_eq!(mother_acts.listed(), [finding].into());
    // A second one by post reaches into no account that is there.
    let second = slip(&practice, &patient, &letter);
    claim(&father, &second, "Papa").problem(403, "activation-failed");
    mother_acts.get("/v1/findings").expect(200);
}

fn a_practice_attests_no_more_than_there_is(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    // A new day has begun here, and not in UTC.
    let midnight = today(&server).tomorrow().unwrap().to_zoned(TimeZone::get("Europe/Berlin").unwrap()).unwrap();
    server.stop_clock_at(u64::try_from(midnight.timestamp().as_second()).unwrap() + 900);
    let practice = Practice::add(&server);
    let (patient, server) = (Patient::new(), &practice.server);
    let day = |days: i32| today(server).checked_add(days.days()).unwrap().to_string();
    for wrong in [
        json!({"for": "neighbour"}),
        json!({"for": "parent"}),
        json!({"for": "guardian"}),
        json!({"for": "guardian", "represents_until": day(10)}),
        json!({"for": "guardian", "court_file": "XVII 1"}),
        json!({"for": "guardian", "represents_until": day(-1), "court_file": "XVII 1"}),
        json!({"for": "guardian", "represents_until": day(7 * 366), "court_file": "XVII 1"}),
        json!({"for": "self", "represents_until": day(10)}),
        json!({"for": "guardian", "represents_until": day(10), "court_file": " "}),
    ] {
        let mut body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        practice.staff.post("/v1/practice/invitations", &body).problem(422, "invalid");
    }
}
