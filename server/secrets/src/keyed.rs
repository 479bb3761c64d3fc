//! Keyed hashes of short things, sealed cursors, and the secret an app makes for its device.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use nahraum_domain::ids::{PatientId, ResidentId};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{DeviceHash, KeyedHash, Secret, digest::sha256, root::KeyBytes};

/// Length of a cursor's seal: HMAC-SHA-256 cut to 128 bits (RFC 2104, 5: not below half of the hash).
const SEAL_LENGTH: usize = 16;
/// No cursor of ours is longer. Checked before anything is decoded.
const MAX_CURSOR_LENGTH: usize = 1024;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub struct $name(KeyBytes);

        impl $name {
            pub(crate) const fn new(bytes: KeyBytes) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("•••")
            }
        }
    )+};
}

keys! {
    /// The key for birth dates. A birth date alone has about 15 bits; without this key its hash says nothing.
    BirthDateKey,
    /// The key that seals paging cursors.
    CursorKey,
    /// The key for values that are looked up by equality and must not stand readable in the database.
    LookupKey,
    /// The key for the nonces that DPoP proofs carry.
    NonceKey,
    /// The key under which the ledger of the erased remembers them without saying who they were.
    ErasureKey,
}

impl NonceKey {
    /// HMAC-SHA-256 over a message of fixed length.
    pub(crate) fn mac(&self, message: &[u8; 8]) -> [u8; 32] {
        hmac(&self.0, &[message])
    }
}

impl ErasureKey {
    /// The ledger's name for a resident: HMAC-SHA-256 over the id's sixteen bytes.
    #[must_use]
    pub fn hash(&self, resident: ResidentId) -> KeyedHash {
        KeyedHash::from_bytes(hmac(&self.0, &[resident.as_bytes()]))
    }
}

impl BirthDateKey {
    /// The hash of one patient's birth date: HMAC-SHA-256 over the id's sixteen bytes and the date in ISO 8601
    /// (`1961-04-30`). The same date gives another hash for another patient.
    #[must_use]
    pub fn hash(&self, patient: PatientId, birth_date: Date) -> KeyedHash {
        KeyedHash::from_bytes(hmac(&self.0, &[patient.as_bytes(), birth_date.to_string().as_bytes()]))
    }
}

impl LookupKey {
    /// The hash of a value within a context, a fixed word for the column it stands in. Contexts do not mix.
    #[must_use]
    pub fn hash(&self, context: &str, value: &[u8]) -> KeyedHash {
        KeyedHash::from_bytes(hmac_in_context(&self.0, context, value))
    }
}

/// A cursor that this server did not make, or made for another list, filter or person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub struct NotOurCursor;

impl CursorKey {
    /// Seals a position for handing it out, as base64url of payload and seal.
    ///
    /// `context` is everything the cursor is bound to (operation, filter, person); it is not part of the text. The
    /// payload is protected against change, not against reading: positions and ids only, never health data. A payload
    /// beyond some 700 bytes makes a cursor that does not open again.
    #[must_use]
    pub fn seal(&self, context: &str, payload: &[u8]) -> String {
        let seal = hmac_in_context(&self.0, context, payload);
        let sealed: Vec<u8> = payload.iter().chain(seal.iter().take(SEAL_LENGTH)).copied().collect();
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what [`seal`](Self::seal) made for the same context.
    ///
    /// # Errors
    /// [`NotOurCursor`] for everything else.
    pub fn open(&self, context: &str, cursor: &str) -> Result<Vec<u8>, NotOurCursor> {
        if cursor.len() > MAX_CURSOR_LENGTH {
            return Err(NotOurCursor);
        }
        let mut sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| NotOurCursor)?;
        let payload_length = sealed.len().checked_sub(SEAL_LENGTH).ok_or(NotOurCursor)?;
        let presented = sealed.split_off(payload_length);
        let expected = hmac_in_context(&self.0, context, &sealed);
        let expected = expected.first_chunk::<SEAL_LENGTH>().ok_or(NotOurCursor)?;
        if bool::from(expected.as_slice().ct_eq(&presented)) { Ok(sealed) } else { Err(NotOurCursor) }
    }
}

/// HMAC-SHA-256 (RFC 2104) over the parts, one after the other. The caller sees to it that they cannot be cut elsewhere.
pub(crate) fn hmac(key: &KeyBytes, parts: &[&[u8]]) -> [u8; 32] {
    let mut block = zeroize::Zeroizing::new([0_u8; 64]);
    for (byte, secret) in block.iter_mut().zip(key.iter()) {
        *byte = *secret;
    }
    // a key of the block's length cannot be refused; filling up with zeros is what RFC 2104 does with shorter ones
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The context's length goes first, so that no context and value can pass for another pair.
fn hmac_in_context(key: &KeyBytes, context: &str, value: &[u8]) -> [u8; 32] {
    hmac(key, &[&context.len().to_be_bytes(), context.as_bytes(), value])
}

/// The secret an app made for its device. The app makes it, so that it can repeat an activation whose answer got lost.
pub struct DeviceSecret(Secret);

/// A device secret that cannot hold 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the device secret must be at least 128 random bits: 32 to 128 hex digits or 22 to 128 characters of base64url"
)]
pub struct WeakDeviceSecret;

