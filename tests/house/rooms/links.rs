//! Links: whoever has one sees exactly what its resident opened, as long as they want, and nobody else sees anything.

use std::{collections::BTreeSet, thread};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::keys::places_of;
use crate::{
    house::House,
    http::Reply,
    paper::{Report, Upload},
    people::{CANARY, PIN, Practice, Resident, nobody},
    server::{Server, Setup},
};

promises![
    a_link_shows_what_was_opened_and_the_resident_sees_who_says_they_looked,
    the_documents_come_only_where_they_may,
    a_withdrawal_a_block_and_the_end_hold_for_the_very_next_request,
    a_dead_link_answers_as_one_that_never_was,
    wrong_passcodes_are_counted_for_life_also_in_parallel,
    a_right_passcode_costs_nothing,
    a_link_for_one_time_opens_once_however_many_come_at_once,
    files_are_there_for_a_while_and_a_few_times,
    what_is_shown_beforehand_is_what_a_holder_finds,
    nothing_that_opens_a_link_is_stored_or_logged,
    sr_a08_making_a_link_needs_a_fresh_sign_in,
    links_of_an_erased_resident_are_dead,
    any_page_may_ask_and_nobody_sends_cookies,
    what_leads_nowhere_is_slowed_down,
    bad_links_are_told_what_is_wrong,
];

/// A server of its own: what leads nowhere is counted for the network, which is one for all tests.
struct Story {
    server: std::sync::Arc<Server>,
    home: Practice,
    resident: Resident,
}

/// What a link says, and its address.
struct Link {
    id: String,
    payload: Value,
    path: String,
    made: Value,
}

impl Story {
    fn begin(house: &House) -> Self {
        Self::with(house, Setup::default())
    }

    fn with(house: &House, setup: Setup) -> Self {
        let server = house.own_server(setup);
        let home = Practice::add(&server);
        let resident = home.resident();
        Self { server, home, resident }
    }

    fn laboratory(&self) -> String {
        let receipt = self.home.software.deliver(&Upload::fhir(Report::new(&self.resident.patient).bytes()));
        receipt["id"].as_str().unwrap().to_owned()
    }

    fn letter(&self) -> String {
        self.home.software.deliver(&Upload::pdf(&self.resident.patient))["id"].as_str().unwrap().to_owned()
    }

    fn try_link(&self, order: &Value) -> Reply {
        self.resident.sign_in_again();
        self.resident.post("/v1/links", order)
    }

    fn link(&self, order: &Value) -> Link {
        let made = self.try_link(order).expect(201).json();
        let shlink = made["shlink"].as_str().unwrap();
        assert_eq!(made["url"].as_str().unwrap(), format!("{}#{shlink}", self.server.public("/shl")));
        let payload = BASE64_URL_SAFE_NO_PAD.decode(shlink.strip_prefix("shlink:/").unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        let path = payload["url"].as_str().unwrap().strip_prefix(&self.server.public("")).unwrap().to_owned();
        Link { id: made["link"]["id"].as_str().unwrap().to_owned(), payload, path, made }
    }

    fn knock(&self, link: &Link, passcode: Option<&str>) -> Reply {
        knock(&self.server, &link.path, passcode)
    }

    /// The findings behind a link, as bundles.
    fn bundles(&self, link: &Link) -> Vec<Value> {
        let manifest = self.knock(link, None).expect(200).json();
        files(&manifest).iter().map(|path| self.bundle(link, path)).collect()
    }

    fn bundle(&self, link: &Link, path: &str) -> Value {
        let reply = self.fetch(path).expect(200);
        assert_eq!(reply.header("content-type"), Some("application/jose"));
        let (header, plain) = decrypt(&String::from_utf8(reply.body).unwrap(), link.payload["key"].as_str().unwrap());
        assert_eq!(header, json!({"alg": "dir", "enc": "A256GCM", "cty": "application/fhir+json"}));
        serde_json::from_slice(&plain).unwrap()
    }

    fn fetch(&self, url: &str) -> Reply {
        self.server.get(url.strip_prefix(&self.server.public("")).unwrap())
    }

    fn listed(&self, link: &Link) -> Value {
        let all = self.resident.get("/v1/links").expect(200).items();
        all.into_iter().find(|one| one["id"] == json!(link.id)).expect("the link")
    }

    fn revoke(&self, link: &Link) -> Reply {
        self.resident.call("DELETE", &format!("/v1/links/{}", link.id)).send()
    }
}

fn knock(server: &Server, path: &str, passcode: Option<&str>) -> Reply {
    let mut body =
        json!({"recipient": "Praxis Dr. Amsel", "somethingNew": {"is": "ignored"}, "embeddedLengthMax": 1000});
    if let Some(passcode) = passcode {
        body["passcode"] = json!(passcode);
    }
    server.post(path, &body)
}

fn files(manifest: &Value) -> Vec<String> {
    let all = manifest["files"].as_array().unwrap().iter();
    all.map(|file| file["location"].as_str().unwrap().to_owned()).collect()
}

/// A receiver, written after RFC 7516.
fn decrypt(jwe: &str, key: &str) -> (Value, Vec<u8>) {
    let parts: Vec<&str> = jwe.split('.').collect();
    let [header, "", nonce, text, tag] = parts.as_slice() else { panic!("five parts, no key: {}", parts.len()) };
    let [key, nonce, text, tag] = [key, nonce, text, tag].map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).unwrap());
    let mut sealed = [text, tag].concat();
    let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
    let plain = key.open_in_place(nonce, Aad::from(header.as_bytes()), &mut sealed).unwrap().to_vec();
    (serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap(), plain)
}

