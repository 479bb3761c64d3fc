//! An offer as HSDS 3.1 names its parts.

use jiff::{Timestamp, civil::Time, tz::TimeZone};
use nahraum_api_spec::{
    catalogue::{CatalogueOffer, CataloguePlace},
    hsds::{
        HsdsAccessibility, HsdsAddress, HsdsAttribute, HsdsCostOption, HsdsLanguage, HsdsLocation, HsdsOrganization,
        HsdsPhone, HsdsSchedule, HsdsService, HsdsServiceArea, HsdsServiceAtLocation, HsdsTerm,
    },
    offers::OfferFacts,
};
use nahraum_app::catalogue::{Area, Exported, Occurrence};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId},
    offers::{
        exchange::{Run, part, runs},
        occurrences::OccurrenceState,
    },
};
use nahraum_texts::{interpreter, language_name, topics};

use crate::catalogue::view::{Reader, offer};

/// The names of the days of the week (RFC 5545), Monday first.
const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// The service with everything in it.
pub(super) fn service(exported: Exported, reader: &Reader, now: Timestamp) -> HsdsService {
    let Exported { listed, changed_at, dates, areas } = exported;
    let id = listed.offer.id;
    let shown = offer(listed, reader, now);
    let CatalogueOffer { facts, texts, place, organisation_id, organisation, paused, verified_on, .. } = shown;
    // A public offer has a text in its own language.
    let text = texts.into_iter().next();
    let (name, description, how) = text.map_or_else(Default::default, |text| {
        let said = [text.summary, text.body_plain.unwrap_or(text.body)].into_iter().filter(|part| !part.is_empty());
        (text.title, said.collect::<Vec<_>>().join("\n\n"), text.how_to_come)
    });
    let at = facts.registration_at.clone();
    HsdsService {
        id: id.to_string(),
        name,
        description,
        url: at.clone().filter(|_| facts.registration == "website"),
        status: if paused { "temporarily closed" } else { "active" }.to_owned(),
        interpretation_services: facts.interpreter.then(|| interpreter(reader.language()).to_owned()),
        application_process: Some(how).filter(|how| !how.is_empty()),
        minimum_age: facts.age_min,
        maximum_age: facts.age_max,
        assured_date: verified_on,
        last_modified: changed_at.to_string(),
        organization: HsdsOrganization { id: organisation_id, name: organisation.clone(), description: organisation },
        phones: at.filter(|_| facts.registration == "phone").map(|number| {
            let id = part(id, "phone");
            vec![HsdsPhone { id, number }]
        }),
        schedules: some(schedules(dates)),
        service_areas: some(areas.into_iter().map(|area| service_area(id, area)).collect()),
        service_at_locations: some(locations(id, place.as_ref(), facts.online)),
        languages: some(languages(id, &facts)),
        cost_options: some(vec![cost(id, &facts)]),
        attributes: some(attributes(id, &facts, reader)),
    }
}

/// The same without what HSDS nests.
pub(super) fn short(service: HsdsService) -> HsdsService {
    HsdsService {
        phones: None,
        schedules: None,
        service_areas: None,
        service_at_locations: None,
        languages: None,
        cost_options: None,
        attributes: None,
        ..service
    }
}

fn some<T>(all: Vec<T>) -> Option<Vec<T>> {
    Some(all).filter(|all| !all.is_empty())
}

fn schedules(dates: Vec<Occurrence>) -> Vec<HsdsSchedule> {
    let mut schedules = Vec::new();
    let standing: Vec<Occurrence> = dates.into_iter().filter(|date| date.state != OccurrenceState::Cancelled).collect();
    let mut zones: Vec<&str> = standing.iter().map(|date| &*date.time_zone).collect();
    zones.sort_unstable();
    zones.dedup();
    for name in zones {
        let zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
        let there = standing.iter().filter(|date| date.time_zone == name);
        let there = there.map(|date| (date.id, date.starts_at, date.ends_at));
        schedules.extend(runs(there, &zone).iter().map(schedule));
    }
    schedules
}

