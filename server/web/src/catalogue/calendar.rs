//! An offer's dates as a calendar takes them.

use jiff::Timestamp;
use nahraum_app::catalogue::{Event, Listed, Occurrence, Standing, calendar};
use nahraum_domain::offers::{lifecycle::Sensitivity, occurrences::OccurrenceState};
use nahraum_texts::appointment;

use super::view::{Reader, offer};

/// The file. `tells` says whether a delicate offer is called by its name.
pub(super) fn file(listed: Listed, dates: Vec<Occurrence>, reader: &Reader, tells: bool, now: Timestamp) -> String {
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
