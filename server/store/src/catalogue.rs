//! Room catalogue: what everybody reads of the offers, without a login. Only what is public comes out of here.

mod find;
mod follow;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::{
    ids::{AreaId, OccurrenceId, OfferId, PlaceId},
    offers::nearby::Position,
};

pub use self::{
    find::{Filter, Found, Mark, find},
    follow::{Change, changes, head, snapshot},
};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    offers::{self, Offer, feed::CANCELLED},
    schema::{occurrences, places},
};

/// How many dates stand with an offer.
const DATES: usize = 3;

/// A public offer with its place and its next dates.
#[derive(Debug)]
pub struct Listed {
    /// The offer.
    pub offer: Offer,
    /// Where it is.
    pub place: Option<Place>,
    /// Its next dates that are not over, at most three.
    pub dates: Vec<Occurrence>,
}

/// A place as it is stored. How much of it is told is decided by its [visibility](Visibility).
#[derive(Debug, Clone)]
pub struct Place {
    /// The place.
    pub id: PlaceId,
    /// What people call it.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// The postcode.
    pub postcode: String,
    /// The town.
    pub city: String,
    /// Where it is on the map.
    pub position: Option<Position>,
    /// In which area.
    pub area: Option<AreaId>,
    /// To whom the address is told, as its word.
    pub address_visibility: String,
    /// Whether a wheelchair gets in, as its word.
    pub wheelchair: String,
    /// Whether there is a toilet for it, as its word.
    pub toilet: String,
    /// Whether there is no step.
    pub step_free: bool,
}

/// One date of an offer.
#[derive(Debug, Clone)]
pub struct Occurrence {
    /// The date. Its id stays, whatever becomes of it.
    pub id: OccurrenceId,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// `scheduled`, `moved` or `cancelled`.
    pub state: String,
    /// The time zone in which it is announced.
    pub time_zone: String,
}

type OccurrenceRow = (Sql<OccurrenceId>, Sql<OfferId>, Instant, Instant, String, String);

/// One public offer; none when there is no such offer, or not for everybody.
///
/// # Errors
/// The database's.
pub fn first(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Listed>, StoreError> {
    Ok(listed(tx, &[id])?.into_iter().next())
}

/// These offers as everybody sees them, in this order; those that are not public are left out.
fn listed(tx: &mut Tx<'_>, ids: &[OfferId]) -> Result<Vec<Listed>, StoreError> {
    let offers: Vec<Offer> = offers::load(tx, ids)?.into_iter().filter(|offer| offer.status.is_public()).collect();
    let ids: Vec<OfferId> = offers.iter().map(|offer| offer.id).collect();
    let mut dates = next_dates(tx, &ids)?;
    let places = places_of(tx, offers.iter().filter_map(|offer| offer.facts.place))?;
    let with = |offer: Offer| Listed {
        place: offer.facts.place.and_then(|id| places.get(&id).cloned()),
        dates: dates.remove(&offer.id).unwrap_or_default(),
        offer,
    };
    Ok(offers.into_iter().map(with).collect())
}

fn next_dates(tx: &mut Tx<'_>, ids: &[OfferId]) -> Result<HashMap<OfferId, Vec<Occurrence>>, StoreError> {
    let mut dates: HashMap<OfferId, Vec<Occurrence>> = HashMap::new();
    for id in ids {
        let found = dates_of(tx, *id, None, None, DATES)?;
        dates.insert(*id, found);
    }
    Ok(dates)
}

/// The dates of an offer that end after `from` (now, if it is not said) and begin before `to`, at most `limit`, cancelled ones included.
fn dates_of(
    tx: &mut Tx<'_>,
    id: OfferId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<Occurrence>, StoreError> {
    use crate::schema::offer_schedules;
    let mut query = occurrences::table
        .inner_join(offer_schedules::table.on(offer_schedules::id.eq(occurrences::schedule_id)))
        .filter(occurrences::offer_id.eq(Sql(id)))
        .filter(occurrences::ends_at.gt(Instant::from(from.unwrap_or(tx.now()))))
        .order((occurrences::starts_at, occurrences::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((
            occurrences::id,
            occurrences::offer_id,
            occurrences::starts_at,
            occurrences::ends_at,
            occurrences::state,
            offer_schedules::time_zone,
        ))
        .into_boxed();
    if let Some(to) = to {
        query = query.filter(occurrences::starts_at.lt(Instant::from(to)));
    }
    let rows: Vec<OccurrenceRow> = query.load(tx.conn())?;
    let read = |(id, _, starts, ends, state, time_zone): OccurrenceRow| Occurrence {
        id: id.0,
        starts_at: starts.timestamp(),
        ends_at: ends.timestamp(),
        state,
        time_zone,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The dates of a public offer between two moments, at most `limit`; none when the offer is not public.
///
/// # Errors
/// The database's.
pub fn dates(
    tx: &mut Tx<'_>,
    id: OfferId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    limit: usize,
) -> Result<Option<Vec<Occurrence>>, StoreError> {
    let is_public = offers::load(tx, &[id])?.iter().any(|offer| offer.status.is_public());
    if is_public { dates_of(tx, id, from, to, limit).map(Some) } else { Ok(None) }
}

type PlaceRow = (
    (Sql<PlaceId>, String, String, String, String, Option<i32>, Option<i32>),
    (Option<Sql<AreaId>>, String, String, String, i32),
);

fn places_of(tx: &mut Tx<'_>, ids: impl Iterator<Item = PlaceId>) -> Result<HashMap<PlaceId, Place>, StoreError> {
    let mut found = HashMap::new();
    let ids: Vec<Sql<PlaceId>> = ids.map(Sql).collect();
    for chunk in ids.chunks(500) {
        let rows: Vec<PlaceRow> = places::table
            .filter(places::id.eq_any(chunk))
            .select((
                (
                    places::id,
                    places::name,
                    places::street,
                    places::postcode,
                    places::city,
                    places::latitude,
                    places::longitude,
                ),
                (places::area_id, places::address_visibility, places::wheelchair, places::toilet, places::step_free),
            ))
            .load(tx.conn())?;
        for ((id, name, street, postcode, city, latitude, longitude), rest) in rows {
            let (area, address_visibility, wheelchair, toilet, step_free) = rest;
            let position = latitude.zip(longitude).map(|(latitude, longitude)| Position { latitude, longitude });
            let (id, area, step_free) = (id.0, area.map(|area| area.0), step_free != 0);
            let place = Place {
                id,
                name,
                street,
                postcode,
                city,
                position,
                area,
                address_visibility,
                wheelchair,
                toilet,
                step_free,
            };
            found.insert(id, place);
        }
    }
    Ok(found)
}
