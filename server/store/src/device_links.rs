//! Room device links: a second phone, let in on the first by a number (security paper, b4).

use diesel::{insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{DeviceId, DeviceLinkId, ResidentId},
    private::Private,
    security::{LINK_LIFETIME, LINK_TRIES, SecurityEvent},
    sessions::MAX_DEVICES,
};
use nahraum_secrets::OneTimeHash;

use crate::{
    access::{Caller, System, Tx},
    db::types::{Instant, Sql},
    devices::{self, Holder, NewDevice},
    error::StoreError,
    newcomers,
    schema::device_links,
    security::{self, Happened},
    sessions::{self, OpenedSession},
    vault::{Place, Subject},
};

const NAME: &str = "device_links.name";

/// Where a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStage {
    /// Nobody has scanned it.
    Open,
    /// A phone has, and shows a number.
    Claimed,
    /// The number was typed: the phone is in.
    Confirmed,
    /// Too late, too many wrong numbers, or another one took its place.
    Dead,
}

impl LinkStage {
    /// Every stage.
    pub const ALL: [Self; 4] = [Self::Open, Self::Claimed, Self::Confirmed, Self::Dead];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Claimed => "claimed",
            Self::Confirmed => "confirmed",
            Self::Dead => "dead",
        }
    }

    fn read(word: &str, created: Timestamp, now: Timestamp) -> Result<Self, StoreError> {
        let stage = Self::ALL.into_iter().find(|s| s.as_str() == word);
        let stage = stage.ok_or(StoreError::Corrupt("device_links.state"))?;
        let over = now >= created + LINK_LIFETIME;
        Ok(if over && stage != Self::Confirmed { Self::Dead } else { stage })
    }
}

/// A link, as the old phone sees it.
#[derive(Debug)]
pub struct Link {
    /// The link.
    pub id: DeviceLinkId,
    /// Where it stands.
    pub stage: LinkStage,
    /// What the new phone calls itself.
    pub device_name: Option<Private<String>>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// It was the right one: the phone is in.
    Yes,
    /// It was another one.
    Wrong,
    /// It cannot be confirmed (any more, or yet).
    NotClaimed,
    /// The resident has as many phones as possible.
    TooManyDevices,
}

/// What the new phone gets to know.
#[derive(Debug)]
pub enum Claim {
    /// Show this number and ask again.
    Waiting {
        /// The number, 10 to 99.
        number: i32,
        /// Until when.
        expires_at: Timestamp,
    },
    /// It is in.
    In(OpenedSession),
}

/// Begins a link; an earlier one of the resident ends. None when there are too many phones already.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident on a phone; otherwise the database's.
pub fn begin(tx: &mut Tx<'_>, caller: &Caller<'_>, secret: &OneTimeHash) -> Result<Option<Link>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let made_by = devices::in_hand(tx, caller)?.ok_or(StoreError::Unauthenticated)?;
    if devices::bound(tx, resident)?.len() >= MAX_DEVICES {
        return Ok(None);
    }
    let earlier = device_links::table
        .filter(device_links::resident_id.eq(Sql(resident)))
        .filter(device_links::state.eq_any([LinkStage::Open, LinkStage::Claimed].map(LinkStage::as_str)));
    update(earlier).set(device_links::state.eq(LinkStage::Dead.as_str())).execute(tx.conn())?;
    let id = tx.new_id(DeviceLinkId::new);
    insert_into(device_links::table)
        .values((
            device_links::id.eq(Sql(id)),
            device_links::resident_id.eq(Sql(resident)),
            device_links::made_by.eq(Sql(made_by)),
            device_links::secret_hash.eq(secret.as_bytes().to_vec()),
            device_links::state.eq(LinkStage::Open.as_str()),
            device_links::created_at.eq(Instant::from(tx.now())),
            device_links::tries.eq(0),
        ))
        .execute(tx.conn())?;
    Ok(Some(Link { id, stage: LinkStage::Open, device_name: None, expires_at: tx.now() + LINK_LIFETIME }))
}

type OwnRow = (String, Instant, Option<Vec<u8>>);

/// One of the caller's own links.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>, id: DeviceLinkId) -> Result<Option<Link>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let row: Option<OwnRow> = device_links::table
        .find(Sql(id))
        .filter(device_links::resident_id.eq(Sql(resident)))
        .select((device_links::state, device_links::created_at, device_links::name_sealed))
        .first(tx.conn())
        .optional()?;
    let Some((state, created, name)) = row else { return Ok(None) };
    let open = |sealed| tx.vault().open_text(Subject::Resident(resident), name_place(&id), sealed);
    let name = name.map(open).transpose()?;
    Ok(Some(Link {
        id,
        stage: LinkStage::read(&state, created.timestamp(), tx.now())?,
        device_name: name.map(Private::new),
        expires_at: created.timestamp() + LINK_LIFETIME,
    }))
}

