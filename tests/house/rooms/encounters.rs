//! Two people side by side: a code lets a worker explain findings for minutes, or another resident act for longer. Both end,
//! both are seen by the resident, and neither opens more than was meant.

use serde_json::{Value, json};

use crate::{
    house::{House, number},
    http::Reply,
    paper::{Report, Upload},
    people::{Account, Practice, Resident},
    server::Setup,
    worker::Worker,
};

promises![
    a_code_lets_a_worker_look_for_minutes_and_the_resident_sees_who,
    explaining_is_not_downloading_and_not_keeping,
    the_resident_ends_a_conversation_with_one_step,
    a_worker_has_one_conversation_at_a_time,
    a_code_is_good_once_and_for_ten_minutes,
    a_blocked_organisation_cannot_join,
    codes_are_not_guessed,
    a_representative_reads_in_their_own_name_and_nothing_more,
    a_wrong_number_lets_nobody_in,
    both_can_end_a_representation,
    nobody_represents_themself_or_appoints_others,
];

pub(crate) fn finding(practice: &Practice, resident: &Resident) -> String {
    let report = Upload::fhir(Report::new(&resident.patient).bytes());
    practice.software.deliver(&report)["id"].as_str().unwrap().to_owned()
}

fn open(resident: &Resident, more: &Value) -> Value {
    resident.sign_in_again();
    let mut body = json!({"called": "Kanarie K."});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resident.post("/v1/explanations", &body).expect(201).json()
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value}")).to_owned()
}

/// A kiosk's worker with a token.
struct Kiosk {
    worker: Worker,
    token: String,
}

impl Kiosk {
    fn new(practice: &Practice) -> Self {
        let mut worker = Worker::new(&practice.server, "kiosk");
        let token = worker.token();
        Self { worker, token }
    }

    fn sign_in_again(&mut self) {
        self.token = self.worker.token();
    }

    fn get(&self, path: &str) -> Reply {
        self.worker.ask(&self.token, "GET", path, None)
    }

    fn join(&self, code: &str) -> Reply {
        self.worker.ask(&self.token, "POST", "/v1/explanation-claims", Some(&json!({"code": code})))
    }

    fn open(&self, finding: &str) -> Reply {
        self.get(&format!("/v1/shared-findings/{finding}"))
    }
}

fn a_code_lets_a_worker_look_for_minutes_and_the_resident_sees_who(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let (lab, other) = (finding(&practice, &resident), practice.software.deliver(&Upload::pdf(&resident.patient)));
    let other = text(&other, "/id");
    let mut kiosk = Kiosk::new(&practice);
    let made = open(&resident, &json!({"minutes": 20, "data": {"kinds": ["laboratory"]}}));
    // Nobody has typed the code, so that nobody sees anything.
    kiosk.open(&lab).problem(404, "not-found");
    assert_eq!(text(&made, "/explanation/state"), "open");

    let joined = kiosk.join(&text(&made, "/code").to_lowercase()).expect(201).json();
    assert_eq!(text(&joined, "/called"), "Kanarie K.");
    let path = format!("/v1/shared/{}/findings", text(&joined, "/share_id"));
    let seen: Vec<Value> = kiosk.get(&path).expect(200).items();
    assert_eq!(seen.iter().map(|f| f["id"].as_str().unwrap()).collect::<Vec<_>>(), [lab.as_str()]);
    assert_eq!(kiosk.open(&lab).expect(200).json()["summary"]["id"], json!(lab));
    kiosk.open(&other).problem(404, "not-found");

    // The resident sees who, and every look, with its reason and the permission.
    let id = text(&made, "/explanation/id");
    let now = resident.get(&format!("/v1/explanations/{id}")).expect(200).json();
    assert_eq!(
        (text(&now, "/state"), text(&now, "/organisation_id")),
        ("met".into(), kiosk.worker.organisation.clone())
    );
    let log = resident.log();
    let of = |action: &str| log.iter().find(|l| l["action"] == action && l["outcome"] == "done" && l["actor"] != "you");
    for action in ["use-code", "list", "open"] {
        let line = of(action).unwrap_or_else(|| panic!("no {action}"));
        assert_eq!((&line["basis"], &line["consent_id"]), (&json!("explanation"), &joined["share_id"]), "{line}");
        assert_eq!(line["organisation_id"], json!(kiosk.worker.organisation));
    }

    // Then it ends by itself.
    server.move_clock(19 * 60);
    kiosk.sign_in_again();
    kiosk.open(&lab).expect(200);
    server.move_clock(21 * 60);
    kiosk.open(&lab).problem(404, "not-found");
    kiosk.get(&path).problem(404, "not-found");
    resident.sign_in_again();
    assert_eq!(resident.get(&format!("/v1/explanations/{id}")).expect(200).text("/state"), "over");
}

