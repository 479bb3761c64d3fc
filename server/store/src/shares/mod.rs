//! Room shares: what residents open to others and close, and what those others find.

pub(crate) mod acting;
pub(crate) mod history;
mod received;
pub(crate) mod rules;

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::Basis,
    audit::{LogAction, LogEntry},
    consent::{Data, Effect, Period, Purpose, Recipient, Rights, event::EventKind, period},
    ids::{ConsentId, OrganisationId, ResidentId, StaffId},
    organisations::{Duty, OrganisationKind},
    private::Private,
    representation::{self, Representation},
};

pub use self::{
    acting::{announce_steps, first_act, may_end, may_give, own_open},
    history::{By, Decided, history},
    received::{Received, ended, give_up, list, received},
    rules::StoredRule,
};
use crate::{
    access::{Caller, Tx, log},
    consents::{AgreedText, Detail},
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    organisations::Organisation,
    schema::{consent_rules, memberships, organisations},
};

/// How many rules of a resident may stand at once.
pub const MOST: i64 = 200;

/// A rule that a resident makes.
#[derive(Debug)]
pub struct NewRule {
    /// Whether it opens or closes.
    pub effect: Effect,
    /// What for.
    pub purpose: Purpose,
    /// For whom.
    pub recipient: Recipient,
    /// Which findings.
    pub data: Data,
    /// What beyond looking.
    pub rights: Rights,
    /// When.
    pub period: Period,
    /// How the resident wants to be called by the recipient.
    pub called: Option<String>,
    /// How the recipient wants to be called, where it is another resident.
    pub recipient_called: Option<Private<String>>,
    /// Why it was made without the resident, in an emergency.
    pub reason: Option<Private<String>>,
    /// The text that was shown for it.
    pub text: Option<AgreedText>,
    /// What else counts where somebody acts for the resident.
    pub representation: Option<Representation>,
}

/// The caller decides: the rule stands from now on, with its place in the history and its line in the access log.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn make(tx: &mut Tx<'_>, caller: &Caller<'_>, new: &NewRule) -> Result<ConsentId, StoreError> {
    let resident = caller.whose()?;
    make_for(tx, caller, resident, new)
}

/// A person at work declares an emergency: they see what the resident has not closed, for a short time, and the resident is
/// told at once, with the reason.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is nobody at work; otherwise the database's.
pub fn declare_emergency(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    reason: &Private<String>,
) -> Result<Received, StoreError> {
    let person = caller.person().ok_or(StoreError::Unauthenticated)?;
    let new = NewRule {
        effect: Effect::Permit,
        purpose: Purpose::Emergency,
        recipient: Recipient::Person(person),
        data: Data::default(),
        rights: Rights { download: true, pass_on: false },
        period: Period { from: tx.now(), until: Some(tx.now() + period::EMERGENCY) },
        called: None,
        recipient_called: None,
        reason: Some(reason.clone()),
        text: None,
        representation: None,
    };
    let id = make_for(tx, caller, resident, &new)?;
    notifications::security(tx, resident)?;
    Ok(stored(tx, id)?.ok_or(StoreError::Corrupt("consent_rules.id"))?.into())
}

pub(crate) fn make_for(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    new: &NewRule,
) -> Result<ConsentId, StoreError> {
    let id = tx.new_id(ConsentId::new);
    let (kind, recipient) = new.recipient.parts();
    let terms = rules::Terms::new(new).seal(tx, resident, id)?;
    insert_into(consent_rules::table)
        .values((
            consent_rules::id.eq(Sql(id)),
            consent_rules::resident_id.eq(Sql(resident)),
            (
                consent_rules::effect.eq(new.effect.as_str()),
                consent_rules::purpose.eq(new.purpose.as_str()),
                consent_rules::recipient_kind.eq(kind),
                consent_rules::recipient_id.eq(recipient.map(|id| id.to_vec())),
            ),
            (
                consent_rules::may_download.eq(i32::from(new.rights.download)),
                consent_rules::may_pass_on.eq(i32::from(new.rights.pass_on)),
                consent_rules::terms_sealed.eq(terms),
            ),
            (
                consent_rules::starts_at.eq(Instant::from(new.period.from)),
                consent_rules::ends_at.eq(new.period.until.map(Instant::from)),
                consent_rules::created_at.eq(Instant::from(tx.now())),
            ),
            acting(tx, new),
        ))
        .execute(tx.conn())?;
    rules::changed(tx, resident)?;
    let detail = new.text.as_ref().map(|text| Detail { text: Some(text.clone()), evidence: None });
    history::note_with(tx, caller, resident, id, EventKind::Granted, detail.as_ref())?;
    let action = match (new.effect, new.purpose) {
        (Effect::Deny, _) => LogAction::Block,
        (Effect::Permit, Purpose::Emergency) => LogAction::Emergency,
        (Effect::Permit, Purpose::Treatment | Purpose::Explanation | Purpose::Representation | Purpose::Link) => {
            LogAction::Share
        }
    };
    let basis = basis(caller, resident, new.purpose);
    enter_for(tx, caller, (resident, basis), id, action)?;
    Ok(id)
}

