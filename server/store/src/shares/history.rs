//! The history of decisions: one event for each step, only ever added to.

use diesel::{insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    audit::LogActor,
    consent::event::{Event, EventKind},
    ids::{ActorId, ConsentEventId, ConsentId, DeviceId, OrganisationId, ResidentId},
};

use crate::{
    access::{Caller, Tx},
    consents::Detail,
    db::types::{Instant, Sql},
    devices,
    error::StoreError,
    schema::consent_events,
};

/// The kind of actor who took a step in the resident's place.
const IN_PLACE: &str = "representative";

/// One step of one decision.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The decision.
    pub consent: ConsentId,
    /// What happened.
    pub event: Event,
    /// Who did it.
    pub by: By,
    /// What is kept about how it came about.
    pub detail: Detail,
}

/// Who took a step, as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The kind of actor, as the log calls it.
    pub kind: String,
    /// The person or thing; none for the server itself.
    pub id: Option<ActorId>,
    /// The organisation they acted for.
    pub organisation: Option<OrganisationId>,
}

/// A step to write down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// The decision.
    pub(crate) consent: ConsentId,
    /// What happened.
    pub(crate) kind: EventKind,
    /// From when it counts.
    pub(crate) at: Timestamp,
    /// What is kept about how it came about.
    pub(crate) detail: Option<&'a Detail>,
}

/// Adds a step that the caller takes.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    consent: ConsentId,
    kind: EventKind,
) -> Result<(), StoreError> {
    note_with(tx, caller, resident, consent, kind, None)
}

/// [`note`], with what is kept about how it came about.
pub(crate) fn note_with(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    consent: ConsentId,
    kind: EventKind,
    detail: Option<&Detail>,
) -> Result<(), StoreError> {
    let device = devices::in_hand(tx, caller)?;
    // A resident who is let into another one's things has no permission yet, or gives it up.
    let other = caller.resident().filter(|own| *own != resident);
    let actor = other.map_or_else(|| caller.actor().into(), LogActor::Representative);
    let at = tx.now();
    note_as(tx, actor, device, resident, Step { consent, kind, at, detail })
}

/// [`note`], for somebody who is no caller: an account is just being made, or the server itself writes down what has happened.
pub(crate) fn note_as(
    tx: &mut Tx<'_>,
    actor: LogActor,
    device: Option<DeviceId>,
    resident: ResidentId,
    step: Step<'_>,
) -> Result<(), StoreError> {
    let id = tx.new_id(ConsentEventId::new);
    let actor = actor.parts();
    let detail = step.detail.map(|detail| detail.seal(tx, resident, id)).transpose()?;
    insert_into(consent_events::table)
        .values((
            consent_events::id.eq(Sql(id)),
            consent_events::resident_id.eq(Sql(resident)),
            consent_events::consent_id.eq(Sql(step.consent)),
            consent_events::kind.eq(step.kind.as_str()),
            consent_events::at.eq(Instant::from(step.at)),
            consent_events::recorded_at.eq(Instant::from(tx.now())),
            consent_events::actor_kind.eq(actor.kind),
            consent_events::actor_id.eq(actor.id.map(Vec::from)),
            consent_events::organisation_id.eq(actor.organisation.map(Vec::from)),
            consent_events::device_id.eq(device.map(|device| device.as_bytes().to_vec())),
            consent_events::detail_sealed.eq(detail),
        ))
        .execute(tx.conn())?;
    Ok(())
}

type Row = (
    (Sql<ConsentEventId>, Sql<ConsentId>, String, Instant, Instant),
    (String, Option<Vec<u8>>, Option<Vec<u8>>),
    Option<Vec<u8>>,
);

/// All steps of all decisions of the caller, in the order in which they were written down.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn history(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Decided>, StoreError> {
    let resident = caller.whose()?;
    let rows: Vec<Row> = consent_events::table
        .filter(consent_events::resident_id.eq(Sql(resident)))
        .order(consent_events::id)
        .select((
            (
                consent_events::id,
                consent_events::consent_id,
                consent_events::kind,
                consent_events::at,
                consent_events::recorded_at,
            ),
            (consent_events::actor_kind, consent_events::actor_id, consent_events::organisation_id),
            consent_events::detail_sealed,
        ))
        .load(tx.conn())?;
    rows.into_iter().map(|row| read(tx, resident, row)).collect()
}

fn read(tx: &Tx<'_>, resident: ResidentId, (step, by, detail): Row) -> Result<Decided, StoreError> {
    let (id, consent, kind, at, recorded) = step;
    let (actor, person, organisation) = by;
    let kind = EventKind::parse(&kind).ok_or(StoreError::Corrupt("consent_events.kind"))?;
    let bytes = |id: Vec<u8>| <[u8; 16]>::try_from(id).map_err(|_| StoreError::Corrupt("consent_events.actor_id"));
    Ok(Decided {
        consent: consent.0,
        event: Event { kind, at: at.timestamp(), recorded_at: recorded.timestamp(), in_place: actor == IN_PLACE },
        by: By {
            kind: actor,
            id: person.map(bytes).transpose()?.map(ActorId::from_bytes),
            organisation: organisation.map(bytes).transpose()?.map(OrganisationId::from_bytes),
        },
        detail: detail.map(|sealed| Detail::open(tx, resident, id.0, sealed)).transpose()?.unwrap_or_default(),
    })
}

/// Whether somebody made this decision who acts for the resident.
pub(super) fn made_in_place(tx: &mut Tx<'_>, consent: ConsentId) -> Result<bool, StoreError> {
    let made: i64 = consent_events::table
        .filter(consent_events::consent_id.eq(Sql(consent)))
        .filter(consent_events::kind.eq(EventKind::Granted.as_str()))
        .filter(consent_events::actor_kind.eq(IN_PLACE))
        .count()
        .get_result(tx.conn())?;
    Ok(made > 0)
}
