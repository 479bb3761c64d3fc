//! The practice's side: proof of what was delivered, and taking back what should not have been.

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::{Report, Upload},
    people::nobody,
};

promises![
    a_receipt_tells_when_it_was_first_opened_and_nothing_of_the_content,
    software_sees_its_own_receipts_only,
    a_recall_takes_the_content_and_tells_who_had_seen_it,
    a_recall_is_final,
    a_reason_is_asked_for,
    a_neighbour_recalls_nothing,
    a_download_that_is_running_ends_with_a_recall,
    credentials_are_named_for_people,
];

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn a_receipt_tells_when_it_was_first_opened_and_nothing_of_the_content(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient);
    let finding = id(&practice.software.deliver(&upload));
    resident.list();
    assert!(practice.software.receipt(&finding)["first_opened_at"].is_null(), "seeing the list is not opening");
    resident.open(&finding);
    let receipt = practice.software.receipt(&finding);
    let opened = receipt["first_opened_at"].as_str().expect("opened").to_owned();
    resident.content(&finding).expect(200);
    assert_eq!(practice.software.receipt(&finding)["first_opened_at"], opened, "the first time stays");
    let text = receipt.to_string();
    for content in [upload.title(), "Bitte anrufen".into(), "Radiologie".into()] {
        assert!(!text.contains(&content), "{content}");
    }
}

fn software_sees_its_own_receipts_only(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let (one, two) = (practice.staff.new_software(), practice.staff.new_software());
    let finding = id(&one.deliver(&Upload::pdf(&resident.patient)));
    assert_eq!(one.get("/v1/practice/findings").expect(200).items().len(), 1);
    assert!(two.get("/v1/practice/findings").expect(200).items().is_empty());
    let theirs = two.get(&format!("/v1/practice/findings/{finding}")).problem(404, "not-found");
    let missing = two.get(&format!("/v1/practice/findings/{}", nobody())).problem(404, "not-found");
    assert_eq!(theirs.fingerprint(), missing.fingerprint());
    practice.staff.receipt(&finding);
    // A new machine can still correct what the old one had sent.
    let replaced = two.deliver(&Upload::pdf(&resident.patient).saying("replaces", json!(finding)));
    assert_eq!(replaced["replaces"], finding);
}

fn a_recall_takes_the_content_and_tells_who_had_seen_it(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient);
    let finding = id(&practice.software.deliver(&upload));
    resident.open(&finding);
    resident.content(&finding).expect(200);
    let report = practice.staff.recall(&finding).expect(200).json();
    assert_eq!(report["receipt"]["state"], "recalled");
    assert!(report["receipt"]["recalled_at"].is_string());
    let openings: Vec<&Value> = report["openings"].as_array().unwrap().iter().map(|o| &o["action"]).collect();
    assert_eq!(openings, [&json!("open"), &json!("download")], "oldest first");
    let stub = resident.open(&finding);
    assert_eq!(stub["summary"]["state"], "recalled");
    assert!(stub["summary"]["title"].is_null());
    for gone in ["author", "note", "document"] {
        assert!(stub[gone].is_null(), "{gone}");
    }
    assert!(stub["summary"]["banner"].is_string() && stub["recalled_at"].is_string());
    assert!(!stub.to_string().contains(&upload.title()));
    resident.content(&finding).problem(410, "recalled");
    resident.get(&format!("/v1/findings/{finding}/fhir")).problem(410, "recalled");
    let listed = resident.list();
    assert_eq!((listed.len(), &listed[0]["has_document"]), (1, &json!(false)), "a stub stays");
    for action in ["deliver", "open", "download", "recall"] {
        assert!(resident.logged(action, "done", Some(&finding)), "the log stays: {action}");
    }
}

fn a_recall_is_final(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let finding = id(&practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes())));
    practice.staff.recall(&finding).expect(200);
    practice.staff.recall(&finding).problem(409, "state-conflict");
    let replaced = Upload::pdf(&resident.patient).saying("replaces", json!(finding));
    practice.software.upload(&replaced).problem(409, "state-conflict");
    assert_eq!(resident.open(&finding)["values"], json!([]));
}

fn a_reason_is_asked_for(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let path = format!("/v1/practice/findings/{finding}/recall");
    practice.staff.post(&path, &json!({"reason": "keine Lust"})).problem(422, "invalid");
    practice.staff.post(&path, &json!({})).expect(400);
    practice.software.post(&path, &json!({"reason": "other"})).problem(403, "forbidden");
    resident.content(&finding).expect(200);
    for reason in ["wrong-patient", "wrong-content", "other"] {
        let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
        practice.staff.post(&format!("/v1/practice/findings/{finding}/recall"), &json!({"reason": reason})).expect(200);
    }
}

fn a_neighbour_recalls_nothing(house: &House) {
    let (practice, neighbour) = (house.practice(), house.own_practice());
    let resident = practice.resident();
    let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let theirs = neighbour.staff.recall(&finding).problem(404, "not-found");
    assert_eq!(theirs.fingerprint(), neighbour.staff.recall(&nobody()).problem(404, "not-found").fingerprint());
    resident.content(&finding).expect(200);
    let line = resident.log().into_iter().find(|l| l["outcome"] == "denied").expect("the owner sees it");
    assert_eq!((&line["action"], &line["organisation"]), (&json!("recall"), &json!(neighbour.name)));
}

/// Half a document must not look like a whole one.
fn a_download_that_is_running_ends_with_a_recall(house: &House) {
    use std::io::{Read, Write};
    let practice = house.practice();
    let resident = practice.resident();
    let size = 20 * 1024 * 1024;
    let finding = id(&practice.software.deliver(&Upload::file(&resident.patient, crate::paper::pdf_of(size))));
    let mut stream = crate::raw::connect(house.server().port());
    let request = format!(
        "GET /v1/findings/{finding}/content HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n\r\n",
        resident.token
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut begin = vec![0; 100_000];
    stream.read_exact(&mut begin).unwrap();
    practice.staff.recall(&finding).expect(200);
    let mut rest = Vec::new();
    let _broken = stream.read_to_end(&mut rest);
    assert!(begin.len() + rest.len() < size, "the connection breaks before the end");
}

fn credentials_are_named_for_people(house: &House) {
    let practice = house.own_practice();
    for bad in [String::new(), "  ".into(), "x".repeat(81)] {
        practice.staff.post("/v1/practice/upload-credentials", &json!({"label": bad})).problem(422, "invalid");
    }
    practice.staff.new_software();
    let listed = practice.staff.get("/v1/practice/upload-credentials").expect(200).items();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|c| c["label"].as_str().unwrap().starts_with("Rechner Kanarie")));
}
