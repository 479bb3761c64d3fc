//! Pushes: a phone is woken when something is new, at an address that it has shown to be its own, and nobody in between learns what.

use std::{sync::Arc, thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    house::{House, eventually},
    http::Reply,
    paper::Upload,
    people::{CANARY, Practice, Resident},
    push_service::{Arrived, PushService, WokenPhone},
    server::{Server, Setup},
};

promises![
    sr_m01_a_push_says_that_there_is_something_and_nothing_else,
    m07_nobody_is_woken_before_the_code_came_back,
    m07_many_reasons_are_one_push,
    m07_a_push_service_that_is_down_gets_it_later_and_one_that_knows_nobody_is_forgotten,
    m07_who_signs_out_is_not_called_any_more,
    m07_nobody_leads_the_server_to_machines_behind_it,
    m07_a_push_service_that_never_answers_holds_nobody_up_for_long,
    m07_a_server_that_wakes_nobody_says_so,
];

/// More than a push is ever held back, in seconds.
const HELD_BACK: i64 = 30;

struct Scene {
    service: PushService,
    server: Arc<Server>,
    practice: Practice,
}

impl Scene {
    fn new(house: &House) -> Self {
        let service = PushService::begin();
        let server = house.own_server(Setup { clock: true, more: service.section(), ..Setup::default() });
        let practice = Practice::add(&server);
        Self { service, server, practice }
    }

    /// Everything that has arrived, when it is so much.
    fn wait_for(&self, phone: &WokenPhone, count: usize) -> Vec<Arrived> {
        eventually(|| self.service.arrived(phone).len() >= count);
        let arrived = self.service.arrived(phone);
        assert_eq!(arrived.len(), count, "{}", self.server.last_words());
        arrived
    }

    /// Long enough for two rounds.
    fn wait_in_vain(&self, phone: &WokenPhone) -> usize {
        thread::sleep(Duration::from_millis(2_300));
        self.service.arrived(phone).len()
    }

    /// A resident whose phone is woken.
    fn woken(&self) -> (Resident, WokenPhone) {
        let (resident, phone) = (self.practice.resident(), WokenPhone::new());
        put(&resident, &phone.subscription(&self.service)).expect(200);
        let code = phone.read(&self.wait_for(&phone, 1)[0])["code"].as_str().unwrap().to_owned();
        confirm(&resident, &code).expect(200);
        (resident, phone)
    }

    fn deliver(&self, resident: &Resident) -> Value {
        self.practice.software.deliver(&Upload::pdf(&resident.patient))
    }
}

fn put(resident: &Resident, subscription: &Value) -> Reply {
    resident.call("PUT", "/v1/me/push").json(subscription).send()
}

fn confirm(resident: &Resident, code: &str) -> Reply {
    resident.post("/v1/me/push/confirmation", &json!({"code": code}))
}

fn state(resident: &Resident) -> String {
    resident.get("/v1/me/push").expect(200).text("/state")
}

fn sr_m01_a_push_says_that_there_is_something_and_nothing_else(house: &House) {
    let scene = Scene::new(house);
    let (resident, phone) = scene.woken();
    assert_eq!(state(&resident), "on");
    assert_eq!(resident.get("/v1/me/devices").expect(200).items()[0]["push"], true);
    let finding = scene.deliver(&resident)["id"].as_str().unwrap().to_owned();
    scene.server.move_clock(HELD_BACK);
    let push = scene.wait_for(&phone, 2).pop().unwrap();
    assert_eq!(phone.read(&push), json!({"v": 1}));
    assert_eq!(push.body.len(), 110, "as long as every other one");
    let (ttl, topic, urgency) = (&push.headers["ttl"], &push.headers["topic"], &push.headers["urgency"]);
    assert_eq!((ttl.as_str(), topic.as_str(), urgency.as_str()), ("2419200", "sync", "normal"));
    let (key, claims) = push.sender();
    let info = scene.server.get("/v1/server").expect(200).json();
    assert_eq!(info["push"], json!({"kinds": ["web-push"], "vapid_public_key": key}));
    assert_eq!(
        (&claims["aud"], &claims["sub"]),
        (&json!(scene.service.origin()), &json!("mailto:technik@example.org"))
    );
    let hours = (claims["exp"].as_i64().unwrap() - scene.server.clock()) / 3_600;
    assert!((0..24).contains(&hours), "at most a day (RFC 8292, 2)");
    let told = format!("{:?} {claims}", push.headers);
    for secret in [CANARY, finding.as_str(), &resident.id, &resident.patient.reference] {
        assert!(!told.contains(secret), "{secret:?} stands in {told}");
    }
    let log = scene.server.log();
    assert!(!log.contains(&phone.path), "whoever has the address can wake the phone");
}

