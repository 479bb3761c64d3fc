//! The cheats that must not compile. Each file tries one way round the permits; its `.stderr` says why it fails.
//!
//! What the compiler refuses here, no review has to find: that is the promise "nobody reads a finding without a permit
//! and a line in the log".

#[test]
fn no_cheat_compiles() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/cheats/honest.rs");
    cases.compile_fail("tests/cheats/cheat_*.rs");
}
