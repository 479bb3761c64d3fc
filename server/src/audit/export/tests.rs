//! The offline verifier against the worked example of the specification, and against every way to cheat it.

use nahraum_secrets::{RootSecret, SeededRandom, SigningKey};
use serde_json::json;

use super::*;
use nahraum_domain::audit::statement::Checkpoint;

const RESIDENT: &str = "01934000-0000-7000-8000-000000000002";

fn signer() -> SigningKey {
    RootSecret::from_random(&SeededRandom::new(7)).keys().checkpoints
}

fn body(n: i64, action: &str, resident: &str) -> String {
    format!(
        "{{\"action\":\"{action}\",\"actor\":\"resident\",\"actor_id\":\"{resident}\",\"at\":{},\"basis\":\"own\",\
         \"id\":\"01934000-0000-7000-8000-00000000000{n}\",\"outcome\":\"done\",\
         \"request\":\"01934000-0000-7000-8000-000000000009\",\"resident\":\"{resident}\",\"v\":1}}",
        1_795_000_000_000_000 + n * 1_000_000
    )
}

/// An export of three entries, of which `skip` were pruned.
fn export(skip: usize) -> Value {
    let signer = signer();
    let key = *signer.verifying().as_bytes();
    let mut at = Position::START;
    let mut begins_after = at;
    let mut entries = Vec::new();
    for (n, action) in (1..).zip(["activate", "list", "open"]) {
        let body = body(n, action, RESIDENT);
        at = at.with_entry(&body);
        if entries.len() < skip && begins_after.count < i64::try_from(skip).unwrap() {
            begins_after = at;
        } else {
            entries.push(json!({"number": at.count, "seq": n + 40, "body": body, "hash": hex(&at.hash)}));
        }
    }
    let all = Position { count: 43, hash: [0x43; 32] };
    let resident = RESIDENT.parse().unwrap();
    let statement = Statement { resident, own: at, all, at: 1_795_000_100_000_000, key }.text();
    let place = Position { count: 40, hash: [0x40; 32] };
    let checkpoint = Checkpoint { mark: Mark::Checkpoint, place, at: 1_795_000_000_000_000, key }.text();
    let sign = |text: String| json!({"signature": hex(&signer.sign(&text)), "text": text});
    json!({
        "format": "nahraum-log-export-1", "key": hex(&key), "entries": entries,
        "begins_after": hex(&begins_after.hash), "statement": sign(statement), "checkpoint": sign(checkpoint),
    })
}

fn refused(export: &Value) -> String {
    verify(&export.to_string(), None).unwrap_err()
}

#[test]
fn sr_l03_an_export_verifies_and_says_what_was_verified() {
    let words = verify(&export(0).to_string(), Some(signer().verifying())).unwrap();
    assert!(words.contains("3 entries") && words.contains("by the key you gave"), "{words}");
    let words = verify(&export(0).to_string(), None).unwrap();
    assert!(words.contains("Not verified: whose key"), "{words}");
    let words = verify(&export(1).to_string(), None).unwrap();
    assert!(words.contains("1 older entries"), "{words}");
    let other = RootSecret::from_random(&SeededRandom::new(8)).keys().checkpoints.verifying();
    assert!(verify(&export(0).to_string(), Some(other)).unwrap_err().contains("another key"));
}

#[test]
fn sr_l02_every_change_of_an_export_is_found() {
    let changed = |change: fn(&mut Value)| {
        let mut export = export(0);
        change(&mut export);
        refused(&export)
    };
    let entries = |export: &mut Value| export["entries"].as_array_mut().unwrap().clone();
    assert!(changed(|e| e["entries"][1]["body"] = json!(body(2, "open", RESIDENT))).starts_with("entry 2"));
    assert!(changed(|e| e["entries"][2]["hash"] = json!("00".repeat(32))).starts_with("entry 3"));
    assert!(changed(|e| drop(e["entries"].as_array_mut().unwrap().remove(1))).starts_with("entry 2"));
    assert!(changed(|e| drop(e["entries"].as_array_mut().unwrap().remove(0))).starts_with("entry 2"));
    assert!(changed(|e| drop(e["entries"].as_array_mut().unwrap().pop())).starts_with("entry 2"));
    assert!(changed(|e| e["entries"].as_array_mut().unwrap().swap(0, 1)).starts_with("entry 1"));
    assert!(changed(|e| e["begins_after"] = json!("11".repeat(32))).contains("more entries"));
    assert!(changed(|e| e["statement"]["signature"] = json!("00".repeat(64))).contains("statement"));
    assert!(changed(|e| e["checkpoint"]["signature"] = json!("00".repeat(64))).contains("checkpoint"));
    assert!(changed(|e| e["statement"] = e["checkpoint"].clone()).contains("statement"));
    assert!(changed(|e| e["checkpoint"] = e["statement"].clone()).contains("checkpoint"));
    assert!(changed(|e| e["key"] = json!("00".repeat(32))).contains("signature"));
    assert!(changed(|e| e["format"] = json!("x")).contains("form"));
    assert!(refused(&json!([])).contains("not an export"));
    let mut more = export(0);
    let fourth = entries(&mut more)[2].clone();
    more["entries"].as_array_mut().unwrap().push(fourth);
    assert!(refused(&more).contains("more entries"));
}

/// What app developers write their own verifier by.
#[test]
fn the_worked_example_of_the_specification_is_true() {
    let page = include_str!("../../../../mobile-api-spec/access-log.md");
    let example = page.split("```json\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
    let made = export(0);
    assert_eq!(serde_json::from_str::<Value>(example).ok(), Some(made.clone()), "{made:#}");
    assert!(verify(example, Some(signer().verifying())).is_ok());
    assert!(
        verify(&example.replace(r#"{\"action\":\"list\""#, r#"{\"action\":\"open\""#), None)
            .unwrap_err()
            .starts_with("entry 2")
    );
}
