//! Release: a finding shows when the resident wishes and the physician lets it; nothing is kept from them silently, and what
//! is put away is nobody's to find.

use serde_json::{Value, json};

use crate::{
    behind::Database::Main,
    house::{House, eventually},
    http::Reply,
    paper::{Report, Upload},
    people::{Account, Practice, Resident},
    server::{Server, Setup},
};

promises![
    what_is_held_back_shows_nowhere_and_is_told_to_its_resident,
    a_talk_releases_it,
    the_date_releases_it_unless_it_is_critical,
    who_wishes_to_talk_first_is_not_shown_before,
    not_on_the_phone_means_not_on_the_phone,
    a_wish_is_not_visible_to_the_practice,
    what_is_put_away_is_there_for_whoever_has_just_typed_the_pin,
    a_newer_version_of_what_was_put_away_comes_put_away_and_quietly,
    findings_of_a_practice_come_as_their_resident_wants_them,
    what_is_delicate_is_shared_only_when_it_is_meant,
    a_hold_is_checked_before_anything_is_stored,
    what_is_delicate_waits_for_a_talk_from_the_first_day_on,
    a_practice_says_what_it_talks_about_first,
];

const DAY: i64 = 86_400;

fn send(account: &Account, upload: &Upload, days: &str) -> Reply {
    upload.on(account.call("POST", &format!("/v1/practice/findings?hold_days={days}"))).send()
}

fn held(practice: &Practice, upload: &Upload) -> String {
    send(&practice.software, upload, "5").expect(201).text("/documents/0/id")
}

fn report(resident: &Resident) -> Report {
    Report::new(&resident.patient)
}

fn waiting(resident: &Resident) -> Vec<Value> {
    resident.get("/v1/waiting-findings").expect(200).items()
}

fn gone(resident: &Resident, finding: &str) {
    assert!(resident.list().iter().all(|f| f["id"] != json!(finding)));
    for what in ["", "/content", "/fhir"] {
        resident.get(&format!("/v1/findings/{finding}{what}")).problem(404, "not-found");
    }
    resident.call("PUT", &format!("/v1/findings/{finding}/read")).send().problem(404, "not-found");
    let change = json!({"treatment": "sensitive"});
    resident.call("PATCH", &format!("/v1/findings/{finding}")).json(&change).send().problem(404, "not-found");
}

fn talk(practice: &Practice, finding: &str) -> Reply {
    practice.staff.call("POST", &format!("/v1/practice/findings/{finding}/release")).send()
}

fn treat(resident: &Resident, finding: &str, treatment: &str) {
    let change = json!({"treatment": treatment});
    resident.call("PATCH", &format!("/v1/findings/{finding}")).json(&change).send().expect(204);
}

fn wish(resident: &Resident, wish: &str) {
    let me = resident.call("PATCH", "/v1/me").json(&json!({"release": wish})).send().expect(200);
    assert_eq!(me.text("/release"), wish);
}

/// Stops the server for as long as the clock jumps; it sweeps when it starts.
fn wait_until(server: &Server, seconds: i64) {
    server.move_clock(seconds);
    server.stop();
    server.restart();
}

fn what_is_held_back_shows_nowhere_and_is_told_to_its_resident(house: &House) {
    let practice = house.own_practice();
    let other = house.own_practice();
    let resident = practice.resident();
    resident.sign_in_again();
    let all = json!({"organisation": other.id, "called": "Kanarie", "data": {"sensitive": true}});
    let share = resident.post("/v1/shares", &all).expect(201).text("/id");
    let finding = held(&practice, &Upload::fhir(report(&resident).bytes()));
    let letter = held(&practice, &Upload::pdf(&resident.patient));
    gone(&resident, &letter);
    gone(&resident, &finding);
    resident.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
    // Nobody whom the resident has let in sees it before they do.
    assert!(other.staff.get(&format!("/v1/shared/{share}/findings")).expect(200).items().is_empty());
    other.staff.get(&format!("/v1/shared-findings/{finding}")).problem(404, "not-found");
    let preview: Vec<Value> = resident.get(&format!("/v1/share-preview?organisation={}", other.id)).expect(200).items();
    assert!(preview.is_empty());
    // But they know that it is there, from whom, and until when at the latest.
    let items = waiting(&resident);
    assert_eq!((items.len(), &items[0]["until"]), (2, &json!("date")));
    // The laboratory report has a critical value, so that no date releases it.
    assert_eq!((&items[1]["until"], items[1].get("shows_at")), (&json!("talk"), None));
    assert_eq!(items[0]["practice"]["id"], json!(practice.id));
    let latest: jiff::Timestamp = items[0]["shows_at"].as_str().unwrap().parse().unwrap();
    let days = (latest.as_second() - practice.server.clock()) / DAY;
    assert!((4..=5).contains(&days), "five days, today being the first: {days}");
    assert!(resident.logged("deliver", "done", Some(&finding)), "and that it came stands in the log");
    assert_eq!(practice.software.receipt(&finding)["state"], "delivered");
}

