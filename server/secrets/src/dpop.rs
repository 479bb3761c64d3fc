//! DPoP proofs (RFC 9449): a client shows with every request that it holds the key its token is bound to (SR-A13).
//!
//! Everything of section 4.3 is checked here but three things, which need what this floor has not: that the request has
//! one `DPoP` header only, that the `jti` was not seen before, and that the key is the one the token is bound to.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::{
    ClientKey, KeyThumbprint, NonceKey, TokenHash,
    digest::sha256,
    http_uri::comparable,
    jose::{JwkError, NotCarried, carried_key, compact, unambiguous},
};

/// How far the clock of a client may be off without a nonce, in seconds.
const CLOCK_TOLERANCE: i64 = 60;
/// How long one proof without a nonce can be taken at most: from a minute before its time to the end of a minute after.
pub const DPOP_REPLAY_BY_CLOCK: SignedDuration = SignedDuration::from_secs(2 * CLOCK_TOLERANCE + 1);
/// How long one proof with a nonce can be taken at most.
pub const DPOP_REPLAY_BY_NONCE: SignedDuration = SignedDuration::from_secs(600);
/// Longest `jti` that is looked at, in bytes. A UUID has 36.
const MAX_JTI: usize = 128;

/// What a proof has to be about.
#[derive(Debug)]
pub struct DpopExpected<'a> {
    /// The method of the request, in capitals.
    pub method: &'a str,
    /// The public URL of the request. Query and fragment are ignored.
    pub url: &'a str,
    /// The hash of the access token that came along, if one did: `ath` has to be there and to be its SHA-256.
    pub access_token: Option<&'a TokenHash>,
    /// The time of the server.
    pub now: Timestamp,
    /// What made our nonces.
    pub nonces: &'a NonceKey,
    /// Whether a right clock is not enough.
    pub require_nonce: bool,
}

/// What a proof has shown.
#[derive(Debug, Clone)]
pub struct ProvenKey {
    /// The name of the key that signed. Whether it is the right one is for the caller to say.
    pub thumbprint: KeyThumbprint,
    /// The key itself, for whoever registers it.
    pub key: ClientKey,
    /// SHA-256 over thumbprint and `jti`. Whoever sees it a second time before [`replay_until`](Self::replay_until)
    /// refuses the request as [`DpopError::Replayed`].
    pub jti_hash: [u8; 32],
    /// From then on the proof is refused without looking up its `jti`.
    pub replay_until: Timestamp,
    /// Whether a nonce stood for the time, and not the clock of the client. It never changes for one proof, other than the
    /// time that is left to it.
    pub with_nonce: bool,
    /// The time of the client: worth a line when its clock is wrong, and nothing else.
    pub issued_at: Timestamp,
}

/// Why a proof is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DpopError {
    /// No compact JWS with the members that are needed, or longer than 8 KiB.
    #[error("the DPoP header does not hold a proof")]
    Malformed,
    /// Another JWT, or one with extensions we must not ignore.
    #[error("the JWT in the DPoP header is not of type dpop+jwt")]
    WrongType,
    /// Not ES256 or EdDSA, or not what belongs to the key.
    #[error("DPoP proofs are signed with ES256 or EdDSA, whichever belongs to the key")]
    WrongAlgorithm,
    /// A key that is not a public P-256 or Ed25519 key.
    #[error("the key of the DPoP proof is not taken: {0}")]
    WrongKey(JwkError),
    /// The signature is not from this key.
    #[error("the signature of the DPoP proof is wrong")]
    WrongSignature,
    /// Made for another method.
    #[error("the DPoP proof is for another method")]
    WrongMethod,
    /// Made for another address.
    #[error("the DPoP proof is for another address")]
    WrongUrl,
    /// Made for another access token, or for none.
    #[error("the DPoP proof does not belong to this access token")]
    WrongToken,
    /// `jti` is empty or too long.
    #[error("the jti of the DPoP proof has to have 1 to 128 characters")]
    WrongId,
    /// The caller has seen this proof before.
    #[error("the DPoP proof was used before")]
    Replayed,
    /// The clock is off and there is no nonce; with one, it does not matter.
    #[error("the time of the DPoP proof is off; please repeat it with the nonce")]
    WrongTime,
    /// There is no nonce, and one is wanted.
    #[error("the DPoP proof needs a nonce; please repeat it with the one of this answer")]
    NonceMissing,
    /// The nonce is not (or no longer) ours.
    #[error("the nonce of the DPoP proof is too old; please repeat it with the one of this answer")]
    NonceStale,
}

