//! Acting in a resident's place: who may, and how much of the resident's decisions they see.
//!
//! Whoever acts sees and gives nothing that is closed to them. What of a resident's rules tells of more than that is not there
//! for them ([`own_open`]); what they want to give must lie within what they were given ([`may_give`]).

use std::collections::HashSet;

use diesel::{prelude::*, update};
use nahraum_domain::{
    access::{Action, Actor, Basis},
    audit::{LogAction, LogActor, LogEntry, LogOutcome},
    consent::{Data, Effect, Purpose, Reader, Recipient, Right, Rights, event::EventKind},
    ids::{ConsentId, FindingId, ResidentId},
    representation,
};

use super::{
    history, own,
    rules::{self, StoredRule},
    stored,
};
use crate::{
    access::{Caller, System, Tx, chain, log},
    db::types::{Instant, Sql},
    error::{Refused, StoreError},
    findings, notifications,
    schema::consent_rules,
};

/// The caller as who acts in the place of the resident whose rule this is, if it lets them, now.
///
/// # Errors
/// [`StoreError::Denied`], the same for a rule that is not there, not for them, over, or only lets them look.
pub(crate) fn in_place<'t>(tx: &mut Tx<'t>, caller: Caller<'t>, by: ConsentId) -> Result<Caller<'t>, StoreError> {
    let no = |tx: &Tx<'t>| Err(tx.denied(&caller, Action::ListShared, Refused::Forbidden, None, None));
    let Actor::Resident(representative) = caller.actor() else { return no(tx) };
    let Some(StoredRule { resident, rule, .. }) = stored_for(tx, by, representative)? else { return no(tx) };
    if !rule.representation.is_some_and(|representation| representation.may_act) {
        return no(tx);
    }
    Ok(caller.with_actor(Actor::Representative { representative, resident, by }))
}

/// The rule, if it is one by which somebody acts for a resident, is for this one, and stands. Looked at before its terms are
/// opened: a rule that is not theirs is none.
fn stored_for(tx: &mut Tx<'_>, by: ConsentId, who: ResidentId) -> Result<Option<StoredRule>, StoreError> {
    let (kind, recipient) = (Recipient::Resident(who).parts().0, who.as_bytes().to_vec());
    let theirs: i64 = consent_rules::table
        .find(Sql(by))
        .filter(consent_rules::recipient_kind.eq(kind))
        .filter(consent_rules::recipient_id.eq(Some(recipient)))
        .filter(consent_rules::purpose.eq(Purpose::Representation.as_str()))
        .count()
        .get_result(tx.conn())?;
    let now = tx.now();
    let found = if theirs == 1 { stored(tx, by)? } else { None };
    Ok(found.filter(|found| found.rule.effect == Effect::Permit && found.rule.stands(now)))
}

/// How much of a resident is open to who acts in their place.
pub(crate) struct Window {
    by: ConsentId,
    data: Data,
    rights: Rights,
    findings: HashSet<FindingId>,
}

impl Window {
    /// Whether a finding is open to them.
    pub(crate) fn opens(&self, finding: FindingId) -> bool {
        self.findings.contains(&finding)
    }

    /// Whether a rule of the resident tells of nothing that is closed to them.
    pub(crate) fn shows(&self, StoredRule { rule, .. }: &StoredRule) -> bool {
        match (rule.purpose, rule.effect) {
            // Who else acts, and who holds a link, is the resident's alone.
            (Purpose::Representation, _) => rule.id == self.by,
            (Purpose::Link, _) => false,
            (Purpose::Treatment | Purpose::Explanation | Purpose::Emergency, Effect::Permit) => self.holds(&rule.data),
            // A denial means delicate findings as well without having any in mind.
            (Purpose::Treatment | Purpose::Explanation | Purpose::Emergency, Effect::Deny) => {
                self.holds(&Data { sensitive: false, ..rule.data.clone() })
            }
        }
    }

    fn holds(&self, data: &Data) -> bool {
        data.lies_within(&self.data, |finding| self.opens(finding))
    }
}