fn a_talk_releases_it(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let finding = held(&practice, &Upload::fhir(report(&resident).status("preliminary").bytes()));
    gone(&resident, &finding);
    assert_eq!(waiting(&resident)[0]["until"], "talk");
    // No other practice, and not the software that writes only.
    house
        .own_practice()
        .staff
        .call("POST", &format!("/v1/practice/findings/{finding}/release"))
        .send()
        .problem(404, "not-found");
    practice
        .software
        .call("POST", &format!("/v1/practice/findings/{finding}/release"))
        .send()
        .problem(403, "forbidden");
    talk(&practice, &finding).expect(204);
    assert_eq!(resident.open(&finding)["summary"]["id"], json!(finding));
    assert!(resident.logged("release", "done", Some(&finding)));
    assert!(waiting(&resident).is_empty());
    resident.get("/v1/trends?loinc=2823-3").expect(200);
    // Once more changes nothing, and is no second line.
    talk(&practice, &finding).expect(204);
    let done = |line: &&Value| line["action"] == "release" && line["outcome"] == "done";
    assert_eq!(resident.log().iter().filter(done).count(), 1);
}

fn the_date_releases_it_unless_it_is_critical(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let plain = held(&practice, &Upload::pdf(&resident.patient));
    let critical = held(&practice, &Upload::fhir(report(&resident).status("preliminary").bytes()));
    wait_until(&server, 3 * DAY);
    resident.sign_in_again();
    gone(&resident, &plain);
    wait_until(&server, 6 * DAY);
    resident.sign_in_again();
    eventually(|| resident.list().iter().any(|f| f["id"] == json!(plain)));
    assert!(resident.logged("release", "done", Some(&plain)));
    wait_until(&server, 80 * DAY);
    resident.sign_in_again();
    gone(&resident, &critical);
    assert_eq!(waiting(&resident)[0]["until"], "talk");
    practice.staff.sign_in_again();
    talk(&practice, &critical).expect(204);
    resident.open(&critical);
}

fn who_wishes_to_talk_first_is_not_shown_before(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let before = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    wish(&resident, "after-talk");
    // What shows already goes on to.
    resident.open(&before);
    let (first, second) = (Upload::pdf(&resident.patient), Upload::pdf(&resident.patient));
    let [first, second] =
        [first, second].map(|upload| practice.software.deliver(&upload)["id"].as_str().unwrap().to_owned());
    gone(&resident, &first);
    talk(&practice, &first).expect(204);
    // The practice has nothing to say here: there is no hold of its own. The wish is the resident's.
    let open = resident.get(&format!("/v1/findings/{first}")).status;
    assert_eq!(open, 200, "a talk is what was wished for");
    gone(&resident, &second);
    wait_until(&server, 15 * DAY);
    resident.sign_in_again();
    eventually(|| resident.list().iter().any(|f| f["id"] == json!(second)));
}

