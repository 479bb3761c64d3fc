//! A permit to read, used to take back.
use nahraum_store::{Permit, StoreError, Tx, actions::OpenFinding, findings};

fn abuse(tx: &mut Tx<'_>, permit: Permit<'_, OpenFinding>) -> Result<(), StoreError> {
    findings::recall(tx, permit, findings::RecallReason::Other)?;
    Ok(())
}

fn main() {}
