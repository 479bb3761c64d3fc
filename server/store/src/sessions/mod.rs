//! Room sessions: from a credential to a caller, and the sessions in between.
//!
//! Tokens are opaque; only their SHA-256 is stored, and every request looks it up, so that an ended session is over
//! with the next request (SR-S04, SR-A14).

mod credentials;
mod issue;

use diesel::{prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::Actor,
    ids::{ConsentId, CredentialId, DeviceId, OrganisationId, PracticeId, ResidentId, SessionId, StaffId},
    organisations::Duty,
    security::SecurityEvent,
    sessions::{EndReason, SessionKind, Times},
};
use nahraum_secrets::{CertificateHash, KeyThumbprint, PresentedToken, TokenHash, TokenKind};

pub use credentials::{StoredCredential, device_credential, device_failed};
pub use issue::{OpenedSession, Refreshed, open_for_device, open_for_staff, refresh, revoke};
pub(crate) use issue::{open_for_person, open_on_device};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    devices,
    error::StoreError,
    push,
    schema::{memberships, sessions, staff, token_pairs, upload_credentials},
    security::{self, Happened},
    shares::acting,
    software,
};

/// What a request shows.
#[derive(Debug, Clone)]
pub struct Presented {
    /// The token.
    pub token: PresentedToken,
    /// The key that the request has proven for this very token (RFC 9449).
    pub key: Option<KeyThumbprint>,
    /// The certificate that the request's connection has shown.
    pub certificate: Option<CertificateHash>,
    /// Whether tokens without a key are good here at all.
    pub bearer: bool,
    /// In whose place whoever it is wants to act: the rule by which they may.
    pub acts_by: Option<ConsentId>,
}

/// Why a session that existed opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Only the access token has run out; the refresh token gives another.
    TokenExpired,
    /// It was not used for too long, or has lasted its time.
    Expired,
    /// Somebody or something ended it.
    Ended(EndReason),
}

/// The session of a caller.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// What it is for.
    pub kind: SessionKind,
    /// When the person proved who they are.
    pub authenticated_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When the access token ends.
    pub token_expires_at: Timestamp,
    /// What a person at work does in the organisation they act for, if somebody has said.
    pub duty: Option<Duty>,
    /// The pair whose access token was shown.
    pair: i32,
    /// Whether its use is worth a note.
    noted: bool,
}

/// That a session was used, to be noted.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    session: SessionId,
    pair: i32,
}

impl Session {
    /// The use to be noted with [`note_use`]; none when it was a moment ago.
    #[must_use]
    pub fn unnoted(&self) -> Option<Use> {
        (!self.noted).then_some(Use { session: self.id, pair: self.pair })
    }
}

/// Who holds this token?
///
/// # Errors
/// [`StoreError::Unauthenticated`] when nobody does, or the key is missing or another; [`StoreError::Over`] when it was
/// good once; [`StoreError::Denied`] when they want to act in somebody's place and may not.
pub fn authenticate<'t>(tx: &mut Tx<'t>, shown: &Presented) -> Result<Caller<'t>, StoreError> {
    let caller = match shown.token.kind {
        TokenKind::Session => from_session(tx, shown),
        TokenKind::Upload if shown.bearer => from_upload_credential(tx, &shown.token.hash),
        TokenKind::Upload => Err(StoreError::Unauthenticated),
        TokenKind::Refresh
        | TokenKind::AuthorizationCode
        | TokenKind::DeviceCode
        | TokenKind::Enrolment
        | TokenKind::OfferCheck => Err(StoreError::Unauthenticated),
    }?;
    match shown.acts_by {
        Some(by) => acting::in_place(tx, caller, by),
        None => Ok(caller),
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    id: Sql<SessionId>,
    kind: String,
    resident_id: Option<Sql<ResidentId>>,
    staff_id: Option<Sql<StaffId>>,
    organisation_id: Option<Sql<OrganisationId>>,
    key_thumbprint: Option<Vec<u8>>,
    authenticated_at: Instant,
    last_used_at: Instant,
    expires_at: Instant,
    ended_at: Option<Instant>,
    end_reason: Option<String>,
}

impl SessionRow {
    fn kind(&self) -> Result<SessionKind, StoreError> {
        SessionKind::parse(&self.kind).ok_or(StoreError::Corrupt("sessions.kind"))
    }

    /// Whether it was ended or has run out.
    fn why_over(&self, kind: SessionKind, now: Timestamp) -> Result<Option<Over>, StoreError> {
        if self.ended_at.is_some() {
            let reason = self.end_reason.as_deref().and_then(EndReason::parse);
            return Ok(Some(Over::Ended(reason.ok_or(StoreError::Corrupt("sessions.end_reason"))?)));
        }
        let times = Times { last_used_at: self.last_used_at.timestamp(), expires_at: self.expires_at.timestamp() };
        Ok((!times.running(kind, now)).then_some(Over::Expired))
    }

