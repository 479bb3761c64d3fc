//! The words of the copy that residents take away of everything: the page for any browser, and the text beside it.

use nahraum_domain::{consent::event::Standing, finding::Flag};
use serde::Deserialize;

use crate::{catalogue::texts, language::Language};

/// The words of a copy, with their placeholders; [`fill`](crate::fill) completes them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordTexts {
    /// With `{app_name}`.
    pub heading: String,
    /// What it is.
    pub intro: String,
    /// That whoever has it can read it.
    pub keep: String,
    /// Above the findings.
    pub reports: String,
    /// In place of what there is none of.
    pub nothing: String,
    /// Before who sent it.
    pub practice: String,
    /// Before its day.
    pub day: String,
    /// Before who answers for it.
    pub author: String,
    /// Before what the sender wants to say.
    pub note: String,
    /// The link to the document.
    pub document: String,
    /// The link to the FHIR document.
    pub fhir: String,
    /// Above the names of values.
    pub value: String,
    /// Above the results.
    pub result: String,
    /// Above the ranges.
    pub range: String,
    /// A value above its range.
    pub above: String,
    /// A value below its range.
    pub below: String,
    /// A value that is not normal.
    pub unusual: String,
    /// Added to what is critical.
    pub critical: String,
    /// In place of a finding that was taken back in the meantime.
    pub left_out: String,
    /// Above the decisions.
    pub decisions: String,
    /// A consent to a text.
    pub consent: String,
    /// A rule that opens.
    pub permission: String,
    /// A rule that closes.
    pub block: String,
    /// Everybody.
    pub everyone: String,
    /// Somebody who is no organisation.
    pub somebody: String,
    /// It stands.
    pub in_force: String,
    /// Nobody has answered yet.
    pub asked: String,
    /// A no.
    pub refused: String,
    /// It was taken back.
    pub withdrawn: String,
    /// It ran out.
    pub expired: String,
    /// It never counted.
    pub corrected: String,
    /// With `{date}`.
    pub since: String,
    /// With `{date}`.
    pub until: String,
    /// Above the access log.
    pub log: String,
    /// With `{shown}` and `{count}`.
    pub newest: String,
    /// Above how the copy is checked.
    pub check: String,
    /// How to see that all files are there.
    pub check_files: String,
    /// With `{key}`.
    pub check_log: String,
    /// What index.html is.
    pub file_page: String,
    /// What the documents are.
    pub file_documents: String,
    /// What the FHIR documents are.
    pub file_fhir: String,
    /// What the decisions are.
    pub file_decisions: String,
    /// What the corrections are.
    pub file_corrections: String,
    /// What the registrations are.
    pub file_registrations: String,
    /// What offers.json is.
    pub file_offers: String,
    /// What `questions.json` is.
    pub file_questions: String,
    /// What access-log.json is.
    pub file_log: String,
    /// What manifest.json is.
    pub file_manifest: String,
}

/// The words of a copy.
#[must_use]
pub fn record_texts(language: Language) -> &'static RecordTexts {
    &texts(language).file.record
}

impl RecordTexts {
    /// The laboratory's flag in words; none for what is as it should be.
    #[must_use]
    pub fn flag(&self, flag: Flag) -> Option<String> {
        let critical = |words: &str| format!("{words}, {}", self.critical);
        match flag {
            Flag::Normal => None,
            Flag::High | Flag::SignificantlyHigh => Some(self.above.clone()),
            Flag::Low | Flag::SignificantlyLow => Some(self.below.clone()),
            Flag::Abnormal => Some(self.unusual.clone()),
            Flag::CriticalHigh => Some(critical(&self.above)),
            Flag::CriticalLow => Some(critical(&self.below)),
            Flag::CriticalAbnormal => Some(critical(&self.unusual)),
        }
    }

    /// Where a decision stands, in words.
    #[must_use]
    pub fn standing(&self, standing: Standing) -> &str {
        match standing {
            Standing::NotAsked | Standing::Asked => &self.asked,
            Standing::Granted => &self.in_force,
            Standing::Refused => &self.refused,
            Standing::Withdrawn => &self.withdrawn,
            Standing::Expired => &self.expired,
            Standing::Corrected => &self.corrected,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_not_as_it_should_be_has_words_of_its_own() {
        for language in Language::ALL {
            let words = record_texts(language);
            let flags: BTreeSet<String> = Flag::ALL.into_iter().filter_map(|flag| words.flag(flag)).collect();
            assert_eq!(flags.len(), 6, "{}", language.tag());
            assert_eq!(words.flag(Flag::Normal), None);
        }
    }
}
