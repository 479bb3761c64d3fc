//! Delivering: what a practice sends arrives, exactly, with whom it belongs to and with nobody else.

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::{Report, Upload, fixture, named, pdf_of, sha256},
    people::{CANARY, Patient, nobody},
};

promises![
    a_pdf_arrives_with_everything_the_practice_said,
    pictures_arrive,
    a_picture_says_nothing_but_what_it_shows,
    a_laboratory_report_arrives_with_every_value,
    exact_numbers_survive_the_whole_way,
    an_isik_document_arrives,
    fhir_may_be_completed_by_the_form,
    the_kind_of_a_file_is_judged_from_its_bytes,
    a_large_pdf_arrives_byte_for_byte,
    a_preview_stores_nothing,
    without_consent_nothing_is_taken,
    a_withdrawn_consent_holds_for_the_next_upload,
    the_practice_learns_what_was_odd,
    wrong_words_about_a_file_are_named,
    staff_can_upload_too,
];

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().unwrap_or_else(|| panic!("no id in {receipt}")).to_owned()
}

fn a_pdf_arrives_with_everything_the_practice_said(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient);
    let reply = practice.software.upload(&upload).expect(201);
    let receipt = &reply.json()["documents"][0];
    assert_eq!((&receipt["state"], &receipt["duplicate"]), (&json!("delivered"), &json!(false)));
    assert_eq!(receipt["matching"], json!({"certainty": "certain", "reason": "reference-and-birth-date"}));
    assert_eq!(receipt["patient_reference"], resident.patient.reference);
    assert_eq!(receipt["sha256"], upload.sha256(), "the practice's proof");
    assert_eq!(
        (&receipt["document_class"], &receipt["document_class_name"]),
        (&json!("DG020110"), &json!("Röntgenbefund"))
    );
    let listed = &resident.list()[0];
    assert_eq!(listed["title"], upload.title());
    assert_eq!((&listed["kind"], &listed["kind_label"]), (&json!("imaging"), &listed["kind_label"]));
    assert_eq!(
        (&listed["date"], &listed["has_document"], &listed["read"]),
        (&json!("2026-11-20"), &json!(true), &json!(false))
    );
    assert_eq!(listed["practice"], json!({"id": practice.id, "name": practice.name}));
    let opened = resident.open(&id(receipt));
    assert_eq!((&opened["author"], &opened["note"]), (&json!("Radiologie Kanarie"), &json!("Bitte anrufen, Kanarie.")));
    assert_eq!(opened["document"]["sha256"], upload.sha256());
    let content = resident.content(&id(receipt)).expect(200);
    assert_eq!(content.header("content-type"), Some("application/pdf"));
    assert!(content.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(content.body, upload.bytes());
}

fn pictures_arrive(house: &House) {
    let practice = house.practice();
    for (name, media_type) in [("image/small.jpg", "image/jpeg"), ("image/small.png", "image/png")] {
        let resident = practice.resident();
        let upload = Upload::file(&resident.patient, fixture(name));
        let receipt = practice.software.deliver(&upload);
        let content = resident.content(&id(&receipt)).expect(200);
        assert_eq!(content.header("content-type"), Some(media_type));
        assert_eq!(content.body, upload.bytes(), "{name}");
    }
}

fn a_picture_says_nothing_but_what_it_shows(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let picture = fixture("image/small.jpg");
    let mut told = picture[..2].to_vec();
    let place = format!("{CANARY}: 53.5448 N 10.0792 E");
    told.extend_from_slice(&[0xFF, 0xFE, 0, u8::try_from(place.len() + 2).unwrap()]);
    told.extend_from_slice(place.as_bytes());
    told.extend_from_slice(&picture[2..]);
    let upload = Upload::file(&resident.patient, told);
    let receipt = practice.software.deliver(&upload);
    let content = resident.content(&id(&receipt)).expect(200);
    assert_eq!(content.body, picture, "the picture as it is without a word in it");
    assert_eq!(receipt["sha256"], json!(sha256(upload.bytes())), "the practice's proof is of what it sent");
    let again = practice.software.upload(&upload.clone().key(Some("the-same-picture-again"))).expect(200).json();
    assert_eq!(again["documents"][0]["duplicate"], json!(true));
}

fn a_laboratory_report_arrives_with_every_value(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let reply = practice.software.upload(&Upload::fhir(Report::new(&resident.patient).bytes())).expect(201);
    let receipt = reply.json()["documents"][0].clone();
    assert_eq!((&receipt["state"], &receipt["value_count"]), (&json!("delivered"), &json!(13)));
    let opened = resident.open(&id(&receipt));
    let values = opened["values"].as_array().unwrap();
    assert_eq!(values.len(), 13);
    assert_eq!((&opened["document_class"], &opened["report_status"]), (&json!("LB120107"), &json!("final")));
    assert_eq!((&opened["summary"]["flagged_count"], &opened["summary"]["has_document"]), (&json!(3), &json!(false)));
    let potassium = values.iter().find(|v| v["loinc"] == "2823-3").unwrap();
    assert_eq!((&potassium["flag"], &potassium["quantity"]["value"]), (&json!("HH"), &json!("6.90")));
    assert!(values.iter().any(|v| v["raw_text"] == "1:160" && v["kind"] == "ratio"));
    resident.content(&id(&receipt)).problem(404, "no-document");
}

