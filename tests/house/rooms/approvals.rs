//! Acts that take two persons of the operator, and that residents see what was looked at (SR-Z11, SR-L05).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    behind::Database::Main,
    house::{House, eventually},
    paper::Upload,
    people::{PIN, Practice, Resident, Staff, approved, nobody, operators, wish},
    server::{Server, Setup},
    sql::Intruder,
};

promises![
    sr_z11_nobody_agrees_to_their_own_wish_and_one_approval_does_nothing,
    sr_z11_a_key_is_destroyed_for_the_resident_that_was_agreed_to_and_once,
    sr_z11_an_approval_lasts_half_an_hour_a_wish_a_day_and_a_no_ends_both,
    sr_z11_asking_and_agreeing_take_a_fresh_sign_in_of_the_operator,
    sr_s07_a_help_line_cuts_phones_off_with_two_persons_and_once,
    sr_l05_a_look_takes_two_persons_and_the_resident_sees_it,
    sr_l05_nobody_else_and_nobody_later_looks_into_a_log,
    sr_l05_the_reason_stands_nowhere_in_the_clear_and_goes_with_the_resident,
];

/// A word that a reason has and nothing else.
const SONGBIRD: &str = "Zeisigfink";

struct Scene {
    server: Arc<Server>,
    practice: Practice,
    resident: Resident,
    ada: Staff,
    grace: Staff,
}