/// A new phone shows the secret it has scanned. None when the secret is nobody's, used, or too old, or when what the phone
/// shows of itself belongs to somebody already.
///
/// # Errors
/// The database's.
pub fn claim(tx: &mut Tx<'_>, secret: &OneTimeHash, new: &NewDevice) -> Result<Option<Claim>, StoreError> {
    let row: Option<(Sql<DeviceLinkId>, Sql<ResidentId>, String, Instant)> = device_links::table
        .filter(device_links::secret_hash.eq(secret.as_bytes().to_vec()))
        .select((device_links::id, device_links::resident_id, device_links::state, device_links::created_at))
        .first(tx.conn())
        .optional()?;
    let Some((id, resident, state, created)) = row else { return Ok(None) };
    let open = LinkStage::read(&state, created.timestamp(), tx.now())? == LinkStage::Open;
    if !open || devices::taken(tx, &new.holder)? {
        return Ok(None);
    }
    let number = newcomers::number_to_match(tx);
    let name = newcomers::seal_name(tx, resident.0, name_place(&id.0), new)?;
    update(device_links::table.find(id))
        .set((
            device_links::state.eq(LinkStage::Claimed.as_str()),
            device_links::number.eq(Some(number)),
            device_links::holder_kind.eq(Some(new.holder.kind())),
            device_links::holder_hash.eq(Some(new.holder.hash().to_vec())),
            device_links::pin_hash.eq(Some(new.pin.to_stored())),
            device_links::name_sealed.eq(name),
        ))
        .execute(tx.conn())?;
    Ok(Some(Claim::Waiting { number, expires_at: created.timestamp() + LINK_LIFETIME }))
}

/// The resident types the number on the phone they have. None when the link is not theirs.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn confirm(tx: &mut Tx<'_>, caller: &Caller<'_>, id: DeviceLinkId, said: i32) -> Result<Option<Typed>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let Some(link) = own(tx, caller, id)? else { return Ok(None) };
    if link.stage != LinkStage::Claimed {
        return Ok(Some(Typed::NotClaimed));
    }
    let (number, tries): (Option<i32>, i32) =
        device_links::table.find(Sql(id)).select((device_links::number, device_links::tries)).first(tx.conn())?;
    if number != Some(said) {
        let state = if tries + 1 >= LINK_TRIES { LinkStage::Dead } else { LinkStage::Claimed };
        update(device_links::table.find(Sql(id)))
            .set((device_links::tries.eq(tries + 1), device_links::state.eq(state.as_str())))
            .execute(tx.conn())?;
        return Ok(Some(Typed::Wrong));
    }
    if devices::bound(tx, resident)?.len() >= MAX_DEVICES {
        return Ok(Some(Typed::TooManyDevices));
    }
    let new = waiting(tx, resident, id)?;
    if devices::taken(tx, &new.holder)? {
        return Ok(Some(Typed::NotClaimed));
    }
    let device = devices::add(tx, resident, &new)?;
    update(device_links::table.find(Sql(id)))
        .set((device_links::state.eq(LinkStage::Confirmed.as_str()), device_links::device_id.eq(Some(Sql(device)))))
        .execute(tx.conn())?;
    security::note_by(tx, caller, Happened::to(SecurityEvent::DeviceAdded, device))?;
    Ok(Some(Typed::Yes))
}

fn waiting(tx: &mut Tx<'_>, resident: ResidentId, id: DeviceLinkId) -> Result<NewDevice, StoreError> {
    type Row = (Option<String>, Option<Vec<u8>>, Option<String>, Option<Vec<u8>>);
    let row: Row = device_links::table
        .find(Sql(id))
        .select((
            device_links::holder_kind,
            device_links::holder_hash,
            device_links::pin_hash,
            device_links::name_sealed,
        ))
        .first(tx.conn())?;
    let (Some(kind), Some(hash), Some(pin), name) = row else {
        return Err(StoreError::Corrupt("device_links.holder"));
    };
    newcomers::read(tx, resident, name_place(&id), (kind, hash, pin, name))
}

const fn name_place(id: &DeviceLinkId) -> Place<'_> {
    Place { column: NAME, row: id.as_bytes() }
}

/// The new phone asks whether it is in. None when the secret is nobody's or another phone's, or it is over.
///
/// # Errors
/// The database's.
pub fn poll(tx: &mut Tx<'_>, secret: &OneTimeHash, holder: &Holder) -> Result<Option<Claim>, StoreError> {
    type Row = (Sql<DeviceLinkId>, String, Instant, Option<i32>, Option<Sql<DeviceId>>, Sql<ResidentId>);
    let row: Option<Row> = device_links::table
        .filter(device_links::secret_hash.eq(secret.as_bytes().to_vec()))
        .filter(device_links::holder_hash.eq(Some(holder.hash().to_vec())))
        .filter(device_links::holder_kind.eq(Some(holder.kind())))
        .select((
            device_links::id,
            device_links::state,
            device_links::created_at,
            device_links::number,
            device_links::device_id,
            device_links::resident_id,
        ))
        .first(tx.conn())
        .optional()?;
    let Some((_, state, created, number, device, resident)) = row else { return Ok(None) };
    let expires_at = created.timestamp() + LINK_LIFETIME;
    match (LinkStage::read(&state, created.timestamp(), tx.now())?, number, device) {
        (LinkStage::Claimed, Some(number), _) => Ok(Some(Claim::Waiting { number, expires_at })),
        // A lost answer can be asked for again as long as the code is good; later the phone signs in with its PIN.
        (LinkStage::Confirmed, _, Some(device))
            if tx.now() < expires_at && devices::bound(tx, resident.0)?.contains(&device.0) =>
        {
            Ok(Some(Claim::In(sessions::open_on_device(tx, device.0)?)))
        }
        (LinkStage::Open | LinkStage::Claimed | LinkStage::Confirmed | LinkStage::Dead, _, _) => Ok(None),
    }
}

/// Deletes links that began before `before`.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    let old = device_links::table.filter(device_links::created_at.lt(Instant::from(before)));
    Ok(diesel::delete(old).execute(tx.conn())?)
}
