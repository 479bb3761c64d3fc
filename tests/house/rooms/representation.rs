//! People who act for others: in their own name, in somebody's place, and never further than they were let.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    encounters::{appointed, claimed, finding, text},
    endpoints::{Scene, Thing, Who, rows},
    exports::unpack,
};
use crate::{
    house::House,
    http::{Call, Reply},
    paper::Upload,
    people::{Practice, Resident, consent, nobody},
    server::Setup,
    sql::Intruder,
};

promises![
    sr_z10_who_acts_is_named_in_all_that_they_do,
    sr_z10_in_somebodys_place_one_may_do_this_and_nothing_else,
    sr_z10_a_proxy_cannot_appoint_proxies,
    sr_z10_what_is_closed_to_who_acts_leaves_no_trace,
    sr_z10_who_was_let_in_to_look_cannot_act,
    acting_ends_with_the_next_request,
    nobody_gives_more_than_is_open_to_themself,
    what_a_resident_has_closed_only_they_open_again,
    the_person_is_told_when_it_begins_when_it_is_used_and_when_it_ends,
    what_is_taken_away_in_somebodys_place_is_what_is_open_there,
    who_is_erased_acts_for_nobody,
];

/// Somebody who acts for somebody, by a permission.
pub(crate) struct Acting<'a> {
    pub(crate) who: &'a Resident,
    pub(crate) by: String,
}

