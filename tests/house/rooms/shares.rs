//! Sharing: whom a resident lets in sees exactly that, until the resident takes it back, and nothing tells of the rest.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use serde_json::{Value, json};

use crate::{
    house::House,
    http::Reply,
    paper::{Report, Upload},
    people::{Account, Practice, Resident, nobody},
    server::{Server, Setup},
    worker::Worker,
};

promises![
    nothing_is_seen_that_was_not_shared,
    a_shared_finding_is_read_and_the_resident_sees_who_and_by_which_permission,
    a_withdrawal_holds_for_the_very_next_request,
    no_reading_stands_behind_its_withdrawal_in_the_log,
    what_is_shown_beforehand_is_what_they_find,
    a_closed_finding_leaves_no_trace,
    a_block_beats_every_permission_and_ends_them,
    looking_is_not_downloading,
    sr_z07_a_permission_ends_with_its_last_day,
    sr_a08_sharing_needs_a_fresh_sign_in,
    the_kiosk_sees_what_was_opened_for_it_and_nothing_else,
    sr_z09_every_decision_has_its_history,
    bad_requests_are_told_what_is_wrong,
    what_taking_back_does_is_told_before,
    in_an_emergency_one_person_sees_what_is_not_closed_and_the_resident_is_told,
    who_was_let_in_is_told_that_it_is_over,
    a_permission_for_a_duty_is_for_those_who_do_it,
];

/// A resident of one practice, and another practice.
struct Story {
    home: Practice,
    other: Practice,
    resident: Resident,
}

impl Story {
    fn begin(house: &House) -> Self {
        let home = house.own_practice();
        let resident = home.resident();
        Self { home, other: house.own_practice(), resident }
    }

    fn laboratory(&self) -> String {
        id(&self.home.software.deliver(&Upload::fhir(Report::new(&self.resident.patient).bytes())))
    }

    fn letter(&self) -> String {
        id(&self.home.software.deliver(&Upload::pdf(&self.resident.patient)))
    }

    fn share(&self, more: &Value) -> String {
        share(&self.resident, &self.other.id, more).expect(201).text("/id")
    }

    fn found(&self, share: &str) -> Vec<String> {
        found(&self.other.staff, share)
    }
}

fn id(receipt: &Value) -> String {
    receipt["id"].as_str().expect("an id").to_owned()
}

fn share(resident: &Resident, organisation: &str, more: &Value) -> Reply {
    resident.sign_in_again();
    let mut body = json!({"organisation": organisation, "called": "Kanarie K."});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resident.post("/v1/shares", &body)
}

fn block(resident: &Resident, body: &Value) -> String {
    resident.post("/v1/blocks", body).expect(201).text("/id")
}

fn list(reader: &Account, share: &str) -> Reply {
    reader.get(&format!("/v1/shared/{share}/findings"))
}

