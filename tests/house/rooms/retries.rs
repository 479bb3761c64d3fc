//! Networks fail: the same upload sent again is the same upload, and never a second finding.

use std::thread;

use serde_json::json;

use crate::{
    house::House,
    paper::{Report, Upload, pdf},
};

promises![
    a_key_is_asked_for,
    a_retry_gets_the_first_answer,
    the_same_key_for_something_else_is_refused,
    two_at_once_are_one,
    many_at_once_are_one,
    a_refused_upload_does_not_use_up_its_key,
    keys_belong_to_their_sender,
    the_same_file_again_is_no_second_finding,
    the_same_file_for_another_patient_is_another_finding,
];

fn a_key_is_asked_for(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    practice.software.upload(&Upload::pdf(&resident.patient).key(None)).problem(400, "idempotency-key-missing");
    for bad in ["", "a b", &"x".repeat(65)] {
        let upload = Upload::pdf(&resident.patient).key(Some(bad));
        let code = practice.software.upload(&upload).expect(400).text("/code");
        assert!(code.starts_with("idempotency-key-"), "{bad:?}: {code}");
    }
    assert!(resident.list().is_empty());
}

fn a_retry_gets_the_first_answer(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    for upload in [Upload::pdf(&resident.patient), Upload::fhir(Report::new(&resident.patient).bytes())] {
        let first = practice.software.upload(&upload).expect(201);
        assert_eq!(first.header("idempotent-replayed"), None);
        // Whatever has happened to the finding since.
        let id = first.text("/documents/0/id");
        resident.open(&id);
        practice.staff.recall(&id).expect(200);
        let again = practice.software.upload(&upload).expect(201);
        assert_eq!(first.body, again.body, "the same answer, byte for byte");
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(resident.list().len(), 2);
}

fn the_same_key_for_something_else_is_refused(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let file = pdf();
    let upload = Upload::file(&resident.patient, file.clone());
    practice.software.upload(&upload).expect(201);
    let key = Some(upload.key_text());
    let others = [
        Upload::pdf(&resident.patient).key(key),
        upload.clone().saying("title", json!("Anders")),
        upload.clone().saying("note", serde_json::Value::Null),
        Upload::fhir(Report::new(&resident.patient).bytes()).key(key),
    ];
    for other in others {
        practice.software.upload(&other).problem(422, "idempotency-key-reused");
    }
    assert_eq!(resident.list().len(), 1);
}

fn two_at_once_are_one(house: &House) {
    at_once(house, 2, 6);
}

fn many_at_once_are_one(house: &House) {
    at_once(house, 12, 1);
}

/// The same upload, several times at the same moment.
fn at_once(house: &House, senders: usize, rounds: usize) {
    let practice = house.practice();
    let resident = practice.resident();
    for round in 1..=rounds {
        let upload = Upload::pdf(&resident.patient);
        let bodies: Vec<Vec<u8>> = thread::scope(|scope| {
            let all: Vec<_> =
                (0..senders).map(|_| scope.spawn(|| patiently(house, &practice.software.token, &upload))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(bodies.windows(2).all(|two| two[0] == two[1]), "all get the same answer");
        assert_eq!(resident.list().len(), round, "one finding a round");
    }
}

/// A busy server asks for patience; the retry is what the key is for.
fn patiently(house: &House, token: &str, upload: &Upload) -> Vec<u8> {
    loop {
        let reply = upload.on(house.server().call("POST", upload.path()).token(token)).send();
        if reply.status != 503 {
            return reply.expect(201).body;
        }
        assert!(reply.header("retry-after").is_some());
        thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn a_refused_upload_does_not_use_up_its_key(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let good = Upload::pdf(&resident.patient);
    let bad = Upload::file(&resident.patient, b"kein PDF".to_vec()).key(Some(good.key_text()));
    practice.software.upload(&bad).problem(415, "file-type-unknown");
    practice.software.upload(&good.clone().saying("date", json!("gestern"))).problem(422, "invalid");
    practice.software.upload(&good).expect(201);
}

fn keys_belong_to_their_sender(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let other = practice.staff.new_software();
    let (one, two) = (Upload::pdf(&resident.patient), Upload::pdf(&resident.patient));
    practice.software.upload(&one).expect(201);
    other.upload(&two.key(Some(one.key_text()))).expect(201);
    assert_eq!(resident.list().len(), 2);
}

/// The practice's folder is sent again under new keys.
fn the_same_file_again_is_no_second_finding(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let report = Report::new(&resident.patient).bytes();
    let file = pdf();
    let uploads = || [Upload::file(&resident.patient, file.clone()), Upload::fhir(report.clone())];
    for upload in uploads() {
        practice.software.upload(&upload).expect(201);
    }
    for upload in uploads() {
        let reply = practice.software.upload(&upload).expect(200).json();
        assert_eq!(reply["documents"][0]["duplicate"], true);
    }
    assert_eq!(resident.list().len(), 2);
    // Also not by another machine of the practice.
    let reply = practice.staff.upload(&Upload::file(&resident.patient, file)).expect(200).json();
    assert_eq!(reply["documents"][0]["duplicate"], true);
    assert_eq!(resident.list().len(), 2);
}

fn the_same_file_for_another_patient_is_another_finding(house: &House) {
    let practice = house.practice();
    let (one, two) = (practice.resident(), practice.resident());
    let file = pdf();
    for resident in [&one, &two] {
        practice.software.upload(&Upload::file(&resident.patient, file.clone())).expect(201);
        assert_eq!(resident.list().len(), 1);
    }
}
