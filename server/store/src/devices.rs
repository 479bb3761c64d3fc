//! Room devices: the phones on which a resident signs in.

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{DeviceId, ResidentId, SessionId},
    private::Private,
    security::SecurityEvent,
    sessions::{DEVICE_IDLE, DEVICE_LIFETIME, EndReason, device_ends, device_reminder},
};
use nahraum_secrets::{DeviceHash, KeyThumbprint, PasswordHash};

use crate::{
    access::{Caller, System, Tx, log},
    approvals::CutOffPermit,
    db::types::{Instant, Sql},
    error::StoreError,
    push,
    schema::{devices, sessions as session_rows},
    security::{self, Happened},
    sessions,
    vault::{Place, Subject},
};

/// What a phone shows to be recognised.
#[derive(Debug, Clone)]
pub enum Holder {
    /// A key that never leaves it; each request proves it (RFC 9449).
    Key(KeyThumbprint),
    /// A secret of the app's own. Only where the operator allows tokens without proof.
    Secret(DeviceHash),
}

impl Holder {
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Secret(_) => "secret",
        }
    }

    pub(crate) const fn hash(&self) -> &[u8; 32] {
        match self {
            Self::Key(thumbprint) => thumbprint.as_bytes(),
            Self::Secret(hash) => hash.as_bytes(),
        }
    }

    /// The key that sessions of this phone are bound to.
    pub(crate) const fn key(&self) -> Option<&KeyThumbprint> {
        match self {
            Self::Key(thumbprint) => Some(thumbprint),
            Self::Secret(_) => None,
        }
    }

    pub(crate) fn read(kind: &str, hash: Vec<u8>) -> Result<Self, StoreError> {
        let hash = hash.try_into().map_err(|_| StoreError::Corrupt("devices.holder_hash"))?;
        match kind {
            "key" => Ok(Self::Key(KeyThumbprint::from_bytes(hash))),
            "secret" => Ok(Self::Secret(DeviceHash::from_bytes(hash))),
            _ => Err(StoreError::Corrupt("devices.holder_kind")),
        }
    }

    /// Whether this is the same phone.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key(one), Self::Key(other)) => one.matches(other),
            (Self::Secret(one), Self::Secret(other)) => one.matches(other),
            (Self::Key(_), Self::Secret(_)) | (Self::Secret(_), Self::Key(_)) => false,
        }
    }
}

/// A device to bind to a resident.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// What it shows.
    pub holder: Holder,
    /// The hash of the resident's PIN on it.
    pub pin: PasswordHash,
    /// Its name.
    pub name: Option<Private<String>>,
}

/// A device, as its resident sees it.
#[derive(Debug)]
pub struct Device {
    /// The device.
    pub id: DeviceId,
    /// Its name.
    pub name: Option<Private<String>>,
    /// Whether it proves a key with each request.
    pub proves_key: bool,
    /// Since when it is bound.
    pub created_at: Timestamp,
    /// When the resident last signed in on it.
    pub last_used_at: Timestamp,
    /// When it will have to be bound anew, if it is not used any more.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Whether it is woken when something is new.
    pub push: bool,
}

type Row = (Sql<DeviceId>, String, Option<Vec<u8>>, Instant, Instant);

/// The caller's own devices, the last used first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Device>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let (current, woken) = (in_hand(tx, caller)?, push::woken(tx, resident)?);
    let rows: Vec<Row> = devices::table
        .filter(devices::resident_id.eq(Sql(resident)))
        .filter(devices::unbound_at.is_null())
        .order((devices::last_used_at.desc(), devices::id))
        .select((devices::id, devices::holder_kind, devices::name_sealed, devices::created_at, devices::last_used_at))
        .load(tx.conn())?;
    rows.into_iter().map(|row| read(tx, resident, row, current, &woken)).collect()
}

fn read(
    tx: &Tx<'_>,
    resident: ResidentId,
    row: Row,
    current: Option<DeviceId>,
    woken: &[DeviceId],
) -> Result<Device, StoreError> {
    let (id, kind, name, created, used) = row;
    let (created_at, last_used_at) = (created.timestamp(), used.timestamp());
    let open = |sealed| tx.vault().open_text(Subject::Resident(resident), name_place(id.0.as_bytes()), sealed);
    let name = name.map(open).transpose()?;
    Ok(Device {
        id: id.0,
        name: name.map(Private::new),
        proves_key: kind == "key",
        created_at,
        last_used_at,
        expires_at: device_ends(created_at, last_used_at),
        current: current == Some(id.0),
        push: woken.contains(&id.0),
    })
}

