//! Bodies that are files. utoipa describes bytes as a list of numbers, and generated clients would read PDFs as such.

use serde_json::{Value, json};

/// Puts right what such a body is: JSON of a foreign kind an object, anything else a file, in the way that generators know
/// (OpenAPI 3.0, "Considerations for File Uploads"; JSON Schema lets a format be unknown).
pub(super) fn describe(content: &mut Value) {
    for (media_type, media) in content.as_object_mut().into_iter().flatten() {
        let Some(schema) = media.get_mut("schema").filter(|schema| is_numbers(schema)) else { continue };
        *schema = if media_type.ends_with("json") {
            json!({"type": "object"})
        } else {
            json!({"type": "string", "format": "binary"})
        };
    }
}

/// Whether a schema is what utoipa makes of bytes.
pub(super) fn is_numbers(schema: &Value) -> bool {
    schema.get("type").is_some_and(|name| name == "array")
        && schema.pointer("/items/type").is_some_and(|name| name == "integer")
}
