//! Public keys of clients as JWKs (RFC 7517): P-256 (RFC 7518, 6.2) and Ed25519 (RFC 8037), and nothing else.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use super::{KeyThumbprint, Present, unambiguous};
use crate::digest::sha256;

/// No JWK of ours is longer; WebCrypto writes some 200 bytes.
const MAX_LENGTH: usize = 2048;
/// First byte of a stored P-256 key.
const STORED_P256: u8 = 1;
/// First byte of a stored Ed25519 key.
const STORED_ED25519: u8 = 2;

/// What stands in front of the point in the X.509 form of a P-256 key (RFC 5480, 2; uncompressed).
const SPKI_P256: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
/// The same for Ed25519 (RFC 8410, 4).
const SPKI_ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// The public key of a client: one that its software registered, or one that came with a proof.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKey(Point);

#[derive(Clone, PartialEq, Eq)]
enum Point {
    /// Both coordinates, big-endian.
    P256 { x: [u8; 32], y: [u8; 32] },
    /// As in RFC 8032, 5.1.5.
    Ed25519([u8; 32]),
}

/// Why a JWK is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Not a JWK at all.
    #[error("this is not a public key in JWK form")]
    Malformed,
    /// Another type, curve, use or algorithm.
    #[error("only public signing keys on P-256 (ES256) and Ed25519 (EdDSA) are taken")]
    Unsupported,
    /// The private part came along.
    #[error("the private key came along; it must never leave its device, so please make a new one")]
    Private,
    /// Coordinates that are no point of the curve.
    #[error("the key is not a point of its curve")]
    NotOnCurve,
}

/// The members that decide. Others (`kid`, `key_ops`, `ext` …) say nothing about the key itself.
#[derive(Deserialize)]
pub(crate) struct Jwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    #[serde(default)]
    d: Present,
    #[serde(default)]
    k: Present,
    #[serde(default)]
    p: Present,
    #[serde(default)]
    q: Present,
    #[serde(default)]
    dp: Present,
    #[serde(default)]
    dq: Present,
    #[serde(default)]
    qi: Present,
    #[serde(default)]
    oth: Present,
}

impl Jwk {
    /// The key, if it is one we verify with.
    pub(crate) fn key(&self) -> Result<ClientKey, JwkError> {
        let private = [self.d, self.k, self.p, self.q, self.dp, self.dq, self.qi, self.oth];
        if private.contains(&Present(true)) {
            return Err(JwkError::Private);
        }
        let point = match (self.kty.as_str(), self.crv.as_deref(), &self.x, &self.y) {
            ("EC", Some("P-256"), Some(x), Some(y)) => Point::P256 { x: coordinate(x)?, y: coordinate(y)? },
            ("OKP", Some("Ed25519"), Some(x), None) => Point::Ed25519(coordinate(x)?),
            _ => return Err(JwkError::Unsupported),
        };
        let key = ClientKey(point);
        let signs = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        if !signs || self.alg.as_deref().is_some_and(|alg| alg != key.algorithm()) {
            return Err(JwkError::Unsupported);
        }
        key.parsed().ok_or(JwkError::NotOnCurve)?;
        Ok(key)
    }
}

/// Thirty-two bytes in 43 characters.
fn coordinate(text: &str) -> Result<[u8; 32], JwkError> {
    if text.len() != 43 {
        return Err(JwkError::Malformed);
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| JwkError::Malformed)?;
    bytes.try_into().map_err(|_| JwkError::Malformed)
}

impl ClientKey {
    /// Reads a public JWK.
    ///
    /// # Errors
    /// [`JwkError`]. Private members, other curves, a name said twice and texts beyond 2 KiB are refused.
    pub fn parse_jwk(json: &str) -> Result<Self, JwkError> {
        if json.len() > MAX_LENGTH {
            return Err(JwkError::Malformed);
        }
        unambiguous::<Jwk>(json.as_bytes()).ok_or(JwkError::Malformed)?.key()
    }