fn scene(house: &House, clock: bool) -> Scene {
    let server = house.own_server(Setup { clock, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    practice.software.deliver(&Upload::pdf(&resident.patient));
    let [ada, grace] = operators(&server);
    Scene { server, practice, resident, ada, grace }
}

impl Scene {
    /// Ada asks.
    fn ask(&self, act: &str, why: &str) -> String {
        self.ada.post("/v1/operator/approvals", &wish(act, why, &self.resident.id)).expect(201).text("/id")
    }

    /// Ada asks, Grace agrees.
    fn agreed(&self, act: &str, why: &str) -> String {
        approved(&self.ada, &self.grace, act, why, &self.resident.id)
    }

    /// Whether the key was destroyed with this approval.
    fn destroys(&self, resident: &str, approval: &str) -> bool {
        let output = self.server.run(&["keys", "destroy", "--resident", resident, "--approval", approval]);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        output.status.success()
    }

    /// Ada's look.
    fn log_path(approval: &str) -> String {
        format!("/v1/operator/approvals/{approval}/access-log")
    }

    fn looks(&self) -> usize {
        self.resident.log().iter().filter(|line| line["action"] == "read-log" && line["outcome"] == "done").count()
    }

    fn told(&self) -> usize {
        let events = self.resident.get("/v1/me/security-events").expect(200).items();
        events.iter().filter(|event| event["kind"] == "log-looked-at").count()
    }
}

fn decide(by: &Staff, approval: &str, word: &str) -> crate::http::Reply {
    by.call("POST", &format!("/v1/operator/approvals/{approval}/{word}")).send()
}

fn sr_z11_nobody_agrees_to_their_own_wish_and_one_approval_does_nothing(house: &House) {
    let scene = scene(house, false);
    let wishes =
        [("destroy-key", "asked"), ("read-access-log", "resident-asked")].map(|(act, why)| scene.ask(act, why));
    for id in &wishes {
        decide(&scene.ada, id, "approve").problem(403, "second-person-required");
        // Signing in anew makes nobody a second person.
        let again = Staff::sign_in(&scene.server, &scene.ada.login);
        decide(&again, id, "approve").problem(403, "second-person-required");
    }
    assert!(!scene.destroys(&scene.resident.id, &wishes[0]));
    scene.ada.get(&Scene::log_path(&wishes[1])).problem(409, "state-conflict");
    assert_eq!(scene.resident.list().len(), 1, "nothing has happened");
    let list = scene.grace.get("/v1/operator/approvals").expect(200).items();
    assert_eq!(list.len(), 2);
    assert!(list.iter().all(|wish| wish["state"] == "open" && wish["asked_by"] == scene.ada.login), "{list:?}");
    // A second person agrees: still nothing happens by itself, and an approval cannot be given twice.
    decide(&scene.grace, &wishes[0], "approve").expect(200);
    decide(&scene.grace, &wishes[0], "approve").problem(409, "state-conflict");
    assert_eq!(scene.resident.list().len(), 1);
    for unknown in [nobody(), String::from("x")] {
        decide(&scene.grace, &unknown, "approve").problem(404, "not-found");
    }
}

fn sr_z11_a_key_is_destroyed_for_the_resident_that_was_agreed_to_and_once(house: &House) {
    let scene = scene(house, false);
    let neighbour = scene.practice.resident();
    let approval = scene.agreed("destroy-key", "mistake");
    assert!(!scene.destroys(&neighbour.id, &approval), "another resident");
    assert!(!scene.destroys(&scene.resident.id, &scene.agreed("read-access-log", "authority")), "another act");
    assert!(!scene.destroys(&scene.resident.id, &nobody()), "no approval");
    assert_eq!((scene.resident.list().len(), neighbour.list().len()), (1, 0));
    assert!(scene.destroys(&scene.resident.id, &approval));
    scene.resident.get("/v1/findings").expect(401);
    assert!(!scene.destroys(&scene.resident.id, &approval), "used up");
    let list = scene.grace.get("/v1/operator/approvals").expect(200).items();
    let used = list.iter().find(|wish| wish["id"] == approval).unwrap();
    assert_eq!((&used["state"], &used["decided_by"]), (&json!("used"), &json!(scene.grace.login)));
    assert!(used["used_at"].is_string() && used["reason"].is_null(), "{used}");
    let reasons = scene.server.ask(Main, "reason", "FROM erasures");
    assert_eq!(reasons, ["mistake"], "the ledger has the reason that was agreed to");
    let erased = "FROM access_log WHERE action = 'erase' AND actor_kind = 'operator'";
    // The command has written it down; the server links it a moment later.
    eventually(|| scene.server.ask(Main, "count(*)", erased) == ["1"]);
    neighbour.get("/v1/findings").expect(200);
    decide(&scene.ada, &approval, "deny").problem(409, "state-conflict");
}

fn sr_z11_an_approval_lasts_half_an_hour_a_wish_a_day_and_a_no_ends_both(house: &House) {
    let scene = scene(house, true);
    let start = scene.server.now();
    let at = |second: u64| {
        scene.server.stop_clock_at(start + second);
        [&scene.ada, &scene.grace].iter().for_each(|person| person.sign_in_again());
    };
    at(0);
    let approval = scene.agreed("destroy-key", "asked");
    let waiting = scene.ask("destroy-key", "unused");
    at(30 * 60);
    assert!(!scene.destroys(&scene.resident.id, &approval), "half an hour, to the second");
    at(24 * 3600 - 1);
    decide(&scene.grace, &waiting, "approve").expect(200);
    // Whoever has agreed, or asked, can still say no.
    assert_eq!(decide(&scene.ada, &waiting, "deny").expect(200).json()["state"], "denied");
    assert!(!scene.destroys(&scene.resident.id, &waiting));
    let waiting = scene.ask("destroy-key", "unused");
    at(2 * 24 * 3600 - 1);
    decide(&scene.grace, &waiting, "approve").problem(409, "state-conflict");
    let approval = scene.agreed("destroy-key", "asked");
    at(2 * 24 * 3600 - 1 + 30 * 60 - 1);
    assert!(scene.destroys(&scene.resident.id, &approval), "and not a second less");
}

fn sr_z11_asking_and_agreeing_take_a_fresh_sign_in_of_the_operator(house: &House) {
    let scene = scene(house, true);
    let body = wish("destroy-key", "asked", &scene.resident.id);
    let waiting = scene.ask("destroy-key", "asked");
    // A sign-in of the operator is not prolonged: what is older than five minutes opens nothing at all.
    scene.server.move_clock(301);
    let stale = |by: &Staff, path: &str| scene.server.call("POST", path).token(&by.token);
    stale(&scene.ada, "/v1/operator/approvals").json(&body).send().problem(401, "token-expired");
    let agree = format!("/v1/operator/approvals/{waiting}/approve");
    stale(&scene.grace, &agree).send().problem(401, "token-expired");
    for account in [&*scene.resident, &*scene.practice.staff, &*scene.practice.software] {
        account.post("/v1/operator/approvals", &body).problem(403, "forbidden");
    }
    scene.ada.sign_in_again();
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut body = body.clone();
        change(&mut body);
        scene.ada.post("/v1/operator/approvals", &body)
    };
    wrong(&|body| body["why"] = json!("authority")).problem(422, "invalid");
    wrong(&|body| body["act"] = json!("all")).problem(422, "invalid");
    wrong(&|body| body["reason"] = json!(" ")).problem(422, "invalid");
    wrong(&|body| body["reason"] = json!("x".repeat(501))).problem(422, "invalid");
    wrong(&|body| body["resident_id"] = json!(nobody())).problem(404, "not-found");
}

/// SR-S07: whoever has lost the only phone is helped by a call, and no single person of the operator can shut anybody out.
fn sr_s07_a_help_line_cuts_phones_off_with_two_persons_and_once(house: &House) {
    let scene = scene(house, true);
    let (neighbour, resident) = (scene.practice.resident(), &scene.resident);
    let cut_off = |by: &Staff, id: &str| by.call("POST", &format!("/v1/operator/approvals/{id}/cut-off")).send();
    let slips = scene.practice.staff.get("/v1/practice/invitations").expect(200).items();
    assert!(slips.iter().any(|slip| slip["account_id"] == resident.id), "the practice tells the help line who calls");
    let waiting = scene.ask("cut-off-phones", "resident-asked");
    cut_off(&scene.ada, &waiting).problem(409, "state-conflict");
    decide(&scene.ada, &waiting, "approve").problem(403, "second-person-required");
    decide(&scene.grace, &waiting, "approve").expect(200);
    cut_off(&scene.grace, &waiting).problem(403, "forbidden");
    scene
        .practice
        .staff
        .post(&format!("/v1/operator/approvals/{waiting}/cut-off"), &json!({}))
        .problem(403, "forbidden");
    cut_off(&scene.ada, &scene.agreed("read-access-log", "authority")).problem(404, "not-found");
    resident.get("/v1/findings").expect(200);
    resident.wants_mail("zeisig@example.org");
    let notices = || scene.server.ask(Main, "count(*)", "FROM outbox WHERE kind = 'security'").remove(0);
    let before: u32 = notices().parse().unwrap();
    assert_eq!(cut_off(&scene.ada, &waiting).expect(200).json(), json!({"phones": 1}));
    resident.get("/v1/findings").problem(401, "device-revoked");
    resident.sign_in(PIN).problem(401, "sign-in-failed");
    assert_eq!(notices().parse::<u32>().unwrap(), before + 1, "the address that is stored is told");
    neighbour.get("/v1/findings").expect(200);
    cut_off(&scene.ada, &waiting).problem(409, "state-conflict");
    // With a new slip the resident is back, has everything, and sees what happened.
    let back = Resident::activate(&scene.practice.staff.invite(&resident.patient), &scene.server);
    assert_eq!(back.list().len(), 1);
    let lines: Vec<Value> = back.log().into_iter().filter(|line| line["action"] == "cut-off").collect();
    let outcomes: Vec<&Value> = lines.iter().map(|line| &line["outcome"]).collect();
    assert_eq!(outcomes, ["denied", "done", "denied", "denied"], "{lines:?}");
    assert_eq!((&lines[1]["actor"], &lines[1]["basis"]), (&json!("operator"), &json!("resident-asked")));
    // Half an hour after the agreement it is too late.
    let late = approved(&scene.ada, &scene.grace, "cut-off-phones", "suspected-misuse", &neighbour.id);
    scene.server.move_clock(30 * 60);
    scene.ada.sign_in_again();
    cut_off(&scene.ada, &late).problem(409, "state-conflict");
}

fn sr_l05_a_look_takes_two_persons_and_the_resident_sees_it(house: &House) {
    let scene = scene(house, false);
    let neighbour = scene.practice.resident();
    let unchanged = neighbour.log();
    scene.resident.wants_mail("zeisig@example.org");
    scene.resident.list();
    let approval = scene.agreed("read-access-log", "resident-asked");
    assert_eq!((scene.looks(), scene.told()), (0, 0), "an approval alone is no look");
    let notices = |server: &Server| server.ask(Main, "count(*)", "FROM outbox WHERE kind = 'security'").remove(0);
    let before = notices(&scene.server);
    let page = scene.ada.get(&format!("{}?limit=2", Scene::log_path(&approval))).expect(200);
    assert_eq!(page.items().len(), 2);
    assert_eq!((&page.items()[0]["action"], &page.items()[0]["actor"]), (&json!("list"), &json!("resident")));
    assert!(!String::from_utf8_lossy(&page.body).contains(&scene.practice.name), "ids and words only");
    assert_eq!((scene.looks(), scene.told()), (1, 1), "at once");
    let next = format!("{}?limit=200&cursor={}", Scene::log_path(&approval), page.text("/next_cursor"));
    let rest = scene.ada.get(&next).expect(200).items();
    assert!(rest.iter().any(|entry| entry["action"] == "activate"), "{rest:?}");
    assert_eq!((scene.looks(), scene.told()), (2, 1), "each look is an entry; one notice is enough");
    let after: u32 = notices(&scene.server).parse().unwrap();
    assert_eq!(after, before.parse::<u32>().unwrap() + 1);
    let entry = scene.resident.log().into_iter().find(|line| line["action"] == "read-log").unwrap();
    assert_eq!((&entry["actor"], &entry["basis"]), (&json!("operator"), &json!("resident-asked")));
    assert!(entry["actor_id"].is_string() && entry["organisation"].is_string(), "{entry}");
    let german = scene.resident.call("GET", "/v1/access-log?action=read-log").header("accept-language", "de");
    let sentence = german.send().expect(200).text("/items/0/sentence");
    assert!(sentence.ends_with("Grund: Sie haben darum gebeten."), "{sentence}");
    assert_eq!(neighbour.log(), unchanged);
    // The look is counted like every answer that shows something of a resident.
    scene.server.stop();
    let mut intruder = Intruder::at(&scene.server);
    let sum = |intruder: &mut Intruder, what: &str| intruder.number(&format!("SELECT sum({what}) FROM log_processes"));
    assert_eq!(sum(&mut intruder, "answers"), sum(&mut intruder, "unsealed"));
    scene.server.cli(&["audit", "verify"]);
}

fn sr_l05_nobody_else_and_nobody_later_looks_into_a_log(house: &House) {
    let scene = scene(house, true);
    let approval = scene.agreed("read-access-log", "suspected-misuse");
    let path = Scene::log_path(&approval);
    scene.grace.get(&path).problem(403, "forbidden");
    scene.practice.staff.get(&path).problem(403, "forbidden");
    scene.ada.get(&Scene::log_path(&nobody())).problem(404, "not-found");
    scene.ada.get(&Scene::log_path(&scene.agreed("destroy-key", "asked"))).problem(404, "not-found");
    let denied = || scene.resident.get("/v1/access-log?action=read-log&outcome=denied").expect(200).items();
    assert_eq!(denied().len(), 1, "the resident sees that the other one tried");
    assert_eq!(denied()[0]["actor"], "operator");
    scene.ada.get(&path).expect(200);
    scene.server.move_clock(31 * 60);
    scene.ada.sign_in_again();
    scene.resident.sign_in_again();
    scene.ada.get(&path).problem(409, "state-conflict");
    assert_eq!((denied().len(), scene.looks()), (2, 1));
    // There is no other way: an operator has no route to health data.
    for path in ["/v1/access-log", "/v1/access-log/export", "/v1/access-log/pdf", "/v1/findings"] {
        scene.ada.get(path).problem(403, "forbidden");
    }
}

fn sr_l05_the_reason_stands_nowhere_in_the_clear_and_goes_with_the_resident(house: &House) {
    let scene = scene(house, false);
    let mut body = wish("read-access-log", "authority", &scene.resident.id);
    body["reason"] = json!(format!("Beschluss {SONGBIRD}"));
    let id = scene.ada.post("/v1/operator/approvals", &body).expect(201).text("/id");
    let shown = decide(&scene.grace, &id, "approve").expect(200).text("/reason");
    assert!(shown.contains(SONGBIRD), "the second person reads what they agree to");
    let places = || {
        let hex: String = SONGBIRD.bytes().map(|byte| format!("{byte:02x}")).collect();
        let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        let all = scene.server.everything_stored().into_iter();
        all.filter(|(_, b)| holds(b, SONGBIRD) || holds(b, &hex)).map(|(place, _)| place).collect::<Vec<_>>()
    };
    assert_eq!(places(), Vec::<String>::new());
    scene.resident.call("DELETE", "/v1/me").send().expect(204);
    let left = scene.grace.get("/v1/operator/approvals").expect(200).items().remove(0);
    assert!(left["reason"].is_null() && left["why"] == "authority", "{left}");
    scene.ada.get(&Scene::log_path(&id)).problem(404, "not-found");
}
