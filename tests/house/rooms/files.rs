//! Files that must not get in: each is refused with its reason, and nothing of it stays.

use serde_json::json;

use crate::{
    house::House,
    paper::{Report, Upload, fixture, named, pdf_of},
    people::{Patient, Practice, Resident},
    raw,
};

promises![
    bad_files_are_refused_with_their_reason_and_leave_nothing,
    a_bad_file_is_refused_in_a_preview_too,
    too_large_is_too_large,
    a_file_too_large_by_hand_is_told_so,
    a_form_must_be_whole,
    other_bodies_are_not_read,
    a_broken_upload_leaves_nothing,
];

/// File, status and code.
const BAD: [(&str, u16, &str); 20] = [
    ("pdf/truncated.pdf", 422, "pdf-truncated"),
    ("pdf/encrypted.pdf", 422, "pdf-encrypted"),
    ("pdf/empty.pdf", 422, "file-empty"),
    ("pdf/no-pages.pdf", 422, "pdf-no-pages"),
    ("pdf/program-named.pdf", 415, "file-type-unsupported"),
    ("pdf/with-zip-behind.pdf", 422, "file-type-polyglot"),
    ("pdf/script-in-front.pdf", 422, "file-type-polyglot"),
    ("image/truncated.jpg", 422, "image-truncated"),
    ("fhir/two-patients.json", 422, "fhir-two-patients"),
    ("fhir/subject-mismatch.json", 422, "fhir-subject-mismatch"),
    ("fhir/duplicate-resource-type.json", 422, "fhir-duplicate-key"),
    ("fhir/duplicate-subject.json", 422, "fhir-duplicate-key"),
    ("fhir/depth-3000.json", 422, "fhir-too-deep"),
    ("fhir/truncated.json", 422, "fhir-truncated"),
    ("fhir/utf-16.json", 422, "fhir-not-utf8"),
    ("fhir/latin-1.json", 422, "fhir-not-utf8"),
    ("fhir/bundle.xml", 422, "fhir-xml"),
    ("fhir/bad-base64.json", 422, "fhir-bad-base64"),
    ("fhir/document-reference-cut-pdf.json", 422, "fhir-embedded-document"),
    ("fhir/document-reference-linked.json", 422, "fhir-document-only-linked"),
];

/// Everything that anyone can see of a practice's deliveries.
fn seen(practice: &Practice, resident: &Resident) -> String {
    let receipts = practice.staff.get("/v1/practice/findings").expect(200).items();
    let log = resident.log().iter().filter(|l| l["action"] != "list").cloned().collect::<Vec<_>>();
    format!("{receipts:?} {:?} {:?} {log:?}", practice.staff.inbox(), resident.list())
}

/// The example file with our patient in it, as far as it is text.
fn bad_file(name: &str, patient: &Patient) -> Vec<u8> {
    if String::from_utf8(fixture(name)).is_ok() { named(name, patient) } else { fixture(name) }
}

fn bad_files_are_refused_with_their_reason_and_leave_nothing(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    practice.software.deliver(&Upload::pdf(&resident.patient));
    let before = seen(&practice, &resident);
    for (name, status, code) in BAD {
        let upload =
            Upload::file(&resident.patient, bad_file(name, &resident.patient)).declared("b.pdf", "application/pdf");
        let problem = practice.software.upload(&upload).expect(status).json();
        assert_eq!(problem["code"], code, "{name}");
        assert!(problem["title"].as_str().is_some_and(|t| t.ends_with('.')), "{name}: a sentence");
        if name.starts_with("fhir/") && !name.contains("pdf") {
            let alone = Upload::fhir(bad_file(name, &resident.patient));
            assert_eq!(practice.software.upload(&alone).expect(status).json()["code"], code, "{name} alone");
        }
    }
    assert_eq!(before, seen(&practice, &resident), "nothing of them stays");
    // The way is free after all of them.
    practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
}

fn a_bad_file_is_refused_in_a_preview_too(house: &House) {
    let practice = house.practice();
    let patient = Patient::new();
    for (name, status, code) in BAD {
        let upload = Upload::file(&patient, bad_file(name, &patient)).dry_run();
        assert_eq!(practice.software.upload(&upload).expect(status).json()["code"], code, "{name}");
    }
    let problem =
        practice.software.upload(&Upload::fhir(bad_file("fhir/two-patients.json", &patient)).dry_run()).json();
    assert_eq!(problem["errors"][0]["pointer"], "/entry/16/resource", "the place is named");
}

