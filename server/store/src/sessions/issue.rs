//! Giving out tokens: a session's first pair, and each pair that follows (security paper, b2).

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{DeviceId, OrganisationId, ResidentId, SessionId, StaffId},
    sessions::{EndReason, Refresh, SessionKind, Shown, device_ends, judge_refresh},
};
use nahraum_secrets::{KeyThumbprint, Token, TokenHash, TokenKind, Verified};

use super::{Over, SessionRow, end};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    devices::Holder,
    error::StoreError,
    organisations::Organisation,
    schema::{devices as device_rows, sessions, token_pairs},
    security,
};

/// A session's newest tokens, each shown once.
#[derive(Debug)]
pub struct OpenedSession {
    /// The session; none for software, whose tokens stand by themselves.
    pub session: Option<SessionId>,
    /// The access token.
    pub access: Token,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// The refresh token; none for sessions that cannot be prolonged.
    pub refresh: Option<Token>,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
    /// Whether each request must prove a key.
    pub bound: bool,
    /// For a person at work who signs in: how many security events are news to them.
    pub news: Option<i64>,
}

/// What became of a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    /// The next pair.
    Tokens(OpenedSession),
    /// Nobody's, another key, or the session is over.
    Refused,
    /// Too many lost answers; not before.
    SlowDown(Timestamp),
    /// It was used up long ago; this session has ended, and whose it was is told.
    Replayed(SessionId),
}

/// Whose session begins.
struct Whose {
    kind: SessionKind,
    resident: Option<ResidentId>,
    device: Option<DeviceId>,
    person: Option<StaffId>,
    organisation: Option<OrganisationId>,
    key: Option<KeyThumbprint>,
}

/// Opens a session for a person whose factors were right, for one of their organisations.
///
/// # Errors
/// The database's.
pub fn open_for_staff(
    tx: &mut Tx<'_>,
    person: &Verified<StaffId>,
    organisation: &Organisation,
    key: Option<KeyThumbprint>,
) -> Result<OpenedSession, StoreError> {
    let now = tx.now();
    open_for_person(tx, *person.id(), organisation, key, now)
}

/// For the authorizations room, which has seen a code instead of factors: those were right at `authenticated_at`.
pub(crate) fn open_for_person(
    tx: &mut Tx<'_>,
    person: StaffId,
    organisation: &Organisation,
    key: Option<KeyThumbprint>,
    authenticated_at: Timestamp,
) -> Result<OpenedSession, StoreError> {
    let whose = Whose {
        kind: organisation.kind.session(),
        resident: None,
        device: None,
        person: Some(person),
        organisation: Some(organisation.id),
        key,
    };
    let opened = open(tx, &whose, authenticated_at)?;
    let news = opened.session.map(|session| security::news(tx, person, session)).transpose()?;
    Ok(OpenedSession { news, ..opened })
}

/// Opens a session for a resident whose PIN was right on their device. Earlier sessions on it end.
///
/// # Errors
/// [`StoreError::Over`] when the device's registration has run out; otherwise the database's.
pub fn open_for_device(tx: &mut Tx<'_>, device: &Verified<DeviceId>) -> Result<OpenedSession, StoreError> {
    let (created, used): (Instant, Instant) = device_rows::table
        .find(Sql(*device.id()))
        .select((device_rows::created_at, device_rows::last_used_at))
        .first(tx.conn())?;
    if device_ends(created.timestamp(), used.timestamp()) <= tx.now() {
        return Err(StoreError::Over(Over::Ended(EndReason::DeviceExpired)));
    }
    open_on_device(tx, *device.id())
}

