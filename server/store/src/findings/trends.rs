//! Trends: one value of a resident over time.

use diesel::prelude::*;
use nahraum_domain::{
    audit::LogEntry,
    disclosure::{PracticeName, TrendRecord},
    finding::FindingState,
    ids::{FindingId, PracticeId},
    private::Private,
};

use super::{
    index::code_key,
    keys::{KEY, KeyRow, open_key},
    read::{Filter, confirmed, open_summary, owner},
    whole::load_values,
};
use crate::{
    access::{Scope, Tx, actions::ReadTrend, sealed::Sealed},
    db::types::{Day, Sql},
    error::StoreError,
    schema::{findings, organisations, patients, value_index},
};

/// One value of the caller over time, newest first and at most `limit` points. `system` is `loinc` or `local`.
///
/// # Errors
/// The database's.
pub fn trend(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ReadTrend>,
    system: &str,
    code: &str,
    limit: i64,
) -> Result<Sealed<Vec<TrendRecord>>, StoreError> {
    let resident = owner(scope.actor())?;
    let key = code_key(tx, resident, system, code);
    type Row = (Sql<FindingId>, i32, String, Day, (Sql<PracticeId>, String), Option<Vec<u8>>, KeyRow);
    let rows: Vec<Row> = value_index::table
        .inner_join(findings::table.inner_join(organisations::table))
        .filter(value_index::resident_id.eq(Sql(resident)))
        .filter(value_index::code_key.eq(key))
        .filter(findings::patient_id.eq_any(confirmed!(resident)))
        .filter(findings::state.eq(FindingState::Delivered.as_str()))
        .filter(findings::sensitivity.eq_any(Filter::default().treatments()))
        .order((findings::sort_date.desc(), findings::id.desc(), value_index::position))
        .limit(limit)
        .select((
            findings::id,
            value_index::position,
            findings::state,
            findings::sort_date,
            (organisations::id, organisations::name),
            findings::summary_sealed,
            KEY,
        ))
        .load(tx.conn())?;
    let entry = scope.entry(tx);
    // Each finding whose value is shown gets its line, so that a recall can tell that it was seen.
    let mut entries = if rows.is_empty() { vec![entry.clone()] } else { Vec::with_capacity(rows.len()) };
    let mut points = Vec::with_capacity(rows.len());
    for (finding, position, state, date, (practice, name), sealed, key) in rows {
        let position = usize::try_from(position).map_err(|_| StoreError::Corrupt("value_index.position"))?;
        let key = open_key(tx, finding.0, key)?.ok_or(StoreError::Corrupt("findings.key_wrapped"))?;
        let observation = load_values(tx, finding.0, &key)?
            .into_iter()
            .nth(position)
            .ok_or(StoreError::Corrupt("value_index.position"))?;
        let author = open_summary(Some(&key), finding.0, sealed)?.and_then(|words| words.author).map(Private::new);
        entries.push(LogEntry { finding: Some(finding.0), ..entry.clone() });
        points.push(TrendRecord {
            finding: finding.0,
            state: FindingState::parse(&state).ok_or(StoreError::Corrupt("findings.state"))?,
            date: date.date(),
            practice: PracticeName { id: practice.0, name },
            author,
            observation,
        });
    }
    Ok(Sealed::with_all(points, entries))
}