/// The ids of the findings that a permission shows, page after page.
fn found(reader: &Account, share: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = reader.get(&format!("/v1/shared/{share}/findings?limit=2{cursor}")).expect(200).json();
        ids.extend(page["items"].as_array().unwrap().iter().map(id));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

fn open(reader: &Account, finding: &str) -> Reply {
    reader.get(&format!("/v1/shared-findings/{finding}"))
}

fn nothing_is_seen_that_was_not_shared(house: &House) {
    let story = Story::begin(house);
    let finding = story.laboratory();
    assert!(story.other.staff.get("/v1/shared").expect(200).items().is_empty());
    let theirs = open(&story.other.staff, &finding).problem(404, "not-found").fingerprint();
    assert_eq!(theirs, open(&story.other.staff, &nobody()).problem(404, "not-found").fingerprint());
    // Nor by those who sent it, nor by their software.
    open(&story.home.staff, &finding).problem(404, "not-found");
    open(&story.home.software, &finding).problem(403, "forbidden");
    // The try is in the resident's log.
    assert!(story.resident.logged("open", "denied", Some(&finding)));
}

fn a_shared_finding_is_read_and_the_resident_sees_who_and_by_which_permission(house: &House) {
    let story = Story::begin(house);
    let finding = story.laboratory();
    let share = story.share(&json!({}));
    let received = story.other.staff.get("/v1/shared").expect(200).items();
    assert_eq!((received.len(), &received[0]["id"], &received[0]["called"]), (1, &json!(share), &json!("Kanarie K.")));
    assert_eq!(story.found(&share), std::slice::from_ref(&finding));
    let opened = open(&story.other.staff, &finding).expect(200).json();
    let own = story.resident.open(&finding);
    assert_eq!(opened["values"], own["values"]);
    // What comes later is shared as well.
    let later = story.letter();
    assert_eq!(story.found(&share).len(), 2);
    assert!(open(&story.other.staff, &later).status == 200);
    let log = story.resident.log();
    let theirs = |line: &&Value| line["action"] == "open" && line["actor"] == "practice-staff";
    let line = log.iter().rev().find(theirs).unwrap();
    assert_eq!(line["finding_id"], json!(finding));
    assert_eq!((&line["basis"], &line["consent_id"]), (&json!("consent"), &json!(share)));
    assert_eq!((&line["organisation"], &line["outcome"]), (&json!(story.other.name), &json!("done")));
    assert!(story.resident.logged("share", "done", None) && story.resident.logged("list", "done", None));
}

fn a_withdrawal_holds_for_the_very_next_request(house: &House) {
    let story = Story::begin(house);
    let finding = story.laboratory();
    let share = story.share(&json!({}));
    open(&story.other.staff, &finding).expect(200);
    // One step to give, one to take back.
    story.resident.call("DELETE", &format!("/v1/shares/{share}")).send().expect(204);
    let gone = open(&story.other.staff, &finding).problem(404, "not-found").fingerprint();
    assert_eq!(gone, open(&story.other.staff, &nobody()).problem(404, "not-found").fingerprint());
    let gone = list(&story.other.staff, &share).problem(404, "not-found").fingerprint();
    assert_eq!(gone, list(&story.other.staff, &nobody()).problem(404, "not-found").fingerprint());
    assert!(story.other.staff.get("/v1/shared").expect(200).items().is_empty());
    assert!(story.resident.logged("unshare", "done", None));
    // Taking back what is taken back is nothing.
    story.resident.call("DELETE", &format!("/v1/shares/{share}")).send().problem(404, "not-found");
}

/// Reads race with withdrawals, on PostgreSQL with two processes of the server. In the resident's own chain no reading by a
/// permission stands behind its being taken back.
fn no_reading_stands_behind_its_withdrawal_in_the_log(house: &House) {
    let server = house.own_server(Setup::default());
    let home = Practice::add(&server);
    let other = Practice::add(&server);
    let resident = home.resident();
    let finding = id(&home.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes())));
    let second = server.postgres().is_some().then(|| Server::beside(&server));
    let servers: Vec<&Server> = std::iter::once(&*server).chain(second.as_deref()).collect();
    let (token, over, asked) = (other.staff.token.clone(), AtomicBool::new(false), AtomicUsize::new(0));
    // NAHRAUM_RACE=10000: goes on until so many readings have raced (docs/performance.md).
    let wanted: usize = std::env::var("NAHRAUM_RACE").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut rounds = 0;
    let path = format!("/v1/shared-findings/{finding}");
    let reads: usize = thread::scope(|scope| {
        let readers: Vec<_> = (0..6)
            .map(|n| {
                let (server, token, path) = (servers[n % servers.len()], &token, &path);
                let (over, asked) = (&over, &asked);
                scope.spawn(move || {
                    let mut shown = 0;
                    while !over.load(Ordering::Relaxed) {
                        let status = server.call("GET", path).token(token).send().status;
                        assert!(matches!(status, 200 | 404 | 503), "{status}");
                        shown += usize::from(status == 200);
                        asked.fetch_add(1, Ordering::Relaxed);
                    }
                    shown
                })
            })
            .collect();
        while rounds < 25 || asked.load(Ordering::Relaxed) < wanted {
            rounds += 1;
            let share = share(&resident, &other.id, &json!({})).expect(201).text("/id");
            while !resident.get("/v1/access-log?limit=1").expect(200).items().iter().any(|l| l["action"] == "open") {}
            resident.call("DELETE", &format!("/v1/shares/{share}")).send().expect(204);
        }
        over.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    let export = resident.get("/v1/access-log/export").expect(200).json();
    let (mut ended, mut seen) = (Vec::new(), 0);
    for entry in export["entries"].as_array().unwrap() {
        let body: Value = serde_json::from_str(entry["body"].as_str().unwrap()).unwrap();
        let consent = body["consent"].clone();
        match (body["action"].as_str().unwrap(), body["outcome"].as_str().unwrap()) {
            ("unshare", _) => ended.push(consent),
            ("open", "done") => {
                seen += 1;
                assert!(!ended.contains(&consent), "read after it was taken back: {body}");
            }
            _ => {}
        }
    }
    assert_eq!(ended.len(), rounds);
    println!("{} readings raced {rounds} withdrawals on {} processes", asked.load(Ordering::Relaxed), servers.len());
    assert!(seen >= reads && reads > 25, "{seen} entries for {reads} readings");
}

fn what_is_shown_beforehand_is_what_they_find(house: &House) {
    let story = Story::begin(house);
    let (laboratory, letter, hidden) = (story.laboratory(), story.letter(), story.laboratory());
    let preview = || {
        let path = format!("/v1/share-preview?organisation={}", story.other.id);
        story.resident.get(&path).expect(200).items()
    };
    let visible = |items: &[Value]| -> Vec<String> {
        items.iter().filter(|item| item["visible"] == true).map(|item| id(&item["finding"])).collect()
    };
    // Before anything is shared, everything is listed and nothing would be seen.
    let before = preview();
    assert_eq!((before.len(), visible(&before).len()), (3, 0));
    assert!(before.iter().all(|item| item["reason"] == "not-asked"));
    let share = story.share(&json!({"data": {"kinds": ["laboratory"]}}));
    let closed = block(&story.resident, &json!({"data": {"findings": [hidden]}}));
    let judged = preview();
    assert_eq!(visible(&judged), std::slice::from_ref(&laboratory));
    assert_eq!(visible(&judged), story.found(&share));
    let why = |finding: &str| {
        let item = judged.iter().find(|item| item["finding"]["id"] == json!(finding)).unwrap();
        (item["reason"].as_str().unwrap().to_owned(), item["rule_id"].as_str().map(str::to_owned))
    };
    assert_eq!(why(&laboratory), ("permitted".to_owned(), Some(share.clone())));
    assert_eq!(why(&hidden), ("denied".to_owned(), Some(closed)));
    assert_eq!(why(&letter), ("not-asked".to_owned(), None));
    for (finding, status) in [(&laboratory, 200), (&letter, 404), (&hidden, 404)] {
        assert_eq!(open(&story.other.staff, finding).status, status);
    }
}

/// The answers are the same, byte for byte, with a closed finding and without it.
fn a_closed_finding_leaves_no_trace(house: &House) {
    let story = Story::begin(house);
    let (_first, _second) = (story.laboratory(), story.laboratory());
    let share = story.share(&json!({}));
    // Closed before it comes: nobody sees anything of this kind.
    block(&story.resident, &json!({"data": {"kinds": ["imaging", "letter", "other"]}}));
    let all = || list(&story.other.staff, &share).expect(200).fingerprint();
    let pages = || story.found(&share);
    let shares = || story.other.staff.get("/v1/shared").expect(200).fingerprint();
    let before = (all(), pages(), shares());
    let hidden = story.letter();
    assert_eq!(story.resident.list().len(), 3);
    assert_eq!((all(), pages(), shares()), before);
    let closed = open(&story.other.staff, &hidden).problem(404, "not-found").fingerprint();
    assert_eq!(closed, open(&story.other.staff, &nobody()).fingerprint());
    // The resident sees that somebody tried.
    assert!(story.resident.logged("open", "denied", Some(&hidden)));
}

fn a_block_beats_every_permission_and_ends_them(house: &House) {
    let story = Story::begin(house);
    let finding = story.laboratory();
    let permission = story.share(&json!({}));
    let closed = block(&story.resident, &json!({"organisation": story.other.id}));
    open(&story.other.staff, &finding).problem(404, "not-found");
    list(&story.other.staff, &permission).problem(404, "not-found");
    share(&story.resident, &story.other.id, &json!({})).problem(409, "recipient-blocked");
    // Lifting it brings nothing back by itself.
    story.resident.call("DELETE", &format!("/v1/blocks/{closed}")).send().expect(204);
    open(&story.other.staff, &finding).problem(404, "not-found");
    story.share(&json!({}));
    open(&story.other.staff, &finding).expect(200);
    assert!(story.resident.logged("block", "done", None) && story.resident.logged("unblock", "done", None));
}

fn looking_is_not_downloading(house: &House) {
    let story = Story::begin(house);
    let letter = story.letter();
    let content = || story.other.staff.get(&format!("/v1/shared-findings/{letter}/content"));
    story.share(&json!({}));
    open(&story.other.staff, &letter).expect(200);
    content().problem(404, "not-found");
    story.share(&json!({"may_download": true}));
    let bytes = content().expect(200).body;
    assert_eq!(bytes, story.resident.content(&letter).expect(200).body);
    assert!(story.resident.logged("download", "done", Some(&letter)));
}

fn sr_z07_a_permission_ends_with_its_last_day(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let home = Practice::add(&server);
    let other = Practice::add(&server);
    let resident = home.resident();
    let finding = id(&home.software.deliver(&Upload::fhir(Report::new(&resident.patient).bytes())));
    let usual = share(&resident, &other.id, &json!({})).expect(201).json();
    let until: jiff::Timestamp = usual["until"].as_str().unwrap().parse().unwrap();
    let days = (until.as_second() - server.clock()) / 86_400;
    assert!((89..=90).contains(&days), "a practice keeps it for ninety days: {days}");
    // Shorter: to the end of tomorrow.
    let path = format!("/v1/shares/{}", usual["id"].as_str().unwrap());
    resident.sign_in_again();
    let changed = resident.call("PATCH", &path).json(&json!({"days": 2})).send().expect(200).json();
    let until: jiff::Timestamp = changed["until"].as_str().unwrap().parse().unwrap();
    let last = u64::try_from(until.as_second()).unwrap() - 1;
    server.stop_clock_at(last);
    open(&other.staff, &finding).expect(200);
    server.stop_clock_at(last + 1);
    open(&other.staff, &finding).problem(404, "not-found");
    let decision = &resident.get("/v1/decisions").expect(200).items()[0];
    assert_eq!(decision["standing"], "expired");
}

fn sr_a08_sharing_needs_a_fresh_sign_in(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let home = Practice::add(&server);
    let other = Practice::add(&server);
    let resident = home.resident();
    let token = resident.token.clone();
    let body = json!({"organisation": other.id, "called": "Kanarie"});
    server.move_clock(301);
    server.call("POST", "/v1/shares").token(&token).json(&body).send().problem(403, "step-up-required");
    // Closing and taking back never wait for that.
    server.call("POST", "/v1/blocks").token(&token).json(&json!({"organisation": other.id})).send().expect(201);
}

fn the_kiosk_sees_what_was_opened_for_it_and_nothing_else(house: &House) {
    let story = Story::begin(house);
    let finding = story.laboratory();
    let mut kiosk = Worker::new(&story.home.server, "kiosk");
    let token = kiosk.token();
    let server = &story.home.server;
    let open = || server.call("GET", &format!("/v1/shared-findings/{finding}")).token(&token).send();
    open().problem(404, "not-found");
    let made = share(&story.resident, &kiosk.organisation, &json!({})).expect(201).json();
    open().expect(200);
    server.call("GET", &format!("/v1/findings/{finding}")).token(&token).send().problem(403, "forbidden");
    let names: Vec<Value> = story.resident.get("/v1/directory").expect(200).items();
    let entry = names.iter().find(|entry| entry["id"] == json!(kiosk.organisation)).unwrap();
    assert_eq!((&entry["kind"], &entry["usual_days"]), (&json!("kiosk"), &json!(3)));
    assert_eq!(made["recipient_id"], json!(kiosk.organisation));
    let log = story.resident.log();
    let line = log.iter().find(|l| l["action"] == "open" && l["outcome"] == "done").unwrap();
    assert!(line["organisation"].as_str().unwrap().starts_with("kiosk"), "{line}");
}

fn sr_z09_every_decision_has_its_history(house: &House) {
    let story = Story::begin(house);
    let before = story.resident.get("/v1/decisions").expect(200).items();
    assert_eq!(before.len(), 1, "the consent of the first day");
    assert_eq!(before[0]["standing"], "granted");
    let permission = story.share(&json!({}));
    story.resident.call("DELETE", &format!("/v1/shares/{permission}")).send().expect(204);
    let decisions = story.resident.get("/v1/decisions").expect(200).items();
    let decision = decisions.iter().find(|d| d["id"] == json!(permission)).unwrap();
    let kinds: Vec<_> = decision["events"].as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
    assert_eq!((kinds, &decision["standing"]), (vec![json!("granted"), json!("withdrawn")], &json!("withdrawn")));
    // What was the case when it stood, and what was known before it was made.
    let granted = decision["events"][0]["at"].as_str().unwrap();
    let then = story.resident.get(&format!("/v1/decisions?as_of={granted}")).expect(200).items();
    let then = then.iter().find(|d| d["id"] == json!(permission)).unwrap();
    assert_eq!(then["standing"], "granted");
    let earlier = story.resident.get("/v1/decisions?known_at=2020-01-01T00:00:00Z").expect(200).items();
    assert!(earlier.iter().all(|d| d["standing"] == "not-asked"));
}

fn bad_requests_are_told_what_is_wrong(house: &House) {
    let story = Story::begin(house);
    let ask = |more: Value| share(&story.resident, &story.other.id, &more);
    ask(json!({"called": ""})).problem(422, "invalid");
    ask(json!({"days": 0})).problem(422, "invalid");
    ask(json!({"days": 4000})).problem(422, "invalid");
    ask(json!({"data": {"kinds": ["horoscope"]}})).problem(422, "invalid");
    ask(json!({"data": {"findings": []}})).problem(422, "invalid");
    ask(json!({"data": {"from": "gestern"}})).problem(422, "invalid");
    ask(json!({"organisation": "x"})).problem(422, "invalid");
    ask(json!({"organisation": nobody()})).problem(404, "not-found");
    ask(json!({"person": nobody()})).problem(404, "not-found");
    story.resident.post("/v1/blocks", &json!({"person": nobody()})).problem(422, "invalid");
    story.resident.get("/v1/decisions?as_of=bald").problem(422, "invalid");
    assert!(story.resident.get("/v1/shares").expect(200).items().is_empty(), "nothing of it was kept");
}

fn in_an_emergency_one_person_sees_what_is_not_closed_and_the_resident_is_told(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let (home, other) = (Practice::add(&server), Practice::add(&server));
    let resident = home.resident();
    // The other practice knows the patient as well, under a number of its own.
    let slip = other.staff.invite(&resident.patient);
    let code = json!({"code": slip.code, "birth_date": resident.patient.birth_date});
    resident.sign_in_again();
    resident.post("/v1/me/practices", &code).expect(201);
    let [plain, delicate, closed] = [(); 3].map(|()| id(&home.software.deliver(&Upload::pdf(&resident.patient))));
    let change = json!({"treatment": "sensitive"});
    resident.call("PATCH", &format!("/v1/findings/{delicate}")).json(&change).send().expect(204);
    resident.post("/v1/blocks", &json!({"data": {"findings": [closed]}})).expect(201);

    let declare = |reason: &str| {
        let patient = &resident.patient;
        let body = json!({"patient_reference": patient.reference, "birth_date": patient.birth_date, "reason": reason});
        other.staff.post("/v1/practice/emergencies", &body)
    };
    open(&other.staff, &plain).problem(404, "not-found");
    declare("weil").problem(422, "invalid");
    let permission = declare("Bewusstlos eingeliefert, Vorerkrankungen unbekannt.").expect(201).json();
    open(&other.staff, &plain).expect(200);
    open(&other.staff, &delicate).problem(404, "not-found");
    open(&other.staff, &closed).problem(404, "not-found");
    let colleague =
        crate::people::Staff::add(&server, &other.id, &format!("kollegin.{}@praxis", crate::house::number()));
    open(&colleague, &plain).problem(404, "not-found");

    // The resident sees who, why, and by what it was opened, and can end it.
    let rule = &resident.get("/v1/shares").expect(200).items()[0];
    assert_eq!((&rule["id"], &rule["purpose"]), (&permission["id"], &json!("emergency")));
    assert_eq!(rule["reason"], "Bewusstlos eingeliefert, Vorerkrankungen unbekannt.");
    let log = resident.log();
    for action in ["emergency", "open"] {
        let line = log.iter().find(|l| l["action"] == action && l["outcome"] == "done").unwrap();
        assert_eq!((&line["basis"], &line["consent_id"]), (&json!("emergency"), &permission["id"]), "{line}");
    }
    assert!(server.log().contains("\"alarm\":\"emergency\"") || server.log().contains("alarm=\"emergency\""));
    resident.call("DELETE", &format!("/v1/shares/{}", rule["id"].as_str().unwrap())).send().expect(204);
    open(&other.staff, &plain).problem(404, "not-found");

    // And by itself after a day.
    declare("Wieder bewusstlos eingeliefert.").expect(201);
    server.move_clock(23 * 3_600);
    other.staff.sign_in_again();
    open(&other.staff, &plain).expect(200);
    server.move_clock(25 * 3_600);
    other.staff.sign_in_again();
    open(&other.staff, &plain).problem(404, "not-found");
    // Nobody is a patient of a practice that does not know them.
    let stranger = Practice::add(&server);
    let patient = &resident.patient;
    let body =
        json!({"patient_reference": patient.reference, "birth_date": patient.birth_date, "reason": "Notfall, eilig"});
    stranger.staff.post("/v1/practice/emergencies", &body).problem(422, "invalid");
}

fn what_taking_back_does_is_told_before(house: &House) {
    let story = Story::begin(house);
    let kinds = |id: &str| -> Vec<String> {
        let told = story.resident.get(&format!("/v1/decisions/{id}/withdrawal")).expect(200);
        told.items().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect()
    };
    let base = story.resident.get("/v1/consents").expect(200).text("/items/0/id");
    assert_eq!(kinds(&base), ["stop-new", "keep", "keep"]);
    let looking = story.share(&json!({}));
    assert_eq!(kinds(&looking), ["lock", "keep"]);
    assert_eq!(kinds(&story.share(&json!({"may_download": true}))), ["lock", "keep", "keep"]);
    // In the resident's language, and only while there is something to take back.
    let path = format!("/v1/decisions/{looking}/withdrawal");
    let turkish = story.resident.call("GET", &path).header("accept-language", "tr").send().expect(200);
    assert!(turkish.items()[0]["sentence"].as_str().unwrap().starts_with("İzni olan"));
    story.resident.call("DELETE", &format!("/v1/shares/{looking}")).send().expect(204);
    story.resident.get(&path).problem(404, "not-found");
}

fn who_was_let_in_is_told_that_it_is_over(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let (practice, other) = (Practice::add(&server), Practice::add(&server));
    let resident = practice.resident();
    let share = |called: &str, download: bool| {
        let order = json!({"organisation": other.id, "called": called, "days": 2, "may_download": download});
        resident.post("/v1/shares", &order).expect(201).text("/id")
    };
    let ended = || other.staff.get("/v1/ended-shares").expect(200).items();
    let (back, closed, out) = (share("Kanarie A", true), share("Kanarie B", false), share("Kanarie C", true));
    assert!(ended().is_empty());
    resident.call("DELETE", &format!("/v1/shares/{back}")).send().expect(204);
    let items = ended();
    assert_eq!((items.len(), &items[0]["id"], &items[0]["copies"]), (1, &json!(back), &json!("delete")));
    // A block ends the others, and looks like any other end.
    let block = resident.post("/v1/blocks", &json!({"organisation": other.id})).expect(201).text("/id");
    let items = ended();
    assert_eq!(items.len(), 3);
    let of = |id: &str| items.iter().find(|item| item["id"] == json!(id)).unwrap().as_object().unwrap();
    assert_eq!(of(&closed).keys().collect::<Vec<_>>(), of(&back).keys().collect::<Vec<_>>());
    assert_eq!((&of(&closed)["copies"], &of(&out)["copies"]), (&json!("none"), &json!("delete")));
    resident.call("DELETE", &format!("/v1/blocks/{block}")).send().expect(204);
    // What runs out by itself is told as well, and for thirty days.
    let late = share("Kanarie D", false);
    server.move_clock(3 * 24 * 60 * 60);
    assert!(ended().iter().any(|item| item["id"] == json!(late)));
    server.move_clock(40 * 24 * 60 * 60);
    assert!(ended().is_empty());
    assert!(practice.staff.get("/v1/ended-shares").expect(200).items().is_empty(), "only their own");
}

fn a_permission_for_a_duty_is_for_those_who_do_it(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let resident = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    let opens = || other.staff.get(&format!("/v1/shared-findings/{finding}")).status;
    let does = |duty: &str| {
        let login = &other.staff.login;
        other.server.cli(&["staff", "join", "--organisation", &other.id, "--login", login, "--duty", duty]);
    };
    let order = |more: Value| {
        let mut order = json!({"organisation": other.id, "called": "Kanarie", "duty": "physician"});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        resident.post("/v1/shares", &order)
    };
    order(json!({"duty": "boss"})).problem(422, "invalid");
    order(json!({"person": nobody()})).problem(422, "invalid");
    let share = order(json!({})).expect(201);
    assert_eq!(share.text("/recipient_kind"), "duty-physician");
    let seen = |eyes: &str| {
        let path = format!("/v1/share-preview?organisation={}{eyes}", other.id);
        resident.get(&path).expect(200).items().iter().filter(|item| item["visible"] == true).count()
    };
    assert_eq!((seen("&duty=physician"), seen("&duty=office"), seen("")), (1, 0, 0));
    // Nobody has said what this person does; then the office does something else; then a physician looks.
    assert_eq!(opens(), 404);
    does("office");
    assert_eq!(opens(), 404);
    assert!(other.staff.get("/v1/shared").expect(200).items().is_empty());
    does("physician");
    assert_eq!(opens(), 200);
    assert_eq!(other.staff.get("/v1/shared").expect(200).items().len(), 1);
    // Who goes on to work there keeps the duty, and a block for it beats a permission for all.
    other.server.cli(&["staff", "join", "--organisation", &other.id, "--login", &other.staff.login]);
    assert_eq!(opens(), 200);
    resident.post("/v1/shares", &json!({"organisation": other.id, "called": "Kanarie"})).expect(201);
    resident.post("/v1/blocks", &json!({"organisation": other.id, "duty": "physician"})).expect(201);
    assert_eq!(opens(), 404);
    does("care");
    assert_eq!(opens(), 200);
}
