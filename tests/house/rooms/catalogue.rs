//! The catalogue: everybody finds offers, in any script, and nobody learns what somebody looks for.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    district::{draft, facts, id, on_days, published, publishers, step, text, words},
    house::House,
    http::Reply,
    people::Staff,
    server::{Server, Setup},
};

promises![
    offers_are_found_by_words_in_any_script,
    filters_hold_together_and_pages_leave_nothing_out,
    what_is_near_comes_first_and_no_more_of_a_place_is_told_than_may_be,
    what_comes_next_comes_first_and_dates_are_found,
    a_calendar_has_each_date_under_its_own_name_for_good,
    what_somebody_looks_for_stands_in_no_log,
    bad_searches_are_refused_by_name,
    a_phone_that_follows_the_feed_has_what_the_snapshot_has,
    what_has_not_changed_is_not_sent_again,
    a_whole_district_is_sent_packed_and_caches_keep_languages_apart,
    topics_have_codes_and_words_in_every_language,
];

fn search(server: &Server, body: &Value) -> Vec<Value> {
    server.post("/v1/offer-searches", body).expect(200).items()
}

fn titles(found: &[Value]) -> Vec<&str> {
    found.iter().map(|offer| offer["texts"][0]["title"].as_str().unwrap()).collect()
}

fn offers_are_found_by_words_in_any_script(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let park = published(&people, &facts(), "Gehgruppe im Öjendorfer Park");
    let other = published(&people, &facts(), "Kochen für Diabetiker");
    let park = text(&people[0], &park, "fa", &json!({"text": words("گروه پیاده‌روی")})).expect(200).json();
    let found = |words: &str| {
        let found = search(&server, &json!({"words": words}));
        found.iter().map(|offer| offer["id"].clone()).collect::<Vec<_>>()
    };
    for words in ["gehgruppe", "OJENDORFER", "Öjendorf", "ojendorfer geh", "پیاده", "گروه پیاده روي"]
    {
        assert_eq!(found(words), [park["id"].clone()], "{words}");
    }
    assert_eq!(found("kochen"), [other["id"].clone()]);
    // In the text of both, in the title of neither: both; a word that nobody wrote: none.
    assert_eq!((found("schuhe").len(), found("gehgruppe kochen").len(), found("marathon").len()), (2, 0, 0));
    // What stands in the title comes first.
    let third = published(&people, &facts(), "Feste Schuhe kaufen");
    assert_eq!(found("schuhe")[0], third["id"]);
    // A text that is not there any more is not found any more.
    let path = format!("/v1/publisher/offers/{}/texts/fa?revision={}", id(&park), park["revision"]);
    people[0].call("DELETE", &path).send().expect(200);
    assert_eq!(found("گروه").len(), 0);
    step(&people[0], &park, "archive").expect(200);
    assert_eq!(found("gehgruppe").len(), 0);
}

