//! Assertions that are taken, and everything else.

use proptest::prelude::*;

use super::*;
use crate::proof_maker::SigningKey;

const NOW: i64 = 1_790_000_000;
const ISSUER: &str = "https://nahraum.example";
const ENDPOINT: &str = "https://nahraum.example/oauth/token";
const HEADER: &str = r#"{"alg":"ES256","typ":"JWT"}"#;
const EDDSA: &str = r#"{"alg":"EdDSA"}"#;
const CLAIMS: &str = r#"{"iss":"kim","sub":"kim","aud":"https://nahraum.example","exp":1790000060,"iat":1790000000,"nbf":1790000000,"jti":"0198"}"#;

fn key_of(key: &SigningKey) -> ClientKey {
    ClientKey::parse_jwk(&key.jwk()).unwrap()
}

fn verify_at(assertion: &str, keys: &[ClientKey], now: i64) -> Result<VerifiedAssertion, AssertionError> {
    let now = Timestamp::from_second(now).unwrap();
    verify_client_assertion(
        assertion,
        &AssertionExpected { client_id: "kim", audiences: &[ISSUER, ENDPOINT], keys, now },
    )
}

#[test]
fn a_registered_key_signs_its_client_in() {
    let (one, two) = (SigningKey::es256(), SigningKey::ed25519());
    let keys = [key_of(&one), key_of(&two)];
    for (key, header) in [
        (&one, HEADER),
        (&two, r#"{"alg":"EdDSA","kid":"7"}"#),
        (&one, r#"{"alg":"ES256","typ":"client-authentication+jwt"}"#),
    ] {
        for audience in [ISSUER.to_owned(), ENDPOINT.to_owned()] {
            let assertion = key.jws(header, &CLAIMS.replace(ISSUER, &audience));
            assert_eq!(client_id_of(&assertion).unwrap(), "kim");
            let shown = verify_at(&assertion, &keys, NOW).unwrap();
            assert!(shown.thumbprint.matches(&key_of(key).thumbprint()));
        }
    }
    let several = CLAIMS.replace(&format!("\"{ISSUER}\""), &format!("[\"https://a.example\",\"{ENDPOINT}\"]"));
    verify_at(&one.jws(HEADER, &several), &keys, NOW).unwrap();
    let spare = CLAIMS.replace(r#","iat":1790000000,"nbf":1790000000"#, "");
    verify_at(&one.jws(HEADER, &spare), &keys, NOW).unwrap();
}

#[test]
fn every_other_assertion_is_refused() {
    let (key, other) = (SigningKey::es256(), SigningKey::es256());
    let keys = [key_of(&key)];
    let claims = |from: &str, to: &str| {
        assert!(CLAIMS.contains(from), "{from}");
        key.jws(HEADER, &CLAIMS.replace(from, to))
    };
    let with_own_key = format!(r#"{{"alg":"ES256","jwk":{}}}"#, other.jwk());
    let whole = key.jws(HEADER, CLAIMS);
    let vectors = [
        ("foreign key", other.jws(HEADER, CLAIMS), AssertionError::WrongSignature),
        ("key in the header", other.jws(&with_own_key, CLAIMS), AssertionError::WrongSignature),
        ("alg none", key.jws(r#"{"alg":"none"}"#, CLAIMS), AssertionError::WrongAlgorithm),
        ("no signature", format!("{}.", whole.rsplit_once('.').unwrap().0), AssertionError::WrongSignature),
        ("HS256", key.jws(r#"{"alg":"HS256"}"#, CLAIMS), AssertionError::WrongAlgorithm),
        ("RS256", key.jws(r#"{"alg":"RS256"}"#, CLAIMS), AssertionError::WrongAlgorithm),
        ("algorithm of another key", key.jws(EDDSA, CLAIMS), AssertionError::WrongSignature),
        ("a DPoP proof", key.jws(r#"{"alg":"ES256","typ":"dpop+jwt"}"#, CLAIMS), AssertionError::WrongType),
        ("critical extension", key.jws(r#"{"alg":"ES256","crit":["x"]}"#, CLAIMS), AssertionError::WrongType),
        ("header without algorithm", key.jws("{}", CLAIMS), AssertionError::Malformed),
        ("algorithm said twice", key.jws(r#"{"alg":"ES256","alg":"none"}"#, CLAIMS), AssertionError::Malformed),
        ("subject said twice", claims("\"sub\"", "\"iss\":\"kim\",\"sub\""), AssertionError::Malformed),
        ("another issuer", claims("\"iss\":\"kim\"", "\"iss\":\"lea\""), AssertionError::WrongClient),
        ("another subject", claims("\"sub\":\"kim\"", "\"sub\":\"lea\""), AssertionError::WrongClient),
        ("another server", claims(ISSUER, "https://evil.example"), AssertionError::WrongAudience),
        ("nearly our name", claims(ISSUER, "https://nahraum.example/"), AssertionError::WrongAudience),
        ("no audience", claims("\"https://nahraum.example\"", "[]"), AssertionError::WrongAudience),
        ("audience of numbers", claims("\"https://nahraum.example\"", "[7]"), AssertionError::Malformed),
        ("expired", claims("1790000060", "1789999970"), AssertionError::Expired),
        ("expired long ago", claims("1790000060", "-9223372036854775808"), AssertionError::Expired),
        ("lives an hour", claims("1790000060", "1790003600"), AssertionError::WrongTime),
        ("lives for ever", claims("1790000060", "9223372036854775807"), AssertionError::WrongTime),
        ("no end", claims("\"exp\"", "\"end\""), AssertionError::Malformed),
        ("end as text", claims("1790000060", "\"1790000060\""), AssertionError::Malformed),
        ("made tomorrow", claims("\"iat\":1790000000", "\"iat\":1790086400"), AssertionError::WrongTime),
        ("begins tomorrow", claims("\"nbf\":1790000000", "\"nbf\":1790086400"), AssertionError::WrongTime),
        ("no id", claims("\"jti\"", "\"jtj\""), AssertionError::Malformed),
        ("empty id", claims("0198", ""), AssertionError::WrongId),
        ("endless id", claims("0198", &"x".repeat(129)), AssertionError::WrongId),
        ("megabyte", claims("0198", &"x".repeat(1_000_000)), AssertionError::Malformed),
        ("four parts", format!("{whole}.AA"), AssertionError::Malformed),
        ("nothing", String::new(), AssertionError::Malformed),
    ];
    for (what, assertion, expected) in &vectors {
        assert_eq!(verify_at(assertion, &keys, NOW).unwrap_err(), *expected, "{what}");
    }
    assert_eq!(verify_at(&whole, &[], NOW).unwrap_err(), AssertionError::WrongSignature, "no key, no entrance");
}

#[test]
fn an_assertion_is_taken_for_its_minute_and_remembered_as_long() {
    let key = SigningKey::ed25519();
    let keys = [key_of(&key)];
    let assertion = key.jws(EDDSA, CLAIMS);
    let shown = verify_at(&assertion, &keys, NOW).unwrap();
    assert_eq!(shown.replay_until.as_second(), NOW + 90);
    for (now, taken) in [(NOW - 31, false), (NOW - 30, true), (NOW + 60, true), (NOW + 89, true), (NOW + 90, false)] {
        assert_eq!(verify_at(&assertion, &keys, now).is_ok(), taken, "{}", now - NOW);
    }
    let next = key.jws(EDDSA, &CLAIMS.replace("0198", "0199"));
    assert_ne!(verify_at(&next, &keys, NOW).unwrap().jti_hash, shown.jti_hash);
    assert_eq!(verify_at(&assertion, &keys, NOW + 1).unwrap().jti_hash, shown.jti_hash);
}

#[test]
fn a_name_is_only_read_when_it_can_be_one() {
    let key = SigningKey::ed25519();
    for (claims, expected) in [
        (CLAIMS.replace("kim", ""), AssertionError::WrongClient),
        (CLAIMS.replace("kim", &"k".repeat(129)), AssertionError::WrongClient),
        (CLAIMS.replace("\"sub\":\"kim\"", "\"sub\":\"lea\""), AssertionError::WrongClient),
        ("{}".to_owned(), AssertionError::Malformed),
    ] {
        assert_eq!(client_id_of(&key.jws(HEADER, &claims)).unwrap_err(), expected);
    }
}

proptest! {
    #[test]
    fn an_assertion_with_one_changed_byte_is_refused(at in any::<prop::sample::Index>(), new in "[A-Za-z0-9_.=-]") {
        let key = SigningKey::es256();
        let good = key.jws(HEADER, CLAIMS);
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.replace_range(at..=at, &new);
        prop_assert_eq!(verify_at(&changed, &[key_of(&key)], NOW).is_ok(), changed == good);
    }

    #[test]
    fn reading_assertions_never_panics(text in "\\PC{0,80}", claims in "\\PC{0,60}", exp in any::<i64>(), iat in any::<i64>(), now in -1_000_000_000_i64..4_000_000_000) {
        let key = SigningKey::ed25519();
        let keys = [key_of(&key)];
        prop_assert!(verify_at(&text, &keys, now).is_err() && client_id_of(&text).is_err());
        prop_assert!(verify_at(&key.jws(EDDSA, &claims), &keys, now).is_err());
        let timed = CLAIMS.replace("1790000060", &exp.to_string()).replace("\"iat\":1790000000", &format!("\"iat\":{iat}"));
        if let Ok(shown) = verify_at(&key.jws(EDDSA, &timed), &keys, now) {
            prop_assert!(shown.replay_until.as_second() > now && shown.replay_until.as_second() <= now + 120);
        }
    }
}