fn not_on_the_phone_means_not_on_the_phone(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    wish(&resident, "not-on-phone");
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    gone(&resident, &finding);
    talk(&practice, &finding).expect(204);
    gone(&resident, &finding);
    assert_eq!(waiting(&resident)[0]["until"], "wish");
    // The wish is taken back in one step, and by nobody else.
    wish(&resident, "at-once");
    resident.open(&finding);
    assert!(resident.logged("release", "done", Some(&finding)));
    let unknown = resident.call("PATCH", "/v1/me").json(&json!({"release": "never"})).send();
    unknown.problem(422, "invalid");
}

/// A restriction is never visible to providers: the same answers, with and without.
fn a_wish_is_not_visible_to_the_practice(house: &House) {
    let practice = house.own_practice();
    let (open, closed) = (practice.resident(), practice.resident());
    wish(&closed, "not-on-phone");
    let sent = |resident: &Resident| {
        let upload = Upload::pdf(&resident.patient);
        let receipt = practice.software.deliver(&upload);
        let id = receipt["id"].as_str().unwrap().to_owned();
        let talked = talk(&practice, &id);
        let mut later = practice.staff.receipt(&id);
        for own in ["id", "sha256", "received_at", "patient_reference"] {
            later[own] = json!("-");
        }
        (later.to_string(), talked.status, talked.body.len())
    };
    assert_eq!(sent(&open), sent(&closed));
}

fn what_is_put_away_is_there_for_whoever_has_just_typed_the_pin(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let finding =
        practice.software.deliver(&Upload::fhir(report(&resident).bytes()))["id"].as_str().unwrap().to_owned();
    let other = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    treat(&resident, &finding, "put-away");
    assert!(resident.logged("adjust", "done", Some(&finding)));
    let ids =
        |path: &str| -> Vec<Value> { resident.get(path).expect(200).items().iter().map(|f| f["id"].clone()).collect() };
    // Not in the list, also with a fresh PIN: somebody may be looking over the shoulder.
    assert_eq!(ids("/v1/findings"), [json!(other)]);
    assert_eq!(ids("/v1/findings?put_away=true"), [json!(finding)]);
    resident.open(&finding);
    resident.get("/v1/trends?loinc=2823-3").problem(404, "not-found");
    assert!(waiting(&resident).is_empty());
    // Five minutes later nobody finds it any more.
    let token = resident.token.clone();
    server.move_clock(6 * 60);
    let stale = |path: &str| server.call("GET", path).token(&token).send();
    for what in ["", "/content", "/fhir"] {
        stale(&format!("/v1/findings/{finding}{what}")).problem(404, "not-found");
    }
    assert_eq!(stale("/v1/findings").expect(200).items().len(), 1);
    stale("/v1/findings?put_away=true").problem(403, "step-up-required");
    treat(&resident, &finding, "normal");
    assert_eq!(ids("/v1/findings").len(), 2);
}

fn notices(server: &Server) -> String {
    server.ask(Main, "count(*)", "FROM outbox")[0].clone()
}

fn a_newer_version_of_what_was_put_away_comes_put_away_and_quietly(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let send =
        |report: &Report| practice.software.deliver(&Upload::fhir(report.bytes()))["id"].as_str().unwrap().to_owned();
    let paper = report(&resident);
    let first = send(&paper);
    treat(&resident, &first, "put-away");
    resident.wants_mail("jemand@example.org");
    let before = notices(&server);
    let second = send(&paper.revision(2).potassium("5.4"));
    assert!(resident.list().is_empty(), "not in the open again because a value was corrected");
    assert_eq!(notices(&server), before);
    let away = resident.get("/v1/findings?put_away=true").expect(200).items();
    assert_eq!((away.len(), &away[0]["id"]), (2, &json!(second)), "both versions");
    // Whoever treats one version treats all of them.
    treat(&resident, &second, "normal");
    resident.open(&first);
    assert_eq!(resident.list().len(), 2);
    treat(&resident, &first, "put-away");
    assert!(resident.list().is_empty());
}

