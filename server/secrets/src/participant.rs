//! Participant codes: what somebody says at the door in place of a name, `ABC-DEF`.
//!
//! Six of the 31 characters of our activation codes, 29.7 bits: no secret, and nothing is opened with it. It is long enough that nobody
//! guesses one of the few hundred at a date.

use crate::{Random, code::ALPHABET, random::random_below};

/// A fresh code.
#[must_use]
pub fn participant_code(random: &dyn Random) -> String {
    let drawn = random_below::<6>(random, 31);
    let characters = drawn.iter().filter_map(|value| ALPHABET.get(usize::from(*value)).copied().map(char::from));
    let mut code: String = characters.collect();
    code.insert(3, '-');
    code
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::SeededRandom;

    #[test]
    fn codes_are_short_and_hardly_ever_the_same() {
        let random = SeededRandom::new(7);
        let codes: BTreeSet<String> = (0..1_000).map(|_| participant_code(&random)).collect();
        assert_eq!(codes.len(), 1_000);
        assert!(codes.iter().all(|code| code.len() == 7 && code.as_bytes()[3] == b'-'));
        assert!(codes.iter().flat_map(|code| code.bytes()).all(|c| c == b'-' || ALPHABET.contains(&c)));
    }
}
