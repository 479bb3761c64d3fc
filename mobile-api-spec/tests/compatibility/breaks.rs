//! What in a newer contract breaks an app that was built with an older one. Apps send what the older one let them send, and read
//! what it promised them; so a request may only be let off, and an answer only get more.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

/// Which way something goes. What is harmless in an answer breaks in a request, and the reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// From the app to the server.
    Sent,
    /// From the server to the app.
    Received,
}

/// Every break, with its place. Nothing means that whoever speaks the old contract is understood.
pub(crate) fn breaks(old: &Value, new: &Value) -> BTreeSet<String> {
    let mut comparison = Comparison { old, new, found: BTreeSet::new(), seen: HashSet::new() };
    for (path, operations) in object(old, "/paths") {
        for (method, operation) in operations.as_object().into_iter().flatten() {
            let place = format!("{} {path}", method.to_uppercase());
            match new.get("paths").and_then(|paths| paths.get(path)?.get(method)) {
                Some(newer) => comparison.operation(&place, operation, newer),
                None => comparison.say(&place, "is gone"),
            }
        }
    }
    for (name, _) in object(old, "/components/schemas") {
        if new.pointer("/components/schemas").is_none_or(|schemas| schemas.get(name).is_none()) {
            comparison.say(&format!("schema {name}"), "is gone, and generated code with it");
        }
    }
    comparison.found
}

struct Comparison<'d> {
    old: &'d Value,
    new: &'d Value,
    found: BTreeSet<String>,
    /// Pairs of schemas that were compared: schemas may hold themselves.
    seen: HashSet<(String, String, Way)>,
}

impl<'d> Comparison<'d> {
    fn say(&mut self, place: &str, what: &str) {
        self.found.insert(format!("{place} {what}"));
    }

    fn operation(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        if old.get("operationId") != new.get("operationId") {
            self.say(place, "has another operationId");
        }
        if let (Some(old), Some(new)) = (alternatives(old), alternatives(new))
            && old.iter().any(|way| !new.iter().any(|newer| newer.is_subset(way)))
        {
            self.say(place, "asks for another sign-in");
        }
        self.parameters(place, old, new);
        self.request(place, old.get("requestBody"), new.get("requestBody"));
        self.responses(place, old, new);
    }

    fn parameters(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        let (before, after) = (parameters(self.old, old), parameters(self.new, new));
        for (key, parameter) in &before {
            let place = format!("{place}: parameter {}", key.1);
            let Some((_, newer)) = after.iter().find(|(other, _)| other == key) else {
                // The server refuses what it does not know.
                self.say(&place, "is gone");
                continue;
            };
            if required(newer) && !required(parameter) {
                self.say(&place, "is required now");
            }
            self.schemas(&place, parameter.get("schema"), newer.get("schema"), Way::Sent);
        }
        for (key, parameter) in &after {
            if required(parameter) && before.iter().all(|(other, _)| other != key) {
                self.say(&format!("{place}: parameter {}", key.1), "is new and required");
            }
        }
    }

    fn request(&mut self, place: &str, old: Option<&'d Value>, new: Option<&'d Value>) {
        let place = format!("{place}: request");
        match (old, new) {
            (None, Some(new)) if required(new) => self.say(&place, "is new and required"),
            (Some(_), None) => self.say(&place, "is gone"),
            (Some(old), Some(new)) => {
                if required(new) && !required(old) {
                    self.say(&place, "is required now");
                }
                self.contents(&place, old, new, Way::Sent);
            }
            (None, _) => {}
        }
    }

    fn responses(&mut self, place: &str, old: &'d Value, new: &'d Value) {
        for (status, response) in object(old, "/responses").filter(|(status, _)| status.starts_with('2')) {
            let place = format!("{place}: {status}");
            let Some(newer) = new.get("responses").and_then(|responses| responses.get(status)) else {
                self.say(&place, "is gone");
                continue;
            };
            let (response, newer) = (resolved(self.old, response), resolved(self.new, newer));
            for (header, _) in object(response, "/headers") {
                if newer.get("headers").is_none_or(|headers| headers.get(header).is_none()) {
                    self.say(&place, &format!("has no header {header} any more"));
                }
            }
            self.contents(&place, response, newer, Way::Received);
        }
        for (status, _) in object(new, "/responses").filter(|(status, _)| status.starts_with('2')) {
            if old.get("responses").is_none_or(|responses| responses.get(status).is_none()) {
                self.say(&format!("{place}: {status}"), "is a success that apps do not know");
            }
        }
    }

    fn contents(&mut self, place: &str, old: &'d Value, new: &'d Value, way: Way) {
        for (media_type, media) in object(old, "/content") {
            let place = format!("{place} {media_type}");
            match new.get("content").and_then(|content| content.get(media_type)) {
                Some(newer) => self.schemas(&place, media.get("schema"), newer.get("schema"), way),
                None => self.say(&place, "is gone"),
            }
        }
    }

