//! Reading: residents see their findings, whole or in parts, in their language, and who else looked or tried to.

use serde_json::{Value, json};

use crate::{
    house::House,
    http::Reply,
    paper::{Report, Upload, pdf_of},
    people::{Practice, Resident},
};

promises![
    downloads_can_be_resumed_from_any_byte,
    a_range_behind_the_end_is_told_so,
    what_one_has_is_not_sent_again,
    a_range_of_something_else_is_the_whole,
    reading_is_marked_and_filtered,
    a_value_is_followed_over_time,
    an_export_is_a_fhir_document_without_a_name,
    everything_is_said_in_the_residents_language,
    who_looked_stands_in_the_log_in_sentences,
    who_tried_stands_in_the_log_too,
    somebody_elses_trend_is_nobodys,
];

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn begin(house: &House) -> (Practice, Resident) {
    let practice = house.practice();
    let resident = practice.resident();
    (practice, resident)
}

/// A document that lies in several chunks, and how to ask for parts of it.
fn long_document(practice: &Practice, resident: &Resident) -> (String, Vec<u8>) {
    let upload = Upload::file(&resident.patient, pdf_of(200_000));
    (id(&practice.software.deliver(&upload)), upload.bytes().to_vec())
}

fn part(resident: &Resident, finding: &str, range: &str) -> Reply {
    resident.call("GET", &format!("/v1/findings/{finding}/content")).header("range", range).send()
}

fn downloads_can_be_resumed_from_any_byte(house: &House) {
    let (practice, resident) = begin(house);
    let (finding, bytes) = long_document(&practice, &resident);
    let size = bytes.len();
    let cases = [
        ("bytes=0-99", 0..100),
        ("bytes=0-0", 0..1),
        ("bytes=65535-65536", 65_535..65_537),
        ("bytes=65536-131071", 65_536..131_072),
        ("bytes=100000-", 100_000..size),
        ("bytes=-500", size - 500..size),
        ("bytes=-9999999", 0..size),
        ("bytes=100-9999999", 100..size),
    ];
    for (range, expected) in cases {
        let reply = part(&resident, &finding, range).expect(206);
        let content_range = format!("bytes {}-{}/{size}", expected.start, expected.end - 1);
        assert_eq!(reply.header("content-range"), Some(content_range.as_str()), "{range}");
        assert!(reply.body == bytes[expected], "{range}: other bytes");
    }
    let whole = resident.content(&finding).expect(200);
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let etag = whole.header("etag").unwrap().to_owned();
    assert!(etag.starts_with('"') && etag.len() == 66, "a strong tag: {etag}");
    let path = format!("/v1/findings/{finding}/content");
    let resumed = resident.call("GET", &path).header("range", "bytes=150000-").header("if-range", &etag).send();
    assert!(resumed.expect(206).body == bytes[150_000..]);
    let other = resident.call("GET", &path).header("range", "bytes=150000-").header("if-range", "\"other\"").send();
    assert!(other.expect(200).body == bytes, "another version is sent whole");
}

fn a_range_behind_the_end_is_told_so(house: &House) {
    let (practice, resident) = begin(house);
    let (finding, bytes) = long_document(&practice, &resident);
    for range in [format!("bytes={}-", bytes.len()), "bytes=99999999-".into(), "bytes=-0".into()] {
        let reply = part(&resident, &finding, &range).problem(416, "range-not-satisfiable");
        assert_eq!(reply.header("content-range"), Some(format!("bytes */{}", bytes.len()).as_str()), "{range}");
    }
}

fn what_one_has_is_not_sent_again(house: &House) {
    let (practice, resident) = begin(house);
    let (finding, _) = long_document(&practice, &resident);
    let path = format!("/v1/findings/{finding}/content");
    let etag = resident.content(&finding).expect(200).header("etag").unwrap().to_owned();
    for condition in [etag.clone(), format!("\"x\", {etag}"), format!("W/{etag}"), "*".into()] {
        let reply = resident.call("GET", &path).header("if-none-match", &condition).send().expect(304);
        assert_eq!(reply.header("etag"), Some(etag.as_str()), "{condition}");
    }
    resident.call("GET", &path).header("if-none-match", "\"x\"").send().expect(200);
}

/// Several ranges, other units and nonsense are ignored, as RFC 9110 allows.
fn a_range_of_something_else_is_the_whole(house: &House) {
    let (practice, resident) = begin(house);
    let (finding, bytes) = long_document(&practice, &resident);
    for range in ["items=0-1", "bytes=5-2", "bytes=x", "0-99", "bytes=0-1,5-6", "bytes="] {
        assert!(part(&resident, &finding, range).expect(200).body == bytes, "{range}");
    }
}

