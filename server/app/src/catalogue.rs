//! Room catalogue: what everybody reads of the offers. No login, nothing of a person, and nothing of what is asked is written down.

use jiff::Timestamp;
use nahraum_domain::{
    ids::OfferId,
    offers::{OfferKind, folding, places::Position, tags::LanguageTag},
};
use nahraum_store::catalogue as store;
use nahraum_texts::is_topic;

pub use nahraum_formats::calendar::{Event, Standing, calendar};
pub use nahraum_store::{
    catalogue::{Change, Found, Listed, Mark},
    places::Place,
    schedules::Occurrence,
};

use crate::{
    App, Call, Refusal,
    pages::cut,
    refusal::{Failure, Fault},
};

/// The widest circle that is searched, in metres.
const WIDEST: u32 = 50_000;
/// How far is near when nobody says so, in metres.
const NEAR: u32 = 3_000;
/// The most words of a search.
const MOST_WORDS: usize = 8;
/// The most dates of one answer.
const MOST_DATES: usize = 400;
/// The most topics and kinds of a search.
const MOST_LISTED: usize = 20;

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
    /// Near this position, in degrees.
    pub near: Option<(f64, f64)>,
    /// At most so many metres from it.
    pub metres: Option<u32>,
}

/// A page of the feed.
#[derive(Debug)]
pub struct FeedPage {
    /// The changes, the oldest first.
    pub changes: Vec<Change>,
    /// After which number to ask next.
    pub next: i64,
}

impl App {
    /// A page of what somebody looks for, and where to go on.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub async fn find_offers(
        &self,
        call: &Call,
        asked: AskedFilter,
        after: Option<Mark>,
        limit: u32,
    ) -> Result<(Vec<Found>, Option<Mark>), Refusal> {
        let filter = filter(asked)?;
        self.public(call, move |tx| {
            let many = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
            let mut found = store::find(tx, &filter, after, many)?;
            let next = cut(&mut found, limit).map(|found| found.mark);
            Ok((found, next))
        })
        .await
    }

    /// One public offer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn offer(&self, call: &Call, id: OfferId) -> Result<Listed, Refusal> {
        self.public(call, move |tx| Ok(store::first(tx, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// The dates of a public offer, cancelled ones included.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`].
    pub async fn offer_dates(
        &self,
        call: &Call,
        id: OfferId,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Vec<Occurrence>, Refusal> {
        let from = from.map(|text| instant("from", text)).transpose()?;
        let to = to.map(|text| instant("to", text)).transpose()?;
        self.public(call, move |tx| Ok(store::dates(tx, id, from, to, MOST_DATES)?.ok_or(Refusal::NotFound)?)).await
    }

    /// The changes after a number. At the end `next` is the number that was asked with.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn offer_feed(&self, call: &Call, after: i64, limit: u32) -> Result<FeedPage, Refusal> {
        self.public(call, move |tx| {
            let changes = store::changes(tx, after, i64::from(limit))?;
            let next = changes.last().map_or(after, |change| change.seq);
            Ok(FeedPage { changes, next })
        })
        .await
    }

    /// Everything that is public, and after which number to follow the feed.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn offer_snapshot(&self, call: &Call) -> Result<(i64, Vec<Listed>), Refusal> {
        self.public(call, |tx| Ok(store::snapshot(tx)?)).await
    }

    /// A read for everybody: nobody is looked up.
    pub(crate) async fn public<R: Send + 'static>(
        &self,
        call: &Call,
        f: impl FnOnce(&mut nahraum_store::Tx<'_>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let found: Result<R, Failure> = self.store().read(call.moment, f).await;
        self.settle(found).await
    }
}

fn instant(pointer: &'static str, text: &str) -> Result<Timestamp, Refusal> {
    let detail = "A moment of RFC 3339, such as 2026-11-22T09:30:00Z.";
    text.parse().map_err(|_| Refusal::invalid(pointer, "not-a-moment", detail))
}

fn filter(asked: AskedFilter) -> Result<store::Filter, Refusal> {
    let mut faults = Vec::new();
    let mut refuse = |pointer, code, detail| faults.push(Fault { pointer, code, detail });
    let words: Vec<String> = folding::words(asked.words.as_deref().unwrap_or_default()).collect();
    if words.len() > MOST_WORDS || asked.words.as_ref().is_some_and(|text| text.chars().count() > 200) {
        refuse("words", "too-many", "At most eight words of 200 characters together.");
    }
    if asked.topics.len() > MOST_LISTED || !asked.topics.iter().all(|word| is_topic(word)) {
        refuse("topics", "unknown-topic", "At most 20 words of GET /v1/topics.");
    }
    let kinds: Option<Vec<OfferKind>> = asked.kinds.iter().map(|kind| OfferKind::parse(kind)).collect();
    if kinds.is_none() || asked.kinds.len() > MOST_LISTED {
        refuse("kinds", "unknown-kind", "Kinds of offers, such as course or walk-in.");
    }
    let organisation = asked.organisation.map(|id| id.parse().ok());
    if organisation == Some(None) {
        refuse("organisation", "unknown-organisation", "The id of an organisation.");
    }
    let area = asked.area.map(|id| id.parse().ok());
    if area == Some(None) {
        refuse("area", "unknown-area", "The id of an area.");
    }
    let spoken = asked.spoken.map(|tag| tag.parse::<LanguageTag>().ok());
    if spoken == Some(None) {
        refuse("spoken", "not-a-language", "A BCP 47 tag, such as tr or fa-AF.");
    }
    let near = asked.near.map(|(latitude, longitude)| Position::of_degrees(latitude, longitude));
    let metres = asked.metres.unwrap_or(NEAR);
    if near == Some(None) || !(1..=WIDEST).contains(&metres) || (asked.metres.is_some() && asked.near.is_none()) {
        refuse("near", "out-of-range", "Degrees of latitude and longitude, and 1 to 50000 metres.");
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    Ok(store::Filter {
        topics: asked.topics,
        kinds: kinds.unwrap_or_default(),
        organisation: organisation.flatten(),
        area: area.flatten(),
        spoken: spoken.flatten(),
        age: asked.age,
        free: asked.free,
        wheelchair: asked.wheelchair,
        online: asked.online,
        places: asked.places,
        from: asked.from.map(|text| instant("from", &text)).transpose()?,
        to: asked.to.map(|text| instant("to", &text)).transpose()?,
        words,
        near: near.flatten().map(|at| (at, metres)),
    })
}
