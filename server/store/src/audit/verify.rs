//! Verifying the whole log: both chains, the signed places, what waits too long, and what was served without an entry.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use jiff::SignedDuration;
use nahraum_domain::{
    audit::{
        LogAction,
        chain::{Flaw, Hash, Position, Walk},
        statement::Mark,
    },
    ids::ResidentId,
};
use nahraum_secrets::VerifyingKey;

use super::{SignedCheckpoint, checkpoints, counters, prune};
use crate::{
    access::{
        Tx,
        chain::{self, LinkedRow},
    },
    error::StoreError,
    schema::{access_log, access_log_anchors, access_log_pending},
};

/// How many entries are in memory at once.
const PAGE: i64 = 4_096;

/// How long an entry may wait to be linked.
const PENDING_LIMIT: SignedDuration = SignedDuration::from_mins(1);

/// How long a run of the server may be seen without one check entry.
const CHECK_LIMIT: SignedDuration = SignedDuration::from_hours(25);

/// Whose signatures count.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Keys beside the installation's own: those it had before.
    pub keys: Vec<VerifyingKey>,
}

/// A signed place that somebody has kept outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The place.
    pub checkpoint: SignedCheckpoint,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The chain.
    #[error(transparent)]
    Flaw(#[from] Flaw),
    /// A stored checkpoint is none.
    #[error("the checkpoint of entry {0} cannot be read: it was changed or put in")]
    UnreadableCheckpoint(i64),
    /// A signature does not fit.
    #[error("the signature of the {} of entry {} is not the server's", .0.checkpoint.mark.as_str(), .0.checkpoint.place.count)]
    BadSignature(Box<SignedCheckpoint>),
    /// A signature is somebody else's.
    #[error("the {} of entry {} is signed with another key; if the root key was changed, name the old one with --key",
        .0.checkpoint.mark.as_str(), .0.checkpoint.place.count)]
    OtherKey(Box<SignedCheckpoint>),
    /// The log is not the one that was signed.
    #[error("entry {0} is not the one that was there when its checkpoint was signed: the log was rewritten")]
    Rewritten(i64),
    /// The log is shorter than it was.
    #[error(
        "a checkpoint was signed at entry {signed}, and the log ends with entry {last}: the newest entries are gone"
    )]
    CutOff {
        /// The signed place.
        signed: i64,
        /// The end.
        last: i64,
    },
    /// The beginning is gone and nothing signed says why.
    #[error("entries 1 to {0} are gone, and no signed anchor says that they were pruned")]
    NoAnchor(i64),
    /// Entries wait to be linked for too long.
    #[error("{0} entries have waited to be linked for more than a minute: the server's log writer does not work")]
    Pending(i64),
    /// More was shown than was written down.
    #[error(transparent)]
    Gap(#[from] counters::Gap),
    /// The daily check entry is missing.
    #[error("the server ran, and the newest check entry is older than {} hours", CHECK_LIMIT.as_hours())]
    NoCheck,
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries were pruned before the first one that is there.
    pub pruned: i64,
    /// Where the log ends.
    pub head: Position,
    /// How many entries were walked.
    pub entries: i64,
    /// How many checkpoints fit, those from outside the database included.
    pub checkpoints: usize,
    /// How many entries wait to be linked.
    pub pending: i64,
    /// The first entry after the newest checkpoint: what only the chain itself vouches for.
    pub unsigned_from: i64,
    /// The problems, the chain's first one first.
    pub problems: Vec<Problem>,
}

/// Verifies everything on one snapshot, in pages: memory grows with residents and checkpoints, not with entries.
///
/// # Errors
/// The database's. What is wrong with the log is in the report.
pub fn verify(tx: &mut Tx<'_>, trust: &Trust, known: &[Known]) -> Result<Report, StoreError> {
    let own = tx.keys().checkpoints.verifying();
    let anchor = prune::anchor(tx)?;
    let head = chain::head(tx.conn())?;
    let mut problems = Vec::new();
    let mut signed = Vec::new();
    for (seq, checkpoint) in checkpoints::all(tx)? {
        match checkpoint {
            Some(checkpoint) => signed.push(checkpoint),
            None => problems.push(Problem::UnreadableCheckpoint(seq)),
        }
    }
    signed.extend(known.iter().map(|known| known.checkpoint));
    let mut vouched = BTreeMap::new();
    let keys: Vec<VerifyingKey> = trust.keys.iter().copied().chain([own]).collect();
    for checkpoint in signed {
        match judge(&keys, &checkpoint) {
            Ok(()) => vouched.entry(checkpoint.checkpoint.place.count).or_insert_with(Vec::new).push(checkpoint),
            Err(problem) => problems.push(problem),
        }
    }
    let (walked, flaw, checked_at) = walk(tx, anchor, head, &vouched, &mut problems)?;
    if let Some(flaw) = flaw {
        problems.insert(0, flaw.into());
    }
    problems.extend(around(&vouched, anchor, walked));
    let pending = waiting(tx)?;
    if pending.1 > 0 {
        problems.push(Problem::Pending(pending.1));
    }
    problems.extend(counters::gaps(tx)?.into_iter().map(Problem::from));
    let unchecked = |(began, seen): &(i64, i64)| *seen > checked_at.max(*began).saturating_add(micros(CHECK_LIMIT));
    if counters::runs(tx)?.iter().any(unchecked) {
        problems.push(Problem::NoCheck);
    }
    let newest = vouched.last_key_value().map_or(anchor.count, |(seq, _)| *seq);
    Ok(Report {
        pruned: anchor.count,
        head,
        entries: walked.count.saturating_sub(anchor.count),
        checkpoints: vouched.values().map(Vec::len).sum(),
        pending: pending.0,
        unsigned_from: newest.saturating_add(1),
        problems,
    })
}

