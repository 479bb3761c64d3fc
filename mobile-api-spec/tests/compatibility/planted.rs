//! Changes of today's contract, made on purpose: those that break an app, and those that do not.

use serde_json::{Value, json};

/// A change, and what has to be said of it.
pub(crate) struct Planted {
    /// What happens to the contract.
    pub(crate) change: fn(&mut Value),
    /// A part of the sentence about it.
    pub(crate) said: &'static str,
}

const FINDINGS: &str = "/paths/~1v1~1findings/get";
const SUMMARIES: &str = "/paths/~1v1~1summaries/post";
const UPLOAD: &str = "/paths/~1v1~1practice~1findings/post";
const ORDER: &str = "/components/schemas/SummaryOrder";
const ENTRY: &str = "/components/schemas/FindingSummary";

/// What is at `place`, which has to be there: a planted change that changes nothing would show nothing.
fn at<'d>(document: &'d mut Value, place: &str, rest: &str) -> &'d mut Value {
    document.pointer_mut(&format!("{place}{rest}")).unwrap_or_else(|| panic!("{place}{rest} is not in the contract"))
}

fn remove(document: &mut Value, place: &str, member: &str) {
    let gone = at(document, place, "").as_object_mut().and_then(|object| object.remove(member));
    assert!(gone.is_some(), "{place} has no {member}");
}

fn put(document: &mut Value, place: &str, member: &str, value: Value) {
    at(document, place, "").as_object_mut().expect("an object").insert(member.to_owned(), value);
}

fn parameter<'d>(document: &'d mut Value, operation: &str, name: &str) -> &'d mut Value {
    let all = at(document, operation, "/parameters").as_array_mut().expect("parameters");
    all.iter_mut().find(|parameter| parameter["name"] == name).expect("the parameter")
}

fn add_parameter(document: &mut Value, required: bool) {
    let parameter = json!({"name": "since", "in": "query", "required": required, "schema": {"type": "string"}});
    at(document, FINDINGS, "/parameters").as_array_mut().expect("parameters").push(parameter);
}

fn demand(document: &mut Value, schema: &str, name: &str) {
    at(document, schema, "/required").as_array_mut().expect("names").push(json!(name));
}

fn demand_no_more(document: &mut Value, schema: &str, name: &str) {
    let all = at(document, schema, "/required").as_array_mut().expect("names");
    let before = all.len();
    all.retain(|one| one != name);
    assert!(all.len() < before, "{name} is not demanded");
}