fn explaining_is_not_downloading_and_not_keeping(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let letter = text(&practice.software.deliver(&Upload::pdf(&resident.patient)), "/id");
    let kiosk = Kiosk::new(&practice);
    let made = open(&resident, &json!({}));
    kiosk.join(&text(&made, "/code")).expect(201);
    kiosk.open(&letter).expect(200);
    kiosk.get(&format!("/v1/shared-findings/{letter}/content")).problem(404, "not-found");
    // Nor does the resident's list of permissions offer to make it longer.
    let share = text(&made, "/explanation/share_id");
    let longer = resident.call("PATCH", &format!("/v1/shares/{share}")).json(&json!({"days": 90})).send();
    longer.problem(404, "not-found");
}

fn the_resident_ends_a_conversation_with_one_step(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let lab = finding(&practice, &resident);
    let kiosk = Kiosk::new(&practice);
    for by_worker in [false, true] {
        let made = open(&resident, &json!({}));
        let joined = kiosk.join(&text(&made, "/code")).expect(201).json();
        kiosk.open(&lab).expect(200);
        let path = format!("/v1/explanations/{}", text(&joined, "/id"));
        if by_worker {
            kiosk.worker.ask(&kiosk.token, "DELETE", &path, None).expect(204);
        } else {
            resident.call("DELETE", &path).send().expect(204);
        }
        kiosk.open(&lab).problem(404, "not-found");
        resident.call("DELETE", &path).send().problem(404, "not-found");
    }
    // The permission behind it ends it as well.
    let made = open(&resident, &json!({}));
    kiosk.join(&text(&made, "/code")).expect(201);
    let share = text(&made, "/explanation/share_id");
    resident.call("DELETE", &format!("/v1/shares/{share}")).send().expect(204);
    kiosk.open(&lab).problem(404, "not-found");
}

fn a_worker_has_one_conversation_at_a_time(house: &House) {
    let practice = house.own_practice();
    let (first, second) = (practice.resident(), practice.resident());
    let (one, two) = (finding(&practice, &first), finding(&practice, &second));
    let kiosk = Kiosk::new(&practice);
    kiosk.join(&text(&open(&first, &json!({})), "/code")).expect(201);
    kiosk.open(&one).expect(200);
    kiosk.join(&text(&open(&second, &json!({})), "/code")).expect(201);
    kiosk.open(&one).problem(404, "not-found");
    kiosk.open(&two).expect(200);
    // And what one worker was shown, the next one does not see.
    let login = format!("zweite.{}@kiosk", number());
    let invite = ["staff", "invite", "--organisation", &kiosk.worker.organisation, "--login", &login];
    let secret = practice.server.cli(&invite);
    let mut colleague = Worker::enrol(&practice.server, secret.trim(), &login, &kiosk.worker.organisation);
    let token = colleague.token();
    colleague.ask(&token, "GET", &format!("/v1/shared-findings/{two}"), None).problem(404, "not-found");
}

