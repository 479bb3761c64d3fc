//! Room registrations: who takes part in what. What somebody needs, and how they can be reached, is sealed with their own key; who
//! publishes an offer sees codes, and a contact only of those who gave one.

mod answers;
mod attendance;
mod dates;
mod pool;
mod time;

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, PlaceId, RegistrationId, ResidentId},
    offers::lifecycle::Status,
    private::Private,
    registrations::{Entry, MOST_TO_COME, Needs, NoPart, Occasion, REMINDED_BEFORE, RegistrationState as State},
};
use nahraum_secrets::participant_code;

use self::pool::{Pool, PoolId};
pub use self::{
    answers::{Answered, answer, take_contact_back},
    attendance::{Attendee, Marked, Placed, attendance, contact, mark, set_places},
    time::{forget_old, remind, run_out},
};
pub(crate) use self::{
    dates::{date_changed, facts_changed, offer_ended},
    time::erase,
};
use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    offers::{self, Offer, feed},
    places::{self, Place},
    schedules::occurrences::{self, Occurrence},
    schema::{occurrences as dates_table, registrations as rows},
    vault::{Place as Seal, Subject},
};

const NEEDS: &str = "registrations.needs";
const NAME: &str = "registrations.name";
const PHONE: &str = "registrations.phone";

/// How somebody can be reached, if they say so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Contact {
    /// A name, or what they want to be called.
    pub name: Option<Private<String>>,
    /// A number.
    pub phone: Option<Private<String>>,
}

/// What somebody wants to take part in.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The offer.
    pub offer: OfferId,
    /// One of its dates, if it has any.
    pub date: Option<OccurrenceId>,
    /// What they need.
    pub needs: Needs,
    /// How they can be reached, if they say so.
    pub contact: Contact,
}

/// A registration, as its resident sees it.
#[derive(Debug)]
pub struct Own {
    /// The registration.
    pub id: RegistrationId,
    /// The offer as it is now, whether it is still public or not.
    pub offer: Offer,
    /// The date as it is now.
    pub date: Option<Occurrence>,
    /// Where it is.
    pub place: Option<Place>,
    /// Where they stand.
    pub state: State,
    /// What they say at the door.
    pub code: String,
    /// Up to when an offered place is kept for them.
    pub held_until: Option<Timestamp>,
    /// What they need.
    pub needs: Needs,
    /// What the publisher can read of how to reach them.
    pub contact: Contact,
    /// When they registered.
    pub created_at: Timestamp,
}

impl Own {
    /// Whether what they registered for takes place, as far as anybody knows.
    #[must_use]
    pub fn is_on(&self) -> bool {
        let date = self.date.as_ref().map(|date| (date.state, date.starts_at));
        Occasion { status: self.offer.status, registration: &self.offer.facts.registration, date }.is_on()
    }
}

/// What became of a wish.
#[derive(Debug)]
pub enum Registered {
    /// They have a place, or wait for one.
    Done(Box<Own>),
    /// There is no such offer for the public.
    Unknown,
    /// The offer has no such date.
    NoSuchDate,
    /// The offer has dates, and none was chosen.
    DateMissing,
    /// They want to come to more than anybody can.
    TooMany,
    /// Not now.
    Not(NoPart),
}

/// The caller registers.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn register(tx: &mut Tx<'_>, caller: &Caller<'_>, wish: &Wish) -> Result<Registered, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    if !offers::status(tx, wish.offer)?.is_some_and(Status::is_public) {
        return Ok(Registered::Unknown);
    }
    let Some(mut pool) = Pool::load(tx, PoolId { offer: wish.offer, date: wish.date })? else {
        return Ok(Registered::NoSuchDate);
    };
    if let Err(why) = pool.occasion().is_open(tx.now()) {
        return Ok(Registered::Not(why));
    }
    if wish.date.is_none() && has_dates(tx, wish.offer)? {
        return Ok(Registered::DateMissing);
    }
    let before = known(tx, &pool, resident)?;
    if before.as_ref().is_some_and(|(_, state)| state.is_live() || state.holds_place()) {
        return Ok(Registered::Not(NoPart::Already));
    }
    if to_come(tx, resident)? >= MOST_TO_COME {
        return Ok(Registered::TooMany);
    }
    let band = pool.band();
    let state = match pool.places(tx)?.entry() {
        Entry::Place if pool.seat(tx)? => State::Confirmed,
        Entry::Waits => State::Waitlisted,
        Entry::Place | Entry::Full => return Ok(Registered::Not(NoPart::Full)),
    };
    let id = enter(tx, resident, &pool, state, before.map(|(id, _)| id), wish)?;
    if pool.band() != band {
        feed::touch(tx, wish.offer)?;
    }
    Ok(first(tx, resident, id)?.map_or(Registered::Unknown, |own| Registered::Done(Box::new(own))))
}

