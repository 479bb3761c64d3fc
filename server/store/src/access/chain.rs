//! Linking entries to the chain: what the log's writer does inside its commit.
//!
//! Exactly one links at a time, also among several processes on one PostgreSQL: whoever links holds the lock of the one
//! row of `access_log_head`. A row lock and not an advisory one, because some servers that speak PostgreSQL's protocol
//! have none.

mod rows;

use std::collections::{HashMap, HashSet};

use diesel::{QueryResult, delete, insert_into, prelude::*, update};
use nahraum_domain::{
    audit::{
        RulesEpoch,
        chain::{Position, alone},
    },
    ids::ResidentId,
};

pub(crate) use self::rows::{LinkedRow, Row, array};
use crate::{
    db::{Conn, DatabaseError, insert_many, types::Sql},
    schema::{
        access_log, access_log_anchors, access_log_head, access_log_pending, log_parties, log_processes, residents,
    },
};

/// How many entries of other units of work one commit links.
const ROUND: i64 = 256;

/// How many residents' positions are remembered between commits: a few MiB.
const REMEMBERED: usize = 50_000;

/// The only row of `access_log_head`.
pub(crate) const HEAD: i64 = 1;

/// What the writer remembers between its commits, so that it does not have to look it up.
pub(crate) struct Linker {
    process: [u8; 16],
    /// Where the chain was after this writer's own last commit. If it is elsewhere now, somebody else has linked, and
    /// nothing that is remembered counts.
    at: Position,
    residents: HashMap<ResidentId, Position>,
    parties: HashSet<(ResidentId, [u8; 16])>,
}

/// Entries that belong together: all of them are linked, or none.
pub(crate) struct Lot {
    pub(crate) rows: Vec<Row>,
    /// Whether health data leaves its seal when they are durable.
    pub(crate) unseals: bool,
    /// The rules that they rest on.
    pub(crate) rests_on: Vec<(ResidentId, RulesEpoch)>,
}

/// What a commit will have changed, kept apart until it is durable: it may run again.
pub(crate) struct Draft {
    at: Position,
    /// Nothing that was remembered before counts.
    forget: bool,
    residents: HashMap<ResidentId, Position>,
    parties: HashSet<(ResidentId, [u8; 16])>,
    /// More of other units of work's entries are left.
    more: bool,
    /// The lots, by their places, whose rules have changed in the meantime. They were not linked.
    pub(crate) stale: HashSet<usize>,
}

impl Linker {
    pub(crate) fn new(process: [u8; 16]) -> Self {
        Self { process, at: Position::START, residents: HashMap::new(), parties: HashSet::new() }
    }

    /// Remembers what is durable now. Gives whether more is left to link.
    pub(crate) fn keep(&mut self, draft: Draft) -> bool {
        if draft.forget || self.residents.len() > REMEMBERED || self.parties.len() > REMEMBERED {
            self.residents.clear();
            self.parties.clear();
        }
        self.at = draft.at;
        self.residents.extend(draft.residents);
        self.parties.extend(draft.parties);
        draft.more
    }

