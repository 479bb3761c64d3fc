//! Questions for the next visit: a resident's own, read by nobody else.

use serde_json::{Value, json};

use crate::{
    behind::Database::Main,
    house::House,
    people::{Practice, Resident},
    server::Setup,
};

promises![
    what_to_ask_is_kept_ticked_off_and_thrown_away,
    questions_are_the_residents_alone,
    a_question_is_checked_before_it_is_kept,
    questions_lie_sealed_and_go_with_the_resident,
];

const SAID: &str = "Kanarie: Soll ich weniger Bananen essen?";

fn asked(resident: &Resident, body: &Value) -> Value {
    resident.post("/v1/questions", body).expect(201).json()
}

fn own(resident: &Resident) -> Vec<Value> {
    resident.get("/v1/questions").expect(200).items()
}

fn path(question: &Value) -> String {
    format!("/v1/questions/{}", question["id"].as_str().unwrap())
}

fn what_to_ask_is_kept_ticked_off_and_thrown_away(house: &House) {
    let resident = house.own_practice().resident();
    let finding = crate::people::nobody();
    let first = asked(&resident, &json!({"said": "  Warum?\nUnd wie oft?  "}));
    let second = asked(&resident, &json!({"said": SAID, "finding_id": finding}));
    assert_eq!((&first["said"], &second["finding_id"]), (&json!("Warum?\nUnd wie oft?"), &json!(finding)));
    assert_eq!(own(&resident), [second.clone(), first.clone()], "the newest first");
    resident.call("PATCH", &path(&first)).json(&json!({"answered": true})).send().expect(204);
    let ticked = |at: usize| own(&resident)[at].get("answered_at").is_some();
    assert!(ticked(1) && !ticked(0));
    resident.call("PATCH", &path(&first)).json(&json!({"answered": false})).send().expect(204);
    assert!(!ticked(1));
    resident.call("DELETE", &path(&first)).send().expect(204);
    resident.call("DELETE", &path(&first)).send().problem(404, "not-found");
    assert_eq!(own(&resident), [second]);
}

fn questions_are_the_residents_alone(house: &House) {
    let practice = house.own_practice();
    let (resident, other) = (practice.resident(), practice.resident());
    let question = asked(&resident, &json!({"said": SAID}));
    assert!(own(&other).is_empty());
    other.call("DELETE", &path(&question)).send().problem(404, "not-found");
    other.call("PATCH", &path(&question)).json(&json!({"answered": true})).send().problem(404, "not-found");
    practice.staff.get("/v1/questions").problem(403, "forbidden");
    assert_eq!(own(&resident), [question]);
}

fn a_question_is_checked_before_it_is_kept(house: &House) {
    let resident = house.own_practice().resident();
    for wrong in [
        json!({"said": "  "}),
        json!({"said": "x".repeat(501)}),
        json!({"said": "\u{7}"}),
        json!({"said": SAID, "finding_id": "4711"}),
    ] {
        resident.post("/v1/questions", &wrong).problem(422, "invalid");
    }
    assert!(own(&resident).is_empty());
    for number in 0..100 {
        asked(&resident, &json!({"said": format!("Frage {number}")}));
    }
    resident.post("/v1/questions", &json!({"said": "Noch eine"})).problem(409, "state-conflict");
    assert_eq!(own(&resident).len(), 100);
}

fn questions_lie_sealed_and_go_with_the_resident(house: &House) {
    let server = house.own_server(Setup::default());
    let resident = Practice::add(&server).resident();
    let before = server.log().len();
    asked(&resident, &json!({"said": SAID}));
    let held = server.ask(Main, &format!("lower({})", server.hex("body_sealed")), "FROM questions");
    let clear: String = "Bananen".bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(held.len() == 1 && !held[0].contains(&clear));
    let since = server.log().split_off(before);
    assert!(since.contains("/v1/questions") && !since.contains("Bananen"), "{since}");
    resident.sign_in_again();
    resident.call("DELETE", "/v1/me").send().expect(204);
    assert_eq!(server.ask(Main, "count(*)", "FROM questions"), ["0"]);
}
