//! Using an invitation: judging a try, activating an account, linking another practice.

use diesel::{prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    access::Actor,
    activation::{Binding, InvitationState, TRIES_PER_CODE},
    audit::{LogAction, LogActor, LogEntry},
    disclosure::PracticeName,
    ids::{DeviceId, InvitationId, PatientId, PracticeId, ResidentId},
    representation::SlipFor,
    security::SecurityEvent,
    sessions::EndReason,
};
use nahraum_secrets::{EnteredCode, PasswordHash};

use super::{close, confirmation};
use crate::{
    access::{Caller, Tx, log},
    accounts,
    consents::{self, AgreedText, Evidence},
    db::types::{Instant, Sql},
    devices::{self, Holder, NewDevice},
    error::StoreError,
    findings,
    practices::birth_date_agrees,
    schema::{invitations, organisations, patients},
    security::{self, Happened},
    sessions::{self, OpenedSession},
};

/// What a code points to, for judging a try.
#[derive(Debug)]
pub struct CodeHolder {
    /// The invitation.
    pub id: InvitationId,
    /// The hash of the manual code's secret part.
    pub secret: PasswordHash,
    /// Where the invitation stands now.
    pub state: InvitationState,
    /// Whether the birth date is the patient's.
    pub birth_date_right: bool,
    /// The device that used it, and what it shows.
    pub used_by: Option<(DeviceId, Holder)>,
    /// When it was used, revoked or burnt.
    pub closed_at: Option<Timestamp>,
    /// For whom it is.
    pub is_for: SlipFor,
}

/// The invitation a code points to: by its hash for a QR code, by its clear part for a manual one.
///
/// # Errors
/// The database's.
pub fn behind(tx: &mut Tx<'_>, code: &EnteredCode, birth_date: Date) -> Result<Option<CodeHolder>, StoreError> {
    type Found = (
        Sql<InvitationId>,
        Sql<PatientId>,
        String,
        String,
        Instant,
        Option<Instant>,
        (Vec<u8>, String),
        Option<Sql<DeviceId>>,
    );
    let mut query = invitations::table
        .inner_join(patients::table)
        .select((
            invitations::id,
            invitations::patient_id,
            invitations::secret_hash,
            invitations::state,
            invitations::expires_at,
            invitations::closed_at,
            (patients::birth_date_key, invitations::is_for),
            invitations::device_id,
        ))
        .into_boxed();
    query = match code {
        EnteredCode::Qr { hash } => query.filter(invitations::qr_hash.eq(hash.as_bytes().to_vec())),
        EnteredCode::Manual(manual) => query.filter(invitations::lookup.eq(manual.lookup().as_str().to_owned())),
    };
    let found: Option<Found> = query.first(tx.conn()).optional()?;
    let Some((id, patient, secret, state, expires, closed, (birth, is_for), device)) = found else { return Ok(None) };
    let stored = InvitationState::parse(&state).ok_or(StoreError::Corrupt("invitations.state"))?;
    Ok(Some(CodeHolder {
        id: id.0,
        secret: PasswordHash::from_stored(&secret).map_err(|_| StoreError::Corrupt("invitations.secret_hash"))?,
        state: stored.as_of(tx.now(), expires.timestamp()),
        birth_date_right: birth_date_agrees(tx, patient.0, birth_date, &birth)?,
        used_by: device.map(|id| Ok::<_, StoreError>((id.0, devices::holder(tx, id.0)?))).transpose()?,
        closed_at: closed.map(|at| at.timestamp()),
        is_for: SlipFor::parse(&is_for).ok_or(StoreError::Corrupt("invitations.is_for"))?,
    }))
}

/// Counts a try against a code and burns it when it was one too many. Returns whether it burnt.
///
/// # Errors
/// The database's.
pub fn count_try(tx: &mut Tx<'_>, id: InvitationId) -> Result<bool, StoreError> {
    update(invitations::table.find(Sql(id))).set(invitations::tries.eq(invitations::tries + 1)).execute(tx.conn())?;
    let tries: i32 = invitations::table.find(Sql(id)).select(invitations::tries).first(tx.conn())?;
    if tries >= TRIES_PER_CODE { close(tx, id, InvitationState::Burnt) } else { Ok(false) }
}

/// What an activation brings.
#[derive(Debug, Clone)]
pub struct NewActivation {
    /// The phone.
    pub device: NewDevice,
    /// The language, as a tag.
    pub language: String,
    /// The consent that was read.
    pub consent: AgreedText,
    /// How it came about.
    pub evidence: Option<Evidence>,
}

/// Why an activation did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotActivated {
    /// Somebody was faster.
    TooLate,
    /// The key or secret already belongs to someone on this phone: each person has their own.
    DeviceTaken,
}

/// What came out of it.
#[derive(Debug)]
pub struct Activated {
    /// The resident.
    pub resident: ResidentId,
    /// The practice that had given the slip.
    pub practice: PracticeName,
    /// The number to say to the practice before it delivers; none when nothing has to be confirmed.
    pub confirmation_number: Option<u16>,
    /// The session that begins.
    pub session: OpenedSession,
}

