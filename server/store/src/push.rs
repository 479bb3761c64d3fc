//! Room push: where a resident's phones are woken, and which of them have to be woken now.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{DeviceId, ResidentId},
    private::Private,
    push::{BETWEEN_ADDRESSES, CONFIRM_WITHIN, PushState, Urgency, due},
};
use nahraum_secrets::{PushEndpoint, PushTarget, random_bytes};

use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    devices,
    error::StoreError,
    notifications::LEASE,
    schema::push_subscriptions as rows,
    vault::{Place, Subject},
};

/// Where a phone is woken, and how only it can read what is sent there.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The address at the push service.
    pub endpoint: PushEndpoint,
    /// The phone's key.
    pub target: PushTarget,
}

/// What became of an address that a phone has named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscribed {
    /// It is the one that was known.
    Known(PushState),
    /// It is new; a code is on its way.
    New,
    /// Not before this moment.
    TooSoon(Timestamp),
}

/// A push to send now.
#[derive(Debug, Clone)]
pub struct DuePush {
    /// The phone.
    pub device: DeviceId,
    /// Where it is woken.
    pub to: Subscription,
    /// The code it has to show, when this is the first push.
    pub code: Option<Private<String>>,
    /// How much it hurries.
    pub urgency: Urgency,
    /// How often it was tried before.
    pub attempts: i32,
    subscribed_at: Instant,
    due_at: Instant,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// The push service took it.
    Yes,
    /// Not now; try again at.
    Later(Timestamp),
    /// This one never; the next one may fare better.
    GivenUp,
    /// The phone is not to be had there any more (RFC 8030, 7.3).
    Gone,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = rows)]
struct Row {
    device_id: Sql<DeviceId>,
    resident_id: Sql<ResidentId>,
    endpoint_sealed: Vec<u8>,
    target_sealed: Vec<u8>,
    code_sealed: Option<Vec<u8>>,
    created_at: Instant,
    due_at: Option<Instant>,
    urgent: i32,
    attempts: i32,
}

impl Row {
    fn subject(&self) -> Subject {
        Subject::Resident(self.resident_id.0)
    }

    fn state(&self) -> PushState {
        if self.code_sealed.is_none() { PushState::On } else { PushState::Waiting }
    }

    fn subscription(&self, tx: &Tx<'_>) -> Result<Subscription, StoreError> {
        let row = self.device_id.0.as_bytes();
        let endpoint = tx.vault().open_text(self.subject(), place(ENDPOINT, row), self.endpoint_sealed.clone())?;
        let target = tx.vault().open(self.subject(), place(TARGET, row), self.target_sealed.clone())?;
        Ok(Subscription {
            endpoint: PushEndpoint::parse(&endpoint).map_err(|_| StoreError::Corrupt(ENDPOINT))?,
            target: PushTarget::from_bytes(&target).map_err(|_| StoreError::Corrupt(TARGET))?,
        })
    }

    fn code(&self, tx: &Tx<'_>) -> Result<Option<String>, StoreError> {
        let place = place(CODE, self.device_id.0.as_bytes());
        self.code_sealed.clone().map(|sealed| tx.vault().open_text(self.subject(), place, sealed)).transpose()
    }
}