    /// Links what others have committed since, and then these entries.
    ///
    /// What rests on a resident's rules is linked only while they are what they were. They are looked at after what waits
    /// was loaded: so no entry that rests on a rule ever stands behind the entry of its being taken back.
    pub(crate) fn append(&self, conn: &mut Conn, lots: &[Lot]) -> Result<Draft, DatabaseError> {
        let nothing = lots.iter().all(|lot| lot.rows.is_empty());
        if nothing && !is_waiting(conn)? {
            return Ok(self.unchanged());
        }
        let at = lock_head(conn)?;
        let pending: Vec<Row> = access_log_pending::table.order(access_log_pending::id).limit(ROUND).load(conn)?;
        let more = i64::try_from(pending.len()).is_ok_and(|n| n == ROUND);
        let (residents, parties) = (HashMap::new(), HashSet::new());
        let stale = stale(conn, lots)?;
        let mut draft = Draft { at, forget: at != self.at, residents, parties, more, stale };
        if nothing && pending.is_empty() {
            return Ok(draft);
        }
        let mut linked = Vec::with_capacity(lots.len().saturating_add(pending.len()));
        for row in pending {
            let id = row.id.clone();
            match self.link(conn, &mut draft, row)? {
                Some(row) => linked.push(row),
                None => {
                    draft.more = false;
                    tracing::error!(alarm = "access-log", "an entry that waits to be linked is none; verify the log");
                    continue;
                }
            }
            delete(access_log_pending::table.find(id)).execute(conn)?;
        }
        let fresh = lots.iter().enumerate().filter(|(place, _)| !draft.stale.contains(place));
        let fresh: Vec<&Lot> = fresh.map(|(_, lot)| lot).collect();
        for row in fresh.iter().flat_map(|lot| &lot.rows) {
            linked.extend(self.link(conn, &mut draft, row.clone())?);
        }
        let unsealed = fresh.iter().filter(|lot| lot.unseals).count();
        let newest = linked.iter().map(|row| row.at).max();
        if linked.is_empty() {
            return Ok(draft);
        }
        insert_many!(conn, access_log::table, &linked)?;
        update(access_log_head::table.find(HEAD))
            .set((access_log_head::seq.eq(draft.at.count), access_log_head::hash.eq(draft.at.hash.to_vec())))
            .execute(conn)?;
        if let (Some(now), Ok(unsealed @ 1..)) = (newest, i64::try_from(unsealed)) {
            count_unsealed(conn, self.process, now, unsealed)?;
        }
        Ok(draft)
    }

    fn unchanged(&self) -> Draft {
        let (residents, parties) = (HashMap::new(), HashSet::new());
        Draft { at: self.at, forget: false, residents, parties, more: false, stale: HashSet::new() }
    }

    /// Gives an entry its place; none when the row is no entry.
    fn link(&self, conn: &mut Conn, draft: &mut Draft, row: Row) -> QueryResult<Option<LinkedRow>> {
        let Some((record, body)) = row.record().and_then(|r| r.body().ok().map(|body| (r, body))) else {
            return Ok(None);
        };
        let own = match record.resident {
            Some(resident) => {
                if let Some(organisation) = record.organisation {
                    self.meet(conn, draft, (resident, organisation), record.at)?;
                }
                let next = self.of_resident(conn, draft, resident)?.with_entry(&body);
                draft.residents.insert(resident, next);
                Some(next)
            }
            None => None,
        };
        draft.at = draft.at.with_hash(&own.map_or_else(|| alone(&body), |own| own.hash));
        Ok(Some(row.placed(&draft.at, own.as_ref())))
    }

    fn of_resident(&self, conn: &mut Conn, draft: &Draft, resident: ResidentId) -> QueryResult<Position> {
        if let Some(position) = draft.residents.get(&resident) {
            return Ok(*position);
        }
        match self.residents.get(&resident) {
            Some(position) if !draft.forget => Ok(*position),
            Some(_) | None => resident_position(conn, resident),
        }
    }

    /// Notes an organisation that has to do with a resident for the first time.
    fn meet(&self, conn: &mut Conn, draft: &mut Draft, party: (ResidentId, [u8; 16]), at: i64) -> QueryResult<()> {
        if draft.parties.contains(&party) || (!draft.forget && self.parties.contains(&party)) {
            return Ok(());
        }
        let (resident, organisation) = (party.0.as_bytes().to_vec(), party.1.to_vec());
        let key = log_parties::table.find((&resident, &organisation));
        if key.select(log_parties::told).first::<i64>(conn).optional()?.is_none() {
            insert_into(log_parties::table)
                .values((
                    log_parties::resident_id.eq(&resident),
                    log_parties::organisation_id.eq(&organisation),
                    log_parties::first_at.eq(at),
                    log_parties::told.eq(0),
                ))
                .execute(conn)?;
        }
        draft.parties.insert(party);
        Ok(())
    }
}

