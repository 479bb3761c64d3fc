//! Room offers: what organisations offer, as their people write it. What everybody reads is in [`crate::catalogue`].

mod images;

use actix_web::{HttpResponse, delete, get, post, put, web::Data};
use jiff::Timestamp;
use nahraum_api_spec::offers::{
    NewOffer, OfferFacts, OfferFactsChange, OfferStep, OfferTextChange, OfferWords, PublisherOffer, PublisherOfferList,
    PublisherText,
};
use nahraum_app::{
    App,
    offers::{AskedFacts, AskedText, Offer, OfferText, Words},
};
use nahraum_domain::{
    ids::OfferId,
    offers::{facts::Facts, tags::LanguageTag, texts::is_stale},
};
use serde::Deserialize;
use utoipa::IntoParams;

pub(crate) use self::images::address;
use crate::{
    extract::{Cursors, Json, Limit, Path, Paths, Query, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_offer)
        .service(list_publisher_offers)
        .service(get_publisher_offer)
        .service(update_offer_facts)
        .service(update_offer_text)
        .service(delete_offer_text)
        .service(images::get_publisher_offer_image)
        .service(images::update_offer_image)
        .service(images::delete_offer_image)
        .service(update_offer_status);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OwnQuery {
    /// Only those that stand there: `draft`, `in-review`, `published`, `paused` or `archived`.
    #[param(nullable = false, example = "in-review")]
    status: Option<String>,
    /// `true`: only those that are due within two weeks, or have been.
    #[serde(default)]
    #[param(value_type = Option<bool>, nullable = false, example = true)]
    due: bool,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct RevisionQuery {
    /// The revision that was changed.
    #[param(example = 3)]
    revision: i32,
}

/// Make an offer.
///
/// By people of practices, kiosks, social institutions and the district office, in the name of the organisation they act for. It is a
/// draft, which nobody else sees.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    request_body = NewOffer,
    responses((status = 201, description = "The draft.", body = PublisherOffer)),
)]
#[post("/v1/publisher/offers")]
async fn create_offer(app: Data<App>, call: Signed, body: Json<NewOffer>) -> Answer {
    let NewOffer { facts, lang, text } = body.0;
    let offer = app.create_offer(&call, asked(facts), &lang, words(text)).await?;
    Ok(HttpResponse::Created().json(wire(offer, call.moment.now)))
}

/// List the organisation's offers.
///
/// Newest first, in every state. With `status=in-review` the people of the district office get those of all organisations.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(OwnQuery),
    responses((status = 200, description = "One page of offers.", body = PublisherOfferList)),
)]
#[get("/v1/publisher/offers")]
async fn list_publisher_offers(app: Data<App>, call: Signed, query: Query<OwnQuery>) -> Answer {
    let OwnQuery { status, due, limit, cursor } = query.0;
    let cursors = Cursors::new(&app, &call, "list_publisher_offers", &(&status, due));
    let before = cursors.id::<OfferId>(cursor.as_deref())?;
    let (offers, next) = app.publisher_offers(&call, status.as_deref(), due, before, limit.get()).await?;
    let next_cursor = next.map(|id| cursors.seal_id(&id)).transpose()?;
    Ok(HttpResponse::Ok().json(PublisherOfferList {
        items: offers.into_iter().map(|offer| wire(offer, call.moment.now)).collect(),
        next_cursor,
    }))
}

/// Read one of the organisation's offers.
///
/// With all its texts. The people of the district office read every offer that waits for a second person.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    responses((status = 200, description = "The offer.", body = PublisherOffer)),
)]
#[get("/v1/publisher/offers/{id}")]
async fn get_publisher_offer(app: Data<App>, call: Signed, id: Path<OfferId>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.publisher_offer(&call, id.0).await?, call.moment.now)))
}

/// Give an offer other facts.
///
/// All of them at once. They are the same in every language, so that no text is behind by that. A public offer that becomes `sensitive`
/// waits for a second person.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    request_body = OfferFactsChange,
    responses(
        (status = 200, description = "The offer as it is now.", body = PublisherOffer),
        (status = 409, description = "Somebody else has changed it since, or it is archived."),
    ),
)]
#[put("/v1/publisher/offers/{id}/facts")]
async fn update_offer_facts(app: Data<App>, call: Signed, id: Path<OfferId>, body: Json<OfferFactsChange>) -> Answer {
    let OfferFactsChange { revision, facts } = body.0;
    let offer = app.update_offer_facts(&call, id.0, revision, asked(facts)).await?;
    Ok(HttpResponse::Ok().json(wire(offer, call.moment.now)))
}

/// Write the text of an offer in one language.
///
/// In any language there is. Texts in other languages are behind (`stale`) when the offer's own text says something else than before; a
/// machine's translation says so to everybody who reads it.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        ("lang" = String, Path, description = "The language, as a BCP 47 tag.", example = "tr"),
    ),
    request_body = OfferTextChange,
    responses(
        (status = 200, description = "The offer as it is now.", body = PublisherOffer),
        (status = 409, description = "Somebody else has changed it since, or it is archived."),
    ),
)]
#[put("/v1/publisher/offers/{id}/texts/{lang}")]
async fn update_offer_text(
    app: Data<App>,
    call: Signed,
    path: Paths<OfferId, LanguageTag>,
    body: Json<OfferTextChange>,
) -> Answer {
    let Paths(id, lang) = path;
    let OfferTextChange { revision, text, image_alt, origin, engine, matters, made_from_rev } = body.0;
    let text =
        AskedText { words: words(text), image_alt, origin, engine, matters: matters.unwrap_or(true), made_from_rev };
    let offer = app.update_offer_text(&call, id, revision, lang, text).await?;
    Ok(HttpResponse::Ok().json(wire(offer, call.moment.now)))
}

