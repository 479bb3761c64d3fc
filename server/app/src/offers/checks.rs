//! What people write about an offer, read into facts and texts, or refused with every fault that was found.

use std::ops::RangeInclusive;

use nahraum_domain::offers::{
    OfferKind,
    facts::{BadFacts, Cost, Facts, Registration},
    image,
    lifecycle::Sensitivity,
    markup,
    tags::LanguageTag,
    texts::Origin,
};
use nahraum_store::offers::{TextChange, Words};
use nahraum_texts::is_topic;

use crate::{Refusal, refusal::Fault};

const TITLE: RangeInclusive<usize> = 3..=120;
const SUMMARY: RangeInclusive<usize> = 1..=300;
const BODY: RangeInclusive<usize> = 0..=5_000;
const HOW_TO_COME: RangeInclusive<usize> = 0..=500;
const ENGINE: RangeInclusive<usize> = 1..=60;

/// Facts as they came.
#[derive(Debug)]
pub struct AskedFacts {
    /// The kind, as its word.
    pub kind: String,
    /// How much care it needs, as its word.
    pub sensitivity: String,
    /// The place.
    pub place: Option<String>,
    /// From which age on.
    pub age_min: Option<i32>,
    /// Up to which age.
    pub age_max: Option<i32>,
    /// What it costs, as its word.
    pub cost: String,
    /// The price in cents.
    pub cost_cents: Option<i32>,
    /// How one takes part, as its word.
    pub registration: String,
    /// The number or the page for that.
    pub registration_at: Option<String>,
    /// How many can take part.
    pub places_max: Option<i32>,
    /// Whether there is a waiting list.
    pub waiting_list: bool,
    /// Whether an interpreter can be had.
    pub interpreter: bool,
    /// Whether one takes part over the internet.
    pub online: bool,
    /// What it is about.
    pub topics: Vec<String>,
    /// Which languages are spoken.
    pub spoken: Vec<String>,
    /// For whom it is.
    pub areas: Vec<String>,
}

/// A text as it came.
#[derive(Debug)]
pub struct AskedText {
    /// The words.
    pub words: Words,
    /// What the image of the offer shows; as before, if it is not said.
    pub image_alt: Option<String>,
    /// Where they come from, as its word.
    pub origin: String,
    /// The machine that translated them.
    pub engine: Option<String>,
    /// Whether they say something else than before.
    pub matters: bool,
    /// Which edition they were made from.
    pub made_from_rev: Option<i32>,
}

/// Faults as they are found.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn take<T>(
        &mut self,
        found: Option<T>,
        pointer: &'static str,
        code: &'static str,
        detail: &'static str,
    ) -> Option<T> {
        if found.is_none() {
            self.0.push(Fault { pointer, code, detail });
        }
        found
    }
}

/// Reads facts.
pub(crate) fn facts(asked: AskedFacts) -> Result<Facts, Refusal> {
    let mut faults = Faults::default();
    let kind = faults.take(
        OfferKind::parse(&asked.kind),
        "/facts/kind",
        "unknown-kind",
        "course, group, walk-in, counselling, screening, vaccination-day, talk, self-help, navigation or online.",
    );
    let sensitivity = Sensitivity::parse(&asked.sensitivity);
    let sensitivity = faults.take(sensitivity, "/facts/sensitivity", "unknown-sensitivity", "normal or sensitive.");
    let cost = faults.take(
        Cost::parse(&asked.cost, asked.cost_cents),
        "/facts/cost",
        "unknown-cost",
        "free, donation or insurer without cost_cents; paid or by-income with cost_cents from 1 to 1000000.",
    );
    let registration = faults.take(
        Registration::parse(&asked.registration, asked.registration_at.as_deref()),
        "/facts/registration",
        "unknown-registration",
        "none, in-app or referral without registration_at; phone with a number like +4940123456; website with an https address.",
    );
    let place = asked.place.map(|id| id.parse().ok());
    let place =
        place.map(|id| faults.take(id, "/facts/place_id", "unknown-place", "The organisation has no such place."));
    let areas: Option<Vec<_>> = asked.areas.iter().map(|id| id.parse().ok()).collect();
    let areas = faults.take(areas, "/facts/areas", "unknown-area", "There is no such area.");
    let spoken: Option<Vec<LanguageTag>> = asked.spoken.iter().map(|tag| tag.parse().ok()).collect();
    let spoken = faults.take(spoken, "/facts/spoken", "not-a-language", "BCP 47 tags, such as de, tr or fa-AF.");
    let topics = asked.topics.iter().all(|word| is_topic(word)).then_some(asked.topics);
    let topics = faults.take(topics, "/facts/topics", "unknown-topic", "Words of GET /v1/topics.");
    let read = (kind, sensitivity, cost, registration, areas, spoken, topics);
    let (Some(kind), Some(sensitivity), Some(cost), Some(registration), Some(areas), Some(spoken), Some(topics)) = read
    else {
        return Err(Refusal::Invalid(faults.0));
    };
    if !faults.0.is_empty() {
        return Err(Refusal::Invalid(faults.0));
    }
    let facts = Facts {
        kind,
        sensitivity,
        place: place.flatten(),
        age_min: asked.age_min,
        age_max: asked.age_max,
        cost,
        registration,
        places_max: asked.places_max,
        waiting_list: asked.waiting_list,
        interpreter: asked.interpreter,
        online: asked.online,
        topics,
        spoken,
        areas,
    };
    facts.check().map_err(contradiction)?;
    Ok(facts)
}

