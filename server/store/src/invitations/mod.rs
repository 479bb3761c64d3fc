//! Room invitations: slips for a practice's own patients, and what becomes of them.
//!
//! Nothing here knows a code: only hashes come in. The counting rule is `domain::activation`.

mod activation;
mod confirmation;
mod patients;
mod represented;

use diesel::{insert_into, prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    activation::{BURNT_CODES_LIMIT, BURNT_CODES_WINDOW, Binding, InvitationState},
    disclosure::PracticeName,
    ids::{InvitationId, PatientId, PracticeId, ResidentId},
    private::Private,
};
use nahraum_secrets::{Lookup, PasswordHash, QrHash};

pub use activation::{
    Activated, CodeHolder, NewActivation, NotActivated, activate, activate_again, behind, count_try, link,
};
pub(crate) use confirmation::number_of;
pub use confirmation::{Confirmed, confirm, cut_off};
pub use represented::{Attestation, Claim, Represented, represent, withdraw_attestation};

use crate::{
    access::{Caller, Tx},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    practices::{self, open_reference},
    schema::{invitations, patients as patient_rows},
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
    /// How the slip travels.
    pub binding: Binding,
    /// For whom the slip is.
    pub attestation: Attestation,
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
    /// How the slip travels.
    pub binding: Binding,
    /// For whom the slip is.
    pub attestation: Attestation,
    /// What became of the link between the patient and the account; none before the slip was used.
    pub link: Option<LinkState>,
    /// The account behind it, as long as the practice delivers into it.
    pub account: Option<ResidentId>,
}

/// What became of a used invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// The practice delivers into the account.
    Linked,
    /// The practice must confirm first.
    Pending,
    /// The practice cut it off.
    CutOff(Timestamp),
}

impl LinkState {
    /// A stable word for it, in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Pending => "pending-confirmation",
            Self::CutOff(_) => "cut-off",
        }
    }
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
    let patient = match patients::find_or_create(tx, practice, new)? {
        Ok(patient) => patient,
        Err(reason) => return Ok(Err(reason)),
    };
    if let Some(reason) = hindrance(tx, patient, code)? {
        return Ok(Err(reason));
    }
    close_open(tx, patient)?;
    let id = tx.new_id(InvitationId::new);
    let expires_at = tx.now() + new.binding.lifetime();
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
            invitations::binding.eq(new.binding.as_str()),
            (
                invitations::is_for.eq(new.attestation.is_for.as_str()),
                invitations::represents_until.eq(new.attestation.until.map(Day::from)),
                invitations::court_file_sealed.eq(represented::seal_court_file(tx, practice, id, &new.attestation)?),
            ),
        ))
        .execute(tx.conn())?;
    one(tx, caller, id)?.map(Ok).ok_or(StoreError::Corrupt("invitations"))
}

