//! Taking part: nobody oversells, nobody is passed over, and who publishes an offer learns no name that nobody gave.

use std::{
    collections::BTreeSet,
    sync::{Arc, Barrier},
    thread,
};

use serde_json::{Value, json};

use crate::{
    behind::Database::Main,
    district::{facts, id, published, publishers, step},
    house::{House, eventually, number},
    http::Reply,
    people::{CANARY, Practice, Resident, Staff, nobody, operators},
    server::{Server, Setup},
};

promises![
    fifty_at_once_take_ten_places_and_the_others_wait_in_the_order_of_coming,
    a_freed_place_is_kept_for_one_for_a_day_and_then_for_the_next,
    more_places_go_to_those_who_wait_first_and_fewer_take_nobodys,
    each_no_says_why,
    nobody_takes_the_places_of_a_whole_district,
    the_same_request_again_is_the_same_registration,
    what_becomes_of_a_date_is_told_to_who_wanted_to_come_and_what_comes_back_is_as_it_was,
    an_offer_that_nobody_confirms_ends_for_those_who_wanted_to_come,
    who_has_a_place_is_reminded_once_a_day_before,
    sr_l01_the_list_shows_codes_and_each_look_at_it_is_in_the_log,
    nobody_but_the_publisher_has_a_list,
    who_was_there_is_written_down_once_it_has_begun,
    bands_are_told_and_only_their_change_is_in_the_feed,
    who_leaves_frees_the_place_for_the_next_and_takes_everything_along,
];

/// Tuesday, 1 December 2026, at nine in the morning in Hamburg.
const NOW: u64 = 1_796_112_000;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A kiosk with two people, and a practice that invites its patients.
struct District {
    server: Arc<Server>,
    people: [Staff; 2],
    practice: Practice,
}

impl District {
    /// With a clock that stands at [`NOW`].
    fn standing(house: &House) -> Self {
        let server = house.own_server(Setup { clock: true, ..Setup::default() });
        server.stop_clock_at(NOW);
        let (people, practice) = (publishers(&server, "kiosk"), Practice::add(&server));
        Self { server, people, practice }
    }

    /// A public offer with so many places.
    fn offer(&self, places: i32, waiting_list: bool) -> Value {
        published(&self.people, &in_app(places, waiting_list), &format!("Kurs {}", number()))
    }

    /// One with dates at these times, in their order.
    fn dated(&self, places: i32, waiting_list: bool, starts: &[&str]) -> (Value, Vec<String>) {
        let offer = self.offer(places, waiting_list);
        let path = format!("/v1/publisher/offers/{}/schedules", id(&offer));
        let schedule = json!({
            "time_zone": "Europe/Berlin", "starts_local": starts[0], "minutes": 90, "extra": starts[1..],
        });
        self.people[0].call("PUT", &path).json(&json!({"schedules": [schedule]})).send().expect(200);
        let dates = self.people[0]
            .get(&format!("/v1/publisher/offers/{}/occurrences?limit=200", id(&offer)))
            .expect(200)
            .items();
        (offer, dates.iter().map(|date| id(date).to_owned()).collect())
    }

    fn residents<const N: usize>(&self) -> [Resident; N] {
        std::array::from_fn(|_| self.practice.resident())
    }

    fn list(&self, date: &str) -> Vec<Value> {
        self.people[0].get(&format!("/v1/publisher/attendance/{date}?limit=200")).expect(200).items()
    }

    fn date(&self, date: &str, step: &str) {
        self.people[0].call("POST", &format!("/v1/publisher/occurrences/{date}/{step}")).send().expect(200);
    }

    /// Whether a notice waits for somebody; it is taken away.
    fn is_told(&self, resident: &Resident) -> bool {
        let of = format!("FROM outbox WHERE resident_id = {}", self.server.bytes(&resident.id));
        let waits = self.server.ask(Main, "count(*)", &of) != ["0"];
        // Only what was seen is taken away: another one may come in between.
        if waits {
            self.server.execute(Main, &format!("DELETE {of}"));
        }
        waits
    }

    fn seq(&self) -> i64 {
        self.server.get("/v1/offer-snapshot").expect(200).json()["next"].as_i64().expect("a number")
    }
}

