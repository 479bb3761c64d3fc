//! PKCE (RFC 7636) with S256, and with nothing else: who redeems an authorization code shows that it asked for it.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use crate::digest::sha256;

/// 32 bytes as base64url without padding.
const CHALLENGE_LENGTH: usize = 43;

/// SHA-256 of a verifier that only the client knows. Not a secret itself.
#[derive(Clone, Copy)]
pub struct PkceChallenge([u8; 32]);

/// Why a challenge is not taken. To the client, both are `invalid_request` (RFC 7636, 4.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// `plain`, which a missing method means too, or a method we do not know.
    #[error("code_challenge_method has to be S256")]
    Method,
    /// Not 43 characters of base64url.
    #[error("code_challenge has to be the SHA-256 of the verifier in 43 characters of base64url")]
    Challenge,
}

impl PkceChallenge {
    /// Reads `code_challenge_method` and `code_challenge` of an authorization request.
    ///
    /// # Errors
    /// [`PkceError`].
    pub fn parse(method: Option<&str>, challenge: &str) -> Result<Self, PkceError> {
        if method != Some("S256") {
            return Err(PkceError::Method);
        }
        if challenge.len() != CHALLENGE_LENGTH {
            return Err(PkceError::Challenge);
        }
        let bytes = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| PkceError::Challenge)?;
        bytes.try_into().map(Self).map_err(|_| PkceError::Challenge)
    }

    /// The stored value.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The value to store with the code.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `code_verifier` (43 to 128 characters of `A-Z a-z 0-9 - . _ ~`) is what the challenge was made of. If not,
    /// the answer is `invalid_grant`.
    #[must_use]
    pub fn proves(&self, verifier: &str) -> bool {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(unreserved)
            && bool::from(sha256(verifier.as_bytes()).ct_eq(&self.0))
    }
}

impl fmt::Debug for PkceChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PkceChallenge({})", URL_SAFE_NO_PAD.encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7636, appendix B
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_pair_of_the_standard_fits() {
        let challenge = PkceChallenge::parse(Some("S256"), CHALLENGE).unwrap();
        assert!(challenge.proves(VERIFIER));
        assert!(PkceChallenge::from_bytes(*challenge.as_bytes()).proves(VERIFIER));
        assert!(!challenge.proves(CHALLENGE), "plain would take the challenge for the verifier");
        assert!(format!("{challenge:?}").contains(CHALLENGE));
    }

    #[test]
    fn sr_s01_plain_is_refused() {
        for method in [None, Some("plain"), Some("s256"), Some(""), Some("S512")] {
            assert_eq!(PkceChallenge::parse(method, CHALLENGE).unwrap_err(), PkceError::Method);
        }
    }

    #[test]
    fn other_challenges_and_verifiers_are_refused() {
        for wrong in [
            "",
            &CHALLENGE.replace("-cM", "-c"),
            &format!("{CHALLENGE}A"),
            &CHALLENGE.replace('-', "+"),
            &"ä".repeat(21),
            &"x".repeat(1_000_000),
        ] {
            assert_eq!(PkceChallenge::parse(Some("S256"), wrong).unwrap_err(), PkceError::Challenge);
        }
        for wrong in ["short", &"x".repeat(42), &"x".repeat(129), &format!("{} ", "x".repeat(43)), &"ü".repeat(30)] {
            assert!(!PkceChallenge(sha256(wrong.as_bytes())).proves(wrong), "{wrong}");
        }
        for fine in ["x".repeat(43), "~".repeat(128)] {
            assert!(PkceChallenge(sha256(fine.as_bytes())).proves(&fine));
        }
    }

    proptest! {
        #[test]
        fn one_verifier_fits(verifier in "[A-Za-z0-9._~-]{43,128}", other in "[A-Za-z0-9._~-]{43,128}") {
            let challenge = PkceChallenge(sha256(verifier.as_bytes()));
            prop_assert!(challenge.proves(&verifier));
            prop_assert_eq!(challenge.proves(&other), verifier == other);
        }
    }
}
