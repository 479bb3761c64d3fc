//! Signs what clients sign: DPoP proofs and client assertions, with keys that are made on the spot. For tests of any crate
//! that knows aws-lc-rs and base64; nothing is shared with the code that verifies.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The key of a client, private part included.
pub(crate) enum SigningKey {
    /// P-256.
    Es256(EcdsaKeyPair),
    /// Ed25519.
    EdDsa(Ed25519KeyPair),
}

/// The claims of a DPoP proof.
#[derive(Clone, Copy)]
pub(crate) struct Proof<'a> {
    /// `htm`
    pub(crate) method: &'a str,
    /// `htu`
    pub(crate) url: &'a str,
    /// `jti`
    pub(crate) id: &'a str,
    /// `iat`, in seconds since 1970.
    pub(crate) issued_at: i64,
    /// The access token for `ath`.
    pub(crate) token: Option<&'a str>,
    /// `nonce`
    pub(crate) nonce: Option<&'a str>,
}

impl SigningKey {
    /// A fresh P-256 key.
    pub(crate) fn es256() -> Self {
        Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    /// A fresh Ed25519 key.
    pub(crate) fn ed25519() -> Self {
        Self::EdDsa(Ed25519KeyPair::generate().expect("a key"))
    }

    /// `ES256` or `EdDSA`.
    pub(crate) const fn algorithm(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::EdDsa(_) => "EdDSA",
        }
    }

    /// The public JWK.
    pub(crate) fn jwk(&self) -> String {
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..65]));
                format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#)
            }
            Self::EdDsa(pair) => {
                let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
                format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)
            }
        }
    }

    /// A compact JWS over header and claims, both given as JSON.
    pub(crate) fn jws(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = match self {
            Self::Es256(pair) => {
                pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature").as_ref().to_vec()
            }
            Self::EdDsa(pair) => pair.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The header of a proof.
    pub(crate) fn proof_header(&self) -> String {
        format!(r#"{{"typ":"dpop+jwt","alg":"{}","jwk":{}}}"#, self.algorithm(), self.jwk())
    }

    /// A proof as RFC 9449 wants it.
    pub(crate) fn proof(&self, proof: Proof<'_>) -> String {
        self.jws(&self.proof_header(), &proof.claims())
    }
}

impl Proof<'_> {
    /// The claims as JSON.
    pub(crate) fn claims(&self) -> String {
        let Self { method, url, id, issued_at, .. } = self;
        let mut claims = format!(r#"{{"jti":"{id}","htm":"{method}","htu":"{url}","iat":{issued_at}"#);
        if let Some(token) = self.token {
            let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
            claims.push_str(&format!(r#","ath":"{hash}""#));
        }
        if let Some(nonce) = self.nonce {
            claims.push_str(&format!(r#","nonce":"{nonce}""#));
        }
        claims + "}"
    }
}
