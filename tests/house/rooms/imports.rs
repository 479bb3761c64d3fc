//! Lists of offers that an organisation brings along: first one is told what a list would do, then all of it is done, or nothing.

use std::{sync::Arc, time::Instant};

use serde_json::{Value, json};

use crate::{
    district::{draft, facts, id, publishers, step, text, words},
    house::House,
    http::Reply,
    people::Staff,
    server::{Server, Setup},
};

promises![
    a_dry_run_says_what_would_be_done_and_does_nothing,
    a_list_is_done_once_and_again_changes_nothing,
    every_fault_has_its_line_and_then_nothing_is_done,
    the_keys_of_others_are_not_ones_own,
    what_a_list_changes_follows_the_rules_for_a_change_by_hand,
    services_of_other_directories_become_offers_and_what_is_lost_is_named,
    who_publishes_nothing_imports_nothing,
    a_thousand_offers_come_in_one_go,
];

const TABLE: &str = include_str!("../../fixtures/formats/offers/table.csv");
const SERVICES: &str = include_str!("../../fixtures/formats/offers/services.json");

/// Tuesday, 1 December 2026, at nine in the morning in Hamburg.
const NOW: u64 = 1_796_112_000;

fn standing(house: &House) -> (Arc<Server>, [Staff; 2]) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(NOW);
    let people = publishers(&server, "kiosk");
    (server, people)
}

fn send(by: &Staff, query: &str, media_type: &str, body: &str) -> Reply {
    by.call("POST", &format!("/v1/publisher/offer-imports{query}")).bytes(media_type, body.into()).send()
}

fn dry(by: &Staff, table: &str) -> Value {
    send(by, "", "text/csv", table).expect(200).json()
}

fn done(by: &Staff, table: &str) -> Value {
    send(by, "?dry_run=false", "text/csv", table).expect(200).json()
}

fn offers(by: &Staff) -> Vec<Value> {
    by.get("/v1/publisher/offers?limit=200").expect(200).items()
}

/// What becomes of the offers of a list, in their order.
fn effects(told: &Value) -> Vec<&str> {
    told["offers"].as_array().unwrap().iter().map(|offer| offer["effect"].as_str().unwrap()).collect()
}

/// The number of the last change of what is public, and the revisions of all offers.
fn state(server: &Server, by: &Staff) -> (Value, Vec<Value>) {
    let revisions = offers(by).into_iter().map(|offer| offer["revision"].clone()).collect();
    (server.get("/v1/offer-feed").expect(200).json()["next"].clone(), revisions)
}

fn published(people: &[Staff; 2], offer: &Value) {
    if step(&people[0], offer, "submit").expect(200).json()["status"] == "in-review" {
        step(&people[1], offer, "approve").expect(200);
    }
}

fn a_dry_run_says_what_would_be_done_and_does_nothing(house: &House) {
    let (server, [one, _]) = standing(house);
    let told = dry(&one, TABLE);
    assert_eq!((&told["dry_run"], effects(&told)), (&json!(true), vec!["new", "new"]), "{told}");
    assert_eq!((&told["faults"], &told["more_faults"]), (&json!([]), &json!(0)));
    let walk = &told["offers"][0];
    assert_eq!((&walk["line"], &walk["key"], &walk["id"]), (&json!(2), &json!("gehen"), &Value::Null));
    assert_eq!(walk["changes"], json!(["facts", "text:de", "text:tr", "schedules"]));
    let notices: Vec<_> = walk["notices"].as_array().unwrap().iter().map(|notice| notice["code"].clone()).collect();
    assert_eq!(notices, ["rule-rewritten", "place-new", "sensitivity-assumed"]);
    assert_eq!(offers(&one).len(), 0);
    assert_eq!(one.get("/v1/publisher/places").expect(200).items().len(), 0);
    assert_eq!(server.get("/v1/offer-feed").expect(200).json()["next"], 0);
}