/// Gives an invitation fresh codes and a fresh lifetime, for printing: the old codes are dead, so that a lost slip is
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
    let expires_at = tx.now() + invitation.binding.lifetime();
    update(invitations::table.find(Sql(id)))
        .set((
            invitations::lookup.eq(code.lookup.as_str()),
            invitations::secret_hash.eq(code.secret.to_stored()),
            invitations::qr_hash.eq(code.qr.as_bytes().to_vec()),
            // Tries count against a code, and this is another one.
            invitations::tries.eq(0),
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
    let known = one(tx, caller, id)?.is_some();
    if known {
        // Also one whose time is over: it could be printed again otherwise.
        close(tx, id, InvitationState::Revoked)?;
    }
    Ok(known)
}

type Row = (
    (Sql<InvitationId>, String, String, Instant, Instant, Option<Instant>, String, Option<Instant>),
    (Sql<PatientId>, Sql<PracticeId>, Vec<u8>, Option<Day>, Option<Sql<PatientId>>, Option<Sql<ResidentId>>),
    represented::Row,
);

/// One invitation of the caller's practice.
///
/// # Errors
/// As [`create`].
pub fn one(tx: &mut Tx<'_>, caller: &Caller<'_>, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let row: Option<Row> = invitations::table
        .inner_join(patient_rows::table)
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
        .inner_join(patient_rows::table)
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
    (
        invitations::id,
        invitations::state,
        invitations::language,
        invitations::created_at,
        invitations::expires_at,
        invitations::closed_at,
        invitations::binding,
        invitations::cut_off_at,
    ),
    (
        patient_rows::id,
        patient_rows::practice_id,
        patient_rows::reference_sealed,
        patient_rows::paper_consent_on,
        patient_rows::pending_on,
        patient_rows::resident_id,
    ),
    (invitations::is_for, invitations::represents_until, invitations::court_file_sealed),
);

const fn columns() -> Columns {
    (
        (
            invitations::id,
            invitations::state,
            invitations::language,
            invitations::created_at,
            invitations::expires_at,
            invitations::closed_at,
            invitations::binding,
            invitations::cut_off_at,
        ),
        (
            patient_rows::id,
            patient_rows::practice_id,
            patient_rows::reference_sealed,
            patient_rows::paper_consent_on,
            patient_rows::pending_on,
            patient_rows::resident_id,
        ),
        (invitations::is_for, invitations::represents_until, invitations::court_file_sealed),
    )
}

fn read(tx: &Tx<'_>, row: Row) -> Result<Invitation, StoreError> {
    let ((id, state, language, created, expires, closed, binding, cut_off), patient, attested) = row;
    let (patient, practice, reference, paper, pending, account) = patient;
    let reference = open_reference(tx, practice.0, patient.0, reference)?;
    let stored = InvitationState::parse(&state).ok_or(StoreError::Corrupt("invitations.state"))?;
    let used_at = (stored == InvitationState::Used).then_some(closed).flatten();
    let link = match (cut_off, pending) {
        (Some(at), _) => LinkState::CutOff(at.timestamp()),
        (None, Some(_)) => LinkState::Pending,
        (None, None) => LinkState::Linked,
    };
    Ok(Invitation {
        id: id.0,
        reference,
        state: stored.as_of(tx.now(), expires.timestamp()),
        language,
        created_at: created.timestamp(),
        expires_at: expires.timestamp(),
        used_at: used_at.map(|at| at.timestamp()),
        paper_consent_on: paper.map(|day| day.date()),
        binding: Binding::parse(&binding).ok_or(StoreError::Corrupt("invitations.binding"))?,
        attestation: represented::read(tx, practice.0, id.0, attested)?,
        link: used_at.map(|_| link),
        account: account.map(|id| id.0).filter(|_| used_at.is_some() && link == LinkState::Linked),
    })
}

fn hindrance(tx: &mut Tx<'_>, patient: PatientId, code: &CodeHashes) -> Result<Option<NotInvited>, StoreError> {
    let since = tx.now() - BURNT_CODES_WINDOW;
    let burnt: Vec<Option<Instant>> = invitations::table
        .filter(invitations::patient_id.eq(Sql(patient)))
        .filter(invitations::state.eq(InvitationState::Burnt.as_str()))
        .filter(invitations::closed_at.gt(Some(Instant::from(since))))
        .order(invitations::closed_at.desc())
        .limit(BURNT_CODES_LIMIT)
        .select(invitations::closed_at)
        .load(tx.conn())?;
    let full = i64::try_from(burnt.len()).unwrap_or(i64::MAX) >= BURNT_CODES_LIMIT;
    if let (true, Some(Some(last))) = (full, burnt.first()) {
        return Ok(Some(NotInvited::Blocked(last.timestamp() + BURNT_CODES_WINDOW)));
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

/// The caller's practice, for the words on a slip.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn practice_of(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<PracticeName, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    Ok(PracticeName { id: practice, name: practices::name(tx, practice)? })
}