fn m07_nobody_is_woken_before_the_code_came_back(house: &House) {
    let scene = Scene::new(house);
    let (resident, phone) = (scene.practice.resident(), WokenPhone::new());
    assert_eq!(state(&resident), "off");
    let subscription = phone.subscription(&scene.service);
    assert_eq!(put(&resident, &subscription).expect(200).text("/state"), "waiting");
    let first = scene.wait_for(&phone, 1).remove(0);
    assert_eq!(first.headers["urgency"], "high");
    scene.deliver(&resident);
    assert_eq!(put(&resident, &subscription).expect(200).text("/state"), "waiting", "said again, and nothing changes");
    scene.server.move_clock(HELD_BACK);
    assert_eq!(scene.wait_in_vain(&phone), 1, "only the code");
    assert_eq!(resident.get("/v1/me/devices").expect(200).items()[0]["push"], false);
    confirm(&resident, "1f0c9a7de2b84463b5d0a17c93e8f246").problem(422, "invalid");
    let code = phone.read(&first)["code"].as_str().unwrap().to_owned();
    let stranger = scene.practice.resident();
    confirm(&stranger, &code).problem(422, "invalid");
    scene.server.move_clock(3_601);
    confirm(&resident, &code).problem(422, "invalid");
    scene.server.stop();
    scene.server.restart();
    eventually(|| state(&resident) == "off");
    assert_eq!(put(&resident, &subscription).expect(200).text("/state"), "waiting", "a new one, by a new code");
    let second = scene.wait_for(&phone, 2).remove(1);
    let code = phone.read(&second)["code"].as_str().unwrap().to_owned();
    assert_eq!(confirm(&resident, &code).expect(200).text("/state"), "on");
    assert_eq!(put(&resident, &subscription).expect(200).text("/state"), "on", "as often as the app starts");
    assert_eq!(scene.wait_in_vain(&phone), 2);
    confirm(&resident, &code).problem(422, "invalid");
    assert_eq!(state(&resident), "on");
}

fn m07_many_reasons_are_one_push(house: &House) {
    let scene = Scene::new(house);
    let (resident, phone) = scene.woken();
    scene.server.stop_clock(0);
    let receipts: Vec<Value> = (0..6).map(|_| scene.deliver(&resident)).collect();
    scene.server.stop_clock(HELD_BACK);
    let pushes = scene.wait_for(&phone, 2);
    assert_eq!(phone.read(&pushes[1]), json!({"v": 1}));
    assert_eq!(scene.wait_in_vain(&phone), 2, "one for six findings");
    // What was taken back has to leave the phone as well.
    scene.practice.staff.recall(receipts[0]["id"].as_str().unwrap()).expect(200);
    scene.server.stop_clock(2 * HELD_BACK);
    scene.wait_for(&phone, 3);
    // Somebody may be at the account who should not: at once, and to a phone that saves its battery.
    let pin = resident.call("PUT", "/v1/me/pin").json(&json!({"pin": "482915"})).send();
    pin.expect(204);
    let urgent = scene.wait_for(&phone, 4).pop().unwrap();
    assert_eq!((urgent.headers["urgency"].as_str(), phone.read(&urgent)), ("high", json!({"v": 1})));
}

fn m07_a_push_service_that_is_down_gets_it_later_and_one_that_knows_nobody_is_forgotten(house: &House) {
    let scene = Scene::new(house);
    let (resident, phone) = scene.woken();
    scene.service.answer(503, Some(600));
    scene.deliver(&resident);
    scene.server.move_clock(HELD_BACK);
    scene.wait_for(&phone, 2);
    scene.service.answer(201, None);
    scene.server.move_clock(HELD_BACK + 500);
    assert_eq!(scene.wait_in_vain(&phone), 2, "it asked for ten minutes");
    scene.server.move_clock(HELD_BACK + 700);
    scene.wait_for(&phone, 3);
    // What it will never take is not tried again, and the next one is.
    scene.service.answer(413, None);
    scene.deliver(&resident);
    scene.server.move_clock(2_000);
    scene.wait_for(&phone, 4);
    scene.server.move_clock(4_000);
    assert_eq!(scene.wait_in_vain(&phone), 4);
    assert_eq!(state(&resident), "on");
    // The app is gone from the phone.
    scene.service.answer(410, None);
    scene.deliver(&resident);
    scene.server.move_clock(6_000);
    scene.wait_for(&phone, 5);
    eventually(|| state(&resident) == "off");
}

