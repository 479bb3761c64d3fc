//! Images of offers: nothing in them but the picture, shown to nobody before somebody has said what they show, and told to everybody who follows.

use serde_json::{Value, json};

use crate::{
    district::{draft, facts, id, published, publishers, step, text},
    house::House,
    http::Reply,
    people::Staff,
    server::Server,
};

promises![
    an_image_is_shown_with_what_it_shows,
    where_and_with_what_a_photo_was_taken_stays_with_the_photographer,
    an_image_is_seen_before_it_is_public_by_those_who_agree_to_it,
    what_is_no_image_or_too_large_is_said_and_changes_nothing,
    the_feed_tells_of_a_new_image_and_its_address_is_another,
];

pub(crate) const JPEG: &[u8] = include_bytes!("../../fixtures/formats/image/small.jpg");
const PNG: &[u8] = include_bytes!("../../fixtures/formats/image/small.png");
const CUT: &[u8] = include_bytes!("../../fixtures/formats/image/truncated.jpg");

/// Gives an offer an image.
pub(crate) fn give(by: &Staff, offer: &Value, image: &[u8]) -> Reply {
    let kind = if image.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
    let path = format!("/v1/publisher/offers/{}/image?revision={}", id(offer), offer["revision"]);
    by.call("PUT", &path).bytes(kind, image.to_vec()).send()
}

/// What everybody reads of an offer in a language.
fn read(server: &Server, offer: &Value, lang: &str) -> Value {
    server.get(&format!("/v1/offers/{}?lang={lang}", id(offer))).expect(200).json()
}

/// The address of the image that everybody sees.
fn address(server: &Server, offer: &Value) -> String {
    read(server, offer, "de")["image"]["url"].as_str().expect("an address").to_owned()
}

fn saying(by: &Staff, offer: &Value, lang: &str, alt: &str) -> Value {
    text(by, offer, lang, &json!({"image_alt": alt, "matters": false})).expect(200).json()
}

