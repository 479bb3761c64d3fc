//! Room idempotency: a retried upload is answered with the first answer and stores nothing again
//! (draft-ietf-httpapi-idempotency-key-header).

use diesel::{delete, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::access::Actor;

use crate::{
    access::{Caller, System, Tx},
    db::types::Instant,
    error::StoreError,
    schema::idempotency_keys,
    vault::{Place, Subject},
};

/// A client's key for one operation, with the hash of what it asked for.
#[derive(Debug, Clone)]
pub struct RequestKey {
    /// The operation's name.
    pub operation: &'static str,
    /// The client's key.
    pub key: String,
    /// SHA-256 over everything that matters in the request.
    pub request_sha256: [u8; 32],
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: go on.
    New,
    /// The same request was answered before: answer the same.
    Answered {
        /// The HTTP status.
        status: i32,
        /// The body.
        body: String,
    },
    /// The key was used for something else.
    OtherRequest,
}

/// Looks a key up. Keys belong to the caller.
///
/// # Errors
/// The database's.
pub fn find(tx: &mut Tx<'_>, caller: &Caller<'_>, request: &RequestKey) -> Result<Known, StoreError> {
    let owner = owner(caller);
    let row: Option<(Vec<u8>, i32, Vec<u8>)> = idempotency_keys::table
        .find((owner.to_vec(), request.operation, client_key(tx, request)))
        .select((idempotency_keys::request_key, idempotency_keys::status, idempotency_keys::response_sealed))
        .first(tx.conn())
        .optional()?;
    let Some((asked, status, sealed)) = row else { return Ok(Known::New) };
    if asked != request_key(tx, request) {
        return Ok(Known::OtherRequest);
    }
    Ok(Known::Answered { status, body: tx.vault().open_text(subject(caller), place(&owner), sealed)? })
}

/// Keeps an answer, in the same commit as what it tells of.
///
/// # Errors
/// The database's.
pub fn keep(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    request: &RequestKey,
    status: i32,
    body: &str,
) -> Result<(), StoreError> {
    let owner = owner(caller);
    let sealed = tx.vault().seal_text(subject(caller), place(&owner), body)?;
    insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::owner_id.eq(owner.to_vec()),
            idempotency_keys::operation.eq(request.operation),
            idempotency_keys::idempotency_key.eq(client_key(tx, request)),
            idempotency_keys::request_key.eq(request_key(tx, request)),
            idempotency_keys::status.eq(status),
            idempotency_keys::response_sealed.eq(sealed),
            idempotency_keys::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Deletes keys older than `before`. Returns how many.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    let before = Instant::from(before);
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(before));
    Ok(delete(old).execute(tx.conn())?)
}

fn owner(caller: &Caller<'_>) -> [u8; 16] {
    match caller.actor() {
        Actor::Resident(id) | Actor::Representative { resident: id, .. } => *id.as_bytes(),
        Actor::Staff { staff, .. } | Actor::District { staff, .. } | Actor::Operator { staff, .. } => *staff.as_bytes(),
        Actor::Software { credential, .. } => *credential.as_bytes(),
        Actor::Holder { visit, .. } => *visit.as_bytes(),
    }
}

/// An answer belongs to whom it was given.
const fn subject(caller: &Caller<'_>) -> Subject {
    match caller.actor() {
        Actor::Resident(id) | Actor::Representative { resident: id, .. } => Subject::Resident(id),
        Actor::Staff { practice, .. } | Actor::Software { practice, .. } => Subject::Practice(practice),
        Actor::District { .. } | Actor::Operator { .. } | Actor::Holder { .. } => Subject::House,
    }
}

/// A client may write anything into its key, and the hash of a request tells which file was sent: neither stands in the
/// database as it is.
fn client_key(tx: &Tx<'_>, request: &RequestKey) -> Vec<u8> {
    tx.keys().lookups.hash("idempotency_keys.idempotency", request.key.as_bytes()).as_bytes().to_vec()
}

fn request_key(tx: &Tx<'_>, request: &RequestKey) -> Vec<u8> {
    tx.keys().lookups.hash("idempotency_keys.request", &request.request_sha256).as_bytes().to_vec()
}

const fn place(owner: &[u8; 16]) -> Place<'_> {
    Place { column: "idempotency_keys.response", row: owner }
}
