//! What laboratory values are, for people without a medical education: a name and a few sentences a value, in every language.
//!
//! The texts are data (`glossary/*.json`): static, versioned, the same for every reader. Nothing here knows anybody's result.
//! A text that a language lacks is there in German. Codes are LOINC's (<https://loinc.org>), units are UCUM's
//! (<https://ucum.org>); their notices stand in `glossary/NOTICE.md`.

mod files;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

use self::files::{Value, Words, file, values};
use crate::{
    catalogue::{Origin, Review},
    language::Language,
};

/// What one value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlossaryEntry {
    /// The LOINC code under which the text is kept.
    pub code: &'static str,
    /// Further LOINC codes of what is the same for a layperson: another unit, method or counting.
    pub same: &'static [String],
    /// The stable word for its group, see [`GlossaryGroup::word`].
    pub group: &'static str,
    /// The unit it usually has in Germany, as a UCUM code; none for answers in words. A report's own unit counts, not this one.
    pub unit: Option<&'static str>,
    /// The language of the words, which is German where the wanted one has none.
    pub language: Language,
    /// What people call it, with the abbreviation that a doctor knows.
    pub name: &'static str,
    /// What it is, what the body needs it for, why it is measured and what can move it. Plain text.
    pub text: &'static str,
    /// Whose word counts: to be shown with every text. Plain text.
    pub closing: &'static str,
    /// Who wrote the words.
    pub origin: Origin,
    /// Whether a person with medical training who knows the language has checked them. While nobody has, readers are told
    /// ([`LabTexts::unreviewed`](crate::LabTexts)).
    pub review: Review,
    /// On which day, if somebody has.
    pub reviewed_on: Option<Date>,
}

/// Values that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlossaryGroup {
    /// A stable word for it, in the API.
    pub word: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The language of the name, which is German where the wanted one has none.
    pub language: Language,
}

/// The texts of one language, as they were published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlossaryEdition {
    /// The day of the last change of the texts.
    pub version: Date,
    /// The day of the last change of the list of values, which is the same for all languages.
    pub values_version: Date,
    /// An SPDX licence identifier.
    pub licence: &'static str,
    /// Who wrote the texts.
    pub origin: Origin,
    /// Whether all of them have been checked.
    pub review: Review,
    /// How many values have a text in this language.
    pub entries: usize,
}

/// The text for a LOINC code, in this language or else in German. The code may be any of those that are the same for a
/// layperson. None for what is not a code, and for codes without a text.
#[must_use]
pub fn glossary_entry(code: &str, language: Language) -> Option<GlossaryEntry> {
    let values = values();
    let value = values.file.values.get(*values.by_code.get(code)?)?;
    entry_of(value, [language, Language::De].map(|language| (language, file(language))))
}

/// All texts, in the order in which they are shown: by group, and within a group from the most common value on.
#[must_use]
pub fn glossary_entries(language: Language) -> Vec<GlossaryEntry> {
    let wishes = [language, Language::De].map(|language| (language, file(language)));
    values().file.values.iter().filter_map(|value| entry_of(value, wishes)).collect()
}

/// The groups, in the order in which they are shown.
#[must_use]
pub fn glossary_groups(language: Language) -> Vec<GlossaryGroup> {
    let wishes = [language, Language::De].map(|language| (language, file(language)));
    values().file.groups.iter().filter_map(|word| group_of(word, wishes)).collect()
}

/// What is known about the texts of a language.
#[must_use]
pub fn glossary_edition(language: Language) -> GlossaryEdition {
    let file = file(language);
    GlossaryEdition {
        version: file.version,
        values_version: values().file.version,
        licence: &file.licence,
        origin: file.origin,
        review: file.review,
        entries: file.entries.len(),
    }
}

/// The words for a value in the first of these languages that has some.
fn entry_of(value: &'static Value, wishes: [(Language, &'static Words); 2]) -> Option<GlossaryEntry> {
    let (language, words, entry) =
        wishes.into_iter().find_map(|(language, words)| Some((language, words, words.entries.get(&value.code)?)))?;
    Some(GlossaryEntry {
        code: &value.code,
        same: &value.same,
        group: &value.group,
        unit: value.unit.as_deref(),
        language,
        name: &entry.name,
        text: &entry.text,
        closing: &words.closing,
        origin: words.origin,
        review: if entry.reviewed.is_some() { Review::Reviewed } else { words.review },
        reviewed_on: entry.reviewed,
    })
}

/// The name of a group in the first of these languages that has one.
fn group_of(word: &'static str, wishes: [(Language, &'static Words); 2]) -> Option<GlossaryGroup> {
    let (language, name) =
        wishes.into_iter().find_map(|(language, file)| Some((language, file.groups.get(word)?.as_str())))?;
    Some(GlossaryGroup { word, name, language })
}
