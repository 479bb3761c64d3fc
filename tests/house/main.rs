//! The behaviour suite.
fn main() {}
