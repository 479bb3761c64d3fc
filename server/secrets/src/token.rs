//! Opaque tokens: what people, their apps and a practice's software show in place of a name.
//!
//! A prefix that says what it opens, 43 base62 digits of 256 random bits, 6 base62 digits of a CRC-32 over everything
//! before. Prefix and checksum let scanners find a token that leaked into a repository, and let the server drop typing
//! errors and random probes before it asks the database. Only the SHA-256 of the whole text is stored (SR-A14).

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Random, Secret, TokenHash, digest::sha256, random_bytes};

const PREFIX_LENGTH: usize = 4;
/// The fewest base62 digits that hold 256 bits.
const SECRET_LENGTH: usize = 43;
const SECRET_DIGITS: u32 = 43;
/// The fewest base62 digits that hold 32 bits.
const CHECKSUM_LENGTH: usize = 6;
const CHECKSUM_DIGITS: u32 = 6;
const LENGTH: usize = PREFIX_LENGTH + SECRET_LENGTH + CHECKSUM_LENGTH;

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `nra_`: access for some minutes, in the session of a resident, of staff, of an operator or of software.
    Session,
    /// `nru_`: the upload credential of a practice's software.
    Upload,
    /// `nrr_`: brings the next access token of a session (RFC 6749, 1.5).
    Refresh,
    /// `nrc_`: the authorization code of a sign-in in the browser (RFC 6749, 4.1). Sixty seconds, once.
    AuthorizationCode,
    /// `nrd_`: the device code that waits for somebody to type its [`UserCode`](crate::UserCode) (RFC 8628).
    DeviceCode,
    /// `nri_`: lets somebody enrol their own factors once: the first operator, a reset by an administrator.
    Enrolment,
    /// `nrf_`: opens the page on which an organisation says which of its offers are still true. Once.
    OfferCheck,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Session,
        Self::Upload,
        Self::Refresh,
        Self::AuthorizationCode,
        Self::DeviceCode,
        Self::Enrolment,
        Self::OfferCheck,
    ];

    /// The first four characters of its tokens.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Session => "nra_",
            Self::Upload => "nru_",
            Self::Refresh => "nrr_",
            Self::AuthorizationCode => "nrc_",
            Self::DeviceCode => "nrd_",
            Self::Enrolment => "nri_",
            Self::OfferCheck => "nrf_",
        }
    }
}

/// A token in the clear: just made, to be handed out once, or just presented.
///
/// ```compile_fail,E0369
/// # use nahraum_secrets::{OsRandom, Token, TokenKind};
/// let equal = Token::generate(&OsRandom, TokenKind::Upload) == Token::generate(&OsRandom, TokenKind::Upload);
/// ```
pub struct Token {
    kind: TokenKind,
    text: Secret,
}

/// What is left of a token once it has been read: enough to find whose it is, and nothing to steal.
#[derive(Debug, Clone)]
pub struct PresentedToken {
    /// What kind of token.
    pub kind: TokenKind,
    /// Its hash.
    pub hash: TokenHash,
}

impl From<&Token> for PresentedToken {
    fn from(token: &Token) -> Self {
        Self { kind: token.kind(), hash: token.hash() }
    }
}

/// A text that no server of this house has given out as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an access token")]
pub struct NotAToken;

impl Token {
    /// A fresh token.
    #[must_use]
    pub fn generate(random: &dyn Random, kind: TokenKind) -> Self {
        let bytes = Zeroizing::new(random_bytes::<32>(random));
        let mut text = String::with_capacity(LENGTH);
        text.push_str(kind.prefix());
        push_base62::<SECRET_DIGITS>(&mut text, bytes.as_slice());
        let checksum = crc32(text.as_bytes());
        push_base62::<CHECKSUM_DIGITS>(&mut text, &checksum.to_be_bytes());
        Self { kind, text: Secret::new(text) }
    }

    /// Reads a presented token: prefix, length, alphabet and checksum. Whether it opens anything, the database says.
    ///
    /// # Errors
    /// [`NotAToken`]. Other lengths than that of a token are refused unread.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        if text.len() != LENGTH {
            return Err(NotAToken);
        }
        let kind = TokenKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix())).ok_or(NotAToken)?;
        let (body, checksum) = text.split_at_checked(PREFIX_LENGTH + SECRET_LENGTH).ok_or(NotAToken)?;
        let secret = body.strip_prefix(kind.prefix()).ok_or(NotAToken)?;
        let mut expected = String::with_capacity(CHECKSUM_LENGTH);
        push_base62::<CHECKSUM_DIGITS>(&mut expected, &crc32(body.as_bytes()).to_be_bytes());
        let right = secret.bytes().all(|byte| byte.is_ascii_alphanumeric())
            & bool::from(expected.as_bytes().ct_eq(checksum.as_bytes()));
        if right { Ok(Self { kind, text: Secret::new(text) }) } else { Err(NotAToken) }
    }

    /// What the token opens.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The text, for the one answer that hands it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::from_bytes(sha256(self.expose().as_bytes()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

/// As many digits as one step of the long division gives.
const STEP_DIGITS: u32 = 5;
/// 62 to the power of [`STEP_DIGITS`].
const STEP: u64 = 62_u64.pow(STEP_DIGITS);

/// Appends a number of big-endian bytes as `DIGITS` base62 digits, least significant digit first.
fn push_base62<const DIGITS: u32>(text: &mut String, number: &[u8]) {
    let mut number = Zeroizing::new(number.to_vec());
    let mut left = DIGITS;
    while left > 0 {
        let mut rest = 0_u64;
        for byte in number.iter_mut() {
            let dividend = rest * 256 + u64::from(*byte);
            // below 256, because the rest before was below the divisor
            [*byte, ..] = (dividend / STEP).to_le_bytes();
            rest = dividend % STEP;
        }
        for _ in 0..left.min(STEP_DIGITS) {
            let [digit, ..] = (rest % 62).to_le_bytes();
            text.push(char::from(base62_digit(digit)));
            rest /= 62;
        }
        left = left.saturating_sub(STEP_DIGITS);
    }
}

