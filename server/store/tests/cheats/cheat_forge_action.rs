//! An action of one's own, that the policy has never heard of.
use nahraum_domain::access::Action;
use nahraum_store::actions::ActionMarker;

struct Peek;

impl ActionMarker for Peek {
    const ACTION: Action = Action::ReadReceipt;
}

fn main() {}