/// For how much of what is not over somebody has registered.
fn to_come(tx: &mut Tx<'_>, resident: ResidentId) -> Result<i64, StoreError> {
    let now = Instant::from(tx.now());
    let live = rows::table
        .left_join(dates_table::table)
        .filter(rows::resident_id.eq(Sql(resident)))
        .filter(rows::state.eq_any(State::LIVE.map(State::as_str)))
        .filter(rows::occurrence_id.is_null().or(dates_table::starts_at.nullable().gt(now)));
    Ok(live.count().get_result(tx.conn())?)
}

fn has_dates(tx: &mut Tx<'_>, offer: OfferId) -> Result<bool, StoreError> {
    let dates: i64 = dates_table::table.filter(dates_table::offer_id.eq(Sql(offer))).count().get_result(tx.conn())?;
    Ok(dates > 0)
}

/// The registration that somebody has or had there.
fn known(tx: &mut Tx<'_>, pool: &Pool, resident: ResidentId) -> Result<Option<(RegistrationId, State)>, StoreError> {
    let found: Option<(Sql<RegistrationId>, String)> = rows::table
        .filter(rows::pool_id.eq(pool.id.key()))
        .filter(rows::resident_id.eq(Sql(resident)))
        .select((rows::id, rows::state))
        .first(tx.conn())
        .optional()?;
    found.map(|(id, state)| Ok((id.0, read_state(&state)?))).transpose()
}

fn read_state(word: &str) -> Result<State, StoreError> {
    State::parse(word).ok_or(StoreError::Corrupt("registrations.state"))
}

/// Writes a registration behind all others of its date. Who was there before and had gone comes anew.
fn enter(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    pool: &Pool,
    state: State,
    before: Option<RegistrationId>,
    wish: &Wish,
) -> Result<RegistrationId, StoreError> {
    let id = before.unwrap_or_else(|| tx.new_id(RegistrationId::new));
    let seal = |column, text: Option<&str>| {
        let seal = |text| tx.vault().seal_text(Subject::Resident(resident), Seal { column, row: id.as_bytes() }, text);
        text.map(seal).transpose()
    };
    let reveal = |text: &'_ Option<Private<String>>| text.as_ref().map(|text| text.reveal().clone());
    let (name, phone) = (reveal(&wish.contact.name), reveal(&wish.contact.phone));
    let (needs, name, phone) =
        (seal(NEEDS, wish.needs.to_words().as_deref())?, seal(NAME, name.as_deref())?, seal(PHONE, phone.as_deref())?);
    let last: Option<i32> =
        rows::table.filter(rows::pool_id.eq(pool.id.key())).select(diesel::dsl::max(rows::turn)).first(tx.conn())?;
    let now = Instant::from(tx.now());
    // Who registers on the last day needs no reminder of what they have just done.
    let soon = pool.begins().filter(|begins| begins.duration_since(tx.now()) <= REMINDED_BEFORE);
    let values = (
        rows::state.eq(state.as_str()),
        rows::turn.eq(last.unwrap_or(0).saturating_add(1)),
        rows::needs_sealed.eq(needs),
        rows::name_sealed.eq(name),
        rows::phone_sealed.eq(phone),
        rows::created_at.eq(now),
        rows::changed_at.eq(now),
        rows::held_until.eq(None::<Instant>),
        rows::reminded_for.eq(soon.map(Instant::from)),
    );
    if before.is_some() {
        update(rows::table.find(Sql(id))).set(values).execute(tx.conn())?;
        return Ok(id);
    }
    let code = fresh_code(tx, pool)?;
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::resident_id.eq(Sql(resident)),
            rows::offer_id.eq(Sql(pool.id.offer)),
            rows::occurrence_id.eq(pool.id.date.map(Sql)),
            rows::pool_id.eq(pool.id.key()),
            rows::code.eq(code),
            values,
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// A code that nobody else has there.
fn fresh_code(tx: &mut Tx<'_>, pool: &Pool) -> Result<String, StoreError> {
    loop {
        let code = participant_code(tx.random());
        let taken: i64 = rows::table
            .filter(rows::pool_id.eq(pool.id.key()))
            .filter(rows::code.eq(&code))
            .count()
            .get_result(tx.conn())?;
        if taken == 0 {
            return Ok(code);
        }
    }
}

type Row = (
    (Sql<RegistrationId>, Sql<OfferId>, Option<Sql<OccurrenceId>>, String, String),
    (Option<Instant>, Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>, Instant),
);
type Columns = (
    (rows::id, rows::offer_id, rows::occurrence_id, rows::state, rows::code),
    (rows::held_until, rows::needs_sealed, rows::name_sealed, rows::phone_sealed, rows::created_at),
);
const COLUMNS: Columns = (
    (rows::id, rows::offer_id, rows::occurrence_id, rows::state, rows::code),
    (rows::held_until, rows::needs_sealed, rows::name_sealed, rows::phone_sealed, rows::created_at),
);

/// What the caller has registered for, newest first, at most `limit`, older than `before`.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<RegistrationId>,
    limit: i64,
) -> Result<Vec<Own>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let mut query = rows::table
        .filter(rows::resident_id.eq(Sql(resident)))
        .order(rows::id.desc())
        .limit(limit)
        .select(COLUMNS)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(rows::id.lt(Sql(before)));
    }
    let found: Vec<Row> = query.load(tx.conn())?;
    found.into_iter().map(|row| read(tx, resident, row)).collect()
}