fn reading_is_marked_and_filtered(house: &House) {
    let (practice, resident) = begin(house);
    let early = Upload::pdf(&resident.patient).saying("date", json!("2025-05-05"));
    let early = id(&practice.software.deliver(&early));
    let late = id(&practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes())));
    let ids = |query: &str| -> Vec<String> {
        let items = resident.get(&format!("/v1/findings{query}")).expect(200).items();
        items.iter().map(id).collect()
    };
    assert_eq!(ids(""), [late.clone(), early.clone()], "newest first, by the day of the examination");
    assert_eq!(ids("?kind=laboratory"), std::slice::from_ref(&late));
    assert_eq!(ids("?kind=imaging&to=2025-05-05"), std::slice::from_ref(&early));
    assert_eq!(ids("?from=2025-05-06"), std::slice::from_ref(&late));
    assert!(ids("?kind=letter").is_empty());
    assert_eq!(ids(&format!("?practice={}", practice.id)).len(), 2);
    assert_eq!(ids(&format!("?practice={}", crate::people::nobody())).len(), 0);
    let mark = || resident.call("PUT", &format!("/v1/findings/{late}/read")).send().expect(204);
    mark();
    mark();
    assert_eq!(ids("?unread=true"), [early]);
    assert_eq!(resident.open(&late)["summary"]["read"], true);
    let marks = resident.log().iter().filter(|line| line["action"] == "mark-read").count();
    assert_eq!(marks, 1, "the first time counts");
    for bad in ["?kind=alles", "?from=gestern", "?practice=x"] {
        resident.get(&format!("/v1/findings{bad}")).problem(422, "invalid");
    }
}

fn a_value_is_followed_over_time(house: &House) {
    let (practice, resident) = begin(house);
    for value in ["6.90", "5.00", "4.10"] {
        let report = Report::new(&resident.patient).potassium(value);
        practice.software.deliver(&Upload::fhir(report.bytes()));
    }
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    assert_eq!((&trend["name"], &trend["loinc"]), (&json!("Kalium"), &json!("2823-3")));
    let values: Vec<&str> =
        trend["points"].as_array().unwrap().iter().map(|p| p["value"]["quantity"]["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["6.90", "5.00", "4.10"], "oldest first");
    assert_eq!(trend["segments"], json!([{"points": 3, "because": []}]), "one laboratory, one unit, one method");
    let finding = trend["points"][2]["finding_id"].as_str().unwrap();
    let values = resident.open(finding)["values"].as_array().unwrap().clone();
    let potassium = values.iter().find(|v| v["loinc"] == "2823-3").unwrap();
    let code = potassium["local_code"].as_str().unwrap().replace('|', "%7C");
    let local = resident.get(&format!("/v1/trends?local_code={code}")).expect(200).json();
    assert_eq!(local["points"].as_array().unwrap().len(), 3);
    resident.get("/v1/trends?loinc=9999-9").problem(404, "not-found");
    for query in ["", "?loinc=2823-3&local_code=K"] {
        resident.get(&format!("/v1/trends{query}")).problem(422, "invalid");
    }
    practice.staff.recall(finding).expect(200);
    let trend = resident.get("/v1/trends?loinc=2823-3").expect(200).json();
    assert_eq!(trend["points"].as_array().unwrap().len(), 2, "what was taken back leaves the curve");
}

fn an_export_is_a_fhir_document_without_a_name(house: &House) {
    let (practice, resident) = begin(house);
    let report = id(&practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes())));
    let upload = Upload::pdf(&resident.patient);
    let pdf = id(&practice.software.deliver(&upload));
    let export = |finding: &str| resident.get(&format!("/v1/findings/{finding}/fhir")).expect(200);
    let bundle = export(&report);
    let json = bundle.json();
    assert_eq!((&json["resourceType"], &json["type"]), (&json!("Bundle"), &json!("document")));
    let kinds: Vec<&str> =
        json["entry"].as_array().unwrap().iter().map(|e| e["resource"]["resourceType"].as_str().unwrap()).collect();
    assert_eq!(kinds[0], "Composition", "a document begins with its composition");
    assert_eq!(kinds.iter().filter(|k| **k == "Observation").count(), 13);
    let text = String::from_utf8(bundle.body).unwrap();
    for private in ["Meryem", "Beispiel\"", "1961-03-14", resident.patient.reference.as_str(), "A123456780"] {
        assert!(!text.contains(private), "{private} is in the export");
    }
    let with_document = export(&pdf).json();
    let data: Vec<String> = with_document["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| {
            let resource = &e["resource"];
            resource["data"]
                .as_str()
                .or_else(|| resource["content"][0]["attachment"]["data"].as_str())
                .map(str::to_owned)
        })
        .collect();
    assert!(!data.is_empty() && data[0].starts_with("JVBERi"), "the PDF is inside");
    // What was exported can be sent to another practice's server: it is FHIR that this server reads.
    let other = practice.resident();
    let again = Upload::bare(text.into_bytes())
        .saying("patient_reference", json!(other.patient.reference))
        .saying("birth_date", json!(other.patient.birth_date));
    let receipt = practice.software.upload(&again).expect(201).json();
    assert_eq!(receipt["documents"][0]["value_count"], 13);
}

