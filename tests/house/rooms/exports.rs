//! Taking everything away: a copy that opens without us, that is complete or an error, and that holds what its resident may
//! see and nothing else.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    process::Stdio,
};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::{
    house::House,
    paper::{Report, Upload, noise, sha256},
    people::{Patient, Practice, Resident, nobody},
    processes, raw,
    server::{Server, Setup},
};

promises![
    sr_p01_a_copy_holds_everything_that_is_listed_and_its_manifest_says_so,
    sr_p01_a_copy_holds_nothing_that_the_resident_cannot_see,
    sr_a08_a_copy_needs_a_fresh_sign_in,
    the_page_is_in_the_language_and_direction_of_its_reader,
    the_log_in_a_copy_verifies_without_any_server,
    what_is_taken_back_meanwhile_is_left_out_and_named,
    a_copy_that_breaks_off_is_no_archive,
    two_copies_at_once_are_enough,
    a_copy_is_for_its_resident_and_nobody_else,
    sr_z09_every_decision_is_a_consent_for_other_programs,
];

/// The files of an archive, by name; all checksums of the archive are compared on the way.
pub(crate) fn unpack(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut files = BTreeMap::new();
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("the checksum fits");
        let name = file.name().expect("a name in UTF-8").into_owned();
        assert!(!name.starts_with('/') && !name.contains(".."), "{name}");
        files.insert(name, content);
    }
    files
}

fn take(resident: &Resident) -> BTreeMap<String, Vec<u8>> {
    resident.sign_in_again();
    let reply = resident.get("/v1/export").expect(200);
    assert_eq!(reply.header("content-type"), Some("application/zip"));
    unpack(&reply.body)
}