fn in_app(places: i32, waiting_list: bool) -> Value {
    let mut facts = facts();
    facts["registration"] = json!("in-app");
    facts["places_max"] = json!(places);
    facts["waiting_list"] = json!(waiting_list);
    facts
}

fn wish(offer: &Value, date: Option<&String>) -> Value {
    let mut wish = json!({"offer_id": id(offer)});
    if let Some(date) = date {
        wish["date_id"] = json!(date);
    }
    wish
}

fn ask(resident: &Resident, wish: &Value) -> Reply {
    let key = format!("taking-part-{}", number());
    resident.call("POST", "/v1/registrations").header("idempotency-key", &key).json(wish).send()
}

fn register(resident: &Resident, wish: &Value) -> Value {
    ask(resident, wish).expect(201).json()
}

fn answer(resident: &Resident, registration: &Value, step: &str) -> Reply {
    resident.post(&format!("/v1/registrations/{}/steps", id(registration)), &json!({"step": step}))
}

fn read(resident: &Resident, registration: &Value) -> Value {
    resident.get(&format!("/v1/registrations/{}", id(registration))).expect(200).json()
}

fn state(resident: &Resident, registration: &Value) -> String {
    read(resident, registration)["state"].as_str().expect("a state").to_owned()
}

/// All at the same moment, each again as long as the server is busy.
fn all_at_once(residents: &[Resident], wish: &Value) -> Vec<Reply> {
    let gate = Barrier::new(residents.len());
    thread::scope(|scope| {
        let ask = |resident| {
            let key = format!("at-once-{}", number());
            let gate = &gate;
            scope.spawn(move || {
                let resident: &Resident = resident;
                gate.wait();
                loop {
                    let call = resident.call("POST", "/v1/registrations").header("idempotency-key", &key);
                    let reply = call.json(wish).send();
                    if reply.status != 503 {
                        return reply;
                    }
                    thread::sleep(std::time::Duration::from_millis(100));
                }
            })
        };
        let asked: Vec<_> = residents.iter().map(ask).collect();
        asked.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    })
}

fn fifty_at_once_take_ten_places_and_the_others_wait_in_the_order_of_coming(house: &House) {
    let district = District::standing(house);
    let everybody = district.residents::<50>();
    let (offer, dates) = district.dated(10, true, &["2026-12-08T18:00"]);
    let answers = all_at_once(&everybody, &wish(&offer, dates.first()));
    let of = |word: &str| answers.iter().filter(|reply| reply.json()["state"] == word).count();
    assert!(answers.iter().all(|reply| reply.status == 201), "{:?}", answers.iter().map(|r| r.status));
    assert_eq!((of("confirmed"), of("waitlisted")), (10, 40));
    let list = district.list(&dates[0]);
    let states: Vec<_> = list.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, [["confirmed"; 10].as_slice(), ["waitlisted"; 40].as_slice()].concat());
    let codes: BTreeSet<_> = list.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), 50, "each has a code of their own");
    assert_eq!(district.server.ask(Main, "places_taken", "FROM occurrences"), ["10"]);
    // Three who have a place go, all at once: the first three who wait are asked, and nobody else.
    let seated = everybody.iter().zip(&answers).filter(|(_, reply)| reply.json()["state"] == "confirmed").take(3);
    thread::scope(|scope| {
        for (resident, reply) in seated {
            scope.spawn(move || while answer(resident, &reply.json(), "cancel").status == 503 {});
        }
    });
    let now = district.list(&dates[0]);
    let offered: Vec<_> = now.iter().filter(|one| one["state"] == "offered").map(|one| &one["id"]).collect();
    assert_eq!(offered, list[10..13].iter().map(|one| &one["id"]).collect::<Vec<_>>());
    assert_eq!(district.server.ask(Main, "places_taken", "FROM occurrences"), ["10"]);
    // Without a waiting list the others are told so. The offer itself has places when it has no dates.
    let none_waits = district.offer(10, false);
    let answers = all_at_once(&everybody, &wish(&none_waits, None));
    let (places, full): (Vec<_>, Vec<_>) = answers.into_iter().partition(|reply| reply.status == 201);
    assert_eq!((places.len(), full.len()), (10, 40));
    full.into_iter().for_each(|reply| drop(reply.problem(409, "no-place-left")));
}

