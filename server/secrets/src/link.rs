//! What opens a link for somebody without an account: the secret in its address, and the key of what it leads to (HL7
//! SMART Health Links; JWE, RFC 7516).
//!
//! The key is made here, told once, and never stored in a form that the server could open by itself: it lies wrapped under
//! a key that is derived from the secret in the address, of which only the hash is stored. So it can be used while a
//! request brings the secret, and not before or after.

use std::fmt;

use aws_lc_rs::aead::NONCE_LEN;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    Binding, LinkHash, NotOpened, Random, Secret,
    aead::{self, TAG},
    digest::sha256,
    random::random_bytes,
    root::KeyBytes,
};

/// Characters of 32 bytes in Base64url.
const LENGTH: usize = 43;

/// What a secret is for. One for one thing opens nothing of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkUse {
    /// Stands in the address of a link.
    Door,
    /// Stands in the addresses of the files that somebody got who was let in.
    Files,
}

impl LinkUse {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Door => b"nahraum/1/link/door",
            Self::Files => b"nahraum/1/link/files",
        }
    }
}

/// A text that is no such secret. Says nothing about whether one exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the secret of a link")]
pub struct NotALinkSecret;

/// 256 random bits in an address. What is stored is its hash.
#[derive(Clone)]
pub struct LinkSecret {
    bytes: KeyBytes,
    use_for: LinkUse,
}

impl LinkSecret {
    /// A fresh one.
    #[must_use]
    pub fn generate(random: &dyn Random, use_for: LinkUse) -> Self {
        Self { bytes: KeyBytes::new(random_bytes(random)), use_for }
    }

    /// Reads the 43 characters of Base64url in an address.
    ///
    /// # Errors
    /// [`NotALinkSecret`].
    pub fn parse(text: &str, use_for: LinkUse) -> Result<Self, NotALinkSecret> {
        if text.len() != LENGTH {
            return Err(NotALinkSecret);
        }
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| NotALinkSecret)?);
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| NotALinkSecret)?;
        Ok(Self { bytes: KeyBytes::new(bytes), use_for })
    }

    /// The text for the address.
    #[must_use]
    pub fn text(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(*self.bytes))
    }

    /// What is stored and looked up. Secrets for different uses never have the same.
    #[must_use]
    pub fn hash(&self) -> LinkHash {
        let tagged = Zeroizing::new([self.use_for.label(), self.bytes.as_slice()].concat());
        LinkHash::from_bytes(sha256(&tagged))
    }

    /// Wraps the key of a link, bound to the row that keeps it.
    #[must_use]
    pub fn wrap(&self, key: &LinkKey, row: &[u8; 16], random: &dyn Random) -> Vec<u8> {
        aead::seal(&self.wrapping_key(), binding(&[row.as_slice()]), key.0.as_slice(), random)
    }

    /// The key that [`wrap`](Self::wrap) has wrapped for the same row.
    ///
    /// # Errors
    /// [`NotOpened`] with another secret or row.
    pub fn unwrap(&self, row: &[u8; 16], wrapped: Vec<u8>) -> Result<LinkKey, NotOpened> {
        let opened = Zeroizing::new(aead::open(&self.wrapping_key(), binding(&[row.as_slice()]), wrapped)?);
        Ok(LinkKey(KeyBytes::new(<[u8; 32]>::try_from(opened.as_slice()).map_err(|_| NotOpened)?)))
    }

    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes, and 32 are asked for")]
    fn wrapping_key(&self) -> KeyBytes {
        let mut key = KeyBytes::default();
        Hkdf::<Sha256>::new(None, self.bytes.as_slice())
            .expand(self.use_for.label(), key.as_mut_slice())
            .expect("32 bytes");
        key
    }
}

impl fmt::Debug for LinkSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

