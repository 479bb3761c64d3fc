//! People who publish offers, and what they write.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{house::number, http::Reply, people::Staff, server::Server};

/// Two people of a new organisation of this kind.
pub(crate) fn publishers(server: &Arc<Server>, kind: &str) -> [Staff; 2] {
    let name = format!("Kanarienhaus {}", number());
    let said = server.cli(&["organisation", "add", "--kind", kind, "--name", &name]);
    [1, 2].map(|_| Staff::add(server, said.trim(), &format!("offen.{}@kiez", number())))
}

/// Facts of a group that meets over the internet.
pub(crate) fn facts() -> Value {
    json!({
        "kind": "group", "sensitivity": "normal", "cost": "free", "registration": "none", "online": true,
        "topics": ["movement", "heart"], "spoken": ["de", "tr"], "age_min": 18,
    })
}

/// A text with this title.
pub(crate) fn words(title: &str) -> Value {
    json!({
        "title": title, "summary": "Wir gehen zusammen 60 Minuten.",
        "body": "Bitte **feste Schuhe** mitbringen.", "how_to_come": "Bus 10 bis Park.",
    })
}

/// A new draft.
pub(crate) fn draft(by: &Staff, facts: &Value, title: &str) -> Value {
    let body = json!({"facts": facts, "lang": "de", "text": words(title)});
    by.post("/v1/publisher/offers", &body).expect(201).json()
}

/// Takes an offer a step further.
pub(crate) fn step(by: &Staff, offer: &Value, step: &str) -> Reply {
    by.post(&format!("/v1/publisher/offers/{}/steps", id(offer)), &json!({"step": step}))
}

/// Its id.
pub(crate) fn id(offer: &Value) -> &str {
    offer["id"].as_str().expect("an id")
}

/// A new public offer: one submits it and, where that is needed, the other agrees.
pub(crate) fn published(people: &[Staff; 2], facts: &Value, title: &str) -> Value {
    let offer = draft(&people[0], facts, title);
    let submitted = step(&people[0], &offer, "submit").expect(200).json();
    if submitted["status"] == "in-review" { step(&people[1], &offer, "approve").expect(200).json() } else { submitted }
}

/// Writes a text in another language; gives the offer as it is then.
pub(crate) fn text(by: &Staff, offer: &Value, lang: &str, change: &Value) -> Reply {
    let mut body = json!({"revision": offer["revision"], "text": words("Yürüyüş"), "origin": "human"});
    for (key, value) in change.as_object().expect("an object") {
        body[key] = value.clone();
    }
    by.call("PUT", &format!("/v1/publisher/offers/{}/texts/{lang}", id(offer))).json(&body).send()
}

/// Lets an offer take place on these days, on the clock of Berlin, for an hour each.
pub(crate) fn on_days(by: &Staff, offer: &Value, first: &str, extra: &[&str]) {
    let schedule = json!({
        "time_zone": "Europe/Berlin", "starts_local": first, "minutes": 60, "extra": extra,
    });
    let path = format!("/v1/publisher/offers/{}/schedules", id(offer));
    by.call("PUT", &path).json(&json!({"schedules": [schedule]})).send().expect(200);
}
