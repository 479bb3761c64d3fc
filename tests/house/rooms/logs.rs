//! The technical log: enough to find what happened, and nothing about anybody.

use serde_json::{Value, json};

use crate::{
    house::House,
    paper::{Report, Upload, fixture},
    people::{BIRTH_DATE, CANARY, PASSWORD, PIN, Patient, Practice, nobody},
    server::Setup,
};

promises![sr_l06_the_log_of_a_busy_day_tells_nothing_about_anybody];

/// What no line may contain: names, titles, references, birth dates, PINs, passwords, tokens.
const SECRETS: [&str; 12] = [
    CANARY,
    "kanarie",
    PASSWORD,
    PIN,
    BIRTH_DATE,
    "nra_",
    "nru_",
    "Meryem",
    "Beispiel",
    "Befund",
    "example.org",
    "Röntgen",
];

/// Every line that says what it must not, and every line about a fault of ours.
pub(crate) fn told_by(log: &str) -> Vec<String> {
    let bad = |line: &&str| {
        SECRETS.iter().any(|secret| line.contains(secret)) || line.contains("\"ERROR\"") || line.contains("panicked")
    };
    log.lines().filter(bad).map(|line| line.chars().take(300).collect()).collect()
}

fn sr_l06_the_log_of_a_busy_day_tells_nothing_about_anybody(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient));
    let finding = finding["id"].as_str().unwrap();
    practice.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes()));
    practice.software.deliver(&Upload::pdf(&Patient::new()));
    practice.software.upload(&Upload::file(&resident.patient, fixture("pdf/encrypted.pdf"))).expect(422);
    practice.software.upload(&Upload::pdf(&resident.patient).saying("titel", json!(CANARY))).expect(400);
    resident.open(finding);
    resident.content(finding).expect(200);
    resident.get("/v1/trends?loinc=2823-3").expect(200);
    resident.wants_mail("kanarie@example.org");
    resident.sign_in("739184").expect(401);
    let slip = practice.staff.invite(&Patient::new());
    let wrong = json!({"code": slip.code, "birth_date": "1977-07-07"});
    resident.post("/v1/me/practices", &wrong).expect(403);
    server
        .post("/v1/sessions/staff", &json!({"login": format!("{CANARY}\n{{\"level\":\"x\"}}"), "password": CANARY}))
        .expect(401);
    server.get(&format!("/v1/{CANARY}?{CANARY}={CANARY}")).expect(404);
    server.call("GET", "/v1/me").header("user-agent", CANARY).header("accept-language", CANARY).send().expect(401);
    let request = nobody();
    practice
        .staff
        .call("POST", &format!("/v1/practice/findings/{finding}/recall"))
        .header("x-request-id", &request)
        .json(&json!({"reason": "other"}))
        .send()
        .expect(200);
    server.stop();
    let log = server.log();
    assert_eq!(told_by(&log), Vec::<String>::new());
    for secret in [slip.code.as_str(), &resident.device_secret, &practice.name] {
        assert!(!log.contains(secret));
    }
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("one object a line: {e}: {line}")))
        .collect();
    let found = lines.iter().filter(|line| line.to_string().contains(&request)).count();
    assert!(found >= 1, "the request is in the log under its name");
    assert!(lines.iter().all(|line| line["level"].is_string() && line["timestamp"].is_string()));
}
