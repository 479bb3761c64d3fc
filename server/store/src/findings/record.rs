//! What residents take away: one finding with its document, or everything, finding by finding.

use nahraum_domain::{
    access::Actor,
    disclosure::{FindingRecord, SummaryRecord},
    private::Private,
};

use super::{
    blobs::{self, Content},
    read::{Filter, listed, load_content, owner},
    whole::load,
};
use crate::{
    access::{
        Permit, Scope, Tx,
        actions::{ExportEverything, ExportFinding},
        sealed::Sealed,
    },
    error::StoreError,
};

/// A finding, and the bytes of its document if it has one.
pub type WithDocument = (FindingRecord, Option<Private<Vec<u8>>>);

/// One finding with its values and the bytes of its document.
///
/// # Errors
/// The database's.
pub fn export(tx: &mut Tx<'_>, permit: &Permit<'_, ExportFinding>) -> Result<Sealed<WithDocument>, StoreError> {
    let (record, file) = load(tx, permit.finding())?;
    let document = record.summary.document.as_ref().filter(|_| record.summary.state.has_content()).copied();
    let bytes = document.zip(file).map(|(document, file)| blobs::whole(tx, &document, &file)).transpose()?;
    Ok(Sealed::new((record, bytes.map(Private::new)), permit.entry(tx)))
}

/// One finding with its values, without its document.
///
/// # Errors
/// The database's.
pub fn export_values(tx: &mut Tx<'_>, permit: &Permit<'_, ExportFinding>) -> Result<Sealed<FindingRecord>, StoreError> {
    let (record, _) = load(tx, permit.finding())?;
    Ok(Sealed::new(record, permit.entry(tx)))
}

/// The same with its document to be read part by part. None when it has none (any more).
///
/// # Errors
/// The database's.
pub fn export_in_parts(
    tx: &mut Tx<'_>,
    permit: &Permit<'_, ExportFinding>,
) -> Result<Sealed<(FindingRecord, Option<Content>)>, StoreError> {
    let (record, _) = load(tx, permit.finding())?;
    let content = if record.summary.state.has_content() { load_content(tx, permit.finding())? } else { None };
    Ok(Sealed::new((record, content), permit.entry(tx)))
}

/// What a copy of everything will be made of: all that the caller's list shows now, newest first, and what they have put
/// away. It takes a fresh sign-in, as what is put away does.
///
/// # Errors
/// The database's.
pub fn everything(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ExportEverything>,
) -> Result<Sealed<Vec<SummaryRecord>>, StoreError> {
    if let Actor::Representative { .. } = scope.actor() {
        return super::shared::everything_in_place(tx, scope);
    }
    let resident = owner(scope.actor())?;
    let mut all = listed(tx, resident, &Filter::default(), None, None)?;
    all.extend(listed(tx, resident, &Filter { put_away: true, ..Filter::default() }, None, None)?);
    all.sort_by_key(|finding| std::cmp::Reverse((finding.date, finding.id)));
    Ok(Sealed::new(all, scope.entry(tx)))
}
