//! Consent texts that are published while the server runs, who is asked again, and what counts until they answer (SR-Z09).

use std::{sync::Arc, thread, time::Duration};

use serde_json::{Value, json};

use super::proofs;
use crate::{
    behind::Database::Main,
    house::House,
    http::Reply,
    paper::Upload,
    people::{CANARY, Patient, Practice, Resident, Staff, consent, operators},
    phone::text,
    server::{Server, Setup},
    sql::Intruder,
    worker,
};

promises![
    sr_z09_a_text_is_published_by_whoever_may_and_never_changes,
    sr_z09_two_publishers_cannot_both_win,
    sr_z09_an_old_yes_counts_to_its_day_and_then_a_new_one_is_needed,
    sr_z09_a_no_takes_nothing_away_before_the_day,
    sr_z09_everybody_is_asked_once_and_told_nothing_but_that,
    sr_z09_publishers_see_how_many_agreed_and_never_who,
    sr_z09_whoever_takes_back_is_not_asked_again,
    sr_z09_a_random_life_with_texts_is_that_of_a_notebook,
    nobody_activates_with_another_consent,
    a_phone_signs_what_its_resident_decides,
    a_receipt_is_verified_without_the_server,
    the_text_that_was_shown_is_kept_with_a_permission,
];

const DAY: i64 = 86_400;

struct Scene {
    server: Arc<Server>,
    practice: Practice,
    operator: Staff,
}

impl Scene {
    fn new(house: &House) -> Self {
        let server = house.own_server(Setup { clock: true, ..Setup::default() });
        let practice = Practice::add(&server);
        let [operator, _] = operators(&server);
        Self { server, practice, operator }
    }

    fn resident(&self, language: &str) -> Resident {
        Resident::activate_in(&self.practice.staff.invite(&Patient::new()), &self.server, language)
    }

    /// A day so many days from now, in Berlin or close to it.
    fn day(&self, days: i64) -> String {
        let now =
            jiff::Timestamp::from_second(self.server.clock()).unwrap() + jiff::SignedDuration::from_hours(24 * days);
        now.to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()).date().to_string()
    }

    fn publish(&self, new: &Value) -> Reply {
        self.operator.sign_in_again();
        self.operator.post("/v1/consent-texts", new)
    }

    /// Publishes the next wording of the consent to receive findings.
    #[track_caller]
    fn reword(&self, version: u32, last_day: Option<&str>) -> Value {
        self.publish(&wording(version, last_day)).expect(201).json()
    }

    fn takes(&self, resident: &Resident) -> bool {
        let reply = self.practice.software.upload(&Upload::pdf(&resident.patient));
        match reply.status {
            200..=202 => true,
            403 => {
                reply.problem(403, "consent-missing");
                false
            }
            other => panic!("{other}: {}", reply.json()),
        }
    }
}

/// A wording in German and Turkish.
fn wording(version: u32, last_day: Option<&str>) -> Value {
    let text = |lang: &str, said: &str| {
        json!({"lang": lang, "title": format!("Titel {version} {lang}"), "paragraphs": [format!("{said} {version}."), "Ja."],
            "change": format!("{said}: neu {version}")})
    };
    let mut new = json!({"purpose": "base", "version": version, "asking": "none",
        "texts": [text("de", "Deutsch"), text("tr", "Türkçe")]});
    if let Some(day) = last_day {
        new["asking"] = json!("again");
        new["old_counts_until"] = json!(day);
    }
    new
}

fn questions(resident: &Resident) -> Vec<Value> {
    resident.get("/v1/consent-questions").expect(200).items()
}

fn states(resident: &Resident) -> Vec<String> {
    let items = resident.get("/v1/consents").expect(200).items();
    items.iter().map(|item| format!("{} {}", item["version"], item["state"].as_str().unwrap())).collect()
}

fn standings(resident: &Resident) -> Vec<String> {
    let items = resident.get("/v1/decisions").expect(200).items();
    items.iter().map(|item| item["standing"].as_str().unwrap().to_owned()).collect()
}

fn answer(resident: &Resident, decision: &str) -> Reply {
    let mut body = consent(&resident.server, "de");
    body["decision"] = json!(decision);
    resident.post("/v1/consents", &body)
}

/// Waits for a job.
#[track_caller]
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..200 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("never: {what}");
}

