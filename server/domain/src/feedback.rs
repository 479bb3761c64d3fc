//! What people say about an offer without saying who they are: a closed list of words, and a few of their own.

/// The most characters of somebody's own words.
pub const LONGEST: usize = 500;

/// How many have to doubt an offer since it was confirmed last, for it to be due at once.
pub const DOUBTS: i32 = 3;

/// From how many digits on something is taken for a telephone number.
const NUMBER: usize = 7;

/// Whether an offer helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helpful {
    /// It did.
    Yes,
    /// In parts.
    Partly,
    /// It did not.
    No,
}

impl Helpful {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Partly, Self::No];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }

    /// The answer with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == word)
    }
}

/// What was so, or not as it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// It takes place at other times.
    WrongTimes,
    /// It does not exist any more.
    Gone,
    /// One could not get in: steps, a closed door.
    NoAccess,
    /// Nobody spoke the language that it says.
    Language,
    /// It costs something else.
    Cost,
    /// There was no place left.
    Full,
    /// People were friendly.
    Friendly,
}

impl Tag {
    /// Every tag.
    pub const ALL: [Self; 7] =
        [Self::WrongTimes, Self::Gone, Self::NoAccess, Self::Language, Self::Cost, Self::Full, Self::Friendly];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongTimes => "wrong-times",
            Self::Gone => "gone",
            Self::NoAccess => "no-access",
            Self::Language => "language",
            Self::Cost => "cost",
            Self::Full => "full",
            Self::Friendly => "friendly",
        }
    }

    /// The tag with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.as_str() == word)
    }

    /// Whether it doubts that the offer is true.
    #[must_use]
    pub const fn doubts(self) -> bool {
        match self {
            Self::WrongTimes | Self::Gone => true,
            Self::NoAccess | Self::Language | Self::Cost | Self::Full | Self::Friendly => false,
        }
    }
}

/// Whether somebody's own words lead to a person: a mail address, or a telephone number (it begins with `0` or `+` and has seven
/// digits and more, in any script; a date is none).
#[must_use]
pub fn leads_to_somebody(text: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    let around = text.split('@').zip(text.split('@').skip(1));
    around.into_iter().any(|(before, after)| is_part(before.chars().last()) && is_part(after.chars().next()))
        || runs(text).iter().any(|run| is_number(run))
}

/// Pieces of a text that are digits and what stands between the digits of a number.
fn runs(text: &str) -> Vec<String> {
    let kept = |c: char| c.is_numeric() || matches!(c, '+' | ' ' | '-' | '/' | '(' | ')' | '.' | '\u{a0}');
    let around = |c: char| !c.is_numeric() && c != '+' && c != '(';
    text.split(|c: char| !kept(c))
        .map(|run| run.trim_matches(around).to_owned())
        .filter(|run| !run.is_empty())
        .collect()
}

fn is_number(run: &str) -> bool {
    let digits = run.chars().filter(|c| c.is_numeric()).count();
    let begins = run.trim_start_matches(['(', ' ']).starts_with(['+', '0', '\u{660}', '\u{6f0}']);
    begins && digits >= NUMBER && !is_date(run)
}

/// `01.12.2026`, `01-12-2026`, `01/12/26`: days of which the first begins with a zero.
fn is_date(run: &str) -> bool {
    let parts: Vec<usize> = run.split(['.', '-', '/']).map(|part| part.trim().chars().count()).collect();
    matches!(parts[..], [1..=2, 1..=2, 2 | 4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_and_two_of_them_doubt() {
        assert!(Helpful::ALL.into_iter().all(|answer| Helpful::parse(answer.as_str()) == Some(answer)));
        assert!(Tag::ALL.into_iter().all(|tag| Tag::parse(tag.as_str()) == Some(tag)));
        assert_eq!(Tag::ALL.into_iter().filter(|tag| tag.doubts()).count(), 2);
    }

    #[test]
    fn addresses_and_numbers_are_found_in_any_script_and_dates_and_times_are_not() {
        for text in [
            "Schreiben Sie an frau.k@example.org!",
            "040 123 45 67",
            "Tel. 0176/1234567",
            "+49 (0)40 / 123-456",
            "(040) 123456",
            "هاتف ٠٤٠١٢٣٤٥٦",
        ] {
            assert!(leads_to_somebody(text), "{text}");
        }
        for text in [
            "",
            "Um 18:00 bis 20:00 Uhr war zu.",
            "Am 01.12.2026 war niemand da.",
            "Nicht 10 Euro, sondern 15,50.",
            "Am 01.12. und am 02.12. war zu.",
            "20 Leute @ 3 Tischen",
            "20537 Hamburg, Bus 130, 2026",
        ] {
            assert!(!leads_to_somebody(text), "{text}");
        }
    }
}
