//! After a slip was used: the practice confirms that a letter reached its patient (SR-B05), or cuts the account off.

use diesel::{prelude::*, update};
use nahraum_domain::{
    access::Basis,
    activation::{Binding, CONFIRMATION_TRIES, InvitationState},
    audit::{LogAction, LogEntry},
    ids::{DeviceId, InvitationId, PatientId, ResidentId},
    sessions::EndReason,
};

use super::represented;
use crate::{
    access::{Caller, Tx, log},
    db::types::{Instant, Sql},
    devices,
    error::StoreError,
    findings, notifications,
    schema::{invitations, patients, residents},
    sessions,
};

/// What became of a number that the practice typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It was the right one: what waited is delivered.
    Yes,
    /// It was another one.
    WrongNumber,
    /// Too many were wrong; only a new slip helps.
    Blocked,
    /// There is nothing to confirm.
    NotPending,
}

/// What a patient waits for.
type Pending = (Option<Sql<ResidentId>>, Option<Sql<PatientId>>, Option<Instant>, i32);

/// The number that the patient says to the practice: four digits, another one for each slip. It is computed and stored
/// nowhere, so that the database alone does not tell it.
pub(crate) fn number_of(tx: &mut Tx<'_>, patient: PatientId) -> Result<Option<u16>, StoreError> {
    let (own, since): (Option<Sql<PatientId>>, Option<Instant>) =
        patients::table.find(Sql(patient)).select((patients::pending_on, patients::pending_since)).first(tx.conn())?;
    // Who waits for another practice's confirmation has no number of their own.
    Ok(since.filter(|_| own.is_some_and(|on| on.0 == patient)).map(|since| number(tx, patient, since)))
}

fn number(tx: &Tx<'_>, patient: PatientId, since: Instant) -> u16 {
    let mut value = patient.as_bytes().to_vec();
    value.extend_from_slice(&since.timestamp().as_microsecond().to_be_bytes());
    let hash = tx.keys().lookups.hash("patients.confirmation", &value);
    let head = hash.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
    // 2^64 is so much larger than 10,000 that no number is likelier than another.
    u16::try_from(u64::from_be_bytes(head) % 10_000).unwrap_or_default()
}

/// Another slip was used for a patient who has an account.
pub(super) fn rebind(
    tx: &mut Tx<'_>,
    patient: PatientId,
    resident: ResidentId,
    binding: Binding,
    pending: bool,
) -> Result<(), StoreError> {
    if pending {
        let now = Instant::from(tx.now());
        update(patients::table.filter(patients::resident_id.eq(Some(Sql(resident)))))
            .set((patients::pending_on.eq(Some(Sql(patient))), patients::pending_since.eq(Some(now))))
            .execute(tx.conn())?;
        update(patients::table.find(Sql(patient)))
            .set((patients::binding.eq(Some(binding.as_str())), patients::confirm_tries.eq(0)))
            .execute(tx.conn())?;
        return Ok(());
    }
    update(patients::table.find(Sql(patient))).set(patients::binding.eq(Some(binding.as_str()))).execute(tx.conn())?;
    let own: Option<Sql<PatientId>> =
        patients::table.find(Sql(patient)).select(patients::pending_on).first(tx.conn())?;
    if own.is_some() { settle(tx, patient) } else { Ok(()) }
}

