//! The places of one date, or of an offer that has no dates: counted strictly, and offered to those who wait, in their order.

use diesel::{prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{OccurrenceId, OfferId, RegistrationId, ResidentId},
    offers::{capacity::Band, facts::Registration, lifecycle::Status, occurrences::OccurrenceState},
    registrations::{Occasion, Places, RegistrationState as State, RegistrationStep as Step, offered_until},
};

use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    offers::feed,
    schema::{occurrences, offers, registrations as rows},
};

/// What one registers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PoolId {
    /// The offer.
    pub(super) offer: OfferId,
    /// The date, if the offer has dates.
    pub(super) date: Option<OccurrenceId>,
}

impl PoolId {
    /// What the rows are counted for.
    pub(super) fn key(&self) -> Vec<u8> {
        self.date.map_or(*self.offer.as_bytes(), |date| *date.as_bytes()).to_vec()
    }
}

/// The same, with what is known of it.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) id: PoolId,
    pub(super) status: Status,
    pub(super) registration: Registration,
    pub(super) date: Option<(OccurrenceState, Timestamp)>,
    waiting_list: bool,
    most: Option<u32>,
    taken: u32,
}

type Facts = (String, String, Option<String>, i32, Option<i32>);
/// How many places a date has of its own, how it stands, and when it begins.
type DateFacts = (Option<i32>, String, Instant);
type FactColumns =
    (offers::status, offers::registration, offers::registration_at, offers::waiting_list, offers::places_max);
const FACTS: FactColumns =
    (offers::status, offers::registration, offers::registration_at, offers::waiting_list, offers::places_max);

impl Pool {
    /// What there is to know of it; none when the offer has no such date.
    pub(super) fn load(tx: &mut Tx<'_>, id: PoolId) -> Result<Option<Self>, StoreError> {
        let found: Option<(Facts, i32, Option<DateFacts>)> = match id.date {
            Some(date) => offers::table
                .inner_join(occurrences::table)
                .filter(occurrences::id.eq(Sql(date)))
                .filter(offers::id.eq(Sql(id.offer)))
                .select((
                    FACTS,
                    occurrences::places_taken,
                    (occurrences::places_max, occurrences::state, occurrences::starts_at),
                ))
                .first::<(Facts, i32, DateFacts)>(tx.conn())
                .optional()?
                .map(|(facts, taken, date)| (facts, taken, Some(date))),
            None => offers::table
                .find(Sql(id.offer))
                .select((FACTS, offers::places_taken))
                .first::<(Facts, i32)>(tx.conn())
                .optional()?
                .map(|(facts, taken)| (facts, taken, None)),
        };
        let Some(((status, way, at, waiting_list, most), taken, date)) = found else { return Ok(None) };
        let own_most = date.as_ref().and_then(|(most, ..)| *most);
        let date = date.map(|(_, state, begins)| {
            let state = OccurrenceState::parse(&state).ok_or(StoreError::Corrupt("occurrences.state"))?;
            Ok::<_, StoreError>((state, begins.timestamp()))
        });
        Ok(Some(Self {
            id,
            status: Status::parse(&status).ok_or(StoreError::Corrupt("offers.status"))?,
            registration: Registration::parse(&way, at.as_deref()).ok_or(StoreError::Corrupt("offers.registration"))?,
            date: date.transpose()?,
            waiting_list: waiting_list != 0,
            most: own_most.or(most).map(counted).transpose()?,
            taken: counted(taken)?,
        }))
    }

