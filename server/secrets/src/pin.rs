//! A resident's PIN: six digits, and none that others would try first.
//!
//! The server checks a PIN only together with the device secret and counts wrong tries, so one in a million is enough,
//! provided it is not among the handful everybody knows (SR-B04; NIST SP 800-63B, 5.1.1.2).

use std::fmt;

use jiff::civil::Date;
use zeroize::Zeroizing;

use crate::{EnteredCode, Secret};

const LENGTH: usize = 6;
type Digits = [u8; LENGTH];

/// What people choose most often beyond sequences and repetitions (patterns on the keypad, mirrored and paired digits).
const COMMON: [&[u8; LENGTH]; 24] = [
    b"102030", b"112233", b"111222", b"113355", b"121314", b"123321", b"123654", b"142536", b"147258", b"147852",
    b"159357", b"159753", b"192837", b"222333", b"223344", b"258369", b"321654", b"332211", b"456123", b"654123",
    b"741852", b"753951", b"789456", b"987456",
];

/// Why a PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Something else than six digits.
    #[error("the PIN has six digits")]
    NotSixDigits,
    /// Like 123456, 987654 or 024680.
    #[error("digits in a row are tried first; please choose another PIN")]
    Sequence,
    /// Like 111111, 121212 or 123123.
    #[error("repeated digits are tried first; please choose another PIN")]
    Repetition,
    /// Known from lists of frequent PINs.
    #[error("many people use this PIN; please choose another one")]
    Common,
    /// The person's date of birth.
    #[error("a date of birth is known to others; please choose another PIN")]
    BirthDate,
    /// Made from the activation code.
    #[error("the activation code stands on the letter; please choose another PIN")]
    ActivationCode,
}

/// What is known about the person at the moment a PIN is chosen.
#[derive(Debug, Default)]
pub struct PinFacts<'a> {
    /// The date of birth, when it was just entered.
    pub birth_date: Option<Date>,
    /// The activation code, when it was just entered.
    pub code: Option<&'a EnteredCode>,
}

/// Six digits, as ASCII whatever script they were typed in.
pub struct Pin(Zeroizing<Digits>);

impl Pin {
    /// Reads six digits: European, Arabic-Indic (U+0660) or Persian and Urdu ones (U+06F0). For signing in.
    ///
    /// # Errors
    /// [`PinError::NotSixDigits`] for everything else.
    pub fn parse(text: &str) -> Result<Self, PinError> {
        let mut digits = Zeroizing::new(Digits::default());
        let mut typed = text.chars();
        for place in digits.iter_mut() {
            *place = typed.next().and_then(ascii_digit).ok_or(PinError::NotSixDigits)?;
        }
        if typed.next().is_none() { Ok(Self(digits)) } else { Err(PinError::NotSixDigits) }
    }

    /// Reads six digits and refuses those that are easily guessed. For setting a PIN.
    ///
    /// # Errors
    /// [`PinError`], the first that applies.
    pub fn choose(text: &str, facts: &PinFacts<'_>) -> Result<Self, PinError> {
        let pin = Self::parse(text)?;
        pin.refuse_patterns()?;
        if facts.birth_date.is_some_and(|date| is_date(&pin.0, date)) {
            return Err(PinError::BirthDate);
        }
        match facts.code {
            Some(EnteredCode::Manual(code)) if is_in_code(&pin.0, code.characters()) => Err(PinError::ActivationCode),
            // nobody can read digits out of a QR code
            Some(EnteredCode::Manual(_) | EnteredCode::Qr { .. }) | None => Ok(pin),
        }
    }

    /// The digits for the hasher.
    #[must_use]
    pub fn into_secret(self) -> Secret {
        Secret::new(self.0.iter().copied().map(char::from).collect::<String>())
    }

