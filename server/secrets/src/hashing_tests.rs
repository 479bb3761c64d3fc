//! What the hasher promises: right verdicts, equal work for nobody, a bounded queue, no job for callers who left.

use std::time::Duration;

use super::*;
use crate::{RootSecret, SeededRandom};

fn hasher(workers: usize, queue: usize) -> Hasher {
    hasher_of(1, workers, queue)
}

fn hasher_of(house: u64, workers: usize, queue: usize) -> Hasher {
    let settings = HasherSettings {
        workers: NonZeroUsize::new(workers).unwrap(),
        queue: NonZeroUsize::new(queue).unwrap(),
        ..HasherSettings::default()
    };
    let pepper = RootSecret::from_random(&SeededRandom::new(house)).keys().pepper;
    Hasher::start(pepper, Arc::new(SeededRandom::new(2)), settings).unwrap()
}

fn pin(text: &str) -> Secret {
    Secret::new(text)
}

#[tokio::test]
async fn the_right_secret_matches_and_others_do_not() {
    let hasher = hasher(1, 8);
    for kind in [SecretKind::Pin, SecretKind::Code, SecretKind::Password] {
        let stored = hasher.hash(kind, pin("483920")).await.unwrap();
        let stored = PasswordHash::from_stored(&stored.to_stored()).unwrap();
        assert_eq!(hasher.verify(kind, pin("483920"), &stored).await, Ok(Verdict::Match));
        for wrong in ["483921", "48392", "4839200", ""] {
            assert_eq!(hasher.verify(kind, pin(wrong), &stored).await, Ok(Verdict::Mismatch));
        }
    }
}

/// SR-A04
#[tokio::test]
async fn sr_a04_stored_hashes_have_the_floor_and_a_salt_of_their_own() {
    let hasher = hasher(1, 8);
    for (kind, start) in [
        (SecretKind::Pin, "$argon2id$v=19$m=47104,t=1,p=1$"),
        (SecretKind::Code, "$argon2id$v=19$m=47104,t=1,p=1$"),
        (SecretKind::Password, "$argon2id$v=19$m=65536,t=3,p=1$"),
    ] {
        let one = hasher.hash(kind, pin("483920")).await.unwrap();
        let other = hasher.hash(kind, pin("483920")).await.unwrap();
        assert!(one.to_stored().starts_with(start));
        assert!(one.salt != other.salt && one.digest != other.digest);
    }
}

/// What a test made quickly is worth nothing to anybody else: it is raised as soon as a real server meets it.
#[tokio::test]
async fn sr_a04_a_quick_hash_is_outdated_everywhere_else() {
    let pepper = RootSecret::from_random(&SeededRandom::new(1)).keys().pepper;
    let settings = HasherSettings { strength: Strength::Quick, ..HasherSettings::default() };
    let quick = Hasher::start(pepper, Arc::new(SeededRandom::new(2)), settings).unwrap();
    let stored = quick.hash(SecretKind::Password, pin("483920")).await.unwrap();
    assert_eq!(quick.verify(SecretKind::Password, pin("483920"), &stored).await, Ok(Verdict::Match));
    let real = hasher(1, 8);
    assert_eq!(real.verify(SecretKind::Password, pin("483920"), &stored).await, Ok(Verdict::MatchButOutdated));
    // and a hash of full cost is still checked
    let full = real.hash(SecretKind::Password, pin("483920")).await.unwrap();
    assert_eq!(quick.verify(SecretKind::Password, pin("483920"), &full).await, Ok(Verdict::Match));
}

#[tokio::test]
async fn sr_a04_another_pepper_does_not_match() {
    let stored = hasher(1, 8).hash(SecretKind::Pin, pin("483920")).await.unwrap();
    let verdict = hasher_of(99, 1, 8).verify(SecretKind::Pin, pin("483920"), &stored).await;
    assert_eq!(verdict, Ok(Verdict::Mismatch));
}

/// Whoever has the database and computes Argon2id as everybody does finds nothing.
#[tokio::test]
async fn sr_a04_without_the_pepper_nothing_matches() {
    let stored = hasher(1, 8).hash(SecretKind::Pin, pin("483920")).await.unwrap();
    let params = Params::new(stored.cost.memory_kib, stored.cost.passes, 1, Some(32)).unwrap();
    let mut memory = vec![Block::new(); block_count().unwrap()];
    let digest_by = |argon2: Argon2<'_>, memory: &mut [Block]| {
        let mut digest = [0; 32];
        argon2.hash_password_into_with_memory(b"483920", &stored.salt, &mut digest, memory).unwrap();
        digest
    };
    let without = digest_by(Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()), &mut memory);
    assert_ne!(without, stored.digest);
    let pepper = RootSecret::from_random(&SeededRandom::new(1)).keys().pepper;
    let with = Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params).unwrap();
    assert_eq!(digest_by(with, &mut memory), stored.digest);
}

/// Two passwords of 128 characters that differ in the last one (SR-A03).
#[tokio::test]
async fn nothing_is_cut_off() {
    let hasher = hasher(1, 8);
    let stored = hasher.hash(SecretKind::Password, pin(&format!("{}a", "x".repeat(127)))).await.unwrap();
    let other = pin(&format!("{}b", "x".repeat(127)));
    assert_eq!(hasher.verify(SecretKind::Password, other, &stored).await, Ok(Verdict::Mismatch));
}