fn findings_of_a_practice_come_as_their_resident_wants_them(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let (practice, other) = (Practice::add(&server), Practice::add(&server));
    let resident = practice.resident();
    let path = format!("/v1/me/practices/{}/discretion", practice.id);
    let set = |notice: bool, put_away: bool| {
        resident.sign_in_again();
        resident.call("PUT", &path).json(&json!({"notice": notice, "put_away": put_away})).send().expect(204);
    };
    let none = json!({"notice": false, "put_away": false});
    resident
        .call("PUT", &format!("/v1/me/practices/{}/discretion", other.id))
        .json(&none)
        .send()
        .problem(404, "not-found");
    resident.wants_mail("jemand@example.org");
    let receipt = || practice.software.deliver(&Upload::pdf(&resident.patient));
    let told = |what: &dyn Fn()| {
        let before = notices(&server);
        what();
        notices(&server) != before
    };
    let deliver = || drop(receipt());
    set(false, false);
    assert!(!told(&deliver), "no notice");
    assert_eq!(resident.list().len(), 1);
    set(true, true);
    assert!(!told(&deliver), "none of what is put away either");
    assert_eq!(resident.list().len(), 1);
    assert_eq!(resident.get("/v1/findings?put_away=true").expect(200).items().len(), 1);
    // The practice sees the same as ever.
    assert_eq!(receipt()["state"], "delivered");
    // The practice itself is in the list only for whoever has just typed the PIN.
    let token = resident.fresh_token();
    let practices = |token: &str| {
        let me = server.call("GET", "/v1/me").token(token).send().expect(200).json();
        me["practices"].as_array().unwrap().iter().filter(|one| one["put_away"] == true).count()
    };
    assert_eq!(practices(&token), 1);
    server.move_clock(6 * 60);
    assert_eq!(practices(&token), 0);
    server.call("PUT", &path).token(&token).json(&none).send().problem(403, "step-up-required");
    set(true, false);
    assert!(told(&deliver), "as before");
    assert_eq!(resident.list().len(), 2);
}

fn what_is_delicate_is_shared_only_when_it_is_meant(house: &House) {
    let practice = house.own_practice();
    let other = house.own_practice();
    let resident = practice.resident();
    let finding = practice.software.deliver(&Upload::pdf(&resident.patient))["id"].as_str().unwrap().to_owned();
    let share = |data: Value| {
        resident.sign_in_again();
        let order = json!({"organisation": other.id, "called": "Kanarie", "data": data});
        resident.post("/v1/shares", &order).expect(201).text("/id")
    };
    let open = || other.staff.get(&format!("/v1/shared-findings/{finding}")).status;
    let all = share(json!({}));
    assert_eq!(open(), 200);
    for treatment in ["sensitive", "put-away"] {
        treat(&resident, &finding, treatment);
        assert_eq!(open(), 404, "{treatment} holds for the very next request");
        resident.sign_in_again();
    }
    let named = share(json!({"findings": [finding]}));
    assert_eq!(open(), 200);
    for id in [all, named] {
        resident.call("DELETE", &format!("/v1/shares/{id}")).send().expect(204);
    }
    share(json!({"sensitive": true}));
    assert_eq!(open(), 200);
    treat(&resident, &finding, "sensitive");
    let delicate: Vec<Value> = resident.get("/v1/findings?sensitive=true").expect(200).items();
    assert_eq!(delicate.len(), 1);
    let wrong = resident.call("PATCH", &format!("/v1/findings/{finding}")).json(&json!({"treatment": "held"})).send();
    wrong.problem(422, "invalid");
}

fn a_hold_is_checked_before_anything_is_stored(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    for days in ["15", "-1", "many"] {
        let refused = send(&practice.software, &Upload::pdf(&resident.patient), days);
        assert!(matches!(refused.status, 400 | 422), "{days}: {}", refused.status);
    }
    assert!(waiting(&resident).is_empty() && resident.list().is_empty());
}

/// A report of the practice's own software about this, and what became of it.
fn about(practice: &Practice, resident: &Resident, title: &str, query: &str) -> Value {
    let upload = Upload::pdf(&resident.patient).saying("title", json!(title));
    let sent = upload.on(practice.software.call("POST", &format!("/v1/practice/findings{query}"))).send().expect(201);
    sent.json()["documents"][0].clone()
}

fn to_talk_about(practice: &Practice) -> Vec<Value> {
    practice.staff.get("/v1/practice/findings?held=true").expect(200).items()
}

