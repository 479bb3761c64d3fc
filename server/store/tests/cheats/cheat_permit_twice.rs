//! One permit, two recalls.
use nahraum_store::{Permit, StoreError, Tx, actions::RecallFinding, findings};

fn twice(tx: &mut Tx<'_>, permit: Permit<'_, RecallFinding>) -> Result<(), StoreError> {
    findings::recall(tx, permit, findings::RecallReason::Other)?;
    findings::recall(tx, permit, findings::RecallReason::Other)?;
    Ok(())
}

fn main() {}