fn schedule(run: &Run<OccurrenceId>) -> HsdsSchedule {
    let clock = |time: Time| format!("{}{}", time.strftime("%H:%M"), run.offset());
    let day = usize::try_from(run.weekday.to_monday_zero_offset()).ok().and_then(|day| DAYS.get(day));
    HsdsSchedule {
        id: run.id.to_string(),
        dtstart: run.first.to_string(),
        valid_from: run.first.to_string(),
        valid_to: run.last.to_string(),
        timezone: f64::from(run.ahead) / 60.0,
        freq: "WEEKLY".to_owned(),
        interval: run.weeks,
        count: run.count,
        byday: day.copied().unwrap_or_default().to_owned(),
        opens_at: clock(run.opens),
        closes_at: clock(run.closes),
    }
}

fn service_area(offer: OfferId, area: Area) -> HsdsServiceArea {
    let description = format!("{}:{}", area.scheme, area.key);
    HsdsServiceArea { id: part(offer, &format!("area {description}")), name: area.name, description }
}

fn locations(offer: OfferId, place: Option<&CataloguePlace>, online: bool) -> Vec<HsdsServiceAtLocation> {
    let id = |name: &str| part(offer, name);
    let at = |location: HsdsLocation| HsdsServiceAtLocation { id: id(&location.id), location };
    let network = online.then(|| HsdsLocation {
        id: id("online"),
        location_type: "virtual".to_owned(),
        name: None,
        latitude: None,
        longitude: None,
        addresses: Vec::new(),
        accessibility: Vec::new(),
    });
    place.map(location).into_iter().chain(network).map(at).collect()
}

fn location(place: &CataloguePlace) -> HsdsLocation {
    let id = |name: &str| part(&place.id, name);
    let address = |(street, postcode): (&String, &String)| HsdsAddress {
        id: id("address"),
        address_1: street.clone(),
        city: place.city.clone(),
        state_province: String::new(),
        postal_code: postcode.clone(),
        country: "DE".to_owned(),
        address_type: "physical".to_owned(),
    };
    let step_free = if place.step_free { "yes" } else { "unknown" };
    let told = [("wheelchair", &*place.wheelchair), ("toilet", &place.toilet), ("step-free", step_free)];
    let said = |(word, details): (&str, &str)| HsdsAccessibility {
        id: id(word),
        description: word.to_owned(),
        details: details.to_owned(),
    };
    HsdsLocation {
        addresses: place.street.as_ref().zip(place.postcode.as_ref()).map(address).into_iter().collect(),
        accessibility: told.into_iter().map(said).collect(),
        location_type: "physical".to_owned(),
        latitude: place.latitude,
        longitude: place.longitude,
        name: place.name.clone(),
        id: place.id.clone(),
    }
}

fn languages(offer: OfferId, facts: &OfferFacts) -> Vec<HsdsLanguage> {
    let language = |tag: &String| HsdsLanguage {
        id: part(offer, &format!("language {tag}")),
        name: language_name(tag).to_owned(),
        code: tag.clone(),
    };
    facts.spoken.iter().map(language).collect()
}

fn cost(offer: OfferId, facts: &OfferFacts) -> HsdsCostOption {
    let amount = match &*facts.cost {
        "free" => Some(0.0),
        _ => facts.cost_cents.map(|cents| f64::from(cents) / 100.0),
    };
    HsdsCostOption {
        id: part(offer, "cost"),
        option: facts.cost.clone(),
        currency: amount.map(|_| "EUR".to_owned()),
        amount,
    }
}

fn attributes(offer: OfferId, facts: &OfferFacts, reader: &Reader) -> Vec<HsdsAttribute> {
    let attribute = |word: &String| {
        let topic = topics().iter().find(|topic| topic.word == *word)?;
        let label = topic.label(reader.language()).to_owned();
        Some(HsdsAttribute {
            id: part(offer, &format!("topic {word}")),
            link_entity: "service".to_owned(),
            taxonomy_term: HsdsTerm {
                id: part("topic", word),
                code: word.clone(),
                name: label.clone(),
                description: label,
                taxonomy: "nahraum-topics".to_owned(),
            },
        })
    };
    facts.topics.iter().filter_map(attribute).collect()
}
