//! Room audit: the access log as the resident reads it.

use diesel::{delete, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    access::Basis,
    audit::{LogAction, LogOutcome},
    ids::{AccessLogId, FindingId},
};

use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{access_log, organisations},
};

/// Who acted, seen from the resident who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The reader.
    You,
    /// A person of a practice.
    PracticeStaff,
    /// A person of another organisation of the district.
    DistrictStaff,
    /// A person who runs the installation.
    Operator,
    /// A practice's software.
    PracticeSoftware,
    /// The server itself.
    System,
    /// Another resident.
    SomeoneElse,
}

/// One line, as its resident sees it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The line.
    pub id: AccessLogId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// The practice the actor acted for.
    pub organisation: Option<String>,
    /// What.
    pub action: LogAction,
    /// Which finding.
    pub finding: Option<FindingId>,
    /// Why it was allowed.
    pub basis: Option<Basis>,
    /// How it ended.
    pub outcome: LogOutcome,
}

type Row = (
    Sql<AccessLogId>,
    Instant,
    String,
    Option<Vec<u8>>,
    String,
    Option<Sql<FindingId>>,
    Option<String>,
    String,
    Option<String>,
);

/// The caller's own log, newest first, at most `limit` lines and older than `before`.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<AccessLogId>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let mut query = access_log::table
        .left_join(organisations::table.on(access_log::practice_id.eq(organisations::id.nullable())))
        .filter(access_log::resident_id.eq(Some(resident.as_bytes().to_vec())))
        .order(access_log::id.desc())
        .limit(limit)
        .select((
            access_log::id,
            access_log::at,
            access_log::actor_kind,
            access_log::actor_id,
            access_log::action,
            access_log::finding_id,
            access_log::basis,
            access_log::outcome,
            organisations::name.nullable(),
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(access_log::id.lt(Sql(before)));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    rows.into_iter().map(|row| read(row, resident.as_bytes())).collect()
}

/// Deletes lines older than `before`, at most `limit` at a time. Returns how many.
///
/// # Errors
/// The database's.
pub fn prune(tx: &mut Tx<'_>, _system: &System, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
    let before = Instant::from(before);
    let old: Vec<Sql<AccessLogId>> = access_log::table
        .filter(access_log::at.lt(before))
        .order(access_log::id)
        .limit(limit)
        .select(access_log::id)
        .load(tx.conn())?;
    Ok(delete(access_log::table.filter(access_log::id.eq_any(old))).execute(tx.conn())?)
}

fn read(row: Row, reader: &[u8; 16]) -> Result<Entry, StoreError> {
    let (id, at, actor_kind, actor, action, finding, basis, outcome, organisation) = row;
    let who = match actor_kind.as_str() {
        "resident" if actor.as_deref() == Some(reader.as_slice()) => Who::You,
        "resident" => Who::SomeoneElse,
        "staff" => Who::PracticeStaff,
        "district" => Who::DistrictStaff,
        "operator" => Who::Operator,
        "software" => Who::PracticeSoftware,
        "system" => Who::System,
        _ => return Err(StoreError::Corrupt("access_log.actor_kind")),
    };
    let basis = basis.map(|word| Basis::parse(&word).ok_or(StoreError::Corrupt("access_log.basis"))).transpose()?;
    Ok(Entry {
        id: id.0,
        at: at.timestamp(),
        who,
        organisation,
        action: LogAction::parse(&action).ok_or(StoreError::Corrupt("access_log.action"))?,
        finding: finding.map(|f| f.0),
        basis,
        outcome: LogOutcome::parse(&outcome).ok_or(StoreError::Corrupt("access_log.outcome"))?,
    })
}
