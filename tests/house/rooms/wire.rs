//! HTTP itself: what every answer carries, and what becomes of requests that no good client sends.

use serde_json::{Value, json};

use crate::{
    house::{Engine, House},
    http::Reply,
    paper::Upload,
    people::{CANARY, nobody},
    raw,
    server::Setup,
};

promises![
    a_body_that_trickles_is_not_waited_for,
    sr_k11_every_answer_carries_the_protecting_headers,
    a_request_can_be_found_in_the_log,
    unknown_words_are_refused_by_name,
    broken_json_is_refused_with_its_place,
    what_is_too_long_is_refused,
    two_credentials_are_none,
    nonsense_does_not_hurt,
    every_problem_is_explained,
    problems_speak_two_languages,
    the_server_tells_what_it_is,
    m05_an_app_hears_whether_it_still_does,
    m14_what_is_looked_for_at_fixed_places_is_there_when_the_operator_says_it,
    the_contract_is_the_committed_one,
];

/// Answers of every kind of status.
fn answers(house: &House) -> Vec<(u16, Reply)> {
    let practice = house.practice();
    let resident = practice.resident();
    let large = Upload::pdf(&resident.patient).saying("note", json!("x".repeat(70 * 1024)));
    let waits = Upload::pdf(&resident.patient).saying("replaces", json!("x"));
    vec![
        (200, resident.get("/v1/findings")),
        (200, house.server().get("/healthz")),
        (201, resident.post("/v1/consents", &crate::people::consent(house.server(), "de"))),
        (204, house.server().call("OPTIONS", "/v1/me").send()),
        (400, resident.get("/v1/findings?limit=0")),
        (401, house.server().get("/v1/me")),
        (403, practice.staff.get("/v1/me")),
        (404, resident.get(&format!("/v1/findings/{}", nobody()))),
        (404, house.server().get("/gibt/es/nicht")),
        (405, house.server().call("DELETE", "/v1/findings").send()),
        (413, practice.software.upload(&large)),
        (415, practice.staff.call("POST", "/v1/practice/invitations").bytes("text/plain", vec![1]).send()),
        (422, practice.software.upload(&waits)),
    ]
}

fn sr_k11_every_answer_carries_the_protecting_headers(house: &House) {
    for (status, reply) in answers(house) {
        let reply = reply.expect(status);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{status}: {name}");
        }
        for absent in
            ["server", "x-powered-by", "access-control-allow-origin", "set-cookie", "strict-transport-security"]
        {
            assert_eq!(reply.header(absent), None, "{status}: {absent}");
        }
    }
}

fn a_request_can_be_found_in_the_log(house: &House) {
    let mine = nobody();
    let echoed = house.server().call("GET", "/v1/me").header("x-request-id", &mine).send().expect(401);
    assert_eq!(echoed.header("x-request-id"), Some(mine.as_str()));
    assert_eq!(echoed.json()["request_id"], mine);
    assert!(house.server().log().contains(&mine), "the log knows it");
    for foreign in ["x", "../../etc/passwd", &"a".repeat(5_000), "<script>"] {
        let own = house.server().call("GET", "/v1/me").header("x-request-id", foreign).send().expect(401);
        assert_ne!(own.header("x-request-id"), Some(foreign));
        assert!(!house.server().log().contains("<script>"));
    }
}

fn unknown_words_are_refused_by_name(house: &House) {
    let practice = house.practice();
    let resident = practice.resident();
    let reply = resident.get("/v1/findings?limti=5").problem(400, "unknown-parameter").json();
    assert_eq!(reply["errors"][0]["pointer"], "limti");
    house.server().get("/healthz?x=1").problem(400, "unknown-parameter");
    let reply = resident.call("PATCH", "/v1/me").json(&json!({"langauge": "de"})).send();
    assert_eq!(reply.problem(400, "unknown-field").json()["errors"][0]["pointer"], "/langauge");
    let invitation = json!({"patient_reference": "x", "birth_date": "1970-01-02", "name": "Erika"});
    practice.staff.post("/v1/practice/invitations", &invitation).problem(400, "unknown-field");
    let consent = json!({"purpose": "base", "version": 1, "lang": "de", "sha256": "0", "extra": {"a": 1}});
    resident.post("/v1/consents", &consent).problem(400, "unknown-field");
}