fn sr_z09_a_text_is_published_by_whoever_may_and_never_changes(house: &House) {
    let scene = Scene::new(house);
    let before = scene.server.get("/v1/consent-texts/base?lang=tr").expect(200).json();
    assert_eq!((before["version"].as_u64(), before.get("published_at")), (Some(3), None));
    let resident = scene.resident("tr");
    let district = worker::organisation(&scene.server, "district-office");
    let office = Staff::add(&scene.server, &district, &format!("{CANARY}.amt@bezirk"));
    let kiosk = worker::organisation(&scene.server, "kiosk");
    let kiosk = Staff::add(&scene.server, &kiosk, &format!("{CANARY}.wer@kiosk"));
    let new = wording(4, None);
    for account in [&*resident, &*scene.practice.staff, &*kiosk, &*scene.practice.software] {
        account.post("/v1/consent-texts", &new).problem(403, "forbidden");
        account.get("/v1/consent-texts/base/agreements").problem(403, "forbidden");
    }
    for wrong in [3, 5, 0] {
        scene.publish(&wording(wrong, None)).expect(if wrong == 0 { 422 } else { 409 });
    }
    let faulty = |change: &dyn Fn(&mut Value)| {
        let mut new = wording(4, None);
        change(&mut new);
        scene.publish(&new).problem(422, "invalid").json()["errors"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(faulty(&|new| new["texts"].as_array_mut().unwrap().truncate(0)), "german-missing");
    assert_eq!(faulty(&|new| new["texts"][0]["lang"] = json!("tr")), "doubled-language");
    assert_eq!(faulty(&|new| new["texts"][1]["lang"] = json!("xx")), "unknown-language");
    assert_eq!(faulty(&|new| new["texts"][1]["change"] = Value::Null), "change-missing");
    assert_eq!(faulty(&|new| new["texts"][0]["paragraphs"][0] = json!("a\n\nb")), "invalid-length");
    assert_eq!(faulty(&|new| new["purpose"] = json!("Base")), "invalid-purpose");
    assert_eq!(faulty(&|new| new["asking"] = json!("again")), "invalid-day");
    assert_eq!(faulty(&|new| new["asking"] = json!("perhaps")), "unknown-word");
    let soon = scene.day(6);
    scene.publish(&wording(4, Some(&soon))).problem(422, "invalid");
    // The office publishes, and needs to have signed in just now.
    scene.server.move_clock(360);
    let stale = scene.server.call("POST", "/v1/consent-texts").token(&office.token);
    stale.json(&new).send().problem(403, "step-up-required");
    office.sign_in_again();
    let german = office.post("/v1/consent-texts", &new).expect(201).json();
    assert_eq!((german["lang"].as_str(), german["version"].as_u64()), (Some("de"), Some(4)));
    assert_eq!(german["review"], "original");
    assert!(german["published_by"].as_str().unwrap().contains("district-office") && german["published_at"].is_string());
    let turkish = scene.server.get("/v1/consent-texts/base?lang=tr").expect(200).json();
    assert_eq!(
        (turkish["translation_of"].clone(), turkish["review"].clone()),
        (german["sha256"].clone(), json!("unreviewed"))
    );
    assert_eq!(turkish["change"], "Türkçe: neu 4");
    // In a language that is not there, the binding text.
    assert_eq!(scene.server.get("/v1/consent-texts/base?lang=pl").expect(200).json()["lang"], "de");
    assert_eq!(scene.server.get("/v1/consent-texts/base?lang=tr&version=3").expect(200).json(), before);
    scene.server.get("/v1/consent-texts/base?version=5").problem(404, "not-found");
    office.post("/v1/consent-texts", &new).problem(409, "not-next-version");
    let listed = scene.server.get("/v1/consent-texts?lang=tr").expect(200).items();
    let listed: Vec<_> =
        listed.iter().map(|text| format!("{} {}", text["purpose"].as_str().unwrap(), text["version"])).collect();
    assert_eq!(listed, ["base 4", "explanation 1", "link 1", "representation 1", "treatment 1"]);
    // A new purpose begins with its first version.
    let first = json!({"purpose": "statistics", "version": 1, "asking": "none",
        "texts": [{"lang": "de", "title": "Statistik", "paragraphs": ["Ich willige ein."]}]});
    office.post("/v1/consent-texts", &first).expect(201);
    let shown = scene.server.get("/v1/consent-texts/statistics").expect(200).json();
    let body = json!({"purpose": "statistics", "version": 1, "lang": "de", "sha256": shown["sha256"]});
    resident.post("/v1/consents", &body).expect(201);
    assert_eq!(states(&resident).len(), 2);
    assert!(questions(&resident).is_empty(), "a wording that asks nobody");
    assert!(scene.takes(&resident));
}

fn sr_z09_two_publishers_cannot_both_win(house: &House) {
    let scene = Scene::new(house);
    scene.operator.sign_in_again();
    let answers: Vec<u16> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..6).map(|_| scope.spawn(|| scene.operator.post("/v1/consent-texts", &wording(4, None)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().status).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [201, 409, 503].contains(status)), "{answers:?}");
    assert_eq!(Intruder::at(&scene.server).number("SELECT count(*) FROM consent_texts"), 2);
}

fn sr_z09_an_old_yes_counts_to_its_day_and_then_a_new_one_is_needed(house: &House) {
    let scene = Scene::new(house);
    let resident = scene.resident("tr");
    assert!(questions(&resident).is_empty());
    let last_day = scene.day(10);
    scene.reword(4, None);
    scene.reword(5, Some(&last_day));
    let asked = questions(&resident);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["changes"], json!(["Türkçe: neu 4", "Türkçe: neu 5"]));
    assert_eq!((&asked[0]["text"]["lang"], &asked[0]["text"]["version"]), (&json!("tr"), &json!(5)));
    assert!(scene.takes(&resident), "the old yes counts");
    let until = &resident.get("/v1/consents").expect(200).items()[0]["counts_until"].clone();
    assert_eq!(until, &asked[0]["old_counts_until"]);
    let until: jiff::Timestamp = until.as_str().unwrap().parse().unwrap();
    let left = until.as_second() - scene.server.clock();
    scene.server.move_clock(left - 60);
    assert!(scene.takes(&resident), "until the end of its day");
    scene.server.move_clock(left + 5);
    assert!(!scene.takes(&resident), "at once, whether or not a job has run");
    assert_eq!(states(&resident), ["3 expired"]);
    assert!(standings(&resident).contains(&"expired".to_owned()));
    let id = resident.get("/v1/consents").expect(200).text("/items/0/id");
    resident.get(&format!("/v1/decisions/{id}/withdrawal")).problem(404, "not-found");
    // The job writes it down, with the day from which it counts.
    let events = || {
        let all = resident.get("/v1/decisions").expect(200).items();
        all.into_iter().find(|decision| decision["id"] == id.as_str()).unwrap()["events"].clone()
    };
    eventually("the job writes it down", || events()[1]["kind"] == "expired");
    assert_eq!(events()[1]["at"], until.to_string());
    assert_eq!(questions(&resident).len(), 1, "it still waits for an answer");
    answer(&resident, "granted").expect(201);
    assert!(scene.takes(&resident));
    assert_eq!(states(&resident), ["5 granted", "3 expired"]);
    assert!(questions(&resident).is_empty());
    // Whoever comes now agrees to the newest text and is asked nothing.
    assert!(questions(&scene.resident("de")).is_empty());
}

