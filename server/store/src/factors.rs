//! Room factors: the passwords, passkeys and codes of the people who work in the network.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{PasskeyId, SessionId, StaffId},
    security::SecurityEvent,
    sessions::{EndReason, SessionKind},
};
use nahraum_secrets::{PasswordHash, TotpSecret};

use crate::{
    access::Tx,
    authorizations,
    db::types::{Instant, Sql},
    error::StoreError,
    organisations,
    schema::{passkeys, sessions as session_rows, staff},
    security::{self, Happened},
    vault::{Place, Subject},
};

/// A passkey, as its owner sees it.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// Which one.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub label: String,
    /// When it came.
    pub created_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_used_at: Option<Timestamp>,
}

/// The factors of a person, as they see them.
#[derive(Debug, Clone)]
pub struct Factors {
    /// What they sign in with.
    pub login: String,
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// Whether they have one-time codes from an app.
    pub totp: bool,
    /// The last change, and when it was.
    pub changed: Option<(String, Timestamp)>,
}

impl Factors {
    /// How many second factors there are.
    #[must_use]
    pub fn seconds(&self) -> usize {
        self.passkeys.len() + usize::from(self.totp)
    }
}

/// A person who may sign in.
#[derive(Debug)]
pub struct Person {
    /// Who.
    pub id: StaffId,
    /// The password; none before the enrolment.
    pub password: Option<PasswordHash>,
    /// For what they can sign in.
    pub kinds: Vec<SessionKind>,
    /// Their passkeys, as `nahraum-passkeys` writes them.
    pub passkeys: Vec<Vec<u8>>,
}

/// The person with this login, unless the login is locked.
///
/// # Errors
/// The database's.
pub fn person(tx: &mut Tx<'_>, login: &str) -> Result<Option<Person>, StoreError> {
    let row: Option<(Sql<StaffId>, Option<String>)> = staff::table
        .filter(staff::login.eq(login))
        .filter(staff::locked_at.is_null())
        .select((staff::id, staff::password_hash))
        .first(tx.conn())
        .optional()?;
    let Some((id, password)) = row else {
        // The same look-ups for a login that nobody has: the time must not tell (SR-A07). Nobody has an id of zeros.
        let nobody = StaffId::from_bytes([0; 16]);
        kinds(tx, nobody)?;
        stored_passkeys(tx, nobody)?;
        return Ok(None);
    };
    let password = password.map(|hash| PasswordHash::from_stored(&hash)).transpose();
    Ok(Some(Person {
        id: id.0,
        password: password.map_err(|_| StoreError::Corrupt("staff.password_hash"))?,
        kinds: kinds(tx, id.0)?,
        passkeys: stored_passkeys(tx, id.0)?,
    }))
}

/// For what a person can sign in.
///
/// # Errors
/// The database's.
pub fn kinds(tx: &mut Tx<'_>, person: StaffId) -> Result<Vec<SessionKind>, StoreError> {
    Ok(organisations::of_person(tx, person)?.into_iter().map(|one| one.kind.session()).collect())
}

/// A person's passkeys, as `nahraum-passkeys` writes them.
///
/// # Errors
/// The database's.
pub fn stored_passkeys(tx: &mut Tx<'_>, person: StaffId) -> Result<Vec<Vec<u8>>, StoreError> {
    let mine = passkeys::table.filter(passkeys::staff_id.eq(Sql(person))).order(passkeys::id);
    Ok(mine.select(passkeys::stored).load(tx.conn())?)
}

