//! What is read from lists, and what is told about those that are wrong.

use jiff::civil::{date, datetime};

use super::*;

const TABLE: &str = include_str!("../../../../tests/fixtures/formats/offers/table.csv");
const SERVICES: &str = include_str!("../../../../tests/fixtures/formats/offers/services.json");
const TODAY: Date = date(2026, 11, 27);

fn read(text: &str) -> OfferList {
    read_offers(text.as_bytes(), TODAY)
}

/// Line, field and code of each fault.
fn faults(text: &str) -> Vec<(u64, String, &'static str)> {
    let told = |fault: ListFault| match fault.at {
        Spot::Line(line) => (line, fault.field, fault.code),
        Spot::Pointer(pointer) => panic!("{pointer}"),
    };
    read(text).faults.into_parts().0.into_iter().map(told).collect()
}

#[test]
fn a_table_from_a_spreadsheet_is_read() {
    let commas = TABLE.replace(',', "\u{1}").replace(';', ",").replace('\u{1}', ";");
    for text in [TABLE.to_owned(), format!("\u{feff}{}", TABLE.replace('\n', "\r\n")), commas] {
        // In a table with commas the rule and the topics are written with what is free then.
        let text =
            text.replace("FREQ=WEEKLY,UNTIL=20270330T235959,BYDAY=TU", "FREQ=WEEKLY;UNTIL=20270330T235959;BYDAY=TU");
        let text = text.replace("53;553,10;118", "53.553,10.118");
        let list = read(&text);
        assert!(list.faults.is_empty(), "{:?}", list.faults);
        let [walk, pressure] = &list.offers[..] else { panic!("{}", list.offers.len()) };
        assert_eq!((walk.key.as_str(), &walk.at, walk.texts.len()), ("gehen", &Spot::Line(2), 2));
        assert_eq!((&walk.texts[1].at, walk.texts[1].language.as_deref()), (&Spot::Line(6), Some("tr")));
        assert!(
            walk.texts[0].body.as_ref().unwrap().replace('\r', "").ends_with("Eingang.\n\n- Feste Schuhe\n- Wasser")
        );
        let place = walk.facts.place.clone().flatten().unwrap();
        assert_eq!(place.address.unwrap().position, Some((53.553, 10.118)));
        assert_eq!(walk.facts.topics, Some(vec!["movement".to_owned(), "heart".to_owned()]));
        let [schedule] = walk.schedules.as_deref().unwrap() else { panic!() };
        assert_eq!(schedule.starts, datetime(2026, 12, 1, 10, 0, 0, 0));
        assert_eq!(
            schedule.rule.as_deref(),
            Some("FREQ=WEEKLY;UNTIL=20270330T215959Z;BYDAY=TU"),
            "summer time by then"
        );
        assert_eq!(pressure.facts.registration, Some(("phone".to_owned(), Some("+49401234567".to_owned()))));
        assert_eq!((&pressure.facts.cost, &pressure.facts.place), (&Some(("paid".to_owned(), Some(500))), &Some(None)));
        assert_eq!(pressure.schedules, Some(Vec::new()));
    }
}

#[test]
fn what_a_table_does_not_say_is_not_said() {
    let list = read("summary,title,language,key\nKurz.,Gehen,de,a\n");
    assert_eq!(list.offers[0].facts, ListedFacts::default());
    assert_eq!((&list.offers[0].schedules, &list.offers[0].texts[0].body), (&None, &None));
}

#[test]
fn every_fault_is_told_with_its_line_and_column() {
    let head = "key,language,title,summary,age_min,waiting_list,place,street,latitude,starts_local,minutes,rule,skip_holidays_in\n";
    let lines = [
        "a b,de,T,S,,,,,,,,,",
        "b,de,T,S,alt,vielleicht,,,,,,,",
        "c,de,T,S,,,,Weg 1,,,,,",
        "d,de,T,S,,,Haus,,53.5,,,,",
        "e,de,T,\"S\nS\",,,,,,morgen,,,",
        "f,de,T,S,,,,,,,60,,",
        "g,de,T,S,,,,,,2026-12-01T10:00,60,,XX",
        ",,,,,,,,,,,,",
        "h,de,T,S,1,,,,,,,,",
        "h,tr,T,S,2,,,,,,,,",
        "h,de,T,S,,,,,,,,,",
        "i,de,T",
    ];
    let expected = [
        (2, "key", "bad-key"),
        (3, "age_min", "not-a-number"),
        (3, "waiting_list", "not-yes-or-no"),
        (4, "street", "contradiction"),
        (5, "latitude", "contradiction"),
        (6, "starts_local", "not-a-time"),
        (6, "minutes", "missing"),
        (8, "minutes", "contradiction"),
        (9, "skip_holidays_in", "unknown-land"),
        (12, "age_min", "contradiction"),
        (13, "language", "doubled"),
        (14, "", "column-count"),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(line, field, code)| (line, field.to_owned(), code)).collect();
    for ends in ["\n", "\r\n"] {
        assert_eq!(faults(&format!("{head}{}{ends}", lines.join(ends)).replace("S\r\nS", "S\nS")), expected);
    }
    // Blank lines count as an editor counts them.
    let [first, ..] = &faults(&format!("{head}\n\n\n{}\n", lines[0]))[..] else { panic!() };
    assert_eq!(first.0, 5);
}

