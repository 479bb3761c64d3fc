//! What residents do with their registrations, and the places that become free by it.

use diesel::{prelude::*, update};
use nahraum_domain::{
    ids::RegistrationId,
    registrations::{NoPart, RegistrationState as State, RegistrationStep as Step},
};

use super::{
    Own, first, one,
    pool::{Pool, PoolId},
};
use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::registrations as rows,
};

/// What became of an answer.
#[derive(Debug)]
pub enum Answered {
    /// It is written.
    Done(Box<Own>),
    /// They have no such registration.
    Unknown,
    /// Not now.
    Not(NoPart),
    /// Not in the state it is in.
    Late,
}

/// The caller takes the place that is kept for them, does not want it, or does not come. A place that becomes free is offered to
/// the next who waits.
///
/// # Errors
/// As [`own`].
pub fn answer(tx: &mut Tx<'_>, caller: &Caller<'_>, id: RegistrationId, step: Step) -> Result<Answered, StoreError> {
    let Some(own) = one(tx, caller, id)? else { return Ok(Answered::Unknown) };
    let is_answer = matches!(step, Step::Accept | Step::Decline);
    if is_answer && own.held_until.is_none_or(|until| until <= tx.now()) {
        return Ok(Answered::Not(NoPart::NotOffered));
    }
    let Some(next) = own.state.after(step) else { return Ok(Answered::Late) };
    if own.date.as_ref().is_some_and(|date| date.starts_at <= tx.now()) {
        return Ok(Answered::Not(NoPart::DateOver));
    }
    if step == Step::Accept && !own.is_on() {
        return Ok(Answered::Not(NoPart::DateCancelled));
    }
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let pool = PoolId { offer: own.offer.id, date: own.date.as_ref().map(|date| date.id) };
    write_state(tx, id, next)?;
    if own.state.holds_place() && !next.holds_place() {
        vacate(tx, pool, 1)?;
    }
    Ok(first(tx, resident, id)?.map_or(Answered::Unknown, |own| Answered::Done(Box::new(own))))
}

/// Gives places back, and offers them to those who wait.
pub(super) fn vacate(tx: &mut Tx<'_>, id: PoolId, places: u32) -> Result<(), StoreError> {
    let mut pool = Pool::load(tx, id)?.ok_or(StoreError::Corrupt("registrations.pool_id"))?;
    let before = pool.band();
    pool.leave(tx, places)?;
    pool.settle(tx, before)
}

/// Writes where somebody stands. Nothing about them is kept of who does not come.
pub(super) fn write_state(tx: &mut Tx<'_>, id: RegistrationId, next: State) -> Result<(), StoreError> {
    let row = rows::table.find(Sql(id));
    update(row)
        .set((
            rows::state.eq(next.as_str()),
            rows::held_until.eq(None::<Instant>),
            rows::changed_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    if !next.is_live() && !next.holds_place() {
        update(row).set(rows::needs_sealed.eq(None::<Vec<u8>>)).execute(tx.conn())?;
        forget_contact(tx, id)?;
    }
    Ok(())
}

fn forget_contact(tx: &mut Tx<'_>, id: RegistrationId) -> Result<(), StoreError> {
    update(rows::table.find(Sql(id)))
        .set((rows::name_sealed.eq(None::<Vec<u8>>), rows::phone_sealed.eq(None::<Vec<u8>>)))
        .execute(tx.conn())?;
    Ok(())
}

/// The caller takes back how they can be reached. Whether they have such a registration.
///
/// # Errors
/// As [`own`].
pub fn take_contact_back(tx: &mut Tx<'_>, caller: &Caller<'_>, id: RegistrationId) -> Result<bool, StoreError> {
    let there = one(tx, caller, id)?.is_some();
    if there {
        forget_contact(tx, id)?;
    }
    Ok(there)
}
