//! What shows that a requirement is kept: the tests that carry its id in their name, collected into a paper.
//!
//! `docs/security-evidence.md` is generated (`UPDATE_GOLDEN=1 cargo test -p nahraum-tidy`) and compared. A requirement that no test
//! names must stand in `ops/deviations.md` with its reason.

mod table;

use std::collections::BTreeMap;

use self::table::REQUIREMENTS;
use crate::tree::{Breach, Tree};

const PAPER: &str = "docs/security-evidence.md";
const DEVIATIONS: &str = "ops/deviations.md";

/// A test: where it stands and what it is called.
type Tests = BTreeMap<String, Vec<(String, String)>>;

/// The paper is what the code gives.
pub(crate) fn is_true(tree: &Tree) -> Vec<Breach> {
    let paper = paper(&tests(tree));
    let kept = tree.files.iter().find(|file| file.path == PAPER).map(|file| file.text.as_str());
    if kept == Some(&paper) {
        return Vec::new();
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAPER);
        if std::fs::write(path, paper).is_ok() {
            return Vec::new();
        }
    }
    vec![Breach::new(PAPER, 0, "is not what the tests say: UPDATE_GOLDEN=1 cargo test -p nahraum-tidy writes it")]
}

/// Every requirement is shown or its absence explained, and no test names one that does not exist.
pub(crate) fn is_complete(tree: &Tree) -> Vec<Breach> {
    let tests = tests(tree);
    let deviations = tree.files.iter().find(|file| file.path == DEVIATIONS).map_or("", |file| file.text.as_str());
    let mut breaches = Vec::new();
    for requirement in REQUIREMENTS {
        if !tests.contains_key(requirement.id) && !deviations.contains(&format!("| {}", requirement.id)) {
            let message = format!("{}: no test has it in its name, and {DEVIATIONS} does not say why", requirement.id);
            breaches.push(Breach::new(PAPER, 0, message));
        }
    }
    breaches
}

/// The functions of tests whose names begin with the id of a requirement: `sr_a13_…`.
fn tests(tree: &Tree) -> Tests {
    let mut tests = Tests::new();
    for file in tree.rust() {
        let code = file.code();
        for (at, _) in code.match_indices("fn sr_") {
            let name: String = code[at + 3..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if let Some(id) = id_of(&name) {
                tests.entry(id).or_default().push((file.path.clone(), name));
            }
        }
    }
    tests
}

/// `SR-A13` of `sr_a13_a_proof_counts_once`.
fn id_of(name: &str) -> Option<String> {
    let id = name.strip_prefix("sr_")?.split('_').next()?;
    let (table, number) = id.split_at_checked(1)?;
    let fits = table.bytes().all(|b| b.is_ascii_lowercase()) && number.len() == 2;
    (fits && number.bytes().all(|b| b.is_ascii_digit())).then(|| format!("SR-{}{number}", table.to_uppercase()))
}

fn paper(tests: &Tests) -> String {
    let mut paper = String::from(
        "# Security: what is required, and what shows it\n\n\
         Written from the tests; do not edit. Each requirement has an id of the security paper and the ids of the standards it\n\
         comes from: TR3 and TR1 are BSI TR-03161-3 (background systems, v2.0) and -1 (mobile applications, v3.0), A5 is OWASP ASVS\n\
         5.0.0, N63 is NIST SP 800-63-4. A test shows a requirement when its name begins with the id. Behaviour tests\n\
         (`tests/house`) run on SQLite and on PostgreSQL. What is not met stands in [ops/deviations.md](../ops/deviations.md); how\n\
         figures were measured, in [performance.md](performance.md).\n\n\
         | id | asks for | sources | shown by | figure |\n|---|---|---|---|---|\n",
    );
    for requirement in REQUIREMENTS {
        let shown: Vec<String> = tests
            .get(requirement.id)
            .into_iter()
            .flatten()
            .map(|(path, name)| format!("[{}](../{path})", words(name)))
            .collect();
        let shown = if shown.is_empty() { "see deviations".to_owned() } else { shown.join("<br>") };
        paper.push_str(&format!(
            "| {} | {} | {} | {shown} | {} |\n",
            requirement.id, requirement.asks, requirement.sources, requirement.figure
        ));
    }
    paper
}

/// What a test's name says, without the id.
fn words(name: &str) -> String {
    name.splitn(3, '_').nth(2).unwrap_or(name).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_its_requirement() {
        assert_eq!(id_of("sr_a13_a_proof_counts_once").as_deref(), Some("SR-A13"));
        assert_eq!(words("sr_a13_a_proof_counts_once"), "a proof counts once");
        for other in ["sr_3", "sr_a1_x", "sr_ab3_x", "srx_a13"] {
            assert_eq!(id_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_requirement_without_a_test_or_a_reason_is_found() {
        let all: String = REQUIREMENTS.iter().map(|r| format!("| {} |\n", r.id)).collect();
        assert_eq!(is_complete(&Tree::of(&[("ops/deviations.md", &all)])).len(), 0);
        let without = all.replace("| SR-K11 |\n", "");
        assert_eq!(is_complete(&Tree::of(&[("ops/deviations.md", &without)])).len(), 1);
        let test = ("tests/house/rooms/x.rs", "fn sr_k11_headers(house: &House) {}\n");
        assert_eq!(is_complete(&Tree::of(&[("ops/deviations.md", &without), test])).len(), 0);
    }
}
