//! Room catalogue: what everybody reads of the offers. No login, nothing of a person, and nothing of what is asked is written down.

mod asked;

use std::collections::BTreeMap;

use jiff::Timestamp;
use nahraum_domain::ids::OfferId;
use nahraum_store::catalogue as store;

pub use nahraum_formats::calendar::{Event, Standing, calendar};
pub use nahraum_store::{
    areas::Area,
    catalogue::{Change, Exported, Found, InLanguage, Listed, Mark, band},
    offers::Offer,
    places::Place,
    schedules::Occurrence,
};

pub use self::asked::AskedFilter;
use self::asked::instant;
use crate::{App, Call, Refusal, pages::cut, refusal::Failure};

/// The most dates of one answer.
const MOST_DATES: usize = 400;

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
        let filter = asked.filter(call.moment.now)?;
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

    /// An offer as everybody would see it: the organisation's own, or, for the district office, one that waits.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn preview_offer(&self, call: &Call, id: OfferId) -> Result<Listed, Refusal> {
        self.as_publisher(call, move |tx, caller| Ok(store::preview(tx, caller, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// A public offer with its dates, cancelled ones included.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`].
    pub async fn offer_dates(
        &self,
        call: &Call,
        id: OfferId,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(Offer, Vec<Occurrence>), Refusal> {
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

    /// A page of everything that is public and has changed at or after a moment, for other directories, and how many there are.
    ///
    /// # Errors
    /// [`Refusal::Invalid`].
    pub async fn export_offers(
        &self,
        call: &Call,
        since: Option<&str>,
        skip: i64,
        limit: i64,
    ) -> Result<(i64, Vec<Exported>), Refusal> {
        let since = since.map(|text| instant("modified_after", text)).transpose()?.unwrap_or(Timestamp::MIN);
        self.public(call, move |tx| Ok(store::exported(tx, since, skip, limit)?)).await
    }

    /// One public offer for other directories.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn export_offer(&self, call: &Call, id: OfferId) -> Result<Exported, Refusal> {
        self.public(call, move |tx| Ok(store::exported_one(tx, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// In which languages there are public offers, by their tags.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn offer_languages(&self, call: &Call) -> Result<BTreeMap<String, InLanguage>, Refusal> {
        self.public(call, |tx| Ok(store::languages(tx)?)).await
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
