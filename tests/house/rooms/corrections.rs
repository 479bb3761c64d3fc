//! Corrections: a resident says what is wrong, the practice owes an answer, and both see where it stands (GDPR, Art. 16).

use serde_json::{Value, json};

use crate::{
    behind::Database::Main,
    house::House,
    paper::Upload,
    people::{CANARY, Practice, Resident},
    server::{Server, Setup},
};

promises![
    who_says_what_is_wrong_gets_an_answer,
    declining_and_taking_longer_need_a_reason_and_more_time_is_taken_once,
    an_answer_that_does_not_come_is_overdue_for_both,
    nobody_else_sees_or_answers_it,
    what_is_not_there_any_more_is_not_corrected,
    words_are_checked_before_anything_is_stored,
    what_was_said_goes_with_the_resident_and_stands_in_no_log,
];

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

const SAID: &str = "Kanarie: Ich nehme kein Marcumar.";

fn sent(practice: &Practice, resident: &Resident) -> String {
    practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned()
}

fn asked(resident: &Resident, finding: &str) -> Value {
    let path = format!("/v1/findings/{finding}/corrections");
    resident.post(&path, &json!({"said": SAID})).expect(201).json()
}

fn answer(practice: &Practice, correction: &Value, answer: &Value) -> crate::http::Reply {
    let id = correction["id"].as_str().unwrap();
    practice.staff.post(&format!("/v1/practice/corrections/{id}/answer"), answer)
}

fn own(resident: &Resident) -> Vec<Value> {
    resident.get("/v1/corrections").expect(200).items()
}

fn who_says_what_is_wrong_gets_an_answer(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let finding = sent(&practice, &resident);
    let correction = asked(&resident, &finding);
    assert_eq!((&correction["state"], &correction["said"]), (&json!("asked"), &json!(SAID)));
    assert!(resident.logged("ask-correction", "done", Some(&finding)));
    // Once is enough.
    resident
        .post(&format!("/v1/findings/{finding}/corrections"), &json!({"said": SAID}))
        .problem(409, "state-conflict");
    // The practice sees that something waits, reads it, and the resident sees that.
    assert_eq!(practice.staff.get("/v1/practice").expect(200).json()["open_corrections"], 1);
    let waiting = practice.staff.get("/v1/practice/corrections").expect(200).items();
    assert_eq!((waiting.len(), &waiting[0]["said"]), (1, &json!(SAID)));
    assert_eq!(waiting[0]["patient_reference"], json!(resident.patient.reference));
    assert!(resident.logged("read-correction", "done", Some(&finding)));
    let reply = answer(&practice, &correction, &json!({"decision": "corrected", "reason": "Der neue Brief ist da."}));
    assert_eq!(reply.expect(200).json()["state"], "corrected");
    let mine = own(&resident);
    assert_eq!((&mine[0]["state"], &mine[0]["reason"]), (&json!("corrected"), &json!("Der neue Brief ist da.")));
    assert!(mine[0]["answered_at"].is_string() && mine[0].get("patient_reference").is_none());
    assert!(resident.logged("answer-correction", "done", Some(&finding)));
    // What is settled stands elsewhere, and something else can be wrong with the same finding.
    assert!(practice.staff.get("/v1/practice/corrections").expect(200).items().is_empty());
    assert_eq!(practice.staff.get("/v1/practice/corrections?settled=true").expect(200).items().len(), 1);
    answer(&practice, &correction, &json!({"decision": "declined", "reason": "Doch nicht."}))
        .problem(409, "state-conflict");
    let again = asked(&resident, &finding);
    let path = format!("/v1/corrections/{}", again["id"].as_str().unwrap());
    resident.call("DELETE", &path).send().expect(204);
    resident.call("DELETE", &path).send().problem(409, "state-conflict");
    assert_eq!(own(&resident)[0]["state"], "taken-back");
}

