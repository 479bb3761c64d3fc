//! Room glossary: what laboratory values are, in plain words, for everybody.
//!
//! Nobody is asked who they are, and a phone that holds the whole glossary tells nobody which values its findings have.

use actix_web::get;
use nahraum_api_spec::glossary::{Glossary, GlossaryEntry, GlossaryGroup};
use nahraum_app::Refusal;
use nahraum_texts::{
    GlossaryEntry as Entry, Language, Review, glossary_edition, glossary_entries, glossary_entry, glossary_groups,
    lab_texts,
};

use crate::{
    extract::{Anyone, Path},
    problem::Answer,
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_glossary).service(get_glossary_entry);
}

/// Explain laboratory values.
///
/// All texts in the language of `Accept-Language`, for phones to keep: who looks up a value there tells nobody. They say what
/// a value is and never what somebody's result means.
#[utoipa::path(
    tag = "glossary",
    security(()),
    responses((status = 200, description = "The texts.", body = Glossary), (status = 304, description = "Unchanged.")),
)]
#[get("/v1/glossary")]
async fn get_glossary(call: Anyone, conditions: Conditions) -> Answer {
    let language = call.language.unwrap_or(Language::De);
    let edition = glossary_edition(language);
    let group =
        |group: nahraum_texts::GlossaryGroup| GlossaryGroup { word: group.word.into(), name: group.name.into() };
    let glossary = Glossary {
        version: edition.version.to_string(),
        licence: edition.licence.into(),
        groups: glossary_groups(language).into_iter().map(group).collect(),
        items: glossary_entries(language).into_iter().map(|entry| wire(&entry, language)).collect(),
    };
    public::answer(&conditions, &glossary).await
}

/// Explain one laboratory value.
///
/// By any of its LOINC codes, in the language of `Accept-Language`.
#[utoipa::path(
    tag = "glossary",
    security(()),
    params(("code" = String, Path, description = "A LOINC code.", example = "2160-0")),
    responses((status = 200, description = "The text.", body = GlossaryEntry), (status = 304, description = "Unchanged.")),
)]
#[get("/v1/glossary/{code}")]
async fn get_glossary_entry(call: Anyone, code: Path<String>, conditions: Conditions) -> Answer {
    let language = call.language.unwrap_or(Language::De);
    let entry = glossary_entry(&code.0, language).ok_or(Refusal::NotFound)?;
    public::answer(&conditions, &wire(&entry, language)).await
}

fn wire(entry: &Entry, wanted: Language) -> GlossaryEntry {
    let unreviewed = entry.review == Review::Unreviewed;
    GlossaryEntry {
        loinc: entry.code.into(),
        same: entry.same.to_vec(),
        group: entry.group.into(),
        unit: entry.unit.map(Into::into),
        lang: entry.language.tag().into(),
        dir: entry.language.dir().as_str().into(),
        fallback: entry.language != wanted,
        name: entry.name.into(),
        text: entry.text.into(),
        closing: entry.closing.into(),
        origin: entry.origin.as_str().into(),
        review: entry.review.as_str().into(),
        reviewed_on: entry.reviewed_on.map(|day| day.to_string()),
        notices: unreviewed.then(|| lab_texts(wanted).unreviewed.clone()).into_iter().collect(),
    }
}
