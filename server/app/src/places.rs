//! Room places: where organisations offer something, as their people write it down.

use nahraum_domain::ids::PlaceId;
use nahraum_store::{
    Caller, Tx,
    places::{self as store, Done},
};

pub use nahraum_store::places::{Place, PlaceFacts};

use crate::{App, Call, Refusal, pages::cut, refusal::Failure};

impl App {
    /// The places of the caller's organisation, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn places(
        &self,
        call: &Call,
        before: Option<PlaceId>,
        limit: u32,
    ) -> Result<(Vec<Place>, Option<PlaceId>), Refusal> {
        self.as_publisher(call, move |tx, caller| {
            let mut items = store::list(tx, caller, before, i64::from(limit) + 1)?;
            let next = cut(&mut items, limit).map(|place| place.id);
            Ok((items, next))
        })
        .await
    }

    /// Adds a place to the caller's organisation.
    ///
    /// # Errors
    /// As [`App::places`], [`Refusal::Invalid`].
    pub async fn create_place(&self, call: &Call, facts: PlaceFacts) -> Result<Place, Refusal> {
        let facts = checked(&facts)?;
        self.as_publisher_writing(call, move |tx, caller| {
            Ok(store::create(tx, caller, &facts)?.ok_or_else(unknown_area)?)
        })
        .await
    }

    /// Changes what is known of a place; all offers there are new to those who follow the feed.
    ///
    /// # Errors
    /// As [`App::create_place`], [`Refusal::NotFound`] when it is none of the organisation's.
    pub async fn change_place(
        &self,
        call: &Call,
        id: PlaceId,
        change: impl Fn(PlaceFacts) -> PlaceFacts + Send + 'static,
    ) -> Result<Place, Refusal> {
        self.as_publisher_writing(call, move |tx, caller| {
            let known = store::own(tx, caller, id)?.ok_or(Refusal::NotFound)?;
            let facts = checked(&change(known.facts))?;
            settled(store::change(tx, caller, id, &facts)?)?;
            Ok(store::own(tx, caller, id)?.ok_or(Refusal::NotFound)?)
        })
        .await
    }

    /// Takes a place away.
    ///
    /// # Errors
    /// As [`App::places`], [`Refusal::NotFound`], [`Refusal::StateConflict`] when something is to take place there.
    pub async fn delete_place(&self, call: &Call, id: PlaceId) -> Result<(), Refusal> {
        self.as_publisher_writing(call, move |tx, caller| Ok(settled(store::remove(tx, caller, id)?)?)).await
    }

    /// A unit of work for somebody who publishes offers; anyone else is refused, whatever they ask for.
    pub(crate) async fn as_publisher<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.read(call, |tx, caller| {
            caller.publisher().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }

    /// [`App::as_publisher`], writing.
    pub(crate) async fn as_publisher_writing<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        let _alone = self.gates().publish().await;
        self.write(call, move |tx, caller| {
            caller.publisher().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }
}

fn settled(done: Done) -> Result<(), Refusal> {
    match done {
        Done::Yes => Ok(()),
        Done::NoPlace => Err(Refusal::NotFound),
        Done::NoArea => Err(unknown_area()),
        Done::InUse => Err(Refusal::StateConflict),
    }
}

fn unknown_area() -> Refusal {
    Refusal::invalid("/area_id", "unknown-area", "There is no such area.")
}

/// Reads what somebody writes about a place.
pub(crate) fn checked(facts: &PlaceFacts) -> Result<PlaceFacts, Refusal> {
    let line = |pointer, text: &str, most: usize, detail| {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
            return Err(Refusal::invalid(pointer, "invalid-length", detail));
        }
        Ok(text.to_owned())
    };
    Ok(PlaceFacts {
        name: line("/name", &facts.name, 120, "A name has 1 to 120 characters on one line.")?,
        street: line("/street", &facts.street, 120, "A street has 1 to 120 characters on one line.")?,
        postcode: line("/postcode", &facts.postcode, 10, "A postcode has 1 to 10 characters.")?,
        city: line("/city", &facts.city, 80, "A town has 1 to 80 characters on one line.")?,
        ..facts.clone()
    })
}
