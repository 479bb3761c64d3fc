//! What laboratories and devices send practices: each report reaches the one it is about, and nobody else.

use serde_json::{Value, json};

use crate::{
    house::{House, eventually},
    paper::{Upload, fixture, laboratory, laboratory_for, sha256},
    people::{Patient, Practice, Resident},
    server::Setup,
    sql::Intruder,
};

promises![
    a_file_of_two_people_reaches_both,
    a_report_with_a_document_shows_both,
    what_stands_against_one_report_does_not_stand_against_the_others,
    nobodys_finding_holds_the_words_about_somebody_else,
    a_report_without_a_name_waits_with_its_order,
    an_order_finds_its_patient_again,
    a_doubtful_file_waits_for_a_person,
    a_correction_of_a_laboratory_takes_the_place_of_its_report,
    the_same_report_comes_once,
    a_device_is_read_too,
    what_is_no_sound_finding_is_refused_with_its_line,
    a_form_names_nobody_beside_a_file_of_many,
];

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().unwrap_or_else(|| panic!("no id in {receipt}")).to_owned()
}

fn born(patient: &Patient) -> String {
    patient.birth_date.replace('-', "")
}

/// The file of two people, with these two.
fn of_two(first: &Patient, second: &Patient) -> Vec<u8> {
    let (one, two) = (born(first), born(second));
    let changes =
        [("P-20417", &*first.reference), ("19870314", &one), ("P-30001", &second.reference), ("19610314", &two)];
    laboratory("ldt2-two-people.ldt", &changes)
}

fn row<'v>(opened: &'v Value, name: &str) -> &'v Value {
    let rows = opened["values"].as_array().expect("values");
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no {name} in {opened}"))
}

fn deliver(practice: &Practice, file: Vec<u8>) -> Value {
    practice.software.deliver(&Upload::laboratory(file))
}

