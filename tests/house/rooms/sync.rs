//! What an app keeps is what the server shows: after every change, whatever its cause, and however often the app was cut off.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use super::{
    encounters::{finding as laboratory, text},
    representation::Acting,
};
use crate::{
    behind::Database::Main,
    district::{facts, id, published, publishers},
    house::House,
    http::Reply,
    paper::{Report, Upload},
    people::{Practice, Resident, nobody},
    server::Setup,
};

promises![
    m1_a_replica_is_what_the_server_shows,
    m2_whatever_is_not_seen_any_more_comes_as_a_delete,
    m2_what_time_alone_changes_comes_too,
    m3_a_position_leads_on_for_thirty_days,
    m3_an_app_that_is_ahead_of_a_restored_server_begins_anew,
    m4_nothing_is_lost_while_others_write,
    a_month_away_is_one_request,
    who_acts_for_somebody_keeps_what_is_open_there_and_nothing_else,
    each_finding_that_goes_out_has_its_line,
    a_position_is_good_for_its_owner_only,
    what_was_handed_out_goes_with_the_account,
];

type Store = BTreeMap<(String, String), Value>;

/// An app that keeps what it was told.
#[derive(Default, Clone)]
struct Replica {
    store: Store,
    since: Option<String>,
}

impl Replica {
    /// Applies a page, as the contract says. Whether there is more.
    fn apply(&mut self, page: &Value) -> bool {
        for change in page["changes"].as_array().unwrap() {
            let (kind, id) = (text(change, "/type"), text(change, "/id"));
            if change["op"] == "delete" {
                self.store.remove(&(kind, id));
            } else {
                let thing = change[&kind].clone();
                assert!(thing.is_object(), "{change}");
                self.store.insert((kind, id), thing);
            }
        }
        self.since = Some(text(page, "/next"));
        page["has_more"].as_bool().unwrap()
    }

    fn ask(&self, limit: u32, get: impl Fn(&str) -> Reply) -> Reply {
        let since = self.since.as_ref().map(|since| format!("&since={since}")).unwrap_or_default();
        get(&format!("/v1/sync?limit={limit}{since}"))
    }

    /// Asks until there is no more. How many pages that were, and all changes.
    fn catch_up(&mut self, limit: u32, get: impl Fn(&str) -> Reply) -> (usize, Vec<Value>) {
        let mut changes = Vec::new();
        for pages in 1.. {
            let page = self.ask(limit, &get).expect(200).json();
            changes.extend(page["changes"].as_array().unwrap().iter().cloned());
            if !self.apply(&page) {
                return (pages, changes);
            }
        }
        unreachable!()
    }

    fn of(resident: &Resident) -> Self {
        let mut replica = Self::default();
        replica.catch_up(200, |path| resident.get(path));
        replica
    }
}

/// What the server shows by its lists.
fn shown(resident: &Resident) -> Store {
    let mut store = Store::new();
    let mut path = "/v1/findings?limit=200".to_owned();
    loop {
        let page = resident.get(&path).expect(200).json();
        for item in page["items"].as_array().unwrap() {
            let finding = resident.open(&text(item, "/id"));
            let kind = if item["state"] == "recalled" { "recall" } else { "finding" };
            store.insert((kind.to_owned(), text(item, "/id")), finding);
        }
        let Some(next) = page.get("next_cursor").and_then(Value::as_str) else { break };
        path = format!("/v1/findings?limit=200&cursor={next}");
    }
    let lists = [
        ("consent", "/v1/consents"),
        ("share", "/v1/shares"),
        ("block", "/v1/blocks"),
        ("registration", "/v1/registrations"),
        ("bookmark", "/v1/bookmarks"),
        ("recommendation", "/v1/recommendations"),
        ("question", "/v1/questions"),
        ("correction", "/v1/corrections"),
    ];
    for (kind, path) in lists {
        for mut item in resident.get(path).expect(200).items() {
            // Offers come by a feed of their own.
            item.as_object_mut().unwrap().remove("offer");
            let id = if kind == "bookmark" { "/offer_id" } else { "/id" };
            store.insert((kind.to_owned(), text(&item, id)), item);
        }
    }
    store
}

#[track_caller]
fn assert_same(replica: &Replica, resident: &Resident, what: &str) {
    let server = shown(resident);
    let only = |a: &Store, b: &Store| -> Vec<String> {
        a.iter()
            .filter(|(key, value)| b.get(*key) != Some(value))
            .map(|(key, value)| format!("{key:?} {value}"))
            .collect()
    };
    let (app, server) = (only(&replica.store, &server), only(&server, &replica.store));
    assert!(app.is_empty() && server.is_empty(), "{what}: only the app has {app:#?}, only the server has {server:#?}");
}

