//! Room catalogue: in which languages there is something to read, so that an app can say so when one is missing.

use actix_web::{get, web::Data};
use nahraum_api_spec::catalogue::{LanguageList, LanguageView};
use nahraum_app::{App, catalogue::InLanguage};
use nahraum_domain::offers::texts::is_right_to_left;
use nahraum_texts::{Language, language_name};

use crate::{extract::Anyone, problem::Answer, public, ranges::Conditions, register::ServiceConfig};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_languages);
}

/// List the languages.
///
/// Those in which public offers have texts, those that are spoken there, and those of this server. Any language can come in: a list in an
/// app is made from this one, not from one of its own.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    responses(
        (status = 200, description = "The languages.", body = LanguageList),
        (status = 304, description = "Unchanged."),
    ),
)]
#[get("/v1/languages")]
async fn list_languages(app: Data<App>, call: Anyone, conditions: Conditions) -> Answer {
    let mut known = app.offer_languages(&call).await?;
    for language in Language::ALL {
        known.entry(language.tag().to_owned()).or_default();
    }
    let view = |(lang, InLanguage { texts, spoken }): (String, InLanguage)| LanguageView {
        name: language_name(&lang).to_owned(),
        dir: if is_right_to_left(&lang) { "rtl" } else { "ltr" }.to_owned(),
        offers: texts,
        spoken,
        server: Language::parse(&lang).is_some(),
        lang,
    };
    public::answer(&conditions, &LanguageList { items: known.into_iter().map(view).collect() }).await
}
