//! What languages call themselves, so that people find their own in a list whatever language they read.

use std::{collections::BTreeMap, sync::LazyLock};

static NAMES: LazyLock<BTreeMap<String, String>> = LazyLock::new(read);

#[expect(clippy::expect_used, reason = "the file is compiled in and the tests read it")]
fn read() -> BTreeMap<String, String> {
    toml::from_str(include_str!("../data/languages.toml")).expect("languages.toml is readable")
}

/// What the language of a BCP 47 tag calls itself, or what the tag without its last parts does; the tag if nobody knows.
#[must_use]
pub fn language_name(tag: &str) -> &str {
    let mut short = tag;
    loop {
        if let Some(name) = NAMES.get(short) {
            return name;
        }
        match short.rsplit_once('-') {
            Some((shorter, _)) => short = shorter,
            None => return tag,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn every_language_has_a_name_and_a_region_changes_it_only_where_it_says() {
        for language in Language::ALL {
            assert_ne!(language_name(language.tag()), language.tag());
        }
        assert_eq!((language_name("fa-AF"), language_name("fa-IR"), language_name("fa")), ("دری", "فارسی", "فارسی"));
        assert_eq!((language_name("zh-Hant-TW"), language_name("tlh")), ("中文", "tlh"));
    }
}