fn sr_z09_a_no_takes_nothing_away_before_the_day(house: &House) {
    let scene = Scene::new(house);
    let (refusing, silent) = (scene.resident("de"), scene.resident("de"));
    answer(&refusing, "refused").problem(409, "state-conflict");
    scene.reword(4, Some(&scene.day(8)));
    let refused = answer(&refusing, "refused").expect(201).json();
    assert_eq!((&refused["state"], &refused["version"]), (&json!("refused"), &json!(4)));
    assert!(questions(&refusing).is_empty() && questions(&silent).len() == 1);
    assert!(scene.takes(&refusing));
    assert_eq!(states(&refusing), ["4 refused", "3 granted"]);
    let mut body = consent(&scene.server, "de");
    body["decision"] = json!("maybe");
    refusing.post("/v1/consents", &body).problem(422, "invalid");
    scene.server.move_clock(9 * DAY);
    assert!(!scene.takes(&refusing) && !scene.takes(&silent));
    assert_eq!(states(&refusing), ["4 refused", "3 expired"]);
    // A later yes is a decision of its own; the no stays what it was.
    answer(&refusing, "granted").expect(201);
    assert!(scene.takes(&refusing));
    assert_eq!(states(&refusing), ["4 granted", "4 refused", "3 expired"]);
}