impl DpopError {
    /// The error code of RFC 9449: `use_dpop_nonce` (sections 8 and 9; the answer carries a `DPoP-Nonce`) when the client
    /// gets in by trying again with a nonce, `invalid_dpop_proof` (section 5) otherwise.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongTime | Self::NonceMissing | Self::NonceStale => "use_dpop_nonce",
            Self::Malformed
            | Self::WrongType
            | Self::WrongAlgorithm
            | Self::WrongKey(_)
            | Self::WrongSignature
            | Self::WrongMethod
            | Self::WrongUrl
            | Self::WrongToken
            | Self::WrongId
            | Self::Replayed => "invalid_dpop_proof",
        }
    }
}

impl From<NotCarried> for DpopError {
    fn from(why: NotCarried) -> Self {
        match why {
            NotCarried::Malformed => Self::Malformed,
            NotCarried::WrongType => Self::WrongType,
            NotCarried::WrongKey(error) => Self::WrongKey(error),
            NotCarried::WrongAlgorithm => Self::WrongAlgorithm,
            NotCarried::WrongSignature => Self::WrongSignature,
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

/// Checks a proof against the request it came with. Costs one verification of a signature, some 0.1 ms.
///
/// # Errors
/// [`DpopError`], the first that applies; what needs no nonce is checked before what does, so that nobody repeats a proof
/// that is wrong anyway.
pub fn verify_dpop(proof: &str, expected: &DpopExpected<'_>) -> Result<ProvenKey, DpopError> {
    let jws = compact(proof).map_err(|_| DpopError::Malformed)?;
    let key = carried_key(&jws, "dpop+jwt")?;
    let claims: Claims = unambiguous(&jws.claims).ok_or(DpopError::Malformed)?;
    about_this_request(&claims, expected)?;
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        return Err(DpopError::WrongId);
    }
    let issued_at = Timestamp::from_second(claims.iat).map_err(|_| DpopError::Malformed)?;
    let replay_until = in_time(claims.nonce.as_deref(), issued_at, expected)?;
    let thumbprint = key.thumbprint();
    let jti_hash = sha256(&[thumbprint.as_bytes().as_slice(), claims.jti.as_bytes()].concat());
    Ok(ProvenKey { thumbprint, key, jti_hash, replay_until, with_nonce: claims.nonce.is_some(), issued_at })
}

fn about_this_request(claims: &Claims, expected: &DpopExpected<'_>) -> Result<(), DpopError> {
    if claims.htm != expected.method {
        return Err(DpopError::WrongMethod);
    }
    match (comparable(&claims.htu), comparable(expected.url)) {
        (Some(proven), Some(asked)) if proven == asked => {}
        _ => return Err(DpopError::WrongUrl),
    }
    if let Some(token) = expected.access_token {
        let ath = URL_SAFE_NO_PAD.encode(token.as_bytes());
        let right = claims.ath.as_ref().is_some_and(|presented| ath.as_bytes().ct_eq(presented.as_bytes()).into());
        if !right {
            return Err(DpopError::WrongToken);
        }
    }
    Ok(())
}

/// Until when the same proof would be taken again. A nonce of ours says more about the time than any clock.
fn in_time(nonce: Option<&str>, issued_at: Timestamp, expected: &DpopExpected<'_>) -> Result<Timestamp, DpopError> {
    match nonce {
        Some(nonce) => expected.nonces.accepted_until(nonce, expected.now).ok_or(DpopError::NonceStale),
        None if expected.require_nonce => Err(DpopError::NonceMissing),
        None if off(issued_at, expected.now) > CLOCK_TOLERANCE => Err(DpopError::WrongTime),
        // the last second in which it is taken is the one that ends here
        None => Ok(issued_at + SignedDuration::from_secs(CLOCK_TOLERANCE + 1)),
    }
}

/// Whole seconds between two moments.
fn off(one: Timestamp, other: Timestamp) -> i64 {
    // the seconds of two timestamps are far from overflowing
    (one.as_second() - other.as_second()).abs()
}

#[cfg(test)]
#[path = "dpop_tests.rs"]
mod tests;
