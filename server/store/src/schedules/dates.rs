//! The dates of a schedule in the table: what it gives is there, what it does not give any more is cancelled, what somebody has
//! done with one of them stays.

use std::collections::BTreeMap;

use diesel::{prelude::*, update};
use jiff::{Timestamp, civil::DateTime};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, ScheduleId},
    offers::occurrences::OccurrenceState,
};

use super::to_text;
use crate::{
    access::Tx,
    db::{
        insert_many,
        types::{Instant, Sql},
    },
    error::StoreError,
    registrations,
    schema::{occurrences as rows, offer_schedules},
};

/// A date that a schedule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// The time on the clock there: which of the schedule's dates it is.
    pub starts_local: DateTime,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// The dates that a schedule gives from now on.
#[derive(Debug, Clone)]
pub struct Dates {
    /// What the clock there shows now.
    pub from_local: DateTime,
    /// All of them, in order.
    pub dates: Vec<Date>,
    /// Up to which moment these are all.
    pub until: Timestamp,
}

/// A date in the table.
struct Known {
    id: OccurrenceId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    state: OccurrenceState,
    dropped: bool,
}

type Row = (Sql<OccurrenceId>, String, Instant, Instant, String, i32);

/// Brings the table to what the schedule gives. Says whether anything has changed.
///
/// # Errors
/// The database's.
pub(super) fn set(tx: &mut Tx<'_>, offer: OfferId, schedule: ScheduleId, now: &Dates) -> Result<bool, StoreError> {
    let first =
        now.dates.iter().map(|date| date.starts_local).min().map_or(now.from_local, |at| at.min(now.from_local));
    let mut known = known(tx, schedule, first)?;
    let (mut changed, mut new) = (Vec::new(), Vec::new());
    for date in &now.dates {
        match known.remove(&to_text(date.starts_local)) {
            Some(there) if follow(tx, &there, date)? => changed.push(there.id),
            Some(_) => {}
            None => new.push(NewRow::of(tx, offer, schedule, date)),
        }
    }
    insert_many!(tx.conn(), rows::table, &new)?;
    let today = tx.now();
    for gone in known.values().filter(|there| there.starts_at >= today && there.state != OccurrenceState::Cancelled) {
        drop_out(tx, gone.id)?;
        changed.push(gone.id);
    }
    for date in &changed {
        registrations::date_changed(tx, *date)?;
    }
    update(offer_schedules::table.find(Sql(schedule)))
        .set(offer_schedules::materialised_until.eq(Instant::from(now.until)))
        .execute(tx.conn())?;
    Ok(!changed.is_empty() || !new.is_empty())
}

/// The dates from a time on the clock there, as the schedule gave them.
fn known(tx: &mut Tx<'_>, schedule: ScheduleId, from: DateTime) -> Result<BTreeMap<String, Known>, StoreError> {
    let found: Vec<Row> = rows::table
        .filter(rows::schedule_id.eq(Sql(schedule)))
        .filter(rows::starts_local.ge(to_text(from)))
        .select((rows::id, rows::starts_local, rows::starts_at, rows::ends_at, rows::state, rows::dropped))
        .load(tx.conn())?;
    let read = |(id, local, starts_at, ends_at, state, dropped): Row| {
        let state = OccurrenceState::parse(&state).ok_or(StoreError::Corrupt("occurrences.state"))?;
        let (starts_at, ends_at) = (starts_at.timestamp(), ends_at.timestamp());
        Ok((local, Known { id: id.0, starts_at, ends_at, state, dropped: dropped != 0 }))
    };
    found.into_iter().map(read).collect()
}

/// A date that is there and that the schedule gives: comes back if it had dropped out, and is when the schedule has it, unless
/// somebody has said otherwise.
fn follow(tx: &mut Tx<'_>, there: &Known, date: &Date) -> Result<bool, StoreError> {
    let is_elsewhen = (there.starts_at, there.ends_at) != (date.starts_at, date.ends_at);
    let follows = match there.state {
        OccurrenceState::Scheduled => is_elsewhen,
        OccurrenceState::Cancelled => there.dropped,
        OccurrenceState::Moved => false,
    };
    if follows {
        let nowhere_else: Option<Sql<nahraum_domain::ids::PlaceId>> = None;
        update(rows::table.find(Sql(there.id)))
            .set((
                rows::starts_at.eq(Instant::from(date.starts_at)),
                rows::ends_at.eq(Instant::from(date.ends_at)),
                rows::state.eq(OccurrenceState::Scheduled.as_str()),
                rows::dropped.eq(0),
                rows::place_id.eq(nowhere_else),
                rows::weekday.eq(weekday(date.starts_local)),
                rows::sequence.eq(rows::sequence + 1),
            ))
            .execute(tx.conn())?;
    }
    Ok(follows)
}

/// The day of the week, 0 is Monday.
pub(super) fn weekday(local: DateTime) -> i32 {
    i32::from(local.weekday().to_monday_zero_offset())
}

/// A new row.
#[derive(Insertable)]
#[diesel(table_name = rows)]
struct NewRow {
    id: Sql<OccurrenceId>,
    offer_id: Sql<OfferId>,
    schedule_id: Sql<ScheduleId>,
    starts_local: String,
    starts_at: Instant,
    ends_at: Instant,
    state: &'static str,
    dropped: i32,
    sequence: i32,
    places_taken: i32,
    weekday: i32,
}

impl NewRow {
    fn of(tx: &Tx<'_>, offer: OfferId, schedule: ScheduleId, date: &Date) -> Self {
        Self {
            id: Sql(tx.new_id(OccurrenceId::new)),
            offer_id: Sql(offer),
            schedule_id: Sql(schedule),
            starts_local: to_text(date.starts_local),
            starts_at: date.starts_at.into(),
            ends_at: date.ends_at.into(),
            state: OccurrenceState::Scheduled.as_str(),
            dropped: 0,
            sequence: 0,
            places_taken: 0,
            weekday: weekday(date.starts_local),
        }
    }
}

fn drop_out(tx: &mut Tx<'_>, id: OccurrenceId) -> Result<(), StoreError> {
    update(rows::table.find(Sql(id)))
        .set((
            rows::state.eq(OccurrenceState::Cancelled.as_str()),
            rows::dropped.eq(1),
            rows::sequence.eq(rows::sequence + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
