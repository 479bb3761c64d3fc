//! The name of a public key: its JWK thumbprint with SHA-256 (RFC 7638), `jkt` in a confirmation (RFC 9449, 6.1).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

/// SHA-256 of a public key in its canonical JSON form. Public, but compared in constant time like everything that decides
/// who gets in.
///
/// ```compile_fail,E0369
/// # use nahraum_secrets::KeyThumbprint;
/// let equal = KeyThumbprint::from_bytes([0; 32]) == KeyThumbprint::from_bytes([0; 32]);
/// ```
#[derive(Clone, Copy)]
pub struct KeyThumbprint([u8; 32]);

impl KeyThumbprint {
    /// The stored value.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The value to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both name the same key; takes equally long for every answer.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The text of `cnf.jkt` and of `dpop_jkt`: 43 characters of base64url.
    #[must_use]
    pub fn jkt(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Reads a `jkt`.
    #[must_use]
    pub fn parse_jkt(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyThumbprint({})", self.jkt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_reads_back_and_matches_only_itself() {
        let print = KeyThumbprint::from_bytes([7; 32]);
        assert!(KeyThumbprint::parse_jkt(&print.jkt()).is_some_and(|read| read.matches(&print)));
        assert!(!print.matches(&KeyThumbprint::from_bytes([8; 32])));
        for wrong in ["", &"A".repeat(42), &"A".repeat(44), &format!("{}=", "A".repeat(42)), &"ä".repeat(43)] {
            assert!(KeyThumbprint::parse_jkt(wrong).is_none(), "{wrong}");
        }
        assert!(format!("{print:?}").contains(&print.jkt()));
    }
}
