//! Room catalogue: what everybody reads of the offers, without a login. Only what is public comes out of here.

mod capacity;
mod export;
mod find;
mod follow;
mod order;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jiff::Timestamp;
use nahraum_domain::{
    ids::{OfferId, PlaceId},
    offers::{capacity::Band, facts::Facts},
};

pub use self::{
    export::{Exported, InLanguage, exported, exported_one, languages},
    find::{Filter, Found, Mark, find},
    follow::{Change, changes, snapshot},
    order::keep_order,
};
use crate::{
    access::{Caller, Tx},
    error::StoreError,
    offers::{self, Offer},
    places::{self, Place},
    schedules::occurrences::{self, Occurrence},
};

/// How many dates stand with an offer.
const DATES: usize = 3;

/// A public offer with its place and its next dates.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The offer.
    pub offer: Offer,
    /// Where it is.
    pub place: Option<Place>,
    /// Its next dates that are not over, at most three.
    pub dates: Vec<Occurrence>,
    /// What everybody is told of its places: those of the date to come that has most.
    pub capacity: Band,
}

/// One public offer; none when there is no such offer, or not for everybody.
///
/// # Errors
/// The database's.
pub fn first(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Listed>, StoreError> {
    Ok(listed(tx, &[id])?.into_iter().next())
}

/// These offers as everybody sees them, by their ids; those that are not public are left out.
pub(crate) fn each(tx: &mut Tx<'_>, ids: &[OfferId]) -> Result<HashMap<OfferId, Listed>, StoreError> {
    Ok(listed(tx, ids)?.into_iter().map(|listed| (listed.offer.id, listed)).collect())
}

/// These offers as everybody sees them, in this order; those that are not public are left out.
fn listed(tx: &mut Tx<'_>, ids: &[OfferId]) -> Result<Vec<Listed>, StoreError> {
    let offers = offers::load(tx, ids)?.into_iter().filter(|offer| offer.status.is_public()).collect();
    seen(tx, offers)
}

/// An offer as everybody would see it, for those who may see it before; none when there is no such offer for them.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn preview(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OfferId) -> Result<Option<Listed>, StoreError> {
    let Some(offer) = offers::first(tx, caller, id)? else { return Ok(None) };
    Ok(seen(tx, vec![offer])?.into_iter().next())
}

/// These offers with what stands around them.
fn seen(tx: &mut Tx<'_>, offers: Vec<Offer>) -> Result<Vec<Listed>, StoreError> {
    let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id).collect();
    let mut dates = next_dates(tx, &ids)?;
    let named: Vec<PlaceId> = offers.iter().filter_map(|offer| offer.facts.place).collect();
    let places: HashMap<PlaceId, Place> = places::of(tx, &named)?.into_iter().map(|place| (place.id, place)).collect();
    let bands = capacity::bands(tx, &offers)?;
    let with = |offer: Offer| Listed {
        place: offer.facts.place.and_then(|id| places.get(&id).cloned()),
        dates: dates.remove(&offer.id).unwrap_or_default(),
        capacity: bands.get(&offer.id).copied().unwrap_or(Band::NotCounted),
        offer,
    };
    Ok(offers.into_iter().map(with).collect())
}

fn next_dates(tx: &mut Tx<'_>, ids: &[OfferId]) -> Result<HashMap<OfferId, Vec<Occurrence>>, StoreError> {
    let mut dates: HashMap<OfferId, Vec<Occurrence>> = HashMap::new();
    for id in ids {
        dates.insert(*id, occurrences::standing(tx, *id, tx.now(), None, DATES)?);
    }
    Ok(dates)
}

/// What everybody is told of the places of a date.
#[must_use]
pub fn band(facts: &Facts, date: &Occurrence) -> Band {
    let most = date.places_max.or(facts.places_max).and_then(|most| u32::try_from(most).ok());
    let taken = u32::try_from(date.places_taken).unwrap_or(0);
    Band::of(&facts.registration, most.map(|most| most.saturating_sub(taken)), facts.waiting_list)
}

/// A public offer, with its dates that end after one moment (now, if it is not said) and begin before another, at most `limit`; none when
/// the offer is not public.
///
/// # Errors
/// The database's.
pub fn dates(
    tx: &mut Tx<'_>,
    id: OfferId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: usize,
) -> Result<Option<(Offer, Vec<Occurrence>)>, StoreError> {
    let offer = offers::load(tx, &[id])?.pop().filter(|offer| offer.status.is_public());
    let Some(offer) = offer else { return Ok(None) };
    let dates = occurrences::standing(tx, id, from.unwrap_or(tx.now()), to, limit)?;
    Ok(Some((offer, dates)))
}
