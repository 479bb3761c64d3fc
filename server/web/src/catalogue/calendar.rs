//! An offer's dates as a calendar takes them.

use actix_web::{get, web::Data};
use jiff::Timestamp;
use nahraum_app::{
    App,
    catalogue::{Event, Listed, Occurrence, Standing, calendar},
};
use nahraum_domain::{
    ids::OfferId,
    offers::{lifecycle::Sensitivity, occurrences::OccurrenceState},
};
use nahraum_texts::appointment;
use serde::Deserialize;
use utoipa::IntoParams;

use super::view::{Reader, offer};
use crate::{
    extract::{Anyone, Path, Query},
    problem::Answer,
    public,
    ranges::Conditions,
};

/// How much of an offer a calendar tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Title {
    /// All of it.
    Full,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct CalendarQuery {
    /// In which language, as a BCP 47 tag. Otherwise `Accept-Language` decides.
    #[param(nullable = false, example = "tr")]
    lang: Option<String>,
    /// `full`: the title of a `sensitive` offer as well.
    #[param(value_type = Option<String>, nullable = false, example = "full")]
    title: Option<Title>,
}

/// Read the dates of an offer for a calendar.
///
/// As iCalendar (RFC 5545), in UTC, one event for each date of the next thirteen months, cancelled ones included. Each keeps its UID and
/// raises its SEQUENCE, so that loading the file again changes what has changed. What is `sensitive` is called an appointment and nothing else,
/// unless `title=full`: others look into calendars.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        CalendarQuery,
    ),
    responses(
        (status = 200, description = "The calendar.", content_type = "text/calendar", body = String),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offers/{id}/calendar")]
pub(super) async fn get_offer_calendar(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    id: Path<OfferId>,
    query: Query<CalendarQuery>,
    conditions: Conditions,
) -> Answer {
    let CalendarQuery { lang, title } = query.0;
    let reader = reader.wants(lang.as_deref())?;
    let listed = app.offer(&call, id.0).await?;
    let (_, dates) = app.offer_dates(&call, id.0, None, None).await?;
    let file = file(listed, dates, &reader, title == Some(Title::Full), call.moment.now);
    public::text(&conditions, "text/calendar; charset=utf-8", file).await
}

/// The file. `tells` says whether a delicate offer is called by its name.
fn file(listed: Listed, dates: Vec<Occurrence>, reader: &Reader, tells: bool, now: Timestamp) -> String {
    // The same until the offer changes, so that a calendar that asks again is told that nothing has.
    let made = listed.offer.published_at.unwrap_or(now);
    let is_quiet = listed.offer.facts.sensitivity == Sensitivity::Sensitive && !tells;
    let shown = offer(listed, reader, now);
    let text = shown.texts.into_iter().next();
    let (summary, description) = match text {
        Some(text) if !is_quiet => (text.title, text.summary),
        Some(_) | None => (appointment(reader.language()).to_owned(), String::new()),
    };
    let place = shown.place.filter(|_| !is_quiet);
    let location = place.as_ref().map(|place| {
        let parts = [&place.name, &place.street, &place.postcode, &Some(place.city.clone())];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    });
    let position = place.as_ref().and_then(|place| place.latitude.zip(place.longitude));
    let event = |date: Occurrence| Event {
        uid: format!("{}@nahraum", date.id),
        sequence: date.sequence,
        starts: date.starts_at,
        ends: date.ends_at,
        standing: match date.state {
            OccurrenceState::Scheduled | OccurrenceState::Moved => Standing::Confirmed,
            OccurrenceState::Cancelled => Standing::Cancelled,
        },
        summary: summary.clone(),
        description: description.clone(),
        location: location.clone(),
        position,
        url: None,
    };
    calendar(&dates.into_iter().map(event).collect::<Vec<_>>(), made)
}