/// 5.10 is not 5.1: as text, as a number for drawing, and in the export.
fn exact_numbers_survive_the_whole_way(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let receipt = practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
    let opened = resident.get(&format!("/v1/findings/{}", id(&receipt))).expect(200);
    let tsh = opened.json()["values"].as_array().unwrap().iter().find(|v| v["loinc"] == "3016-3").unwrap().clone();
    assert_eq!((&tsh["raw_text"], &tsh["quantity"]["value"]), (&json!("5.10"), &json!("5.10")));
    assert_eq!(tsh["quantity"]["number"].to_string(), "5.10");
    let export = resident.get(&format!("/v1/findings/{}/fhir", id(&receipt))).expect(200);
    assert_eq!(export.header("content-type"), Some("application/fhir+json"));
    let text = String::from_utf8(export.body.clone()).unwrap();
    assert!(text.replace(' ', "").contains("\"value\":5.10,") || text.replace(' ', "").contains("\"value\":5.10}"));
    let trend = resident.get("/v1/trends?loinc=3016-3").expect(200).json();
    assert_eq!(trend["points"][0]["value"]["quantity"]["value"], "5.10");
}

fn an_isik_document_arrives(house: &House) {
    let practice = house.practice();
    for (name, media_type, bytes) in [
        ("fhir/document-reference.json", "application/pdf", fixture("pdf/small.pdf")),
        ("fhir/document-with-binary.json", "image/jpeg", fixture("image/small.jpg")),
    ] {
        let resident = practice.resident();
        // Its birth date is not in the file, so the practice says it in the form.
        let file = named(name, &resident.patient);
        let own_key = String::from_utf8(file).unwrap().replace("0b4df5c6-8a63-4d20-9f0e-6f3b8f1f0a11", &nobody());
        let upload = Upload::bare(own_key.into_bytes()).saying("birth_date", json!(resident.patient.birth_date));
        let receipt = practice.software.deliver(&upload);
        assert_eq!(
            (&receipt["state"], &receipt["document_class"]),
            (&json!("delivered"), &json!("DG060111")),
            "{name}"
        );
        let opened = resident.open(&id(&receipt));
        assert_eq!(opened["summary"]["title"], "Ruhe-EKG vom 17.11.2026");
        assert_eq!(opened["document"]["sha256"], sha256(&bytes), "{name}");
        let content = resident.content(&id(&receipt)).expect(200);
        assert_eq!((content.header("content-type"), content.body == bytes), (Some(media_type), true), "{name}");
    }
}

fn fhir_may_be_completed_by_the_form(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let bare = named("fhir/blood-pressure.json", &resident.patient);
    let unclear = practice.software.deliver(&Upload::bare(bare.clone()));
    assert_eq!(unclear["matching"]["reason"], "birth-date-missing");
    let told = Upload::bare(bare).saying("birth_date", json!(resident.patient.birth_date));
    assert_eq!(practice.software.deliver(&told)["state"], "delivered");
    // What contradicts the file is refused, not averaged.
    let report = Upload::bare(Report::new(&resident.patient).bytes()).saying("birth_date", json!("1970-01-01"));
    let reply = practice.software.upload(&report).problem(422, "invalid").json();
    assert_eq!(reply["errors"][0]["code"], "contradicts-file");
}

fn the_kind_of_a_file_is_judged_from_its_bytes(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let lies = [
        ("befund.exe", "application/x-msdownload", fixture("image/small.png"), "image/png"),
        ("befund.pdf", "application/pdf", fixture("image/small.jpg"), "image/jpeg"),
        ("../../etc/passwd\u{202e}fdp", "text/html", crate::paper::pdf(), "application/pdf"),
    ];
    for (name, declared, bytes, is) in lies {
        let receipt = practice.software.deliver(&Upload::file(&resident.patient, bytes).declared(name, declared));
        let content = resident.content(&id(&receipt)).expect(200);
        assert_eq!(content.header("content-type"), Some(is));
        assert!(!content.header("content-disposition").unwrap().contains("passwd"));
    }
}

fn a_large_pdf_arrives_byte_for_byte(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let upload = Upload::file(&resident.patient, pdf_of(25 * 1024 * 1024 - 2_000));
    let receipt = practice.software.deliver(&upload);
    assert_eq!(receipt["state"], "delivered");
    let content = resident.content(&id(&receipt)).expect(200);
    assert_eq!(sha256(&content.body), upload.sha256());
}

