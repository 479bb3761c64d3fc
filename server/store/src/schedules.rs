//! Room schedules: when an offer takes place. A schedule is a rule with a local time, and its dates stand in a table of their own,
//! so that "this week", how many have signed in and one cancelled date are plain SQL.
//!
//! What dates a rule gives is not known here: whoever sets a schedule brings them along.

mod dates;
pub(crate) mod occurrences;

use std::collections::BTreeSet;

use diesel::{delete, insert_into, prelude::*, update};
use jiff::{Timestamp, civil::DateTime};
use nahraum_domain::{
    ids::{OfferId, ScheduleId},
    offers::{holidays::Land, lifecycle::Status},
};

pub use self::{
    dates::{Date, Dates},
    occurrences::{Occurrence, Place, list, of_publisher, put},
};
use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    offers::{feed, publisher},
    schema::{offer_schedules as rows, offers, schedule_exceptions as exceptions},
};

/// When an offer takes place, as a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// A zone of the IANA time zone database.
    pub time_zone: String,
    /// The first time, on the clock there.
    pub starts_local: DateTime,
    /// How long it takes.
    pub minutes: i32,
    /// The value of an RRULE (RFC 5545); none for something that is once.
    pub rule: Option<String>,
    /// Where the public holidays are that are left out.
    pub skip_holidays_in: Option<Land>,
    /// Dates of the rule that are left out.
    pub skip: BTreeSet<DateTime>,
    /// Dates beside the rule.
    pub extra: BTreeSet<DateTime>,
}

/// A plan that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The schedule.
    pub id: ScheduleId,
    /// What it says.
    pub plan: Plan,
}

/// A schedule that an offer is to have.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The one that stands and becomes this; none for a new one.
    pub id: Option<ScheduleId>,
    /// What it says.
    pub plan: Plan,
    /// The dates it gives.
    pub dates: Dates,
}

/// Which of two the exception is.
const SKIP: &str = "skip";
const EXTRA: &str = "extra";

/// How a local time is stored, and sorts: `2026-10-13T18:00`.
const LOCAL: &str = "%Y-%m-%dT%H:%M";

/// No date is earlier.
const EARLIEST: DateTime = DateTime::constant(2000, 1, 1, 0, 0, 0, 0);

fn to_text(local: DateTime) -> String {
    local.strftime(LOCAL).to_string()
}

fn to_local(text: &str, place: &'static str) -> Result<DateTime, StoreError> {
    DateTime::strptime(LOCAL, text).map_err(|_| StoreError::Corrupt(place))
}

/// Where an offer stands, if it is one of the organisation that the caller publishes for.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when it is nobody who publishes; otherwise the database's.
pub fn own_offer(tx: &mut Tx<'_>, caller: &Caller<'_>, offer: OfferId) -> Result<Option<Status>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    let status: Option<String> = offers::table
        .find(Sql(offer))
        .filter(offers::organisation_id.eq(Sql(organisation)))
        .select(offers::status)
        .first(tx.conn())
        .optional()?;
    status.map(|word| Status::parse(&word).ok_or(StoreError::Corrupt("offers.status"))).transpose()
}

type Row = (Sql<ScheduleId>, String, String, i32, Option<String>, Option<String>);
type Columns = (rows::id, rows::time_zone, rows::starts_local, rows::minutes, rows::rule, rows::skip_holidays_in);
const COLUMNS: Columns =
    (rows::id, rows::time_zone, rows::starts_local, rows::minutes, rows::rule, rows::skip_holidays_in);

fn read(tx: &mut Tx<'_>, row: Row) -> Result<Schedule, StoreError> {
    let (Sql(id), time_zone, starts_local, minutes, rule, land) = row;
    let land = land.map(|code| Land::parse(&code).ok_or(StoreError::Corrupt("offer_schedules.skip_holidays_in")));
    let found: Vec<(String, String)> = exceptions::table
        .filter(exceptions::schedule_id.eq(Sql(id)))
        .select((exceptions::starts_local, exceptions::op))
        .load(tx.conn())?;
    let (mut skip, mut extra) = (BTreeSet::new(), BTreeSet::new());
    for (local, op) in found {
        let local = to_local(&local, "schedule_exceptions.starts_local")?;
        match op.as_str() {
            SKIP => skip.insert(local),
            EXTRA => extra.insert(local),
            _ => return Err(StoreError::Corrupt("schedule_exceptions.op")),
        };
    }
    let starts_local = to_local(&starts_local, "offer_schedules.starts_local")?;
    let plan = Plan { time_zone, starts_local, minutes, rule, skip_holidays_in: land.transpose()?, skip, extra };
    Ok(Schedule { id, plan })
}

/// The schedules of an offer, the oldest first.
///
/// # Errors
/// The database's.
pub fn of_offer(tx: &mut Tx<'_>, offer: OfferId) -> Result<Vec<Schedule>, StoreError> {
    let found: Vec<Row> = rows::table
        .filter(rows::offer_id.eq(Sql(offer)))
        .filter(rows::removed_at.is_null())
        .order(rows::id)
        .select(COLUMNS)
        .load(tx.conn())?;
    found.into_iter().map(|row| read(tx, row)).collect()
}

