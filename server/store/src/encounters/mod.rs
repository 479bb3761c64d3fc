//! Room encounters: a resident shows a code, and somebody beside them types it.

mod conversations;
mod representatives;

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    access::{Actor, Basis},
    audit::{LogAction, LogEntry},
    encounters::{Aim, CODE_LIFETIME, Stage},
    ids::{ConsentId, EncounterId, OrganisationId, ResidentId, StaffId},
    private::Private,
};
use nahraum_secrets::UserCode;

pub(crate) use self::conversations::conversation;
pub use self::{
    conversations::{NewConversation, begin_conversation, join_conversation},
    representatives::{Appointment, Typed, begin_appointment, claim_appointment, confirm_appointment},
};
use crate::{
    access::{Caller, System, Tx, log},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{encounters as rows, organisations},
    shares,
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
    let resident = caller.whose()?;
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

/// Ends an encounter, with the rule that came of it: by the resident, or by who explains. Returns whether there was one.
///
/// # Errors
/// The database's.
pub fn end(tx: &mut Tx<'_>, caller: &Caller<'_>, id: EncounterId) -> Result<bool, StoreError> {
    type Row = (Sql<ResidentId>, Option<Sql<StaffId>>, Option<Sql<ConsentId>>);
    // Who else acts is the resident's alone.
    let aims: &[Aim] = if caller.acts_by().is_some() { &[Aim::Explanation] } else { &Aim::ALL };
    let row: Option<Row> = rows::table
        .find(Sql(id))
        .filter(rows::aim.eq_any(aims.iter().map(|aim| aim.as_str())))
        .filter(rows::stage.ne(Stage::Over.as_str()))
        .select((rows::resident_id, rows::staff_id, rows::consent_id))
        .first(tx.conn())
        .optional()?;
    let takes_part = |resident: ResidentId, person: Option<StaffId>| match caller.actor() {
        Actor::Resident(me) | Actor::Representative { resident: me, .. } => me == resident,
        Actor::Staff { staff, .. } | Actor::District { staff, .. } => person == Some(staff),
        Actor::Operator { .. } | Actor::Software { .. } | Actor::Holder { .. } => false,
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
