//! Feedback and wishes: people say what is wrong and what is missing, and nobody learns who they are.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    district::{facts, id, published, publishers},
    house::House,
    http::Reply,
    people::nobody,
    server::{Server, Setup},
    sql::Intruder,
};

promises![
    sr_l06_what_people_say_of_an_offer_is_read_by_its_organisation_and_stands_in_no_log,
    three_doubts_make_an_offer_due_and_a_confirmation_ends_them,
    words_that_lead_to_somebody_are_refused,
    nobody_floods_and_nobody_is_kept_out_for_longer_than_a_day,
    counts_below_ten_are_hidden_and_an_open_month_is_not_shown,
    what_was_searched_and_not_found_is_counted_by_topic_and_area_and_by_nothing_else,
];

/// A word that stands in what people say, and nowhere else.
const CANARY: &str = "Zitronenfalter";

const DAY: i64 = 24 * 60 * 60;

fn say(server: &Server, offer: &Value, body: &Value) -> Reply {
    server.post(&format!("/v1/offers/{}/feedback", id(offer)), body)
}

fn count(list: &Value, what: &str) -> i64 {
    let line = list.as_array().expect("counts").iter().find(|line| line["what"] == what).expect("a count");
    line["count"].as_i64().expect("a number")
}

fn area(server: &Server) -> String {
    let list = server.path("areas.csv");
    std::fs::write(&list, "scheme,key,name,parent_scheme,parent_key,population\ncustom,markt,Am Markt,,,1200\n")
        .unwrap();
    server.cli(&["areas", "load", list.to_str().unwrap(), "--write"]);
    server.get("/v1/areas").expect(200).text("/items/0/id")
}

/// The month of the server's clock.
fn month(server: &Server) -> String {
    let now = jiff::Timestamp::from_second(server.clock()).expect("a time");
    now.in_tz("Europe/Berlin").expect("a zone").strftime("%Y-%m").to_string()
}

fn sr_l06_what_people_say_of_an_offer_is_read_by_its_organisation_and_stands_in_no_log(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let (ours, theirs) = (publishers(&server, "kiosk"), publishers(&server, "social-institution"));
    let [office, _] = publishers(&server, "district-office");
    let offer = published(&ours, &facts(), "Gehgruppe");
    let comment = format!("{CANARY}: am Dienstag war zu.");
    say(&server, &offer, &json!({"helpful": "partly", "tags": ["wrong-times", "friendly", "friendly"], "comment": comment, "lang": "tr"}))
        .expect(204);
    say(&server, &offer, &json!({"helpful": "no", "tags": ["wrong-times"]})).expect(204);
    say(&server, &offer, &json!({"helpful": "yes"})).expect(204);
    let path = format!("/v1/publisher/offers/{}/feedback", id(&offer));
    let read = ours[1].get(&path).expect(200).json();
    assert_eq!(["yes", "partly", "no"].map(|word| count(&read["helpful"], word)), [1, 1, 1]);
    assert_eq!(["wrong-times", "friendly", "gone"].map(|word| count(&read["tags"], word)), [2, 1, 0]);
    assert_eq!(read["comments"], json!([{"month": month(&server), "lang": "tr", "text": comment}]));
    // Everybody else finds what they find for nothing.
    let nothing = format!("/v1/publisher/offers/{}/feedback", nobody());
    for other in [&theirs[0], &office] {
        let answer = other.get(&path).problem(404, "not-found").fingerprint();
        assert_eq!(answer, other.get(&nothing).fingerprint());
    }
    for body in [
        json!({}),
        json!({"tags": []}),
        json!({"helpful": "very"}),
        json!({"tags": ["boring"]}),
        json!({"comment": "x".repeat(501)}),
    ] {
        say(&server, &offer, &body).problem(422, "invalid");
    }
    say(&server, &json!({"id": nobody()}), &json!({"helpful": "yes"})).problem(404, "not-found");
    // Neither a log nor the database has the words, and the database no moment: ids begin with chance, not with the time.
    assert!(!server.log().contains(CANARY));
    let now = &format!("{:012X}", server.clock() * 1_000)[..6];
    let begins =
        if server.database().is_none() { "hex(substr(id, 1, 3))" } else { "upper(encode(substr(id, 1, 3), 'hex'))" };
    let mut database = Intruder::at(&server);
    assert_eq!(database.number("SELECT COUNT(*) FROM offer_feedback"), 3);
    assert_eq!(database.number(&format!("SELECT COUNT(*) FROM offer_feedback WHERE {begins} = '{now}'")), 0);
}

