//! Room installation: what this database is for, and which root key and key store it was made with.
//!
//! All are written once, before anything else, so that invented people and real findings never meet, and so that
//! another key file or key store is noticed at the start and not by findings that nobody can find any more.

use diesel::{insert_into, prelude::*};
use nahraum_domain::audit::statement::hex;

use crate::{
    access::{System, Tx},
    error::StoreError,
    schema::meta,
    vault::{Place, Subject},
};

const KIND: &str = "kind";
const ROOT_KEY: &str = "root-key";
const KEY_STORE: &str = "key-store";
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
    /// Whether it was made with the key store that this process has. Only told when the root key fits.
    pub key_store_fits: bool,
}

/// The mark; none while the database is new.
///
/// # Errors
/// The database's; [`StoreError::Corrupt`] when the mark is none of the known words.
pub fn mark(tx: &mut Tx<'_>) -> Result<Option<Mark>, StoreError> {
    let Some(word) = read(tx, KIND)? else { return Ok(None) };
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(StoreError::Corrupt("meta.kind"))?;
    let root_key_fits = read(tx, ROOT_KEY)?.is_some_and(|stored| stored == fingerprint(tx));
    let key_store_fits = root_key_fits && key_store_fits(tx)?;
    Ok(Some(Mark { kind, root_key_fits, key_store_fits }))
}

/// Marks a new database with what it is for and with a fingerprint of the root key.
///
/// # Errors
/// The database's; [`crate::DatabaseError::Unique`] when it is marked already.
pub fn set_mark(tx: &mut Tx<'_>, _system: &System, kind: Kind) -> Result<(), StoreError> {
    let key = fingerprint(tx);
    write(tx, KIND, kind.as_str())?;
    write(tx, ROOT_KEY, &key)?;
    let sealed = tx.vault().seal(Subject::House, KEY_STORE_PLACE, &[])?;
    write(tx, KEY_STORE, &hex(&sealed))
}

const KEY_STORE_PLACE: Place<'static> = Place { column: "meta.key-store", row: &[0; 16] };

/// What was sealed with the house's key at the beginning opens with the same key only. Without this question a lost key
/// store would be noticed by findings that nobody can open, and not at the start.
fn key_store_fits(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let Some(sealed) = read(tx, KEY_STORE)?.as_deref().and_then(from_hex) else { return Ok(false) };
    match tx.vault().open(Subject::House, KEY_STORE_PLACE, sealed) {
        Ok(_) => Ok(true),
        Err(StoreError::Corrupt(_)) => Ok(false),
        Err(other) => Err(other),
    }
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
    hex(tx.keys().lookups.hash("installation.root-key", b"").as_bytes())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(str::from_utf8);
    digits.map(|pair| u8::from_str_radix(pair.ok()?, 16).ok()).collect()
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
    fn the_mark_stays_and_another_root_key_or_key_store_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let open = |seed, key_store: &str| {
            let target = Target::Sqlite { path: dir.path().join("n.db") };
            let random = Arc::new(SeededRandom::new(seed));
            let keys = RootSecret::from_random(&*random).keys();
            let key_store = Target::Sqlite { path: dir.path().join(key_store) };
            let [main, key_store] = [target, key_store].map(|target| DatabaseConfig { target, connections: 1 });
            let store = Store::open(&main, &key_store, keys, random).unwrap();
            store.migrate().unwrap();
            store
        };
        let moment = Moment { now: Timestamp::UNIX_EPOCH, request: RequestId::new(Timestamp::UNIX_EPOCH, [0; 10]) };
        let system = System::because("a test");
        let ask = |store: &Store| store.write_blocking(moment, mark).unwrap();
        let store = open(1, "keys.db");
        assert_eq!(ask(&store), None);
        store.write_blocking(moment, |tx| set_mark(tx, &system, Kind::Demo)).unwrap();
        assert_eq!(ask(&store), Some(Mark { kind: Kind::Demo, root_key_fits: true, key_store_fits: true }));
        let again = store.write_blocking(moment, |tx| set_mark(tx, &system, Kind::Production));
        assert!(matches!(again, Err(StoreError::Database(crate::DatabaseError::Unique { .. }))));
        assert!(!store.write_blocking(moment, is_seeded).unwrap());
        store.write_blocking(moment, |tx| set_seeded(tx, &system)).unwrap();
        assert!(store.write_blocking(moment, is_seeded).unwrap());
        drop(store);
        let mark = |root_key_fits, key_store_fits| Some(Mark { kind: Kind::Demo, root_key_fits, key_store_fits });
        assert_eq!(ask(&open(2, "keys.db")), mark(false, false));
        assert_eq!(ask(&open(1, "other.db")), mark(true, false));
        assert_eq!(ask(&open(1, "keys.db")), mark(true, true));
    }
}
