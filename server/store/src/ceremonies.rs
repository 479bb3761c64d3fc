//! Room ceremonies: what lies between the two halves of a proof or a registration. Each is taken once, and only within
//! its minutes: that is what makes a replay impossible (SR-A02).

use diesel::{delete, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    factors::CEREMONY_LIFETIME,
    ids::{CeremonyId, StaffId},
};

use crate::{
    access::{System, Tx},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::ceremonies,
    vault::{Place, Subject},
};

/// What was begun, and for whom.
#[derive(Debug, Clone, Copy)]
pub enum Ceremony<'a> {
    /// A sign-in with a passkey, for this login, whether anybody has it or not.
    SignIn(&'a str),
    /// A new passkey of this person.
    NewPasskey(StaffId),
    /// New one-time codes of this person.
    NewTotp(StaffId),
}

impl Ceremony<'_> {
    const fn kind(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "sign-in",
            Self::NewPasskey(_) => "new-passkey",
            Self::NewTotp(_) => "new-totp",
        }
    }

    fn whose_key(&self, tx: &Tx<'_>) -> Vec<u8> {
        let lookups = &tx.keys().lookups;
        let key = match self {
            Self::SignIn(login) => lookups.hash("ceremonies.login", login.as_bytes()),
            Self::NewPasskey(person) | Self::NewTotp(person) => lookups.hash("ceremonies.person", person.as_bytes()),
        };
        key.as_bytes().to_vec()
    }
}

/// Keeps what has to be known at the end.
///
/// # Errors
/// The database's.
pub fn begin(tx: &mut Tx<'_>, ceremony: &Ceremony<'_>, state: &[u8]) -> Result<CeremonyId, StoreError> {
    let id = tx.new_id(CeremonyId::new);
    let sealed = tx.vault().seal(Subject::House, place(&id), state)?;
    insert_into(ceremonies::table)
        .values((
            ceremonies::id.eq(Sql(id)),
            ceremonies::kind.eq(ceremony.kind()),
            ceremonies::whose_key.eq(ceremony.whose_key(tx)),
            ceremonies::state_sealed.eq(sealed),
            ceremonies::expires_at.eq(Instant::from(tx.now() + CEREMONY_LIFETIME)),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// Takes what was kept: once, in time, and for the same person. Whoever asks, it is gone afterwards.
///
/// # Errors
/// The database's.
pub fn take(tx: &mut Tx<'_>, id: CeremonyId, ceremony: &Ceremony<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(String, Vec<u8>, Vec<u8>, Instant)> = ceremonies::table
        .find(Sql(id))
        .select((ceremonies::kind, ceremonies::whose_key, ceremonies::state_sealed, ceremonies::expires_at))
        .first(tx.conn())
        .optional()?;
    let gone = delete(ceremonies::table.find(Sql(id))).execute(tx.conn())?;
    let Some((kind, whose, sealed, expires_at)) = row.filter(|_| gone == 1) else { return Ok(None) };
    if kind != ceremony.kind() || whose != ceremony.whose_key(tx) || tx.now() >= expires_at.timestamp() {
        return Ok(None);
    }
    Ok(Some(tx.vault().open(Subject::House, place(&id), sealed)?))
}

/// Names a passkey for a login that has none: the same whenever it is asked for, and nothing to a stranger (SR-A07).
#[must_use]
pub fn decoy(tx: &Tx<'_>, login: &str) -> Vec<u8> {
    tx.keys().lookups.hash("ceremonies.decoy", login.as_bytes()).as_bytes().to_vec()
}

/// Deletes those that nobody finished.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    Ok(delete(ceremonies::table.filter(ceremonies::expires_at.lt(Instant::from(before)))).execute(tx.conn())?)
}

const fn place(id: &CeremonyId) -> Place<'_> {
    Place { column: "ceremonies.state", row: id.as_bytes() }
}
