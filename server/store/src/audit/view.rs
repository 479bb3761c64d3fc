//! The access log as its resident reads it.

use std::collections::HashMap;

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::{
    access::Basis,
    audit::{LogAction, LogOutcome, chain::Position},
    consent::Recipient,
    ids::{AccessLogId, ConsentId, FindingId, LinkVisitId, OrganisationId, ResidentId},
    private::Private,
};

use uuid::Uuid;

use super::in_place;
use crate::{
    access::{
        Caller, Tx,
        chain::{self, array},
        sealed::Sealed,
    },
    approvals::LogPermit,
    db::types::{Instant, Sql},
    error::StoreError,
    links,
    schema::{access_log, organisations},
    shares::{self, acting},
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
    /// Another resident, in the reader's place.
    Representative,
    /// Somebody with a link.
    LinkHolder,
}

impl Who {
    /// A stable word for it, for readers who are not the resident.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::You => "resident",
            Self::PracticeStaff => "practice-staff",
            Self::DistrictStaff => "district-staff",
            Self::Operator => "operator",
            Self::PracticeSoftware => "practice-software",
            Self::System => "system",
            Self::SomeoneElse => "someone-else",
            Self::Representative => "representative",
            Self::LinkHolder => "link-holder",
        }
    }
}

/// One line, as its resident sees it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The line.
    pub id: AccessLogId,
    /// Its number in the resident's own log, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// The person or credential of an organisation, as an id.
    pub actor: Option<String>,
    /// What somebody with a link said of themselves. Nobody has looked whether it is so.
    pub says: Option<Private<String>>,
    /// The organisation the actor acted for: its id, and its name if it is (still) known.
    pub organisation: Option<(OrganisationId, Option<String>)>,
    /// What.
    pub action: LogAction,
    /// Which finding.
    pub finding: Option<FindingId>,
    /// Why it was allowed.
    pub basis: Option<Basis>,
    /// By which decision of the resident.
    pub consent: Option<ConsentId>,
    /// How it ended.
    pub outcome: LogOutcome,
}

/// What the log is narrowed to. None means everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only this.
    pub action: Option<LogAction>,
    /// Only what ended like this.
    pub outcome: Option<LogOutcome>,
    /// Only from this moment on.
    pub from: Option<Timestamp>,
    /// Only before this moment.
    pub to: Option<Timestamp>,
    /// Only what was done for this organisation.
    pub organisation: Option<OrganisationId>,
}

impl Filter {
    /// Whether it lets an entry through.
    pub(super) fn matches(&self, entry: &Entry) -> bool {
        self.action.is_none_or(|action| action == entry.action)
            && self.outcome.is_none_or(|outcome| outcome == entry.outcome)
            && self.from.is_none_or(|from| from <= entry.at)
            && self.to.is_none_or(|to| entry.at < to)
            && self.organisation.is_none_or(|id| entry.organisation.as_ref().is_some_and(|(of, _)| *of == id))
    }
}

type Row = (
    Sql<AccessLogId>,
    Option<i64>,
    Instant,
    String,
    Option<Vec<u8>>,
    String,
    Option<Sql<FindingId>>,
    Option<String>,
    String,
    Option<Sql<OrganisationId>>,
    Option<String>,
    Option<Sql<ConsentId>>,
);

/// The caller's own log, newest first, at most `limit` lines with a number below `before`; and where the log ends.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<(Vec<Entry>, Position), StoreError> {
    let resident = caller.whose()?;
    let (mut entries, end) = match acting::window(tx, caller)? {
        Some(window) => in_place::own(tx, caller, resident, &window, filter, (before, limit))?,
        None => page(tx, resident, filter, before, limit)?,
    };
    name_representatives(tx, caller, &mut entries)?;
    let visit = |entry: &Entry| entry.actor.as_ref().filter(|_| entry.who == Who::LinkHolder)?.parse().ok();
    let visits: Vec<LinkVisitId> = entries.iter().filter_map(visit).collect();
    if !visits.is_empty() {
        let said = links::said(tx, resident, &visits)?;
        for entry in &mut entries {
            entry.says = visit(entry).and_then(|visit| said.get(&visit).cloned());
        }
    }
    Ok((entries, end))
}

