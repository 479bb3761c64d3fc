//! Room practices: what only practices have, upload credentials and patients of their own.

use diesel::{insert_into, prelude::*, update};
use jiff::{Timestamp, civil::Date};
use nahraum_domain::{
    ids::{CredentialId, OrganisationId, PatientId, PracticeId, ResidentId},
    matching::Candidate,
    private::Private,
};
use nahraum_secrets::{KeyedHash, Token, TokenKind};

use crate::{
    access::{Caller, Tx},
    consents,
    db::types::{Day, Instant, Sql},
    error::StoreError,
    findings::{KeyedPatient, patients_of_order},
    organisations,
    schema::{patients, upload_credentials},
    vault::{Place, Subject},
};

/// The purpose of the consent without which nothing is delivered.
const BASE: &str = "base";

/// An upload credential, without its secret.
#[derive(Debug)]
pub struct UploadCredential {
    /// The credential.
    pub id: CredentialId,
    /// Which software it is for.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was taken away.
    pub revoked_at: Option<Timestamp>,
}

/// What decides about a patient's finding.
#[derive(Debug, Clone, Copy)]
pub struct PatientFacts {
    /// The patient.
    pub id: PatientId,
    /// The resident, once activated.
    pub resident: Option<ResidentId>,
    /// Whether the practice still has to confirm the resident; until then findings wait (SR-B05).
    pub pending: bool,
    /// Whether there is a consent to deliver: the resident's own, or before the activation the one on paper.
    pub consented: bool,
}

/// The name of a practice.
///
/// # Errors
/// The database's.
pub fn name(tx: &mut Tx<'_>, id: PracticeId) -> Result<String, StoreError> {
    Ok(organisations::one(tx, OrganisationId::from(id))?.name)
}

