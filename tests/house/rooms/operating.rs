//! For those who run it: the program says what is wrong and rather does not start than put findings at risk.

use std::fs;

use serde_json::Value;

use crate::{
    house::House,
    paper::Upload,
    people::Practice,
    server::{Server, Setup},
};

promises![
    a_missing_root_key_stops_the_start,
    another_root_key_stops_the_start,
    a_wrong_configuration_stops_the_start_with_its_line,
    a_taken_port_is_told,
    the_commands_tell_what_they_did,
    a_healthcheck_tells_the_truth,
    everything_is_there_after_a_restart,
    sr_a03_passwords_of_staff_are_not_too_simple,
];

fn refused(server: &Server, words: &str) {
    let output = server.run(&["serve"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains(words), "{said}");
}

/// Somebody restored the database and forgot the key.
fn a_missing_root_key_stops_the_start(house: &House) {
    let server = house.own_server(Setup::default());
    let resident = Practice::add(&server).resident();
    server.stop();
    let (key, safe) = (server.path("data/root.key"), server.path("safe.key"));
    fs::rename(&key, &safe).unwrap();
    refused(&server, "root.key");
    assert!(!key.exists(), "no new key takes its place");
    fs::rename(&safe, &key).unwrap();
    server.restart();
    resident.get("/v1/me").expect(200);
}

fn another_root_key_stops_the_start(house: &House) {
    let (server, other) = (house.own_server(Setup::default()), house.own_server(Setup::default()));
    server.stop();
    fs::copy(other.path("data/root.key"), server.path("data/root.key")).unwrap();
    refused(&server, "root.key");
}

fn a_wrong_configuration_stops_the_start_with_its_line(house: &House) {
    let server = house.own_server(Setup::default());
    server.stop();
    let file = server.path("nahraum.toml");
    let good = fs::read_to_string(&file).unwrap();
    let cases = [
        ("shutdown_timeout_seconds = 5", "shutdown_timeout_secs = 5", "did you mean"),
        ("127.0.0.1:", "0.0.0.0:", "which others can reach"),
        ("http://localhost", "http://befunde.example.org", "https only"),
    ];
    for (from, to, words) in cases {
        fs::write(&file, good.replacen(from, to, 1)).unwrap();
        refused(&server, words);
        let checked = server.run(&["check-config"]);
        assert_eq!(checked.status.code(), Some(4), "{to}");
    }
    fs::write(&file, &good).unwrap();
    server.cli(&["check-config"]);
}

fn a_taken_port_is_told(house: &House) {
    let server = house.own_server(Setup::default());
    let output = server.run(&["serve"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot listen on 127.0.0.1"));
    server.get("/readyz").expect(200);
}

fn the_commands_tell_what_they_did(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let listed = server.cli(&["organisation", "list"]);
    assert!(listed.contains(&practice.id) && listed.contains(&practice.name), "{listed}");
    server.cli(&["migrate", "--status"]);
    server.cli(&["migrate"]);
    let shown = server.cli(&["config"]);
    assert!(shown.contains("[server]") && shown.contains("public_url"), "{shown}");
    let nobody =
        server.run(&["staff", "add", "--organisation", "01934000-0000-7000-8000-000000000000", "--login", "x"]);
    assert_ne!(nobody.status.code(), Some(0), "no password on standard input");
    let document: Value = serde_json::from_str(&openapi()).expect("JSON");
    assert_eq!(document, server.get("/v1/openapi.json").expect(200).json());
}

fn openapi() -> String {
    let output = std::process::Command::new(crate::processes::nahraum()).arg("openapi").output().expect("an end");
    String::from_utf8(output.stdout).expect("text")
}

fn a_healthcheck_tells_the_truth(house: &House) {
    let server = house.own_server(Setup::default());
    server.cli(&["healthcheck"]);
    server.stop();
    assert_eq!(server.run(&["healthcheck"]).status.code(), Some(1));
}

fn everything_is_there_after_a_restart(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let upload = Upload::pdf(&resident.patient);
    let finding = practice.software.deliver(&upload)["id"].as_str().unwrap().to_owned();
    let cursor = {
        practice.software.deliver(&Upload::pdf(&resident.patient));
        resident.get("/v1/findings?limit=1").expect(200).text("/next_cursor")
    };
    assert_eq!(server.stop(), Some(0));
    server.restart();
    assert_eq!(resident.content(&finding).expect(200).body, upload.bytes());
    resident.get(&format!("/v1/findings?limit=1&cursor={cursor}")).expect(200);
    practice.software.upload(&upload).expect(201);
    assert_eq!(resident.list().len(), 2);
}

fn sr_a03_passwords_of_staff_are_not_too_simple(house: &House) {
    let practice = house.practice();
    for weak in ["kurz", "passwort1234", "1234567890123456"] {
        let file = house.server().secret_file("weak", weak);
        let output = house.server().run(&[
            "staff",
            "add",
            "--organisation",
            &practice.id,
            "--login",
            "schwach@praxis",
            "--password-file",
            file.to_str().unwrap(),
        ]);
        assert_eq!(output.status.code(), Some(1), "{weak}: {output:?}");
    }
}