/// Each breaks an app.
pub(crate) const BREAKS: &[Planted] = &[
    Planted { change: |d| remove(d, "/paths", "/v1/summaries"), said: "POST /v1/summaries is gone" },
    Planted { change: |d| remove(d, "/paths/~1v1~1me", "patch"), said: "PATCH /v1/me is gone" },
    Planted {
        change: |d| put(d, FINDINGS, "operationId", json!("list_results")),
        said: "GET /v1/findings has another operationId",
    },
    Planted {
        change: |d| at(d, FINDINGS, "/parameters").as_array_mut().expect("parameters").retain(|p| p["name"] != "kind"),
        said: "parameter kind is gone",
    },
    Planted { change: |d| add_parameter(d, true), said: "parameter since is new and required" },
    Planted {
        change: |d| parameter(d, FINDINGS, "kind")["required"] = json!(true),
        said: "parameter kind is required now",
    },
    Planted {
        change: |d| parameter(d, FINDINGS, "limit")["schema"]["maximum"] = json!(100),
        said: "parameter limit has a lower `maximum`",
    },
    Planted {
        change: |d| parameter(d, FINDINGS, "from")["schema"]["format"] = json!("date-time"),
        said: "parameter from has another `format`",
    },
    Planted {
        change: |d| parameter(d, FINDINGS, "kind")["schema"]["enum"] = json!(["laboratory"]),
        said: "parameter kind has words that the other side does not know",
    },
    Planted {
        change: |d| parameter(d, FINDINGS, "cursor")["schema"]["pattern"] = json!("^[a-z]+$"),
        said: "parameter cursor has another `pattern`",
    },
    Planted {
        change: |d| put(d, FINDINGS, "security", json!([{"bearer": [], "mtls": []}])),
        said: "asks for another sign-in",
    },
    Planted {
        change: |d| put(d, "/paths/~1v1~1server/get", "security", json!([{"bearer": []}])),
        said: "asks for another sign-in",
    },
    Planted { change: |d| remove(d, SUMMARIES, "requestBody"), said: "POST /v1/summaries: request is gone" },
    Planted {
        change: |d| {
            put(d, "/paths/~1v1~1me~1device-links/post", "requestBody", json!({"required": true, "content": {}}));
        },
        said: "POST /v1/me/device-links: request is new and required",
    },
    Planted {
        change: |d| remove(d, &format!("{UPLOAD}/requestBody/content"), "application/cda+xml"),
        said: "request application/cda+xml is gone",
    },
    Planted { change: |d| remove(d, &format!("{ORDER}/properties"), "finding_ids"), said: ".finding_ids is gone" },
    Planted {
        change: |d| {
            put(d, &format!("{ORDER}/properties"), "paper", json!({"type": "string"}));
            demand(d, ORDER, "paper");
        },
        said: ".paper is required now",
    },
    Planted {
        change: |d| put(d, &format!("{ORDER}/properties/finding_ids"), "maxItems", json!(10)),
        said: ".finding_ids has a lower `maxItems`",
    },
    Planted {
        change: |d| put(d, &format!("{ORDER}/properties/finding_ids"), "minItems", json!(2)),
        said: ".finding_ids has a higher `minItems`",
    },
    Planted {
        change: |d| put(d, &format!("{ORDER}/properties/finding_ids/items"), "type", json!("integer")),
        said: ".finding_ids[] has another `type`",
    },
    Planted { change: |d| remove(d, &format!("{FINDINGS}/responses"), "200"), said: "GET /v1/findings: 200 is gone" },
    Planted {
        change: |d| put(d, &format!("{FINDINGS}/responses"), "202", json!({"description": "Later."})),
        said: "202 is a success that apps do not know",
    },
    Planted {
        change: |d| remove(d, &format!("{SUMMARIES}/responses/200/content"), "application/pdf"),
        said: "200 application/pdf is gone",
    },
    Planted {
        change: |d| remove(d, &format!("{FINDINGS}/responses/200/headers"), "X-Request-Id"),
        said: "200 has no header X-Request-Id any more",
    },
    Planted {
        change: |d| remove(d, &format!("{ENTRY}/properties"), "kind_label"),
        said: ".items[].kind_label is gone",
    },
    Planted { change: |d| demand_no_more(d, ENTRY, "date"), said: ".items[].date may be absent now" },
    Planted {
        change: |d| put(d, &format!("{ENTRY}/properties/value_count"), "type", json!("string")),
        said: ".value_count has another `type`",
    },
    Planted {
        change: |d| put(d, &format!("{ENTRY}/properties/value_count"), "format", json!("int64")),
        said: ".value_count has another `format`",
    },
    Planted {
        change: |d| put(d, &format!("{ENTRY}/properties/banner"), "type", json!(["string", "null"])),
        said: ".banner has another `type`",
    },
    Planted { change: |d| remove(d, "/components/schemas", "SummaryOrder"), said: "schema SummaryOrder is gone" },
];

/// None of them breaks anything.
pub(crate) const HARMLESS: &[fn(&mut Value)] = &[
    |d| put(d, "/paths", "/v1/weather", json!({"get": {"operationId": "get_weather", "responses": {}}})),
    |d| add_parameter(d, false),
    |d| parameter(d, FINDINGS, "limit")["schema"]["maximum"] = json!(500),
    |d| parameter(d, FINDINGS, "kind")["description"] = json!("In other words."),
    |d| put(d, FINDINGS, "deprecated", json!(true)),
    |d| put(d, FINDINGS, "security", json!([{"bearer": []}, {"mtls": []}])),
    |d| put(d, &format!("{FINDINGS}/responses"), "451", json!({"description": "Not here."})),
    |d| put(d, &format!("{UPLOAD}/requestBody/content"), "text/plain", json!({"schema": {"type": "string"}})),
    |d| put(d, &format!("{ORDER}/properties"), "paper", json!({"type": "string"})),
    |d| put(d, &format!("{ORDER}/properties/finding_ids"), "maxItems", json!(50)),
    |d| put(d, &format!("{ENTRY}/properties"), "colour", json!({"type": "string"})),
    |d| demand(d, ENTRY, "banner"),
    |d| put(d, &format!("{ENTRY}/properties/value_count"), "example", json!(4711)),
    |d| put(d, "/components/schemas", "Weather", json!({"type": "object"})),
];
