//! What clients sign: compact JWS (RFC 7515, 7.1) and public JWKs (RFC 7517), read strictly and verified.
//!
//! JWTs are only taken here, never given out. There is no choice of algorithm to be tricked with: the kind of a key says
//! what signs with it, and a header that says something else is refused (RFC 8725, 3.1). This folder is the only place of
//! this floor that knows JSON.

mod carried;
mod claims;
mod json;
mod jwk;
mod thumbprint;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub(crate) use carried::{NotCarried, carried_key};
pub(crate) use claims::{Audience, Present};
pub(crate) use json::unambiguous;
pub(crate) use jwk::Jwk;
pub use jwk::{ClientKey, JwkError};
pub use thumbprint::KeyThumbprint;

/// The signatures that are taken, as the metadata names them (RFC 7518, 3.1; RFC 8037, 3.1).
pub const SIGNING_ALGORITHMS: [&str; 2] = ["ES256", "EdDSA"];

/// No proof and no assertion of an honest client comes near it. Checked before anything is decoded.
const MAX_LENGTH: usize = 8 * 1024;

/// A compact JWS taken apart. Nothing is verified yet.
pub(crate) struct Compact<'a> {
    /// The JSON of the protected header.
    pub header: Vec<u8>,
    /// The JSON of the claims.
    pub claims: Vec<u8>,
    /// The raw signature.
    pub signature: Vec<u8>,
    /// What was signed: header and claims as they were sent.
    pub signed: &'a [u8],
}

/// A text that is not three parts of base64url without padding, or is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotCompact;

/// Takes a compact JWS apart.
pub(crate) fn compact(text: &str) -> Result<Compact<'_>, NotCompact> {
    if text.len() > MAX_LENGTH {
        return Err(NotCompact);
    }
    let (signed, signature) = text.rsplit_once('.').ok_or(NotCompact)?;
    let (header, claims) = signed.split_once('.').ok_or(NotCompact)?;
    // the alphabet has no point, so a fourth part is refused here; so are padding and bits behind the end
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| NotCompact);
    Ok(Compact {
        header: decode(header)?,
        claims: decode(claims)?,
        signature: decode(signature)?,
        signed: signed.as_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_parts_without_padding_and_nothing_else() {
        let read = compact("e30.W10.AA").unwrap();
        assert_eq!(
            (read.header.as_slice(), read.claims.as_slice(), read.signature.as_slice()),
            (&b"{}"[..], &b"[]"[..], &[0][..])
        );
        assert_eq!(read.signed, b"e30.W10");
        for wrong in [
            "",
            ".",
            "e30",
            "e30.W10",
            "e30.W10.AA.AA",
            "e30.W10.AA.",
            "e30=.W10.AA",
            "e30.W10.AB",
            " e30.W10.AA",
            "e30.W+0.AA",
            "ä.W10.AA",
        ] {
            assert!(compact(wrong).is_err(), "{wrong}");
        }
        assert!(compact(&format!("e30.W10.{}", "A".repeat(MAX_LENGTH))).is_err());
        assert!(compact(&"e30.".repeat(1_000_000)).is_err());
    }

    proptest! {
        #[test]
        fn taking_apart_never_panics(text in "\\PC{0,60}") {
            if let Ok(read) = compact(&text) {
                prop_assert_eq!(text.matches('.').count(), 2);
                prop_assert!(text.as_bytes().starts_with(read.signed));
            }
        }
    }
}
