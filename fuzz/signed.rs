//! What every signed text must satisfy, whoever makes it: the fuzzer or the property tests of `nahraum-secrets`.
//!
//! An input is a whole proof or assertion, or a header and claims in two lines, which are then signed with a key that never
//! changes, so that what stands behind the signature is reached as well. An empty header stands for a right one.

use aws_lc_rs::signature::Ed25519KeyPair;
use jiff::Timestamp;
use nahraum_secrets::{
    AssertionExpected, ClientKey, DpopExpected, RootSecret, SeededRandom, client_id_of, verify_client_assertion,
    verify_dpop,
};

use crate::proof_maker::SigningKey;

const NOW: i64 = 1_790_000_000;
const URL: &str = "https://nahraum.example/oauth/token";

/// Any text as a DPoP proof: what is taken is taken again, and remembered for a while that is not long.
pub(crate) fn any_proof(bytes: &[u8]) {
    let key = key();
    let Some(proof) = signed(bytes, &key, &key.proof_header()) else { return };
    let nonces = RootSecret::from_random(&SeededRandom::new(1)).keys().nonces;
    let Ok(now) = Timestamp::from_second(NOW) else { return };
    for require_nonce in [false, true] {
        let expected =
            DpopExpected { method: "POST", url: URL, access_token: None, now, nonces: &nonces, require_nonce };
        match verify_dpop(&proof, &expected) {
            Ok(proven) => {
                assert!(proven.replay_until > now && proven.replay_until.as_second() <= NOW + 600);
                assert!(proven.key.thumbprint().matches(&proven.thumbprint));
                assert!(verify_dpop(&proof, &expected).is_ok_and(|again| again.jti_hash == proven.jti_hash));
            }
            Err(refusal) => assert!(["invalid_dpop_proof", "use_dpop_nonce"].contains(&refusal.code())),
        }
    }
}

/// Any text as a client assertion: what is taken names its client, and is remembered for a while that is not long.
pub(crate) fn any_assertion(bytes: &[u8]) {
    let key = key();
    let Some(assertion) = signed(bytes, &key, r#"{"alg":"EdDSA","typ":"JWT"}"#) else { return };
    let (Ok(now), Ok(registered)) = (Timestamp::from_second(NOW), ClientKey::parse_jwk(&key.jwk())) else { return };
    let expected = AssertionExpected { client_id: "kim", audiences: &[URL], keys: &[registered], now };
    let named = client_id_of(&assertion);
    if let Ok(shown) = verify_client_assertion(&assertion, &expected) {
        assert_eq!(named.as_deref(), Ok("kim"));
        assert!(shown.replay_until > now && shown.replay_until.as_second() <= NOW + 120);
    }
}

/// Any text as a JWK: what is taken is taken again in its short form, and from its stored bytes.
pub(crate) fn any_jwk(bytes: &[u8]) {
    let Ok(key) = ClientKey::parse_jwk(&String::from_utf8_lossy(bytes)) else { return };
    assert!(ClientKey::parse_jwk(&key.to_jwk()).is_ok_and(|again| again == key));
    assert!(ClientKey::from_bytes(&key.to_bytes()).is_some_and(|again| again == key));
}

fn signed(bytes: &[u8], key: &SigningKey, right_header: &str) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(match text.split_once('\n') {
        Some(("", claims)) => key.jws(right_header, claims),
        Some((header, claims)) => key.jws(header, claims),
        None => text.to_owned(),
    })
}

#[expect(clippy::expect_used, reason = "the seed has the length of a seed")]
fn key() -> SigningKey {
    SigningKey::EdDsa(Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key"))
}