fn what_is_delicate_waits_for_a_talk_from_the_first_day_on(house: &House) {
    let practice = Practice::untouched(house.server());
    let resident = practice.resident();
    let rules = practice.staff.get("/v1/practice/hold-rules").expect(200).json();
    assert_eq!((rules["topics"].as_array().map(Vec::len), &rules["days"]), (Some(9), &json!(14)));
    let common = about(&practice, &resident, "Röntgen der Hand", "");
    assert_eq!((resident.list().len(), common.get("hold")), (1, None));
    // A date releases it, if nobody talks.
    let virus = about(&practice, &resident, "HIV-Suchtest", "");
    assert!(virus["hold"]["until"].is_string(), "{virus}");
    let preview = Upload::pdf(&resident.patient).saying("title", json!("HIV-Suchtest"));
    let preview = preview.on(practice.software.call("POST", "/v1/practice/findings?dry_run=true")).send().expect(200);
    assert_eq!(preview.json()["documents"][0]["hold"], virus["hold"], "and a preview tells so before");
    // Nothing but a talk does, where the laboratory calls a value critical.
    let critical = Upload::fhir(report(&resident).bytes());
    let critical = critical.on(practice.software.call("POST", "/v1/practice/findings")).send().expect(201);
    let critical = critical.json()["documents"][0].clone();
    assert_eq!(critical["hold"], json!({}), "{critical}");
    assert_eq!(resident.list().len(), 1);
    let told: Vec<Value> = waiting(&resident).iter().map(|item| item["until"].clone()).collect();
    assert_eq!(told, ["talk", "date"]);
    // The practice has a list of whom to call, which gets shorter with each call.
    let ids = |items: Vec<Value>| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(to_talk_about(&practice)), [critical["id"].clone(), virus["id"].clone()]);
    for finding in [&virus, &critical] {
        talk(&practice, finding["id"].as_str().expect("an id")).expect(204);
    }
    assert_eq!((resident.list().len(), waiting(&resident).len(), to_talk_about(&practice).len()), (3, 0, 0));
    assert_eq!(practice.software.receipt(virus["id"].as_str().expect("an id")).get("hold"), None);
    // Who sends it knows more than any list.
    let released = about(&practice, &resident, "HIV-Bestätigungstest", "?hold_days=0");
    assert_eq!((released.get("hold"), resident.list().len()), (None, 4));
}

fn a_practice_says_what_it_talks_about_first(house: &House) {
    let (practice, other) = (Practice::untouched(house.server()), Practice::untouched(house.server()));
    let resident = practice.resident();
    assert_eq!(practice.hold(&["drugs", "critical"], 3, 0).expect(200).json()["topics"], json!(["critical", "drugs"]));
    about(&practice, &resident, "Lues-Suchtest", "");
    assert_eq!(resident.list().len(), 1);
    let drugs = about(&practice, &resident, "Drogenscreening im Urin", "");
    let until: jiff::Timestamp = drugs["hold"]["until"].as_str().expect("a day").parse().expect("a moment");
    let days = (until.as_second() - practice.server.clock()) / DAY;
    assert!((2..=3).contains(&days), "three days, today being the first: {days}");
    // Everything waits, if the practice wants to look through it first.
    practice.hold(&[], 14, 2).expect(200);
    assert!(about(&practice, &resident, "Röntgen des Knies", "")["hold"]["until"].is_string());
    assert_eq!(resident.list().len(), 1, "and what waits already goes on to");
    // What is wrong changes nothing, and one practice's rules are not another's.
    practice.hold(&["everything"], 14, 0).problem(422, "invalid");
    practice.hold(&[], 0, 0).problem(422, "invalid");
    practice.hold(&[], 15, 0).problem(422, "invalid");
    practice.hold(&[], 14, 15).problem(422, "invalid");
    let rules = |practice: &Practice| practice.staff.get("/v1/practice/hold-rules").expect(200).json();
    assert_eq!(rules(&practice), json!({"topics": [], "days": 14, "other_days": 2}));
    assert_eq!(rules(&other)["topics"].as_array().map(Vec::len), Some(9));
}
