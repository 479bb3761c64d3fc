//! The promises of the key store, each on both engines.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    thread,
};

use diesel::update;
use nahraum_domain::erasure::ErasureReason;
use nahraum_secrets::{Binding, OsRandom, RootSecret};

use super::*;
use crate::{
    Target,
    db::tests::{Sample, both, both_of},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// A moment after [`NOW`], so that what is made then comes behind.
const LATER: Timestamp = Timestamp::constant(60, 0);
const BINDING: Binding<'static> = Binding { purpose: "a test", parts: &[] };

fn root() -> RootSecret {
    RootSecret::from_random(&nahraum_secrets::SeededRandom::new(1))
}

/// A process with the same root secret: its cache is its own.
fn open(sample: &Sample) -> KeyStore {
    KeyStore::open(&sample.config, Arc::new(root().keys()), Arc::new(OsRandom)).unwrap()
}

fn resident(n: u32) -> ResidentId {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&n.to_be_bytes());
    ResidentId::from_bytes(id)
}

fn somebody(n: u32) -> Subject {
    Subject::Resident(resident(n))
}

/// Whether two keys are one.
fn same(a: &SubjectKey, b: &SubjectKey) -> bool {
    b.open(BINDING, a.seal(BINDING, b"x", &OsRandom)).is_ok()
}

fn stock(keys: &KeyStore) -> Vec<(KekState, i64)> {
    keys.stock().unwrap().keks.iter().map(|kek| (kek.state, kek.keys)).collect()
}

/// Every byte of the key store's files; nothing on PostgreSQL.
fn files(sample: &Sample) -> Vec<u8> {
    let Target::Sqlite { path } = &sample.config.target else { return Vec::new() };
    let beside = path.with_file_name(format!("{}-wal", path.file_name().unwrap().to_str().unwrap()));
    [fs::read(path).unwrap(), fs::read(beside).unwrap_or_default()].concat()
}

