//! Room consents: the published texts, and the resident's decisions.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::consents::{Consent, ConsentGrant, ConsentList, ConsentText};
use nahraum_app::{
    App,
    consents::{self as app_consents, agreed, published},
};
use nahraum_domain::ids::ConsentId;
use nahraum_texts::{Language, Origin, Review, provenance};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    extract::{ActingHeader, Anyone, Json, Path, Query, Signed},
    problem::Answer,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get_consent_text).service(list_consents).service(grant_consent).service(withdraw_consent);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TextQuery {
    /// The language, as a BCP 47 tag. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
}

/// Read a consent text.
///
/// The newest version, in the language asked for. The German text is the binding one; a translation names the hash of
/// the German text it translates and says whether people have checked it.
#[utoipa::path(
    tag = "consents",
    security(()),
    params(("purpose" = String, Path, description = "What the consent is for.", example = "base"), TextQuery),
    responses((status = 200, description = "The text.", body = ConsentText)),
)]
#[get("/v1/consent-texts/{purpose}")]
async fn get_consent_text(call: Anyone, purpose: Path<String>, query: Query<TextQuery>) -> Answer {
    let asked = query.0.lang.as_deref().and_then(Language::parse).or(call.language);
    let language = asked.unwrap_or(Language::De);
    let text = published(&purpose.0, language)?;
    let checked = provenance(language);
    let review = match (checked.origin, checked.review) {
        (Origin::Original, _) => Origin::Original.as_str(),
        (Origin::MachineAssisted, review @ (Review::Reviewed | Review::Unreviewed)) => review.as_str(),
    };
    Ok(HttpResponse::Ok().json(ConsentText {
        purpose: text.purpose.clone(),
        version: text.version,
        lang: language.tag().into(),
        dir: language.dir().as_str().into(),
        title: text.title.clone(),
        paragraphs: text.paragraphs.clone(),
        sha256: text.sha256.clone(),
        translation_of: text.translation_of.clone(),
        review: review.into(),
    }))
}

/// List the resident's consents.
///
/// Every decision with the exact text it was about, newest first; decisions that were taken back stay visible.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(ActingHeader),
    responses((status = 200, description = "The decisions.", body = ConsentList)),
)]
#[get("/v1/consents")]
async fn list_consents(app: Data<App>, call: Signed) -> Answer {
    let items = app.consents(&call).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(ConsentList { items }))
}

/// Give a consent.
///
/// To exactly the text that was read: its purpose, version, language and hash.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(ActingHeader),
    request_body = ConsentGrant,
    responses((status = 201, description = "The decision.", body = Consent)),
)]
#[post("/v1/consents")]
async fn grant_consent(app: Data<App>, call: Signed, body: Json<ConsentGrant>) -> Answer {
    let ConsentGrant { purpose, version, lang, sha256 } = body.0;
    let consent = app.grant_consent(&call, agreed(&purpose, version, &lang, &sha256)?).await?;
    Ok(HttpResponse::Created().json(wire(consent)))
}

/// Take a consent back.
///
/// It holds for the very next upload. What was delivered before stays readable for the resident.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The decision.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a88"), ActingHeader),
    responses((status = 204, description = "Taken back.")),
)]
#[post("/v1/consents/{id}/withdraw")]
async fn withdraw_consent(app: Data<App>, call: Signed, id: Path<ConsentId>) -> Answer {
    app.withdraw_consent(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wire(consent: app_consents::Consent) -> Consent {
    let app_consents::Consent { id, text, granted_at, withdrawn_at } = consent;
    Consent {
        id: id.to_string(),
        purpose: text.purpose,
        version: u32::try_from(text.version).unwrap_or(0),
        lang: text.language,
        sha256: text.sha256,
        state: if withdrawn_at.is_some() { "withdrawn" } else { "granted" }.into(),
        granted_at: granted_at.to_string(),
        withdrawn_at: withdrawn_at.map(|at| at.to_string()),
    }
}