fn sr_z09_everybody_is_asked_once_and_told_nothing_but_that(house: &House) {
    let scene = Scene::new(house);
    let (resident, other) = (scene.resident("tr"), scene.resident("de"));
    resident.wants_mail("kanarie@example.org");
    let count = |query: &str| Intruder::at(&scene.server).number(query);
    let asked = || count("SELECT count(*) FROM consent_events WHERE kind = 'asked'");
    let through = || count("SELECT count(*) FROM consent_publications WHERE all_asked_at IS NOT NULL");
    scene.reword(4, Some(&scene.day(30)));
    eventually("everybody is asked", || through() == 1);
    assert_eq!((asked(), count("SELECT count(*) FROM outbox")), (2, 1), "one wants mail");
    assert_eq!(count("SELECT count(*) FROM outbox WHERE kind = 'something-new'"), 1);
    assert!(standings(&resident).contains(&"asked".to_owned()));
    // The yes takes the place of the question: one decision, which was asked and given.
    let given = answer(&resident, "granted").expect(201).text("/id");
    let all = resident.get("/v1/decisions").expect(200).items();
    let one = all.iter().find(|decision| decision["id"] == given.as_str()).unwrap();
    let kinds: Vec<_> = one["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["asked", "granted"]);
    // The next one asks both anew; who has not answered yet has one question, not two.
    scene.reword(5, Some(&scene.day(40)));
    eventually("everybody is asked again", || through() == 2);
    assert_eq!(asked(), 4);
    assert_eq!(count("SELECT count(*) FROM consent_questions WHERE state = 'asked'"), 2);
    assert_eq!((questions(&resident).len(), questions(&other).len()), (1, 1));
    answer(&other, "refused").expect(201);
    scene.server.stop();
    scene.server.restart();
    assert_eq!(asked(), 4, "nobody is asked twice");
    // Erasing leaves nothing of it.
    resident.sign_in_again();
    resident.call("DELETE", "/v1/me").send().expect(204);
    assert_eq!(count("SELECT count(*) FROM consent_questions"), 1);
}

fn sr_z09_publishers_see_how_many_agreed_and_never_who(house: &House) {
    let scene = Scene::new(house);
    let all: Vec<Resident> = ["de", "de", "tr", "pl"].map(|language| scene.resident(language)).into();
    let consent = all[0].get("/v1/consents").expect(200).text("/items/0/id");
    all[0].call("POST", &format!("/v1/consents/{consent}/withdraw")).send().expect(204);
    let page = |query: &str| scene.operator.get(&format!("/v1/consent-texts/base/agreements?{query}")).expect(200);
    let counts = page("version=3").json()["counts"].clone();
    let count = |state: &str, lang: &str, count: u32| json!({"state": state, "lang": lang, "count": count});
    let expected =
        [count("granted", "de", 1), count("granted", "pl", 1), count("granted", "tr", 1), count("withdrawn", "de", 1)];
    assert_eq!(counts, json!(expected));
    let (mut seen, mut query) = (Vec::new(), "version=3&limit=3".to_owned());
    loop {
        let reply = page(&query);
        seen.extend(reply.items());
        let Some(next) = reply.json()["next_cursor"].as_str().map(str::to_owned) else { break };
        query = format!("version=3&limit=3&cursor={next}");
    }
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[3], json!({"id": consent, "state": "withdrawn", "lang": "de", "day": scene.day(0)}));
    let said = serde_json::to_string(&(counts, &seen)).unwrap();
    assert!(all.iter().all(|resident| !said.contains(&resident.id)), "no resident is named");
    scene.reword(4, Some(&scene.day(8)));
    eventually("everybody is asked", || page("version=4").items().len() == 3);
    answer(&all[1], "refused").expect(201);
    answer(&all[2], "granted").expect(201);
    let states = |version: u32| -> Vec<String> {
        let counts = page(&format!("version={version}")).json()["counts"].clone();
        let told = |count: &Value| {
            format!("{} {} {}", count["state"].as_str().unwrap(), count["lang"].as_str().unwrap(), count["count"])
        };
        counts.as_array().unwrap().iter().map(told).collect()
    };
    // Polish has no text of its own, so the German one was shown.
    assert_eq!(states(4), ["granted de 1", "asked de 1", "refused de 1"]);
    scene.server.move_clock(9 * DAY);
    assert_eq!(states(3), ["expired de 1", "expired pl 1", "expired tr 1", "withdrawn de 1"]);
    scene.operator.get("/v1/consent-texts/base/agreements?version=9").problem(404, "not-found");
    scene.operator.get("/v1/consent-texts/nothing/agreements").problem(404, "not-found");
}

