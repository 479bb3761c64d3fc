//! Forms of JSON values that senders use and FHIR does not foresee, and forms that must not lose anything.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A list that is read leniently.
#[derive(Debug, Clone)]
pub(super) struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element::<Option<T>>()? {
                    list.extend(element);
                }
                Ok(List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|single| List(vec![single]))
            }
        }

        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// A number exactly as it was written, `5.10` and `5.1` being different; also a number that was sent as a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exact(pub(super) String);

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExactVisitor;

        impl<'de> Visitor<'de> for ExactVisitor {
            type Value = Exact;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Exact, E> {
                Ok(Exact(text.to_owned()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Exact, E> {
                Ok(Exact(number.to_string()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Exact, E> {
                Ok(Exact(number.to_string()))
            }

            // serde_json hands numbers of arbitrary precision over as a map with one private key.
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Exact, A::Error> {
                serde_json::Number::deserialize(MapAccessDeserializer::new(map)).map(|number| Exact(number.to_string()))
            }
        }

        deserializer.deserialize_any(ExactVisitor)
    }
}

/// A long text that stays in the file's buffer. (`Option<Cow>` by itself would copy it.)
#[derive(Debug, Clone)]
pub(super) struct Base64<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Base64<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64Visitor;

        impl<'de> Visitor<'de> for Base64Visitor {
            type Value = Base64<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a base64 text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Base64<'de>, E> {
                Ok(Base64(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Base64<'de>, E> {
                Ok(Base64(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Base64Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::{Binary, CodeableConcept, Quantity};
    use super::*;

    #[test]
    fn numbers_stay_as_written() {
        let quantity: Quantity = serde_json::from_str(r#"{"value":5.10}"#).unwrap();
        assert_eq!(quantity.value, Some(Exact("5.10".into())));
        let quantity: Quantity = serde_json::from_str(r#"{"value":"<5,1"}"#).unwrap();
        assert_eq!(quantity.value, Some(Exact("<5,1".into())));
        let long: Quantity = serde_json::from_str(r#"{"value":0.1234567890123456789012345678901234567890}"#).unwrap();
        assert_eq!(long.value.unwrap().0.len(), 42);
    }

    #[test]
    fn long_texts_are_not_copied() {
        let borrowed: Binary<'_> = serde_json::from_str(r#"{"data":"JVBERi0="}"#).unwrap();
        assert!(matches!(borrowed.data, Some(Base64(Cow::Borrowed("JVBERi0=")))));
        let escaped: Binary<'_> = serde_json::from_str(r#"{"data":"a\/b"}"#).unwrap();
        assert!(matches!(escaped.data, Some(Base64(Cow::Owned(text))) if text == "a/b"));
    }

    #[test]
    fn lists_are_lenient_and_types_are_not() {
        let concept: CodeableConcept = serde_json::from_str(r#"{"coding":{"code":"a"}}"#).unwrap();
        assert_eq!(concept.coding.len(), 1);
        let concept: CodeableConcept = serde_json::from_str(r#"{"coding":[null,{"code":"a"}],"text":null}"#).unwrap();
        assert_eq!(concept.coding.len(), 1);
        let concept: CodeableConcept = serde_json::from_str(r#"{"coding":null,"unknown":[1,{"x":2.0}]}"#).unwrap();
        assert!(concept.coding.is_empty());
        assert!(serde_json::from_str::<CodeableConcept>(r#"{"coding":[5]}"#).is_err());
        assert!(serde_json::from_str::<CodeableConcept>(r#"{"text":{"a":1}}"#).is_err());
    }
}