#[tokio::test]
async fn sr_a04_a_weaker_hash_matches_and_is_told_to_be_outdated() {
    let hasher = hasher(1, 8);
    let stored = hasher.hash(SecretKind::Pin, pin("a long password")).await.unwrap();
    let judged = |text| hasher.verify_for(SecretKind::Password, pin(text), Some((7, &stored)));
    let verified = judged("a long password").await.unwrap().unwrap();
    assert!(verified.outdated());
    assert_eq!((*verified.id(), verified.into_id()), (7, 7));
    assert!(judged("another password").await.unwrap().is_none());
}

#[tokio::test]
async fn a_proof_is_given_for_the_right_secret_only() {
    let hasher = hasher(1, 8);
    let stored = hasher.hash(SecretKind::Pin, pin("483920")).await.unwrap();
    let verified = hasher.verify_for(SecretKind::Pin, pin("483920"), Some(("anna", &stored))).await.unwrap().unwrap();
    assert!(!verified.outdated());
    assert_eq!(verified.into_id(), "anna");
    assert!(hasher.verify_for(SecretKind::Pin, pin("483921"), Some(("anna", &stored))).await.unwrap().is_none());
    assert!(hasher.verify_for::<u8>(SecretKind::Pin, pin("483920"), None).await.unwrap().is_none());
}

/// SR-A07: for nobody, the very same job is queued; the time follows from that.
#[test]
fn sr_a07_nobody_costs_what_somebody_costs() {
    for kind in [SecretKind::Pin, SecretKind::Code, SecretKind::Password] {
        let floor = Strength::Real.cost(kind);
        let stored = PasswordHash { cost: floor, salt: [1; 16], digest: [0; 32] };
        // even a digest of 32 zeros is not "nobody"
        assert_eq!(judge(floor, None, &[0; 32]), Verdict::Mismatch);
        assert_eq!(judge(floor, Some(&stored), &[0; 32]), Verdict::Match);
        assert_eq!(judge(floor, Some(&stored), &[1; 32]), Verdict::Mismatch);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sr_a05_a_flood_is_answered_at_once_and_the_queue_recovers() {
    let hasher = Arc::new(hasher(1, 4));
    let stored = Arc::new(hasher.hash(SecretKind::Pin, pin("483920")).await.unwrap());
    let flood: Vec<_> = (0..40)
        .map(|_| {
            let (hasher, stored) = (Arc::clone(&hasher), Arc::clone(&stored));
            tokio::spawn(async move { hasher.verify(SecretKind::Password, pin("483920"), &stored).await })
        })
        .collect();
    let mut rejected = 0;
    for answer in flood {
        match answer.await.unwrap() {
            Ok(verdict) => assert_eq!(verdict, Verdict::MatchButOutdated),
            Err(HashError::Overloaded { retry_after_seconds }) => {
                assert!((1..=2).contains(&retry_after_seconds));
                rejected += 1;
            }
            Err(HashError::Stopped) => panic!("it has not stopped"),
        }
    }
    // at least the queue is always answered, whenever the worker takes its first job from it
    assert!((1..=36).contains(&rejected), "{rejected}");
    assert_eq!(hasher.verify(SecretKind::Pin, pin("483920"), &stored).await, Ok(Verdict::Match));
}

#[tokio::test]
async fn callers_who_left_cost_nothing() {
    let hasher = hasher(1, 64);
    let stored = hasher.hash(SecretKind::Pin, pin("483920")).await.unwrap();
    for _ in 0..200 {
        let asking = hasher.verify(SecretKind::Password, pin("483920"), &stored);
        // polled once, so that the job is queued, and dropped
        assert!(tokio::time::timeout(Duration::ZERO, asking).await.is_err());
    }
    assert_eq!(hasher.verify(SecretKind::Pin, pin("483920"), &stored).await, Ok(Verdict::Match));
}

#[test]
fn the_command_line_needs_no_runtime() {
    let hasher = hasher(1, 1);
    let stored = hasher.hash_blocking(SecretKind::Pin, pin("483920")).unwrap();
    assert_eq!(hasher.verify_blocking(SecretKind::Pin, pin("483920"), &stored), Ok(Verdict::Match));
    assert_eq!(hasher.verify_blocking(SecretKind::Pin, pin("000000"), &stored), Ok(Verdict::Mismatch));
}

/// Pins root secret, HKDF label, pepper, cost and encoding at once. The expected value was computed with the reference
/// implementation of Argon2 in C (its `argon2_ctx` with a secret), not with the crate used here.
#[test]
fn a_hash_of_today_is_read_tomorrow() {
    let hasher = hasher(1, 1);
    let stored = hasher.hash_blocking(SecretKind::Pin, pin("483920")).unwrap().to_stored();
    assert_eq!(
        stored,
        "$argon2id$v=19$m=47104,t=1,p=1$CjoSLL89vW6hYidyX8snLg$YArzZHO1OCdzBx8O3/AjDJwTlb45G7DoM7t0Qgk5ECY"
    );
}

#[test]
fn a_hasher_nobody_uses_stops_cleanly() {
    drop(hasher(2, 1));
}
