//! Activation codes: what stands on the letter with which a practice invites a patient (SR-B01).
//!
//! One code has two forms. The QR form carries 128 random bits, so its SHA-256 may be stored. The manual form is for
//! typing: `ABCD-EFGH-JKMN`, four characters that find the invitation, seven secret ones (34.7 bits, so they go through
//! the [`Hasher`](crate::Hasher) as [`SecretKind::Code`](crate::SecretKind)), and one check character.
//!
//! The alphabet has 31 characters, without `0 O 1 I L`. As 31 is prime, a weighted sum modulo 31 notices every single
//! wrong character and every swap of two characters, wherever they stand.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::{
    QrHash, Random, Secret,
    digest::sha256,
    random::{random_below, random_bytes},
};

/// Capitals and digits that nobody mistakes for others, on paper or on a screen.
pub(crate) const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const LOOKUP_LENGTH: usize = 4;
const SECRET_LENGTH: usize = 7;
const MANUAL_LENGTH: usize = LOOKUP_LENGTH + SECRET_LENGTH + 1;
/// 16 bytes as base64url without padding.
const QR_LENGTH: usize = 22;
/// Longer than any link to us with a code in it. Checked before anything else is done with what an app sends.
const MAX_ENTERED_LENGTH: usize = 512;

/// The first four characters of a manual code. They name an invitation and are no secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lookup([u8; LOOKUP_LENGTH]);

impl Lookup {
    /// The four characters, in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // made of the alphabet's ASCII characters only
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Lookup {
    type Err = CodeError;

    /// Reads the four stored characters.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let characters: [u8; LOOKUP_LENGTH] = text.as_bytes().try_into().map_err(|_| CodeError::Length)?;
        if characters.iter().all(|character| ALPHABET.contains(character)) {
            Ok(Self(characters))
        } else {
            Err(CodeError::Character)
        }
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup({})", self.as_str())
    }
}

/// Why an entered code cannot be one of ours. None of this says whether an invitation exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Too few or too many characters.
    #[error("the code has 12 characters; please check whether one is missing")]
    Length,
    /// A character that no code contains.
    #[error("the code has a character that our codes never contain: they have no 0, O, 1, I or L")]
    Character,
    /// The check character does not fit.
    #[error("one character of the code is wrong, or two are swapped; please compare it with the letter")]
    Checksum,
    /// Looks like a QR code's content and is not.
    #[error("this QR code is not from an invitation letter")]
    QrForm,
    /// A QR code of a form that came later.
    #[error("this QR code needs a newer version of the app")]
    QrVersion,
}

/// A manual code as it was typed, checked for typing errors and nothing else.
pub struct ManualCode(Zeroizing<[u8; MANUAL_LENGTH]>);

impl ManualCode {
    /// Reads a typed code: capitals or not, with or without spaces and hyphens.
    ///
    /// # Errors
    /// [`CodeError::Length`], [`CodeError::Character`] or [`CodeError::Checksum`], in this order.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() > MAX_ENTERED_LENGTH {
            return Err(CodeError::Length);
        }
        let mut code = Zeroizing::new([0; MANUAL_LENGTH]);
        let mut places = code.iter_mut();
        let mut foreign = false;
        for character in text.chars().filter(|character| !is_separator(*character)) {
            let capital = u8::try_from(character.to_ascii_uppercase()).unwrap_or(0);
            foreign |= !ALPHABET.contains(&capital);
            *places.next().ok_or(CodeError::Length)? = capital;
        }
        if places.next().is_some() {
            return Err(CodeError::Length);
        }
        if foreign {
            return Err(CodeError::Character);
        }
        if weighted_sum(code.as_slice()) == 0 { Ok(Self(code)) } else { Err(CodeError::Checksum) }
    }

    /// The part that finds the invitation.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        Lookup(self.0.first_chunk().copied().unwrap_or_default())
    }

    /// The part that is checked with [`SecretKind::Code`](crate::SecretKind).
    #[must_use]
    pub fn secret(&self) -> Secret {
        Secret::new(self.characters().skip(LOOKUP_LENGTH).take(SECRET_LENGTH).collect::<String>())
    }

    /// All twelve characters in capitals.
    pub(crate) fn characters(&self) -> impl Iterator<Item = char> {
        self.0.iter().copied().map(char::from)
    }
}

impl fmt::Debug for ManualCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// Spaces of all kinds and all sorts of hyphens and dashes a keyboard or a copied text may bring along.
pub(crate) fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The sum of position (from 1) times value, modulo 31. A whole code gives 0.
///
/// A wrong character at position p changes it by p times the difference, two swapped ones by the difference of their
/// positions times that of their values. Neither is a multiple of 31, as all of these are below 31 and it is prime.
fn weighted_sum(code: &[u8]) -> u32 {
    let value = |character: &u8| (0_u32..).zip(ALPHABET).find(|(_, known)| *known == character).map_or(0, |(at, _)| at);
    (1_u32..).zip(code).map(|(position, character)| position * value(character)).sum::<u32>() % 31
}