impl DeviceSecret {
    /// Takes what an app sends: 32 to 128 hex digits, or 22 to 128 characters of base64url without padding.
    ///
    /// # Errors
    /// [`WeakDeviceSecret`] for other lengths and characters, and for texts of fewer than six different characters,
    /// which no random generator gives.
    pub fn parse(text: &str) -> Result<Self, WeakDeviceSecret> {
        let hex = text.bytes().take(129).all(|byte| byte.is_ascii_hexdigit());
        let shortest = if hex { 32 } else { 22 };
        if !(shortest..=128).contains(&text.len()) {
            return Err(WeakDeviceSecret);
        }
        let base64url = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let mut different: Vec<u8> = text.bytes().collect();
        different.sort_unstable();
        different.dedup();
        if base64url && different.len() >= 6 { Ok(Self(Secret::new(text))) } else { Err(WeakDeviceSecret) }
    }

    /// What is stored: SHA-256 of the text exactly as it was sent.
    #[must_use]
    pub fn hash(&self) -> DeviceHash {
        DeviceHash::from_bytes(sha256(self.0.expose().as_bytes()))
    }
}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Keys, RootSecret, SeededRandom};

    fn keys() -> Keys {
        RootSecret::from_random(&SeededRandom::new(3)).keys()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 4231, test case 4 has a 25-byte key; filled up with zeros it is the same HMAC key.
    #[test]
    fn hmac_is_the_one_of_rfc_4231() {
        let mut key = [0; 32];
        for (at, byte) in (1..=25).enumerate() {
            key[at] = byte;
        }
        assert_eq!(
            hex(&hmac(&KeyBytes::new(key), &[&[0xcd; 20], &[0xcd; 30]])),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        );
    }

    #[test]
    fn birth_dates_match_for_their_patient_only() {
        let key = keys().birth_dates;
        let (one, two) = (PatientId::from_bytes([1; 16]), PatientId::from_bytes([2; 16]));
        let (day, next_day) = (jiff::civil::date(1961, 4, 30), jiff::civil::date(1961, 5, 1));
        let stored = KeyedHash::from_bytes(*key.hash(one, day).as_bytes());
        assert!(stored.matches(&key.hash(one, day)));
        assert!(!stored.matches(&key.hash(one, next_day)));
        assert!(!stored.matches(&key.hash(two, day)));
        let other_house = RootSecret::from_random(&SeededRandom::new(4)).keys().birth_dates;
        assert!(!stored.matches(&other_house.hash(one, day)));
    }

    #[test]
    fn lookups_do_not_mix_contexts() {
        let key = keys().lookups;
        assert!(key.hash("login", b"anna").matches(&key.hash("login", b"anna")));
        assert!(!key.hash("login", b"anna").matches(&key.hash("loginan", b"na")));
        assert!(!key.hash("login", b"anna").matches(&key.hash("mail", b"anna")));
    }

    #[test]
    fn nothing_here_prints_a_key() {
        assert_eq!(
            format!("{:?}", keys()),
            "Keys { pepper: •••, birth_dates: •••, cursors: •••, lookups: •••, nonces: •••, checkpoints: •••, wrapping: •••, erasures: •••, practice_ca: •••, push: ••• }"
        );
        let device = DeviceSecret::parse("00112233445566778899aabbccddeeff").unwrap();
        assert_eq!(format!("{device:?} {:?}", device.hash()), "••• •••");
    }

    #[test]
    fn long_and_foreign_cursors_are_refused() {
        let key = keys().cursors;
        let other_house = RootSecret::from_random(&SeededRandom::new(4)).keys().cursors;
        assert_eq!(key.open("list", &other_house.seal("list", b"7")), Err(NotOurCursor));
        for wrong in ["", "A", "AAAA", "=", "ä", &"A".repeat(1_000_000)] {
            assert_eq!(key.open("list", wrong), Err(NotOurCursor));
        }
        assert_eq!(key.open("list", &key.seal("list", b"")), Ok(Vec::new()));
    }

    #[test]
    fn weak_device_secrets_are_refused() {
        let good = ["00112233445566778899aabbccddeeff", "AbCdEfGhIjKlMnOpQrStUv", "-_0123456789abcdefghij"];
        for text in good {
            DeviceSecret::parse(text).unwrap();
        }
        let long = "0123456789abcdef".repeat(8);
        DeviceSecret::parse(&long).unwrap();
        for text in [
            "",
            "00112233445566778899aabbccddeef",
            "0011223344556677889900",
            "AbCdEfGhIjKlMnOpQrStU",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababababababababab",
            "00112233445566778899aabbccddeef=",
            "00112233 445566778899aabbccddeeff",
            "äääääääääääääääääääääää",
            &format!("{long}0"),
        ] {
            assert!(DeviceSecret::parse(text).is_err(), "{text}");
        }
        let one = DeviceSecret::parse(good[0]).unwrap().hash();
        assert!(one.matches(&DeviceSecret::parse(good[0]).unwrap().hash()));
        assert!(!one.matches(&DeviceSecret::parse(good[1]).unwrap().hash()));
        assert!(
            !one.matches(&DeviceSecret::parse(&good[0].to_uppercase()).unwrap().hash()),
            "one spelling, one secret"
        );
    }

    proptest! {
        #[test]
        fn cursors_open_for_their_context_only(
            context in ".{0,30}", other in ".{0,30}", payload in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let key = keys().cursors;
            let cursor = key.seal(&context, &payload);
            prop_assert_eq!(key.open(&context, &cursor), Ok(payload));
            if other != context {
                prop_assert_eq!(key.open(&other, &cursor), Err(NotOurCursor));
            }
        }

        #[test]
        fn changed_cursors_do_not_open(
            payload in proptest::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), new in "[A-Za-z0-9_-]",
        ) {
            let key = keys().cursors;
            let cursor = key.seal("list", &payload);
            let at = at.index(cursor.len());
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, &new);
            if changed != cursor {
                prop_assert_eq!(key.open("list", &changed), Err(NotOurCursor));
            }
        }
    }
}
