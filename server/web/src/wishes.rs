//! Room wishes: what people miss in the district, without a name, and what the district office reads of it.

use actix_web::{HttpResponse, get, post, web::Data};
use nahraum_api_spec::wishes::{Need, NeedCount, NeedList, NewWish, WishText, WishTextList};
use nahraum_app::{App, wishes as app_wishes};
use nahraum_domain::{private::Private, statistics::HIDDEN};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    extract::{Anyone, Json, Query, Sender, Signed},
    problem::Answer,
    register::ServiceConfig,
};

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create_wish).service(list_needs).service(list_wish_texts);
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MonthQuery {
    /// A month that is over.
    #[param(example = "2026-10")]
    month: String,
}

/// Say what is missing.
///
/// No sign-in; nobody is asked who they are. The month is kept and no moment, and nothing that leads to a person.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    request_body = NewWish,
    responses(
        (status = 204, description = "Taken."),
        (status = 429, description = "Too much from the same network today; `Retry-After` says when again."),
    ),
)]
#[post("/v1/wishes")]
async fn create_wish(app: Data<App>, call: Anyone, sender: Sender, body: Json<NewWish>) -> Answer {
    let NewWish { topic, area_id, lang, text } = body.0;
    let wish = app_wishes::AskedWish { topic, area: area_id, language: lang, text: text.map(Private::new) };
    app.make_wish(&call, sender.0, wish).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// List what was missed in a month.
///
/// For the people of the district office: wishes, and searches that found nothing, by topic and area. Only months that are over; counts
/// below ten are not told, the others to the nearest multiple of five, and nothing is added up.
#[utoipa::path(
    tag = "catalogue",
    security(("bearer" = [])),
    params(MonthQuery),
    responses(
        (status = 200, description = "What may be told.", body = NeedList),
        (status = 422, description = "The month is not over, or none."),
    ),
)]
#[get("/v1/district/needs")]
async fn list_needs(app: Data<App>, call: Signed, query: Query<MonthQuery>) -> Answer {
    let month = query.0.month;
    let items = app.needs(&call, &month).await?.into_iter().map(wire).collect();
    Ok(HttpResponse::Ok().json(NeedList { month, items }))
}

/// List what people wrote about what they miss.
///
/// For the people of the district office. Only months that are over, and without the area: few live in one, and words are their own.
#[utoipa::path(
    tag = "catalogue",
    security(("bearer" = [])),
    params(MonthQuery),
    responses(
        (status = 200, description = "The words.", body = WishTextList),
        (status = 422, description = "The month is not over, or none."),
    ),
)]
#[get("/v1/district/wishes")]
async fn list_wish_texts(app: Data<App>, call: Signed, query: Query<MonthQuery>) -> Answer {
    let month = query.0.month;
    let text = |text: app_wishes::WishText| WishText {
        topic: text.topic,
        lang: text.language,
        text: text.text.into_revealed(),
    };
    let items = app.wish_texts(&call, &month).await?.into_iter().map(text).collect();
    Ok(HttpResponse::Ok().json(WishTextList { month, items }))
}

fn wire(need: app_wishes::Need) -> Need {
    let count = |count: Option<i64>| NeedCount { count, marker: count.is_none().then(|| HIDDEN.to_owned()) };
    Need {
        topic: need.topic,
        area_id: need.area.map(|id| id.to_string()),
        wishes: count(need.wishes),
        searches: count(need.searches),
    }
}
