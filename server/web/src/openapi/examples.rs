//! Examples put together from the examples of the properties, so that each value is written once.

use serde_json::{Map, Value, json};

/// Gives every JSON content an example that has none.
pub(super) fn fill(content: &mut Value, schemas: &Value) {
    let types = content.as_object_mut().into_iter().flatten();
    for (_, media) in types.filter(|(name, _)| name.ends_with("json")) {
        let Some(media) = media.as_object_mut() else { continue };
        if media.contains_key("example") || media.contains_key("examples") {
            continue;
        }
        if let Some(example) = media.get("schema").and_then(|schema| of(schema, schemas, &mut Vec::new())) {
            media.insert("example".to_owned(), example);
        }
    }
}

/// An example of a schema; none when it is one of those `around` it, which would have no end.
fn of<'s>(schema: &'s Value, schemas: &'s Value, around: &mut Vec<&'s str>) -> Option<Value> {
    if let Some(example) = schema.get("example").or_else(|| schema.get("examples")?.get(0)) {
        return Some(example.clone());
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        if around.contains(&name) {
            return None;
        }
        around.push(name);
        let example = schemas.get(name).and_then(|schema| of(schema, schemas, around));
        around.pop();
        return example;
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let mut example = Map::new();
        for (name, property) in properties {
            if let Some(value) = of(property, schemas, around) {
                example.insert(name.clone(), value);
            }
        }
        return Some(example.into());
    }
    Some(match schema.get("type").and_then(Value::as_str) {
        Some("array") => {
            let item = schema.get("items").and_then(|items| of(items, schemas, around));
            item.map_or(json!([]), |item| json!([item]))
        }
        Some("object") => json!({}),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(false),
        _ => json!("text"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_put_together() {
        let schemas = json!({
            "Page": {"type": "object", "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
                "next": {"type": "string", "example": "abc"},
            }},
            "Item": {"type": "object", "properties": {"count": {"type": "integer", "minimum": 0}, "on": {"type": "boolean"}}},
        });
        let mut content = json!({
            "application/json": {"schema": {"$ref": "#/components/schemas/Page"}},
            "application/fhir+json": {"schema": {}, "example": 7},
            "application/pdf": {"schema": {}},
        });
        fill(&mut content, &schemas);
        assert_eq!(
            content["application/json"]["example"],
            json!({"items": [{"count": 0, "on": false}], "next": "abc"})
        );
        assert_eq!(content["application/fhir+json"]["example"], json!(7));
        assert!(content["application/pdf"].get("example").is_none());
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let schemas = json!({"A": {"properties": {
            "a": {"$ref": "#/components/schemas/A"},
            "all": {"type": "array", "items": {"$ref": "#/components/schemas/A"}},
            "b": {"type": "boolean"},
        }}});
        let example = of(&json!({"$ref": "#/components/schemas/A"}), &schemas, &mut Vec::new());
        assert_eq!(example, Some(json!({"all": [], "b": false})));
    }
}
