//! Room recommendations: offers that people at work recommend to a resident.

use actix_web::{HttpResponse, delete, get, post, put, web::Data};
use nahraum_api_spec::{
    catalogue::CatalogueOffer,
    recommendations::{
        PatientRecommendation, Recommendation, RecommendationAnswer, RecommendationList, RecommendationMade,
        SharedRecommendation,
    },
};
use nahraum_app::{App, Refusal, recommendations as app_recommendations};
use nahraum_domain::{
    ids::{ConsentId, OfferId, RecommendationId},
    private::Private,
};

use crate::{
    catalogue::view::{Reader, offer},
    extract::{Json, Path, Signed, parse_date},
    problem::{Answer, Failure},
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_recommendation)
        .service(create_shared_recommendation)
        .service(list_recommendations)
        .service(answer_recommendation)
        .service(delete_recommendation);
}

fn offer_id(text: &str) -> Result<OfferId, Failure> {
    let detail = "The id of a public offer.";
    Ok(text.parse().map_err(|_| Refusal::invalid("/offer_id", "no-such-offer", detail))?)
}

/// Recommend an offer to a patient.
///
/// For people of practices and their own patients. It lies in the patient's record, who is told that something is new and sees in the log
/// who it was. Whose offer it is learns nothing of it, and what the patient makes of it is told to nobody.
#[utoipa::path(
    tag = "recommendations",
    security(("bearer" = [])),
    request_body = PatientRecommendation,
    responses(
        (status = 201, description = "It lies in the patient's record.", body = RecommendationMade),
        (status = 409, description = "Your organisation has recommended fifty offers to this patient already."),
    ),
)]
#[post("/v1/practice/recommendations")]
async fn create_recommendation(app: Data<App>, call: Signed, body: Json<PatientRecommendation>) -> Answer {
    let PatientRecommendation { patient_reference, birth_date, offer_id: offer, said } = body.0;
    let birth_date = parse_date("/birth_date", &birth_date)?;
    let offer = offer_id(&offer)?;
    let said = said.map(Into::into);
    let id = app.recommend_to_patient(&call, patient_reference.into(), birth_date.into(), offer, said).await?;
    Ok(HttpResponse::Created().json(RecommendationMade { id: id.to_string() }))
}

/// Recommend an offer to somebody who lets you in.
///
/// For people of kiosks, institutions and practices, as long as what they were let in to stands.
#[utoipa::path(
    tag = "recommendations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "What was opened to you.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a51")),
    request_body = SharedRecommendation,
    responses(
        (status = 201, description = "It lies in the resident's record.", body = RecommendationMade),
        (status = 409, description = "Your organisation has recommended fifty offers to this resident already."),
    ),
)]
#[post("/v1/shared/{id}/recommendations")]
async fn create_shared_recommendation(
    app: Data<App>,
    call: Signed,
    id: Path<ConsentId>,
    body: Json<SharedRecommendation>,
) -> Answer {
    let offer = offer_id(&body.0.offer_id)?;
    let id = app.recommend_to_shared(&call, id.0, offer, body.0.said.map(Into::into)).await?;
    Ok(HttpResponse::Created().json(RecommendationMade { id: id.to_string() }))
}

/// List what was recommended to the resident.
///
/// Newest first, each with its offer in the language of `Accept-Language`, as long as it is public.
#[utoipa::path(
    tag = "recommendations",
    security(("bearer" = [])),
    responses((status = 200, description = "The recommendations.", body = RecommendationList)),
)]
#[get("/v1/recommendations")]
async fn list_recommendations(app: Data<App>, call: Signed, reader: Reader) -> Answer {
    let now = call.moment.now;
    let view = |mut one: app_recommendations::Recommendation| {
        let listed = one.listed.take();
        wire(one, listed.map(|listed| offer(listed, &reader, now)))
    };
    let items = app.recommendations(&call).await?.into_iter().map(view).collect();
    Ok(HttpResponse::Ok().json(RecommendationList { items }))
}

pub(crate) fn wire(one: app_recommendations::Recommendation, offer: Option<CatalogueOffer>) -> Recommendation {
    Recommendation {
        id: one.id.to_string(),
        offer_id: one.offer.reveal().to_string(),
        offer,
        organisation_id: one.organisation.to_string(),
        organisation: one.organisation_name,
        said: one.said.map(Private::into_revealed),
        state: one.state.as_str().to_owned(),
        made_at: one.made_at.to_string(),
    }
}

/// Say what you make of a recommendation.
///
/// For yourself: nobody else is told.
#[utoipa::path(
    tag = "recommendations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The recommendation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")),
    request_body = RecommendationAnswer,
    responses((status = 204, description = "It is so.")),
)]
#[put("/v1/recommendations/{id}/answer")]
async fn answer_recommendation(
    app: Data<App>,
    call: Signed,
    id: Path<RecommendationId>,
    body: Json<RecommendationAnswer>,
) -> Answer {
    app.say_of_recommendation(&call, id.0, &body.0.state).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Throw a recommendation away.
///
/// For good, and nobody is told. That it was made stays in the access log.
#[utoipa::path(
    tag = "recommendations",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The recommendation.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9d01")),
    responses((status = 204, description = "It is gone.")),
)]
#[delete("/v1/recommendations/{id}")]
async fn delete_recommendation(app: Data<App>, call: Signed, id: Path<RecommendationId>) -> Answer {
    app.throw_recommendation_away(&call, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