    /// The key as a JWK with the members that are needed, in the order of RFC 7638.
    #[must_use]
    pub fn to_jwk(&self) -> String {
        match &self.0 {
            Point::P256 { x, y } => format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                URL_SAFE_NO_PAD.encode(x),
                URL_SAFE_NO_PAD.encode(y)
            ),
            Point::Ed25519(point) => {
                format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, URL_SAFE_NO_PAD.encode(point))
            }
        }
    }

    /// The name of the key.
    #[must_use]
    pub fn thumbprint(&self) -> KeyThumbprint {
        KeyThumbprint::from_bytes(sha256(self.to_jwk().as_bytes()))
    }

    /// What signs with this key: `ES256` or `EdDSA`.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self.0 {
            Point::P256 { .. } => "ES256",
            Point::Ed25519(_) => "EdDSA",
        }
    }

    /// The value to store: one byte for the kind, then 64 bytes (P-256, x and y) or 32 (Ed25519).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Point::P256 { x, y } => [&[STORED_P256], x.as_slice(), y].concat(),
            Point::Ed25519(point) => [&[STORED_ED25519], point.as_slice()].concat(),
        }
    }

    /// The stored value; `None` when it is not one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, point) = bytes.split_first()?;
        let point = match *kind {
            STORED_P256 => {
                let (x, y) = point.split_first_chunk()?;
                Point::P256 { x: *x, y: y.try_into().ok()? }
            }
            STORED_ED25519 => Point::Ed25519(point.try_into().ok()?),
            _ => return None,
        };
        Some(Self(point))
    }

    /// The key of a certificate, from its X.509 form (SPKI, DER); `None` for any other kind.
    #[must_use]
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let point = match (der.strip_prefix(SPKI_P256), der.strip_prefix(SPKI_ED25519)) {
            (Some([4, xy @ ..]), _) => {
                let (x, y) = xy.split_first_chunk()?;
                Point::P256 { x: *x, y: y.try_into().ok()? }
            }
            (_, Some(point)) => Point::Ed25519(point.try_into().ok()?),
            (Some(_) | None, None) => return None,
        };
        Some(Self(point)).filter(|key| key.parsed().is_some())
    }

    /// The bits of the key as X.509 has them: the uncompressed point (SEC 1, 2.3.3) or that of RFC 8032.
    pub(crate) fn public_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Point::P256 { x, y } => [&[4], x.as_slice(), y].concat(),
            Point::Ed25519(point) => point.to_vec(),
        }
    }

    /// Whether this key made the signature over the message, with the one algorithm that belongs to it.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed().is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    fn parsed(&self) -> Option<ParsedPublicKey> {
        match &self.0 {
            Point::P256 { .. } => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.public_bytes()).ok(),
            Point::Ed25519(_) => ParsedPublicKey::new(&ED25519, self.public_bytes()).ok(),
        }
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientKey({})", self.thumbprint().jkt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9449, 5 and 6.1
    const P256: &str = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;
    /// RFC 8037, A.2 and A.3
    const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn thumbprints_are_those_of_the_standards() {
        for (jwk, jkt) in [
            (P256, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
            (ED25519, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        ] {
            let key = ClientKey::parse_jwk(jwk).unwrap();
            assert_eq!(key.thumbprint().jkt(), jkt);
            assert_eq!(format!("{key:?}"), format!("ClientKey({jkt})"));
            assert!(ClientKey::from_bytes(&key.to_bytes()).unwrap() == key);
            assert!(ClientKey::parse_jwk(&key.to_jwk()).unwrap() == key);
        }
    }

    #[test]
    fn members_that_say_nothing_about_the_key_are_left_alone() {
        let named = ED25519.replace('{', r#"{"kid":"7","use":"sig","alg":"EdDSA","key_ops":["verify"],"ext":true,"#);
        assert!(ClientKey::parse_jwk(&named).unwrap() == ClientKey::parse_jwk(ED25519).unwrap());
    }

    #[test]
    fn everything_but_a_public_signing_key_is_refused() {
        for (jwk, expected) in [
            (String::new(), JwkError::Malformed),
            ("[]".to_owned(), JwkError::Malformed),
            (P256.replace(r#""kty":"EC","#, ""), JwkError::Malformed),
            (P256.replace("\"kty\"", r#""kty":"EC","kty""#), JwkError::Malformed),
            (P256.replace("AWBFs", "AWBF"), JwkError::Malformed),
            (P256.replace("AWBFs", "AWBFt"), JwkError::Malformed),
            (P256.replace("l8tF", "m8tF"), JwkError::NotOnCurve),
            (P256.replace("P-256", "P-384"), JwkError::Unsupported),
            (P256.replace("P-256", "Ed25519"), JwkError::Unsupported),
            (P256.replace("EC", "OKP"), JwkError::Unsupported),
            (P256.replace('{', r#"{"d":"AA","#), JwkError::Private),
            (P256.replace('{', r#"{"d":null,"#), JwkError::Private),
            (P256.replace('{', r#"{"k":"AA","#), JwkError::Private),
            (P256.replace('{', r#"{"use":"enc","#), JwkError::Unsupported),
            (P256.replace('{', r#"{"alg":"EdDSA","#), JwkError::Unsupported),
            (ED25519.replace('{', r#"{"y":"AA","#), JwkError::Unsupported),
            (ED25519.replace("Ed25519", "X25519"), JwkError::Unsupported),
            (r#"{"kty":"oct","k":"AAAA"}"#.to_owned(), JwkError::Private),
            (r#"{"kty":"RSA","n":"AAAA","e":"AQAB"}"#.to_owned(), JwkError::Unsupported),
            (P256.replace('{', &format!(r#"{{"kid":"{}","#, "x".repeat(1_000_000))), JwkError::Malformed),
        ] {
            assert_eq!(ClientKey::parse_jwk(&jwk).err(), Some(expected), "{}", jwk.get(..200).unwrap_or(&jwk));
        }
    }

    #[test]
    fn only_stored_keys_are_read_back() {
        for wrong in [&[][..], &[0; 33], &[STORED_P256; 64], &[STORED_P256; 66], &[STORED_ED25519; 34], &[3; 33]] {
            assert!(ClientKey::from_bytes(wrong).is_none());
        }
    }
}
