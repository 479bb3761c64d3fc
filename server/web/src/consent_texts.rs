//! Room consents, the texts: read by everybody, published by the operator and the district office.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::consents::{
    Agreement, AgreementCount, AgreementList, ConsentText, ConsentTextList, NewConsentText,
};
use nahraum_app::{
    App,
    consents::{NewText, NewVersion, Text},
};
use nahraum_domain::ids::ConsentId;
use nahraum_texts::Language;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Anyone, Cursors, Json, Limit, Path, Query, Signed, parse_date},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_consent_texts)
        .service(get_consent_text)
        .service(create_consent_text)
        .service(list_consent_agreements);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// The language, as a BCP 47 tag. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct TextQuery {
    /// The language, as a BCP 47 tag. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
    /// The version; the newest one, if it is missing.
    #[param(nullable = false, example = 3)]
    version: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct AgreementQuery {
    /// The version; the newest one, if it is missing.
    #[param(nullable = false, example = 3)]
    version: Option<u32>,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

fn language(asked: Option<&str>, call: &Anyone) -> Language {
    asked.and_then(Language::parse).or(call.language).unwrap_or(Language::De)
}

/// List the consent texts.
///
/// The newest version for every purpose, in the language asked for; in German where it is not there.
#[utoipa::path(
    tag = "consents",
    security(()),
    params(ListQuery),
    responses((status = 200, description = "The texts.", body = ConsentTextList)),
)]
#[get("/v1/consent-texts")]
async fn list_consent_texts(app: Data<App>, call: Anyone, query: Query<ListQuery>) -> Answer {
    let texts = app.consent_texts(&call, language(query.0.lang.as_deref(), &call)).await?;
    Ok(HttpResponse::Ok().json(ConsentTextList { items: texts.into_iter().map(wire).collect() }))
}

/// Read a consent text.
///
/// The newest version, or the one asked for, in the language asked for; in German where it is not there. The German text is
/// the binding one; a translation names the hash of the German text it translates and says whether people have checked it.
#[utoipa::path(
    tag = "consents",
    security(()),
    params(("purpose" = String, Path, description = "What the consent is for.", example = "base"), TextQuery),
    responses((status = 200, description = "The text.", body = ConsentText)),
)]
#[get("/v1/consent-texts/{purpose}")]
async fn get_consent_text(app: Data<App>, call: Anyone, purpose: Path<String>, query: Query<TextQuery>) -> Answer {
    let language = language(query.0.lang.as_deref(), &call);
    let text = app.consent_text(&call, purpose.0, query.0.version, language).await?;
    Ok(HttpResponse::Ok().json(wire(text)))
}

/// Publish a consent text.
///
/// By the operator or the district office: the next version for a purpose, or the first one for a new purpose, in all its
/// languages at once. It cannot be changed afterwards. With `asking` = `again` everybody is asked who has agreed to an older
/// version; their old agreement counts to the end of the day that is named, and not longer. Needs a sign-in of the last five
/// minutes. Gives the German text.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    request_body = NewConsentText,
    responses(
        (status = 201, description = "The German text as it was published.", body = ConsentText),
        (status = 409, description = "Somebody was faster, or a number was left out."),
    ),
)]
#[post("/v1/consent-texts")]
async fn create_consent_text(app: Data<App>, call: Signed, body: Json<NewConsentText>) -> Answer {
    let NewConsentText { purpose, version, asking, old_counts_until, texts } = body.0;
    let texts = texts.into_iter().map(|text| NewText {
        language: text.lang,
        title: text.title,
        paragraphs: text.paragraphs,
        change: text.change,
        review: text.review,
    });
    let last_day = old_counts_until.as_deref().map(|day| parse_date("/old_counts_until", day)).transpose()?;
    let new = NewVersion { purpose, version, asking, last_day, texts: texts.collect() };
    Ok(HttpResponse::Created().json(wire(app.publish_consent_text(&call, new).await?)))
}

/// List the answers to a consent text.
///
/// For the operator and the district office: how many there are of each kind and language, and the decisions by their ids,
/// with day and state. Nobody learns whose they are.
#[utoipa::path(
    tag = "consents",
    security(("bearer" = [])),
    params(("purpose" = String, Path, description = "What the consent is for.", example = "base"), AgreementQuery),
    responses(
        (status = 200, description = "One page of answers.", body = AgreementList),
        (status = 404, description = "There is no such version."),
    ),
)]
#[get("/v1/consent-texts/{purpose}/agreements")]
async fn list_consent_agreements(
    app: Data<App>,
    call: Signed,
    purpose: Path<String>,
    query: Query<AgreementQuery>,
) -> Answer {
    let AgreementQuery { version, limit, cursor } = query.0;
    let cursors = Cursors::new(&app, &call, "list_consent_agreements", &(&purpose.0, version));
    let before = cursors.id::<ConsentId>(cursor.as_deref())?;
    let found = app.consent_agreements(&call, purpose.0, version, before, limit.get()).await?;
    let next_cursor = found.next.map(|id| cursors.seal_id(&id)).transpose()?;
    let counts = found.counts.into_iter().map(|count| AgreementCount {
        state: count.standing.as_str().into(),
        lang: count.language,
        count: count.count,
    });
    let items = found.items.into_iter().map(|agreement| Agreement {
        id: agreement.id.to_string(),
        state: agreement.standing.as_str().into(),
        lang: agreement.language,
        day: agreement.day.to_string(),
    });
    Ok(HttpResponse::Ok().json(AgreementList {
        purpose: found.purpose,
        version: found.version,
        counts: counts.collect(),
        items: items.collect(),
        next_cursor,
    }))
}

pub(crate) fn wire(text: Text) -> ConsentText {
    let publication = text.publication.as_ref();
    ConsentText {
        published_at: publication.map(|publication| publication.at.to_string()),
        published_by: publication.map(|publication| publication.organisation_name.clone()),
        published_by_person: publication.map(|publication| publication.by.to_string()),
        old_counts_until: publication.and_then(|publication| publication.old_counts_until).map(|at| at.to_string()),
        purpose: text.purpose,
        version: text.version,
        lang: text.language.tag().into(),
        dir: text.language.dir().as_str().into(),
        title: text.title,
        paragraphs: text.paragraphs,
        sha256: text.sha256,
        translation_of: text.translation_of,
        review: text.review,
        change: text.change,
    }
}