/// Makes an upload credential for the caller's practice. The token is shown once.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn create_upload_credential(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    label: &str,
) -> Result<(UploadCredential, Token), StoreError> {
    let (person, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let id = tx.new_id(CredentialId::new);
    let token = Token::generate(tx.random(), TokenKind::Upload);
    let sealed = tx.vault().seal_text(Subject::Practice(practice), label_place(id.as_bytes()), label)?;
    insert_into(upload_credentials::table)
        .values((
            upload_credentials::id.eq(Sql(id)),
            upload_credentials::practice_id.eq(Sql(practice)),
            upload_credentials::created_by.eq(Sql(person)),
            upload_credentials::label_sealed.eq(sealed),
            upload_credentials::token_hash.eq(token.hash().as_bytes().to_vec()),
            upload_credentials::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    let credential = UploadCredential { id, label: label.to_owned(), created_at: tx.now(), revoked_at: None };
    Ok((credential, token))
}

/// The upload credentials of the caller's practice, newest first.
///
/// # Errors
/// As [`create_upload_credential`].
pub fn upload_credentials(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<UploadCredential>, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    type Row = (Sql<CredentialId>, Vec<u8>, Instant, Option<Instant>);
    let rows: Vec<Row> = upload_credentials::table
        .filter(upload_credentials::practice_id.eq(Sql(practice)))
        .order(upload_credentials::id.desc())
        .select((
            upload_credentials::id,
            upload_credentials::label_sealed,
            upload_credentials::created_at,
            upload_credentials::revoked_at,
        ))
        .load(tx.conn())?;
    let credential = |(id, label, created, revoked): Row| {
        Ok(UploadCredential {
            id: id.0,
            label: tx.vault().open_text(Subject::Practice(practice), label_place(id.0.as_bytes()), label)?,
            created_at: created.timestamp(),
            revoked_at: revoked.map(|at| at.timestamp()),
        })
    };
    rows.into_iter().map(credential).collect()
}

/// Takes an upload credential of the caller's practice away. Returns whether there is one.
///
/// # Errors
/// As [`create_upload_credential`].
pub fn revoke_upload_credential(tx: &mut Tx<'_>, caller: &Caller<'_>, id: CredentialId) -> Result<bool, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let now = Instant::from(tx.now());
    let mine = upload_credentials::table
        .filter(upload_credentials::id.eq(Sql(id)))
        .filter(upload_credentials::practice_id.eq(Sql(practice)));
    let known: i64 = mine.count().get_result(tx.conn())?;
    update(
        upload_credentials::table
            .filter(upload_credentials::id.eq(Sql(id)))
            .filter(upload_credentials::practice_id.eq(Sql(practice)))
            .filter(upload_credentials::revoked_at.is_null()),
    )
    .set(upload_credentials::revoked_at.eq(Some(now)))
    .execute(tx.conn())?;
    Ok(known > 0)
}

/// The practice's patients that any of these references points to.
///
/// # Errors
/// The database's.
pub fn candidates(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    references: &[Private<String>],
    birth_date: Option<Date>,
) -> Result<Vec<Candidate>, StoreError> {
    let keys: Vec<Vec<u8>> = references.iter().map(|r| reference_key(tx, r)).collect();
    let rows: Vec<KeyedPatient> = patients::table
        .filter(patients::practice_id.eq(Sql(practice)))
        .filter(patients::reference_key.eq_any(keys))
        .select((patients::id, patients::birth_date_key))
        .load(tx.conn())?;
    as_candidates(tx, rows, birth_date)
}

/// The patients whom the practice has ordered for under this number, the latest first.
///
/// # Errors
/// The database's.
pub fn ordered_for(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    number: Option<&Private<String>>,
    birth_date: Option<Date>,
) -> Result<Vec<Candidate>, StoreError> {
    let Some(number) = number else { return Ok(Vec::new()) };
    let rows = patients_of_order(tx, practice, number)?;
    as_candidates(tx, rows, birth_date)
}

/// Whose birth date it is.
fn as_candidates(tx: &Tx<'_>, rows: Vec<KeyedPatient>, birth_date: Option<Date>) -> Result<Vec<Candidate>, StoreError> {
    let candidate = |(id, key): KeyedPatient| {
        let agrees = birth_date.map(|date| birth_date_agrees(tx, id.0, date, &key)).transpose()?;
        Ok(Candidate { patient: id.0, birth_date_agrees: agrees })
    };
    rows.into_iter().map(candidate).collect()
}

/// What decides about a patient's finding.
///
/// # Errors
/// The database's.
pub fn patient_facts(tx: &mut Tx<'_>, id: PatientId) -> Result<PatientFacts, StoreError> {
    type Row = (Option<Sql<ResidentId>>, Option<Day>, Option<Sql<PatientId>>);
    let (resident, paper, pending): Row = patients::table
        .find(Sql(id))
        .select((patients::resident_id, patients::paper_consent_on, patients::pending_on))
        .first(tx.conn())?;
    let resident = resident.map(|r| r.0);
    let consented = match resident {
        Some(resident) => consents::stands(tx, resident, BASE)?,
        None => paper.is_some(),
    };
    Ok(PatientFacts { id, resident, pending: pending.is_some(), consented })
}

/// The practice's own reference of a patient.
///
/// # Errors
/// The database's.
pub fn reference(tx: &mut Tx<'_>, id: PatientId) -> Result<Private<String>, StoreError> {
    let (practice, sealed): (Sql<PracticeId>, Vec<u8>) =
        patients::table.find(Sql(id)).select((patients::practice_id, patients::reference_sealed)).first(tx.conn())?;
    open_reference(tx, practice.0, id, sealed)
}

/// A reference as it stands in the database.
pub(crate) fn open_reference(
    tx: &Tx<'_>,
    practice: PracticeId,
    id: PatientId,
    sealed: Vec<u8>,
) -> Result<Private<String>, StoreError> {
    let text = tx.vault().open_text(Subject::Practice(practice), reference_place(id.as_bytes()), sealed)?;
    Ok(Private::new(text))
}

const fn label_place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "upload_credentials.label", row }
}

pub(crate) const fn reference_place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "patients.reference", row }
}

/// Looks the same for "P-104 " and "p-104": practices type their numbers by hand.
pub(crate) fn reference_key(tx: &Tx<'_>, reference: &Private<String>) -> Vec<u8> {
    let folded = reference.reveal().trim().to_uppercase();
    tx.keys().lookups.hash("patients.reference", folded.as_bytes()).as_bytes().to_vec()
}

pub(crate) fn birth_date_agrees(
    tx: &Tx<'_>,
    patient: PatientId,
    date: Date,
    stored: &[u8],
) -> Result<bool, StoreError> {
    let stored: [u8; 32] = stored.try_into().map_err(|_| StoreError::Corrupt("patients.birth_date_key"))?;
    Ok(tx.keys().birth_dates.hash(patient, date).matches(&KeyedHash::from_bytes(stored)))
}
