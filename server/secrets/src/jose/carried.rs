//! A JWS that carries the key it is signed with in its header: it proves that whoever made it has that key, and nothing more.

use serde::Deserialize;

use super::{ClientKey, Compact, Jwk, JwkError, Present, unambiguous};

/// Why a key in a header has not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotCarried {
    /// The header cannot be read.
    Malformed,
    /// It is about something else, or wants something understood that is not.
    WrongType,
    /// The key is none that is taken.
    WrongKey(JwkError),
    /// It names another algorithm than the key's.
    WrongAlgorithm,
    /// The key has not signed it.
    WrongSignature,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
    #[serde(default)]
    crit: Present,
}

/// The key in the header of a JWS of this type, once it is sure that it signed.
pub(crate) fn carried_key(jws: &Compact<'_>, typ: &str) -> Result<ClientKey, NotCarried> {
    let header: Header = unambiguous(&jws.header).ok_or(NotCarried::Malformed)?;
    if header.typ != typ || header.crit == Present(true) {
        return Err(NotCarried::WrongType);
    }
    let key = header.jwk.key().map_err(NotCarried::WrongKey)?;
    if header.alg != key.algorithm() {
        return Err(NotCarried::WrongAlgorithm);
    }
    if key.signed(jws.signed, &jws.signature) { Ok(key) } else { Err(NotCarried::WrongSignature) }
}
