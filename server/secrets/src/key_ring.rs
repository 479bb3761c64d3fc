//! The keys of stored data, one level above the other; each level opens only what lies directly below it.
//!
//! ```text
//! root secret ─HKDF─> WrappingKey ─wraps─> KeyEncryptionKey ─wraps─> SubjectKey ─┬─seals─> small values
//!                                                                                └─wraps─> ContentKey ─┬─seals─> values of one finding
//!                                                                                                      └─wraps─> BlobKey ─seals─> chunks
//! ```
//!
//! Where keys are kept is the store's business. All but the first are random; a wrapped key is sealed for its place, so
//! that one row's key is none in another row.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;

use crate::{
    Random,
    aead::{self, Binding, ChunkNumber, NotOpened},
    root::KeyBytes,
};

/// Labels of what is derived from a subject's key, by HKDF-SHA-256 (RFC 5869).
pub(crate) const FIELDS: &str = "nahraum/1/subject/fields";
pub(crate) const CONTENTS: &str = "nahraum/1/subject/contents";

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub struct $name(KeyBytes);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("•••")
            }
        }
    )+};
}

keys! {
    /// Wraps key encryption keys. Derived from the root secret and never stored.
    WrappingKey,
    /// Wraps the keys of subjects. There is one that new keys are wrapped with; rotation replaces it.
    KeyEncryptionKey,
    /// The key of one finding: seals its words and values, wraps the keys of its files.
    ContentKey,
    /// The key of one file: seals its chunks.
    BlobKey,
}

/// The key of a resident, a practice, or the house. What it protects is gone when it is destroyed.
pub struct SubjectKey {
    seed: KeyBytes,
    fields: KeyBytes,
    contents: KeyBytes,
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// Whose key a wrapped one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyOwner<'a> {
    /// What the owner is: a word of the code.
    pub kind: &'a str,
    /// The owner's id.
    pub id: &'a [u8; 16],
    /// Which key of the owner, from 1.
    pub version: i32,
}

fn random_key(random: &dyn Random) -> KeyBytes {
    let mut key = KeyBytes::default();
    random.fill(&mut *key);
    key
}

/// A key that was opened, as a key again.
fn key(opened: Vec<u8>) -> Result<KeyBytes, NotOpened> {
    let opened = zeroize::Zeroizing::new(opened);
    let bytes: &[u8; 32] = opened.first_chunk().filter(|_| opened.len() == 32).ok_or(NotOpened)?;
    Ok(KeyBytes::new(*bytes))
}

impl WrappingKey {
    pub(crate) const fn new(bytes: KeyBytes) -> Self {
        Self(bytes)
    }

    /// Wraps a key encryption key for the row with this id.
    #[must_use]
    pub fn wrap(&self, kek: &KeyEncryptionKey, id: &[u8; 16], random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.0, Self::binding(&[id]), &*kek.0, random)
    }

    /// Unwraps it again.
    ///
    /// # Errors
    /// [`NotOpened`] when it was wrapped for another id or under another root secret.
    pub fn unwrap(&self, id: &[u8; 16], wrapped: Vec<u8>) -> Result<KeyEncryptionKey, NotOpened> {
        aead::open(&self.0, Self::binding(&[id]), wrapped).and_then(key).map(KeyEncryptionKey)
    }

    const fn binding<'a>(parts: &'a [&'a [u8]]) -> Binding<'a> {
        Binding { purpose: "key_encryption_keys.wrapped", parts }
    }
}

impl KeyEncryptionKey {
    /// A new one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random_key(random))
    }

    /// Wraps a subject's key. `id` is this key's own.
    #[must_use]
    pub fn wrap(&self, id: &[u8; 16], owner: KeyOwner<'_>, subject: &SubjectKey, random: &dyn Random) -> Vec<u8> {
        let version = owner.version.to_be_bytes();
        aead::seal(&self.0, Self::binding(&[owner.kind.as_bytes(), owner.id, &version, id]), &*subject.seed, random)
    }

    /// Unwraps it again.
    ///
    /// # Errors
    /// [`NotOpened`] when it was wrapped for another owner, version or key encryption key.
    pub fn unwrap(&self, id: &[u8; 16], owner: KeyOwner<'_>, wrapped: Vec<u8>) -> Result<SubjectKey, NotOpened> {
        let version = owner.version.to_be_bytes();
        let place: [&[u8]; 4] = [owner.kind.as_bytes(), owner.id, &version, id];
        aead::open(&self.0, Self::binding(&place), wrapped).and_then(key).map(SubjectKey::from_seed)
    }

    const fn binding<'a>(parts: &'a [&'a [u8]]) -> Binding<'a> {
        Binding { purpose: "subject_keys.wrapped", parts }
    }
}

