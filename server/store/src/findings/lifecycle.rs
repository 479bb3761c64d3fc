//! What happens to a finding after it was stored: it is assigned, rejected, delivered late, recalled, or expires.

use diesel::{delete, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    audit::{LogAction, LogActor, LogEntry, LogOutcome},
    finding::{FindingState, Observation, Subject},
    ids::{BlobId, FindingId, PatientId, PracticeId, ResidentId},
    matching::MatchReason,
    push::Urgency,
};

use super::{
    blobs, index,
    keys::{hand_over, load_key},
    orders,
    read::open_summary,
    receipts::{ReceiptRecord, load_receipt},
    release,
    upload::{Destination, summary_place},
    whole::load_values,
};
use crate::{
    access::{
        Permit, System, Tx,
        actions::{ActionMarker, AssignInboxItem, RecallFinding, RejectInboxItem, WithdrawFinding},
        log,
    },
    db::types::{Instant, Sql},
    error::StoreError,
    push,
    schema::{access_log, finding_values, findings, value_index},
    vault::FindingKey,
};

/// Why a finding is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecallReason {
    /// It belongs to someone else.
    WrongPatient,
    /// Something in it is wrong.
    WrongContent,
    /// The sender's system says it was entered in error.
    EnteredInError,
    /// Anything else.
    Other,
}

impl RecallReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::WrongPatient, Self::WrongContent, Self::EnteredInError, Self::Other];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongPatient => "wrong-patient",
            Self::WrongContent => "wrong-content",
            Self::EnteredInError => "entered-in-error",
            Self::Other => "other",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == word)
    }
}

/// Who had seen a finding before it was taken back, oldest first: what was done, and when.
pub type Openings = Vec<(LogAction, Timestamp)>;

/// Whether anything waits for this patient's activation.
pub(crate) fn waits_for(tx: &mut Tx<'_>, patient: PatientId) -> Result<bool, StoreError> {
    let count: i64 = findings::table
        .filter(findings::patient_id.eq(Some(Sql(patient))))
        .filter(findings::state.eq(FindingState::Waiting.as_str()))
        .count()
        .get_result(tx.conn())?;
    Ok(count > 0)
}

/// Gives a resident what had waited for them as a patient.
pub(crate) fn deliver_waiting(tx: &mut Tx<'_>, patient: PatientId, resident: ResidentId) -> Result<(), StoreError> {
    let waiting: Vec<(Sql<FindingId>, String)> = findings::table
        .filter(findings::patient_id.eq(Some(Sql(patient))))
        .filter(findings::resident_id.is_null())
        .filter(findings::state.eq_any([FindingState::Waiting, FindingState::Superseded].map(FindingState::as_str)))
        .order(findings::id)
        .select((findings::id, findings::state))
        .load(tx.conn())?;
    for (id, state) in waiting {
        let state =
            if state == FindingState::Waiting.as_str() { FindingState::Delivered } else { FindingState::Superseded };
        let key = load_key(tx, id.0)?;
        hand_over(tx, id.0, key.as_ref(), resident)?;
        update(findings::table.find(id))
            .set((
                findings::state.eq(state.as_str()),
                findings::resident_id.eq(Some(Sql(resident))),
                findings::expires_at.eq(None::<Instant>),
            ))
            .execute(tx.conn())?;
        let values: Vec<Observation> = key.map_or(Ok(Vec::new()), |key| load_values(tx, id.0, &key))?;
        index::add(tx, id.0, resident, &values)?;
        release::settle(tx, id.0, resident)?;
        let entry = system_entry(tx, LogAction::Deliver, Some(resident), id.0);
        note(tx, &entry)?;
    }
    Ok(())
}