fn json_of(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn within<'a>(files: &'a BTreeMap<String, Vec<u8>>, folder: &'a str) -> Vec<(&'a String, &'a Vec<u8>)> {
    files.iter().filter(|(name, _)| name.starts_with(folder)).collect()
}

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn sr_p01_a_copy_holds_everything_that_is_listed_and_its_manifest_says_so(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let mut sent = Vec::new();
    for _ in 0..3 {
        practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
        sent.push(id(&practice.software.deliver(&Upload::pdf(&resident.patient))));
    }
    let said = json!({"said": "Kanarie: das ist nicht meine Größe."});
    resident.post(&format!("/v1/findings/{}/corrections", sent[0]), &said).expect(201);
    resident.post("/v1/questions", &json!({"said": "Kanarie: warum?"})).expect(201);
    resident.sign_in_again();
    let share = json!({"organisation": practice.id, "called": "Kanarie"});
    resident.post("/v1/shares", &share).expect(201);
    let files = take(&resident);
    let listed = resident.list();
    let documents = within(&files, "documents/");
    assert_eq!((listed.len(), within(&files, "fhir/").len(), documents.len()), (6, 6, 3));
    // Every byte is the one that the practice sent.
    let mut expected: Vec<String> = sent.iter().map(|id| sha256(&resident.content(id).expect(200).body)).collect();
    let mut found: Vec<String> = documents.iter().map(|(_, bytes)| sha256(bytes)).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    // Each FHIR document leads to its file.
    let links = within(&files, "fhir/").into_iter().filter_map(|(_, bytes)| {
        let bundle: Value = serde_json::from_slice(bytes).unwrap();
        assert!(!bundle.to_string().contains("\"Binary\""), "the bytes lie beside it");
        let main = &bundle["entry"][3]["resource"];
        main["content"][0]["attachment"]["url"].as_str().map(str::to_owned)
    });
    let decoded = |link: String| percent_decoded(link.strip_prefix("../").expect("a link beside"));
    let mut links: Vec<String> = links.map(decoded).collect();
    links.sort();
    assert_eq!(links, documents.iter().map(|(name, _)| (*name).clone()).collect::<Vec<_>>());
    let page = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(listed.iter().all(|finding| page.contains(finding["title"].as_str().unwrap())), "every title");
    assert_eq!((page.matches("<article>").count(), page.contains("5.10")), (6, true));
    let said = json_of(&files, "corrections.json")["corrections"][0]["said"].clone();
    assert_eq!(said, json!("Kanarie: das ist nicht meine Größe."));
    assert_eq!(json_of(&files, "questions.json")["questions"][0]["said"], json!("Kanarie: warum?"));
    assert_eq!(json_of(&files, "decisions.json")["decisions"].as_array().unwrap().len(), 2);
    assert_eq!(within(&files, "decisions/").len(), 2);
    manifest_is_true(&files, &practice.server, &resident, 6);
    // A line for the copy, and one for each finding.
    assert!(resident.logged("export-everything", "done", None));
    assert!(listed.iter().all(|finding| resident.logged("export", "done", finding["id"].as_str())));
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Every file with its hash, the manifest last, and the signature over it by the key that the app knows.
fn manifest_is_true(files: &BTreeMap<String, Vec<u8>>, server: &Server, resident: &Resident, findings: usize) {
    let manifest = json_of(files, "manifest.json");
    assert_eq!((&manifest["complete"], &manifest["findings"]), (&json!(true), &json!(findings)));
    let text = |name: &str| manifest[name].as_str().unwrap().to_owned();
    let mut listing = format!("{} {} {}\n", text("format"), resident.id, text("made_at"));
    let told = manifest["files"].as_array().unwrap();
    for file in told {
        let (name, hash) = (file["name"].as_str().unwrap(), file["sha256"].as_str().unwrap());
        assert_eq!((hash, &file["size"]), (sha256(&files[name]).as_str(), &json!(files[name].len())), "{name}");
        listing.push_str(&format!("{hash}  {name}\n"));
    }
    assert_eq!(told.len() + 1, files.len(), "all but itself");
    let key = server.get("/v1/server").expect(200).text("/log_key");
    assert_eq!(text("key"), key);
    let key = UnparsedPublicKey::new(&ED25519, unhex(&key));
    key.verify(listing.as_bytes(), &unhex(&text("signature"))).expect("the server's signature");
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Taken back before, not confirmed, held back by the physician, and in an inbox. What is put away is the resident's own.
fn sr_p01_a_copy_holds_nothing_that_the_resident_cannot_see(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let kept = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let back = Upload::pdf(&resident.patient);
    let recalled = id(&practice.software.deliver(&back));
    practice.staff.recall(&recalled).expect(200);
    let away = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    let change = json!({"treatment": "put-away"});
    resident.call("PATCH", &format!("/v1/findings/{away}")).json(&change).send().expect(204);
    let waits = Upload::pdf(&resident.patient);
    waits.on(practice.software.call("POST", "/v1/practice/findings?hold_days=5")).send().expect(201);
    let unclear = Upload::pdf(&Patient::new());
    practice.software.deliver(&unclear);
    // Another practice has posted a slip that it has not confirmed yet.
    let other = house.own_practice();
    let letter = other.staff.invite_by_letter(&Patient::new());
    let held = Upload::pdf(&letter.patient);
    other.software.deliver(&held);
    let code = json!({"code": letter.code, "birth_date": letter.patient.birth_date});
    resident.post("/v1/me/practices", &code).expect(201);
    let files = take(&resident);
    let documents = within(&files, "documents/");
    let mut expected = [&kept, &away].map(|id| sha256(&resident.content(id).expect(200).body));
    let mut found: Vec<String> = documents.iter().map(|(_, bytes)| sha256(bytes)).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for hidden in [&back, &waits, &unclear, &held] {
            assert!(!text.contains(&hidden.title()), "{name}");
        }
    }
    let manifest = json_of(&files, "manifest.json");
    assert_eq!(manifest["left_out"], json!([{"finding_id": recalled, "why": "recalled"}]));
    let page = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(page.contains("Die Praxis hat diesen Befund zurückgezogen."));
    manifest_is_true(&files, &practice.server, &resident, 2);
}

fn sr_a08_a_copy_needs_a_fresh_sign_in(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let resident = Practice::add(&server).resident();
    let ask = || server.call("GET", "/v1/export").token(&resident.token).send();
    server.stop_clock(299);
    ask().expect(200);
    server.stop_clock(301);
    ask().problem(403, "step-up-required");
}

fn the_page_is_in_the_language_and_direction_of_its_reader(house: &House) {
    let practice = house.practice();
    for (language, dir) in [("ar", "rtl"), ("tr", "ltr")] {
        let resident = Resident::activate_in(&practice.staff.invite(&Patient::new()), &practice.server, language);
        practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
        let files = take(&resident);
        let page = String::from_utf8(files["index.html"].clone()).unwrap();
        assert!(page.contains(&format!("<html lang=\"{language}\" dir=\"{dir}\">")));
        assert!(
            !page.contains("<script") && !page.contains("http://") && !page.contains("https://"),
            "needs no network"
        );
        let readme = String::from_utf8(files["README.txt"].clone()).unwrap();
        assert!(readme.contains("manifest.json") && !readme.contains("{key}"));
    }
}

fn the_log_in_a_copy_verifies_without_any_server(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let finding = id(&practice.software.deliver(&Upload::pdf(&resident.patient)));
    resident.open(&finding);
    let files = take(&resident);
    let log = json_of(&files, "access-log.json");
    let actions: Vec<String> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let body: Value = serde_json::from_str(entry["body"].as_str().unwrap()).unwrap();
            body["action"].as_str().unwrap().to_owned()
        })
        .collect();
    // The copy's own lines are in it: they were there before its bytes.
    assert!(actions.ends_with(&["export-everything".to_owned(), "export".to_owned()]), "{actions:?}");
    let key = server.get("/v1/server").expect(200).text("/log_key");
    server.stop();
    let file = server.path("taken.json");
    let verify = |bytes: &[u8]| {
        std::fs::write(&file, bytes).unwrap();
        let mut command = processes::command(processes::nahraum());
        command.args(["audit", "verify-export", file.to_str().unwrap(), "--key", &key]).env_clear();
        command.current_dir(server.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
        processes::start(command).wait_with_output().unwrap().status.code()
    };
    assert_eq!(verify(&files["access-log.json"]), Some(0));
    let text = String::from_utf8(files["access-log.json"].clone()).unwrap();
    assert_eq!(verify(text.replacen("\\\"open\\\"", "\\\"list\\\"", 1).as_bytes()), Some(1));
}

