//! Offers for others: directories that speak HSDS, search engines, and the list of languages. Nothing of it needs a sign-in, and none of it
//! tells more than the catalogue.

use serde_json::{Value, json};

use crate::{
    district::{facts, id, on_days, published, publishers, step, text},
    house::House,
    rooms::places,
    server::{Server, Setup},
};

promises![
    a_directory_reads_every_offer_in_its_own_words,
    hidden_addresses_stay_hidden_in_every_format,
    a_directory_reads_page_by_page_and_only_what_has_changed,
    dates_keep_their_hour_where_nobody_knows_time_zones,
    search_engines_are_told_what_is_cancelled,
    languages_are_counted_as_they_are,
];

/// 1 December 2026, 20:00 UTC.
const NOW: u64 = 1_796_155_200;

fn service(server: &Server, offer: &Value) -> Value {
    server.get(&format!("/v1/hsds/services/{}", id(offer))).expect(200).json()
}

/// What HSDS 3.1 demands of every object in a service, by the name of its member.
fn demands(member: &str) -> &'static [&'static str] {
    match member {
        "service" => &["id", "name", "status"],
        "organization" => &["id", "name", "description"],
        "phones" => &["id", "number"],
        "service_at_locations" | "schedules" | "service_areas" | "languages" | "cost_options" | "accessibility" => {
            &["id"]
        }
        "attributes" => &["id"],
        "taxonomy_term" => &["id", "name", "description"],
        "location" => &["id", "location_type"],
        "addresses" => &["id", "address_1", "city", "state_province", "postal_code", "country", "address_type"],
        other => panic!("{other} is no object of HSDS"),
    }
}