fn sr_z09_whoever_takes_back_is_not_asked_again(house: &House) {
    let scene = Scene::new(house);
    let resident = scene.resident("de");
    scene.reword(4, Some(&scene.day(8)));
    eventually("the question is put", || standings(&resident).contains(&"asked".to_owned()));
    let consent = resident.get("/v1/consents").expect(200).text("/items/0/id");
    resident.call("POST", &format!("/v1/consents/{consent}/withdraw")).send().expect(204);
    assert!(!scene.takes(&resident) && questions(&resident).is_empty());
    assert_eq!(states(&resident), ["4 refused", "3 withdrawn"]);
    scene.server.move_clock(9 * DAY);
    scene.reword(5, Some(&scene.day(8)));
    assert!(questions(&resident).is_empty());
    assert_eq!(states(&resident), ["4 refused", "3 withdrawn"]);
}

/// What a notebook says about one resident: which yes there is, until when it counts, and whether something is asked.
struct Notebook {
    version: u32,
    yes: Vec<(u32, Option<i64>, bool)>,
    asked: bool,
}

/// The same random walk through the front door and in a notebook; the rules alone are walked 2,000 times in the domain.
fn sr_z09_a_random_life_with_texts_is_that_of_a_notebook(house: &House) {
    let scene = Scene::new(house);
    for life in 0_u64..3 {
        let resident = scene.resident("de");
        let mut book = Notebook { version: newest(&scene), yes: Vec::new(), asked: false };
        book.yes.push((book.version, None, false));
        let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(life + 7);
        let mut now = 0;
        for step in 0..14 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let choice = (random >> 33) % 8;
            match choice {
                0 | 1 => {
                    let last_day = scene.day(8);
                    let again = choice == 0;
                    let text = scene.reword(book.version + 1, again.then_some(last_day.as_str()));
                    book.version += 1;
                    if let Some(until) = text["old_counts_until"].as_str() {
                        let until = until.parse::<jiff::Timestamp>().unwrap().as_second();
                        for yes in book.yes.iter_mut().filter(|yes| !yes.2) {
                            yes.1 = Some(yes.1.map_or(until, |before| before.min(until)));
                            book.asked = true;
                        }
                    }
                }
                2 | 3 => {
                    answer(&resident, "granted").expect(201);
                    book.yes.push((book.version, None, false));
                    book.asked = false;
                }
                4 => {
                    let agreed = book.yes.iter().any(|yes| yes.0 == book.version && !yes.2);
                    answer(&resident, "refused").expect(if agreed { 409 } else { 201 });
                    book.asked = false;
                }
                5 => {
                    let all = resident.get("/v1/consents").expect(200).items();
                    let mine = all.iter().find(|one| one["state"] != "refused").unwrap()["id"].as_str().unwrap();
                    resident.call("POST", &format!("/v1/consents/{mine}/withdraw")).send().expect(204);
                    book.yes.iter_mut().for_each(|yes| yes.2 = true);
                    book.asked = false;
                }
                _ => {
                    now += 5 * DAY;
                    scene.server.move_clock(i64::try_from(life).unwrap() * 100 * DAY + now);
                }
            }
            let clock = scene.server.clock();
            let counts = book.yes.iter().any(|yes| !yes.2 && yes.1.is_none_or(|until| clock < until));
            assert_eq!(scene.takes(&resident), counts, "life {life}, step {step}, choice {choice}");
            assert_eq!(questions(&resident).len() == 1, book.asked, "life {life}, step {step}, choice {choice}");
        }
    }
}

fn newest(scene: &Scene) -> u32 {
    let text = scene.server.get("/v1/consent-texts/base").expect(200).json();
    u32::try_from(text["version"].as_u64().unwrap()).unwrap()
}