/// A resident with more than the buffers of a connection hold, and a copy of which only the beginning is read.
fn slow_copy(practice: &Practice, resident: &Resident) -> (std::net::TcpStream, Vec<u8>) {
    for day in 10..22 {
        let upload = Upload::file(&resident.patient, noise(1 << 20)).saying("date", json!(format!("2026-10-{day}")));
        practice.software.deliver(&upload);
    }
    resident.sign_in_again();
    let mut stream = raw::connect(practice.server.port());
    let request = practice.server.call("GET", "/v1/export").token(&resident.fresh_token()).raw();
    stream.write_all(&request).unwrap();
    let mut seen = vec![0; 64 * 1024];
    stream.read_exact(&mut seen).unwrap();
    assert!(seen.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&seen[..400]));
    (stream, seen)
}

/// Everything that still comes, and whether HTTP says that it was all of it (RFC 9112, 7.1).
fn rest_of(mut stream: std::net::TcpStream, mut seen: Vec<u8>) -> (Vec<u8>, bool) {
    let mut chunk = vec![0; 1 << 20];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return (unchunked(&seen), false),
            Ok(n) => seen.extend_from_slice(&chunk[..n]),
        }
        if seen.ends_with(b"\r\n0\r\n\r\n") {
            return (unchunked(&seen), true);
        }
    }
}

/// The body of an answer in chunks, as far as it came.
fn unchunked(answer: &[u8]) -> Vec<u8> {
    let start = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a head") + 4;
    let (mut at, mut body) = (start, Vec::new());
    while let Some(line) = answer[at..].windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&answer[at..at + line]).unwrap(), 16).unwrap();
        let from = at + line + 2;
        body.extend_from_slice(&answer[from..(from + size).min(answer.len())]);
        at = from + size + 2;
        if size == 0 || at >= answer.len() {
            break;
        }
    }
    body
}

fn what_is_taken_back_meanwhile_is_left_out_and_named(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let secret = Upload::pdf(&resident.patient).saying("date", json!("2026-01-02"));
    let last = id(&practice.software.deliver(&secret));
    let (stream, seen) = slow_copy(&practice, &resident);
    practice.staff.recall(&last).expect(200);
    let (body, is_whole) = rest_of(stream, seen);
    assert!(is_whole);
    let files = unpack(&body);
    assert_eq!(within(&files, "documents/").len(), 12);
    let manifest = json_of(&files, "manifest.json");
    assert_eq!(manifest["left_out"], json!([{"finding_id": last, "why": "recalled-meanwhile"}]));
    assert!(files.values().all(|bytes| !String::from_utf8_lossy(bytes).contains(&secret.title())));
    manifest_is_true(&files, &practice.server, &resident, 12);
}

