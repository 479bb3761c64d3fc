//! Offers: what organisations publish is true, in people's languages, and looked at by a second person where that is needed.

use serde_json::{Value, json};

use crate::{
    district::{draft, facts, id, published, publishers, step, text, words},
    house::House,
    people::Practice,
    server::Setup,
};

promises![
    a_second_person_looks_at_the_first_offer_and_at_what_is_delicate,
    what_becomes_delicate_leaves_the_public_until_somebody_has_looked,
    who_reads_arabic_gets_german_as_german,
    a_text_is_behind_when_the_first_one_says_something_else,
    plain_language_by_a_machine_alone_is_never_shown,
    who_was_slower_overwrites_nothing,
    every_fault_is_named_and_nothing_is_stored,
    nobody_writes_or_sees_the_drafts_of_others,
    a_preview_is_what_everybody_will_see_and_nobody_else_sees_it,
    who_publishes_sees_nothing_of_residents_and_residents_publish_nothing,
];

fn status(offer: &Value) -> &str {
    offer["status"].as_str().expect("a status")
}

fn a_second_person_looks_at_the_first_offer_and_at_what_is_delicate(house: &House) {
    let server = house.own_server(Setup::default());
    let [one, two] = publishers(&server, "kiosk");
    let [office, _] = publishers(&server, "district-office");
    let [other, _] = publishers(&server, "social-institution");
    let first = draft(&one, &facts(), "Gehgruppe");
    server.get(&format!("/v1/offers/{}", id(&first))).problem(404, "not-found");
    assert_eq!(status(&step(&one, &first, "submit").expect(200).json()), "in-review");
    server.get(&format!("/v1/offers/{}", id(&first))).problem(404, "not-found");
    step(&one, &first, "approve").problem(403, "second-person-required");
    step(&other, &first, "approve").problem(404, "not-found");
    // The district office sees what waits, of everybody, and sends it back; it cannot write it.
    let waiting = office.get("/v1/publisher/offers?status=in-review").expect(200).items();
    assert!(waiting.iter().any(|offer| offer["id"] == first["id"]), "{waiting:?}");
    text(&office, &waiting[0], "tr", &json!({})).problem(404, "not-found");
    assert_eq!(status(&step(&office, &first, "return").expect(200).json()), "draft");
    office.get(&format!("/v1/publisher/offers/{}", id(&first))).problem(404, "not-found");
    step(&one, &first, "submit").expect(200);
    let public = step(&two, &first, "approve").expect(200).json();
    assert_eq!((status(&public), &public["verified_on"].is_string()), ("published", &true));
    server.get(&format!("/v1/offers/{}", id(&first))).expect(200);
    // From now on the organisation is known; what is delicate still takes two.
    let second = draft(&one, &facts(), "Gehgruppe am Abend");
    assert_eq!(status(&step(&one, &second, "submit").expect(200).json()), "published");
    let mut delicate = facts();
    delicate["sensitivity"] = json!("sensitive");
    let third = draft(&one, &delicate, "Sprechstunde Sucht");
    assert_eq!(status(&step(&one, &third, "submit").expect(200).json()), "in-review");
    // Who changes what waits is not the second person for it.
    let waiting = one.get(&format!("/v1/publisher/offers/{}", id(&third))).expect(200).json();
    text(&two, &waiting, "de", &json!({"text": words("Sprechstunde")})).expect(200);
    step(&two, &third, "approve").problem(403, "second-person-required");
    assert_eq!(status(&step(&one, &third, "approve").expect(200).json()), "published");
    // Pausing leaves it there, archiving takes it away, and it comes back as a draft only.
    assert_eq!(status(&step(&one, &second, "pause").expect(200).json()), "paused");
    assert_eq!(server.get(&format!("/v1/offers/{}", id(&second))).expect(200).json()["paused"], true);
    step(&one, &second, "submit").problem(409, "state-conflict");
    let archived = step(&one, &second, "archive").expect(200).json();
    assert_eq!((status(&archived), &archived["archive_reason"]), ("archived", &json!("withdrawn")));
    server.get(&format!("/v1/offers/{}", id(&second))).problem(404, "not-found");
    assert_eq!(status(&step(&one, &second, "reopen").expect(200).json()), "draft");
}

