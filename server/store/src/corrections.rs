//! Room corrections: what residents say is wrong, until when an answer is owed, and what was answered.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::Actor,
    corrections::{Answer, Stage},
    disclosure::PracticeName,
    ids::{CorrectionId, FindingId, PatientId, PracticeId, ResidentId},
    private::Private,
};

use crate::{
    access::{
        Caller, Permit, Scope, Tx,
        actions::{AnswerCorrection, AskCorrection, ReadCorrections},
        log,
        sealed::Sealed,
    },
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    practices::open_reference,
    schema::{corrections as rows, findings, organisations, patients},
    vault::{Place, Subject},
};

const SAID: &str = "corrections.said";
const REASON: &str = "corrections.reason";

/// A request to correct a finding, as both sides see it.
#[derive(Debug, Hash)]
pub struct Correction {
    /// The request.
    pub id: CorrectionId,
    /// The finding that is said to be wrong.
    pub finding: FindingId,
    /// Who sent the finding, and owes an answer.
    pub practice: PracticeName,
    /// Where the request stands.
    pub stage: Stage,
    /// What is wrong, in the resident's words.
    pub said: Private<String>,
    /// Why the practice does not do it, or takes longer.
    pub reason: Option<Private<String>>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Up to, and not with, which moment an answer is owed.
    pub due_at: Timestamp,
    /// When the practice answered last.
    pub answered_at: Option<Timestamp>,
}

type Row = (
    (Sql<CorrectionId>, Sql<FindingId>, Sql<ResidentId>, Sql<PracticeId>, String),
    (String, Vec<u8>, Option<Vec<u8>>, Instant, Instant, Option<Instant>),
);
type Columns = (
    (rows::id, rows::finding_id, rows::resident_id, rows::practice_id, organisations::name),
    (rows::stage, rows::said_sealed, rows::reason_sealed, rows::asked_at, rows::due_at, rows::answered_at),
);
const COLUMNS: Columns = (
    (rows::id, rows::finding_id, rows::resident_id, rows::practice_id, organisations::name),
    (rows::stage, rows::said_sealed, rows::reason_sealed, rows::asked_at, rows::due_at, rows::answered_at),
);

fn read(tx: &Tx<'_>, row: Row) -> Result<Correction, StoreError> {
    let ((Sql(id), Sql(finding), Sql(resident), Sql(practice), name), rest) = row;
    let (stage, said, reason, asked_at, due_at, answered_at) = rest;
    let open = |column, sealed| {
        let text = tx.vault().open_text(Subject::Resident(resident), Place { column, row: id.as_bytes() }, sealed)?;
        Ok::<_, StoreError>(Private::new(text))
    };
    Ok(Correction {
        id,
        finding,
        practice: PracticeName { id: practice, name },
        stage: Stage::parse(&stage).ok_or(StoreError::Corrupt("corrections.stage"))?,
        said: open(SAID, said)?,
        reason: reason.map(|sealed| open(REASON, sealed)).transpose()?,
        asked_at: asked_at.timestamp(),
        due_at: due_at.timestamp(),
        answered_at: answered_at.map(Instant::timestamp),
    })
}

/// The owner of a finding says what is wrong with it. None when that was said already and is not settled.
///
/// # Errors
/// The database's.
pub fn ask(
    tx: &mut Tx<'_>,
    permit: &Permit<'_, AskCorrection>,
    said: &Private<String>,
) -> Result<Option<Correction>, StoreError> {
    let resident = permit.facts().owner.ok_or(StoreError::Unauthenticated)?;
    let open: i64 = rows::table
        .filter(rows::finding_id.eq(Sql(permit.finding())))
        .filter(rows::settled_at.is_null())
        .count()
        .get_result(tx.conn())?;
    if open > 0 {
        return Ok(None);
    }
    let id = tx.new_id(CorrectionId::new);
    let place = Place { column: SAID, row: id.as_bytes() };
    let said = tx.vault().seal_text(Subject::Resident(resident), place, said.reveal())?;
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::finding_id.eq(Sql(permit.finding())),
            rows::resident_id.eq(Sql(resident)),
            rows::practice_id.eq(Sql(permit.facts().practice)),
            rows::stage.eq(Stage::Asked.as_str()),
            rows::said_sealed.eq(said),
            rows::asked_at.eq(Instant::from(tx.now())),
            rows::due_at.eq(Instant::from(Stage::Asked.due(tx.now()))),
        ))
        .execute(tx.conn())?;
    let entry = permit.entry(tx);
    log::insert_with(tx, &entry)?;
    find(tx, id).map(Some)
}

fn find(tx: &mut Tx<'_>, id: CorrectionId) -> Result<Correction, StoreError> {
    let row: Row =
        rows::table.inner_join(organisations::table).filter(rows::id.eq(Sql(id))).select(COLUMNS).first(tx.conn())?;
    read(tx, row)
}

/// What the caller has asked for, newest first, at most `limit`.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>, limit: i64) -> Result<Vec<Correction>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let found: Vec<Row> = rows::table
        .inner_join(organisations::table)
        .filter(rows::resident_id.eq(Sql(resident)))
        .order(rows::id.desc())
        .limit(limit)
        .select(COLUMNS)
        .load(tx.conn())?;
    found.into_iter().map(|row| read(tx, row)).collect()
}

