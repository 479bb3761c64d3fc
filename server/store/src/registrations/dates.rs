//! What becomes of registrations when something becomes of their date, or of the whole offer. People keep their turn: what is
//! cancelled by mistake is as it was when it is restored.

use diesel::{prelude::*, update};
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, RegistrationId, ResidentId},
    registrations::{RegistrationState as State, RegistrationStep as Step},
};

use super::pool::{Pool, PoolId};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    schema::{occurrences, registrations as rows},
};

/// Something has become of a date: who wants to come is told, and nothing is offered any more where nothing takes place.
///
/// # Errors
/// The database's.
pub(crate) fn date_changed(tx: &mut Tx<'_>, date: OccurrenceId) -> Result<(), StoreError> {
    let there: Option<Sql<OfferId>> = rows::table
        .filter(rows::occurrence_id.eq(Some(Sql(date))))
        .filter(rows::state.eq_any(State::LIVE.map(State::as_str)))
        .select(rows::offer_id)
        .first(tx.conn())
        .optional()?;
    let Some(offer) = there else { return Ok(()) };
    changed(tx, PoolId { offer: offer.0, date: Some(date) })
}

/// An offer is archived or comes back: who wants to come to any of its dates is told.
///
/// # Errors
/// The database's.
pub(crate) fn offer_ended(tx: &mut Tx<'_>, offer: OfferId) -> Result<(), StoreError> {
    waiting_pools(tx, offer, &State::LIVE)?.into_iter().try_for_each(|pool| changed(tx, pool))
}

/// An offer says something else: where there are more places than before, those who wait come first.
///
/// # Errors
/// The database's.
pub(crate) fn facts_changed(tx: &mut Tx<'_>, offer: OfferId) -> Result<(), StoreError> {
    for id in waiting_pools(tx, offer, &[State::Waitlisted])? {
        let pool = Pool::load(tx, id)?.ok_or(StoreError::Corrupt("registrations.pool_id"))?;
        let band = pool.band();
        pool.settle(tx, band)?;
    }
    Ok(())
}

/// The dates of an offer that are not over and have somebody in one of these states; or the offer itself, when it has no dates.
fn waiting_pools(tx: &mut Tx<'_>, offer: OfferId, states: &[State]) -> Result<Vec<PoolId>, StoreError> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let dates: Vec<Option<Sql<OccurrenceId>>> = rows::table
        .left_join(occurrences::table)
        .filter(rows::offer_id.eq(Sql(offer)))
        .filter(rows::state.eq_any(states))
        .filter(rows::occurrence_id.is_null().or(occurrences::starts_at.nullable().gt(Some(Instant::from(tx.now())))))
        .order(rows::occurrence_id)
        .select(rows::occurrence_id)
        .distinct()
        .load(tx.conn())?;
    Ok(dates.into_iter().map(|date| PoolId { offer, date: date.map(|date| date.0) }).collect())
}

fn changed(tx: &mut Tx<'_>, id: PoolId) -> Result<(), StoreError> {
    let mut pool = Pool::load(tx, id)?.ok_or(StoreError::Corrupt("registrations.pool_id"))?;
    let band = pool.band();
    if !pool.occasion().is_on() {
        let back = requeue(tx, id)?;
        pool.leave(tx, back)?;
    }
    let people: Vec<Sql<ResidentId>> = rows::table
        .filter(rows::pool_id.eq(id.key()))
        .filter(rows::state.eq_any(State::LIVE.map(State::as_str)))
        .select(rows::resident_id)
        .load(tx.conn())?;
    for person in people {
        notifications::something_new(tx, person.0)?;
    }
    pool.settle(tx, band)
}

/// Whoever was offered a place waits again, at their turn. Gives how many.
fn requeue(tx: &mut Tx<'_>, id: PoolId) -> Result<u32, StoreError> {
    let offered: Vec<Sql<RegistrationId>> = rows::table
        .filter(rows::pool_id.eq(id.key()))
        .filter(rows::state.eq(State::Offered.as_str()))
        .select(rows::id)
        .load(tx.conn())?;
    let Some(waits) = State::Offered.after(Step::Requeue) else { return Ok(0) };
    update(rows::table.filter(rows::id.eq_any(&offered)))
        .set((rows::state.eq(waits.as_str()), rows::held_until.eq(None::<Instant>)))
        .execute(tx.conn())?;
    u32::try_from(offered.len()).map_err(|_| StoreError::Corrupt("a count"))
}