/// Says whose finding an inbox item is. The person who chose gave the birth date again; the use case has compared it.
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn assign(
    tx: &mut Tx<'_>,
    permit: Permit<'_, AssignInboxItem>,
    to: Destination,
) -> Result<ReceiptRecord, StoreError> {
    let id = permit.finding();
    let (state, patient, resident) = match to {
        Destination::Delivered(patient, resident) => (FindingState::Delivered, patient, Some(resident)),
        Destination::Waiting(patient) => (FindingState::Waiting, patient, None),
        Destination::Inbox => return load_receipt(tx, id),
    };
    let key = load_key(tx, id)?;
    if let Some(number) = forget_subject(tx, id, key.as_ref())?.and_then(|subject| subject.order) {
        orders::remember(tx, permit.facts().practice, &number, patient)?;
    }
    let expires: Option<Instant> = match resident {
        Some(_) => None,
        None => Some((tx.now() + nahraum_domain::activation::WAITING_LIFETIME).into()),
    };
    update(findings::table.find(Sql(id)))
        .set((
            findings::state.eq(state.as_str()),
            findings::patient_id.eq(Some(Sql(patient))),
            findings::resident_id.eq(resident.map(Sql)),
            findings::match_reason.eq(MatchReason::ChosenByStaff.as_str()),
            findings::expires_at.eq(expires),
        ))
        .execute(tx.conn())?;
    let entry = permit.entry(tx);
    note(tx, &LogEntry { resident, ..entry.clone() })?;
    if let Some(resident) = resident {
        hand_over(tx, id, key.as_ref(), resident)?;
        let values = key.map_or(Ok(Vec::new()), |key| load_values(tx, id, &key))?;
        index::add(tx, id, resident, &values)?;
        note(tx, &LogEntry { resident: Some(resident), action: LogAction::Deliver, ..entry })?;
        release::settle(tx, id, resident)?.tell(tx, resident)?;
    }
    load_receipt(tx, id)
}

/// Once it is settled whose finding it is, what the file said about the person is not needed any more. Gives it a last time.
fn forget_subject(tx: &mut Tx<'_>, id: FindingId, key: Option<&FindingKey<'_>>) -> Result<Option<Subject>, StoreError> {
    let sealed: Option<Vec<u8>> = findings::table.find(Sql(id)).select(findings::summary_sealed).first(tx.conn())?;
    let (Some(key), Some(mut words)) = (key, open_summary(key, id, sealed)?) else { return Ok(None) };
    let subject = words.subject.take().map(Subject::from);
    let sealed = key.seal_json(summary_place(&id), &words)?;
    update(findings::table.find(Sql(id))).set(findings::summary_sealed.eq(Some(sealed))).execute(tx.conn())?;
    Ok(subject)
}

/// Throws an item out of the inbox. Its content is destroyed, the receipt stays.
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn reject(tx: &mut Tx<'_>, permit: Permit<'_, RejectInboxItem>) -> Result<ReceiptRecord, StoreError> {
    destroy_content(tx, permit.finding(), FindingState::Rejected)?;
    let entry = permit.entry(tx);
    note(tx, &entry)?;
    load_receipt(tx, permit.finding())
}

/// Takes a finding back: its content is destroyed, a stub and the log stay. Tells who had seen it.
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn recall(
    tx: &mut Tx<'_>,
    permit: Permit<'_, RecallFinding>,
    reason: RecallReason,
) -> Result<(ReceiptRecord, Openings), StoreError> {
    take_back(tx, &permit, reason)
}

/// [`recall`], when the sender's system reports the finding as entered in error.
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn withdraw(tx: &mut Tx<'_>, permit: Permit<'_, WithdrawFinding>) -> Result<ReceiptRecord, StoreError> {
    Ok(take_back(tx, &permit, RecallReason::EnteredInError)?.0)
}

fn take_back<A: ActionMarker>(
    tx: &mut Tx<'_>,
    permit: &Permit<'_, A>,
    reason: RecallReason,
) -> Result<(ReceiptRecord, Openings), StoreError> {
    let id = permit.finding();
    let openings = openings(tx, id)?;
    destroy_content(tx, id, FindingState::Recalled)?;
    let now = Instant::from(tx.now());
    update(findings::table.find(Sql(id)))
        .set((findings::recalled_at.eq(Some(now)), findings::recall_reason.eq(Some(reason.as_str()))))
        .execute(tx.conn())?;
    let entry = permit.entry(tx);
    if let Some(resident) = entry.resident {
        wake_for_recall(tx, id, resident)?;
    }
    note(tx, &entry)?;
    Ok((load_receipt(tx, id)?, openings))
}

