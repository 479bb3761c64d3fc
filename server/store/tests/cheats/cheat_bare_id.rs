//! A finding by its id alone.
use nahraum_domain::ids::FindingId;
use nahraum_store::{StoreError, Tx, findings};

fn bare(tx: &mut Tx<'_>, id: FindingId) -> Result<(), StoreError> {
    findings::open(tx, &id)?;
    Ok(())
}

fn main() {}
