//! The databases: one connection type over SQLite and PostgreSQL, and the only ways to a transaction.
//!
//! Rooms write each query once, against [`Conn`], and run it inside [`Database::read`] or [`Database::write`]. What
//! the two engines do differently (isolation, retries, upserts, error codes) ends in this module.

mod both;
mod error;
mod migrate;
mod pg_error;
mod pg_row;
mod pg_settings;
mod pg_wire;
mod pool;
mod sqlite;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod types;

use std::{path::PathBuf, sync::Arc, time::Duration};

use diesel::{
    SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager},
};
use nahraum_domain::private::Private;

#[cfg(test)]
pub(crate) use self::both::each;
pub(crate) use self::both::insert_many;
pub(crate) use self::error::Cause;
pub use self::error::DatabaseError;
use self::{
    pg_settings::PgSettings,
    pg_wire::PgWire,
    pool::{Pool, Ticket},
};

/// A connection to either engine. Queries written against it run on both.
///
/// Made by [`Database`] only. [`each!`] is for the few queries that the multi backend cannot build.
#[derive(diesel::MultiConnection)]
pub(crate) enum Conn {
    /// The file beside the server.
    Sqlite(SqliteConnection),
    /// A PostgreSQL server (or one that speaks its protocol).
    Postgres(PgWire),
}

/// Where the data is and how many connections to it are kept.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// The engine and its place.
    pub target: Target,
    /// Connections: the readers of SQLite (one writer comes on top), all connections of PostgreSQL. 0 counts as 1.
    pub connections: u32,
}

/// The engine and its place.
#[derive(Debug, Clone)]
pub enum Target {
    /// A SQLite file; it and its folder are created (0600, 0700) when missing.
    Sqlite {
        /// The file. `-wal` and `-shm` appear beside it.
        path: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://user:password@host:port/database?…`; the password makes it a secret.
        url: Private<String>,
        /// A PEM file with the certificate authorities to trust instead of the operating system's.
        root_certificate: Option<PathBuf>,
    },
}

/// The database. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub(crate) struct Database {
    readers: Arc<Pool>,
    /// SQLite: the one connection that writes, so that writers queue here, in order, and not in SQLite's polling busy
    /// handler. PostgreSQL: the same pool as `readers`.
    writers: Arc<Pool>,
    schema: Schema,
}

/// Which of our two databases it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// The main one.
    Main,
    /// The key store.
    Keys,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

/// How often a transaction that lost a race on PostgreSQL is tried in all: for about three seconds. Everything that publishes meets at one
/// row, the head of the feed, and on a busy machine sixteen times were too few.
const ATTEMPTS: u32 = 32;

impl Database {
    /// [`Database::open_as`] the main one.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn open(config: &DatabaseConfig) -> Result<Self, DatabaseError> {
        Self::open_as(config, Schema::Main)
    }

    /// Opens the database, checks that its settings keep what was committed, and makes one connection of each kind.
    /// Does not change the schema: see [`Database::migrate`]. Blocking.
    ///
    /// # Errors
    /// [`DatabaseError::Refused`] when a setting or the URL is not safe (the sentence names it),
    /// [`DatabaseError::Unavailable`] when there is nothing to connect to.
    pub(crate) fn open_as(config: &DatabaseConfig, schema: Schema) -> Result<Self, DatabaseError> {
        let size = config.connections.max(1);
        match &config.target {
            Target::Sqlite { path } => {
                let path = sqlite::prepare(path)?;
                let (for_readers, for_writer) = (path.clone(), path);
                let writers = Pool::new(1, move || sqlite::open(&for_writer, sqlite::Role::Writer).map(Conn::Sqlite))?;
                let readers =
                    Pool::new(size, move || sqlite::open(&for_readers, sqlite::Role::Reader).map(Conn::Sqlite))?;
                Ok(Self { readers, writers, schema })
            }
            Target::Postgres { url, root_certificate } => {
                let settings = PgSettings::parse(url.reveal(), root_certificate.as_deref())?;
                let pool = Pool::new(size, move || PgWire::connect(&settings).map(Conn::Postgres))?;
                pool.ticket()?.with(pg_settings::check_server)??;
                Ok(Self { readers: Arc::clone(&pool), writers: pool, schema })
            }
        }
    }

    /// [`Database::read_async`] for plain threads.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn read<R, E: From<DatabaseError>>(&self, f: impl FnOnce(&mut Conn) -> Result<R, E>) -> Result<R, E> {
        read_with(&self.readers.ticket()?, f)
    }

    /// Runs `f` in a write transaction and commits when it returns `Ok`; `Err` and a panic roll back. Blocking.
    ///
    /// Transactions behave as if they ran one after the other, on both engines: SQLite has one writer
    /// (`BEGIN IMMEDIATE`), PostgreSQL runs `SERIALIZABLE`. That way a room that checks and then acts is right on
    /// PostgreSQL when its tests are right on SQLite, with no locks to remember; under `READ COMMITTED` every such
    /// room would need its own `FOR UPDATE`. The price is that PostgreSQL may refuse a transaction that lost a race
    /// (40001, 40P01). It is then run again, so **`f` may run several times** and must do nothing outside the
    /// database.
    ///
    /// A statement that failed on PostgreSQL has aborted the transaction: when `f` swallows the error and returns
    /// `Ok`, nothing is committed and `write` fails. Expected violations belong into a
    /// savepoint (`conn.transaction(…)`).
    ///
    /// # Errors
    /// What `f` returns, and [`DatabaseError`] as `E`. After `Unavailable` it is unknown whether the transaction was
    /// committed; after every other error it was not.
    pub(crate) fn write<R, E: From<DatabaseError>>(&self, f: impl FnMut(&mut Conn) -> Result<R, E>) -> Result<R, E> {
        write_with(&self.writers.ticket()?, Kind::Write, f)
    }

    /// [`Database::write`] for a writer that takes the lock of one row first and so meets nobody: on PostgreSQL
    /// `READ COMMITTED`, where waiting for that lock is waiting, and not a race that was lost.
    ///
    /// # Errors
    /// As [`Database::write`].
    pub(crate) fn append<R, E: From<DatabaseError>>(&self, f: impl FnMut(&mut Conn) -> Result<R, E>) -> Result<R, E> {
        write_with(&self.writers.ticket()?, Kind::Append, f)
    }

    /// Takes what was overwritten or deleted out of the files beside the database: SQLite's log of writes still holds
    /// the pages as they were. Where somebody is reading an older state, a later call does it. PostgreSQL has no such
    /// file of its own to empty.
    ///
    /// # Errors
    /// The database's.
    pub(crate) fn empty_write_ahead_log(&self) -> Result<(), DatabaseError> {
        self.writers.ticket()?.with(|conn| match conn {
            Conn::Sqlite(c) => Ok(c.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?),
            Conn::Postgres(_) => Ok(()),
        })?
    }

    /// [`Database::read`] on a blocking thread. The connection is reserved before the thread, in order of arrival, so
    /// that never more blocking threads are in use than there are connections. `f` runs to its end even if the future
    /// is dropped.
    ///
    /// # Errors
    /// As [`Database::read`]; `Internal` when `f` panics.
    pub(crate) async fn read_async<R, E, F>(&self, f: F) -> Result<R, E>
    where
        F: FnOnce(&mut Conn) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let ticket = self.readers.ticket_async().await?;
        on_a_thread(move || read_with(&ticket, f)).await
    }

    /// [`Database::write`] on a blocking thread; see [`Database::read_async`].
    ///
    /// # Errors
    /// As [`Database::write`]; `Internal` when `f` panics (and nothing was committed).
    pub(crate) async fn write_async<R, E, F>(&self, f: F) -> Result<R, E>
    where
        F: FnMut(&mut Conn) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let ticket = self.writers.ticket_async().await?;
        on_a_thread(move || write_with(&ticket, Kind::Write, f)).await
    }
}