fn declining_and_taking_longer_need_a_reason_and_more_time_is_taken_once(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let correction = asked(&resident, &sent(&practice, &resident));
    for word in ["declined", "extended"] {
        answer(&practice, &correction, &json!({"decision": word})).problem(422, "invalid");
    }
    answer(&practice, &correction, &json!({"decision": "taken-back", "reason": "Nein."})).problem(422, "invalid");
    let longer = json!({"decision": "extended", "reason": "Das Labor prüft noch."});
    let extended = answer(&practice, &correction, &longer).expect(200).json();
    assert!(extended["due_at"].as_str() > correction["due_at"].as_str(), "{extended}");
    assert_eq!(own(&resident)[0]["state"], "extended");
    answer(&practice, &correction, &longer).problem(409, "state-conflict");
    let no = json!({"decision": "declined", "reason": "So steht es in der Akte."});
    assert_eq!(answer(&practice, &correction, &no).expect(200).json()["state"], "declined");
}

fn an_answer_that_does_not_come_is_overdue_for_both(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    asked(&resident, &sent(&practice, &resident));
    let overdue = |days: i64| {
        server.move_clock(days * DAY);
        let theirs = practice.staff.get("/v1/practice/corrections").expect(200).items();
        (own(&resident)[0]["overdue"].clone(), theirs[0]["overdue"].clone())
    };
    assert_eq!(overdue(27), (json!(false), json!(false)));
    assert_eq!(overdue(33), (json!(true), json!(true)));
}

fn nobody_else_sees_or_answers_it(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let resident = practice.resident();
    let finding = sent(&practice, &resident);
    let correction = asked(&resident, &finding);
    assert!(other.staff.get("/v1/practice/corrections").expect(200).items().is_empty());
    answer(&other, &correction, &json!({"decision": "corrected"})).problem(404, "not-found");
    let id = correction["id"].as_str().unwrap();
    let neighbour = practice.resident();
    neighbour.call("DELETE", &format!("/v1/corrections/{id}")).send().problem(404, "not-found");
    assert!(own(&neighbour).is_empty());
    neighbour.post(&format!("/v1/findings/{finding}/corrections"), &json!({"said": SAID})).problem(404, "not-found");
    practice.software.get("/v1/practice/corrections").problem(403, "forbidden");
    assert_eq!(own(&resident)[0]["state"], "asked");
}

fn what_is_not_there_any_more_is_not_corrected(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let finding = sent(&practice, &resident);
    let correction = asked(&resident, &finding);
    let recall = json!({"reason": "wrong-content"});
    practice.staff.post(&format!("/v1/practice/findings/{finding}/recall"), &recall).expect(200);
    resident
        .post(&format!("/v1/findings/{finding}/corrections"), &json!({"said": SAID}))
        .problem(409, "state-conflict");
    // What was asked before is still owed an answer, and the recall may be it.
    answer(&practice, &correction, &json!({"decision": "corrected"})).expect(200);
}

fn words_are_checked_before_anything_is_stored(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let path = format!("/v1/findings/{}/corrections", sent(&practice, &resident));
    for said in ["", "  ", "ab", "x\u{7}yz", &"ä".repeat(2001)] {
        resident.post(&path, &json!({"said": said})).problem(422, "invalid");
    }
    assert!(own(&resident).is_empty());
    resident.post(&path, &json!({"said": "ä".repeat(2000)})).expect(201);
}

fn what_was_said_goes_with_the_resident_and_stands_in_no_log(house: &House) {
    let server: std::sync::Arc<Server> = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let correction = asked(&resident, &sent(&practice, &resident));
    answer(&practice, &correction, &json!({"decision": "declined", "reason": format!("{CANARY} sagt nein.")}))
        .expect(200);
    assert_eq!(server.ask(Main, "count(*)", "FROM corrections"), ["1"]);
    resident.sign_in_again();
    resident.call("DELETE", "/v1/me").send().expect(204);
    assert_eq!(server.ask(Main, "count(*)", "FROM corrections"), ["0"]);
    assert!(!server.log().contains(CANARY));
}
