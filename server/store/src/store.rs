//! The store itself: opening it, and units of work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use jiff::Timestamp;
use nahraum_domain::ids::RequestId;
use nahraum_secrets::{Keys, Random, VerifyingKey};

use crate::{
    access::{Tx, log::AccessLog},
    db::{Database, DatabaseConfig, DatabaseError},
    error::StoreError,
    key_store::{KeyStock, KeyStore, Rotation},
};

/// When a unit of work happens and for which request: what the clock said at its start, and the name in the logs.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Now.
    pub now: Timestamp,
    /// The request.
    pub request: RequestId,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Database,
    inner: Arc<Inner>,
    log: AccessLog,
}

pub(crate) struct Inner {
    pub(crate) key_store: KeyStore,
    pub(crate) keys: Arc<Keys>,
    pub(crate) random: Arc<dyn Random>,
}

impl Store {
    /// Opens the main database and the key store's, and starts the writer of the access log. Does not migrate.
    ///
    /// # Errors
    /// When a database cannot be opened or is not configured safely.
    pub fn open(
        main: &DatabaseConfig,
        key_store: &DatabaseConfig,
        keys: Keys,
        random: Arc<dyn Random>,
    ) -> Result<Self, DatabaseError> {
        let keys = Arc::new(keys);
        let database = Database::open(main)?;
        let key_store = KeyStore::open(key_store, Arc::clone(&keys), Arc::clone(&random))?;
        let log = AccessLog::start(database.clone(), Arc::clone(&random))?;
        Ok(Self { database, inner: Arc::new(Inner { key_store, keys, random }), log })
    }

    /// Brings both schemas up to date.
    ///
    /// # Errors
    /// When a database was made by a newer version, a migration fails, or the key store's database is the main one.
    pub fn migrate(&self) -> Result<(), DatabaseError> {
        self.database.migrate()?;
        self.inner.key_store.migrate(&self.database)
    }

    /// The migrations that the schemas lack, oldest first. Changes nothing.
    ///
    /// # Errors
    /// As [`Store::migrate`].
    pub fn pending_migrations(&self) -> Result<Vec<String>, DatabaseError> {
        let mut pending = self.database.pending()?;
        pending.extend(self.inner.key_store.pending(&self.database)?);
        Ok(pending)
    }

    /// What lies in the key store. Blocking.
    ///
    /// # Errors
    /// The key store's.
    pub fn key_stock(&self) -> Result<KeyStock, StoreError> {
        self.inner.key_store.stock()
    }

    /// Begins a rotation of the key encryption key, or finds the one that did not end. Blocking.
    ///
    /// # Errors
    /// The key store's.
    pub fn begin_key_rotation(&self, now: Timestamp) -> Result<Rotation, StoreError> {
        self.inner.key_store.begin_rotation(now)
    }

    /// Wraps up to `limit` keys anew and returns how many there were. Blocking; call again until there are none.
    ///
    /// # Errors
    /// The key store's.
    pub fn rotate_some_keys(&self, limit: i64) -> Result<usize, StoreError> {
        self.inner.key_store.rotate_some(limit)
    }

    /// Destroys the key encryption keys that have no keys any more. Returns how many. Blocking.
    ///
    /// # Errors
    /// The key store's.
    pub fn end_key_rotation(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.inner.key_store.end_rotation(now)
    }

    /// The public key that verifies what this installation signs about its log.
    #[must_use]
    pub fn log_key(&self) -> VerifyingKey {
        self.inner.keys.checkpoints.verifying()
    }

    /// The access log.
    #[must_use]
    pub const fn access_log(&self) -> &AccessLog {
        &self.log
    }

    /// One unit of work that only reads, on a consistent snapshot.
    ///
    /// # Errors
    /// What the closure returns, or the database's own trouble.
    pub async fn read<R, E>(
        &self,
        moment: Moment,
        work: impl FnOnce(&mut Tx<'_>) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + From<DatabaseError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        self.database.read_async(move |conn| work(&mut Tx::begin(conn, &inner, moment))).await
    }

    /// One unit of work that writes: all of it or nothing. It may run more than once, when the database asks for that.
    ///
    /// # Errors
    /// What the closure returns, or the database's own trouble. Nothing is stored then.
    pub async fn write<R, E>(
        &self,
        moment: Moment,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + From<DatabaseError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let has_entry = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&has_entry);
        let done = self.database.write_async(move |conn| {
            let mut tx = Tx::begin(conn, &inner, moment);
            let result = work(&mut tx);
            noted.store(tx.has_entry(), Ordering::Relaxed);
            result
        });
        let done = done.await;
        if has_entry.load(Ordering::Relaxed) {
            self.log.poke();
        }
        done
    }

    /// [`Store::write`] for plain threads: the command line and background jobs.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<R, E>(
        &self,
        moment: Moment,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<R, E>,
    ) -> Result<R, E>
    where
        E: From<StoreError> + From<DatabaseError>,
    {
        let mut has_entry = false;
        let done = self.database.write(|conn| {
            let mut tx = Tx::begin(conn, &self.inner, moment);
            let result = work(&mut tx);
            has_entry = tx.has_entry();
            result
        });
        if has_entry {
            self.log.poke();
        }
        done
    }

    /// [`Store::read`] for plain threads.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn read_blocking<R, E>(&self, moment: Moment, work: impl FnOnce(&mut Tx<'_>) -> Result<R, E>) -> Result<R, E>
    where
        E: From<StoreError> + From<DatabaseError>,
    {
        self.database.read(|conn| work(&mut Tx::begin(conn, &self.inner, moment)))
    }
}