    /// What one registers for, as the rules see it.
    pub(super) const fn occasion(&self) -> Occasion<'_> {
        Occasion { status: self.status, registration: &self.registration, date: self.date }
    }

    /// When it begins.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.date.map(|(_, begins)| begins)
    }

    fn has_begun(&self, now: Timestamp) -> bool {
        self.begins().is_some_and(|begins| begins <= now)
    }

    /// Its places, and whether somebody waits for one.
    pub(super) fn places(&self, tx: &mut Tx<'_>) -> Result<Places, StoreError> {
        let waits: i64 = rows::table
            .filter(rows::pool_id.eq(self.id.key()))
            .filter(rows::state.eq(State::Waitlisted.as_str()))
            .count()
            .get_result(tx.conn())?;
        Ok(Places { most: self.most, taken: self.taken, somebody_waits: waits > 0, waiting_list: self.waiting_list })
    }

    /// What everybody is told of the places.
    pub(super) fn band(&self) -> Band {
        let free = self.most.map(|most| most.saturating_sub(self.taken));
        Band::of(&self.registration, free, self.waiting_list)
    }

    /// Takes a place, if there is one: the count is compared where it is written, so that no two take the last one.
    pub(super) fn seat(&mut self, tx: &mut Tx<'_>) -> Result<bool, StoreError> {
        let most = self.most.map_or(i32::MAX, |most| i32::try_from(most).unwrap_or(i32::MAX));
        let seated = match self.id.date {
            Some(date) => update(occurrences::table.find(Sql(date)).filter(occurrences::places_taken.lt(most)))
                .set(occurrences::places_taken.eq(occurrences::places_taken + 1))
                .execute(tx.conn())?,
            None => update(offers::table.find(Sql(self.id.offer)).filter(offers::places_taken.lt(most)))
                .set(offers::places_taken.eq(offers::places_taken + 1))
                .execute(tx.conn())?,
        };
        self.taken = self.taken.saturating_add(u32::from(seated > 0));
        Ok(seated > 0)
    }

    /// Gives so many places back.
    pub(super) fn leave(&mut self, tx: &mut Tx<'_>, places: u32) -> Result<(), StoreError> {
        let less = i32::try_from(places).map_err(|_| StoreError::Corrupt("a count"))?;
        match self.id.date {
            Some(date) => update(occurrences::table.find(Sql(date)))
                .set(occurrences::places_taken.eq(occurrences::places_taken - less))
                .execute(tx.conn())?,
            None => update(offers::table.find(Sql(self.id.offer)))
                .set(offers::places_taken.eq(offers::places_taken - less))
                .execute(tx.conn())?,
        };
        self.taken = self.taken.saturating_sub(places);
        Ok(())
    }

    /// Offers what is free to those who wait, in the order in which they came, and tells the feed if everybody is told something
    /// else than `before`.
    pub(super) fn settle(mut self, tx: &mut Tx<'_>, before: Band) -> Result<(), StoreError> {
        while self.occasion().is_on() && self.places(tx)?.offers_next() {
            let Some(until) = offered_until(tx.now(), self.begins()) else { break };
            if !self.offer_to_next(tx, until)? {
                break;
            }
        }
        // What is over is told to nobody any more.
        if self.band() != before && !self.has_begun(tx.now()) {
            feed::touch(tx, self.id.offer)?;
        }
        Ok(())
    }

    fn offer_to_next(&mut self, tx: &mut Tx<'_>, until: Timestamp) -> Result<bool, StoreError> {
        let next: Option<(Sql<RegistrationId>, Sql<ResidentId>)> = rows::table
            .filter(rows::pool_id.eq(self.id.key()))
            .filter(rows::state.eq(State::Waitlisted.as_str()))
            .order(rows::turn)
            .select((rows::id, rows::resident_id))
            .first(tx.conn())
            .optional()?;
        let (Some((id, resident)), Some(offered)) = (next, State::Waitlisted.after(Step::Offer)) else {
            return Ok(false);
        };
        if !self.seat(tx)? {
            return Ok(false);
        }
        update(rows::table.find(id))
            .set((
                rows::state.eq(offered.as_str()),
                rows::held_until.eq(Some(Instant::from(until))),
                rows::changed_at.eq(Instant::from(tx.now())),
            ))
            .execute(tx.conn())?;
        notifications::something_new(tx, resident.0)?;
        Ok(true)
    }
}

fn counted(stored: i32) -> Result<u32, StoreError> {
    u32::try_from(stored).map_err(|_| StoreError::Corrupt("a number of places"))
}
