//! The server's own authority, without a reason.
use nahraum_store::System;

fn main() {
    let _system = System(());
}
