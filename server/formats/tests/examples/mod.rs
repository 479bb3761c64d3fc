//! The folder of example files that `NAHRAUM_TEST_DATA` names, which are not part of this repository, and what a right reader makes of the
//! synthetic ones among them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// The folder. Without it the tests say that they were skipped.
pub(crate) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("NAHRAUM_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("SKIPPED: NAHRAUM_TEST_DATA is not set, no example file was read.");
    }
    folder
}

/// What is expected of the synthetic files whose names begin like this, by their names.
pub(crate) fn gold(folder: &Path, prefixes: &[&str]) -> Vec<(String, Json)> {
    let gold: serde_json::Map<String, Json> =
        serde_json::from_slice(&fs::read(folder.join("gold-syn.json")).unwrap()).unwrap();
    gold.into_iter().filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix))).collect()
}