#[test]
fn a_file_that_is_no_list_is_told_in_one_fault() {
    let one = |bytes: &[u8]| {
        let (faults, more) = read_offers(bytes, TODAY).faults.into_parts();
        assert_eq!((faults.len(), more), (1, 0));
        (faults[0].at.clone(), faults[0].code)
    };
    let line = Spot::Line;
    assert_eq!(one(b" \n"), (line(1), "file-empty"));
    assert_eq!(one(b"PK\x03\x04"), (line(1), "file-type-unsupported"));
    assert_eq!(one(b"%PDF-1.7"), (line(1), "file-type-unsupported"));
    assert_eq!(one(b"\xff\xfek\0e\0y\0"), (line(1), "not-utf8"));
    // As a German Excel writes it.
    assert_eq!(one(b"key;language;title;summary\na;de;Gehen;Gut\nb;de;\xdcben;Gut\n"), (line(3), "not-utf8"));
    assert_eq!(one(b"{\n\"services\": [,]}"), (line(2), "json-syntax"));
    assert_eq!(one(b"{\"a\": 1}").1, "no-services");
    assert_eq!(
        faults("key,title,summary,farbe,title\n"),
        [
            (1, "farbe".to_owned(), "unknown-column"),
            (1, "title".to_owned(), "doubled"),
            (1, "language".to_owned(), "missing"),
        ]
    );
}

#[test]
fn no_more_is_read_than_there_can_be() {
    let line = |n: usize| format!("k{n},de,Titel,Kurz\n");
    let table = |most: usize| format!("key,language,title,summary\n{}", (0..most).map(line).collect::<String>());
    assert!(read(&table(MOST_OFFERS)).faults.is_empty());
    assert_eq!(faults(&table(MOST_OFFERS + 1)), [(1002, String::new(), "too-many")]);
    let bad = format!("key,language,title,summary\n{}", "a b,de,T,S\n".repeat(MOST_FAULTS + 7));
    let (faults, more) = read(&bad).faults.into_parts();
    assert_eq!((faults.len(), more), (MOST_FAULTS, 7));
    let services = format!("[{}]", vec!["{}"; MOST_OFFERS + 1].join(","));
    assert_eq!(read(&services).faults.into_parts().0[0].code, "too-many");
}

#[test]
fn a_service_becomes_an_offer_and_what_cannot_is_named() {
    let list = read(SERVICES);
    assert!(list.faults.is_empty(), "{:?}", list.faults);
    let [house, phone] = &list.offers[..] else { panic!("{}", list.offers.len()) };
    assert_eq!((house.key.as_str(), &house.at), ("kanarie-1", &Spot::Pointer("/services/0".to_owned())));
    let facts = &house.facts;
    assert_eq!((facts.age_min, facts.age_max), (Some(Some(16)), Some(Some(99))));
    assert_eq!(facts.cost, Some(("paid".to_owned(), Some(3550))));
    let page = "https://kanarienhaus.example/beratung".to_owned();
    assert_eq!(facts.registration, Some(("website".to_owned(), Some(page))));
    assert_eq!(facts.spoken, Some(vec!["de".to_owned(), "tr".to_owned()]));
    let place = facts.place.clone().flatten().unwrap();
    assert_eq!(place.name, "Kanarienhaus");
    assert_eq!(place.address.unwrap().street, "Marktweg 2, Hinterhaus");
    let text = &house.texts[0];
    assert_eq!(text.summary, "Beratung für alle, die Fragen haben. Niemand muss etwas mitbringen.");
    assert_eq!(
        text.body.as_deref(),
        Some("[+49401234567](tel:+49401234567)\n[beratung@kanarienhaus.example](mailto:beratung@kanarienhaus.example)")
    );
    assert_eq!(text.how_to_come.as_deref(), Some("Bus 10 bis Markt."));
    assert_eq!(
        house.terms.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>(),
        ["movement", "ganz-anderes", "counselling"]
    );
    let notice = |code: &str| {
        let found = house.notices.iter().find(|notice| notice.code == code);
        found.unwrap_or_else(|| panic!("{code}: {:?}", house.notices)).fields.join(" ")
    };
    assert_eq!(notice("zone-assumed"), "schedules/0 schedules/1");
    assert_eq!(
        notice("not-carried-over"),
        "cost_options/0/option cost_options/1 phones/1 languages/1 languages/2/note \
         service_at_locations/0/location/accessibility schedules/0/notes alert"
    );
    assert_eq!(house.notices.iter().filter(|notice| notice.code == "schedule-left-out").count(), 2);
    notice("number-assumed");
    assert_eq!(phone.facts.registration, Some(("phone".to_owned(), Some("+49407654321".to_owned()))));
    assert!(phone.notices.iter().any(|notice| notice.code == "not-active"));
    // What is not said does not overwrite what somebody knows better.
    assert_eq!((&phone.facts.cost, phone.facts.free_if_new), (&None, true));
    assert_eq!(
        (&phone.facts.place, &phone.facts.online, &phone.facts.spoken, &phone.schedules),
        (&None, &None, &None, &None)
    );
}

