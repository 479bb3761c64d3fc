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

/// The tags of `Accept-Language` (RFC 9110, 12.5.4) in the order of preference, at most ten. What is no tag is passed over.
#[must_use]
pub fn accepted(header: &str) -> Vec<LanguageTag> {
    let mut wanted: Vec<(u32, LanguageTag)> = header.split(',').filter_map(one).take(10).collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.into_iter().filter(|(weight, _)| *weight > 0).map(|(_, tag)| tag).collect()
}

/// `tr;q=0.8`: the weight in thousandths, and the tag.
fn one(part: &str) -> Option<(u32, LanguageTag)> {
    let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
    let weight = match rest.trim().strip_prefix("q=") {
        Some(q) => weight(q.trim())?,
        None => 1_000,
    };
    Some((weight, tag.trim().parse().ok()?))
}

fn weight(q: &str) -> Option<u32> {
    let (whole, rest) = q.split_once('.').unwrap_or((q, ""));
    if rest.len() > 3 || !rest.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match whole {
        "1" => Some(1_000),
        "0" => format!("{rest:0<3}").parse().ok(),
        _ => None,
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

    #[test]
    fn the_first_wish_comes_first() {
        let tags = |header: &str| accepted(header).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(tags("de;q=0.5, ar-SY, tr;q=0.75"), ["ar-SY", "tr", "de"]);
        assert_eq!(tags("*, de;q=0, fa;q=0.001, en;q=2, pl;q=0.1234"), ["fa"]);
        assert_eq!(tags(""), Vec::<String>::new());
    }
}
