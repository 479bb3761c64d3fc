//! The list at the door, for the people of the organisation whose offer it is. They see codes and what people need; how to reach
//! somebody only where that person has said so, one at a time. Each of these looks is a line in the log of whom it is about.

use diesel::{prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::Basis,
    audit::{LogAction, LogEntry},
    ids::{OccurrenceId, OfferId, RegistrationId, ResidentId},
    offers::facts::MOST_PLACES,
    registrations::{Needs, RegistrationState as State, RegistrationStep as Step},
};

use super::{
    Contact,
    answers::write_state,
    has_dates, open_contact, open_needs,
    pool::{Pool, PoolId},
    read_state,
};
use crate::{
    access::{Caller, Tx, sealed::Sealed},
    db::types::{Instant, Sql},
    error::StoreError,
    offers::publisher,
    schedules::occurrences::{self as dates, Occurrence},
    schema::{occurrences, offers, registrations as rows},
};

/// Somebody on the list.
#[derive(Debug)]
pub struct Attendee {
    /// The registration.
    pub id: RegistrationId,
    /// What they say at the door.
    pub code: String,
    /// Where they stand.
    pub state: State,
    /// What they need.
    pub needs: Needs,
    /// Whether they have said how they can be reached.
    pub has_contact: bool,
    /// Their number in the order of coming.
    pub turn: i32,
}

fn look(tx: &Tx<'_>, caller: &Caller<'_>, action: LogAction, resident: ResidentId) -> LogEntry {
    LogEntry { resident: Some(resident), basis: Some(Basis::Consent), ..tx.entry(caller, action) }
}

/// The date with this id, or the offer without dates, if it is one of the caller's organisation.
fn own_pool(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OccurrenceId) -> Result<Option<PoolId>, StoreError> {
    if let Some(date) = dates::of_publisher(tx, caller, id)? {
        return Ok(Some(PoolId { offer: date.offer, date: Some(date.id) }));
    }
    let offer = OfferId::from_bytes(*id.as_bytes());
    let own: i64 = offers::table
        .find(Sql(offer))
        .filter(offers::organisation_id.eq(Sql(publisher(caller)?.1)))
        .count()
        .get_result(tx.conn())?;
    Ok((own > 0 && !has_dates(tx, offer)?).then_some(PoolId { offer, date: None }))
}

/// Who is on the list of a date, or of an offer without dates, in the order of coming, at most `limit`, behind `after`. Who has gone is not on it.
/// None when the caller's organisation has no such date or offer.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn attendance(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: OccurrenceId,
    after: i32,
    limit: i64,
) -> Result<Option<Sealed<Vec<Attendee>>>, StoreError> {
    type Row = (
        (Sql<RegistrationId>, Sql<ResidentId>, String, String, i32),
        (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>),
    );
    let Some(pool) = own_pool(tx, caller, id)? else { return Ok(None) };
    let found: Vec<Row> = rows::table
        .filter(rows::pool_id.eq(pool.key()))
        .filter(rows::state.eq_any(State::LISTED.map(State::as_str)))
        .filter(rows::turn.gt(after))
        .order(rows::turn)
        .limit(limit)
        .select((
            (rows::id, rows::resident_id, rows::code, rows::state, rows::turn),
            (rows::needs_sealed, rows::name_sealed, rows::phone_sealed),
        ))
        .load(tx.conn())?;
    let mut entries = Vec::with_capacity(found.len());
    let mut all = Vec::with_capacity(found.len());
    for ((id, resident, code, state, turn), (needs, name, phone)) in found {
        entries.push(look(tx, caller, LogAction::ReadRegistration, resident.0));
        all.push(Attendee {
            id: id.0,
            code,
            state: read_state(&state)?,
            needs: open_needs(tx, resident.0, id.0, needs)?,
            has_contact: name.is_some() || phone.is_some(),
            turn,
        });
    }
    Ok(Some(Sealed::with_all(all, entries)))
}

/// How somebody can be reached who has said so; none when they have not, or have taken it back, or there is no such registration for
/// the caller's organisation.
///
/// # Errors
/// As [`attendance`].
pub fn contact(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: RegistrationId,
) -> Result<Option<Sealed<Contact>>, StoreError> {
    type Row = (Sql<ResidentId>, Option<Vec<u8>>, Option<Vec<u8>>);
    let found: Option<Row> = rows::table
        .inner_join(offers::table)
        .filter(rows::id.eq(Sql(id)))
        .filter(offers::organisation_id.eq(Sql(publisher(caller)?.1)))
        .filter(rows::name_sealed.is_not_null().or(rows::phone_sealed.is_not_null()))
        .select((rows::resident_id, rows::name_sealed, rows::phone_sealed))
        .first(tx.conn())
        .optional()?;
    let Some((resident, name, phone)) = found else { return Ok(None) };
    let contact = open_contact(tx, resident.0, id, name, phone)?;
    Ok(Some(Sealed::new(contact, look(tx, caller, LogAction::ReadContact, resident.0))))
}

/// What became of a mark on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// It is so now.
    Done(State),
    /// The caller's organisation has no such registration.
    Unknown,
    /// They have no place, or it has not begun.
    Late,
}

/// Writes down that somebody was there, or was not. Can be put right as often as it is wrong.
///
/// # Errors
/// As [`attendance`].
pub fn mark(tx: &mut Tx<'_>, caller: &Caller<'_>, id: RegistrationId, was_there: bool) -> Result<Marked, StoreError> {
    let found: Option<(String, Option<Instant>)> = rows::table
        .inner_join(offers::table)
        .left_join(occurrences::table)
        .filter(rows::id.eq(Sql(id)))
        .filter(offers::organisation_id.eq(Sql(publisher(caller)?.1)))
        .select((rows::state, occurrences::starts_at.nullable()))
        .first(tx.conn())
        .optional()?;
    let Some((state, begins)) = found else { return Ok(Marked::Unknown) };
    let step = if was_there { Step::Attend } else { Step::Miss };
    let has_begun = |begins: Timestamp| begins <= tx.now();
    let next = read_state(&state)?.after(step).filter(|_| begins.is_none_or(|begins| has_begun(begins.timestamp())));
    let Some(next) = next else { return Ok(Marked::Late) };
    write_state(tx, id, next)?;
    Ok(Marked::Done(next))
}

/// What became of another number of places.
#[derive(Debug)]
pub enum Placed {
    /// It is so now.
    Done(Box<Occurrence>),
    /// The caller's organisation has no such date.
    Unknown,
    /// It has begun.
    Late,
}

/// Gives one date a number of places of its own, or that of its offer again. Those who wait come first; nobody loses a place.
///
/// # Errors
/// As [`attendance`].
pub fn set_places(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: OccurrenceId,
    most: Option<i32>,
) -> Result<Placed, StoreError> {
    debug_assert!(most.is_none_or(|most| (1..=MOST_PLACES).contains(&most)));
    let Some(date) = dates::of_publisher(tx, caller, id)? else { return Ok(Placed::Unknown) };
    if date.starts_at <= tx.now() {
        return Ok(Placed::Late);
    }
    let pool = PoolId { offer: date.offer, date: Some(id) };
    let before = Pool::load(tx, pool)?.map(|pool| pool.band());
    update(occurrences::table.find(Sql(id))).set(occurrences::places_max.eq(most)).execute(tx.conn())?;
    if let Some((pool, before)) = Pool::load(tx, pool)?.zip(before) {
        pool.settle(tx, before)?;
    }
    let date = dates::find(tx, id)?.ok_or(StoreError::Corrupt("occurrences.id"))?;
    Ok(Placed::Done(Box::new(date)))
}