fn broken_json_is_refused_with_its_place(house: &House) {
    let staff = &house.practice().staff;
    let send = |body: &[u8]| {
        staff
            .call("POST", "/v1/practice/upload-credentials")
            .bytes("application/json", body.to_vec())
            .send()
            .expect(400)
    };
    let deep = format!("{{\"label\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let cases: [(&[u8], &str); 12] = [
        (b"", "malformed-json"),
        (b"{", "malformed-json"),
        (b"{\"label\":\"x\"} {}", "malformed-json"),
        (b"{\"label\":\"x\",}", "malformed-json"),
        (b"{\"label\":\"\xff\"}", "malformed-json"),
        (b"\xff\xfe{\0}\0", "malformed-json"),
        (b"{\"label\":\"x\",\"label\":\"y\"}", "duplicate-field"),
        (b"{}", "invalid-body"),
        (b"[]", "invalid-body"),
        (b"null", "invalid-body"),
        (b"{\"label\":7}", "invalid-body"),
        (deep.as_bytes(), "malformed-json"),
    ];
    for (body, code) in cases {
        let reply = send(body);
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        assert_eq!(reply.json()["code"], code, "{shown}");
    }
    assert_eq!(send(b"{\"label\":7}").json()["errors"][0]["pointer"], "/label");
    assert_eq!(staff.post("/v1/practice/upload-credentials", &json!({"label": "x"})).status, 201);
}

fn what_is_too_long_is_refused(house: &House) {
    let practice = house.practice();
    let long = json!({"label": "x".repeat(300 * 1024)});
    practice.staff.post("/v1/practice/upload-credentials", &long).problem(413, "too-large");
    let by_hand = |request: String| raw::exchange(&mut raw::connect(house.server().port()), request.as_bytes());
    let uri = by_hand(format!("GET /v1/me?x={} HTTP/1.1\r\nHost: h\r\n\r\n", "a".repeat(9_000)));
    assert_eq!(uri.status(), 414, "{}", uri.head);
    let header = by_hand(format!("GET /v1/me HTTP/1.1\r\nHost: h\r\nX-Long: {}\r\n\r\n", "a".repeat(70_000)));
    assert!(matches!(header.status(), 431 | 400), "{}", header.head);
    house.server().get("/healthz").expect(200);
}

fn two_credentials_are_none(house: &House) {
    let resident = house.practice().resident();
    let token = format!("Bearer {}", resident.token);
    resident.call("GET", "/v1/me").header("authorization", &token).send().problem(401, "not-signed-in");
    for odd in [resident.token.clone(), format!("{token},"), format!("{token}x"), format!("{token} x")] {
        let reply = house.server().call("GET", "/v1/me").header("authorization", &odd).send();
        assert_eq!(reply.status, 401, "{}", odd.len());
    }
    let query = format!("/v1/me?access_token={}", resident.token);
    assert_ne!(house.server().get(&query).status, 200, "never in the address");
}

fn nonsense_does_not_hurt(house: &House) {
    let port = house.server().port();
    let cases: [&[u8]; 9] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"HELO relay\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/activations HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"POST /v1/activations HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /%zz/%00/%ff HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        b"GET /v1/findings/%2e%2e%2f%2e%2e HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ];
    for case in cases {
        let reply = raw::exchange(&mut raw::connect(port), case);
        let status = reply.status();
        assert!(
            status == 0 || (400..=505).contains(&status) && status != 500,
            "{}: {}",
            String::from_utf8_lossy(case),
            reply.head
        );
    }
    house.server().get("/readyz").expect(200);
}