type Acting = (
    diesel::dsl::Eq<consent_rules::ground, Option<&'static str>>,
    diesel::dsl::Eq<consent_rules::may_act, i32>,
    diesel::dsl::Eq<consent_rules::narrows_at, Option<Instant>>,
    diesel::dsl::Eq<consent_rules::notice_at, Option<Instant>>,
);

/// What is stored of a rule by which somebody acts for the resident.
fn acting(tx: &Tx<'_>, new: &NewRule) -> Acting {
    let narrows_at = new.representation.and_then(|representation| representation.narrows_at);
    let told = new.representation.and(new.period.until);
    let notice_at = representation::next_notice(narrows_at, told, tx.now());
    (
        consent_rules::ground.eq(new.representation.map(|representation| representation.ground.as_str())),
        consent_rules::may_act.eq(i32::from(new.representation.is_some_and(|representation| representation.may_act))),
        consent_rules::narrows_at.eq(narrows_at.map(Instant::from)),
        consent_rules::notice_at.eq(notice_at.map(Instant::from)),
    )
}

/// The caller takes a rule back. Returns whether there was one that stood.
///
/// # Errors
/// As [`make`].
pub fn end(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ConsentId) -> Result<bool, StoreError> {
    let resident = caller.whose()?;
    end_of(tx, caller, resident, id)
}

/// [`end`], for a rule of a resident that the caller may end without being that resident.
pub(crate) fn end_of(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    id: ConsentId,
) -> Result<bool, StoreError> {
    let mine = consent_rules::table
        .find(Sql(id))
        .filter(consent_rules::resident_id.eq(Sql(resident)))
        .filter(consent_rules::ended_at.is_null());
    let row: Option<(String, String)> =
        mine.select((consent_rules::effect, consent_rules::purpose)).first(tx.conn()).optional()?;
    let Some((effect, purpose)) = row else { return Ok(false) };
    let purpose = Purpose::parse(&purpose).ok_or(StoreError::Corrupt("consent_rules.purpose"))?;
    update(mine).set(consent_rules::ended_at.eq(Some(Instant::from(tx.now())))).execute(tx.conn())?;
    rules::changed(tx, resident)?;
    history::note(tx, caller, resident, id, EventKind::Withdrawn)?;
    let opened = Effect::parse(&effect) == Some(Effect::Permit);
    let action = if opened { LogAction::Unshare } else { LogAction::Unblock };
    let basis = basis(caller, resident, purpose);
    enter_for(tx, caller, (resident, basis), id, action)?;
    if purpose == Purpose::Representation {
        notifications::security(tx, resident)?;
    }
    Ok(true)
}

/// The caller gives a rule that stands another end. Returns whether there was one.
///
/// # Errors
/// As [`make`].
pub fn set_end(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: ConsentId,
    until: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let resident = caller.whose()?;
    let now = Instant::from(tx.now());
    let mine = consent_rules::table
        .find(Sql(id))
        .filter(consent_rules::resident_id.eq(Sql(resident)))
        .filter(consent_rules::ended_at.is_null())
        .filter(consent_rules::ends_at.is_null().or(consent_rules::ends_at.gt(now)));
    let changed = update(mine).set(consent_rules::ends_at.eq(until.map(Instant::from))).execute(tx.conn())?;
    if changed == 0 {
        return Ok(false);
    }
    rules::changed(tx, resident)?;
    history::note(tx, caller, resident, id, EventKind::Changed)?;
    enter(tx, caller, id, LogAction::Share)?;
    Ok(true)
}

