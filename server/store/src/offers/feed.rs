//! The feed of changes: one number for each change of what the public sees, in the order of the commits.
//!
//! The number is drawn while the row of the head is locked, and the lock is held to the end of the unit of work: who has
//! drawn a higher number has waited for the lower one to be committed, or taken back. So a reader who has seen a number has
//! seen all before it, also between two writers on PostgreSQL (OpenActive's feeds have that race and wait for it to pass).

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::{ids::OfferId, offers::occurrences::OccurrenceState};

use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{occurrences, offer_feed, offer_feed_head, offers},
};

/// The only row of the head.
const HEAD: i32 = 1;

/// When an offer without a date begins.
pub(crate) const NEVER: i64 = i64::MAX;

/// Something of an offer is another than before: tells the feed, if the public sees the offer, and looks up its next date.
///
/// # Errors
/// The database's.
pub(crate) fn touch(tx: &mut Tx<'_>, offer: OfferId) -> Result<(), StoreError> {
    let status = super::status(tx, offer)?.ok_or(StoreError::Corrupt("offers.id"))?;
    look_up_next(tx, offer)?;
    let listed: i64 = offer_feed::table.find(Sql(offer)).count().get_result(tx.conn())?;
    match (status.is_public(), listed > 0) {
        (false, false) => Ok(()),
        (is_public, is_listed) => note(tx, offer, !is_public, is_listed),
    }
}

/// Writes down when the next date of an offer begins that is not over, in microseconds, and gives it.
pub(crate) fn look_up_next(tx: &mut Tx<'_>, offer: OfferId) -> Result<i64, StoreError> {
    let next: Option<i64> = occurrences::table
        .filter(occurrences::offer_id.eq(Sql(offer)))
        .filter(occurrences::ends_at.gt(Instant::from(tx.now())))
        .filter(occurrences::state.ne(OccurrenceState::Cancelled.as_str()))
        .select(diesel::dsl::min(occurrences::starts_at))
        .first(tx.conn())?;
    let next = next.unwrap_or(NEVER);
    let other = offers::table.find(Sql(offer)).filter(offers::next_at.ne(next));
    update(other).set(offers::next_at.eq(next)).execute(tx.conn())?;
    Ok(next)
}

fn note(tx: &mut Tx<'_>, offer: OfferId, gone: bool, is_listed: bool) -> Result<(), StoreError> {
    let head = offer_feed_head::table.find(HEAD);
    update(head).set(offer_feed_head::seq.eq(offer_feed_head::seq + 1)).execute(tx.conn())?;
    let seq: i64 = head.select(offer_feed_head::seq).first(tx.conn())?;
    let values = (
        offer_feed::seq.eq(seq),
        offer_feed::changed_at.eq(Instant::from(tx.now())),
        offer_feed::gone.eq(i32::from(gone)),
    );
    if is_listed {
        update(offer_feed::table.find(Sql(offer))).set(values).execute(tx.conn())?;
    } else {
        insert_into(offer_feed::table).values((offer_feed::offer_id.eq(Sql(offer)), values)).execute(tx.conn())?;
    }
    Ok(())
}

/// The number of the last change.
///
/// # Errors
/// The database's.
pub(crate) fn head(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    Ok(offer_feed_head::table.find(HEAD).select(offer_feed_head::seq).first(tx.conn())?)
}
