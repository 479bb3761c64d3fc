//! A permit out of thin air.
use nahraum_domain::{access::Basis, ids::FindingId};
use nahraum_store::{Permit, actions::OpenFinding};

fn main() {
    let _permit: Permit<'_, OpenFinding> = Permit { finding: FindingId::from_bytes([0; 16]), basis: Basis::Own };
}
