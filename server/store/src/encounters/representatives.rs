//! Representatives: another resident, who is to act for this one.

use diesel::{prelude::*, update};
use nahraum_domain::{
    consent::{Data, Effect, Period, Purpose, Recipient, Rights},
    encounters::{Aim, MOST_REPRESENTATIVES, Stage, TRIES},
    ids::{ConsentId, EncounterId, ResidentId},
    representation::{Ground, Representation},
};
use nahraum_secrets::UserCode;

use super::{end_open, enter, find, insert, own, place};
use crate::{
    access::{Caller, Tx},
    consents::AgreedText,
    db::types::{Instant, Sql},
    error::StoreError,
    newcomers, notifications,
    schema::encounters as rows,
    shares::{self, NewRule},
    vault::Subject,
};

/// What may come of a confirmed encounter.
#[derive(Debug)]
pub struct Appointment {
    /// Which findings.
    pub data: Data,
    /// What beyond looking.
    pub rights: Rights,
    /// When.
    pub period: Period,
    /// How the resident wants to be called.
    pub called: String,
    /// The text that was shown for it.
    pub text: Option<AgreedText>,
    /// Whether the other acts; otherwise they look.
    pub may_act: bool,
}

/// What became of a number.
#[derive(Debug)]
pub enum Typed {
    /// It was the right one: this rule stands.
    Appointed(ConsentId),
    /// It was another one.
    Wrong,
    /// There is nobody to confirm (any more, or yet).
    NotClaimed,
    /// As many people act for the resident as can.
    TooMany,
}

/// The caller shows a code to somebody who is to act for them.
///
/// # Errors
/// As [`begin_conversation`].
pub fn begin_appointment(tx: &mut Tx<'_>, caller: &Caller<'_>, code: &UserCode) -> Result<EncounterId, StoreError> {
    let resident = caller.whose()?;
    end_open(tx, caller, resident, Aim::Representation)?;
    insert(tx, resident, Aim::Representation, code, None)
}

/// Another resident types the code they are shown, and gets a number to show. None when the code is nobody's, used, too
/// old, or their own.
///
/// # Errors
/// As [`begin_conversation`].
pub fn claim_appointment(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    code: &UserCode,
    called: &str,
) -> Result<Option<i32>, StoreError> {
    let other = caller.whose()?;
    let Some(found) = find(tx, code, Aim::Representation)?.filter(|found| found.resident != other) else {
        return Ok(None);
    };
    let number = newcomers::number_to_match(tx);
    let sealed = tx.vault().seal_text(Subject::Resident(found.resident), place(&found.id), called)?;
    update(rows::table.find(Sql(found.id)))
        .set((
            rows::stage.eq(Stage::Claimed.as_str()),
            rows::other_id.eq(Some(Sql(other))),
            rows::called_sealed.eq(Some(sealed)),
            rows::number.eq(Some(number)),
        ))
        .execute(tx.conn())?;
    enter(tx, caller, &found, None)?;
    Ok(Some(number))
}

/// The caller types the number that the other shows, and so lets them act. None when the encounter is not theirs.
///
/// # Errors
/// As [`begin_conversation`].
pub fn confirm_appointment(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: EncounterId,
    said: Option<i32>,
    terms: &Appointment,
) -> Result<Option<Typed>, StoreError> {
    let Some(encounter) = own(tx, caller, Aim::Representation, Some(id), 1)?.pop() else { return Ok(None) };
    type Row = (Option<i32>, i32, Option<Sql<ResidentId>>);
    let (number, tries, other): Row =
        rows::table.find(Sql(id)).select((rows::number, rows::tries, rows::other_id)).first(tx.conn())?;
    let Some(Sql(other)) = other.filter(|_| encounter.stage == Stage::Claimed) else {
        return Ok(Some(Typed::NotClaimed));
    };
    if number.is_none() || number != said {
        let stage = if tries + 1 >= TRIES { Stage::Over } else { Stage::Claimed };
        update(rows::table.find(Sql(id)))
            .set((rows::tries.eq(tries + 1), rows::stage.eq(stage.as_str())))
            .execute(tx.conn())?;
        return Ok(Some(Typed::Wrong));
    }
    if representatives(tx, caller)? >= MOST_REPRESENTATIVES {
        return Ok(Some(Typed::TooMany));
    }
    let rule = NewRule {
        effect: Effect::Permit,
        purpose: Purpose::Representation,
        recipient: Recipient::Resident(other),
        data: terms.data.clone(),
        rights: terms.rights,
        period: terms.period,
        called: Some(terms.called.clone()),
        recipient_called: encounter.called,
        reason: None,
        text: terms.text.clone(),
        representation: Some(Representation { ground: Ground::Appointed, may_act: terms.may_act, narrows_at: None }),
    };
    let consent = shares::make(tx, caller, &rule)?;
    notifications::security(tx, caller.whose()?)?;
    update(rows::table.find(Sql(id)))
        .set((
            rows::stage.eq(Stage::Met.as_str()),
            rows::consent_id.eq(Some(Sql(consent))),
            rows::ends_at.eq(terms.period.until.map(Instant::from)),
        ))
        .execute(tx.conn())?;
    Ok(Some(Typed::Appointed(consent)))
}

fn representatives(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<usize, StoreError> {
    let now = tx.now();
    let mine = shares::own(tx, caller)?.into_iter();
    Ok(mine.filter(|s| s.rule.purpose == Purpose::Representation && s.rule.stands(now)).count())
}
