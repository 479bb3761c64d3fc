//! Room encounters: a resident shows a code, and somebody beside them types it.

use diesel::{insert_into, prelude::*, update};
use jiff::{SignedDuration, Timestamp};
use nahraum_domain::{
    access::{Actor, Basis},
    audit::{LogAction, LogEntry},
    consent::{Data, Effect, Purpose, Reader, Recipient, Rights, event::EventKind},
    encounters::{self, Aim, CODE_LIFETIME, MOST_REPRESENTATIVES, Stage, TRIES},
    ids::{ConsentId, EncounterId, OrganisationId, ResidentId, StaffId},
    organisations::OrganisationKind,
    private::Private,
};
use nahraum_secrets::{UserCode, random_bytes};

use crate::{
    access::{Caller, System, Tx, log},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{consent_rules, encounters as rows, organisations},
    shares::{self, NewRule, Received, history, rules},
    vault::{Place, Subject},
};

const CALLED: &str = "encounters.called";

/// An encounter, as the resident who shows the code sees it.
#[derive(Debug)]
pub struct Encounter {
    /// The encounter.
    pub id: EncounterId,
    /// What it is for.
    pub aim: Aim,
    /// Where it stands.
    pub stage: Stage,
    /// Until when the code can be typed.
    pub code_until: Timestamp,
    /// The rule that came of it.
    pub consent: Option<ConsentId>,
    /// Who takes part at work: the person, and for which organisation.
    pub worker: Option<(StaffId, OrganisationId, String)>,
    /// How the other resident wants to be called.
    pub called: Option<Private<String>>,
    /// Until when the conversation lasts.
    pub ends_at: Option<Timestamp>,
}

/// A conversation to begin.
#[derive(Debug)]
pub struct NewConversation {
    /// Which findings it is about.
    pub data: Data,
    /// How long it may take.
    pub minutes: u16,
    /// How the resident wants to be called.
    pub called: String,
}