fn an_image_is_shown_with_what_it_shows(house: &House) {
    let server = house.server();
    let people = publishers(server, "kiosk");
    let offer = published(&people, &facts(), "Kanarie");
    let offer = give(&people[0], &offer, JPEG).expect(200).json();
    assert_eq!(offer["image"]["shown"], json!(false));
    assert_eq!(read(server, &offer, "de")["image"], Value::Null, "nobody has said what it shows");
    server.get(&format!("/v1/offers/{}/image", id(&offer))).problem(404, "not-found");
    let offer = saying(&people[0], &offer, "tr", "Beş kişi yürüyor.");
    assert_eq!(read(server, &offer, "tr")["image"], Value::Null, "not in its own language");
    let offer = saying(&people[0], &offer, "de", "Fünf Menschen gehen.");
    assert_eq!((&offer["image"]["shown"], &offer["text_rev"]), (&json!(true), &json!(1)), "no translation is behind");
    for (lang, alt, alt_lang) in [("tr", "Beş kişi yürüyor.", "tr"), ("ar", "Fünf Menschen gehen.", "de")] {
        let image = &read(server, &offer, lang)["image"];
        assert_eq!((&image["alt"], &image["alt_lang"]), (&json!(alt), &json!(alt_lang)));
        assert_eq!(
            (&image["width"], &image["height"], &image["media_type"]),
            (&json!(16), &json!(8), &json!("image/jpeg"))
        );
    }
    let all = read(server, &offer, "*");
    let said: Vec<&Value> = all["texts"].as_array().unwrap().iter().map(|text| &text["image_alt"]).collect();
    assert_eq!(said, [&json!("Fünf Menschen gehen."), &json!("Beş kişi yürüyor.")]);
    // A text that is written without a word on the image keeps what was said of it.
    let offer = text(&people[0], &offer, "de", &json!({})).expect(200).json();
    let reply = server.get(&address(server, &offer)).expect(200);
    assert_eq!(reply.header("content-type"), Some("image/jpeg"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let tag = reply.header("etag").unwrap().to_owned();
    let plain = format!("/v1/offers/{}/image", id(&offer));
    let again = server.call("GET", &plain).header("if-none-match", &tag).send().expect(304);
    assert_eq!(again.header("cache-control"), Some("public, max-age=300"));
    let path = format!("/v1/publisher/offers/{}/image?revision={}", id(&offer), offer["revision"]);
    let offer = people[0].call("DELETE", &path).send().expect(200).json();
    assert_eq!((&offer["image"], &read(server, &offer, "de")["image"]), (&Value::Null, &Value::Null));
    server.get(&plain).problem(404, "not-found");
}

fn where_and_with_what_a_photo_was_taken_stays_with_the_photographer(house: &House) {
    let server = house.server();
    let people = publishers(server, "kiosk");
    let offer = published(&people, &facts(), "Kanarie");
    let said = b"Kanarienweg 7, 53.5N 10.1E";
    let comment = [&[0xFF, 0xFE, 0, u8::try_from(said.len() + 2).unwrap()][..], said].concat();
    // With a depth map behind the photo, as phones append it.
    let photo = [&JPEG[..2], &comment, &JPEG[2..], JPEG].concat();
    let offer = give(&people[0], &offer, &photo).expect(200).json();
    let offer = saying(&people[0], &offer, "de", "Fünf Menschen gehen.");
    let shown = server.get(&address(server, &offer)).expect(200).body;
    assert!(shown.len() <= JPEG.len() && shown.starts_with(b"\xFF\xD8"));
    assert!(!shown.windows(said.len()).any(|part| part == said));
}

fn an_image_is_seen_before_it_is_public_by_those_who_agree_to_it(house: &House) {
    let server = house.server();
    let people = publishers(server, "kiosk");
    let offer = draft(&people[0], &facts(), "Kanarie");
    let offer = give(&people[0], &offer, PNG).expect(200).json();
    let offer = saying(&people[0], &offer, "de", "Fünf Menschen gehen.");
    step(&people[0], &offer, "submit").expect(200);
    let url = offer["image"]["url"].as_str().unwrap();
    for by in &people {
        assert_eq!(by.get(url).expect(200).header("content-type"), Some("image/png"));
        let preview = by.get(&format!("/v1/publisher/offers/{}/preview", id(&offer))).expect(200).json();
        assert_eq!(preview["image"]["url"], json!(url), "not where it is not yet");
    }
    server.get(&format!("/v1/offers/{}/image", id(&offer))).problem(404, "not-found");
    let others = publishers(server, "kiosk");
    others[0].get(url).problem(404, "not-found");
    give(&others[0], &offer, PNG).problem(404, "not-found");
}

fn what_is_no_image_or_too_large_is_said_and_changes_nothing(house: &House) {
    let server = house.server();
    let people = publishers(server, "kiosk");
    let offer = published(&people, &facts(), "Kanarie");
    let path = format!("/v1/publisher/offers/{}/image?revision={}", id(&offer), offer["revision"]);
    let send = |kind: &str, bytes: &[u8]| people[0].call("PUT", &path).bytes(kind, bytes.to_vec()).send();
    send("image/jpeg", CUT).problem(422, "image-truncated");
    send("image/jpeg", b"%PDF-1.7 Kanarie").problem(415, "file-type-unknown");
    send("image/png", &[PNG, b"PK\x03\x04"].concat()).problem(422, "file-type-polyglot");
    send("image/svg+xml", b"<svg/>").problem(415, "unsupported-media-type");
    send("image/jpeg", &vec![0; 2 * 1024 * 1024 + 1]).problem(413, "too-large");
    let mut wide = PNG.to_vec();
    wide[16..20].copy_from_slice(&5_000_u32.to_be_bytes());
    send("image/png", &wide).problem(422, "invalid");
    let long = json!({"image_alt": "ä".repeat(251)});
    text(&people[0], &offer, "de", &long).problem(422, "invalid");
    let now = people[0].get(&format!("/v1/publisher/offers/{}", id(&offer))).expect(200).json();
    assert_eq!((&now["revision"], &now["image"]), (&offer["revision"], &Value::Null));
    give(&people[0], &offer, JPEG).expect(200);
    give(&people[1], &offer, PNG).problem(409, "state-conflict");
}

fn the_feed_tells_of_a_new_image_and_its_address_is_another(house: &House) {
    let server = house.server();
    let people = publishers(server, "kiosk");
    let offer = published(&people, &facts(), "Kanarie");
    let offer = give(&people[0], &offer, JPEG).expect(200).json();
    let offer = saying(&people[0], &offer, "de", "Fünf Menschen gehen.");
    let before = address(server, &offer);
    let next = server.get("/v1/offer-snapshot").expect(200).json()["next"].as_u64().unwrap();
    give(&people[0], &offer, PNG).expect(200);
    let feed = server.get(&format!("/v1/offer-feed?after={next}&limit=200")).expect(200).items();
    let told = feed.iter().find(|item| item["id"] == offer["id"]).expect("the feed tells of it");
    let after = told["data"]["image"]["url"].as_str().unwrap();
    assert_ne!(before, after);
    assert_eq!(server.get(after).expect(200).header("content-type"), Some("image/png"));
    // Who still has the old address gets the new image, and not for good.
    assert_eq!(server.get(&before).expect(200).header("cache-control"), Some("public, max-age=300"));
}
