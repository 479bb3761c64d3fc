//! Reading, for those whom a resident has let in, and the resident's own look at what they would see.
//!
//! Both ask [`visible`], so that what is shown beforehand is what is shown then. What is closed leaves no trace: it is not
//! loaded, not counted, and a page is as long as there is something to see.

use std::collections::HashMap;

use diesel::prelude::*;
use nahraum_domain::{
    access::{Actor, Basis},
    audit::{LogAction, LogEntry},
    consent::{self, Item, Reader, Right, Rule, Verdict},
    disclosure::{FindingRecord, SummaryRecord},
    finding::FindingState,
    ids::{FindingId, ResidentId},
    release::Treatment,
};

use super::{
    blobs::Content,
    read::{self, ListPage, Position, SummaryRow},
};
use crate::{
    access::{
        Caller, ITEM, ItemRow, Permit, Scope, Tx,
        actions::{DownloadShared, ListShared, OpenShared},
        read_item,
        sealed::Sealed,
    },
    db::types::{Day, Sql},
    error::StoreError,
    schema::{blobs as blob_rows, findings, organisations, patients},
    shares::{Received, rules},
};

/// What a resident has that others could be let in to: newest first, below a position.
pub(super) fn items(tx: &mut Tx<'_>, owner: ResidentId, after: Option<Position>) -> Result<Vec<Item>, StoreError> {
    let mut query = findings::table
        .filter(findings::resident_id.eq(Some(Sql(owner))))
        .filter(findings::patient_id.eq_any(read::confirmed!(owner)))
        .filter(findings::state.eq(FindingState::Delivered.as_str()))
        .filter(findings::sensitivity.ne(Treatment::Held.as_str()))
        .order((findings::sort_date.desc(), findings::id.desc()))
        .select(ITEM)
        .into_boxed();
    if let Some(Position { date, finding }) = after {
        let day = Day::from(date);
        query = query.filter(
            findings::sort_date.lt(day.clone()).or(findings::sort_date.eq(day).and(findings::id.lt(Sql(finding)))),
        );
    }
    let rows: Vec<ItemRow> = query.load(tx.conn())?;
    rows.into_iter().map(read_item).collect()
}

/// The findings that are open to a reader, each with the rule that opens it.
pub(super) fn visible(tx: &Tx<'_>, items: &[Item], rules: &[Rule], reader: &Reader) -> Vec<(Item, Verdict)> {
    let judged = items.iter().map(|item| (*item, consent::decide(rules, reader, Right::View, item, tx.now())));
    judged.filter(|(_, verdict)| verdict.is_permitted()).collect()
}

/// The lines of the list for these findings, in their order.
fn summaries(tx: &mut Tx<'_>, ids: &[FindingId]) -> Result<Vec<SummaryRecord>, StoreError> {
    let wanted: Vec<Sql<FindingId>> = ids.iter().copied().map(Sql).collect();
    let rows: Vec<SummaryRow> = findings::table
        .inner_join(organisations::table)
        .left_join(blob_rows::table.on(findings::document_blob.eq(blob_rows::id.nullable())))
        .filter(findings::id.eq_any(wanted))
        .select(read::summary_columns())
        .load(tx.conn())?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let summary = read::read_row(tx, row)?.summary;
        found.insert(summary.id, summary);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// One page of what a resident shows the caller, newest first.
///
/// # Errors
/// The database's.
pub fn list_shared(
    tx: &mut Tx<'_>,
    _scope: &Scope<'_, ListShared>,
    caller: &Caller<'_>,
    share: &Received,
    after: Option<Position>,
    limit: u32,
) -> Result<Sealed<ListPage>, StoreError> {
    let owner = share.owner();
    let rests_on = rules::epoch(tx, owner)?;
    let shown = match rules::reader(tx, caller)? {
        Some(reader) => {
            let rules = rules::standing(tx, owner, &reader)?;
            let items = items(tx, owner, after)?;
            visible(tx, &items, &rules, &reader)
        }
        None => Vec::new(),
    };
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = shown.len() > wanted;
    let ids: Vec<FindingId> = shown.iter().take(wanted).map(|(item, _)| item.id).collect();
    let items = summaries(tx, &ids)?;
    let next = items.last().filter(|_| more).map(|last| Position { date: last.date, finding: last.id });
    let entry = LogEntry {
        resident: Some(owner),
        basis: Some(Basis::of(share.purpose)),
        consent: Some(share.id),
        rests_on,
        ..tx.entry(caller, LogAction::List)
    };
    Ok(Sealed::new(ListPage { items, next }, entry))
}

/// One finding that a resident shows the caller.
///
/// # Errors
/// The database's.
pub fn open_shared(tx: &mut Tx<'_>, permit: &Permit<'_, OpenShared>) -> Result<Sealed<FindingRecord>, StoreError> {
    let (record, _) = read::load(tx, permit.finding())?;
    Ok(Sealed::new(record, permit.entry(tx)))
}

/// Its document, to be read part by part.
///
/// # Errors
/// The database's.
pub fn content_shared(
    tx: &mut Tx<'_>,
    permit: &Permit<'_, DownloadShared>,
) -> Result<Sealed<Option<Content>>, StoreError> {
    let content = read::load_content(tx, permit.finding())?;
    Ok(Sealed::new(content, permit.entry(tx)))
}

/// What this reader would see of the caller now, and why or why not, newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn preview(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    reader: &Reader,
) -> Result<Sealed<Vec<(SummaryRecord, Verdict)>>, StoreError> {
    let Actor::Resident(owner) = caller.actor() else { return Err(StoreError::Unauthenticated) };
    let rules = rules::standing(tx, owner, reader)?;
    let items = items(tx, owner, None)?;
    let open: HashMap<FindingId, Verdict> =
        visible(tx, &items, &rules, reader).into_iter().map(|(item, verdict)| (item.id, verdict)).collect();
    let ids: Vec<FindingId> = items.iter().map(|item| item.id).collect();
    let mut judged = Vec::with_capacity(ids.len());
    for (summary, item) in summaries(tx, &ids)?.into_iter().zip(&items) {
        let verdict = match open.get(&item.id) {
            Some(verdict) => *verdict,
            None => consent::decide(&rules, reader, Right::View, item, tx.now()),
        };
        judged.push((summary, verdict));
    }
    let entry = LogEntry { basis: Some(Basis::Own), ..tx.entry(caller, LogAction::List) };
    Ok(Sealed::new(judged, entry))
}