fn m07_who_signs_out_is_not_called_any_more(house: &House) {
    let scene = Scene::new(house);
    let (resident, phone) = scene.woken();
    resident.call("DELETE", "/v1/sessions/current").send().expect(204);
    resident.sign_in_again();
    assert_eq!(state(&resident), "off", "the phone may be in other hands");
    scene.deliver(&resident);
    scene.server.move_clock(HELD_BACK);
    assert_eq!(scene.wait_in_vain(&phone), 1);
    let (other, second) = scene.woken();
    other.call("DELETE", "/v1/me/push").send().expect(204);
    other.call("DELETE", "/v1/me/push").send().expect(204);
    let (lost, third) = scene.woken();
    let device = lost.get("/v1/me/devices").expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    lost.call("DELETE", &format!("/v1/me/devices/{device}")).send().expect(204);
    scene.deliver(&other);
    scene.deliver(&lost);
    scene.server.move_clock(2 * HELD_BACK);
    assert_eq!((scene.wait_in_vain(&second), scene.service.arrived(&third).len()), (1, 1));
}

fn m07_nobody_leads_the_server_to_machines_behind_it(house: &House) {
    let section = "[push]\nenabled = true\ncontact = \"https://example.org/kontakt\"\n".to_owned();
    let server = house.own_server(Setup { clock: true, more: section, ..Setup::default() });
    let (resident, phone, service) = (Practice::add(&server).resident(), WokenPhone::new(), PushService::begin());
    for inner in ["127.0.0.1", "10.0.0.8", "169.254.169.254", "[::1]", "[fd00::8]", "[::ffff:127.0.0.1]", "0x7f000001"]
    {
        let refused = put(&resident, &phone.subscription_at(&format!("https://{inner}/wake"))).problem(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["code"], "not-public", "{inner}");
    }
    let wrong =
        ["http://push.example.net/x", "https://", "https://u:p@push.example.net/x", "https://push.example.net/#x"];
    for endpoint in wrong {
        let refused = put(&resident, &phone.subscription_at(endpoint)).problem(422, "invalid");
        assert_eq!(refused.json()["errors"][0]["pointer"], "/endpoint", "{endpoint}");
    }
    let mut point = phone.subscription(&service);
    point["endpoint"] = json!("https://push.example.net/x");
    let mut secret = point.clone();
    point["p256dh"] = json!("BCVxsr7N");
    secret["auth"] = json!("BTBZ");
    for (wrong, pointer) in [(point, "/p256dh"), (secret, "/auth")] {
        assert_eq!(put(&resident, &wrong).problem(422, "invalid").json()["errors"][0]["pointer"], pointer);
    }
    // A name is judged by what it means at the moment of sending.
    let port = service.origin().rsplit_once(':').unwrap().1.to_owned();
    put(&resident, &phone.subscription_at(&format!("https://localhost:{port}{}", phone.path))).expect(200);
    eventually(|| server.log().contains("no address that pushes go to"));
    assert!(service.arrived(&phone).is_empty());
    let elsewhere = phone.subscription_at("https://push.example.net/x");
    let soon = put(&resident, &elsewhere).problem(429, "try-later");
    assert!(soon.header("retry-after").is_some_and(|wait| wait.parse::<u32>().unwrap() <= 60));
}

fn m07_a_push_service_that_never_answers_holds_nobody_up_for_long(house: &House) {
    let scene = Scene::new(house);
    let (slow, quick) = (scene.practice.resident(), scene.practice.resident());
    let (tarpit, phone) = (WokenPhone::in_a_tarpit(), WokenPhone::new());
    put(&slow, &tarpit.subscription(&scene.service)).expect(200);
    scene.wait_for(&tarpit, 1);
    put(&quick, &phone.subscription(&scene.service)).expect(200);
    scene.wait_for(&phone, 1);
    let again = WokenPhone::in_a_tarpit().subscription(&scene.service);
    put(&slow, &again).problem(429, "try-later");
    eventually(|| scene.server.log().contains("does not answer in time"));
}

fn m07_a_server_that_wakes_nobody_says_so(house: &House) {
    let resident = Practice::add(&house.own_server(Setup::default())).resident();
    let phone = WokenPhone::new();
    put(&resident, &phone.subscription_at("https://push.example.net/x")).problem(409, "push-unavailable");
    assert_eq!(state(&resident), "off");
    assert!(resident.get("/v1/server").expect(200).json().get("push").is_none());
}
