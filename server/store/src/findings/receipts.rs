//! The practice's side: receipts, and what waits in its inbox.

use diesel::{dsl::min, prelude::*};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    access::Actor,
    audit::{LogAction, LogOutcome},
    finding::{FindingState, Subject},
    ids::{FindingId, PatientId, PracticeId},
    kdl::{self, DocumentClass},
    matching::MatchReason,
    private::Private,
};

use super::{
    blobs,
    holds::{Hold, held, lasting},
    keys::{KEY, KeyRow, open_key},
    read::open_summary,
    upload::hash_place,
};
use crate::{
    access::{
        Permit, Scope, Tx,
        actions::{ListInbox, ListReceipts, ReadReceipt, UploadFinding},
        sealed::Sealed,
    },
    db::types::{Day, Instant, Sql},
    error::StoreError,
    practices::{candidates, open_reference, ordered_for, reference},
    schema::{access_log, finding_holds, findings, patients},
    vault,
};

/// The practice's receipt for one finding. Nothing of its content.
#[derive(Debug, Clone)]
pub struct ReceiptRecord {
    /// The finding.
    pub id: FindingId,
    /// Where it is on its way.
    pub state: FindingState,
    /// Why it was matched, or was not.
    pub reason: MatchReason,
    /// The practice's own reference of the patient.
    pub reference: Option<Private<String>>,
    /// Its document class.
    pub class: &'static DocumentClass,
    /// The day of the examination.
    pub date: Option<Date>,
    /// How many values could be read.
    pub value_count: u32,
    /// SHA-256 of the upload.
    pub sha256: [u8; 32],
    /// When it arrived.
    pub received_at: Timestamp,
    /// The finding whose place it took.
    pub replaces: Option<FindingId>,
    /// The finding that took its place.
    pub superseded_by: Option<FindingId>,
    /// When it was taken back.
    pub recalled_at: Option<Timestamp>,
    /// When the resident first opened it.
    pub first_opened_at: Option<Timestamp>,
    /// What was odd about it, as codes.
    pub warnings: Vec<String>,
    /// That the practice holds it back.
    pub hold: Option<Hold>,
    /// When it will be thrown away, if it waits.
    pub expires_at: Option<Timestamp>,
}

/// An upload that waits for a decision.
#[derive(Debug, Clone)]
pub struct InboxItem {
    /// Its receipt.
    pub receipt: ReceiptRecord,
    /// The title in the file.
    pub title: Private<String>,
    /// Whom the file names.
    pub subject: Subject,
    /// The practice's own patients it may belong to, likeliest first.
    pub proposals: Vec<Private<String>>,
}

type Row = (
    (Sql<FindingId>, Sql<PracticeId>, String, String, String, Option<Day>, i32, Vec<u8>),
    (Instant, Option<Sql<FindingId>>, Option<Sql<FindingId>>, Option<Instant>, String, Option<Instant>),
    Option<(Sql<PatientId>, Vec<u8>)>,
);

type Columns = (
    (
        findings::id,
        findings::practice_id,
        findings::state,
        findings::match_reason,
        findings::class,
        findings::clinical_date,
        findings::value_count,
        findings::sha256_sealed,
    ),
    (
        findings::received_at,
        findings::replaces,
        findings::superseded_by,
        findings::recalled_at,
        findings::warnings,
        findings::expires_at,
    ),
    diesel::dsl::Nullable<(patients::id, patients::reference_sealed)>,
);

fn columns() -> Columns {
    (
        (
            findings::id,
            findings::practice_id,
            findings::state,
            findings::match_reason,
            findings::class,
            findings::clinical_date,
            findings::value_count,
            findings::sha256_sealed,
        ),
        (
            findings::received_at,
            findings::replaces,
            findings::superseded_by,
            findings::recalled_at,
            findings::warnings,
            findings::expires_at,
        ),
        (patients::id, patients::reference_sealed).nullable(),
    )
}

/// One receipt. It names a document class and a patient, so it leaves sealed like a finding.
///
/// # Errors
/// The database's.
pub fn receipt(tx: &mut Tx<'_>, permit: &Permit<'_, ReadReceipt>) -> Result<Sealed<ReceiptRecord>, StoreError> {
    Ok(Sealed::new(load_receipt(tx, permit.finding())?, permit.entry(tx)))
}