/// Uses an open invitation: the patient becomes a resident (or, when they already are one, gets a new phone and loses
/// the old ones), the consent is recorded, and everything that waited is delivered. When a letter has to be confirmed,
/// nothing is delivered yet; and an account that a letter has brought to another phone shows nothing at all until then,
/// because the letter was weaker than what the account had been bound with.
///
/// # Errors
/// The database's.
pub fn activate(
    tx: &mut Tx<'_>,
    id: InvitationId,
    new: &NewActivation,
    confirm_letter: bool,
) -> Result<Result<Activated, NotActivated>, StoreError> {
    if devices::taken(tx, &new.device.holder)? {
        return Ok(Err(NotActivated::DeviceTaken));
    }
    if !close(tx, id, InvitationState::Used)? {
        return Ok(Err(NotActivated::TooLate));
    }
    let (patient, practice, binding) = patient_of(tx, id)?;
    let linked: Option<Sql<ResidentId>> =
        patients::table.find(Sql(patient)).select(patients::resident_id).first(tx.conn())?;
    let resident = match linked {
        Some(resident) => {
            for device in devices::bound(tx, resident.0)? {
                devices::unbind(tx, device, EndReason::DeviceRevoked)?;
            }
            resident.0
        }
        None => accounts::create(tx, &new.language)?,
    };
    let device = devices::add(tx, resident, &new.device)?;
    update(invitations::table.find(Sql(id))).set(invitations::device_id.eq(Some(Sql(device)))).execute(tx.conn())?;
    let own = LogActor::Resident(resident);
    consents::record(tx, resident, own, Some(device), &new.consent, new.evidence.as_ref())?;
    let session = sessions::open_on_device(tx, device)?;
    let who = Caller::new(Actor::Resident(resident), None);
    note(tx, &who, LogAction::Activate)?;
    let pending = binding == Binding::Letter && confirm_letter;
    if linked.is_some() {
        security::note(tx, resident, Happened::to(SecurityEvent::DeviceBySlip, device))?;
        confirmation::rebind(tx, patient, resident, binding, pending)?;
    } else {
        link_patient(tx, patient, resident, binding, pending)?;
    }
    let confirmation_number = confirmation::number_of(tx, patient)?;
    Ok(Ok(Activated { resident, practice, confirmation_number, session }))
}

/// The answer to an activation that had already succeeded on the same phone, when the first answer was lost.
///
/// # Errors
/// The database's.
pub fn activate_again(tx: &mut Tx<'_>, id: InvitationId, device: DeviceId) -> Result<Activated, StoreError> {
    let (patient, practice, _) = patient_of(tx, id)?;
    let session = sessions::open_on_device(tx, device)?;
    let resident = devices::resident_of(tx, device)?;
    let confirmation_number = confirmation::number_of(tx, patient)?;
    Ok(Activated { resident, practice, confirmation_number, session })
}

/// Uses an open invitation inside an account: another practice may deliver from now on. None when somebody was
/// faster, or when the patient already is another resident.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn link(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: InvitationId,
    confirm_letter: bool,
) -> Result<Option<PracticeName>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let (patient, practice, binding) = patient_of(tx, id)?;
    let linked: Option<Sql<ResidentId>> =
        patients::table.find(Sql(patient)).select(patients::resident_id).first(tx.conn())?;
    if linked.is_some_and(|other| other.0 != resident) || !close(tx, id, InvitationState::Used)? {
        return Ok(None);
    }
    let pending = binding == Binding::Letter && confirm_letter;
    match (linked, binding) {
        (None, _) => link_patient(tx, patient, resident, binding, pending)?,
        (Some(_), Binding::InPerson) => confirmation::rebind(tx, patient, resident, binding, false)?,
        // The account has this practice already, and a letter adds nothing to what is known of the person.
        (Some(_), Binding::Letter) => {}
    }
    note(tx, caller, LogAction::Link)?;
    Ok(Some(practice))
}

pub(super) fn patient_of(tx: &mut Tx<'_>, id: InvitationId) -> Result<(PatientId, PracticeName, Binding), StoreError> {
    let (patient, practice, name, binding): (Sql<PatientId>, Sql<PracticeId>, String, String) = invitations::table
        .inner_join(organisations::table)
        .filter(invitations::id.eq(Sql(id)))
        .select((invitations::patient_id, organisations::id, organisations::name, invitations::binding))
        .first(tx.conn())?;
    let binding = Binding::parse(&binding).ok_or(StoreError::Corrupt("invitations.binding"))?;
    Ok((patient.0, PracticeName { id: practice.0, name }, binding))
}

pub(super) fn link_patient(
    tx: &mut Tx<'_>,
    patient: PatientId,
    resident: ResidentId,
    binding: Binding,
    pending: bool,
) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(patients::table.find(Sql(patient)))
        .set((
            patients::resident_id.eq(Some(Sql(resident))),
            patients::linked_at.eq(Some(now)),
            patients::binding.eq(Some(binding.as_str())),
            patients::pending_on.eq(pending.then_some(Sql(patient))),
            patients::pending_since.eq(pending.then_some(now)),
            patients::confirm_tries.eq(0),
        ))
        .execute(tx.conn())?;
    if pending { Ok(()) } else { findings::deliver_waiting(tx, patient, resident) }
}

pub(super) fn note(tx: &mut Tx<'_>, caller: &Caller<'_>, action: LogAction) -> Result<(), StoreError> {
    let basis = caller.basis();
    let entry = LogEntry { basis: Some(basis), consent: caller.acts_by(), ..tx.entry(caller, action) };
    Ok(log::insert_with(tx, &entry)?)
}
