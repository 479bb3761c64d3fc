//! User codes (RFC 8628, 6.1): what a person types on one screen to let in the software that shows it on another.
//!
//! `XXXX-XXXX` of the 31 characters of our activation codes, 39.6 bits. That is little, and enough: such a code lives
//! some minutes, waits for one confirmation, and the tries are counted. It is looked up by its keyed hash, so that who
//! reads the database cannot list the open ones.

use std::fmt;

use zeroize::Zeroizing;

use crate::{
    KeyedHash, LookupKey, Random, Secret,
    code::{ALPHABET, is_separator},
    random::random_below,
};

const LENGTH: usize = 8;
/// Longer than anybody types it, with hyphens and spaces.
const MAX_TYPED: usize = 64;
/// The column its hash stands in.
const CONTEXT: &str = "user-code";

/// A user code: just made, to be shown, or just typed.
///
/// ```compile_fail,E0369
/// # use nahraum_secrets::{OsRandom, UserCode};
/// let equal = UserCode::generate(&OsRandom) == UserCode::generate(&OsRandom);
/// ```
pub struct UserCode(Zeroizing<[u8; LENGTH]>);

/// A text that cannot be a user code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the code has eight characters, none of them 0, O, 1, I or L")]
pub struct NotAUserCode;

impl UserCode {
    /// A fresh code.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let drawn = Zeroizing::new(random_below::<LENGTH>(random, 31));
        let mut code = Zeroizing::new([0; LENGTH]);
        for (place, value) in code.iter_mut().zip(drawn.iter()) {
            *place = ALPHABET.get(usize::from(*value)).copied().unwrap_or_default();
        }
        Self(code)
    }

    /// Reads a typed code: capitals or not, with or without spaces and hyphens.
    ///
    /// # Errors
    /// [`NotAUserCode`] for another length or a character that no code has.
    pub fn parse(typed: &str) -> Result<Self, NotAUserCode> {
        if typed.len() > MAX_TYPED {
            return Err(NotAUserCode);
        }
        let mut code = Zeroizing::new([0; LENGTH]);
        let mut places = code.iter_mut();
        for character in typed.chars().filter(|character| !is_separator(*character)) {
            let capital = u8::try_from(character.to_ascii_uppercase()).map_err(|_| NotAUserCode)?;
            if !ALPHABET.contains(&capital) {
                return Err(NotAUserCode);
            }
            *places.next().ok_or(NotAUserCode)? = capital;
        }
        if places.next().is_none() { Ok(Self(code)) } else { Err(NotAUserCode) }
    }

    /// The code as it is shown: `ABCD-EFGH`.
    #[must_use]
    pub fn shown(&self) -> Secret {
        let (first, second) = self.0.split_at(LENGTH / 2);
        let characters = first.iter().chain(b"-").chain(second);
        Secret::new(characters.map(|character| char::from(*character)).collect::<String>())
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn lookup(&self, key: &LookupKey) -> KeyedHash {
        key.hash(CONTEXT, self.0.as_slice())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{OsRandom, RootSecret, SeededRandom};

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let key = RootSecret::from_random(&SeededRandom::new(1)).keys().lookups;
        let code = UserCode::generate(&OsRandom);
        let shown = code.shown().expose().to_owned();
        assert_eq!((shown.len(), shown.find('-')), (9, Some(4)));
        for typed in
            [shown.clone(), shown.to_lowercase(), shown.replace('-', ""), format!(" {} ", shown.replace('-', " - "))]
        {
            assert!(UserCode::parse(&typed).unwrap().lookup(&key).matches(&code.lookup(&key)), "{typed}");
        }
        assert_eq!(format!("{code:?}"), "•••");
    }

    #[test]
    fn everything_else_is_refused() {
        for wrong in ["", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFG0", "ABCD-EFGL", "ÄBCD-EFGH", &"A".repeat(1_000_000)] {
            assert_eq!(UserCode::parse(wrong).unwrap_err(), NotAUserCode);
        }
    }

    #[test]
    fn all_characters_come_up_and_codes_differ() {
        let random = SeededRandom::new(7);
        let codes: HashSet<String> =
            (0..10_000).map(|_| UserCode::generate(&random).shown().expose().to_owned()).collect();
        assert_eq!(codes.len(), 10_000);
        let characters: HashSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(characters.len(), 32);
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_typed(text in "[ -~]{0,20}") {
            if let Ok(code) = UserCode::parse(&text) {
                let typed: String = text.to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
                prop_assert_eq!(code.shown().expose().replace('-', ""), typed);
            }
        }
    }
}
