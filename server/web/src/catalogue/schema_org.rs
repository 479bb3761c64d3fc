//! An offer as search engines read it (schema.org, JSON-LD 1.1): what it is, where, what it costs, in which languages, and when.

use actix_web::{get, web::Data};
use jiff::Timestamp;
use nahraum_api_spec::catalogue::{CatalogueOffer, CataloguePlace};
use nahraum_app::{
    App,
    catalogue::{Exported, Occurrence},
};
use nahraum_domain::{ids::OfferId, offers::occurrences::OccurrenceState};
use serde_json::{Map, Value, json};

use super::{
    LangQuery,
    view::{Reader, offer},
};
use crate::{
    extract::{Anyone, Path, Query},
    problem::Answer,
    public,
    ranges::Conditions,
};

/// Read an offer for search engines.
///
/// As schema.org JSON-LD, for the pages of the district: its dates to come, cancelled ones included, its place as far as it is told.
#[utoipa::path(
    tag = "catalogue",
    security(()),
    params(
        ("id" = String, Path, description = "The offer.", example = "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9b11"),
        LangQuery,
    ),
    responses(
        (
            status = 200,
            description = "The offer.",
            content_type = "application/ld+json",
            body = Vec<u8>,
            example = json!({"@context": "https://schema.org", "@type": "Event", "name": "Gehtreff am Brookufer"}),
        ),
        (status = 304, description = "Unchanged."),
        (status = 422, description = "A parameter cannot be read."),
    ),
)]
#[get("/v1/offers/{id}/schema-org")]
pub(super) async fn get_offer_schema_org(
    app: Data<App>,
    call: Anyone,
    reader: Reader,
    id: Path<OfferId>,
    query: Query<LangQuery>,
    conditions: Conditions,
) -> Answer {
    let reader = reader.wants(query.0.lang.as_deref())?;
    let exported = app.export_offer(&call, id.0).await?;
    let document = document(exported, &reader, call.moment.now);
    public::text(&conditions, "application/ld+json", document.to_string()).await
}

/// The document. What has dates is a series of events, everything else a service.
fn document(exported: Exported, reader: &Reader, now: Timestamp) -> Value {
    let Exported { listed, dates, areas, .. } = exported;
    let shown = offer(listed, reader, now);
    let is_series = !dates.is_empty();
    let text = shown.texts.first();
    let place = shown.place.as_ref().map(place);
    let mut document = members(json!({
        "@context": "https://schema.org",
        "@type": if is_series { "EventSeries" } else { "Service" },
        "@id": format!("urn:uuid:{}", shown.id),
        "identifier": shown.id,
        "name": text.map(|text| &text.title),
        "description": text.map(|text| &text.summary),
        "areaServed": some(areas.iter().map(|area| json!({"@type": "Place", "name": area.name})).collect()),
        "isAccessibleForFree": matches!(&*shown.facts.cost, "free" | "donation"),
        "offers": price(&shown),
    }));
    let organisation = json!({"@type": "Organization", "name": shown.organisation});
    // An event is held by somebody at a location, a service is provided by somebody through a channel.
    let kind = if is_series {
        json!({
            "inLanguage": some(shown.facts.spoken.iter().map(|tag| json!(tag)).collect()),
            "organizer": organisation,
            "location": location(place.as_ref(), shown.facts.online),
            "eventAttendanceMode": mode(place.is_some(), shown.facts.online),
            "typicalAgeRange": ages(&shown),
            "subEvent": dates.iter().map(|date| event(date, text.map(|text| &*text.title), place.as_ref())).collect::<Vec<_>>(),
        })
    } else {
        json!({
            "provider": organisation,
            "availableChannel": members(json!({
                "@type": "ServiceChannel",
                "availableLanguage": some(shown.facts.spoken.iter().map(|tag| json!(tag)).collect()),
                "serviceLocation": place,
                "servicePhone": phone(&shown),
                "serviceUrl": website(&shown),
            })),
        })
    };
    document.append(&mut members(kind));
    Value::Object(document)
}

/// The members that say something.
fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn some(all: Vec<Value>) -> Option<Vec<Value>> {
    Some(all).filter(|all| !all.is_empty())
}

/// One date. Its name is that of the offer, for readers that take it alone.
fn event(date: &Occurrence, name: Option<&str>, place: Option<&Value>) -> Value {
    let status = match date.state {
        OccurrenceState::Scheduled => "https://schema.org/EventScheduled",
        OccurrenceState::Moved => "https://schema.org/EventRescheduled",
        OccurrenceState::Cancelled => "https://schema.org/EventCancelled",
    };
    Value::Object(members(json!({
        "@type": "Event",
        "@id": format!("urn:uuid:{}", date.id),
        "name": name,
        "startDate": date.starts_at.to_string(),
        "endDate": date.ends_at.to_string(),
        "eventStatus": status,
        "location": place.filter(|_| date.place.is_none()),
    })))
}

fn place(place: &CataloguePlace) -> Value {
    let address = members(json!({
        "@type": "PostalAddress",
        "streetAddress": place.street,
        "postalCode": place.postcode,
        "addressLocality": place.city,
        "addressCountry": "DE",
    }));
    let position = place.latitude.zip(place.longitude);
    Value::Object(members(json!({
        "@type": "Place",
        "name": place.name,
        "address": address,
        "geo": position.map(|(latitude, longitude)| json!({
            "@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude,
        })),
    })))
}

fn location(place: Option<&Value>, online: bool) -> Option<Vec<Value>> {
    let network = online.then(|| json!({"@type": "VirtualLocation"}));
    some(place.cloned().into_iter().chain(network).collect())
}

fn mode(has_place: bool, online: bool) -> Option<&'static str> {
    match (has_place, online) {
        (true, true) => Some("https://schema.org/MixedEventAttendanceMode"),
        (true, false) => Some("https://schema.org/OfflineEventAttendanceMode"),
        (false, true) => Some("https://schema.org/OnlineEventAttendanceMode"),
        (false, false) => None,
    }
}

/// From which age to which: `18-`, `6-12`.
fn ages(offer: &CatalogueOffer) -> Option<String> {
    let (from, to) = (offer.facts.age_min, offer.facts.age_max);
    (from.is_some() || to.is_some())
        .then(|| format!("{}-{}", from.unwrap_or(0), to.map_or_else(String::new, |to| to.to_string())))
}

fn price(offer: &CatalogueOffer) -> Option<Value> {
    let cents = if offer.facts.cost == "free" { Some(0) } else { offer.facts.cost_cents };
    let price = |cents: i32| format!("{}.{:02}", cents / 100, cents % 100);
    cents.map(|cents| json!({"@type": "Offer", "price": price(cents), "priceCurrency": "EUR"}))
}

fn phone(offer: &CatalogueOffer) -> Option<Value> {
    let number = offer.facts.registration_at.as_ref().filter(|_| offer.facts.registration == "phone")?;
    Some(json!({"@type": "ContactPoint", "telephone": number}))
}

fn website(offer: &CatalogueOffer) -> Option<&String> {
    offer.facts.registration_at.as_ref().filter(|_| offer.facts.registration == "website")
}
