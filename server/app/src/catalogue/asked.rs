//! What somebody looks for, and what of it cannot be read.

use jiff::{SignedDuration, Timestamp};
use nahraum_domain::offers::{OfferKind, folding, occurrences::weekday, places::Position, tags::LanguageTag};
use nahraum_store::catalogue as store;
use nahraum_texts::is_topic;

use crate::{Refusal, refusal::Fault};

/// The widest circle that is searched, in metres.
const WIDEST: u32 = 50_000;
/// How far is near when nobody says so, in metres.
const NEAR: u32 = 3_000;
/// The most words of a search.
const MOST_WORDS: usize = 8;
/// The most topics and kinds of a search.
const MOST_LISTED: usize = 20;

/// How far ahead days of the week are looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(28 * 24);

/// What somebody looks for, as it came.
#[derive(Debug, Default)]
pub struct AskedFilter {
    /// Words.
    pub words: Option<String>,
    /// About one of these.
    pub topics: Vec<String>,
    /// Of one of these kinds.
    pub kinds: Vec<String>,
    /// Of this organisation.
    pub organisation: Option<String>,
    /// In this area.
    pub area: Option<String>,
    /// Where this language is spoken.
    pub spoken: Option<String>,
    /// For somebody of this age.
    pub age: Option<i32>,
    /// That costs nothing.
    pub free: bool,
    /// Where a wheelchair gets in.
    pub wheelchair: bool,
    /// Over the internet, or not.
    pub online: Option<bool>,
    /// With free places.
    pub places: bool,
    /// From this moment on.
    pub from: Option<String>,
    /// Up to this moment.
    pub to: Option<String>,
    /// On one of these days of the week.
    pub weekdays: Vec<String>,
    /// That takes place now.
    pub open_now: bool,
    /// Near this position, in degrees.
    pub near: Option<(f64, f64)>,
    /// At most so many metres from it.
    pub metres: Option<u32>,
}

impl AskedFilter {
    /// What the store looks for.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with everything that cannot be read.
    pub(super) fn filter(self, now: Timestamp) -> Result<store::Filter, Refusal> {
        let mut faults = Vec::new();
        let mut refuse = |pointer, code, detail| faults.push(Fault { pointer, code, detail });
        let words: Vec<String> = folding::words(self.words.as_deref().unwrap_or_default()).collect();
        if words.len() > MOST_WORDS || self.words.as_ref().is_some_and(|text| text.chars().count() > 200) {
            refuse("words", "too-many", "At most eight words of 200 characters together.");
        }
        if self.topics.len() > MOST_LISTED || !self.topics.iter().all(|word| is_topic(word)) {
            refuse("topics", "unknown-topic", "At most 20 words of GET /v1/topics.");
        }
        let kinds: Option<Vec<OfferKind>> = self.kinds.iter().map(|kind| OfferKind::parse(kind)).collect();
        if kinds.is_none() || self.kinds.len() > MOST_LISTED {
            refuse("kinds", "unknown-kind", "Kinds of offers, such as course or walk-in.");
        }
        let organisation = self.organisation.as_deref().map(|id| id.parse().ok());
        if organisation == Some(None) {
            refuse("organisation", "unknown-organisation", "The id of an organisation.");
        }
        let area = self.area.as_deref().map(|id| id.parse().ok());
        if area == Some(None) {
            refuse("area", "unknown-area", "The id of an area.");
        }
        let spoken = self.spoken.as_deref().map(|tag| tag.parse::<LanguageTag>().ok());
        if spoken == Some(None) {
            refuse("spoken", "not-a-language", "A BCP 47 tag, such as tr or fa-AF.");
        }
        let near = self.near.map(|(latitude, longitude)| Position::of_degrees(latitude, longitude));
        let metres = self.metres.unwrap_or(NEAR);
        if near == Some(None) || !(1..=WIDEST).contains(&metres) || (self.metres.is_some() && self.near.is_none()) {
            refuse("near", "out-of-range", "Degrees of latitude and longitude, and 1 to 50000 metres.");
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        let when = self.when(now)?;
        Ok(store::Filter {
            topics: self.topics,
            kinds: kinds.unwrap_or_default(),
            organisation: organisation.flatten(),
            area: area.flatten(),
            spoken: spoken.flatten(),
            age: self.age,
            free: self.free,
            wheelchair: self.wheelchair,
            online: self.online,
            places: self.places,
            words,
            near: near.flatten().map(|at| (at, metres)),
            ..when
        })
    }

    /// The part of it that is about dates.
    fn when(&self, now: Timestamp) -> Result<store::Filter, Refusal> {
        let read = |pointer, text: &Option<String>| text.as_deref().map(|text| instant(pointer, text)).transpose();
        let (mut from, mut to) = (read("from", &self.from)?, read("to", &self.to)?);
        if self.open_now {
            let soon = now.saturating_add(SignedDuration::from_micros(1)).unwrap_or(now);
            (from, to) = (from.max(Some(now)), Some(to.map_or(soon, |to| to.min(soon))));
        }
        let weekdays: Option<Vec<_>> = self.weekdays.iter().map(|word| weekday(word)).collect();
        let Some(weekdays) = weekdays else {
            return Err(Refusal::invalid("weekdays", "unknown-weekday", "Days of the week: monday to sunday."));
        };
        if !weekdays.is_empty() {
            let last = from.unwrap_or(now).max(now).checked_add(AHEAD).unwrap_or(Timestamp::MAX);
            to = Some(to.map_or(last, |to| to.min(last)));
        }
        Ok(store::Filter { from, to, weekdays, ..store::Filter::default() })
    }
}

/// A moment that somebody names.
pub(super) fn instant(pointer: &'static str, text: &str) -> Result<Timestamp, Refusal> {
    let detail = "A moment of RFC 3339, such as 2026-11-22T09:30:00Z.";
    text.parse().map_err(|_| Refusal::invalid(pointer, "invalid-moment", detail))
}
