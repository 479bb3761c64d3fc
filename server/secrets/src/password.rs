//! Which new passwords of practice staff are taken (SR-A03; OWASP ASVS 5.0, 6.2; NIST SP 800-63B, 5.1.1.2).
//!
//! Fifteen to 128 Unicode characters, no rules about capitals or digits, nothing cut off. What counts is what is left
//! when the words everybody tries first are taken out: `BillstedtHorn2026` is two districts and a year, and nothing
//! else. A list of passwords known from breaches is not part of this crate.

use crate::Secret;

const SHORTEST: usize = 15;
const LONGEST: usize = 128;
/// So many characters must be the person's own.
const OWN: usize = 8;
/// So many different characters there must be.
const DIFFERENT: usize = 5;

/// Words of this product, its district, its trade, and the top of every list of common passwords; folded as in
/// [`folded`]. Where several fit, the longest is taken out.
const WORDS: &[&str] = &[
    // product, district, city
    "gesundheitskiosk",
    "muemmelmannsberg",
    "wilhelmsburg",
    "oejendorf",
    "steilshoop",
    "billbrook",
    "billstedt",
    "hamburg",
    "nahraum",
    "veddel",
    "hamm",
    "horn",
    "jenfeld",
    "rothenburgsort",
    "hansestadt",
    "deutschland",
    "germany",
    "sanktpauli",
    "stpauli",
    "hsv",
    "elbe",
    "alster",
    "moin",
    // trade
    "hausarztpraxis",
    "gemeinschaftspraxis",
    "arztpraxis",
    "hausarzt",
    "praxis",
    "doktor",
    "doctor",
    "arzt",
    "labor",
    "befund",
    "patient",
    "medizin",
    "gesundheit",
    "health",
    "medical",
    "empfang",
    "rezeption",
    "anmeldung",
    // lists of common passwords
    "passwort",
    "password",
    "kennwort",
    "geheim",
    "secret",
    "administrator",
    "admin",
    "root",
    "user",
    "login",
    "welcome",
    "willkommen",
    "letmein",
    "iloveyou",
    "ichliebedich",
    "schatz",
    "hallo",
    "hello",
    "computer",
    "internet",
    "master",
    "monkey",
    "dragon",
    "football",
    "fussball",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "sommer",
    "winter",
    "fruehling",
    "herbst",
    "summer",
    "spring",
    "autumn",
    "schalke",
    "bayern",
    "borussia",
    "daniel",
    "michael",
    "default",
    "changeme",
    "standard",
    "test",
    "demo",
    "start",
    "abc",
];

/// Rows people run along, forwards or backwards.
const ROWS: &[&str] = &[
    "12345678901234567890",
    "qwertzuiopue",
    "qwertyuiop",
    "azertyuiop",
    "asdfghjkl",
    "yxcvbnm",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qay2wsx3edc4rfv5tgb6zhn7ujm8ik9ol0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6z7u8i9o0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "00000000",
    "11111111",
];

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 15 characters.
    #[error("the password needs at least 15 characters; several words in a row are fine")]
    TooShort,
    /// More than 128 characters.
    #[error("the password has more than 128 characters")]
    TooLong,
    /// Little is left without well-known words.
    #[error(
        "the password consists of words and rows that are tried first; please add at least eight characters of your own"
    )]
    TooCommon,
    /// On the list of breached passwords.
    #[error("the password is on a list of passwords that were stolen somewhere; please take another one")]
    Breached,
}

/// Checks a password that somebody wants to set. Whether it is known from a breach is asked afterwards, as that reads a
/// file: [`BreachedPasswords::contains`](crate::BreachedPasswords::contains) and [`PasswordError::Breached`].
///
/// `own_words` are what others know about the person: login, name, name of the practice; those of fewer than three letters
/// are ignored.
///
/// # Errors
/// [`PasswordError`], the first that applies.
pub fn check_new_password(password: &Secret, own_words: &[&str]) -> Result<(), PasswordError> {
    // no character has more than four bytes: whatever is longer need not be counted
    if password.expose().len() > 4 * LONGEST {
        return Err(PasswordError::TooLong);
    }
    match password.expose().chars().count() {
        ..SHORTEST => return Err(PasswordError::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(PasswordError::TooLong),
    }
    let own_words: Vec<String> = own_words.iter().flat_map(|words| words.split_whitespace()).map(folded).collect();
    let plain = Secret::new(folded(password.expose()));
    let spelled = Secret::new(plain.expose().chars().map(meant).collect::<String>());
    let strong = [&plain, &spelled].into_iter().all(|text| is_own(text.expose(), &own_words));
    if strong { Ok(()) } else { Err(PasswordError::TooCommon) }
}

/// Whether enough is left, and enough of it differs.
fn is_own(text: &str, own_words: &[String]) -> bool {
    let left = Secret::new(without_known(text, own_words));
    let mut different: Vec<char> = left.expose().chars().collect();
    let own = different.len();
    different.sort_unstable();
    different.dedup();
    own >= OWN && different.len() >= DIFFERENT
}

/// The text without the words, rows and years everybody knows.
fn without_known(text: &str, own_words: &[String]) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let known = own_words.iter().map(String::as_str).filter(|word| word.len() >= 3).chain(WORDS.iter().copied());
        if let Some(behind) = known.filter_map(|word| rest.strip_prefix(word)).min_by_key(|behind| behind.len()) {
            rest = behind;
        } else if let Some(behind) = behind_row_or_year(rest) {
            rest = behind;
        } else {
            left.push(first);
            rest = rest.strip_prefix(first).unwrap_or_default();
        }
    }
    left
}

