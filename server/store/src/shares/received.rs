//! The other side: what others have opened to the caller.

use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{
    consent::{Effect, Purpose, Recipient, Rights},
    ids::{ConsentId, ResidentId},
    private::Private,
    representation::Representation,
};

use super::rules::{self, StoredRule};
use crate::{
    access::{Caller, Scope, Tx, actions::ListShared},
    db::types::{Instant, Sql},
    encounters,
    error::StoreError,
    schema::consent_rules,
};

/// A permit as its recipient sees it: nothing of its terms, which could tell what is not for them.
#[derive(Debug, Clone)]
pub struct Received {
    /// The rule.
    pub id: ConsentId,
    owner: ResidentId,
    recipient: Recipient,
    /// What for.
    pub purpose: Purpose,
    /// How the resident wants to be called.
    pub called: Option<Private<String>>,
    /// What may be done beyond looking.
    pub rights: Rights,
    /// Since when.
    pub from: Timestamp,
    /// Until when; none without an end.
    pub until: Option<Timestamp>,
    /// What else counts where the caller acts for the resident.
    pub representation: Option<Representation>,
}

impl Received {
    /// Whose findings.
    pub(crate) const fn owner(&self) -> ResidentId {
        self.owner
    }
}

impl From<StoredRule> for Received {
    fn from(stored: StoredRule) -> Self {
        let StoredRule { resident, rule, called, .. } = stored;
        Self {
            id: rule.id,
            owner: resident,
            recipient: rule.recipient,
            purpose: rule.purpose,
            called,
            rights: rule.rights,
            from: rule.period.from,
            until: rule.period.until,
            representation: rule.representation,
        }
    }
}

/// The caller gives up what was opened to them alone; what is for an organisation is not theirs to end. Returns whether it
/// was.
///
/// # Errors
/// The database's.
pub fn give_up(tx: &mut Tx<'_>, caller: &Caller<'_>, share: &Received) -> Result<bool, StoreError> {
    match share.recipient {
        Recipient::Person(_) | Recipient::Resident(_) => super::end_of(tx, caller, share.owner, share.id),
        Recipient::Explain(conversation) => encounters::end(tx, caller, conversation),
        Recipient::Everyone | Recipient::Organisation(_) | Recipient::Duty(..) | Recipient::Link(_) => Ok(false),
    }
}

/// What stands open to the caller now, newest first, at most `limit`, older than `before`.
///
/// # Errors
/// The database's.
pub fn list(
    tx: &mut Tx<'_>,
    _scope: &Scope<'_, ListShared>,
    caller: &Caller<'_>,
    before: Option<ConsentId>,
    limit: i64,
) -> Result<Vec<Received>, StoreError> {
    let Some(reader) = rules::reader(tx, caller)? else { return Ok(Vec::new()) };
    let now = Instant::from(tx.now());
    let mut all = Vec::new();
    for recipient in reader.recipients() {
        let (kind, Some(id)) = recipient.parts() else { continue };
        let mut query = consent_rules::table
            .filter(consent_rules::recipient_id.eq(Some(id.to_vec())))
            .filter(consent_rules::recipient_kind.eq(kind))
            .filter(consent_rules::effect.eq(Effect::Permit.as_str()))
            .filter(consent_rules::ended_at.is_null())
            .filter(consent_rules::starts_at.le(now))
            .filter(consent_rules::ends_at.is_null().or(consent_rules::ends_at.gt(now)))
            .order(consent_rules::id.desc())
            .limit(limit)
            .select(rules::COLUMNS)
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(consent_rules::id.lt(Sql(before)));
        }
        let rows: Vec<rules::Row> = query.load(tx.conn())?;
        for row in rows {
            all.push(Received::from(rules::read(tx, row)?));
        }
    }
    all.sort_by_key(|share| std::cmp::Reverse(share.id));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}

/// For how long somebody is told that a permit is over.
const TOLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// At most so many.
const MOST_TOLD: usize = 200;

/// What stood open to the caller and is over since thirty days at most: taken back, run out or closed, which all look the same.
/// The one that ended last comes first; with the moment at which it ended.
///
/// # Errors
/// The database's.
pub fn ended(
    tx: &mut Tx<'_>,
    _scope: &Scope<'_, ListShared>,
    caller: &Caller<'_>,
) -> Result<Vec<(Received, Timestamp)>, StoreError> {
    let Some(reader) = rules::reader(tx, caller)? else { return Ok(Vec::new()) };
    let (now, since) = (Instant::from(tx.now()), Instant::from(tx.now() - TOLD));
    let mut all = Vec::new();
    for recipient in reader.recipients() {
        let (kind, Some(id)) = recipient.parts() else { continue };
        let ran_out = consent_rules::ended_at
            .is_null()
            .and(consent_rules::ends_at.le(Some(now)))
            .and(consent_rules::ends_at.gt(Some(since)));
        let rows: Vec<rules::Row> = consent_rules::table
            .filter(consent_rules::recipient_id.eq(Some(id.to_vec())))
            .filter(consent_rules::recipient_kind.eq(kind))
            .filter(consent_rules::effect.eq(Effect::Permit.as_str()))
            .filter(consent_rules::ended_at.gt(Some(since)).or(ran_out))
            .select(rules::COLUMNS)
            .load(tx.conn())?;
        for row in rows {
            let stored = rules::read(tx, row)?;
            let over = [stored.rule.ended_at, stored.rule.period.until].into_iter().flatten().min();
            all.extend(over.map(|over| (Received::from(stored), over)));
        }
    }
    all.sort_by_key(|(share, over)| std::cmp::Reverse((*over, share.id)));
    all.truncate(MOST_TOLD);
    Ok(all)
}

/// One of them; none when there is none, when it is not for the caller, or when it is over.
///
/// # Errors
/// The database's.
pub fn received(
    tx: &mut Tx<'_>,
    _scope: &Scope<'_, ListShared>,
    caller: &Caller<'_>,
    id: ConsentId,
) -> Result<Option<Received>, StoreError> {
    let Some(reader) = rules::reader(tx, caller)? else { return Ok(None) };
    let row: Option<rules::Row> =
        consent_rules::table.find(Sql(id)).select(rules::COLUMNS).first(tx.conn()).optional()?;
    let Some(row) = row else { return Ok(None) };
    let ((_, _), (_, _, kind, recipient), ..) = &row;
    // Looked at before its terms are opened: a rule that is not theirs is none.
    if !reader.is(rules::recipient_of(kind, recipient.as_ref())?) {
        return Ok(None);
    }
    let stored = rules::read(tx, row)?;
    let counts = stored.rule.effect == Effect::Permit && stored.rule.recipient != Recipient::Everyone;
    Ok((counts && stored.rule.stands(tx.now())).then(|| stored.into()))
}