impl SubjectKey {
    /// A new one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self::from_seed(random_key(random))
    }

    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes, and 32 are asked for")]
    fn from_seed(seed: KeyBytes) -> Self {
        let derive = |label: &str| {
            let mut derived = KeyBytes::default();
            Hkdf::<Sha256>::new(None, &*seed).expand(label.as_bytes(), &mut *derived).expect("32 bytes");
            derived
        };
        let (fields, contents) = (derive(FIELDS), derive(CONTENTS));
        Self { seed, fields, contents }
    }

    /// Seals a small value of this subject.
    #[must_use]
    pub fn seal(&self, binding: Binding<'_>, plain: &[u8], random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.fields, binding, plain, random)
    }

    /// Opens it again.
    ///
    /// # Errors
    /// [`NotOpened`] for anything else.
    pub fn open(&self, binding: Binding<'_>, sealed: Vec<u8>) -> Result<Vec<u8>, NotOpened> {
        aead::open(&self.fields, binding, sealed)
    }

    /// Wraps the key of one of this subject's findings.
    #[must_use]
    pub fn wrap(&self, binding: Binding<'_>, content: &ContentKey, random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.contents, binding, &*content.0, random)
    }

    /// Unwraps it again.
    ///
    /// # Errors
    /// [`NotOpened`] for anything else.
    pub fn unwrap(&self, binding: Binding<'_>, wrapped: Vec<u8>) -> Result<ContentKey, NotOpened> {
        aead::open(&self.contents, binding, wrapped).and_then(key).map(ContentKey)
    }
}

impl ContentKey {
    /// A new one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random_key(random))
    }

    /// Seals words or values of the finding.
    #[must_use]
    pub fn seal(&self, binding: Binding<'_>, plain: &[u8], random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.0, binding, plain, random)
    }

    /// Opens them again.
    ///
    /// # Errors
    /// [`NotOpened`] for anything else.
    pub fn open(&self, binding: Binding<'_>, sealed: Vec<u8>) -> Result<Vec<u8>, NotOpened> {
        aead::open(&self.0, binding, sealed)
    }

    /// Wraps the key of one of the finding's files.
    #[must_use]
    pub fn wrap(&self, binding: Binding<'_>, blob: &BlobKey, random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.0, binding, &*blob.0, random)
    }

    /// Unwraps it again.
    ///
    /// # Errors
    /// [`NotOpened`] for anything else.
    pub fn unwrap(&self, binding: Binding<'_>, wrapped: Vec<u8>) -> Result<BlobKey, NotOpened> {
        aead::open(&self.0, binding, wrapped).and_then(key).map(BlobKey)
    }
}