fn a_list_is_done_once_and_again_changes_nothing(house: &House) {
    let (server, people) = standing(house);
    let [one, _] = &people;
    let told = done(one, TABLE);
    assert_eq!((&told["dry_run"], effects(&told)), (&json!(false), vec!["new", "new"]), "{told}");
    let walk = one.get(&format!("/v1/publisher/offers/{}", id(&told["offers"][0]))).expect(200).json();
    assert_eq!(
        (&walk["status"], &walk["lang"], &walk["facts"]["spoken"]),
        (&json!("draft"), &json!("de"), &json!(["de", "tr"]))
    );
    assert_eq!(walk["texts"].as_array().unwrap().len(), 2);
    assert!(walk["texts"].as_array().unwrap().iter().all(|text| text["origin"] == "human" && text["stale"] == false));
    published(&people, &walk);
    let public = server.get(&format!("/v1/offers/{}", id(&walk))).expect(200).json();
    assert_eq!(public["place"]["street"], "Parkweg 1");
    // At ten on the wall, before and after the clocks change.
    assert_eq!(public["next_dates"][0]["starts_at"], "2026-12-01T09:00:00Z");
    let dates = server.get(&format!("/v1/offers/{}/dates", id(&walk))).expect(200).items();
    assert_eq!((dates.len(), &dates.last().unwrap()["starts_at"]), (18, &json!("2027-03-30T08:00:00Z")));
    let before = state(&server, one);
    for told in [dry(one, TABLE), done(one, TABLE)] {
        assert_eq!(effects(&told), ["unchanged", "unchanged"], "{told}");
        assert_eq!(told["offers"][0]["id"], walk["id"]);
    }
    assert_eq!(state(&server, one), before);
    assert_eq!(one.get("/v1/publisher/places").expect(200).items().len(), 1);
    // One line says something else: that one is changed, and what is not in the list stays.
    let other = TABLE.replace("Wir gehen zusammen eine Stunde.", "Wir gehen zusammen zwei Stunden.");
    let other: String =
        other.lines().filter(|line| !line.starts_with("druck")).map(|line| format!("{line}\n")).collect();
    assert_eq!(dry(one, &other)["offers"][0]["changes"], json!(["text:de"]));
    assert_eq!(state(&server, one), before);
    assert_eq!(effects(&done(one, &other)), ["changed"]);
    let public = server.get(&format!("/v1/offers/{}?lang=*", id(&walk))).expect(200).json();
    assert_eq!(public["texts"][0]["summary"], "Wir gehen zusammen zwei Stunden.");
    assert_eq!((&public["texts"][0]["stale"], &public["texts"][1]["stale"]), (&json!(false), &json!(true)));
    let after = state(&server, one);
    assert_eq!((after.0.as_i64(), after.1.len()), (before.0.as_i64().map(|n| n + 1), 2));
}

fn every_fault_has_its_line_and_then_nothing_is_done(house: &House) {
    let (_, [one, _]) = standing(house);
    let head =
        "key;language;title;summary;kind;topics;cost;registration;registration_at;place;starts_local;minutes;rule";
    let lines = [
        "gut;de;Gehgruppe;Wir gehen.;group;heart;free;phone;+4940123456;;;;",
        "art;de;Gehgruppe;Wir gehen.;feier;heart;free;phone;+4940123456;;;;",
        "preis;de;Gehgruppe;Wir gehen.;group;heart;billig;phone;040;;;;",
        "thema;de;Ge;\"Wir\ngehen.\";group;herz;free;phone;+4940123456;;;;",
        "ort;de;Gehgruppe;Wir gehen.;group;heart;free;none;;Nirgendhaus;;;",
        "wo;de;Gehgruppe;Wir gehen.;group;heart;free;none;;;;;",
        "wann;de;Gehgruppe;Wir gehen.;group;heart;free;phone;+4940123456;;2026-12-01T10:00;60;FREQ=HOURLY",
        "wort;klingonisch!;Gehgruppe;Wir gehen.;group;heart;free;phone;+4940123456;;;;",
        "zwei;de;Gehgruppe;Wir gehen.;group;heart;free;phone;+4940123456;;;;",
        "zwei;DE;Gehgruppe;Wir gehen.;;;;;;;;;",
    ];
    let table = format!("{head}\n{}\n", lines.join("\n"));
    let told = dry(&one, &table);
    let found: Vec<_> = told["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            assert!(fault["detail"].as_str().unwrap().ends_with('.'), "{fault}");
            (fault["line"].as_u64().unwrap(), fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap())
        })
        .collect();
    let expected = [
        (9, "rule", "rule-sub-daily"),
        (3, "kind", "unknown-kind"),
        (4, "cost", "unknown-cost"),
        (4, "registration", "unknown-registration"),
        (5, "topics", "unknown-topic"),
        (5, "title", "invalid-length"),
        (5, "summary", "invalid-length"),
        (7, "place", "unknown-place"),
        (8, "place", "missing"),
        (10, "language", "not-a-language"),
        (11, "language", "doubled"),
    ];
    assert_eq!(found, expected);
    // What cannot be done is a problem with the same faults, and the good lines are not done either.
    let refused = send(&one, "?dry_run=false", "text/csv", &table).problem(422, "invalid").json();
    let pointers: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].clone()).collect();
    let expected: Vec<_> = expected.iter().map(|(line, field, _)| format!("{line}:{field}")).collect();
    assert_eq!(pointers, expected);
    assert_eq!(offers(&one).len(), 0);
    // A file that Excel wrote in its own code page is told so.
    let told = one
        .call("POST", "/v1/publisher/offer-imports")
        .bytes("text/csv", b"key;language;title;summary\na;de;\xdcben;\n".to_vec())
        .send();
    assert_eq!(told.expect(200).json()["faults"][0]["code"], "not-utf8");
    send(&one, "", "text/plain", TABLE).problem(415, "unsupported-media-type");
    send(&one, "", "text/csv", &"x".repeat(4 * 1024 * 1024 + 1)).problem(413, "too-large");
}

