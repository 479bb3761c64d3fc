//! Proofs that are taken, and everything else (SR-A13).

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::{
    OsRandom, RootSecret, SeededRandom, Token, TokenKind,
    proof_maker::{Proof, SigningKey},
};

const URL: &str = "https://nahraum.example/v1/findings/7";
const NOW: i64 = 1_790_000_000;

struct Scene {
    nonces: NonceKey,
    now: Timestamp,
    token: Token,
    require_nonce: bool,
}

impl Scene {
    fn new() -> Self {
        Self {
            nonces: RootSecret::from_random(&SeededRandom::new(1)).keys().nonces,
            now: Timestamp::from_second(NOW).unwrap(),
            token: Token::generate(&OsRandom, TokenKind::Session),
            require_nonce: false,
        }
    }

    fn good(&self) -> Proof<'_> {
        Proof { method: "GET", url: URL, id: "0198", issued_at: NOW, token: Some(self.token.expose()), nonce: None }
    }

    fn verify(&self, proof: &str) -> Result<ProvenKey, DpopError> {
        let (nonces, require_nonce) = (&self.nonces, self.require_nonce);
        let hash = self.token.hash();
        let url = "https://NAHRAUM.example:443/v1/findings/7?language=tr";
        verify_dpop(
            proof,
            &DpopExpected { method: "GET", url, access_token: Some(&hash), now: self.now, nonces, require_nonce },
        )
    }

    fn refusal(&self, proof: &str) -> DpopError {
        self.verify(proof).unwrap_err()
    }
}

#[test]
fn sr_a13_a_right_proof_shows_its_key() {
    let scene = Scene::new();
    for key in [SigningKey::es256(), SigningKey::ed25519()] {
        let proven = scene.verify(&key.proof(scene.good())).unwrap();
        let own = ClientKey::parse_jwk(&key.jwk()).unwrap();
        assert!(proven.thumbprint.matches(&own.thumbprint()) && proven.key == own);
        assert_eq!(proven.replay_until, scene.now + SignedDuration::from_secs(61));
        let again = scene.verify(&key.proof(scene.good())).unwrap();
        assert_eq!(again.jti_hash, proven.jti_hash, "the same id of the same key is a replay");
        let next = scene.verify(&key.proof(Proof { id: "0199", ..scene.good() })).unwrap();
        assert_ne!(next.jti_hash, proven.jti_hash);
        let other = scene.verify(&SigningKey::es256().proof(scene.good())).unwrap();
        assert_ne!(other.jti_hash, proven.jti_hash, "the same id of another key is none");
    }
}

