//! What offers can be about: a small vocabulary with its words in every language, and the public map from codes to topics by which a
//! phone finds offers for findings that it holds.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::Language;

/// One topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// A stable word for it, in the API and in the database.
    pub word: String,
    /// Codes of what it is about, as `system:code`: `icd-10` with the beginning of a code, `loinc` with a whole one.
    pub codes: Vec<String>,
    /// Its words, by the tags of the languages.
    labels: BTreeMap<String, String>,
}

impl Topic {
    /// Its words in a language.
    #[must_use]
    pub fn label(&self, language: Language) -> &str {
        self.labels.get(language.tag()).map_or(&*self.word, |label| label)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vocabulary {
    topic: Vec<Topic>,
}

static TOPICS: LazyLock<Vec<Topic>> = LazyLock::new(read);

#[expect(clippy::expect_used, reason = "the file is compiled in and the tests read it")]
fn read() -> Vec<Topic> {
    let vocabulary: Vocabulary = toml::from_str(include_str!("../data/topics.toml")).expect("topics.toml is readable");
    vocabulary.topic
}

/// All topics.
#[must_use]
pub fn topics() -> &'static [Topic] {
    &TOPICS
}

/// Whether there is such a topic.
#[must_use]
pub fn is_topic(word: &str) -> bool {
    TOPICS.iter().any(|topic| topic.word == word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_topic_has_words_in_every_language_and_codes_that_are_some() {
        let mut words = HashSet::new();
        for topic in topics() {
            assert!(words.insert(&topic.word), "{} is there twice", topic.word);
            assert!(topic.word.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", topic.word);
            for language in Language::ALL {
                assert_ne!(topic.label(language), topic.word, "{} {}", topic.word, language.tag());
            }
            assert_eq!(topic.labels.len(), Language::ALL.len(), "{}", topic.word);
            for code in &topic.codes {
                let (system, code) = code.split_once(':').expect("system:code");
                match system {
                    "icd-10" => {
                        assert!(code.starts_with(|c: char| c.is_ascii_uppercase()) && code.len() <= 6, "{code}");
                    }
                    "loinc" => assert!(code.contains('-') && !code.starts_with('-'), "{code}"),
                    other => panic!("{other}"),
                }
            }
        }
        assert!(is_topic("heart") && !is_topic("herz"));
    }

    #[test]
    fn one_code_leads_to_one_topic() {
        let mut codes = HashSet::new();
        for code in topics().iter().flat_map(|topic| &topic.codes) {
            assert!(codes.insert(code), "{code} is there twice");
        }
    }
}
