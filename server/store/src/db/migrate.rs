//! Bringing a database to the schema this program was built with. See `migrations/README.md`.

use std::{collections::BTreeSet, time::Duration};

use diesel::{
    connection::SimpleConnection as _,
    migration::{Migration, MigrationSource},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Cause, Conn, Database, DatabaseError, Schema, pg_wire};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const KEYS_SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/keys/sqlite");
const KEYS_POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/keys/postgres");

impl Schema {
    const fn sqlite(self) -> EmbeddedMigrations {
        match self {
            Self::Main => SQLITE,
            Self::Keys => KEYS_SQLITE,
        }
    }

    const fn postgres(self) -> EmbeddedMigrations {
        match self {
            Self::Main => POSTGRES,
            Self::Keys => KEYS_POSTGRES,
        }
    }
}

/// How often processes that start together try: whoever comes second finds the work done on its next try.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(150);

type MigrationResult<T> = diesel::migration::Result<T>;

impl Database {
    /// Runs the migrations that this database has not seen, each in its own transaction. Safe to call from several
    /// processes at once. Blocking.
    ///
    /// # Errors
    /// [`DatabaseError::SchemaNewer`] when the database has seen a migration that this program does not know: nothing
    /// is changed then. `Internal` when a migration fails.
    pub(crate) fn migrate(&self) -> Result<(), DatabaseError> {
        self.writers.ticket()?.with(|conn| match conn {
            Conn::Sqlite(c) => up(c, &self.schema.sqlite()),
            Conn::Postgres(c) => {
                // Building an index may take its time; requests may not.
                c.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0")?;
                let result = up(c, &self.schema.postgres());
                c.batch_execute(pg_wire::SESSION)?;
                result
            }
        })?
    }
}

impl Database {
    /// The migrations that this database has not seen yet, oldest first. Changes nothing. Blocking.
    ///
    /// # Errors
    /// [`DatabaseError::SchemaNewer`] when the database has seen a migration that this program does not know.
    pub(crate) fn pending(&self) -> Result<Vec<String>, DatabaseError> {
        let looked = self.writers.ticket()?.with(|conn| match conn {
            Conn::Sqlite(c) => names(c, &self.schema.sqlite()),
            Conn::Postgres(c) => names(c, &self.schema.postgres()),
        })?;
        let names = looked.map_err(|error| DatabaseError::Internal(Cause::of(&*error)))?;
        names.map_err(|version| DatabaseError::SchemaNewer { version })
    }
}

impl Database {
    /// Whether a migration of this version is one of this database's.
    pub(crate) fn knows(&self, version: &str) -> bool {
        let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&self.schema.sqlite());
        migrations.is_ok_and(|all| all.iter().any(|migration| migration.name().version().to_string() == version))
    }
}

/// The names of what is pending, or the version that this program does not know.
fn names<DB, C>(conn: &mut C, source: &EmbeddedMigrations) -> MigrationResult<Result<Vec<String>, String>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    Ok(match plan(conn, source)? {
        Plan::Newer(version) => Err(version),
        Plan::Pending(pending) => Ok(pending.iter().map(|migration| migration.name().to_string()).collect()),
    })
}

/// diesel takes no lock while it migrates, and advisory locks are missing on some servers that speak PostgreSQL's
/// protocol. A process that loses the race fails cleanly (each migration is one transaction), so it looks again.
fn up<DB, C>(conn: &mut C, source: &EmbeddedMigrations) -> Result<(), DatabaseError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let mut attempt = 1;
    loop {
        match step(conn, source) {
            Ok(unknown) => return unknown.map_or(Ok(()), |version| Err(DatabaseError::SchemaNewer { version })),
            Err(error) if attempt == ATTEMPTS => return Err(DatabaseError::Internal(Cause::of(&*error))),
            Err(_) => {
                attempt += 1;
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// What is to be done to a database.
enum Plan<DB: diesel::backend::Backend> {
    /// These migrations, in this order.
    Pending(Vec<Box<dyn Migration<DB>>>),
    /// Nothing: it has seen this one, which the program does not know.
    Newer(String),
}

/// Runs what is pending, unless the database holds a version that `source` does not: then that version.
fn step<DB, C>(conn: &mut C, source: &EmbeddedMigrations) -> MigrationResult<Option<String>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let pending = match plan(conn, source)? {
        Plan::Pending(pending) => pending,
        Plan::Newer(version) => return Ok(Some(version)),
    };
    for migration in pending {
        conn.run_migration(&migration)?;
        tracing::info!(migration = %migration.name(), "migrated the database");
    }
    Ok(None)
}

fn plan<DB, C>(conn: &mut C, source: &EmbeddedMigrations) -> MigrationResult<Plan<DB>>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let all = MigrationSource::<DB>::migrations(source)?;
    let known: BTreeSet<String> = all.iter().map(|migration| migration.name().version().to_string()).collect();
    let applied: BTreeSet<String> = conn.applied_migrations()?.iter().map(ToString::to_string).collect();
    if let Some(newest) = applied.difference(&known).last() {
        return Ok(Plan::Newer(newest.clone()));
    }
    let mut pending: Vec<_> =
        all.into_iter().filter(|migration| !applied.contains(&migration.name().version().to_string())).collect();
    pending.sort_by_key(|migration| migration.name().version().to_string());
    Ok(Plan::Pending(pending))
}

/// Takes every migration back, for the test that each of them can be.
#[cfg(test)]
pub(super) fn down(conn: &mut Conn, schema: Schema) -> Result<(), DatabaseError> {
    let reverted = match conn {
        Conn::Sqlite(c) => c.revert_all_migrations(schema.sqlite()).map(drop),
        Conn::Postgres(c) => c.revert_all_migrations(schema.postgres()).map(drop),
    };
    reverted.map_err(|error| DatabaseError::Internal(Cause::of(&*error)))
}
