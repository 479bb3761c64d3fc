//! HL7 v2: what laboratories and hospitals send arrives, is corrected, and vanishes when it was never true.

use serde_json::{Value, json};

use crate::{
    house::{House, number},
    paper::{Upload, fixture, sha256},
    people::{CANARY, Patient, Practice, Resident},
};

promises![
    a_resident_sees_values_units_ranges_and_flags,
    a_corrected_report_takes_the_place_of_the_older,
    what_was_posted_to_the_wrong_patient_vanishes_at_once,
    one_value_of_the_wrong_patient_takes_every_older_version_with_it,
    each_message_of_a_batch_has_its_own_state_and_its_own_bytes,
    a_message_sent_again_changes_nothing_in_whatever_batch,
    a_letter_arrives_and_is_taken_back,
    what_is_wrong_vanishes_without_consent_too,
    what_is_not_final_waits_for_the_physician,
    a_refused_message_says_segment_line_and_reason_and_leaves_nothing,
];

/// A message for this patient under an order number of its own, as text in UTF-8.
fn message(name: &str, patient: &Patient, order: &str) -> Vec<u8> {
    let bytes = fixture(&format!("hl7/{name}"));
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let text = text.replace("8859/1", "UNICODE UTF-8").replace("P-20417", &patient.reference);
    let text = text.replace("19870314", &patient.birth_date.replace('-', ""));
    text.replace("L-0815", order).replace("DOK-77", order).into_bytes()
}

fn order_number() -> String {
    format!("L-{CANARY}-{}", number())
}

fn upload(name: &str, patient: &Patient, order: &str) -> Upload {
    Upload::hl7(message(name, patient, order))
}

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().unwrap_or_else(|| panic!("no id in {receipt}")).to_owned()
}

fn begin(house: &House) -> (Practice, Resident, String) {
    let practice = house.practice();
    let resident = practice.resident();
    (practice, resident, order_number())
}

fn value<'v>(opened: &'v Value, name: &str) -> &'v Value {
    let values = opened["values"].as_array().unwrap();
    values.iter().find(|v| v["name"] == name).unwrap_or_else(|| panic!("no {name} in {opened}"))
}

fn a_resident_sees_values_units_ranges_and_flags(house: &House) {
    let (practice, resident, order) = begin(house);
    let sent = upload("oru.hl7", &resident.patient, &order);
    let receipt = practice.software.deliver(&sent);
    assert_eq!((&receipt["state"], &receipt["value_count"]), (&json!("delivered"), &json!(10)));
    assert_eq!((&receipt["sha256"], &receipt["document_class"]), (&json!(sent.sha256()), &json!("LB120107")));
    let opened = resident.open(&id(&receipt));
    assert_eq!((&opened["report_status"], &opened["summary"]["title"]), (&json!("final"), &json!("Laborbefund")));
    assert_eq!(opened["note"], "Bitte nüchtern wiederkommen.");
    let tsh = value(&opened, "TSH");
    assert_eq!((&tsh["quantity"]["value"], &tsh["quantity"]["unit"]), (&json!("5.10"), &json!("mU/l")));
    assert_eq!((&tsh["flag"], &tsh["loinc"]), (&json!("H"), &json!("3016-3")));
    assert_eq!((&tsh["ranges"][0]["low"], &tsh["ranges"][0]["high"]), (&json!("0.4"), &json!("4.0")));
    assert_eq!(value(&opened, "CRP")["raw_text"], "<0.3");
    assert_eq!(value(&opened, "HBs-Antikörper")["kind"], "ratio");
    assert_eq!(value(&opened, "HBs-Antikörper")["comment"], "Kontrolle in drei Monaten\nempfohlen");
    assert_eq!(value(&opened, "Leukozyten")["quantity"]["unit"], "10^9/l");
    assert_eq!(value(&opened, "Magnesium")["kind"], "absent");
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    assert_eq!(trend["points"][0]["value"]["quantity"]["value"], "4.20");
    // In a form it is the same: the bytes decide.
    let again = practice.software.upload(&Upload::bare(message("oru.hl7", &resident.patient, &order))).expect(200);
    assert_eq!(again.json()["documents"][0]["duplicate"], true);
}