fn everything_is_said_in_the_residents_language(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&crate::people::Patient::new());
    let resident = Resident::activate_in(&slip, house.server(), "tr");
    practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
    let turkish = resident.get("/v1/findings").expect(200);
    assert_eq!(turkish.header("content-language"), Some("tr"));
    let label = turkish.items()[0]["kind_label"].clone();
    let asked = resident.call("GET", "/v1/findings").header("accept-language", "ar, de;q=0.5").send().expect(200);
    assert_eq!(asked.header("content-language"), Some("ar"));
    assert_ne!(asked.items()[0]["kind_label"], label);
    assert_eq!(asked.items()[0]["title"], turkish.items()[0]["title"], "the practice's words are never translated");
    let line =
        resident.call("GET", "/v1/access-log").header("accept-language", "ar").send().expect(200).items()[0].clone();
    assert_eq!((&line["lang"], &line["dir"]), (&json!("ar"), &json!("rtl")));
    resident.call("PATCH", "/v1/me").json(&json!({"language": "en"})).send().expect(200);
    assert_eq!(resident.get("/v1/findings").expect(200).header("content-language"), Some("en"));
    resident.call("PATCH", "/v1/me").json(&json!({"language": "xx"})).send().problem(422, "invalid");
}

fn who_looked_stands_in_the_log_in_sentences(house: &House) {
    let (practice, resident) = begin(house);
    let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    resident.list();
    resident.open(&finding);
    resident.content(&finding).expect(200);
    resident.get(&format!("/v1/findings/{finding}/fhir")).expect(200);
    practice.staff.recall(&finding).expect(200);
    let log = resident.log();
    let told: Vec<(&str, &str)> =
        log.iter().map(|l| (l["actor"].as_str().unwrap(), l["action"].as_str().unwrap())).collect();
    let expected = [
        ("practice-staff", "recall"),
        ("you", "export"),
        ("you", "download"),
        ("you", "open"),
        ("you", "list"),
        ("practice-software", "deliver"),
        ("you", "activate"),
    ];
    assert_eq!(told, expected, "newest first");
    assert_eq!(log[0]["organisation"], practice.name);
    assert!(log[0]["sentence"].as_str().unwrap().contains(&practice.name));
    assert_eq!(log[3]["sentence"], "Sie haben einen Befund geöffnet.");
    assert!(log.iter().all(|l| l["outcome"] == "done" && l["basis"].is_string()));
    assert_eq!((&log[3]["basis"], &log[0]["basis"]), (&json!("own"), &json!("treatment-delivery")));
}

/// A stranger with the id learns nothing, and the owner sees the attempt in their own language.
fn who_tried_stands_in_the_log_too(house: &House) {
    let (practice, resident) = begin(house);
    let stranger = practice.resident();
    let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    for (what, action) in [("", "open"), ("/content", "download"), ("/fhir", "export")] {
        stranger.get(&format!("/v1/findings/{finding}{what}")).problem(404, "not-found");
        let line = resident.log()[0].clone();
        assert_eq!((&line["action"], &line["outcome"]), (&json!(action), &json!("denied")));
        assert_eq!((&line["actor"], &line["finding_id"]), (&json!("someone-else"), &json!(finding)));
        assert!(line["basis"].is_null());
        assert!(line["sentence"].as_str().unwrap().contains("abgelehnt"), "{line}");
        assert!(!line.to_string().contains(&stranger.id), "who it was is not told");
    }
    practice.staff.get(&format!("/v1/findings/{finding}")).problem(403, "forbidden");
    let line = resident.log()[0].clone();
    assert_eq!((&line["actor"], &line["outcome"]), (&json!("practice-staff"), &json!("denied")));
    assert!(stranger.log().iter().all(|l| l["finding_id"] != json!(finding)), "it is not in the stranger's log");
}

fn somebody_elses_trend_is_nobodys(house: &House) {
    let (practice, resident) = begin(house);
    practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
    practice.resident().get("/v1/trends?loinc=2823-3").problem(404, "not-found");
}