async fn on_a_thread<R: Send + 'static, E: From<DatabaseError> + Send + 'static>(
    work: impl FnOnce() -> Result<R, E> + Send + 'static,
) -> Result<R, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(DatabaseError::Internal(Cause::of(&error)).into()),
    }
}

fn read_with<R, E: From<DatabaseError>>(ticket: &Ticket, f: impl FnOnce(&mut Conn) -> Result<R, E>) -> Result<R, E> {
    ticket.begin(Kind::Read, |conn| {
        let result = f(conn);
        // There is nothing to commit, so the answer stands even when the end of the transaction fails.
        roll_back(conn);
        result
    })?
}

fn write_with<R, E: From<DatabaseError>>(
    ticket: &Ticket,
    kind: Kind,
    mut f: impl FnMut(&mut Conn) -> Result<R, E>,
) -> Result<R, E> {
    let mut attempt = 1;
    loop {
        let (result, lost_a_race) = ticket.begin(kind, |conn| {
            let result = f(conn).and_then(|value| commit(conn).map(|()| value).map_err(E::from));
            if result.is_err() {
                roll_back(conn);
            }
            (result, conn.lost_a_race())
        })?;
        match result {
            Err(_) if lost_a_race && attempt < ATTEMPTS => {
                std::thread::sleep(pause_before(attempt));
                attempt += 1;
            }
            Err(_) if lost_a_race => return Err(DatabaseError::Busy.into()),
            result => return result,
        }
    }
}

/// The pause before a transaction is tried again: 1, 2, 4 … 64 ms, stretched by up to as much again so that the losers
/// of a race do not meet again. Spread by the thread, because randomness is a port.
fn pause_before(attempt: u32) -> Duration {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut spread = DefaultHasher::new();
    (std::thread::current().id(), attempt).hash(&mut spread);
    let longest = 1_000_u64 << attempt.saturating_sub(1).min(6);
    Duration::from_micros(longest + spread.finish() % longest)
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Append,
}

impl Conn {
    fn begin(&mut self, kind: Kind) -> diesel::QueryResult<()> {
        match (self, kind) {
            // Deferred: the snapshot is taken by the first statement.
            (Self::Sqlite(c), Kind::Read) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN"),
            // Immediate: a transaction that reads first and then writes would fail at once beside another process.
            (Self::Sqlite(c), Kind::Write | Kind::Append) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")
            }
            (Self::Postgres(c), Kind::Read) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            }
            (Self::Postgres(c), Kind::Write) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL SERIALIZABLE")
            }
            (Self::Postgres(c), Kind::Append) => {
                AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED")
            }
        }
    }

    fn lost_a_race(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(wire) => wire.lost_a_race(),
        }
    }
}

fn commit(conn: &mut Conn) -> Result<(), DatabaseError> {
    <Conn as TransactionManager<Conn>>::commit_transaction(conn).map_err(DatabaseError::from)
}

/// Ends the open transaction, if there is one. When that fails the connection counts as broken and is closed, which
/// rolls back as well.
fn roll_back(conn: &mut Conn) {
    let status = <Conn as TransactionManager<Conn>>::transaction_manager_status_mut(conn);
    if let Ok(Some(_)) = status.transaction_depth()
        && let Err(error) = <Conn as TransactionManager<Conn>>::rollback_transaction(conn)
    {
        tracing::debug!(error = %DatabaseError::from(error), "a transaction ended with its connection");
    }
}
