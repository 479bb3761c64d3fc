//! Room places: where organisations offer something.

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{AreaId, OfferId, PlaceId},
    offers::{
        lifecycle::Status,
        places::{Access, AddressVisibility, Position},
    },
};

use crate::{
    access::{Caller, Tx},
    areas,
    db::types::{Instant, Sql},
    error::StoreError,
    offers::{feed, publisher},
    schema::{occurrences, offers, places as rows},
};

/// What is known of a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlaceFacts {
    /// What people call it.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// The postcode.
    pub postcode: String,
    /// The town.
    pub city: String,
    /// Where it is.
    pub position: Option<Position>,
    /// In which area.
    pub area: Option<AreaId>,
    /// Who is told the address.
    pub address_visibility: AddressVisibility,
    /// Whether one gets in and around with a wheelchair.
    pub wheelchair: Access,
    /// Whether there is a toilet for people with a wheelchair.
    pub toilet: Access,
    /// Whether there is no step on the way.
    pub step_free: bool,
}

/// A place of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The place.
    pub id: PlaceId,
    /// What is known of it.
    pub facts: PlaceFacts,
    /// Since when it is known.
    pub created_at: Timestamp,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It is so now.
    Yes,
    /// The organisation has no such place.
    NoPlace,
    /// There is no such area.
    NoArea,
    /// Something takes place there.
    InUse,
}

type Row = (
    (Sql<PlaceId>, String, String, String, String),
    (Option<i32>, Option<i32>, Option<Sql<AreaId>>),
    (String, String, String, i32, Instant),
);
type Columns = (
    (rows::id, rows::name, rows::street, rows::postcode, rows::city),
    (rows::latitude, rows::longitude, rows::area_id),
    (rows::address_visibility, rows::wheelchair, rows::toilet, rows::step_free, rows::created_at),
);
const COLUMNS: Columns = (
    (rows::id, rows::name, rows::street, rows::postcode, rows::city),
    (rows::latitude, rows::longitude, rows::area_id),
    (rows::address_visibility, rows::wheelchair, rows::toilet, rows::step_free, rows::created_at),
);

fn read(row: Row) -> Result<Place, StoreError> {
    let ((id, name, street, postcode, city), (latitude, longitude, area), rest) = row;
    let (visibility, wheelchair, toilet, step_free, created_at) = rest;
    let facts = PlaceFacts {
        name,
        street,
        postcode,
        city,
        position: latitude.zip(longitude).map(|(latitude, longitude)| Position::of_millionths(latitude, longitude)),
        area: area.map(|id| id.0),
        address_visibility: AddressVisibility::parse(&visibility)
            .ok_or(StoreError::Corrupt("places.address_visibility"))?,
        wheelchair: Access::parse(&wheelchair).ok_or(StoreError::Corrupt("places.wheelchair"))?,
        toilet: Access::parse(&toilet).ok_or(StoreError::Corrupt("places.toilet"))?,
        step_free: step_free != 0,
    };
    Ok(Place { id: id.0, facts, created_at: created_at.timestamp() })
}

/// These places, in any order.
pub(crate) fn of(tx: &mut Tx<'_>, ids: &[PlaceId]) -> Result<Vec<Place>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let chunk: Vec<Sql<PlaceId>> = chunk.iter().copied().map(Sql).collect();
        let some: Vec<Row> = rows::table.filter(rows::id.eq_any(chunk)).select(COLUMNS).load(tx.conn())?;
        found.extend(some);
    }
    found.into_iter().map(read).collect()
}

/// The places of the organisation that the caller publishes for, newest first, behind `before`.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when it is nobody who publishes; otherwise the database's.
pub fn list(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<PlaceId>,
    limit: i64,
) -> Result<Vec<Place>, StoreError> {
    let before = before.unwrap_or(PlaceId::from_bytes([0xff; 16]));
    let found: Vec<Row> = rows::table
        .filter(rows::organisation_id.eq(Sql(publisher(caller)?.1)))
        .filter(rows::removed_at.is_null())
        .filter(rows::id.lt(Sql(before)))
        .order(rows::id.desc())
        .limit(limit)
        .select(COLUMNS)
        .load(tx.conn())?;
    found.into_iter().map(read).collect()
}

/// A place of the organisation that the caller publishes for.
///
/// # Errors
/// As [`list`].
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>, id: PlaceId) -> Result<Option<Place>, StoreError> {
    let found: Option<Row> = rows::table
        .find(Sql(id))
        .filter(rows::organisation_id.eq(Sql(publisher(caller)?.1)))
        .filter(rows::removed_at.is_null())
        .select(COLUMNS)
        .first(tx.conn())
        .optional()?;
    found.map(read).transpose()
}

