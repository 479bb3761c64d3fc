//! Freshness: what nobody confirms does not stay, and who could confirm it is asked, once for each reminder.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::mail::{Post, header, shown};
use crate::{
    district::{draft, facts, id, published, publishers, step, text},
    house::House,
    http::Reply,
    people::{Staff, nobody},
    server::{Server, Setup},
    sql::Intruder,
};

promises![
    sr_a14_an_organisation_is_written_to_once_for_each_reminder_about_everything_that_is_due,
    looking_at_the_page_changes_nothing_and_one_post_confirms,
    what_nobody_confirms_sinks_says_so_and_is_archived,
    many_offers_are_confirmed_at_once_and_who_was_slower_is_told_which,
    without_an_address_what_is_due_stands_in_the_list,
    a_contact_is_an_address_and_a_language,
];

const DAY: i64 = 24 * 60 * 60;

/// A server whose clock stands so many days ahead; everybody has to sign in again.
fn days(server: &Server, people: &[&Staff], days: i64) {
    server.move_clock(days * DAY);
    for person in people {
        person.sign_in_again();
    }
}

fn contact(person: &Staff, mail: &str, lang: &str) {
    person.call("PUT", "/v1/publisher/contact").json(&json!({"mail": mail, "lang": lang})).send().expect(200);
}

/// Long enough for a round of the job and two of the outbox.
fn wait_in_vain(post: &Post) -> usize {
    thread::sleep(Duration::from_millis(7_500));
    post.mails().len()
}

/// The mails to this address, as a person's program shows them, oldest first.
fn mails_to(post: &Post, address: &str) -> Vec<String> {
    post.mails().iter().filter(|mail| header(mail, "To") == address).map(|mail| shown(mail)).collect()
}

/// The path of the page that a mail leads to.
fn path(mail: &str) -> String {
    let (_, rest) = mail.split_once("/offer-checks/").unwrap_or_else(|| panic!("no address in {mail}"));
    format!("/offer-checks/{}", rest.split_whitespace().next().expect("a token"))
}

fn own(person: &Staff, offer: &Value) -> Value {
    person.get(&format!("/v1/publisher/offers/{}", id(offer))).expect(200).json()
}