fn what_becomes_delicate_leaves_the_public_until_somebody_has_looked(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Offene Runde");
    let mut delicate = facts();
    delicate["sensitivity"] = json!("sensitive");
    let path = format!("/v1/publisher/offers/{}/facts", id(&offer));
    let changed = json!({"revision": offer["revision"], "facts": delicate});
    let changed = people[0].call("PUT", &path).json(&changed).send().expect(200).json();
    assert_eq!(status(&changed), "in-review");
    server.get(&format!("/v1/offers/{}", id(&offer))).problem(404, "not-found");
    let feed = server.get("/v1/offer-feed").expect(200).items();
    assert!(feed.iter().any(|item| item["id"] == offer["id"] && item["state"] == "deleted"), "{feed:?}");
    step(&people[0], &offer, "approve").problem(403, "second-person-required");
    step(&people[1], &offer, "approve").expect(200);
    server.get(&format!("/v1/offers/{}", id(&offer))).expect(200);
}

fn who_reads_arabic_gets_german_as_german(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let path = format!("/v1/offers/{}", id(&offer));
    let read = |lang: &str, header: &str| {
        let path = if lang.is_empty() { path.clone() } else { format!("{path}?lang={lang}") };
        server.call("GET", &path).header("accept-language", header).send().expect(200).json()["texts"][0].clone()
    };
    let arabic = read("ar", "");
    assert_eq!(
        (&arabic["lang"], &arabic["dir"], &arabic["requested_lang"], &arabic["fallback"]),
        (&json!("de"), &json!("ltr"), &json!("ar"), &json!(true))
    );
    let offer = people[0].get(&format!("/v1/publisher/offers/{}", id(&offer))).expect(200).json();
    let machine = json!({"origin": "machine", "engine": "Kanarie 1", "text": words("مجموعة المشي")});
    let offer = text(&people[0], &offer, "ar", &machine).expect(200).json();
    let arabic = read("ar-EG", "");
    assert_eq!(
        (&arabic["lang"], &arabic["dir"], &arabic["fallback"], &arabic["origin"]),
        (&json!("ar"), &json!("rtl"), &json!(false), &json!("machine"))
    );
    assert_eq!(arabic["notices"], json!(["تُرجم هذا النص آلياً. قد توجد فيه أخطاء."]), "in the reader's language");
    assert_eq!(arabic["body_plain"], "Bitte feste Schuhe mitbringen.");
    // The header does the same, in the order of wishes; the default comes last.
    assert_eq!(read("", "pl, ar;q=0.5, de;q=0.1")["lang"], "ar");
    assert_eq!(read("", "pl")["lang"], "de");
    assert_eq!(read("", "")["requested_lang"], Value::Null);
    // A language that nobody at the server speaks is as good as any other.
    let mut unmarked = words("گرووپی پیاسە");
    unmarked["body"] = json!("Feste Schuhe.");
    let offer = text(&people[0], &offer, "ku-Arab", &json!({"text": unmarked})).expect(200).json();
    assert_eq!(read("ku-Arab", "")["body_plain"], Value::Null, "nothing is sent twice");
    assert_eq!((&read("ku-Arab", "")["lang"], &read("ku-Arab", "")["dir"]), (&json!("ku-Arab"), &json!("rtl")));
    text(&people[0], &offer, "klingonisch!", &json!({})).problem(404, "not-found");
    server.get(&format!("{path}?lang=nix_da")).problem(422, "invalid");
    let all = server.get(&format!("{path}?lang=*")).expect(200).json();
    assert_eq!(all["texts"].as_array().map(Vec::len), Some(3));
}

fn a_text_is_behind_when_the_first_one_says_something_else(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let offer = text(&people[0], &offer, "tr", &json!({})).expect(200).json();
    let stale = || {
        let turkish = server.get(&format!("/v1/offers/{}?lang=tr", id(&offer))).expect(200).json()["texts"][0].clone();
        (turkish["stale"].as_bool().unwrap(), turkish["notices"].as_array().unwrap().len())
    };
    assert_eq!(stale(), (false, 0));
    let mended = json!({"text": words("Geh-Gruppe"), "matters": false});
    let offer = text(&people[0], &offer, "de", &mended).expect(200).json();
    assert_eq!(stale(), (false, 0), "mended spelling");
    let offer = text(&people[0], &offer, "de", &json!({"text": words("Laufgruppe")})).expect(200).json();
    assert_eq!((stale(), &offer["text_rev"]), ((true, 1), &json!(2)));
    // A translation of the old text that comes late is behind as well; one of the new text is not.
    let offer = text(&people[0], &offer, "tr", &json!({"made_from_rev": 1})).expect(200).json();
    assert!(stale().0);
    let offer = text(&people[0], &offer, "tr", &json!({"made_from_rev": 2})).expect(200).json();
    assert!(!stale().0);
    // The first text stays, others go.
    let delete = |lang: &str, revision: &Value| {
        people[0]
            .call("DELETE", &format!("/v1/publisher/offers/{}/texts/{lang}?revision={revision}", id(&offer)))
            .send()
    };
    delete("de", &offer["revision"]).problem(409, "state-conflict");
    delete("pl", &offer["revision"]).problem(404, "not-found");
    delete("tr", &offer["revision"]).expect(200);
}