const fn binding<'a>(parts: &'a [&'a [u8]]) -> Binding<'a> {
    Binding { purpose: "link key", parts }
}

/// The key of one link: it encrypts everything that its holders get, and stands in nothing but the link itself.
#[derive(Clone)]
pub struct LinkKey(KeyBytes);

impl LinkKey {
    /// A fresh one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(KeyBytes::new(random_bytes(random)))
    }

    /// The text for the link: 43 characters of Base64url.
    #[must_use]
    pub fn text(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// Encrypts a file: a JWE in its compact form, `dir` and `A256GCM` (RFC 7518, 4.5 and 5.3), with 96 random bits of nonce.
    /// `content_type` is a media type without quotes.
    #[must_use]
    pub fn encrypt(&self, content_type: &str, plain: &[u8], random: &dyn Random) -> String {
        let header = format!(r#"{{"alg":"dir","enc":"A256GCM","cty":"{content_type}"}}"#);
        let header = URL_SAFE_NO_PAD.encode(header);
        let nonce = random_bytes::<NONCE_LEN>(random);
        let sealed = aead::seal_after(&self.0, nonce, header.as_bytes(), Vec::new(), plain);
        let (text, tag) = sealed.split_at_checked(sealed.len().saturating_sub(TAG)).unwrap_or_default();
        let [nonce, text, tag] = [nonce.as_slice(), text, tag].map(|part| URL_SAFE_NO_PAD.encode(part));
        // The second part is the encrypted key, and there is none.
        format!("{header}..{nonce}.{text}.{tag}")
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use proptest::prelude::*;

    use super::*;
    use crate::SeededRandom;

    /// A receiver, written after RFC 7516, 5.2.
    fn decrypt(jwe: &str, key: &[u8]) -> Option<(serde_json::Value, Vec<u8>)> {
        let parts: Vec<&str> = jwe.split('.').collect();
        let [header, "", nonce, text, tag] = parts.as_slice() else { return None };
        let [nonce, text, tag] = [nonce, text, tag].map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let mut sealed = [text, tag].concat();
        let plain = key.open_in_place(nonce, Aad::from(header.as_bytes()), &mut sealed).ok()?.to_vec();
        Some((serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap(), plain))
    }

    #[test]
    fn a_secret_is_read_back_and_is_for_one_use() {
        let random = SeededRandom::new(7);
        let secret = LinkSecret::generate(&random, LinkUse::Door);
        let text = secret.text().expose().to_owned();
        assert_eq!(text.len(), LENGTH);
        assert!(LinkSecret::parse(&text, LinkUse::Door).unwrap().hash().matches(&secret.hash()));
        assert!(!LinkSecret::parse(&text, LinkUse::Files).unwrap().hash().matches(&secret.hash()));
        let shorter = text.strip_suffix(|_: char| true).unwrap();
        for wrong in ["", "x", shorter, &format!("{text}A"), &format!("{shorter}="), &format!("{shorter}!")] {
            assert!(LinkSecret::parse(wrong, LinkUse::Door).is_err(), "{wrong}");
        }
        assert_eq!(format!("{secret:?} {:?}", LinkKey::generate(&random)), "••• •••");
    }

    #[test]
    fn a_key_is_unwrapped_with_its_secret_for_its_row_only() {
        let random = SeededRandom::new(8);
        let (door, other) =
            (LinkSecret::generate(&random, LinkUse::Door), LinkSecret::generate(&random, LinkUse::Door));
        let key = LinkKey::generate(&random);
        let wrapped = door.wrap(&key, &[1; 16], &random);
        assert_eq!(door.unwrap(&[1; 16], wrapped.clone()).unwrap().text().expose(), key.text().expose());
        assert!(door.unwrap(&[2; 16], wrapped.clone()).is_err());
        assert!(other.unwrap(&[1; 16], wrapped.clone()).is_err());
        let same_bytes = LinkSecret::parse(door.text().expose(), LinkUse::Files).unwrap();
        assert!(same_bytes.unwrap(&[1; 16], wrapped.clone()).is_err());
        let bare = URL_SAFE_NO_PAD.decode(key.text().expose()).unwrap();
        assert!(!wrapped.windows(32).any(|window| window == bare));
    }

    proptest! {
        #[test]
        fn what_is_encrypted_is_read_by_the_rfc_and_changed_by_nobody(
            plain in prop::collection::vec(any::<u8>(), 0..600), seed in any::<u64>(), at in any::<prop::sample::Index>(),
        ) {
            let random = SeededRandom::new(seed);
            let key = LinkKey::generate(&random);
            let bare = URL_SAFE_NO_PAD.decode(key.text().expose()).unwrap();
            let jwe = key.encrypt("application/fhir+json", &plain, &random);
            let (header, read) = decrypt(&jwe, &bare).unwrap();
            prop_assert_eq!(header, serde_json::json!({"alg": "dir", "enc": "A256GCM", "cty": "application/fhir+json"}));
            prop_assert_eq!(read, plain.clone());
            prop_assert_ne!(key.encrypt("application/fhir+json", &plain, &random), jwe.clone(), "a nonce is used once");
            let mut sealed = URL_SAFE_NO_PAD.decode(jwe.rsplit('.').next().unwrap()).unwrap();
            let place = at.index(sealed.len());
            sealed[place] ^= 1;
            let damaged = format!("{}.{}", jwe.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode(sealed));
            prop_assert!(decrypt(&damaged, &bare).is_none());
        }
    }
}
