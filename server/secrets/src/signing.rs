//! Signatures (Ed25519, RFC 8032) over what the server says: about its own access log, and in receipts of decisions.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nahraum_domain::audit::statement::hex;

use crate::root::KeyBytes;

/// Signs. Made from the root secret, so that nothing more has to be kept safe.
#[derive(Clone)]
pub struct SigningKey(std::sync::Arc<Ed25519KeyPair>);

/// Verifies. Public: 32 bytes that everyone may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VerifyingKey([u8; 32]);

/// An Ed25519 signature.
pub type Signature = [u8; 64];

impl SigningKey {
    #[expect(clippy::expect_used, reason = "every 32 bytes are a seed of Ed25519")]
    pub(crate) fn from_seed(seed: &KeyBytes) -> Self {
        Self(std::sync::Arc::new(Ed25519KeyPair::from_seed_unchecked(&**seed).expect("32 bytes")))
    }

    /// Signs a text.
    #[must_use]
    #[expect(clippy::expect_used, reason = "signatures of Ed25519 have 64 bytes (RFC 8032, 5.1.6)")]
    pub fn sign(&self, text: &str) -> Signature {
        self.0.sign(text.as_bytes()).as_ref().try_into().expect("64 bytes")
    }

    /// A compact JWS (RFC 7515) over a payload: `EdDSA` (RFC 8037), `kid` is the public key in hexadecimal digits. `typ` says
    /// what it is and needs no escape in JSON. What is signed begins with `ey`, as nothing else does that this key signs.
    #[must_use]
    pub fn jws(&self, typ: &'static str, payload: &[u8]) -> String {
        self.compact(typ, "", payload)
    }

    /// The same over a payload that is packed by DEFLATE (RFC 1951), which `zip` says as it does in JWE (RFC 7516, 4.1.3) and in
    /// SMART Health Cards. For squares on paper, where every byte counts.
    #[must_use]
    pub fn jws_of_deflated(&self, typ: &'static str, payload: &[u8]) -> String {
        self.compact(typ, r#","zip":"DEF""#, payload)
    }

    fn compact(&self, typ: &'static str, more: &'static str, payload: &[u8]) -> String {
        let key = hex(self.verifying().as_bytes());
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"EdDSA","kid":"{key}","typ":"{typ}"{more}}}"#));
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(&signed));
        format!("{signed}.{signature}")
    }

    /// The public half.
    #[must_use]
    #[expect(clippy::expect_used, reason = "public keys of Ed25519 have 32 bytes (RFC 8032, 5.1.5)")]
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey(self.0.public_key().as_ref().try_into().expect("32 bytes"))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl VerifyingKey {
    /// A key from its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the text was signed by the holder of this key.
    #[must_use]
    pub fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(text.as_bytes(), signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        nahraum_domain::audit::statement::unhex(text).unwrap()
    }

    /// RFC 8032, 7.1, TEST 2.
    #[test]
    fn the_rfcs_own_example() {
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::from_seed(&KeyBytes::new(seed));
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.verifying(), VerifyingKey::from_bytes(public));
        let signature: Signature = hex(concat!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ));
        assert_eq!(key.sign("r"), signature);
        assert!(key.verifying().verifies("r", &signature));
        assert!(!key.verifying().verifies("s", &signature));
        assert!(!VerifyingKey::from_bytes([0; 32]).verifies("r", &signature));
        assert!(!key.verifying().verifies("r", &signature[..63]));
        assert_eq!(format!("{key:?}"), "•••");
    }
}