fn letter(practice: &Practice, resident: &Resident) -> String {
    text(&practice.software.deliver(&Upload::pdf(&resident.patient)), "/id")
}

fn treat(resident: &Resident, finding: &str, treatment: &str) -> u16 {
    resident.call("PATCH", &format!("/v1/findings/{finding}")).json(&json!({"treatment": treatment})).send().status
}

/// Numbers that are the same in each run, so that a red one can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // xorshift (Marsaglia 2003)
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn one_of(&mut self, all: &[String]) -> String {
        all[self.roll(all.len())].clone()
    }
}

/// Everything that anybody may do about a resident, one at a time.
struct World<'a> {
    practice: &'a Practice,
    other: &'a Practice,
    resident: &'a Resident,
    offers: Vec<String>,
    findings: Vec<String>,
    corrected: u32,
}

impl World<'_> {
    fn own(&self, list: &str) -> Vec<String> {
        let items = self.resident.get(list).expect(200).items();
        items.iter().filter(|item| item.get("ended_at").is_none()).map(|item| text(item, "/id")).collect()
    }

    /// What happens; what is refused, because it does not fit the moment, is nothing that happened.
    fn step(&mut self, dice: &mut Dice) -> &'static str {
        let resident = self.resident;
        match dice.roll(14) {
            0 => {
                self.findings.push(letter(self.practice, resident));
                "a letter"
            }
            1 => {
                self.findings.push(laboratory(self.practice, resident));
                "a report"
            }
            2 => {
                self.corrected += 1;
                let issued = format!("2026-11-{:02}T09:00:00+01:00", 1 + self.corrected % 28);
                let report = Report::new(&resident.patient).issued(&issued).status("corrected").potassium("4.20");
                let _whatever = self.practice.software.upload(&Upload::fhir(report.bytes()));
                "a version"
            }
            3 => {
                self.practice.staff.recall(&dice.one_of(&self.findings));
                "a recall"
            }
            4 => {
                resident.call("PUT", &format!("/v1/findings/{}/read", dice.one_of(&self.findings))).send();
                "read"
            }
            5 => {
                let treatment = ["normal", "sensitive", "put-away"][dice.roll(3)];
                treat(resident, &dice.one_of(&self.findings), treatment);
                treatment
            }
            6 | 7 => {
                resident.post("/v1/questions", &json!({"said": "Warum?"}));
                "a question"
            }
            8 | 9 => {
                let Some(question) = self.own("/v1/questions").pop() else { return "nothing" };
                let path = format!("/v1/questions/{question}");
                if dice.roll(2) == 0 {
                    resident.call("DELETE", &path).send().expect(204);
                    return "a question thrown away";
                }
                resident.call("PATCH", &path).json(&json!({"answered": true})).send().expect(204);
                "a question answered"
            }
            10 => {
                resident.post("/v1/shares", &json!({"organisation": self.other.id, "called": "Käthe"}));
                "a share"
            }
            11 => {
                let list = ["/v1/shares", "/v1/blocks"][dice.roll(2)];
                let Some(rule) = self.own(list).pop() else { return "nothing" };
                resident.call("DELETE", &format!("{list}/{rule}")).send();
                "a rule ends"
            }
            12 => {
                let method = ["PUT", "DELETE"][dice.roll(2)];
                resident.call(method, &format!("/v1/bookmarks/{}", dice.one_of(&self.offers))).send().expect(204);
                "a bookmark"
            }
            _ => {
                let finding = dice.one_of(&self.findings);
                resident.post(&format!("/v1/findings/{finding}/corrections"), &json!({"said": "Das bin ich nicht."}));
                "a correction"
            }
        }
    }
}

