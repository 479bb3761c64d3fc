//! Corrections: the newest version is what one reads, the older ones stay visible as such, and nothing older comes back.

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::{Report, Upload},
    people::{Practice, Resident},
};

promises![
    a_correction_takes_the_place_of_the_old_version,
    an_older_version_is_refused_and_changes_nothing,
    a_revision_orders_versions_of_the_same_moment,
    an_error_report_takes_the_finding_back,
    an_error_report_takes_every_version_back,
    an_error_report_about_nothing_is_told_so,
    a_pdf_can_name_what_it_replaces,
    nobody_replaces_what_is_another_patients,
    nobody_replaces_what_is_another_practices,
    a_version_replaced_cannot_be_replaced_again,
    a_correction_after_a_recall_arrives,
];

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn begin(house: &House) -> (Practice, Resident, Report) {
    let practice = house.practice();
    let resident = practice.resident();
    let report = Report::new(&resident.patient);
    (practice, resident, report)
}

fn a_correction_takes_the_place_of_the_old_version(house: &House) {
    let (practice, resident, report) = begin(house);
    let old = id(&practice.software.deliver(&Upload::fhir(report.bytes())));
    let corrected = report.issued("2026-11-19T09:00:00+01:00").status("corrected").potassium("4.20");
    let receipt = practice.software.deliver(&Upload::fhir(corrected.bytes()));
    assert_eq!((&receipt["state"], &receipt["replaces"]), (&json!("delivered"), &json!(old)));
    let new = id(&receipt);
    let (old_view, new_view) = (resident.open(&old), resident.open(&new));
    assert_eq!((&old_view["summary"]["state"], &old_view["superseded_by"]), (&json!("superseded"), &json!(new)));
    assert_eq!(old_view["summary"]["banner"].as_str().map(str::is_empty), Some(false), "the old one says so");
    assert_eq!((&new_view["replaces"], &new_view["report_status"]), (&json!(old), &json!("corrected")));
    assert!(new_view["summary"]["banner"].is_null());
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    let points: Vec<&Value> =
        trend["points"].as_array().unwrap().iter().map(|p| &p["value"]["quantity"]["value"]).collect();
    assert_eq!(points, [&json!("4.20")], "what was wrong is not in the curve");
    let receipts = practice.software.receipt(&old);
    assert_eq!((&receipts["state"], &receipts["superseded_by"]), (&json!("superseded"), &json!(new)));
    assert!(resident.logged("replace", "done", Some(&new)));
}

fn an_older_version_is_refused_and_changes_nothing(house: &House) {
    let (practice, resident, report) = begin(house);
    let corrected = report.issued("2026-11-19T09:00:00+01:00").status("corrected").potassium("4.20");
    let new = id(&practice.software.deliver(&Upload::fhir(corrected.bytes())));
    practice.software.upload(&Upload::fhir(report.bytes())).problem(409, "older-version");
    practice.software.upload(&Upload::fhir(report.bytes()).dry_run()).problem(409, "older-version");
    practice.software.upload(&Upload::fhir(report.status("entered-in-error").bytes())).problem(409, "older-version");
    assert_eq!(resident.list().len(), 1);
    assert_eq!(resident.open(&new)["summary"]["state"], "delivered");
}

fn a_revision_orders_versions_of_the_same_moment(house: &House) {
    let (practice, resident, report) = begin(house);
    let [one, two, three] = [1, 2, 3].map(|n| Upload::fhir(report.revision(n).potassium(&format!("4.{n}0")).bytes()));
    practice.software.deliver(&one);
    let second = id(&practice.software.deliver(&two));
    practice.software.upload(&one).expect(201);
    practice.software.upload(&one.clone().key(Some("another"))).problem(409, "older-version");
    let third = practice.software.deliver(&three);
    assert_eq!(third["replaces"], second);
    let states: Vec<Value> = resident.list().iter().map(|f| f["state"].clone()).collect();
    assert_eq!(states.iter().filter(|s| **s == "delivered").count(), 1, "{states:?}");
}

fn an_error_report_takes_the_finding_back(house: &House) {
    let (practice, resident, report) = begin(house);
    let finding = id(&practice.software.deliver(&Upload::fhir(report.bytes())));
    resident.open(&finding);
    let error = report.issued("2026-11-19T09:00:00+01:00").status("entered-in-error");
    let receipt = practice.software.deliver(&Upload::fhir(error.bytes()));
    assert_eq!((id(&receipt), &receipt["state"]), (finding.clone(), &json!("recalled")));
    let opened = resident.open(&finding);
    assert_eq!((&opened["summary"]["state"], &opened["values"]), (&json!("recalled"), &json!([])));
    resident.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
    assert!(resident.logged("recall", "done", Some(&finding)));
    // Once more under another key changes nothing.
    practice.software.upload(&Upload::fhir(error.bytes())).expect(200);
}

