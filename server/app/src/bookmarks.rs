//! Room bookmarks: the offers that a resident keeps. Nobody else is told, and nobody counts them.

use nahraum_domain::ids::OfferId;
use nahraum_store::{bookmarks as store, catalogue};

pub use nahraum_store::bookmarks::Bookmark;

use crate::{App, Call, Refusal};

impl App {
    /// What the caller keeps, the last one first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn bookmarks(&self, call: &Call) -> Result<Vec<Bookmark>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// The caller keeps an offer.
    ///
    /// # Errors
    /// As [`App::bookmarks`]; [`Refusal::NotFound`] when there is no such public offer, [`Refusal::StateConflict`] when 200 are kept.
    pub async fn keep_offer(&self, call: &Call, offer: OfferId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            catalogue::first(tx, offer)?.ok_or(Refusal::NotFound)?;
            if store::keep(tx, caller, offer)? { Ok(()) } else { Err(Refusal::StateConflict.into()) }
        })
        .await
    }

    /// The caller does not keep an offer any more.
    ///
    /// # Errors
    /// As [`App::bookmarks`].
    pub async fn let_offer_go(&self, call: &Call, offer: OfferId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| Ok(store::let_go(tx, caller, offer)?)).await
    }
}