fn m1_a_replica_is_what_the_server_shows(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let resident = practice.resident();
    let people = publishers(house.server(), "kiosk");
    let offers = ["Rückenkurs", "Kochen"].map(|title| id(&published(&people, &facts(), title)).to_owned()).to_vec();
    let findings = vec![letter(&practice, &resident)];
    let mut world = World { practice: &practice, other: &other, resident: &resident, offers, findings, corrected: 0 };
    let mut dice = Dice(0x6e61_6872_6175_6d01);
    let (mut replica, mut stored) = (Replica::default(), Replica::default());
    let mut happened = Vec::new();
    resident.sign_in_again();
    for round in 0..40 {
        happened.extend((0..=dice.roll(3)).map(|_| world.step(&mut dice)).collect::<Vec<_>>());
        // The app reads a page or two, of whatever size, and is now and then cut off before it has stored what it read.
        for _ in 0..=dice.roll(2) {
            let limit = u32::try_from(1 + dice.roll(4)).unwrap();
            replica.apply(&replica.ask(limit, |path| resident.get(path)).expect(200).json());
            if dice.roll(4) == 0 {
                replica = stored.clone();
            } else {
                stored = replica.clone();
            }
        }
        if round % 8 == 7 {
            replica.catch_up(u32::try_from(1 + dice.roll(9)).unwrap(), |path| resident.get(path));
            assert_same(&replica, &resident, &format!("after {happened:?}"));
            stored = replica.clone();
        }
    }
    assert_eq!(Replica::of(&resident).store, replica.store, "who begins now has the same");
}

/// The one change about something.
fn about<'c>(changes: &'c [Value], kind: &str, id: &str) -> &'c Value {
    let mut of = changes.iter().filter(|change| change["type"] == kind && change["id"] == id);
    let found = of.next().unwrap_or_else(|| panic!("nothing about {kind} {id} in {changes:#?}"));
    assert!(of.next().is_none(), "twice: {changes:#?}");
    found
}

fn m2_whatever_is_not_seen_any_more_comes_as_a_delete(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    resident.sign_in_again();
    let [recalled, put_away] = [(); 2].map(|()| letter(&practice, &resident));
    let question = resident.post("/v1/questions", &json!({"said": "Warum?"})).expect(201).text("/id");
    let mut replica = Replica::of(&resident);
    assert!(
        ["finding", "finding"]
            .iter()
            .zip([&recalled, &put_away])
            .all(|(kind, id)| { replica.store.contains_key(&((*kind).to_owned(), id.clone())) })
    );

    practice.staff.recall(&recalled).expect(200);
    assert_eq!(treat(&resident, &put_away, "put-away"), 204);
    resident.call("DELETE", &format!("/v1/questions/{question}")).send().expect(204);
    let (_, changes) = replica.catch_up(200, |path| resident.get(path));
    let deleted = |kind, id| {
        let change = about(&changes, kind, id);
        (change["op"].clone(), change["reason"].clone(), change.get(kind).is_some())
    };
    assert_eq!(deleted("finding", &recalled), (json!("delete"), json!("recalled"), false));
    assert_eq!(deleted("finding", &put_away), (json!("delete"), json!("access_ended"), false));
    assert_eq!(deleted("question", &question), (json!("delete"), json!("deleted"), false));
    // What stays of it is told as well, and nothing of what it said.
    let stub = &about(&changes, "recall", &recalled)["recall"];
    assert_eq!(stub["summary"]["practice"]["id"], json!(practice.id));
    assert!(stub["values"].as_array().unwrap().is_empty() && stub.get("document").is_none(), "{stub}");
    assert_same(&replica, &resident, "after the deletes");

    // And what comes back is there again.
    assert_eq!(treat(&resident, &put_away, "normal"), 204);
    let (_, changes) = replica.catch_up(200, |path| resident.get(path));
    assert_eq!(about(&changes, "finding", &put_away)["op"], "upsert");
    assert_same(&replica, &resident, "when it is back");
    assert!(replica.ask(200, |path| resident.get(path)).json()["changes"].as_array().unwrap().is_empty());
}

fn m2_what_time_alone_changes_comes_too(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let other = Practice::add(&server);
    practice.hold(&[], 5, 5).expect(200);
    resident.sign_in_again();
    let order = json!({"organisation": other.id, "called": "Käthe", "days": 2});
    let share = resident.post("/v1/shares", &order).expect(201).text("/id");
    let held = letter(&practice, &resident);
    let mut replica = Replica::of(&resident);
    assert!(!replica.store.contains_key(&("finding".into(), held.clone())), "it is held back");

    server.move_clock(6 * 86_400);
    server.stop();
    server.restart();
    resident.sign_in_again();
    let (_, changes) = replica.catch_up(200, |path| resident.get(path));
    assert_eq!(about(&changes, "finding", &held)["op"], "upsert", "the date released it");
    assert_eq!(about(&changes, "share", &share)["share"]["stands"], json!(false), "and the permission is over");
    assert_same(&replica, &resident, "after six days");
}