fn check(member: &str, object: &Value, ids: &mut Vec<String>) {
    for demanded in demands(member) {
        assert!(object[demanded].is_string(), "{member}.{demanded}: {object}");
    }
    if member != "taxonomy_term" {
        ids.push(object["id"].as_str().unwrap().to_owned());
    }
    for (name, value) in object.as_object().unwrap() {
        match value {
            Value::Object(_) => check(name, value, ids),
            Value::Array(all) => all.iter().for_each(|one| check(name, one, ids)),
            Value::Null => panic!("{member}.{name} is null"),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

fn a_directory_reads_every_offer_in_its_own_words(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(NOW);
    let people = publishers(&server, "kiosk");
    let place = people[0].post("/v1/publisher/places", &places::place()).expect(201).json();
    let mut told = facts();
    for (name, value) in [
        ("place_id", place["id"].clone()),
        ("interpreter", json!(true)),
        ("cost", json!("paid")),
        ("cost_cents", json!(350)),
        ("registration", json!("phone")),
        ("registration_at", json!("+4940123456")),
    ] {
        told[name] = value;
    }
    let offer = published(&people, &told, "Gehgruppe");
    on_days(&people[0], &offer, "2026-12-02T12:00", &["2026-12-09T12:00", "2026-12-16T12:00", "2026-12-18T12:00"]);
    let root = server.get("/v1/hsds").expect(200).json();
    assert_eq!(root["version"], "3.1");
    let found = service(&server, &offer);
    let mut ids = Vec::new();
    check("service", &found, &mut ids);
    let many = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), many, "two things have one id: {found}");
    assert_eq!(
        (&found["name"], &found["status"], &found["minimum_age"]),
        (&json!("Gehgruppe"), &json!("active"), &json!(18))
    );
    assert_eq!(found["phones"][0]["number"], "+4940123456");
    assert_eq!(
        (&found["cost_options"][0]["amount"], &found["cost_options"][0]["currency"]),
        (&json!(3.5), &json!("EUR"))
    );
    assert_eq!(found["assured_date"], "2026-12-01");
    let codes: Vec<&str> = found["languages"].as_array().unwrap().iter().map(|l| l["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["de", "tr"]);
    let kinds: Vec<&Value> =
        found["service_at_locations"].as_array().unwrap().iter().map(|at| &at["location"]["location_type"]).collect();
    assert_eq!(kinds, ["physical", "virtual"]);
    let turkish = server.get(&format!("/v1/hsds/services/{}?lang=tr", id(&offer))).expect(200).json();
    assert_eq!(turkish["interpretation_services"], "Tercüman ayarlanabilir.");
    // The same ids when it is asked for again.
    assert_eq!(service(&server, &offer), found);
    step(&people[0], &offer, "pause").expect(200);
    assert_eq!(service(&server, &offer)["status"], "temporarily closed");
    step(&people[0], &offer, "archive").expect(200);
    server.get(&format!("/v1/hsds/services/{}", id(&offer))).problem(404, "not-found");
}

fn hidden_addresses_stay_hidden_in_every_format(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "social-institution");
    for visibility in ["district-only", "on-booking"] {
        let mut spot = places::place();
        spot["address_visibility"] = json!(visibility);
        spot["street"] = json!("Geheimgasse 7");
        let place = people[0].post("/v1/publisher/places", &spot).expect(201).json();
        let mut told = facts();
        told["place_id"] = place["id"].clone();
        let offer = published(&people, &told, "Schutzraum");
        let seen = [
            server.get(&format!("/v1/hsds/services/{}", id(&offer))).expect(200),
            server.get(&format!("/v1/offers/{}/schema-org", id(&offer))).expect(200),
        ];
        for reply in seen {
            let body = String::from_utf8(reply.body).unwrap();
            assert!(body.contains("Schutzraum"), "{body}");
            for hidden in ["Geheimgasse", "latitude", "53.54"] {
                assert!(!body.contains(hidden), "{visibility}: {hidden} in {body}");
            }
        }
    }
}

fn a_directory_reads_page_by_page_and_only_what_has_changed(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(NOW);
    let people = publishers(&server, "kiosk");
    let titles = ["Eins", "Zwei", "Drei"];
    let offers = titles.map(|title| published(&people, &facts(), title));
    let page = |query: &str| server.get(&format!("/v1/hsds/services?{query}")).expect(200).json();
    let names = |page: &Value| -> Vec<String> {
        page["contents"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_owned()).collect()
    };
    let (first, second) = (page("per_page=2"), page("per_page=2&page=2"));
    let mut both = [names(&first), names(&second)].concat();
    both.sort_unstable();
    assert_eq!((names(&first).len(), both), (2, vec!["Drei".to_owned(), "Eins".to_owned(), "Zwei".to_owned()]));
    for (page, first, last) in [(&first, true, false), (&second, false, true)] {
        assert_eq!((&page["total_items"], &page["total_pages"]), (&json!(3), &json!(2)));
        assert_eq!(
            (&page["first_page"], &page["last_page"], &page["empty"]),
            (&json!(first), &json!(last), &json!(false))
        );
    }
    assert_eq!(page("page=9")["empty"], json!(true));
    // What is nested is told on demand.
    assert!(first["contents"][0]["cost_options"].is_null());
    assert_eq!(page("full=true")["contents"][0]["cost_options"][0]["option"], "free");
    server.stop_clock_at(NOW + 3_600);
    text(&people[0], &offers[1], "tr", &json!({})).expect(200);
    assert_eq!(names(&page("modified_after=2026-12-01T20:30:00Z")), ["Zwei"]);
    assert_eq!(names(&page("modified_after=2026-12-01T20:00:00Z")).len(), 3);
    for (query, pointer) in [("page=0", "page"), ("per_page=101", "page"), ("modified_after=gestern", "modified_after")]
    {
        let problem = server.get(&format!("/v1/hsds/services?{query}")).expect(422).json();
        assert_eq!(problem["errors"][0]["pointer"], json!(pointer), "{problem}");
    }
}

fn dates_keep_their_hour_where_nobody_knows_time_zones(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(1_804_680_000); // 10 March 2027
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Abends");
    let weekly = json!({"schedules": [{
        "starts_local": "2027-03-16T18:00", "time_zone": "Europe/Berlin", "minutes": 60, "rule": "FREQ=WEEKLY;COUNT=4",
    }]});
    let path = format!("/v1/publisher/offers/{}/schedules", id(&offer));
    people[0].call("PUT", &path).json(&weekly).send().expect(200);
    let runs = |service: &Value| -> Vec<Value> {
        let all = service["schedules"].as_array().unwrap();
        all.iter()
            .map(|s| json!([s["dtstart"], s["valid_to"], s["count"], s["opens_at"], s["timezone"], s["byday"]]))
            .collect()
    };
    let found = service(&server, &offer);
    assert_eq!(
        runs(&found),
        [
            json!(["2027-03-16", "2027-03-23", 2, "18:00+01:00", 1.0, "TU"]),
            json!(["2027-03-30", "2027-04-06", 2, "18:00+02:00", 2.0, "TU"]),
        ]
    );
    // A cancelled date is no date any more.
    let cancelled = server.get(&format!("/v1/offers/{}/dates", id(&offer))).expect(200).text("/items/1/id");
    people[0].call("POST", &format!("/v1/publisher/occurrences/{cancelled}/cancel")).send().expect(200);
    assert_eq!(runs(&service(&server, &offer))[0], json!(["2027-03-16", "2027-03-16", 1, "18:00+01:00", 1.0, "TU"]));
}

fn search_engines_are_told_what_is_cancelled(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(NOW);
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let reply = server.get(&format!("/v1/offers/{}/schema-org", id(&offer))).expect(200);
    assert_eq!(reply.header("content-type"), Some("application/ld+json"));
    let service = reply.json();
    assert_eq!((&service["@context"], &service["@type"]), (&json!("https://schema.org"), &json!("Service")));
    assert_eq!(service["availableChannel"]["availableLanguage"], json!(["de", "tr"]));
    on_days(&people[0], &offer, "2026-12-02T12:00", &["2026-12-24T12:00"]);
    let date = server.get(&format!("/v1/offers/{}/dates", id(&offer))).expect(200).text("/items/0/id");
    people[0].call("POST", &format!("/v1/publisher/occurrences/{date}/cancel")).send().expect(200);
    let series = server.get(&format!("/v1/offers/{}/schema-org", id(&offer))).expect(200).json();
    assert_eq!((&series["@type"], &series["typicalAgeRange"]), (&json!("EventSeries"), &json!("18-")));
    assert_eq!(series["eventAttendanceMode"], "https://schema.org/OnlineEventAttendanceMode");
    let states: Vec<&Value> = series["subEvent"].as_array().unwrap().iter().map(|e| &e["eventStatus"]).collect();
    assert_eq!(states, ["https://schema.org/EventCancelled", "https://schema.org/EventScheduled"]);
    assert_eq!(series["subEvent"][0]["@id"], json!(format!("urn:uuid:{date}")));
    assert_eq!(series["offers"]["price"], "0.00");
}

fn languages_are_counted_as_they_are(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let offer = text(&people[0], &offer, "ckb", &json!({})).expect(200).json();
    // Plain language by a machine alone is kept and never shown, so it is not counted.
    text(&people[0], &offer, "de-simple", &json!({"origin": "machine", "engine": "probe"})).expect(200);
    let all = server.get("/v1/languages").expect(200).items();
    let of =
        |tag: &str| all.iter().find(|language| language["lang"] == tag).unwrap_or_else(|| panic!("{tag}: {all:?}"));
    assert_eq!(
        *of("ckb"),
        json!({"lang": "ckb", "name": "کوردیی ناوەندی", "dir": "rtl", "offers": 1, "spoken": 0, "server": false})
    );
    assert_eq!((&of("de")["offers"], &of("de")["spoken"]), (&json!(1), &json!(1)));
    assert_eq!((&of("tr")["offers"], &of("tr")["spoken"], &of("tr")["server"]), (&json!(0), &json!(1), &json!(true)));
    assert_eq!(of("de-simple")["offers"], 0);
    step(&people[0], &offer, "archive").expect(200);
    assert!(server.get("/v1/languages").expect(200).items().iter().all(|language| language["lang"] != "ckb"));
}
