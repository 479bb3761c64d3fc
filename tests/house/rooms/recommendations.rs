//! Offers that people at work recommend, and offers that residents keep: both are the resident's alone.

use serde_json::{Value, json};

use crate::{
    behind::Database::Main,
    district::{facts, id, published, publishers, step},
    house::House,
    http::Reply,
    people::{Account, Patient, Practice, Resident},
    server::Setup,
};

promises![
    a_recommendation_lies_in_the_record_and_nobody_learns_what_became_of_it,
    nobody_recommends_to_whom_they_do_not_know,
    who_was_let_in_recommends_as_long_as_that_stands,
    an_offer_that_is_gone_is_said_to_be_gone,
    bookmarks_are_the_residents_alone,
    neither_database_tells_which_offer_it_is,
];

const SAID: &str = "Kanarie: Das täte dem Rücken gut.";

fn recommend(by: &Account, to: &Patient, offer: &str) -> Reply {
    let body = json!({
        "patient_reference": to.reference, "birth_date": to.birth_date, "offer_id": offer, "said": SAID,
    });
    by.post("/v1/practice/recommendations", &body)
}

fn own(resident: &Resident) -> Vec<Value> {
    resident.get("/v1/recommendations").expect(200).items()
}

fn a_recommendation_lies_in_the_record_and_nobody_learns_what_became_of_it(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let people = publishers(house.server(), "kiosk");
    let offer = published(&people, &facts(), "Rückenkurs");
    let made = recommend(&practice.staff, &resident.patient, id(&offer)).expect(201).json();
    assert_eq!(made.as_object().unwrap().len(), 1, "{made}");
    let found = own(&resident);
    assert_eq!((&found[0]["id"], &found[0]["state"], &found[0]["said"]), (&made["id"], &json!("new"), &json!(SAID)));
    assert_eq!((&found[0]["offer"]["id"], &found[0]["organisation_id"]), (&offer["id"], &json!(practice.id)));
    assert!(resident.logged("recommend", "done", None));
    let answer = format!("/v1/recommendations/{}/answer", id(&made));
    resident.call("PUT", &answer).json(&json!({"state": "declined"})).send().expect(204);
    assert_eq!(own(&resident)[0]["state"], "declined");
    resident.call("PUT", &answer).json(&json!({"state": "new"})).send().problem(422, "invalid");
    // Neither who recommended it nor whose offer it is has a way to see it, and nobody else has one to answer it.
    let other = practice.resident();
    for account in [&*practice.staff, &*people[0], &*other] {
        let tried = account.call("PUT", &answer).json(&json!({"state": "seen"})).send();
        assert!(matches!(tried.status, 403 | 404), "{}", tried.status);
    }
    practice.staff.get("/v1/recommendations").problem(403, "forbidden");
    assert!(own(&other).is_empty());
    resident.call("DELETE", &format!("/v1/recommendations/{}", id(&made))).send().expect(204);
    assert!(own(&resident).is_empty());
}

fn nobody_recommends_to_whom_they_do_not_know(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let people = publishers(house.server(), "kiosk");
    let offer = published(&people, &facts(), "Rückenkurs");
    let code = |reply: Reply| reply.problem(422, "invalid").json()["errors"][0]["code"].clone();
    // Another practice, a wrong birth date and a number that nobody has look the same.
    let stranger = house.own_practice();
    let mut wrong = resident.patient.clone();
    wrong.birth_date = "1901-01-01".to_owned();
    for (by, to) in [(&stranger, &resident.patient), (&practice, &wrong), (&practice, &Patient::new())] {
        assert_eq!(code(recommend(&by.staff, to, id(&offer))), "no-such-patient");
    }
    // Who has no account yet, and an offer that is not public.
    let slip = practice.staff.invite(&Patient::new());
    assert_eq!(code(recommend(&practice.staff, &slip.patient, id(&offer))), "no-account");
    let draft = crate::district::draft(&people[0], &facts(), "Entwurf");
    for offer in [id(&draft), &*crate::people::nobody(), "kanarie"] {
        assert_eq!(code(recommend(&practice.staff, &resident.patient, offer)), "no-such-offer", "{offer}");
    }
    // A kiosk has no patients.
    recommend(&people[0], &resident.patient, id(&offer)).problem(403, "forbidden");
    recommend(&resident, &resident.patient, id(&offer)).problem(403, "forbidden");
    assert!(own(&resident).is_empty() && !resident.logged("recommend", "done", None));
}

