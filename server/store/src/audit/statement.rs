//! What a resident takes away: their own entries with their chain, and a signed statement about where it ends.

use diesel::prelude::*;
use nahraum_domain::{
    audit::{
        chain::Position,
        statement::{Statement, hex},
    },
    ids::ResidentId,
};
use nahraum_secrets::Signature;

use crate::{
    access::{
        Caller, Tx,
        chain::{self, LinkedRow},
    },
    error::StoreError,
    schema::access_log,
};

/// One entry as its resident takes it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedEntry {
    /// Its number in the resident's chain, from 1.
    pub number: i64,
    /// Its number in the chain over all.
    pub seq: i64,
    /// Its canonical text.
    pub body: String,
    /// Its hash in the resident's chain, in hexadecimal digits.
    pub hash: String,
}

/// A statement and the signature over its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedStatement {
    /// What was signed.
    pub statement: Statement,
    /// The signature over [`Statement::text`].
    pub signature: Signature,
}

fn resident_of(caller: &Caller<'_>) -> Result<ResidentId, StoreError> {
    caller.resident().ok_or(StoreError::Unauthenticated)
}

/// Where the caller's own chain ends, and the signature over it.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn statement(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<SignedStatement, StoreError> {
    let resident = resident_of(caller)?;
    let (own, all) = (chain::resident_position(tx.conn(), resident)?, chain::head(tx.conn())?);
    let signer = &tx.keys().checkpoints;
    let statement =
        Statement { resident, own, all, at: tx.now().as_microsecond(), key: *signer.verifying().as_bytes() };
    Ok(SignedStatement { statement, signature: signer.sign(&statement.text()) })
}

/// The server's word for what the caller takes away: a signature over the list of its files. Its first word names the form,
/// so that it is never taken for a [`Statement`], which is JSON.
#[must_use]
pub fn sign_listing(tx: &Tx<'_>, _caller: &Caller<'_>, listing: &str) -> Signature {
    tx.keys().checkpoints.sign(listing)
}

/// The server's word for what the caller asks it to confirm: a compact JWS by the same key. `typ` says what it is.
#[must_use]
pub fn sign_jws(tx: &Tx<'_>, _caller: &Caller<'_>, typ: &'static str, payload: &[u8]) -> String {
    tx.keys().checkpoints.jws(typ, payload)
}

/// The same over what is packed by DEFLATE, for paper.
#[must_use]
pub fn sign_deflated(tx: &Tx<'_>, _caller: &Caller<'_>, typ: &'static str, payload: &[u8]) -> String {
    tx.keys().checkpoints.jws_of_deflated(typ, payload)
}

/// What was pruned of the caller's own chain: what its first entry follows.
///
/// # Errors
/// As [`statement`].
pub fn own_anchor(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Position, StoreError> {
    let resident = resident_of(caller)?;
    Ok(chain::resident_anchor(tx.conn(), resident)?)
}

/// The caller's own entries after the one with this number, oldest first, at most `limit`.
///
/// # Errors
/// As [`statement`]; [`StoreError::Corrupt`] when an entry is none.
pub fn entries_of(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<ExportedEntry>, StoreError> {
    let resident = resident_of(caller)?;
    let rows: Vec<LinkedRow> = access_log::table
        .filter(access_log::resident_id.eq(Some(resident.as_bytes().to_vec())))
        .filter(access_log::number.gt(after))
        .order(access_log::number)
        .limit(limit)
        .load(tx.conn())?;
    rows.iter()
        .map(|row| {
            let entry = row.linked()?;
            let own = entry.own?;
            let body = entry.record.body().ok()?;
            Some(ExportedEntry { number: own.count, seq: entry.seq, body, hash: hex(&own.hash) })
        })
        .collect::<Option<_>>()
        .ok_or(StoreError::Corrupt("access_log"))
}
