//! The program itself, against a server of the test's own that checks what it is shown and counts what it is given.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a failing test panics, and it waits in real time"
)]

mod folders;
mod killed;
mod local;
mod messages;
mod pairing;
mod program;
mod secrets;
mod server;
mod trouble;
