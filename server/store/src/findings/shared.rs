//! Reading, for those whom a resident has let in, and the resident's own look at what they would see.
//!
//! Both ask [`visible`], so that what is shown beforehand is what is shown then. What is closed leaves no trace: it is not
//! loaded, not counted, and a page is as long as there is something to see.

use std::collections::{HashMap, HashSet};

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
    read::{self, Filter, ListPage, Position, SummaryRow},
    whole,
};
use crate::{
    access::{
        Caller, ITEM, ItemRow, Permit, Scope, Tx,
        actions::{DownloadShared, ExportEverything, ListFindings, ListShared, OpenShared},
        read_item,
        sealed::Sealed,
    },
    db::types::{Day, Sql},
    error::StoreError,
    schema::{blobs as blob_rows, findings, organisations, patients},
    shares::{Received, acting, rules},
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

/// What of a resident is open to a reader for a right, newest first.
pub(crate) fn open_to(
    tx: &mut Tx<'_>,
    owner: ResidentId,
    rules: &[Rule],
    reader: &Reader,
    right: Right,
) -> Result<Vec<Item>, StoreError> {
    let (items, now) = (items(tx, owner, None)?, tx.now());
    let open = |item: &Item| consent::decide(rules, reader, right, item, now).is_permitted();
    Ok(items.into_iter().filter(open).collect())
}

/// One page of the findings of the resident in whose place the caller acts: what is open to the caller, newest first.
pub(super) fn list_in_place(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ListFindings>,
    filter: &Filter,
    after: Option<Position>,
    limit: u32,
) -> Result<Sealed<ListPage>, StoreError> {
    let (owner, reader) = in_place(scope.actor())?;
    let rests_on = rules::epoch(tx, owner)?;
    let rules = rules::standing(tx, owner, &reader)?;
    let items = items(tx, owner, after)?;
    let open = visible(tx, &items, &rules, &reader).into_iter().map(|(item, _)| item);
    let mut ids: Vec<FindingId> = open.filter(|item| filter.lets_through(item)).map(|item| item.id).collect();
    if filter.unread {
        let unread = unread(tx, owner)?;
        ids.retain(|id| unread.contains(id));
    }
    // One more than the page, to see whether there is more; nothing else is decrypted.
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1));
    let page = ListPage::cut(summaries(tx, &ids)?, limit);
    Ok(Sealed::new(page, LogEntry { rests_on, ..scope.entry(tx) }))
}

/// What a resident has not marked as read.
fn unread(tx: &mut Tx<'_>, owner: ResidentId) -> Result<HashSet<FindingId>, StoreError> {
    let ids: Vec<Sql<FindingId>> = findings::table
        .filter(findings::resident_id.eq(Some(Sql(owner))))
        .filter(findings::read_at.is_null())
        .select(findings::id)
        .load(tx.conn())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// All that the caller may take away of the resident in whose place they act, newest first.
pub(super) fn everything_in_place(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ExportEverything>,
) -> Result<Sealed<Vec<SummaryRecord>>, StoreError> {
    let (owner, reader) = in_place(scope.actor())?;
    let rests_on = rules::epoch(tx, owner)?;
    let rules = rules::standing(tx, owner, &reader)?;
    let open = open_to(tx, owner, &rules, &reader, Right::Download)?;
    let ids: Vec<FindingId> = open.into_iter().map(|item| item.id).collect();
    let items = summaries(tx, &ids)?;
    Ok(Sealed::new(items, LogEntry { rests_on, ..scope.entry(tx) }))
}

pub(super) fn in_place(actor: Actor) -> Result<(ResidentId, Reader), StoreError> {
    let Actor::Representative { representative, resident, .. } = actor else {
        return Err(StoreError::Unauthenticated);
    };
    Ok((resident, Reader::Representative(representative)))
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
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let ids: Vec<FindingId> = shown.iter().take(wanted).map(|(item, _)| item.id).collect();
    let page = ListPage::cut(summaries(tx, &ids)?, limit);
    let entry = LogEntry {
        resident: Some(owner),
        basis: Some(Basis::of(share.purpose)),
        consent: Some(share.id),
        rests_on,
        ..tx.entry(caller, LogAction::List)
    };
    Ok(Sealed::new(page, entry))
}

/// One finding that a resident shows the caller.
///
/// # Errors
/// The database's.
pub fn open_shared(tx: &mut Tx<'_>, permit: &Permit<'_, OpenShared>) -> Result<Sealed<FindingRecord>, StoreError> {
    let (record, _) = whole::load(tx, permit.finding())?;
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
    let owner = caller.whose()?;
    let rests_on = caller.acts_by().map(|_| rules::epoch(tx, owner)).transpose()?.flatten();
    let rules = rules::standing(tx, owner, reader)?;
    let mut items = items(tx, owner, None)?;
    if let Some(window) = acting::window(tx, caller)? {
        items.retain(|item| window.opens(item.id));
    }
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
    let basis = caller.basis();
    let looked = tx.entry(caller, LogAction::List);
    let entry = LogEntry { basis: Some(basis), consent: caller.acts_by(), rests_on, ..looked };
    Ok(Sealed::new(judged, entry))
}