fn a_corrected_report_takes_the_place_of_the_older(house: &House) {
    let (practice, resident, order) = begin(house);
    let old = id(&practice.software.deliver(&upload("oru.hl7", &resident.patient, &order)));
    let receipt = practice.software.deliver(&upload("corrected.hl7", &resident.patient, &order));
    assert_eq!((&receipt["state"], &receipt["replaces"]), (&json!("delivered"), &json!(old)));
    let opened = resident.open(&id(&receipt));
    assert_eq!(opened["report_status"], "corrected");
    assert_eq!(
        (&value(&opened, "Kalium")["raw_text"], &value(&opened, "Kalium")["status"]),
        (&json!("5.60"), &json!("corrected"))
    );
    assert_eq!(resident.open(&old)["summary"]["state"], "superseded");
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    assert_eq!(trend["points"].as_array().unwrap().len(), 1, "what was wrong is not in the curve");
    practice.software.upload(&upload("oru.hl7", &resident.patient, &order)).problem(409, "older-version");
}

fn what_was_posted_to_the_wrong_patient_vanishes_at_once(house: &House) {
    let (practice, resident, order) = begin(house);
    let wrong = || upload("wrong-patient.hl7", &resident.patient, &order);
    practice.software.upload(&wrong()).problem(422, "nothing-to-withdraw");
    let first = id(&practice.software.deliver(&upload("oru.hl7", &resident.patient, &order)));
    let second = id(&practice.software.deliver(&upload("corrected.hl7", &resident.patient, &order)));
    resident.open(&second);
    let receipt = practice.software.deliver(&wrong());
    assert_eq!((id(&receipt), &receipt["state"]), (second.clone(), &json!("recalled")));
    for gone in [&first, &second] {
        let opened = resident.open(gone);
        assert_eq!((&opened["summary"]["state"], &opened["values"]), (&json!("recalled"), &json!([])));
        assert!(resident.logged("recall", "done", Some(gone)), "the resident is told");
    }
    resident.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
    practice.software.upload(&wrong()).expect(200);
    // Beside another message it does not stand in that one's way.
    let [unknown, good] = [order_number(), order_number()];
    let two = [("wrong-patient.hl7", &unknown), ("oru.hl7", &good)]
        .map(|(name, order)| message(name, &resident.patient, order));
    let reply = practice.software.upload(&Upload::hl7(two.concat())).expect(201).json();
    let states: Vec<&Value> = reply["documents"].as_array().unwrap().iter().map(|d| &d["state"]).collect();
    assert_eq!(states, ["refused", "delivered"]);
    assert_eq!(reply["documents"][0]["warnings"][0], "nothing-to-withdraw");
}

fn one_value_of_the_wrong_patient_takes_every_older_version_with_it(house: &House) {
    let (practice, resident, order) = begin(house);
    let old = id(&practice.software.deliver(&upload("oru.hl7", &resident.patient, &order)));
    let retracting = || upload("one-withdrawn.hl7", &resident.patient, &order);
    let preview = practice.software.upload(&retracting().dry_run()).expect(200).json();
    assert_eq!(preview["documents"][0]["state"], "delivered");
    let receipt = practice.software.deliver(&retracting());
    let new = id(&receipt);
    assert!(receipt["state"] == "delivered" && receipt["replaces"].is_null() && new != old);
    let gone = resident.open(&old);
    assert_eq!(
        (&gone["summary"]["state"], &gone["values"]),
        (&json!("recalled"), &json!([])),
        "not even as an old version"
    );
    let opened = resident.open(&new);
    assert_eq!(opened["report_status"], "corrected");
    let names: Vec<&Value> = opened["values"].as_array().unwrap().iter().map(|v| &v["name"]).collect();
    assert_eq!(names, ["TSH", "CRP", "25-OH-Vitamin D"], "the others stay");
    resident.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
    assert!(resident.logged("recall", "done", Some(&old)));
    practice.software.upload(&retracting()).expect(200);
}

