//! What laboratory values are, for everybody, and honest about its language and about who wrote it.

use serde_json::{Value, json};

use crate::{house::House, server::Server};

promises![
    everybody_reads_what_a_value_is_in_their_language,
    any_code_that_is_the_same_for_a_layperson_leads_to_the_text,
    who_has_the_glossary_is_told_that_nothing_has_changed,
];

fn entry(server: &Server, code: &str, language: &str) -> Value {
    let call = server.call("GET", &format!("/v1/glossary/{code}")).header("accept-language", language);
    call.send().expect(200).json()
}

fn everybody_reads_what_a_value_is_in_their_language(house: &House) {
    let server = house.server();
    let (german, arabic) = (entry(server, "2160-0", "de"), entry(server, "2160-0", "ar"));
    assert_eq!((&german["lang"], &german["dir"], &german["fallback"]), (&json!("de"), &json!("ltr"), &json!(false)));
    assert_eq!((&arabic["lang"], &arabic["dir"]), (&json!("ar"), &json!("rtl")));
    assert!(german["name"].as_str().unwrap().contains("Kreatinin") && german["text"] != arabic["text"]);
    for entry in [german, arabic] {
        let honest = (entry["origin"].clone(), entry["review"].clone(), entry["notices"].as_array().unwrap().len());
        assert_eq!(honest, (json!("machine-assisted"), json!("unreviewed"), 1));
        assert!(!entry["closing"].as_str().unwrap().is_empty());
    }
    let all = server.call("GET", "/v1/glossary").header("accept-language", "tr").send().expect(200).json();
    assert!(all["items"].as_array().unwrap().len() >= 60);
    let groups: Vec<&Value> = all["groups"].as_array().unwrap().iter().map(|group| &group["word"]).collect();
    assert!(all["items"].as_array().unwrap().iter().all(|entry| groups.contains(&&entry["group"])));
}

fn any_code_that_is_the_same_for_a_layperson_leads_to_the_text(house: &House) {
    let server = house.server();
    let (one, other) = (entry(server, "33914-3", "de"), entry(server, "62238-1", "de"));
    assert_eq!(one, other);
    for unknown in ["9999-9", "Kalium", "2823-3%20", "..%2F"] {
        server.get(&format!("/v1/glossary/{unknown}")).problem(404, "not-found");
    }
}

fn who_has_the_glossary_is_told_that_nothing_has_changed(house: &House) {
    let server = house.server();
    for path in ["/v1/glossary", "/v1/glossary/2160-0"] {
        let first = server.get(path).expect(200);
        let tag = first.header("etag").expect("an ETag").to_owned();
        assert_eq!(first.header("cache-control"), Some("public, max-age=300"));
        let again = |language: &str| {
            server.call("GET", path).header("if-none-match", &tag).header("accept-language", language).send()
        };
        assert_eq!(again("").expect(304).body.len(), 0);
        again("tr").expect(200);
    }
}
