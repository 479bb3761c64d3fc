//! What is known of an upload already: the same bytes, or the same report in another version.

use diesel::prelude::*;
use nahraum_domain::{
    finding::{FindingState, ReportVersion},
    ids::{FindingId, PatientId, PracticeId},
    private::Private,
    versions::StoredReport,
};

use super::keys::content_hash_key;
use crate::{
    access::{Scope, Tx, actions::UploadFinding},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{finding_keys, findings},
};

/// Is exactly this already there, for the same patient (or, unmatched, in the inbox)?
///
/// # Errors
/// The database's.
pub fn duplicate(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, UploadFinding>,
    sha256: [u8; 32],
    patient: Option<PatientId>,
) -> Result<Vec<FindingId>, StoreError> {
    let Some(practice) = scope.actor().practice() else { return Ok(Vec::new()) };
    let alive = [FindingState::Inbox, FindingState::Waiting, FindingState::Delivered, FindingState::Superseded];
    let mut query = findings::table
        .filter(findings::practice_id.eq(Sql(practice)))
        .filter(findings::sha256_key.eq(content_hash_key(tx, &sha256)))
        .filter(findings::state.eq_any(alive.map(FindingState::as_str)))
        .order(findings::id)
        .select(findings::id)
        .into_boxed();
    query = match patient {
        Some(patient) => query.filter(findings::patient_id.eq(Some(Sql(patient)))),
        None => query.filter(findings::patient_id.is_null()),
    };
    let rows: Vec<Sql<FindingId>> = query.load(tx.conn())?;
    Ok(rows.into_iter().map(|id| id.0).collect())
}

/// A stored report with the same business key.
#[derive(Debug, Clone, Copy)]
pub struct KnownReport {
    /// The finding.
    pub id: FindingId,
    /// Where it is on its way.
    pub state: FindingState,
    /// Whose it is, as far as that is settled.
    pub patient: Option<PatientId>,
    /// Its version.
    pub report: StoredReport,
}

/// The newest report of the caller's practice with this business key, and what is known of its version.
///
/// # Errors
/// The database's.
pub fn report_with_key(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, UploadFinding>,
    key: &Private<String>,
    sha256: [u8; 32],
) -> Result<Option<KnownReport>, StoreError> {
    type Row = (Sql<FindingId>, String, Option<Sql<PatientId>>, Vec<u8>, Option<i64>, Option<Instant>, Option<i64>);
    let Some(practice) = scope.actor().practice() else { return Ok(None) };
    let name = name_of_all(tx, practice, key)?;
    let row: Option<Row> = finding_keys::table
        .inner_join(findings::table)
        .filter(finding_keys::practice_id.eq(Sql(practice)))
        .filter(finding_keys::report_key.eq(name))
        .filter(findings::state.ne(FindingState::Rejected.as_str()))
        .order(findings::id.desc())
        .select((
            findings::id,
            findings::state,
            findings::patient_id,
            findings::sha256_key,
            finding_keys::version_number,
            finding_keys::version_issued,
            finding_keys::revision,
        ))
        .first(tx.conn())
        .optional()?;
    let Some((id, state, patient, stored_key, number, issued, revision)) = row else { return Ok(None) };
    let number = number.map(u32::try_from).transpose().map_err(|_| StoreError::Corrupt("finding_keys.version"))?;
    let revision = revision.map(u32::try_from).transpose().map_err(|_| StoreError::Corrupt("finding_keys.revision"))?;
    let report = StoredReport {
        version: number.map(ReportVersion::Number).or(issued.map(|at| ReportVersion::Issued(at.timestamp()))),
        revision,
        same_bytes: stored_key == content_hash_key(tx, &sha256),
    };
    let state = FindingState::parse(&state).ok_or(StoreError::Corrupt("findings.state"))?;
    Ok(Some(KnownReport { id: id.0, state, patient: patient.map(|p| p.0), report }))
}

/// What all versions of a report are looked up by: `key`, unless that is the name of one version alone.
pub(super) fn name_of_all(tx: &mut Tx<'_>, practice: PracticeId, key: &Private<String>) -> Result<Vec<u8>, StoreError> {
    let key = report_key(tx, key);
    let known = finding_keys::table
        .filter(finding_keys::practice_id.eq(Sql(practice)))
        .filter(finding_keys::own_key.eq(Some(&key)))
        .select(finding_keys::report_key)
        .first(tx.conn())
        .optional()?;
    Ok(known.unwrap_or(key))
}

/// How a name of a report stands in the table.
pub(super) fn report_key(tx: &Tx<'_>, key: &Private<String>) -> Vec<u8> {
    tx.keys().lookups.hash("finding_keys.report", key.reveal().as_bytes()).as_bytes().to_vec()
}
