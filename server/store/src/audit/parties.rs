//! Telling residents that somebody new has had to do with them, if they want that.

use diesel::{prelude::*, update};
use nahraum_domain::ids::ResidentId;

use crate::{
    access::{System, Tx},
    db::types::Sql,
    error::StoreError,
    notifications,
    schema::{log_parties, residents},
};

/// Puts a notice into the outbox for residents whom an organisation has met for the first time, as far as they want to
/// be told, at most `limit` at a time. Returns how many were looked at. The notice says what all notices say: that
/// there is something new.
///
/// # Errors
/// The database's.
pub fn announce(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let untold: Vec<(Sql<ResidentId>, Vec<u8>)> = log_parties::table
        .filter(log_parties::told.eq(0))
        .limit(limit)
        .select((log_parties::resident_id, log_parties::organisation_id))
        .load(tx.conn())?;
    for (resident, organisation) in &untold {
        let wants = residents::table.find(resident).select(residents::notify_first_access);
        if wants.first::<i64>(tx.conn()).optional()? == Some(1) {
            notifications::something_new(tx, resident.0)?;
        }
        update(log_parties::table.find((resident, organisation))).set(log_parties::told.eq(1)).execute(tx.conn())?;
    }
    Ok(untold.len())
}
