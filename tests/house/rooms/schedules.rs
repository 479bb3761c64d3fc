//! When offers take place: rules on the clock of the wall, and what somebody does with single dates.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    district,
    house::{House, eventually, number},
    people::{CANARY, Practice, Staff, nobody, operators},
    server::{Server, Setup},
    worker::organisation,
};

promises![
    a_course_is_at_the_same_hour_on_the_wall_when_the_clocks_change,
    what_somebody_has_done_with_a_date_outlives_other_rules,
    a_date_that_no_rule_gives_any_more_is_cancelled_and_comes_back_as_itself,
    a_date_moves_and_goes_back,
    what_has_begun_stays_as_it_was,
    holidays_of_the_land_are_left_out,
    rules_that_make_no_sense_are_refused_with_their_place,
    time_goes_by_and_dates_are_written_on,
    only_the_people_of_the_organisation_say_when_it_is,
    who_asks_page_by_page_sees_every_date_once,
];

/// Tuesday, 1 December 2026, at nine in the morning in Hamburg.
const NOW: u64 = 1_796_112_000;

/// A server at [`NOW`].
fn standing(house: &House) -> (Arc<Server>, Practice) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    server.stop_clock_at(NOW);
    let practice = Practice::add(&server);
    (server, practice)
}

/// A draft of an offer, at this place.
pub(crate) fn draft(staff: &Staff, place: Option<&str>) -> String {
    let mut facts = district::facts();
    if let Some(place) = place {
        facts["place_id"] = json!(place);
    }
    district::id(&district::draft(staff, &facts, "Gehgruppe")).to_owned()
}

fn schedule(starts: &str, rule: &str) -> Value {
    json!({"time_zone": "Europe/Berlin", "starts_local": starts, "minutes": 90, "rule": rule})
}

fn put(staff: &Staff, offer: &str, schedules: &[Value]) -> crate::http::Reply {
    let path = format!("/v1/publisher/offers/{offer}/schedules");
    staff.call("PUT", &path).json(&json!({"schedules": schedules})).send()
}

fn set(staff: &Staff, offer: &str, schedules: &[Value]) -> Vec<Value> {
    put(staff, offer, schedules).expect(200).items()
}

fn dates(staff: &Staff, offer: &str) -> Vec<Value> {
    staff.get(&format!("/v1/publisher/offers/{offer}/occurrences?limit=200")).expect(200).items()
}

/// Every Tuesday from a day that has always been.
pub(crate) fn next_tuesdays(staff: &Staff, offer: &str) -> Vec<Value> {
    set(staff, offer, &[schedule("2020-01-07T18:00", "FREQ=WEEKLY;BYDAY=TU")]);
    dates(staff, offer)
}

fn step(staff: &Staff, date: &Value, step: &str) -> crate::http::Reply {
    staff.call("POST", &format!("/v1/publisher/occurrences/{}/{step}", date["id"].as_str().unwrap())).send()
}

fn moved(staff: &Staff, date: &Value, to: &Value) -> crate::http::Reply {
    staff.post(&format!("/v1/publisher/occurrences/{}/move", date["id"].as_str().unwrap()), to)
}

/// The date of this local time.
fn of(staff: &Staff, offer: &str, planned: &str) -> Value {
    let all = dates(staff, offer);
    all.iter().find(|date| date["planned_local"] == planned).unwrap_or_else(|| panic!("no {planned}: {all:?}")).clone()
}

fn begins(dates: &[Value]) -> Vec<&str> {
    dates.iter().map(|date| date["starts_at"].as_str().unwrap()).collect()
}

fn a_course_is_at_the_same_hour_on_the_wall_when_the_clocks_change(house: &House) {
    let (_, practice) = standing(house);
    let offer = draft(&practice.staff, None);
    let course = schedule("2027-03-23T18:00", "FREQ=WEEKLY;COUNT=3;INTERVAL=1");
    let kept = set(&practice.staff, &offer, &[course]);
    assert_eq!((&kept[0]["rule"], &kept[0]["clock_changes"]), (&json!("FREQ=WEEKLY;COUNT=3"), &json!([])));
    assert_eq!(practice.staff.get(&format!("/v1/publisher/offers/{offer}/schedules")).expect(200).items(), kept);
    let all = dates(&practice.staff, &offer);
    assert_eq!(begins(&all), ["2027-03-23T17:00:00Z", "2027-03-30T16:00:00Z", "2027-04-06T16:00:00Z"]);
    assert_eq!((&all[0]["ends_at"], &all[0]["state"]), (&json!("2027-03-23T18:30:00Z"), &json!("scheduled")));
    // Who means half past two at night is asked whether that is meant.
    let night = set(&practice.staff, &offer, &[schedule("2027-03-28T02:30", "FREQ=DAILY;COUNT=1")]);
    assert_eq!(night[0]["clock_changes"], json!([{"starts_local": "2027-03-28T02:30", "change": "gap"}]));
}

