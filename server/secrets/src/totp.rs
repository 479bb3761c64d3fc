//! One-time codes from an app (TOTP; RFC 6238): the second choice for staff, never for operators (SR-A02).
//!
//! HMAC-SHA-1, six digits, thirty seconds: the only parameters that all apps know. SHA-1 is safe within HMAC (RFC 6194, 3.3).

use std::fmt::{self, Write};

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use jiff::Timestamp;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{Random, Secret};

/// Bytes of the shared secret (RFC 4226, 4: at least 16, better 20).
const BYTES: usize = 20;
/// Seconds of one step.
const STEP: i64 = 30;
/// How many steps the clock of the phone may be off.
const TOLERANCE: i64 = 1;
/// 10 to the power of the six digits.
const CODES: u32 = 1_000_000;

/// The secret that an authenticator app and the server share. Stored sealed, shown once.
///
/// ```compile_fail,E0369
/// # use nahraum_secrets::TotpSecret;
/// let equal = TotpSecret::from_bytes([0; 20]) == TotpSecret::from_bytes([0; 20]);
/// ```
pub struct TotpSecret(Zeroizing<[u8; BYTES]>);

impl TotpSecret {
    /// A fresh secret.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        random.fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// The stored value, unsealed.
    #[must_use]
    pub fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The value to seal and store.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// What the app scans: `otpauth://totp/…` with issuer and account, percent-encoded.
    #[must_use]
    pub fn enrolment_uri(&self, issuer: &str, account: &str) -> Secret {
        let (issuer, account) = (escaped(issuer), escaped(account));
        let secret = self.base32();
        let uri = format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
            secret.expose()
        );
        Secret::new(uri)
    }

    /// The secret for typing: 32 characters of base32 (RFC 4648, 6).
    #[must_use]
    pub fn base32(&self) -> Secret {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut text = String::with_capacity(BYTES * 8 / 5);
        let mut rest = 0_u32;
        let mut bits = 0_u32;
        for byte in self.0.iter() {
            rest = (rest << 8 | u32::from(*byte)) & 0xFFF;
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                let digit = usize::try_from(rest >> bits & 31).ok().and_then(|value| ALPHABET.get(value));
                text.extend(digit.map(|byte| char::from(*byte)));
            }
        }
        Secret::new(text)
    }

    /// Whether a code is right now, or was or will be thirty seconds ago or from now, and was not used yet.
    ///
    /// The step it belongs to comes back: the caller stores it in the same transaction and gives it as `last_step` the next
    /// time, so that no code works twice (RFC 6238, 5.2). Blanks in the code are ignored.
    #[must_use]
    pub fn accept(&self, code: &str, now: Timestamp, last_step: Option<i64>) -> Option<i64> {
        // no app shows more than a blank between the digits
        let code: Zeroizing<String> = Zeroizing::new(code.chars().take(16).filter(|c| !c.is_whitespace()).collect());
        let current = now.as_second().div_euclid(STEP);
        let mut accepted = None;
        // all are computed, so that the time does not tell which one it is
        for step in current - TOLERANCE..=current + TOLERANCE {
            let right = bool::from(self.code(step).as_bytes().ct_eq(code.as_bytes()));
            if right && accepted.is_none() && last_step.is_none_or(|last| step > last) {
                accepted = Some(step);
            }
        }
        accepted
    }

    /// The code of one step: HOTP (RFC 4226, 5.3) over its number.
    fn code(&self, step: i64) -> String {
        let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.as_slice());
        let mac = sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let offset = usize::from(mac.last().copied().unwrap_or_default() & 15);
        let four = mac.get(offset..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
        format!("{:06}", (u32::from_be_bytes(four) & 0x7FFF_FFFF) % CODES)
    }
}

/// Everything but unreserved characters as `%C3` (RFC 3986, 2.1 and 2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else if write!(escaped, "%{byte:02X}").is_err() {
            // writing to a text does not fail
            break;
        }
    }
    escaped
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::{OsRandom, SeededRandom};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238, appendix B; there with eight digits, of which the last six are these.
    #[test]
    fn the_codes_of_the_standard_come_out() {
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(second / 30), code);
            assert_eq!(secret.accept(code, at(second), None), Some(second / 30));
        }
        assert_eq!(secret.base32().expose(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn sr_a02_one_step_off_is_accepted_and_two_are_not() {
        let secret = TotpSecret::generate(&SeededRandom::new(7));
        let now = at(1_790_000_010);
        let step = now.as_second() / 30;
        for (off, accepted) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            assert_eq!(secret.accept(&secret.code(step + off), now, None).is_some(), accepted, "{off}");
        }
    }

    #[test]
    fn sr_a02_a_code_works_once() {
        let secret = TotpSecret::generate(&SeededRandom::new(7));
        let now = at(1_790_000_010);
        let code = secret.code(now.as_second() / 30);
        let used = secret.accept(&code, now, None).unwrap();
        assert_eq!(secret.accept(&code, now, Some(used)), None);
        assert_eq!(secret.accept(&code, now + SignedDuration::from_secs(30), Some(used)), None);
        let next = secret.code(used + 1);
        assert_eq!(secret.accept(&next, now, Some(used)), Some(used + 1));
        assert_eq!(secret.accept(&code, now, Some(used + 1)), None, "and none before it");
    }

    #[test]
    fn codes_may_have_a_blank_and_nothing_else() {
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        assert!(secret.accept("287 082", at(59), None).is_some());
        for wrong in ["", "28708", "2870820", "287-082", "２８７０８２", "-87082", &"2".repeat(1_000_000)] {
            assert_eq!(secret.accept(wrong, at(59), None), None);
        }
    }

    #[test]
    fn the_app_is_told_who_and_where() {
        let secret = TotpSecret::from_bytes(*b"12345678901234567890");
        assert_eq!(
            secret.enrolment_uri("Nahraum Süd", "anna&b@x").expose(),
            "otpauth://totp/Nahraum%20S%C3%BCd:anna%26b%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Nahraum%20S%C3%BCd&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{:?}", TotpSecret::generate(&OsRandom)), "•••");
    }

    proptest! {
        #[test]
        fn only_the_three_codes_of_now_are_accepted(code in "[0-9]{6}", second in -1_000_000_000_i64..4_000_000_000) {
            let secret = TotpSecret::generate(&SeededRandom::new(3));
            let step = second.div_euclid(30);
            let right = (step - 1..=step + 1).any(|step| secret.code(step) == code);
            prop_assert_eq!(secret.accept(&code, at(second), None).is_some(), right);
        }
    }
}