/// Adds a place. None when there is no such area.
///
/// # Errors
/// As [`list`].
pub fn create(tx: &mut Tx<'_>, caller: &Caller<'_>, facts: &PlaceFacts) -> Result<Option<Place>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    if !has_area(tx, facts)? {
        return Ok(None);
    }
    let id = tx.new_id(PlaceId::new);
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::organisation_id.eq(Sql(organisation)),
            values(facts),
            rows::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    own(tx, caller, id)
}

/// Says what is known of a place, and tells the feed of every offer there.
///
/// # Errors
/// As [`list`].
pub fn change(tx: &mut Tx<'_>, caller: &Caller<'_>, id: PlaceId, facts: &PlaceFacts) -> Result<Done, StoreError> {
    let Some(known) = own(tx, caller, id)? else { return Ok(Done::NoPlace) };
    if !has_area(tx, facts)? {
        return Ok(Done::NoArea);
    }
    if known.facts != *facts {
        update(rows::table.find(Sql(id))).set(values(facts)).execute(tx.conn())?;
        for offer in offers_at(tx, id)? {
            feed::touch(tx, offer)?;
        }
    }
    Ok(Done::Yes)
}

/// Takes a place away, unless something is to take place there. Dates that are over still know it.
///
/// # Errors
/// As [`list`].
pub fn remove(tx: &mut Tx<'_>, caller: &Caller<'_>, id: PlaceId) -> Result<Done, StoreError> {
    if own(tx, caller, id)?.is_none() {
        return Ok(Done::NoPlace);
    }
    if !offers_at(tx, id)?.is_empty() {
        return Ok(Done::InUse);
    }
    update(rows::table.find(Sql(id))).set(rows::removed_at.eq(Some(Instant::from(tx.now())))).execute(tx.conn())?;
    Ok(Done::Yes)
}

/// The offers that are there, or have a date to come there, and are not archived.
fn offers_at(tx: &mut Tx<'_>, id: PlaceId) -> Result<Vec<OfferId>, StoreError> {
    let moved = occurrences::table
        .filter(occurrences::place_id.eq(Some(Sql(id))))
        .filter(occurrences::ends_at.ge(Instant::from(tx.now())))
        .select(occurrences::offer_id);
    let found: Vec<Sql<OfferId>> = offers::table
        .filter(offers::place_id.eq(Some(Sql(id))).or(offers::id.eq_any(moved)))
        .filter(offers::status.ne(Status::Archived.as_str()))
        .order(offers::id)
        .select(offers::id)
        .load(tx.conn())?;
    Ok(found.into_iter().map(|id| id.0).collect())
}

fn has_area(tx: &mut Tx<'_>, facts: &PlaceFacts) -> Result<bool, StoreError> {
    facts.area.map_or(Ok(true), |area| areas::is_there(tx, area))
}

type Values<'a> = (
    (
        diesel::dsl::Eq<rows::name, &'a str>,
        diesel::dsl::Eq<rows::street, &'a str>,
        diesel::dsl::Eq<rows::postcode, &'a str>,
        diesel::dsl::Eq<rows::city, &'a str>,
    ),
    (
        diesel::dsl::Eq<rows::latitude, Option<i32>>,
        diesel::dsl::Eq<rows::longitude, Option<i32>>,
        diesel::dsl::Eq<rows::area_id, Option<Sql<AreaId>>>,
    ),
    (
        diesel::dsl::Eq<rows::address_visibility, &'static str>,
        diesel::dsl::Eq<rows::wheelchair, &'static str>,
        diesel::dsl::Eq<rows::toilet, &'static str>,
        diesel::dsl::Eq<rows::step_free, i32>,
    ),
);

fn values(facts: &PlaceFacts) -> Values<'_> {
    let position = facts.position.map(Position::millionths);
    (
        (
            rows::name.eq(facts.name.as_str()),
            rows::street.eq(facts.street.as_str()),
            rows::postcode.eq(facts.postcode.as_str()),
            rows::city.eq(facts.city.as_str()),
        ),
        (
            rows::latitude.eq(position.map(|(latitude, _)| latitude)),
            rows::longitude.eq(position.map(|(_, longitude)| longitude)),
            rows::area_id.eq(facts.area.map(Sql)),
        ),
        (
            rows::address_visibility.eq(facts.address_visibility.as_str()),
            rows::wheelchair.eq(facts.wheelchair.as_str()),
            rows::toilet.eq(facts.toilet.as_str()),
            rows::step_free.eq(i32::from(facts.step_free)),
        ),
    )
}