fn plain_language_by_a_machine_alone_is_never_shown(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let lang =
        || server.get(&format!("/v1/offers/{}?lang=de-simple", id(&offer))).expect(200).json()["texts"][0].clone();
    let change = |origin: &str| json!({"origin": origin, "engine": "Kanarie 1", "text": words("Zusammen gehen")});
    let made = text(&people[0], &offer, "de-simple", &change("machine")).expect(200).json();
    let simple = made["texts"].as_array().unwrap().iter().find(|text| text["lang"] == "de-simple").unwrap();
    assert_eq!(simple["shown"], false);
    assert_eq!((&lang()["lang"], &lang()["fallback"]), (&json!("de"), &json!(true)));
    text(&people[0], &made, "de-simple", &change("machine-reviewed")).expect(200);
    assert_eq!((&lang()["lang"], &lang()["title"]), (&json!("de-simple"), &json!("Zusammen gehen")));
}

fn who_was_slower_overwrites_nothing(house: &House) {
    let server = house.own_server(Setup::default());
    let [one, two] = publishers(&server, "kiosk");
    let offer = draft(&one, &facts(), "Gehgruppe");
    text(&one, &offer, "tr", &json!({})).expect(200);
    text(&two, &offer, "tr", &json!({"text": words("Başka")})).problem(409, "state-conflict");
    let path = format!("/v1/publisher/offers/{}", id(&offer));
    let body = json!({"revision": offer["revision"], "facts": facts()});
    two.call("PUT", &format!("{path}/facts")).json(&body).send().problem(409, "state-conflict");
    let stands = two.get(&path).expect(200).json();
    assert_eq!(stands["texts"][1]["text"]["title"], "Yürüyüş");
}

fn every_fault_is_named_and_nothing_is_stored(house: &House) {
    let server = house.own_server(Setup::default());
    let [one, _] = publishers(&server, "kiosk");
    let body = json!({"facts": facts(), "lang": "de", "text": words("Gehgruppe")});
    let broken = |pointer: &str, value: Value| {
        let mut body = body.clone();
        *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        one.post("/v1/publisher/offers", &body).problem(422, "invalid").json()["errors"][0]["pointer"].clone()
    };
    for (pointer, value) in [
        ("/facts/kind", json!("party")),
        ("/facts/sensitivity", json!("secret")),
        ("/facts/cost", json!("cheap")),
        ("/facts/registration", json!("phone")),
        ("/facts/topics", json!(["herz"])),
        ("/facts/topics", json!([])),
        ("/facts/spoken", json!(["deutsch!"])),
        ("/facts/age_min", json!(131)),
        ("/lang", json!("*")),
        ("/text/title", json!("ab")),
        ("/text/summary", json!("")),
        ("/text/summary", json!("zwei\nZeilen")),
        ("/text/body", json!("[hier](javascript:alert)")),
        ("/text/how_to_come", json!("x".repeat(501))),
    ] {
        assert_eq!(broken(pointer, value), json!(pointer));
    }
    let mut nowhere = body.clone();
    nowhere["facts"]["online"] = json!(false);
    one.post("/v1/publisher/offers", &nowhere).problem(422, "invalid");
    nowhere["facts"]["place_id"] = json!(crate::people::nobody());
    one.post("/v1/publisher/offers", &nowhere).problem(422, "invalid");
    assert_eq!(one.get("/v1/publisher/offers").expect(200).items().len(), 0);
    let offer = draft(&one, &facts(), "Gehgruppe");
    step(&one, &offer, "fly").problem(422, "invalid");
    text(&one, &offer, "tr", &json!({"origin": "machine"})).problem(422, "invalid");
    text(&one, &offer, "tr", &json!({"engine": "Kanarie 1"})).problem(422, "invalid");
}

