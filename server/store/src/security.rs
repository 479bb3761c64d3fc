//! Room security: what changed how somebody signs in, told in their other sessions and to a resident's address (SR-A09).

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{DeviceId, ResidentId, SecurityEventId, SessionId, StaffId},
    private::Private,
    security::{NEWS_KEPT, SecurityEvent},
    sessions::EndReason,
};

use crate::{
    access::{Caller, Tx},
    authorizations,
    db::types::{Instant, Sql},
    devices, enrolments,
    error::StoreError,
    factors, notifications, recovery,
    schema::{security_events, sessions as session_rows},
    sessions,
};

/// Whose sign-in an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A resident.
    Resident(ResidentId),
    /// A person at work.
    Person(StaffId),
}

impl From<ResidentId> for Owner {
    fn from(id: ResidentId) -> Self {
        Self::Resident(id)
    }
}

impl From<StaffId> for Owner {
    fn from(id: StaffId) -> Self {
        Self::Person(id)
    }
}

impl Owner {
    fn of(caller: &Caller<'_>) -> Result<Self, StoreError> {
        let owner = caller.resident().map(Self::from).or_else(|| caller.person().map(Self::from));
        owner.ok_or(StoreError::Unauthenticated)
    }

    const fn resident(self) -> Option<ResidentId> {
        match self {
            Self::Resident(id) => Some(id),
            Self::Person(_) => None,
        }
    }

    const fn person(self) -> Option<StaffId> {
        match self {
            Self::Resident(_) => None,
            Self::Person(id) => Some(id),
        }
    }
}

/// Something that has just happened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happened {
    kind: SecurityEvent,
    device: Option<DeviceId>,
    by: Option<DeviceId>,
    session: Option<SessionId>,
}

impl Happened {
    /// To the account as a whole.
    pub(crate) const fn new(kind: SecurityEvent) -> Self {
        Self { kind, device: None, by: None, session: None }
    }

    /// To this phone.
    pub(crate) const fn to(kind: SecurityEvent, device: DeviceId) -> Self {
        Self { device: Some(device), ..Self::new(kind) }
    }

    /// On this phone.
    pub(crate) const fn on(self, by: Option<DeviceId>) -> Self {
        Self { by, ..self }
    }

    /// In this session of a person at work.
    pub(crate) const fn within(self, session: Option<SessionId>) -> Self {
        Self { session, ..self }
    }
}

/// An event as its owner sees it.
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
    /// Whether it was done where it is asked for: on this phone of a resident, in this session of a person at work.
    pub by_asker: bool,
    /// When its owner said that it was not them.
    pub disowned_at: Option<Timestamp>,
}

/// Notes an event for its owner's other sessions, and for a resident puts one neutral notice for the address that is stored
/// now into the outbox. Comes before a change of the address, so that the earlier one is told.
pub(crate) fn note(tx: &mut Tx<'_>, owner: impl Into<Owner>, what: Happened) -> Result<(), StoreError> {
    let owner = owner.into();
    let id = tx.new_id(SecurityEventId::new);
    insert_into(security_events::table)
        .values((
            security_events::id.eq(Sql(id)),
            security_events::resident_id.eq(owner.resident().map(Sql)),
            security_events::staff_id.eq(owner.person().map(Sql)),
            security_events::kind.eq(what.kind.as_str()),
            security_events::device_id.eq(what.device.map(Sql)),
            security_events::by_device.eq(what.by.map(Sql)),
            security_events::by_session.eq(what.session.map(Sql)),
            security_events::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    owner.resident().map_or(Ok(()), |resident| notifications::security(tx, resident))
}

/// [`note`], for what a resident has done on the phone in their hand.
pub(crate) fn note_by(tx: &mut Tx<'_>, caller: &Caller<'_>, what: Happened) -> Result<(), StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let by = devices::in_hand(tx, caller)?;
    note(tx, resident, what.on(by))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = security_events)]
struct Row {
    id: Sql<SecurityEventId>,
    resident_id: Option<Sql<ResidentId>>,
    staff_id: Option<Sql<StaffId>>,
    kind: String,
    device_id: Option<Sql<DeviceId>>,
    by_device: Option<Sql<DeviceId>>,
    by_session: Option<Sql<SessionId>>,
    created_at: Instant,
    disowned_at: Option<Instant>,
}

impl Row {
    fn kind(&self) -> Result<SecurityEvent, StoreError> {
        SecurityEvent::parse(&self.kind).ok_or(StoreError::Corrupt("security_events.kind"))
    }

    fn is_of(&self, owner: Owner) -> bool {
        self.resident_id.map(|id| id.0) == owner.resident() && self.staff_id.map(|id| id.0) == owner.person()
    }

    /// As its owner sees it, who asks on this phone or in this session.
    fn seen(self, tx: &mut Tx<'_>, phone: Option<DeviceId>, session: Option<SessionId>) -> Result<Event, StoreError> {
        let device = self.device_id.map(|id| id.0);
        let on_phone = self.by_device.is_some_and(|by| Some(by.0) == phone);
        let in_session = self.by_session.is_some_and(|by| Some(by.0) == session);
        Ok(Event {
            id: self.id.0,
            kind: self.kind()?,
            at: self.created_at.timestamp(),
            device,
            device_name: device.map(|device| devices::name(tx, device)).transpose()?.flatten(),
            by_asker: on_phone || in_session,
            disowned_at: self.disowned_at.map(|at| at.timestamp()),
        })
    }
}

