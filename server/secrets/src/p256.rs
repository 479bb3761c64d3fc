//! Key pairs on P-256 that are made of given bytes: so that randomness comes in as an argument, and a key can be derived.

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::{Random, digest::sha256, root::KeyBytes};

/// How many scalars are tried. One in four thousand million is none of the curve's.
const TRIES: u8 = 8;

/// Characters of base64 in a line of PEM (RFC 7468, 2).
const LINE: usize = 64;

/// The key pair of a seed, with signatures in DER.
pub(crate) fn key_pair(seed: &KeyBytes) -> Option<EcdsaKeyPair> {
    key_pair_for(&ECDSA_P256_SHA256_ASN1_SIGNING, seed)
}

/// The key pair of a seed: the first of its successors that is a scalar of the curve.
pub(crate) fn key_pair_for(algorithm: &'static EcdsaSigningAlgorithm, seed: &KeyBytes) -> Option<EcdsaKeyPair> {
    scalars(seed).find_map(|scalar| {
        let public = PrivateKey::from_private_key(&ECDH_P256, &*scalar).ok()?.compute_public_key().ok()?;
        EcdsaKeyPair::from_private_key_and_public_key(algorithm, &*scalar, public.as_ref()).ok()
    })
}

/// What may be a scalar of the curve, in the order it is tried in.
pub(crate) fn scalars(seed: &KeyBytes) -> impl Iterator<Item = KeyBytes> {
    (0..TRIES).map(|number| Zeroizing::new(sha256(&Zeroizing::new([seed.as_slice(), &[number]].concat()))))
}

/// A new private key for TLS, as PEM (PKCS#8). `None` when the library refuses, which it has no reason to.
#[must_use]
pub fn tls_key_pem(random: &dyn Random) -> Option<Zeroizing<String>> {
    let mut seed = KeyBytes::default();
    random.fill(&mut *seed);
    let der = key_pair(&seed)?.to_pkcs8v1().ok()?;
    Some(pem("PRIVATE KEY", der.as_ref()))
}

/// Bytes as PEM (RFC 7468).
pub(crate) fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let text = Zeroizing::new(STANDARD.encode(der));
    let mut pem = Zeroizing::new(format!("-----BEGIN {label}-----\n"));
    for line in text.as_bytes().chunks(LINE) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair;

    use super::*;
    use crate::SeededRandom;

    #[test]
    fn a_seed_gives_one_key_and_another_seed_another() {
        let public = |seed| key_pair(&KeyBytes::new([seed; 32])).unwrap().public_key().as_ref().to_vec();
        assert_eq!(public(1), public(1));
        assert_ne!(public(1), public(2));
    }

    #[test]
    fn a_key_in_pem_form_has_lines_that_others_read() {
        let pem = tls_key_pem(&SeededRandom::new(1)).unwrap();
        let lines: Vec<&str> = pem.lines().collect();
        assert_eq!((lines[0], lines[lines.len() - 1]), ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"));
        let body = lines[1..lines.len() - 1].concat();
        assert!(lines.iter().all(|line| line.len() <= 64));
        let der = STANDARD.decode(body).unwrap();
        assert!(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &der).is_ok());
    }
}
