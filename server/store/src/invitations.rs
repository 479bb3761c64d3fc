//! Room invitations: slips for a practice's own patients, and what becomes of them.
//!
//! Nothing here knows a code: only hashes come in. The counting rule is `domain::activation`.

use diesel::{insert_into, prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    activation::{self, InvitationState},
    audit::{LogAction, LogEntry},
    disclosure::PracticeName,
    ids::{DeviceId, InvitationId, PatientId, PracticeId, ResidentId},
    private::Private,
};
use nahraum_secrets::{DeviceHash, EnteredCode, Lookup, PasswordHash, QrHash};

use crate::{
    access::{Caller, Tx, log},
    accounts::{self, NewDevice},
    consents::{self, AgreedText},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    findings,
    practices::{self, birth_date_agrees, reference_key, reference_place},
    schema::{devices, invitations, patients, practices as practice_rows},
    sessions::{self, OpenedSession},
};

/// An invitation to make.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// The practice's own number for the patient.
    pub reference: Private<String>,
    /// The patient's birth date.
    pub birth_date: Private<Date>,
    /// The language of the slip, as a tag.
    pub language: String,
    /// The day of the consent on paper.
    pub paper_consent_on: Option<Date>,
}

/// The hashes of a fresh code.
#[derive(Debug, Clone)]
pub struct CodeHashes {
    /// The clear part of the manual code.
    pub lookup: Lookup,
    /// The hash of its secret part.
    pub secret: PasswordHash,
    /// The hash of the QR code.
    pub qr: QrHash,
}

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The invitation.
    pub id: InvitationId,
    /// The practice's own number for the patient.
    pub reference: Private<String>,
    /// Where it stands now.
    pub state: InvitationState,
    /// The language of the slip, as a tag.
    pub language: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
    /// The day of the consent on paper.
    pub paper_consent_on: Option<Date>,
}

/// Why an invitation cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotInvited {
    /// The patient is known here with another birth date, and something already depends on it.
    BirthDateDiffers,
    /// Too many codes of this patient were burnt; wait until then.
    Blocked(Timestamp),
    /// The look-up part is taken; make another code.
    LookupTaken,
}