/// For the activation, which has seen the code and the birth date instead of a PIN.
pub(crate) fn open_on_device(tx: &mut Tx<'_>, device: DeviceId) -> Result<OpenedSession, StoreError> {
    type Row = (Sql<ResidentId>, String, Vec<u8>);
    let row: Option<Row> = device_rows::table
        .find(Sql(device))
        .filter(device_rows::unbound_at.is_null())
        .select((device_rows::resident_id, device_rows::holder_kind, device_rows::holder_hash))
        .first(tx.conn())
        .optional()?;
    let (resident, kind, hash) = row.ok_or(StoreError::Unauthenticated)?;
    let now = Instant::from(tx.now());
    update(device_rows::table.find(Sql(device)))
        .set((device_rows::failed_count.eq(0), device_rows::last_used_at.eq(now)))
        .execute(tx.conn())?;
    super::end_of_device(tx, device, EndReason::Replaced)?;
    let whose = Whose {
        kind: SessionKind::Resident,
        resident: Some(resident.0),
        device: Some(device),
        person: None,
        organisation: None,
        key: Holder::read(&kind, hash)?.key().copied(),
    };
    let now = tx.now();
    open(tx, &whose, now)
}

fn open(tx: &mut Tx<'_>, whose: &Whose, authenticated_at: Timestamp) -> Result<OpenedSession, StoreError> {
    let id = tx.new_id(SessionId::new);
    let now = Instant::from(tx.now());
    let expires_at = tx.now() + whose.kind.limits().absolute;
    insert_into(sessions::table)
        .values((
            sessions::id.eq(Sql(id)),
            sessions::kind.eq(whose.kind.as_str()),
            sessions::resident_id.eq(whose.resident.map(Sql)),
            sessions::device_id.eq(whose.device.map(Sql)),
            sessions::staff_id.eq(whose.person.map(Sql)),
            sessions::organisation_id.eq(whose.organisation.map(Sql)),
            sessions::key_thumbprint.eq(whose.key.map(|key| key.as_bytes().to_vec())),
            sessions::authenticated_at.eq(Instant::from(authenticated_at)),
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(Instant::from(expires_at)),
        ))
        .execute(tx.conn())?;
    let place = PairPlace { session: id, number: 1, follows: None, retries: 0 };
    give_out(tx, &place, whose.kind, expires_at, whose.key.is_some())
}

struct PairPlace {
    session: SessionId,
    number: i32,
    follows: Option<i32>,
    retries: i32,
}

fn give_out(
    tx: &mut Tx<'_>,
    place: &PairPlace,
    kind: SessionKind,
    expires_at: Timestamp,
    bound: bool,
) -> Result<OpenedSession, StoreError> {
    let limits = kind.limits();
    let access = Token::generate(tx.random(), TokenKind::Session);
    let refresh = limits.refresh.then(|| Token::generate(tx.random(), TokenKind::Refresh));
    let access_expires_at = (tx.now() + limits.access).min(expires_at);
    insert_into(token_pairs::table)
        .values((
            token_pairs::session_id.eq(Sql(place.session)),
            token_pairs::number.eq(place.number),
            token_pairs::follows.eq(place.follows),
            token_pairs::access_hash.eq(access.hash().as_bytes().to_vec()),
            token_pairs::access_expires_at.eq(Instant::from(access_expires_at)),
            token_pairs::refresh_hash.eq(refresh.as_ref().map(|token| token.hash().as_bytes().to_vec())),
            token_pairs::issued_at.eq(Instant::from(tx.now())),
            token_pairs::retries.eq(place.retries),
        ))
        .execute(tx.conn())?;
    Ok(OpenedSession {
        session: Some(place.session),
        access,
        access_expires_at,
        refresh,
        expires_at,
        bound,
        news: None,
    })
}