/// The name of a device.
pub(crate) fn name(tx: &mut Tx<'_>, id: DeviceId) -> Result<Option<Private<String>>, StoreError> {
    let (resident, sealed): (Sql<ResidentId>, Option<Vec<u8>>) =
        devices::table.find(Sql(id)).select((devices::resident_id, devices::name_sealed)).first(tx.conn())?;
    let open = |sealed| tx.vault().open_text(Subject::Resident(resident.0), name_place(id.as_bytes()), sealed);
    let name = sealed.map(open).transpose()?;
    Ok(name.map(Private::new))
}

/// The device a session runs on.
pub(crate) fn device_of(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<DeviceId>, StoreError> {
    let id: Option<Sql<DeviceId>> =
        session_rows::table.find(Sql(session)).select(session_rows::device_id).first(tx.conn())?;
    Ok(id.map(|id| id.0))
}

/// The phone in the caller's hand.
pub(crate) fn in_hand(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Option<DeviceId>, StoreError> {
    Ok(caller.session().map(|session| device_of(tx, session.id)).transpose()?.flatten())
}

/// Gives one of the caller's devices another name, or none. Returns whether the caller has it.
///
/// # Errors
/// As [`own`].
pub fn rename(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: DeviceId,
    name: Option<&Private<String>>,
) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let vault = tx.vault();
    let seal =
        |name: &Private<String>| vault.seal_text(Subject::Resident(resident), name_place(id.as_bytes()), name.reveal());
    let sealed = name.map(seal).transpose()?;
    let mine = devices::table
        .find(Sql(id))
        .filter(devices::resident_id.eq(Sql(resident)))
        .filter(devices::unbound_at.is_null());
    Ok(update(mine).set(devices::name_sealed.eq(sealed)).execute(tx.conn())? > 0)
}

/// Cuts one of the caller's devices off. Returns whether the caller had it.
///
/// # Errors
/// As [`own`].
pub fn cut_off(tx: &mut Tx<'_>, caller: &Caller<'_>, id: DeviceId) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let mine = bound(tx, resident)?.contains(&id);
    if mine {
        security::note_by(tx, caller, Happened::to(SecurityEvent::DeviceCutOff, id))?;
        unbind(tx, id, EndReason::DeviceRevoked)?;
    }
    Ok(mine)
}

/// Cuts all phones of the resident off whom two persons of the operator have agreed about. Says how many there were.
///
/// # Errors
/// The database's.
pub fn cut_off_all(tx: &mut Tx<'_>, permit: CutOffPermit<'_>) -> Result<usize, StoreError> {
    let (resident, entry) = permit.into_parts(tx);
    let phones = bound(tx, resident)?;
    for phone in &phones {
        security::note(tx, resident, Happened::to(SecurityEvent::DeviceCutOff, *phone))?;
        unbind(tx, *phone, EndReason::DeviceRevoked)?;
    }
    log::insert_with(tx, &entry)?;
    Ok(phones.len())
}

/// Gives a device another PIN.
///
/// # Errors
/// The database's.
pub fn set_pin(tx: &mut Tx<'_>, caller: &Caller<'_>, pin: &PasswordHash) -> Result<(), StoreError> {
    let session = caller.session().ok_or(StoreError::Unauthenticated)?;
    let device = device_of(tx, session.id)?.ok_or(StoreError::Unauthenticated)?;
    update(devices::table.find(Sql(device)))
        .set((devices::pin_hash.eq(pin.to_stored()), devices::failed_count.eq(0)))
        .execute(tx.conn())?;
    security::note_by(tx, caller, Happened::to(SecurityEvent::PinChanged, device))
}

/// Puts a stronger hash of the same PIN in the place of `old`, unless the PIN was changed in the meantime.
///
/// # Errors
/// The database's.
pub fn raise_pin(tx: &mut Tx<'_>, id: DeviceId, old: &PasswordHash, new: &PasswordHash) -> Result<(), StoreError> {
    let unchanged = devices::table.find(Sql(id)).filter(devices::pin_hash.eq(old.to_stored()));
    update(unchanged).set(devices::pin_hash.eq(new.to_stored())).execute(tx.conn())?;
    Ok(())
}