fn nobody_activates_with_another_consent(house: &House) {
    let practice = house.practice();
    let slip = practice.staff.invite(&Patient::new());
    let device = crate::people::device_secret();
    let body = crate::people::activation(house.server(), &slip.code, &slip.patient.birth_date, &device, "de");
    let shown = house.server().get("/v1/consent-texts/treatment").expect(200).json();
    let mut other = body.clone();
    other["consent"] = json!({"purpose": "treatment", "version": 1, "lang": "de", "sha256": shown["sha256"]});
    house.server().post("/v1/activations", &other).problem(422, "consent-text-unknown");
    let mut no = body.clone();
    no["consent"]["decision"] = json!("refused");
    house.server().post("/v1/activations", &no).problem(422, "invalid");
    let mut signed = body.clone();
    signed["consent"]["evidence"] = json!({"signature": "x.y.z"});
    house.server().post("/v1/activations", &signed).problem(422, "invalid");
    let mut told = body;
    told["consent"]["evidence"] = json!({"place": "practice", "how": "vorgelesen"});
    house.server().post("/v1/activations", &told).expect(201);
}

fn a_phone_signs_what_its_resident_decides(house: &House) {
    let scene = proofs::Scene::new(house);
    let kiosk = worker::organisation(&scene.server, "kiosk");
    let (phone, tokens) = scene.phone();
    let (thief, _) = scene.phone();
    let token = text(&tokens, "access_token");
    let shown = consent(&scene.server, "de");
    let sign = |by: &crate::phone::Phone, version: u64, hash: &Value, decision: &str| {
        let claims = json!({"purpose": "base", "version": version, "sha256": hash, "decision": decision, "iat": scene.server.clock()});
        let header = format!(r#"{{"typ":"nahraum-consent+jwt","alg":"ES256","jwk":{}}}"#, by.key.jwk());
        by.key.jws(&header, &claims.to_string())
    };
    let give = |evidence: Value| {
        let mut body = shown.clone();
        body["evidence"] = evidence;
        phone.call("POST", "/v1/consents", &token).json(&body).send()
    };
    let version = shown["version"].as_u64().unwrap();
    let right = sign(&phone, version, &shown["sha256"], "granted");
    for wrong in [
        sign(&thief, version, &shown["sha256"], "granted"),
        sign(&phone, version + 1, &shown["sha256"], "granted"),
        sign(&phone, version, &json!("00"), "granted"),
        sign(&phone, version, &shown["sha256"], "refused"),
        format!("{right}A"),
    ] {
        let errors = give(json!({"signature": wrong})).problem(422, "invalid").json()["errors"].clone();
        assert_eq!(errors[0]["pointer"], "/evidence/signature");
    }
    for (field, wrong) in [
        ("place", json!("moon")),
        ("explained_by", json!(crate::people::nobody())),
        ("how", json!(" ")),
        ("explained_in", json!("t")),
    ] {
        let errors = give(json!({field: wrong})).problem(422, "invalid").json()["errors"].clone();
        assert_eq!(errors[0]["pointer"], format!("/evidence/{field}"));
    }
    let evidence = json!({"place": "kiosk", "explained_by": kiosk, "explained_role": "Lotsin Zeisigfink", "explained_in": "uk",
        "how": "vorgelesen", "signature": right});
    let id = give(evidence.clone()).expect(201).text("/id");
    let decisions = phone.call("GET", "/v1/decisions", &token).send().expect(200).items();
    let mine = decisions.iter().find(|decision| decision["id"] == id.as_str()).unwrap();
    assert_eq!(mine["events"][0]["evidence"], evidence);
    let kept = scene.server.everything_stored();
    assert!(!kept.iter().any(|(_, bytes)| bytes.windows(10).any(|part| part == b"Zeisigfink")), "sealed");
    assert!(!scene.server.ask(Main, "kind", "FROM consent_events WHERE detail_sealed IS NOT NULL").is_empty());
}

/// With the public key of `GET /v1/server` and nothing of ours: raw Ed25519 over the compact form.
fn a_receipt_is_verified_without_the_server(house: &House) {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    let practice = house.own_practice();
    let resident = practice.resident();
    let organisation = practice.id.clone();
    let key = house.server().get("/v1/server").expect(200).text("/log_key");
    let key: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap()).collect();
    let receipt = |id: &str| -> Value {
        let answer = resident.get(&format!("/v1/decisions/{id}/receipt")).expect(200);
        let jws = answer.text("/receipt");
        let (signed, signature) = jws.rsplit_once('.').unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        let public = UnparsedPublicKey::new(&ED25519, &key);
        public.verify(signed.as_bytes(), &signature).expect("the installation's signature");
        assert!(public.verify(signed.replace('e', "f").as_bytes(), &signature).is_err());
        let (header, claims) = signed.split_once('.').unwrap();
        let read =
            |part: &str| -> Value { serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        let header = read(header);
        assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("nahraum-receipt+jwt")));
        assert_eq!(header["kid"], answer.text("/key"));
        read(claims)
    };
    let mut body = consent(house.server(), "de");
    body["evidence"] = json!({"place": "practice", "explained_by": organisation, "how": "vorgelesen"});
    let text = resident.post("/v1/consents", &body).expect(201).text("/id");
    let claims = receipt(&text);
    assert_eq!((claims["sub"].as_str(), claims["jti"].as_str()), (Some(resident.id.as_str()), Some(text.as_str())));
    assert_eq!((&claims["purpose"], &claims["state"]), (&json!("base"), &json!("granted")));
    assert_eq!(claims["text"]["sha256"], body["sha256"]);
    assert_eq!(claims["steps"][0]["actor_id"], claims["sub"]);
    let lines = format!("practice\n{organisation}\n\n\nvorgelesen\n");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, lines.as_bytes());
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(claims["steps"][0]["evidence_sha256"], hex, "as documented");
    resident.sign_in_again();
    let share = json!({"organisation": organisation, "called": CANARY, "days": 7, "data": {"kinds": ["letter"]}});
    let share = resident.post("/v1/shares", &share).expect(201).json();
    let id = share["id"].as_str().unwrap();
    let claims = receipt(id);
    assert_eq!(claims["recipient"], json!({"kind": "organisation", "id": organisation}));
    assert_eq!((&claims["effect"], &claims["until"]), (&json!("permit"), &share["until"]));
    assert_eq!(claims["data"], json!({"kinds": ["letter"], "sensitive": false}));
    assert!(!claims.to_string().contains(CANARY), "ids, no names");
    resident.call("DELETE", &format!("/v1/shares/{id}")).send().expect(204);
    let claims = receipt(id);
    assert_eq!((&claims["state"], &claims["steps"][1]["kind"]), (&json!("withdrawn"), &json!("withdrawn")));
    practice.resident().get(&format!("/v1/decisions/{id}/receipt")).problem(404, "not-found");
}

