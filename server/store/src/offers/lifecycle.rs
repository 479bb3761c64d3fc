//! An offer's way to the public and out of it, and the second person on that way.

use diesel::{prelude::*, update};
use jiff::tz::TimeZone;
use nahraum_domain::{
    ids::{OfferId, OrganisationId},
    offers::{
        freshness,
        lifecycle::{ArchiveReason, Status, Step, may_review, needs_review},
    },
    organisations::OrganisationKind,
};

use super::{Offer, feed, first, load::get, publisher};
use crate::{
    access::{Caller, Tx},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    registrations,
    schema::{offers, organisations, publishers},
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
pub(super) fn reviews_others(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<bool, StoreError> {
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
    update(offers::table.find(Sql(id)))
        .set((
            offers::status.eq(next.as_str()),
            offers::revision.eq(offer.revision + 1),
            offers::submitted_by.eq((next == Status::InReview).then_some(Sql(person))),
            offers::archived_at.eq((next == Status::Archived).then(|| Instant::from(tx.now()))),
            offers::archive_reason.eq((next == Status::Archived).then_some(ArchiveReason::Withdrawn.as_str())),
        ))
        .execute(tx.conn())?;
    if next == Status::Published && step != Step::Resume {
        publish(tx, &offer, published_before)?;
    }
    feed::touch(tx, id)?;
    if (offer.status == Status::Archived) != (next == Status::Archived) {
        registrations::offer_ended(tx, id)?;
    }
    Ok(Stepped::Done(get(tx, id)?))
}

/// Becoming public is saying that it is true.
fn publish(tx: &mut Tx<'_>, offer: &Offer, published_before: bool) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    let today = tx.now().to_zoned(TimeZone::UTC).date();
    let due = freshness::due(offer.facts.kind, today, None, None);
    update(offers::table.find(Sql(offer.id)))
        .set((
            offers::published_at.eq(Some(now)),
            offers::verified_on.eq(Some(Day::from(today))),
            offers::verify_due.eq(Some(Day::from(due))),
            offers::sunk.eq(0),
        ))
        .execute(tx.conn())?;
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
