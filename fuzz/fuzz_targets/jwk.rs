//! Feeds arbitrary bytes to `signed::any_jwk`.

#![no_main]

#[path = "../../tests/support/proof_maker.rs"]
#[expect(dead_code, reason = "every target uses some functions of the maker")]
mod proof_maker;
#[path = "../signed.rs"]
#[expect(dead_code, reason = "every target uses one function of the harness")]
mod signed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| signed::any_jwk(bytes));