fn three_doubts_make_an_offer_due_and_a_confirmation_ends_them(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let own = || people[0].get(&format!("/v1/publisher/offers/{}", id(&offer))).expect(200).json();
    for (tag, due) in [("gone", false), ("full", false), ("wrong-times", false), ("cost", false), ("gone", true)] {
        say(&server, &offer, &json!({"tags": [tag]})).expect(204);
        assert_eq!(own()["due"], due, "{tag}");
    }
    assert_eq!(server.get(&format!("/v1/offers/{}", id(&offer))).expect(200).json()["unconfirmed"], false);
    let confirm = json!({"items": [{"id": offer["id"], "revision": offer["revision"]}]});
    let done = people[0].post("/v1/publisher/confirmations", &confirm).expect(200).json();
    assert_eq!(done["items"][0]["offer"]["due"], false);
    say(&server, &offer, &json!({"tags": ["gone"]})).expect(204);
    let path = format!("/v1/publisher/offers/{}/feedback", id(&offer));
    assert_eq!(
        (own()["due"].clone(), people[0].get(&path).expect(200).json()["doubts"].clone()),
        (json!(false), json!(1))
    );
}

fn words_that_lead_to_somebody_are_refused(house: &House) {
    let server = house.own_server(Setup::default());
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    for words in ["Schreiben Sie an frau.k@example.org", "Rufen Sie an: 040 123 45 67", "+49 176 1234567"] {
        for reply in [
            say(&server, &offer, &json!({"comment": words})),
            server.post("/v1/wishes", &json!({"topic": "movement", "lang": "de", "text": words})),
        ] {
            assert_eq!(reply.problem(422, "invalid").json()["errors"][0]["code"], "leads-to-somebody", "{words}");
        }
    }
    say(&server, &offer, &json!({"comment": "Am 01.12.2026 um 18:00 war zu.\nSchade."})).expect(204);
}

