//! Passwords, PINs, codes, tokens, keyed hashes: everything secret, and nothing else.
//!
//! This floor knows no SQL and no HTTP, and JSON only where clients sign it (`jose`). Its types keep three promises:
//!
//! * a secret cannot be printed (`Debug` shows dots) and is overwritten when it goes out of use;
//! * a secret cannot be compared with `==`; whoever compares uses `matches` or the [`Hasher`], both in constant time;
//! * every secret has a type of its own, so that a PIN cannot be stored where a token's hash belongs.
//!
//! | what | made of | kept as |
//! |---|---|---|
//! | [`Token`] | 256 random bits | SHA-256 ([`TokenHash`]) |
//! | QR activation code | 128 random bits | SHA-256 ([`QrHash`]) |
//! | one-time code (second phone, recovery sheet) | 128 random bits | SHA-256 ([`OneTimeHash`]) |
//! | device secret | at least 128 bits, made by the app | SHA-256 ([`DeviceHash`]) |
//! | secret in the address of a link | 256 random bits | SHA-256 ([`LinkHash`]) |
//! | user code of a device that waits (RFC 8628) | 39 random bits, ten minutes | HMAC-SHA-256 ([`KeyedHash`]) |
//! | manual activation code, PIN, passcode of a link, password | few bits, or chosen by people | Argon2id with a pepper ([`PasswordHash`]) |
//! | secret of an authenticator app ([`TotpSecret`]) | 160 random bits | sealed, because the server computes with it |
//! | birth date | few bits, known to others | HMAC-SHA-256 ([`KeyedHash`]) |
//! | key of a resident, a practice, the house | 256 random bits | AES-256-GCM under a key encryption key ([`SubjectKey`]) |
//! | key of a finding, of a file | 256 random bits | AES-256-GCM under the key above it ([`ContentKey`], [`BlobKey`]) |
//! | key of a link ([`LinkKey`]) | 256 random bits | AES-256-GCM under a key from the secret in its address, and sealed |

mod aead;
mod breached;
mod client_assertion;
mod code;
mod decision;
mod digest;
mod dpop;
mod hashing;
mod http_uri;
mod inventory;
mod jose;
mod key_ring;
mod keyed;
mod link;
mod nonce;
mod one_time;
mod p256;
mod participant;
mod password;
mod phc;
mod pin;
mod pkce;
mod pool;
mod practice_ca;
#[cfg(test)]
#[path = "../../../tests/support/proof_maker.rs"]
mod proof_maker;
mod purpose;
mod random;
mod root;
mod secret;
mod signing;
mod token;
mod totp;
mod user_code;
mod verified;
mod web_push;

pub use aead::{Binding, NotOpened};
pub use breached::BreachedPasswords;
pub use client_assertion::{
    AssertionError, AssertionExpected, CLIENT_ASSERTION_TYPE, VerifiedAssertion, client_id_of, verify_client_assertion,
};
pub use code::{ActivationCode, CodeError, EnteredCode, Lookup, ManualCode};
pub use decision::{DECISION_TYPE, NotSigned, SignedDecision, verify_decision};
pub use digest::{CertificateHash, DeviceHash, KeyedHash, LinkHash, OneTimeHash, QrHash, TokenHash, sha256};
pub use dpop::{DPOP_REPLAY_BY_CLOCK, DPOP_REPLAY_BY_NONCE, DpopError, DpopExpected, ProvenKey, verify_dpop};
pub use hashing::{HashError, Hasher, HasherSettings, HasherStartError, MemoryUse, SecretKind, Strength, Verdict};
pub use inventory::{KeyUse, inventory};
pub use jose::{ClientKey, JwkError, KeyThumbprint, SIGNING_ALGORITHMS};
pub use key_ring::{BlobKey, ContentKey, KeyEncryptionKey, KeyOwner, SubjectKey, WrappingKey};
pub use keyed::{
    BirthDateKey, CursorKey, DeviceSecret, ErasureKey, LookupKey, NonceKey, NotOurCursor, WeakDeviceSecret,
};
pub use link::{LinkKey, LinkSecret, LinkUse, NotALinkSecret};
pub use one_time::{NotAOneTimeCode, OneTimeCode, OneTimeKind};
pub use p256::tls_key_pem;
pub use participant::participant_code;
pub use password::{PasswordError, check_new_password};
pub use phc::{PasswordHash, UnreadableHash};
pub use pin::{Pin, PinError, PinFacts};
pub use pkce::{PkceChallenge, PkceError};
pub use practice_ca::{Certified, NotCertified, PracticeCa, ShownCertificate};
pub use random::{OsRandom, Random, SeededRandom, random_bytes};
pub use root::{Keys, Pepper, RootError, RootSecret};
pub use secret::Secret;
pub use signing::{Signature, SigningKey, VerifyingKey};
pub use token::{NotAToken, PresentedToken, Token, TokenKind};
pub use totp::TotpSecret;
pub use user_code::{NotAUserCode, UserCode};
pub use verified::Verified;
pub use web_push::{NotAPushEndpoint, NotAPushTarget, PushEndpoint, PushKey, PushTarget};
