//! No change of the contract breaks an app that somebody has installed: today's contract is compared with each one that was
//! released (`mobile-api-spec/released`). `docs/api-style.md` says what counts as a break.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod breaks;
mod planted;

use std::{fs, path::PathBuf};

use serde_json::Value;

use breaks::breaks;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &PathBuf) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn today() -> Value {
    read(&folder().join("openapi.json"))
}

#[test]
fn whoever_speaks_a_released_contract_is_understood() {
    let today = today();
    let released = fs::read_dir(folder().join("released")).expect("the released contracts");
    let paths = released.map(|entry| entry.expect("a name").path());
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let released = read(&path);
        assert!(released["paths"].is_object(), "{} is no contract", path.display());
        let found: Vec<String> = breaks(&released, &today).into_iter().collect();
        assert!(found.is_empty(), "{} is broken:\n{}", path.display(), found.join("\n"));
    }
}

#[test]
fn every_planted_break_is_found_and_named() {
    let today = today();
    assert!(planted::BREAKS.len() >= 20);
    for planted in planted::BREAKS {
        let mut changed = today.clone();
        (planted.change)(&mut changed);
        let found = breaks(&today, &changed);
        assert!(found.iter().any(|one| one.contains(planted.said)), "{} is not in {found:#?}", planted.said);
    }
}

#[test]
fn what_only_adds_breaks_nothing() {
    let today = today();
    assert!(breaks(&today, &today).is_empty());
    for (number, change) in planted::HARMLESS.iter().enumerate() {
        let mut changed = today.clone();
        change(&mut changed);
        assert!(changed != today, "number {number} changes nothing");
        assert!(breaks(&today, &changed).is_empty(), "number {number}: {:#?}", breaks(&today, &changed));
    }
}
