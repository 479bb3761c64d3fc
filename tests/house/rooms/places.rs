//! Areas and places: districts and quarters that everybody knows, and where organisations offer something.

use std::fs;

use serde_json::{Value, json};

use crate::{
    house::House,
    people::{CANARY, Practice, Staff, nobody, operators},
    rooms::schedules::{draft, next_tuesdays},
    server::Setup,
    worker::organisation,
};

promises![
    a_place_is_added_changed_and_taken_away,
    a_place_where_something_is_to_take_place_stays,
    only_the_people_of_the_organisation_see_its_places,
    what_is_no_place_is_refused_with_its_field,
    areas_are_loaded_by_the_operator_and_known_to_everybody,
];

const PLACES: &str = "/v1/publisher/places";

/// A place in a town that does not exist.
pub(crate) fn place() -> Value {
    json!({
        "name": "Kiosk am Markt", "street": "Beispielstraße 1", "postcode": "00000", "city": "Musterstadt",
        "position": {"latitude": 53.5412344, "longitude": 10.105_678_9}, "address_visibility": "public",
        "wheelchair": "yes", "toilet": "limited", "step_free": true,
    })
}

fn a_place_is_added_changed_and_taken_away(house: &House) {
    let practice = house.own_practice();
    let staff = &practice.staff;
    let added = staff.post(PLACES, &place()).expect(201).json();
    assert_eq!(added["position"], json!({"latitude": 53.541_234, "longitude": 10.105_679}));
    let path = format!("{PLACES}/{}", added["id"].as_str().unwrap());
    let change = json!({"street": " Beispielstraße 2 ", "address_visibility": "on-booking", "toilet": "no"});
    let changed = staff.call("PATCH", &path).json(&change).send().expect(200).json();
    assert_eq!((&changed["street"], &changed["toilet"]), (&json!("Beispielstraße 2"), &json!("no")));
    assert_eq!((&changed["name"], &changed["wheelchair"]), (&added["name"], &added["wheelchair"]));
    assert_eq!(changed["position"], added["position"]);
    let unplaced = staff.call("PATCH", &path).json(&json!({"no_position": true})).send().expect(200).json();
    assert!(unplaced.get("position").is_none() && unplaced["street"] == "Beispielstraße 2");
    staff.post(PLACES, &place()).expect(201);
    let first = staff.get(&format!("{PLACES}?limit=1")).expect(200);
    let rest = staff.get(&format!("{PLACES}?limit=1&cursor={}", first.text("/next_cursor"))).expect(200);
    assert_eq!((rest.items()[0]["id"].clone(), rest.json().get("next_cursor")), (added["id"].clone(), None));
    staff.call("DELETE", &path).send().expect(204);
    staff.call("DELETE", &path).send().problem(404, "not-found");
    staff.call("PATCH", &path).json(&json!({})).send().problem(404, "not-found");
    assert_eq!(staff.get(PLACES).expect(200).items().len(), 1);
}

fn a_place_where_something_is_to_take_place_stays(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let practice = Practice::add(&server);
    let staff = &practice.staff;
    let [stands, moves] = [(); 2].map(|()| staff.post(PLACES, &place()).expect(201).text("/id"));
    let offer = draft(staff, Some(&stands));
    let dates = next_tuesdays(staff, &offer);
    let date = format!("/v1/publisher/occurrences/{}", dates[0]["id"].as_str().unwrap());
    let moved = staff.post(&format!("{date}/move"), &json!({"place_id": moves})).expect(200).json();
    assert_eq!(moved["place_id"], json!(moves));
    for place in [&stands, &moves] {
        staff.call("DELETE", &format!("{PLACES}/{place}")).send().problem(409, "state-conflict");
    }
    staff.call("POST", &format!("{date}/restore")).send().expect(200);
    staff.call("DELETE", &format!("{PLACES}/{moves}")).send().expect(204);
    // Nobody goes where there is no place any more.
    let gone = staff.post(&format!("{date}/move"), &json!({"place_id": moves})).problem(422, "invalid");
    assert_eq!(gone.text("/errors/0/code"), "unknown-place");
    staff.post(&format!("/v1/publisher/offers/{offer}/steps"), &json!({"step": "archive"})).expect(200);
    staff.call("DELETE", &format!("{PLACES}/{stands}")).send().expect(204);
}

