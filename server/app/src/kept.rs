//! Answers that are kept for retries: the same request under the same key is done once, and answered alike.

use nahraum_store::{
    Caller, Tx,
    idempotency::{self, Known, RequestKey},
};

use crate::{Refusal, refusal::Failure};

/// An answer that is kept for retries: the caller's HTTP floor has rendered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Whether it is the answer to an earlier attempt.
    pub replayed: bool,
}

/// Does something once for this key and keeps its answer in the same commit; who asks again gets that one.
///
/// # Errors
/// [`Refusal::IdempotencyKeyReused`] when the key belongs to another request; what `work` says; the database's.
pub(crate) fn once<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    key: &RequestKey,
    work: impl FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<(u16, String), Failure>,
) -> Result<KeptAnswer, Failure> {
    match idempotency::find(tx, caller, key)? {
        Known::Answered { status, body } => {
            let status = u16::try_from(status).map_err(|_| Refusal::Internal)?;
            return Ok(KeptAnswer { status, body, replayed: true });
        }
        Known::OtherRequest => return Err(Refusal::IdempotencyKeyReused.into()),
        Known::New => {}
    }
    let (status, body) = work(tx, caller)?;
    idempotency::keep(tx, caller, key, i32::from(status), &body)?;
    Ok(KeptAnswer { status, body, replayed: false })
}