/// The example of RFC 9449, 5: made by software that we did not write.
#[test]
fn sr_a13_the_proof_of_the_standard_is_taken() {
    let proof = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo",
        "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJq",
        "dGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijox",
        "NTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg",
    );
    let scene = Scene::new();
    let expected = DpopExpected {
        method: "POST",
        url: "https://server.example.com/token",
        access_token: None,
        now: Timestamp::from_second(1_562_262_616).unwrap(),
        nonces: &scene.nonces,
        require_nonce: false,
    };
    let proven = verify_dpop(proof, &expected).unwrap();
    assert_eq!(proven.thumbprint.jkt(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

fn all_refused(scene: &Scene, vectors: &[(&str, String, DpopError)]) {
    for (what, proof, expected) in vectors {
        assert_eq!(scene.refusal(proof), *expected, "{what}");
    }
}

#[test]
fn sr_a13_other_headers_are_refused() {
    let (scene, key, other, ed) = (Scene::new(), SigningKey::es256(), SigningKey::es256(), SigningKey::ed25519());
    let good = scene.good();
    let header = |from: &str, to: &str| {
        assert!(key.proof_header().contains(from), "{from}");
        key.jws(&key.proof_header().replace(from, to), &good.claims())
    };
    let megabyte = format!(r#""kid":"{}","kty""#, "x".repeat(1_000_000));
    let foreign_jwk = key.jws(&other.proof_header(), &good.claims());
    let rsa = r#"{"typ":"dpop+jwt","alg":"RS256","jwk":{"kty":"RSA","n":"AQAB","e":"AQAB"}}"#;
    let vectors = [
        ("alg none", header("ES256", "none"), DpopError::WrongAlgorithm),
        ("HS256", header("ES256", "HS256"), DpopError::WrongAlgorithm),
        ("RS256", key.jws(rsa, &good.claims()), DpopError::WrongKey(JwkError::Unsupported)),
        ("algorithm of another key", header("ES256", "EdDSA"), DpopError::WrongAlgorithm),
        (
            "EdDSA key that says ES256",
            ed.jws(&ed.proof_header().replace("EdDSA", "ES256"), &good.claims()),
            DpopError::WrongAlgorithm,
        ),
        (
            "private part in the key",
            header("\"kty\"", "\"d\":\"AAAA\",\"kty\""),
            DpopError::WrongKey(JwkError::Private),
        ),
        ("symmetric key", header("\"kty\"", "\"k\":\"AAAA\",\"kty\""), DpopError::WrongKey(JwkError::Private)),
        ("megabyte of key", header("\"kty\"", &megabyte), DpopError::Malformed),
        ("no key", header("\"jwk\"", "\"jwks\""), DpopError::Malformed),
        ("key of somebody else", foreign_jwk, DpopError::WrongSignature),
        ("another type", header("dpop+jwt", "JWT"), DpopError::WrongType),
        ("no type", header("\"typ\"", "\"type\""), DpopError::Malformed),
        ("critical extension", header("\"typ\"", "\"crit\":[\"b64\"],\"b64\":false,\"typ\""), DpopError::WrongType),
        ("name said twice in the header", header("\"typ\"", "\"alg\":\"none\",\"typ\""), DpopError::Malformed),
    ];
    all_refused(&scene, &vectors);
}

/// Two more of the list stand where they are decided: two headers in `web`, the replay in the store.
#[test]
fn sr_a13_other_claims_are_refused() {
    let (scene, key) = (Scene::new(), SigningKey::es256());
    let good = scene.good();
    let claims = |from: &str, to: &str| {
        assert!(good.claims().contains(from), "{from}");
        key.jws(&key.proof_header(), &good.claims().replace(from, to))
    };
    let vectors = [
        ("name said twice in the claims", claims("\"jti\"", "\"htm\":\"GET\",\"jti\""), DpopError::Malformed),
        ("wrong method", claims("GET", "POST"), DpopError::WrongMethod),
        ("method in small letters", claims("GET", "get"), DpopError::WrongMethod),
        ("wrong path", claims("findings/7", "findings/8"), DpopError::WrongUrl),
        ("wrong host", claims("nahraum.example", "evil.example"), DpopError::WrongUrl),
        ("plain http", claims("https", "http"), DpopError::WrongUrl),
        ("relative address", claims("https://nahraum.example", ""), DpopError::WrongUrl),
        ("another token", key.proof(Proof { token: Some("nra_x"), ..good }), DpopError::WrongToken),
        ("no token", key.proof(Proof { token: None, ..good }), DpopError::WrongToken),
        ("empty id", claims("0198", ""), DpopError::WrongId),
        ("endless id", claims("0198", &"x".repeat(129)), DpopError::WrongId),
        ("no id", claims("\"jti\"", "\"jtj\""), DpopError::Malformed),
        ("no time", claims("\"iat\"", "\"exp\""), DpopError::Malformed),
        ("time as text", claims("1790000000", "\"1790000000\""), DpopError::Malformed),
        ("time beyond all times", claims("1790000000", "9223372036854775807"), DpopError::Malformed),
        ("old", claims("1790000000", "1789999939"), DpopError::WrongTime),
        ("from the future", claims("1790000000", "1790000061"), DpopError::WrongTime),
        ("made-up nonce", key.proof(Proof { nonce: Some("AAAAAAAAAAAAAAAAAAAAAA"), ..good }), DpopError::NonceStale),
        ("empty nonce", key.proof(Proof { nonce: Some(""), ..good }), DpopError::NonceStale),
        ("claims that are no object", key.jws(&key.proof_header(), "[]"), DpopError::Malformed),
    ];
    all_refused(&scene, &vectors);
}

#[test]
fn sr_a13_other_texts_are_refused() {
    let (scene, key) = (Scene::new(), SigningKey::es256());
    let whole = key.proof(scene.good());
    let unsigned = whole.rsplit_once('.').unwrap().0;
    let vectors = [
        ("alg none without signature", format!("{unsigned}."), DpopError::WrongSignature),
        ("padding", format!("{whole}=="), DpopError::Malformed),
        ("four parts", format!("{whole}.AA"), DpopError::Malformed),
        ("two proofs in one header", format!("{whole}, {whole}"), DpopError::Malformed),
        ("nothing", String::new(), DpopError::Malformed),
    ];
    all_refused(&scene, &vectors);
    scene.verify(&whole).unwrap();
}

#[test]
fn sr_a13_the_clock_of_a_phone_may_be_a_day_off_with_a_nonce() {
    let (scene, key) = (Scene::new(), SigningKey::es256());
    let nonce = scene.nonces.issue(scene.now - SignedDuration::from_mins(4));
    for off in [-86_400, -61, 0, 61, 86_400] {
        let proof = Proof { issued_at: NOW + off, nonce: Some(&nonce), ..scene.good() };
        let proven = scene.verify(&key.proof(proof)).unwrap();
        assert_eq!(proven.issued_at.as_second(), NOW + off);
        assert!(proven.replay_until > scene.now);
        // whenever the proof would still be taken, its id is still remembered
        let last = Scene { now: proven.replay_until - SignedDuration::from_nanos(1), ..Scene::new() };
        let gone = Scene { now: proven.replay_until, ..Scene::new() };
        assert!(last.nonces.accepts(&nonce, last.now) && !gone.nonces.accepts(&nonce, gone.now));
    }
    let old = scene.nonces.issue(scene.now - SignedDuration::from_mins(10));
    let refusal = scene.refusal(&key.proof(Proof { nonce: Some(&old), ..scene.good() }));
    assert_eq!((refusal, refusal.code()), (DpopError::NonceStale, "use_dpop_nonce"));
}

#[test]
fn sr_a13_a_clock_without_a_nonce_may_be_a_minute_off() {
    let (scene, key) = (Scene::new(), SigningKey::ed25519());
    for (off, taken) in [(-61, false), (-60, true), (60, true), (61, false), (-86_400, false), (86_400, false)] {
        let judged = scene.verify(&key.proof(Proof { issued_at: NOW + off, ..scene.good() }));
        assert_eq!(judged.is_ok(), taken, "{off}");
        match judged {
            Ok(proven) => {
                let until = proven.replay_until;
                let proof = key.proof(Proof { issued_at: NOW + off, ..scene.good() });
                let at = |now| Scene { now, token: Token::parse(scene.token.expose()).unwrap(), ..Scene::new() };
                assert!(at(until - SignedDuration::from_nanos(1)).verify(&proof).is_ok());
                assert!(at(until).verify(&proof).is_err());
            }
            Err(refusal) => assert_eq!((refusal, refusal.code()), (DpopError::WrongTime, "use_dpop_nonce")),
        }
    }
}

#[test]
fn where_a_nonce_is_wanted_a_right_clock_is_not_enough() {
    let (scene, key) = (Scene { require_nonce: true, ..Scene::new() }, SigningKey::es256());
    let refusal = scene.refusal(&key.proof(scene.good()));
    assert_eq!((refusal, refusal.code()), (DpopError::NonceMissing, "use_dpop_nonce"));
    let nonce = scene.nonces.issue(scene.now);
    scene.verify(&key.proof(Proof { nonce: Some(&nonce), ..scene.good() })).unwrap();
}

#[test]
fn a_proof_that_is_wrong_anyway_is_not_asked_for_a_nonce() {
    let (scene, key) = (Scene { require_nonce: true, ..Scene::new() }, SigningKey::es256());
    let refusal = scene.refusal(&key.proof(Proof { method: "PUT", ..scene.good() }));
    assert_eq!((refusal, refusal.code()), (DpopError::WrongMethod, "invalid_dpop_proof"));
}

#[test]
fn at_the_token_endpoint_no_token_is_needed() {
    let (scene, key) = (Scene::new(), SigningKey::es256());
    let expected = DpopExpected {
        method: "POST",
        url: "https://nahraum.example/oauth/token",
        access_token: None,
        now: scene.now,
        nonces: &scene.nonces,
        require_nonce: false,
    };
    let proof = Proof { method: "POST", url: expected.url, token: None, ..scene.good() };
    verify_dpop(&key.proof(proof), &expected).unwrap();
}

proptest! {
    /// Whoever remembers a proof for the longest time of its kind remembers it as long as it could be shown again.
    #[test]
    fn sr_a13_a_proof_is_never_taken_longer_than_its_kind_says(off in -60_i64..=60, age in 0_i64..600, nanos in 0_i64..1_000_000_000, nonce in any::<bool>()) {
        let key = SigningKey::ed25519();
        let scene = Scene { now: Timestamp::from_second(NOW).unwrap() + SignedDuration::from_nanos(nanos), ..Scene::new() };
        let given = scene.nonces.issue(scene.now - SignedDuration::from_secs(age));
        let proof = Proof { issued_at: NOW + off, nonce: nonce.then_some(&given), ..scene.good() };
        if let Ok(proven) = scene.verify(&key.proof(proof)) {
            prop_assert_eq!(proven.with_nonce, nonce);
            let longest = if nonce { DPOP_REPLAY_BY_NONCE } else { DPOP_REPLAY_BY_CLOCK };
            prop_assert!(proven.replay_until.duration_since(scene.now) <= longest);
        } else {
            prop_assert!(nonce && age > 300);
        }
    }

    #[test]
    fn sr_a13_a_proof_with_one_changed_byte_is_refused(
        at in any::<prop::sample::Index>(), new in "[A-Za-z0-9_.=-]", ed in any::<bool>(),
    ) {
        let (scene, key) = (Scene::new(), if ed { SigningKey::ed25519() } else { SigningKey::es256() });
        let good = key.proof(scene.good());
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.replace_range(at..=at, &new);
        prop_assert_eq!(scene.verify(&changed).is_ok(), changed == good);
    }

    #[test]
    fn reading_proofs_never_panics(text in "\\PC{0,80}", header in "\\PC{0,60}", claims in "\\PC{0,60}") {
        let (scene, key) = (Scene::new(), SigningKey::ed25519());
        prop_assert!(scene.verify(&text).is_err());
        prop_assert!(scene.verify(&key.jws(&header, &claims)).is_err());
        prop_assert!(scene.verify(&key.jws(&key.proof_header(), &claims)).is_err());
    }
}
