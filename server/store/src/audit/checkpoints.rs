//! Checkpoints: places of the chain that the server has signed, so that what was there then cannot be replaced later.

use diesel::{insert_into, prelude::*};
use nahraum_domain::audit::{
    chain::Position,
    statement::{Checkpoint, Mark},
};
use nahraum_secrets::Signature;

use crate::{
    access::{
        System, Tx,
        chain::{self, array},
    },
    error::StoreError,
    schema::log_checkpoints,
};

/// A checkpoint and the signature over its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The signature over [`Checkpoint::text`].
    pub signature: Signature,
}

type Row = (i64, String, i64, Vec<u8>, Vec<u8>, Vec<u8>);

impl SignedCheckpoint {
    /// From what is stored; none when it is no checkpoint.
    fn of((seq, mark, at, hash, key, signature): &Row) -> Option<Self> {
        let place = chain::position(*seq, hash)?;
        let checkpoint = Checkpoint { mark: Mark::parse(mark)?, place, at: *at, key: array(key)? };
        Some(Self { checkpoint, signature: array(signature)? })
    }
}

/// Signs where the chain ends now, and stores it.
///
/// # Errors
/// The database's.
pub fn checkpoint(tx: &mut Tx<'_>, _system: &System) -> Result<SignedCheckpoint, StoreError> {
    let place = chain::head(tx.conn())?;
    if let Some(newest) = newest_checkpoint(tx)?
        && newest.checkpoint.place == place
        && newest.checkpoint.at == tx.now().as_microsecond()
    {
        return Ok(newest);
    }
    sign(tx, Mark::Checkpoint, place)
}

/// Signs a place and stores that.
pub(super) fn sign(tx: &mut Tx<'_>, mark: Mark, place: Position) -> Result<SignedCheckpoint, StoreError> {
    let signer = &tx.keys().checkpoints;
    let key = *signer.verifying().as_bytes();
    let checkpoint = Checkpoint { mark, place, at: tx.now().as_microsecond(), key };
    let signature = signer.sign(&checkpoint.text());
    insert_into(log_checkpoints::table)
        .values((
            log_checkpoints::seq.eq(place.count),
            log_checkpoints::mark.eq(mark.as_str()),
            log_checkpoints::at.eq(checkpoint.at),
            log_checkpoints::hash.eq(place.hash.to_vec()),
            log_checkpoints::verifying_key.eq(key.to_vec()),
            log_checkpoints::signature.eq(signature.to_vec()),
        ))
        .execute(tx.conn())?;
    Ok(SignedCheckpoint { checkpoint, signature })
}

/// The newest checkpoint, if there is one.
///
/// # Errors
/// The database's; [`StoreError::Corrupt`] when it is none.
pub fn newest_checkpoint(tx: &mut Tx<'_>) -> Result<Option<SignedCheckpoint>, StoreError> {
    let row: Option<Row> = log_checkpoints::table
        .filter(log_checkpoints::mark.eq(Mark::Checkpoint.as_str()))
        .order((log_checkpoints::seq.desc(), log_checkpoints::at.desc()))
        .first(tx.conn())
        .optional()?;
    row.map(|row| SignedCheckpoint::of(&row).ok_or(StoreError::Corrupt("log_checkpoints"))).transpose()
}

/// All that are stored, oldest place first; none for a row that is no checkpoint.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<(i64, Option<SignedCheckpoint>)>, StoreError> {
    let rows: Vec<Row> = log_checkpoints::table.order((log_checkpoints::seq, log_checkpoints::at)).load(tx.conn())?;
    Ok(rows.iter().map(|row| (row.0, SignedCheckpoint::of(row))).collect())
}