fn page(reply: &Reply) -> String {
    assert!(reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
    let policy = reply.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    String::from_utf8(reply.body.clone()).expect("UTF-8")
}

fn delicate() -> Value {
    let mut facts = facts();
    facts["sensitivity"] = json!("sensitive");
    facts
}

fn sr_a14_an_organisation_is_written_to_once_for_each_reminder_about_everything_that_is_due(house: &House) {
    let post = Post::begin(house);
    let server = &post.server;
    let (ours, theirs) = (publishers(server, "kiosk"), publishers(server, "social-institution"));
    contact(&ours[0], "unsere@example.org", "de");
    contact(&theirs[0], "andere@example.org", "tr");
    published(&ours, &facts(), "Gehgruppe im Park");
    published(&ours, &delicate(), "Sprechstunde Sucht");
    let mut always = facts();
    always["kind"] = json!("walk-in");
    published(&ours, &always, "Blutdruck messen");
    published(&theirs, &facts(), "Kochen am Herd");
    assert_eq!(wait_in_vain(&post), 0, "nothing is due");
    // Two weeks before, on the day, two weeks after: one mail each time, with everything that is due by then.
    for (round, day) in [76, 90, 104].into_iter().enumerate() {
        days(server, &[], day);
        post.wait_for(2 * (round + 1));
        assert_eq!(wait_in_vain(&post), 2 * (round + 1), "day {day}: one for each organisation");
        server.stop();
        server.restart();
        assert_eq!(wait_in_vain(&post), 2 * (round + 1), "day {day}: and none twice after a restart");
    }
    let (to_us, to_them) = (mails_to(&post, "unsere@example.org"), mails_to(&post, "andere@example.org"));
    assert_eq!((to_us.len(), to_them.len()), (3, 3));
    for mail in &to_us {
        assert!(mail.contains("- Gehgruppe im Park (bis") && mail.contains("- Termin (bis"), "{mail}");
        assert!(mail.contains("Guten Tag") && mail.contains("Content-Language: de"), "{mail}");
        for not in ["Sucht", "Blutdruck", "Kochen"] {
            assert!(!mail.contains(not), "{not} in {mail}");
        }
        assert_eq!(mail.matches("http").count(), 1, "one address: {mail}");
    }
    for mail in &to_them {
        assert!(mail.contains("- Kochen am Herd") && mail.contains("Merhaba") && !mail.contains("Gehgruppe"), "{mail}");
    }
    // Sent is forgotten but for its hash, and no log has what opens a page, or where a mail went.
    let sealed = "SELECT COUNT(*) FROM freshness_mails WHERE token_sealed IS NOT NULL";
    assert_eq!(Intruder::at(server).number(sealed), 0);
    let log = server.log();
    assert!(!log.contains("nrf_") && !log.contains("unsere@example.org") && !log.contains("Gehgruppe"));
}

fn looking_at_the_page_changes_nothing_and_one_post_confirms(house: &House) {
    let post = Post::begin(house);
    let server = &post.server;
    let people = publishers(server, "kiosk");
    contact(&people[0], "kiosk@example.org", "de");
    let [still, over, changed] = ["Gehgruppe <b>", "Kochen", "Turnen"].map(|title| published(&people, &facts(), title));
    days(server, &[], 90);
    post.wait_for(1);
    people[0].sign_in_again();
    let address = path(&mails_to(&post, "kiosk@example.org")[0]);
    // Scanners look, and people look twice.
    for _ in 0..3 {
        server.call("HEAD", &address).send().expect(200);
        let shown = page(&server.get(&address).expect(200));
        assert!(
            shown.contains("Gehgruppe &lt;b&gt;") && shown.contains("Kochen") && shown.contains("Stimmen"),
            "{shown}"
        );
        assert!(!shown.contains("<script") && shown.matches("type=\"checkbox\"").count() == 3, "{shown}");
    }
    let arabic = page(&server.call("GET", &address).header("accept-language", "ar").send().expect(200));
    assert!(arabic.contains("lang=\"ar\" dir=\"rtl\""), "{arabic}");
    assert_eq!(own(&people[0], &still)["verified_on"], still["verified_on"]);
    // Nothing ticked is told, and uses nothing up. What was changed since it was shown is not confirmed.
    let empty = page(&server.call("POST", &address).form("").send().expect(200));
    assert!(empty.contains("nichts angekreuzt") && empty.contains("type=\"checkbox\""), "{empty}");
    let tick = |offer: &Value| format!("offer={}%3A{}", id(offer), offer["revision"]);
    let form = format!("{}&{}&offer={}%3A1&offer=x", tick(&still), tick(&changed), nobody());
    text(&people[0], &changed, "tr", &json!({})).expect(200);
    let done = page(&server.call("POST", &address).form(&form).send().expect(200));
    assert!(done.contains("Ab heute bestätigt") && done.contains("Inzwischen geändert"), "{done}");
    assert!(done.contains("Turnen") && !done.contains("Kochen"), "{done}");
    let today = own(&people[0], &still)["verified_on"].clone();
    assert_ne!(today, still["verified_on"]);
    for other in [&over, &changed] {
        assert_eq!(own(&people[0], other)["verified_on"], other["verified_on"]);
    }
    // Used up, also for the others; and what was never given out or is over leads nowhere.
    for used in [server.call("POST", &address).form(&tick(&over)).send(), server.get(&address)] {
        assert!(page(&used.expect(200)).contains("schon bestätigt"));
    }
    assert_eq!(own(&people[0], &over)["verified_on"], over["verified_on"]);
    let forged = format!("/offer-checks/nrf_{}", "A".repeat(49));
    for nowhere in [forged.as_str(), "/offer-checks/x"] {
        assert!(
            page(&server.call("POST", nowhere).form(&tick(&over)).send().expect(200)).contains("Hinter dieser Adresse")
        );
    }
    days(server, &[&people[0]], 104);
    post.wait_for(2);
    let newest = path(&mails_to(&post, "kiosk@example.org")[1]);
    assert!(!mails_to(&post, "kiosk@example.org")[1].contains("Gehgruppe"), "what was confirmed is not asked again");
    days(server, &[&people[0]], 104 + 75);
    let late = page(&server.call("POST", &newest).form(&tick(&over)).send().expect(200));
    assert!(late.contains("Hinter dieser Adresse"), "{late}");
}

fn feed(server: &Server, offer: &Value) -> Value {
    let items = server.get("/v1/offer-feed?after=0&limit=200").expect(200).items();
    items.into_iter().find(|item| item["id"] == offer["id"]).expect("a line of the feed")
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..150 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}: not after fifteen seconds");
}

