//! Web Push: messages that only one phone can read (RFC 8291), and who sends them (VAPID, RFC 8292).
//!
//! A push service of somebody else carries them. It learns that a server has something for a phone, and nothing of what.

use std::{fmt, net::IpAddr, sync::Arc};

use aws_lc_rs::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::Sha256;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::{Random, p256, random_bytes, root::KeyBytes};

/// Bytes of a point on P-256 that is not compressed (SEC 1, 2.3.3).
const POINT: usize = 65;
/// Bytes of the secret that a phone shares with who writes to it (RFC 8291, 3.2).
const AUTH: usize = 16;
/// Bytes of a salt (RFC 8188, 2.1).
const SALT: usize = 16;
/// The size of a record, which a message is always shorter than (RFC 8291, 4).
const RECORD: u32 = 4096;
/// The most that one message may hold, in bytes: a record without tag and delimiter.
const LONGEST: usize = 3_993;
/// Ends the last record (RFC 8188, 2).
const LAST: u8 = 2;
/// The longest address of a push service, in bytes.
const LONGEST_ENDPOINT: usize = 1_024;
/// How long a statement about the sender is good; at most a day (RFC 8292, 2).
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(12);

/// The key a server signs its pushes with. Made from the root secret, so that all processes are one sender.
#[derive(Clone)]
pub struct PushKey(Arc<EcdsaKeyPair>);

/// What a phone has made for being written to: its key, and a secret.
#[derive(Clone)]
pub struct PushTarget {
    key: [u8; POINT],
    auth: [u8; AUTH],
}

/// Where a push service takes messages for one phone: an `https` address that the phone has named. Whoever has it can wake the
/// phone, so it is kept like a secret.
#[derive(Clone)]
pub struct PushEndpoint(Url);

/// Something is not the address of a push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint is not an https address of at most 1,024 characters, without user and fragment")]
pub struct NotAPushEndpoint;

/// Why something is not the key of a phone, or cannot be written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAPushTarget {
    /// The key.
    #[error("the key is not an uncompressed point on P-256 in base64url")]
    Key,
    /// The secret.
    #[error("the secret is not sixteen bytes in base64url")]
    Auth,
    /// More than a record holds.
    #[error("the message is too long for a push")]
    TooLong,
}

/// What VAPID says about the sender (RFC 8292, 2).
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

impl PushKey {
    #[expect(clippy::expect_used, reason = "one of eight scalars is on the curve, but for one chance in 2^256")]
    pub(crate) fn from_seed(seed: &KeyBytes) -> Self {
        Self(Arc::new(p256::key_pair_for(&ECDSA_P256_SHA256_FIXED_SIGNING, seed).expect("a scalar")))
    }

    /// The public half as apps and push services take it: an uncompressed point in base64url (RFC 8292, 3.2).
    #[must_use]
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key())
    }

    /// The `Authorization` header of a push (RFC 8292, 3). `audience` is the origin of the push service, `subject` a `mailto:` or
    /// `https:` address of the operator. `None` when the library refuses, which it has no reason to.
    #[must_use]
    pub fn authorization(&self, audience: &str, subject: &str, now: Timestamp) -> Option<String> {
        let claims = Claims { aud: audience, exp: (now + GOOD_FOR).as_second(), sub: subject };
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).ok()?));
        // The library draws what ECDSA needs by itself.
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public()))
    }
}

impl fmt::Debug for PushKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl PushEndpoint {
    /// Reads an address (RFC 8030, 5).
    ///
    /// # Errors
    /// [`NotAPushEndpoint`].
    pub fn parse(text: &str) -> Result<Self, NotAPushEndpoint> {
        if text.len() > LONGEST_ENDPOINT {
            return Err(NotAPushEndpoint);
        }
        let url = Url::parse(text).map_err(|_| NotAPushEndpoint)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if url.scheme() == "https" && plain && url.has_host() { Ok(Self(url)) } else { Err(NotAPushEndpoint) }
    }

    /// The whole address.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }

    /// Whose service it is: scheme, host and port (RFC 6454, 6.1), which VAPID speaks to.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The address itself, where the host is one and not a name.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self.0.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        }
    }
}

impl fmt::Debug for PushEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl PushTarget {
    /// Reads what a phone has sent: `p256dh` and `auth` of the Push API, each in base64url without padding.
    ///
    /// # Errors
    /// [`NotAPushTarget`], for a point that is not on the curve as well.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, NotAPushTarget> {
        let key = decode(p256dh).ok_or(NotAPushTarget::Key)?;
        let auth = decode(auth).ok_or(NotAPushTarget::Auth)?;
        point(&key)?;
        Ok(Self { key, auth })
    }

    /// As it is kept, sealed: the key, then the secret.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([self.key.as_slice(), &self.auth].concat())
    }

    /// What [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// [`NotAPushTarget`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAPushTarget> {
        let (key, auth) = bytes.split_first_chunk().ok_or(NotAPushTarget::Key)?;
        point(key)?;
        Ok(Self { key: *key, auth: auth.try_into().map_err(|_| NotAPushTarget::Auth)? })
    }

    /// The message as the body of a push, `Content-Encoding: aes128gcm` (RFC 8291, 3.4; RFC 8188): under a new key each time.
    ///
    /// # Errors
    /// [`NotAPushTarget::TooLong`] over 3,993 bytes, [`NotAPushTarget::Key`] when there is no secret with this key.
    pub fn seal(&self, message: &[u8], random: &dyn Random) -> Result<Vec<u8>, NotAPushTarget> {
        if message.len() > LONGEST {
            return Err(NotAPushTarget::TooLong);
        }
        let mut seed = KeyBytes::default();
        random.fill(&mut *seed);
        let sender = p256::scalars(&seed).find_map(|scalar| PrivateKey::from_private_key(&ECDH_P256, &*scalar).ok());
        self.seal_by(&sender.ok_or(NotAPushTarget::Key)?, random_bytes(random), message)
    }

    fn seal_by(&self, sender: &PrivateKey, salt: [u8; SALT], message: &[u8]) -> Result<Vec<u8>, NotAPushTarget> {
        let public = sender.compute_public_key().map_err(|_| NotAPushTarget::Key)?;
        let public = public.as_ref();
        let info = [b"WebPush: info\0".as_slice(), &self.key, public].concat();
        let shared = agree(sender, point(&self.key)?, NotAPushTarget::Key, |shared| {
            expand::<32>(&Hkdf::new(Some(&self.auth), shared), &info)
        })?;
        let keys = Hkdf::new(Some(&salt), &*shared);
        let key = expand::<16>(&keys, b"Content-Encoding: aes128gcm\0")?;
        let nonce = expand::<12>(&keys, b"Content-Encoding: nonce\0")?;
        let mut sealed = [message, &[LAST]].concat();
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &*key).map_err(|_| NotAPushTarget::Key)?);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut sealed)
            .map_err(|_| NotAPushTarget::TooLong)?;
        let length = [u8::try_from(public.len()).map_err(|_| NotAPushTarget::Key)?];
        Ok([salt.as_slice(), &RECORD.to_be_bytes(), &length, public, &sealed].concat())
    }
}

impl fmt::Debug for PushTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

fn point(key: &[u8; POINT]) -> Result<ParsedPublicKey, NotAPushTarget> {
    ParsedPublicKey::try_from(&UnparsedPublicKey::new(&ECDH_P256, key)).map_err(|_| NotAPushTarget::Key)
}

