//! Room sessions: from a credential to a caller, and the sessions in between.
//!
//! Tokens are opaque; only their SHA-256 is stored, and every request looks it up, so that an ended session is over
//! with the next request (SR-S04, SR-A14).

use diesel::{insert_into, prelude::*, update};
use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{
    access::Actor,
    ids::{CredentialId, DeviceId, PracticeId, ResidentId, SessionId, StaffId},
    throttle::Failures,
};
use nahraum_secrets::{DeviceHash, PasswordHash, PresentedToken, Token, TokenHash, TokenKind, Verified};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{devices, sessions, staff, upload_credentials},
};

/// How long a session lasts at most.
pub const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// A stored secret to check, and the wrong tries so far. `I` is whose secret it is.
#[derive(Debug)]
pub struct StoredCredential<I> {
    /// Whose secret.
    pub id: I,
    /// The secret's hash.
    pub hash: PasswordHash,
    /// The wrong tries since the last right one.
    pub failures: Failures,
}

/// A new session: its token, shown once, and its end.
#[derive(Debug)]
pub struct OpenedSession {
    /// The token.
    pub token: Token,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Who holds this token?
///
/// # Errors
/// [`StoreError::Unauthenticated`] when nobody does any more.
pub fn authenticate<'t>(tx: &mut Tx<'t>, token: &PresentedToken) -> Result<Caller<'t>, StoreError> {
    match token.kind {
        TokenKind::Session => from_session(tx, &token.hash),
        TokenKind::Upload => from_upload_credential(tx, &token.hash),
        // these bring tokens or factors, and open nothing themselves
        TokenKind::Refresh | TokenKind::AuthorizationCode | TokenKind::DeviceCode | TokenKind::Enrolment => {
            Err(StoreError::Unauthenticated)
        }
    }
}

fn from_session<'t>(tx: &mut Tx<'t>, hash: &TokenHash) -> Result<Caller<'t>, StoreError> {
    type Row = (Sql<SessionId>, Option<Sql<ResidentId>>, Option<Sql<StaffId>>);
    let now = Instant::from(tx.now());
    let row: Option<Row> = sessions::table
        .filter(sessions::token_hash.eq(hash.as_bytes().as_slice()))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select((sessions::id, sessions::resident_id, sessions::staff_id))
        .first(tx.conn())
        .optional()?;
    match row {
        Some((session, Some(resident), None)) => Ok(Caller::new(Actor::Resident(resident.0), Some(session.0))),
        Some((session, None, Some(person))) => {
            let practice: Sql<PracticeId> = staff::table
                .find(person)
                .filter(staff::locked_at.is_null())
                .select(staff::practice_id)
                .first(tx.conn())
                .optional()?
                .ok_or(StoreError::Unauthenticated)?;
            Ok(Caller::new(Actor::Staff { staff: person.0, practice: practice.0 }, Some(session.0)))
        }
        Some((_, Some(_), Some(_)) | (_, None, None)) => Err(StoreError::Corrupt("sessions")),
        None => Err(StoreError::Unauthenticated),
    }
}

fn from_upload_credential<'t>(tx: &mut Tx<'t>, hash: &TokenHash) -> Result<Caller<'t>, StoreError> {
    let row: Option<(Sql<CredentialId>, Sql<PracticeId>)> = upload_credentials::table
        .filter(upload_credentials::token_hash.eq(hash.as_bytes().as_slice()))
        .filter(upload_credentials::revoked_at.is_null())
        .select((upload_credentials::id, upload_credentials::practice_id))
        .first(tx.conn())
        .optional()?;
    let (credential, practice) = row.ok_or(StoreError::Unauthenticated)?;
    Ok(Caller::new(Actor::Software { credential: credential.0, practice: practice.0 }, None))
}

/// The password of a staff account that is not locked.
///
/// # Errors
/// The database's.
pub fn staff_credential(tx: &mut Tx<'_>, login: &str) -> Result<Option<StoredCredential<StaffId>>, StoreError> {
    type Row = (Sql<StaffId>, String, i32, Option<Instant>);
    let row: Option<Row> = staff::table
        .filter(staff::login.eq(login))
        .filter(staff::locked_at.is_null())
        .select((staff::id, staff::password_hash, staff::failed_count, staff::failed_at))
        .first(tx.conn())
        .optional()?;
    row.map(|(id, hash, count, at)| stored(id.0, &hash, count, at)).transpose()
}

/// The PIN that belongs to a device secret.
///
/// # Errors
/// The database's.
pub fn device_credential(
    tx: &mut Tx<'_>,
    secret: &DeviceHash,
) -> Result<Option<StoredCredential<DeviceId>>, StoreError> {
    type Row = (Sql<DeviceId>, String, i32, Option<Instant>);
    let row: Option<Row> = devices::table
        .filter(devices::secret_hash.eq(secret.as_bytes().as_slice()))
        .filter(devices::unbound_at.is_null())
        .select((devices::id, devices::pin_hash, devices::failed_count, devices::failed_at))
        .first(tx.conn())
        .optional()?;
    row.map(|(id, hash, count, at)| stored(id.0, &hash, count, at)).transpose()
}