/// What may come of a confirmed encounter.
#[derive(Debug)]
pub struct Appointment {
    /// Which findings.
    pub data: Data,
    /// What beyond looking.
    pub rights: Rights,
    /// When.
    pub period: nahraum_domain::consent::Period,
    /// How the resident wants to be called.
    pub called: String,
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

fn of_resident(caller: &Caller<'_>) -> Result<ResidentId, StoreError> {
    caller.resident().ok_or(StoreError::Unauthenticated)
}

fn hash(tx: &Tx<'_>, code: &UserCode) -> Vec<u8> {
    code.lookup(&tx.keys().lookups).as_bytes().to_vec()
}

/// Earlier codes of the resident for the same aim that nobody has typed are over: one is shown at a time.
fn end_open(tx: &mut Tx<'_>, caller: &Caller<'_>, resident: ResidentId, aim: Aim) -> Result<(), StoreError> {
    let open = rows::table
        .filter(rows::resident_id.eq(Sql(resident)))
        .filter(rows::aim.eq(aim.as_str()))
        .filter(rows::stage.eq_any([Stage::Open, Stage::Claimed].map(Stage::as_str)));
    let earlier: Vec<Sql<EncounterId>> = open.select(rows::id).load(tx.conn())?;
    for Sql(id) in earlier {
        end(tx, caller, id)?;
    }
    Ok(())
}

fn insert(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    aim: Aim,
    code: &UserCode,
    conversation: Option<(EncounterId, ConsentId, u16)>,
) -> Result<EncounterId, StoreError> {
    let id = conversation.map_or_else(|| tx.new_id(EncounterId::new), |(id, ..)| id);
    let code = hash(tx, code);
    insert_into(rows::table)
        .values((
            rows::id.eq(Sql(id)),
            rows::resident_id.eq(Sql(resident)),
            rows::aim.eq(aim.as_str()),
            rows::stage.eq(Stage::Open.as_str()),
            rows::code_hash.eq(code),
            rows::consent_id.eq(conversation.map(|(_, consent, _)| Sql(consent))),
            rows::minutes.eq(conversation.map(|(.., minutes)| i32::from(minutes))),
            rows::tries.eq(0),
            rows::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(id)
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
    let resident = of_resident(caller)?;
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
    };
    let consent = shares::make(tx, caller, &rule)?;
    insert(tx, resident, Aim::Explanation, code, Some((id, consent, new.minutes)))
}

/// The caller shows a code to somebody who is to act for them.
///
/// # Errors
/// As [`begin_conversation`].
pub fn begin_appointment(tx: &mut Tx<'_>, caller: &Caller<'_>, code: &UserCode) -> Result<EncounterId, StoreError> {
    let resident = of_resident(caller)?;
    end_open(tx, caller, resident, Aim::Representation)?;
    insert(tx, resident, Aim::Representation, code, None)
}

type Row = (
    (Sql<EncounterId>, String, String, Instant, Option<Instant>),
    (Option<Sql<ConsentId>>, Option<Sql<StaffId>>, Option<Sql<OrganisationId>>, Option<String>, Option<Vec<u8>>),
);

/// The caller's encounters for an aim, newest first, at most `limit`; or the one.
///
/// # Errors
/// As [`begin_conversation`].
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    aim: Aim,
    one: Option<EncounterId>,
    limit: i64,
) -> Result<Vec<Encounter>, StoreError> {
    let resident = of_resident(caller)?;
    let mut query = rows::table
        .left_join(organisations::table.on(rows::organisation_id.eq(organisations::id.nullable())))
        .filter(rows::resident_id.eq(Sql(resident)))
        .filter(rows::aim.eq(aim.as_str()))
        .order(rows::id.desc())
        .limit(limit)
        .select((
            (rows::id, rows::aim, rows::stage, rows::created_at, rows::ends_at),
            (
                rows::consent_id,
                rows::staff_id,
                rows::organisation_id,
                organisations::name.nullable(),
                rows::called_sealed,
            ),
        ))
        .into_boxed();
    if let Some(one) = one {
        query = query.filter(rows::id.eq(Sql(one)));
    }
    let found: Vec<Row> = query.load(tx.conn())?;
    found.into_iter().map(|row| read(tx, resident, row)).collect()
}

fn read(tx: &Tx<'_>, resident: ResidentId, row: Row) -> Result<Encounter, StoreError> {
    let ((id, aim, stage, created, ends), (consent, person, organisation, name, called)) = row;
    let stage = Stage::parse(&stage).ok_or(StoreError::Corrupt("encounters.stage"))?;
    let (created, ends) = (created.timestamp(), ends.map(|ends| ends.timestamp()));
    let open = |sealed| tx.vault().open_text(Subject::Resident(resident), place(&id.0), sealed);
    let worker =
        person.zip(organisation).zip(name).map(|((person, organisation), name)| (person.0, organisation.0, name));
    Ok(Encounter {
        id: id.0,
        aim: Aim::parse(&aim).ok_or(StoreError::Corrupt("encounters.aim"))?,
        stage: stage.at(tx.now(), created, ends),
        code_until: created + CODE_LIFETIME,
        consent: consent.map(|consent| consent.0),
        worker,
        called: called.map(open).transpose()?.map(Private::new),
        ends_at: ends,
    })
}

const fn place(id: &EncounterId) -> Place<'_> {
    Place { column: CALLED, row: id.as_bytes() }
}

struct Found {
    id: EncounterId,
    resident: ResidentId,
    consent: Option<ConsentId>,
    minutes: Option<u16>,
}