fn a_code_is_good_once_and_for_ten_minutes(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let (first, mut second) = (Kiosk::new(&practice), Kiosk::new(&practice));
    let code = text(&open(&resident, &json!({})), "/code");
    first.join(&code).expect(201);
    second.join(&code).problem(403, "code-failed");
    // A later code ends the one that nobody has typed.
    let earlier = text(&open(&resident, &json!({})), "/code");
    let later = text(&open(&resident, &json!({})), "/code");
    second.join(&earlier).problem(403, "code-failed");
    server.move_clock(10 * 60);
    second.sign_in_again();
    second.join(&later).problem(403, "code-failed");
}

fn a_blocked_organisation_cannot_join(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let kiosk = Kiosk::new(&practice);
    resident.post("/v1/blocks", &json!({"organisation": kiosk.worker.organisation})).expect(201);
    let code = text(&open(&resident, &json!({})), "/code");
    let blocked = kiosk.join(&code).problem(403, "code-failed").fingerprint();
    // It looks like a code that nobody has.
    assert_eq!(blocked, kiosk.join("AAAA-BBBB").problem(403, "code-failed").fingerprint());
    // The code is still good for others.
    Kiosk::new(&practice).join(&code).expect(201);
}

fn codes_are_not_guessed(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let kiosk = Kiosk::new(&practice);
    for _ in 0..10 {
        kiosk.join("ABCD-EFGH").problem(403, "code-failed");
    }
    let code = text(&open(&resident, &json!({})), "/code");
    let wait = kiosk.join(&code).problem(429, "try-later");
    assert!(wait.header("retry-after").is_some());
    let guesser = practice.resident();
    for _ in 0..10 {
        guesser
            .post("/v1/representative-claims", &json!({"code": "ABCD-EFGH", "called": "X"}))
            .problem(403, "code-failed");
    }
    guesser.post("/v1/representative-claims", &json!({"code": "ABCD-EFGH", "called": "X"})).problem(429, "try-later");
}

/// Two residents, one of whom lets the other act.
pub(crate) fn appointed(from: &Resident, to: &Resident, more: &Value) -> Value {
    let (id, number) = claimed(from, to);
    let mut body = json!({"number": number, "called": "Mama", "days": 30});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    from.post(&format!("/v1/representative-codes/{id}/confirmation"), &body).expect(201).json()
}

pub(crate) fn claimed(from: &Resident, to: &Resident) -> (String, String) {
    from.sign_in_again();
    let made = from.call("POST", "/v1/representative-codes").send().expect(201).json();
    let claim = json!({"code": made["code"], "called": "Tochter Ayla"});
    (text(&made, "/encounter/id"), to.post("/v1/representative-claims", &claim).expect(201).text("/number"))
}

fn a_representative_reads_in_their_own_name_and_nothing_more(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let (lab, letter) = (finding(&practice, &mother), practice.software.deliver(&Upload::pdf(&mother.patient)));
    let letter = text(&letter, "/id");
    let own = finding(&practice, &daughter);
    let rule = appointed(&mother, &daughter, &json!({"data": {"kinds": ["laboratory"]}, "may_download": true}));
    assert_eq!(
        (text(&rule, "/recipient_kind"), text(&rule, "/recipient_called")),
        ("resident".into(), "Tochter Ayla".into())
    );
    assert_eq!(text(&rule, "/purpose"), "representation");

    let received: Vec<Value> = daughter.get("/v1/shared").expect(200).items();
    assert_eq!((received.len(), &received[0]["called"]), (1, &json!("Mama")));
    let path = format!("/v1/shared/{}/findings", text(&received[0], "/id"));
    let ids: Vec<Value> = daughter.get(&path).expect(200).items();
    assert_eq!(ids.iter().map(|f| f["id"].clone()).collect::<Vec<_>>(), [json!(lab)]);
    daughter.get(&format!("/v1/shared-findings/{lab}")).expect(200);
    daughter.get(&format!("/v1/shared-findings/{letter}")).problem(404, "not-found");
    // It is not mixed with their own.
    daughter.get(&format!("/v1/findings/{lab}")).problem(404, "not-found");
    assert_eq!(daughter.list().iter().map(|f| f["id"].clone()).collect::<Vec<_>>(), [json!(own)]);
    mother.get("/v1/shared").expect(200);
    mother.get(&format!("/v1/shared-findings/{own}")).problem(404, "not-found");

    let log = mother.log();
    let line = log.iter().find(|l| l["action"] == "open" && l["outcome"] == "done").unwrap();
    assert_eq!((&line["actor"], &line["basis"]), (&json!("representative"), &json!("representation")), "{line}");
    assert_eq!(line["consent_id"], rule["id"]);
}