fn a_freed_place_is_kept_for_one_for_a_day_and_then_for_the_next(house: &House) {
    let district = District::standing(house);
    let [one, two, three, four, late] = district.residents();
    two.wants_mail("zwei@example.org");
    let (offer, dates) = district.dated(1, true, &["2026-12-20T18:00"]);
    let wish = wish(&offer, dates.first());
    let [first, second, third, fourth] = [&one, &two, &three, &four].map(|resident| register(resident, &wish));
    assert_eq!((&first["state"], &second["state"]), (&json!("confirmed"), &json!("waitlisted")));
    assert_eq!(answer(&one, &first, "cancel").expect(200).json()["state"], "cancelled");
    let offered = read(&two, &second);
    assert_eq!((&offered["state"], &offered["held_until"]), (&json!("offered"), &json!("2026-12-02T08:00:00Z")));
    assert!(district.is_told(&two), "and told so");
    assert_eq!((state(&three, &third), state(&four, &fourth)), ("waitlisted".into(), "waitlisted".into()));
    // Nobody else gets in meanwhile: not who comes now, not who waits.
    assert_eq!(register(&late, &wish)["state"], "waitlisted");
    answer(&three, &third, "accept").problem(409, "place-not-kept");
    // A second short of a day it is still theirs.
    district.server.stop_clock_at(NOW + DAY - 1);
    thread::sleep(std::time::Duration::from_secs(6));
    assert_eq!(state(&two, &second), "offered");
    district.server.stop_clock_at(NOW + DAY);
    answer(&two, &second, "accept").problem(409, "place-not-kept");
    eventually(|| state(&three, &third) == "offered");
    assert_eq!((state(&two, &second), state(&four, &fourth)), ("expired".into(), "waitlisted".into()));
    assert_eq!(answer(&three, &third, "decline").expect(200).json()["state"], "declined");
    assert_eq!(answer(&four, &fourth, "accept").expect(200).json()["state"], "confirmed");
    answer(&four, &fourth, "accept").problem(409, "place-not-kept");
    // Shortly before it begins, two hours are enough; who comes again comes behind the others.
    assert_eq!(register(&one, &wish)["state"], "waitlisted");
    district.server.stop_clock_at(NOW + 18 * DAY);
    answer(&four, &fourth, "cancel").expect(200);
    let of_late = late.get("/v1/registrations").expect(200).items();
    assert_eq!((&of_late[0]["state"], &of_late[0]["held_until"]), (&json!("offered"), &json!("2026-12-19T10:00:00Z")));
    assert_eq!(district.server.ask(Main, "places_taken", "FROM occurrences"), ["1"]);
}

fn more_places_go_to_those_who_wait_first_and_fewer_take_nobodys(house: &House) {
    let district = District::standing(house);
    let [one, two, three, four] = district.residents();
    let (offer, dates) = district.dated(1, true, &["2026-12-20T18:00", "2026-12-21T18:00"]);
    let wished = wish(&offer, dates.first());
    let all = [&one, &two, &three].map(|resident| register(resident, &wished));
    let places = |date: &str, most: Value| {
        let path = format!("/v1/publisher/occurrences/{date}/places");
        district.people[0].call("PUT", &path).json(&most).send()
    };
    let raised = places(&dates[0], json!({"places_max": 2})).expect(200).json();
    assert_eq!((&raised["places_max"], &raised["places_taken"]), (&json!(2), &json!(2)));
    assert_eq!((state(&two, &all[1]), state(&three, &all[2])), ("offered".into(), "waitlisted".into()));
    assert_eq!(register(&four, &wished)["state"], "waitlisted");
    // The offer's own number counts for the dates that have none.
    let other = wish(&offer, dates.get(1));
    let elsewhere = [&one, &two].map(|resident| register(resident, &other));
    let path = format!("/v1/publisher/offers/{}/facts", id(&offer));
    let current = district.people[0].get(&format!("/v1/publisher/offers/{}", id(&offer))).expect(200).json();
    let change = json!({"revision": current["revision"], "facts": in_app(3, true)});
    district.people[0].call("PUT", &path).json(&change).send().expect(200);
    assert_eq!(state(&two, &elsewhere[1]), "offered");
    assert_eq!(state(&three, &all[2]), "waitlisted", "that date has a number of its own");
    places(&dates[0], json!({})).expect(200);
    assert_eq!(state(&three, &all[2]), "offered");
    // Fewer than are taken: nobody loses theirs, and nobody gets one.
    answer(&two, &all[1], "accept").expect(200);
    places(&dates[0], json!({"places_max": 1})).expect(200);
    assert_eq!((state(&one, &all[0]), state(&two, &all[1])), ("confirmed".into(), "confirmed".into()));
    answer(&one, &all[0], "cancel").expect(200);
    answer(&three, &all[2], "decline").expect(200);
    assert_eq!(four.get("/v1/registrations").expect(200).items()[0]["state"], "waitlisted");
    for wrong in [0, 10_001] {
        places(&dates[0], json!({"places_max": wrong})).problem(422, "invalid");
    }
}