/// Whose code this is, while it can be typed.
fn find(tx: &mut Tx<'_>, code: &UserCode, aim: Aim) -> Result<Option<Found>, StoreError> {
    type Row = (Sql<EncounterId>, Sql<ResidentId>, Instant, Option<Sql<ConsentId>>, Option<i32>);
    let code = hash(tx, code);
    let row: Option<Row> = rows::table
        .filter(rows::code_hash.eq(code))
        .filter(rows::aim.eq(aim.as_str()))
        .filter(rows::stage.eq(Stage::Open.as_str()))
        .select((rows::id, rows::resident_id, rows::created_at, rows::consent_id, rows::minutes))
        .first(tx.conn())
        .optional()?;
    let now = tx.now();
    Ok(row.filter(|(_, _, created, ..)| Stage::Open.at(now, created.timestamp(), None) == Stage::Open).map(
        |(id, resident, _, consent, minutes)| Found {
            id: id.0,
            resident: resident.0,
            consent: consent.map(|consent| consent.0),
            minutes: minutes.and_then(|minutes| u16::try_from(minutes).ok()),
        },
    ))
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
    let Some(Reader::AtWork { person, organisation }) = caller.actor().reader() else {
        return Err(StoreError::Unauthenticated);
    };
    let Some(found) = find(tx, code, Aim::Explanation)? else { return Ok(None) };
    let (Some(consent), Some(minutes)) = (found.consent, found.minutes) else {
        return Err(StoreError::Corrupt("encounters.consent_id"));
    };
    let reader = Reader::Explaining { conversation: found.id, person, organisation };
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
    let stored: rules::Row = consent_rules::table.find(Sql(consent)).select(rules::COLUMNS).first(tx.conn())?;
    Ok(Some((found.id, rules::read(tx, stored)?.into())))
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

/// The line of the resident's log: somebody has used a code that they showed.
fn enter(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    found: &Found,
    opened: Option<(ConsentId, Basis)>,
) -> Result<(), StoreError> {
    let entry = LogEntry {
        resident: Some(found.resident),
        basis: opened.map(|(_, basis)| basis),
        consent: opened.map(|(consent, _)| consent),
        ..tx.entry(caller, LogAction::UseCode)
    };
    Ok(log::insert_with(tx, &entry)?)
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
    let other = of_resident(caller)?;
    let Some(found) = find(tx, code, Aim::Representation)?.filter(|found| found.resident != other) else {
        return Ok(None);
    };
    let [byte, another, ..] = random_bytes::<10>(tx.random());
    let number = 10 + i32::from(u16::from_be_bytes([byte, another])) % 90;
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
    };
    let consent = shares::make(tx, caller, &rule)?;
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

/// Ends an encounter, with the rule that came of it: by the resident, or by who explains. Returns whether there was one.
///
/// # Errors
/// The database's.
pub fn end(tx: &mut Tx<'_>, caller: &Caller<'_>, id: EncounterId) -> Result<bool, StoreError> {
    type Row = (Sql<ResidentId>, Option<Sql<StaffId>>, Option<Sql<ConsentId>>);
    let row: Option<Row> = rows::table
        .find(Sql(id))
        .filter(rows::stage.ne(Stage::Over.as_str()))
        .select((rows::resident_id, rows::staff_id, rows::consent_id))
        .first(tx.conn())
        .optional()?;
    let takes_part = |resident: ResidentId, person: Option<StaffId>| match caller.actor() {
        Actor::Resident(me) => me == resident,
        Actor::Staff { staff, .. } | Actor::District { staff, .. } => person == Some(staff),
        Actor::Operator { .. } | Actor::Software { .. } => false,
    };
    let Some((Sql(resident), person, consent)) = row else { return Ok(false) };
    if !takes_part(resident, person.map(|person| person.0)) {
        return Ok(false);
    }
    update(rows::table.find(Sql(id))).set(rows::stage.eq(Stage::Over.as_str())).execute(tx.conn())?;
    if let Some(Sql(consent)) = consent {
        shares::end_of(tx, caller, resident, consent)?;
    }
    Ok(true)
}

/// Deletes encounters that began before `before`. The rules that came of them stay.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    let old = rows::table.filter(rows::created_at.lt(Instant::from(before)));
    Ok(diesel::delete(old).execute(tx.conn())?)
}

/// How long an encounter is kept: longer than the longest conversation, and as long as people ask what it was.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
