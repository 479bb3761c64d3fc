//! What the vault promises: everything opens where it was sealed, and nowhere else (SR-K01).

use nahraum_domain::ids::{PracticeId, ResidentId};
use nahraum_secrets::{RootSecret, SeededRandom};
use proptest::prelude::*;

use super::*;
use crate::db::{Schema, tests::Sample};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const ANNA: Subject = Subject::Resident(ResidentId::from_bytes([1; 16]));
const BELA: Subject = Subject::Resident(ResidentId::from_bytes([2; 16]));
const PRACTICE: Subject = Subject::Practice(PracticeId::from_bytes([1; 16]));
const PLACE: Place<'static> = Place { column: "devices.name", row: &[7; 16] };

/// A key store of its own.
struct Sealer {
    keys: KeyStore,
    random: Arc<SeededRandom>,
    _sample: Sample,
}

impl Sealer {
    fn new() -> Self {
        let sample = Sample::sqlite_of(Schema::Keys);
        sample.db.migrate().unwrap();
        let random = Arc::new(SeededRandom::new(1));
        let keys = Arc::new(RootSecret::from_random(&*random).keys());
        let keys = KeyStore::open(&sample.config, keys, Arc::<SeededRandom>::clone(&random)).unwrap();
        Self { keys, random, _sample: sample }
    }

    fn vault(&self) -> Vault<'_> {
        Vault::new(&self.keys, &*self.random, NOW)
    }
}

fn finding(n: u8) -> FindingId {
    FindingId::from_bytes([n; 16])
}

fn facts(n: u8, size: u64) -> FileFacts<'static> {
    FileFacts { id: BlobId::from_bytes([n; 16]), media_type: "application/pdf", size }
}

fn is_refused<T>(opened: &Result<T, StoreError>) -> bool {
    matches!(opened, Err(StoreError::Corrupt(_)))
}

#[test]
fn sr_k01_a_value_opens_for_its_subject_column_and_row_only() {
    let sealer = Sealer::new();
    let vault = sealer.vault();
    let sealed = vault.seal_text(ANNA, PLACE, "Annas Händi").unwrap();
    assert!(!sealed.windows(5).any(|window| window == b"Annas"));
    assert_eq!(vault.open_text(ANNA, PLACE, sealed.clone()).unwrap(), "Annas Händi");
    vault.seal_text(BELA, PLACE, "").unwrap();
    // The same sixteen bytes as Anna's, of another kind.
    vault.seal_text(PRACTICE, PLACE, "").unwrap();
    for (subject, place) in [
        (BELA, PLACE),
        (PRACTICE, PLACE),
        (ANNA, Place { column: "outbox.destination", ..PLACE }),
        (ANNA, Place { row: &[8; 16], ..PLACE }),
    ] {
        assert!(is_refused(&vault.open(subject, place, sealed.clone())));
    }
    assert!(is_refused(&vault.open_text(ANNA, PLACE, vault.seal(ANNA, PLACE, &[0xff]).unwrap())), "no UTF-8");
}

#[test]
fn sr_k01_a_finding_opens_for_its_owner_only_and_moves_by_its_key_alone() {
    let sealer = Sealer::new();
    let vault = sealer.vault();
    let (key, under_practice) = vault.new_finding(PRACTICE, finding(1)).unwrap();
    let place = Place { column: "findings.summary", row: &[1; 16] };
    let sealed = key.seal_json(place, &"Blutbild").unwrap();
    let under_anna = key.hand_over(ANNA).unwrap();
    let read = |owner, id, wrapped| vault.finding(owner, id, wrapped)?.open_json::<String>(place, sealed.clone());
    assert_eq!(read(PRACTICE, finding(1), under_practice.clone()).unwrap(), "Blutbild");
    assert_eq!(read(ANNA, finding(1), under_anna.clone()).unwrap(), "Blutbild");
    vault.seal_text(BELA, PLACE, "").unwrap();
    for (owner, id, wrapped) in [
        (BELA, finding(1), under_anna.clone()),
        (ANNA, finding(2), under_anna.clone()),
        (ANNA, finding(1), under_practice),
        (PRACTICE, finding(1), under_anna),
    ] {
        assert!(is_refused(&read(owner, id, wrapped)));
    }
}

#[test]
fn sr_k01_a_file_belongs_to_its_finding_with_its_type_and_size() {
    let sealer = Sealer::new();
    let (one, _) = sealer.vault().new_finding(ANNA, finding(1)).unwrap();
    let (two, _) = sealer.vault().new_finding(ANNA, finding(2)).unwrap();
    let (_, wrapped) = one.new_file(facts(3, 70_000));
    one.file(facts(3, 70_000), wrapped.clone()).unwrap();
    assert!(is_refused(&two.file(facts(3, 70_000), wrapped.clone())));
    assert!(is_refused(&one.file(facts(4, 70_000), wrapped.clone())));
    assert!(is_refused(&one.file(facts(3, 65_536), wrapped.clone())));
    assert!(is_refused(&one.file(FileFacts { media_type: "image/png", ..facts(3, 70_000) }, wrapped)));
}

#[test]
fn who_was_erased_gets_no_new_key() {
    let sealer = Sealer::new();
    let vault = sealer.vault();
    let Subject::Resident(anna) = ANNA else { return };
    let sealed = vault.seal_text(ANNA, PLACE, "x").unwrap();
    sealer.keys.erase(anna, nahraum_domain::erasure::ErasureReason::Asked, NOW).unwrap();
    assert!(matches!(vault.open(ANNA, PLACE, sealed), Err(StoreError::Erased)));
    assert!(matches!(vault.seal_text(ANNA, PLACE, "x"), Err(StoreError::Erased)));
}

#[test]
fn a_key_that_is_missing_without_an_erasure_is_an_alarm() {
    let sealer = Sealer::new();
    assert!(is_refused(&sealer.vault().open(ANNA, PLACE, vec![1; 40])));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn sr_k01_chunks_cannot_be_swapped_cut_or_put_in_another_order(
        chunks in 2_u32..6, last in 1_usize..200, a in 0_u32..6, b in 0_u32..6,
    ) {
        let sealer = Sealer::new();
        let (key, _) = sealer.vault().new_finding(ANNA, finding(1)).unwrap();
        let size = u64::from(chunks - 1) * 65_536 + u64::try_from(last).unwrap();
        let (file, _) = key.new_file(facts(1, size));
        let (other, _) = key.new_file(facts(2, size));
        prop_assert_eq!(file.chunks(), u64::from(chunks));
        let (a, b) = (a % chunks, b % chunks);
        let sealed = file.seal_chunk(a, b"some bytes of a chunk");
        prop_assert!(file.open_chunk(a, sealed.clone()).is_ok());
        prop_assert!(is_refused(&other.open_chunk(a, sealed.clone())));
        prop_assert_eq!(is_refused(&file.open_chunk(b, sealed.clone())), a != b);
        // The same file, said to end earlier: its new last chunk was not sealed as the last.
        let shorter = File { size: u64::from(a + 1) * 65_536, ..file.clone() };
        prop_assert_eq!(is_refused(&shorter.open_chunk(a, sealed.clone())), a + 1 != chunks);
        prop_assert!(is_refused(&file.open_chunk(a, sealed[..sealed.len() - 1].to_vec())));
    }
}