fn each_no_says_why(house: &House) {
    let district = District::standing(house);
    let [one, two] = district.residents();
    let (offer, dates) = district.dated(1, false, &["2026-12-02T18:00", "2026-12-03T18:00", "2026-12-04T18:00"]);
    let open = published(&district.people, &facts(), "Offene Runde");
    ask(&one, &wish(&open, None)).problem(409, "registration-elsewhere");
    ask(&one, &json!({"offer_id": nobody()})).problem(404, "not-found");
    let draft = crate::district::draft(&district.people[0], &in_app(3, true), "Entwurf");
    ask(&one, &wish(&draft, None)).problem(404, "not-found");
    let pointed = |reply: Reply| reply.problem(422, "invalid").text("/errors/0/pointer");
    assert_eq!(pointed(ask(&one, &wish(&offer, None))), "/date_id");
    assert_eq!(pointed(ask(&one, &wish(&offer, Some(&nobody())))), "/date_id");
    let first = wish(&offer, dates.first());
    for (more, pointer) in [
        (json!({"needs": {"interpreter": "nix_da"}}), "/needs/interpreter"),
        (json!({"contact": {"phone": "040 123"}}), "/contact/phone"),
        (json!({"contact": {"name": ""}}), "/contact/name"),
        (json!({"contact": {"name": "A\nB"}}), "/contact/name"),
    ] {
        let mut wrong = first.clone();
        wrong.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(pointed(ask(&one, &wrong)), pointer);
    }
    let mine = register(&one, &first);
    ask(&one, &first).problem(409, "already-registered");
    ask(&two, &first).problem(409, "no-place-left");
    district.date(&dates[1], "cancel");
    ask(&two, &wish(&offer, dates.get(1))).problem(409, "date-cancelled");
    step(&district.people[0], &offer, "pause").expect(200);
    ask(&two, &wish(&offer, dates.get(2))).problem(409, "offer-paused");
    step(&district.people[0], &offer, "resume").expect(200);
    assert_eq!(pointed(answer(&one, &mine, "jump")), "/step");
    answer(&one, &mine, "decline").problem(409, "place-not-kept");
    answer(&two, &mine, "cancel").problem(404, "not-found");
    // What has begun stays as it is.
    district.server.stop_clock_at(NOW + DAY + 9 * HOUR);
    ask(&two, &first).problem(409, "date-over");
    answer(&one, &mine, "cancel").problem(409, "date-over");
}

fn nobody_takes_the_places_of_a_whole_district(house: &House) {
    let district = District::standing(house);
    let [resident, other] = district.residents();
    let days: Vec<String> = (0..61).map(|day| format!("2027-{:02}-{:02}T18:00", 1 + day / 28, 1 + day % 28)).collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let (offer, dates) = district.dated(9, false, &days);
    assert_eq!(dates.len(), 61);
    let mine: Vec<Value> = dates[..60].iter().map(|date| register(&resident, &wish(&offer, Some(date)))).collect();
    let more = wish(&offer, Some(&dates[60]));
    let problem = ask(&resident, &more).problem(422, "invalid").json();
    assert_eq!(problem["errors"][0]["code"], "too-many", "{problem}");
    // Others can, and so can who does not come to something else.
    register(&other, &more);
    answer(&resident, &mine[0], "cancel").expect(200);
    register(&resident, &more);
}

