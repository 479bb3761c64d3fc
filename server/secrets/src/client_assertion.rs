//! How software of a practice signs in: a JWT that its registered key signed (`private_key_jwt`; RFC 7523, 2.2 and 3).
//!
//! An assertion lives a minute and is taken once. Remembering its `jti` is the store's.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    ClientKey, KeyThumbprint,
    digest::sha256,
    jose::{Audience, Compact, Present, compact, unambiguous},
};

/// `client_assertion_type` of these assertions.
pub const CLIENT_ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longest life of an assertion from now on, in seconds.
const LONGEST_LIFE: i64 = 60;
/// How far the clock of the client may be off, in seconds, for `exp`, `iat` and `nbf` alike.
const CLOCK_TOLERANCE: i64 = 30;
/// Longest name of a client, in bytes.
const MAX_CLIENT_ID: usize = 128;
/// Longest `jti` that is looked at, in bytes.
const MAX_JTI: usize = 128;

/// What an assertion has to say.
#[derive(Debug)]
pub struct AssertionExpected<'a> {
    /// Who says to be here.
    pub client_id: &'a str,
    /// Our names: the issuer and the address of the token endpoint, each as the metadata writes it.
    pub audiences: &'a [&'a str],
    /// The keys that are registered for this client and not revoked.
    pub keys: &'a [ClientKey],
    /// The time of the server.
    pub now: Timestamp,
}

/// What an assertion has shown.
#[derive(Debug, Clone)]
pub struct VerifiedAssertion {
    /// Which of the registered keys signed.
    pub thumbprint: KeyThumbprint,
    /// SHA-256 over the client's name and `jti`. Whoever sees it a second time before
    /// [`replay_until`](Self::replay_until) refuses it as [`AssertionError::Replayed`].
    pub jti_hash: [u8; 32],
    /// From then on the assertion is refused without looking up its `jti`.
    pub replay_until: Timestamp,
}

/// Why an assertion is not taken. To the client, all of these are `invalid_client` (RFC 6749, 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// No compact JWS with the claims that are needed, or longer than 8 KiB.
    #[error("the client assertion is not a JWT with iss, sub, aud, exp and jti")]
    Malformed,
    /// Another JWT, or one with extensions we must not ignore.
    #[error("the client assertion is a JWT of another type")]
    WrongType,
    /// Not ES256 or EdDSA.
    #[error("client assertions are signed with ES256 or EdDSA")]
    WrongAlgorithm,
    /// No registered key made the signature.
    #[error("no registered key of this client signed the assertion")]
    WrongSignature,
    /// Issuer or subject are not the client.
    #[error("the assertion speaks for another client")]
    WrongClient,
    /// Made for somebody else.
    #[error("the assertion is for another server")]
    WrongAudience,
    /// Too old.
    #[error("the assertion has expired; please look at the clock of the machine")]
    Expired,
    /// Would live too long, or begins later.
    #[error("the assertion begins later or lives longer than 60 seconds; please look at the clock of the machine")]
    WrongTime,
    /// `jti` is empty or too long.
    #[error("the jti of the assertion has to have 1 to 128 characters")]
    WrongId,
    /// The caller has seen this assertion before.
    #[error("the assertion was used before")]
    Replayed,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    #[serde(default)]
    crit: Present,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

/// Who an assertion says to be, unverified: only to find the keys it is then verified with, and to count bad tries.
///
/// # Errors
/// [`AssertionError::Malformed`], or [`AssertionError::WrongClient`] when the name is empty, longer than 128 bytes, or
/// not the same in `iss` and `sub`.
pub fn client_id_of(assertion: &str) -> Result<String, AssertionError> {
    let claims = claims(&compact(assertion).map_err(|_| AssertionError::Malformed)?)?;
    if claims.sub.is_empty() || claims.sub.len() > MAX_CLIENT_ID || claims.iss != claims.sub {
        return Err(AssertionError::WrongClient);
    }
    Ok(claims.sub)
}

/// Checks an assertion. Costs one verification of a signature for each key that is registered.
///
/// # Errors
/// [`AssertionError`], the first that applies.
pub fn verify_client_assertion(
    assertion: &str,
    expected: &AssertionExpected<'_>,
) -> Result<VerifiedAssertion, AssertionError> {
    let jws = compact(assertion).map_err(|_| AssertionError::Malformed)?;
    let key = signing_key(&jws, expected.keys)?;
    let claims = claims(&jws)?;
    if claims.iss != expected.client_id || claims.sub != expected.client_id {
        return Err(AssertionError::WrongClient);
    }
    if !claims.aud.names_one_of(expected.audiences) {
        return Err(AssertionError::WrongAudience);
    }
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI {
        return Err(AssertionError::WrongId);
    }
    let replay_until = in_time(&claims, expected.now)?;
    let length = u64::try_from(claims.sub.len()).unwrap_or(u64::MAX).to_be_bytes();
    // the length goes first, so that no name and id can pass for another pair
    let jti_hash = sha256(&[&length, claims.sub.as_bytes(), claims.jti.as_bytes()].concat());
    Ok(VerifiedAssertion { thumbprint: key.thumbprint(), jti_hash, replay_until })
}

/// The registered key that signed. A key in the header, or an address of one, is never looked at.
fn signing_key<'a>(jws: &Compact<'_>, keys: &'a [ClientKey]) -> Result<&'a ClientKey, AssertionError> {
    let header: Header = unambiguous(&jws.header).ok_or(AssertionError::Malformed)?;
    let jwt = header.typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT") || typ == "client-authentication+jwt");
    if !jwt || header.crit == Present(true) {
        return Err(AssertionError::WrongType);
    }
    if !crate::SIGNING_ALGORITHMS.contains(&header.alg.as_str()) {
        return Err(AssertionError::WrongAlgorithm);
    }
    let mut fitting = keys.iter().filter(|key| key.algorithm() == header.alg);
    fitting.find(|key| key.signed(jws.signed, &jws.signature)).ok_or(AssertionError::WrongSignature)
}

fn claims(jws: &Compact<'_>) -> Result<Claims, AssertionError> {
    unambiguous(&jws.claims).ok_or(AssertionError::Malformed)
}

/// Until when the assertion would be taken again.
fn in_time(claims: &Claims, now: Timestamp) -> Result<Timestamp, AssertionError> {
    let now = now.as_second();
    if claims.exp.saturating_add(CLOCK_TOLERANCE) <= now {
        return Err(AssertionError::Expired);
    }
    let begins = claims.iat.into_iter().chain(claims.nbf).max().unwrap_or(now);
    if claims.exp > now + LONGEST_LIFE + CLOCK_TOLERANCE || begins > now + CLOCK_TOLERANCE {
        return Err(AssertionError::WrongTime);
    }
    let end = Timestamp::from_second(claims.exp).map_err(|_| AssertionError::Malformed)?;
    Ok(end + SignedDuration::from_secs(CLOCK_TOLERANCE))
}

#[cfg(test)]
#[path = "client_assertion_tests.rs"]
mod tests;