impl<'a> Acting<'a> {
    pub(crate) fn new(person: &Resident, who: &'a Resident, more: &Value) -> Self {
        let mut order = json!({"may_act": true, "may_download": true});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let by = text(&appointed(person, who, &order), "/id");
        who.sign_in_again();
        Self { who, by }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        self.who.call(method, path).header("acting-for", &self.by)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call("GET", path).send()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    pub(crate) fn listed(&self) -> BTreeSet<String> {
        ids(&self.get("/v1/findings").expect(200))
    }
}

fn ids(reply: &Reply) -> BTreeSet<String> {
    reply.items().iter().map(|item| text(item, "/id")).collect()
}

fn letter(practice: &Practice, resident: &Resident) -> String {
    text(&practice.software.deliver(&Upload::pdf(&resident.patient)), "/id")
}

fn adjust(resident: &Resident, finding: &str, treatment: &str) {
    resident.sign_in_again();
    let body = json!({"treatment": treatment});
    resident.call("PATCH", &format!("/v1/findings/{finding}")).json(&body).send().expect(204);
}

fn sr_z10_who_acts_is_named_in_all_that_they_do(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let letter = letter(&practice, &mother);
    let acting = Acting::new(&mother, &daughter, &json!({}));
    assert_eq!(acting.listed(), [letter.clone()].into());
    acting.get(&format!("/v1/findings/{letter}")).expect(200);
    acting.get(&format!("/v1/findings/{letter}/content")).expect(200);
    acting.call("PUT", &format!("/v1/findings/{letter}/read")).send().expect(204);
    let order = json!({"organisation": practice.id, "called": "Käthe"});
    let share = acting.post("/v1/shares", &order).expect(201).text("/id");
    acting.call("DELETE", &format!("/v1/shares/{share}")).send().expect(204);
    let block = acting.post("/v1/blocks", &order_without_name(&practice.id)).expect(201).text("/id");
    acting.call("DELETE", &format!("/v1/blocks/{block}")).send().expect(204);
    acting.call("PATCH", "/v1/me").json(&json!({"release": "after-talk"})).send().expect(200);
    acting.post("/v1/consents", &consent(&practice.server, "de")).expect(201);

    // Each has its line with who and on what grounds, by the name that the daughter gave herself, and never by her account.
    let log = mother.log();
    for action in ["list", "open", "download", "mark-read", "share", "unshare", "block", "unblock"] {
        let line = log.iter().find(|l| l["action"] == action && l["actor"] == "representative");
        let line = line.unwrap_or_else(|| panic!("no {action}"));
        assert_eq!((&line["basis"], &line["outcome"]), (&json!("representation"), &json!("done")), "{line}");
        assert!(text(line, "/sentence").contains("Tochter Ayla"), "{line}");
        assert!(!line.to_string().contains(&daughter.id), "{line}");
    }
    assert_eq!(log.iter().filter(|l| l["action"] == "mark-read").count(), 1);
    // The decision knows it, and so does what other programs get of it.
    let decisions = mother.get("/v1/decisions").expect(200).items();
    let made = |id: &str| decisions.iter().find(|d| d["id"] == json!(id)).unwrap().clone();
    assert!(made(&share)["events"].as_array().unwrap().iter().all(|event| event["in_place"] == json!(true)));
    assert_eq!(made(&acting.by)["events"][0]["in_place"], json!(false));
    let fhir = mother.get(&format!("/v1/decisions/{share}/fhir")).expect(200).json();
    assert_eq!(fhir["performer"][0]["type"], json!("RelatedPerson"));
    assert!(!fhir.to_string().contains(&daughter.id));
    // Nothing of it happened to the daughter.
    assert!(daughter.get("/v1/decisions").expect(200).items().iter().all(|d| d["id"] != json!(share)));
    assert_eq!(daughter.get("/v1/me").expect(200).text("/release"), "at-once");
    assert_eq!(mother.get("/v1/me").expect(200).text("/release"), "after-talk");
}

fn order_without_name(organisation: &str) -> Value {
    json!({"organisation": organisation})
}

/// What can be done in somebody's place; all else is refused, whatever the credential could do by itself.
const MAY: [&str; 28] = [
    "list_changes",
    "list_findings",
    "get_finding",
    "get_finding_content",
    "mark_finding_read",
    "export_finding",
    "create_summary",
    "export_everything",
    "export_decision",
    "get_me",
    "list_consents",
    "grant_consent",
    "list_directory",
    "list_shares",
    "grant_share",
    "update_share",
    "list_blocks",
    "create_block",
    "get_share_preview",
    "list_decisions",
    "create_explanation",
    "list_explanations",
    "get_explanation",
    "end_explanation",
    "list_access_log",
    "end_share",
    "withdraw_consent",
    // of nobody in particular
    "",
];

fn sr_z10_in_somebodys_place_one_may_do_this_and_nothing_else(house: &House) {
    let scene = Scene::begin(house);
    let daughter = scene.practice.resident();
    let acting = Acting::new(&scene.resident, &daughter, &json!({}));
    let mut rows = rows();
    rows.retain(|row| row.who != Who::Anyone);
    rows.sort_by_key(|row| MAY.iter().position(|may| *may == row.operation));
    let mut done = BTreeSet::new();
    for row in &rows {
        let path = scene.path(row);
        daughter.sign_in_again();
        let reply = row.send(&scene, acting.call(row.method, &path));
        let said = || format!("{}: {} {}", row.operation, reply.status, String::from_utf8_lossy(&reply.body));
        if MAY.contains(&row.operation) {
            assert!(reply.status < 300, "{}", said());
            done.insert(row.operation);
        } else {
            assert_eq!(reply.status, 403, "{}", said());
            reply.problem(403, "forbidden");
        }
        // With nobody's permission there is nothing, whatever is asked.
        if row.thing != Thing::Code {
            let nobodys = daughter.call(row.method, &path).header("acting-for", &nobody());
            row.send(&scene, nobodys).problem(403, "forbidden");
        }
    }
    assert_eq!(done.len(), MAY.len() - 1, "{:?}", MAY.iter().filter(|may| !done.contains(*may)).collect::<Vec<_>>());
    // Who cannot be read means somebody else's things all the same.
    for bad in ["", "x", "00000000"] {
        daughter.call("GET", "/v1/findings").header("acting-for", bad).send().problem(422, "invalid");
    }
    // People at work and software act for nobody.
    for account in [&*scene.practice.staff, &*scene.practice.software] {
        account.call("GET", "/v1/findings").header("acting-for", &acting.by).send().problem(403, "forbidden");
    }
}

fn sr_z10_a_proxy_cannot_appoint_proxies(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter, friend) = (practice.resident(), practice.resident(), practice.resident());
    let letter = letter(&practice, &mother);
    let acting = Acting::new(&mother, &daughter, &json!({}));
    acting.call("POST", "/v1/representative-codes").send().problem(403, "forbidden");
    // Nor finish what the mother has begun, see whom else she has let in, or end that.
    let (id, number) = claimed(&mother, &friend);
    let order = json!({"number": number, "called": "Mama", "days": 30});
    daughter.sign_in_again();
    acting.post(&format!("/v1/representative-codes/{id}/confirmation"), &order).problem(403, "forbidden");
    acting.get(&format!("/v1/representative-codes/{id}")).problem(403, "forbidden");
    acting.call("DELETE", &format!("/v1/explanations/{id}")).send().problem(404, "not-found");
    let other = mother.post(&format!("/v1/representative-codes/{id}/confirmation"), &order).expect(201).text("/id");
    assert!(!ids(&acting.get("/v1/shares").expect(200)).contains(&other));
    acting.call("DELETE", &format!("/v1/shares/{other}")).send().problem(404, "not-found");
    // Their own they cannot make longer; they give it up in their own name.
    let longer = acting.call("PATCH", &format!("/v1/shares/{}", acting.by)).json(&json!({"days": 3000})).send();
    longer.problem(403, "forbidden");
    acting.call("DELETE", &format!("/v1/shares/{}", acting.by)).send().problem(403, "forbidden");
    acting.post("/v1/links", &json!({})).problem(403, "forbidden");
    // What the daughter gives to a friend is her own, and the friend gets no further by it.
    let own = Acting::new(&daughter, &friend, &json!({}));
    friend.call("GET", "/v1/findings").header("acting-for", &acting.by).send().problem(403, "forbidden");
    own.get(&format!("/v1/findings/{letter}")).problem(404, "not-found");
}

