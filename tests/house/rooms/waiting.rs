//! Waiting: with consent on paper findings may come before the patient does, and not for ever.

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::{Report, Upload},
    people::{Patient, Practice, Resident, Staff},
    server::Setup,
};

promises![
    what_came_early_is_delivered_at_the_activation,
    a_correction_while_waiting_counts,
    what_waits_is_nobodys_to_read,
    what_waits_too_long_is_destroyed,
    an_invitation_ends_after_fourteen_days,
    the_time_of_a_database_with_real_findings_cannot_be_moved,
];

const DAY: i64 = 86_400;

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn what_came_early_is_delivered_at_the_activation(house: &House) {
    let practice = house.practice();
    let patient = Patient::new();
    let slip = practice.staff.invite_with_paper_consent(&patient);
    let pdf = practice.software.deliver(&Upload::pdf(&patient));
    let report = practice.software.deliver(&Upload::fhir(Report::new(&patient).bytes()));
    assert_eq!((&pdf["state"], &report["state"]), (&json!("waiting"), &json!("waiting")));
    let resident = Resident::activate(&slip, house.server());
    assert_eq!(resident.list().len(), 2);
    for finding in [id(&pdf), id(&report)] {
        assert_eq!(resident.open(&finding)["summary"]["state"], "delivered");
        assert!(resident.logged("deliver", "done", Some(&finding)));
        assert_eq!(practice.software.receipt(&finding)["state"], "delivered");
    }
    resident.get("/v1/trends?loinc=2823-3").expect(200);
}

fn a_correction_while_waiting_counts(house: &House) {
    let practice = house.practice();
    let patient = Patient::new();
    let slip = practice.staff.invite_with_paper_consent(&patient);
    let report = Report::new(&patient);
    practice.software.deliver(&Upload::fhir(report.bytes()));
    let corrected = report.issued("2026-11-19T09:00:00+01:00").status("corrected").potassium("4.20");
    let new = practice.software.deliver(&Upload::fhir(corrected.bytes()));
    let wrong = practice.software.deliver(&Upload::pdf(&patient));
    practice.staff.recall(&id(&wrong)).expect(200);
    let resident = Resident::activate(&slip, house.server());
    let current: Vec<Value> = resident.list().into_iter().filter(|f| f["state"] == "delivered").collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["id"], new["id"]);
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    assert_eq!(trend["points"].as_array().unwrap().len(), 1);
}

fn what_waits_is_nobodys_to_read(house: &House) {
    let practice = house.practice();
    let patient = Patient::new();
    practice.staff.invite_with_paper_consent(&patient);
    let finding = id(&practice.software.deliver(&Upload::pdf(&patient)));
    let somebody = practice.resident();
    for what in ["", "/content", "/fhir"] {
        somebody.get(&format!("/v1/findings/{finding}{what}")).problem(404, "not-found");
        practice.staff.get(&format!("/v1/findings/{finding}{what}")).problem(403, "forbidden");
    }
    let receipt = practice.staff.receipt(&finding);
    assert!(receipt["first_opened_at"].is_null());
}

/// Thirty days, for what waits for its patient and for what waits in the inbox.
fn what_waits_too_long_is_destroyed(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let patient = Patient::new();
    practice.staff.invite_with_paper_consent(&patient);
    let waiting = id(&practice.software.deliver(&Upload::pdf(&patient)));
    let unclear = id(&practice.software.deliver(&Upload::pdf(&Patient::new())));
    let state = |finding: &str| practice.software.receipt(finding)["state"].clone();
    server.move_clock(29 * DAY);
    server.stop();
    server.restart();
    assert_eq!((state(&waiting), state(&unclear)), (json!("waiting"), json!("inbox")));
    server.move_clock(30 * DAY + 60);
    server.stop();
    server.restart();
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while (state(&waiting), state(&unclear)) != (json!("expired"), json!("expired")) {
        assert!(std::time::Instant::now() < patience, "swept at the start");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let staff = Staff::sign_in(&server, &practice.staff.login);
    assert!(staff.inbox().is_empty());
    let resident = Resident::activate(&staff.invite(&patient), &server);
    assert!(resident.list().is_empty(), "it came too late");
    assert_eq!(practice.software.deliver(&Upload::pdf(&patient))["state"], "delivered");
}

fn an_invitation_ends_after_fourteen_days(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let [early, late, unwanted] = [(); 3].map(|()| practice.staff.invite(&Patient::new()));
    server.move_clock(14 * DAY - 60);
    Resident::activate(&early, &server);
    server.move_clock(14 * DAY + 60);
    let body =
        crate::people::activation(&server, &late.code, &late.patient.birth_date, &crate::people::device_secret(), "de");
    server.post("/v1/activations", &body).problem(403, "activation-failed");
    let staff = Staff::sign_in(&server, &practice.staff.login);
    let path = format!("/v1/practice/invitations/{}", late.id);
    assert_eq!(staff.get(&path).expect(200).json()["state"], "expired");
    // Printed anew it is good for another fourteen days; taken back it stays taken back.
    let print = |id: &str| staff.call("POST", &format!("/v1/practice/invitations/{id}/slip")).send();
    print(&late.id).expect(200);
    assert_eq!(staff.get(&path).expect(200).json()["state"], "open");
    let gone = format!("/v1/practice/invitations/{}", unwanted.id);
    staff.call("DELETE", &gone).send().expect(204);
    print(&unwanted.id).problem(409, "invitation-not-open");
}

fn the_time_of_a_database_with_real_findings_cannot_be_moved(house: &House) {
    let server = house.own_server(Setup { second_factor: true, ..Setup::default() });
    server.stop();
    let output = server.run_with_clock(&["serve"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("NAHRAUM_TEST_CLOCK_FILE"));
}