/// A batch about these three patients; whom the practice does not know gets a place in the inbox.
fn batch(patients: [&Patient; 3], orders: &[String; 3]) -> Vec<u8> {
    let text = String::from_utf8(message("batch.hl7", patients[0], "")).unwrap();
    let text = text.replace("P-20418", &patients[1].reference).replace("19550102", "19610314");
    let text = text.replace("P-20419", &patients[2].reference).replace("20010203", "19610314");
    let numbers = ["L-0911", "L-0912", "L-0913"];
    numbers.iter().zip(orders).fold(text, |text, (number, order)| text.replace(number, order)).into_bytes()
}

fn each_message_of_a_batch_has_its_own_state_and_its_own_bytes(house: &House) {
    let practice = house.own_practice();
    let (one, two) = (practice.resident(), practice.resident());
    let stranger = Patient::new();
    let orders = [order_number(), order_number(), order_number()];
    let bytes = batch([&one.patient, &two.patient, &stranger], &orders);
    let reply = practice.software.upload(&Upload::hl7(bytes.clone())).expect(202).json();
    let documents = reply["documents"].as_array().unwrap();
    let states: Vec<&Value> = documents.iter().map(|d| &d["state"]).collect();
    assert_eq!(states, ["delivered", "delivered", "inbox"], "in the order of the file");
    assert!(documents.iter().all(|d| d["sha256"] == sha256(&bytes)), "the proof is of what was sent");
    for (resident, document) in [(&one, &documents[0]), (&two, &documents[1])] {
        let listed = resident.list();
        assert_eq!(listed.len(), 1);
        assert_eq!(resident.open(&id(document))["values"].as_array().unwrap().len(), 2);
    }
    one.get(&format!("/v1/findings/{}", id(&documents[1]))).problem(404, "not-found");
    let waiting = practice.staff.inbox();
    assert_eq!(waiting.len(), 1);
    // What is said beside the file would be said of everybody.
    for (field, words) in [("patient_reference", &one.patient.reference), ("note", &"Bitte anrufen".to_owned())] {
        let told = Upload::bare(bytes.clone()).saying(field, json!(words));
        let reply = practice.software.upload(&told).problem(422, "invalid").json();
        assert_eq!(reply["errors"][0]["code"], "not-one-patient");
    }
    // Nobody waits for a result because somebody else has not agreed.
    let invited = Patient::new();
    practice.staff.invite(&invited);
    let mixed = batch([&one.patient, &two.patient, &invited], &[order_number(), order_number(), order_number()]);
    let reply = practice.software.upload(&Upload::hl7(mixed)).expect(201).json();
    let states: Vec<&Value> = reply["documents"].as_array().unwrap().iter().map(|d| &d["state"]).collect();
    assert_eq!(states, ["delivered", "delivered", "refused"]);
    assert_eq!(reply["documents"][2]["warnings"][0], "consent-missing");
}

fn a_message_sent_again_changes_nothing_in_whatever_batch(house: &House) {
    let practice = house.practice();
    let [one, two, three] = [practice.resident(), practice.resident(), practice.resident()];
    let orders = [order_number(), order_number(), order_number()];
    let all = [&one.patient, &two.patient, &three.patient];
    practice.software.upload(&Upload::hl7(batch(all, &orders))).expect(201);
    // The same first two messages, and a third one that is new.
    let more = [orders[0].clone(), orders[1].clone(), order_number()];
    let reply = practice.software.upload(&Upload::hl7(batch(all, &more))).expect(201).json();
    let known: Vec<&Value> = reply["documents"].as_array().unwrap().iter().map(|d| &d["duplicate"]).collect();
    assert_eq!(known, [&json!(true), &json!(true), &json!(false)]);
    assert_eq!((one.list().len(), two.list().len(), three.list().len()), (1, 1, 2));
}

fn a_letter_arrives_and_is_taken_back(house: &House) {
    let (practice, resident, order) = begin(house);
    let receipt = practice.software.deliver(&upload("document.hl7", &resident.patient, &order));
    assert_eq!((&receipt["state"], &receipt["document_class"]), (&json!("delivered"), &json!("AD010115")));
    let letter = id(&receipt);
    let opened = resident.open(&letter);
    assert_eq!(
        (&opened["summary"]["title"], &opened["author"]),
        (&json!("Entlassungsbericht"), &json!("Dr. Erika Probe"))
    );
    let content = resident.content(&letter).expect(200);
    assert_eq!(content.body, fixture("pdf/small.pdf"));
    let gone = practice.software.deliver(&upload("document-obsolete.hl7", &resident.patient, &order));
    assert_eq!((id(&gone), &gone["state"]), (letter.clone(), &json!("recalled")));
    resident.content(&letter).problem(410, "recalled");
}