fn a_file_of_two_people_reaches_both(house: &House) {
    let practice = house.own_practice();
    let (first, second) = (practice.resident(), practice.resident());
    let upload = Upload::laboratory(of_two(&first.patient, &second.patient));
    let preview = practice.software.upload(&upload.clone().dry_run()).expect(200).json();
    assert_eq!(preview["documents"].as_array().map(Vec::len), Some(2));
    let reply = practice.software.upload(&upload).expect(201).json();
    for (receipt, resident) in reply["documents"].as_array().unwrap().iter().zip([&first, &second]) {
        assert_eq!((&receipt["state"], &receipt["sha256"]), (&json!("delivered"), &json!(upload.sha256())));
        assert_eq!(receipt["patient_reference"], resident.patient.reference);
        assert_eq!(resident.list().len(), 1);
        assert!(resident.logged("deliver", "done", Some(&id(receipt))));
    }
    let opened = first.open(&id(&reply["documents"][0]));
    let summary = &opened["summary"];
    assert_eq!((&summary["title"], &opened["author"]), (&json!("Laborbefund"), &json!("Labor M\u{f6}wenstra\u{df}e")));
    assert_eq!((&summary["date"], &opened["report_status"]), (&json!("2026-11-18"), &json!("final")));
    let tsh = row(&opened, "TSH basal");
    assert_eq!((&tsh["quantity"]["value"], &tsh["quantity"]["unit"]), (&json!("5.10"), &json!("mU/l")));
    assert_eq!((&tsh["ranges"][0]["low"], &tsh["ranges"][0]["high"]), (&json!("0.4"), &json!("4.0")));
    assert_eq!((&tsh["flag"], &row(&opened, "Kalium")["flag"]), (&json!("H"), &json!("HH")));
    assert_eq!(row(&opened, "ANA-Titer")["raw_text"], "1:160");
    let others = second.open(&id(&reply["documents"][1]));
    assert_eq!(row(&others, "H\u{e4}moglobin")["quantity"]["value"], "17.7");
    assert!(!others.to_string().contains("TSH"));
    second.get(&format!("/v1/findings/{}", id(&reply["documents"][0]))).expect(404);
    // A verdict that means something else in HL7 goes out as what it means.
    let export = second.get(&format!("/v1/findings/{}/fhir", id(&reply["documents"][1]))).expect(200).json();
    assert!(export.to_string().contains(r#""code":"HU""#) && export.to_string().contains(r#""text":"++""#));
}

fn a_report_with_a_document_shows_both(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let receipt = deliver(&practice, laboratory_for(&resident.patient, "ldt3-pdf.ldt"));
    assert_eq!((&receipt["state"], &receipt["value_count"]), (&json!("delivered"), &json!(1)));
    let opened = resident.open(&id(&receipt));
    let creatinine = row(&opened, "Kreatinin");
    assert_eq!((&creatinine["loinc"], &creatinine["quantity"]["value"]), (&json!("2160-0"), &json!("0.82")));
    assert_eq!((&creatinine["quantity"]["unit"], &creatinine["specimen"]), (&json!("mg/dl"), &json!("Serum")));
    assert_eq!((&creatinine["ranges"][0]["low"], &creatinine["ranges"][0]["high"]), (&json!("0.5"), &json!("1.1")));
    assert_eq!(opened["document"]["sha256"], sha256(&fixture("pdf/small.pdf")));
    assert_eq!(resident.content(&id(&receipt)).expect(200).body, fixture("pdf/small.pdf"));
    let trend = resident.get("/v1/trends?loinc=2160-0").expect(200).json();
    assert_eq!(trend["points"].as_array().map(Vec::len), Some(1));
}

fn what_stands_against_one_report_does_not_stand_against_the_others(house: &House) {
    let practice = house.own_practice();
    let (resident, silent) = (practice.resident(), Patient::new());
    practice.staff.invite(&silent);
    let upload = Upload::laboratory(of_two(&resident.patient, &silent));
    for upload in [upload.clone().dry_run(), upload.clone()] {
        let reply = practice.software.upload(&upload);
        let documents = reply.json()["documents"].clone();
        assert_eq!((&documents[0]["state"], &documents[1]["state"]), (&json!("delivered"), &json!("refused")));
        assert_eq!((&documents[1]["warnings"][0], &documents[1]["id"]), (&json!("consent-missing"), &Value::Null));
        assert_eq!(documents[1]["patient_reference"], silent.reference);
    }
    assert_eq!(resident.list().len(), 1);
    let receipts = practice.staff.get("/v1/practice/findings").expect(200).items();
    assert_eq!((receipts.len(), practice.staff.inbox().len()), (1, 0), "nothing of the other is kept");
    // Where it stands against all, there is nothing to take.
    let other = Patient::new();
    practice.staff.invite(&other);
    let none = Upload::laboratory(of_two(&other, &silent));
    practice.software.upload(&none.clone().dry_run()).problem(403, "consent-missing");
    practice.software.upload(&none).problem(403, "consent-missing");
}

fn nobodys_finding_holds_the_words_about_somebody_else(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let (first, second) = (practice.resident(), practice.resident());
    let file = of_two(&first.patient, &second.patient);
    practice.software.upload(&Upload::laboratory(file.clone())).expect(201);
    let mut database = Intruder::at(&server);
    let (kept, count) = (database.number("SELECT SUM(size) FROM blobs"), database.number("SELECT COUNT(*) FROM blobs"));
    assert_eq!(count, 2);
    assert!(kept > 0 && kept < i64::try_from(file.len()).unwrap(), "{kept} of {}", file.len());
}

fn a_report_without_a_name_waits_with_its_order(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let file = laboratory_for(&resident.patient, "ldt2-no-name.ldt");
    let reply = practice.software.upload(&Upload::laboratory(file)).expect(202).json();
    assert_eq!(reply["documents"][0]["matching"]["reason"], "reference-missing");
    let unknown = laboratory_for(&Patient::new(), "ldt3-pdf.ldt");
    let reply = practice.software.upload(&Upload::laboratory(unknown)).expect(202).json();
    assert_eq!(reply["documents"][0]["matching"]["reason"], "reference-unknown");
    let waiting = practice.staff.inbox();
    let told: Vec<&Value> = waiting.iter().map(|item| &item["order_number"]).collect();
    assert_eq!(told, [&json!("A-5"), &json!("A-12")]);
    assert!(resident.list().is_empty());
    let body = json!({"patient_reference": resident.patient.reference, "birth_date": resident.patient.birth_date});
    let item = waiting[0]["receipt"]["id"].as_str().unwrap();
    let assigned = practice.staff.post(&format!("/v1/practice/inbox/{item}/assign"), &body).expect(200).json();
    assert_eq!(assigned["state"], "delivered");
    assert_eq!(row(&resident.open(item), "TSH basal")["quantity"]["value"], "4.17");
}

/// Laboratories send the last word on an order under numbers of their own, or under no name at all.
fn an_order_finds_its_patient_again(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (resident, stranger) = (practice.resident(), practice.resident());
    let said = |receipt: &Value| (receipt["state"].clone(), receipt["matching"]["reason"].clone());
    let send = |file: Vec<u8>| practice.software.upload(&Upload::laboratory(file)).json()["documents"][0].clone();
    let first = deliver(&practice, laboratory_for(&resident.patient, "ldt2-partial.ldt"));
    // The same order, and a number of the patient that only the laboratory knows.
    let last_word = |born: &str, report: &str| {
        laboratory("ldt2-corrected.ldt", &[("P-20417", "LAB-99017"), ("19870314", born), ("L-4", report)])
    };
    assert_eq!(said(&send(last_word("19500101", "L-5"))), (json!("inbox"), json!("birth-date-differs")));
    let last = send(last_word(&born(&resident.patient), "L-4"));
    assert_eq!(said(&last), (json!("delivered"), json!("order-and-birth-date")));
    assert_eq!((&last["replaces"], &last["matching"]["certainty"]), (&first["id"], &json!("certain")));
    // Without a birth date nothing is certain; the practice is told whom it ordered for.
    let nameless = laboratory("ldt2-no-name.ldt", &[("A-5", "A-4")]);
    let waits = send(nameless.clone());
    assert_eq!(said(&waits), (json!("inbox"), json!("birth-date-missing")));
    let inbox = practice.staff.inbox();
    let item = inbox.iter().find(|item| item["receipt"]["id"] == waits["id"]).unwrap();
    assert_eq!((&item["order_number"], &item["proposals"]), (&json!("A-4"), &json!([resident.patient.reference])));
    // What a person decides about an order counts for what comes after it.
    let other = send(laboratory("ldt2-no-name.ldt", &[("A-5", "A-77")]));
    assert_eq!(said(&other), (json!("inbox"), json!("reference-missing")));
    let body = json!({"patient_reference": stranger.patient.reference, "birth_date": stranger.patient.birth_date});
    practice.staff.post(&format!("/v1/practice/inbox/{}/assign", id(&other)), &body).expect(200);
    let theirs = laboratory(
        "ldt2-partial.ldt",
        &[("P-20417", "LAB-99018"), ("A-4", "A-77"), ("L-4", "L-77"), ("19870314", &born(&stranger.patient))],
    );
    assert_eq!(said(&send(theirs)), (json!("delivered"), json!("order-and-birth-date")));
    // Other practices count for themselves, and everybody counts anew one day.
    let elsewhere = Practice::add(&server);
    let reply = elsewhere.software.upload(&Upload::laboratory(nameless.clone())).expect(202).json();
    assert_eq!(reply["documents"][0]["matching"]["reason"], "reference-missing");
    let numbers = || Intruder::at(&server).number("SELECT count(*) FROM order_numbers");
    assert_eq!(numbers(), 2);
    server.move_clock(91 * 24 * 60 * 60);
    server.stop();
    server.restart();
    eventually(|| numbers() == 0);
}

fn a_doubtful_file_waits_for_a_person(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    for (name, warning) in
        [("ldt3-insurance-number.ldt", "insurance-number-wrong"), ("ldt3-attachment-program.ldt", "attachment-refused")]
    {
        let file = laboratory_for(&resident.patient, name);
        let reply = practice.software.upload(&Upload::laboratory(file)).expect(202).json();
        let receipt = &reply["documents"][0];
        assert_eq!((&receipt["state"], &receipt["matching"]["reason"]), (&json!("inbox"), &json!("file-doubtful")));
        assert!(receipt["warnings"].as_array().unwrap().contains(&json!(warning)), "{receipt}");
    }
    assert!(resident.list().is_empty());
    assert_eq!(practice.staff.inbox()[0]["proposals"], json!([resident.patient.reference]));
}

fn a_correction_of_a_laboratory_takes_the_place_of_its_report(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let send = |name: &str| Upload::laboratory(laboratory_for(&resident.patient, name));
    let replaced = |old: &str, new: &str, resident: &Resident| {
        let old_id = id(&practice.software.deliver(&send(old)));
        let receipt = practice.software.deliver(&send(new));
        assert_eq!((&receipt["state"], &receipt["replaces"]), (&json!("delivered"), &json!(old_id)), "{new}");
        assert_eq!(resident.open(&old_id)["summary"]["state"], "superseded");
        practice.software.upload(&send(old)).problem(409, "older-version");
        resident.open(&id(&receipt))
    };
    let corrected = replaced("ldt2-partial.ldt", "ldt2-corrected.ldt", &resident);
    assert_eq!(
        (&corrected["report_status"], &row(&corrected, "CRP")["status"]),
        (&json!("corrected"), &json!("final"))
    );
    assert_eq!(row(&corrected, "Glukose")["absent_reason"], "not-performed");
    let corrected = replaced("ldt3-preliminary.ldt", "ldt3-corrected.ldt", &resident);
    assert_eq!(row(&corrected, "Kreatinin")["quantity"]["value"], "2.64");
    let cancelled = practice.software.deliver(&send("ldt3-cancelled.ldt"));
    let opened = resident.open(&id(&cancelled));
    let creatinine = row(&opened, "Kreatinin");
    assert_eq!((&creatinine["kind"], &creatinine["status"]), (&json!("absent"), &json!("cancelled")));
}

fn the_same_report_comes_once(house: &House) {
    let practice = house.own_practice();
    let (first, second, third) = (practice.resident(), practice.resident(), practice.resident());
    let both = Upload::laboratory(of_two(&first.patient, &second.patient));
    practice.software.upload(&both).expect(201);
    let again = practice.software.upload(&Upload::laboratory(both.bytes().to_vec())).expect(200).json();
    assert!(again["documents"].as_array().unwrap().iter().all(|receipt| receipt["duplicate"] == true), "{again}");
    // In another file the unchanged report of one is still the same one.
    let other = of_two(&first.patient, &third.patient);
    let reply = practice.software.upload(&Upload::laboratory(other)).json();
    assert_eq!(reply["documents"][0]["duplicate"], true, "{reply}");
    assert_eq!((first.list().len(), second.list().len()), (1, 1));
    // Devices give their results no number; the same one is known by its bytes.
    let device = laboratory_for(&first.patient, "gdt-two-records.gdt");
    practice.software.upload(&Upload::laboratory(device.clone())).expect(201);
    practice.software.upload(&Upload::laboratory(device)).expect(200);
    assert_eq!(first.list().len(), 3);
}

fn a_device_is_read_too(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let file = laboratory_for(&resident.patient, "gdt-lung-function.gdt");
    let receipt = practice.software.deliver(&Upload::bare(file));
    assert_eq!((&receipt["state"], &receipt["document_class"]), (&json!("delivered"), &json!("DG060108")));
    let opened = resident.open(&id(&receipt));
    let capacity = row(&opened, "Forcierte Vitalkapazit\u{e4}t");
    assert_eq!((&capacity["quantity"]["value"], &capacity["quantity"]["unit"]), (&json!("3.12"), &json!("l")));
    assert_eq!(row(&opened, "Befund")["text"], "Leichte Einschr\u{e4}nkung,\nstabil.");
}

fn what_is_no_sound_finding_is_refused_with_its_line(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    for (name, code, line) in [
        ("ldt2-truncated.ldt", "xdt-truncated", "74:1"),
        ("ldt2-order.ldt", "xdt-order", "1:1"),
        ("ldt2-two-packages.ldt", "xdt-two-packages", "78:1"),
        ("ldt2-damaged-line.ldt", "xdt-line", "32:1"),
        ("ldt3-checksum.ldt", "xdt-checksum", "129:1"),
        ("ldt3-object-end.ldt", "xdt-wrong-end", "85:1"),
        ("ldt3-animal.ldt", "xdt-animal", "44:1"),
        ("gdt-request.gdt", "xdt-request", "1:1"),
        ("gdt-practice-export.bdt", "xdt-practice-export", "3:1"),
    ] {
        let told = |language: &str| {
            let call = practice.software.call("POST", "/v1/practice/findings").header("accept-language", language);
            let reply = Upload::laboratory(fixture(&format!("xdt/{name}"))).on(call).send().problem(422, code).json();
            assert_eq!((&reply["errors"][0]["pointer"], &reply["errors"][0]["code"]), (&json!(line), &json!(code)));
            reply["detail"].as_str().expect("a sentence").to_owned()
        };
        let (english, german) = (told("en"), told("de"));
        assert!(english != german && english.ends_with('.') && german.ends_with('.'), "{english} {german}");
    }
    assert!(resident.list().is_empty() && practice.staff.inbox().is_empty());
    assert!(practice.staff.get("/v1/practice/findings").expect(200).items().is_empty());
}

fn a_form_names_nobody_beside_a_file_of_many(house: &House) {
    let practice = house.own_practice();
    let (first, second) = (practice.resident(), practice.resident());
    for (field, value) in [
        ("patient_reference", first.patient.reference.as_str()),
        ("birth_date", &first.patient.birth_date),
        ("note", "Bitte anrufen."),
    ] {
        let upload = Upload::bare(of_two(&first.patient, &second.patient)).saying(field, json!(value));
        let reply = practice.software.upload(&upload).problem(422, "invalid").json();
        let error = &reply["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(format!("/metadata/{field}")), &json!("not-one-patient"))
        );
    }
    assert!(first.list().is_empty() && second.list().is_empty());
}
