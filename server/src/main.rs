//! The `nahraum` binary.
fn main() {}