/// Whoever takes the consent back must not be left with what was never true of them.
fn what_is_wrong_vanishes_without_consent_too(house: &House) {
    let (practice, resident, order) = begin(house);
    let first = id(&practice.software.deliver(&upload("oru.hl7", &resident.patient, &order)));
    let consent = resident.get("/v1/consents").expect(200).text("/items/0/id");
    resident.call("POST", &format!("/v1/consents/{consent}/withdraw")).send().expect(204);
    practice.software.upload(&upload("corrected.hl7", &resident.patient, &order)).problem(403, "consent-missing");
    let receipt = practice.software.deliver(&upload("one-withdrawn.hl7", &resident.patient, &order));
    assert_eq!(
        (id(&receipt), &receipt["state"]),
        (first.clone(), &json!("recalled")),
        "and what remains is not stored"
    );
    assert_eq!(resident.open(&first)["values"], json!([]));
    assert_eq!(resident.list().len(), 1);
}

fn what_is_not_final_waits_for_the_physician(house: &House) {
    let (practice, resident, order) = begin(house);
    let receipt = practice.software.deliver(&upload("preliminary.hl7", &resident.patient, &order));
    let opened = resident.open(&id(&receipt));
    assert_eq!(opened["report_status"], "preliminary");
    let open = value(&opened, "25-OH-Vitamin D");
    assert_eq!((&open["status"], &open["kind"]), (&json!("registered"), &json!("absent")));
    let finished = practice.software.deliver(&upload("oru.hl7", &resident.patient, &order));
    assert_eq!(finished["replaces"], receipt["id"], "the final report takes its place");
}

/// File, code, line, and a word of the sentence in English and in German.
const BAD: [(&str, &str, &str, &str, &str); 11] = [
    ("adt.hl7", "hl7-message-unsupported", "1:1", "ADT^A01", "ADT^A01"),
    ("truncated.hl7", "hl7-truncated", "8:1", "cut off", "abgeschnitten"),
    ("mllp-truncated.hl7", "hl7-truncated", "20:1", "cut off", "abgeschnitten"),
    ("batch-truncated.hl7", "hl7-truncated", "19:1", "cut off", "abgeschnitten"),
    ("batch-count.hl7", "hl7-count-differs", "20:1", "BTS", "BTS"),
    ("two-patients.hl7", "hl7-two-patients", "9:1", "PID", "PID"),
    ("no-results.hl7", "hl7-nothing-to-read", "4:1", "OBX", "OBX"),
    ("bad-base64.hl7", "hl7-bad-base64", "5:1", "base64", "base64"),
    ("cut-pdf.hl7", "hl7-embedded-document", "5:1", "PDF", "PDF"),
    ("two-documents.hl7", "hl7-several-documents", "6:1", "second document", "zweites Dokument"),
    ("no-header.hl7", "hl7-no-header", "2:1", "MSH", "MSH"),
];

fn a_refused_message_says_segment_line_and_reason_and_leaves_nothing(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    for (name, code, line, english, german) in BAD {
        for (language, word) in [("en", english), ("de", german)] {
            let sent = upload(name, &resident.patient, &order_number());
            let call = practice.software.call("POST", sent.path()).header("accept-language", language);
            let problem = sent.on(call).send().problem(422, code).json();
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains(word), "{name}: {detail}");
            assert!(!detail.contains(CANARY), "{name}: nothing of the file is repeated");
            assert_eq!(problem["errors"][0]["pointer"], line, "{name}");
        }
    }
    assert!(resident.list().is_empty() && practice.staff.inbox().is_empty());
    assert!(practice.staff.get("/v1/practice/findings").expect(200).items().is_empty());
    practice.software.deliver(&upload("oru.hl7", &resident.patient, &order_number()));
}