/// The caller's own events, newest first, at most `limit` and older than `before`.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is software; otherwise the database's.
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    before: Option<SecurityEventId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let mut query =
        security_events::table.order(security_events::id.desc()).limit(limit).select(Row::as_select()).into_boxed();
    query = match Owner::of(caller)? {
        Owner::Resident(id) => query.filter(security_events::resident_id.eq(Some(Sql(id)))),
        Owner::Person(id) => query.filter(security_events::staff_id.eq(Some(Sql(id)))),
    };
    if let Some(before) = before {
        query = query.filter(security_events::id.lt(Sql(before)));
    }
    let rows: Vec<Row> = query.load(tx.conn())?;
    let (phone, session) = (devices::in_hand(tx, caller)?, caller.session().map(|session| session.id));
    rows.into_iter().map(|row| row.seen(tx, phone, session)).collect()
}

/// How many events of a person at work are news where this session was opened: younger than the sign-in before it with the
/// same key, or than a month where there is none, and not done with that key. So a thief who signs in elsewhere takes no
/// news away.
///
/// # Errors
/// The database's.
pub fn news(tx: &mut Tx<'_>, person: StaffId, session: SessionId) -> Result<i64, StoreError> {
    let key: Option<Vec<u8>> =
        session_rows::table.find(Sql(session)).select(session_rows::key_thumbprint).first(tx.conn())?;
    let here = session_rows::table.filter(session_rows::staff_id.eq(Some(Sql(person)))).into_boxed();
    let here = match key {
        Some(key) => here.filter(session_rows::key_thumbprint.eq(Some(key))),
        // Tokens without a key name no place; only what was done in this very session is no news.
        None => here.filter(session_rows::id.eq(Sql(session))),
    };
    let here: Vec<(Sql<SessionId>, Instant)> =
        here.select((session_rows::id, session_rows::authenticated_at)).load(tx.conn())?;
    let month = tx.now() - NEWS_KEPT;
    let before = here.iter().filter(|(id, _)| id.0 < session).map(|(_, at)| at.timestamp()).max();
    let mine: Vec<Sql<SessionId>> = here.into_iter().map(|(id, _)| id).collect();
    Ok(security_events::table
        .filter(security_events::staff_id.eq(Some(Sql(person))))
        .filter(security_events::created_at.ge(Instant::from(before.map_or(month, |at| at.max(month)))))
        .filter(security_events::by_session.is_null().or(security_events::by_session.ne_all(mine)))
        .count()
        .get_result(tx.conn())?)
}

/// "That was not me." False when the caller has no such event.
///
/// For a resident every other session ends, and the phone that did it is cut off, with the one it let in; a recovery that runs
/// is stopped and the sheet is void. The phone in the caller's hand stays. For a person at work everything that they could
/// sign in with is taken away, this session too: whoever it was may know all of it.
///
/// # Errors
/// As [`own`].
pub fn disown(tx: &mut Tx<'_>, caller: &Caller<'_>, id: SecurityEventId) -> Result<bool, StoreError> {
    let owner = Owner::of(caller)?;
    let found = security_events::table.find(Sql(id)).select(Row::as_select()).first(tx.conn()).optional()?;
    let Some(row) = found.filter(|row: &Row| row.is_of(owner)) else { return Ok(false) };
    let now = Instant::from(tx.now());
    update(security_events::table.find(Sql(id))).set(security_events::disowned_at.eq(Some(now))).execute(tx.conn())?;
    match owner {
        Owner::Resident(resident) => undo(tx, caller, resident, &row)?,
        Owner::Person(person) => shut(tx, person)?,
    }
    Ok(true)
}

/// What a resident did not do is undone.
fn undo(tx: &mut Tx<'_>, caller: &Caller<'_>, resident: ResidentId, row: &Row) -> Result<(), StoreError> {
    let here = devices::in_hand(tx, caller)?;
    let bound = devices::bound(tx, resident)?;
    for phone in [row.device_id, row.by_device].into_iter().flatten().map(|d| d.0) {
        if Some(phone) != here && bound.contains(&phone) {
            devices::unbind(tx, phone, EndReason::DeviceRevoked)?;
            note(tx, resident, Happened::to(SecurityEvent::DeviceCutOff, phone).on(here))?;
        }
    }
    if matches!(row.kind()?, SecurityEvent::SheetMade | SecurityEvent::RecoveryStarted) {
        recovery::stop(tx, resident)?;
        recovery::void_sheet(tx, resident)?;
    }
    sessions::end_others(tx, resident, caller.session().map(|session| session.id))?;
    Ok(())
}

/// Nothing that a person at work had opens anything any more; only a new one-time secret lets them in.
fn shut(tx: &mut Tx<'_>, person: StaffId) -> Result<(), StoreError> {
    factors::clear(tx, person)?;
    enrolments::withdraw(tx, person)?;
    authorizations::withdraw(tx, person)?;
    sessions::end_of_person(tx, person, None, EndReason::Ended)?;
    Ok(())
}