#[test]
fn the_hours_of_a_service_are_those_on_the_wall() {
    let list = read(SERVICES);
    let [weekly, monthly] = list.offers[0].schedules.as_deref().unwrap() else { panic!() };
    assert_eq!((weekly.time_zone.as_str(), weekly.minutes), ("Europe/Berlin", 210));
    assert_eq!(weekly.starts, datetime(2026, 4, 1, 9, 0, 0, 0));
    // The last day is a day there: it ends at 21:59:59 UTC, for the clocks change on that morning.
    assert_eq!(weekly.rule.as_deref(), Some("FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20270328T215959Z"));
    assert_eq!((monthly.rule.as_deref(), monthly.minutes), (Some("FREQ=MONTHLY;BYDAY=1SA"), 180));
}

#[test]
fn a_service_of_which_nothing_can_be_taken_changes_nothing_here() {
    let read = |schedule: &str, location: &str| {
        let text = format!(
            r#"{{"id": "1", "name": "Gehen", "languages": [{{"name": "Dari"}}], "schedules": [{schedule}],
                "service_at_locations": [{{"location": {location}}}]}}"#
        );
        read(&text).offers.remove(0)
    };
    let over = r#"{"freq": "WEEKLY", "valid_to": "2020-01-01", "opens_at": "09:00", "closes_at": "10:00"}"#;
    let odd = r#"{"freq": "WEEKLY", "byweekno": "7", "opens_at": "09:00", "closes_at": "10:00"}"#;
    assert_eq!(read(over, "{}").schedules, Some(Vec::new()), "what is over is over");
    let offer = read(odd, r#"{"location_type": "physical"}"#);
    assert_eq!((&offer.schedules, &offer.facts.place, &offer.facts.spoken), (&None, &None, &None));
    assert_eq!(read(odd, r#"{"location_type": "virtual"}"#).facts.place, Some(None));
}

#[test]
fn a_list_of_services_comes_in_every_wrapping() {
    let one = r#"{"id": "1", "name": "Gehen"}"#;
    for (text, at) in [
        (one.to_owned(), ""),
        (format!("[{one}]"), "/0"),
        (format!(r#"{{"services": [{one}]}}"#), "/services/0"),
        (format!(r#"{{"page_number": 1, "contents": [{one}]}}"#), "/contents/0"),
    ] {
        let list = read(&text);
        assert_eq!(list.offers[0].at, Spot::Pointer(at.to_owned()), "{:?}", list.faults);
    }
    let (faults, _) = read(r#"[{"name": "Ohne"}, 7, {"id": "1"}, {"id": "1"}]"#).faults.into_parts();
    let found: Vec<_> = faults.iter().map(|fault| (fault.at.clone(), fault.code)).collect();
    let at = |pointer: &str| Spot::Pointer(pointer.to_owned());
    assert_eq!(found, [(at("/0"), "bad-key"), (at("/1"), "not-an-object"), (at("/3"), "doubled")]);
}

#[test]
fn rules_of_other_programs_are_written_anew() {
    let zone = "Europe/Berlin";
    let integreat = "DTSTART:20300101T120000\nRRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20310101T235959;BYDAY=TU,TH";
    let expected = "FREQ=WEEKLY;INTERVAL=2;UNTIL=20310101T225959Z;BYDAY=TU,TH";
    assert_eq!(normalised(integreat, zone), (expected.to_owned(), true));
    assert_eq!(normalised("FREQ=DAILY;UNTIL=20270701;WKST=MO", zone).0, "FREQ=DAILY;UNTIL=20270701T215959Z");
    for good in ["FREQ=DAILY", "FREQ=DAILY;UNTIL=20270701T215959Z", "FREQ=DAILY;UNTIL=2027070"] {
        assert_eq!(normalised(good, zone), (good.to_owned(), false));
    }
}

#[test]
fn nobody_makes_the_reader_look_at_rules_for_hours() {
    // What is left out may have taken long to look at.
    let never = r#"{"freq": "YEARLY", "byday": "", "dtstart": "2026-02-01", "opens_at": "09:00", "closes_at": "10:00", "bymonthday": "32"}"#;
    let service = |n: usize| format!(r#"{{"id": "{n}", "name": "Gehen", "schedules": [{}]}}"#, [never; 50].join(","));
    let list = read(&format!("[{}]", (0..20).map(service).collect::<Vec<_>>().join(",")));
    assert!(list.looked_at.1 <= MOST_FAULTS + 50, "{:?}", list.looked_at);
    let (faults, _) = list.faults.into_parts();
    assert_eq!((faults.len(), faults[0].code, faults[0].field.as_str()), (15, "too-many", "schedules"));
}
