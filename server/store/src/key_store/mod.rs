//! The key store: the keys of residents, practices and the house, in a database of its own.
//!
//! It lies apart from the main database so that it can be backed up apart, and for a shorter time: who erases a key here
//! erases what it protects in every backup of the main database as well (decision 0011). Keys lie here wrapped by a key
//! encryption key, and those wrapped by a key derived from the root secret, which is in neither database.

mod cache;
mod erasures;
mod inventory;
mod rotation;
mod schema;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use diesel::{insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::ids::{KeyId, PracticeId, ResidentId};
use nahraum_secrets::{KeyEncryptionKey, KeyOwner, Keys, Random, SubjectKey, random_bytes};

pub(crate) use self::erasures::{LedgerEntry, LedgerRow, read_entry};
use self::{
    cache::Cache,
    schema::{key_encryption_keys as keks, subject_keys},
};
pub use self::{
    inventory::{KekState, KeyStock, StoredKek},
    rotation::Rotation,
};
use crate::{
    db::{
        Conn, Database, DatabaseConfig, DatabaseError, Schema,
        types::{Instant, Sql},
    },
    error::StoreError,
};

/// Which version of a subject's key is made. There is one; the column and the binding leave room for a second.
const VERSION: i32 = 1;

/// Whose key something is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// Everything that belongs to a resident.
    Resident(ResidentId),
    /// What a practice knows: its patients, and findings that have no owner yet.
    Practice(PracticeId),
    /// What belongs to nobody else.
    House,
}

impl Subject {
    const fn kind(self) -> &'static str {
        match self {
            Self::Resident(_) => "resident",
            Self::Practice(_) => "practice",
            Self::House => "house",
        }
    }

    /// The sixteen bytes of its id; the house, of which there is one, has zeros.
    pub(crate) const fn id(self) -> [u8; 16] {
        match self {
            Self::Resident(id) => *id.as_bytes(),
            Self::Practice(id) => *id.as_bytes(),
            Self::House => [0; 16],
        }
    }
}

/// The key store. All its work is blocking and is done inside units of work of the main database: its connections are
/// its own, and nobody who holds one waits for the main database.
pub(crate) struct KeyStore {
    database: Database,
    keys: Arc<Keys>,
    random: Arc<dyn Random>,
    cache: Cache,
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyStore").finish_non_exhaustive()
    }
}

impl KeyStore {
    /// Opens the key store's database. Does not migrate.
    pub(crate) fn open(
        config: &DatabaseConfig,
        keys: Arc<Keys>,
        random: Arc<dyn Random>,
    ) -> Result<Self, DatabaseError> {
        Ok(Self { database: Database::open_as(config, Schema::Keys)?, keys, random, cache: Cache::default() })
    }

    /// Brings the key store's schema up to date. To be called when the main database is.
    pub(crate) fn migrate(&self, main: &Database) -> Result<(), DatabaseError> {
        self.database.migrate().map_err(|error| is_main(error, main))
    }

    /// The migrations that the schema lacks.
    pub(crate) fn pending(&self, main: &Database) -> Result<Vec<String>, DatabaseError> {
        self.database.pending().map_err(|error| is_main(error, main))
    }

    /// Asks the database for something small, to see whether it answers.
    pub(crate) fn probe(&self) -> Result<(), StoreError> {
        self.database.read(|conn| {
            let _: i64 = keks::table.count().get_result(conn)?;
            Ok(())
        })
    }

    /// The key of a subject.
    ///
    /// # Errors
    /// [`StoreError::Erased`] when it was destroyed; [`StoreError::Corrupt`] when there is none and never was, which
    /// means that the key store is older than the data, or when it does not open.
    pub(crate) fn find(&self, subject: Subject, now: Timestamp) -> Result<Arc<SubjectKey>, StoreError> {
        if let Some(key) = self.cache.get(subject, now) {
            return Ok(key);
        }
        let key = self.database.read(|conn| match self.load(conn, subject)? {
            Some(key) => Ok(key),
            None if self.is_erased(conn, subject)? => Err(StoreError::Erased),
            None => Err(StoreError::Corrupt("subject_keys: a key is missing; is the key store older than the data?")),
        })?;
        Ok(self.cache.put(subject, key, now))
    }

    /// The key of a subject, made when there is none. It is durable before this returns.
    ///
    /// # Errors
    /// As [`KeyStore::find`]: who was erased gets no new key.
    pub(crate) fn find_or_make(&self, subject: Subject, now: Timestamp) -> Result<Arc<SubjectKey>, StoreError> {
        if let Some(key) = self.cache.get(subject, now) {
            return Ok(key);
        }
        let known = self.database.read(|conn| self.load(conn, subject))?;
        let key = match known {
            Some(key) => key,
            None => match self.database.write(|conn| self.load_or_make(conn, subject, now)) {
                // somebody else was faster between our look and our insert
                Err(StoreError::Database(DatabaseError::Unique { .. })) => return self.find(subject, now),
                made => made?,
            },
        };
        Ok(self.cache.put(subject, key, now))
    }

