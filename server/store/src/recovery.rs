//! Room recovery: the sheet for the day on which every phone is gone, and its slow use (SR-B07).

use diesel::{insert_into, prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    ids::{DeviceId, PatientId, RecoveryId, ResidentId, SheetId},
    private::Private,
    security::{RECOVERY_DELAY, RecoveryStage, SecurityEvent, recovery_stage},
    sessions::EndReason,
};
use nahraum_secrets::OneTimeHash;

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    devices::{self, Holder, NewDevice},
    error::StoreError,
    newcomers,
    practices::birth_date_agrees,
    schema::{patients, recoveries, recovery_sheets},
    security::{self, Happened},
    sessions::{self, OpenedSession},
    vault::Place,
};

const NAME: &str = "recoveries.name";
const OPEN: &str = "open";
const REPLACED: &str = "replaced";
const USED: &str = "used";
const WAITING: &str = "waiting";
const CANCELLED: &str = "cancelled";
const DONE: &str = "done";

/// A recovery that runs, as the earlier phones see it.
#[derive(Debug)]
pub struct Recovery {
    /// When it began.
    pub started_at: Timestamp,
    /// When the new phone gets the account, unless somebody stops it.
    pub ready_at: Timestamp,
    /// What the new phone calls itself.
    pub device_name: Option<Private<String>>,
}

/// What the new phone gets to know.
#[derive(Debug)]
pub enum Progress {
    /// Ask again then.
    Waiting(Timestamp),
    /// The account is on this phone now, and on no other.
    Done(OpenedSession),
}