fn what_nobody_confirms_sinks_says_so_and_is_archived(house: &House) {
    let post = Post::begin(house);
    let server = &post.server;
    let people = publishers(server, "kiosk");
    contact(&people[0], "kiosk@example.org", "de");
    let [forgotten, kept] = ["Gehgruppe", "Kochen"].map(|title| published(&people, &facts(), title));
    days(server, &[&people[0]], 103);
    let found = server.get(&format!("/v1/offers/{}", id(&forgotten))).expect(200).json();
    assert_eq!((&found["unconfirmed"], &found["texts"][0]["notices"]), (&json!(false), &json!([])));
    let confirm = json!({"items": [{"id": kept["id"], "revision": kept["revision"]}]});
    people[0].post("/v1/publisher/confirmations", &confirm).expect(200);
    let before = feed(server, &forgotten)["seq"].as_i64();
    days(server, &[&people[0]], 104);
    // It comes last, says since when, and phones that follow the feed hear of it.
    until("sunk", || feed(server, &forgotten)["seq"].as_i64() > before);
    let list = server.get("/v1/offers").expect(200).items();
    assert_eq!(list.last().expect("an offer")["id"], forgotten["id"]);
    for found in [list.last().cloned().unwrap(), feed(server, &forgotten)["data"].clone()] {
        assert_eq!((&found["unconfirmed"], &found["verified_on"]), (&json!(true), &forgotten["verified_on"]));
        assert!(
            found["texts"][0]["notices"][0].as_str().is_some_and(|n| n.contains("Zuletzt bestätigt am")),
            "{found}"
        );
    }
    // A day before the end everybody still sees it.
    days(server, &[], 149);
    thread::sleep(Duration::from_secs(6));
    server.get(&format!("/v1/offers/{}", id(&forgotten))).expect(200);
    days(server, &[&people[0], &people[1]], 150);
    until("archived", || feed(server, &forgotten)["state"] == "deleted");
    server.get(&format!("/v1/offers/{}", id(&forgotten))).problem(404, "not-found");
    let archived = own(&people[0], &forgotten);
    assert_eq!((&archived["status"], &archived["archive_reason"]), (&json!("archived"), &json!("stale")));
    assert_eq!(feed(server, &kept)["state"], "updated", "what was confirmed stays");
    // Its organisation is told once.
    let told =
        || mails_to(&post, "kiosk@example.org").into_iter().filter(|mail| mail.contains("jetzt archiviert")).count();
    until("told", || told() == 1);
    wait_in_vain(&post);
    assert_eq!(told(), 1);
    let mail = mails_to(&post, "kiosk@example.org").pop().expect("a mail");
    assert!(mail.contains("- Gehgruppe") && !mail.contains("Kochen"), "{mail}");
    // It comes back by the ordinary steps, and is checked then.
    step(&people[0], &forgotten, "reopen").expect(200);
    let back = step(&people[0], &forgotten, "submit").expect(200).json();
    assert_eq!((&back["status"], &back["due"]), (&json!("published"), &json!(false)));
    assert_eq!(feed(server, &forgotten)["data"]["unconfirmed"], false);
}

