//! The house rules of the API document. What generated clients stumble over (closed enumerations, `oneOf`, `null`,
//! nameless objects) must not get in.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::files::is_numbers;

/// Verbs an operationId may begin with.
const VERBS: &[&str] = &[
    "activate", "assign", "create", "export", "get", "grant", "link", "list", "mark", "print", "recall", "reject",
    "end", "revoke", "sign", "update", "upload", "withdraw", "delete", "cancel", "claim", "complete", "confirm", "cut",
    "disown", "poll", "start", "approve", "deny", "resume", "release", "answer", "search", "move", "restore",
];

/// Every breach of the house rules, with its place.
pub(crate) fn lint(document: &Value) -> Vec<String> {
    let mut breaches = Vec::new();
    let tags: HashSet<&str> = array(document, "tags").filter_map(|tag| text(tag, "name")).collect();
    let mut ids = HashSet::new();
    for (path, item) in object(document, "paths") {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let place = format!("{method} {path}");
            let mut say = |what: String| breaches.push(format!("{place}: {what}"));
            check_operation(operation, &tags, &mut ids, &mut say);
            array(operation, "parameters").for_each(|parameter| check_parameter(parameter, &mut say));
            check_contents(operation, &mut say);
        }
    }
    let components = document.get("components").cloned().unwrap_or_default();
    for (name, schema) in object(&components, "schemas") {
        let mut say = |what: String| breaches.push(format!("schema {name}: {what}"));
        if text(schema, "description").is_none() {
            say("needs a description".to_owned());
        }
        check_properties(schema, &mut say);
    }
    forbidden(document, "", &mut breaches);
    breaches
}

fn check_operation<'d>(
    operation: &'d Value,
    tags: &HashSet<&str>,
    ids: &mut HashSet<&'d str>,
    say: &mut impl FnMut(String),
) {
    let id = text(operation, "operationId").unwrap_or_default();
    let (verb, resource) = id.split_once('_').unwrap_or_default();
    let snake = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !VERBS.contains(&verb) || resource.is_empty() || !snake {
        say(format!("operationId `{id}` is not verb_resource"));
    }
    if !ids.insert(id) {
        say(format!("operationId `{id}` is there twice"));
    }
    for member in ["summary", "description"] {
        if text(operation, member).is_none_or(str::is_empty) {
            say(format!("needs a {member}"));
        }
    }
    if !array(operation, "tags").any(|tag| tag.as_str().is_some_and(|tag| tags.contains(tag))) {
        say("needs a tag of the list".to_owned());
    }
    if array(operation, "tags").count() > 1 {
        say("has more than one tag".to_owned());
    }
    if array(operation, "security").next().is_none() {
        say("must say `security`, also when it is public".to_owned());
    }
    if !object(operation, "responses").any(|(status, _)| status.starts_with('2')) {
        say("needs a success".to_owned());
    }
    if !object(operation, "responses").any(|(status, _)| status.starts_with('4')) {
        say("needs a problem".to_owned());
    }
}

fn check_parameter(parameter: &Value, say: &mut impl FnMut(String)) {
    if parameter.get("$ref").is_some() {
        return;
    }
    let name = text(parameter, "name").unwrap_or_default();
    for member in ["description", "example", "required"] {
        if parameter.get(member).is_none() {
            say(format!("parameter {name} needs {member}"));
        }
    }
    if parameter.pointer("/schema/type").is_none_or(Value::is_array) {
        say(format!("parameter {name} needs one type that is not null"));
    }
}

fn check_contents(operation: &Value, say: &mut impl FnMut(String)) {
    let request = operation.get("requestBody").map(|body| ("request", body));
    let responses = object(operation, "responses").map(|(status, response)| (status.as_str(), response));
    for (place, body) in request.into_iter().chain(responses).filter(|(_, body)| body.get("$ref").is_none()) {
        if place != "request" && text(body, "description").is_none_or(str::is_empty) {
            say(format!("{place} needs a description"));
        }
        for (media_type, media) in object(body, "content") {
            if media.get("schema").is_some_and(is_numbers) {
                say(format!("{place} {media_type} is a file and no list of numbers"));
            }
        }
        for (media_type, media) in object(body, "content").filter(|(media_type, _)| media_type.ends_with("json")) {
            let schema = media.get("schema").cloned().unwrap_or_default();
            let named = schema.get("$ref").is_some();
            let foreign = matches!(media_type.as_str(), "application/fhir+json" | "application/ld+json");
            if !named && !foreign {
                say(format!("{place} {media_type} needs a named schema"));
            }
            if media.get("example").is_none_or(|example| example.as_object().is_some_and(Map::is_empty)) {
                say(format!("{place} {media_type} needs an example"));
            }
        }
    }
}

fn check_properties(schema: &Value, say: &mut impl FnMut(String)) {
    for (name, property) in object(schema, "properties") {
        if text(property, "description").is_none_or(str::is_empty) {
            say(format!("property {name} needs a description"));
        }
        let items = property.get("items").unwrap_or(property);
        if items.get("properties").is_some() {
            say(format!("property {name} is a nameless object"));
        }
        for part in [property, items] {
            let format = text(part, "format");
            if text(part, "type") == Some("integer") && !matches!(format, Some("int32" | "int64")) {
                say(format!("property {name} needs int32 or int64"));
            }
            if part.get("type").is_none() && part.get("$ref").is_none() {
                say(format!("property {name} needs a type"));
            }
        }
    }
}

/// What no schema of this API may use, wherever it stands. Examples are data and not looked into.
fn forbidden(value: &Value, place: &str, breaches: &mut Vec<String>) {
    for (name, member) in value.as_object().into_iter().flatten() {
        let place = format!("{place}/{name}");
        if matches!(name.as_str(), "example" | "examples") {
            continue;
        }
        if matches!(name.as_str(), "oneOf" | "anyOf" | "allOf" | "enum" | "const") && member.is_array() {
            breaches.push(format!("{place}: must not be used"));
        }
        if name == "type" && (member.is_array() || member == "null") {
            breaches.push(format!("{place}: one type, and not null"));
        }
        forbidden(member, &place, breaches);
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        forbidden(item, &format!("{place}/{index}"), breaches);
    }
}

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value.get(member).and_then(Value::as_str)
}

fn array<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn object<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(member).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}