fn a_preview_stores_nothing(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let report = Report::new(&resident.patient);
    for upload in [Upload::pdf(&resident.patient), Upload::fhir(report.bytes()), Upload::pdf(&Patient::new())] {
        let reply = practice.software.upload(&upload.clone().dry_run().key(None)).expect(200).json();
        assert_eq!(reply["dry_run"], true);
        assert!(reply["documents"][0]["id"].is_null());
        assert_eq!(reply["documents"][0]["sha256"], upload.sha256());
    }
    let preview = practice.software.upload(&Upload::fhir(report.bytes()).dry_run()).expect(200).json();
    assert_eq!(preview["documents"][0]["state"], "delivered");
    assert_eq!(preview["documents"][0]["value_count"], 13);
    assert!(resident.list().is_empty() && practice.staff.inbox().is_empty());
    assert!(practice.staff.get("/v1/practice/findings").expect(200).items().is_empty());
    assert!(!resident.log().iter().any(|line| line["action"] == "deliver"));
    practice.software.deliver(&Upload::fhir(report.bytes()));
    let again = practice.software.upload(&Upload::fhir(report.bytes()).dry_run()).expect(200).json();
    assert_eq!(again["documents"][0]["duplicate"], true);
}

/// An invited patient who neither signed on paper nor activated: nothing is stored, and the practice is told why.
fn without_consent_nothing_is_taken(house: &House) {
    let practice = house.own_practice();
    let patient = Patient::new();
    let slip = practice.staff.invite(&patient);
    for upload in [Upload::pdf(&patient), Upload::fhir(Report::new(&patient).bytes())] {
        practice.software.upload(&upload).problem(403, "consent-missing");
        practice.software.upload(&upload.dry_run()).problem(403, "consent-missing");
    }
    assert!(practice.staff.get("/v1/practice/findings").expect(200).items().is_empty());
    assert!(practice.staff.inbox().is_empty());
    let resident = crate::people::Resident::activate(&slip, house.server());
    assert!(resident.list().is_empty(), "nothing had been kept back");
}

fn a_withdrawn_consent_holds_for_the_next_upload(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let first = practice.software.deliver(&Upload::pdf(&resident.patient));
    let consent = resident.get("/v1/consents").expect(200).text("/items/0/id");
    let withdraw = || resident.call("POST", &format!("/v1/consents/{consent}/withdraw")).send();
    withdraw().expect(204);
    practice.software.upload(&Upload::pdf(&resident.patient)).problem(403, "consent-missing");
    assert_eq!(resident.list().len(), 1, "what is there stays readable");
    resident.open(&id(&first));
    let decisions = resident.get("/v1/consents").expect(200).items();
    assert_eq!(decisions[0]["state"], "withdrawn");
    assert!(decisions[0]["withdrawn_at"].is_string());
    resident.post("/v1/consents", &crate::people::consent(house.server(), "de")).expect(201);
    assert_eq!(practice.software.deliver(&Upload::pdf(&resident.patient))["state"], "delivered");
}

fn the_practice_learns_what_was_odd(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let bare = ["title", "document_class", "date"]
        .iter()
        .fold(Upload::pdf(&resident.patient), |upload, field| upload.saying(field, Value::Null));
    let receipt = practice.software.deliver(&bare);
    for warning in ["class-assumed", "title-missing", "date-missing"] {
        assert!(receipt["warnings"].as_array().unwrap().contains(&json!(warning)), "{warning}: {receipt}");
    }
    assert_eq!(resident.list()[0]["kind"], "other");
    let odd = Upload::fhir(named("fhir/url-null.json", &resident.patient));
    let receipt = practice.software.deliver(&odd);
    assert!(receipt["warnings"].as_array().unwrap().contains(&json!("null-ignored")), "{receipt}");
}

fn wrong_words_about_a_file_are_named(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let cases = [
        ("document_class", json!("XX999999"), 422, "/metadata/document_class"),
        ("date", json!("20.11.2026"), 422, "/metadata/date"),
        ("birth_date", json!("1961-13-01"), 422, "/metadata/birth_date"),
        ("replaces", json!("x"), 422, "/metadata/replaces"),
        ("patient_reference", json!("  "), 422, "/metadata/patient_reference"),
        ("patient_reference", json!("a\nb"), 422, "/metadata/patient_reference"),
        ("titel", json!("Tippfehler"), 400, "/metadata/titel"),
        ("title", json!(7), 400, "/metadata/title"),
    ];
    for (field, value, status, pointer) in cases {
        let reply =
            practice.software.upload(&Upload::pdf(&resident.patient).saying(field, value.clone())).expect(status);
        assert_eq!(reply.json()["errors"][0]["pointer"], pointer, "{field} = {value}");
    }
    assert!(resident.list().is_empty());
}

fn staff_can_upload_too(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let receipt = practice.staff.deliver(&Upload::pdf(&resident.patient));
    assert_eq!(receipt["state"], "delivered");
    let line = resident.log().into_iter().find(|line| line["action"] == "deliver").unwrap();
    assert_eq!((&line["actor"], &line["basis"]), (&json!("practice-staff"), &json!("treatment-delivery")));
}