fn the_keys_of_others_are_not_ones_own(house: &House) {
    let (server, people) = standing(house);
    let others = publishers(&server, "social-institution");
    let told = done(&people[0], TABLE);
    published(&people, &told["offers"][0]);
    let before = state(&server, &people[0]);
    let foreign = TABLE.replace("Wir gehen zusammen eine Stunde.", "Feindlich.");
    let told = done(&others[0], &foreign);
    assert_eq!(effects(&told), ["new", "new"], "the same keys are other offers");
    assert_eq!(state(&server, &people[0]), before);
    assert!(offers(&others[0]).iter().all(|offer| offer["status"] == "draft"));
    // Nor can places of others be named.
    let place = people[0].get("/v1/publisher/places").expect(200).text("/items/0/id");
    let table =
        format!("key,language,title,summary,kind,topics,cost,place\na,de,Titel,Kurz,group,heart,free,{place}\n");
    assert_eq!(dry(&others[0], &table)["faults"][0]["code"], "unknown-place");
    assert_eq!(effects(&dry(&people[0], &table)), ["new"]);
}

fn what_a_list_changes_follows_the_rules_for_a_change_by_hand(house: &House) {
    let (server, people) = standing(house);
    let told = done(&people[0], TABLE);
    let [walk, pressure] = [&told["offers"][0], &told["offers"][1]];
    published(&people, walk);
    published(&people, pressure);
    // What becomes delicate leaves the public, and who did that is not the second person.
    let delicate = "key,language,title,summary,sensitivity\ngehen,de,Gehgruppe im Kanarienpark,Wir gehen zusammen eine Stunde.,sensitive\n";
    let told = done(&people[0], delicate);
    assert_eq!(
        (&told["offers"][0]["changes"], effects(&told)),
        (&json!(["facts"]), vec!["changed"]),
        "columns that are not there change nothing"
    );
    server.get(&format!("/v1/offers/{}", id(walk))).problem(404, "not-found");
    step(&people[0], walk, "approve").problem(403, "second-person-required");
    // Who changes by a list what waits is not the second person either.
    let other = delicate.replace("eine Stunde", "zwei Stunden");
    assert_eq!(effects(&done(&people[1], &other)), ["changed"]);
    step(&people[1], walk, "approve").problem(403, "second-person-required");
    step(&people[0], walk, "approve").expect(200);
    // What somebody has done by hand stays, as long as the list says nothing about it.
    let now = people[0].get(&format!("/v1/publisher/offers/{}", id(walk))).expect(200).json();
    text(&people[0], &now, "ar", &json!({"text": words("مجموعة المشي")})).expect(200);
    done(&people[0], &other.replace("zwei", "drei"));
    let now = people[0].get(&format!("/v1/publisher/offers/{}", id(walk))).expect(200).json();
    assert_eq!(now["texts"].as_array().unwrap().len(), 3);
    let by_hand = draft(&people[0], &facts(), "Von Hand");
    // What is archived stays archived, and that is told.
    step(&people[0], pressure, "archive").expect(200);
    let told = done(&people[0], &TABLE.replace("Blutdruck messen", "Blutdruck"));
    assert_eq!(effects(&told), ["changed", "archived"]);
    assert_eq!(told["offers"][1]["notices"].as_array().unwrap().last().unwrap()["code"], "archived");
    assert!(offers(&people[0]).iter().any(|offer| offer["id"] == by_hand["id"] && offer["revision"] == 1));
}

