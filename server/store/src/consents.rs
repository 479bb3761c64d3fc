//! Room consents: what a resident agreed to or refused, and when they took it back.

mod agreements;
mod evidence;
mod questions;
mod texts;

use std::collections::BTreeMap;

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    audit::LogActor,
    consent::{
        event::{EventKind, Standing},
        texts::{self as rules, Asking, Yes},
    },
    ids::{ConsentId, DeviceId, ResidentId},
};

pub use self::{
    agreements::{Agreement, Count, agreements, counts},
    evidence::{Detail, Evidence},
    questions::{Asked, ask_again, asked, refuse, settle},
    texts::{NewText, NewVersion, Publication, StoredText, newest, newest_of_all, publish, publisher, text},
};
use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    devices,
    error::StoreError,
    schema::consents,
    shares::history::{self, Step},
};

/// The exact text that was agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// One decision: a yes or a no.
#[derive(Debug, Clone, Hash)]
pub struct Consent {
    /// The decision.
    pub id: ConsentId,
    /// The text.
    pub text: AgreedText,
    /// Where it stands: granted, refused, withdrawn or expired.
    pub standing: Standing,
    /// When the answer was given.
    pub at: Timestamp,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// Until when a yes counts, if a newer text has asked for a new one.
    pub counts_until: Option<Timestamp>,
}

type Row = (Sql<ConsentId>, i32, String, String, Instant, Option<Instant>);

/// All decisions of the caller, newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Consent>, StoreError> {
    let resident = caller.whose()?;
    let now = tx.now();
    let mut all: Vec<Consent> = Vec::new();
    for (purpose, rows) in rows(tx, resident)? {
        let askings = texts::askings(tx, &purpose)?;
        all.extend(rows.into_iter().map(|row| read(&purpose, row, &askings, now)));
    }
    all.extend(questions::refused(tx, resident)?);
    all.sort_by_key(|consent| std::cmp::Reverse((consent.at, consent.id)));
    Ok(all)
}

/// What a resident has answered with yes, by purpose.
fn rows(tx: &mut Tx<'_>, resident: ResidentId) -> Result<BTreeMap<String, Vec<Row>>, StoreError> {
    let rows: Vec<(String, Row)> = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .select((
            consents::purpose,
            (
                consents::id,
                consents::version,
                consents::language,
                consents::sha256,
                consents::granted_at,
                consents::withdrawn_at,
            ),
        ))
        .load(tx.conn())?;
    let mut of: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for (purpose, row) in rows {
        of.entry(purpose).or_default().push(row);
    }
    Ok(of)
}

fn read(purpose: &str, row: Row, askings: &[Asking], now: Timestamp) -> Consent {
    let (id, version, language, sha256, granted, withdrawn) = row;
    Consent {
        id: id.0,
        standing: rules::standing(Yes { version, withdrawn: withdrawn.is_some() }, askings, now),
        text: AgreedText { purpose: purpose.to_owned(), version, language, sha256 },
        at: granted.timestamp(),
        withdrawn_at: withdrawn.map(|at| at.timestamp()),
        counts_until: rules::counts_until(version, askings),
    }
}

/// When the caller's decisions about texts run out, by what was published until `known_at`.
///
/// # Errors
/// As [`own`].
pub fn ends(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    known_at: Timestamp,
) -> Result<BTreeMap<ConsentId, Timestamp>, StoreError> {
    let resident = caller.whose()?;
    let mut ends = BTreeMap::new();
    for (purpose, rows) in rows(tx, resident)? {
        let mut askings = texts::askings(tx, &purpose)?;
        askings.retain(|asking| asking.published_at <= known_at);
        let over = |(id, version, ..): Row| Some((id.0, rules::counts_until(version, &askings)?));
        ends.extend(rows.into_iter().filter_map(over));
    }
    Ok(ends)
}

/// Records that the caller agrees. An open question for the same purpose is answered by it.
///
/// # Errors
/// As [`own`].
pub fn grant(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    text: &AgreedText,
    evidence: Option<&Evidence>,
) -> Result<Consent, StoreError> {
    let resident = caller.whose()?;
    let device = devices::in_hand(tx, caller)?;
    record(tx, resident, caller.actor().into(), device, text, evidence)
}

pub(crate) fn record(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    actor: LogActor,
    device: Option<DeviceId>,
    text: &AgreedText,
    evidence: Option<&Evidence>,
) -> Result<Consent, StoreError> {
    let id = match questions::answer(tx, resident, text)? {
        Some(question) => question,
        None => tx.new_id(ConsentId::new),
    };
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
    let (at, detail) = (tx.now(), Detail::of(evidence));
    let step = Step { consent: id, kind: EventKind::Granted, at, detail: detail.as_ref() };
    history::note_as(tx, actor, device, resident, step)?;
    let standing = Standing::Granted;
    Ok(Consent { id, text: text.clone(), standing, at, withdrawn_at: None, counts_until: None })
}

/// Takes a decision of the caller back, and with it every other yes for the same purpose, also one that has run out: who
/// takes back means it. An open question is answered with no. Returns whether there was such a decision.
///
/// # Errors
/// As [`own`].
pub fn withdraw(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ConsentId) -> Result<bool, StoreError> {
    let resident = caller.whose()?;
    let purpose: Option<String> = consents::table
        .find(Sql(id))
        .filter(consents::resident_id.eq(Sql(resident)))
        .select(consents::purpose)
        .first(tx.conn())
        .optional()?;
    let Some(purpose) = purpose else { return Ok(false) };
    let mine = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .filter(consents::purpose.eq(&purpose))
        .filter(consents::withdrawn_at.is_null());
    let taken_back: Vec<Sql<ConsentId>> = mine.select(consents::id).load(tx.conn())?;
    let now = Instant::from(tx.now());
    update(mine).set(consents::withdrawn_at.eq(Some(now))).execute(tx.conn())?;
    for id in taken_back {
        history::note(tx, caller, resident, id.0, EventKind::Withdrawn)?;
    }
    questions::close(tx, caller, resident, &purpose)?;
    Ok(true)
}

/// What a resident has answered for a purpose with yes, and what has asked again.
fn answers(tx: &mut Tx<'_>, resident: ResidentId, purpose: &str) -> Result<(Vec<Yes>, Vec<Asking>), StoreError> {
    let rows: Vec<(i32, Option<Instant>)> = consents::table
        .filter(consents::resident_id.eq(Sql(resident)))
        .filter(consents::purpose.eq(purpose))
        .select((consents::version, consents::withdrawn_at))
        .load(tx.conn())?;
    let yes = rows.into_iter().map(|(version, withdrawn)| Yes { version, withdrawn: withdrawn.is_some() });
    Ok((yes.collect(), texts::askings(tx, purpose)?))
}

/// Whether a resident's consent for a purpose stands.
pub(crate) fn stands(tx: &mut Tx<'_>, resident: ResidentId, purpose: &str) -> Result<bool, StoreError> {
    let (yes, askings) = answers(tx, resident, purpose)?;
    Ok(rules::agrees(&yes, &askings, tx.now()))
}
