//! The key of this program (P-256), and what it signs: proofs of possession (RFC 9449) and assertions (RFC 7523).
//!
//! `nahraum-secrets` knows how such texts are verified and brings what a server needs; signing is these few lines.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    digest::{Sha256, hex},
    random::Random,
};

/// How many bytes of a key's name people compare.
const FINGERPRINT: usize = 10;
/// How long an assertion is good, in seconds. The server takes 60 at most.
const ASSERTION_SECONDS: i64 = 50;

/// A key, private part included.
pub(crate) struct SigningKey {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

/// What is kept or shown is no key.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("Der Schlüssel dieses Programms ist nicht lesbar.")]
pub(crate) struct BadKey;

/// What a proof is about (RFC 9449, 4.2).
#[derive(Clone, Copy)]
pub(crate) struct Proof<'a> {
    /// The method of the request.
    pub(crate) method: &'a str,
    /// Its address as the server knows itself, without a query.
    pub(crate) url: &'a str,
    /// The access token that comes along.
    pub(crate) token: Option<&'a str>,
    /// What the server wants to see in it.
    pub(crate) nonce: Option<&'a str>,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

impl SigningKey {
    /// A fresh one.
    pub(crate) fn generate(random: &Random) -> Result<Self, BadKey> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random.0).map_err(|_| BadKey)?;
        Self::from_pkcs8(made.as_ref())
    }

    /// One that was kept (PKCS#8, DER).
    pub(crate) fn from_pkcs8(bytes: &[u8]) -> Result<Self, BadKey> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(|_| BadKey)?;
        Ok(Self { pair, pkcs8: bytes.to_vec() })
    }

    /// What can be kept (PKCS#8, DER).
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public part as a JWK (RFC 7517). Its members stand in the order that RFC 7638 hashes them in.
    pub(crate) fn jwk(&self) -> String {
        let point = self.pair.public_key().as_ref();
        let coordinate = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        let (x, y) = (coordinate(1..33), coordinate(33..65));
        format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
    }

    /// What people compare: the beginning of the key's thumbprint (RFC 7638), two bytes at a time.
    pub(crate) fn fingerprint(&self) -> String {
        let thumbprint = Sha256::of(self.jwk().as_bytes());
        let shown = thumbprint.as_bytes().get(..FINGERPRINT).unwrap_or_default();
        shown.chunks(2).map(hex).collect::<Vec<_>>().join(" ")
    }

    /// A proof that whoever makes a request holds this key.
    pub(crate) fn proof(&self, proof: Proof<'_>, random: &Random) -> Result<String, BadKey> {
        let jwk: Value = serde_json::from_str(&self.jwk()).map_err(|_| BadKey)?;
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
        let mut claims = json!({"jti": id(random)?, "htm": proof.method, "htu": proof.url, "iat": proof.now});
        if let Some(members) = claims.as_object_mut() {
            let hash = |token: &str| URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
            members.extend(proof.token.map(|token| ("ath".to_owned(), hash(token).into())));
            members.extend(proof.nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
        }
        self.jws(&header, &claims, random)
    }

    /// A statement that this client is who it says to be, for this audience and less than a minute.
    pub(crate) fn assertion(&self, client: &str, audience: &str, now: i64, random: &Random) -> Result<String, BadKey> {
        let until = now.saturating_add(ASSERTION_SECONDS);
        let claims =
            json!({"iss": client, "sub": client, "aud": audience, "iat": now, "exp": until, "jti": id(random)?});
        self.jws(&json!({"typ": "JWT", "alg": "ES256"}), &claims, random)
    }

    /// A compact JWS (RFC 7515, 7.1).
    fn jws(&self, header: &Value, claims: &Value, random: &Random) -> Result<String, BadKey> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.pair.sign(&random.0, signed.as_bytes()).map_err(|_| BadKey)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A name that nothing else has.
fn id(random: &Random) -> Result<String, BadKey> {
    random.bytes::<16>().map(|bytes| hex(&bytes)).map_err(|_| BadKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_key_is_the_same_key() {
        let random = Random::system();
        let key = SigningKey::generate(&random).unwrap();
        let again = SigningKey::from_pkcs8(key.pkcs8()).unwrap();
        assert_eq!(key.fingerprint(), again.fingerprint());
        assert_ne!(key.fingerprint(), SigningKey::generate(&random).unwrap().fingerprint());
        assert!(SigningKey::from_pkcs8(b"no key").is_err());
    }

    #[test]
    fn a_fingerprint_is_ten_bytes_in_pairs() {
        let text = SigningKey::generate(&Random::system()).unwrap().fingerprint();
        assert_eq!((text.len(), text.split(' ').count()), (24, 5));
    }
}
