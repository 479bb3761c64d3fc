//! A caller out of thin air.
use nahraum_domain::{access::Actor, ids::ResidentId};
use nahraum_store::Caller;

fn main() {
    let _caller = Caller::new(Actor::Resident(ResidentId::from_bytes([0; 16])), None);
}
