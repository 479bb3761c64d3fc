//! What is left of a secret in the database: 32 bytes, one type for each kind of secret.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

macro_rules! digests {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Finding a row by this value in an index is fine; comparing two of them in code goes through
        /// [`matches`](Self::matches).
        #[derive(Clone)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The value as it was stored.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The value to store.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// Whether both are the same; takes equally long for every answer.
            #[must_use]
            pub fn matches(&self, other: &Self) -> bool {
                self.0.ct_eq(&other.0).into()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("•••")
            }
        }
    )+};
}

digests! {
    /// SHA-256 of a token.
    TokenHash,
    /// SHA-256 of the secret in a QR activation code.
    QrHash,
    /// SHA-256 of a one-time code and what it is for.
    OneTimeHash,
    /// SHA-256 of the secret in an address of a link, and what it is for.
    LinkHash,
    /// SHA-256 of the secret an app made for its device.
    DeviceHash,
    /// HMAC-SHA-256 of something short under a key of this installation.
    KeyedHash,
    /// SHA-256 of a certificate, `x5t#S256` (RFC 8705, 3.1).
    CertificateHash,
}

/// SHA-256 (FIPS 180-4) of secrets with at least 128 bits of randomness; shorter ones belong to the hasher.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_match_only_themselves_and_print_dots() {
        let stored = TokenHash::from_bytes([7; 32]);
        assert!(stored.matches(&stored.clone()));
        for at in 0..32 {
            let mut other = [7; 32];
            other[at] ^= 1;
            assert!(!stored.matches(&TokenHash::from_bytes(other)), "byte {at}");
        }
        assert_eq!(format!("{stored:?}"), "•••");
    }
}