/// Exchanges a refresh token for the next pair, or finds out what is wrong with it.
///
/// # Errors
/// The database's.
pub fn refresh(
    tx: &mut Tx<'_>,
    shown: &TokenHash,
    key: Option<&KeyThumbprint>,
    bearer: bool,
) -> Result<Refreshed, StoreError> {
    let row: Option<(SessionRow, i32)> = token_pairs::table
        .inner_join(sessions::table)
        .filter(token_pairs::refresh_hash.eq(Some(shown.as_bytes().to_vec())))
        .select((SessionRow::as_select(), token_pairs::number))
        .first(tx.conn())
        .optional()?;
    let Some((row, number)) = row else { return Ok(Refreshed::Refused) };
    let (kind, now) = (row.kind()?, tx.now());
    // Another key changes nothing: who has stolen only the text of a token must not be able to sign its owner out.
    if !row.bound_to(key)? || (key.is_none() && !bearer) || row.why_over(kind, now)?.is_some() {
        return Ok(Refreshed::Refused);
    }
    let session = row.id.0;
    let (place, withdrawn) = match judge(tx, session, number)? {
        Judged::SlowDown(until) => return Ok(Refreshed::SlowDown(until)),
        Judged::Replayed => {
            super::end_replayed(tx, session)?;
            return Ok(Refreshed::Replayed(session));
        }
        Judged::Next { place, withdrawn } => (place, withdrawn),
    };
    if let Some(number) = withdrawn {
        delete(token_pairs::table.find((Sql(session), number))).execute(tx.conn())?;
    }
    note_refresh(tx, session, number)?;
    Ok(Refreshed::Tokens(give_out(tx, &place, kind, row.expires_at.timestamp(), key.is_some())?))
}

enum Judged {
    Next { place: PairPlace, withdrawn: Option<i32> },
    SlowDown(Timestamp),
    Replayed,
}

fn judge(tx: &mut Tx<'_>, session: SessionId, number: i32) -> Result<Judged, StoreError> {
    type Successor = (i32, Instant, Option<Instant>, i32);
    let successor: Option<Successor> = token_pairs::table
        .filter(token_pairs::session_id.eq(Sql(session)))
        .filter(token_pairs::follows.eq(Some(number)))
        .select((token_pairs::number, token_pairs::issued_at, token_pairs::used_at, token_pairs::retries))
        .first(tx.conn())
        .optional()?;
    let newest: Option<i32> = token_pairs::table
        .filter(token_pairs::session_id.eq(Sql(session)))
        .select(diesel::dsl::max(token_pairs::number))
        .first(tx.conn())?;
    let next = |retries| PairPlace {
        session,
        number: newest.unwrap_or(number).saturating_add(1),
        follows: Some(number),
        retries,
    };
    let shown = match successor {
        None => Shown::Current,
        Some((_, at, used, retries)) => {
            Shown::Superseded { successor_used: used.is_some(), successor_at: at.timestamp(), retries }
        }
    };
    Ok(match judge_refresh(shown, tx.now()) {
        Refresh::Rotate => Judged::Next { place: next(0), withdrawn: None },
        Refresh::Repeat(retries) => {
            Judged::Next { place: next(retries), withdrawn: successor.map(|(number, ..)| number) }
        }
        Refresh::SlowDown(until) => Judged::SlowDown(until),
        Refresh::Replayed => Judged::Replayed,
    })
}

/// Using a refresh token is a use of its pair and of the session.
fn note_refresh(tx: &mut Tx<'_>, session: SessionId, number: i32) -> Result<(), StoreError> {
    super::note_use(tx, super::Use { session, pair: number })
}

/// Ends the session that a token belongs to, whichever of its tokens it is (RFC 7009). A stranger's token, or one that is
/// bound to another key, changes nothing.
///
/// # Errors
/// The database's.
pub fn revoke(tx: &mut Tx<'_>, shown: &TokenHash, key: Option<&KeyThumbprint>) -> Result<(), StoreError> {
    let hash = shown.as_bytes().to_vec();
    let row: Option<SessionRow> = token_pairs::table
        .inner_join(sessions::table)
        .filter(token_pairs::access_hash.eq(hash.clone()).or(token_pairs::refresh_hash.eq(Some(hash))))
        .select(SessionRow::as_select())
        .first(tx.conn())
        .optional()?;
    match row {
        Some(row) if row.bound_to(key)? => end(tx, row.id.0, EndReason::SignedOut),
        Some(_) | None => Ok(()),
    }
}
