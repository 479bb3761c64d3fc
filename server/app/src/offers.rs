//! Room offers: what organisations of the district offer, as their people write it.

pub(crate) mod checks;
mod images;

use nahraum_domain::{
    ids::OfferId,
    offers::{
        lifecycle::{Status, Step},
        tags::LanguageTag,
    },
};
use nahraum_store::offers::{self as store, Stepped, Written};

pub use checks::{AskedFacts, AskedText};
pub use nahraum_store::offers::{Offer, OfferText, Words};

use crate::{App, Call, Refusal, pages::cut, refusal::Failure};

impl App {
    /// Makes a draft with its first text.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], and [`Refusal::Invalid`] with all faults.
    pub async fn create_offer(
        &self,
        call: &Call,
        facts: AskedFacts,
        language: &str,
        words: Words,
    ) -> Result<Offer, Refusal> {
        let facts = checks::facts(facts)?;
        let language = checks::tag("/lang", language)?;
        let words = checks::words(&words)?;
        self.as_publisher_writing(call, move |tx, caller| {
            written(store::create(tx, caller, &facts, &language, &words)?)
        })
        .await
    }

    /// A page of the offers of the caller's organisation, newest first, and where to go on; with `due`, only those that have to be confirmed. With `in-review` the people of the
    /// district office get those of all organisations.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::Invalid`].
    pub async fn publisher_offers(
        &self,
        call: &Call,
        status: Option<&str>,
        due: bool,
        before: Option<OfferId>,
        limit: u32,
    ) -> Result<(Vec<Offer>, Option<OfferId>), Refusal> {
        let status = status.map(|word| {
            let detail = "draft, in-review, published, paused or archived.";
            Status::parse(word).ok_or_else(|| Refusal::invalid("/status", "unknown-status", detail))
        });
        let status = status.transpose()?;
        self.as_publisher(call, move |tx, caller| {
            let mut offers = store::own(tx, caller, status, due, before, i64::from(limit) + 1)?;
            let next = cut(&mut offers, limit).map(|offer| offer.id);
            Ok((offers, next))
        })
        .await
    }

    /// One offer before the public sees it: the organisation's own, or, for the district office, one that waits.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn publisher_offer(&self, call: &Call, id: OfferId) -> Result<Offer, Refusal> {
        self.as_publisher(call, move |tx, caller| Ok(store::first(tx, caller, id)?.ok_or(Refusal::NotFound)?)).await
    }

    /// Gives an offer other facts, if nobody else was faster.
    ///
    /// # Errors
    /// As [`App::create_offer`], [`Refusal::NotFound`]; [`Refusal::StateConflict`] when it is archived or was changed since.
    pub async fn update_offer_facts(
        &self,
        call: &Call,
        id: OfferId,
        revision: i32,
        facts: AskedFacts,
    ) -> Result<Offer, Refusal> {
        let facts = checks::facts(facts)?;
        self.as_publisher_writing(call, move |tx, caller| written(store::update(tx, caller, id, revision, &facts)?))
            .await
    }

    /// Writes the text of an offer in one language, if nobody else was faster.
    ///
    /// # Errors
    /// As [`App::update_offer_facts`].
    pub async fn update_offer_text(
        &self,
        call: &Call,
        id: OfferId,
        revision: i32,
        language: LanguageTag,
        text: AskedText,
    ) -> Result<Offer, Refusal> {
        let change = checks::text(language, text)?;
        self.as_publisher_writing(call, move |tx, caller| written(store::put_text(tx, caller, id, revision, &change)?))
            .await
    }

    /// Takes the text in one language away; that in the offer's own language stays.
    ///
    /// # Errors
    /// As [`App::update_offer_facts`].
    pub async fn delete_offer_text(
        &self,
        call: &Call,
        id: OfferId,
        revision: i32,
        language: LanguageTag,
    ) -> Result<Offer, Refusal> {
        self.as_publisher_writing(call, move |tx, caller| {
            written(store::delete_text(tx, caller, id, revision, &language)?)
        })
        .await
    }

    /// Takes an offer a step further.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::Invalid`];
    /// [`Refusal::SecondPersonRequired`] for the one who submitted it, [`Refusal::StateConflict`] when it is not in a state for
    /// that.
    pub async fn step_offer(&self, call: &Call, id: OfferId, step: &str) -> Result<Offer, Refusal> {
        let step = Step::parse(step).ok_or_else(|| {
            let detail = "submit, approve, return, pause, resume, archive or reopen.";
            Refusal::invalid("/step", "unknown-step", detail)
        })?;
        let offer = self
            .as_publisher_writing(call, move |tx, caller| match store::step(tx, caller, id, step)? {
                Stepped::Done(offer) => Ok(*offer),
                Stepped::Unknown => Err(Refusal::NotFound.into()),
                Stepped::Late => Err(Refusal::StateConflict.into()),
                Stepped::WrongPerson => Err(Refusal::SecondPersonRequired.into()),
            })
            .await?;
        let (request, step, status) = (call.moment.request, step.as_str(), offer.status.as_str());
        tracing::info!(event = "offer_stepped", %request, offer = %id, step, status, "an offer went a step further");
        Ok(offer)
    }
}

/// What became of writing an offer.
pub(crate) fn written(outcome: Written) -> Result<Offer, Failure> {
    match outcome {
        Written::Done(offer) => Ok(*offer),
        Written::Unknown => Err(Refusal::NotFound.into()),
        Written::Changed | Written::Late => Err(Refusal::StateConflict.into()),
        Written::NoPlace => {
            let detail = "The organisation has no such place.";
            Err(Refusal::invalid("/facts/place_id", "unknown-place", detail).into())
        }
        Written::NoArea => Err(Refusal::invalid("/facts/areas", "unknown-area", "There is no such area.").into()),
    }
}
