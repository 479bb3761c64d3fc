//! The files of `glossary/`, read once. A file with an unknown field is not readable: the tests of this crate read all of them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use jiff::civil::Date;
use serde::Deserialize;

use crate::{
    catalogue::{Origin, Review},
    language::Language,
};

/// What can be explained.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValueList {
    /// The day of the last change.
    pub(super) version: Date,
    /// Stable words, in the order in which groups are shown.
    pub(super) groups: Vec<String>,
    /// In the order in which values are shown.
    pub(super) values: Vec<Value>,
}

/// One value that can be explained.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Value {
    /// The LOINC code of the most common form.
    pub(super) code: String,
    /// One of the groups.
    pub(super) group: String,
    /// Further LOINC codes with the same explanation.
    #[serde(default)]
    pub(super) same: Vec<String>,
    /// UCUM; none for answers in words.
    pub(super) unit: Option<String>,
}

/// The words of one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) version: Date,
    pub(super) licence: String,
    pub(super) origin: Origin,
    pub(super) review: Review,
    pub(super) closing: String,
    pub(super) groups: BTreeMap<String, String>,
    pub(super) entries: BTreeMap<String, Explanation>,
}

/// The words for one value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Explanation {
    pub(super) name: String,
    pub(super) text: String,
    /// The day on which a person with medical training checked these words.
    pub(super) reviewed: Option<Date>,
}

/// The list of values.
pub(super) struct ValueFile {
    pub(super) file: ValueList,
    /// Where each code stands in the list, also those that are the same for a layperson.
    pub(super) by_code: HashMap<String, usize>,
}

/// The list of values.
pub(super) fn values() -> &'static ValueFile {
    static VALUES: LazyLock<ValueFile> = LazyLock::new(|| read_values(include_str!("../../glossary/values.json")));
    &VALUES
}

/// The file of this language.
pub(super) fn file(language: Language) -> &'static Words {
    macro_rules! file {
        ($name:literal) => {{
            static FILE: LazyLock<Words> =
                LazyLock::new(|| read_words(include_str!(concat!("../../glossary/", $name, ".json"))));
            &FILE
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

#[expect(clippy::expect_used, reason = "the file is compiled in and the tests read it")]
fn read_values(json: &str) -> ValueFile {
    let file: ValueList = serde_json::from_str(json).expect("the list of values is readable");
    let codes = |(at, value): (usize, &Value)| {
        let codes: Vec<_> = std::iter::once(&value.code).chain(&value.same).map(|code| (code.clone(), at)).collect();
        codes
    };
    let by_code = file.values.iter().enumerate().flat_map(codes).collect();
    ValueFile { file, by_code }
}

#[expect(clippy::expect_used, reason = "the files are compiled in and the tests read every one of them")]
pub(super) fn read_words(json: &str) -> Words {
    serde_json::from_str(json).expect("an embedded glossary file is readable")
}
