//! Passwords, PINs, codes, tokens, keyed hashes: everything secret, and nothing else.
//!
//! This floor knows no SQL, no HTTP and no JSON. Its types keep three promises:
//!
//! * a secret cannot be printed (`Debug` shows dots) and is overwritten when it goes out of use;
//! * a secret cannot be compared with `==`; whoever compares uses `matches` or the [`Hasher`], both in constant time;
//! * every secret has a type of its own, so that a PIN cannot be stored where a token's hash belongs.
//!
//! | what | made of | kept as |
//! |---|---|---|
//! | [`Token`] | 256 random bits | SHA-256 ([`TokenHash`]) |
//! | QR activation code | 128 random bits | SHA-256 ([`QrHash`]) |
//! | device secret | at least 128 bits, made by the app | SHA-256 ([`DeviceHash`]) |
//! | manual activation code, PIN, password | few bits, or chosen by people | Argon2id with a pepper ([`PasswordHash`]) |
//! | birth date | few bits, known to others | HMAC-SHA-256 ([`KeyedHash`]) |
//! | key of a resident, a practice, the house | 256 random bits | AES-256-GCM under a key encryption key ([`SubjectKey`]) |
//! | key of a finding, of a file | 256 random bits | AES-256-GCM under the key above it ([`ContentKey`], [`BlobKey`]) |

mod aead;
mod code;
mod digest;
mod hashing;
mod inventory;
mod key_ring;
mod keyed;
mod password;
mod phc;
mod pin;
mod pool;
mod random;
mod root;
mod secret;
mod token;
mod verified;

pub use aead::{Binding, NotOpened};
pub use code::{ActivationCode, CodeError, EnteredCode, Lookup, ManualCode};
pub use digest::{DeviceHash, KeyedHash, QrHash, TokenHash, sha256};
pub use hashing::{HashError, Hasher, HasherSettings, HasherStartError, MemoryUse, SecretKind, Verdict};
pub use inventory::{KeyUse, inventory};
pub use key_ring::{BlobKey, ContentKey, KeyEncryptionKey, KeyOwner, SubjectKey, WrappingKey};
pub use keyed::{BirthDateKey, CursorKey, DeviceSecret, ErasureKey, LookupKey, NotOurCursor, WeakDeviceSecret};
pub use password::{PasswordError, check_new_password};
pub use phc::{PasswordHash, UnreadableHash};
pub use pin::{Pin, PinError, PinFacts};
pub use random::{OsRandom, Random, SeededRandom, random_bytes};
pub use root::{Keys, Pepper, RootError, RootSecret};
pub use secret::Secret;
pub use token::{NotAToken, PresentedToken, Token, TokenKind};
pub use verified::Verified;
