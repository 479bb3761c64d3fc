//! A session for someone whose PIN nobody has checked.
use nahraum_domain::ids::DeviceId;
use nahraum_secrets::Verified;
use nahraum_store::{StoreError, Tx, sessions};

fn open(tx: &mut Tx<'_>, device: DeviceId) -> Result<(), StoreError> {
    sessions::open_for_device(tx, &Verified { id: device, outdated: false })?;
    Ok(())
}

fn main() {}
