//! The words of the summary of findings that residents print for their next visit.

use serde::Deserialize;

use crate::{catalogue::texts, language::Language};

/// The words of a summary; [`fill`](crate::fill) completes them. Those of values and facts are the ones of the copy of everything
/// ([`RecordTexts`](crate::RecordTexts)).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SummaryTexts {
    /// With `{app_name}`.
    pub heading: String,
    /// What it is, and what it is not.
    pub intro: String,
    /// Before the line to write on.
    pub person: String,
    /// What the squares are for, and where to check them, with `{page}`.
    pub check: String,
    /// A square, for those who do not see it.
    pub qr_alt: String,
}

/// The words of a summary.
#[must_use]
pub fn summary_texts(language: Language) -> &'static SummaryTexts {
    &texts(language).file.summary
}
