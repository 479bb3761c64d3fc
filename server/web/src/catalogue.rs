//! Room catalogue: what everybody reads of the offers. No login; a search travels in a body, which is never written down.

mod calendar;
mod find;
mod image;
mod preview;
mod schema_org;
pub(crate) mod view;

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::catalogue::{
    CatalogueDateList, CatalogueList, CatalogueOffer, CatalogueSearch, Feed, FeedItem, Snapshot, TopicList, TopicView,
};
use nahraum_app::{App, catalogue::Change};
use nahraum_domain::ids::OfferId;
use nahraum_texts::{Language, topics};
use serde::Deserialize;
use utoipa::IntoParams;

use self::{
    find::{LONGEST_PAGE, found},
    view::{Reader, date, offer},
};
use crate::{
    extract::{Anyone, Json, Limit, Path, Query},
    problem::Answer,
    public,
    ranges::Conditions,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_topics)
        .service(list_offers)
        .service(search_offers)
        .service(get_offer)
        .service(list_offer_dates)
        .service(calendar::get_offer_calendar)
        .service(schema_org::get_offer_schema_org)
        .service(image::get_offer_image)
        .service(get_offer_feed)
        .service(get_offer_snapshot)
        .service(preview::get_offer_preview);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LangQuery {
    /// In which language the texts are wanted, as a BCP 47 tag, or `*` for all. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// About this topic.
    #[param(nullable = false, example = "movement")]
    topic: Option<String>,
    /// Of this kind.
    #[param(nullable = false, example = "group")]
    kind: Option<String>,
    /// In this area, or one inside it, or for its people.
    #[param(nullable = false, example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b41")]
    area: Option<String>,
    /// Where this language is spoken.
    #[param(nullable = false, example = "tr")]
    spoken: Option<String>,
    /// With a date that ends after this moment.
    #[param(nullable = false, example = "2026-12-01T00:00:00Z")]
    from: Option<String>,
    /// With a date that begins before this moment.
    #[param(nullable = false, example = "2026-12-08T00:00:00Z")]
    to: Option<String>,
    /// With a date in the next four weeks on this day of the week there: `monday` to `sunday`.
    #[param(nullable = false, example = "saturday")]
    weekday: Option<String>,
    /// Only what takes place at this moment, such as opening hours.
    #[serde(default)]
    #[param(value_type = Option<bool>, nullable = false, example = false)]
    open_now: bool,
    /// `true`: only with free places, or where none are counted.
    #[serde(default)]
    #[param(value_type = Option<bool>, nullable = false, example = false)]
    places: bool,
    /// In which language the texts are wanted, as a BCP 47 tag, or `*` for all. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
    /// How many at most, 1 to 200; answered with 100 at most.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 20)]
    limit: Limit,
    /// Where to go on.
    #[param(nullable = false, example = "b3BhcXVl")]
    cursor: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DatesQuery {
    /// Those that end after this moment; now, if it is missing.
    #[param(nullable = false, example = "2026-12-01T00:00:00Z")]
    from: Option<String>,
    /// Those that begin before this moment.
    #[param(nullable = false, example = "2026-12-08T00:00:00Z")]
    to: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct FeedQuery {
    /// Changes after this number: `next` of the snapshot or of the page before. 0 for all.
    #[serde(default)]
    #[param(value_type = Option<i64>, nullable = false, minimum = 0, example = 0)]
    after: i64,
    /// In which language the texts are wanted, as a BCP 47 tag, or `*` for all. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
    /// How many at most, 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u32>, nullable = false, minimum = 1, maximum = 200, example = 50)]
    limit: Limit,
}

/// List the topics.
///
/// What offers can be about, in the language of `Accept-Language`, and the public map from codes to topics. A phone that looks up topics
/// for the findings it holds tells nobody.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    responses((status = 200, description = "The topics.", body = TopicList), (status = 304, description = "Unchanged.")),
)]
#[get("/v1/topics")]
async fn list_topics(call: Anyone, conditions: Conditions) -> Answer {
    let language = call.language.unwrap_or(Language::De);
    let view = |topic: &nahraum_texts::Topic| TopicView {
        word: topic.word.clone(),
        label: topic.label(language).to_owned(),
        codes: topic.codes.clone(),
    };
    public::answer(&conditions, &TopicList { items: topics().iter().map(view).collect() }).await
}