fn enter(tx: &mut Tx<'_>, caller: &Caller<'_>, id: ConsentId, action: LogAction) -> Result<(), StoreError> {
    let resident = caller.whose()?;
    enter_for(tx, caller, (resident, caller.basis()), id, action)
}

/// On what grounds the caller changes a rule of a resident.
fn basis(caller: &Caller<'_>, resident: ResidentId, purpose: Purpose) -> Basis {
    let theirs = caller.acts_by().is_some() || caller.principal() == Some(resident);
    if theirs { caller.basis() } else { Basis::of(purpose) }
}

/// The line of the log for a change of a resident's rules: by the resident, or by who gives up what they were given.
fn enter_for(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    (resident, basis): (ResidentId, Basis),
    id: ConsentId,
    action: LogAction,
) -> Result<(), StoreError> {
    let entry =
        LogEntry { resident: Some(resident), basis: Some(basis), consent: Some(id), ..tx.entry(caller, action) };
    Ok(log::insert_with(tx, &entry)?)
}

/// The caller's rules, newest first, also those that are over.
///
/// # Errors
/// As [`make`].
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<StoredRule>, StoreError> {
    let resident = caller.whose()?;
    of(tx, resident)
}

/// The rules of a resident, newest first, also those that are over.
pub(crate) fn of(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Vec<StoredRule>, StoreError> {
    let rows: Vec<rules::Row> = consent_rules::table
        .filter(consent_rules::resident_id.eq(Sql(resident)))
        .order(consent_rules::id.desc())
        .select(rules::COLUMNS)
        .load(tx.conn())?;
    rows.into_iter().map(|row| rules::read(tx, row)).collect()
}

/// One rule, whosever it is and also when it is over.
pub(crate) fn stored(tx: &mut Tx<'_>, id: ConsentId) -> Result<Option<StoredRule>, StoreError> {
    let row: Option<rules::Row> =
        consent_rules::table.find(Sql(id)).select(rules::COLUMNS).first(tx.conn()).optional()?;
    row.map(|row| rules::read(tx, row)).transpose()
}

/// How many of the caller's rules stand.
///
/// # Errors
/// As [`make`].
pub fn count_standing(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<i64, StoreError> {
    let resident = caller.whose()?;
    let now = Instant::from(tx.now());
    Ok(consent_rules::table
        .filter(consent_rules::resident_id.eq(Sql(resident)))
        .filter(consent_rules::ended_at.is_null())
        .filter(consent_rules::ends_at.is_null().or(consent_rules::ends_at.gt(now)))
        .count()
        .get_result(tx.conn())?)
}

/// An organisation with which residents can share, and one of its people if asked for; none when there is none, or the person
/// does not work there.
///
/// # Errors
/// The database's.
pub fn recipient(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    person: Option<StaffId>,
    duty: Option<Duty>,
) -> Result<Option<(Organisation, Recipient)>, StoreError> {
    let found = organisations::table.find(Sql(organisation)).select((organisations::kind, organisations::name));
    let Some((kind, name)) = found.first::<(String, String)>(tx.conn()).optional()? else { return Ok(None) };
    let kind = OrganisationKind::parse(&kind).ok_or(StoreError::Corrupt("organisations.kind"))?;
    let organisation = Organisation { id: organisation, kind, name };
    let Some(person) = person else {
        let all = Recipient::Organisation(organisation.id);
        let recipient = duty.map_or(all, |duty| Recipient::Duty(organisation.id, duty));
        return Ok(Some((organisation, recipient)));
    };
    let works_there: i64 = memberships::table
        .find((Sql(person), Sql(organisation.id)))
        .filter(memberships::ended_at.is_null())
        .count()
        .get_result(tx.conn())?;
    Ok((works_there > 0).then_some((organisation, Recipient::Person(person))))
}

/// The organisations with which residents can share, by name.
///
/// # Errors
/// The database's.
pub fn directory(tx: &mut Tx<'_>) -> Result<Vec<Organisation>, StoreError> {
    let rows: Vec<(Sql<OrganisationId>, String, String)> = organisations::table
        .order((organisations::name, organisations::id))
        .select((organisations::id, organisations::kind, organisations::name))
        .load(tx.conn())?;
    let mut all = Vec::with_capacity(rows.len());
    for (id, kind, name) in rows {
        let kind = OrganisationKind::parse(&kind).ok_or(StoreError::Corrupt("organisations.kind"))?;
        if kind.is_shared_with() {
            all.push(Organisation { id: id.0, kind, name });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