impl BlobKey {
    /// A new one, for one file that is written once.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random_key(random))
    }

    /// Seals a chunk. Each number is to be sealed once.
    #[must_use]
    pub fn seal_chunk(&self, binding: Binding<'_>, number: u32, is_last: bool, plain: &[u8]) -> Vec<u8> {
        aead::seal_chunk(&self.0, binding, ChunkNumber { number, is_last }, plain)
    }

    /// Opens it again.
    ///
    /// # Errors
    /// [`NotOpened`] for another number, for a chunk that is last and should not be (or the other way round), and for
    /// anything else.
    pub fn open_chunk(
        &self,
        binding: Binding<'_>,
        number: u32,
        is_last: bool,
        sealed: Vec<u8>,
    ) -> Result<Vec<u8>, NotOpened> {
        aead::open_chunk(&self.0, binding, ChunkNumber { number, is_last }, sealed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{RootSecret, SeededRandom};

    const PLACE: Binding<'static> = Binding { purpose: "findings.key", parts: &[&[1; 16]] };

    fn owner(id: &[u8; 16]) -> KeyOwner<'_> {
        KeyOwner { kind: "resident", id, version: 1 }
    }

    #[test]
    fn the_whole_way_down_and_up_again() {
        let random = &SeededRandom::new(1);
        let root = RootSecret::from_random(random);
        let (kek, subject) = (KeyEncryptionKey::generate(random), SubjectKey::generate(random));
        let (content, blob) = (ContentKey::generate(random), BlobKey::generate(random));
        let (kek_id, resident) = ([1; 16], [2; 16]);
        let wrapped_kek = root.keys().wrapping.wrap(&kek, &kek_id, random);
        let wrapped_subject = kek.wrap(&kek_id, owner(&resident), &subject, random);
        let wrapped_content = subject.wrap(PLACE, &content, random);
        let wrapped_blob = content.wrap(PLACE, &blob, random);
        let chunk = blob.seal_chunk(PLACE, 0, true, b"bytes");

        let kek = root.keys().wrapping.unwrap(&kek_id, wrapped_kek.clone()).unwrap();
        let subject = kek.unwrap(&kek_id, owner(&resident), wrapped_subject).unwrap();
        let blob = subject.unwrap(PLACE, wrapped_content).unwrap().unwrap(PLACE, wrapped_blob).unwrap();
        assert_eq!(blob.open_chunk(PLACE, 0, true, chunk).unwrap(), b"bytes");
        let other_root = RootSecret::from_random(&SeededRandom::new(9)).keys().wrapping;
        assert!(other_root.unwrap(&kek_id, wrapped_kek.clone()).is_err());
        assert!(root.keys().wrapping.unwrap(&[9; 16], wrapped_kek).is_err());
    }

    #[test]
    fn a_subjects_key_seals_fields_and_wraps_contents_with_different_keys() {
        let random = &SeededRandom::new(1);
        let subject = SubjectKey::generate(random);
        let wrapped = subject.wrap(PLACE, &ContentKey::generate(random), random);
        assert_eq!(subject.open(PLACE, wrapped), Err(NotOpened));
        let sealed = subject.seal(PLACE, &[0; 32], random);
        assert!(subject.unwrap(PLACE, sealed).is_err());
        assert_eq!(*SubjectKey::from_seed(subject.seed.clone()).fields, *subject.fields, "derived, and repeatable");
    }

    #[test]
    fn sr_k06_no_key_prints_itself() {
        let random = &SeededRandom::new(1);
        let keys = (
            KeyEncryptionKey::generate(random),
            SubjectKey::generate(random),
            ContentKey::generate(random),
            BlobKey::generate(random),
            RootSecret::from_random(random).keys().wrapping,
        );
        assert_eq!(format!("{keys:?}"), "(•••, •••, •••, •••, •••)");
    }

    proptest! {
        #[test]
        fn a_wrapped_key_is_one_for_its_owner_version_and_kek_only(
            a in any::<[u8; 16]>(), b in any::<[u8; 16]>(), version in 1..9_i32, seed in any::<u64>(),
        ) {
            prop_assume!(a != b);
            let random = &SeededRandom::new(seed);
            let kek = KeyEncryptionKey::generate(random);
            let mine = KeyOwner { kind: "resident", id: &a, version };
            let wrapped = kek.wrap(&a, mine, &SubjectKey::generate(random), random);
            prop_assert!(kek.unwrap(&a, mine, wrapped.clone()).is_ok());
            for (id, owner) in [
                (&b, mine),
                (&a, KeyOwner { id: &b, ..mine }),
                (&a, KeyOwner { kind: "practice", ..mine }),
                (&a, KeyOwner { version: version + 1, ..mine }),
            ] {
                prop_assert!(kek.unwrap(id, owner, wrapped.clone()).is_err());
            }
            prop_assert!(KeyEncryptionKey::generate(random).unwrap(&a, mine, wrapped.clone()).is_err());
            prop_assert!(kek.unwrap(&a, mine, wrapped[..wrapped.len() - 1].to_vec()).is_err());
        }
    }
}
