//! The document keeps the house rules, and the rules find what breaks them.

use serde_json::{Value, json};

use super::{assembled, lint::lint, sorted, typical};

#[test]
fn the_document_keeps_the_house_rules() {
    let breaches = lint(&assembled(crate::rooms));
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn the_document_is_the_same_every_time_and_ends_with_a_line_feed() {
    let document = super::document();
    assert_eq!(document, super::document());
    assert!(document.starts_with("{\n") && document.ends_with("}\n"));
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        found.extend(value.get("$ref").and_then(Value::as_str));
        value.as_object().into_iter().flatten().for_each(|(_, member)| references(member, found));
        value.as_array().into_iter().flatten().for_each(|item| references(item, found));
    }
    let document = assembled(crate::rooms);
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[test]
fn operations_get_what_they_share() {
    let document = assembled(crate::rooms);
    let server = &document["paths"]["/v1/server"]["get"];
    assert_eq!(server["security"], json!([{}]));
    assert_eq!(
        server["responses"]["200"]["content"]["application/json"]["example"]["api_versions"][0]["version"],
        "v1"
    );
    assert_eq!(server["responses"]["500"]["$ref"], "#/components/responses/Problem500");
    assert!(server["responses"].get("401").is_none());
    let ready = &document["paths"]["/readyz"]["get"]["responses"]["503"];
    assert_eq!(ready["content"]["application/problem+json"]["schema"]["$ref"], "#/components/schemas/Problem");
    let sign_in = document["paths"]["/v1/sessions/resident"]["post"]["responses"].as_object().unwrap();
    assert!(["401", "403", "409", "413", "422", "429"].iter().all(|status| sign_in.contains_key(*status)));
    assert_eq!(typical("410").code, "recalled");
}

#[test]
fn breaches_are_found() {
    let document = json!({
        "tags": [{"name": "server"}],
        "paths": {"/x": {"get": {
            "operationId": "getX",
            "summary": "x",
            "tags": ["other"],
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": ["integer", "null"]}}],
            "responses": {"200": {"description": "x", "content": {
                "application/json": {"schema": {"type": "object"}},
                "application/pdf": {"schema": {"type": "array", "items": {"type": "integer"}}},
            }}},
        }}},
        "components": {"schemas": {"A": {"type": "object", "description": "A.", "properties": {
            "kind": {"type": "string", "enum": ["a"], "description": "x"},
            "count": {"type": "integer", "description": "x"},
            "inner": {"type": "object", "properties": {}, "description": "x"},
            "bare": {"type": "string"},
        }}}},
    });
    let breaches = lint(&document).join("\n");
    for what in [
        "`getX` is not verb_resource",
        "needs a description",
        "needs a tag",
        "must say `security`",
        "needs a problem",
        "parameter limit needs example",
        "parameter limit needs one type",
        "needs a named schema",
        "application/pdf is a file and no list of numbers",
        "needs int32",
        "nameless object",
        "bare needs a description",
        "enum: must not be used",
        "one type, and not null",
    ] {
        assert!(breaches.contains(what), "{what} is not in\n{breaches}");
    }
}

#[test]
fn members_are_sorted() {
    let text = sorted(serde_json::from_str(r#"{"b": [{"d": 1, "c": 2}], "a": 0}"#).unwrap()).to_string();
    assert_eq!(text, r#"{"a":0,"b":[{"c":2,"d":1}]}"#);
}