fn many_offers_are_confirmed_at_once_and_who_was_slower_is_told_which(house: &House) {
    let server = house.own_server(Setup { clock: true, ..Setup::default() });
    let (ours, theirs) = (publishers(&server, "kiosk"), publishers(&server, "kiosk"));
    let [one, two, changed] = ["Eins", "Zwei", "Drei"].map(|title| published(&ours, &facts(), title));
    let alien = published(&theirs, &facts(), "Fremd");
    let waiting = draft(&ours[0], &facts(), "Entwurf");
    text(&ours[1], &changed, "tr", &json!({})).expect(200);
    days(&server, &[&ours[0]], 105);
    until("sunk", || server.get("/v1/offers").expect(200).items().iter().all(|offer| offer["unconfirmed"] == true));
    let item = |offer: &Value| json!({"id": offer["id"], "revision": offer["revision"]});
    let all = [&one, &changed, &alien, &waiting, &two].map(item);
    let mut items = all.to_vec();
    items.extend([json!({"id": nobody(), "revision": 1}), json!({"id": "x", "revision": 1})]);
    let done = ours[0].post("/v1/publisher/confirmations", &json!({"items": items})).expect(200).items();
    let outcomes: Vec<&str> = done.iter().map(|item| item["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["confirmed", "changed", "unknown", "not-public", "confirmed", "unknown", "unknown"]);
    assert!(done.iter().zip(&items).all(|(done, item)| done["id"] == item["id"]));
    assert_ne!(done[0]["offer"]["verified_on"], one["verified_on"]);
    assert_eq!(done[0]["offer"]["revision"], one["revision"], "nobody who writes meanwhile is disturbed");
    // What had sunk is in front again, in the list, the snapshot and the feed; what was not confirmed is not.
    let titles: Vec<String> =
        server.get("/v1/offers?limit=2").expect(200).items().iter().map(|o| o["id"].to_string()).collect();
    assert!([&one, &two].iter().all(|offer| titles.contains(&offer["id"].to_string())), "{titles:?}");
    for offer in server.get("/v1/offer-snapshot").expect(200).items() {
        assert_eq!(offer["unconfirmed"] == false, [&one["id"], &two["id"]].contains(&&offer["id"]), "{offer}");
        assert!(offer["verified_on"].is_string());
    }
    assert_eq!(feed(&server, &one)["data"]["unconfirmed"], false);
    for bad in [json!({"items": []}), json!({"items": vec![item(&one); 201]})] {
        ours[0].post("/v1/publisher/confirmations", &bad).problem(422, "invalid");
    }
}

fn without_an_address_what_is_due_stands_in_the_list(house: &House) {
    let post = Post::begin(house);
    let server = &post.server;
    let people = publishers(server, "kiosk");
    let offer = published(&people, &facts(), "Gehgruppe");
    let due = || people[0].get("/v1/publisher/offers?due=true").expect(200).items();
    assert!(due().is_empty() && offer["due"] == false);
    days(server, &[&people[0]], 77);
    assert_eq!(due().len(), 1);
    assert_eq!((&due()[0]["id"], &due()[0]["due"]), (&offer["id"], &json!(true)));
    assert_eq!(wait_in_vain(&post), 0);
    // Whoever gives an address later is told what is due, at once and once.
    contact(&people[0], "spaet@example.org", "en");
    post.wait_for(1);
    assert_eq!(wait_in_vain(&post), 1);
    assert!(mails_to(&post, "spaet@example.org")[0].contains("Gehgruppe"));
}

fn a_contact_is_an_address_and_a_language(house: &House) {
    let server = house.own_server(Setup::default());
    let (ours, theirs) = (publishers(&server, "kiosk"), publishers(&server, "kiosk"));
    let read = |person: &Staff| person.get("/v1/publisher/contact").expect(200).json();
    assert_eq!(read(&ours[0]), json!({}));
    contact(&ours[0], "kiosk@example.org", "tr");
    assert_eq!(read(&ours[1]), json!({"mail": "kiosk@example.org", "lang": "tr"}));
    assert_eq!(read(&theirs[0]), json!({}));
    for bad in [json!({"mail": "kiosk"}), json!({"mail": "a@b.example\nBcc: c@d.example"}), json!({"lang": "xx"})] {
        ours[0].call("PUT", "/v1/publisher/contact").json(&bad).send().problem(422, "invalid");
    }
    ours[0].call("PUT", "/v1/publisher/contact").json(&json!({})).send().expect(200);
    assert_eq!(read(&ours[0]), json!({}));
}
