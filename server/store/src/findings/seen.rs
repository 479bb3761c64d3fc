//! What a reader sees of findings now, with all that the look of each depends on; and those findings, many at once.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use nahraum_domain::{
    access::Actor,
    audit::{LogAction, LogEntry},
    consent::Right,
    disclosure::FindingRecord,
    finding::FindingState,
    ids::{BlobId, FindingId, PracticeId},
};

use super::{
    read::{Filter, shown_to},
    shared::{in_place, open_to},
    whole,
};
use crate::{
    access::{Caller, Scope, Tx, actions::ListFindings},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    schema::{findings, organisations, patients},
    shares::rules,
};

type Words = (String, String, String, Option<Vec<u8>>, (Sql<PracticeId>, String), Day);
type Times = (Option<Instant>, Instant, Option<Instant>, Option<Instant>);
type Rest = ((i32, i32), Option<Sql<BlobId>>, Option<Sql<FindingId>>, Option<Sql<FindingId>>);

/// All that the look of a finding depends on, as it is stored. Its values never change: a correction is another finding.
pub(crate) type Look = (Words, Times, Rest);

type Row = (Sql<FindingId>, Look);

/// The findings that the caller sees, each in its state.
pub(crate) fn seen(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<(FindingId, FindingState, Look)>, StoreError> {
    let mut query = findings::table
        .inner_join(organisations::table)
        .select((
            findings::id,
            (
                (
                    findings::state,
                    findings::class,
                    findings::report_status,
                    findings::summary_sealed,
                    (organisations::id, organisations::name),
                    findings::sort_date,
                ),
                (findings::issued_at, findings::received_at, findings::read_at, findings::recalled_at),
                (
                    (findings::value_count, findings::flagged_count),
                    findings::document_blob,
                    findings::replaces,
                    findings::superseded_by,
                ),
            ),
        ))
        .into_boxed();
    query = if let Actor::Resident(resident) = caller.actor() {
        shown_to!(query, resident, Filter::default())
    } else {
        let (owner, reader) = in_place(caller.actor())?;
        let rules = rules::standing(tx, owner, &reader)?;
        let open = open_to(tx, owner, &rules, &reader, Right::View)?;
        query.filter(findings::id.eq_any(open.into_iter().map(|item| Sql(item.id))))
    };
    let rows: Vec<Row> = query.load(tx.conn())?;
    let read = |(Sql(id), look): Row| {
        let state = FindingState::parse(&look.0.0).ok_or(StoreError::Corrupt("findings.state"))?;
        Ok((id, state, look))
    };
    rows.into_iter().map(read).collect()
}

/// The states of these findings, of those that there are.
pub(crate) fn states(tx: &mut Tx<'_>, ids: &[FindingId]) -> Result<HashMap<FindingId, FindingState>, StoreError> {
    let rows: Vec<(Sql<FindingId>, String)> = findings::table
        .filter(findings::id.eq_any(ids.iter().copied().map(Sql)))
        .select((findings::id, findings::state))
        .load(tx.conn())?;
    let read = |(Sql(id), state): (Sql<FindingId>, String)| {
        Ok((id, FindingState::parse(&state).ok_or(StoreError::Corrupt("findings.state"))?))
    };
    rows.into_iter().map(read).collect()
}

/// These findings with their values; those are left out that the caller does not see.
pub(crate) fn opened(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    ids: &[FindingId],
) -> Result<HashMap<FindingId, FindingRecord>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let seen: HashSet<FindingId> = seen(tx, caller)?.into_iter().map(|(id, ..)| id).collect();
    let ids: Vec<FindingId> = ids.iter().copied().filter(|id| seen.contains(id)).collect();
    whole::load_all(tx, &ids)
}

/// The lines of the access log for handing these findings out, one for each.
pub(crate) fn entries(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ListFindings>,
    ids: impl Iterator<Item = FindingId>,
) -> Result<Vec<LogEntry>, StoreError> {
    let rests_on = match scope.actor().acts_by() {
        Some(_) => rules::epoch(tx, in_place(scope.actor())?.0)?,
        None => None,
    };
    let entry = scope.entry(tx);
    let line = |finding| LogEntry { action: LogAction::Sync, finding: Some(finding), rests_on, ..entry.clone() };
    Ok(ids.map(line).collect())
}
