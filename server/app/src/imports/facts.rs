//! What a list says of an offer, put on what is known of it, and looked at like what somebody types.

use nahraum_domain::offers::{OfferKind, facts::Facts};
use nahraum_formats::offer_list::{Faults, ListedFacts, ListedOffer, Notice, Spot};
use nahraum_texts::is_topic;

use super::Defaults;
use crate::{
    Refusal,
    offers::{AskedFacts, checks},
};

/// For a refusal's pointer the column of a table, and the field of HSDS that it comes from.
const FIELDS: [(&str, &str, &str); 26] = [
    ("/facts/kind", "kind", "attributes"),
    ("/facts/sensitivity", "sensitivity", ""),
    ("/facts/cost", "cost", "cost_options"),
    ("/facts/registration", "registration", "url"),
    ("/facts/place_id", "place", "service_at_locations"),
    ("/facts/areas", "", "service_areas"),
    ("/facts/spoken", "spoken", "languages"),
    ("/facts/topics", "topics", "attributes"),
    ("/facts/age_min", "age_min", "minimum_age"),
    ("/facts/places_max", "places_max", ""),
    ("/text/title", "title", "name"),
    ("/text/summary", "summary", "description"),
    ("/text/body", "body", "description"),
    ("/text/how_to_come", "how_to_come", "service_at_locations"),
    ("/lang", "language", ""),
    ("/name", "place", "service_at_locations"),
    ("/street", "street", "service_at_locations"),
    ("/postcode", "postcode", "service_at_locations"),
    ("/city", "city", "service_at_locations"),
    ("/position", "latitude", "service_at_locations"),
    ("/time_zone", "time_zone", "schedules"),
    ("/starts_local", "starts_local", "schedules"),
    ("/minutes", "minutes", "schedules"),
    ("/rule", "rule", "schedules"),
    ("/skip", "rule", "schedules"),
    ("/schedules", "starts_local", "schedules"),
];

/// Tells what a check refuses, where the list has it.
pub(super) fn told(at: &Spot, refusal: Refusal, faults: &mut Faults) {
    let Refusal::Invalid(found) = refusal else { return };
    for fault in found {
        let field = FIELDS.into_iter().find(|(pointer, ..)| *pointer == fault.pointer);
        let field = field.map_or(fault.pointer, |(_, column, field)| match at {
            Spot::Line(_) => column,
            Spot::Pointer(_) => field,
        });
        faults.add(at, field, fault.code, fault.detail);
    }
}

/// Facts as they would be typed. The place is not among them.
fn asked(known: Option<&Facts>, defaults: &Defaults) -> AskedFacts {
    let Some(known) = known else {
        return AskedFacts {
            kind: defaults.kind.clone().unwrap_or_default(),
            sensitivity: defaults.sensitivity.clone().unwrap_or_else(|| "normal".to_owned()),
            place: None,
            age_min: None,
            age_max: None,
            cost: defaults.cost.clone().unwrap_or_default(),
            cost_cents: None,
            registration: "none".to_owned(),
            registration_at: None,
            places_max: None,
            waiting_list: false,
            interpreter: false,
            online: false,
            topics: defaults.topics.clone(),
            spoken: Vec::new(),
            areas: Vec::new(),
        };
    };
    AskedFacts {
        kind: known.kind.as_str().to_owned(),
        sensitivity: known.sensitivity.as_str().to_owned(),
        place: None,
        age_min: known.age_min,
        age_max: known.age_max,
        cost: known.cost.as_str().to_owned(),
        cost_cents: known.cost.cents(),
        registration: known.registration.as_str().to_owned(),
        registration_at: known.registration.at().map(str::to_owned),
        places_max: known.places_max,
        waiting_list: known.waiting_list,
        interpreter: known.interpreter,
        online: known.online,
        topics: known.topics.clone(),
        spoken: known.spoken.iter().map(ToString::to_string).collect(),
        areas: known.areas.iter().map(ToString::to_string).collect(),
    }
}

/// The same with what the list says.
fn said(on: AskedFacts, listed: &ListedFacts) -> AskedFacts {
    let (cost, cost_cents) = listed.cost.clone().unwrap_or((on.cost, on.cost_cents));
    let (registration, registration_at) = listed.registration.clone().unwrap_or((on.registration, on.registration_at));
    AskedFacts {
        kind: listed.kind.clone().unwrap_or(on.kind),
        sensitivity: listed.sensitivity.clone().unwrap_or(on.sensitivity),
        place: None,
        age_min: listed.age_min.unwrap_or(on.age_min),
        age_max: listed.age_max.unwrap_or(on.age_max),
        cost,
        cost_cents,
        registration,
        registration_at,
        places_max: listed.places_max.unwrap_or(on.places_max),
        waiting_list: listed.waiting_list.unwrap_or(on.waiting_list),
        interpreter: listed.interpreter.unwrap_or(on.interpreter),
        online: listed.online.unwrap_or(on.online),
        topics: listed.topics.clone().unwrap_or(on.topics),
        spoken: listed.spoken.clone().unwrap_or(on.spoken),
        areas: on.areas,
    }
}

/// The facts of an offer with what a list says, and its place. None when something is wrong with them.
pub(super) fn read(
    listed: &ListedOffer,
    known: Option<&Facts>,
    place: Option<String>,
    defaults: &Defaults,
    notices: &mut Vec<Notice>,
    faults: &mut Faults,
) -> Option<Facts> {
    let mut asked = said(asked(known, defaults), &listed.facts);
    if listed.facts.free_if_new && asked.cost.is_empty() {
        "free".clone_into(&mut asked.cost);
    }
    from_terms(listed, &mut asked, notices);
    asked.place = place;
    if known.is_none() && listed.facts.sensitivity.is_none() && defaults.sensitivity.is_none() {
        let detail =
            "Nothing is said about how delicate it is: it is taken as normal. Look at it before it becomes public.";
        notices.push(Notice { code: "sensitivity-assumed", fields: vec!["sensitivity".to_owned()], detail });
    }
    let mut facts = match checks::facts(asked) {
        Ok(facts) => facts,
        Err(refusal) => {
            told(&listed.at, refusal, faults);
            return None;
        }
    };
    // The order in which they are kept, so that the same ones are the same.
    facts.topics.sort_unstable();
    facts.spoken.sort_unstable();
    facts.areas.sort_unstable();
    Some(facts)
}

/// Takes the words of the house out of other vocabularies.
fn from_terms(listed: &ListedOffer, asked: &mut AskedFacts, notices: &mut Vec<Notice>) {
    let topics: Vec<String> =
        listed.terms.iter().map(|(word, _)| word).filter(|word| is_topic(word)).cloned().collect();
    if !topics.is_empty() {
        asked.topics = topics;
        asked.topics.sort_unstable();
        asked.topics.dedup();
    }
    let kind = listed.terms.iter().find_map(|(word, _)| OfferKind::parse(word));
    if let Some(kind) = kind {
        kind.as_str().clone_into(&mut asked.kind);
    }
    let foreign = listed.terms.iter().filter(|(word, _)| !is_topic(word) && OfferKind::parse(word).is_none());
    let fields: Vec<String> = foreign.map(|(_, at)| at.clone()).collect();
    if !fields.is_empty() {
        let detail = "These terms are neither topics nor kinds of offers here.";
        notices.push(Notice { code: "unknown-terms", fields, detail });
    }
}