fn too_large_is_too_large(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let limit = house.server().get("/v1/server").expect(200).json()["max_upload_bytes"].as_u64().unwrap();
    assert_eq!(limit, 25 * 1024 * 1024);
    // Some clients see the connection close before they have sent everything; the answer must be there all the same.
    let upload = Upload::file(&resident.patient, pdf_of(26 * 1024 * 1024));
    let call = practice.software.call("POST", upload.path());
    match upload.on(call).try_send() {
        Ok(reply) => drop(reply.problem(413, "too-large")),
        Err(error) => assert!(matches!(error, ureq::Error::Io(_)), "{error}"),
    }
    assert!(resident.list().is_empty());
    let words = "x".repeat(70 * 1024);
    let reply = practice.software.upload(&Upload::pdf(&resident.patient).saying("note", json!(words)));
    reply.problem(413, "too-large");
}

/// The answer comes at the headers already, before anyone has sent 26 MiB in vain.
fn a_file_too_large_by_hand_is_told_so(house: &House) {
    let practice = house.practice();
    let head = format!(
        "POST /v1/practice/findings HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\nIdempotency-Key: big\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: 99999999\r\n\r\n{{",
        practice.software.token
    );
    let reply = raw::exchange(&mut raw::connect(house.server().port()), head.as_bytes());
    assert_eq!(reply.status(), 413, "{reply:?}");
    assert!(String::from_utf8_lossy(&reply.body).contains("too-large"));
}

fn a_form_must_be_whole(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let (media_type, body) = Upload::pdf(&resident.patient).body();
    let text = String::from_utf8_lossy(&body).into_owned();
    let first_part = text.find("--house").unwrap()..text[10..].find("--house").unwrap() + 10;
    let send = |media_type: &str, body: Vec<u8>| {
        practice
            .software
            .call("POST", "/v1/practice/findings")
            .header("idempotency-key", "whole")
            .bytes(media_type, body)
            .send()
    };
    let metadata_twice = [&body[first_part.clone()], &body].concat();
    let without_file = [&body[first_part], b"--house-2fd1c0a9--\r\n"].concat();
    let cut = body[..body.len() - 40].to_vec();
    let other_name = text.replacen("name=\"file\"", "name=\"datei\"", 1).into_bytes();
    for (name, body) in [("twice", metadata_twice), ("no file", without_file), ("cut", cut), ("other", other_name)] {
        let reply = send(&media_type, body).expect(400);
        let code = reply.text("/code");
        assert!(["malformed-form", "body-incomplete"].contains(&code.as_str()), "{name}: {code}");
    }
    send("multipart/form-data", body.clone()).expect(400);
    let not_json = text.replacen("{\"author\"", "{author", 1).into_bytes();
    assert_eq!(send(&media_type, not_json).expect(400).json()["code"], "malformed-json");
    assert!(resident.list().is_empty());
    send(&media_type, body).expect(201);
}

fn other_bodies_are_not_read(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    for media_type in
        ["application/pdf", "text/plain", "application/x-www-form-urlencoded", "application/fhir+xml", "x"]
    {
        let call = practice.software.call("POST", "/v1/practice/findings").header("idempotency-key", "other");
        call.bytes(media_type, crate::paper::pdf()).send().problem(415, "unsupported-media-type");
    }
    assert!(resident.list().is_empty());
    // JSON endpoints take JSON only.
    let call = practice.staff.call("POST", "/v1/practice/upload-credentials");
    call.bytes("text/plain", b"{\"label\":\"x\"}".to_vec()).send().problem(415, "unsupported-media-type");
}

/// The cable is pulled in the middle.
fn a_broken_upload_leaves_nothing(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let before = seen(&practice, &resident);
    let upload = Upload::file(&resident.patient, pdf_of(300_000));
    let (media_type, body) = upload.body();
    let head = format!(
        "POST /v1/practice/findings HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\nIdempotency-Key: cut\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        practice.software.token,
        body.len()
    );
    for share in [0, 10, 200_000, body.len() - 1] {
        let mut stream = raw::connect(house.server().port());
        let request = [head.as_bytes(), &body[..share]].concat();
        std::io::Write::write_all(&mut stream, &request).unwrap();
        drop(stream);
    }
    assert_eq!(before, seen(&practice, &resident));
    practice.software.upload(&upload.key(Some("cut"))).expect(201);
}