fn an_error_report_takes_every_version_back(house: &House) {
    let (practice, resident, report) = begin(house);
    let old = id(&practice.software.deliver(&Upload::fhir(report.bytes())));
    let corrected = report.issued("2026-11-19T09:00:00+01:00").status("corrected");
    let new = id(&practice.software.deliver(&Upload::fhir(corrected.bytes())));
    let error = report.issued("2026-11-20T09:00:00+01:00").status("entered-in-error");
    practice.software.deliver(&Upload::fhir(error.bytes()));
    for version in [&old, &new] {
        let opened = resident.open(version);
        assert_eq!((&opened["summary"]["state"], &opened["values"]), (&json!("recalled"), &json!([])));
        assert!(resident.logged("recall", "done", Some(version)));
    }
}

fn an_error_report_about_nothing_is_told_so(house: &House) {
    let (practice, resident, report) = begin(house);
    let error = Upload::fhir(report.status("entered-in-error").bytes());
    practice.software.upload(&error).problem(422, "nothing-to-withdraw");
    assert!(resident.list().is_empty());
}

fn a_pdf_can_name_what_it_replaces(house: &House) {
    let (practice, resident, _) = begin(house);
    let old = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let upload = Upload::pdf(&resident.patient).saying("replaces", json!(old));
    let preview = practice.software.upload(&upload.clone().dry_run()).expect(200).json();
    assert_eq!(preview["documents"][0]["replaces"], old);
    let new = practice.software.deliver(&upload);
    assert_eq!(new["replaces"], old);
    assert_eq!(resident.open(&old)["superseded_by"], id(&new));
    assert_eq!(resident.content(&old).expect(200).header("content-type"), Some("application/pdf"));
}

fn nobody_replaces_what_is_another_patients(house: &House) {
    let (practice, resident, _) = begin(house);
    let other = practice.resident();
    let theirs = id(&practice.software.deliver(&Upload::pdf(&other.patient)));
    let upload = Upload::pdf(&resident.patient).saying("replaces", json!(theirs));
    practice.software.upload(&upload).problem(409, "replaces-other-patient");
    assert_eq!(other.open(&theirs)["summary"]["state"], "delivered");
    assert!(resident.list().is_empty());
}

fn nobody_replaces_what_is_another_practices(house: &House) {
    let (practice, resident, _) = begin(house);
    let stranger = house.own_practice();
    let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let own = stranger.resident();
    let theirs = stranger.software.upload(&Upload::pdf(&own.patient).saying("replaces", json!(finding)));
    let missing = Upload::pdf(&own.patient).saying("replaces", json!(crate::people::nobody()));
    let missing = stranger.software.upload(&missing);
    assert_eq!(theirs.problem(404, "not-found").fingerprint(), missing.problem(404, "not-found").fingerprint());
    assert_eq!(resident.open(&finding)["summary"]["state"], "delivered");
    assert!(own.list().is_empty());
    assert!(resident.logged("replace", "denied", Some(&finding)), "the owner sees the attempt");
}

fn a_version_replaced_cannot_be_replaced_again(house: &House) {
    let (practice, resident, _) = begin(house);
    let first = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let replace = |id: &str| practice.software.upload(&Upload::pdf(&resident.patient).saying("replaces", json!(id)));
    replace(&first).expect(201);
    replace(&first).problem(409, "state-conflict");
    assert_eq!(resident.list().len(), 2);
}

fn a_correction_after_a_recall_arrives(house: &House) {
    let (practice, resident, report) = begin(house);
    let old = id(&practice.software.deliver(&Upload::fhir(report.bytes())));
    practice.staff.recall(&old).expect(200);
    let corrected = report.issued("2026-11-19T09:00:00+01:00").status("corrected");
    let new = practice.software.deliver(&Upload::fhir(corrected.bytes()));
    assert_eq!((&new["state"], &new["replaces"]), (&json!("delivered"), &Value::Null));
    // The very same file may come again as well: the recall was the mistake.
    practice.staff.recall(&id(&new)).expect(200);
    assert_eq!(practice.software.deliver(&Upload::fhir(corrected.bytes()))["duplicate"], false);
    assert_eq!(resident.list().iter().filter(|f| f["state"] == "delivered").count(), 1);
}