fn services_of_other_directories_become_offers_and_what_is_lost_is_named(house: &House) {
    let (_, [one, _]) = standing(house);
    let told = send(&one, "", "application/json", SERVICES).expect(200).json();
    let missing: Vec<_> = told["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].clone(), fault["code"].clone()))
        .collect();
    assert_eq!(missing, [(json!("/services/1"), json!("unknown-kind"))], "{told}");
    let query = "?dry_run=false&kind=counselling&topics=heart,movement&lang=de";
    let told = send(&one, query, "application/json", SERVICES).expect(200).json();
    assert_eq!(effects(&told), ["new", "new"], "{told}");
    let notices = told["offers"][0]["notices"].as_array().unwrap();
    let lost = notices.iter().find(|notice| notice["code"] == "not-carried-over").unwrap();
    assert!(lost["fields"].as_array().unwrap().contains(&json!("schedules/0/notes")), "{lost}");
    let offer = one.get(&format!("/v1/publisher/offers/{}", id(&told["offers"][0]))).expect(200).json();
    assert_eq!((&offer["facts"]["topics"], &offer["facts"]["kind"]), (&json!(["movement"]), &json!("counselling")));
    assert_eq!((&offer["facts"]["cost"], &offer["facts"]["cost_cents"]), (&json!("paid"), &json!(3550)));
    let schedules = one.get(&format!("/v1/publisher/offers/{}/schedules", id(&offer))).expect(200).items();
    assert_eq!(schedules.len(), 2);
    let again = send(&one, query, "application/json", SERVICES).expect(200).json();
    assert_eq!(effects(&again), ["unchanged", "unchanged"], "{again}");
    assert_eq!(one.get("/v1/publisher/places").expect(200).items().len(), 1);
}

fn who_publishes_nothing_imports_nothing(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = crate::people::Practice::add(&server);
    let resident = practice.resident();
    for query in ["", "?dry_run=false"] {
        let path = format!("/v1/publisher/offer-imports{query}");
        server.call("POST", &path).bytes("text/csv", TABLE.into()).send().problem(401, "not-signed-in");
        resident.call("POST", &path).bytes("text/csv", TABLE.into()).send().problem(403, "forbidden");
    }
    assert_eq!(server.get("/v1/offer-feed").expect(200).json()["next"], 0);
}

fn a_thousand_offers_come_in_one_go(house: &House) {
    let (server, [one, _]) = standing(house);
    // One in four has dates: 250 rules with 61 dates each.
    let mut table = "key,language,title,summary,body,kind,topics,spoken,cost,place,street,postcode,city,starts_local,minutes,rule\n".to_owned();
    for n in 0..1_000 {
        let (place, time) = (n % 50, if n % 4 == 0 { "2026-12-01T10:00,60,FREQ=WEEKLY;BYDAY=TU" } else { ",," });
        table += &format!(
            "k{n},de,Gehgruppe {n},Wir gehen zusammen.,Bitte feste Schuhe mitbringen.,group,movement heart,de,free,Haus {place},Weg {place},22111,Hamburg,{time}\n"
        );
    }
    let start = Instant::now();
    let told = dry(&one, &table);
    assert_eq!((told["offers"].as_array().unwrap().len(), &told["faults"]), (1_000, &json!([])));
    let looked = start.elapsed();
    let told = done(&one, &table);
    let written = start.elapsed() - looked;
    assert!(effects(&told).into_iter().all(|effect| effect == "new"));
    let again = done(&one, &table);
    let repeated = start.elapsed() - looked - written;
    assert!(effects(&again).into_iter().all(|effect| effect == "unchanged"));
    assert_eq!(one.get("/v1/publisher/places?limit=200").expect(200).items().len(), 50);
    assert_eq!(server.get("/v1/offer-feed").expect(200).json()["next"], 0, "drafts are nobody's");
    println!("1,000 offers: looked at in {looked:?}, written in {written:?}, again in {repeated:?}");
}
