//! Counting what is shown against what is written down.
//!
//! Each run of the server has one row. The log's writer adds to `unsealed` in the very commit that makes the entries
//! durable; the web floor counts answers that carry health data, by what the operation is and not by what its handler
//! did, and a job adds them to `answers` later. An answer follows its unsealing, so at every moment, across restarts,
//! crashes and any number of processes: `answers ≤ unsealed`. More answers than unsealings means that something was shown
//! and not written down.

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::{
    audit::{LogAction, LogActor, LogEntry, LogOutcome},
    ids::RequestId,
};

use crate::{
    access::{System, Tx, sealed::Sealed},
    error::StoreError,
    schema::{access_log, log_processes},
};

/// A run of the server that has shown more than was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a run of the server has given {answers} answers with health data, and only {unsealed} were written down first"
)]
pub struct Gap {
    /// How many answers it has given.
    pub answers: i64,
    /// How many of them were written down first.
    pub unsealed: i64,
}

/// Adds to the answers that this run of the server has given. Gives the gap, if there is one now.
///
/// # Errors
/// The database's.
pub fn count_answers(
    tx: &mut Tx<'_>,
    _system: &System,
    process: [u8; 16],
    answers: i64,
) -> Result<Option<Gap>, StoreError> {
    let now = tx.now().as_microsecond();
    let id = process.to_vec();
    let counted = update(log_processes::table.find(&id))
        .set((log_processes::answers.eq(log_processes::answers + answers), log_processes::seen_at.eq(now)))
        .execute(tx.conn())?;
    if counted == 0 {
        insert_into(log_processes::table)
            .values((
                log_processes::id.eq(&id),
                log_processes::started_at.eq(now),
                log_processes::seen_at.eq(now),
                log_processes::unsealed.eq(0),
                log_processes::answers.eq(answers),
            ))
            .execute(tx.conn())?;
    }
    let row = log_processes::table.find(&id).select((log_processes::answers, log_processes::unsealed));
    let (answers, unsealed): (i64, i64) = row.first(tx.conn())?;
    Ok((answers > unsealed).then_some(Gap { answers, unsealed }))
}

/// Every run that has shown more than was written down.
///
/// # Errors
/// The database's.
pub fn gaps(tx: &mut Tx<'_>) -> Result<Vec<Gap>, StoreError> {
    let rows: Vec<(i64, i64)> = log_processes::table
        .filter(log_processes::answers.gt(log_processes::unsealed))
        .order(log_processes::started_at)
        .select((log_processes::answers, log_processes::unsealed))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(answers, unsealed)| Gap { answers, unsealed }).collect())
}

/// Every run: when it began and when it was seen last, in microseconds.
pub(super) fn runs(tx: &mut Tx<'_>) -> Result<Vec<(i64, i64)>, StoreError> {
    Ok(log_processes::table.select((log_processes::started_at, log_processes::seen_at)).load(tx.conn())?)
}

/// The daily check: something that is sealed like health data and takes the same way, so that its entry proves that the
/// way works. It is about nobody.
pub fn check_entry(tx: &Tx<'_>, _system: &System) -> Sealed<RequestId> {
    let entry = LogEntry {
        resident: None,
        at: tx.now(),
        actor: LogActor::System,
        action: LogAction::Check,
        finding: None,
        basis: None,
        consent: None,
        rests_on: None,
        outcome: LogOutcome::Done,
        request: tx.request(),
    };
    Sealed::new(tx.request(), entry)
}

/// Whether the check entry of this request is among the newest of the log.
///
/// # Errors
/// The database's.
pub fn has_entry(tx: &mut Tx<'_>, request: RequestId) -> Result<bool, StoreError> {
    let newest: Vec<Vec<u8>> =
        access_log::table.order(access_log::seq.desc()).limit(4_096).select(access_log::request_id).load(tx.conn())?;
    Ok(newest.iter().any(|id| id.as_slice() == request.as_bytes()))
}
