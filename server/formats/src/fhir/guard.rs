//! The first pass over a JSON text: sound syntax, bounded depth, no property twice in one object.
//!
//! JSON readers disagree on which of two equal keys counts (RFC 8259, section 4), so a file that names `subject` twice
//! could mean one patient here and another in the practice. Nothing is kept of the text.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::FhirRefusal;
use crate::refusal::Position;

/// Real resources stay below 20. serde_json itself stops at 128, which stays on.
const MAX_DEPTH: usize = 100;

/// A pointer longer than this helps nobody.
const MAX_POINTER: usize = 400;

/// Checks the text. Gives whether a property is `null`, which FHIR does not allow (2.6.2) and some senders write.
pub(super) fn check(text: &str) -> Result<bool, FhirRefusal> {
    let state = State::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let outcome = Walk(&state).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    outcome.map(|()| state.null_seen.get()).map_err(|error| state.refusal(&error))
}

#[derive(Default)]
struct State {
    path: RefCell<Vec<Step>>,
    depth: Cell<usize>,
    null_seen: Cell<bool>,
    fault: Cell<Option<Fault>>,
}

enum Step {
    Key(String),
    Index(usize),
}

#[derive(Clone, Copy)]
enum Fault {
    TooDeep,
    DuplicateKey,
}

impl State {
    fn refusal(&self, error: &serde_json::Error) -> FhirRefusal {
        let position = Position {
            line: Some(error.line()).filter(|l| *l > 0),
            column: Some(error.column()).filter(|_| error.line() > 0),
            pointer: self.pointer(),
        };
        match self.fault.get() {
            Some(Fault::TooDeep) => FhirRefusal::TooDeep(position),
            Some(Fault::DuplicateKey) => FhirRefusal::DuplicateKey(position),
            None if error.is_eof() => FhirRefusal::Truncated(position),
            None => FhirRefusal::Syntax(position),
        }
    }

    fn pointer(&self) -> Option<String> {
        let mut pointer = String::new();
        for step in self.path.borrow().iter() {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
        (!pointer.is_empty() && pointer.len() <= MAX_POINTER).then_some(pointer)
    }

    fn fail<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }

    fn enter<E: Error>(&self) -> Result<(), E> {
        self.depth.set(self.depth.get() + 1);
        if self.depth.get() > MAX_DEPTH { Err(self.fail(Fault::TooDeep)) } else { Ok(()) }
    }

    /// Left only on success, so that the path of a failure survives.
    fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    fn push(&self, step: Step) {
        self.path.borrow_mut().push(step);
    }

    fn pop(&self) {
        self.path.borrow_mut().pop();
    }
}

struct Walk<'s>(&'s State);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        // In arrays of primitives null is legal: it keeps the place of an extension (FHIR 2.6.2).
        if matches!(self.0.path.borrow().last(), Some(Step::Key(_))) {
            self.0.null_seen.set(true);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.0.enter()?;
        let mut index = 0;
        loop {
            self.0.push(Step::Index(index));
            if elements.next_element_seed(Walk(self.0))?.is_none() {
                break;
            }
            self.0.pop();
            index += 1;
        }
        self.0.pop();
        self.0.leave();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.0.enter()?;
        let mut keys = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.0.push(Step::Key(key.clone()));
            if !keys.insert(key) {
                return Err(self.0.fail(Fault::DuplicateKey));
            }
            entries.next_value_seed(Walk(self.0))?;
            self.0.pop();
        }
        self.0.leave();
        Ok(())
    }
}

/// Where in the whole text a part failed to have the expected form.
pub(super) fn shape(text: &str, part: &RawValue, pointer: &str, error: &serde_json::Error) -> FhirRefusal {
    let offset = part.get().as_ptr().addr().checked_sub(text.as_ptr().addr());
    let before = offset.and_then(|o| text.as_bytes().get(..o)).unwrap_or_default();
    let lines = before.iter().filter(|b| **b == b'\n').count();
    let last_line = before.iter().rev().take_while(|b| **b != b'\n').count();
    let column = if error.line() == 1 { last_line + error.column() } else { error.column() };
    FhirRefusal::Shape(Position {
        line: Some(lines + error.line()),
        column: Some(column),
        pointer: Some(pointer.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer_of(refusal: &FhirRefusal) -> Option<&str> {
        refusal.position().and_then(|p| p.pointer.as_deref())
    }

    #[test]
    fn sound_text_passes_and_null_is_noticed() {
        assert_eq!(check(r#"{"a":[1,5.10,null,{"b":"x"}],"c":true}"#), Ok(false));
        assert_eq!(check(r#"{"url":null}"#), Ok(true));
    }

    #[test]
    fn a_key_twice_is_refused_with_its_place() {
        let refusal = check("{\"entry\":[{},\n{\"status\":1,\"status\":2}]}").unwrap_err();
        assert_eq!(refusal.code(), "fhir-duplicate-key");
        assert_eq!(pointer_of(&refusal), Some("/entry/1/status"));
        assert_eq!(refusal.position().and_then(|p| p.line), Some(2));
        // The same key written with an escape is the same key.
        assert!(check(r#"{"id":1,"\u0069d":2}"#).is_err());
    }

    #[test]
    fn depth_is_bounded_without_recursion_trouble() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(check(&deep(100)), Ok(false));
        assert_eq!(check(&deep(101)).unwrap_err().code(), "fhir-too-deep");
        assert_eq!(check(&"[".repeat(1_000_000)).unwrap_err().code(), "fhir-too-deep");
        assert_eq!(check(&"{\"a\":".repeat(1_000_000)).unwrap_err().code(), "fhir-too-deep");
    }

    #[test]
    fn cut_and_broken_text_are_told_apart() {
        assert_eq!(check("{\"a\":[1,").unwrap_err().code(), "fhir-truncated");
        let refusal = check("{\"a\":1,\n \"b\":tru }").unwrap_err();
        assert_eq!(refusal.code(), "fhir-syntax");
        assert_eq!(refusal.position().and_then(|p| p.line), Some(2));
        assert_eq!(check("{} x").unwrap_err().code(), "fhir-syntax");
    }
}