fn a_copy_that_breaks_off_is_no_archive(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let (stream, seen) = slow_copy(&practice, &resident);
    server.kill();
    let (body, is_whole) = rest_of(stream, seen);
    assert!(!is_whole && body.len() > 60_000 && ZipArchive::new(Cursor::new(body)).is_err());
    // A document that is taken back while its own bytes go out ends the copy as well, and is not delivered by halves.
    server.restart();
    let (stream, seen) = slow_copy(&practice, &resident);
    for finding in resident.list() {
        practice.staff.recall(finding["id"].as_str().unwrap()).expect(200);
    }
    let (body, is_whole) = rest_of(stream, seen);
    assert!(!is_whole && ZipArchive::new(Cursor::new(body)).is_err());
    // The next one is whole again.
    assert_eq!(json_of(&take(&resident), "manifest.json")["findings"], 0);
}

fn two_copies_at_once_are_enough(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let _first = slow_copy(&practice, &resident);
    let (second, seen) = slow_copy(&practice, &resident);
    let refused = resident.get("/v1/export").problem(429, "try-later");
    assert!(refused.header("retry-after").is_some());
    assert!(rest_of(second, seen).1);
    // A place is free as soon as its copy has ended.
    take(&resident);
}

fn a_copy_is_for_its_resident_and_nobody_else(house: &House) {
    let practice = house.own_practice();
    practice.staff.sign_in_again();
    practice.staff.get("/v1/export").problem(403, "forbidden");
    practice.software.get("/v1/export").problem(403, "forbidden");
}

fn sr_z09_every_decision_is_a_consent_for_other_programs(house: &House) {
    let home = house.own_practice();
    let other = house.own_practice();
    let resident = home.resident();
    let finding = id(&home.software.deliver(&Upload::pdf(&resident.patient)));
    resident.sign_in_again();
    let share = json!({"organisation": other.id, "called": "Frau Anders", "days": 7, "may_download": true,
        "data": {"kinds": ["laboratory"]}});
    let share = resident.post("/v1/shares", &share).expect(201).text("/id");
    let block = resident.post("/v1/blocks", &json!({"data": {"findings": [finding]}})).expect(201).text("/id");
    let text = resident.get("/v1/consents").expect(200).text("/items/0/id");
    let consent = |id: &str| {
        let reply = resident.get(&format!("/v1/decisions/{id}/fhir")).expect(200);
        assert_eq!(reply.header("content-type"), Some("application/fhir+json"));
        let consent = reply.json();
        assert_eq!((&consent["resourceType"], &consent["id"]), (&json!("Consent"), &json!(id)));
        assert_eq!(consent["patient"]["identifier"]["value"], format!("urn:uuid:{}", resident.id));
        assert!(!String::from_utf8_lossy(&reply.body).contains("Frau Anders"), "no name");
        consent
    };
    let given = consent(&share);
    let provision = &given["provision"]["provision"][0];
    assert_eq!((&given["status"], &provision["type"]), (&json!("active"), &json!("permit")));
    assert_eq!(given["policyRule"]["coding"][0]["code"], "OPTOUT", "no is the default");
    assert_eq!(provision["actor"][0]["reference"]["identifier"]["value"], format!("urn:uuid:{}", other.id));
    assert_eq!(provision["code"][0]["coding"][0]["code"], "laboratory");
    assert_eq!(provision["action"].as_array().unwrap().len(), 2);
    let closed = consent(&block);
    let provision = &closed["provision"]["provision"][0];
    assert_eq!((&provision["type"], &provision["actor"]), (&json!("deny"), &Value::Null));
    assert_eq!(provision["data"][0]["reference"]["identifier"]["value"], format!("urn:uuid:{finding}"));
    assert_eq!(consent(&text)["policy"].as_array().unwrap().len(), 1);
    resident.call("DELETE", &format!("/v1/shares/{share}")).send().expect(204);
    let taken = consent(&share);
    assert_eq!(taken["status"], "inactive");
    assert_eq!(taken["extension"][1]["extension"][0]["valueCode"], "withdrawn");
    // Somebody else's is nothing.
    let stranger = home.resident();
    let theirs = stranger.get(&format!("/v1/decisions/{share}/fhir")).problem(404, "not-found").fingerprint();
    let missing = stranger.get(&format!("/v1/decisions/{}/fhir", nobody())).problem(404, "not-found");
    assert_eq!(theirs, missing.fingerprint());
}
