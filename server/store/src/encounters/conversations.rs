//! Conversations: somebody at work explains findings, for some minutes.

use diesel::{prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::Basis,
    consent::{Data, Effect, Purpose, Reader, Recipient, Rights, event::EventKind},
    encounters::{self, Aim, Stage},
    ids::{ConsentId, EncounterId, OrganisationId, ResidentId, StaffId},
    organisations::OrganisationKind,
};
use nahraum_secrets::UserCode;

use super::{end, end_open, enter, find, insert};
use crate::{
    access::{Caller, Tx},
    consents::AgreedText,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{consent_rules, encounters as rows, organisations},
    shares::{self, NewRule, Received, history, rules},
};

/// A conversation to begin.
#[derive(Debug)]
pub struct NewConversation {
    /// Which findings it is about.
    pub data: Data,
    /// How long it may take.
    pub minutes: u16,
    /// How the resident wants to be called.
    pub called: String,
    /// The text that was shown for it.
    pub text: Option<AgreedText>,
}

/// The caller shows a code for a conversation. Its rule stands from now on and opens nothing until somebody takes part.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn begin_conversation(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    code: &UserCode,
    new: &NewConversation,
) -> Result<EncounterId, StoreError> {
    let resident = caller.whose()?;
    end_open(tx, caller, resident, Aim::Explanation)?;
    let id = tx.new_id(EncounterId::new);
    let rule = NewRule {
        effect: Effect::Permit,
        purpose: Purpose::Explanation,
        recipient: Recipient::Explain(id),
        data: new.data.clone(),
        rights: Rights::default(),
        period: encounters::reserved(tx.now(), new.minutes),
        called: Some(new.called.clone()),
        recipient_called: None,
        reason: None,
        text: new.text.clone(),
        representation: None,
    };
    let consent = shares::make(tx, caller, &rule)?;
    insert(tx, resident, Aim::Explanation, code, Some((id, consent, new.minutes)))
}

/// A person at work types the code they are shown: the conversation begins, and an earlier one of theirs is over. None when
/// the code is nobody's, used or too old, or when the resident has blocked the person or the organisation.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is nobody at work; otherwise the database's.
pub fn join_conversation(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    code: &UserCode,
) -> Result<Option<(EncounterId, Received)>, StoreError> {
    let Some(Reader::AtWork { person, organisation, .. }) = caller.actor().reader() else {
        return Err(StoreError::Unauthenticated);
    };
    let Some(found) = find(tx, code, Aim::Explanation)? else { return Ok(None) };
    let (Some(consent), Some(minutes)) = (found.consent, found.minutes) else {
        return Err(StoreError::Corrupt("encounters.consent_id"));
    };
    let duty = caller.session().and_then(|session| session.duty);
    let reader = Reader::Explaining { conversation: found.id, person, organisation, duty };
    let standing = rules::standing(tx, found.resident, &reader)?;
    if !is_explainer(tx, organisation)? || standing.iter().any(nahraum_domain::consent::Rule::closes_all) {
        return Ok(None);
    }
    for earlier in running(tx, person)? {
        end(tx, caller, earlier)?;
    }
    let until = encounters::ends(tx.now(), minutes);
    update(rows::table.find(Sql(found.id)))
        .set((
            rows::stage.eq(Stage::Met.as_str()),
            rows::staff_id.eq(Some(Sql(person))),
            rows::organisation_id.eq(Some(Sql(organisation))),
            rows::ends_at.eq(Some(Instant::from(until))),
        ))
        .execute(tx.conn())?;
    shorten(tx, found.resident, consent, until)?;
    history::note(tx, caller, found.resident, consent, EventKind::Changed)?;
    enter(tx, caller, &found, Some((consent, Basis::Explanation)))?;
    let stored = shares::stored(tx, consent)?.ok_or(StoreError::Corrupt("encounters.consent_id"))?;
    Ok(Some((found.id, stored.into())))
}

fn is_explainer(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<bool, StoreError> {
    let kind: String = organisations::table.find(Sql(organisation)).select(organisations::kind).first(tx.conn())?;
    Ok(OrganisationKind::parse(&kind).ok_or(StoreError::Corrupt("organisations.kind"))?.is_shared_with())
}

/// The rule of an encounter ends at another moment.
fn shorten(tx: &mut Tx<'_>, resident: ResidentId, consent: ConsentId, until: Timestamp) -> Result<(), StoreError> {
    update(consent_rules::table.find(Sql(consent)))
        .set(consent_rules::ends_at.eq(Some(Instant::from(until))))
        .execute(tx.conn())?;
    rules::changed(tx, resident)
}

/// The conversations in which a person takes part.
fn running(tx: &mut Tx<'_>, person: StaffId) -> Result<Vec<EncounterId>, StoreError> {
    let now = Instant::from(tx.now());
    let ids: Vec<Sql<EncounterId>> = rows::table
        .filter(rows::staff_id.eq(Some(Sql(person))))
        .filter(rows::stage.eq(Stage::Met.as_str()))
        .filter(rows::ends_at.gt(now))
        .select(rows::id)
        .load(tx.conn())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// The conversation in which a person takes part for an organisation now.
pub(crate) fn conversation(
    tx: &mut Tx<'_>,
    person: StaffId,
    organisation: OrganisationId,
) -> Result<Option<EncounterId>, StoreError> {
    let now = Instant::from(tx.now());
    let id: Option<Sql<EncounterId>> = rows::table
        .filter(rows::staff_id.eq(Some(Sql(person))))
        .filter(rows::organisation_id.eq(Some(Sql(organisation))))
        .filter(rows::stage.eq(Stage::Met.as_str()))
        .filter(rows::ends_at.gt(now))
        .order(rows::id.desc())
        .select(rows::id)
        .first(tx.conn())
        .optional()?;
    Ok(id.map(|id| id.0))
}