/// One registration of the caller's; none when they have no such registration.
///
/// # Errors
/// As [`own`].
pub fn one(tx: &mut Tx<'_>, caller: &Caller<'_>, id: RegistrationId) -> Result<Option<Own>, StoreError> {
    first(tx, caller.resident().ok_or(StoreError::Unauthenticated)?, id)
}

fn first(tx: &mut Tx<'_>, resident: ResidentId, id: RegistrationId) -> Result<Option<Own>, StoreError> {
    let row: Option<Row> = rows::table
        .find(Sql(id))
        .filter(rows::resident_id.eq(Sql(resident)))
        .select(COLUMNS)
        .first(tx.conn())
        .optional()?;
    row.map(|row| read(tx, resident, row)).transpose()
}

fn read(tx: &mut Tx<'_>, resident: ResidentId, row: Row) -> Result<Own, StoreError> {
    let ((Sql(id), Sql(offer), date, state, code), (held_until, needs, name, phone, created_at)) = row;
    let offer = offers::load(tx, &[offer])?.pop().ok_or(StoreError::Corrupt("registrations.offer_id"))?;
    let date = match date {
        Some(date) => occurrences::find(tx, date.0)?,
        None => None,
    };
    let named: Option<PlaceId> = date.as_ref().and_then(|date| date.place).or(offer.facts.place);
    let place = places::of(tx, named.as_slice())?.pop();
    let state = read_state(&state)?;
    Ok(Own {
        id,
        offer,
        date,
        place,
        state,
        code,
        held_until: held_until.map(Instant::timestamp).filter(|_| state == State::Offered),
        needs: open_needs(tx, resident, id, needs)?,
        contact: open_contact(tx, resident, id, name, phone)?,
        created_at: created_at.timestamp(),
    })
}

fn open(
    tx: &Tx<'_>,
    resident: ResidentId,
    place: Seal<'_>,
    sealed: Option<Vec<u8>>,
) -> Result<Option<String>, StoreError> {
    sealed.map(|sealed| tx.vault().open_text(Subject::Resident(resident), place, sealed)).transpose()
}

fn open_needs(
    tx: &Tx<'_>,
    resident: ResidentId,
    id: RegistrationId,
    sealed: Option<Vec<u8>>,
) -> Result<Needs, StoreError> {
    let words = open(tx, resident, Seal { column: NEEDS, row: id.as_bytes() }, sealed)?;
    words.map_or(Ok(Needs::default()), |words| Needs::parse(&words).ok_or(StoreError::Corrupt(NEEDS)))
}

fn open_contact(
    tx: &Tx<'_>,
    resident: ResidentId,
    id: RegistrationId,
    name: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
) -> Result<Contact, StoreError> {
    let open = |column, sealed| {
        Ok::<_, StoreError>(open(tx, resident, Seal { column, row: id.as_bytes() }, sealed)?.map(Private::new))
    };
    Ok(Contact { name: open(NAME, name)?, phone: open(PHONE, phone)? })
}
