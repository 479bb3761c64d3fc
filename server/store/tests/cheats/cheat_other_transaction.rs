//! A caller of one unit of work, used in another.
use nahraum_domain::ids::FindingId;
use nahraum_store::{Caller, StoreError, Tx, actions::OpenFinding};

fn mix<'a, 'b>(other: &mut Tx<'b>, caller: &Caller<'a>, id: FindingId) -> Result<(), StoreError> {
    other.permit::<OpenFinding>(caller, id)?;
    Ok(())
}

fn main() {}