/// The caller does not ask any more. Gives where the request stood before; none when there is none of theirs.
///
/// # Errors
/// As [`own`].
pub fn take_back(tx: &mut Tx<'_>, caller: &Caller<'_>, id: CorrectionId) -> Result<Option<Stage>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let mine = rows::table.filter(rows::id.eq(Sql(id))).filter(rows::resident_id.eq(Sql(resident)));
    let Some(stage) = mine.select(rows::stage).first::<String>(tx.conn()).optional()? else { return Ok(None) };
    let stage = Stage::parse(&stage).ok_or(StoreError::Corrupt("corrections.stage"))?;
    if stage.is_open() {
        let now = Some(Instant::from(tx.now()));
        update(rows::table.find(Sql(id)))
            .set((rows::stage.eq(Stage::TakenBack.as_str()), rows::settled_at.eq(now)))
            .execute(tx.conn())?;
    }
    Ok(Some(stage))
}

/// How many requests wait for an answer of the caller's practice.
///
/// # Errors
/// The database's.
pub fn open_count(tx: &mut Tx<'_>, scope: &Scope<'_, ReadCorrections>) -> Result<u32, StoreError> {
    let practice = practice_of(scope.actor())?;
    let open = rows::table.filter(rows::practice_id.eq(Sql(practice))).filter(rows::settled_at.is_null());
    let count: i64 = open.count().get_result(tx.conn())?;
    u32::try_from(count).map_err(|_| StoreError::Corrupt("a count"))
}

fn practice_of(actor: Actor) -> Result<PracticeId, StoreError> {
    actor.practice().ok_or(StoreError::Unauthenticated)
}

type Patient = (Sql<PatientId>, Vec<u8>);

/// A request, and under which reference its practice knows the patient.
pub type OfPatient = (Correction, Option<Private<String>>);

/// What residents ask the caller's practice to correct: what is open, or what is settled; newest first, at most `limit`, older
/// than `before`. Each one that is shown has its own line in its resident's log.
///
/// # Errors
/// The database's.
pub fn of_practice(
    tx: &mut Tx<'_>,
    scope: &Scope<'_, ReadCorrections>,
    settled: bool,
    before: Option<CorrectionId>,
    limit: i64,
) -> Result<Sealed<Vec<OfPatient>>, StoreError> {
    let practice = practice_of(scope.actor())?;
    let mut query = rows::table
        .inner_join(organisations::table)
        .inner_join(findings::table.left_join(patients::table))
        .filter(rows::practice_id.eq(Sql(practice)))
        .order(rows::id.desc())
        .limit(limit)
        .select((COLUMNS, (patients::id, patients::reference_sealed).nullable()))
        .into_boxed();
    query =
        if settled { query.filter(rows::settled_at.is_not_null()) } else { query.filter(rows::settled_at.is_null()) };
    if let Some(before) = before {
        query = query.filter(rows::id.lt(Sql(before)));
    }
    let found: Vec<(Row, Option<Patient>)> = query.load(tx.conn())?;
    let mut entries = vec![scope.entry(tx)];
    let mut shown = Vec::with_capacity(found.len());
    for (row, patient) in found {
        let resident = row.0.2.0;
        let reference = patient.map(|(id, sealed)| open_reference(tx, practice, id.0, sealed)).transpose()?;
        let correction = read(tx, row)?;
        let mut entry = scope.entry(tx);
        (entry.resident, entry.finding) = (Some(resident), Some(correction.finding));
        entries.push(entry);
        shown.push((correction, reference));
    }
    Ok(Sealed::with_all(shown, entries))
}

/// About which finding a request is; none when there is no such request.
///
/// # Errors
/// The database's.
pub fn finding_of(tx: &mut Tx<'_>, id: CorrectionId) -> Result<Option<FindingId>, StoreError> {
    let finding: Option<Sql<FindingId>> =
        rows::table.find(Sql(id)).select(rows::finding_id).first(tx.conn()).optional()?;
    Ok(finding.map(|finding| finding.0))
}

/// The practice answers, and the resident is told that something is new. None when this answer is not to be given (any more).
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn answer(
    tx: &mut Tx<'_>,
    permit: Permit<'_, AnswerCorrection>,
    id: CorrectionId,
    answer: Answer,
    reason: Option<&Private<String>>,
) -> Result<Option<Correction>, StoreError> {
    let theirs = rows::table.filter(rows::id.eq(Sql(id))).filter(rows::finding_id.eq(Sql(permit.finding())));
    let (stage, Sql(resident), asked): (String, Sql<ResidentId>, Instant) =
        theirs.select((rows::stage, rows::resident_id, rows::asked_at)).first(tx.conn())?;
    if !Stage::parse(&stage).ok_or(StoreError::Corrupt("corrections.stage"))?.takes(answer) {
        return Ok(None);
    }
    let now = Instant::from(tx.now());
    let place = Place { column: REASON, row: id.as_bytes() };
    let seal = |text: &Private<String>| tx.vault().seal_text(Subject::Resident(resident), place, text.reveal());
    let reason = reason.map(seal).transpose()?;
    let next = answer.stage();
    update(theirs)
        .set((
            rows::stage.eq(next.as_str()),
            rows::reason_sealed.eq(reason),
            rows::due_at.eq(Instant::from(next.due(asked.timestamp()))),
            rows::answered_at.eq(Some(now)),
            rows::settled_at.eq((!next.is_open()).then_some(now)),
        ))
        .execute(tx.conn())?;
    let entry = permit.entry(tx);
    log::insert_with(tx, &entry)?;
    notifications::something_new(tx, resident)?;
    find(tx, id).map(Some)
}

/// What somebody said about a finding goes with it: it was not theirs after all, or they leave.
pub(crate) fn forget(tx: &mut Tx<'_>, finding: FindingId) -> Result<(), StoreError> {
    delete(rows::table.filter(rows::finding_id.eq(Sql(finding)))).execute(tx.conn())?;
    Ok(())
}