fn who_was_let_in_recommends_as_long_as_that_stands(house: &House) {
    let (practice, other) = (house.own_practice(), house.own_practice());
    let resident = practice.resident();
    let offer = published(&publishers(house.server(), "kiosk"), &facts(), "Rückenkurs");
    resident.sign_in_again();
    let share = resident.post("/v1/shares", &json!({"organisation": other.id, "called": "K."})).expect(201).text("/id");
    let path = format!("/v1/shared/{share}/recommendations");
    let body = json!({"offer_id": offer["id"]});
    practice.staff.post(&path, &body).problem(404, "not-found");
    other.staff.post(&path, &body).expect(201);
    let found = own(&resident);
    assert_eq!((found.len(), &found[0]["organisation_id"], &found[0]["said"]), (1, &json!(other.id), &Value::Null));
    let line = resident.log().into_iter().find(|line| line["action"] == "recommend").expect("a line");
    assert_eq!(line["consent_id"], json!(share), "{line}");
    resident.sign_in_again();
    resident.call("DELETE", &format!("/v1/shares/{share}")).send().expect(204);
    other.staff.post(&path, &body).problem(404, "not-found");
}

fn an_offer_that_is_gone_is_said_to_be_gone(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let people = publishers(house.server(), "kiosk");
    let offer = published(&people, &facts(), "Rückenkurs");
    recommend(&practice.staff, &resident.patient, id(&offer)).expect(201);
    recommend(&practice.staff, &resident.patient, id(&offer)).expect(201);
    let keep = format!("/v1/bookmarks/{}", id(&offer));
    resident.call("PUT", &keep).send().expect(204);
    assert!(own(&resident).iter().all(|one| one["offer"]["texts"][0]["title"] == "Rückenkurs"));
    step(&people[0], &offer, "archive").expect(200);
    let gone = own(&resident);
    assert!(gone.iter().all(|one| one["offer_id"] == offer["id"] && one["offer"].is_null()), "{gone:?}");
    let kept = resident.get("/v1/bookmarks").expect(200).items();
    assert_eq!(kept, [json!({"offer_id": offer["id"]})]);
    // Both go with the copy of everything.
    resident.sign_in_again();
    let files = super::exports::unpack(&resident.get("/v1/export").expect(200).body);
    let copy: Value = serde_json::from_slice(&files["offers.json"]).unwrap();
    assert_eq!((copy["recommended"].as_array().unwrap().len(), &copy["recommended"][0]["said"]), (2, &json!(SAID)));
    assert_eq!(copy["kept"], json!(kept));
}

fn bookmarks_are_the_residents_alone(house: &House) {
    let practice = house.own_practice();
    let (resident, other) = (practice.resident(), practice.resident());
    let people = publishers(house.server(), "kiosk");
    let offers = ["Eins", "Zwei"].map(|title| published(&people, &facts(), title));
    let kept = |resident: &Resident| -> Vec<Value> {
        let items = resident.get("/v1/bookmarks").expect(200).items();
        items.into_iter().map(|kept| kept["offer"]["texts"][0]["title"].clone()).collect()
    };
    for offer in [&offers[0], &offers[1], &offers[0]] {
        resident.call("PUT", &format!("/v1/bookmarks/{}", id(offer))).send().expect(204);
    }
    assert_eq!((kept(&resident), kept(&other)), (vec![json!("Zwei"), json!("Eins")], vec![]));
    resident.call("PUT", &format!("/v1/bookmarks/{}", crate::people::nobody())).send().problem(404, "not-found");
    practice.staff.get("/v1/bookmarks").problem(403, "forbidden");
    for _ in 0..2 {
        resident.call("DELETE", &format!("/v1/bookmarks/{}", id(&offers[0]))).send().expect(204);
    }
    assert_eq!(kept(&resident), [json!("Zwei")]);
}

fn neither_database_tells_which_offer_it_is(house: &House) {
    let server = house.own_server(Setup::default());
    let practice = Practice::add(&server);
    let resident = practice.resident();
    let offer = published(&publishers(&server, "kiosk"), &facts(), "Rückenkurs");
    let before = server.log().len();
    recommend(&practice.staff, &resident.patient, id(&offer)).expect(201);
    resident.call("PUT", &format!("/v1/bookmarks/{}", id(&offer))).send().expect(204);
    own(&resident);
    for (table, column) in [("recommendations", "offer_sealed"), ("bookmarks", "offers_sealed")] {
        let stored = server.ask(Main, &format!("length({column})"), &format!("FROM {table}"));
        assert_eq!(stored.len(), 1);
        let clear = id(&offer).replace('-', "");
        let held = server.ask(Main, &format!("lower({})", server.hex(column)), &format!("FROM {table}"));
        let as_text: String = id(&offer).bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!held[0].contains(&clear) && !held[0].contains(&as_text), "{table}");
    }
    let since = server.log().split_off(before);
    assert!(since.contains("/v1/bookmarks/{id}") && !since.contains(id(&offer)) && !since.contains(SAID), "{since}");
    resident.sign_in_again();
    resident.call("DELETE", "/v1/me").send().expect(204);
    for table in ["recommendations", "bookmarks"] {
        assert_eq!(server.ask(Main, "count(*)", &format!("FROM {table}")), ["0"]);
    }
}