fn what_somebody_has_done_with_a_date_outlives_other_rules(house: &House) {
    let (_, practice) = standing(house);
    let staff = &practice.staff;
    let offer = draft(staff, None);
    let weekly = schedule("2026-12-08T18:00", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=8");
    let first = set(staff, &offer, std::slice::from_ref(&weekly));
    let before = dates(staff, &offer);
    step(staff, &before[0], "cancel").expect(200);
    moved(staff, &before[1], &json!({"starts_local": "2026-12-11T10:00"})).expect(200);
    // The same again changes nothing, with the id or without.
    let mut named = weekly.clone();
    named["id"] = first[0]["id"].clone();
    let stands = dates(staff, &offer);
    for same in [&weekly, &named] {
        assert_eq!(set(staff, &offer, std::slice::from_ref(same)), first);
        assert_eq!(dates(staff, &offer), stands);
    }
    // Longer, and a course beside it: the dates are the same ones.
    named["minutes"] = json!(60);
    let other = schedule("2027-01-04T09:00", "FREQ=DAILY;COUNT=2");
    let both = set(staff, &offer, &[other, named]);
    assert!(both.len() == 2 && both.iter().any(|one| one["id"] == first[0]["id"] && one["minutes"] == 60));
    for (was, is) in stands.iter().map(|was| (was, of(staff, &offer, was["planned_local"].as_str().unwrap()))) {
        let untouched = was["state"] == "scheduled";
        assert_eq!((&was["id"], &was["state"], &was["starts_at"]), (&is["id"], &is["state"], &is["starts_at"]));
        assert_eq!(was["ends_at"] != is["ends_at"], untouched, "{was} {is}");
        let risen = is["sequence"].as_i64().unwrap() - was["sequence"].as_i64().unwrap();
        assert_eq!(risen, i64::from(untouched));
    }
    assert_eq!(dates(staff, &offer).len(), 10);
}

fn a_date_that_no_rule_gives_any_more_is_cancelled_and_comes_back_as_itself(house: &House) {
    let (_, practice) = standing(house);
    let staff = &practice.staff;
    let offer = draft(staff, None);
    let id = set(staff, &offer, &[schedule("2026-12-08T18:00", "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4")])[0]["id"].clone();
    let before = dates(staff, &offer);
    let by_hand = step(staff, &before[0], "cancel").expect(200).json();
    let with_rule = |rule: &str| {
        let mut changed = schedule("2026-12-08T18:00", rule);
        changed["id"] = id.clone();
        set(staff, &offer, &[changed]);
    };
    with_rule("FREQ=WEEKLY;BYDAY=TH;COUNT=2");
    let now = dates(staff, &offer);
    assert_eq!(
        now.iter().map(|date| &date["id"]).collect::<Vec<_>>(),
        before.iter().map(|d| &d["id"]).collect::<Vec<_>>()
    );
    let states: Vec<_> = now.iter().map(|d| (d["state"].as_str().unwrap(), d["dropped"].as_bool().unwrap())).collect();
    assert_eq!(states, [("cancelled", false), ("scheduled", false), ("cancelled", true), ("scheduled", false)]);
    // What the rule does not give nobody can bring back but by the rule.
    step(staff, &now[2], "restore").problem(409, "state-conflict");
    with_rule("FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4");
    let back = dates(staff, &offer);
    assert_eq!((&back[2]["id"], &back[2]["state"]), (&before[2]["id"], &json!("scheduled")));
    assert_eq!(back[2]["sequence"], 2);
    assert_eq!(back[0], by_hand);
    // Without any schedule, nothing takes place; the dates stay, to be told to those who have them.
    assert!(set(staff, &offer, &[]).is_empty());
    let over = dates(staff, &offer);
    assert!(over.len() == 4 && over.iter().all(|date| date["state"] == "cancelled"));
}

fn a_date_moves_and_goes_back(house: &House) {
    let (_, practice) = standing(house);
    let staff = &practice.staff;
    let offer = draft(staff, None);
    set(staff, &offer, &[schedule("2026-12-08T18:00", "FREQ=WEEKLY;COUNT=3")]);
    let date = dates(staff, &offer)[0].clone();
    let elsewhen = moved(staff, &date, &json!({"starts_local": "2026-12-09T10:15", "minutes": 30})).expect(200).json();
    let (starts, ends) = (&elsewhen["starts_at"], &elsewhen["ends_at"]);
    assert_eq!((starts, ends), (&json!("2026-12-09T09:15:00Z"), &json!("2026-12-09T09:45:00Z")));
    assert_eq!((&elsewhen["state"], &elsewhen["sequence"]), (&json!("moved"), &json!(1)));
    assert_eq!(elsewhen["planned_local"], "2026-12-08T18:00");
    // Cancelled, it does not move; first it has to take place again.
    step(staff, &date, "cancel").expect(200);
    step(staff, &date, "cancel").problem(409, "state-conflict");
    moved(staff, &date, &json!({"minutes": 60})).problem(409, "state-conflict");
    let back = step(staff, &date, "restore").expect(200).json();
    assert_eq!((&back["starts_at"], &back["ends_at"]), (&date["starts_at"], &date["ends_at"]));
    assert_eq!((&back["state"], &back["sequence"]), (&json!("scheduled"), &json!(3)));
    step(staff, &date, "restore").problem(409, "state-conflict");
    for (to, pointer, code) in [
        (json!({}), "/starts_local", "missing-field"),
        (json!({"starts_local": "2026-12-01T08:59"}), "/starts_local", "out-of-range"),
        (json!({"starts_local": "2028-12-01T10:00"}), "/starts_local", "out-of-range"),
        (json!({"starts_local": "2026-12-09 10:00"}), "/starts_local", "invalid-local-time"),
        (json!({"minutes": 1441}), "/minutes", "minutes-odd"),
        (json!({"place_id": nobody()}), "/place_id", "unknown-place"),
    ] {
        let reply = moved(staff, &date, &to).problem(422, "invalid");
        assert_eq!((reply.text("/errors/0/pointer").as_str(), reply.text("/errors/0/code").as_str()), (pointer, code));
    }
}

fn what_has_begun_stays_as_it_was(house: &House) {
    let (server, practice) = standing(house);
    let staff = &practice.staff;
    let offer = draft(staff, None);
    let id = set(staff, &offer, &[schedule("2026-12-01T18:00", "FREQ=DAILY;COUNT=3")])[0]["id"].clone();
    let first = dates(staff, &offer)[0].clone();
    server.stop_clock_at(NOW + 10 * 60 * 60);
    staff.sign_in_again();
    for reply in [step(staff, &first, "cancel"), moved(staff, &first, &json!({"minutes": 60}))] {
        reply.problem(409, "state-conflict");
    }
    // Nor do other rules change what was.
    let mut other = schedule("2026-12-03T20:00", "FREQ=DAILY;COUNT=2");
    other["id"] = id;
    set(staff, &offer, &[other]);
    let path = format!("/v1/publisher/offers/{offer}/occurrences?from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z");
    assert_eq!(staff.get(&path).expect(200).items(), [first]);
    let after: Vec<_> = dates(staff, &offer).iter().map(|d| d["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(after, ["cancelled", "cancelled", "scheduled", "scheduled"]);
    // An archived offer is left as it is.
    let date = of(staff, &offer, "2026-12-03T20:00");
    staff.post(&format!("/v1/publisher/offers/{offer}/steps"), &json!({"step": "archive"})).expect(200);
    step(staff, &date, "cancel").problem(409, "state-conflict");
    put(staff, &offer, &[]).problem(409, "state-conflict");
}

fn holidays_of_the_land_are_left_out(house: &House) {
    let (_, practice) = standing(house);
    let offer = draft(&practice.staff, None);
    let mut daily = schedule("2026-12-23T10:00", "FREQ=DAILY;COUNT=5");
    (daily["skip_holidays_in"], daily["skip"], daily["extra"]) =
        (json!("HH"), json!(["2026-12-24T10:00"]), json!(["2026-12-26T16:00"]));
    set(&practice.staff, &offer, &[daily]);
    let all = dates(&practice.staff, &offer);
    assert_eq!(begins(&all), ["2026-12-23T09:00:00Z", "2026-12-26T15:00:00Z", "2026-12-27T09:00:00Z"]);
}

fn rules_that_make_no_sense_are_refused_with_their_place(house: &House) {
    let (_, practice) = standing(house);
    let offer = draft(&practice.staff, None);
    let good = schedule("2026-12-08T18:00", "FREQ=WEEKLY;COUNT=3");
    for (field, value, code) in [
        ("rule", json!("FREQ=HOURLY"), "rule-sub-daily"),
        ("rule", json!("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"), "rule-set-position"),
        ("rule", json!("FREQ=WEEKLY;UNTIL=20310101T235959"), "rule-until-local"),
        ("rule", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "rule-without-date"),
        ("rule", json!("FREQ=DAILY;COUNT=401"), "rule-count-odd"),
        ("time_zone", json!("Mitteleuropa"), "time-zone-unknown"),
        ("starts_local", json!("1999-12-31T18:00"), "start-odd"),
        ("starts_local", json!("2026-12-08T18:00:30"), "invalid-local-time"),
        ("minutes", json!(0), "minutes-odd"),
        ("skip", json!(["2026-12-08T18:00", "2026-12-08T18:00"]), "exception-doubled"),
        ("skip_holidays_in", json!("hh"), "unknown-land"),
        ("id", json!(nobody()), "unknown-schedule"),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let reply = put(&practice.staff, &offer, &[good.clone(), wrong]).problem(422, "invalid");
        let place = format!("/schedules/1/{field}");
        assert_eq!((reply.text("/errors/0/pointer"), reply.text("/errors/0/code")), (place, code.to_owned()));
    }
    let many = put(&practice.staff, &offer, &vec![good; 21]).problem(422, "invalid");
    assert_eq!(many.text("/errors/0/pointer"), "/schedules");
    assert!(dates(&practice.staff, &offer).is_empty());
}

fn time_goes_by_and_dates_are_written_on(house: &House) {
    let (server, practice) = standing(house);
    let staff = &practice.staff;
    let offer = draft(staff, None);
    set(staff, &offer, &[schedule("2026-12-01T18:00", "FREQ=WEEKLY")]);
    let last = || dates(staff, &offer).last().unwrap()["starts_at"].as_str().unwrap().to_owned();
    // Thirteen months ahead, and some more.
    assert!(last().as_str() > "2028-01-01", "{}", last());
    server.stop_clock_at(NOW + 200 * 24 * 60 * 60);
    staff.sign_in_again();
    eventually(|| last().as_str() > "2028-07-18");
    let all = dates(staff, &offer);
    assert!(all.iter().all(|date| date["state"] == "scheduled" && date["sequence"] == 0));
}

fn only_the_people_of_the_organisation_say_when_it_is(house: &House) {
    let (server, practice) = standing(house);
    let other = Practice::add(&server);
    let resident = practice.resident();
    let offer = draft(&practice.staff, None);
    let date = next_tuesdays(&practice.staff, &offer)[0].clone();
    let office = Staff::add(&server, &organisation(&server, "district-office"), &format!("{CANARY}.{}@amt", number()));
    for stranger in [&other.staff, &office] {
        put(stranger, &offer, &[]).problem(404, "not-found");
        let paths = ["schedules", "occurrences"].map(|what| format!("/v1/publisher/offers/{offer}/{what}"));
        for path in &paths {
            let theirs = stranger.get(path).problem(404, "not-found").fingerprint();
            assert_eq!(theirs, stranger.get(&path.replace(&offer, &nobody())).fingerprint());
        }
        for what in ["cancel", "restore"] {
            step(stranger, &date, what).problem(404, "not-found");
        }
        moved(stranger, &date, &json!({"minutes": 60})).problem(404, "not-found");
    }
    let path = format!("/v1/publisher/offers/{offer}/schedules");
    let refused = [resident.get(&path), practice.software.get(&path), operators(&server)[0].get(&path)];
    for reply in refused {
        reply.problem(403, "forbidden");
    }
    assert_eq!(dates(&practice.staff, &offer)[0], date);
    // Whoever may publish has their own.
    let own = draft(&office, None);
    assert!(!next_tuesdays(&office, &own).is_empty());
}

fn who_asks_page_by_page_sees_every_date_once(house: &House) {
    let (_, practice) = standing(house);
    let staff = &practice.staff;
    let offer = draft(staff, None);
    // Two at the same time.
    let weekly = |rule: &str| schedule("2026-12-08T18:00", rule);
    set(staff, &offer, &[weekly("FREQ=WEEKLY;COUNT=4"), weekly("FREQ=DAILY;COUNT=8")]);
    let all = dates(staff, &offer);
    assert_eq!(all.len(), 12);
    let (mut seen, mut path) = (Vec::new(), format!("/v1/publisher/offers/{offer}/occurrences?limit=5"));
    let first = path.clone();
    loop {
        let page = staff.get(&path).expect(200);
        seen.extend(page.items());
        let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        path = format!("{first}&cursor={cursor}");
    }
    assert_eq!(seen, all);
    staff.get(&format!("{path}&to=2027-01-01T00:00:00Z")).problem(400, "cursor-mismatch");
    staff.get(&format!("{first}&from=gestern")).problem(400, "invalid-parameter");
}
