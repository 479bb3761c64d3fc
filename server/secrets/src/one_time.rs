//! Codes that are good once and only ever scanned: the way to a second phone, and the recovery sheet. 128 random bits, so
//! their SHA-256 may be stored.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{OneTimeHash, Random, Secret, digest::sha256, random::random_bytes};

/// Longer than any link to us with a code in it.
const MAX_LENGTH: usize = 512;

/// What a one-time code is for. A code for one thing is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OneTimeKind {
    /// Letting a second phone in.
    DeviceLink,
    /// Getting an account back.
    Recovery,
}

impl OneTimeKind {
    const fn letter(self) -> char {
        match self {
            Self::DeviceLink => 'd',
            Self::Recovery => 'r',
        }
    }
}

/// A text that is no code of this kind. Says nothing about whether a code exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code of this kind")]
pub struct NotAOneTimeCode;

/// A one-time code. What is stored is its hash.
pub struct OneTimeCode {
    kind: OneTimeKind,
    bytes: Zeroizing<[u8; 16]>,
}

impl OneTimeCode {
    /// A fresh code.
    #[must_use]
    pub fn generate(random: &dyn Random, kind: OneTimeKind) -> Self {
        Self { kind, bytes: Zeroizing::new(random_bytes(random)) }
    }

    /// Reads a scanned link, the fragment of one, or the 22 characters at its end.
    ///
    /// # Errors
    /// [`NotAOneTimeCode`].
    pub fn parse(text: &str, kind: OneTimeKind) -> Result<Self, NotAOneTimeCode> {
        let text = text.trim();
        if text.len() > MAX_LENGTH {
            return Err(NotAOneTimeCode);
        }
        let fragment = text.rsplit_once('#').map_or(text, |(_, fragment)| fragment);
        let code = match fragment.rsplit_once('.') {
            Some((before, code)) if before.starts_with(&format!("{}1.", kind.letter())) => code,
            Some(_) => return Err(NotAOneTimeCode),
            None => fragment,
        };
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(code).map_err(|_| NotAOneTimeCode)?);
        let bytes = <[u8; 16]>::try_from(decoded.as_slice()).map_err(|_| NotAOneTimeCode)?;
        Ok(Self { kind, bytes: Zeroizing::new(bytes) })
    }

    /// What is stored. Codes of different kinds never have the same.
    #[must_use]
    pub fn hash(&self) -> OneTimeHash {
        let mut tagged = Zeroizing::new([0_u8; 17]);
        let (first, rest) = tagged.split_at_mut(1);
        first.fill(u8::try_from(self.kind.letter()).unwrap_or_default());
        rest.copy_from_slice(self.bytes.as_slice());
        OneTimeHash::from_bytes(sha256(tagged.as_slice()))
    }

    /// The fragment of the link in the QR code: `d1.<instance>.<code>`. It goes behind a `#`, which browsers keep to
    /// themselves. `instance` names the installation and has no `.` and no `#` in it.
    #[must_use]
    pub fn fragment(&self, instance: &str) -> Secret {
        let code = Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.bytes));
        Secret::new(format!("{}1.{instance}.{}", self.kind.letter(), code.as_str()))
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_code_is_read_back_in_every_form_and_for_its_own_use_only() {
        let random = SeededRandom::new(7);
        for (kind, other) in
            [(OneTimeKind::DeviceLink, OneTimeKind::Recovery), (OneTimeKind::Recovery, OneTimeKind::DeviceLink)]
        {
            let code = OneTimeCode::generate(&random, kind);
            let fragment = code.fragment("billstedt").expose().to_owned();
            let bare = fragment.rsplit_once('.').unwrap().1.to_owned();
            for form in [format!("https://n.example/a#{fragment}"), fragment.clone(), format!(" {bare} ")] {
                assert!(OneTimeCode::parse(&form, kind).unwrap().hash().matches(&code.hash()), "{form}");
            }
            assert!(OneTimeCode::parse(&fragment, other).is_err());
            assert!(!OneTimeCode::parse(&bare, other).unwrap().hash().matches(&code.hash()));
        }
    }

    #[test]
    fn nonsense_is_no_code() {
        let long = "A".repeat(600);
        for text in ["", "x", "A.B", "#", "d1.", "d1.n.AAAA", "1.n.AAAAAAAAAAAAAAAAAAAAAA", long.as_str()] {
            assert!(OneTimeCode::parse(text, OneTimeKind::DeviceLink).is_err(), "{text}");
        }
    }
}
