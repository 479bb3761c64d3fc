//! The promises of the data layer, each on both engines.

#[path = "../../../../../tests/support/pg_cluster.rs"]
mod pg_cluster;

mod migrations;
mod parity;
mod servers;
mod transactions;
mod values;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use diesel::prelude::*;

use self::pg_cluster::Cluster;
use super::*;

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

/// An empty, migrated database, and what must live as long as it.
pub(crate) struct Sample {
    pub(crate) db: Database,
    pub(crate) config: DatabaseConfig,
    _cluster: Option<Arc<Cluster>>,
    _folder: tempfile::TempDir,
}

/// All tests that run at the same time share one server; the last one stops it.
fn cluster() -> Option<Arc<Cluster>> {
    static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cluster) = shared.upgrade() {
        return Some(cluster);
    }
    let cluster = Arc::new(Cluster::start()?);
    *shared = Arc::downgrade(&cluster);
    Some(cluster)
}

impl Sample {
    fn new(target: Target, cluster: Option<Arc<Cluster>>, folder: tempfile::TempDir, schema: Schema) -> Self {
        let config = DatabaseConfig { target, connections: 8 };
        let db = Database::open_as(&config, schema).unwrap();
        Self { db, config, _cluster: cluster, _folder: folder }
    }

    fn sqlite() -> Self {
        Self::sqlite_of(Schema::Main)
    }

    pub(crate) fn sqlite_of(schema: Schema) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/nahraum.db");
        Self::new(Target::Sqlite { path }, None, folder, schema)
    }

    fn postgres() -> Option<Self> {
        Self::postgres_of(Schema::Main)
    }

    fn postgres_of(schema: Schema) -> Option<Self> {
        let Some(cluster) = cluster() else {
            eprintln!("no PostgreSQL server: tested on SQLite only");
            return None;
        };
        let url = Private::new(cluster.create_database());
        let target = Target::Postgres { url, root_certificate: None };
        Some(Self::new(target, Some(cluster), tempfile::tempdir().unwrap(), schema))
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.config.target, Target::Postgres { .. })
    }
}

/// One empty database of each engine.
pub(crate) fn unmigrated() -> Vec<Sample> {
    std::iter::once(Sample::sqlite()).chain(Sample::postgres()).collect()
}

pub(crate) fn both() -> Vec<Sample> {
    both_of(Schema::Main)
}

/// One migrated database of each engine.
pub(crate) fn both_of(schema: Schema) -> Vec<Sample> {
    let samples: Vec<Sample> = std::iter::once(Sample::sqlite_of(schema)).chain(Sample::postgres_of(schema)).collect();
    for sample in &samples {
        sample.db.migrate().unwrap();
    }
    samples
}

fn put(conn: &mut Conn, key: &str, value: &str) -> Result<(), DatabaseError> {
    diesel::insert_into(meta::table).values((meta::key.eq(key), meta::value.eq(value))).execute(conn)?;
    Ok(())
}

fn get(conn: &mut Conn, key: &str) -> Result<Option<String>, DatabaseError> {
    Ok(meta::table.find(key).select(meta::value).first(conn).optional()?)
}

fn stored(db: &Database, key: &str) -> Option<String> {
    db.read(|c| get(c, key)).unwrap()
}