fn every_problem_is_explained(house: &House) {
    let catalogue = house.server().get("/problems").expect(200).json();
    let list = catalogue.as_object().unwrap().values().find_map(Value::as_array).expect("a list");
    assert!(list.len() > 50);
    for problem in list {
        let code = problem["code"].as_str().unwrap();
        let page = house.server().get(&format!("/problems/{code}")).expect(200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(String::from_utf8_lossy(&page.body).contains(code));
    }
    house.server().get("/problems/gibt-es-nicht").problem(404, "not-found");
}

fn problems_speak_two_languages(house: &House) {
    let title = |language: &str| {
        let call = house.server().call("GET", "/v1/me");
        let call = if language.is_empty() { call } else { call.header("accept-language", language) };
        call.send().expect(401).text("/title")
    };
    assert_eq!(title("en"), "You are not signed in.");
    assert_eq!(title("de-AT"), "Sie sind nicht angemeldet.");
    assert_eq!(title(""), "Sie sind nicht angemeldet.");
    title("tlh, *;q=0.1");
    title(&",;q=".repeat(500));
}

fn the_server_tells_what_it_is(house: &House) {
    let server = house.server().get("/v1/server").expect(200).json();
    assert_eq!((&server["demo"], &server["api_versions"][0]["version"]), (&json!(false), &json!("v1")));
    assert_eq!(house.server().get("/healthz").expect(200).json()["status"], "ok");
    let said = house.server().cli(&["organisation", "list"]);
    assert!(house.practice().id.len() == 36 && house.server().cli(&["organisation", "list"]).len() >= said.len());
    assert!(house.server().cli(&["organisation", "list"]).contains(CANARY));
    house.server().cli(&["healthcheck"]);
}

fn the_contract_is_the_committed_one(house: &House) {
    let served: Value = house.server().get("/v1/openapi.json").expect(200).json();
    let older: Value = house.server().get("/v1/openapi-3.0.json").expect(200).json();
    assert_eq!((&older["openapi"], &older["tags"]), (&serde_json::json!("3.0.3"), &served["tags"]));
    let operations = |document: &Value| document["paths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(operations(&older), operations(&served));
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../mobile-api-spec/openapi.json");
    let committed: Value = serde_json::from_slice(&std::fs::read(committed).unwrap()).unwrap();
    assert!(
        served == committed,
        "run `cargo run -q -- openapi > mobile-api-spec/openapi.json` and read the difference"
    );
}

/// A body that stops coming for twenty seconds; the answer says so. Once is enough: no database is asked.
fn a_body_that_trickles_is_not_waited_for(house: &House) {
    if house.engine != Engine::Sqlite {
        return;
    }
    let practice = house.practice();
    let head = format!(
        "POST /v1/practice/findings HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\nIdempotency-Key: slow\r\n\
         Content-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n{{",
        practice.software.token
    );
    let reply = raw::exchange(&mut raw::connect(house.server().port()), head.as_bytes());
    assert_eq!(reply.status(), 408, "{}", reply.head);
}

fn m05_an_app_hears_whether_it_still_does(house: &House) {
    let ask = |query: &str, language: &str| {
        let call = house.server().call("GET", &format!("/v1/client-gate?{query}"));
        call.header("accept-language", language).send().expect(200)
    };
    let status = |query: &str| ask(query, "de").text("/status");
    let answer = ask("platform=android&app_version=1.9.2&os_version=14", "tr");
    let cached = answer.header("cache-control") == Some("public, max-age=300");
    assert!(cached && answer.header("vary").is_some_and(|vary| vary.contains("Accept-Language")), "{}", answer.json());
    let expected = json!({
        "status": "update-required", "min_version": "2.0", "latest_version": "2.3", "min_os": "12",
        "message": "Uygulamanın bu sürümü artık kullanılamaz. Lütfen yeni sürümü yükleyin.",
        "store_url": "https://shop.example.org/nahraum",
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(status("platform=android&app_version=2.2"), "update-recommended");
    assert_eq!(status("platform=android&app_version=2.3.1"), "ok");
    assert_eq!(status("platform=android&app_version=1.9&os_version=11"), "ok", "the shop has nothing for this phone");
    let ios = ask("platform=ios&app_version=2.9", "en").json();
    assert_eq!((&ios["status"], &ios["effective_at"]), (&json!("update-recommended"), &json!("2099-01-01")));
    // What nobody understands stops nobody.
    for odd in ["platform=sailfish&app_version=0.1", "platform=android&app_version=2.0-beta"] {
        let odd = ask(odd, "de").json();
        assert!(odd["status"] == "ok" && odd.get("message").is_none(), "{odd}");
    }
    house.server().get("/v1/client-gate?platform=android").problem(400, "invalid-parameter");
}

fn m14_what_is_looked_for_at_fixed_places_is_there_when_the_operator_says_it(house: &House) {
    let (server, silent) = (house.server(), house.own_server(Setup::default()));
    let security = server.get("/.well-known/security.txt").expect(200);
    assert_eq!(security.header("content-type"), Some("text/plain; charset=utf-8"));
    let expected = format!(
        "Contact: mailto:sicherheit@example.org\nContact: https://example.org/melden\nExpires: 2099-06-30T23:59:59Z\n\
         Preferred-Languages: de, en\nCanonical: {}\n",
        server.public("/.well-known/security.txt")
    );
    assert_eq!(String::from_utf8(security.body).unwrap(), expected);
    let android = server.get("/.well-known/assetlinks.json").expect(200).json();
    assert_eq!(android[0]["target"]["package_name"], "org.example.app");
    assert_eq!(android[0]["target"]["sha256_cert_fingerprints"], json!([(["AB"; 32].join(":"))]));
    let ios = server.get("/.well-known/apple-app-site-association").expect(200);
    // Without a suffix, so that the type has to say it.
    assert_eq!(ios.header("content-type"), Some("application/json"));
    let ios = ios.json();
    assert_eq!(ios["webcredentials"]["apps"], json!(["ABCDE12345.org.example.app"]));
    assert_eq!(ios["applinks"]["details"][0]["appIDs"], ios["webcredentials"]["apps"]);
    for place in ["security.txt", "assetlinks.json", "apple-app-site-association"] {
        silent.get(&format!("/.well-known/{place}")).problem(404, "not-found");
    }
    let said = server.get("/v1/server").expect(200).json();
    assert_eq!(
        (&said["imprint_url"], &said["support_url"]),
        (&json!("https://example.org/impressum"), &json!("tel:+4940123456"))
    );
    assert!(said.get("privacy_url").is_none() && said["features"].as_array().unwrap().contains(&json!("push")));
    let said = silent.get("/v1/server").expect(200).json();
    assert!(said.get("imprint_url").is_none() && !said["features"].as_array().unwrap().contains(&json!("push")));
    assert_eq!((&said["sync_days"], &said["max_page"]), (&json!(30), &json!(200)));
}
