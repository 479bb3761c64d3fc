//! The practice CA: certificates for the keys of practices' software (SR-K10), and what is made of one that was shown.
//!
//! A certificate says nothing that the database does not say: it names the client and ends with its key. None is stored.

use std::fmt;

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{EcdsaKeyPair, KeyPair},
};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData, SerialNumber, SignatureAlgorithm,
};
use time::OffsetDateTime;

use crate::{CertificateHash, ClientKey, KeyThumbprint, Random, digest::sha256, p256, random_bytes, root::KeyBytes};

/// The name of the CA, which clients are told in the handshake.
const NAME: &str = "Nahraum practice CA";

/// The CA of an installation. Its key is derived from the root secret, so that all processes are one CA.
pub struct PracticeCa(EcdsaKeyPair);

/// A certificate could not be made: the library refuses, or a time is none of X.509's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no certificate could be made: {0}")]
pub struct NotCertified(String);

/// What a certificate says.
#[derive(Debug, Clone, Copy)]
pub struct Certified<'a> {
    /// The name of the client: an id, never a practice or a person.
    pub client_id: &'a str,
    /// The key.
    pub key: &'a ClientKey,
    /// From when on it is good; fractions of a second are cut off.
    pub from: Timestamp,
    /// Until when, that second included.
    pub until: Timestamp,
}

/// A certificate that a client has shown in the handshake, after TLS has verified it.
#[derive(Debug, Clone)]
pub struct ShownCertificate {
    /// The name of the key in it.
    pub key: KeyThumbprint,
    /// The name of the certificate itself, `x5t#S256` (RFC 8705, 3.1).
    pub hash: CertificateHash,
}

impl ShownCertificate {
    /// Names a certificate by its DER and the key (SPKI) in it. `None` for a key that is no client's.
    #[must_use]
    pub fn of(der: &[u8], spki: &[u8]) -> Option<Self> {
        let key = ClientKey::from_spki(spki)?.thumbprint();
        Some(Self { key, hash: CertificateHash::from_bytes(sha256(der)) })
    }
}

impl PracticeCa {
    #[expect(clippy::expect_used, reason = "one of eight scalars is on the curve, but for one chance in 2^256")]
    pub(crate) fn from_seed(seed: &KeyBytes) -> Self {
        Self(p256::key_pair(seed).expect("a scalar"))
    }

    /// The CA's own certificate (DER), for verifying others by. Made anew each time; its name and key stay.
    ///
    /// # Errors
    /// [`NotCertified`].
    pub fn certificate(&self) -> Result<Vec<u8>, NotCertified> {
        Ok(params()?.self_signed(self)?.der().to_vec())
    }

    /// A certificate for a client's key, as PEM.
    ///
    /// # Errors
    /// [`NotCertified`].
    pub fn certify(&self, what: Certified<'_>, random: &dyn Random) -> Result<String, NotCertified> {
        let time = |at: Timestamp| {
            OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|error| NotCertified(error.to_string()))
        };
        let mut client = CertificateParams::new(Vec::new())?;
        client.distinguished_name = name(what.client_id);
        client.is_ca = IsCa::ExplicitNoCa;
        client.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        client.use_authority_key_identifier_extension = true;
        client.serial_number = Some(SerialNumber::from_slice(&serial(random)));
        (client.not_before, client.not_after) = (time(what.from)?, time(what.until)?);
        let ca = params()?;
        let made = client.signed_by(&Public::of(what.key), &Issuer::from_params(&ca, self))?;
        Ok(p256::pem("CERTIFICATE", made.der()).to_string())
    }
}

impl From<rcgen::Error> for NotCertified {
    fn from(error: rcgen::Error) -> Self {
        Self(error.to_string())
    }
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

/// Sixteen random bytes, as a positive number that has them all (RFC 5280, 4.1.2.2).
fn serial(random: &dyn Random) -> [u8; 16] {
    let [first, rest @ ..] = random_bytes::<16>(random);
    let mut serial = [first & 0x3f | 0x40; 16];
    serial.iter_mut().skip(1).zip(rest).for_each(|(place, byte)| *place = byte);
    serial
}

fn params() -> Result<CertificateParams, rcgen::Error> {
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.distinguished_name = name(NAME);
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Ok(ca)
}

impl PublicKeyData for PracticeCa {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for PracticeCa {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signed = self.0.sign(&SystemRandom::new(), message).map_err(|_| rcgen::Error::RemoteKeyError)?;
        Ok(signed.as_ref().to_vec())
    }
}

/// A client's key as the library wants it.
struct Public {
    bits: Vec<u8>,
    algorithm: &'static SignatureAlgorithm,
}

impl Public {
    fn of(key: &ClientKey) -> Self {
        let algorithm = if key.algorithm() == "EdDSA" { &PKCS_ED25519 } else { &PKCS_ECDSA_P256_SHA256 };
        Self { bits: key.public_bytes(), algorithm }
    }
}

impl PublicKeyData for Public {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

impl fmt::Debug for PracticeCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;
    use crate::{RootSecret, SeededRandom, proof_maker::SigningKey};

    fn keys() -> [ClientKey; 2] {
        [SigningKey::es256(), SigningKey::ed25519()].map(|key| ClientKey::parse_jwk(&key.jwk()).unwrap())
    }

    /// SR-K02: the CA's key is the installation's, and no other's.
    #[test]
    fn sr_k02_all_processes_of_an_installation_are_one_ca() {
        let (random, other) = (SeededRandom::new(1), SeededRandom::new(2));
        let (root, other) = (RootSecret::from_random(&random), RootSecret::from_random(&other));
        let public = |root: &RootSecret| root.keys().practice_ca.der_bytes().to_vec();
        assert_eq!(public(&root), public(&root));
        assert_ne!(public(&root), public(&other));
        assert_eq!(format!("{:?}", root.keys().practice_ca), "•••");
    }

    /// SR-K10: a shown certificate leads back to the registered key.
    #[test]
    fn sr_k10_a_certificate_leads_back_to_its_key() {
        let random = SeededRandom::new(1);
        let ca = RootSecret::from_random(&random).keys().practice_ca;
        for key in keys() {
            let (from, until) =
                (Timestamp::from_second(1_000_000).unwrap(), Timestamp::from_second(2_000_000).unwrap());
            let what = Certified { client_id: "0193", key: &key, from, until };
            let (one, other) = (ca.certify(what, &random).unwrap(), ca.certify(what, &random).unwrap());
            assert_ne!(one, other, "each has a serial number of its own");
            let body: String = one.lines().filter(|line| !line.starts_with('-')).collect();
            let der = STANDARD.decode(body).unwrap();
            let spki = Public::of(&key).subject_public_key_info();
            assert!(der.windows(spki.len()).any(|window| window == spki));
            assert!(ShownCertificate::of(&der, &spki).unwrap().key.matches(&key.thumbprint()));
            assert!(ClientKey::from_spki(&spki).unwrap() == key);
            assert!(ShownCertificate::of(&der, &spki[1..]).is_none());
        }
    }
}
