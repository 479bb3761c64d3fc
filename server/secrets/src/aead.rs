//! Authenticated encryption: AES-256-GCM (NIST SP 800-38D) by aws-lc-rs, and what a sealed value is bound to.
//!
//! The first byte of everything sealed names its form, so that another algorithm can live beside this one:
//!
//! | byte | form |
//! |---|---|
//! | 1 | AES-256-GCM: 96 random bits of nonce, ciphertext, 128 bits of tag; for small values (at most 2³² under one key) |
//! | 2 | AES-256-GCM: ciphertext, 128 bits of tag; the nonce counts the chunks of a file, under a key of its own |
//!
//! The form is authenticated with the rest.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{Random, random_bytes, root::KeyBytes};

const RANDOM_NONCE: u8 = 1;
const COUNTED_NONCE: u8 = 2;

/// Length of the tag in bytes.
pub(crate) const TAG: usize = 16;

/// What a sealed value is bound to: what it is, and where it belongs. It opens for exactly the same binding.
///
/// Authenticated and not stored. Each part goes in with its length, so that no two bindings have the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Binding<'a> {
    /// What it is: a word of the code, such as the name of a column.
    pub purpose: &'a str,
    /// Where it belongs: row, owner, number.
    pub parts: &'a [&'a [u8]],
}

