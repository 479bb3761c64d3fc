//! Faults of bodies: which, and where.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::problem::Reader;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    name: String,
    #[serde(default)]
    items: Vec<Inner>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    count: u32,
}

/// Code of the problem, pointer and code of its fault, all that is said.
fn fault(json: &str) -> (String, String, String, String) {
    let failure = from_slice::<Outer>(json.as_bytes()).unwrap_err();
    let document = failure.document(&Reader { language: None, request_id: String::new(), now: None });
    let error = document.errors[0].clone();
    (document.code.clone(), error.pointer, error.code, serde_json::to_string(&document).unwrap())
}

fn check(json: &str, code: &str, pointer: &str, fault_code: &str) {
    let (got_code, got_pointer, got_fault, _) = fault(json);
    assert_eq!((&*got_code, &*got_pointer, &*got_fault), (code, pointer, fault_code), "{json}");
}

#[test]
fn a_good_body_is_read() {
    let read = from_slice::<Outer>(br#" {"name": "x", "items": [{"count": 1}]} "#).unwrap();
    assert_eq!(read, Outer { name: "x".to_owned(), items: vec![Inner { count: 1 }] });
}

#[test]
fn a_number_with_a_point_is_no_object() {
    assert_eq!(from_slice::<Vec<f64>>(b"[53.5, 10, -1.5e-3]").unwrap(), [53.5, 10.0, -0.0015]);
    assert_eq!(from_slice::<Vec<f64>>(br#"[{"a": 1.5, "a": 1.5}]"#).unwrap_err().code(), "duplicate-field");
}

#[test]
fn every_fault_has_its_place() {
    check("", "malformed-json", "1:0", "malformed-json");
    check("{\"name\": \"x\",\n}", "malformed-json", "2:1", "malformed-json");
    check("{\"name\": \"x\"} {}", "malformed-json", "1:15", "malformed-json");
    check(&"[".repeat(1000), "malformed-json", "1:128", "malformed-json");
    check(r#"{"name": "x", "nmae": 1}"#, "unknown-field", "/nmae", "unknown-field");
    check(
        r#"{"name": "x", "items": [{"count": 1}, {"count": 1, "a/b~": 2}]}"#,
        "unknown-field",
        "/items/1/a~1b~0",
        "unknown-field",
    );
    check(r#"{"items": [{}], "name": ""}"#, "invalid-body", "/items/0/count", "missing-field");
    check("{}", "invalid-body", "/name", "missing-field");
    check(r#"{"name": 1}"#, "invalid-body", "/name", "wrong-type");
    check("[]", "invalid-body", "", "wrong-type");
    check("null", "invalid-body", "", "wrong-type");
    check(r#"{"name": "x", "items": [{"count": -1}]}"#, "invalid-body", "/items/0/count", "wrong-type");
    check(r#"{"name": "x", "name": "y"}"#, "duplicate-field", "/name", "duplicate-field");
    check(r#"{"x": [0, {"a": 1, "\u0061": 2}]}"#, "duplicate-field", "/x/1/a", "duplicate-field");
}

#[test]
fn values_are_not_repeated() {
    for json in [r#"{"name": "x", "items": "482915"}"#, r#"{"name": "x", "items": [{"count": "482915"}]}"#] {
        assert!(!fault(json).3.contains("482915"), "{json}");
    }
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(from_slice::<Outer>(&bytes));
    }

    #[test]
    fn what_serde_reads_is_read_when_no_member_is_there_twice(value in "[a-z]{0,9}", counts in proptest::collection::vec(any::<u32>(), 0..9)) {
        let items: Vec<_> = counts.iter().map(|count| serde_json::json!({"count": count})).collect();
        let json = serde_json::json!({"name": value, "items": items});
        prop_assert_eq!(from_slice::<Outer>(json.to_string().as_bytes()).unwrap().items.len(), counts.len());
    }
}
