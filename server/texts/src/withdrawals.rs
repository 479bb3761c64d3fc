//! What becomes of it when a decision is taken back, as sentences for people.

use nahraum_domain::consent::withdrawal::Consequence;
use serde::Deserialize;

use crate::{Language, catalogue::texts};

/// A sentence for each consequence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawalWords {
    no_new_findings: String,
    findings_stay: String,
    recipient_loses_sight: String,
    copies_stay: String,
    log_stays: String,
}

/// What will happen, or will not, as a sentence for the resident.
#[must_use]
pub fn consequence_sentence(language: Language, consequence: Consequence) -> &'static str {
    let words = &texts(language).file.withdrawal;
    match consequence {
        Consequence::NoNewFindings => &words.no_new_findings,
        Consequence::FindingsStay => &words.findings_stay,
        Consequence::RecipientLosesSight => &words.recipient_loses_sight,
        Consequence::CopiesStay => &words.copies_stay,
        Consequence::LogStays => &words.log_stays,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_consequence_is_told_in_every_language_in_words_of_its_own() {
        for language in Language::ALL {
            let told: BTreeSet<&str> =
                Consequence::ALL.into_iter().map(|one| consequence_sentence(language, one)).collect();
            assert_eq!(told.len(), Consequence::ALL.len(), "{language:?}");
        }
    }
}