impl Binding<'_> {
    fn bytes(&self, form: u8) -> Vec<u8> {
        let mut bytes = vec![form];
        for part in std::iter::once(&self.purpose.as_bytes()).chain(self.parts) {
            // nothing that goes in here is longer than a line of text
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// A sealed value that does not open: damaged, moved, of a form this version does not know, or under another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct NotOpened;

/// Seals bytes under a random nonce.
pub(crate) fn seal(key: &KeyBytes, binding: Binding<'_>, plain: &[u8], random: &dyn Random) -> Vec<u8> {
    let nonce = random_bytes::<NONCE_LEN>(random);
    let mut sealed = Vec::with_capacity(plain.len().saturating_add(1 + NONCE_LEN + TAG));
    sealed.push(RANDOM_NONCE);
    sealed.extend_from_slice(&nonce);
    seal_after(key, nonce, &binding.bytes(RANDOM_NONCE), sealed, plain)
}

/// Opens what [`seal`] made for the same binding.
pub(crate) fn open(key: &KeyBytes, binding: Binding<'_>, sealed: Vec<u8>) -> Result<Vec<u8>, NotOpened> {
    let nonce = match sealed.split_first_chunk::<{ 1 + NONCE_LEN }>() {
        Some(([RANDOM_NONCE, nonce @ ..], _)) => *nonce,
        Some(_) | None => return Err(NotOpened),
    };
    open_after(key, nonce, &binding.bytes(RANDOM_NONCE), sealed, 1 + NONCE_LEN)
}

/// Which chunk of a file, and whether it is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkNumber {
    pub(crate) number: u32,
    pub(crate) is_last: bool,
}

impl ChunkNumber {
    /// Seven zeros, the last-chunk flag, the number: the construction of STREAM (Hoang, Reyhanitabar, Rogaway, Vizár
    /// 2015), whose prefix may be constant because every file has a key of its own.
    const fn nonce(self) -> [u8; NONCE_LEN] {
        let [a, b, c, d] = self.number.to_be_bytes();
        [0, 0, 0, 0, 0, 0, 0, if self.is_last { 1 } else { 0 }, a, b, c, d]
    }
}

/// Seals one chunk. The key must seal each number once only.
pub(crate) fn seal_chunk(key: &KeyBytes, binding: Binding<'_>, chunk: ChunkNumber, plain: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(plain.len().saturating_add(1 + TAG));
    sealed.push(COUNTED_NONCE);
    seal_after(key, chunk.nonce(), &binding.bytes(COUNTED_NONCE), sealed, plain)
}

/// Opens what [`seal_chunk`] made for the same binding and number.
pub(crate) fn open_chunk(
    key: &KeyBytes,
    binding: Binding<'_>,
    chunk: ChunkNumber,
    sealed: Vec<u8>,
) -> Result<Vec<u8>, NotOpened> {
    if sealed.first() != Some(&COUNTED_NONCE) {
        return Err(NotOpened);
    }
    open_after(key, chunk.nonce(), &binding.bytes(COUNTED_NONCE), sealed, 1)
}

/// The header, then ciphertext and tag.
#[expect(clippy::expect_used, reason = "AES-256-GCM refuses nothing below 64 GiB, and values here fit into memory")]
pub(crate) fn seal_after(
    key: &KeyBytes,
    nonce: [u8; NONCE_LEN],
    aad: &[u8],
    mut sealed: Vec<u8>,
    plain: &[u8],
) -> Vec<u8> {
    let header = sealed.len();
    sealed.extend_from_slice(plain);
    let (_, body) = sealed.split_at_mut(header);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = cipher(key).seal_in_place_separate_tag(nonce, Aad::from(aad), body).expect("a short value");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

/// What stands behind the header, in place.
fn open_after(
    key: &KeyBytes,
    nonce: [u8; NONCE_LEN],
    aad: &[u8],
    mut sealed: Vec<u8>,
    header: usize,
) -> Result<Vec<u8>, NotOpened> {
    let nonce = Nonce::assume_unique_for_key(nonce);
    let opened = cipher(key).open_within(nonce, Aad::from(aad), &mut sealed, header..);
    let length = opened.map_err(|_| NotOpened)?.len();
    sealed.truncate(length);
    Ok(sealed)
}

/// The expanded key is overwritten by the library when it goes out of use.
#[expect(clippy::expect_used, reason = "thirty-two bytes are a key of AES-256")]
fn cipher(key: &KeyBytes) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &**key).expect("thirty-two bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::SeededRandom;

    const BINDING: Binding<'static> = Binding { purpose: "findings.summary", parts: &[&[7; 16], b"resident"] };

    fn key(byte: u8) -> KeyBytes {
        KeyBytes::new([byte; 32])
    }

    /// The GCM specification's test case 14 (McGrew, Viega 2005): zero key, zero nonce, sixteen zero bytes, no AAD.
    #[test]
    fn it_is_aes_256_gcm() {
        let sealed = seal_after(&key(0), [0; NONCE_LEN], &[], Vec::new(), &[0; 16]);
        let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    }

    #[test]
    fn any_changed_byte_is_noticed_and_so_is_any_cut() {
        let sealed = seal(&key(1), BINDING, b"Kalium 5,4", &SeededRandom::new(1));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(open(&key(1), BINDING, damaged), Err(NotOpened), "byte {at}");
            assert_eq!(open(&key(1), BINDING, sealed[..at].to_vec()), Err(NotOpened), "cut at {at}");
        }
        let longer = [sealed.as_slice(), &[0]].concat();
        assert_eq!(open(&key(1), BINDING, longer), Err(NotOpened));
        assert_eq!(open(&key(1), BINDING, sealed).as_deref(), Ok(b"Kalium 5,4".as_slice()));
    }

    #[test]
    fn forms_do_not_pass_for_each_other() {
        let chunk = ChunkNumber { number: 0, is_last: true };
        let sealed = seal_chunk(&key(1), BINDING, chunk, b"x");
        assert_eq!(open(&key(1), BINDING, sealed.clone()), Err(NotOpened));
        let small = seal(&key(1), BINDING, b"x", &SeededRandom::new(1));
        assert_eq!(open_chunk(&key(1), BINDING, chunk, small), Err(NotOpened));
        assert_eq!(open_chunk(&key(1), BINDING, chunk, Vec::new()), Err(NotOpened));
        let mut unknown = sealed;
        unknown[0] = 9;
        assert_eq!(open_chunk(&key(1), BINDING, chunk, unknown), Err(NotOpened));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_for_its_binding_only(
            plain in proptest::collection::vec(any::<u8>(), 0..300), seed in any::<u64>(),
            purpose in "[a-z.]{1,12}", other in "[a-z.]{1,12}",
            part in proptest::collection::vec(any::<u8>(), 0..20), other_part in proptest::collection::vec(any::<u8>(), 0..20),
        ) {
            let parts: [&[u8]; 1] = [&part];
            let binding = Binding { purpose: &purpose, parts: &parts };
            let sealed = seal(&key(1), binding, &plain, &SeededRandom::new(seed));
            prop_assert_eq!(open(&key(2), binding, sealed.clone()), Err(NotOpened));
            if other != purpose {
                let moved = Binding { purpose: &other, parts: &parts };
                prop_assert_eq!(open(&key(1), moved, sealed.clone()), Err(NotOpened));
            }
            if other_part != part {
                let parts: [&[u8]; 1] = [&other_part];
                prop_assert_eq!(open(&key(1), Binding { purpose: &purpose, parts: &parts }, sealed.clone()), Err(NotOpened));
            }
            // the same bytes cut into other parts are another binding
            if !part.is_empty() {
                let (head, tail) = part.split_at(part.len() / 2);
                let parts: [&[u8]; 2] = [head, tail];
                prop_assert_eq!(open(&key(1), Binding { purpose: &purpose, parts: &parts }, sealed.clone()), Err(NotOpened));
            }
            prop_assert_eq!(open(&key(1), binding, sealed), Ok(plain));
        }

        #[test]
        fn chunks_open_at_their_place_only(
            number in any::<u32>(), other in any::<u32>(), is_last in any::<bool>(),
            plain in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let chunk = ChunkNumber { number, is_last };
            let sealed = seal_chunk(&key(1), BINDING, chunk, &plain);
            let cut_off = ChunkNumber { is_last: !is_last, ..chunk };
            prop_assert_eq!(open_chunk(&key(1), BINDING, cut_off, sealed.clone()), Err(NotOpened));
            if other != number {
                let moved = ChunkNumber { number: other, ..chunk };
                prop_assert_eq!(open_chunk(&key(1), BINDING, moved, sealed.clone()), Err(NotOpened));
            }
            prop_assert_eq!(open_chunk(&key(1), BINDING, chunk, sealed), Ok(plain));
        }
    }
}