fn m3_a_position_leads_on_for_thirty_days(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let on_day = |days: i64| {
        server.move_clock(days * 86_400);
        server.stop();
        server.restart();
        resident.sign_in_again();
    };
    let [first, second] = [(); 2].map(|()| letter(&practice, &resident));
    let mut replica = Replica::of(&resident);
    let old = replica.clone();
    on_day(40);
    // As long as nothing changed, a position is as good as on its first day.
    assert!(replica.ask(200, |path| resident.get(path)).expect(200).json()["changes"].as_array().unwrap().is_empty());
    practice.staff.recall(&first).expect(200);
    let (_, changes) = replica.catch_up(200, |path| resident.get(path));
    assert_eq!(about(&changes, "finding", &first)["reason"], "recalled");
    on_day(69);
    let (_, changes) = old.clone().catch_up(200, |path| resident.get(path));
    assert_eq!(about(&changes, "finding", &first)["reason"], "recalled", "the last day on which it is remembered");
    on_day(71);
    old.ask(200, |path| resident.get(path)).problem(410, "cursor-expired");
    assert_same(&Replica::of(&resident), &resident, "who begins anew");
    // The app that had asked in between goes on.
    practice.staff.recall(&second).expect(200);
    replica.catch_up(1, |path| resident.get(path));
    assert_same(&replica, &resident, "who was not away");
}

fn m3_an_app_that_is_ahead_of_a_restored_server_begins_anew(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    letter(&practice, &resident);
    let before = Replica::of(&resident);
    let lost = letter(&practice, &resident);
    let ahead = Replica::of(&resident);
    // The database is as it was before the second letter, and goes on from there.
    let gone = server.bytes(&lost);
    server.execute(Main, "DELETE FROM sync_points WHERE rev > 1");
    server.execute(Main, "DELETE FROM sync_items WHERE rev > 1");
    server.execute(Main, "UPDATE sync_points SET superseded_at = NULL");
    server.execute(Main, "UPDATE sync_feeds SET rev = 1");
    server.execute(Main, &format!("UPDATE findings SET state = 'expired', resident_id = NULL WHERE id = {gone}"));
    for _ in 0..3 {
        letter(&practice, &resident);
        Replica::of(&resident);
    }
    ahead.ask(200, |path| resident.get(path)).problem(410, "cursor-expired");
    let mut before = before;
    before.catch_up(200, |path| resident.get(path));
    assert_same(&before, &resident, "who was not ahead");
}

fn m4_nothing_is_lost_while_others_write(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let over = Arc::new(AtomicBool::new(false));
    let (mut one, mut two) = (Replica::default(), Replica::default());
    thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (practice, resident) = (&practice, &resident);
                scope.spawn(move || {
                    for round in 0..6 {
                        let letter = letter(practice, resident);
                        resident.post("/v1/questions", &json!({"said": format!("{writer}.{round}")})).expect(201);
                        if round % 3 == 2 {
                            practice.staff.recall(&letter).expect(200);
                        }
                    }
                })
            })
            .collect();
        // Two phones of the same resident, each with pages of its own.
        for (replica, limit) in [(&mut one, 1), (&mut two, 3)] {
            let (resident, over) = (&resident, Arc::clone(&over));
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let reply = replica.ask(limit, |path| resident.get(path));
                    // A busy server asks for patience.
                    if reply.status != 503 {
                        replica.apply(&reply.expect(200).json());
                    }
                }
            });
        }
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        over.store(true, Ordering::Relaxed);
    });
    for replica in [&mut one, &mut two] {
        replica.catch_up(2, |path| resident.get(path));
        assert_same(replica, &resident, "after all of it");
    }
}

fn a_month_away_is_one_request(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    resident.sign_in_again();
    let findings: Vec<String> = (0..12).map(|_| letter(&practice, &resident)).collect();
    let mut replica = Replica::of(&resident);
    for finding in &findings[..4] {
        laboratory(&practice, &resident);
        practice.staff.recall(finding).expect(200);
        resident.post("/v1/questions", &json!({"said": "Warum?"})).expect(201);
    }
    let (requests, changes) = replica.catch_up(200, |path| resident.get(path));
    assert_eq!(requests, 1);
    assert_eq!(changes.len(), 16, "four reports, four questions, four deletes and what stays of them");
    assert_same(&replica, &resident, "after a month");
}