/// What was taken back has to leave the phones as well, soon: perhaps it was somebody else's. No mail is written.
fn wake_for_recall(tx: &mut Tx<'_>, id: FindingId, resident: ResidentId) -> Result<(), StoreError> {
    let practice: Sql<PracticeId> = findings::table.find(Sql(id)).select(findings::practice_id).first(tx.conn())?;
    if release::discretion(tx, resident, practice.0)?.notice {
        push::wake(tx, resident, Urgency::Normal)
    } else {
        Ok(())
    }
}

fn openings(tx: &mut Tx<'_>, id: FindingId) -> Result<Openings, StoreError> {
    let shown: Vec<&str> = LogAction::ALL.into_iter().filter(|a| a.shows_content()).map(LogAction::as_str).collect();
    let rows: Vec<(String, Instant)> = access_log::table
        .filter(access_log::finding_id.eq(Some(Sql(id))))
        .filter(access_log::action.eq_any(shown))
        .filter(access_log::outcome.eq(LogOutcome::Done.as_str()))
        .order(access_log::seq)
        .select((access_log::action, access_log::at))
        .load(tx.conn())?;
    rows.into_iter()
        .map(|(word, at)| {
            let action = LogAction::parse(&word).ok_or(StoreError::Corrupt("access_log.action"))?;
            Ok((action, at.timestamp()))
        })
        .collect()
}

/// Destroys what waited too long. Returns how many.
///
/// # Errors
/// The database's.
pub fn expire(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let now = Instant::from(tx.now());
    let due: Vec<Sql<FindingId>> = findings::table
        .filter(findings::expires_at.le(Some(now)))
        .filter(findings::state.eq_any([FindingState::Waiting, FindingState::Inbox].map(FindingState::as_str)))
        .limit(limit)
        .select(findings::id)
        .load(tx.conn())?;
    for id in &due {
        destroy_content(tx, id.0, FindingState::Expired)?;
        let entry = system_entry(tx, LogAction::Expire, None, id.0);
        note(tx, &entry)?;
    }
    Ok(due.len())
}

fn destroy_content(tx: &mut Tx<'_>, id: FindingId, state: FindingState) -> Result<(), StoreError> {
    let (original, document): (Option<Sql<BlobId>>, Option<Sql<BlobId>>) =
        findings::table.find(Sql(id)).select((findings::original_blob, findings::document_blob)).first(tx.conn())?;
    update(findings::table.find(Sql(id)))
        .set((
            findings::state.eq(state.as_str()),
            findings::original_blob.eq(None::<Sql<BlobId>>),
            findings::document_blob.eq(None::<Sql<BlobId>>),
            findings::summary_sealed.eq(None::<Vec<u8>>),
            findings::key_wrapped.eq(None::<Vec<u8>>),
            findings::value_count.eq(0),
            findings::flagged_count.eq(0),
            findings::expires_at.eq(None::<Instant>),
        ))
        .execute(tx.conn())?;
    delete(value_index::table.filter(value_index::finding_id.eq(Sql(id)))).execute(tx.conn())?;
    delete(finding_values::table.find(Sql(id))).execute(tx.conn())?;
    destroy_files(tx, original.map(|blob| blob.0), document.map(|blob| blob.0))
}

/// Destroys the files of a finding whose row has let go of them. Original and document may be one.
pub(crate) fn destroy_files(
    tx: &mut Tx<'_>,
    original: Option<BlobId>,
    document: Option<BlobId>,
) -> Result<(), StoreError> {
    [original, document.filter(|_| document != original)]
        .into_iter()
        .flatten()
        .try_for_each(|id| blobs::destroy(tx, id))
}

pub(super) fn system_entry(
    tx: &Tx<'_>,
    action: LogAction,
    resident: Option<ResidentId>,
    finding: FindingId,
) -> LogEntry {
    LogEntry {
        resident,
        at: tx.now(),
        actor: LogActor::System,
        action,
        finding: Some(finding),
        basis: None,
        consent: None,
        rests_on: None,
        outcome: LogOutcome::Done,
        request: tx.request(),
    }
}

fn note(tx: &mut Tx<'_>, entry: &LogEntry) -> Result<(), StoreError> {
    Ok(log::insert_with(tx, entry)?)
}