/// Gives an offer these schedules and no others. What has become of single dates stays, and so do their ids: a future date that no
/// schedule gives any more is cancelled. An `id` has to be one of a schedule of this offer that stands.
///
/// # Errors
/// The database's.
pub fn replace(tx: &mut Tx<'_>, offer: OfferId, wanted: &[Wanted]) -> Result<Vec<Schedule>, StoreError> {
    let standing = of_offer(tx, offer)?;
    let mut changed = false;
    for gone in standing.iter().filter(|one| wanted.iter().all(|new| new.id != Some(one.id))) {
        remove(tx, offer, gone.id)?;
        changed = true;
    }
    for new in wanted {
        let known = new.id.and_then(|id| standing.iter().find(|one| one.id == id));
        let id = match known {
            Some(known) => {
                changed |= known.plan != new.plan;
                write(tx, known.id, &new.plan)?;
                known.id
            }
            None => {
                changed = true;
                add(tx, offer, &new.plan)?
            }
        };
        changed |= dates::set(tx, offer, id, &new.dates)?;
    }
    if changed {
        feed::touch(tx, offer)?;
    }
    of_offer(tx, offer)
}

fn add(tx: &mut Tx<'_>, offer: OfferId, plan: &Plan) -> Result<ScheduleId, StoreError> {
    let id = tx.new_id(ScheduleId::new);
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::offer_id.eq(Sql(offer)),
            rows::time_zone.eq(&plan.time_zone),
            rows::starts_local.eq(to_text(plan.starts_local)),
            rows::minutes.eq(plan.minutes),
            rows::rule.eq(plan.rule.as_deref()),
            rows::skip_holidays_in.eq(plan.skip_holidays_in.map(Land::code)),
            rows::materialised_until.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    add_exceptions(tx, id, plan)?;
    Ok(id)
}

fn write(tx: &mut Tx<'_>, id: ScheduleId, plan: &Plan) -> Result<(), StoreError> {
    update(rows::table.find(Sql(id)))
        .set((
            rows::time_zone.eq(&plan.time_zone),
            rows::starts_local.eq(to_text(plan.starts_local)),
            rows::minutes.eq(plan.minutes),
            rows::rule.eq(plan.rule.as_deref()),
            rows::skip_holidays_in.eq(plan.skip_holidays_in.map(Land::code)),
        ))
        .execute(tx.conn())?;
    delete(exceptions::table.filter(exceptions::schedule_id.eq(Sql(id)))).execute(tx.conn())?;
    add_exceptions(tx, id, plan)
}

fn add_exceptions(tx: &mut Tx<'_>, id: ScheduleId, plan: &Plan) -> Result<(), StoreError> {
    let of = |op: &'static str, dates: &BTreeSet<DateTime>| -> Vec<_> {
        dates.iter().map(|local| (to_text(*local), op)).collect()
    };
    for (local, op) in of(SKIP, &plan.skip).into_iter().chain(of(EXTRA, &plan.extra)) {
        insert_into(exceptions::table)
            .values((exceptions::schedule_id.eq(Sql(id)), exceptions::starts_local.eq(local), exceptions::op.eq(op)))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Takes a schedule away, and with it all that is to come of it, also what was moved.
fn remove(tx: &mut Tx<'_>, offer: OfferId, id: ScheduleId) -> Result<(), StoreError> {
    let nothing = Dates { from_local: EARLIEST, dates: Vec::new(), until: tx.now() };
    dates::set(tx, offer, id, &nothing)?;
    update(rows::table.find(Sql(id))).set(rows::removed_at.eq(Some(Instant::from(tx.now())))).execute(tx.conn())?;
    Ok(())
}

/// The schedules whose dates stand in the table only up to a moment before `until`, of offers that are not archived.
///
/// # Errors
/// The database's.
pub fn due(
    tx: &mut Tx<'_>,
    _system: &System,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<(OfferId, Schedule)>, StoreError> {
    let found: Vec<(Sql<OfferId>, Row)> = rows::table
        .inner_join(offers::table)
        .filter(rows::removed_at.is_null())
        .filter(rows::materialised_until.lt(Instant::from(until)))
        .filter(offers::status.ne(Status::Archived.as_str()))
        .order((rows::materialised_until, rows::id))
        .limit(limit)
        .select((rows::offer_id, COLUMNS))
        .load(tx.conn())?;
    found.into_iter().map(|(offer, row)| Ok((offer.0, read(tx, row)?))).collect()
}

/// Writes the dates of a schedule on, as time goes by.
///
/// # Errors
/// The database's.
pub fn write_on(
    tx: &mut Tx<'_>,
    _system: &System,
    offer: OfferId,
    schedule: ScheduleId,
    dates: &Dates,
) -> Result<(), StoreError> {
    if dates::set(tx, offer, schedule, dates)? { feed::touch(tx, offer) } else { Ok(()) }
}
