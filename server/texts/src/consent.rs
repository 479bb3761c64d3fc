//! Consent texts: versioned, hashed, immutable once published (GDPR Art. 7(1), SR-Z09).
//!
//! German is binding. A translation says which German text it translates by that text's hash.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{catalogue::texts, language::Language};

/// The purpose every resident is asked about first: receiving findings at all.
pub const BASE_PURPOSE: &str = "base";

/// One text a resident says yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentText {
    /// What the consent is for, e.g. [`BASE_PURPOSE`].
    pub purpose: String,
    /// Counts up with every new wording, from 1.
    pub version: u32,
    /// The language of the text.
    pub language: Language,
    /// The heading.
    pub title: String,
    /// The text.
    pub paragraphs: Vec<String>,
    /// SHA-256 over the canonical form, in lower-case hexadecimal: the title and the paragraphs in their order, joined
    /// by two line feeds, in UTF-8, without anything before or after.
    pub sha256: String,
    /// The `sha256` of the German text of the same purpose and version; none for German itself.
    pub translation_of: Option<String>,
}

/// The newest text for a purpose, if the purpose is known.
#[must_use]
pub fn consent_text(purpose: &str, language: Language) -> Option<&'static ConsentText> {
    texts(language).consents.iter().filter(|text| text.purpose == purpose).max_by_key(|text| text.version)
}

/// A consent text as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentWords {
    purpose: String,
    version: u32,
    title: String,
    paragraphs: Vec<String>,
}

impl ConsentWords {
    pub(crate) fn publish(self, language: Language) -> ConsentText {
        let translation_of = match language {
            Language::De => None,
            Language::DeSimple
            | Language::En
            | Language::Tr
            | Language::Ar
            | Language::Fa
            | Language::Ru
            | Language::Pl => texts(Language::De)
                .consents
                .iter()
                .find(|german| german.purpose == self.purpose && german.version == self.version)
                .map(|german| german.sha256.clone()),
        };
        ConsentText {
            sha256: canonical_hash(&self.title, &self.paragraphs),
            translation_of,
            purpose: self.purpose,
            version: self.version,
            language,
            title: self.title,
            paragraphs: self.paragraphs,
        }
    }
}

fn canonical_hash(title: &str, paragraphs: &[String]) -> String {
    let mut hash = Sha256::new();
    hash.update(title);
    for paragraph in paragraphs {
        hash.update("\n\n");
        hash.update(paragraph);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// People have agreed to exactly these words. A hash here is never changed: write a new version instead.
    const PUBLISHED: [(&str, u32, Language, &str); 8] = [
        (BASE_PURPOSE, 1, Language::De, "8b1f8121512a7910a34c6e0935f2806f2a54f13650f749c562f1e04b171ede7d"),
        (BASE_PURPOSE, 1, Language::DeSimple, "6e94b2dde84f29a4ff4dba468472087cbe00ee820db637070819c0b5eca1c59d"),
        (BASE_PURPOSE, 1, Language::En, "f4a0103dc07bf8c6da249bf3c9dfda579b8720494dbe72345879408431cf0ba5"),
        (BASE_PURPOSE, 1, Language::Tr, "502d5e77419d940948283cf949e632d79120e83a0cda3fd7f6faaf847c5e6d04"),
        (BASE_PURPOSE, 1, Language::Ar, "02436503c7b9e89e39e6b3915053ac2fb2f6d85d4ff2bd5b7f4904f823464652"),
        (BASE_PURPOSE, 1, Language::Fa, "e6a00bd01bd5f3d0ec96bf07cc610025501b44b1325bb5a288a635104eaabdfd"),
        (BASE_PURPOSE, 1, Language::Ru, "bdb7bf534a46544773bc7ee650ed7d47c072fef7754c1d9e550e2dc8afa15a56"),
        (BASE_PURPOSE, 1, Language::Pl, "6de99c3f067d3a0a57739cfae684ae30e044990e1827208078e920d448c2ad66"),
    ];

    #[test]
    fn published_texts_have_not_changed() {
        for (purpose, version, language, sha256) in PUBLISHED {
            let text = texts(language).consents.iter().find(|t| t.purpose == purpose && t.version == version).unwrap();
            assert_eq!(text.sha256, sha256, "{}", language.tag());
        }
    }

    #[test]
    fn every_text_is_pinned_and_translates_the_german_one() {
        for language in Language::ALL {
            for text in &texts(language).consents {
                assert!(PUBLISHED.iter().any(|p| (p.0, p.1, p.2) == (text.purpose.as_str(), text.version, language)));
                assert_eq!(text.translation_of.is_none(), language == Language::De);
                if let Some(german) = &text.translation_of {
                    assert_eq!(german, &consent_text(&text.purpose, Language::De).unwrap().sha256);
                }
            }
        }
        assert!(consent_text("unknown", Language::De).is_none());
    }

    #[test]
    fn the_canonical_form_is_as_documented() {
        let text = consent_text(BASE_PURPOSE, Language::Ar).unwrap();
        let whole = std::iter::once(&text.title).chain(&text.paragraphs).cloned().collect::<Vec<_>>().join("\n\n");
        let hex: String = Sha256::digest(whole).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, text.sha256);
    }
}
