//! What the key of a resident's phone signs when the resident decides: a compact JWS over the decision, which shows later
//! that it came from that phone.

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    KeyThumbprint,
    jose::{carried_key, compact, unambiguous},
};

/// How far the time of the phone may be off, in seconds. A phone whose clock is further off learns the time from the `Date` of
/// any answer.
const CLOCK_TOLERANCE: i64 = 300;

/// The type in the header (RFC 8725, 3.11): nothing else that a phone signs is taken for a decision.
pub const DECISION_TYPE: &str = "nahraum-consent+jwt";

/// What has to have been signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedDecision<'a> {
    /// The purpose of the text.
    pub purpose: &'a str,
    /// Its version.
    pub version: u32,
    /// Its SHA-256 in lower-case hex.
    pub sha256: &'a str,
    /// `granted` or `refused`.
    pub decision: &'a str,
}

/// The signature proves nothing: it is none, by another key, over something else, or from another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not one of this phone over this decision, now")]
pub struct NotSigned;

#[derive(Deserialize)]
struct Claims {
    purpose: String,
    version: u32,
    sha256: String,
    decision: String,
    iat: i64,
}

/// Checks that the key with this name has signed this decision.
///
/// # Errors
/// [`NotSigned`].
pub fn verify_decision(
    jws: &str,
    key: KeyThumbprint,
    decision: &SignedDecision<'_>,
    now: Timestamp,
) -> Result<(), NotSigned> {
    let jws = compact(jws).map_err(|_| NotSigned)?;
    let signer = carried_key(&jws, DECISION_TYPE).map_err(|_| NotSigned)?;
    if !signer.thumbprint().matches(&key) {
        return Err(NotSigned);
    }
    let claims: Claims = unambiguous(&jws.claims).ok_or(NotSigned)?;
    let signed = SignedDecision {
        purpose: &claims.purpose,
        version: claims.version,
        sha256: &claims.sha256,
        decision: &claims.decision,
    };
    let in_time = claims.iat.abs_diff(now.as_second()) <= CLOCK_TOLERANCE.unsigned_abs();
    if signed == *decision && in_time { Ok(()) } else { Err(NotSigned) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{jose::Jwk, proof_maker::SigningKey};

    const NOW: i64 = 1_790_000_000;
    const DECISION: SignedDecision<'static> =
        SignedDecision { purpose: "base", version: 4, sha256: "ab12", decision: "granted" };

    fn header(key: &SigningKey, typ: &str) -> String {
        format!(r#"{{"typ":"{typ}","alg":"{}","jwk":{}}}"#, key.algorithm(), key.jwk())
    }

    fn claims(purpose: &str, version: u32, hash: &str, decision: &str, at: i64) -> String {
        format!(r#"{{"purpose":"{purpose}","version":{version},"sha256":"{hash}","decision":"{decision}","iat":{at}}}"#)
    }

    fn thumbprint(key: &SigningKey) -> KeyThumbprint {
        let jwk: Jwk = unambiguous(key.jwk().as_bytes()).unwrap();
        jwk.key().unwrap().thumbprint()
    }

    fn takes(key: &SigningKey, header: &str, claims: &str) -> bool {
        let now = Timestamp::from_second(NOW).unwrap();
        verify_decision(&key.jws(header, claims), thumbprint(key), &DECISION, now).is_ok()
    }

    #[test]
    fn a_phone_signs_just_this_decision() {
        for key in [SigningKey::es256(), SigningKey::ed25519()] {
            let head = header(&key, DECISION_TYPE);
            assert!(takes(&key, &head, &claims("base", 4, "ab12", "granted", NOW - 300)));
            for wrong in [
                claims("statistics", 4, "ab12", "granted", NOW),
                claims("base", 3, "ab12", "granted", NOW),
                claims("base", 4, "ab13", "granted", NOW),
                claims("base", 4, "ab12", "refused", NOW),
                claims("base", 4, "ab12", "granted", NOW - 301),
                claims("base", 4, "ab12", "granted", i64::MIN),
                r#"{"purpose":"base","purpose":"base","version":4,"sha256":"ab12","decision":"granted","iat":1790000000}"#.into(),
                "{}".into(),
            ] {
                assert!(!takes(&key, &head, &wrong), "{wrong}");
            }
            let right = claims("base", 4, "ab12", "granted", NOW);
            assert!(!takes(&key, &header(&key, "dpop+jwt"), &right), "a proof is no decision");
            assert!(!takes(&key, &head.replace("\"alg\"", "\"crit\":[],\"alg\""), &right));
        }
    }

    #[test]
    fn a_signature_by_another_key_is_none() {
        let (key, thief) = (SigningKey::es256(), SigningKey::es256());
        let right = claims("base", 4, "ab12", "granted", NOW);
        let now = Timestamp::from_second(NOW).unwrap();
        let verify = |jws: &str| verify_decision(jws, thumbprint(&key), &DECISION, now);
        assert_eq!(verify(&key.jws(&header(&key, DECISION_TYPE), &right)), Ok(()));
        assert_eq!(verify(&thief.jws(&header(&thief, DECISION_TYPE), &right)), Err(NotSigned));
        assert_eq!(verify(&thief.jws(&header(&key, DECISION_TYPE), &right)), Err(NotSigned));
        assert_eq!(verify("x.y"), Err(NotSigned));
    }
}
