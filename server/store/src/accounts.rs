//! Room accounts: residents and their settings.

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    activation::Binding,
    disclosure::PracticeName,
    ids::{PatientId, PracticeId, ResidentId},
    private::Private,
    release::{Discretion, Wish},
    security::SecurityEvent,
};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    findings, invitations,
    schema::{organisations, patients, residents},
    security::{self, Happened},
    vault::{Place, Subject},
};

/// A resident's own account.
#[derive(Debug)]
pub struct Account {
    /// The resident.
    pub id: ResidentId,
    /// The language they are spoken to, as a tag.
    pub language: String,
    /// Where notices go.
    pub notice_address: Option<Private<String>>,
    /// Whether a notice is sent when an organisation has to do with them for the first time.
    pub notify_first_access: bool,
    /// When they want to see what arrives.
    pub release: Wish,
    /// The practices that deliver, the earliest linked first; those whose findings come put away only to somebody who has just
    /// proven who they are.
    pub practices: Vec<LinkedPractice>,
}

/// A practice of a resident.
#[derive(Debug)]
pub struct LinkedPractice {
    /// The practice.
    pub practice: PracticeName,
    /// Since when it is linked.
    pub linked_at: Timestamp,
    /// How surely the slip reached the person.
    pub binding: Binding,
    /// Whether the practice still has to confirm; nothing of it is shown before (SR-B05).
    pub pending: bool,
    /// The number to say to the practice, four digits; none when it is another practice's to confirm.
    pub confirmation_number: Option<u16>,
    /// How its findings come.
    pub discretion: Discretion,
}

/// A change of settings; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    /// Another language.
    pub language: Option<String>,
    /// Another address, or none at all.
    pub notice_address: Option<Option<Private<String>>>,
    /// Whether to be told of organisations that have to do with them for the first time.
    pub notify_first_access: Option<bool>,
    /// When to see what arrives.
    pub release: Option<Wish>,
}

/// The caller's own account.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Account, StoreError> {
    let id = caller.whose()?;
    let (language, address, notify, release): (String, Option<Vec<u8>>, i64, String) = residents::table
        .find(Sql(id))
        .select((
            residents::language,
            residents::notice_address_sealed,
            residents::notify_first_access,
            residents::release_wish,
        ))
        .first(tx.conn())?;
    let release = Wish::parse(&release).ok_or(StoreError::Corrupt("residents.release_wish"))?;
    let vault = tx.vault();
    let notice_address = address
        .map(|sealed| vault.open_text(Subject::Resident(id), address_place(id.as_bytes()), sealed))
        .transpose()?;
    let notify_first_access = notify != 0;
    let notice_address = notice_address.map(Private::new);
    if caller.acts_by().is_some() {
        // Where they are told something, and who treats them, is no business of somebody in their place.
        let (notice_address, practices) = (None, Vec::new());
        return Ok(Account { id, language, notice_address, notify_first_access, release, practices });
    }
    let unlocked = caller.is_fresh(tx.now());
    let practices = practices(tx, id)?.into_iter().filter(|one| unlocked || !one.discretion.put_away).collect();
    Ok(Account { id, language, notice_address, notify_first_access, release, practices })
}

type PracticeRow = ((Sql<PracticeId>, String), Sql<PatientId>, Option<Instant>, Option<String>, Option<Sql<PatientId>>);

fn practices(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Vec<LinkedPractice>, StoreError> {
    let rows: Vec<PracticeRow> = patients::table
        .inner_join(organisations::table)
        .filter(patients::resident_id.eq(Some(Sql(resident))))
        .order(patients::linked_at)
        .select((
            (organisations::id, organisations::name),
            patients::id,
            patients::linked_at,
            patients::binding,
            patients::pending_on,
        ))
        .load(tx.conn())?;
    rows.into_iter()
        .map(|((id, name), patient, at, binding, pending)| {
            let binding = binding.as_deref().and_then(Binding::parse);
            Ok(LinkedPractice {
                practice: PracticeName { id: id.0, name },
                linked_at: at.ok_or(StoreError::Corrupt("patients.linked_at"))?.timestamp(),
                binding: binding.ok_or(StoreError::Corrupt("patients.binding"))?,
                pending: pending.is_some(),
                confirmation_number: invitations::number_of(tx, patient.0)?,
                discretion: findings::discretion(tx, resident, id.0)?,
            })
        })
        .collect()
}

/// Changes the caller's own settings.
///
/// # Errors
/// As [`own`].
pub fn change(tx: &mut Tx<'_>, caller: &Caller<'_>, change: &AccountChange) -> Result<(), StoreError> {
    let id = caller.resident().ok_or(StoreError::Unauthenticated)?;
    if let Some(language) = &change.language {
        update(residents::table.find(Sql(id))).set(residents::language.eq(language)).execute(tx.conn())?;
    }
    if let Some(address) = &change.notice_address {
        // The address that was there until now is told.
        security::note_by(tx, caller, Happened::new(SecurityEvent::AddressChanged))?;
        let vault = tx.vault();
        let seal =
            |a: &Private<String>| vault.seal_text(Subject::Resident(id), address_place(id.as_bytes()), a.reveal());
        let sealed = address.as_ref().map(seal).transpose()?;
        update(residents::table.find(Sql(id))).set(residents::notice_address_sealed.eq(sealed)).execute(tx.conn())?;
    }
    if let Some(notify) = change.notify_first_access {
        update(residents::table.find(Sql(id)))
            .set(residents::notify_first_access.eq(i64::from(notify)))
            .execute(tx.conn())?;
    }
    if let Some(wish) = change.release {
        findings::wish(tx, caller, wish)?;
    }
    Ok(())
}

/// The language of a resident, as a tag.
///
/// # Errors
/// As [`own`].
pub fn language(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<String, StoreError> {
    let id = caller.whose()?;
    Ok(residents::table.find(Sql(id)).select(residents::language).first(tx.conn())?)
}

pub(crate) fn create(tx: &mut Tx<'_>, language: &str) -> Result<ResidentId, StoreError> {
    let id = tx.new_id(ResidentId::new);
    insert_into(residents::table)
        .values((
            residents::id.eq(Sql(id)),
            residents::language.eq(language),
            residents::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

pub(crate) const fn address_place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "residents.notice_address", row }
}