    fn schemas(&mut self, place: &str, old: Option<&'d Value>, new: Option<&'d Value>, way: Way) {
        let (Some(old), Some(new)) = (old, new) else {
            if old.is_some() != new.is_some() {
                self.say(place, "is described on one side only");
            }
            return;
        };
        if let (Some(before), Some(after)) = (text(old, "$ref"), text(new, "$ref"))
            && !self.seen.insert((before.to_owned(), after.to_owned(), way))
        {
            return;
        }
        let (old, new) = (resolved(self.old, old), resolved(self.new, new));
        self.kinds(place, old, new, way);
        self.limits(place, old, new, way);
        self.properties(place, old, new, way);
        if old.get("items").is_some() || new.get("items").is_some() {
            self.schemas(&format!("{place}[]"), old.get("items"), new.get("items"), way);
        }
        self.others(place, old, new, way);
    }

    fn kinds(&mut self, place: &str, old: &'d Value, new: &'d Value, way: Way) {
        for member in ["type", "oneOf", "anyOf", "allOf", "const", "contentMediaType", "discriminator"] {
            if old.get(member) != new.get(member) {
                self.say(place, &format!("has another `{member}`"));
            }
        }
        let (before, after) = (text(old, "format"), text(new, "format"));
        let wider = match way {
            Way::Sent => after.is_none() || (before, after) == (Some("int32"), Some("int64")),
            Way::Received => before.is_none() || (before, after) == (Some("int64"), Some("int32")),
        };
        if before != after && !wider {
            self.say(place, "has another `format`");
        }
        let (narrow, wide) = match way {
            Way::Sent => (old, new),
            Way::Received => (new, old),
        };
        if let Some(words) = wide.get("enum").and_then(Value::as_array)
            && !narrow
                .get("enum")
                .and_then(Value::as_array)
                .is_some_and(|all| all.iter().all(|word| words.contains(word)))
        {
            self.say(place, "has words that the other side does not know");
        }
    }

    /// Limits of answers bind nobody.
    fn limits(&mut self, place: &str, old: &'d Value, new: &'d Value, way: Way) {
        if way == Way::Received {
            return;
        }
        let number = |schema: &Value, member: &str| schema.get(member).and_then(Value::as_f64);
        for member in ["maximum", "maxLength", "maxItems", "maxProperties", "exclusiveMaximum"] {
            if number(new, member).is_some_and(|new| number(old, member).is_none_or(|old| new < old)) {
                self.say(place, &format!("has a lower `{member}`"));
            }
        }
        for member in ["minimum", "minLength", "minItems", "minProperties", "exclusiveMinimum"] {
            if number(new, member).is_some_and(|new| number(old, member).is_none_or(|old| new > old)) {
                self.say(place, &format!("has a higher `{member}`"));
            }
        }
        for member in ["pattern", "multipleOf", "uniqueItems"] {
            if new.get(member).is_some() && new.get(member) != old.get(member) {
                self.say(place, &format!("has another `{member}`"));
            }
        }
    }

    fn properties(&mut self, place: &str, old: &'d Value, new: &'d Value, way: Way) {
        for (name, property) in object(old, "/properties") {
            let place = format!("{place}.{name}");
            match new.get("properties").and_then(|properties| properties.get(name)) {
                Some(newer) => self.schemas(&place, Some(property), Some(newer), way),
                None => self.say(&place, "is gone"),
            }
        }
        let demanded = |schema: &'d Value| -> BTreeSet<&'d str> {
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (before, after) = (demanded(old), demanded(new));
        let (more, what) = match way {
            Way::Sent => (after.difference(&before), "is required now"),
            Way::Received => (before.difference(&after), "may be absent now"),
        };
        for name in more {
            self.say(&format!("{place}.{name}"), what);
        }
    }

    /// What an object holds besides its properties.
    fn others(&mut self, place: &str, old: &'d Value, new: &'d Value, way: Way) {
        let (before, after) = (old.get("additionalProperties"), new.get("additionalProperties"));
        let closed = |others: Option<&Value>| others.is_some_and(|others| others == false);
        match (before, after) {
            (Some(before), Some(after)) if before.is_object() && after.is_object() => {
                self.schemas(&format!("{place}{{}}"), Some(before), Some(after), way);
            }
            _ if way == Way::Sent && closed(after) && !closed(before) => {
                self.say(place, "takes no other properties now");
            }
            _ if way == Way::Received && before.is_some_and(Value::is_object) => {
                self.say(place, "is no map any more");
            }
            _ => {}
        }
    }
}

/// The ways to sign in, each the names of what it takes. Without a word it takes nothing.
fn alternatives(operation: &Value) -> Option<Vec<BTreeSet<&str>>> {
    let ways = operation.get("security")?.as_array()?;
    Some(ways.iter().filter_map(Value::as_object).map(|way| way.keys().map(String::as_str).collect()).collect())
}

type Key<'d> = (&'d str, &'d str);

fn parameters<'d>(document: &'d Value, operation: &'d Value) -> Vec<(Key<'d>, &'d Value)> {
    let all = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let named = all.map(|parameter| resolved(document, parameter));
    named.filter_map(|parameter| Some(((text(parameter, "in")?, text(parameter, "name")?), parameter))).collect()
}

/// What a reference leads to.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let target = text(value, "$ref").and_then(|path| document.pointer(path.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn required(value: &Value) -> bool {
    value.get("required").is_some_and(|required| required == true)
}

fn text<'d>(value: &'d Value, member: &str) -> Option<&'d str> {
    value.get(member).and_then(Value::as_str)
}

fn object<'d>(value: &'d Value, pointer: &str) -> impl Iterator<Item = (&'d String, &'d Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}
