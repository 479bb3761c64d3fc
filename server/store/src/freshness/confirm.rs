//! Saying that offers are still true, many at once.

use nahraum_domain::ids::OfferId;

use crate::{
    access::{Caller, Tx},
    error::StoreError,
    offers::{self, Offer, feed, publisher},
};

/// What became of one offer that somebody wants to confirm.
#[derive(Debug)]
pub enum Answer {
    /// It counts as true from today on; the offer as it is now.
    Confirmed(Box<Offer>),
    /// There is no such offer for the caller.
    Unknown,
    /// It was changed since the caller has seen it: look again.
    Changed,
    /// It is not public.
    NotPublic,
}

/// Confirms offers of the caller's organisation, each in the revision that the caller has seen. Each stands for itself: one that was
/// changed since does not keep the others from being confirmed. Answers come in the order of the question.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn confirm(tx: &mut Tx<'_>, caller: &Caller<'_>, asked: &[(OfferId, i32)]) -> Result<Vec<Answer>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    asked
        .iter()
        .map(|(id, revision)| {
            let offer = offers::load(tx, &[*id])?.into_iter().next();
            let Some(offer) = offer.filter(|offer| offer.organisation == organisation) else {
                return Ok(Answer::Unknown);
            };
            one(tx, &offer, *revision)
        })
        .collect()
}

/// Confirms one offer in this revision.
pub(super) fn one(tx: &mut Tx<'_>, offer: &Offer, revision: i32) -> Result<Answer, StoreError> {
    if !offer.status.is_public() {
        return Ok(Answer::NotPublic);
    }
    if offer.revision != revision {
        return Ok(Answer::Changed);
    }
    offers::confirm(tx, offer.id, offer.facts.kind)?;
    feed::touch(tx, offer.id)?;
    Ok(Answer::Confirmed(offers::get(tx, offer.id)?))
}
