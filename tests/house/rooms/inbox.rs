//! The inbox: what is unclear waits for a person of the practice, and never lands with somebody by chance.

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::{Report, Upload, named},
    people::{Patient, Practice, Resident},
};

promises![
    what_is_unclear_waits_in_the_inbox_with_its_reason,
    the_inbox_shows_what_the_file_says,
    an_item_is_assigned_with_the_birth_date_asked_again,
    an_item_cannot_be_assigned_to_just_anybody,
    an_assigned_laboratory_report_is_complete,
    an_item_thrown_out_is_gone,
    a_patient_who_is_invited_is_found_from_then_on,
    a_patients_number_counts_in_their_practice_only,
];

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn assign(practice: &Practice, item: &str, patient: &Patient) -> crate::http::Reply {
    let body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date});
    practice.staff.post(&format!("/v1/practice/inbox/{item}/assign"), &body)
}

fn what_is_unclear_waits_in_the_inbox_with_its_reason(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let known = &resident.patient;
    let say = |field: &str, value: Value| Upload::pdf(known).saying(field, value);
    let cases = [
        (Upload::pdf(&Patient::new()), "reference-unknown"),
        (say("birth_date", json!("1961-03-15")), "birth-date-differs"),
        (say("birth_date", Value::Null), "birth-date-missing"),
        (say("patient_reference", Value::Null), "reference-missing"),
        (Upload::fhir(named("fhir/birth-date-wrong.json", known)), "birth-date-missing"),
        (Upload::bare(crate::paper::pdf()), "reference-missing"),
    ];
    for (upload, reason) in &cases {
        let reply = practice.software.upload(upload).expect(202).json();
        assert_eq!(reply["documents"][0]["state"], "inbox", "{reason}");
        assert_eq!(reply["documents"][0]["matching"], json!({"certainty": "unclear", "reason": reason}));
    }
    assert!(resident.list().is_empty(), "nothing reached anybody");
    let waiting = practice.staff.inbox();
    let reasons: Vec<&Value> = waiting.iter().map(|item| &item["receipt"]["matching"]["reason"]).collect();
    assert_eq!(reasons, cases.iter().map(|(_, reason)| json!(reason)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    assert_eq!(practice.staff.get("/v1/practice").expect(200).json()["inbox_count"], 6);
}

fn the_inbox_shows_what_the_file_says(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let patient = Patient { birth_date: "1962-03-14".into(), ..resident.patient.clone() };
    practice.software.deliver(&Upload::fhir(Report::new(&patient).bytes()));
    let item = &practice.staff.inbox()[0];
    assert_eq!((&item["birth_date"], &item["name"]), (&json!("1962-03-14"), &json!("Meryem Ada Beispiel")));
    assert_eq!(item["references"], json!([patient.reference]));
    assert_eq!(item["proposals"], json!([patient.reference]), "whose number it is");
    assert_eq!(item["title"], "Laborbericht");
    // Neighbours see nothing of it.
    assert!(house.own_practice().staff.inbox().is_empty());
}

fn an_item_is_assigned_with_the_birth_date_asked_again(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient).saying("patient_reference", Value::Null);
    let item = id(&practice.software.deliver(&upload));
    let wrong = Patient { birth_date: "1961-03-15".into(), ..resident.patient.clone() };
    assert_eq!(assign(&practice, &item, &wrong).problem(422, "invalid").json()["errors"][0]["code"], "no-such-patient");
    assert!(resident.list().is_empty());
    let receipt = assign(&practice, &item, &resident.patient).expect(200).json();
    assert_eq!(receipt["state"], "delivered");
    assert_eq!(receipt["matching"], json!({"certainty": "certain", "reason": "chosen-by-staff"}));
    assert_eq!(resident.content(&item).expect(200).body, upload.bytes());
    assert!(resident.logged("assign", "done", Some(&item)), "the resident sees that a person chose");
    assert!(resident.logged("deliver", "done", Some(&item)));
    assert!(practice.staff.inbox().is_empty());
    assign(&practice, &item, &resident.patient).problem(409, "state-conflict");
}

fn an_item_cannot_be_assigned_to_just_anybody(house: &House) {
    let (practice, stranger) = (house.own_practice(), house.own_practice());
    let theirs = stranger.resident();
    let item = id(&practice.software.deliver(&Upload::pdf(&Patient::new())));
    assign(&practice, &item, &theirs.patient).problem(422, "invalid");
    assign(&practice, &item, &Patient::new()).problem(422, "invalid");
    assign(&stranger, &item, &theirs.patient).problem(404, "not-found");
    // Invited, and not yet consented.
    let invited = Patient::new();
    practice.staff.invite(&invited);
    assign(&practice, &item, &invited).problem(403, "consent-missing");
    assert_eq!(practice.staff.inbox().len(), 1);
}

fn an_assigned_laboratory_report_is_complete(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let report = Report::new(&Patient { birth_date: "1901-01-01".into(), ..resident.patient.clone() });
    let item = id(&practice.software.deliver(&Upload::fhir(report.bytes())));
    assign(&practice, &item, &resident.patient).expect(200);
    assert_eq!(resident.open(&item)["values"].as_array().unwrap().len(), 13);
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    assert_eq!(trend["points"][0]["finding_id"], item);
}

fn an_item_thrown_out_is_gone(house: &House) {
    let practice = house.own_practice();
    let upload = Upload::pdf(&Patient::new());
    let item = id(&practice.software.deliver(&upload));
    let reject = || practice.staff.call("POST", &format!("/v1/practice/inbox/{item}/reject")).send();
    assert_eq!(reject().expect(200).json()["state"], "rejected");
    assert!(practice.staff.inbox().is_empty());
    assert_eq!(practice.staff.receipt(&item)["state"], "rejected", "the receipt stays");
    reject().problem(409, "state-conflict");
    // Sent again, it is a new one.
    let again = practice.software.deliver(&upload.clone().key(Some("again")));
    assert_eq!((&again["state"], id(&again) == item), (&json!("inbox"), false));
}

/// The order of things in a practice: the letter comes before the slip.
fn a_patient_who_is_invited_is_found_from_then_on(house: &House) {
    let practice = house.own_practice();
    let patient = Patient::new();
    let early = Upload::pdf(&patient);
    let item = id(&practice.software.deliver(&early));
    let resident = Resident::activate(&practice.staff.invite(&patient), house.server());
    assert!(resident.list().is_empty(), "what is in the inbox waits for a person");
    assert_eq!(practice.staff.inbox()[0]["proposals"], json!([patient.reference]));
    assert_eq!(practice.software.deliver(&Upload::pdf(&patient))["state"], "delivered");
    assign(&practice, &item, &patient).expect(200);
    assert_eq!(resident.list().len(), 2);
}

/// Two practices may use the same number for different people.
fn a_patients_number_counts_in_their_practice_only(house: &House) {
    let (one, two) = (house.own_practice(), house.own_practice());
    let patient = Patient::new();
    let here = Resident::activate(&one.staff.invite(&patient), house.server());
    let there = Resident::activate(&two.staff.invite(&patient), house.server());
    one.software.deliver(&Upload::pdf(&patient));
    assert_eq!((here.list().len(), there.list().len()), (1, 0));
}
