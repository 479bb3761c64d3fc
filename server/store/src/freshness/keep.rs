//! What happens to offers that nobody confirms, a bounded round at a time, each along an index of its own.

use diesel::{insert_into, prelude::*, update};
use jiff::{SignedDuration, ToSpan as _, civil::Date};
use nahraum_domain::{
    calendar,
    ids::{FreshnessMailId, OfferId, OrganisationId},
    offers::{
        freshness::{LINK_GOOD_FOR, STALE_AFTER, Told, UNCONFIRMED_AFTER},
        lifecycle::Status,
    },
};
use nahraum_secrets::{Token, TokenKind};

use super::{contact, mails::token_place};
use crate::{
    access::{System, Tx},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    key_store::Subject,
    offers::{self as room, feed},
    schema::{freshness_mail_offers, freshness_mails, offers, publishers},
};

/// The most offers that one mail names.
const NAMED: i64 = 100;

/// The day of a unit of work.
pub(super) fn today(tx: &Tx<'_>) -> Date {
    calendar::day(tx.now())
}

/// Lets at most `limit` offers sink that are due for two weeks, and tells the feed. Returns how many.
///
/// # Errors
/// The database's.
pub fn sink(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let late = Day::from(today(tx).saturating_sub(UNCONFIRMED_AFTER.days()));
    let due: Vec<Sql<OfferId>> = offers::table
        .filter(offers::sunk.eq(0))
        .filter(offers::verify_due.le(Some(late)))
        .order((offers::verify_due, offers::id))
        .limit(limit)
        .select(offers::id)
        .load(tx.conn())?;
    for id in &due {
        update(offers::table.find(*id)).set(offers::sunk.eq(1)).execute(tx.conn())?;
        feed::touch(tx, id.0)?;
    }
    Ok(due.len())
}

/// Archives at most `limit` public offers that are due for sixty days. Returns how many.
///
/// # Errors
/// The database's.
pub fn archive(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let stale = Day::from(today(tx).saturating_sub(STALE_AFTER.days()));
    let due: Vec<Sql<OfferId>> = offers::table
        .filter(offers::sunk.eq(1))
        .filter(offers::verify_due.le(Some(stale)))
        .filter(offers::status.eq_any(Status::PUBLIC))
        .order((offers::verify_due, offers::id))
        .limit(limit)
        .select(offers::id)
        .load(tx.conn())?;
    let due: Vec<OfferId> = due.into_iter().map(|id| id.0).collect();
    let found = room::load(tx, &due)?;
    for offer in &found {
        room::archive_stale(tx, offer)?;
    }
    Ok(found.len())
}

/// Writes to organisations that have something to be told: one mail each with everything, and at most one a day. What was told is
/// written down in the same commit, so that nobody is told twice. Where no mail can be sent, or nobody has said where to, it counts as
/// told: it stands in the organisation's own list. Returns how many offers with something to tell were looked at, at most four times `limit`.
///
/// # Errors
/// The database's.
pub fn write_mails(tx: &mut Tx<'_>, _system: &System, limit: i64, can_mail: bool) -> Result<usize, StoreError> {
    let owed = owed(tx, limit)?;
    let mut organisations: Vec<OrganisationId> = owed.clone();
    organisations.sort_unstable();
    organisations.dedup();
    for organisation in organisations {
        if can_mail && contact::of(tx, organisation)?.mail.is_some() {
            write(tx, organisation)?;
        }
        mark(tx, organisation)?;
    }
    Ok(owed.len())
}