fn the_same_request_again_is_the_same_registration(house: &House) {
    let district = District::standing(house);
    let [one, two] = district.residents();
    let offer = district.offer(5, false);
    let ask = |resident: &Resident, wish: &Value| {
        resident.call("POST", "/v1/registrations").header("idempotency-key", "einmal").json(wish).send()
    };
    one.post("/v1/registrations", &wish(&offer, None)).problem(400, "idempotency-key-missing");
    let first = ask(&one, &wish(&offer, None)).expect(201);
    let again = ask(&one, &wish(&offer, None)).expect(201);
    assert_eq!((&first.body, again.header("idempotent-replayed")), (&again.body, Some("true")));
    let mut other = wish(&offer, None);
    other["needs"] = json!({"wheelchair": true});
    ask(&one, &other).problem(422, "idempotency-key-reused");
    ask(&two, &wish(&offer, None)).expect(201);
    assert_eq!(district.server.ask(Main, "places_taken", "FROM offers WHERE places_max = 5"), ["2"]);
}

fn what_becomes_of_a_date_is_told_to_who_wanted_to_come_and_what_comes_back_is_as_it_was(house: &House) {
    let district = District::standing(house);
    let [one, two, three] = district.residents();
    let everybody = [&one, &two, &three];
    let (offer, dates) = district.dated(1, true, &["2026-12-20T18:00"]);
    for resident in everybody {
        resident.wants_mail("jemand@example.org");
    }
    let all = everybody.map(|resident| register(resident, &wish(&offer, dates.first())));
    answer(&one, &all[0], "cancel").expect(200);
    let told = || everybody.map(|resident| district.is_told(resident));
    assert_eq!(told(), [false, true, false]);
    let states = || [0, 1, 2].map(|n: usize| state(everybody[n], &all[n]));
    district.date(&dates[0], "cancel");
    assert_eq!(states(), ["cancelled", "cancelled-by-publisher", "cancelled-by-publisher"]);
    assert_eq!(read(&two, &all[1])["date"]["state"], "cancelled");
    assert_eq!(told(), [false, true, true], "who does not come is told nothing");
    answer(&two, &all[1], "accept").problem(409, "place-not-kept");
    // A day later it takes place after all: who had been asked is asked anew, at their turn.
    district.server.stop_clock_at(NOW + 2 * DAY);
    district.date(&dates[0], "restore");
    assert_eq!(states(), ["cancelled", "offered", "waitlisted"]);
    assert_eq!(read(&two, &all[1])["held_until"], "2026-12-04T08:00:00Z");
    answer(&two, &all[1], "accept").expect(200);
    told();
    let path = format!("/v1/publisher/occurrences/{}/move", dates[0]);
    district.people[0].post(&path, &json!({"starts_local": "2026-12-22T10:00"})).expect(200);
    let moved = read(&two, &all[1])["date"].clone();
    assert_eq!((&moved["state"], &moved["starts_at"]), (&json!("moved"), &json!("2026-12-22T09:00:00Z")));
    assert_eq!(told(), [false, true, true]);
    // No schedule gives it any more.
    let path = format!("/v1/publisher/offers/{}/schedules", id(&offer));
    district.people[0].call("PUT", &path).json(&json!({"schedules": []})).send().expect(200);
    assert_eq!((states()[1].as_str(), told()), ("cancelled-by-publisher", [false, true, true]));
    step(&district.people[0], &offer, "archive").expect(200);
    let last = read(&two, &all[1]);
    assert_eq!((&last["state"], &last["title"]), (&json!("cancelled-by-publisher"), &all[1]["title"]));
}

fn an_offer_that_nobody_confirms_ends_for_those_who_wanted_to_come(house: &House) {
    let district = District::standing(house);
    let [one, two] = district.residents();
    let (_, dates) = district.dated(1, true, &["2026-12-20T18:00", "2027-10-05T18:00"]);
    let offer = district.people[0].get("/v1/publisher/offers").expect(200).items().remove(0);
    let all = [&one, &two].map(|resident| {
        resident.wants_mail("jemand@example.org");
        register(resident, &wish(&offer, dates.get(1)))
    });
    assert_eq!([state(&one, &all[0]), state(&two, &all[1])], ["confirmed", "waitlisted"]);
    // Due after ninety days, archived sixty days later.
    district.server.stop_clock_at(NOW + 151 * DAY);
    for (resident, registration) in [(&one, &all[0]), (&two, &all[1])] {
        crate::house::eventually(|| state(resident, registration) == "cancelled-by-publisher");
        crate::house::eventually(|| district.is_told(resident));
    }
}

