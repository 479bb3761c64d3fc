//! Pruning: what is too old is deleted from the front of the chain, and a signed anchor says where it begins from then on.

use std::collections::HashMap;

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::audit::{chain::Position, statement::Mark};

use super::checkpoints;
use crate::{
    access::{
        System, Tx,
        chain::{self, HEAD, LinkedRow},
    },
    error::StoreError,
    schema::{access_log, access_log_anchors, access_log_head, log_checkpoints, log_processes},
};

/// Deletes entries older than `before` from the front of the log, at most `limit` at a time. Returns how many.
///
/// An entry that is younger keeps those behind it, whatever their time says: the chain is cut in one place only.
///
/// # Errors
/// The database's; [`StoreError::Corrupt`] when the log is damaged, and then nothing is deleted.
pub fn prune(tx: &mut Tx<'_>, _system: &System, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let oldest: Option<i64> =
        access_log::table.order(access_log::seq).select(access_log::at).first(tx.conn()).optional()?;
    if oldest.is_none_or(|at| at >= before.as_microsecond()) {
        return Ok(0);
    }
    // Whoever changes the log holds the lock of its head.
    update(access_log_head::table.find(HEAD)).set(access_log_head::id.eq(HEAD)).execute(tx.conn())?;
    let rows: Vec<LinkedRow> = access_log::table.order(access_log::seq).limit(limit).load(tx.conn())?;
    let mut newest: Option<Position> = None;
    let mut residents = HashMap::new();
    let mut count = 0_usize;
    for row in &rows {
        let entry = row.linked().ok_or(StoreError::Corrupt("access_log"))?;
        if entry.record.at >= before.as_microsecond() {
            break;
        }
        newest = Some(Position { count: entry.seq, hash: entry.hash });
        if let (Some(resident), Some(own)) = (entry.record.resident, entry.own) {
            residents.insert(resident, own);
        }
        count = count.saturating_add(1);
    }
    let Some(newest) = newest else { return Ok(0) };
    for (resident, own) in residents {
        let id = resident.as_bytes().to_vec();
        delete(access_log_anchors::table.find(&id)).execute(tx.conn())?;
        insert_into(access_log_anchors::table)
            .values((
                access_log_anchors::resident_id.eq(&id),
                access_log_anchors::number.eq(own.count),
                access_log_anchors::hash.eq(own.hash.to_vec()),
            ))
            .execute(tx.conn())?;
    }
    cut(tx, newest, before)?;
    Ok(count)
}

/// Deletes what lies before an anchor, and signs the anchor.
fn cut(tx: &mut Tx<'_>, anchor: Position, before: Timestamp) -> Result<(), StoreError> {
    delete(access_log::table.filter(access_log::seq.le(anchor.count))).execute(tx.conn())?;
    update(access_log_head::table.find(HEAD))
        .set((access_log_head::pruned_seq.eq(anchor.count), access_log_head::pruned_hash.eq(anchor.hash.to_vec())))
        .execute(tx.conn())?;
    // A place that is gone says nothing any more; the one anchor takes all their places.
    delete(log_checkpoints::table.filter(log_checkpoints::seq.le(anchor.count))).execute(tx.conn())?;
    delete(log_processes::table.filter(log_processes::seen_at.lt(before.as_microsecond()))).execute(tx.conn())?;
    checkpoints::sign(tx, Mark::Anchor, anchor)?;
    Ok(())
}

/// Where the log begins: the newest entry that was pruned.
pub(super) fn anchor(tx: &mut Tx<'_>) -> Result<Position, StoreError> {
    let row = access_log_head::table.find(HEAD).select((access_log_head::pruned_seq, access_log_head::pruned_hash));
    let (count, hash): (i64, Vec<u8>) = row.first(tx.conn())?;
    chain::position(count, &hash).ok_or(StoreError::Corrupt("access_log_head.pruned_hash"))
}
