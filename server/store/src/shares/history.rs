//! The history of decisions: one event for each step, only ever added to.

use diesel::{insert_into, prelude::*};
use nahraum_domain::{
    audit::LogActor,
    consent::event::{Event, EventKind},
    ids::{ConsentEventId, ConsentId, DeviceId, ResidentId},
};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    devices::device_of,
    error::StoreError,
    schema::consent_events,
};

/// The kind of actor who took a step in the resident's place.
const IN_PLACE: &str = "representative";

/// One step of one decision.
#[derive(Debug, Clone, Copy)]
pub struct Decided {
    /// The decision.
    pub consent: ConsentId,
    /// What happened.
    pub event: Event,
}

/// Adds a step that the caller takes.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    resident: ResidentId,
    consent: ConsentId,
    kind: EventKind,
) -> Result<(), StoreError> {
    let device = caller.session().map(|session| device_of(tx, session.id)).transpose()?.flatten();
    // A resident who is let into another one's things has no permission yet, or gives it up.
    let other = caller.resident().filter(|own| *own != resident);
    let actor = other.map_or_else(|| caller.actor().into(), LogActor::Representative);
    note_as(tx, actor, device, resident, consent, kind)
}

/// [`note`], for somebody who is no caller yet: an account is just being made.
pub(crate) fn note_as(
    tx: &mut Tx<'_>,
    actor: LogActor,
    device: Option<DeviceId>,
    resident: ResidentId,
    consent: ConsentId,
    kind: EventKind,
) -> Result<(), StoreError> {
    let id = tx.new_id(ConsentEventId::new);
    let actor = actor.parts();
    insert_into(consent_events::table)
        .values((
            consent_events::id.eq(Sql(id)),
            consent_events::resident_id.eq(Sql(resident)),
            consent_events::consent_id.eq(Sql(consent)),
            consent_events::kind.eq(kind.as_str()),
            consent_events::at.eq(Instant::from(tx.now())),
            consent_events::recorded_at.eq(Instant::from(tx.now())),
            consent_events::actor_kind.eq(actor.kind),
            consent_events::actor_id.eq(actor.id.map(Vec::from)),
            consent_events::organisation_id.eq(actor.organisation.map(Vec::from)),
            consent_events::device_id.eq(device.map(|device| device.as_bytes().to_vec())),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// All steps of all decisions of the caller, in the order in which they were written down.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn history(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Decided>, StoreError> {
    let resident = caller.principal().ok_or(StoreError::Unauthenticated)?;
    let rows: Vec<(Sql<ConsentId>, String, Instant, Instant, String)> = consent_events::table
        .filter(consent_events::resident_id.eq(Sql(resident)))
        .order(consent_events::id)
        .select((
            consent_events::consent_id,
            consent_events::kind,
            consent_events::at,
            consent_events::recorded_at,
            consent_events::actor_kind,
        ))
        .load(tx.conn())?;
    let read = |(consent, kind, at, recorded, actor): (Sql<ConsentId>, String, Instant, Instant, String)| {
        let kind = EventKind::parse(&kind).ok_or(StoreError::Corrupt("consent_events.kind"))?;
        let in_place = actor == IN_PLACE;
        let event = Event { kind, at: at.timestamp(), recorded_at: recorded.timestamp(), in_place };
        Ok(Decided { consent: consent.0, event })
    };
    rows.into_iter().map(read).collect()
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