fn who_has_a_place_is_reminded_once_a_day_before(house: &House) {
    let district = District::standing(house);
    let [one, two, three] = district.residents();
    for resident in [&one, &two, &three] {
        resident.wants_mail("jemand@example.org");
    }
    let (offer, dates) = district.dated(2, true, &["2026-12-05T09:00"]);
    let [_, second, _] = [&one, &two, &three].map(|resident| register(resident, &wish(&offer, dates.first())));
    assert!(!district.is_told(&one));
    district.server.stop_clock_at(NOW + 3 * DAY);
    eventually(|| district.is_told(&one));
    assert!(!district.is_told(&three), "who waits has nothing to be reminded of");
    // Who registers on the last day needs none, and nobody gets a second one.
    answer(&two, &second, "cancel").expect(200);
    assert!(district.is_told(&three) && !district.is_told(&one));
    district.is_told(&two);
    thread::sleep(std::time::Duration::from_secs(6));
    assert!(!district.is_told(&one) && !district.is_told(&two));
}

fn sr_l01_the_list_shows_codes_and_each_look_at_it_is_in_the_log(house: &House) {
    let district = District::standing(house);
    let [named, nameless] = district.residents();
    let (offer, dates) = district.dated(5, false, &["2026-12-20T18:00"]);
    let mut known = wish(&offer, dates.first());
    known["needs"] = json!({"interpreter": "fa-AF", "wheelchair": true});
    known["contact"] = json!({"name": CANARY, "phone": "+4940123456"});
    let known = register(&named, &known);
    assert_eq!(known["contact"]["name"], CANARY);
    let unknown = register(&nameless, &wish(&offer, dates.first()));
    let logged = |resident: &Resident, action: &str| {
        resident.log().iter().filter(|line| line["action"] == action && line["outcome"] == "done").count()
    };
    assert_eq!(logged(&named, "read-registration"), 0);
    let list = district.people[0].get(&format!("/v1/publisher/attendance/{}", dates[0])).expect(200);
    let everything = String::from_utf8(list.body.clone()).unwrap();
    for secret in [CANARY, "+4940123456", &named.id, &nameless.id] {
        assert!(!everything.contains(secret), "{everything}");
    }
    let list = list.items();
    let needs = json!({"interpreter": "fa-AF", "wheelchair": true, "childcare": false});
    let fields: BTreeSet<&str> = list[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, BTreeSet::from(["id", "code", "state", "needs", "has_contact"]), "and nothing else");
    assert_eq!((&list[0]["code"], &list[0]["needs"]), (&known["code"], &needs));
    assert_eq!((&list[0]["has_contact"], &list[1]["has_contact"]), (&json!(true), &json!(false)));
    assert_eq!((logged(&named, "read-registration"), logged(&nameless, "read-registration")), (1, 1));
    let contact = |registration: &Value| {
        district.people[1].get(&format!("/v1/publisher/registrations/{}/contact", id(registration)))
    };
    assert_eq!(contact(&known).expect(200).json(), json!({"name": CANARY, "phone": "+4940123456"}));
    assert_eq!(logged(&named, "read-contact"), 1);
    contact(&unknown).problem(404, "not-found");
    // Taken back, it is gone at once, for good, and the place stays.
    let path = format!("/v1/registrations/{}/contact", id(&known));
    nameless.call("DELETE", &path).send().problem(404, "not-found");
    named.call("DELETE", &path).send().expect(204);
    contact(&known).problem(404, "not-found");
    assert_eq!(district.list(&dates[0])[0]["has_contact"], false);
    assert_eq!((state(&named, &known), read(&named, &known).get("contact")), ("confirmed".into(), None));
    assert_eq!(logged(&named, "read-contact"), 1, "and nobody has looked");
    let sealed = "FROM registrations WHERE name_sealed IS NOT NULL OR phone_sealed IS NOT NULL";
    assert_eq!(district.server.ask(Main, "count(*)", sealed), ["0"]);
    // Nothing of what somebody gives lies anywhere in the clear.
    let mut again = wish(&offer, dates.first());
    again["contact"] = json!({"name": "Kanarie Nachname"});
    answer(&named, &known, "cancel").expect(200);
    register(&named, &again);
    for (place, bytes) in district.server.everything_stored() {
        assert!(!bytes.windows(16).any(|part| part == b"Kanarie Nachname"), "{place}");
    }
}