fn contradiction(bad: BadFacts) -> Refusal {
    let (pointer, code, detail) = match bad {
        BadFacts::Age => ("/facts/age_min", "out-of-range", "Ages from 0 to 130, the lower one first."),
        BadFacts::Places => {
            let detail = "places_max from 1 to 10000 goes with in-app and with nothing else; waiting_list needs it.";
            ("/facts/places_max", "contradiction", detail)
        }
        BadFacts::Words => {
            ("/facts/topics", "too-many", "At most 20 topics, languages and areas each, none of them twice.")
        }
        BadFacts::NoTopic => ("/facts/topics", "missing", "At least one topic."),
        BadFacts::Nowhere => {
            let detail = "A place, or online, or a number, a page or a referral that leads there.";
            ("/facts/place_id", "missing", detail)
        }
    };
    Refusal::invalid(pointer, code, detail)
}

/// Reads a language tag.
pub(crate) fn tag(pointer: &'static str, text: &str) -> Result<LanguageTag, Refusal> {
    let detail = "A BCP 47 tag, such as de, de-simple, tr or fa-AF.";
    text.parse().map_err(|_| Refusal::invalid(pointer, "not-a-language", detail))
}

/// Reads words: lengths, no control characters, and links that lead somewhere.
pub(crate) fn words(words: &Words) -> Result<Words, Refusal> {
    let words = Words {
        title: words.title.trim().to_owned(),
        summary: words.summary.trim().to_owned(),
        body: words.body.replace("\r\n", "\n").trim().to_owned(),
        how_to_come: words.how_to_come.trim().to_owned(),
    };
    let mut faults = Faults::default();
    let line = |text: &str, length: RangeInclusive<usize>| {
        (length.contains(&text.chars().count()) && !text.chars().any(char::is_control)).then_some(())
    };
    faults.take(line(&words.title, TITLE), "/text/title", "invalid-length", "3 to 120 characters on one line.");
    faults.take(line(&words.summary, SUMMARY), "/text/summary", "invalid-length", "1 to 300 characters on one line.");
    let way = line(&words.how_to_come, HOW_TO_COME);
    faults.take(way, "/text/how_to_come", "invalid-length", "At most 500 characters on one line.");
    let body = BODY.contains(&words.body.chars().count()) && !words.body.chars().any(|c| c.is_control() && c != '\n');
    faults.take(body.then_some(()), "/text/body", "invalid-length", "At most 5000 characters.");
    let links = markup::plain(&words.body).ok();
    faults.take(links, "/text/body", "bad-link", "Links lead to https://, tel:+49… or mailto:name@host.");
    if faults.0.is_empty() { Ok(words) } else { Err(Refusal::Invalid(faults.0)) }
}

/// Reads a text.
pub(super) fn text(language: LanguageTag, asked: AskedText) -> Result<TextChange, Refusal> {
    let origin = Origin::parse(&asked.origin)
        .ok_or_else(|| Refusal::invalid("/origin", "unknown-origin", "human, machine or machine-reviewed."))?;
    let engine = asked.engine.map(|engine| engine.trim().to_owned());
    let is_named = engine
        .as_ref()
        .is_some_and(|engine| ENGINE.contains(&engine.chars().count()) && !engine.chars().any(char::is_control));
    if is_named != (origin != Origin::Human) {
        let detail = "The machine's name, 1 to 60 characters, when a machine translated it; otherwise none.";
        return Err(Refusal::invalid("/engine", "missing", detail));
    }
    let words = words(&asked.words)?;
    let image_alt = asked.image_alt.as_deref().map(|alt| image::alt(alt).ok_or(alt));
    let image_alt = image_alt.transpose().map_err(|_| {
        let detail = "At most 250 characters on one line.";
        Refusal::invalid("/image_alt", "invalid-length", detail)
    })?;
    let AskedText { matters, made_from_rev, .. } = asked;
    Ok(TextChange { language, words, image_alt, origin, engine, matters, made_from_rev })
}
