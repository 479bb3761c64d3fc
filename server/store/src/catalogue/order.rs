//! Keeping the order of the catalogue while time goes by: dates pass, and what nobody confirms sinks.

use diesel::{prelude::*, update};
use jiff::{ToSpan as _, tz::TimeZone};
use nahraum_domain::{ids::OfferId, offers::freshness::UNCONFIRMED_AFTER};

use crate::{
    access::{System, Tx},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    offers::feed,
    schema::offers,
};

/// Looks the next date up of at most `limit` offers whose last known one has begun, and lets sink what is due for two weeks.
/// Returns how many offers stand elsewhere now.
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
    let today = tx.now().to_zoned(TimeZone::UTC).date();
    let late = Day::from(today.saturating_sub(UNCONFIRMED_AFTER.days()));
    let sunk = update(offers::table.filter(offers::sunk.eq(0)).filter(offers::verify_due.le(Some(late))))
        .set(offers::sunk.eq(1))
        .execute(tx.conn())?;
    Ok(moved.saturating_add(sunk))
}