/// Ends the waiting of this patient, and of those who wait for the same confirmation.
fn settle(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StoreError> {
    let waiting: Vec<(Sql<PatientId>, Option<Sql<ResidentId>>)> = patients::table
        .filter(patients::pending_on.eq(Some(Sql(patient))).or(patients::id.eq(Sql(patient))))
        .select((patients::id, patients::resident_id))
        .load(tx.conn())?;
    for (id, resident) in waiting {
        update(patients::table.find(id))
            .set((
                patients::pending_on.eq(None::<Sql<PatientId>>),
                patients::pending_since.eq(None::<Instant>),
                patients::confirm_tries.eq(0),
            ))
            .execute(tx.conn())?;
        if let Some(resident) = resident {
            findings::deliver_waiting(tx, id.0, resident.0)?;
        }
    }
    Ok(())
}

/// A used invitation of the caller's practice: its patient, the phone that used it, when, and whether it was cut off.
type Used = (Sql<PatientId>, Option<Sql<DeviceId>>, Option<Instant>, Option<Instant>);

fn used(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<Option<Used>, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    Ok(invitations::table
        .find(Sql(id))
        .filter(invitations::practice_id.eq(Sql(practice)))
        .filter(invitations::state.eq(InvitationState::Used.as_str()))
        .select((invitations::patient_id, invitations::device_id, invitations::closed_at, invitations::cut_off_at))
        .first(tx.conn())
        .optional()?)
}

/// Confirms with the number the patient said. None when the caller's practice has no such used invitation.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn confirm(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: InvitationId,
    said: u16,
) -> Result<Option<Confirmed>, StoreError> {
    let Some((patient, _, _, None)) = used(tx, caller, id)? else { return Ok(None) };
    let (resident, on, since, tries): Pending = patients::table
        .find(patient)
        .select((patients::resident_id, patients::pending_on, patients::pending_since, patients::confirm_tries))
        .first(tx.conn())?;
    let (Some(resident), Some(since)) = (resident, since) else { return Ok(Some(Confirmed::NotPending)) };
    if on.is_none_or(|on| on.0 != patient.0) {
        return Ok(Some(Confirmed::NotPending));
    }
    if tries >= CONFIRMATION_TRIES {
        return Ok(Some(Confirmed::Blocked));
    }
    if number(tx, patient.0, since) != said {
        update(patients::table.find(patient))
            .set(patients::confirm_tries.eq(patients::confirm_tries + 1))
            .execute(tx.conn())?;
        return Ok(Some(Confirmed::WrongNumber));
    }
    settle(tx, patient.0)?;
    note(tx, caller, LogAction::Confirm, resident.0)?;
    notifications::something_new(tx, resident.0)?;
    Ok(Some(Confirmed::Yes))
}

/// "Not my patient": everything of this practice leaves the account at once. An account that has no other practice is
/// signed out everywhere; a phone that this slip had brought to an existing account is cut off. None when the caller's
/// practice has no such used invitation; false when its account was cut off before.
///
/// # Errors
/// As [`confirm`].
pub fn cut_off(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<Option<bool>, StoreError> {
    let Some((patient, device, used_at, cut_off_at)) = used(tx, caller, id)? else { return Ok(None) };
    let resident: Option<Sql<ResidentId>> =
        patients::table.find(patient).select(patients::resident_id).first(tx.conn())?;
    let (Some(resident), None) = (resident, cut_off_at) else { return Ok(Some(false)) };
    let now = Instant::from(tx.now());
    // Every slip of this patient that led into the account.
    update(
        invitations::table
            .filter(invitations::patient_id.eq(patient))
            .filter(invitations::state.eq(InvitationState::Used.as_str()))
            .filter(invitations::cut_off_at.is_null()),
    )
    .set(invitations::cut_off_at.eq(Some(now)))
    .execute(tx.conn())?;
    findings::take_from(tx, patient.0)?;
    represented::end_of_patient(tx, caller, patient.0)?;
    update(patients::table.find(patient))
        .set((
            patients::resident_id.eq(None::<Sql<ResidentId>>),
            patients::linked_at.eq(None::<Instant>),
            patients::binding.eq(None::<String>),
            patients::pending_on.eq(None::<Sql<PatientId>>),
            patients::pending_since.eq(None::<Instant>),
            patients::confirm_tries.eq(0),
        ))
        .execute(tx.conn())?;
    release_others(tx, patient.0)?;
    note(tx, caller, LogAction::Unlink, resident.0)?;
    leave(tx, resident.0, device.map(|d| d.0), used_at)?;
    Ok(Some(true))
}

/// Those who waited for this practice's word are asked each by their own practice now.
fn release_others(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StoreError> {
    update(patients::table.filter(patients::pending_on.eq(Some(Sql(patient)))))
        .set(patients::pending_on.eq(patients::id.nullable()))
        .execute(tx.conn())?;
    Ok(())
}

fn leave(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    device: Option<DeviceId>,
    used_at: Option<Instant>,
) -> Result<(), StoreError> {
    let others: i64 =
        patients::table.filter(patients::resident_id.eq(Some(Sql(resident)))).count().get_result(tx.conn())?;
    if others == 0 {
        sessions::end_others(tx, resident, None)?;
        return Ok(());
    }
    let created: Instant = residents::table.find(Sql(resident)).select(residents::created_at).first(tx.conn())?;
    let took_over = used_at.is_some_and(|at| at.timestamp() > created.timestamp());
    match device {
        Some(device) if took_over => devices::unbind(tx, device, EndReason::DeviceRevoked),
        Some(_) | None => Ok(()),
    }
}

fn note(tx: &mut Tx<'_>, caller: &Caller<'_>, action: LogAction, resident: ResidentId) -> Result<(), StoreError> {
    let entry =
        LogEntry { resident: Some(resident), basis: Some(Basis::TreatmentDelivery), ..tx.entry(caller, action) };
    Ok(log::insert_with(tx, &entry)?)
}
