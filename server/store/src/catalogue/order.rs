//! Keeping the order of the catalogue while time goes by: dates pass.

use diesel::prelude::*;
use nahraum_domain::ids::OfferId;

use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    offers::feed,
    schema::offers,
};

/// Looks the next date up of at most `limit` offers whose last known one has begun. Returns how many offers stand elsewhere now.
///
/// # Errors
/// The database's.
pub fn keep_order(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let now = Instant::from(tx.now());
    let begun: Vec<(Sql<OfferId>, i64)> = offers::table
        .filter(offers::next_at.le(now))
        .order((offers::next_at, offers::id))
        .limit(limit)
        .select((offers::id, offers::next_at))
        .load(tx.conn())?;
    let mut moved = 0_usize;
    for (id, before) in begun {
        // One that lasts still begins when it has begun.
        moved = moved.saturating_add(usize::from(feed::look_up_next(tx, id.0)? != before));
    }
    Ok(moved)
}