    /// Whether the key that was proven, or its absence, is what the session is bound to.
    fn bound_to(&self, key: Option<&KeyThumbprint>) -> Result<bool, StoreError> {
        Ok(match (&self.key_thumbprint, key) {
            (None, None) => true,
            (Some(bound), Some(proven)) => {
                let bound = bound.as_slice().try_into().map_err(|_| StoreError::Corrupt("sessions.key_thumbprint"))?;
                KeyThumbprint::from_bytes(bound).matches(proven)
            }
            (None, Some(_)) | (Some(_), None) => false,
        })
    }
}

fn from_session<'t>(tx: &mut Tx<'t>, shown: &Presented) -> Result<Caller<'t>, StoreError> {
    type Row = (SessionRow, i32, Instant, Option<Instant>);
    let row: Option<Row> = token_pairs::table
        .inner_join(sessions::table)
        .filter(token_pairs::access_hash.eq(shown.token.hash.as_bytes().as_slice()))
        .select((SessionRow::as_select(), token_pairs::number, token_pairs::access_expires_at, token_pairs::used_at))
        .first(tx.conn())
        .optional()?;
    let Some((row, pair, token_expires_at, used_at)) = row else { return software::authenticate(tx, shown) };
    if !row.bound_to(shown.key.as_ref())? || (shown.key.is_none() && !shown.bearer) {
        return Err(StoreError::Unauthenticated);
    }
    let (now, kind) = (tx.now(), row.kind()?);
    if let Some(over) = row.why_over(kind, now)? {
        return Err(StoreError::Over(over));
    }
    if now >= token_expires_at.timestamp() {
        return Err(StoreError::Over(Over::TokenExpired));
    }
    let times = Times { last_used_at: row.last_used_at.timestamp(), expires_at: row.expires_at.timestamp() };
    let (actor, duty) = actor(tx, &row, kind)?;
    let session = Session {
        id: row.id.0,
        kind,
        authenticated_at: row.authenticated_at.timestamp(),
        expires_at: times.expires_at,
        token_expires_at: token_expires_at.timestamp(),
        duty,
        pair,
        noted: used_at.is_some() && !times.worth_noting(now),
    };
    Ok(Caller::new(actor, Some(session)))
}

/// Whose session it is, and what they do where they work.
fn actor(tx: &mut Tx<'_>, row: &SessionRow, kind: SessionKind) -> Result<(Actor, Option<Duty>), StoreError> {
    match (kind, row.resident_id, row.staff_id, row.organisation_id) {
        (SessionKind::Resident, Some(resident), None, None) => Ok((Actor::Resident(resident.0), None)),
        (SessionKind::Practice, None, Some(person), Some(organisation)) => {
            let duty = works_there(tx, person.0, organisation.0)?;
            let practice = PracticeId::from_bytes(*organisation.0.as_bytes());
            Ok((Actor::Staff { staff: person.0, practice }, duty))
        }
        (SessionKind::District, None, Some(person), Some(organisation)) => {
            let duty = works_there(tx, person.0, organisation.0)?;
            Ok((Actor::District { staff: person.0, organisation: organisation.0 }, duty))
        }
        (SessionKind::Operator, None, Some(person), Some(organisation)) => {
            let duty = works_there(tx, person.0, organisation.0)?;
            Ok((Actor::Operator { staff: person.0, organisation: organisation.0 }, duty))
        }
        (
            SessionKind::Resident
            | SessionKind::Practice
            | SessionKind::District
            | SessionKind::Operator
            | SessionKind::Software,
            _,
            _,
            _,
        ) => Err(StoreError::Corrupt("sessions.kind")),
    }
}

/// What the person does there, if somebody has said; an error unless they still work there and may sign in.
fn works_there(tx: &mut Tx<'_>, person: StaffId, organisation: OrganisationId) -> Result<Option<Duty>, StoreError> {
    let works: Option<Option<String>> = memberships::table
        .inner_join(staff::table)
        .filter(memberships::staff_id.eq(Sql(person)))
        .filter(memberships::organisation_id.eq(Sql(organisation)))
        .filter(memberships::ended_at.is_null())
        .filter(staff::locked_at.is_null())
        .select(memberships::duty)
        .first(tx.conn())
        .optional()?;
    let duty = works.ok_or(StoreError::Over(Over::Ended(EndReason::Locked)))?;
    duty.map(|word| Duty::parse(&word).ok_or(StoreError::Corrupt("memberships.duty"))).transpose()
}