fn judge(keys: &[VerifyingKey], signed: &SignedCheckpoint) -> Result<(), Problem> {
    let key = VerifyingKey::from_bytes(signed.checkpoint.key);
    if !keys.contains(&key) {
        return Err(Problem::OtherKey(Box::new(*signed)));
    }
    if !key.verifies(&signed.checkpoint.text(), &signed.signature) {
        return Err(Problem::BadSignature(Box::new(*signed)));
    }
    Ok(())
}

type Vouched = BTreeMap<i64, Vec<SignedCheckpoint>>;

/// Walks from the anchor to the end. Gives where it ended, the first flaw, and when the newest check entry was written.
fn walk(
    tx: &mut Tx<'_>,
    anchor: Position,
    head: Position,
    vouched: &Vouched,
    problems: &mut Vec<Problem>,
) -> Result<(Position, Option<Flaw>, i64), StoreError> {
    let mut walk = Walk::from(anchor, anchors(tx)?);
    let mut checked_at = i64::MIN;
    let mut after = i64::MIN;
    loop {
        let rows: Vec<LinkedRow> =
            access_log::table.filter(access_log::seq.gt(after)).order(access_log::seq).limit(PAGE).load(tx.conn())?;
        for row in &rows {
            let Some(entry) = row.linked() else {
                return Ok((walk.at(), Some(Flaw::Unreadable { seq: row.seq }), checked_at));
            };
            if let Err(flaw) = walk.step(&entry) {
                return Ok((walk.at(), Some(flaw), checked_at));
            }
            if vouched.get(&entry.seq).is_some_and(|signed| differs(signed, &entry.hash)) {
                problems.push(Problem::Rewritten(entry.seq));
            }
            if entry.record.action == LogAction::Check.as_str() {
                checked_at = entry.record.at;
            }
            after = entry.seq;
        }
        if i64::try_from(rows.len()).is_ok_and(|n| n < PAGE) {
            return Ok((walk.at(), walk.end(head).err(), checked_at));
        }
    }
}

fn differs(signed: &[SignedCheckpoint], hash: &Hash) -> bool {
    signed.iter().any(|signed| signed.checkpoint.place.hash != *hash)
}

/// Signed places that lie before the first entry and behind the last.
fn around(vouched: &Vouched, anchor: Position, walked: Position) -> Vec<Problem> {
    let mut problems = Vec::new();
    let at_anchor = vouched.get(&anchor.count).map_or(&[][..], Vec::as_slice);
    if anchor.count > 0 && !at_anchor.iter().any(|s| s.checkpoint.mark == Mark::Anchor) {
        problems.push(Problem::NoAnchor(anchor.count));
    }
    if differs(at_anchor, &anchor.hash) {
        problems.push(Problem::Rewritten(anchor.count));
    }
    if let Some((signed, _)) = vouched.last_key_value()
        && *signed > walked.count
    {
        problems.push(Problem::CutOff { signed: *signed, last: walked.count });
    }
    problems
}

fn anchors(tx: &mut Tx<'_>) -> Result<HashMap<ResidentId, Position>, StoreError> {
    let rows: Vec<(Vec<u8>, i64, Vec<u8>)> = access_log_anchors::table.load(tx.conn())?;
    rows.iter()
        .map(|(id, number, hash)| Some((ResidentId::from_bytes(chain::array(id)?), chain::position(*number, hash)?)))
        .collect::<Option<_>>()
        .ok_or(StoreError::Corrupt("access_log_anchors"))
}

/// How many entries wait to be linked, and how many of them for too long.
fn waiting(tx: &mut Tx<'_>) -> Result<(i64, i64), StoreError> {
    let late = tx.now().as_microsecond().saturating_sub(micros(PENDING_LIMIT));
    let all: i64 = access_log_pending::table.count().get_result(tx.conn())?;
    let old: i64 = access_log_pending::table.filter(access_log_pending::at.lt(late)).count().get_result(tx.conn())?;
    Ok((all, old))
}

fn micros(span: SignedDuration) -> i64 {
    span.as_secs().saturating_mul(1_000_000)
}
