//! JSON objects of which every field is either taken or told: nothing that a file says is dropped in silence.
//!
//! Only what is taken is read; the rest stays text. So a file costs little more memory than its own size, however it is built.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// How many fields of an object, and members of a list, are looked at.
const MOST: usize = 100;

/// An object, and where it stands.
pub(super) struct Object<'a> {
    pub(super) at: String,
    fields: BTreeMap<String, &'a RawValue>,
}

impl<'a> Object<'a> {
    /// Reads one; none when it is no object.
    pub(super) fn read(at: String, raw: &'a RawValue) -> Option<Self> {
        let Fields(fields) = serde_json::from_str(raw.get()).ok()?;
        Some(Self { at, fields })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Takes a field that is a text, a number or a yes or no, without the blanks around it.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let text = scalar(self.fields.get(name)?)?;
        self.fields.remove(name);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Takes a field that is an object.
    pub(super) fn object(&mut self, name: &str) -> Option<Self> {
        let found = Self::read(format!("{}/{name}", self.at), self.fields.get(name)?)?;
        self.fields.remove(name);
        Some(found)
    }

    /// Takes a field that is a list of objects, as far as it is one.
    pub(super) fn list(&mut self, name: &str) -> Vec<Self> {
        let Some(raw) = self.fields.get(name) else { return Vec::new() };
        let Some(members) = members(raw, MOST) else { return Vec::new() };
        let at = format!("{}/{name}", self.at);
        let read = members.into_iter().enumerate().map(|(n, raw)| Self::read(format!("{at}/{n}"), raw));
        let Some(read) = read.collect() else { return Vec::new() };
        self.fields.remove(name);
        read
    }

    /// The field as it stands.
    pub(super) fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.fields.get(name).copied()
    }

    /// Leaves fields out that say nothing about the offer.
    pub(super) fn pass_over(&mut self, names: &[&str]) {
        for name in names {
            self.fields.remove(*name);
        }
    }

    /// Where it stands, from `base` on.
    pub(super) fn below(&self, base: &str) -> String {
        self.at.strip_prefix(base).unwrap_or(&self.at).trim_start_matches('/').to_owned()
    }

    /// Adds the names of the fields that nobody has taken and that say something, from `base` on.
    pub(super) fn left(self, base: &str, left: &mut Vec<String>) {
        let below = self.below(base);
        let says = |raw: &RawValue| !matches!(raw.get(), "null" | "\"\"" | "[]" | "{}");
        for (name, _) in self.fields.into_iter().filter(|(_, raw)| says(raw)) {
            let name: String = name.chars().take(60).collect();
            left.push(if below.is_empty() { name } else { format!("{below}/{name}") });
        }
    }
}

/// A text, a number, a yes or no as its text; `null` is an empty one. None when it is something bigger.
fn scalar(raw: &RawValue) -> Option<String> {
    match raw.get().bytes().next()? {
        b'"' => serde_json::from_str(raw.get()).ok(),
        b'{' | b'[' => None,
        b'n' => Some(String::new()),
        _ => Some(raw.get().to_owned()),
    }
}

/// The members of a list, at most `most` and one more; none when it is no list.
pub(super) fn members(raw: &RawValue, most: usize) -> Option<Vec<&RawValue>> {
    let mut reader = serde_json::Deserializer::from_str(raw.get());
    reader.deserialize_seq(Members(most)).ok()
}

struct Members(usize);

impl<'de> Visitor<'de> for Members {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while found.len() <= self.0 {
            let Some(member) = list.next_element()? else { return Ok(found) };
            found.push(member);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Some100;
        impl<'de> Visitor<'de> for Some100 {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut found = BTreeMap::new();
                while found.len() <= MOST {
                    let Some((name, value)) = map.next_entry()? else { return Ok(Fields(found)) };
                    found.insert(name, value);
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Fields(found))
            }
        }
        reader.deserialize_map(Some100)
    }
}
