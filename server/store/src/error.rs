//! What can go wrong in the store: the database, a stored value, or the policy's no.

use nahraum_domain::audit::LogEntry;

use crate::{db::DatabaseError, sessions::Over};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A stored value is not what it must be. Names the place, never the value.
    #[error("the stored value in {0} cannot be read")]
    Corrupt(&'static str),
    /// Its owner was erased: the key is destroyed, and the rows are going or come from an old backup.
    #[error("erased")]
    Erased,
    /// The policy said no. The entry must be logged after the rollback.
    #[error("refused")]
    Denied(Box<Denied>),
    /// The credential is unknown, ended or expired.
    #[error("not signed in")]
    Unauthenticated,
    /// The credential was good once. Only its holder learns why it is not any more.
    #[error("the session is over")]
    Over(Over),
}

/// A refusal and its line for the access log.
#[derive(Debug)]
pub struct Denied {
    /// How to answer.
    pub refused: Refused,
    /// What to log.
    pub entry: LogEntry,
}

/// How a refusal looks to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// As if the record did not exist.
    Hidden,
    /// This kind of actor never does this.
    Forbidden,
    /// Not in the state the record is in.
    Conflict,
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
