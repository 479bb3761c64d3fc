//! Single dates: reading them, and writing what somebody does with one.

use diesel::{prelude::*, update};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, PlaceId, ScheduleId},
    offers::occurrences::OccurrenceState,
};

use super::{dates::weekday, to_local};
use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    offers::{feed, publisher},
    registrations,
    schema::{occurrences as rows, offer_schedules, offers},
};

/// One date of an offer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Occurrence {
    /// The date.
    pub id: OccurrenceId,
    /// Of which offer.
    pub offer: OfferId,
    /// Which schedule has given it.
    pub schedule: ScheduleId,
    /// The zone of that schedule.
    pub time_zone: String,
    /// How long it takes by that schedule.
    pub minutes: i32,
    /// When it was to begin by that schedule, on the clock there. Never changes.
    pub planned_local: DateTime,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How it stands.
    pub state: OccurrenceState,
    /// Cancelled because the schedule does not give it any more.
    pub dropped: bool,
    /// Rises with every change (RFC 5545, 3.8.7.4).
    pub sequence: i32,
    /// Where it is, if not where the offer is.
    pub place: Option<PlaceId>,
    /// How many can take part, if not as many as the offer says.
    pub places_max: Option<i32>,
    /// How many places are taken.
    pub places_taken: i32,
}

/// Where on the list somebody has come to.
pub type Place = (Timestamp, OccurrenceId);

type Row = (
    (Sql<OccurrenceId>, Sql<OfferId>, Sql<ScheduleId>, String, i32, String),
    (Instant, Instant, String, i32, i32, Option<Sql<PlaceId>>, Option<i32>, i32),
);
type Columns = (
    (
        rows::id,
        rows::offer_id,
        rows::schedule_id,
        offer_schedules::time_zone,
        offer_schedules::minutes,
        rows::starts_local,
    ),
    (
        rows::starts_at,
        rows::ends_at,
        rows::state,
        rows::dropped,
        rows::sequence,
        rows::place_id,
        rows::places_max,
        rows::places_taken,
    ),
);
const COLUMNS: Columns = (
    (
        rows::id,
        rows::offer_id,
        rows::schedule_id,
        offer_schedules::time_zone,
        offer_schedules::minutes,
        rows::starts_local,
    ),
    (
        rows::starts_at,
        rows::ends_at,
        rows::state,
        rows::dropped,
        rows::sequence,
        rows::place_id,
        rows::places_max,
        rows::places_taken,
    ),
);

fn read(row: Row) -> Result<Occurrence, StoreError> {
    let ((id, offer, schedule, time_zone, minutes, planned), rest) = row;
    let (starts_at, ends_at, state, dropped, sequence, place, places_max, places_taken) = rest;
    Ok(Occurrence {
        id: id.0,
        offer: offer.0,
        schedule: schedule.0,
        time_zone,
        minutes,
        planned_local: to_local(&planned, "occurrences.starts_local")?,
        starts_at: starts_at.timestamp(),
        ends_at: ends_at.timestamp(),
        state: OccurrenceState::parse(&state).ok_or(StoreError::Corrupt("occurrences.state"))?,
        dropped: dropped != 0,
        sequence,
        place: place.map(|place| place.0),
        places_max,
        places_taken,
    })
}

/// The dates of an offer that begin in `from..to`, in order, behind `after`.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    offer: OfferId,
    from: Timestamp,
    to: Timestamp,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Occurrence>, StoreError> {
    let (after_at, after_id) = after.unwrap_or((Timestamp::MIN, OccurrenceId::from_bytes([0; 16])));
    let after_at = Instant::from(after_at);
    let found: Vec<Row> = rows::table
        .inner_join(offer_schedules::table.on(offer_schedules::id.eq(rows::schedule_id)))
        .filter(rows::offer_id.eq(Sql(offer)))
        .filter(rows::starts_at.ge(Instant::from(from)))
        .filter(rows::starts_at.lt(Instant::from(to)))
        .filter(rows::starts_at.gt(after_at).or(rows::starts_at.eq(after_at).and(rows::id.gt(Sql(after_id)))))
        .order((rows::starts_at, rows::id))
        .limit(limit)
        .select(COLUMNS)
        .load(tx.conn())?;
    found.into_iter().map(read).collect()
}

/// The dates of an offer that its schedules give, in order: those that end after `from` and begin before `to`, cancelled ones
/// included, at most `limit`.
pub(crate) fn standing(
    tx: &mut Tx<'_>,
    offer: OfferId,
    from: Timestamp,
    to: Option<Timestamp>,
    limit: usize,
) -> Result<Vec<Occurrence>, StoreError> {
    let found: Vec<Row> = rows::table
        .inner_join(offer_schedules::table.on(offer_schedules::id.eq(rows::schedule_id)))
        .filter(rows::offer_id.eq(Sql(offer)))
        .filter(rows::dropped.eq(0))
        .filter(rows::ends_at.gt(Instant::from(from)))
        .filter(rows::starts_at.lt(Instant::from(to.unwrap_or(Timestamp::MAX))))
        .order((rows::starts_at, rows::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(COLUMNS)
        .load(tx.conn())?;
    found.into_iter().map(read).collect()
}

/// A date of an offer of the organisation that the caller publishes for.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when it is nobody who publishes; otherwise the database's.
pub fn of_publisher(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OccurrenceId) -> Result<Option<Occurrence>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    let found: Option<Row> = rows::table
        .inner_join(offer_schedules::table.on(offer_schedules::id.eq(rows::schedule_id)))
        .inner_join(offers::table.on(offers::id.eq(rows::offer_id)))
        .filter(rows::id.eq(Sql(id)))
        .filter(offers::organisation_id.eq(Sql(organisation)))
        .select(COLUMNS)
        .first(tx.conn())
        .optional()?;
    found.map(read).transpose()
}

/// Writes how a date stands by somebody's word. Gives it with its new number.
///
/// # Errors
/// The database's.
pub fn put(tx: &mut Tx<'_>, date: &Occurrence) -> Result<Occurrence, StoreError> {
    let zone = TimeZone::get(&date.time_zone).map_err(|_| StoreError::Corrupt("offer_schedules.time_zone"))?;
    update(rows::table.find(Sql(date.id)))
        .set((
            rows::starts_at.eq(Instant::from(date.starts_at)),
            rows::ends_at.eq(Instant::from(date.ends_at)),
            rows::state.eq(date.state.as_str()),
            rows::dropped.eq(0),
            rows::place_id.eq(date.place.map(Sql)),
            rows::weekday.eq(weekday(date.starts_at.to_zoned(zone).datetime())),
            rows::sequence.eq(rows::sequence + 1),
        ))
        .execute(tx.conn())?;
    feed::touch(tx, date.offer)?;
    registrations::date_changed(tx, date.id)?;
    find(tx, date.id)?.ok_or(StoreError::Corrupt("occurrences.id"))
}

/// One date.
pub(crate) fn find(tx: &mut Tx<'_>, id: OccurrenceId) -> Result<Option<Occurrence>, StoreError> {
    let row: Option<Row> = rows::table
        .inner_join(offer_schedules::table.on(offer_schedules::id.eq(rows::schedule_id)))
        .filter(rows::id.eq(Sql(id)))
        .select(COLUMNS)
        .first(tx.conn())
        .optional()?;
    row.map(read).transpose()
}