fn nobody_but_the_publisher_has_a_list(house: &House) {
    let district = District::standing(house);
    let resident = district.practice.resident();
    let [other, _] = publishers(&district.server, "social-institution");
    let [office, _] = publishers(&district.server, "district-office");
    let [operator, _] = operators(&district.server);
    let (offer, dates) = district.dated(5, false, &["2026-12-20T18:00"]);
    let mut wished = wish(&offer, dates.first());
    wished["contact"] = json!({"name": CANARY});
    let registration = register(&resident, &wished);
    let doors = |date: &str, registration: &str| {
        [
            ("GET", format!("/v1/publisher/attendance/{date}"), Value::Null),
            ("GET", format!("/v1/publisher/registrations/{registration}/contact"), Value::Null),
            ("PUT", format!("/v1/publisher/registrations/{registration}/attendance"), json!({"attended": true})),
            ("PUT", format!("/v1/publisher/occurrences/{date}/places"), json!({"places_max": 1})),
        ]
    };
    let theirs = doors(&dates[0], id(&registration));
    let nothing = doors(&nobody(), &nobody());
    // Those who invited the resident, and treat them, know as little as anybody.
    let physician = &district.practice.staff;
    for staff in [&other, &office, &operator, physician] {
        for ((method, path, body), (_, missing, _)) in theirs.iter().zip(&nothing) {
            let ask = |path: &str| {
                let call = staff.call(method, path);
                let call = if body.is_null() { call } else { call.json(body) };
                call.send().problem(404, "not-found").fingerprint()
            };
            assert_eq!(ask(path), ask(missing), "{method} {path}");
        }
    }
    let offer_itself = format!("/v1/publisher/attendance/{}", id(&offer));
    district.people[0].get(&offer_itself).problem(404, "not-found");
    other.get(&offer_itself).problem(404, "not-found");
    resident.get(&theirs[0].1).problem(403, "forbidden");
    district.practice.resident().get(&format!("/v1/registrations/{}", id(&registration))).problem(404, "not-found");
    physician.get("/v1/registrations").problem(403, "forbidden");
    assert!(!resident.log().iter().any(|line| line["action"] == "read-registration"));
    assert_eq!(district.list(&dates[0]).len(), 1);
}

fn who_was_there_is_written_down_once_it_has_begun(house: &House) {
    let district = District::standing(house);
    let [one, two] = district.residents();
    let (offer, dates) = district.dated(1, true, &["2026-12-02T18:00"]);
    let [first, second] = [&one, &two].map(|resident| register(resident, &wish(&offer, dates.first())));
    let mark = |registration: &Value, attended: bool| {
        let path = format!("/v1/publisher/registrations/{}/attendance", id(registration));
        district.people[0].call("PUT", &path).json(&json!({"attended": attended})).send()
    };
    mark(&first, true).problem(409, "state-conflict");
    district.server.stop_clock_at(NOW + DAY + 9 * HOUR);
    assert_eq!(mark(&first, false).expect(200).json()["state"], "missed");
    assert_eq!(mark(&first, true).expect(200).json()["state"], "attended");
    mark(&second, true).problem(409, "state-conflict");
    assert_eq!((state(&one, &first), district.list(&dates[0]).len()), ("attended".into(), 2));
    // A month later nothing is known but that they were there.
    let kept = "FROM registrations WHERE needs_sealed IS NOT NULL OR name_sealed IS NOT NULL";
    let (offer, dates) = district.dated(1, true, &["2026-12-04T18:00"]);
    let mut wished = wish(&offer, dates.first());
    wished["needs"] = json!({"childcare": true});
    register(&one, &wished);
    assert_eq!(district.server.ask(Main, "count(*)", kept), ["1"]);
    district.server.stop_clock_at(NOW + 34 * DAY);
    eventually(|| district.server.ask(Main, "count(*)", kept) == ["0"]);
}

