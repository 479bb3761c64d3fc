//! Room consents: what a resident agreed to, and when they took it back.

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    audit::LogActor,
    consent::event::EventKind,
    ids::{ConsentId, DeviceId, ResidentId},
};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::consents,
    shares::history,
};

/// The exact text that was agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreedText {
    /// The purpose.
    pub purpose: String,
    /// The version of the text.
    pub version: i32,
    /// The language it was read in, as a tag.
    pub language: String,
    /// Its SHA-256 in lower-case hex.
    pub sha256: String,
}

/// One decision.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The decision.
    pub id: ConsentId,
    /// The text.
    pub text: AgreedText,
    /// When it was given.
    pub granted_at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
}

type Row = (Sql<ConsentId>, String, i32, String, String, Instant, Option<Instant>);

/// All decisions of the caller, newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Consent>, StoreError> {
    let resident = caller.principal().ok_or(StoreError::Unauthenticated)?;
    let rows: Vec<Row> = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .order((consents::granted_at.desc(), consents::id.desc()))
        .select((
            consents::id,
            consents::purpose,
            consents::version,
            consents::language,
            consents::sha256,
            consents::granted_at,
            consents::withdrawn_at,
        ))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(read).collect())
}

fn read((id, purpose, version, language, sha256, granted, withdrawn): Row) -> Consent {
    Consent {
        id: id.0,
        text: AgreedText { purpose, version, language, sha256 },
        granted_at: granted.timestamp(),
        withdrawn_at: withdrawn.map(|at| at.timestamp()),
    }
}

/// Records that the caller agrees.
///
/// # Errors
/// As [`own`].
pub fn grant(tx: &mut Tx<'_>, caller: &Caller<'_>, text: &AgreedText) -> Result<Consent, StoreError> {
    let resident = caller.principal().ok_or(StoreError::Unauthenticated)?;
    record(tx, resident, caller.actor().into(), None, text)
}

pub(crate) fn record(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    actor: LogActor,
    device: Option<DeviceId>,
    text: &AgreedText,
) -> Result<Consent, StoreError> {
    let id = tx.new_id(ConsentId::new);
    insert_into(consents::table)
        .values((
            consents::id.eq(Sql(id)),
            consents::resident_id.eq(Sql(resident)),
            consents::device_id.eq(device.map(Sql)),
            consents::purpose.eq(&text.purpose),
            consents::version.eq(text.version),
            consents::language.eq(&text.language),
            consents::sha256.eq(&text.sha256),
            consents::granted_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    history::note_as(tx, actor, device, resident, id, EventKind::Granted)?;
    Ok(Consent { id, text: text.clone(), granted_at: tx.now(), withdrawn_at: None })
}

/// Takes a decision of the caller back, and with it every other one for the same purpose: who takes back means it.
/// Returns whether there was such a decision.
///
/// # Errors
/// As [`own`].
pub fn withdraw(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ConsentId) -> Result<bool, StoreError> {
    let resident = caller.principal().ok_or(StoreError::Unauthenticated)?;
    let purpose: Option<String> = consents::table
        .find(Sql(id))
        .filter(consents::resident_id.eq(Sql(resident)))
        .select(consents::purpose)
        .first(tx.conn())
        .optional()?;
    let Some(purpose) = purpose else { return Ok(false) };
    let mine = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::withdrawn_at.is_null());
    let taken_back: Vec<Sql<ConsentId>> = mine.clone().select(consents::id).load(tx.conn())?;
    let now = Instant::from(tx.now());
    update(mine).set(consents::withdrawn_at.eq(Some(now))).execute(tx.conn())?;
    for id in taken_back {
        history::note(tx, caller, resident, id.0, EventKind::Withdrawn)?;
    }
    Ok(true)
}

/// Whether a resident's consent for a purpose stands.
pub(crate) fn stands(tx: &mut Tx<'_>, resident: ResidentId, purpose: &str) -> Result<bool, StoreError> {
    let count: i64 = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .filter(consents::purpose.eq(purpose))
        .filter(consents::withdrawn_at.is_null())
        .count()
        .get_result(tx.conn())?;
    Ok(count > 0)
}
