//! An offer's way to the public and out of it, and the second person on that way.

use diesel::{prelude::*, update};
use jiff::civil::Date;
use nahraum_domain::{
    calendar,
    ids::{OfferId, OrganisationId, StaffId},
    offers::{
        OfferKind,
        freshness::{self, Told},
        lifecycle::{ArchiveReason, Status, Step, may_review, needs_review},
        occurrences::OccurrenceState,
    },
    organisations::OrganisationKind,
};

use super::{Offer, feed, first, load::get, publisher};
use crate::{
    access::{Caller, Tx},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    registrations,
    schema::{occurrences, offers, organisations, publishers},
};

/// What became of a step.
#[derive(Debug)]
pub enum Stepped {
    /// It is done.
    Done(Box<Offer>),
    /// There is no such offer for the caller.
    Unknown,
    /// Not in the state it is in.
    Late,
    /// That takes another person.
    WrongPerson,
}

/// Whether the people of an organisation agree to the offers of others: those of the district office.
pub(crate) fn reviews_others(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<bool, StoreError> {
    let kind: String = organisations::table.find(Sql(organisation)).select(organisations::kind).first(tx.conn())?;
    Ok(OrganisationKind::parse(&kind) == Some(OrganisationKind::DistrictOffice))
}

/// Takes an offer a step further.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn step(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OfferId, step: Step) -> Result<Stepped, StoreError> {
    let (person, organisation) = publisher(caller)?;
    let Some(offer) = first(tx, caller, id)? else { return Ok(Stepped::Unknown) };
    let judges = matches!(step, Step::Approve | Step::Return);
    if offer.organisation != organisation && !judges {
        return Ok(Stepped::Unknown);
    }
    let published_before = has_published(tx, offer.organisation)?;
    let Some(next) = offer.status.after(step, needs_review(offer.facts.sensitivity, published_before)) else {
        return Ok(Stepped::Late);
    };
    if step == Step::Approve && !may_review(person, offer.submitted_by) {
        return Ok(Stepped::WrongPerson);
    }
    let waits_for = (next == Status::InReview).then_some(person);
    enter(tx, &offer, next, waits_for, ArchiveReason::Withdrawn)?;
    if next == Status::Published && step != Step::Resume {
        publish(tx, &offer, published_before)?;
    }
    feed::touch(tx, id)?;
    Ok(Stepped::Done(get(tx, id)?))
}

/// Lets an offer be what it is after a step. What is archived is due no more, and who wants to come is told; `reason` says why it is.
fn enter(
    tx: &mut Tx<'_>,
    offer: &Offer,
    next: Status,
    submitted_by: Option<StaffId>,
    reason: ArchiveReason,
) -> Result<(), StoreError> {
    let is_over = next == Status::Archived;
    update(offers::table.find(Sql(offer.id)))
        .set((
            offers::status.eq(next.as_str()),
            offers::revision.eq(offer.revision + 1),
            offers::submitted_by.eq(submitted_by.map(Sql)),
            offers::archived_at.eq(is_over.then(|| Instant::from(tx.now()))),
            offers::archive_reason.eq(is_over.then_some(reason.as_str())),
        ))
        .execute(tx.conn())?;
    if is_over {
        update(offers::table.find(Sql(offer.id))).set(offers::verify_due.eq(None::<Day>)).execute(tx.conn())?;
    }
    if (offer.status == Status::Archived) != is_over {
        registrations::offer_ended(tx, offer.id)?;
    }
    Ok(())
}

/// Archives a public offer because nobody has confirmed it, as its own people would. Its organisation has still to be told.
pub(crate) fn archive_stale(tx: &mut Tx<'_>, offer: &Offer) -> Result<(), StoreError> {
    let Some(next) = offer.status.after(Step::Archive, false) else { return Ok(()) };
    enter(tx, offer, next, None, ArchiveReason::Stale)?;
    update(offers::table.find(Sql(offer.id))).set(offers::told.eq(Told::Leaving.number())).execute(tx.conn())?;
    feed::touch(tx, offer.id)
}

/// Writes down that somebody has said today that an offer is true, and until when they have to say so again.
pub(crate) fn confirm(tx: &mut Tx<'_>, id: OfferId, kind: OfferKind) -> Result<(), StoreError> {
    let today = calendar::day(tx.now());
    let due = freshness::due(kind, today, last_date(tx, id)?, None);
    update(offers::table.find(Sql(id)))
        .set((
            offers::verified_on.eq(Some(Day::from(today))),
            offers::verify_due.eq(Some(Day::from(due))),
            offers::sunk.eq(0),
            offers::doubts.eq(0),
            offers::told.eq(Told::at_confirmation(today, due).number()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// The day on which an offer takes place for the last time, if it is not over; a year ahead for what goes on.
fn last_date(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Date>, StoreError> {
    let last: Option<Instant> = occurrences::table
        .filter(occurrences::offer_id.eq(Sql(id)))
        .filter(occurrences::ends_at.gt(Instant::from(tx.now())))
        .filter(occurrences::state.ne(OccurrenceState::Cancelled.as_str()))
        .select(diesel::dsl::max(occurrences::ends_at))
        .first(tx.conn())?;
    Ok(last.map(|last| calendar::day(last.timestamp())))
}

/// Becoming public is saying that it is true.
fn publish(tx: &mut Tx<'_>, offer: &Offer, published_before: bool) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(offers::table.find(Sql(offer.id))).set(offers::published_at.eq(Some(now))).execute(tx.conn())?;
    confirm(tx, offer.id, offer.facts.kind)?;
    if !published_before {
        let organisation = Sql(offer.organisation);
        let known: i64 = publishers::table.find(organisation).count().get_result(tx.conn())?;
        let first = publishers::first_published_at.eq(Some(now));
        if known > 0 {
            update(publishers::table.find(organisation)).set(first).execute(tx.conn())?;
        } else {
            diesel::insert_into(publishers::table)
                .values((publishers::organisation_id.eq(organisation), first))
                .execute(tx.conn())?;
        }
    }
    Ok(())
}

/// Whether the organisation has ever published anything.
fn has_published(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<bool, StoreError> {
    let first: Option<Option<Instant>> =
        publishers::table.find(Sql(organisation)).select(publishers::first_published_at).first(tx.conn()).optional()?;
    Ok(first.flatten().is_some())
}