/// The organisations with something to be told that were not written to today, once for each such offer.
fn owed(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<OrganisationId>, StoreError> {
    let today = today(tx);
    let mut owed: Vec<Sql<OrganisationId>> = Vec::new();
    let before = [Told::Nothing, Told::Soon, Told::Due];
    for (before, next) in before.into_iter().zip(Told::REMINDERS) {
        let Some(by) = next.due_by(today) else { continue };
        let found: Vec<Sql<OrganisationId>> = offers::table
            .inner_join(publishers::table.on(publishers::organisation_id.eq(offers::organisation_id)))
            .filter(publishers::mailed_on.is_null().or(publishers::mailed_on.lt(Some(Day::from(today)))))
            .filter(offers::told.eq(before.number()))
            .filter(offers::verify_due.le(Some(Day::from(by))))
            .filter(offers::status.eq_any(Status::PUBLIC))
            .order((offers::verify_due, offers::id))
            .limit(limit)
            .select(offers::organisation_id)
            .load(tx.conn())?;
        owed.extend(found);
    }
    let gone: Vec<Sql<OrganisationId>> = offers::table
        .inner_join(publishers::table.on(publishers::organisation_id.eq(offers::organisation_id)))
        .filter(publishers::mailed_on.is_null().or(publishers::mailed_on.lt(Some(Day::from(today)))))
        .filter(offers::told.eq(Told::Leaving.number()))
        .order(offers::id)
        .limit(limit)
        .select(offers::organisation_id)
        .load(tx.conn())?;
    owed.extend(gone);
    Ok(owed.into_iter().map(|id| id.0).collect())
}

/// One mail to an organisation with everything that is due or has been archived.
fn write(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<(), StoreError> {
    let id = tx.new_id(FreshnessMailId::new);
    let token = Token::generate(tx.random(), TokenKind::OfferCheck);
    let sealed = tx.vault().seal_text(Subject::House, token_place(id.as_bytes()), token.expose())?;
    let now = Instant::from(tx.now());
    let ends = tx.now() + SignedDuration::from_hours(24 * LINK_GOOD_FOR);
    insert_into(freshness_mails::table)
        .values((
            freshness_mails::id.eq(Sql(id)),
            freshness_mails::organisation_id.eq(Sql(organisation)),
            freshness_mails::token_hash.eq(token.hash().as_bytes().to_vec()),
            freshness_mails::token_sealed.eq(Some(sealed)),
            freshness_mails::state.eq("pending"),
            freshness_mails::attempts.eq(0),
            freshness_mails::created_at.eq(now),
            freshness_mails::due_at.eq(now),
            freshness_mails::expires_at.eq(Instant::from(ends)),
        ))
        .execute(tx.conn())?;
    let soon = Told::Soon.due_by(today(tx)).map(Day::from);
    let due: Vec<Sql<OfferId>> = offers::table
        .filter(offers::organisation_id.eq(Sql(organisation)))
        .filter(offers::status.eq_any(Status::PUBLIC))
        .filter(offers::verify_due.le(soon))
        .order((offers::verify_due, offers::id))
        .limit(NAMED)
        .select(offers::id)
        .load(tx.conn())?;
    let gone: Vec<Sql<OfferId>> = offers::table
        .filter(offers::organisation_id.eq(Sql(organisation)))
        .filter(offers::told.eq(Told::Leaving.number()))
        .order(offers::id)
        .limit(NAMED)
        .select(offers::id)
        .load(tx.conn())?;
    for (offer, gone) in due.into_iter().map(|id| (id, 0)).chain(gone.into_iter().map(|id| (id, 1))) {
        let row = (
            freshness_mail_offers::mail_id.eq(Sql(id)),
            freshness_mail_offers::offer_id.eq(offer),
            freshness_mail_offers::gone.eq(gone),
        );
        insert_into(freshness_mail_offers::table).values(row).execute(tx.conn())?;
    }
    let day = Some(Day::from(today(tx)));
    update(publishers::table.find(Sql(organisation))).set(publishers::mailed_on.eq(day)).execute(tx.conn())?;
    Ok(())
}

/// Writes down what an organisation is told of each of its offers.
fn mark(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<(), StoreError> {
    let today = today(tx);
    for told in Told::REMINDERS {
        let Some(by) = told.due_by(today) else { continue };
        let due = offers::table
            .filter(offers::organisation_id.eq(Sql(organisation)))
            .filter(offers::status.eq_any(Status::PUBLIC))
            .filter(offers::verify_due.le(Some(Day::from(by))))
            .filter(offers::told.lt(told.number()));
        update(due).set(offers::told.eq(told.number())).execute(tx.conn())?;
    }
    let gone = offers::table
        .filter(offers::organisation_id.eq(Sql(organisation)))
        .filter(offers::told.eq(Told::Leaving.number()));
    update(gone).set(offers::told.eq(Told::Gone.number())).execute(tx.conn())?;
    Ok(())
}