/// Take the text in one language away.
///
/// The one in the offer's own language stays.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        ("lang" = String, Path, description = "The language, as a BCP 47 tag.", example = "tr"),
        RevisionQuery,
    ),
    responses(
        (status = 200, description = "The offer as it is now.", body = PublisherOffer),
        (status = 409, description = "Somebody else has changed it since, it is archived, or it is the offer's own language."),
    ),
)]
#[delete("/v1/publisher/offers/{id}/texts/{lang}")]
async fn delete_offer_text(
    app: Data<App>,
    call: Signed,
    path: Paths<OfferId, LanguageTag>,
    query: Query<RevisionQuery>,
) -> Answer {
    let Paths(id, lang) = path;
    Ok(HttpResponse::Ok().json(wire(app.delete_offer_text(&call, id, query.0.revision, lang).await?, call.moment.now)))
}

/// Take an offer a step further.
///
/// `submit` makes a draft public, or lets it wait for a second person: when it is `sensitive`, and when the organisation has never
/// published anything. `approve` and `return` are for another person of the organisation, or of the district office. `pause` and `resume`
/// leave it public; `archive` takes it away for good, `reopen` makes a draft of it again.
#[utoipa::path(
    tag = "offers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11")),
    request_body = OfferStep,
    responses(
        (status = 200, description = "The offer as it is now.", body = PublisherOffer),
        (status = 409, description = "Not in the state it is in."),
    ),
)]
#[post("/v1/publisher/offers/{id}/steps")]
async fn update_offer_status(app: Data<App>, call: Signed, id: Path<OfferId>, body: Json<OfferStep>) -> Answer {
    Ok(HttpResponse::Ok().json(wire(app.step_offer(&call, id.0, &body.0.step).await?, call.moment.now)))
}

fn asked(facts: OfferFacts) -> AskedFacts {
    AskedFacts {
        kind: facts.kind,
        sensitivity: facts.sensitivity,
        place: facts.place_id,
        age_min: facts.age_min,
        age_max: facts.age_max,
        cost: facts.cost,
        cost_cents: facts.cost_cents,
        registration: facts.registration,
        registration_at: facts.registration_at,
        places_max: facts.places_max,
        waiting_list: facts.waiting_list,
        interpreter: facts.interpreter,
        online: facts.online,
        topics: facts.topics,
        spoken: facts.spoken,
        areas: facts.areas,
    }
}

fn words(text: OfferWords) -> Words {
    let OfferWords { title, summary, body, how_to_come } = text;
    Words { title, summary, body, how_to_come }
}

/// The facts of an offer on the wire.
pub(crate) fn wire_facts(facts: Facts) -> OfferFacts {
    OfferFacts {
        kind: facts.kind.as_str().to_owned(),
        sensitivity: facts.sensitivity.as_str().to_owned(),
        place_id: facts.place.map(|id| id.to_string()),
        age_min: facts.age_min,
        age_max: facts.age_max,
        cost: facts.cost.as_str().to_owned(),
        cost_cents: facts.cost.cents(),
        registration_at: facts.registration.at().map(str::to_owned),
        registration: facts.registration.as_str().to_owned(),
        places_max: facts.places_max,
        waiting_list: facts.waiting_list,
        interpreter: facts.interpreter,
        online: facts.online,
        topics: facts.topics,
        spoken: facts.spoken.iter().map(ToString::to_string).collect(),
        areas: facts.areas.iter().map(ToString::to_string).collect(),
    }
}

fn wire_text(text: OfferText, text_rev: i32) -> PublisherText {
    let Words { title, summary, body, how_to_come } = text.words;
    PublisherText {
        shown: text.origin.may_be_public(text.language.as_str()),
        lang: text.language.to_string(),
        text: OfferWords { title, summary, body, how_to_come },
        image_alt: Some(text.image_alt).filter(|alt| !alt.is_empty()),
        origin: text.origin.as_str().to_owned(),
        engine: text.engine,
        stale: is_stale(text.made_from_rev, text_rev),
        made_from_rev: text.made_from_rev,
        written_at: text.written_at.to_string(),
    }
}

/// An offer on the wire, as its own people see it.
pub(crate) fn wire(offer: Offer, now: Timestamp) -> PublisherOffer {
    let text_rev = offer.text_rev;
    let is_due = offer.is_due(now);
    let image = images::wire(&offer);
    PublisherOffer {
        id: offer.id.to_string(),
        status: offer.status.as_str().to_owned(),
        organisation_id: offer.organisation.to_string(),
        organisation: offer.organisation_name,
        lang: offer.language.to_string(),
        revision: offer.revision,
        text_rev,
        facts: wire_facts(offer.facts),
        texts: offer.texts.into_iter().map(|text| wire_text(text, text_rev)).collect(),
        image,
        verified_on: offer.verified_on.map(|day| day.to_string()),
        verify_due: offer.verify_due.map(|day| day.to_string()),
        due: is_due,
        created_at: offer.created_at.to_string(),
        published_at: offer.published_at.map(|at| at.to_string()),
        archived_at: offer.archived.map(|(at, _)| at.to_string()),
        archive_reason: offer.archived.map(|(_, reason)| reason.as_str().to_owned()),
    }
}