fn filters_hold_together_and_pages_leave_nothing_out(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    for (number, (kind, topic, cost, spoken, age)) in [
        ("group", "movement", json!("free"), "tr", 0),
        ("course", "movement", json!("insurer"), "de", 60),
        ("talk", "diabetes", json!("free"), "tr", 18),
        ("course", "diabetes", json!("donation"), "ar", 18),
        ("walk-in", "blood-pressure", json!("free"), "fa", 18),
    ]
    .into_iter()
    .enumerate()
    {
        let mut facts = facts();
        facts["kind"] = json!(kind);
        facts["topics"] = json!([topic]);
        facts["cost"] = cost;
        facts["spoken"] = json!([spoken]);
        facts["age_min"] = json!(age);
        published(&people, &facts, &format!("Angebot {number}"));
    }
    let found = |body: Value| {
        let mut found: Vec<String> =
            titles(&search(&server, &body)).into_iter().map(|t| t.replace("Angebot ", "")).collect();
        found.sort();
        found.concat()
    };
    assert_eq!(found(json!({})), "01234");
    assert_eq!(found(json!({"topics": ["movement"]})), "01");
    assert_eq!(found(json!({"topics": ["movement", "diabetes"], "kinds": ["course"]})), "13");
    assert_eq!(found(json!({"free": true})), "0234");
    assert_eq!(found(json!({"spoken": "tr"})), "02");
    assert_eq!(found(json!({"age": 17})), "0");
    assert_eq!(found(json!({"age": 64, "topics": ["movement"]})), "01");
    assert_eq!(found(json!({"online": false})), "");
    assert_eq!(found(json!({"words": "angebot", "free": true, "kinds": ["talk"]})), "2");
    assert_eq!(found(json!({"from": "2026-01-01T00:00:00Z"})), "", "none of them has a date");
    // In pages, with and without words: everything once.
    for words in [None, Some("angebot")] {
        let (mut all, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let mut body = json!({"limit": 2});
            if let Some(words) = words {
                body["words"] = json!(words);
            }
            if !cursor.is_null() {
                body["cursor"] = cursor;
            }
            let page = server.post("/v1/offer-searches", &body).expect(200).json();
            all.extend(titles(page["items"].as_array().unwrap()).into_iter().map(str::to_owned));
            cursor = page["next_cursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        all.sort();
        assert_eq!(all, ["Angebot 0", "Angebot 1", "Angebot 2", "Angebot 3", "Angebot 4"]);
    }
    assert_eq!(server.get("/v1/offers?topic=movement&kind=group&spoken=tr").expect(200).items().len(), 1);
}

/// A public offer at a place of its own.
fn offer_at(people: &[Staff; 2], title: &str, latitude: f64, longitude: f64, visibility: &str) -> Value {
    let place = json!({
        "name": "Kanarienhaus", "street": "Weg 1", "postcode": "20999", "city": "Hamburg",
        "position": {"latitude": latitude, "longitude": longitude}, "address_visibility": visibility,
        "wheelchair": "yes", "toilet": "no", "step_free": true,
    });
    let mut facts = facts();
    facts["place_id"] = people[0].post("/v1/publisher/places", &place).expect(201).json()["id"].clone();
    published(people, &facts, title)
}

fn what_is_near_comes_first_and_no_more_of_a_place_is_told_than_may_be(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    offer_at(&people, "Fern", 53.60, 10.12, "public");
    offer_at(&people, "Nah", 53.552, 10.121, "public");
    offer_at(&people, "Näher", 53.5501, 10.1201, "public");
    let shelter = offer_at(&people, "Schutzhaus", 53.55, 10.12, "district-only");
    let near = |metres: u32| {
        let body = json!({"near": {"latitude": 53.5511, "longitude": 10.1178, "metres": metres}});
        search(&server, &body)
    };
    assert_eq!(titles(&near(500)), ["Näher", "Nah"]);
    assert_eq!(titles(&near(6_000)), ["Näher", "Nah", "Fern"]);
    // From the rounded position, 53.55 and 10.12.
    let metres: Vec<u64> = near(6_000).iter().map(|offer| offer["metres"].as_u64().unwrap()).collect();
    assert!(metres[0] < 20 && metres[1] < 300 && (5_500..5_600).contains(&metres[2]), "{metres:?}");
    // With words it has to be near as well, and no distance is told to what may not be found.
    let both = |words: &str| {
        search(&server, &json!({"words": words, "near": {"latitude": 53.55, "longitude": 10.12, "metres": 500}}))
    };
    assert_eq!((titles(&both("näher")), both("fern").len(), both("schutzhaus").len()), (vec!["Näher"], 0, 0));
    let told = server.get(&format!("/v1/offers/{}", id(&shelter))).expect(200).json()["place"].clone();
    for hidden in ["name", "street", "latitude", "longitude"] {
        assert!(told[hidden].is_null(), "{hidden}: {told}");
    }
    assert_eq!((&told["city"], &told["postcode"]), (&json!("Hamburg"), &json!("20999")));
    assert_eq!(search(&server, &json!({"wheelchair": true})).len(), 4);
}

/// Gives an offer one date on each of these days at noon in Berlin, in 2027.
fn what_comes_next_comes_first_and_dates_are_found(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    // 1 December 2026, at nine in the morning in Hamburg.
    server.stop_clock_at(1_796_112_000);
    let people = publishers(&server, "kiosk");
    let [never, late, soon] = ["Nie", "Spät", "Bald"].map(|title| published(&people, &facts(), title));
    on_days(&people[0], &late, "2026-12-20T12:00", &[]);
    on_days(&people[0], &soon, "2026-12-02T12:00", &["2026-12-24T12:00"]);
    assert_eq!(titles(&search(&server, &json!({}))), ["Bald", "Spät", "Nie"]);
    let between = |from: &str, to: &str| {
        titles(&search(&server, &json!({"from": from, "to": to}))).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(between("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z"), ["Bald"]);
    assert_eq!(between("2026-12-19T00:00:00Z", "2026-12-31T00:00:00Z"), ["Bald", "Spät"]);
    // 2 December is a Wednesday, 24 December a Thursday, 20 December a Sunday.
    let on = |query: &str| titles(&server.get(&format!("/v1/offers?{query}")).expect(200).items()).join(" ");
    assert_eq!(
        (on("weekday=sunday"), on("weekday=thursday"), on("weekday=monday")),
        ("Spät".into(), "Bald".into(), String::new())
    );
    assert_eq!(on("weekday=sunday&to=2026-12-19T00:00:00Z"), "");
    assert_eq!(titles(&search(&server, &json!({"weekdays": ["sunday", "wednesday"]}))), ["Bald", "Spät"]);
    server.get("/v1/offers?weekday=Sonntag").problem(422, "invalid");
    assert_eq!(on("open_now=true"), "");
    server.stop_clock_at(1_796_112_000 + 86_400 + 3 * 3_600 + 1_800);
    assert_eq!(on("open_now=true"), "Bald");
    // Who moves a date moves its day.
    let date = server.get(&format!("/v1/offers/{}/dates", id(&late))).expect(200).text("/items/0/id");
    let moved = json!({"starts_local": "2026-12-19T12:00"});
    people[0].post(&format!("/v1/publisher/occurrences/{date}/move"), &moved).expect(200);
    assert_eq!((on("weekday=sunday"), on("weekday=saturday")), (String::new(), "Spät".to_owned()));
    // When the first date has passed, the next one counts.
    server.stop_clock_at(1_796_112_000 + 2 * 86_400);
    crate::house::eventually(|| titles(&search(&server, &json!({}))) == ["Spät", "Bald", "Nie"]);
    let dates = server.get(&format!("/v1/offers/{}/dates", id(&soon))).expect(200).items();
    assert_eq!((dates.len(), &dates[0]["starts_at"]), (1, &json!("2026-12-24T11:00:00Z")));
    assert_eq!(server.get(&format!("/v1/offers/{}/dates", id(&never))).expect(200).items().len(), 0);
}

fn a_calendar_has_each_date_under_its_own_name_for_good(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(1_796_112_000);
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe; im Park");
    on_days(&people[0], &offer, "2026-12-02T12:00", &["2026-12-24T12:00"]);
    let path = format!("/v1/offers/{}/calendar", id(&offer));
    let calendar = |query: &str| String::from_utf8(server.get(&format!("{path}{query}")).expect(200).body).unwrap();
    let file = calendar("");
    assert_eq!(server.get(&path).header("content-type"), Some("text/calendar; charset=utf-8"));
    let uids = |file: &str| file.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(uids(&file).len(), 2, "{file}");
    assert!(
        file.contains("DTSTART:20261202T110000Z\r\n") && file.contains("SUMMARY:Gehgruppe\\; im Park\r\n"),
        "{file}"
    );
    let date = server.get(&format!("/v1/offers/{}/dates", id(&offer))).expect(200).text("/items/0/id");
    people[0].call("POST", &format!("/v1/publisher/occurrences/{date}/cancel")).send().expect(200);
    let cancelled = calendar("");
    assert_eq!(uids(&cancelled), uids(&file));
    let first = cancelled.split("BEGIN:VEVENT").nth(1).unwrap();
    assert!(first.contains("STATUS:CANCELLED") && !first.contains("SEQUENCE:0"), "{first}");
    // Others look into calendars.
    let mut delicate = facts();
    delicate["sensitivity"] = json!("sensitive");
    let delicate = published(&people, &delicate, "Beratung bei Sucht");
    on_days(&people[0], &delicate, "2026-12-03T12:00", &[]);
    let of = |query: &str| {
        let reply = server.get(&format!("/v1/offers/{}/calendar{query}", id(&delicate))).expect(200);
        String::from_utf8(reply.body).unwrap()
    };
    assert!(of("").contains("SUMMARY:Termin\r\n") && !of("").contains("Sucht"));
    assert!(of("?lang=tr").contains("SUMMARY:Randevu\r\n"));
    assert!(of("?title=full").contains("SUMMARY:Beratung bei Sucht\r\n"));
}

fn what_somebody_looks_for_stands_in_no_log(house: &House) {
    let server = house.own_server(Setup::default());
    let body = json!({
        "words": "wasserschwein", "topics": ["addiction"], "near": {"latitude": 53.5432, "longitude": 10.1234, "metres": 777},
    });
    search(&server, &body);
    let mut wrong = body.clone();
    wrong["near"]["metres"] = json!(0);
    server.post("/v1/offer-searches", &wrong).problem(422, "invalid");
    server.stop();
    let log = server.log();
    assert!(log.contains("/v1/offer-searches"), "the request itself stands there: {log}");
    for word in ["wasserschwein", "addiction", "53.5432", "10.1234"] {
        assert!(!log.contains(word), "{word}");
    }
}

fn bad_searches_are_refused_by_name(house: &House) {
    let server = house.server();
    let refused = |body: Value| {
        server.post("/v1/offer-searches", &body).problem(422, "invalid").json()["errors"][0]["pointer"].clone()
    };
    for (name, value) in [
        ("topics", json!(["herz"])),
        ("kinds", json!(["party"])),
        ("spoken", json!("deutsch!")),
        ("area", json!("x")),
        ("organisation", json!("x")),
        ("from", json!("gestern")),
        ("words", json!("a b c d e f g h i")),
        ("near", json!({"latitude": 91.0, "longitude": 10.0})),
        ("near", json!({"latitude": 53.0, "longitude": 10.0, "metres": 50_001})),
        ("lang", json!("nix_da")),
    ] {
        let mut body = json!({});
        body[name] = value;
        assert_eq!(refused(body), json!(name));
    }
    server.post("/v1/offer-searches", &json!({"wort": "x"})).problem(400, "unknown-field");
    server.post("/v1/offer-searches", &json!({"cursor": "x"})).problem(400, "cursor-mismatch");
}

/// What a phone holds: the offers by their ids.
type Held = BTreeMap<String, Value>;

fn follow(server: &Server, held: &mut Held, mut next: i64, limit: u32) -> i64 {
    loop {
        let page = server.get(&format!("/v1/offer-feed?after={next}&limit={limit}&lang=*")).expect(200).json();
        let items = page["items"].as_array().unwrap();
        let before = next;
        next = page["next"].as_i64().unwrap();
        for item in items {
            let id = item["id"].as_str().unwrap().to_owned();
            assert!(item["seq"].as_i64().unwrap() > before);
            match item["state"].as_str().unwrap() {
                "updated" => held.insert(id, item["data"].clone()),
                _ => held.remove(&id),
            };
        }
        if items.is_empty() {
            return next;
        }
    }
}

fn snapshot(server: &Server) -> (Held, i64) {
    let all = server.get("/v1/offer-snapshot?lang=*").expect(200).json();
    let items = all["items"].as_array().unwrap().iter();
    (items.map(|offer| (id(offer).to_owned(), offer.clone())).collect(), all["next"].as_i64().unwrap())
}

fn a_phone_that_follows_the_feed_has_what_the_snapshot_has(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let mut offers: Vec<Value> = vec![published(&people, &facts(), "Angebot 0")];
    let (mut late, mut after_late) = snapshot(&server);
    let (mut patient, mut after_patient) = (Held::new(), 0);
    // A small random walk with a seed of its own, so that a failure can be had again.
    let mut seed: u64 = 20_261_127;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for round in 0..60 {
        let which = random(offers.len());
        let offer = people[0].get(&format!("/v1/publisher/offers/{}", id(&offers[which]))).expect(200).json();
        match random(6) {
            0 => offers.push(draft(&people[0], &facts(), &format!("Angebot {round}"))),
            1 => drop(text(&people[0], &offer, "tr", &json!({"text": words(&format!("Teklif {round}"))}))),
            2 => drop(change_age(&people[0], &offer, round)),
            3 => drop(step(&people[0], &offer, ["submit", "pause", "resume"][random(3)])),
            4 => drop(step(&people[0], &offer, ["archive", "reopen"][random(2)])),
            _ => drop(step(&people[0], &offer, "submit")),
        }
        if round % 7 == 0 {
            after_late = follow(&server, &mut late, after_late, 1 + u32::try_from(random(4)).unwrap());
            assert_eq!(late, snapshot(&server).0, "round {round}");
        }
    }
    after_late = follow(&server, &mut late, after_late, 50);
    after_patient = follow(&server, &mut patient, after_patient, 3);
    let (all, next) = snapshot(&server);
    assert!(!all.is_empty() && all.len() < offers.len(), "{} of {}", all.len(), offers.len());
    assert_eq!((&late, &patient, after_late, after_patient), (&all, &all, next, next));
    assert_eq!(follow(&server, &mut late, next, 50), next, "at the end it stays where it is");
}

fn change_age(by: &Staff, offer: &Value, round: i32) -> Reply {
    let mut facts = facts();
    facts["age_min"] = json!(round);
    let path = format!("/v1/publisher/offers/{}/facts", id(offer));
    by.call("PUT", &path).json(&json!({"revision": offer["revision"], "facts": facts})).send()
}

fn a_whole_district_is_sent_packed_and_caches_keep_languages_apart(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    for n in 0..3 {
        published(&people, &facts(), &format!("Gehgruppe {n}"));
    }
    let ask = |encodings: &str, tag: &str| {
        let call = server.call("GET", "/v1/offer-snapshot").header("accept-encoding", encodings);
        call.header("if-none-match", tag).send()
    };
    let (plain, packed) = (ask("", "").expect(200), ask("br, gzip;q=0.8", "").expect(200));
    assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), (None, Some("gzip")));
    assert!(packed.unpacked() == plain.body && packed.body.len() * 2 < plain.body.len());
    for reply in [&plain, &packed] {
        assert_eq!(reply.header("vary"), Some("Accept-Language, Accept-Encoding"));
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }
    // Other bytes, another tag; each is told with its own that nothing has changed.
    let (of_plain, of_packed) = (plain.header("etag").unwrap(), packed.header("etag").unwrap());
    assert_ne!(of_plain, of_packed);
    ask("gzip", of_packed).expect(304);
    ask("", of_plain).expect(304);
    ask("gzip", of_plain).expect(200);
    assert_eq!(ask("gzip;q=0", "").expect(200).header("content-encoding"), None);
    // What is somebody's own is never packed: its length would tell what is in it.
    let own = people[0].call("GET", "/v1/publisher/offers").header("accept-encoding", "gzip").send().expect(200);
    assert!(own.body.len() > 1024 && own.header("content-encoding").is_none());
    assert_eq!(own.header("access-control-allow-origin"), None);
}

fn what_has_not_changed_is_not_sent_again(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    for path in
        [format!("/v1/offers/{}", id(&offer)), "/v1/offers".into(), "/v1/offer-snapshot".into(), "/v1/topics".into()]
    {
        let first = server.get(&path).expect(200);
        let tag = first.header("etag").expect("an ETag").to_owned();
        assert_eq!(first.header("cache-control"), Some("public, max-age=300"), "{path}");
        let again = |language: &str| {
            server.call("GET", &path).header("if-none-match", &tag).header("accept-language", language).send()
        };
        assert_eq!(again("").expect(304).body.len(), 0, "{path}");
        if path != "/v1/topics" {
            text(
                &people[0],
                &people[0].get(&format!("/v1/publisher/offers/{}", id(&offer))).expect(200).json(),
                "tr",
                &json!({
                    "text": words(&format!("Yürüyüş {}", path.len()))
                }),
            )
            .expect(200);
        }
        again("tr").expect(200);
    }
}

fn topics_have_codes_and_words_in_every_language(house: &House) {
    let server = house.server();
    let topics = |language: &str| {
        server.call("GET", "/v1/topics").header("accept-language", language).send().expect(200).items()
    };
    let (german, turkish) = (topics("de"), topics("tr"));
    assert_eq!(german.len(), turkish.len());
    let diabetes = |topics: &[Value]| topics.iter().find(|topic| topic["word"] == "diabetes").unwrap().clone();
    assert_eq!((&diabetes(&german)["label"], &diabetes(&turkish)["label"]), (&json!("Diabetes"), &json!("Diyabet")));
    let codes = diabetes(&german)["codes"].clone();
    assert!(codes.as_array().unwrap().contains(&json!("loinc:4548-4")), "{codes}");
}