/// How much is open to the caller of the resident in whose place they act; none for a resident in person, to whom all of it is
/// open.
///
/// # Errors
/// The database's.
pub(crate) fn window(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<Window>, StoreError> {
    let Actor::Representative { representative, resident, by } = caller.actor() else { return Ok(None) };
    let rule = stored(tx, by)?.ok_or(StoreError::Corrupt("consent_rules.id"))?.rule;
    let reader = Reader::Representative(representative);
    let rules = rules::standing(tx, resident, &reader)?;
    let findings = findings::open_to(tx, resident, &rules, &reader, Right::View)?;
    let data = rule.data_at(tx.now()).into_owned();
    Ok(Some(Window { by, data, rights: rule.rights, findings: findings.into_iter().map(|item| item.id).collect() }))
}

/// [`own`], as far as the caller may see it.
///
/// # Errors
/// As [`own`].
pub fn own_open(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<StoredRule>, StoreError> {
    let all = own(tx, caller)?;
    Ok(match window(tx, caller)? {
        Some(window) => all.into_iter().filter(|stored| window.shows(stored)).collect(),
        None => all,
    })
}

/// Whether the caller may give this to others: of their own everything, in somebody's place no more than is open to themself.
///
/// # Errors
/// The database's.
pub fn may_give(tx: &mut Tx<'_>, caller: &Caller<'_>, data: &Data, rights: Rights) -> Result<bool, StoreError> {
    let Some(window) = window(tx, caller)? else { return Ok(true) };
    let no_more = [Right::Download, Right::PassOn];
    let no_more = no_more.into_iter().all(|right| !rights.includes(right) || window.rights.includes(right));
    Ok(no_more && window.holds(data))
}

/// Whether the caller may take a rule back: a resident in person every one; in somebody's place none by which somebody acts,
/// and of what closes only what was closed in that place.
///
/// # Errors
/// The database's.
pub fn may_end(tx: &mut Tx<'_>, caller: &Caller<'_>, stored: &StoredRule) -> Result<bool, StoreError> {
    if caller.acts_by().is_none() {
        return Ok(true);
    }
    match (stored.rule.purpose, stored.rule.effect) {
        (Purpose::Representation | Purpose::Link, _) => Ok(false),
        (Purpose::Treatment | Purpose::Explanation | Purpose::Emergency, Effect::Permit) => Ok(true),
        (Purpose::Treatment | Purpose::Explanation | Purpose::Emergency, Effect::Deny) => {
            history::made_in_place(tx, stored.rule.id)
        }
    }
}

/// To be called when the caller has changed something: the first time that they do so in somebody's place, that one is told.
///
/// # Errors
/// The database's.
pub fn first_act(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<(), StoreError> {
    let (Some(by), Some(resident)) = (caller.acts_by(), caller.principal()) else { return Ok(()) };
    let first = consent_rules::table.find(Sql(by)).filter(consent_rules::acted_at.is_null());
    let now = Some(Instant::from(tx.now()));
    if update(first).set(consent_rules::acted_at.eq(now)).execute(tx.conn())? == 1 {
        notifications::security(tx, resident)?;
    }
    Ok(())
}

/// What was opened to a resident alone, who is just being erased, ends: there is nobody any more to act. Those who had opened
/// it are told.
pub(crate) fn end_of_gone(tx: &mut Tx<'_>, gone: ResidentId) -> Result<(), StoreError> {
    let theirs = consent_rules::table
        .filter(consent_rules::recipient_kind.eq(Recipient::Resident(gone).parts().0))
        .filter(consent_rules::recipient_id.eq(Some(gone.as_bytes().to_vec())))
        .filter(consent_rules::ended_at.is_null());
    let rows: Vec<(Sql<ConsentId>, Sql<ResidentId>)> =
        theirs.select((consent_rules::id, consent_rules::resident_id)).load(tx.conn())?;
    let now = Some(Instant::from(tx.now()));
    for (Sql(id), Sql(resident)) in rows {
        update(consent_rules::table.find(Sql(id))).set(consent_rules::ended_at.eq(now)).execute(tx.conn())?;
        rules::changed(tx, resident)?;
        let step = history::Step { consent: id, kind: EventKind::Withdrawn, at: tx.now(), detail: None };
        history::note_as(tx, LogActor::System, None, resident, step)?;
        let entry = LogEntry {
            resident: Some(resident),
            at: tx.now(),
            actor: LogActor::System,
            action: LogAction::Unshare,
            finding: None,
            basis: Some(Basis::Representation),
            consent: Some(id),
            rests_on: None,
            outcome: LogOutcome::Done,
            request: tx.request(),
        };
        log::insert_with(tx, &entry)?;
        notifications::security(tx, resident)?;
    }
    Ok(())
}

/// Tells both sides of a step that is near or there, at most `limit` rules at a time. Returns how many were looked at. The step
/// itself holds without this.
///
/// # Errors
/// The database's.
pub fn announce_steps(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    type Row = (Sql<ConsentId>, Sql<ResidentId>, Option<Vec<u8>>, Option<Instant>, Option<Instant>, Option<Instant>);
    let due: Vec<Row> = consent_rules::table
        .filter(consent_rules::notice_at.le(Some(Instant::from(tx.now()))))
        .limit(limit)
        .select((
            consent_rules::id,
            consent_rules::resident_id,
            consent_rules::recipient_id,
            consent_rules::narrows_at,
            consent_rules::ends_at,
            consent_rules::ended_at,
        ))
        .load(tx.conn())?;
    let now = tx.now();
    for (rule, Sql(resident), other, narrows, ends, ended) in &due {
        let of = |at: &Option<Instant>| at.as_ref().map(|at| at.timestamp());
        let next = representation::next_notice(of(narrows), of(ends), now).filter(|_| ended.is_none());
        update(consent_rules::table.find(rule))
            .set(consent_rules::notice_at.eq(next.map(Instant::from)))
            .execute(tx.conn())?;
        let other = other.as_ref().and_then(|id| chain::array(id)).map(ResidentId::from_bytes);
        for side in [Some(*resident), other].into_iter().flatten().filter(|_| ended.is_none()) {
            notifications::security(tx, side)?;
        }
    }
    Ok(due.len())
}