fn bands_are_told_and_only_their_change_is_in_the_feed(house: &House) {
    let district = District::standing(house);
    let everybody = district.residents::<6>();
    let (offer, dates) = district.dated(5, true, &["2026-12-20T18:00"]);
    let other = published(&district.people, &facts(), "Offene Runde");
    let band = |offer: &Value| district.server.get(&format!("/v1/offers/{}", id(offer))).expect(200).text("/capacity");
    let of_date = || {
        let dates = district.server.get(&format!("/v1/offers/{}/dates", id(&offer))).expect(200);
        dates.text("/items/0/capacity")
    };
    let found = || {
        let listed = district.server.get("/v1/offers?places=true").expect(200).items();
        let searched = district.server.post("/v1/offer-searches", &json!({"places": true})).expect(200).items();
        assert_eq!(listed, searched);
        listed.iter().any(|one| one["id"] == offer["id"])
    };
    assert_eq!((band(&offer), band(&other), of_date()), ("free".into(), "walk-in".into(), "free".into()));
    let mut seen = Vec::new();
    let mut all = Vec::new();
    for resident in &everybody {
        let before = district.seq();
        all.push(register(resident, &wish(&offer, dates.first())));
        assert_eq!(band(&offer), of_date());
        seen.push((of_date(), district.seq() - before, found()));
    }
    let seen: Vec<_> = seen.iter().map(|(band, changes, found)| (band.as_str(), *changes, *found)).collect();
    assert_eq!(
        seen,
        [
            ("free", 0, true),
            ("few", 1, true),
            ("few", 0, true),
            ("few", 0, true),
            ("full-waiting-list", 1, false),
            ("full-waiting-list", 0, false),
        ]
    );
    let before = district.seq();
    let feed = district.server.get(&format!("/v1/offer-feed?after={}", before - 1)).expect(200).items();
    assert_eq!((feed.len(), &feed[0]["data"]["capacity"]), (1, &json!("full-waiting-list")));
    // A place that goes from one to the next is nobody else's business.
    answer(&everybody[0], &all[0], "cancel").expect(200);
    assert_eq!((district.seq(), of_date().as_str()), (before, "full-waiting-list"));
    answer(&everybody[5], &all[5], "decline").expect(200);
    assert_eq!((district.seq(), of_date().as_str(), found()), (before + 1, "few", true));
    // Nobody reads a number.
    let told = district.server.get(&format!("/v1/offers/{}/dates", id(&offer))).expect(200).json();
    assert!(!told.to_string().contains("taken"), "{told}");
}

fn who_leaves_frees_the_place_for_the_next_and_takes_everything_along(house: &House) {
    let district = District::standing(house);
    let [one, two] = district.residents();
    let (offer, dates) = district.dated(1, true, &["2026-12-20T18:00"]);
    let mut wished = wish(&offer, dates.first());
    wished["needs"] = json!({"childcare": true});
    wished["contact"] = json!({"name": CANARY});
    let first = register(&one, &wished);
    let second = register(&two, &wish(&offer, dates.first()));
    let copy = one.get("/v1/export").expect(200);
    let files = super::exports::unpack(&copy.body);
    let taken: Value = serde_json::from_slice(&files["registrations.json"]).unwrap();
    let taken = &taken["registrations"][0];
    assert_eq!((&taken["code"], &taken["contact"]["name"]), (&first["code"], &json!(CANARY)));
    assert_eq!((&taken["needs"]["childcare"], &taken["state"]), (&json!(true), &json!("confirmed")));
    assert_eq!(taken["date"]["id"], json!(dates[0]));
    one.call("DELETE", "/v1/me").send().expect(204);
    assert_eq!(state(&two, &second), "offered");
    let list = district.list(&dates[0]);
    assert_eq!((list.len(), &list[0]["id"]), (1, &second["id"]));
    let mine = format!("FROM registrations WHERE resident_id = {}", district.server.bytes(&one.id));
    assert_eq!(district.server.ask(Main, "count(*)", &mine), ["0"]);
}