fn only_the_people_of_the_organisation_see_its_places(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let server = house.server();
    let own = practice.staff.post(PLACES, &place()).expect(201).text("/id");
    let path = format!("{PLACES}/{own}");
    assert!(other.staff.get(PLACES).expect(200).items().is_empty());
    let change = |staff: &Staff, path: &str| staff.call("PATCH", path).json(&json!({"name": CANARY})).send();
    let theirs = change(&other.staff, &path).problem(404, "not-found").fingerprint();
    assert_eq!(theirs, change(&other.staff, &format!("{PLACES}/{}", nobody())).fingerprint());
    other.staff.call("DELETE", &path).send().problem(404, "not-found");
    for kind in ["kiosk", "social-institution", "district-office"] {
        let login = format!("{CANARY}.{}@{kind}", crate::house::number());
        let person = Staff::add(server, &organisation(server, kind), &login);
        change(&person, &path).problem(404, "not-found");
        person.post(PLACES, &place()).expect(201);
    }
    let resident = practice.resident();
    for reply in [resident.get(PLACES), practice.software.get(PLACES), operators(server)[0].get(PLACES)] {
        reply.problem(403, "forbidden");
    }
    assert_eq!(practice.staff.get(PLACES).expect(200).items()[0]["name"], "Kiosk am Markt");
}

fn what_is_no_place_is_refused_with_its_field(house: &House) {
    let staff = house.practice().staff;
    for (field, value, pointer, code) in [
        ("name", json!("  "), "/name", "invalid-length"),
        ("street", json!("a\nb"), "/street", "invalid-length"),
        ("postcode", json!("x".repeat(11)), "/postcode", "invalid-length"),
        ("city", json!("x".repeat(81)), "/city", "invalid-length"),
        ("position", json!({"latitude": 91, "longitude": 0}), "/position", "out-of-range"),
        ("area_id", json!(nobody()), "/area_id", "unknown-area"),
        ("area_id", json!("x"), "/area_id", "invalid-id"),
        ("address_visibility", json!("secret"), "/address_visibility", "unknown-word"),
        ("wheelchair", json!("maybe"), "/wheelchair", "unknown-word"),
        ("toilet", json!(""), "/toilet", "unknown-word"),
    ] {
        let mut wrong = place();
        wrong[field] = value;
        let reply = staff.post(PLACES, &wrong).problem(422, "invalid");
        assert_eq!((reply.text("/errors/0/pointer").as_str(), reply.text("/errors/0/code").as_str()), (pointer, code));
    }
}

fn areas_are_loaded_by_the_operator_and_known_to_everybody(house: &House) {
    let server = house.own_server(Setup::default());
    let nothing = server.get("/v1/areas").expect(200);
    assert!(nothing.items().is_empty());
    let file = server.path("areas.csv");
    let list = |lines: &str| {
        fs::write(&file, format!("scheme,key,name,parent_scheme,parent_key,population\n{lines}")).unwrap();
        file.to_str().unwrap().to_owned()
    };
    // A line that is wrong is named, and nothing is written, also not the lines that are right.
    let wrong = server.run(&["areas", "load", &list("custom,nord,Nord,,,\ncustom,a,A,custom,fehlt,\n"), "--write"]);
    let said = String::from_utf8(wrong.stdout).unwrap();
    assert!(!wrong.status.success() && said.contains("line 3: ") && !said.contains("line 2"), "{said}");
    // Without --write, it only says what it would do.
    let good = list("custom,markt,Am Markt,custom,nord,1200\ncustom,nord,Nord,,,\n");
    assert!(server.cli(&["areas", "load", &good]).contains("2 new, 0 changed, 0 as they were. Nothing"));
    assert!(server.get("/v1/areas").expect(200).items().is_empty());
    assert!(server.cli(&["areas", "load", &good, "--write"]).contains("2 new"));
    let first = server.get("/v1/areas").expect(200);
    let areas = first.items();
    assert_eq!((&areas[0]["name"], &areas[0]["population"]), (&json!("Am Markt"), &json!(1200)));
    assert_eq!(areas[0]["parent_id"], areas[1]["id"]);
    // It may be kept, and who has it is told so.
    assert_eq!(first.header("cache-control"), Some("public, max-age=300"));
    let etag = first.header("etag").unwrap().to_owned();
    assert_ne!(Some(etag.as_str()), nothing.header("etag"));
    let again = |etag: &str| server.call("GET", "/v1/areas").header("if-none-match", etag).send();
    let kept = again(&etag).expect(304);
    assert_eq!((kept.header("etag"), kept.header("cache-control")), (Some(etag.as_str()), Some("public, max-age=300")));
    // A new name keeps the id; what is not on the list stays.
    let renamed = list("custom,nord,Norden,,,\n");
    assert!(server.cli(&["areas", "load", &renamed, "--write"]).contains("0 new, 1 changed, 0 as they were"));
    let now = again(&etag).expect(200).items();
    assert_eq!((now.len(), &now[1]["name"], &now[1]["id"]), (2, &json!("Norden"), &areas[1]["id"]));
    assert_eq!(now[0], areas[0]);
    let staff = Practice::add(&server).staff;
    let mut within = place();
    within["area_id"] = areas[0]["id"].clone();
    let added = staff.post(PLACES, &within).expect(201).json();
    assert_eq!(added["area_id"], areas[0]["id"]);
    let path = format!("{PLACES}/{}", added["id"].as_str().unwrap());
    assert!(
        staff.call("PATCH", &path).json(&json!({"area_id": ""})).send().expect(200).json().get("area_id").is_none()
    );
}