/// Both forms of a fresh code. It exists while the letter is printed; what is stored are its hashes.
pub struct ActivationCode {
    manual: ManualCode,
    qr: Zeroizing<[u8; 16]>,
}

impl ActivationCode {
    /// A fresh code. About one in a million shares its look-up part with a given other one; whoever stores them sees to
    /// that and draws again.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let drawn = Zeroizing::new(random_below::<{ LOOKUP_LENGTH + SECRET_LENGTH }>(random, 31));
        let mut code = Zeroizing::new([0; MANUAL_LENGTH]);
        for (place, value) in code.iter_mut().zip(drawn.iter()) {
            *place = ALPHABET.get(usize::from(*value)).copied().unwrap_or_default();
        }
        let before = weighted_sum(code.split_last().map_or(&[], |(_, before)| before));
        // the check character stands at position 12, and 12 times 13 is 1 modulo 31
        let check = (31 - before) * 13 % 31;
        if let (Some(last), Ok(check)) = (code.last_mut(), usize::try_from(check)) {
            *last = ALPHABET.get(check).copied().unwrap_or_default();
        }
        Self { manual: ManualCode(code), qr: Zeroizing::new(random_bytes(random)) }
    }

    /// The part of the manual code that finds the invitation.
    #[must_use]
    pub fn lookup(&self) -> Lookup {
        self.manual.lookup()
    }

    /// The secret part of the manual code, to be hashed with [`SecretKind::Code`](crate::SecretKind) and stored.
    #[must_use]
    pub fn secret(&self) -> Secret {
        self.manual.secret()
    }

    /// The hash of the QR form, to be stored.
    #[must_use]
    pub fn qr_hash(&self) -> QrHash {
        QrHash::from_bytes(sha256(self.qr.as_slice()))
    }

    /// The manual code for the letter, in groups of four: `ABCD-EFGH-JKMN`.
    #[must_use]
    pub fn manual_text(&self) -> Secret {
        let mut text = String::with_capacity(MANUAL_LENGTH + 2);
        for (at, character) in self.manual.characters().enumerate() {
            if at > 0 && at % 4 == 0 {
                text.push('-');
            }
            text.push(character);
        }
        Secret::new(text)
    }

    /// The fragment of the QR code's link: `1.<instance>.<code>`. It goes behind a `#`, because browsers do not send
    /// that part to any server and so no log gets to see it.
    ///
    /// `instance` names the installation and has no `.` and no `#` in it.
    #[must_use]
    pub fn qr_fragment(&self, instance: &str) -> Secret {
        let code = Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.qr));
        Secret::new(format!("1.{instance}.{}", code.as_str()))
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// A code as an app sends it, in either form.
#[derive(Debug)]
pub enum EnteredCode {
    /// Typed from the letter.
    Manual(ManualCode),
    /// Scanned from the letter.
    Qr {
        /// What the invitation is found by; at the same time the check.
        hash: QrHash,
    },
}

impl EnteredCode {
    /// Reads a typed code, a scanned link, the fragment of one, or the 22 characters at its end.
    ///
    /// # Errors
    /// [`CodeError`], see there.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        if text.len() > MAX_ENTERED_LENGTH {
            return Err(CodeError::Length);
        }
        if let Some((_, fragment)) = text.rsplit_once('#') {
            return Self::from_fragment(fragment);
        }
        match ManualCode::parse(text) {
            Ok(code) => Ok(Self::Manual(code)),
            Err(_) if text.len() == QR_LENGTH => Self::from_qr(text),
            Err(_) if text.split('.').count() == 3 && text.len() > QR_LENGTH => Self::from_fragment(text),
            Err(error) => Err(error),
        }
    }

    fn from_fragment(fragment: &str) -> Result<Self, CodeError> {
        let mut parts = fragment.split('.');
        let (Some(version), Some(instance), Some(code)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CodeError::QrForm);
        };
        if version != "1" && version.bytes().all(|byte| byte.is_ascii_digit()) && !version.is_empty() {
            return Err(CodeError::QrVersion);
        }
        if version != "1" || instance.is_empty() || parts.next().is_some() {
            return Err(CodeError::QrForm);
        }
        Self::from_qr(code)
    }

    fn from_qr(code: &str) -> Result<Self, CodeError> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(code).map_err(|_| CodeError::QrForm)?);
        if bytes.len() != 16 {
            return Err(CodeError::QrForm);
        }
        Ok(Self::Qr { hash: QrHash::from_bytes(sha256(&bytes)) })
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
#[expect(clippy::string_slice, reason = "texts of known ASCII characters are cut")]
mod tests;
