//! A phone that waits to become a resident's: what it showed, kept until somebody else has said yes.

use nahraum_domain::{ids::ResidentId, private::Private};
use nahraum_secrets::{PasswordHash, random_bytes};

use crate::{
    access::Tx,
    devices::{Holder, NewDevice},
    error::StoreError,
    vault::{Place, Subject},
};

/// The columns of a waiting phone: kind and hash of what it shows, the hash of its PIN, its sealed name.
pub(crate) type Columns = (String, Vec<u8>, String, Option<Vec<u8>>);

/// A number to match on two screens: 10 to 99.
pub(crate) fn number_to_match(tx: &Tx<'_>) -> i32 {
    let [byte, other, ..] = random_bytes::<10>(tx.random());
    10 + i32::from(u16::from_be_bytes([byte, other])) % 90
}

/// The name as it is stored, in the row with this id.
pub(crate) fn seal_name(
    tx: &Tx<'_>,
    resident: ResidentId,
    place: Place<'_>,
    new: &NewDevice,
) -> Result<Option<Vec<u8>>, StoreError> {
    let vault = tx.vault();
    let seal = |name: &Private<String>| vault.seal_text(Subject::Resident(resident), place, name.reveal());
    new.name.as_ref().map(seal).transpose()
}

/// The phone that was stored in the row with this id.
pub(crate) fn read(
    tx: &Tx<'_>,
    resident: ResidentId,
    place: Place<'_>,
    (kind, hash, pin, name): Columns,
) -> Result<NewDevice, StoreError> {
    let name = name.map(|sealed| tx.vault().open_text(Subject::Resident(resident), place, sealed)).transpose()?;
    Ok(NewDevice {
        holder: Holder::read(&kind, hash)?,
        pin: PasswordHash::from_stored(&pin).map_err(|_| StoreError::Corrupt("a PIN hash"))?,
        name: name.map(Private::new),
    })
}
