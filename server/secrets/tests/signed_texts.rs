//! Whatever is sent as a proof, an assertion or a key: the checks of the fuzz targets, on random texts and on the corpus.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../../../tests/support/proof_maker.rs"]
#[expect(dead_code, reason = "the harness needs some functions of the maker")]
mod proof_maker;
#[path = "../../../fuzz/signed.rs"]
mod signed;

use std::{fs, path::Path};

use proptest::prelude::*;

fn check_corpus(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let inputs: Vec<_> = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
    assert!(inputs.len() >= 3, "{target}");
    for input in &inputs {
        (0..=input.len()).for_each(|end| check(&input[..end]));
    }
}

#[test]
fn the_corpus_passes() {
    check_corpus("dpop", signed::any_proof);
    check_corpus("client_assertion", signed::any_assertion);
    check_corpus("jwk", signed::any_jwk);
}

proptest! {
    #[test]
    fn random_texts_pass(header in "\\PC{0,40}", claims in "\\PC{0,80}") {
        for text in [format!("\n{claims}"), format!("{header}\n{claims}"), header, claims] {
            signed::any_proof(text.as_bytes());
            signed::any_assertion(text.as_bytes());
            signed::any_jwk(text.as_bytes());
        }
    }
}
