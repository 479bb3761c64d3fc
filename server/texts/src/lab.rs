//! The words around laboratory values: where a value lies in the laboratory's own range, what has become of a result,
//! and the headings above lists of values.

use nahraum_domain::understanding::RangePlace;
use serde::Deserialize;

use crate::{catalogue::texts, language::Language, record::record_texts};

/// The place in words: a phrase. Above, below and outside are called what they are called in the copy that residents take away
/// ([`RecordTexts`](crate::RecordTexts)).
#[must_use]
pub fn place_text(language: Language, place: RangePlace) -> &'static str {
    let (words, record) = (lab_texts(language), record_texts(language));
    match place {
        RangePlace::Within => &words.within,
        RangePlace::Above => &record.above,
        RangePlace::Below => &record.below,
        RangePlace::Outside => &record.unusual,
        RangePlace::ClearlyAbove => &words.clearly_above,
        RangePlace::ClearlyBelow => &words.clearly_below,
    }
}

/// What has become of a value, by its status (FHIR R4 `observation-status`): a sentence, where there is something to say.
#[must_use]
pub fn status_text(language: Language, status: &str) -> Option<&'static str> {
    let words = lab_texts(language);
    match status {
        "registered" => Some(&words.follows),
        "preliminary" => Some(&words.preliminary),
        "corrected" | "amended" => Some(&words.corrected),
        "cancelled" => Some(&words.cancelled),
        _ => None,
    }
}

/// The words around values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabTexts {
    within: String,
    clearly_above: String,
    clearly_below: String,
    /// There is no result yet (FHIR R4 observation status `registered`).
    follows: String,
    /// The result is not final (`preliminary`).
    pub preliminary: String,
    /// The result replaces another one (`corrected`, `amended`).
    corrected: String,
    /// There will be no result (`cancelled`).
    cancelled: String,
    /// Above what stands out.
    pub stands_out: String,
    /// Above all values.
    pub all_values: String,
    /// That a machine helped to write an explanation, and that nobody has checked it (Regulation (EU) 2024/1689,
    /// Art. 50(4)). For texts whose [`Review`](crate::Review) says so; what a machine only translated has
    /// [`machine_notice`](crate::machine_notice).
    pub unreviewed: String,
}

/// The words around values.
#[must_use]
pub fn lab_texts(language: Language) -> &'static LabTexts {
    &texts(language).file.lab
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_place_in_a_range_has_words_of_its_own_in_every_language() {
        for language in Language::ALL {
            let words: BTreeSet<&str> = RangePlace::ALL.into_iter().map(|place| place_text(language, place)).collect();
            assert_eq!(words.len(), RangePlace::ALL.len(), "{}", language.tag());
        }
    }

    #[test]
    fn what_is_not_settled_is_said_in_every_language() {
        for language in Language::ALL {
            let said = ["registered", "preliminary", "corrected", "cancelled"].map(|word| status_text(language, word));
            assert_eq!(said.into_iter().flatten().collect::<BTreeSet<_>>().len(), 4, "{}", language.tag());
            assert_eq!(status_text(language, "final"), None);
        }
    }

    #[test]
    fn a_value_is_placed_and_not_judged() {
        for (language, verdicts) in [
            (Language::De, &["zu hoch", "zu niedrig", "schlecht", "gut", "normal", "krank"][..]),
            (Language::DeSimple, &["zu hoch", "zu niedrig", "schlecht", "gut", "normal", "krank"]),
            (Language::En, &["too high", "too low", "bad", "good", "normal", "ill"]),
            (Language::Tr, &["çok yüksek", "çok düşük", "kötü", "iyi", "normal"]),
        ] {
            for place in RangePlace::ALL {
                let words = place_text(language, place);
                assert!(!verdicts.iter().any(|verdict| words.contains(verdict)), "{}: {words}", language.tag());
            }
        }
    }
}
