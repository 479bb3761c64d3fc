//! Room glossary: what laboratory values are, in plain words.

use serde::Serialize;
use utoipa::ToSchema;

/// What laboratory values are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Glossary {
    /// The day on which the texts in this language were last changed.
    #[schema(example = "2026-11-28", format = Date)]
    pub version: String,
    /// Under which licence the texts may be used, as an SPDX identifier.
    #[schema(example = "CC0-1.0")]
    pub licence: String,
    /// The groups, in the order in which they are shown.
    pub groups: Vec<GlossaryGroup>,
    /// The texts, by group, and within a group from the most common value on.
    pub items: Vec<GlossaryEntry>,
}

/// Values that belong together.
#[derive(Debug, Serialize, ToSchema)]
pub struct GlossaryGroup {
    /// A stable word for it.
    #[schema(example = "kidney")]
    pub word: String,
    /// What people call it.
    #[schema(example = "Niere")]
    pub name: String,
}

/// What a laboratory value is. The same for every reader; it knows nobody's result.
#[derive(Debug, Serialize, ToSchema)]
pub struct GlossaryEntry {
    /// The LOINC code under which the text is kept.
    #[schema(example = "2160-0")]
    pub loinc: String,
    /// Further LOINC codes of what is the same for a layperson.
    #[schema(example = json!(["14682-9"]))]
    pub same: Vec<String>,
    /// The word of its group.
    #[schema(example = "kidney")]
    pub group: String,
    /// The unit it usually has in Germany, as a UCUM code. A report's own unit counts, not this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "mg/dL")]
    pub unit: Option<String>,
    /// The language of the words, as a BCP 47 tag.
    #[schema(example = "de")]
    pub lang: String,
    /// The direction it is written in: `ltr` or `rtl`.
    #[schema(example = "ltr")]
    pub dir: String,
    /// Whether it is another language, because there is no text in the one asked for.
    #[schema(example = false)]
    pub fallback: bool,
    /// What people call it, with the abbreviation that a doctor knows.
    #[schema(example = "Nierenwert (Kreatinin)")]
    pub name: String,
    /// What it is, what the body needs it for, why it is measured and what can move it.
    #[schema(example = "Kreatinin ist ein Abfallstoff aus den Muskeln. Die Nieren scheiden ihn aus.")]
    pub text: String,
    /// Whose word counts. To be shown with the text.
    #[schema(
        example = "Es gelten der Bereich und die Hinweise Ihres Labors. Was Ihr Wert bedeutet, sagt Ihnen Ihre Praxis."
    )]
    pub closing: String,
    /// Who wrote the words: `original` or `machine-assisted`. Treat an unknown word as `machine-assisted`.
    #[schema(example = "machine-assisted")]
    pub origin: String,
    /// Whether somebody with medical training who knows the language has checked them: `unreviewed` or `reviewed`. Treat an
    /// unknown word as `unreviewed`.
    #[schema(example = "unreviewed")]
    pub review: String,
    /// On which day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2027-01-15", format = Date)]
    pub reviewed_on: Option<String>,
    /// To be shown with the text, as it is: that a machine helped to write it and nobody has checked it (AI Act, Art. 50(4)).
    #[schema(example = json!(["Eine Maschine hat beim Schreiben geholfen. Noch niemand hat den Text geprüft."]))]
    pub notices: Vec<String>,
}
