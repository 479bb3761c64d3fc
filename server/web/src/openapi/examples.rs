//! Examples put together from the examples of the properties, so that each value is written once.

use serde_json::{Map, Value, json};

/// No schema of this API is nested more deeply.
const DEEPEST: u8 = 8;

/// Gives every JSON content an example that has none.
pub(super) fn fill(content: &mut Value, schemas: &Value) {
    let types = content.as_object_mut().into_iter().flatten();
    for (_, media) in types.filter(|(name, _)| name.ends_with("json")) {
        let Some(media) = media.as_object_mut() else { continue };
        if media.contains_key("example") || media.contains_key("examples") {
            continue;
        }
        if let Some(example) = media.get("schema").map(|schema| of(schema, schemas, 0)) {
            media.insert("example".to_owned(), example);
        }
    }
}

/// An example of a schema.
fn of(schema: &Value, schemas: &Value, depth: u8) -> Value {
    if let Some(example) = schema.get("example").or_else(|| schema.get("examples")?.get(0)) {
        return example.clone();
    }
    if depth > DEEPEST {
        return json!({});
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return schemas.get(name).map_or(Value::Null, |schema| of(schema, schemas, depth + 1));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let example = |(name, property): (&String, &Value)| (name.clone(), of(property, schemas, depth + 1));
        return properties.iter().map(example).collect::<Map<_, _>>().into();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => schema.get("items").map_or(json!([]), |items| json!([of(items, schemas, depth + 1)])),
        Some("object") => json!({}),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(false),
        _ => json!("text"),
    }
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
        let schemas = json!({"A": {"properties": {"a": {"$ref": "#/components/schemas/A"}}}});
        assert!(of(&json!({"$ref": "#/components/schemas/A"}), &schemas, 0).is_object());
    }
}
