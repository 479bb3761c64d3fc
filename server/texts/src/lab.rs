//! The words around laboratory values: where a value lies in the laboratory's own range, what has become of a result,
//! and the headings above lists of values.

use serde::Deserialize;

use crate::{catalogue::texts, language::Language, record::record_texts};

/// Where a value lies in the range that the laboratory gave for it. There is no range but the laboratory's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RangePlace {
    /// Inside.
    Within,
    /// Above its upper end.
    Above,
    /// Below its lower end.
    Below,
    /// Far above.
    ClearlyAbove,
    /// Far below.
    ClearlyBelow,
    /// The laboratory gave no range, so nothing is said.
    NoRange,
}

impl RangePlace {
    /// Every place.
    pub const ALL: [Self; 6] =
        [Self::Within, Self::Above, Self::Below, Self::ClearlyAbove, Self::ClearlyBelow, Self::NoRange];

    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Above => "above",
            Self::Below => "below",
            Self::ClearlyAbove => "clearly-above",
            Self::ClearlyBelow => "clearly-below",
            Self::NoRange => "no-range",
        }
    }
}

/// The place in words: a phrase, and a sentence for [`RangePlace::NoRange`]. Above and below are called what they are called
/// in the copy that residents take away ([`RecordTexts`](crate::RecordTexts)).
#[must_use]
pub fn place_words(language: Language, place: RangePlace) -> &'static str {
    let words = lab_texts(language);
    match place {
        RangePlace::Within => &words.within,
        RangePlace::Above => &record_texts(language).above,
        RangePlace::Below => &record_texts(language).below,
        RangePlace::ClearlyAbove => &words.clearly_above,
        RangePlace::ClearlyBelow => &words.clearly_below,
        RangePlace::NoRange => &words.no_range,
    }
}

/// The words around values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabTexts {
    within: String,
    clearly_above: String,
    clearly_below: String,
    no_range: String,
    /// There is no result yet (FHIR R4 observation status `registered`).
    pub follows: String,
    /// The result is not final (`preliminary`).
    pub preliminary: String,
    /// The result replaces another one (`corrected`, `amended`).
    pub corrected: String,
    /// There will be no result (`cancelled`).
    pub cancelled: String,
    /// Whom to talk with.
    pub talk: String,
    /// Above what stands out.
    pub stands_out: String,
    /// Above all values.
    pub all_values: String,
    /// Above what is not as it was before.
    pub changed: String,
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
            let words: BTreeSet<&str> = RangePlace::ALL.into_iter().map(|place| place_words(language, place)).collect();
            assert_eq!(words.len(), RangePlace::ALL.len(), "{}", language.tag());
        }
        let stable: BTreeSet<&str> = RangePlace::ALL.into_iter().map(RangePlace::as_str).collect();
        assert_eq!(stable.len(), RangePlace::ALL.len());
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
                let words = place_words(language, place);
                assert!(!verdicts.iter().any(|verdict| words.contains(verdict)), "{}: {words}", language.tag());
            }
        }
    }
}