fn resources<'a>(bundle: &'a Value, kind: &str) -> Vec<&'a Value> {
    let all = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    all.filter(|resource| resource["resourceType"] == kind).collect()
}

/// An address of a link that never was.
fn never() -> String {
    let bytes: Vec<u8> = nobody().bytes().take(32).collect();
    format!("/shl/{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn a_link_shows_what_was_opened_and_the_resident_sees_who_says_they_looked(house: &House) {
    let story = Story::begin(house);
    let finding = story.laboratory();
    story.letter();
    let order = json!({"label": "Für Dr. Amsel", "data": {"kinds": ["laboratory"]}, "minutes": 60});
    let link = story.link(&order);
    assert_eq!(link.payload["label"], "Für Dr. Amsel");
    assert_eq!((&link.payload["flag"], &link.payload["v"]), (&json!("L"), &json!(1)));
    assert!(
        link.payload["url"].as_str().unwrap().len() <= 128 && link.made["qr"].as_str().unwrap().starts_with("<svg")
    );
    let bundles = story.bundles(&link);
    assert_eq!(bundles.len(), 1);
    let own = story.resident.get(&format!("/v1/findings/{finding}/fhir")).expect(200).json();
    assert_eq!(resources(&bundles[0], "Composition")[0]["title"], resources(&own, "Composition")[0]["title"]);
    let values = |bundle: &Value| resources(bundle, "Observation").into_iter().cloned().collect::<Vec<_>>();
    assert!(!values(&own).is_empty());
    assert_eq!(values(&bundles[0]), values(&own));
    // Whose it is, is not in it.
    assert!(!bundles[0].to_string().contains(&story.resident.id) && own.to_string().contains(&story.resident.id));
    // What comes later is in it as well.
    story.laboratory();
    assert_eq!(story.bundles(&link).len(), 2);
    let log = story.resident.log();
    let by = |action: &str| log.iter().find(|l| l["action"] == action && l["actor"] == "link-holder").unwrap();
    for action in ["list", "open"] {
        let line = by(action);
        assert_eq!((&line["basis"], &line["consent_id"]), (&json!("link"), &link.made["link"]["rule_id"]));
        assert!(line["sentence"].as_str().unwrap().contains("„Praxis Dr. Amsel“"), "{line}");
    }
    assert!(story.resident.get("/v1/access-log/pdf").expect(200).body.starts_with(b"%PDF"));
    let listed = story.listed(&link);
    assert_eq!((&listed["state"], &listed["opens"]), (&json!("open"), &json!(2)));
    assert!(listed["last_opened_at"].is_string() && listed["passcodes_left"].is_null());
    // It is no permission among the others, and cannot be changed as one.
    assert!(story.resident.get("/v1/shares").expect(200).items().is_empty());
    let rule = link.made["link"]["rule_id"].as_str().unwrap();
    story
        .resident
        .call("PATCH", &format!("/v1/shares/{rule}"))
        .json(&json!({"days": 9}))
        .send()
        .problem(404, "not-found");
}

fn the_documents_come_only_where_they_may(house: &House) {
    let story = Story::begin(house);
    let letter = story.letter();
    let words = story.bundles(&story.link(&json!({})));
    assert!(resources(&words[0], "Binary").is_empty());
    assert!(!story.resident.log().iter().any(|line| line["action"] == "download"));
    let whole = story.bundles(&story.link(&json!({"may_download": true})));
    let document = resources(&whole[0], "Binary")[0]["data"].as_str().unwrap();
    let document = base64::prelude::BASE64_STANDARD.decode(document).unwrap();
    assert_eq!(document, story.resident.content(&letter).expect(200).body);
    let by = |line: &&Value| line["action"] == "download" && line["actor"] == "link-holder";
    assert_eq!(story.resident.log().iter().filter(by).count(), 1);
}

fn a_withdrawal_a_block_and_the_end_hold_for_the_very_next_request(house: &House) {
    let story = Story::with(house, Setup { clock: true, ..Setup::default() });
    let (open, closed) = (story.laboratory(), story.letter());
    let link = story.link(&json!({"minutes": 60}));
    let manifest = story.knock(&link, None).expect(200).json();
    let addresses = files(&manifest);
    let of = |id: &str| addresses.iter().find(|address| address.ends_with(id)).unwrap();
    // A finding that is closed now is neither in the next manifest nor behind its address.
    let block = story.resident.post("/v1/blocks", &json!({"data": {"findings": [closed]}})).expect(201).text("/id");
    story.fetch(of(&closed)).problem(404, "not-found");
    story.fetch(of(&open)).expect(200);
    assert_eq!(story.bundles(&link).len(), 1);
    assert!(story.resident.logged("open", "denied", Some(&closed)));
    // Everything closed to everybody: as if there were no link.
    story.resident.post("/v1/blocks", &json!({})).expect(201);
    assert_eq!(story.knock(&link, None).fingerprint(), knock(&story.server, &never(), None).fingerprint());
    for block in story.resident.get("/v1/blocks").expect(200).items() {
        let path = format!("/v1/blocks/{}", block["id"].as_str().unwrap());
        story.resident.call("DELETE", &path).send().expect(204);
    }
    assert!(!block.is_empty() && story.bundles(&link).len() == 2);
    // Taken back: one step, no fresh sign-in, also for files that are waiting.
    let other = story.link(&json!({"minutes": 10_000}));
    let waiting = files(&story.knock(&link, None).expect(200).json());
    story.fetch(&waiting[0]).expect(200);
    let token = story.resident.sign_in(PIN).expect(201).text("/access_token");
    story.server.move_clock(400);
    let path = format!("/v1/links/{}", link.id);
    story.server.call("DELETE", &path).token(&token).send().expect(204);
    story.fetch(&waiting[0]).problem(404, "not-found");
    story.knock(&link, None).problem(404, "not-found");
    story.resident.sign_in_again();
    story.revoke(&link).problem(404, "not-found");
    // The end comes by itself.
    story.knock(&other, None).expect(200);
    story.server.move_clock(10_000 * 60);
    story.knock(&other, None).problem(404, "not-found");
    story.resident.sign_in_again();
    assert_eq!((&story.listed(&link)["state"], &story.listed(&other)["state"]), (&json!("revoked"), &json!("expired")));
}

fn a_dead_link_answers_as_one_that_never_was(house: &House) {
    let story = Story::with(house, Setup { clock: true, ..Setup::default() });
    story.laboratory();
    let secret = "amsel-4711";
    let order = |more: Value| {
        let mut order = json!({"passcode": secret, "wrong_passcodes": 1, "minutes": 9});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        story.link(&order)
    };
    let (revoked, guessed, used, expired) =
        (order(json!({})), order(json!({})), order(json!({"one_time": true})), order(json!({"minutes": 1})));
    story.revoke(&revoked).expect(204);
    assert_eq!(story.knock(&guessed, Some("falsch-0")).expect(401).json(), json!({"remainingAttempts": 0}));
    story.knock(&used, Some(secret)).expect(200);
    story.server.move_clock(61);
    let nothing = knock(&story.server, &never(), Some(secret)).problem(404, "not-found").fingerprint();
    for link in [&revoked, &guessed, &used, &expired] {
        for passcode in [Some(secret), Some("falsch-1"), None] {
            assert_eq!(story.knock(link, passcode).fingerprint(), nothing, "{passcode:?}");
        }
    }
    for path in ["/shl/x", "/shl/..", &format!("{}A", never())] {
        assert_eq!(knock(&story.server, path, None).fingerprint(), nothing, "{path}");
    }
    let states: Vec<Value> = [&revoked, &guessed, &used, &expired].map(|l| story.listed(l)["state"].clone()).into();
    assert_eq!(states, ["revoked", "guessed-at", "used-up", "expired"]);
}

fn wrong_passcodes_are_counted_for_life_also_in_parallel(house: &House) {
    let story = Story::begin(house);
    story.laboratory();
    let link = story.link(&json!({"passcode": "amsel-4711"}));
    assert_eq!(link.payload["flag"], "LP");
    // None is not a wrong one.
    for _ in 0..3 {
        assert_eq!(story.knock(&link, None).expect(401).json(), json!({"remainingAttempts": 5}));
    }
    let second = story.server.postgres().is_some().then(|| Server::beside(&story.server));
    let servers: Vec<&Server> = std::iter::once(&*story.server).chain(second.as_deref()).collect();
    let answers: Vec<(u16, Value)> = thread::scope(|scope| {
        let tries: Vec<_> = (0..20)
            .map(|n| {
                let (server, path) = (servers[n % servers.len()], &link.path);
                scope.spawn(move || {
                    loop {
                        let reply = knock(server, path, Some(&format!("falsch-{n:02}")));
                        // A busy server has not looked at it.
                        if reply.status != 503 {
                            return (reply.status, reply.json()["remainingAttempts"].clone());
                        }
                    }
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let wrong: BTreeSet<u64> =
        answers.iter().filter(|(status, _)| *status == 401).map(|(_, n)| n.as_u64().unwrap()).collect();
    let gone = answers.iter().filter(|(status, _)| *status == 404).count();
    assert_eq!((wrong, gone), ((0..5).collect(), 15), "{answers:?}");
    story.knock(&link, Some("amsel-4711")).problem(404, "not-found");
    assert_eq!(story.listed(&link)["state"], "guessed-at");
    let denied = |line: &&Value| line["actor"] == "link-holder" && line["outcome"] == "denied";
    let log = story.resident.log();
    assert_eq!(log.iter().filter(denied).count(), 5, "the resident sees each try");
    assert!(log.iter().find(denied).unwrap()["sentence"].as_str().unwrap().contains("Praxis Dr. Amsel"));
}

fn a_right_passcode_costs_nothing(house: &House) {
    let story = Story::begin(house);
    story.laboratory();
    let link = story.link(&json!({"passcode": " amsel-4711 ", "wrong_passcodes": 2}));
    for _ in 0..4 {
        story.knock(&link, Some("amsel-4711")).expect(200);
    }
    assert_eq!(story.knock(&link, Some("amsel-4712")).expect(401).json(), json!({"remainingAttempts": 1}));
    story.knock(&link, Some("amsel-4711")).expect(200);
    assert_eq!(story.listed(&link)["passcodes_left"], 1);
    assert_eq!(story.knock(&link, Some("amsel-4713")).expect(401).json(), json!({"remainingAttempts": 0}));
    story.knock(&link, Some("amsel-4711")).problem(404, "not-found");
}

fn a_link_for_one_time_opens_once_however_many_come_at_once(house: &House) {
    let story = Story::begin(house);
    story.laboratory();
    for _ in 0..3 {
        let link = story.link(&json!({"one_time": true}));
        assert!(link.payload["flag"].is_null());
        let replies: Vec<Reply> = thread::scope(|scope| {
            let all: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| {
                        loop {
                            let reply = story.knock(&link, None);
                            if reply.status != 503 {
                                return reply;
                            }
                        }
                    })
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!((won.len(), replies.iter().filter(|reply| reply.status == 404).count()), (1, 5));
        // Who was first fetches what it leads to.
        story.bundle(&link, &files(&won[0].json())[0]);
        assert_eq!((&story.listed(&link)["state"], &story.listed(&link)["opens"]), (&json!("used-up"), &json!(1)));
    }
}

fn files_are_there_for_a_while_and_a_few_times(house: &House) {
    let story = Story::with(house, Setup { clock: true, ..Setup::default() });
    story.laboratory();
    let link = story.link(&json!({}));
    let address = &files(&story.knock(&link, None).expect(200).json())[0];
    let first = story.fetch(address).expect(200).body;
    assert_ne!(story.fetch(address).expect(200).body, first, "each is encrypted anew");
    story.fetch(address).expect(200);
    story.fetch(address).problem(404, "not-found");
    let address = &files(&story.knock(&link, None).expect(200).json())[0];
    story.server.move_clock(15 * 60 + 1);
    story.fetch(address).problem(404, "not-found");
    // Somebody else's finding is not behind it.
    let other = story.home.resident();
    let theirs = story.home.software.deliver(&Upload::pdf(&other.patient))["id"].as_str().unwrap().to_owned();
    let address = &files(&story.knock(&link, None).expect(200).json())[0];
    let (before, _) = address.rsplit_once('.').unwrap();
    story.fetch(&format!("{before}.{theirs}")).problem(404, "not-found");
    story.fetch(address).expect(200);
}

fn what_is_shown_beforehand_is_what_a_holder_finds(house: &House) {
    let story = Story::begin(house);
    let (laboratory, _letter) = (story.laboratory(), story.letter());
    let link = story.link(&json!({"data": {"kinds": ["laboratory"]}}));
    let visible = || -> Vec<String> {
        let all = story.resident.get(&format!("/v1/share-preview?link={}", link.id)).expect(200).items();
        assert_eq!(all.len(), 2);
        let seen = all.iter().filter(|item| item["visible"] == true);
        seen.map(|item| item["finding"]["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(visible(), [laboratory]);
    assert_eq!(story.bundles(&link).len(), 1);
    story.revoke(&link).expect(204);
    assert!(visible().is_empty());
    story.resident.get(&format!("/v1/share-preview?link={}", nobody())).problem(404, "not-found");
    story.home.resident().get(&format!("/v1/share-preview?link={}", link.id)).problem(404, "not-found");
    story.resident.get("/v1/share-preview").problem(422, "invalid");
}

fn nothing_that_opens_a_link_is_stored_or_logged(house: &House) {
    let story = Story::begin(house);
    story.laboratory();
    let link = story.link(&json!({"label": format!("{CANARY}-Link"), "passcode": "zeisig-0815"}));
    let manifest = story.knock(&link, Some("zeisig-0815")).expect(200).json();
    let address = files(&manifest).remove(0);
    story.fetch(&address).expect(200);
    story.knock(&link, Some("zeisig-0816")).expect(401);
    let key = link.payload["key"].as_str().unwrap();
    let secret = link.path.rsplit('/').next().unwrap();
    let ticket = address.rsplit('/').next().unwrap().split('.').next().unwrap();
    let label = format!("{CANARY}-Link");
    let look = || {
        let raw = |text: &str| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let holds = |stored: &[u8]| stored.windows(32).any(|window| window == bytes);
            let found = story.server.everything_stored().into_iter().filter(|(_, stored)| holds(stored));
            assert_eq!(found.map(|(place, _)| place).collect::<Vec<_>>(), Vec::<String>::new(), "raw {text}");
            hex
        };
        for text in [key, secret, ticket] {
            for form in [text.to_owned(), raw(text)] {
                assert_eq!(places_of(&story.server, &form), Vec::<String>::new(), "{form}");
            }
        }
        for word in ["zeisig-081", &label, "Dr. Amsel"] {
            assert_eq!(places_of(&story.server, word), Vec::<String>::new(), "{word}");
        }
    };
    look();
    story.server.stop();
    look();
    let log = story.server.log();
    for text in [key, secret, ticket, "zeisig-081", "Amsel"] {
        assert!(!log.contains(text), "{text}");
    }
    assert!(log.contains("/shl/{secret}") && log.contains("/shl/files/{file}"));
}

fn sr_a08_making_a_link_needs_a_fresh_sign_in(house: &House) {
    let story = Story::with(house, Setup { clock: true, ..Setup::default() });
    let token = story.resident.token.clone();
    story.server.move_clock(301);
    story.server.call("POST", "/v1/links").token(&token).json(&json!({})).send().problem(403, "step-up-required");
}

fn links_of_an_erased_resident_are_dead(house: &House) {
    let story = Story::begin(house);
    story.laboratory();
    let link = story.link(&json!({}));
    let address = files(&story.knock(&link, None).expect(200).json()).remove(0);
    story.resident.sign_in_again();
    story.resident.call("DELETE", "/v1/me").send().expect(204);
    story.knock(&link, None).problem(404, "not-found");
    story.fetch(&address).problem(404, "not-found");
}

fn any_page_may_ask_and_nobody_sends_cookies(house: &House) {
    let story = Story::begin(house);
    story.laboratory();
    let link = story.link(&json!({}));
    let manifest = story.knock(&link, None).expect(200);
    let file = story.fetch(&files(&manifest.json())[0]).expect(200);
    let preflight =
        story.server.call("OPTIONS", &link.path).header("origin", "https://other.example").send().expect(204);
    assert_eq!(preflight.header("access-control-allow-headers"), Some("Content-Type, Accept-Language"));
    assert_eq!(preflight.header("allow"), Some("POST, OPTIONS"));
    for reply in [&manifest, &file, &preflight, &knock(&story.server, &never(), None).expect(404)] {
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert!(reply.header("access-control-allow-credentials").is_none() && reply.header("set-cookie").is_none());
    }
    assert!(story.resident.get("/v1/links").expect(200).header("access-control-allow-origin").is_none());
    let page = story.server.get("/shl").expect(200);
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    assert!(page.header("access-control-allow-origin").is_none());
}

fn what_leads_nowhere_is_slowed_down(house: &House) {
    let story = Story::begin(house);
    let misses = (0..60).map(|_| knock(&story.server, &never(), None)).take_while(|reply| reply.status == 404).count();
    assert_eq!(misses, 50);
    let slowed = knock(&story.server, &never(), None);
    assert!(slowed.status == 404 || slowed.header("retry-after") == Some("1"), "{}", slowed.status);
}

fn bad_links_are_told_what_is_wrong(house: &House) {
    let story = Story::begin(house);
    for (order, pointer) in [
        (json!({"label": "x".repeat(81)}), "/label"),
        (json!({"label": "a\nb"}), "/label"),
        (json!({"minutes": 0}), "/minutes"),
        (json!({"minutes": 525_601}), "/minutes"),
        (json!({"passcode": "12345"}), "/passcode"),
        (json!({"wrong_passcodes": 11}), "/wrong_passcodes"),
        (json!({"data": {"kinds": ["all"]}}), "/data/kinds"),
    ] {
        assert_eq!(story.try_link(&order).problem(422, "invalid").text("/errors/0/pointer"), pointer);
    }
    story.try_link(&json!({"key": "mine"})).problem(400, "unknown-field");
    let path = never();
    for said in ["", " ", &"x".repeat(201)] {
        let reply = story.server.post(&path, &json!({"recipient": said})).problem(422, "invalid");
        assert_eq!(reply.text("/errors/0/pointer"), "/recipient");
    }
}
