//! Time goes by: offered places run out, people are reminded, what is over is forgotten; and people leave for good.

use std::collections::BTreeMap;

use diesel::{delete, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, RegistrationId, ResidentId},
    offers::{lifecycle::Status, occurrences::OccurrenceState},
    registrations::{REMINDED_BEFORE, RegistrationState as State, RegistrationStep as Step},
};

use super::{
    answers::{vacate, write_state},
    pool::PoolId,
    read_state,
};
use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    schema::{occurrences, offers, registrations as rows},
};

/// Takes back at most `limit` places that were offered and not answered in time; each goes to the next who waits. Returns how many.
///
/// # Errors
/// The database's.
pub fn run_out(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    type Due = (Sql<RegistrationId>, Sql<OfferId>, Option<Sql<OccurrenceId>>);
    let due: Vec<Due> = rows::table
        .filter(rows::held_until.le(Some(Instant::from(tx.now()))))
        .filter(rows::state.eq(State::Offered.as_str()))
        .order((rows::held_until, rows::turn))
        .limit(limit)
        .select((rows::id, rows::offer_id, rows::occurrence_id))
        .load(tx.conn())?;
    for (id, offer, date) in &due {
        if let Some(expired) = State::Offered.after(Step::Expire) {
            write_state(tx, id.0, expired)?;
            vacate(tx, PoolId { offer: offer.0, date: date.map(|date| date.0) }, 1)?;
        }
    }
    Ok(due.len())
}

/// Reminds at most `limit` people who have a place at a date that begins within a day; each once for each beginning. Returns how many.
///
/// # Errors
/// The database's.
pub fn remind(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let (now, soon) = (Instant::from(tx.now()), Instant::from(tx.now() + REMINDED_BEFORE));
    let due: Vec<(Sql<RegistrationId>, Sql<ResidentId>, Instant)> = rows::table
        .inner_join(occurrences::table)
        .inner_join(offers::table)
        .filter(occurrences::starts_at.gt(now))
        .filter(occurrences::starts_at.le(soon))
        .filter(occurrences::state.ne(OccurrenceState::Cancelled.as_str()))
        .filter(offers::status.ne(Status::Archived.as_str()))
        .filter(rows::state.eq(State::Confirmed.as_str()))
        .filter(rows::reminded_for.is_null().or(rows::reminded_for.ne(occurrences::starts_at.nullable())))
        .limit(limit)
        .select((rows::id, rows::resident_id, occurrences::starts_at))
        .load(tx.conn())?;
    for (id, resident, begins) in &due {
        update(rows::table.find(*id)).set(rows::reminded_for.eq(Some(*begins))).execute(tx.conn())?;
        notifications::something_new(tx, resident.0)?;
    }
    Ok(due.len())
}

/// Forgets of dates that ended before a moment what people needed and how they could be reached.
///
/// # Errors
/// The database's.
pub fn forget_old(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    let over: Vec<Sql<RegistrationId>> = rows::table
        .inner_join(occurrences::table)
        .filter(occurrences::ends_at.lt(Instant::from(before)))
        .filter(
            rows::needs_sealed.is_not_null().or(rows::name_sealed.is_not_null()).or(rows::phone_sealed.is_not_null()),
        )
        .limit(500)
        .select(rows::id)
        .load(tx.conn())?;
    let nothing = None::<Vec<u8>>;
    let done = update(rows::table.filter(rows::id.eq_any(&over)))
        .set((rows::needs_sealed.eq(&nothing), rows::name_sealed.eq(&nothing), rows::phone_sealed.eq(&nothing)))
        .execute(tx.conn())?;
    Ok(done)
}

/// Everything that a resident has registered for goes, and their places to those who wait.
///
/// # Errors
/// The database's.
pub(crate) fn erase(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    type Held = (Sql<OfferId>, Option<Sql<OccurrenceId>>, String);
    let all: Vec<Held> = rows::table
        .filter(rows::resident_id.eq(Sql(resident)))
        .select((rows::offer_id, rows::occurrence_id, rows::state))
        .load(tx.conn())?;
    delete(rows::table.filter(rows::resident_id.eq(Sql(resident)))).execute(tx.conn())?;
    let mut seats: BTreeMap<PoolId, u32> = BTreeMap::new();
    for (offer, date, state) in all {
        if read_state(&state)?.holds_place() {
            let seats = seats.entry(PoolId { offer: offer.0, date: date.map(|date| date.0) }).or_default();
            *seats = seats.saturating_add(1);
        }
    }
    seats.into_iter().try_for_each(|(pool, places)| vacate(tx, pool, places))
}