fn sr_z10_what_is_closed_to_who_acts_leaves_no_trace(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let (open, closed, away) = (letter(&practice, &mother), letter(&practice, &mother), letter(&practice, &mother));
    adjust(&mother, &closed, "sensitive");
    adjust(&mother, &away, "put-away");
    let acting = Acting::new(&mother, &daughter, &json!({}));
    let traces = || {
        let preview = acting.get(&format!("/v1/share-preview?organisation={}", practice.id)).expect(200).json();
        let log = acting.get("/v1/access-log?limit=200").expect(200).json();
        let (shares, blocks) =
            (acting.get("/v1/shares").expect(200).json(), acting.get("/v1/blocks").expect(200).json());
        let decisions = acting.get("/v1/decisions").expect(200).json();
        format!("{preview}{log}{shares}{blocks}{decisions}")
    };
    assert_eq!(acting.listed(), [open.clone()].into());
    let gone = acting.get(&format!("/v1/findings/{}", nobody())).problem(404, "not-found").fingerprint();
    for hidden in [&closed, &away] {
        for path in ["", "/content", "/fhir"] {
            let reply = acting.get(&format!("/v1/findings/{hidden}{path}"));
            assert_eq!(reply.problem(404, "not-found").fingerprint(), gone, "{path}");
        }
        acting.call("PUT", &format!("/v1/findings/{hidden}/read")).send().problem(404, "not-found");
        assert!(!traces().contains(hidden.as_str()));
    }
    acting.get("/v1/findings?put_away=true").problem(403, "forbidden");
    // What the mother does with it has no trace either: whom she shows it, and that somebody looked.
    mother.sign_in_again();
    let order = json!({"organisation": practice.id, "called": "Käthe", "data": {"findings": [closed]}});
    let share = mother.post("/v1/shares", &order).expect(201).text("/id");
    practice.staff.get(&format!("/v1/shared-findings/{closed}")).expect(200);
    let all = traces();
    assert!(!all.contains(&share) && !all.contains(&closed), "{all}");
    acting.call("DELETE", &format!("/v1/shares/{share}")).send().problem(404, "not-found");
    // Nor do the numbers have a gap, or tell how many there are.
    let log = acting.get("/v1/access-log?limit=200").expect(200).json();
    let numbers: Vec<i64> = log["items"].as_array().unwrap().iter().map(|l| l["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=i64::try_from(numbers.len()).unwrap()).rev().collect::<Vec<_>>());
    assert_eq!(log["head"]["count"], json!(numbers.len()));
    assert!(mother.log().len() > numbers.len());
    // The mother reads of every try.
    assert!(mother.logged("open", "denied", Some(&closed)));
    // What she calls normal again is there again.
    adjust(&mother, &closed, "normal");
    assert_eq!(acting.listed(), [open, closed].into());
}

fn sr_z10_who_was_let_in_to_look_cannot_act(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let letter = letter(&practice, &mother);
    let acting = Acting::new(&mother, &daughter, &json!({"may_act": false}));
    acting.get("/v1/findings").problem(403, "forbidden");
    acting.post("/v1/blocks", &json!({})).problem(403, "forbidden");
    daughter.get(&format!("/v1/shared-findings/{letter}")).expect(200);
    // It says so beforehand.
    assert_eq!(daughter.get("/v1/shared").expect(200).items()[0]["may_act"], json!(false));
}

fn acting_ends_with_the_next_request(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let (mother, daughter) = (practice.resident(), practice.resident());
    letter(&practice, &mother);
    let first = Acting::new(&mother, &daughter, &json!({}));
    first.get("/v1/findings").expect(200);
    mother.call("DELETE", &format!("/v1/shares/{}", first.by)).send().expect(204);
    let nothing = daughter.call("GET", "/v1/findings").header("acting-for", &nobody()).send();
    let nothing = nothing.problem(403, "forbidden").fingerprint();
    assert_eq!(first.get("/v1/findings").problem(403, "forbidden").fingerprint(), nothing);
    let second = Acting::new(&mother, &daughter, &json!({}));
    second.get("/v1/findings").expect(200);
    daughter.call("DELETE", &format!("/v1/shared/{}", second.by)).send().expect(204);
    second.get("/v1/findings").problem(403, "forbidden");
    // And by itself at the end of its last day.
    let third = Acting::new(&mother, &daughter, &json!({"days": 1}));
    third.get("/v1/findings").expect(200);
    server.move_clock(24 * 3600);
    third.get("/v1/findings").problem(403, "forbidden");
}

fn nobody_gives_more_than_is_open_to_themself(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let (lab, letter) = (finding(&practice, &mother), letter(&practice, &mother));
    let acting = Acting::new(&mother, &daughter, &json!({"data": {"kinds": ["laboratory"]}, "may_download": false}));
    assert_eq!(acting.listed(), [lab.clone()].into());
    acting.get(&format!("/v1/findings/{letter}/content")).problem(404, "not-found");
    let give = |data: &Value, download: bool| {
        let order = json!({"organisation": practice.id, "called": "K", "data": data, "may_download": download});
        acting.post("/v1/shares", &order)
    };
    for more in [json!({}), json!({"kinds": ["laboratory", "letter"]}), json!({"findings": [letter]})] {
        give(&more, false).problem(403, "forbidden");
        let talk = json!({"called": "K", "data": more});
        acting.post("/v1/explanations", &talk).problem(403, "forbidden");
    }
    give(&json!({"kinds": ["laboratory"], "sensitive": true}), false).problem(403, "forbidden");
    give(&json!({"kinds": ["laboratory"]}), true).problem(403, "forbidden");
    let share = give(&json!({"kinds": ["laboratory"], "findings": [lab]}), false).expect(201).text("/id");
    let path = format!("/v1/shared/{share}/findings");
    assert_eq!(ids(&practice.staff.get(&path).expect(200)), [lab].into());
}

fn what_a_resident_has_closed_only_they_open_again(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    letter(&practice, &mother);
    let acting = Acting::new(&mother, &daughter, &json!({}));
    let block = mother.post("/v1/blocks", &order_without_name(&practice.id)).expect(201).text("/id");
    acting.call("DELETE", &format!("/v1/blocks/{block}")).send().problem(403, "forbidden");
    let order = json!({"organisation": practice.id, "called": "K"});
    acting.post("/v1/shares", &order).problem(409, "recipient-blocked");
    // What is closed to everybody is closed to the daughter.
    mother.post("/v1/blocks", &json!({})).expect(201);
    assert!(acting.listed().is_empty());
}

fn the_person_is_told_when_it_begins_when_it_is_used_and_when_it_ends(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let (mother, daughter) = (practice.resident(), practice.resident());
    let letter = letter(&practice, &mother);
    mother.wants_mail("mutter@example.org");
    let mut intruder = Intruder::at(&server);
    let mut told = || intruder.number("SELECT count(*) FROM outbox WHERE kind = 'security'");
    let before = told();
    let acting = Acting::new(&mother, &daughter, &json!({}));
    assert_eq!(told(), before + 1);
    acting.get(&format!("/v1/findings/{letter}")).expect(200);
    assert_eq!(told(), before + 1, "a look stands in the log");
    for _ in 0..2 {
        acting.post("/v1/blocks", &order_without_name(&practice.id)).expect(201);
        assert_eq!(told(), before + 2, "the first act, and not the second");
    }
    daughter.call("DELETE", &format!("/v1/shared/{}", acting.by)).send().expect(204);
    assert_eq!(told(), before + 3);
}

fn what_is_taken_away_in_somebodys_place_is_what_is_open_there(house: &House) {
    let practice = house.own_practice();
    let (mother, daughter) = (practice.resident(), practice.resident());
    let (open, closed) = (letter(&practice, &mother), letter(&practice, &mother));
    letter(&practice, &daughter);
    adjust(&mother, &closed, "sensitive");
    let acting = Acting::new(&mother, &daughter, &json!({}));
    let files = unpack(&acting.get("/v1/export").expect(200).body);
    let all = |folder: &str| files.keys().filter(|name| name.starts_with(folder)).count();
    assert_eq!((all("documents/"), all("fhir/")), (1, 1));
    let text = files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect::<String>();
    assert!(text.contains(&open) && !text.contains(&closed));
    // A chain without links proves nothing, and with them it would tell.
    assert!(!files.contains_key("access-log.json"));
    assert!(mother.logged("export", "done", Some(&open)) && !mother.logged("export", "done", Some(&closed)));
    // Who may not download takes nothing away.
    let looks = Acting::new(&mother, &daughter, &json!({"may_download": false}));
    mother.call("DELETE", &format!("/v1/shares/{}", acting.by)).send().expect(204);
    let files = unpack(&looks.get("/v1/export").expect(200).body);
    assert!(!files.keys().any(|name| name.starts_with("fhir/")), "{:?}", files.keys());
}

fn who_is_erased_acts_for_nobody(house: &House) {
    // Erasing looks at much; beside everything that goes on at the shared server, it is told to come again.
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let (mother, daughter) = (practice.resident(), practice.resident());
    let acting = Acting::new(&mother, &daughter, &json!({}));
    daughter.call("DELETE", "/v1/me").send().expect(204);
    let shares = mother.get("/v1/shares").expect(200).items();
    let rule = shares.iter().find(|rule| rule["id"] == json!(acting.by)).unwrap();
    assert_eq!(rule["stands"], json!(false));
    let line = mother.log().into_iter().find(|line| line["action"] == "unshare").unwrap();
    assert_eq!((&line["actor"], &line["consent_id"]), (&json!("system"), &json!(acting.by)), "{line}");
    // And the other way round: nobody acts for who is erased.
    let (mother, daughter) = (practice.resident(), practice.resident());
    let acting = Acting::new(&mother, &daughter, &json!({}));
    mother.sign_in_again();
    mother.call("DELETE", "/v1/me").send().expect(204);
    acting.get("/v1/findings").problem(403, "forbidden");
    assert!(daughter.get("/v1/shared").expect(200).items().is_empty());
}