fn expand<const N: usize>(keys: &Hkdf<Sha256>, info: &[u8]) -> Result<Zeroizing<[u8; N]>, NotAPushTarget> {
    let mut key = Zeroizing::new([0; N]);
    keys.expand(info, &mut *key).map_err(|_| NotAPushTarget::TooLong)?;
    Ok(key)
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{self, ECDSA_P256_SHA256_FIXED};

    use super::*;
    use crate::SeededRandom;

    const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// RFC 8291, appendix A.
    #[test]
    fn the_rfcs_own_example() {
        let sender = decode::<32>("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let sender = PrivateKey::from_private_key(&ECDH_P256, &sender).unwrap();
        let salt = decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap();
        let target = PushTarget::parse(KEY, AUTH).unwrap();
        let body = target.seal_by(&sender, salt, b"When I grow up, I want to be a watermelon").unwrap();
        let expected = concat!(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz",
            "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    #[test]
    fn what_is_no_key_is_refused_and_a_key_comes_back_from_its_bytes() {
        let target = PushTarget::parse(KEY, AUTH).unwrap();
        let again = PushTarget::from_bytes(&target.to_bytes()).unwrap();
        assert_eq!((again.key, again.auth), (target.key, target.auth));
        assert_eq!(format!("{target:?}"), "•••");
        let off_the_curve = URL_SAFE_NO_PAD.encode([[4].as_slice(), &[7; 64]].concat());
        let wrong =
            [(off_the_curve.as_str(), AUTH), ("", AUTH), ("BCVx=", AUTH), (KEY.trim_start_matches("BCVx"), AUTH)];
        for (key, auth) in wrong {
            assert_eq!(PushTarget::parse(key, auth).unwrap_err(), NotAPushTarget::Key, "{key}");
        }
        assert_eq!(PushTarget::parse(KEY, "BTBZ").unwrap_err(), NotAPushTarget::Auth);
        assert_eq!(PushTarget::from_bytes(&target.to_bytes()[..70]).unwrap_err(), NotAPushTarget::Auth);
    }

    #[test]
    fn an_endpoint_is_an_address_of_the_web_and_nothing_else() {
        let endpoint = PushEndpoint::parse("https://push.example.net:8443/wake/AbC?up=1").unwrap();
        assert_eq!(endpoint.origin(), "https://push.example.net:8443");
        assert_eq!(endpoint.reveal(), "https://push.example.net:8443/wake/AbC?up=1");
        assert_eq!(format!("{endpoint:?}"), "•••");
        assert_eq!(PushEndpoint::parse("https://Push.example.net:443/x").unwrap().origin(), "https://push.example.net");
        for (text, ip) in
            [("https://10.0.0.1/x", "10.0.0.1"), ("https://[::1]/x", "::1"), ("https://0x7f.1/x", "127.0.0.1")]
        {
            assert_eq!(PushEndpoint::parse(text).unwrap().ip(), Some(ip.parse().unwrap()), "{text}");
        }
        let long = format!("https://push.example.net/{}", "a".repeat(1_000));
        let wrong = [
            "",
            "push.example.net",
            "http://push.example.net/x",
            "https://",
            "https://u@push.example.net/x",
            "https://u:p@push.example.net/x",
            "https://push.example.net/x#y",
            "file:///etc/passwd",
            &long,
        ];
        for text in wrong {
            assert!(PushEndpoint::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_message_is_another_one_each_time_and_has_its_limit() {
        let (target, random) = (PushTarget::parse(KEY, AUTH).unwrap(), SeededRandom::new(1));
        let one = target.seal(br#"{"v":1}"#, &random).unwrap();
        assert_eq!(one.len(), 110);
        assert_ne!(one, target.seal(br#"{"v":1}"#, &random).unwrap());
        assert_eq!(target.seal(&[b'x'; LONGEST], &random).unwrap().len(), 4_096);
        assert_eq!(target.seal(&[b'x'; LONGEST + 1], &random), Err(NotAPushTarget::TooLong));
    }

    #[test]
    fn the_sender_says_who_it_is_to_one_service_for_half_a_day() {
        let key = PushKey::from_seed(&KeyBytes::new([1; 32]));
        let header =
            key.authorization("https://push.example.net", "mailto:ops@example.org", Timestamp::UNIX_EPOCH).unwrap();
        let (token, shown) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(shown, key.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = URL_SAFE_NO_PAD.decode(shown).unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public)
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let expected = br#"{"aud":"https://push.example.net","exp":43200,"sub":"mailto:ops@example.org"}"#;
        assert_eq!(claims, expected);
        assert_eq!(format!("{key:?}"), "•••");
    }
}
