//! Feeds arbitrary bytes to `harness::any_cda`.

#![no_main]

#[path = "../harness.rs"]
#[expect(dead_code, reason = "every target uses one function of the harness")]
mod harness;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| harness::any_cda(bytes));
