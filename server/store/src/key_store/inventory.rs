//! What lies in the key store, counted: for the operator.

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::ids::KeyId;

use super::{
    KeyStore,
    schema::{erasures, key_encryption_keys as keks, subject_keys},
};
use crate::{
    db::types::{Instant, Sql},
    error::StoreError,
};

/// What a key encryption key is still good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KekState {
    /// New keys are wrapped with it.
    Active,
    /// A rotation is taking its keys away.
    DecryptOnly,
    /// It is gone.
    Destroyed,
}

impl KekState {
    const ALL: [Self; 3] = [Self::Active, Self::DecryptOnly, Self::Destroyed];

    /// A stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::DecryptOnly => "decrypt-only",
            Self::Destroyed => "destroyed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A key encryption key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredKek {
    /// Its id.
    pub id: KeyId,
    /// What it is still good for.
    pub state: KekState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// How many keys are wrapped with it.
    pub keys: i64,
}

/// What lies in the key store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStock {
    /// The key encryption keys, oldest first.
    pub keks: Vec<StoredKek>,
    /// Keys of residents, of practices, of the house.
    pub subjects: [(&'static str, i64); 3],
    /// Residents the ledger remembers as erased.
    pub erased: i64,
}

impl KeyStore {
    /// Counts what there is.
    pub(crate) fn stock(&self) -> Result<KeyStock, StoreError> {
        self.database.read(|conn| {
            type Row = (Sql<KeyId>, String, Instant, Option<Instant>);
            let rows: Vec<Row> = keks::table
                .order(keks::id)
                .select((keks::id, keks::state, keks::created_at, keks::destroyed_at))
                .load(conn)?;
            let mut found = Vec::with_capacity(rows.len());
            for (id, state, created, destroyed) in rows {
                let keys = subject_keys::table.filter(subject_keys::kek_id.eq(id)).count().get_result(conn)?;
                found.push(StoredKek {
                    id: id.0,
                    state: KekState::parse(&state).ok_or(StoreError::Corrupt("key_encryption_keys.state"))?,
                    created_at: created.timestamp(),
                    destroyed_at: destroyed.map(|at| at.timestamp()),
                    keys,
                });
            }
            let mut subjects = [("resident", 0), ("practice", 0), ("house", 0)];
            for (kind, count) in &mut subjects {
                *count = subject_keys::table.filter(subject_keys::subject_kind.eq(*kind)).count().get_result(conn)?;
            }
            let erased = erasures::table.count().get_result(conn)?;
            Ok(KeyStock { keks: found, subjects, erased })
        })
    }
}