fn who_acts_for_somebody_keeps_what_is_open_there_and_nothing_else(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let (open, private) = (letter(&practice, &mother), letter(&practice, &mother));
    mother.sign_in_again();
    mother.post("/v1/questions", &json!({"said": "Warum?"})).expect(201);
    let acting = Acting::new(&mother, &daughter, &json!({}));
    let mut replica = Replica::default();
    replica.catch_up(1, |path| acting.get(path));
    let kept =
        |replica: &Replica| replica.store.keys().map(|(kind, id)| (kind.clone(), id.clone())).collect::<Vec<_>>();
    let finding = |id: &String| ("finding".to_owned(), id.clone());
    let mut both = vec![finding(&open), finding(&private)];
    both.sort();
    assert_eq!(kept(&replica), both, "findings, and nothing else of hers");
    assert_eq!(kept(&Replica::of(&daughter)).iter().filter(|(kind, _)| kind == "finding").count(), 0);
    let line = mother.log().into_iter().find(|line| line["action"] == "sync" && line["finding_id"] == json!(open));
    assert_eq!(line.expect("a line")["actor"], "representative");

    // What she puts away for herself is not shown to the daughter any more, and the daughter's phone is told.
    mother.sign_in_again();
    assert_eq!(treat(&mother, &private, "sensitive"), 204);
    let (_, changes) = replica.catch_up(200, |path| acting.get(path));
    let told = about(&changes, "finding", &private);
    assert_eq!((&told["op"], &told["reason"]), (&json!("delete"), &json!("access_ended")));
    assert_eq!(kept(&replica), [finding(&open)]);
    // Nor is she told what becomes of a finding that she does not see any more: a recall is one of them.
    practice.staff.recall(&open).expect(200);
    let (_, changes) = replica.catch_up(200, |path| acting.get(path));
    let told = about(&changes, "finding", &open);
    assert_eq!((&told["op"], &told["reason"], changes.len()), (&json!("delete"), &json!("access_ended"), 1));
    assert!(replica.store.is_empty());
    // Asking in her place is nothing that was done there.
    let by = house.server().bytes(&acting.by);
    let acted =
        house.server().ask(Main, "count(*)", &format!("FROM consent_rules WHERE id = {by} AND acted_at IS NOT NULL"));
    assert_eq!(acted, ["0"]);
    mother.call("DELETE", &format!("/v1/shares/{}", acting.by)).send().expect(204);
    replica.ask(200, |path| acting.get(path)).problem(403, "forbidden");
}

fn each_finding_that_goes_out_has_its_line(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let letter = letter(&practice, &resident);
    let lines = |resident: &Resident| resident.log().iter().filter(|line| line["action"] == "sync").count();
    let mut replica = Replica::of(&resident);
    assert!(resident.logged("sync", "done", Some(&letter)));
    assert_eq!(lines(&resident), 1);
    replica.catch_up(200, |path| resident.get(path));
    assert_eq!(lines(&resident), 1, "an answer without findings shows nothing");
    // A phone that has it counts as somebody who has seen it.
    let receipt = practice.software.receipt(&letter);
    assert!(receipt["first_opened_at"].is_string(), "{receipt}");
    practice.staff.get("/v1/sync").problem(403, "forbidden");
    practice.software.get("/v1/sync").problem(403, "forbidden");
}

fn a_position_is_good_for_its_owner_only(house: &House) {
    let practice = house.own_practice();
    let (resident, other) = (practice.resident(), practice.resident());
    letter(&practice, &resident);
    let replica = Replica::of(&resident);
    Replica::of(&other);
    replica.ask(200, |path| other.get(path)).problem(410, "cursor-expired");
    for bad in ["x", "", "b3BhcXVl", &nobody()] {
        resident.get(&format!("/v1/sync?since={bad}")).problem(400, "cursor-mismatch");
    }
    // It outlives the session in which it was given out.
    resident.sign_in_again();
    replica.ask(200, |path| resident.get(path)).expect(200);
}

fn what_was_handed_out_goes_with_the_account(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    letter(&practice, &resident);
    Replica::of(&resident);
    let server = house.server();
    let known = || {
        let id = server.bytes(&resident.id);
        server.ask(Main, "count(*)", &format!("FROM sync_items WHERE feed_id = {id}"))[0].clone()
    };
    assert_ne!(known(), "0");
    resident.sign_in_again();
    resident.call("DELETE", "/v1/me").send().expect(204);
    assert_eq!(known(), "0");
}