fn nobody_floods_and_nobody_is_kept_out_for_longer_than_a_day(house: &House) {
    let server = house.own_server(Setup { clock: true, proxy: true, ..Setup::default() });
    let people = publishers(&server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let path = format!("/v1/offers/{}/feedback", id(&offer));
    let from = |address: &str, path: &str, body: &Value| {
        server.call("POST", path).header("x-forwarded-for", address).json(body).send()
    };
    let (feedback, wish) = (json!({"helpful": "yes"}), json!({"topic": "movement", "lang": "de"}));
    for _ in 0..29 {
        from("192.0.2.7", &path, &feedback).expect(204);
    }
    from("192.0.2.8", "/v1/wishes", &wish).expect(204);
    for (path, body) in [(path.as_str(), &feedback), ("/v1/wishes", &wish)] {
        let reply = from("192.0.2.9", path, body).problem(429, "try-later");
        assert!(reply.header("retry-after").is_some_and(|wait| wait.parse::<i64>().unwrap() <= DAY));
    }
    // Others are not kept out, and these not for long.
    from("198.51.100.7", &path, &feedback).expect(204);
    server.move_clock(DAY);
    from("192.0.2.7", &path, &feedback).expect(204);
    assert!(!server.log().contains("192.0.2."));
}

/// The first day of the next month, and some hours, in days from now.
fn days_to_the_next_month(server: &Server) -> i64 {
    let now = jiff::Timestamp::from_second(server.clock()).unwrap().in_tz("Europe/Berlin").unwrap();
    i64::from(now.days_in_month()) - i64::from(now.day()) + 1
}

fn counts_below_ten_are_hidden_and_an_open_month_is_not_shown(house: &House) {
    let server = house.own_server(Setup { clock: true, proxy: true, ..Setup::default() });
    let ([office, _], [kiosk, _]) = (publishers(&server, "district-office"), publishers(&server, "kiosk"));
    let (area, this_month) = (area(&server), month(&server));
    let mut network = 0;
    let mut wish = |many: usize, body: &Value| {
        for _ in 0..many {
            network += 1;
            let call = server.call("POST", "/v1/wishes").header("x-forwarded-for", &format!("10.0.{network}.1"));
            call.json(body).send().expect(204);
        }
    };
    wish(13, &json!({"topic": "movement", "area_id": area, "lang": "tr", "text": format!("{CANARY} nur für Frauen")}));
    wish(10, &json!({"topic": "movement", "lang": "tr"}));
    wish(9, &json!({"topic": "heart", "area_id": area, "lang": "de"}));
    for bad in [
        json!({"topic": "x", "lang": "de"}),
        json!({"topic": "heart", "lang": "de", "area_id": nobody()}),
        json!({"topic": "heart", "lang": "?"}),
    ] {
        server.post("/v1/wishes", &bad).problem(422, "invalid");
    }
    let paths = ["needs", "wishes"].map(|what| format!("/v1/district/{what}?month="));
    for path in &paths {
        for not in [this_month.as_str(), "2099-01", "2026-13", "x", "2026-1"] {
            office.get(&format!("{path}{not}")).problem(422, "invalid");
        }
    }
    server.move_clock(days_to_the_next_month(&server) * DAY);
    office.sign_in_again();
    kiosk.sign_in_again();
    let needs = office.get(&format!("{}{this_month}", paths[0])).expect(200).json();
    let hidden = json!({"marker": "<10"});
    assert_eq!(
        needs,
        json!({"month": this_month, "items": [
            {"topic": "movement", "wishes": {"count": 10}, "searches": hidden},
            {"topic": "movement", "area_id": area, "wishes": {"count": 15}, "searches": hidden},
        ]}),
        "nine for the heart are no line, or it would tell that there are some"
    );
    let texts = office.get(&format!("{}{this_month}", paths[1])).expect(200).items();
    assert_eq!(texts.len(), 13);
    assert!(
        texts.iter().all(|text| text["text"] == format!("{CANARY} nur für Frauen") && text.get("area_id").is_none())
    );
    for path in &paths {
        kiosk.get(&format!("{path}{this_month}")).problem(403, "forbidden");
    }
    assert!(!server.log().contains(CANARY));
}

fn what_was_searched_and_not_found_is_counted_by_topic_and_area_and_by_nothing_else(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let [office, _] = publishers(&server, "district-office");
    published(&publishers(&server, "kiosk"), &facts(), "Gehgruppe");
    let (area, this_month) = (area(&server), month(&server));
    let search = |body: Value| server.post("/v1/offer-searches", &body).expect(200).items().len();
    for _ in 0..12 {
        assert_eq!(
            search(
                json!({"topics": ["teeth"], "area": area, "words": CANARY, "near": {"latitude": 53.55, "longitude": 10.1}})
            ),
            0
        );
    }
    for _ in 0..18 {
        assert_eq!(search(json!({"topics": ["teeth"]})), 0);
    }
    for _ in 0..11 {
        // Found; nothing asked for that could be offered; nothing that is an area; a page behind the end; and looking without a search.
        assert_eq!(search(json!({"topics": ["movement"]})), 1);
        assert_eq!(search(json!({"words": CANARY})), 0);
        assert_eq!(search(json!({"topics": ["heart"], "area": nobody()})), 0);
        assert_eq!(server.get("/v1/offers?topic=diabetes").expect(200).items().len(), 0);
    }
    for _ in 0..9 {
        assert_eq!(search(json!({"topics": ["diabetes"]})), 0);
    }
    server.move_clock(days_to_the_next_month(&server) * DAY);
    office.sign_in_again();
    let path = format!("/v1/district/needs?month={this_month}");
    let mut items = Vec::new();
    for _ in 0..100 {
        items = office.get(&path).expect(200).items();
        if !items.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let hidden = json!({"marker": "<10"});
    assert_eq!(
        items,
        [
            json!({"topic": "teeth", "wishes": hidden, "searches": {"count": 20}}),
            json!({"topic": "teeth", "area_id": area, "wishes": hidden, "searches": {"count": 10}}),
        ]
    );
    assert!(!server.log().contains(CANARY));
}