/// The digit of a value below 62: `0`-`9`, `A`-`Z`, `a`-`z`.
const fn base62_digit(value: u8) -> u8 {
    match value {
        0..=9 => b'0' + value,
        10..=35 => b'A' + (value - 10),
        36.. => b'a' + (value - 36),
    }
}

/// CRC-32 as in zip, PNG and Ethernet (IEEE 802.3, reflected polynomial 0xEDB88320), bit by bit: 47 bytes need no table.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "texts of known ASCII characters are cut")]
mod tests {
    use std::{collections::HashSet, thread};

    use proptest::prelude::*;

    use super::*;
    use crate::{OsRandom, SeededRandom};

    #[test]
    fn the_checksum_is_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn base62_holds_the_largest_numbers() {
        let digits = |bytes: &[u8]| {
            let mut text = String::new();
            push_base62::<SECRET_DIGITS>(&mut text, bytes);
            text
        };
        assert_eq!(digits(&[0, 61]), format!("z{}", "0".repeat(42)));
        assert_eq!(digits(&[0, 62]), format!("01{}", "0".repeat(41)));
        assert!(!digits(&[255; 32]).ends_with('0'), "the last digit is needed, so no value is cut off");
    }

    #[test]
    fn sr_a12_a_million_tokens_are_all_different() {
        let mut seen: Vec<[u8; SECRET_LENGTH]> = thread::scope(|scope| {
            let makers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..250_000).map(|at| secret_part(TokenKind::ALL[at % 7])).collect::<Vec<_>>()))
                .collect();
            makers.into_iter().flat_map(|maker| maker.join().unwrap()).collect()
        });
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 1_000_000);
    }

    fn secret_part(kind: TokenKind) -> [u8; SECRET_LENGTH] {
        let token = Token::generate(&OsRandom, kind);
        *token.expose().as_bytes()[PREFIX_LENGTH..].first_chunk().unwrap()
    }

    #[test]
    fn every_kind_reads_back_as_itself_and_as_nothing_else() {
        for kind in TokenKind::ALL {
            let token = Token::generate(&OsRandom, kind);
            assert_eq!(token.expose().len(), LENGTH);
            let read = Token::parse(token.expose()).unwrap();
            assert_eq!(read.kind(), kind);
            assert!(read.hash().matches(&token.hash()));
            for other in TokenKind::ALL.into_iter().filter(|other| *other != kind) {
                assert!(Token::parse(&token.expose().replacen(kind.prefix(), other.prefix(), 1)).is_err());
            }
        }
    }

    /// What is stored is the hash of the text, and the text cannot be printed by mistake.
    #[test]
    fn sr_a14_only_the_hash_of_a_token_is_kept() {
        let token = Token::generate(&OsRandom, TokenKind::Refresh);
        let presented = PresentedToken::from(&token);
        assert_eq!(*presented.hash.as_bytes(), sha256(token.expose().as_bytes()));
        assert!(!format!("{token:?} {presented:?}").contains(&token.expose()[4..]));
    }

    #[test]
    fn all_62_digits_come_up_evenly() {
        let random = SeededRandom::new(5);
        let mut seen = HashSet::new();
        for _ in 0..100 {
            seen.extend(Token::generate(&random, TokenKind::Session).expose()[4..46].chars());
        }
        assert_eq!(seen.len(), 62);
    }

    #[test]
    fn tokens_print_dots() {
        let token = Token::generate(&OsRandom, TokenKind::Session);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "••• •••");
    }

    #[test]
    fn everything_else_is_refused() {
        let good = Token::generate(&SeededRandom::new(5), TokenKind::Session).expose().to_owned();
        Token::parse(&good).unwrap();
        for wrong in [
            String::new(),
            "nra_".to_owned(),
            good.replacen("nra_", "nru_", 1),
            good.replacen("nra_", "NRA_", 1),
            good[..52].to_owned(),
            format!("{good}0"),
            format!(" {}", &good[..52]),
            format!("nra_{}", "ä".repeat(24)) + "x",
            "n".repeat(1_000_000),
        ] {
            assert_eq!(Token::parse(&wrong).unwrap_err(), NotAToken);
        }
    }

    #[test]
    fn a_right_checksum_over_wrong_characters_is_refused() {
        let mut text = format!("nra_{}", "-".repeat(43));
        let checksum = crc32(text.as_bytes());
        push_base62::<CHECKSUM_DIGITS>(&mut text, &checksum.to_be_bytes());
        assert_eq!(Token::parse(&text).unwrap_err(), NotAToken);
    }

    proptest! {
        #[test]
        fn a_changed_character_is_noticed(seed in any::<u64>(), at in 0..LENGTH, new in "[0-9A-Za-z_]") {
            let good = Token::generate(&SeededRandom::new(seed), TokenKind::Session).expose().to_owned();
            let mut changed = good.clone();
            changed.replace_range(at..=at, &new);
            prop_assert_eq!(Token::parse(&changed).is_ok(), changed == good);
        }

        #[test]
        fn reading_never_panics(text in any::<String>(), tail in "\\PC{49}") {
            prop_assert!(Token::parse(&text).is_err());
            let token = format!("nra_{tail}");
            prop_assert!(Token::parse(&token).is_err());
        }
    }
}
