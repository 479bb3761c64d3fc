//! JSON without doubt: no member twice, no unknown field, and the place of every fault as a JSON pointer (RFC 6901).
//!
//! Messages of the parser are not passed on: they repeat values, and values may be PINs and birth dates.

use std::{collections::HashSet, fmt};

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_path_to_error::{Path, Segment};

use crate::problem::{Failure, Words};

/// Reads one JSON value.
///
/// # Errors
/// `malformed-json`, `duplicate-field`, `unknown-field` or `invalid-body`, with the place.
pub(crate) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut pointer = String::new();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let walked = NoDoubles { pointer: &mut pointer }.deserialize(&mut reader).and_then(|()| reader.end());
    if let Err(error) = walked {
        return Err(if error.is_data() { duplicate(pointer) } else { malformed(&error) });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| form_fault(&error))
}

fn malformed(error: &serde_json::Error) -> Failure {
    let place = format!("{}:{}", error.line(), error.column());
    let words = Words::new("From here on it is not JSON.", "Ab hier ist es kein JSON.");
    Failure::of("malformed-json").at(place, "malformed-json", words)
}

fn duplicate(pointer: String) -> Failure {
    let words = Words::new("This field is there twice.", "Dieses Feld ist doppelt vorhanden.");
    Failure::of("duplicate-field").at(pointer, "duplicate-field", words)
}

fn form_fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let message = error.inner().to_string();
    let mut pointer = pointer_of(error.path());
    if message.starts_with("unknown field ") {
        let words = Words::new("This field is not known here.", "Dieses Feld ist hier nicht bekannt.");
        return Failure::of("unknown-field").at(pointer, "unknown-field", words);
    }
    if let Some(name) = quoted(&message, "missing field `") {
        push(&mut pointer, name);
        let words = Words::new("This field is missing.", "Dieses Feld fehlt.");
        return Failure::of("invalid-body").at(pointer, "missing-field", words);
    }
    let words = Words::new("This is not what belongs here.", "Das gehört hier nicht hin.");
    Failure::of("invalid-body").at(pointer, "wrong-type", words)
}

/// The name in a message of serde that begins like this. It is one of our own names, never what a client has sent.
pub(super) fn quoted<'m>(message: &'m str, beginning: &str) -> Option<&'m str> {
    message.strip_prefix(beginning)?.split('`').next()
}

fn pointer_of(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { variant } => push(&mut pointer, variant),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// Appends a reference token with `~` and `/` escaped (RFC 6901, 3).
fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// Walks through a value and keeps nothing but the place of the first member that is there twice.
struct NoDoubles<'p> {
    pointer: &'p mut String,
}

impl<'de> DeserializeSeed<'de> for NoDoubles<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NoDoubles<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let parent = self.pointer.len();
        for index in 0_usize.. {
            push(self.pointer, &index.to_string());
            if items.next_element_seed(NoDoubles { pointer: &mut *self.pointer })?.is_none() {
                break;
            }
            self.pointer.truncate(parent);
        }
        self.pointer.truncate(parent);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let parent = self.pointer.len();
        let mut seen = HashSet::new();
        while let Some(Name(name)) = members.next_key()? {
            push(self.pointer, &name);
            if !seen.insert(name) {
                return Err(de::Error::custom("a member is there twice"));
            }
            members.next_value_seed(NoDoubles { pointer: &mut *self.pointer })?;
            self.pointer.truncate(parent);
        }
        Ok(())
    }
}

/// A member's name, escapes resolved: `"a"` and `"\u0061"` are the same. Transparent, because `serde_json` gives a number with a
/// point as a map whose only name is a plain text.
#[derive(serde::Deserialize)]
#[serde(transparent)]
struct Name(String);

#[cfg(test)]
mod tests;
