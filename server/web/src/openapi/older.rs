//! The document in the words of OpenAPI 3.0, for generators that do not read 3.1 yet.
//!
//! Nearly all of it is the same: this API has no `null` types, no lists of types and no closed words in answers. What 3.0 does not have
//! is the identifier of a licence, the media type of a text, and anything beside a reference.

use serde_json::{Map, Value, json};

/// The same document as OpenAPI 3.0.3.
pub(super) fn older(document: Value) -> Value {
    let Value::Object(mut document) = rewritten(document) else { return Value::Null };
    document.insert("openapi".to_owned(), json!("3.0.3"));
    if let Some(license) = document.get_mut("info").and_then(|info| info.get_mut("license")) {
        *license = json!({"name": license.get("name")});
    }
    document.into()
}

fn rewritten(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(rewritten).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            // What stands in an example is no schema.
            let member = |(name, member): (String, Value)| match name.as_str() {
                "example" | "examples" => (name, member),
                _ => (name, rewritten(member)),
            };
            alone(members.into_iter().map(member).collect()).into()
        }
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

/// A reference that has a description beside it becomes a schema of that one part.
fn alone(mut members: Map<String, Value>) -> Map<String, Value> {
    members.remove("contentMediaType");
    if members.len() > 1
        && members.get("$ref").is_some_and(Value::is_string)
        && let Some(target) = members.remove("$ref")
    {
        members.insert("allOf".to_owned(), json!([{"$ref": target}]));
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_older_version_does_not_know_is_said_otherwise() {
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": "x", "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}},
            "components": {"schemas": {"A": {"type": "object", "properties": {
                "bare": {"$ref": "#/components/schemas/B"},
                "told": {"$ref": "#/components/schemas/B", "description": "A B."},
                "file": {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"},
            }, "example": {"told": {"$ref": "kept", "description": "as it is"}}}}},
        });
        assert_eq!(
            older(document),
            json!({
                "openapi": "3.0.3",
                "info": {"title": "x", "license": {"name": "EUPL-1.2"}},
                "components": {"schemas": {"A": {"type": "object", "properties": {
                    "bare": {"$ref": "#/components/schemas/B"},
                    "told": {"allOf": [{"$ref": "#/components/schemas/B"}], "description": "A B."},
                    "file": {"type": "string", "format": "binary"},
                }, "example": {"told": {"$ref": "kept", "description": "as it is"}}}}},
            })
        );
    }
}
