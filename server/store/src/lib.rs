//! All SQL, transactions, stored bytes, callers and permits.
//!
//! What happens in the database happens inside [`Store::read`] or [`Store::write`], in one transaction, on a [`Tx`].
//! Health data leaves the store only with a [`Permit`] and only [`Sealed`]: it can be taken out after its line in the
//! access log is durable, and not before.

mod access;
pub(crate) mod db;
mod error;
mod key_store;
mod newcomers;
mod schema;
mod store;
mod vault;

pub mod accounts;
pub mod approvals;
pub mod areas;
pub mod audit;
pub mod authorizations;
pub mod bookmarks;
pub mod catalogue;
pub mod ceremonies;
pub mod consents;
pub mod corrections;
pub mod device_links;
pub mod devices;
pub mod encounters;
pub mod enrolments;
pub mod erasure;
pub mod factors;
pub mod feedback;
pub mod findings;
pub mod freshness;
pub mod idempotency;
pub mod imports;
pub mod installation;
pub mod invitations;
pub mod links;
pub mod notifications;
pub mod offers;
pub mod organisations;
pub mod places;
pub mod practices;
pub mod push;
pub mod questions;
pub mod recommendations;
pub mod recovery;
pub mod registrations;
pub mod schedules;
pub mod security;
pub mod sessions;
pub mod shares;
pub mod software;
pub mod sync;
pub mod throttles;
pub mod wishes;

pub use access::{
    Caller, Permit, Scope, System, Tx, actions,
    log::{AccessLog, NotLogged},
    sealed::Sealed,
};
pub use db::{DatabaseConfig, DatabaseError, Target};
pub use error::{Denied, Refused, StoreError};
pub use key_store::{KekState, KeyStock, Rotation, StoredKek};
pub use store::{Moment, Store};