    fn load_or_make(&self, conn: &mut Conn, subject: Subject, now: Timestamp) -> Result<SubjectKey, StoreError> {
        if self.is_erased(conn, subject)? {
            return Err(StoreError::Erased);
        }
        match self.load(conn, subject)? {
            Some(key) => Ok(key),
            None => self.make(conn, subject, now),
        }
    }

    /// Key and key encryption key are read in one statement, so that a rotation running beside is never seen halfway.
    fn load(&self, conn: &mut Conn, subject: Subject) -> Result<Option<SubjectKey>, StoreError> {
        type Row = (i32, Vec<u8>, Sql<KeyId>, Option<Vec<u8>>);
        let row: Option<Row> = subject_keys::table
            .inner_join(keks::table)
            .filter(subject_keys::subject_kind.eq(subject.kind()))
            .filter(subject_keys::subject_id.eq(subject.id().to_vec()))
            .select((subject_keys::version, subject_keys::key_wrapped, keks::id, keks::key_wrapped))
            .first(conn)
            .optional()?;
        let Some((version, wrapped, kek_id, wrapped_kek)) = row else { return Ok(None) };
        let kek = self.unwrap_kek(kek_id.0, wrapped_kek)?;
        let id = subject.id();
        let owner = KeyOwner { kind: subject.kind(), id: &id, version };
        let key = kek.unwrap(kek_id.0.as_bytes(), owner, wrapped);
        Ok(Some(key.map_err(|_| StoreError::Corrupt("subject_keys.key_wrapped"))?))
    }

    fn unwrap_kek(&self, id: KeyId, wrapped: Option<Vec<u8>>) -> Result<KeyEncryptionKey, StoreError> {
        let wrapped = wrapped.ok_or(StoreError::Corrupt("key_encryption_keys: one that is in use was destroyed"))?;
        let kek = self.keys.wrapping.unwrap(id.as_bytes(), wrapped);
        kek.map_err(|_| StoreError::Corrupt("key_encryption_keys.key_wrapped"))
    }

    /// Makes a subject's key under the active key encryption key, which is looked up in the same transaction: a rotation
    /// running beside never leaves a new key on an old one.
    fn make(&self, conn: &mut Conn, subject: Subject, now: Timestamp) -> Result<SubjectKey, StoreError> {
        let (kek_id, kek) = match self.active_kek(conn)? {
            Some(active) => active,
            None => self.make_kek(conn, now)?,
        };
        let key = SubjectKey::generate(&*self.random);
        let id = subject.id();
        let owner = KeyOwner { kind: subject.kind(), id: &id, version: VERSION };
        insert_into(subject_keys::table)
            .values((
                subject_keys::subject_kind.eq(subject.kind()),
                subject_keys::subject_id.eq(id.to_vec()),
                subject_keys::version.eq(VERSION),
                subject_keys::kek_id.eq(Sql(kek_id)),
                subject_keys::key_wrapped.eq(kek.wrap(kek_id.as_bytes(), owner, &key, &*self.random)),
                subject_keys::created_at.eq(Instant::from(now)),
            ))
            .execute(conn)?;
        Ok(key)
    }

    fn active_kek(&self, conn: &mut Conn) -> Result<Option<(KeyId, KeyEncryptionKey)>, StoreError> {
        let row: Option<(Sql<KeyId>, Option<Vec<u8>>)> = keks::table
            .filter(keks::state.eq(KekState::Active.as_str()))
            .select((keks::id, keks::key_wrapped))
            .first(conn)
            .optional()?;
        row.map(|(id, wrapped)| Ok((id.0, self.unwrap_kek(id.0, wrapped)?))).transpose()
    }

    fn make_kek(&self, conn: &mut Conn, now: Timestamp) -> Result<(KeyId, KeyEncryptionKey), StoreError> {
        let id = KeyId::new(now, random_bytes(&*self.random));
        let kek = KeyEncryptionKey::generate(&*self.random);
        insert_into(keks::table)
            .values((
                keks::id.eq(Sql(id)),
                keks::state.eq(KekState::Active.as_str()),
                keks::key_wrapped.eq(Some(self.keys.wrapping.wrap(&kek, id.as_bytes(), &*self.random))),
                keks::created_at.eq(Instant::from(now)),
            ))
            .execute(conn)?;
        Ok((id, kek))
    }
}

/// The main database holds migrations that the key store's does not know: with this sentence instead of "made by a newer
/// version" when the two are one.
fn is_main(error: DatabaseError, main: &Database) -> DatabaseError {
    if let DatabaseError::SchemaNewer { version } = &error
        && main.knows(version)
    {
        return DatabaseError::Refused(
            "keys.database_url leads to the main database. The keys need a database of their own: otherwise every \
             backup of the data holds the keys to it, and nobody can ever be erased."
                .to_owned(),
        );
    }
    error
}
