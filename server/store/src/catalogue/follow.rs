//! Holding the whole catalogue on a phone: everything once, and from then on what changes.

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::ids::OfferId;

use super::{Listed, listed};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    offers::feed,
    schema::offer_feed,
};

/// One change.
#[derive(Debug)]
pub struct Change {
    /// Its number.
    pub seq: i64,
    /// The offer.
    pub id: OfferId,
    /// When.
    pub at: Timestamp,
    /// The offer as it is now; none when it is gone.
    pub listed: Option<Listed>,
}

/// The changes after a number, the oldest first, at most `limit`. An offer that has changed often is there once, with its last number.
///
/// # Errors
/// The database's.
pub fn changes(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
    let rows: Vec<(i64, Sql<OfferId>, Instant, i32)> = offer_feed::table
        .filter(offer_feed::seq.gt(after))
        .order(offer_feed::seq)
        .limit(limit)
        .select((offer_feed::seq, offer_feed::offer_id, offer_feed::changed_at, offer_feed::gone))
        .load(tx.conn())?;
    let there: Vec<OfferId> = rows.iter().filter(|row| row.3 == 0).map(|row| row.1.0).collect();
    let mut offers = listed(tx, &there)?.into_iter().peekable();
    let change = |(seq, id, at, _): (i64, Sql<OfferId>, Instant, i32)| Change {
        seq,
        id: id.0,
        at: at.timestamp(),
        listed: offers.next_if(|listed| listed.offer.id == id.0),
    };
    Ok(rows.into_iter().map(change).collect())
}

/// Everything that is public now, and the number of the last change that is in it.
///
/// # Errors
/// The database's.
pub fn snapshot(tx: &mut Tx<'_>) -> Result<(i64, Vec<Listed>), StoreError> {
    let head = feed::head(tx)?;
    let ids: Vec<Sql<OfferId>> = offer_feed::table
        .filter(offer_feed::gone.eq(0))
        .order(offer_feed::offer_id)
        .select(offer_feed::offer_id)
        .load(tx.conn())?;
    let ids: Vec<OfferId> = ids.into_iter().map(|id| id.0).collect();
    Ok((head, listed(tx, &ids)?))
}
