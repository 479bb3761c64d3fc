//! CDA: what hospitals send arrives with values and in plain words, is corrected, and does nothing but tell.

use serde_json::json;

use crate::{
    house::{House, number},
    paper::{Upload, fixture},
    people::{CANARY, Patient},
};

promises![
    a_laboratory_report_arrives_with_values_and_their_places,
    a_newer_version_takes_the_place_of_the_older_and_says_what_changed,
    a_document_that_is_replaced_again_and_again_is_one_finding,
    a_value_that_was_never_true_takes_the_older_version_with_it,
    a_letter_is_told_in_plain_words,
    a_letter_made_of_a_pdf_is_shown_as_that,
    xml_that_brings_entities_is_refused_and_leaves_nothing,
];

/// A document for this patient under a name of its own.
fn document(name: &str, patient: &Patient, id: &str) -> Upload {
    named(&String::from_utf8(fixture(&format!("cda/{name}"))).unwrap(), patient, id)
}

fn named(text: &str, patient: &Patient, id: &str) -> Upload {
    let text = text.replace("P-20417", &patient.reference).replace("19870314", &patient.birth_date.replace('-', ""));
    Upload::cda(text.replace("L-0815", id).replace("\"B-1\"", &format!("\"{id}\"")).into_bytes())
}

fn name() -> String {
    format!("L-{CANARY}-{}", number())
}

fn a_laboratory_report_arrives_with_values_and_their_places(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let receipt = practice.software.deliver(&document("laboratory.xml", &resident.patient, &name()));
    assert_eq!((&receipt["state"], &receipt["document_class"]), (&json!("delivered"), &json!("LB120107")));
    let opened = resident.open(receipt["id"].as_str().unwrap());
    let potassium = opened["values"].as_array().unwrap().iter().find(|value| value["name"] == "Kalium").unwrap();
    assert_eq!((&potassium["quantity"]["value"], &potassium["loinc"]), (&json!("4.20"), &json!("2823-3")));
    assert_eq!((&potassium["place"], &potassium["place_text"]), (&json!("within"), &json!("im Bereich")));
    let first = format!("/values/{}/flag", opened["stands_out"][0]);
    assert_eq!(opened.pointer(&first), Some(&json!("HH")), "what is critical comes first");
}

fn a_newer_version_takes_the_place_of_the_older_and_says_what_changed(house: &House) {
    let practice = house.practice();
    let (resident, id) = (practice.resident(), name());
    let first = practice.software.deliver(&document("laboratory.xml", &resident.patient, &id));
    let text = String::from_utf8(fixture("cda/laboratory.xml")).unwrap();
    let text = text.replace("L-0815.1", "L-0815.2").replace("versionNumber value=\"1\"", "versionNumber value=\"2\"");
    let newer = named(&text.replace("value=\"4.20\"", "value=\"4.70\""), &resident.patient, &id);
    let second = practice.software.deliver(&newer);
    assert_eq!(second["replaces"], first["id"], "{second}");
    let newer = second["id"].as_str().unwrap();
    let told = resident.get(&format!("/v1/findings/{newer}/differences")).expect(200).json();
    assert_eq!(told["compared_with"], first["id"]);
    let of = |name: &str| {
        let side = |item: &&serde_json::Value, side: &str| item[side]["name"] == name;
        let items = told["items"].as_array().unwrap();
        items.iter().find(|item| side(item, "before") || side(item, "after")).cloned().unwrap_or_default()
    };
    let potassium = of("Kalium");
    let numbers = ["before", "after"].map(|side| potassium[side]["quantity"]["value"].clone());
    assert_eq!((&potassium["difference"], numbers), (&json!("changed"), [json!("4.20"), json!("4.70")]));
    assert_eq!(of("Natrium"), json!(null), "what is the same is not told");
}

/// Without a set each version is named by its own number, and names the one before.
fn a_document_that_is_replaced_again_and_again_is_one_finding(house: &House) {
    let practice = house.practice();
    let (resident, id) = (practice.resident(), name());
    let original = String::from_utf8(fixture("cda/laboratory.xml")).unwrap();
    let set = original.find("<setId").unwrap()..original.find("<recordTarget>").unwrap();
    let version = |number: u32| {
        let before = format!("<id root=\"1.2.276.0.76.3.1.999.2\" extension=\"L-0815.{}\"/>", number - 1);
        let parent = format!("<parentDocument>{before}</parentDocument>");
        let replaces = format!("<relatedDocument typeCode=\"RPLC\">{parent}</relatedDocument><component>");
        let mut text = original.clone();
        text.replace_range(set.clone(), "");
        text = text
            .replace("L-0815.1", &format!("L-0815.{number}"))
            .replace("20261118150211", &format!("2026111815021{number}"));
        if number > 1 {
            text = text.replacen("<component>", &replaces, 1);
        }
        practice.software.deliver(&named(&text, &resident.patient, &id))
    };
    let receipts = [1, 2, 3, 4].map(version);
    for (older, newer) in receipts.iter().zip(&receipts[1..]) {
        assert_eq!((&newer["state"], &newer["replaces"]), (&json!("delivered"), &older["id"]), "{newer}");
    }
    let listed = resident.get("/v1/findings?limit=50").expect(200).json();
    let current: Vec<_> =
        listed["items"].as_array().unwrap().iter().filter(|one| one["state"] == "delivered").collect();
    assert_eq!(current.len(), 1, "{listed}");
    assert_eq!(current[0]["id"], receipts[3]["id"]);
}

fn a_value_that_was_never_true_takes_the_older_version_with_it(house: &House) {
    let practice = house.practice();
    let (resident, id) = (practice.resident(), name());
    let first = practice.software.deliver(&document("laboratory.xml", &resident.patient, &id));
    let second = practice.software.deliver(&document("laboratory-corrected.xml", &resident.patient, &id));
    assert_eq!(resident.open(first["id"].as_str().unwrap())["summary"]["state"], "recalled");
    let newer = second["id"].as_str().unwrap();
    let told = resident.get(&format!("/v1/findings/{newer}/differences")).expect(200).json();
    assert_eq!(told, json!({"items": []}), "nothing is left to compare with");
}

fn a_letter_is_told_in_plain_words(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let receipt = practice.software.deliver(&document("letter.xml", &resident.patient, &name()));
    let opened = resident.open(receipt["id"].as_str().unwrap());
    assert_eq!(opened["summary"]["title"], "Entlassungsbrief");
    let words = opened.to_string();
    assert!(words.contains("Luftnot & Fieber seit 3 Tagen") && !words.contains("Kein Fieber"), "{words}");
    assert!(!words.contains("javascript") && !words.contains("linkHtml"), "{words}");
}

fn a_letter_made_of_a_pdf_is_shown_as_that(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let receipt = practice.software.deliver(&document("letter-pdf.xml", &resident.patient, &name()));
    let content = resident.content(receipt["id"].as_str().unwrap()).expect(200);
    assert!(content.body.starts_with(b"%PDF-"));
}

fn xml_that_brings_entities_is_refused_and_leaves_nothing(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    for (wrong, code) in [
        ("doctype-entities.xml", "cda-doctype"),
        ("doctype-external.xml", "cda-doctype"),
        ("two-patients.xml", "cda-two-patients"),
        ("truncated.xml", "cda-truncated"),
        ("no-patient.xml", "cda-no-patient"),
    ] {
        practice.software.upload(&document(wrong, &resident.patient, &name())).problem(422, code);
    }
    assert!(resident.list().is_empty());
}
