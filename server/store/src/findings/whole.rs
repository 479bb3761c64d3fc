//! Whole findings, with their values: one, or many at once.

use std::collections::HashMap;

use diesel::prelude::*;
use nahraum_domain::{
    disclosure::FindingRecord,
    finding::{Observation, ReportStatus},
    ids::FindingId,
    private::Private,
};

use super::{
    blobs,
    read::{ReadRow, SummaryRow, read_row, summary_columns},
    stored::Values,
    upload::values_place,
};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{blobs as blob_rows, finding_values, findings, organisations},
    vault::{File, FindingKey},
};

/// What is read of a finding beside its line in the list.
type RestRow = (String, Option<Instant>, Option<Sql<FindingId>>, Option<Sql<FindingId>>, Option<Instant>);

type RestColumns =
    (findings::report_status, findings::issued_at, findings::superseded_by, findings::replaces, findings::recalled_at);

const REST: RestColumns =
    (findings::report_status, findings::issued_at, findings::superseded_by, findings::replaces, findings::recalled_at);

impl ReadRow<'_> {
    /// The finding with these values.
    fn record(&self, rest: RestRow, observations: Vec<Observation>) -> Result<FindingRecord, StoreError> {
        let (status, issued, superseded_by, replaces, recalled) = rest;
        let words = self.words.as_ref();
        Ok(FindingRecord {
            summary: self.summary.clone(),
            report_status: ReportStatus::parse(&status).ok_or(StoreError::Corrupt("findings.report_status"))?,
            author: words.and_then(|words| words.author.clone()).map(Private::new),
            note: words.and_then(|words| words.note.clone()).map(Private::new),
            issued_at: issued.map(|at| at.timestamp()),
            observations,
            superseded_by: superseded_by.map(|f| f.0),
            replaces: replaces.map(|f| f.0),
            recalled_at: recalled.map(|at| at.timestamp()),
        })
    }
}

/// One finding with its values, and its file. Who may see it is settled by whoever asks.
pub(super) fn load(tx: &mut Tx<'_>, id: FindingId) -> Result<(FindingRecord, Option<File>), StoreError> {
    let (row, rest): (SummaryRow, RestRow) = findings::table
        .inner_join(organisations::table)
        .left_join(blob_rows::table.on(findings::document_blob.eq(blob_rows::id.nullable())))
        .filter(findings::id.eq(Sql(id)))
        .select((summary_columns(), REST))
        .first(tx.conn())?;
    let read = read_row(tx, row)?;
    let observations = read.key.as_ref().map_or(Ok(Vec::new()), |key| load_values(tx, id, key))?;
    let record = read.record(rest, observations)?;
    let file = read.key.zip(read.blob).map(|(key, blob)| blobs::file(&key, blob)).transpose()?;
    Ok((record, file))
}

/// These findings with their values, in two queries however many they are. Who may see them is settled by whoever asks.
pub(super) fn load_all(tx: &mut Tx<'_>, ids: &[FindingId]) -> Result<HashMap<FindingId, FindingRecord>, StoreError> {
    let wanted: Vec<Sql<FindingId>> = ids.iter().copied().map(Sql).collect();
    let rows: Vec<(SummaryRow, RestRow)> = findings::table
        .inner_join(organisations::table)
        .left_join(blob_rows::table.on(findings::document_blob.eq(blob_rows::id.nullable())))
        .filter(findings::id.eq_any(&wanted))
        .select((summary_columns(), REST))
        .load(tx.conn())?;
    let values: Vec<(Sql<FindingId>, Vec<u8>)> = finding_values::table
        .filter(finding_values::finding_id.eq_any(&wanted))
        .select((finding_values::finding_id, finding_values::body_sealed))
        .load(tx.conn())?;
    let mut values: HashMap<FindingId, Vec<u8>> = values.into_iter().map(|(id, sealed)| (id.0, sealed)).collect();
    let mut found = HashMap::with_capacity(rows.len());
    for (row, rest) in rows {
        let read = read_row(tx, row)?;
        let id = read.summary.id;
        let observations = match read.key.as_ref().zip(values.remove(&id)) {
            Some((key, sealed)) => key.open_json::<Values>(values_place(&id), sealed)?.read()?,
            None => Vec::new(),
        };
        found.insert(id, read.record(rest, observations)?);
    }
    Ok(found)
}

/// The values of a finding; none when it has no values or they are gone.
pub(super) fn load_values(
    tx: &mut Tx<'_>,
    id: FindingId,
    key: &FindingKey<'_>,
) -> Result<Vec<Observation>, StoreError> {
    let sealed: Option<Vec<u8>> =
        finding_values::table.find(Sql(id)).select(finding_values::body_sealed).first(tx.conn()).optional()?;
    match sealed {
        Some(sealed) => key.open_json::<Values>(values_place(&id), sealed)?.read(),
        None => Ok(Vec::new()),
    }
}