/// Makes an invitation; the patient's earlier open ones end.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn create(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    new: &NewInvitation,
    code: &CodeHashes,
) -> Result<Result<Invitation, NotInvited>, StoreError> {
    let (person, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let patient = match find_or_create_patient(tx, practice, new)? {
        Ok(patient) => patient,
        Err(reason) => return Ok(Err(reason)),
    };
    if let Some(reason) = hindrance(tx, patient, code)? {
        return Ok(Err(reason));
    }
    close_open(tx, patient)?;
    let id = tx.new_id(InvitationId::new);
    let expires_at = tx.now() + activation::INVITATION_LIFETIME;
    insert_into(invitations::table)
        .values((
            invitations::id.eq(Sql(id)),
            invitations::practice_id.eq(Sql(practice)),
            invitations::patient_id.eq(Sql(patient)),
            invitations::created_by.eq(Sql(person)),
            invitations::language.eq(&new.language),
            invitations::lookup.eq(code.lookup.as_str()),
            invitations::secret_hash.eq(code.secret.to_stored()),
            invitations::qr_hash.eq(code.qr.as_bytes().to_vec()),
            invitations::state.eq(InvitationState::Open.as_str()),
            invitations::tries.eq(0),
            invitations::created_at.eq(Instant::from(tx.now())),
            invitations::expires_at.eq(Instant::from(expires_at)),
        ))
        .execute(tx.conn())?;
    one(tx, caller, id)?.map(Ok).ok_or(StoreError::Corrupt("invitations"))
}

/// Gives an invitation fresh codes and a fresh fortnight, for printing: the old codes are dead, so that a lost slip is
/// worth nothing. None when there is no such invitation or it can no longer be used.
///
/// # Errors
/// As [`create`].
pub fn renew(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: InvitationId,
    code: &CodeHashes,
) -> Result<Option<Result<Invitation, NotInvited>>, StoreError> {
    let Some(invitation) = one(tx, caller, id)? else { return Ok(None) };
    if !matches!(invitation.state, InvitationState::Open | InvitationState::Expired) {
        return Ok(None);
    }
    if lookup_taken(tx, code)? {
        return Ok(Some(Err(NotInvited::LookupTaken)));
    }
    let expires_at = tx.now() + activation::INVITATION_LIFETIME;
    update(invitations::table.find(Sql(id)))
        .set((
            invitations::lookup.eq(code.lookup.as_str()),
            invitations::secret_hash.eq(code.secret.to_stored()),
            invitations::qr_hash.eq(code.qr.as_bytes().to_vec()),
            invitations::expires_at.eq(Instant::from(expires_at)),
        ))
        .execute(tx.conn())?;
    Ok(Some(Ok(Invitation { state: InvitationState::Open, expires_at, ..invitation })))
}

/// Takes an open invitation of the caller's practice back. Returns whether there is one.
///
/// # Errors
/// As [`create`].
pub fn revoke(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<bool, StoreError> {
    let Some(invitation) = one(tx, caller, id)? else { return Ok(false) };
    if invitation.state == InvitationState::Open {
        close(tx, id, InvitationState::Revoked)?;
    }
    Ok(true)
}

type Row = (Sql<InvitationId>, Sql<PatientId>, Vec<u8>, String, String, Instant, Instant, Option<Instant>, Option<Day>);

/// One invitation of the caller's practice.
///
/// # Errors
/// As [`create`].
pub fn one(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let row: Option<Row> = invitations::table
        .inner_join(patients::table)
        .filter(invitations::id.eq(Sql(id)))
        .filter(invitations::practice_id.eq(Sql(practice)))
        .select(columns())
        .first(tx.conn())
        .optional()?;
    row.map(|row| read(tx, row)).transpose()
}

/// The invitations of the caller's practice, newest first, at most `limit` and older than `before`.
///
/// # Errors
/// As [`create`].
pub fn list(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let mut query = invitations::table
        .inner_join(patients::table)
        .filter(invitations::practice_id.eq(Sql(practice)))
        .order(invitations::id.desc())
        .limit(limit)
        .select(columns())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(invitations::id.lt(Sql(before)));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    rows.into_iter().map(|row| read(tx, row)).collect()
}

type Columns = (
    invitations::id,
    invitations::patient_id,
    patients::reference_sealed,
    invitations::state,
    invitations::language,
    invitations::created_at,
    invitations::expires_at,
    invitations::closed_at,
    patients::paper_consent_on,
);

const fn columns() -> Columns {
    (
        invitations::id,
        invitations::patient_id,
        patients::reference_sealed,
        invitations::state,
        invitations::language,
        invitations::created_at,
        invitations::expires_at,
        invitations::closed_at,
        patients::paper_consent_on,
    )
}

fn read(tx: &Tx<'_>, row: Row) -> Result<Invitation, StoreError> {
    let (id, patient, reference, state, language, created, expires, closed, paper) = row;
    let reference = tx.vault().open_text(reference_place(patient.0.as_bytes()), reference)?;
    let stored = InvitationState::parse(&state).ok_or(StoreError::Corrupt("invitations.state"))?;
    let used_at = (stored == InvitationState::Used).then_some(closed).flatten();
    Ok(Invitation {
        id: id.0,
        reference: Private::new(reference),
        state: stored.as_of(tx.now(), expires.timestamp()),
        language,
        created_at: created.timestamp(),
        expires_at: expires.timestamp(),
        used_at: used_at.map(|at| at.timestamp()),
        paper_consent_on: paper.map(|day| day.date()),
    })
}

fn find_or_create_patient(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    new: &NewInvitation,
) -> Result<Result<PatientId, NotInvited>, StoreError> {
    let key = reference_key(tx, &new.reference);
    let known: Option<(Sql<PatientId>, Vec<u8>, Option<Sql<ResidentId>>)> = patients::table
        .filter(patients::practice_id.eq(Sql(practice)))
        .filter(patients::reference_key.eq(&key))
        .select((patients::id, patients::birth_date_key, patients::resident_id))
        .first(tx.conn())
        .optional()?;
    let paper = new.paper_consent_on.map(Day::from);
    let id = match known {
        None => return create_patient(tx, practice, new, key).map(Ok),
        Some((id, stored, resident)) => {
            if !birth_date_agrees(tx, id.0, *new.birth_date.reveal(), &stored)? {
                // A slip of the pen can be mended as long as nothing was matched with it.
                if resident.is_some() || findings::waits_for(tx, id.0)? {
                    return Ok(Err(NotInvited::BirthDateDiffers));
                }
                let key = tx.keys().birth_dates.hash(id.0, *new.birth_date.reveal());
                update(patients::table.find(id))
                    .set(patients::birth_date_key.eq(key.as_bytes().to_vec()))
                    .execute(tx.conn())?;
            }
            id.0
        }
    };
    if paper.is_some() {
        update(patients::table.find(Sql(id))).set(patients::paper_consent_on.eq(paper)).execute(tx.conn())?;
    }
    Ok(Ok(id))
}

fn create_patient(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    new: &NewInvitation,
    key: Vec<u8>,
) -> Result<PatientId, StoreError> {
    let id = tx.new_id(PatientId::new);
    let birth_date = tx.keys().birth_dates.hash(id, *new.birth_date.reveal());
    let sealed = tx.vault().seal_text(reference_place(id.as_bytes()), new.reference.reveal().trim());
    insert_into(patients::table)
        .values((
            patients::id.eq(Sql(id)),
            patients::practice_id.eq(Sql(practice)),
            patients::reference_key.eq(key),
            patients::reference_sealed.eq(sealed),
            patients::birth_date_key.eq(birth_date.as_bytes().to_vec()),
            patients::paper_consent_on.eq(new.paper_consent_on.map(Day::from)),
            patients::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

fn hindrance(tx: &mut Tx<'_>, patient: PatientId, code: &CodeHashes) -> Result<Option<NotInvited>, StoreError> {
    let since = tx.now() - activation::BURNT_CODES_WINDOW;
    let burnt: Vec<Option<Instant>> = invitations::table
        .filter(invitations::patient_id.eq(Sql(patient)))
        .filter(invitations::state.eq(InvitationState::Burnt.as_str()))
        .filter(invitations::closed_at.gt(Some(Instant::from(since))))
        .order(invitations::closed_at.desc())
        .limit(activation::BURNT_CODES_LIMIT)
        .select(invitations::closed_at)
        .load(tx.conn())?;
    let full = i64::try_from(burnt.len()).unwrap_or(i64::MAX) >= activation::BURNT_CODES_LIMIT;
    if let (true, Some(Some(last))) = (full, burnt.first()) {
        return Ok(Some(NotInvited::Blocked(last.timestamp() + activation::BURNT_CODES_WINDOW)));
    }
    Ok(lookup_taken(tx, code)?.then_some(NotInvited::LookupTaken))
}

fn lookup_taken(tx: &mut Tx<'_>, code: &CodeHashes) -> Result<bool, StoreError> {
    let taken: i64 =
        invitations::table.filter(invitations::lookup.eq(code.lookup.as_str())).count().get_result(tx.conn())?;
    Ok(taken > 0)
}

fn close_open(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(
        invitations::table
            .filter(invitations::patient_id.eq(Sql(patient)))
            .filter(invitations::state.eq(InvitationState::Open.as_str())),
    )
    .set((invitations::state.eq(InvitationState::Revoked.as_str()), invitations::closed_at.eq(Some(now))))
    .execute(tx.conn())?;
    Ok(())
}

fn close(tx: &mut Tx<'_>, id: InvitationId, state: InvitationState) -> Result<bool, StoreError> {
    let now = Instant::from(tx.now());
    let changed =
        update(invitations::table.find(Sql(id)).filter(invitations::state.eq(InvitationState::Open.as_str())))
            .set((invitations::state.eq(state.as_str()), invitations::closed_at.eq(Some(now))))
            .execute(tx.conn())?;
    Ok(changed == 1)
}

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
    /// The device that used it, by the hash of its secret.
    pub used_by: Option<(DeviceId, DeviceHash)>,
    /// When it was used, revoked or burnt.
    pub closed_at: Option<Timestamp>,
}

/// The invitation a code points to: by its hash for a QR code, by its clear part for a manual one.
///
/// # Errors
/// The database's.
pub fn behind(tx: &mut Tx<'_>, code: &EnteredCode, birth_date: Date) -> Result<Option<CodeHolder>, StoreError> {
    type Found =
        (Sql<InvitationId>, Sql<PatientId>, String, String, Instant, Option<Instant>, Vec<u8>, Option<Sql<DeviceId>>);
    let mut query = invitations::table
        .inner_join(patients::table)
        .select((
            invitations::id,
            invitations::patient_id,
            invitations::secret_hash,
            invitations::state,
            invitations::expires_at,
            invitations::closed_at,
            patients::birth_date_key,
            invitations::device_id,
        ))
        .into_boxed();
    query = match code {
        EnteredCode::Qr { hash } => query.filter(invitations::qr_hash.eq(hash.as_bytes().to_vec())),
        EnteredCode::Manual(manual) => query.filter(invitations::lookup.eq(manual.lookup().as_str().to_owned())),
    };
    let found: Option<Found> = query.first(tx.conn()).optional()?;
    let Some((id, patient, secret, state, expires, closed, birth, device)) = found else { return Ok(None) };
    let stored = InvitationState::parse(&state).ok_or(StoreError::Corrupt("invitations.state"))?;
    Ok(Some(CodeHolder {
        id: id.0,
        secret: PasswordHash::from_stored(&secret).map_err(|_| StoreError::Corrupt("invitations.secret_hash"))?,
        state: stored.as_of(tx.now(), expires.timestamp()),
        birth_date_right: birth_date_agrees(tx, patient.0, birth_date, &birth)?,
        used_by: device.map(|device| device_secret(tx, device.0)).transpose()?,
        closed_at: closed.map(|at| at.timestamp()),
    }))
}

fn device_secret(tx: &mut Tx<'_>, id: DeviceId) -> Result<(DeviceId, DeviceHash), StoreError> {
    let hash: Vec<u8> = devices::table.find(Sql(id)).select(devices::secret_hash).first(tx.conn())?;
    let hash: [u8; 32] = hash.try_into().map_err(|_| StoreError::Corrupt("devices.secret_hash"))?;
    Ok((id, DeviceHash::from_bytes(hash)))
}

/// Counts a try against a code and burns it when it was one too many. Returns whether it burnt.
///
/// # Errors
/// The database's.
pub fn count_try(tx: &mut Tx<'_>, id: InvitationId) -> Result<bool, StoreError> {
    update(invitations::table.find(Sql(id))).set(invitations::tries.eq(invitations::tries + 1)).execute(tx.conn())?;
    let tries: i32 = invitations::table.find(Sql(id)).select(invitations::tries).first(tx.conn())?;
    if tries >= activation::TRIES_PER_CODE { close(tx, id, InvitationState::Burnt) } else { Ok(false) }
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
}

/// What came out of it.
#[derive(Debug)]
pub struct Activated {
    /// The resident.
    pub resident: ResidentId,
    /// The practice that had given the slip.
    pub practice: PracticeName,
    /// The session that begins.
    pub session: OpenedSession,
}

/// Uses an open invitation: the patient becomes a resident (or, when they already are one, gets a new phone and loses
/// the old ones), the consent is recorded, and everything that waited is delivered. None when somebody was faster.
///
/// # Errors
/// The database's.
pub fn activate(tx: &mut Tx<'_>, id: InvitationId, new: &NewActivation) -> Result<Option<Activated>, StoreError> {
    if !close(tx, id, InvitationState::Used)? {
        return Ok(None);
    }
    let (patient, practice) = patient_of(tx, id)?;
    let linked: Option<Sql<ResidentId>> =
        patients::table.find(Sql(patient)).select(patients::resident_id).first(tx.conn())?;
    let resident = match linked {
        Some(resident) => {
            for device in accounts::devices_of(tx, resident.0)? {
                sessions::unbind_device(tx, device)?;
            }
            resident.0
        }
        None => accounts::create(tx, &new.language)?,
    };
    let device = accounts::add_device(tx, resident, &new.device)?;
    update(invitations::table.find(Sql(id))).set(invitations::device_id.eq(Some(Sql(device)))).execute(tx.conn())?;
    consents::record(tx, resident, Some(device), &new.consent)?;
    let session = sessions::open_on_device(tx, device)?;
    let who = sessions::authenticate(tx, &(&session.token).into())?;
    note(tx, &who, LogAction::Activate)?;
    if linked.is_none() {
        link_patient(tx, patient, resident)?;
    }
    Ok(Some(Activated { resident, practice, session }))
}

/// The answer to an activation that had already succeeded on the same phone, when the first answer was lost.
///
/// # Errors
/// The database's.
pub fn activate_again(tx: &mut Tx<'_>, id: InvitationId, device: DeviceId) -> Result<Activated, StoreError> {
    let (_, practice) = patient_of(tx, id)?;
    let session = sessions::open_on_device(tx, device)?;
    let resident: Sql<ResidentId> = devices::table.find(Sql(device)).select(devices::resident_id).first(tx.conn())?;
    Ok(Activated { resident: resident.0, practice, session })
}

/// Uses an open invitation inside an account: another practice may deliver from now on. None when somebody was
/// faster, or when the patient already is another resident.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn link(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<Option<PracticeName>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let (patient, practice) = patient_of(tx, id)?;
    let linked: Option<Sql<ResidentId>> =
        patients::table.find(Sql(patient)).select(patients::resident_id).first(tx.conn())?;
    if linked.is_some_and(|other| other.0 != resident) || !close(tx, id, InvitationState::Used)? {
        return Ok(None);
    }
    if linked.is_none() {
        link_patient(tx, patient, resident)?;
    }
    note(tx, caller, LogAction::Link)?;
    Ok(Some(practice))
}

fn patient_of(tx: &mut Tx<'_>, id: InvitationId) -> Result<(PatientId, PracticeName), StoreError> {
    let (patient, practice, name): (Sql<PatientId>, Sql<PracticeId>, String) = invitations::table
        .inner_join(practice_rows::table)
        .filter(invitations::id.eq(Sql(id)))
        .select((invitations::patient_id, practice_rows::id, practice_rows::name))
        .first(tx.conn())?;
    Ok((patient.0, PracticeName { id: practice.0, name }))
}

fn link_patient(tx: &mut Tx<'_>, patient: PatientId, resident: ResidentId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(patients::table.find(Sql(patient)))
        .set((patients::resident_id.eq(Some(Sql(resident))), patients::linked_at.eq(Some(now))))
        .execute(tx.conn())?;
    findings::deliver_waiting(tx, patient, resident)
}

fn note(tx: &mut Tx<'_>, caller: &Caller<'_>, action: LogAction) -> Result<(), StoreError> {
    let entry = LogEntry { basis: Some(nahraum_domain::access::Basis::Own), ..tx.entry(caller, action) };
    let random = tx.random();
    Ok(log::insert_with(tx.conn(), random, &entry)?)
}

/// The name of the practice behind a resident's link, for the words on a slip.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn practice_of(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<PracticeName, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    Ok(PracticeName { id: practice, name: practices::name(tx, practice)? })
}
