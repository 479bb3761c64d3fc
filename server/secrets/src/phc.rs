//! The stored form of a slow hash: a PHC string, `$argon2id$v=19$m=47104,t=1,p=1$<salt>$<hash>`.
//!
//! Source: the PHC string format (github.com/P-H-C/phc-string-format) for Argon2id version 0x13 (RFC 9106); salt and
//! hash in base64 without padding. One spelling only: what this house writes is all it reads.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// What one Argon2id run costs. Lanes are always 1: a hash has one thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory in KiB, which is the number of Argon2 blocks.
    pub(crate) memory_kib: u32,
    /// Passes over that memory.
    pub(crate) passes: u32,
}

impl Cost {
    /// The largest memory any hash here uses; the workers hold exactly this much.
    pub(crate) const MAX_MEMORY_KIB: u32 = 65_536;
    /// RFC 9106 asks for at least eight blocks.
    const MIN_MEMORY_KIB: u32 = 8;
    /// Beyond this a single check would hold a worker for seconds.
    const MAX_PASSES: u32 = 8;

    fn is_possible(self) -> bool {
        (Self::MIN_MEMORY_KIB..=Self::MAX_MEMORY_KIB).contains(&self.memory_kib)
            && (1..=Self::MAX_PASSES).contains(&self.passes)
    }

    /// Whether this is weaker than `floor` in either number.
    pub(crate) const fn is_below(self, floor: Self) -> bool {
        self.memory_kib < floor.memory_kib || self.passes < floor.passes
    }
}

/// The hash of a PIN, a manual code or a password, made by [`Hasher::hash`](crate::Hasher::hash).
///
/// It is worthless without the pepper of its installation, and still prints dots.
#[derive(Clone)]
pub struct PasswordHash {
    pub(crate) cost: Cost,
    pub(crate) salt: [u8; 16],
    pub(crate) digest: [u8; 32],
}

/// A stored hash that this version does not read: foreign, cut off, or dearer than the hasher's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored hash is not one this server has written")]
pub struct UnreadableHash;

impl PasswordHash {
    /// The PHC string for the database.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let Cost { memory_kib, passes } = self.cost;
        let (salt, digest) = (STANDARD_NO_PAD.encode(self.salt), STANDARD_NO_PAD.encode(self.digest));
        format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${digest}")
    }

    /// Reads what [`to_stored`](Self::to_stored) wrote.
    ///
    /// # Errors
    /// [`UnreadableHash`] for everything else, also for costs the hasher could not pay.
    pub fn from_stored(stored: &str) -> Result<Self, UnreadableHash> {
        Self::read(stored).filter(|hash| hash.cost.is_possible()).ok_or(UnreadableHash)
    }

    fn read(stored: &str) -> Option<Self> {
        let rest = stored.strip_prefix("$argon2id$v=19$m=")?;
        let (memory_kib, rest) = rest.split_once(",t=")?;
        let (passes, rest) = rest.split_once(",p=1$")?;
        let (salt, digest) = rest.split_once('$')?;
        Some(Self {
            cost: Cost { memory_kib: number(memory_kib)?, passes: number(passes)? },
            salt: bytes(salt)?,
            digest: bytes(digest)?,
        })
    }
}

fn number(text: &str) -> Option<u32> {
    let number = u32::from_str(text).ok()?;
    (number.to_string() == text).then_some(number)
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD_NO_PAD.decode(text).ok()?.try_into().ok()
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str =
        "$argon2id$v=19$m=47104,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    #[test]
    fn a_stored_hash_survives_and_prints_dots() {
        let hash = PasswordHash::from_stored(GOOD).unwrap();
        assert_eq!(hash.to_stored(), GOOD);
        assert_eq!(hash.cost, Cost { memory_kib: 47_104, passes: 1 });
        assert_eq!((hash.salt[15], hash.digest[31]), (15, 31));
        assert_eq!(format!("{hash:?}"), "•••");
    }

    #[test]
    fn foreign_and_unpayable_hashes_are_refused() {
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("m=47104", "m=4294967295"),
            ("m=47104", "m=65537"),
            ("m=47104", "m=7"),
            ("m=47104", "m=047104"),
            ("m=47104", "m=+47104"),
            ("t=1", "t=0"),
            ("t=1", "t=4000000000"),
            ("p=1", "p=4"),
            ("Dw$", "D$"),
            ("Hh8", "Hh8A"),
            ("Hh8", "Hh8="),
            ("Hh8", "Hh9"),
            ("$argon2id", "argon2id"),
        ] {
            let wrong = GOOD.replacen(from, to, 1);
            assert_ne!(wrong, GOOD);
            assert_eq!(PasswordHash::from_stored(&wrong).unwrap_err(), UnreadableHash, "{wrong}");
        }
        assert!(PasswordHash::from_stored("").is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_has_one_spelling(text in "(\\$argon2id\\$v=19\\$m=)?[a-zA-Z0-9,=$+/]{0,120}") {
            if let Ok(hash) = PasswordHash::from_stored(&text) {
                prop_assert_eq!(hash.to_stored(), text);
            }
        }
    }
}
