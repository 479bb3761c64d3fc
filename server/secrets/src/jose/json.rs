//! JSON that means one thing: no name twice in an object, at any depth (RFC 8725, 2.4; RFC 7515, 4).

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};

/// Reads one JSON value. `None` for everything that is malformed, of another form, or says a name twice.
pub(crate) fn unambiguous<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice::<Unambiguous>(json).ok()?;
    serde_json::from_slice(json).ok()
}

/// Any JSON value, looked through and thrown away.
struct Unambiguous;

struct Look;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Look)
    }
}

impl<'de> Visitor<'de> for Look {
    type Value = Unambiguous;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a name said twice")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_str<E>(self, _: &str) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_unit<E>(self) -> Result<Unambiguous, E> {
        Ok(Unambiguous)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unambiguous, A::Error> {
        while items.next_element::<Unambiguous>()?.is_some() {}
        Ok(Unambiguous)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unambiguous, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name is said twice"));
            }
            members.next_value::<Unambiguous>()?;
        }
        Ok(Unambiguous)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::*;

    fn fine(json: &str) -> bool {
        unambiguous::<IgnoredAny>(json.as_bytes()).is_some()
    }

    #[test]
    fn a_name_said_twice_is_refused_at_any_depth() {
        for json in ["{}", r#"{"a":1,"b":{"a":[1.5,-2,1e3,null,true,"x"]}}"#, " [ ] ", r#"[{"a":1},{"a":2}]"#] {
            assert!(fine(json), "{json}");
        }
        for json in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#,
            "",
            "{} {}",
            "{",
            r#"{"a":1,}"#,
            "{'a':1}",
            &"[".repeat(4_000),
        ] {
            assert!(!fine(json), "{json}");
        }
        assert!(unambiguous::<IgnoredAny>(b"\"\xff\"").is_none());
    }
}
