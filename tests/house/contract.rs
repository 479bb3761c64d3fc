//! The published contract: every answer that any test sees is compared with the OpenAPI document of the running server.
//!
//! Stricter than a client may be: a field that is not documented is a failure, and so is `null`.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

/// One operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) id: String,
    /// The place in the document.
    node: Value,
}

/// The document, ready to compare answers with.
pub(crate) struct Contract {
    operations: Vec<Operation>,
    components: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// An answer as far as the contract speaks of it.
pub(crate) struct Seen<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) media_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Every breach that any test has seen.
static BREACHES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

thread_local! {
    /// Those of the test on this thread.
    static OWN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes a breach. The test goes on, so that one missing line of documentation does not hide what comes after it, and
/// fails at its end.
pub(crate) fn note(breach: &str) {
    OWN.with_borrow_mut(|own| own.insert(breach.to_owned()));
    BREACHES.lock().unwrap().insert(breach.to_owned());
}

/// The breaches of the test on this thread, which begins anew.
pub(crate) fn breaches_of_this_test() -> BTreeSet<String> {
    OWN.take()
}

/// All breaches.
pub(crate) fn all_breaches() -> BTreeSet<String> {
    BREACHES.lock().unwrap().clone()
}

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];

impl Contract {
    /// Reads the document.
    pub(crate) fn new(document: &Value) -> Self {
        assert!(document["openapi"].as_str().is_some_and(|v| v.starts_with("3.1")), "OpenAPI 3.1");
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, node) in item.as_object().unwrap().iter().filter(|(m, _)| METHODS.contains(&m.as_str())) {
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    id: node["operationId"].as_str().expect("every operation has an id").to_owned(),
                    node: node.clone(),
                });
            }
        }
        let mut components = document["components"].clone();
        close(&mut components);
        Self { operations, components, validators: Mutex::default() }
    }

    /// Every operation.
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Compares an answer.
    ///
    /// # Errors
    /// What is not as documented.
    pub(crate) fn check(&self, seen: &Seen<'_>) -> Result<(), String> {
        let path = seen.path.split('?').next().unwrap_or_default();
        let here: Vec<&Operation> = self.operations.iter().filter(|o| fits(&o.path, path)).collect();
        // A path with a fixed last segment wins over one with a placeholder.
        let best = here.iter().map(|o| o.path.matches('{').count()).min();
        let method = if seen.method == "HEAD" { "GET" } else { seen.method };
        let operation = here.iter().find(|o| Some(o.path.matches('{').count()) == best && o.method == method).copied();
        match operation {
            Some(operation) => self.as_documented(operation, seen),
            None if seen.method == "OPTIONS" && matches!(seen.status, 200 | 204) => Ok(()),
            None if here.is_empty() && seen.status < 400 => Err("an undocumented path answers".into()),
            None if !here.is_empty() && seen.status != 405 => {
                Err(format!("status {} for an undocumented method, expected 405", seen.status))
            }
            None => self.problem(seen),
        }
    }

    fn as_documented(&self, operation: &Operation, seen: &Seen<'_>) -> Result<(), String> {
        let answer = &operation.node["responses"][seen.status.to_string()];
        if answer.is_null() {
            return Err(format!("{}: status {} is not documented", operation.id, seen.status));
        }
        let answer = answer["$ref"].as_str().map_or(answer, |link| self.component(link));
        let bare = seen.method == "HEAD" || seen.status == 304;
        let Some(content) = answer["content"].as_object().filter(|_| !bare) else {
            return if seen.body.is_empty() { Ok(()) } else { Err("there is a body where none is documented".into()) };
        };
        let media_type = seen.media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let Some(documented) = content.get(media_type).or_else(|| content.get("application/octet-stream")) else {
            return Err(format!("{}: media type {media_type:?} is not documented for {}", operation.id, seen.status));
        };
        // The endpoints of OAuth have errors of their own form.
        if seen.status >= 400 && media_type != "application/json" {
            return self.problem(seen);
        }
        if media_type != "application/json" {
            return Ok(());
        }
        let schema = documented["schema"].clone();
        self.validate(&format!("{} {}", operation.id, seen.status), schema, seen.body)
    }

    fn component(&self, link: &str) -> &Value {
        self.components.pointer(link.trim_start_matches("#/components")).expect("a link inside the document")
    }

    /// Every error is a problem document with a consistent status.
    fn problem(&self, seen: &Seen<'_>) -> Result<(), String> {
        if seen.method == "HEAD" {
            return Ok(());
        }
        if seen.media_type != Some("application/problem+json") {
            return Err(format!("{} with the media type {:?}", seen.status, seen.media_type));
        }
        self.validate("problem", json!({"$ref": "#/components/schemas/Problem"}), seen.body)?;
        let body: Value = serde_json::from_slice(seen.body).map_err(|e| e.to_string())?;
        if body["status"] != seen.status || body["type"] != format!("/problems/{}", body["code"].as_str().unwrap()) {
            return Err(format!("a problem that contradicts itself: {body}"));
        }
        Ok(())
    }

    fn validate(&self, name: &str, mut schema: Value, body: &[u8]) -> Result<(), String> {
        let value: Value = serde_json::from_slice(body).map_err(|e| format!("{name}: not JSON: {e}"))?;
        if let Some(place) = null_at(&value, String::new()) {
            return Err(format!("{name}: null at {place}"));
        }
        let known = self.validators.lock().unwrap().get(name).cloned();
        let validator = known.unwrap_or_else(|| {
            close(&mut schema);
            schema["components"] = self.components.clone();
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            let made = options.build(&schema).unwrap_or_else(|e| panic!("{name}: the schema is broken: {e}"));
            // Made beside the lock: whoever comes in the meantime makes it as well, and nobody waits for it.
            Arc::clone(self.validators.lock().unwrap().entry(name.to_owned()).or_insert(Arc::new(made)))
        });
        let faults: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
        if faults.is_empty() { Ok(()) } else { Err(format!("{name}: {}", faults.join("; "))) }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let mut given = path.split('/');
    let all = template.split('/').all(|part| given.next().is_some_and(|g| g == part || part.starts_with('{')));
    all && given.next().is_none()
}

/// Documented objects have no undocumented members in tests, although clients must bear them.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object) && !members.contains_key("additionalProperties")
            {
                members.insert("additionalProperties".into(), Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn null_at(value: &Value, place: String) -> Option<String> {
    match value {
        Value::Null => Some(place),
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| null_at(item, format!("{place}/{at}"))),
        Value::Object(members) => members.iter().find_map(|(name, item)| null_at(item, format!("{place}/{name}"))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
