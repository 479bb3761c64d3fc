//! Language tags (BCP 47, RFC 5646): any that is well-formed. Which languages there are is data of the installation.

use std::{fmt, str::FromStr};

use oxilangtag::LanguageTag as Parsed;

/// The longest tag, in bytes.
const LONGEST: usize = 35;

/// A language by its tag, written as RFC 5646, 2.1.1 recommends: `de`, `de-simple`, `fa-AF`, `sr-Cyrl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(String);

/// A text that is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language tag")]
pub struct NotATag;

impl LanguageTag {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script, region and variants: `fa` of `fa-AF`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LanguageTag {
    type Err = NotATag;

    fn from_str(text: &str) -> Result<Self, NotATag> {
        if text.len() > LONGEST {
            return Err(NotATag);
        }
        let tag = Parsed::parse_and_normalize(text).map_err(|_| NotATag)?;
        // A text is in a language: not in a private one, and not in none at all.
        if tag.primary_language().is_empty() || tag.as_str().starts_with("x-") || tag.extension().is_some() {
            return Err(NotATag);
        }
        Ok(Self(tag.as_str().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Result<String, NotATag> {
        text.parse::<LanguageTag>().map(|tag| tag.to_string())
    }

    #[test]
    fn a_tag_has_one_spelling() {
        for (text, written) in [
            ("de", "de"),
            ("DE-Simple", "de-simple"),
            ("fa-af", "fa-AF"),
            ("SR-cyrl", "sr-Cyrl"),
            ("zh-hant-hk", "zh-Hant-HK"),
        ] {
            assert_eq!(tag(text).as_deref(), Ok(written));
        }
        for text in ["", "x-klingon", "deutsch!", "de_DE", "*", "a", "de-u-co-phonebk", "de-0123456789"] {
            assert_eq!(tag(text), Err(NotATag), "{text}");
        }
        assert_eq!("fa-AF".parse::<LanguageTag>().unwrap().primary(), "fa");
    }
}
