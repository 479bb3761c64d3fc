//! Texts in people's languages: which one somebody gets, and what has to be said with it.
//!
//! A language is data of the installation, by its BCP 47 tag (RFC 5646), never a list in the program. Facts (times, places, prices)
//! stand beside the texts, so that they are right in every language; a text says of itself what it really is.

/// Where a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A person wrote it.
    Human,
    /// A machine translated it. That has to be said (AI Act, Art. 50(4)).
    Machine,
    /// A machine translated it, and a person who can has looked at what it says.
    MachineReviewed,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 3] = [Self::Human, Self::Machine, Self::MachineReviewed];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Machine => "machine",
            Self::MachineReviewed => "machine-reviewed",
        }
    }

    /// The origin with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }

    /// Whether a text of this origin may be public in a language. Plain language by a machine alone is none: that people with
    /// learning difficulties have checked it is part of what it is (DIN SPEC 33429).
    #[must_use]
    pub fn may_be_public(self, tag: &str) -> bool {
        self != Self::Machine || !is_plain(tag)
    }
}

/// Whether a tag means plain language: it has the registered variant `simple`.
#[must_use]
pub fn is_plain(tag: &str) -> bool {
    tag.split('-').skip(1).any(|part| part.eq_ignore_ascii_case("simple"))
}

/// Whether a text is behind: what it was made from has changed since in a way that matters.
#[must_use]
pub const fn is_stale(made_from: i32, now: i32) -> bool {
    made_from < now
}

/// Which of the languages a text is there in somebody gets who asked for these, the best wish first: exactly that, or less and less of
/// the tag (RFC 4647, 3.4); then `default`, then the first that is there. None when there is no text at all.
#[must_use]
pub fn choose<'a>(asked: &[&str], default: &str, there: &[&'a str]) -> Option<&'a str> {
    let find = |wanted: &str| there.iter().find(|tag| tag.eq_ignore_ascii_case(wanted)).copied();
    let mut wishes = asked.iter().copied().chain([default]);
    wishes.find_map(|tag| shorter(tag).find_map(find)).or_else(|| there.first().copied())
}

/// Whether somebody who asked for `asked` got something else: not that language in that script and form, nor a wider one of it.
#[must_use]
pub fn is_fallback(asked: &str, got: &str) -> bool {
    !shorter(asked).any(|tag| tag.eq_ignore_ascii_case(got)) || is_plain(asked) != is_plain(got)
}

/// A tag, and what is left of it from the end: `fa-Arab-AF`, `fa-Arab`, `fa`.
fn shorter(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |rest| rest.rsplit_once('-').map(|(before, _)| before))
}

/// Whether a language is written from right to left, by its tag: by its script if that is named, or by the language.
#[must_use]
pub fn is_right_to_left(tag: &str) -> bool {
    const SCRIPTS: [&str; 7] = ["arab", "hebr", "syrc", "thaa", "nkoo", "rohg", "adlm"];
    const LANGUAGES: [&str; 13] = ["ar", "arc", "ckb", "dv", "fa", "he", "pes", "prs", "ps", "sd", "ug", "ur", "yi"];
    let mut parts = tag.split('-').map(str::to_ascii_lowercase);
    let language = parts.next().unwrap_or_default();
    match parts.find(|part| part.len() == 4 && part.chars().all(|c| c.is_ascii_alphabetic())) {
        Some(script) => SCRIPTS.contains(&script.as_str()),
        None => LANGUAGES.contains(&language.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_arabic_and_gets_german_gets_it_as_german() {
        let got = choose(&["ar"], "de", &["de", "tr"]).unwrap();
        assert_eq!((got, is_right_to_left(got)), ("de", false));
        assert_eq!(choose(&["ar-EG"], "de", &["de", "ar"]), Some("ar"));
        assert_eq!(choose(&["de-simple"], "de", &["tr", "de"]), Some("de"));
        assert_eq!(choose(&["pl"], "de", &["tr"]), Some("tr"));
        assert_eq!(choose(&["pl"], "de", &[]), None);
        assert_eq!(
            choose(&["ku", "tr", "ar"], "de", &["ar", "de", "tr"]),
            Some("tr"),
            "the next wish before the default"
        );
        for (asked, got, fallback) in [
            ("ar", "de", true),
            ("ar-EG", "ar", false),
            ("de-simple", "de", true),
            ("de", "de", false),
            ("fa", "fa-AF", true),
        ] {
            assert_eq!(is_fallback(asked, got), fallback, "{asked} {got}");
        }
    }

    #[test]
    fn a_script_beats_the_language() {
        for (tag, rtl) in [
            ("fa", true),
            ("prs", true),
            ("ur-PK", true),
            ("ku-Arab", true),
            ("ku", false),
            ("az-Arab-IR", true),
            ("ps-Latn", false),
            ("de-simple", false),
            ("ru", false),
            ("AR", true),
        ] {
            assert_eq!(is_right_to_left(tag), rtl, "{tag}");
        }
    }

    #[test]
    fn plain_language_by_a_machine_alone_is_never_public() {
        assert!(!Origin::Machine.may_be_public("de-simple"));
        assert!(Origin::Machine.may_be_public("de") && Origin::MachineReviewed.may_be_public("de-simple"));
        assert!(!is_plain("simple") && is_stale(1, 2) && !is_stale(2, 2));
    }
}
