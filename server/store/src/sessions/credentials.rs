//! Stored secrets to check a sign-in against, and the wrong tries so far.

use diesel::{prelude::*, update};
use nahraum_domain::{ids::DeviceId, throttle::Failures};
use nahraum_secrets::PasswordHash;

use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    devices::Holder,
    error::StoreError,
    schema::devices,
};

/// A stored secret to check, and the wrong tries so far. `I` is whose secret it is.
#[derive(Debug)]
pub struct StoredCredential<I> {
    /// Whose secret.
    pub id: I,
    /// The secret's hash.
    pub hash: PasswordHash,
    /// The wrong tries since the last right one.
    pub failures: Failures,
}

/// The PIN that belongs to a phone.
///
/// # Errors
/// The database's.
pub fn device_credential(tx: &mut Tx<'_>, holder: &Holder) -> Result<Option<StoredCredential<DeviceId>>, StoreError> {
    type Row = (Sql<DeviceId>, String, i32, Option<Instant>);
    let row: Option<Row> = devices::table
        .filter(devices::holder_hash.eq(holder.hash().as_slice()))
        .filter(devices::holder_kind.eq(holder.kind()))
        .filter(devices::unbound_at.is_null())
        .select((devices::id, devices::pin_hash, devices::failed_count, devices::failed_at))
        .first(tx.conn())
        .optional()?;
    row.map(|(id, hash, count, at)| stored(id.0, &hash, count, at)).transpose()
}

fn stored<I>(id: I, hash: &str, count: i32, at: Option<Instant>) -> Result<StoredCredential<I>, StoreError> {
    let hash = PasswordHash::from_stored(hash).map_err(|_| StoreError::Corrupt("a password hash"))?;
    Ok(StoredCredential { id, hash, failures: Failures { count, last_at: at.map(|at| at.timestamp()) } })
}

/// Counts a wrong PIN and says how many it were in a row.
///
/// # Errors
/// The database's.
pub fn device_failed(tx: &mut Tx<'_>, id: DeviceId) -> Result<i32, StoreError> {
    let now = Instant::from(tx.now());
    update(devices::table.find(Sql(id)))
        .set((devices::failed_count.eq(devices::failed_count + 1), devices::failed_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(devices::table.find(Sql(id)).select(devices::failed_count).first(tx.conn())?)
}