/// Makes the caller's sheet; an earlier one is void.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn make_sheet(tx: &mut Tx<'_>, caller: &Caller<'_>, code: &OneTimeHash) -> Result<(), StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    void_sheet(tx, resident)?;
    let id = tx.new_id(SheetId::new);
    insert_into(recovery_sheets::table)
        .values((
            recovery_sheets::id.eq(Sql(id)),
            recovery_sheets::resident_id.eq(Sql(resident)),
            recovery_sheets::code_hash.eq(code.as_bytes().to_vec()),
            recovery_sheets::state.eq(OPEN),
            recovery_sheets::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    security::note_by(tx, caller, Happened::new(SecurityEvent::SheetMade))
}

/// Ends the sheet of a resident, if there is one.
pub(crate) fn void_sheet(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    let open = recovery_sheets::table
        .filter(recovery_sheets::resident_id.eq(Sql(resident)))
        .filter(recovery_sheets::state.eq(OPEN));
    update(open)
        .set((recovery_sheets::state.eq(REPLACED), recovery_sheets::closed_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(())
}

/// Starts a recovery on a new phone. The sheet is used up by it, whatever comes of it. None when code or birth date are
/// wrong, when the sheet was used or is void, or when what the phone shows of itself belongs to somebody already.
///
/// # Errors
/// The database's.
pub fn start(
    tx: &mut Tx<'_>,
    code: &OneTimeHash,
    birth_date: Date,
    new: &NewDevice,
) -> Result<Option<Progress>, StoreError> {
    let sheet: Option<(Sql<SheetId>, Sql<ResidentId>)> = recovery_sheets::table
        .filter(recovery_sheets::code_hash.eq(code.as_bytes().to_vec()))
        .filter(recovery_sheets::state.eq(OPEN))
        .select((recovery_sheets::id, recovery_sheets::resident_id))
        .first(tx.conn())
        .optional()?;
    let Some((sheet, resident)) = sheet else { return Ok(None) };
    if !born_on(tx, resident.0, birth_date)? || devices::taken(tx, &new.holder)? {
        return Ok(None);
    }
    let now = Instant::from(tx.now());
    update(recovery_sheets::table.find(sheet))
        .set((recovery_sheets::state.eq(USED), recovery_sheets::closed_at.eq(Some(now))))
        .execute(tx.conn())?;
    let id = tx.new_id(RecoveryId::new);
    let name = newcomers::seal_name(tx, resident.0, name_place(&id), new)?;
    insert_into(recoveries::table)
        .values((
            recoveries::id.eq(Sql(id)),
            recoveries::resident_id.eq(resident),
            recoveries::sheet_id.eq(sheet),
            recoveries::state.eq(WAITING),
            recoveries::started_at.eq(now),
            recoveries::holder_kind.eq(new.holder.kind()),
            recoveries::holder_hash.eq(new.holder.hash().to_vec()),
            recoveries::pin_hash.eq(new.pin.to_stored()),
            recoveries::name_sealed.eq(name),
        ))
        .execute(tx.conn())?;
    security::note(tx, resident.0, Happened::new(SecurityEvent::RecoveryStarted))?;
    Ok(Some(Progress::Waiting(tx.now() + RECOVERY_DELAY)))
}

/// Whether any practice of the resident knows them with this birth date.
fn born_on(tx: &mut Tx<'_>, resident: ResidentId, birth_date: Date) -> Result<bool, StoreError> {
    let known: Vec<(Sql<PatientId>, Vec<u8>)> = patients::table
        .filter(patients::resident_id.eq(Some(Sql(resident))))
        .select((patients::id, patients::birth_date_key))
        .load(tx.conn())?;
    let mut agrees = false;
    for (patient, key) in known {
        agrees |= birth_date_agrees(tx, patient.0, birth_date, &key)?;
    }
    Ok(agrees)
}

type Row = (Sql<RecoveryId>, Instant, newcomers::Columns);

fn running(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Option<Row>, StoreError> {
    let row: Option<Row> = recoveries::table
        .filter(recoveries::resident_id.eq(Sql(resident)))
        .filter(recoveries::state.eq(WAITING))
        .order(recoveries::id.desc())
        .select((
            recoveries::id,
            recoveries::started_at,
            (recoveries::holder_kind, recoveries::holder_hash, recoveries::pin_hash, recoveries::name_sealed),
        ))
        .first(tx.conn())
        .optional()?;
    let lapsed = |row: &Row| recovery_stage(row.1.timestamp(), tx.now()) == RecoveryStage::Lapsed;
    Ok(row.filter(|row| !lapsed(row)))
}

/// The recovery that runs for the caller's account, if one does.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<Recovery>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let Some((id, started, columns)) = running(tx, resident)? else { return Ok(None) };
    let started_at = started.timestamp();
    let new = newcomers::read(tx, resident, name_place(&id.0), columns)?;
    Ok(Some(Recovery { started_at, ready_at: started_at + RECOVERY_DELAY, device_name: new.name }))
}

/// Stops the recovery of the caller's account. False when none runs.
///
/// # Errors
/// As [`own`].
pub fn cancel(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let runs = running(tx, resident)?.is_some();
    if runs {
        stop(tx, resident)?;
        security::note_by(tx, caller, Happened::new(SecurityEvent::RecoveryCancelled))?;
    }
    Ok(runs)
}

/// Stops whatever recovery runs for a resident.
pub(crate) fn stop(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    let waiting =
        recoveries::table.filter(recoveries::resident_id.eq(Sql(resident))).filter(recoveries::state.eq(WAITING));
    update(waiting).set((recoveries::state.eq(CANCELLED), recoveries::closed_at.eq(Some(now)))).execute(tx.conn())?;
    Ok(())
}

/// The new phone asks for the account. After the delay it gets it, and every earlier phone is cut off. None when code and
/// phone do not belong together, or it was stopped, or has lapsed.
///
/// # Errors
/// The database's.
pub fn complete(tx: &mut Tx<'_>, code: &OneTimeHash, holder: &Holder) -> Result<Option<Progress>, StoreError> {
    type Found = (Sql<RecoveryId>, Sql<ResidentId>, String, Instant, Option<Instant>, Option<Sql<DeviceId>>);
    let row: Option<Found> = recoveries::table
        .inner_join(recovery_sheets::table)
        .filter(recovery_sheets::code_hash.eq(code.as_bytes().to_vec()))
        .filter(recoveries::holder_hash.eq(holder.hash().to_vec()))
        .filter(recoveries::holder_kind.eq(holder.kind()))
        .select((
            recoveries::id,
            recoveries::resident_id,
            recoveries::state,
            recoveries::started_at,
            recoveries::closed_at,
            recoveries::device_id,
        ))
        .first(tx.conn())
        .optional()?;
    let Some((id, resident, state, started, closed, device)) = row else { return Ok(None) };
    let recent = closed.is_some_and(|at| tx.now().duration_since(at.timestamp()) < LOST_ANSWER);
    match (state.as_str(), recovery_stage(started.timestamp(), tx.now()), device) {
        (WAITING, RecoveryStage::Waiting, _) => Ok(Some(Progress::Waiting(started.timestamp() + RECOVERY_DELAY))),
        (WAITING, RecoveryStage::Ready, _) => finish(tx, id.0, resident.0).map(Some),
        (DONE, _, Some(device)) if recent && devices::bound(tx, resident.0)?.contains(&device.0) => {
            Ok(Some(Progress::Done(sessions::open_on_device(tx, device.0)?)))
        }
        (_, RecoveryStage::Waiting | RecoveryStage::Ready | RecoveryStage::Lapsed, _) => Ok(None),
    }
}

/// For how long an answer that was lost on the way can be asked for again.
const LOST_ANSWER: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

fn finish(tx: &mut Tx<'_>, id: RecoveryId, resident: ResidentId) -> Result<Progress, StoreError> {
    let columns: newcomers::Columns = recoveries::table
        .find(Sql(id))
        .select((recoveries::holder_kind, recoveries::holder_hash, recoveries::pin_hash, recoveries::name_sealed))
        .first(tx.conn())?;
    let new = newcomers::read(tx, resident, name_place(&id), columns)?;
    for earlier in devices::bound(tx, resident)? {
        devices::unbind(tx, earlier, EndReason::DeviceRevoked)?;
    }
    let device = devices::add(tx, resident, &new)?;
    let now = Instant::from(tx.now());
    update(recoveries::table.find(Sql(id)))
        .set((
            recoveries::state.eq(DONE),
            recoveries::closed_at.eq(Some(now)),
            recoveries::device_id.eq(Some(Sql(device))),
        ))
        .execute(tx.conn())?;
    security::note(tx, resident, Happened::to(SecurityEvent::RecoveryDone, device))?;
    Ok(Progress::Done(sessions::open_on_device(tx, device)?))
}

const fn name_place(id: &RecoveryId) -> Place<'_> {
    Place { column: NAME, row: id.as_bytes() }
}