/// Whether a person works for an organisation, now, and may sign in.
pub(crate) fn still_works(tx: &mut Tx<'_>, person: StaffId, organisation: OrganisationId) -> Result<bool, StoreError> {
    match works_there(tx, person, organisation) {
        Ok(_) => Ok(true),
        Err(StoreError::Over(_)) => Ok(false),
        Err(error) => Err(error),
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

/// Notes that a session was used: its idle time begins anew, and its predecessor's refresh token is spent for good.
///
/// # Errors
/// The database's.
pub fn note_use(tx: &mut Tx<'_>, used: Use) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(token_pairs::table.find((Sql(used.session), used.pair)).filter(token_pairs::used_at.is_null()))
        .set(token_pairs::used_at.eq(Some(now)))
        .execute(tx.conn())?;
    update(sessions::table.find(Sql(used.session)).filter(sessions::last_used_at.lt(now)))
        .set(sessions::last_used_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

#[derive(AsChangeset)]
#[diesel(table_name = sessions)]
struct Ended {
    ended_at: Option<Instant>,
    end_reason: Option<&'static str>,
}

/// What changes in a session that ends now.
fn ended(tx: &Tx<'_>, reason: EndReason) -> Ended {
    Ended { ended_at: Some(tx.now().into()), end_reason: Some(reason.as_str()) }
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub fn end(tx: &mut Tx<'_>, session: SessionId, reason: EndReason) -> Result<(), StoreError> {
    let change = ended(tx, reason);
    update(sessions::table.find(Sql(session)).filter(sessions::ended_at.is_null())).set(change).execute(tx.conn())?;
    match (reason, devices::device_of(tx, session)?) {
        // Who signs out of a phone that others use is not called there any more.
        (EndReason::SignedOut, Some(device)) => push::forget(tx, device),
        (_, Some(_) | None) => Ok(()),
    }
}

/// Ends a session of which something was shown again that was used up, and tells whose it is: once, however often it is
/// shown. Says whether the session was there to be ended.
pub(crate) fn end_replayed(tx: &mut Tx<'_>, session: SessionId) -> Result<bool, StoreError> {
    let change = ended(tx, EndReason::Replayed);
    let this = || sessions::table.find(Sql(session));
    if update(this().filter(sessions::ended_at.is_null())).set(change).execute(tx.conn())? == 0 {
        return Ok(false);
    }
    type Whose = (Option<Sql<ResidentId>>, Option<Sql<StaffId>>, Option<Sql<DeviceId>>);
    let (resident, person, device): Whose =
        this().select((sessions::resident_id, sessions::staff_id, sessions::device_id)).first(tx.conn())?;
    let told = device.map_or_else(
        || Happened::new(SecurityEvent::SessionReplayed),
        |device| Happened::to(SecurityEvent::SessionReplayed, device.0),
    );
    if let Some(resident) = resident {
        security::note(tx, resident.0, told)?;
    }
    if let Some(person) = person {
        security::note(tx, person.0, told)?;
    }
    Ok(true)
}

pub(crate) fn end_of_device(tx: &mut Tx<'_>, device: DeviceId, reason: EndReason) -> Result<(), StoreError> {
    let change = ended(tx, reason);
    let running =
        sessions::table.filter(sessions::device_id.eq(Some(Sql(device)))).filter(sessions::ended_at.is_null());
    update(running).set(change).execute(tx.conn())?;
    Ok(())
}

/// Ends every session of a resident but one.
///
/// # Errors
/// The database's.
pub fn end_others(tx: &mut Tx<'_>, resident: ResidentId, but: Option<SessionId>) -> Result<usize, StoreError> {
    let change = ended(tx, EndReason::Ended);
    // No session has an id of zeros.
    let here = but.map(|session| devices::device_of(tx, session)).transpose()?.flatten();
    push::forget_others(tx, resident, here)?;
    let but = but.unwrap_or(SessionId::from_bytes([0; 16]));
    let others = sessions::table
        .filter(sessions::resident_id.eq(Some(Sql(resident))))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(Sql(but)));
    Ok(update(others).set(change).execute(tx.conn())?)
}

/// Ends the sessions of a person: those for one organisation, or all.
///
/// # Errors
/// The database's.
pub fn end_of_person(
    tx: &mut Tx<'_>,
    person: StaffId,
    organisation: Option<OrganisationId>,
    reason: EndReason,
) -> Result<usize, StoreError> {
    let change = ended(tx, reason);
    let theirs = sessions::table.filter(sessions::staff_id.eq(Some(Sql(person)))).filter(sessions::ended_at.is_null());
    let count = match organisation {
        Some(id) => {
            update(theirs.filter(sessions::organisation_id.eq(Some(Sql(id))))).set(change).execute(tx.conn())?
        }
        None => update(theirs).set(change).execute(tx.conn())?,
    };
    Ok(count)
}

/// Deletes sessions that ended or expired before `before`. Returns how many.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &crate::System, before: Timestamp) -> Result<usize, StoreError> {
    let before = Instant::from(before);
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(before))).execute(tx.conn())?)
}