fn the_text_that_was_shown_is_kept_with_a_permission(house: &House) {
    let practice = house.own_practice();
    let resident = practice.resident();
    let shown = |purpose: &str| {
        let text = house.server().get(&format!("/v1/consent-texts/{purpose}?lang=tr")).expect(200).json();
        json!({"version": text["version"], "lang": "tr", "sha256": text["sha256"]})
    };
    let organisation = &practice.id;
    let of = |rule: &str| {
        let all = resident.get("/v1/decisions").expect(200).items();
        all.iter().find(|decision| decision["id"] == rule).unwrap()["events"][0]["text"].clone()
    };
    let share = |text: Value| {
        resident.post("/v1/shares", &json!({"organisation": organisation, "called": CANARY, "text": text}))
    };
    share(shown("link")).problem(422, "consent-text-unknown");
    let id = share(shown("treatment")).expect(201).text("/id");
    assert_eq!(of(&id), shown("treatment"));
    let fhir = resident.get(&format!("/v1/decisions/{id}/fhir")).expect(200).json();
    let address = fhir["policy"][0]["uri"].as_str().unwrap();
    assert!(address.ends_with("/v1/consent-texts/treatment?lang=tr&version=1"), "{address}");
    let conversation = json!({"called": CANARY, "text": shown("explanation")});
    let conversation = resident.post("/v1/explanations", &conversation).expect(201).text("/explanation/share_id");
    assert_eq!(of(&conversation), shown("explanation"));
    let link = resident.post("/v1/links", &json!({"text": shown("link")})).expect(201).text("/link/rule_id");
    assert_eq!(of(&link), shown("link"));
    // Somebody to act for the resident.
    let other = practice.resident();
    let way = resident.call("POST", "/v1/representative-codes").send().expect(201).json();
    let claim = json!({"code": way["code"], "called": CANARY});
    let number = other.post("/v1/representative-claims", &claim).expect(201).text("/number");
    let order = json!({"number": number, "called": CANARY, "days": 7, "text": shown("representation")});
    let path = format!("/v1/representative-codes/{}/confirmation", way["encounter"]["id"].as_str().unwrap());
    let rule = resident.post(&path, &order).expect(201).text("/id");
    assert_eq!(of(&rule), shown("representation"));
}
