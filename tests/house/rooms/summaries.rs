//! Findings in brief on paper: the owner's, logged as taken away, and nobody else's.

use serde_json::json;

use crate::{
    house::House,
    paper::{Report, Upload},
    people::{Practice, Resident, nobody},
};

promises![
    findings_are_printed_in_the_residents_language_and_logged_as_taken_away,
    nobody_prints_what_is_somebody_elses_or_not_there,
    what_is_asked_for_is_checked,
    anybody_gets_the_page_that_checks_squares_with_the_key_in_it,
];

fn sent(practice: &Practice, resident: &Resident) -> String {
    let report = Upload::fhir(Report::new(&resident.patient).bytes());
    practice.software.deliver(&report)["id"].as_str().unwrap().to_owned()
}

fn findings_are_printed_in_the_residents_language_and_logged_as_taken_away(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let (first, second) = (sent(&practice, &resident), sent(&practice, &resident));
    let printed = resident.post("/v1/summaries", &json!({"finding_ids": [second, first]})).expect(200);
    assert!(printed.body.starts_with(b"%PDF-1.7"));
    assert_eq!(printed.header("content-type"), Some("application/pdf"));
    for finding in [&first, &second] {
        assert!(resident.logged("export", "done", Some(finding)), "{finding}");
    }
}

fn nobody_prints_what_is_somebody_elses_or_not_there(house: &House) {
    let practice = house.practice();
    let (resident, other) = (practice.resident(), practice.resident());
    let (own, foreign) = (sent(&practice, &resident), sent(&practice, &other));
    for wrong in [foreign, nobody()] {
        resident.post("/v1/summaries", &json!({"finding_ids": [own, wrong]})).problem(404, "not-found");
    }
    practice.staff.post("/v1/summaries", &json!({"finding_ids": [own]})).problem(403, "forbidden");
}

fn what_is_asked_for_is_checked(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let own = sent(&practice, &resident);
    let too_many: Vec<String> = (0..21).map(|_| nobody()).collect();
    for wrong in [json!([]), json!([own, own]), json!(["4711"]), json!(too_many)] {
        resident.post("/v1/summaries", &json!({"finding_ids": wrong})).problem(422, "invalid");
    }
}

fn anybody_gets_the_page_that_checks_squares_with_the_key_in_it(house: &House) {
    let server = house.server();
    let info = server.get("/v1/server").expect(200).json();
    let key = format!("data-key=\"{}\"", info["log_key"].as_str().expect("a key"));
    for (asked, language) in [("tr", "en"), ("de-simple", "de"), ("en-GB", "en")] {
        let page = server.call("GET", "/paper").header("accept-language", asked).send().expect(200);
        assert_eq!(page.header("content-language"), Some(language), "{asked}");
        assert!(String::from_utf8_lossy(&page.body).contains(&key));
        assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    }
    assert_eq!(server.get("/paper.js").expect(200).header("content-type"), Some("text/javascript; charset=utf-8"));
}