/// List offers.
///
/// Those with the next date first; those that nobody has confirmed in time come last. For everything that tells something about who
/// asks, and for more filters, there is the search.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(ListQuery),
    responses(
        (status = 200, description = "One page of offers.", body = CatalogueList),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offers")]
async fn list_offers(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    query: Query<ListQuery>,
    conditions: Conditions,
) -> Answer {
    let ListQuery { topic, kind, area, spoken, from, to, weekday, open_now, places, lang, limit, cursor } = query.0;
    let asked = CatalogueSearch {
        topics: topic.into_iter().collect(),
        kinds: kind.into_iter().collect(),
        area,
        spoken,
        from,
        to,
        weekdays: weekday.into_iter().collect(),
        open_now,
        places,
        lang,
        limit: Some(limit.get().min(LONGEST_PAGE)),
        cursor,
        ..CatalogueSearch::default()
    };
    public::answer(&conditions, &found(&app, &call, &reader, asked, false).await?).await
}

/// Search offers.
///
/// With everything in the body, so that no address and no log holds what somebody looks for. With `words` those with the words in
/// their titles come first, with `near` the nearest, otherwise those with the next date. A `cursor` goes with the same search.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    request_body = CatalogueSearch,
    responses((status = 200, description = "One page of offers.", body = CatalogueList)),
)]
#[post("/v1/offer-searches")]
async fn search_offers(app: Data<App>, call: Anyone, reader: Reader, body: Json<CatalogueSearch>) -> Answer {
    Ok(HttpResponse::Ok().json(found(&app, &call, &reader, body.0, true).await?))
}

/// Read an offer.
///
/// Every text says which language it really is in, and what has to be shown with it.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        LangQuery,
    ),
    responses(
        (status = 200, description = "The offer.", body = CatalogueOffer),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offers/{id}")]
async fn get_offer(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    id: Path<OfferId>,
    query: Query<LangQuery>,
    conditions: Conditions,
) -> Answer {
    let listed = app.offer(&call, id.0).await?;
    public::answer(&conditions, &offer(listed, &reader.wants(query.0.lang.as_deref())?, call.moment.now)).await
}

/// List the dates of an offer.
///
/// In their order, cancelled ones included, at most 400.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        DatesQuery,
    ),
    responses(
        (status = 200, description = "The dates.", body = CatalogueDateList),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offers/{id}/dates")]
async fn list_offer_dates(
    app: Data<App>,
    call: Anyone,
    id: Path<OfferId>,
    query: Query<DatesQuery>,
    conditions: Conditions,
) -> Answer {
    let DatesQuery { from, to } = query.0;
    let (offer, dates) = app.offer_dates(&call, id.0, from.as_deref(), to.as_deref()).await?;
    let items = dates.into_iter().map(|one| date(&offer.facts, one)).collect();
    public::answer(&conditions, &CatalogueDateList { items }).await
}

/// Follow what changes.
///
/// For apps that hold all offers: after the snapshot, ask with its `next` until a page is empty, and later again. An offer that has
/// changed often is there once; one that is gone stays in the feed as `deleted` for good.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(FeedQuery),
    responses(
        (status = 200, description = "One page of changes.", body = Feed),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offer-feed")]
async fn get_offer_feed(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    query: Query<FeedQuery>,
    conditions: Conditions,
) -> Answer {
    let FeedQuery { after, lang, limit } = query.0;
    let reader = reader.wants(lang.as_deref())?;
    let page = app.offer_feed(&call, after.max(0), limit.get()).await?;
    let item = |change: Change| FeedItem {
        seq: change.seq,
        state: if change.listed.is_some() { "updated" } else { "deleted" }.to_owned(),
        id: change.id.to_string(),
        modified: change.at.to_string(),
        data: change.listed.map(|listed| offer(listed, &reader, call.moment.now)),
    };
    public::answer(&conditions, &Feed { items: page.changes.into_iter().map(item).collect(), next: page.next }).await
}

/// Read all offers at once.
///
/// For apps that hold the whole district, so that nobody learns what somebody looks for. Small: 500 offers in two languages are less
/// than 300 KiB compressed. From then on the feed has what changes.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(LangQuery),
    responses(
        (status = 200, description = "All offers.", body = Snapshot),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offer-snapshot")]
async fn get_offer_snapshot(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    query: Query<LangQuery>,
    conditions: Conditions,
) -> Answer {
    let reader = reader.wants(query.0.lang.as_deref())?;
    let (next, offers) = app.offer_snapshot(&call).await?;
    let items = offers.into_iter().map(|listed| offer(listed, &reader, call.moment.now)).collect();
    public::answer(&conditions, &Snapshot { items, next }).await
}