/// What follows four characters of a row or a year between 1900 and 2099, if the text starts with such.
fn behind_row_or_year(text: &str) -> Option<&str> {
    let (at, _) = text.char_indices().nth(3)?;
    let (three, last_on) = text.split_at_checked(at)?;
    let last = last_on.chars().next()?;
    let four = format!("{three}{last}");
    let year = (four.starts_with("19") || four.starts_with("20")) && four.bytes().all(|byte| byte.is_ascii_digit());
    let backwards: String = four.chars().rev().collect();
    let row = || ROWS.iter().any(|row| row.contains(&four) || row.contains(&backwards));
    if year || row() { last_on.strip_prefix(last) } else { None }
}

/// Small letters, umlauts written out, nothing but letters and digits of any script.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            '@' | '$' => folded.push(character),
            other if other.is_alphanumeric() => folded.push(other),
            _ => {}
        }
    }
    folded
}

/// The letter a digit or sign stands for in spellings like `P4$$w0rt`.
const fn meant(character: char) -> char {
    match character {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(password: &str) -> Result<(), PasswordError> {
        check_new_password(&Secret::new(password), &["anna.meyer", "Praxis Öztürk"])
    }

    #[test]
    fn sr_a03_passwords_are_judged_by_what_is_left_of_them() {
        for (password, expected) in [
            ("", Err(PasswordError::TooShort)),
            ("vier Zeichen xy", Ok(())),
            ("vierzehn-Zeich", Err(PasswordError::TooShort)),
            ("korrekt pferd batterie klammer", Ok(())),
            ("BillstedtHorn2026", Err(PasswordError::TooCommon)),
            ("Nahraum-Hamburg-2026!", Err(PasswordError::TooCommon)),
            ("N@hr4um-H4mburg-2026!", Err(PasswordError::TooCommon)),
            ("Mümmelmannsberg1", Err(PasswordError::TooCommon)),
            ("passwortpasswort", Err(PasswordError::TooCommon)),
            ("P4$$w0rt-P4$$w0rt", Err(PasswordError::TooCommon)),
            ("qwertzuiop12345", Err(PasswordError::TooCommon)),
            ("poiuztrewq09876", Err(PasswordError::TooCommon)),
            ("1qay2wsx3edc4rfv", Err(PasswordError::TooCommon)),
            ("123456789012345", Err(PasswordError::TooCommon)),
            ("aaaaaaaaaaaaaaa", Err(PasswordError::TooCommon)),
            ("abababababababab", Err(PasswordError::TooCommon)),
            ("Sommer2026Sommer2027", Err(PasswordError::TooCommon)),
            ("Praxis.Öztürk.Anna.Meyer", Err(PasswordError::TooCommon)),
            ("- - - - - - - - - - -", Err(PasswordError::TooCommon)),
            ("dreizehn Wale üben heimlich Walzer", Ok(())),
            ("كلمة سر طويلة جدا هنا", Ok(())),
            ("длинный пароль врача", Ok(())),
            ("hamburg vk7q-Zauberflöte", Ok(())),
            ("kX9#vQ2!mZ7@pL4", Ok(())),
        ] {
            assert_eq!(check(password), expected, "{password}");
        }
    }

    #[test]
    fn sr_a03_lengths_are_counted_in_characters() {
        let long: String = "korrekt pferd batterie klammer ".chars().cycle().take(128).collect();
        assert_eq!(check(&long), Ok(()));
        assert_eq!(check(&format!("{long}x")), Err(PasswordError::TooLong));
        assert_eq!(check(&long.replace('k', "🐎")), Ok(()));
        assert_eq!(check(&"🐎".repeat(129)), Err(PasswordError::TooLong));
        assert_eq!(check(&"x".repeat(1_000_000)), Err(PasswordError::TooLong));
        assert_eq!(check(&"🐎".repeat(14)), Err(PasswordError::TooShort));
    }

    #[test]
    fn the_lists_are_folded_as_passwords_are() {
        for word in WORDS.iter().chain(ROWS) {
            assert_eq!(folded(word), **word);
        }
    }

    proptest! {
        #[test]
        fn judging_never_panics(text in "\\PC{0,140}", word in "\\PC{0,20}") {
            let judged = check_new_password(&Secret::new(text.clone()), &[&word]);
            prop_assert_eq!(judged == Err(PasswordError::TooShort), text.chars().count() < 15);
        }
    }
}