pub(crate) fn add(tx: &mut Tx<'_>, resident: ResidentId, device: &NewDevice) -> Result<DeviceId, StoreError> {
    let id = tx.new_id(DeviceId::new);
    let vault = tx.vault();
    let seal =
        |name: &Private<String>| vault.seal_text(Subject::Resident(resident), name_place(id.as_bytes()), name.reveal());
    let name = device.name.as_ref().map(seal).transpose()?;
    let now = Instant::from(tx.now());
    insert_into(devices::table)
        .values((
            devices::id.eq(Sql(id)),
            devices::resident_id.eq(Sql(resident)),
            devices::holder_kind.eq(device.holder.kind()),
            devices::holder_hash.eq(device.holder.hash().to_vec()),
            devices::pin_hash.eq(device.pin.to_stored()),
            devices::name_sealed.eq(name),
            devices::created_at.eq(now),
            devices::last_used_at.eq(now),
            devices::failed_count.eq(0),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// The devices on which a resident can sign in.
pub(crate) fn bound(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Vec<DeviceId>, StoreError> {
    let rows: Vec<Sql<DeviceId>> = devices::table
        .filter(devices::resident_id.eq(Sql(resident)))
        .filter(devices::unbound_at.is_null())
        .select(devices::id)
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|id| id.0).collect())
}

/// Ends a device and all its sessions.
///
/// # Errors
/// The database's.
pub fn unbind(tx: &mut Tx<'_>, id: DeviceId, reason: EndReason) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    update(devices::table.find(Sql(id)))
        .set((devices::unbound_at.eq(Some(now)), devices::unbound_reason.eq(Some(reason.as_str()))))
        .execute(tx.conn())?;
    push::forget(tx, id)?;
    sessions::end_of_device(tx, id, reason)
}

/// Reminds the residents of at most `limit` phones whose registration ends soon (SR-S06). Returns how many phones were looked
/// at; each has the moment of its next look afterwards, so that nobody is reminded twice.
///
/// # Errors
/// The database's.
pub fn remind(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    type Due = (Sql<DeviceId>, Sql<ResidentId>, Instant, Instant);
    let now = Instant::from(tx.now());
    let due: Vec<Due> = devices::table
        .filter(devices::unbound_at.is_null())
        .filter(devices::created_at.gt(Instant::from(tx.now() - DEVICE_LIFETIME)))
        .filter(devices::last_used_at.gt(Instant::from(tx.now() - DEVICE_IDLE)))
        .filter(devices::reminder_due_at.is_null().or(devices::reminder_due_at.le(Some(now))))
        .order(devices::id)
        .limit(limit)
        .select((devices::id, devices::resident_id, devices::created_at, devices::last_used_at))
        .load(tx.conn())?;
    for (id, resident, created, used) in &due {
        let judged = device_reminder(device_ends(created.timestamp(), used.timestamp()), tx.now());
        let next = Some(Instant::from(judged.next));
        update(devices::table.find(id)).set(devices::reminder_due_at.eq(next)).execute(tx.conn())?;
        if judged.due {
            security::note(tx, resident.0, Happened::to(SecurityEvent::DeviceEndsSoon, id.0))?;
        }
    }
    Ok(due.len())
}

/// Whether anybody has ever bound a phone that shows this.
pub(crate) fn taken(tx: &mut Tx<'_>, holder: &Holder) -> Result<bool, StoreError> {
    let taken: i64 =
        devices::table.filter(devices::holder_hash.eq(holder.hash().as_slice())).count().get_result(tx.conn())?;
    Ok(taken > 0)
}

/// Whose a device is.
pub(crate) fn resident_of(tx: &mut Tx<'_>, id: DeviceId) -> Result<ResidentId, StoreError> {
    let resident: Sql<ResidentId> = devices::table.find(Sql(id)).select(devices::resident_id).first(tx.conn())?;
    Ok(resident.0)
}

/// What a device shows.
pub(crate) fn holder(tx: &mut Tx<'_>, id: DeviceId) -> Result<Holder, StoreError> {
    let (kind, hash): (String, Vec<u8>) =
        devices::table.find(Sql(id)).select((devices::holder_kind, devices::holder_hash)).first(tx.conn())?;
    Holder::read(&kind, hash)
}

const fn name_place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "devices.name", row }
}
