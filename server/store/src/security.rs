//! Room security: what changed how a resident signs in, told to all their phones and to their address (SR-A09).

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{DeviceId, ResidentId, SecurityEventId},
    private::Private,
    security::SecurityEvent,
    sessions::EndReason,
};

use crate::{
    access::{Caller, Tx},
    db::types::{Instant, Sql},
    devices,
    error::StoreError,
    notifications, recovery,
    schema::security_events,
    sessions,
};

/// Something that has just happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened {
    kind: SecurityEvent,
    device: Option<DeviceId>,
    by: Option<DeviceId>,
}

impl Happened {
    /// To the account as a whole.
    pub(crate) const fn new(kind: SecurityEvent) -> Self {
        Self { kind, device: None, by: None }
    }

    /// To this phone.
    pub(crate) const fn to(kind: SecurityEvent, device: DeviceId) -> Self {
        Self { kind, device: Some(device), by: None }
    }

    /// On this phone.
    pub(crate) const fn on(self, by: Option<DeviceId>) -> Self {
        Self { by, ..self }
    }
}

/// An event as its resident sees it.
#[derive(Debug)]
pub struct Event {
    /// The event.
    pub id: SecurityEventId,
    /// What happened.
    pub kind: SecurityEvent,
    /// When.
    pub at: Timestamp,
    /// The phone it is about.
    pub device: Option<DeviceId>,
    /// The name of that phone.
    pub device_name: Option<Private<String>>,
    /// Whether it was done on the phone that asks.
    pub by_this_device: bool,
    /// When the resident said that it was not them.
    pub disowned_at: Option<Timestamp>,
}

/// Notes an event for the phones, and puts one neutral notice for the address that is stored now into the outbox. Comes
/// before a change of the address, so that the earlier one is told.
pub(crate) fn note(tx: &mut Tx<'_>, resident: ResidentId, what: Happened) -> Result<(), StoreError> {
    let id = tx.new_id(SecurityEventId::new);
    insert_into(security_events::table)
        .values((
            security_events::id.eq(Sql(id)),
            security_events::resident_id.eq(Sql(resident)),
            security_events::kind.eq(what.kind.as_str()),
            security_events::device_id.eq(what.device.map(Sql)),
            security_events::by_device.eq(what.by.map(Sql)),
            security_events::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    notifications::security(tx, resident)
}

/// The phone in the caller's hand.
pub(crate) fn device_in_hand(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<DeviceId>, StoreError> {
    Ok(caller.session().map(|session| devices::device_of(tx, session.id)).transpose()?.flatten())
}

/// [`note`], for what the caller has done on the phone in their hand.
pub(crate) fn note_by(tx: &mut Tx<'_>, caller: &Caller<'_>, what: Happened) -> Result<(), StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let by = device_in_hand(tx, caller)?;
    note(tx, resident, what.on(by))
}

type Row = (Sql<SecurityEventId>, String, Instant, Option<Sql<DeviceId>>, Option<Sql<DeviceId>>, Option<Instant>);

/// The caller's own events, newest first, at most `limit` and older than `before`.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<SecurityEventId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let here = device_in_hand(tx, caller)?;
    let mut query = security_events::table
        .filter(security_events::resident_id.eq(Sql(resident)))
        .order(security_events::id.desc())
        .limit(limit)
        .select((
            security_events::id,
            security_events::kind,
            security_events::created_at,
            security_events::device_id,
            security_events::by_device,
            security_events::disowned_at,
        ))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(security_events::id.lt(Sql(before)));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    rows.into_iter().map(|row| read(tx, row, here)).collect()
}

fn read(tx: &mut Tx<'_>, row: Row, here: Option<DeviceId>) -> Result<Event, StoreError> {
    let (id, kind, at, device, by, disowned) = row;
    let device = device.map(|d| d.0);
    Ok(Event {
        id: id.0,
        kind: SecurityEvent::parse(&kind).ok_or(StoreError::Corrupt("security_events.kind"))?,
        at: at.timestamp(),
        device,
        device_name: device.map(|device| devices::name(tx, device)).transpose()?.flatten(),
        by_this_device: by.is_some_and(|by| Some(by.0) == here),
        disowned_at: disowned.map(|at| at.timestamp()),
    })
}

/// "That was not me": every other session ends, and the phone that did it is cut off, with the one it let in; a recovery
/// that runs is stopped and the sheet is void. The phone in the caller's hand stays. False when the caller has no such
/// event.
///
/// # Errors
/// As [`own`].
pub fn disown(tx: &mut Tx<'_>, caller: &Caller<'_>, id: SecurityEventId) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    type Found = (String, Option<Sql<DeviceId>>, Option<Sql<DeviceId>>);
    let found: Option<Found> = security_events::table
        .find(Sql(id))
        .filter(security_events::resident_id.eq(Sql(resident)))
        .select((security_events::kind, security_events::device_id, security_events::by_device))
        .first(tx.conn())
        .optional()?;
    let Some((kind, device, by)) = found else { return Ok(false) };
    let kind = SecurityEvent::parse(&kind).ok_or(StoreError::Corrupt("security_events.kind"))?;
    let now = Instant::from(tx.now());
    update(security_events::table.find(Sql(id))).set(security_events::disowned_at.eq(Some(now))).execute(tx.conn())?;
    let here = device_in_hand(tx, caller)?;
    let bound = devices::bound(tx, resident)?;
    for phone in [device, by].into_iter().flatten().map(|d| d.0) {
        if Some(phone) != here && bound.contains(&phone) {
            devices::unbind(tx, phone, EndReason::DeviceRevoked)?;
            note(tx, resident, Happened::to(SecurityEvent::DeviceCutOff, phone).on(here))?;
        }
    }
    match kind {
        SecurityEvent::SheetMade | SecurityEvent::RecoveryStarted => {
            recovery::stop(tx, resident)?;
            recovery::void_sheet(tx, resident)?;
        }
        SecurityEvent::DeviceAdded
        | SecurityEvent::DeviceBySlip
        | SecurityEvent::DeviceCutOff
        | SecurityEvent::PinChanged
        | SecurityEvent::AddressChanged
        | SecurityEvent::RecoveryCancelled
        | SecurityEvent::RecoveryDone
        | SecurityEvent::LogLookedAt => {}
    }
    sessions::end_others(tx, resident, caller.session().map(|session| session.id))?;
    Ok(true)
}