/// The receipt for what the caller has just sent.
///
/// # Errors
/// The database's.
pub fn receipt_for_sender(
    tx: &mut Tx<'_>,
    _scope: &Scope<'_, UploadFinding>,
    id: FindingId,
) -> Result<ReceiptRecord, StoreError> {
    load_receipt(tx, id)
}

pub(super) fn load_receipt(tx: &mut Tx<'_>, id: FindingId) -> Result<ReceiptRecord, StoreError> {
    let row: Row = findings::table
        .left_join(patients::table)
        .filter(findings::id.eq(Sql(id)))
        .select(columns())
        .first(tx.conn())?;
    let known = known(tx, &[id])?;
    read(tx, row, &known)
}

/// What is known of receipts besides their own rows.
#[derive(Default)]
struct Known {
    opened: Vec<(FindingId, Timestamp)>,
    held: Vec<(FindingId, Hold)>,
}

fn known(tx: &mut Tx<'_>, ids: &[FindingId]) -> Result<Known, StoreError> {
    Ok(Known { opened: first_openings(tx, ids)?, held: held(tx, ids)? })
}

/// The receipts the caller may see, newest first, at most `limit` and older than `before`: a person of the practice
/// sees the practice's, software its own. `only_held`: those that wait for a talk.
///
/// # Errors
/// The database's.
pub fn receipts(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ListReceipts>,
    only_held: bool,
    before: Option<FindingId>,
    limit: i64,
) -> Result<Sealed<Vec<ReceiptRecord>>, StoreError> {
    let mut query = findings::table
        .left_join(patients::table)
        .order(findings::id.desc())
        .limit(limit)
        .select(columns())
        .into_boxed();
    query = match scope.actor() {
        Actor::Staff { practice, .. } => query.filter(findings::practice_id.eq(Sql(practice))),
        Actor::Software { credential, practice } => query
            .filter(findings::practice_id.eq(Sql(practice)))
            .filter(findings::uploader_kind.eq("software"))
            .filter(findings::uploader_id.eq(credential.as_bytes().to_vec())),
        Actor::Resident(_)
        | Actor::Representative { .. }
        | Actor::District { .. }
        | Actor::Operator { .. }
        | Actor::Holder { .. } => {
            return Err(StoreError::Unauthenticated);
        }
    };
    if let Some(before) = before {
        query = query.filter(findings::id.lt(Sql(before)));
    }
    if only_held {
        let waits = lasting!(Instant::from(tx.now())).select(finding_holds::finding_id);
        let there = FindingState::ALL.into_iter().filter(|state| state.is_current()).map(FindingState::as_str);
        query = query.filter(findings::id.eq_any(waits)).filter(findings::state.eq_any(there));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    let ids: Vec<FindingId> = rows.iter().map(|row| row.0.0.0).collect();
    let known = known(tx, &ids)?;
    let receipts = rows.into_iter().map(|row| read(tx, row, &known)).collect::<Result<_, _>>()?;
    Ok(Sealed::new(receipts, scope.entry(tx)))
}

fn read(tx: &Tx<'_>, row: Row, known: &Known) -> Result<ReceiptRecord, StoreError> {
    let ((id, practice, state, reason, class, date, values, sha256), rest, patient) = row;
    let (received, replaces, superseded_by, recalled, warnings, expires) = rest;
    let reference = patient.map(|(patient, sealed)| open_reference(tx, practice.0, patient.0, sealed)).transpose()?;
    let sha256 = tx.vault().open(vault::Subject::Practice(practice.0), hash_place(&id.0), sha256)?;
    let state = FindingState::parse(&state).ok_or(StoreError::Corrupt("findings.state"))?;
    let waits = state.is_current();
    Ok(ReceiptRecord {
        id: id.0,
        state,
        reason: MatchReason::parse(&reason).ok_or(StoreError::Corrupt("findings.match_reason"))?,
        reference,
        class: kdl::find(&class).unwrap_or(&kdl::OTHER_DOCUMENT),
        date: date.map(|d| d.date()),
        value_count: u32::try_from(values).map_err(|_| StoreError::Corrupt("findings.value_count"))?,
        sha256: blobs::hash(sha256)?,
        received_at: received.timestamp(),
        replaces: replaces.map(|f| f.0),
        superseded_by: superseded_by.map(|f| f.0),
        recalled_at: recalled.map(|at| at.timestamp()),
        first_opened_at: known.opened.iter().find(|(opened, _)| *opened == id.0).map(|(_, at)| *at),
        warnings: warnings.split_whitespace().map(str::to_owned).collect(),
        hold: known.held.iter().find(|(held, _)| *held == id.0 && waits).map(|(_, hold)| *hold),
        expires_at: expires.map(|at| at.timestamp()),
    })
}

/// When each of these findings was first shown to a resident.
fn first_openings(tx: &mut Tx<'_>, ids: &[FindingId]) -> Result<Vec<(FindingId, Timestamp)>, StoreError> {
    let shown: Vec<&str> = LogAction::ALL.into_iter().filter(|a| a.shows_content()).map(LogAction::as_str).collect();
    let rows: Vec<(Option<Sql<FindingId>>, Option<Instant>)> = access_log::table
        .filter(access_log::finding_id.eq_any(ids.iter().map(|id| Some(Sql(*id))).collect::<Vec<_>>()))
        .filter(access_log::actor_kind.eq("resident"))
        .filter(access_log::action.eq_any(shown))
        .filter(access_log::outcome.eq(LogOutcome::Done.as_str()))
        .group_by(access_log::finding_id)
        .select((access_log::finding_id, min(access_log::at)))
        .load(tx.conn())?;
    Ok(rows.into_iter().filter_map(|(id, at)| Some((id?.0, at?.timestamp()))).collect())
}

/// How many uploads wait in the inbox of the caller's practice.
///
/// # Errors
/// The database's.
pub fn inbox_count(tx: &mut Tx<'_>, scope: &Scope<'_, ListInbox>) -> Result<u32, StoreError> {
    let practice = practice_of(scope)?;
    let count: i64 = findings::table
        .filter(findings::practice_id.eq(Sql(practice)))
        .filter(findings::state.eq(FindingState::Inbox.as_str()))
        .count()
        .get_result(tx.conn())?;
    u32::try_from(count).map_err(|_| StoreError::Corrupt("a count"))
}

/// What waits in the inbox of the caller's practice, oldest first, at most `limit`. It shows what the files say about
/// people, so it leaves sealed like a finding.
///
/// # Errors
/// The database's.
pub fn inbox(tx: &mut Tx<'_>, scope: &Scope<'_, ListInbox>, limit: i64) -> Result<Sealed<Vec<InboxItem>>, StoreError> {
    let practice = practice_of(scope)?;
    let rows: Vec<(Row, Option<Vec<u8>>, KeyRow)> = findings::table
        .left_join(patients::table)
        .filter(findings::practice_id.eq(Sql(practice)))
        .filter(findings::state.eq(FindingState::Inbox.as_str()))
        .order(findings::id)
        .limit(limit)
        .select((columns(), findings::summary_sealed, KEY))
        .load(tx.conn())?;
    let mut items = Vec::with_capacity(rows.len());
    for (row, sealed, key) in rows {
        let receipt = read(tx, row, &Known::default())?;
        let key = open_key(tx, receipt.id, key)?;
        let words = open_summary(key.as_ref(), receipt.id, sealed)?.ok_or(StoreError::Corrupt("findings.summary"))?;
        let subject = words.subject.map(Subject::from).unwrap_or_default();
        let proposals = proposals(tx, practice, &subject)?;
        items.push(InboxItem { receipt, title: Private::new(words.title), subject, proposals });
    }
    Ok(Sealed::new(items, scope.entry(tx)))
}

/// Whom the references name, then whom the number of the order does; those whose birth date agrees come first.
fn proposals(tx: &mut Tx<'_>, practice: PracticeId, subject: &Subject) -> Result<Vec<Private<String>>, StoreError> {
    let birth_date = subject.birth_date.as_ref().map(|d| *d.reveal());
    let mut found = candidates(tx, practice, &subject.references, birth_date)?;
    for ordered in ordered_for(tx, practice, subject.order.as_ref(), birth_date)? {
        if found.iter().all(|candidate| candidate.patient != ordered.patient) {
            found.push(ordered);
        }
    }
    found.sort_by_key(|c| c.birth_date_agrees != Some(true));
    found.into_iter().map(|c| reference(tx, c.patient)).collect()
}

fn practice_of(scope: &Scope<'_, ListInbox>) -> Result<PracticeId, StoreError> {
    scope.actor().practice().ok_or(StoreError::Unauthenticated)
}
