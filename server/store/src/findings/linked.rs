//! Reading, for somebody who holds a link of the resident's.

use std::collections::HashMap;

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::{
    audit::LogEntry,
    consent::{Item, Reader},
    ids::{FindingId, ResidentId},
    private::Private,
};

use super::{
    blobs,
    record::WithDocument,
    shared::{items, visible},
    whole,
};
use crate::{
    access::{
        Permit, Tx,
        actions::{DownloadShared, OpenShared},
        sealed::Sealed,
    },
    db::types::{Instant, Sql},
    error::StoreError,
    links::Visitor,
    schema::findings,
    shares::rules,
};

/// A finding that a link leads to, and when it came.
#[derive(Debug, Clone, Copy)]
pub struct Linked {
    /// The finding.
    pub id: FindingId,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// What somebody with a link would see of a resident now, newest first.
pub(crate) fn linked(tx: &mut Tx<'_>, owner: ResidentId, reader: &Reader) -> Result<Vec<Item>, StoreError> {
    let rules = rules::standing(tx, owner, reader)?;
    let items = items(tx, owner, None)?;
    Ok(visible(tx, &items, &rules, reader).into_iter().map(|(item, _)| item).collect())
}

/// What the visitor's link leads to, newest first.
///
/// # Errors
/// The database's.
pub fn list_linked(tx: &mut Tx<'_>, visitor: &Visitor<'_>) -> Result<Sealed<Vec<Linked>>, StoreError> {
    let rests_on = rules::epoch(tx, visitor.owner())?;
    let shown = match rules::reader(tx, visitor.caller())? {
        Some(reader) => linked(tx, visitor.owner(), &reader)?,
        None => Vec::new(),
    };
    let wanted: Vec<Sql<FindingId>> = shown.iter().map(|item| Sql(item.id)).collect();
    let came: Vec<(Sql<FindingId>, Instant)> = findings::table
        .filter(findings::id.eq_any(wanted))
        .select((findings::id, findings::received_at))
        .load(tx.conn())?;
    let came: HashMap<FindingId, Timestamp> = came.into_iter().map(|(id, at)| (id.0, at.timestamp())).collect();
    let list = shown.iter().filter_map(|item| Some(Linked { id: item.id, received_at: *came.get(&item.id)? }));
    let entry = LogEntry { rests_on, ..visitor.list_entry(tx) };
    Ok(Sealed::new(list.collect(), entry))
}

/// One finding that a link leads to; with its document, if that is permitted as well.
///
/// # Errors
/// The database's.
pub fn open_linked(
    tx: &mut Tx<'_>,
    open: &Permit<'_, OpenShared>,
    download: Option<&Permit<'_, DownloadShared>>,
) -> Result<Sealed<WithDocument>, StoreError> {
    let (record, file) = whole::load(tx, open.finding())?;
    let mut entries = vec![open.entry(tx)];
    let document = record.summary.document.zip(file).zip(download.filter(|permit| permit.finding() == open.finding()));
    let bytes = match document {
        Some(((document, file), permit)) => {
            entries.push(permit.entry(tx));
            Some(Private::new(blobs::whole(tx, &document, &file)?))
        }
        None => None,
    };
    Ok(Sealed::with_all((record, bytes), entries))
}