fn a_wrong_number_lets_nobody_in(house: &House) {
    let practice = house.own_practice();
    let (mother, stranger) = (practice.resident(), practice.resident());
    let lab = finding(&practice, &mother);
    let (id, number) = claimed(&mother, &stranger);
    let path = format!("/v1/representative-codes/{id}/confirmation");
    let wrong = if number == "10" { "11" } else { "10" };
    let order = |number: &str| json!({"number": number, "called": "Mama", "days": 30});
    for _ in 0..3 {
        mother.post(&path, &order(wrong)).problem(422, "wrong-number");
    }
    mother.post(&path, &order(&number)).problem(409, "nothing-to-confirm");
    stranger.get(&format!("/v1/shared-findings/{lab}")).problem(404, "not-found");
    assert!(stranger.get("/v1/shared").expect(200).items().is_empty());
}

fn both_can_end_a_representation(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let lab = finding(&practice, &mother);
    let open = || daughter.get(&format!("/v1/shared-findings/{lab}"));
    let first = text(&appointed(&mother, &daughter, &json!({})), "/id");
    open().expect(200);
    mother.call("DELETE", &format!("/v1/shares/{first}")).send().expect(204);
    open().problem(404, "not-found");
    let second = text(&appointed(&mother, &daughter, &json!({})), "/id");
    open().expect(200);
    daughter.call("DELETE", &format!("/v1/shared/{second}")).send().expect(204);
    open().problem(404, "not-found");
    let line = mother.log().into_iter().find(|l| l["action"] == "unshare").unwrap();
    assert_eq!((&line["actor"], &line["consent_id"]), (&json!("representative"), &json!(second)), "{line}");
    // What was opened to a whole practice is not one person's to give up.
    mother.sign_in_again();
    let all = json!({"organisation": practice.id, "called": "Mama"});
    let share = mother.post("/v1/shares", &all).expect(201).text("/id");
    practice.staff.call("DELETE", &format!("/v1/shared/{share}")).send().problem(404, "not-found");
}

fn nobody_represents_themself_or_appoints_others(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter, friend) = (practice.resident(), practice.resident(), practice.resident());
    let lab = finding(&practice, &mother);
    mother.sign_in_again();
    let code = mother.call("POST", "/v1/representative-codes").send().expect(201).text("/code");
    mother.post("/v1/representative-claims", &json!({"code": code, "called": "Ich"})).problem(403, "code-failed");
    appointed(&mother, &daughter, &json!({}));
    // What the daughter gives to a friend is the daughter's own, not her mother's.
    appointed(&daughter, &friend, &json!({}));
    friend.get(&format!("/v1/shared-findings/{lab}")).problem(404, "not-found");
    practice_sees_nothing(&practice.staff, &lab, &daughter, &practice.id);
    // No more than five.
    for _ in 0..4 {
        appointed(&mother, &practice.resident(), &json!({}));
    }
    let (id, number) = claimed(&mother, &friend);
    let order = json!({"number": number, "called": "Mama", "days": 30});
    mother.post(&format!("/v1/representative-codes/{id}/confirmation"), &order).problem(409, "too-many-rules");
}

/// The daughter cannot pass her mother's finding on to a practice.
fn practice_sees_nothing(staff: &Account, lab: &str, daughter: &Resident, practice: &str) {
    daughter.sign_in_again();
    let order = json!({"organisation": practice, "called": "Tochter", "data": {"findings": [lab]}});
    daughter.post("/v1/shares", &order).expect(201);
    staff.get(&format!("/v1/shared-findings/{lab}")).problem(404, "not-found");
}