    fn refuse_patterns(&self) -> Result<(), PinError> {
        let digits = &*self.0;
        let repeats_after = |period| digits.iter().zip(digits.iter().skip(period)).all(|(one, later)| one == later);
        if [1, 2, 3].into_iter().any(repeats_after) {
            return Err(PinError::Repetition);
        }
        let mut steps = digits.iter().zip(digits.iter().skip(1)).map(|(one, next)| (next + 10 - one) % 10);
        let first = steps.next();
        if steps.all(|step| Some(step) == first) {
            return Err(PinError::Sequence);
        }
        if COMMON.contains(&digits) { Err(PinError::Common) } else { Ok(()) }
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

fn ascii_digit(typed: char) -> Option<u8> {
    let value = match typed {
        '0'..='9' => u32::from(typed) - u32::from('0'),
        '\u{0660}'..='\u{0669}' => u32::from(typed) - 0x0660,
        '\u{06F0}'..='\u{06F9}' => u32::from(typed) - 0x06F0,
        _ => return None,
    };
    u8::try_from(value).ok().map(|value| b'0' + value)
}

/// Whether the digits are the date in one of the orders people write it, forwards or backwards.
fn is_date(digits: &Digits, date: Date) -> bool {
    let (day, month, year) = (date.day(), date.month(), date.year());
    let short_year = year.rem_euclid(100);
    let written = Zeroizing::new([
        format!("{day:02}{month:02}{short_year:02}"),
        format!("{month:02}{day:02}{short_year:02}"),
        format!("{short_year:02}{month:02}{day:02}"),
        format!("{short_year:02}{day:02}{month:02}"),
        format!("{month:02}{year:04}"),
        format!("{year:04}{month:02}"),
        format!("{day:02}{year:04}"),
        format!("{year:04}{day:02}"),
        format!("{day}{month}{year:04}"),
        format!("{year:04}{day}{month}"),
        format!("{year:04}{month}{day}"),
    ]);
    written.iter().any(|written| is_within(digits, written.as_bytes()))
}

/// Whether the digits stand one after the other in the code's digits alone, or in the code typed on a telephone's keypad.
fn is_in_code(digits: &Digits, code: impl Iterator<Item = char>) -> bool {
    let code: Zeroizing<String> = Zeroizing::new(code.collect());
    let alone: Zeroizing<Vec<u8>> = Zeroizing::new(code.bytes().filter(u8::is_ascii_digit).collect());
    let keypad: Zeroizing<Vec<u8>> = Zeroizing::new(code.bytes().map(keypad_digit).collect());
    is_within(digits, &alone) || is_within(digits, &keypad)
}

/// Forwards or backwards.
fn is_within(digits: &Digits, text: &[u8]) -> bool {
    text.windows(LENGTH).any(|part| part == digits || part.iter().rev().eq(digits))
}

/// The key a letter stands on (ITU-T E.161).
const fn keypad_digit(character: u8) -> u8 {
    match character {
        b'A'..=b'C' => b'2',
        b'D'..=b'F' => b'3',
        b'G'..=b'I' => b'4',
        b'J'..=b'L' => b'5',
        b'M'..=b'O' => b'6',
        b'P'..=b'S' => b'7',
        b'T'..=b'V' => b'8',
        b'W'..=b'Z' => b'9',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{ActivationCode, OsRandom};

    fn choose(text: &str) -> Result<String, PinError> {
        Pin::choose(text, &PinFacts::default()).map(|pin| pin.into_secret().expose().to_owned())
    }

    #[test]
    fn digits_of_three_scripts_are_one_pin() {
        for typed in ["483920", "٤٨٣٩٢٠", "۴۸۳۹۲۰", "٤8۳٩2۰"] {
            assert_eq!(choose(typed).as_deref(), Ok("483920"), "{typed}");
        }
    }

    #[test]
    fn other_than_six_digits_is_no_pin() {
        for wrong in
            ["", "48392", "4839201", "48392a", " 483920", "483 920", "४८३९२०", "４８３９２０", "-83920", "48392²"]
        {
            assert_eq!(Pin::parse(wrong).unwrap_err(), PinError::NotSixDigits, "{wrong}");
        }
        assert!(Pin::parse(&"4".repeat(1_000_000)).is_err());
    }

    #[test]
    fn patterns_are_refused_when_choosing_and_taken_when_signing_in() {
        for (weak, error) in [
            ("000000", PinError::Repetition),
            ("777777", PinError::Repetition),
            ("121212", PinError::Repetition),
            ("123123", PinError::Repetition),
            ("907907", PinError::Repetition),
            ("123456", PinError::Sequence),
            ("654321", PinError::Sequence),
            ("567890", PinError::Sequence),
            ("890123", PinError::Sequence),
            ("098765", PinError::Sequence),
            ("024680", PinError::Sequence),
            ("963074", PinError::Sequence),
            ("112233", PinError::Common),
            ("159753", PinError::Common),
            ("١٢٣٤٥٦", PinError::Sequence),
        ] {
            assert_eq!(choose(weak), Err(error), "{weak}");
            Pin::parse(weak).unwrap();
        }
        for fine in ["123457", "483920", "001001".replace('1', "7").as_str(), "112234"] {
            assert_eq!(choose(fine).is_ok(), fine != "007007", "{fine}");
        }
    }

    /// The policy must not shrink a million PINs noticeably.
    #[test]
    fn few_of_the_million_are_refused() {
        let refused = (0..1_000_000).filter(|pin| choose(&format!("{pin:06}")).is_err()).count();
        assert!((1_000..1_250).contains(&refused), "{refused}");
    }

    #[test]
    fn the_birth_date_is_refused_in_every_order() {
        let facts = PinFacts { birth_date: Some(date(1961, 4, 30)), code: None };
        for weak in ["300461", "043061", "610430", "613004", "041961", "196104", "301961", "196130", "164003", "304196"]
        {
            assert_eq!(Pin::choose(weak, &facts).unwrap_err(), PinError::BirthDate, "{weak}");
        }
        Pin::choose("300462", &facts).unwrap();
        let early = PinFacts { birth_date: Some(date(2003, 7, 5)), code: None };
        for weak in ["050703", "572003", "200375", "030705"] {
            assert_eq!(Pin::choose(weak, &early).unwrap_err(), PinError::BirthDate, "{weak}");
        }
    }

    /// SR-B04
    #[test]
    fn sr_b04_the_activation_code_is_refused_as_a_pin() {
        let code = "A2B3C4D5E6F7";
        for (weak, expected) in [
            ("234567", true),
            ("765432", true),
            ("223243", true),
            ("243536", true),
            ("223342", false),
            ("353637", true),
            ("483920", false),
        ] {
            let digits: Digits = weak.as_bytes().try_into().unwrap();
            assert_eq!(is_in_code(&digits, code.chars()), expected, "{weak}");
        }
    }

    #[test]
    fn a_real_code_is_refused_on_the_keypad_and_a_qr_code_knows_no_digits() {
        for _ in 0..50 {
            let code = ActivationCode::generate(&OsRandom);
            let keypad: String =
                code.secret().expose().bytes().take(6).map(|character| char::from(keypad_digit(character))).collect();
            let typed = EnteredCode::parse(code.manual_text().expose()).unwrap();
            let scanned = EnteredCode::parse(code.qr_fragment("hh").expose()).unwrap();
            assert!(Pin::choose(&keypad, &PinFacts { birth_date: None, code: Some(&typed) }).is_err());
            assert_eq!(
                Pin::choose(&keypad, &PinFacts { birth_date: None, code: Some(&scanned) }).is_ok(),
                choose(&keypad).is_ok()
            );
        }
    }

    #[test]
    fn a_pin_prints_dots() {
        assert_eq!(format!("{:?}", Pin::parse("483920").unwrap()), "•••");
    }

    proptest! {
        #[test]
        fn choosing_never_panics(text in any::<String>(), digits in "[0-9٠-٩۰-۹]{6}", year in 1..=9999_i16) {
            let facts = PinFacts { birth_date: Some(date(year, 2, 28)), code: None };
            prop_assert!(Pin::choose(&text, &facts).is_err() || text.chars().count() == 6);
            drop(Pin::choose(&digits, &facts));
            prop_assert!(Pin::parse(&digits).is_ok());
        }
    }
}