fn stored<I>(id: I, hash: &str, count: i32, at: Option<Instant>) -> Result<StoredCredential<I>, StoreError> {
    let hash = PasswordHash::from_stored(hash).map_err(|_| StoreError::Corrupt("a password hash"))?;
    Ok(StoredCredential { id, hash, failures: Failures { count, last_at: at.map(|at| at.timestamp()) } })
}

/// Counts a wrong password.
///
/// # Errors
/// The database's.
pub fn staff_failed(tx: &mut Tx<'_>, id: StaffId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(staff::table.find(Sql(id)))
        .set((staff::failed_count.eq(staff::failed_count + 1), staff::failed_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(())
}

/// Counts a wrong PIN and says how many it were in a row.
///
/// # Errors
/// The database's.
pub fn device_failed(tx: &mut Tx<'_>, id: DeviceId) -> Result<i32, StoreError> {
    let now = Instant::from(tx.now());
    update(devices::table.find(Sql(id)))
        .set((devices::failed_count.eq(devices::failed_count + 1), devices::failed_at.eq(Some(now))))
        .execute(tx.conn())?;
    Ok(devices::table.find(Sql(id)).select(devices::failed_count).first(tx.conn())?)
}

/// Ends a device and all its sessions: too many wrong PINs, or a new activation took its place.
///
/// # Errors
/// The database's.
pub fn unbind_device(tx: &mut Tx<'_>, id: DeviceId) -> Result<(), StoreError> {
    let now = Some(Instant::from(tx.now()));
    update(devices::table.find(Sql(id))).set(devices::unbound_at.eq(now)).execute(tx.conn())?;
    update(sessions::table.filter(sessions::device_id.eq(Some(Sql(id)))).filter(sessions::ended_at.is_null()))
        .set(sessions::ended_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// Opens a session for a person of a practice whose password was right.
///
/// # Errors
/// The database's.
pub fn open_for_staff(tx: &mut Tx<'_>, person: &Verified<StaffId>) -> Result<OpenedSession, StoreError> {
    update(staff::table.find(Sql(*person.id()))).set(staff::failed_count.eq(0)).execute(tx.conn())?;
    open(tx, None, None, Some(*person.id()))
}

/// Opens a session for a resident whose PIN was right on their device.
///
/// # Errors
/// The database's.
pub fn open_for_device(tx: &mut Tx<'_>, device: &Verified<DeviceId>) -> Result<OpenedSession, StoreError> {
    open_on_device(tx, *device.id())
}

/// For the activation, which has seen the code and the birth date instead of a PIN.
pub(crate) fn open_on_device(tx: &mut Tx<'_>, device: DeviceId) -> Result<OpenedSession, StoreError> {
    let resident: Sql<ResidentId> = devices::table
        .find(Sql(device))
        .filter(devices::unbound_at.is_null())
        .select(devices::resident_id)
        .first(tx.conn())
        .optional()?
        .ok_or(StoreError::Unauthenticated)?;
    update(devices::table.find(Sql(device))).set(devices::failed_count.eq(0)).execute(tx.conn())?;
    open(tx, Some(resident.0), Some(device), None)
}

fn open(
    tx: &mut Tx<'_>,
    resident: Option<ResidentId>,
    device: Option<DeviceId>,
    person: Option<StaffId>,
) -> Result<OpenedSession, StoreError> {
    let token = Token::generate(tx.random(), TokenKind::Session);
    let expires_at = tx.now() + SESSION_LIFETIME;
    insert_into(sessions::table)
        .values((
            sessions::id.eq(Sql(tx.new_id(SessionId::new))),
            sessions::token_hash.eq(token.hash().as_bytes().to_vec()),
            sessions::resident_id.eq(resident.map(Sql)),
            sessions::device_id.eq(device.map(Sql)),
            sessions::staff_id.eq(person.map(Sql)),
            sessions::created_at.eq(Instant::from(tx.now())),
            sessions::expires_at.eq(Instant::from(expires_at)),
        ))
        .execute(tx.conn())?;
    Ok(OpenedSession { token, expires_at })
}

/// Ends a session. A caller knows only their own.
///
/// # Errors
/// The database's.
pub fn end(tx: &mut Tx<'_>, session: SessionId) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(sessions::table.find(Sql(session))).set(sessions::ended_at.eq(Some(now))).execute(tx.conn())?;
    Ok(())
}

/// Deletes sessions that ended or expired before `before`. Returns how many.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &crate::System, before: Timestamp) -> Result<usize, StoreError> {
    let before = Instant::from(before);
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(tx.conn())?)
}
