//! Room installation: what this database is for, and which root key it was made with.
//!
//! Both are written once, before anything else, so that invented people and real findings never meet, and so that
//! another key file is noticed at the start and not by findings that nobody can find any more.

use std::fmt::Write as _;

use diesel::{insert_into, prelude::*};

use crate::{
    access::{System, Tx},
    error::StoreError,
    schema::meta,
};

const KIND: &str = "kind";
const ROOT_KEY: &str = "root-key";
const SEEDED: &str = "demo-seeded";

/// What a database is for. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Real people's findings.
    Production,
    /// Invented people, to look around.
    Demo,
    /// Invented people, made by a test that moves the clock.
    Test,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Production, Self::Demo, Self::Test];

    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Demo => "demo",
            Self::Test => "test",
        }
    }
}

/// What the database says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What it is for.
    pub kind: Kind,
    /// Whether it was made with the root key that this process has.
    pub root_key_fits: bool,
}

/// The mark; none while the database is new.
///
/// # Errors
/// The database's; [`StoreError::Corrupt`] when the mark is none of the known words.
pub fn mark(tx: &mut Tx<'_>) -> Result<Option<Mark>, StoreError> {
    let Some(word) = read(tx, KIND)? else { return Ok(None) };
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(StoreError::Corrupt("meta.kind"))?;
    let root_key_fits = read(tx, ROOT_KEY)?.is_some_and(|stored| stored == fingerprint(tx));
    Ok(Some(Mark { kind, root_key_fits }))
}

/// Marks a new database with what it is for and with a fingerprint of the root key.
///
/// # Errors
/// The database's; [`crate::DatabaseError::Unique`] when it is marked already.
pub fn set_mark(tx: &mut Tx<'_>, _system: &System, kind: Kind) -> Result<(), StoreError> {
    let key = fingerprint(tx);
    write(tx, KIND, kind.as_str())?;
    write(tx, ROOT_KEY, &key)
}

/// Whether the demo's people are complete. A demo that was stopped while they were made is not.
///
/// # Errors
/// The database's.
pub fn is_seeded(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(read(tx, SEEDED)?.is_some())
}

/// Notes that the demo's people are complete.
///
/// # Errors
/// The database's.
pub fn set_seeded(tx: &mut Tx<'_>, _system: &System) -> Result<(), StoreError> {
    let day = tx.now().to_string();
    write(tx, SEEDED, &day)
}

/// A keyed hash that only the holder of the root key can make, and that tells nothing about the key.
fn fingerprint(tx: &Tx<'_>) -> String {
    let hash = tx.keys().lookups.hash("installation.root-key", b"");
    hash.as_bytes().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ok = write!(hex, "{byte:02x}").is_ok();
        hex
    })
}

fn read(tx: &mut Tx<'_>, key: &str) -> Result<Option<String>, StoreError> {
    Ok(meta::table.find(key).select(meta::value).first(tx.conn()).optional()?)
}

fn write(tx: &mut Tx<'_>, key: &str, value: &str) -> Result<(), StoreError> {
    insert_into(meta::table).values((meta::key.eq(key), meta::value.eq(value))).execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use nahraum_domain::ids::RequestId;
    use nahraum_secrets::{RootSecret, SeededRandom};

    use super::*;
    use crate::{DatabaseConfig, Moment, Store, Target};

    #[test]
    fn the_mark_stays_and_another_root_key_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let open = |seed| {
            let target = Target::Sqlite { path: dir.path().join("n.db") };
            let random = Arc::new(SeededRandom::new(seed));
            let keys = RootSecret::from_random(&*random).keys();
            let store = Store::open(&DatabaseConfig { target, connections: 1 }, keys, random).unwrap();
            store.migrate().unwrap();
            store
        };
        let moment = Moment { now: Timestamp::UNIX_EPOCH, request: RequestId::new(Timestamp::UNIX_EPOCH, [0; 10]) };
        let system = System::because("a test");
        let ask = |store: &Store| store.write_blocking(moment, mark).unwrap();
        let store = open(1);
        assert_eq!(ask(&store), None);
        store.write_blocking(moment, |tx| set_mark(tx, &system, Kind::Demo)).unwrap();
        assert_eq!(ask(&store), Some(Mark { kind: Kind::Demo, root_key_fits: true }));
        let again = store.write_blocking(moment, |tx| set_mark(tx, &system, Kind::Production));
        assert!(matches!(again, Err(StoreError::Database(crate::DatabaseError::Unique { .. }))));
        assert!(!store.write_blocking(moment, is_seeded).unwrap());
        store.write_blocking(moment, |tx| set_seeded(tx, &system)).unwrap();
        assert!(store.write_blocking(moment, is_seeded).unwrap());
        drop(store);
        assert_eq!(ask(&open(2)), Some(Mark { kind: Kind::Demo, root_key_fits: false }));
    }
}