/// Says how those want to be called who acted in the reader's place. Which account that is, nobody is told.
fn name_representatives(tx: &mut Tx<'_>, caller: &Caller<'_>, entries: &mut [Entry]) -> Result<(), StoreError> {
    if entries.iter().all(|entry| entry.who != Who::Representative) {
        return Ok(());
    }
    let names: HashMap<String, Private<String>> = shares::own(tx, caller)?
        .into_iter()
        .filter_map(|stored| match stored.rule.recipient {
            Recipient::Resident(id) => Some((id.to_string(), stored.recipient_called?)),
            Recipient::Everyone
            | Recipient::Organisation(_)
            | Recipient::Duty(..)
            | Recipient::Person(_)
            | Recipient::Explain(_)
            | Recipient::Link(_) => None,
        })
        .collect();
    for entry in entries.iter_mut().filter(|entry| entry.who == Who::Representative) {
        entry.says = entry.actor.take().and_then(|actor| names.get(&actor).cloned());
    }
    Ok(())
}

/// A page of the log of the resident whom the permit is for, with the line for the look.
///
/// # Errors
/// The database's.
pub fn inspect(
    tx: &mut Tx<'_>,
    permit: &LogPermit<'_>,
    before: Option<i64>,
    limit: i64,
) -> Result<Sealed<Vec<Entry>>, StoreError> {
    let (mut entries, _) = page(tx, permit.resident(), &Filter::default(), before, limit)?;
    for entry in entries.iter_mut().filter(|entry| entry.who == Who::Representative) {
        entry.actor = None;
    }
    let line = permit.entry(tx);
    Ok(Sealed::new(entries, line))
}

pub(super) fn page(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<(Vec<Entry>, Position), StoreError> {
    let mut query = access_log::table
        .left_join(organisations::table.on(access_log::organisation_id.eq(organisations::id.nullable())))
        .filter(access_log::resident_id.eq(Some(resident.as_bytes().to_vec())))
        .order(access_log::number.desc())
        .limit(limit)
        .select((
            access_log::id,
            access_log::number,
            access_log::at,
            access_log::actor_kind,
            access_log::actor_id,
            access_log::action,
            access_log::finding_id,
            access_log::basis,
            access_log::outcome,
            access_log::organisation_id,
            organisations::name.nullable(),
            access_log::consent_id,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(access_log::number.lt(before));
    }
    if let Some(action) = filter.action {
        query = query.filter(access_log::action.eq(action.as_str()));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(access_log::outcome.eq(outcome.as_str()));
    }
    if let Some(from) = filter.from {
        query = query.filter(access_log::at.ge(from.as_microsecond()));
    }
    if let Some(to) = filter.to {
        query = query.filter(access_log::at.lt(to.as_microsecond()));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(access_log::organisation_id.eq(Some(Sql(organisation))));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    let entries = rows.into_iter().map(|row| read(row, resident.as_bytes())).collect::<Result<_, StoreError>>()?;
    Ok((entries, chain::resident_position(tx.conn(), resident)?))
}

fn read(row: Row, reader: &[u8; 16]) -> Result<Entry, StoreError> {
    let (id, number, at, actor_kind, actor, action, finding, basis, outcome, organisation, name, consent) = row;
    let who = match actor_kind.as_str() {
        "resident" if actor.as_deref() == Some(reader.as_slice()) => Who::You,
        "resident" => Who::SomeoneElse,
        "representative" => Who::Representative,
        "staff" => Who::PracticeStaff,
        "district" => Who::DistrictStaff,
        "operator" => Who::Operator,
        "software" => Who::PracticeSoftware,
        "holder" => Who::LinkHolder,
        "system" => Who::System,
        _ => return Err(StoreError::Corrupt("access_log.actor_kind")),
    };
    let basis = basis.map(|word| Basis::parse(&word).ok_or(StoreError::Corrupt("access_log.basis"))).transpose()?;
    // Who another resident is, is not told.
    let is_told = matches!(
        who,
        Who::PracticeStaff | Who::PracticeSoftware | Who::Operator | Who::LinkHolder | Who::Representative
    );
    let actor = actor.as_deref().filter(|_| is_told).and_then(array).map(|id| Uuid::from_bytes(id).to_string());
    Ok(Entry {
        id: id.0,
        number: number.ok_or(StoreError::Corrupt("access_log.number"))?,
        at: at.timestamp(),
        who,
        actor,
        says: None,
        organisation: organisation.map(|id| (id.0, name)),
        action: LogAction::parse(&action).ok_or(StoreError::Corrupt("access_log.action"))?,
        finding: finding.map(|f| f.0),
        basis,
        consent: consent.map(|consent| consent.0),
        outcome: LogOutcome::parse(&outcome).ok_or(StoreError::Corrupt("access_log.outcome"))?,
    })
}
