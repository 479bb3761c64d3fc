//! The text files of `data/`, read once. A file that lacks a text, or has one too many, is not readable: the tests of
//! this crate read all of them.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    access_log::{ActionWords, DeniedWords, LogSheetTexts, WhoWords, WhyWords},
    checks::CheckTexts,
    consent::{ConsentText, ConsentWords},
    lab::LabTexts,
    language::Language,
    offers::OfferWords,
    record::RecordTexts,
    security::{SecurityWords, SheetTexts},
    summary::SummaryTexts,
    withdrawals::WithdrawalWords,
    words::{BannerWords, KindWords, MailWords, SlipTexts, UpdateWords},
};

/// Who wrote a text first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Written in this language.
    Original,
    /// Translated with the help of a machine. Residents are told (Regulation (EU) 2024/1689, Art. 50(4)).
    MachineAssisted,
}

impl Origin {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::MachineAssisted => "machine-assisted",
        }
    }
}

/// Whether a person who knows the language has checked the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Review {
    /// Nobody has.
    Unreviewed,
    /// Somebody has.
    Reviewed,
}

impl Review {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreviewed => "unreviewed",
            Self::Reviewed => "reviewed",
        }
    }
}

/// Where the texts of a language come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// Who wrote them.
    pub origin: Origin,
    /// Who checked them.
    pub review: Review,
    /// The same in an English sentence.
    pub note: &'static str,
}

/// Where the texts of this language come from.
#[must_use]
pub fn provenance(language: Language) -> Provenance {
    let texts = texts(language);
    Provenance { origin: texts.file.origin, review: texts.file.review, note: &texts.file.note }
}

/// One text file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    origin: Origin,
    review: Review,
    note: String,
    /// Ten digits, zero first.
    pub(crate) digits: String,
    /// The months as they stand within a date.
    pub(crate) months: [String; 12],
    pub(crate) date: String,
    consent: Vec<ConsentWords>,
    pub(crate) update: UpdateWords,
    pub(crate) mail: MailWords,
    pub(crate) slip: SlipTexts,
    pub(crate) sheet: SheetTexts,
    pub(crate) security: SecurityWords,
    pub(crate) who: WhoWords,
    pub(crate) denied: DeniedWords,
    pub(crate) action: ActionWords,
    pub(crate) why: WhyWords,
    pub(crate) withdrawal: WithdrawalWords,
    pub(crate) log_sheet: LogSheetTexts,
    pub(crate) record: RecordTexts,
    pub(crate) summary: SummaryTexts,
    pub(crate) lab: LabTexts,
    pub(crate) kind: KindWords,
    pub(crate) banner: BannerWords,
    pub(crate) offer: OfferWords,
    pub(crate) check: CheckTexts,
}

/// The texts of one language.
pub(crate) struct Texts {
    pub(crate) file: File,
    pub(crate) consents: Vec<ConsentText>,
}

/// The texts of this language.
pub(crate) fn texts(language: Language) -> &'static Texts {
    macro_rules! file {
        ($name:literal) => {{
            static TEXTS: LazyLock<Texts> =
                LazyLock::new(|| read(include_str!(concat!("../data/", $name, ".toml")), $name));
            &TEXTS
        }};
    }
    match language {
        Language::De => file!("de"),
        Language::DeSimple => file!("de-simple"),
        Language::En => file!("en"),
        Language::Tr => file!("tr"),
        Language::Ar => file!("ar"),
        Language::Fa => file!("fa"),
        Language::Ru => file!("ru"),
        Language::Pl => file!("pl"),
    }
}

#[expect(clippy::expect_used, reason = "the files are compiled in and the tests read every one of them")]
fn read(toml: &str, tag: &str) -> Texts {
    let mut file: File = toml::from_str(toml).expect("an embedded text file is readable");
    let language = Language::parse(tag).expect("an embedded text file is named like its language");
    let consents = std::mem::take(&mut file.consent).into_iter().map(|words| words.publish(language)).collect();
    Texts { file, consents }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use toml::Value;

    use super::*;

    fn source(language: Language) -> Value {
        let path = format!("{}/data/{}.toml", env!("CARGO_MANIFEST_DIR"), language.tag());
        Value::Table(toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    fn flatten(prefix: &str, value: &Value, into: &mut BTreeMap<String, String>) {
        match value {
            Value::String(text) => {
                into.insert(prefix.to_owned(), text.clone());
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    flatten(&format!("{prefix}[{i}]"), item, into);
                }
            }
            Value::Table(table) => {
                for (key, item) in table {
                    flatten(&format!("{prefix}.{key}"), item, into);
                }
            }
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
                into.insert(prefix.to_owned(), value.to_string());
            }
        }
    }

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).map(|rest| rest.split_once('}').expect("a placeholder is closed").0).collect()
    }

    #[test]
    fn every_language_has_every_text_with_the_same_placeholders() {
        let mut german = BTreeMap::new();
        flatten("", &source(Language::De), &mut german);
        for language in Language::ALL {
            assert_eq!(texts(language).file.digits.chars().count(), 10);
            let mut other = BTreeMap::new();
            flatten("", &source(language), &mut other);
            assert!(german.keys().eq(other.keys()), "{}: not the keys of German", language.tag());
            for (key, text) in &other {
                assert!(!text.trim().is_empty(), "{}{key} is empty", language.tag());
                assert_eq!(placeholders(text), placeholders(&german[key]), "{}{key}", language.tag());
            }
        }
    }

    #[test]
    fn only_german_is_an_original_and_nothing_pretends_to_be_reviewed() {
        for language in Language::ALL {
            let provenance = provenance(language);
            assert_eq!(provenance.origin == Origin::Original, language == Language::De);
            assert_eq!(provenance.review, Review::Unreviewed, "update this test when a review has happened");
        }
    }
}