#[test]
fn a_subject_has_one_key_whoever_asks_first() {
    for sample in &both_of(Schema::Keys) {
        let stores: Vec<KeyStore> = (0..4).map(|_| open(sample)).collect();
        let made: Vec<Arc<SubjectKey>> = thread::scope(|scope| {
            let make = |keys: &'_ KeyStore| keys.find_or_make(somebody(1), NOW).unwrap();
            let makers: Vec<_> = stores.iter().map(|keys| scope.spawn(move || make(keys))).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(made.iter().all(|key| same(key, &made[0])));
        assert!(same(&open(sample).find(somebody(1), NOW).unwrap(), &made[0]));
        let other = stores[0].find_or_make(somebody(2), NOW).unwrap();
        assert!(!same(&other, &made[0]));
        assert!(!same(&stores[0].find_or_make(Subject::House, NOW).unwrap(), &other));
        assert_eq!(stock(&stores[0]), [(KekState::Active, 3)]);
    }
}

#[test]
fn sr_k03_a_rotation_that_ends_anywhere_goes_on_and_no_reader_notices() {
    for sample in &both_of(Schema::Keys) {
        let keys = open(sample);
        let all: Vec<Subject> = (0..60).map(somebody).collect();
        let before: Vec<Arc<SubjectKey>> = all.iter().map(|who| keys.find_or_make(*who, NOW).unwrap()).collect();
        let (over, reads) = (AtomicBool::new(false), AtomicU32::new(0));
        thread::scope(|scope| {
            for reader in 0..4 {
                let (over, reads, all, before, sample) = (&over, &reads, &all, &before, &sample);
                scope.spawn(move || {
                    // No clock moves here, so a fresh store is one with an empty cache.
                    let keys = open(sample);
                    let mut n = reader;
                    while !over.load(Ordering::Relaxed) {
                        n = (n + 7) % all.len();
                        keys.cache.drop_key(all[n]);
                        assert!(same(&keys.find(all[n], NOW).unwrap(), &before[n]));
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let first = keys.begin_rotation(LATER).unwrap();
            assert!(!first.resumed);
            // Each round is a process that took some steps and was killed.
            for round in 0..10_i64 {
                let process = open(sample);
                assert_eq!(process.begin_rotation(LATER).unwrap(), Rotation { to: first.to, resumed: true });
                process.rotate_some(1 + round % 3).unwrap();
                assert_eq!(process.end_rotation(NOW).unwrap(), 0, "nothing that is in use is destroyed");
                // Whoever comes in the meantime is on the new key.
                process.find_or_make(somebody(1_000 + u32::try_from(round).unwrap()), NOW).unwrap();
            }
            while keys.rotate_some(7).unwrap() > 0 {}
            assert_eq!(keys.end_rotation(NOW).unwrap(), 1);
            over.store(true, Ordering::Relaxed);
        });
        assert!(reads.load(Ordering::Relaxed) > 10);
        assert_eq!(stock(&keys), [(KekState::Destroyed, 0), (KekState::Active, 70)]);
        let again = open(sample);
        for (who, key) in all.iter().zip(&before) {
            assert!(same(&again.find(*who, NOW).unwrap(), key));
        }
        assert!(!keys.begin_rotation(NOW).unwrap().resumed, "the next one is a new one");
    }
}

#[test]
fn sr_k04_a_destroyed_key_is_gone_from_the_files_and_stays_away() {
    for sample in &both_of(Schema::Keys) {
        let keys = open(sample);
        for n in 0..20 {
            keys.find_or_make(somebody(n), NOW).unwrap();
        }
        let wrapped: Vec<u8> = keys
            .database
            .read(|conn| {
                let row = subject_keys::table.filter(subject_keys::subject_id.eq(somebody(7).id().to_vec()));
                Ok::<_, StoreError>(row.select(subject_keys::key_wrapped).first(conn)?)
            })
            .unwrap();
        let contains = |files: Vec<u8>| files.windows(wrapped.len()).any(|window| window == wrapped);
        assert!(sample.is_postgres() || contains(files(sample)));
        let entry = keys.erase(resident(7), ErasureReason::Asked, NOW).unwrap();
        assert!(!contains(files(sample)));
        for store in [&keys, &open(sample)] {
            assert!(matches!(store.find(somebody(7), NOW), Err(StoreError::Erased)));
            assert!(matches!(store.find_or_make(somebody(7), NOW), Err(StoreError::Erased)));
            store.find(somebody(8), NOW).unwrap();
        }
        assert_eq!(keys.erase(resident(7), ErasureReason::Mistake, NOW).unwrap(), entry, "the first one counts");
        assert_eq!(keys.ledger().unwrap(), std::slice::from_ref(&entry));
        assert!(!files(sample).windows(16).any(|window| window == resident(7).as_bytes()), "nobody's id is left");
    }
}

#[test]
fn sr_k04_a_ledger_that_forgot_learns_from_the_other() {
    for sample in &both_of(Schema::Keys) {
        let keys = open(sample);
        let entry = keys.erase(resident(1), ErasureReason::Unused, NOW).unwrap();
        let restored = &both_of(Schema::Keys)[usize::from(sample.is_postgres())];
        let other = open(restored);
        other.find_or_make(somebody(1), NOW).unwrap();
        other.find_or_make(somebody(2), NOW).unwrap();
        assert_eq!(other.learn(std::slice::from_ref(&entry)).unwrap(), 1);
        assert_eq!(other.learn(std::slice::from_ref(&entry)).unwrap(), 0);
        assert_eq!(other.stock().unwrap().subjects[0], ("resident", 1), "the key that came back is destroyed");
        assert!(matches!(open(restored).find(somebody(1), NOW), Err(StoreError::Erased)));
        assert!(matches!(open(restored).find_or_make(somebody(1), NOW), Err(StoreError::Erased)));
        open(restored).find(somebody(2), NOW).unwrap();
    }
}

#[test]
fn sr_k01_keys_of_two_people_cannot_be_exchanged() {
    for sample in &both_of(Schema::Keys) {
        let keys = open(sample);
        for n in 1..=2 {
            keys.find_or_make(somebody(n), NOW).unwrap();
        }
        let stolen: Vec<u8> = keys
            .database
            .write(|conn| {
                let of = |n| subject_keys::table.find(("resident", somebody(n).id().to_vec()));
                let first: Vec<u8> = of(1).select(subject_keys::key_wrapped).first(conn)?;
                update(of(2)).set(subject_keys::key_wrapped.eq(&first)).execute(conn)?;
                Ok::<_, StoreError>(first)
            })
            .unwrap();
        assert!(!stolen.is_empty());
        let fresh = open(sample);
        assert!(matches!(fresh.find(somebody(2), NOW), Err(StoreError::Corrupt("subject_keys.key_wrapped"))));
        let other_root = RootSecret::from_random(&nahraum_secrets::SeededRandom::new(2)).keys();
        let stranger = KeyStore::open(&sample.config, Arc::new(other_root), Arc::new(OsRandom)).unwrap();
        assert!(matches!(stranger.find(somebody(1), NOW), Err(StoreError::Corrupt("key_encryption_keys.key_wrapped"))));
    }
}

#[test]
fn the_main_database_is_no_key_store() {
    for main in &both() {
        let keys = KeyStore::open(&main.config, Arc::new(root().keys()), Arc::new(OsRandom)).unwrap();
        for refused in [keys.migrate(&main.db), keys.pending(&main.db).map(drop)] {
            assert!(matches!(refused, Err(DatabaseError::Refused(sentence)) if sentence.contains("keys.database_url")));
        }
    }
}

/// SR-K03 in figures: `cargo test -p nahraum-store 10_000 -- --nocapture` prints the ones in docs/keys.md.
#[test]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn sr_k03_10_000_keys_are_rotated_in_less_than_a_minute() {
    for sample in &both_of(Schema::Keys) {
        let keys = open(sample);
        let made =
            keys.database.write(|conn| (0..10_000).try_for_each(|n| keys.make(conn, somebody(n), NOW).map(drop)));
        made.unwrap();
        let start = std::time::Instant::now();
        keys.begin_rotation(LATER).unwrap();
        while keys.rotate_some(500).unwrap() > 0 {}
        keys.end_rotation(LATER).unwrap();
        let took = start.elapsed().as_secs_f64();
        eprintln!("{}: 10,000 keys in {took:.2} s", if sample.is_postgres() { "PostgreSQL" } else { "SQLite" });
        assert!(took < 60.0);
        assert_eq!(stock(&keys), [(KekState::Destroyed, 0), (KekState::Active, 10_000)]);
    }
}