/// Whether the phone in the caller's hand is woken.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident on a phone of theirs; otherwise the database's.
pub fn state(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<PushState, StoreError> {
    Ok(of_hand(tx, caller)?.2.map_or(PushState::Off, |row| row.state()))
}

/// The phone in the caller's hand wants to be woken there. `code` is pushed to it, and until it shows it, nothing else is.
///
/// # Errors
/// As [`state`].
pub fn subscribe(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    wanted: &Subscription,
    code: &Private<String>,
) -> Result<Subscribed, StoreError> {
    let (resident, device, row) = of_hand(tx, caller)?;
    if let Some(row) = row {
        let (known, allowed_at) = (row.subscription(tx)?, row.created_at.timestamp() + BETWEEN_ADDRESSES);
        let same =
            known.endpoint.reveal() == wanted.endpoint.reveal() && known.target.to_bytes() == wanted.target.to_bytes();
        if same && row.state() == PushState::On {
            return Ok(Subscribed::Known(PushState::On));
        }
        if tx.now() < allowed_at {
            return Ok(if same { Subscribed::Known(PushState::Waiting) } else { Subscribed::TooSoon(allowed_at) });
        }
    }
    forget(tx, device)?;
    let (vault, subject, row) = (tx.vault(), Subject::Resident(resident), device.as_bytes());
    let now = Instant::from(tx.now());
    insert_into(rows::table)
        .values((
            rows::device_id.eq(Sql(device)),
            rows::resident_id.eq(Sql(resident)),
            rows::endpoint_sealed.eq(vault.seal_text(subject, place(ENDPOINT, row), wanted.endpoint.reveal())?),
            rows::target_sealed.eq(vault.seal(subject, place(TARGET, row), &wanted.target.to_bytes())?),
            rows::code_sealed.eq(Some(vault.seal_text(subject, place(CODE, row), code.reveal())?)),
            rows::created_at.eq(now),
            rows::due_at.eq(Some(now)),
            rows::urgent.eq(1),
            rows::attempts.eq(0),
        ))
        .execute(tx.conn())?;
    Ok(Subscribed::New)
}

/// The phone in the caller's hand shows the code. Says whether it is the one that was pushed to it, within the hour.
///
/// # Errors
/// As [`state`].
pub fn confirm(tx: &mut Tx<'_>, caller: &Caller<'_>, shown: &str) -> Result<bool, StoreError> {
    let (_, device, row) = of_hand(tx, caller)?;
    let Some(row) = row else { return Ok(false) };
    let in_time = tx.now() < row.created_at.timestamp() + CONFIRM_WITHIN;
    // A code has 128 random bits and an hour: what the time of a comparison tells leads nowhere.
    let right = in_time && row.code(tx)?.is_some_and(|code| code == shown);
    if right {
        update(rows::table.find(Sql(device))).set(rows::code_sealed.eq(None::<Vec<u8>>)).execute(tx.conn())?;
    }
    Ok(right)
}

/// The phone in the caller's hand does not want to be woken any more.
///
/// # Errors
/// As [`state`].
pub fn unsubscribe(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<(), StoreError> {
    let device = devices::in_hand(tx, caller)?.ok_or(StoreError::Unauthenticated)?;
    forget(tx, device)
}

/// Nobody is signed in on this phone any more, or it is not the resident's.
pub(crate) fn forget(tx: &mut Tx<'_>, device: DeviceId) -> Result<(), StoreError> {
    delete(rows::table.find(Sql(device))).execute(tx.conn())?;
    Ok(())
}

/// The same for all phones of a resident but one.
pub(crate) fn forget_others(tx: &mut Tx<'_>, resident: ResidentId, but: Option<DeviceId>) -> Result<(), StoreError> {
    let but = but.unwrap_or(DeviceId::from_bytes([0; 16]));
    let others = rows::table.filter(rows::resident_id.eq(Sql(resident))).filter(rows::device_id.ne(Sql(but)));
    delete(others).execute(tx.conn())?;
    Ok(())
}

/// The phones of a resident on which pushes arrive.
pub(crate) fn woken(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Vec<DeviceId>, StoreError> {
    let on = rows::table.filter(rows::resident_id.eq(Sql(resident))).filter(rows::code_sealed.is_null());
    let ids: Vec<Sql<DeviceId>> = on.select(rows::device_id).load(tx.conn())?;
    Ok(ids.into_iter().map(|id| id.0).collect())
}

/// Wakes the resident's phones. What waits already stands for this as well, unless it is on its way at this moment.
pub(crate) fn wake(tx: &mut Tx<'_>, resident: ResidentId, urgency: Urgency) -> Result<(), StoreError> {
    let [chance] = random_bytes(tx.random());
    let at = Some(Instant::from(due(tx.now(), urgency, chance)));
    let on = || rows::table.filter(rows::resident_id.eq(Sql(resident))).filter(rows::code_sealed.is_null());
    let free = on().filter(rows::due_at.is_null().or(rows::leased_until.is_not_null()));
    update(free).set((rows::due_at.eq(at), rows::urgent.eq(0), rows::attempts.eq(0))).execute(tx.conn())?;
    if urgency == Urgency::High {
        update(on()).set((rows::due_at.eq(at), rows::urgent.eq(1))).execute(tx.conn())?;
    }
    Ok(())
}

/// Takes the next pushes that are due; nobody else gets them for two minutes.
///
/// # Errors
/// The database's.
pub fn lease(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<Vec<DuePush>, StoreError> {
    let now = Instant::from(tx.now());
    let waiting: Vec<Row> = rows::table
        .filter(rows::due_at.le(Some(now)))
        .filter(rows::leased_until.is_null().or(rows::leased_until.lt(Some(now))))
        .order(rows::due_at)
        .limit(limit)
        .select(Row::as_select())
        .load(tx.conn())?;
    let until = Some(Instant::from(tx.now() + LEASE));
    let mut taken = Vec::with_capacity(waiting.len());
    for row in waiting {
        update(rows::table.find(row.device_id)).set(rows::leased_until.eq(until)).execute(tx.conn())?;
        taken.push(DuePush {
            device: row.device_id.0,
            to: row.subscription(tx)?,
            code: row.code(tx)?.map(Private::new),
            urgency: if row.urgent == 0 { Urgency::Normal } else { Urgency::High },
            attempts: row.attempts,
            subscribed_at: row.created_at,
            due_at: row.due_at.ok_or(StoreError::Corrupt("push_subscriptions.due_at"))?,
        });
    }
    Ok(taken)
}

/// Records how a try ended. What was asked for while it was on its way goes out after it, and of an address that the phone has taken back
/// meanwhile nothing is recorded.
///
/// # Errors
/// The database's.
pub fn settle(tx: &mut Tx<'_>, _system: &System, push: &DuePush, pushed: Pushed) -> Result<(), StoreError> {
    let nobody: Option<Instant> = None;
    let row = || rows::table.find(Sql(push.device)).filter(rows::created_at.eq(push.subscribed_at));
    let (next, attempts) = match pushed {
        Pushed::Gone => {
            delete(row()).execute(tx.conn())?;
            return Ok(());
        }
        Pushed::Yes | Pushed::GivenUp => (None, 0),
        Pushed::Later(at) => (Some(Instant::from(at)), push.attempts.saturating_add(1)),
    };
    update(row().filter(rows::due_at.eq(Some(push.due_at))))
        .set((rows::due_at.eq(next), rows::attempts.eq(attempts)))
        .execute(tx.conn())?;
    update(row()).set(rows::leased_until.eq(nobody)).execute(tx.conn())?;
    Ok(())
}

/// Forgets addresses from which no code came back.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System) -> Result<usize, StoreError> {
    let over = Instant::from(tx.now() - CONFIRM_WITHIN);
    let silent = rows::table.filter(rows::code_sealed.is_not_null()).filter(rows::created_at.lt(over));
    Ok(delete(silent).execute(tx.conn())?)
}

/// The caller, the phone in their hand, and where it is woken.
fn of_hand(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<(ResidentId, DeviceId, Option<Row>), StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let device = devices::in_hand(tx, caller)?.ok_or(StoreError::Unauthenticated)?;
    let row = rows::table.find(Sql(device)).select(Row::as_select()).first(tx.conn()).optional()?;
    Ok((resident, device, row))
}

const ENDPOINT: &str = "push_subscriptions.endpoint";
const TARGET: &str = "push_subscriptions.target";
const CODE: &str = "push_subscriptions.code";

const fn place<'a>(column: &'static str, row: &'a [u8; 16]) -> Place<'a> {
    Place { column, row }
}