/// A person's factors.
///
/// # Errors
/// The database's.
pub fn of_person(tx: &mut Tx<'_>, person: StaffId) -> Result<Factors, StoreError> {
    type Row = (String, Option<Vec<u8>>, Option<Instant>, Option<String>);
    let (login, totp, changed_at, change): Row = staff::table
        .find(Sql(person))
        .select((staff::login, staff::totp_sealed, staff::factors_changed_at, staff::factors_change))
        .first(tx.conn())?;
    let rows: Vec<(Sql<PasskeyId>, String, Instant, Option<Instant>)> = passkeys::table
        .filter(passkeys::staff_id.eq(Sql(person)))
        .order(passkeys::id)
        .select((passkeys::id, passkeys::label, passkeys::created_at, passkeys::last_used_at))
        .load(tx.conn())?;
    let passkeys = rows.into_iter().map(|(id, label, created, used)| Passkey {
        id: id.0,
        label,
        created_at: created.timestamp(),
        last_used_at: used.map(Instant::timestamp),
    });
    let changed = change.zip(changed_at.map(Instant::timestamp));
    Ok(Factors { login, passkeys: passkeys.collect(), totp: totp.is_some(), changed })
}

/// Adds a passkey.
///
/// # Errors
/// [`crate::DatabaseError::Unique`] when somebody has it already; otherwise the database's.
pub fn add_passkey(
    tx: &mut Tx<'_>,
    person: StaffId,
    credential_id: &[u8],
    stored: &[u8],
    label: &str,
) -> Result<(), StoreError> {
    let id = tx.new_id(PasskeyId::new);
    insert_into(passkeys::table)
        .values((
            passkeys::id.eq(Sql(id)),
            passkeys::staff_id.eq(Sql(person)),
            passkeys::credential_id.eq(credential_id),
            passkeys::stored.eq(stored),
            passkeys::label.eq(label),
            passkeys::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Gives one of a person's passkeys another name. Says whether there is one.
///
/// # Errors
/// The database's.
pub fn rename_passkey(tx: &mut Tx<'_>, person: StaffId, id: PasskeyId, label: &str) -> Result<bool, StoreError> {
    let mine = passkeys::table.find(Sql(id)).filter(passkeys::staff_id.eq(Sql(person)));
    Ok(update(mine).set(passkeys::label.eq(label)).execute(tx.conn())? > 0)
}

/// Takes one of a person's passkeys away. Says whether there was one.
///
/// # Errors
/// The database's.
pub fn remove_passkey(tx: &mut Tx<'_>, person: StaffId, id: PasskeyId) -> Result<bool, StoreError> {
    Ok(delete(passkeys::table.find(Sql(id)).filter(passkeys::staff_id.eq(Sql(person)))).execute(tx.conn())? > 0)
}

/// Notes that a passkey was used: `now` takes the place of `before`. Says whether it is still there and unchanged; if not,
/// somebody used or removed it at the same time, and the proof does not count.
///
/// # Errors
/// The database's.
pub fn passkey_used(
    tx: &mut Tx<'_>,
    person: StaffId,
    credential_id: &[u8],
    before: &[Vec<u8>],
    now: &[u8],
) -> Result<bool, StoreError> {
    let at = Instant::from(tx.now());
    let mine = passkeys::table
        .filter(passkeys::staff_id.eq(Sql(person)))
        .filter(passkeys::credential_id.eq(credential_id))
        .filter(passkeys::stored.eq_any(before.to_vec()));
    let changed = update(
        passkeys::table.filter(passkeys::id.eq_any(mine.select(passkeys::id).load::<Sql<PasskeyId>>(tx.conn())?)),
    )
    .set((passkeys::stored.eq(now), passkeys::last_used_at.eq(Some(at))))
    .execute(tx.conn())?;
    Ok(changed == 1)
}

/// Sets a person's password.
///
/// # Errors
/// The database's.
pub fn set_password(tx: &mut Tx<'_>, person: StaffId, password: &PasswordHash) -> Result<(), StoreError> {
    let set = staff::password_hash.eq(Some(password.to_stored()));
    update(staff::table.find(Sql(person))).set(set).execute(tx.conn())?;
    Ok(())
}

/// Puts a stronger hash of the same password in the place of `old`, unless the password was changed in the meantime.
///
/// # Errors
/// The database's.
pub fn raise_password(
    tx: &mut Tx<'_>,
    person: StaffId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<(), StoreError> {
    let unchanged = staff::table.find(Sql(person)).filter(staff::password_hash.eq(Some(old.to_stored())));
    update(unchanged).set(staff::password_hash.eq(Some(new.to_stored()))).execute(tx.conn())?;
    Ok(())
}

/// Sets or removes the secret behind a person's one-time codes. `step` is the step of the code that has just shown it, which
/// is used up by that.
///
/// # Errors
/// The database's.
pub fn set_totp(tx: &mut Tx<'_>, person: StaffId, totp: Option<(&TotpSecret, i64)>) -> Result<(), StoreError> {
    let vault = tx.vault();
    let seal = |(secret, _): (&TotpSecret, i64)| vault.seal(Subject::House, totp_place(&person), secret.expose_bytes());
    let sealed = totp.map(seal).transpose()?;
    update(staff::table.find(Sql(person)))
        .set((staff::totp_sealed.eq(sealed), staff::totp_last_step.eq(totp.map(|(_, step)| step))))
        .execute(tx.conn())?;
    Ok(())
}

/// Takes a one-time code: right, in time, and not used before. It is used up by that.
///
/// # Errors
/// The database's.
pub fn take_totp(tx: &mut Tx<'_>, person: StaffId, code: &str) -> Result<bool, StoreError> {
    let (sealed, last_step): (Option<Vec<u8>>, Option<i64>) =
        staff::table.find(Sql(person)).select((staff::totp_sealed, staff::totp_last_step)).first(tx.conn())?;
    let Some(sealed) = sealed else { return Ok(false) };
    let bytes = tx.vault().open(Subject::House, totp_place(&person), sealed)?;
    let bytes = bytes.as_slice().try_into().map_err(|_| StoreError::Corrupt("staff.totp"))?;
    let Some(step) = TotpSecret::from_bytes(bytes).accept(code, tx.now(), last_step) else { return Ok(false) };
    update(staff::table.find(Sql(person))).set(staff::totp_last_step.eq(Some(step))).execute(tx.conn())?;
    Ok(true)
}

/// Notes a change of somebody's factors, tells it, and ends their sessions but for the one it was made in. Says how many ended.
///
/// # Errors
/// The database's.
pub fn changed(
    tx: &mut Tx<'_>,
    person: StaffId,
    change: SecurityEvent,
    but: Option<SessionId>,
) -> Result<usize, StoreError> {
    let now = Instant::from(tx.now());
    update(staff::table.find(Sql(person)))
        .set((staff::factors_changed_at.eq(Some(now)), staff::factors_change.eq(Some(change.as_str()))))
        .execute(tx.conn())?;
    security::note(tx, person, Happened::new(change).within(but))?;
    authorizations::withdraw(tx, person)?;
    // No session has an id of zeros.
    let but = but.unwrap_or(SessionId::from_bytes([0; 16]));
    let others = session_rows::table
        .filter(session_rows::staff_id.eq(Some(Sql(person))))
        .filter(session_rows::ended_at.is_null())
        .filter(session_rows::id.ne(Sql(but)));
    let ended = (session_rows::ended_at.eq(Some(now)), session_rows::end_reason.eq(Some(EndReason::Ended.as_str())));
    Ok(update(others).set(ended).execute(tx.conn())?)
}

/// Takes everything away that a person could sign in with.
///
/// # Errors
/// The database's.
pub(crate) fn clear(tx: &mut Tx<'_>, person: StaffId) -> Result<(), StoreError> {
    delete(passkeys::table.filter(passkeys::staff_id.eq(Sql(person)))).execute(tx.conn())?;
    let nothing: Option<String> = None;
    update(staff::table.find(Sql(person))).set(staff::password_hash.eq(nothing)).execute(tx.conn())?;
    set_totp(tx, person, None)
}

const fn totp_place(person: &StaffId) -> Place<'_> {
    Place { column: "staff.totp", row: person.as_bytes() }
}