fn nobody_writes_or_sees_the_drafts_of_others(house: &House) {
    let server = house.own_server(Setup::default());
    let [one, _] = publishers(&server, "kiosk");
    let [other, _] = publishers(&server, "social-institution");
    let offer = draft(&one, &facts(), "Gehgruppe");
    other.get(&format!("/v1/publisher/offers/{}", id(&offer))).problem(404, "not-found");
    text(&other, &offer, "tr", &json!({})).problem(404, "not-found");
    step(&other, &offer, "submit").problem(404, "not-found");
    assert_eq!(other.get("/v1/publisher/offers").expect(200).items().len(), 0);
    assert_eq!(server.get("/v1/offers").expect(200).items().len(), 0);
    assert_eq!(server.get("/v1/offer-snapshot").expect(200).items().len(), 0);
}

fn a_preview_is_what_everybody_will_see_and_nobody_else_sees_it(house: &House) {
    let server = house.own_server(Setup::default());
    let [one, two] = publishers(&server, "kiosk");
    let [office, _] = publishers(&server, "district-office");
    let [other, _] = publishers(&server, "social-institution");
    let mut hidden = crate::rooms::places::place();
    hidden["address_visibility"] = json!("on-booking");
    let mut facts = facts();
    facts["place_id"] = json!(one.post("/v1/publisher/places", &hidden).expect(201).text("/id"));
    let offer = draft(&one, &facts, "Gehgruppe");
    let machine = json!({"origin": "machine", "engine": "Kanarie 1", "text": words("Zusammen gehen")});
    let offer = text(&one, &offer, "tr", &machine).expect(200).json();
    let offer = text(&one, &offer, "de-simple", &machine).expect(200).json();
    let schedule =
        json!({"time_zone": "Europe/Berlin", "starts_local": "2026-12-01T10:00", "minutes": 60, "rule": "FREQ=WEEKLY"});
    one.call("PUT", &format!("/v1/publisher/offers/{}/schedules", id(&offer)))
        .json(&json!({"schedules": [schedule]}))
        .send()
        .expect(200);
    let path = format!("/v1/publisher/offers/{}/preview", id(&offer));
    let shown = |query: &str| one.get(&format!("{path}{query}")).expect(200).json();
    let queries = ["", "?lang=tr", "?lang=ar", "?lang=de-simple", "?lang=*"];
    let before = queries.map(shown);
    assert_eq!(before[0]["place"]["street"], Value::Null, "no more of the place than everybody is told");
    assert_eq!((&before[2]["texts"][0]["lang"], &before[2]["texts"][0]["fallback"]), (&json!("de"), &json!(true)));
    assert_eq!(before[4]["texts"].as_array().unwrap().len(), 2, "plain language by a machine is not shown");
    assert_eq!(before[0]["next_dates"].as_array().unwrap().len(), 3);
    assert_eq!(one.get(&path).header("cache-control"), Some("no-store"));
    one.get(&format!("{path}?lang=nix_da")).problem(422, "invalid");
    for stranger in [&other, &office] {
        stranger.get(&path).problem(404, "not-found");
    }
    server.get(&path).problem(401, "not-signed-in");
    // Who has to agree sees what they agree to, and then everybody sees just that.
    step(&one, &offer, "submit").expect(200);
    assert_eq!(office.get(&path).expect(200).json(), before[0]);
    other.get(&path).problem(404, "not-found");
    step(&two, &offer, "approve").expect(200);
    for (query, mut before) in queries.into_iter().zip(before) {
        let public = server.get(&format!("/v1/offers/{}{query}", id(&offer))).expect(200).json();
        before["verified_on"] = public["verified_on"].clone();
        assert_eq!(public, before, "{query}");
        assert_eq!(public, shown(query), "{query}");
    }
}

fn who_publishes_sees_nothing_of_residents_and_residents_publish_nothing(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let finding = practice.software.deliver(&crate::paper::Upload::pdf(&resident.patient));
    let [one, _] = publishers(&server, "social-institution");
    for path in ["/v1/findings", "/v1/me", "/v1/access-log", "/v1/consents", "/v1/practice/findings"] {
        one.get(path).problem(403, "forbidden");
    }
    let finding = format!("/v1/findings/{}", finding["id"].as_str().unwrap());
    let nothing = format!("/v1/findings/{}", crate::people::nobody());
    let refused = |path: &str| {
        let reply = one.get(path);
        (reply.status, reply.json()["code"].clone())
    };
    assert_eq!(refused(&finding), refused(&nothing), "what is there and what is not look the same");
    let body = json!({"facts": facts(), "lang": "de", "text": words("Gehgruppe")});
    for account in [&*resident, &*practice.software] {
        account.post("/v1/publisher/offers", &body).problem(403, "forbidden");
        account.get("/v1/publisher/offers").problem(403, "forbidden");
    }
    // A practice publishes as well.
    practice.staff.post("/v1/publisher/offers", &body).expect(201);
}