/// The lots whose rules are not what they were when it was decided by them.
fn stale(conn: &mut Conn, lots: &[Lot]) -> QueryResult<HashSet<usize>> {
    let mut stale = HashSet::new();
    for (place, lot) in lots.iter().enumerate() {
        for (resident, seen) in &lot.rests_on {
            if rules_epoch(conn, *resident)? != Some(*seen) {
                stale.insert(place);
            }
        }
    }
    Ok(stale)
}

/// How often the rules of a resident have changed; none for a resident who is gone.
pub(crate) fn rules_epoch(conn: &mut Conn, resident: ResidentId) -> QueryResult<Option<RulesEpoch>> {
    let row = residents::table.find(Sql(resident)).select(residents::rules_epoch);
    row.first(conn).optional().map(|epoch| epoch.map(RulesEpoch))
}

/// Whether anything waits to be linked: asked before the lock, so that a quiet server writes nothing.
fn is_waiting(conn: &mut Conn) -> QueryResult<bool> {
    let first: Option<Vec<u8>> = access_log_pending::table.select(access_log_pending::id).first(conn).optional()?;
    Ok(first.is_some())
}

/// Waits for the right to link, and gives where the chain ends.
fn lock_head(conn: &mut Conn) -> Result<Position, DatabaseError> {
    // SQLite has one writer, and this is it.
    if matches!(conn, Conn::Postgres(_)) {
        update(access_log_head::table.find(HEAD)).set(access_log_head::id.eq(HEAD)).execute(conn)?;
    }
    head(conn)
}

/// Where the chain over all ends.
pub(crate) fn head(conn: &mut Conn) -> Result<Position, DatabaseError> {
    let row = access_log_head::table.find(HEAD).select((access_log_head::seq, access_log_head::hash));
    let (count, hash): (i64, Vec<u8>) = row.first(conn)?;
    position(count, &hash).ok_or_else(|| DatabaseError::Refused("The end of the access log is damaged.".to_owned()))
}

/// A position from what is stored of it.
pub(crate) fn position(count: i64, hash: &[u8]) -> Option<Position> {
    Some(Position { count, hash: array(hash)? })
}

/// Where a resident's chain ends, as it is stored.
pub(crate) fn resident_position(conn: &mut Conn, resident: ResidentId) -> QueryResult<Position> {
    let id = resident.as_bytes().to_vec();
    let newest: Option<(Option<i64>, Option<Vec<u8>>)> = access_log::table
        .filter(access_log::resident_id.eq(Some(&id)))
        .order(access_log::number.desc())
        .select((access_log::number, access_log::resident_hash))
        .first(conn)
        .optional()?;
    match newest.and_then(|(number, hash)| position(number?, &hash?)) {
        Some(position) => Ok(position),
        None => resident_anchor(conn, resident),
    }
}

/// What was pruned of a resident's chain.
pub(crate) fn resident_anchor(conn: &mut Conn, resident: ResidentId) -> QueryResult<Position> {
    let row = access_log_anchors::table.find(resident.as_bytes().to_vec());
    let columns = row.select((access_log_anchors::number, access_log_anchors::hash));
    let pruned: Option<(i64, Vec<u8>)> = columns.first(conn).optional()?;
    Ok(pruned.and_then(|(count, hash)| position(count, &hash)).unwrap_or(Position::START))
}

fn count_unsealed(conn: &mut Conn, process: [u8; 16], now: i64, unsealed: i64) -> QueryResult<()> {
    let id = process.to_vec();
    let counted = update(log_processes::table.find(&id))
        .set((log_processes::unsealed.eq(log_processes::unsealed + unsealed), log_processes::seen_at.eq(now)))
        .execute(conn)?;
    if counted == 0 {
        insert_into(log_processes::table)
            .values((
                log_processes::id.eq(&id),
                log_processes::started_at.eq(now),
                log_processes::seen_at.eq(now),
                log_processes::unsealed.eq(unsealed),
                log_processes::answers.eq(0),
            ))
            .execute(conn)?;
    }
    Ok(())
}
