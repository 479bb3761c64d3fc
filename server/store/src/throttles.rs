//! Room throttles: wrong tries by login, or by network. Also logins that nobody has are counted, so that they look like any other
//! (SR-A06, SR-A07); the rows hold keyed hashes of what was typed, and are deleted after a day.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::throttle::Failures;

use crate::{
    access::{System, Tx},
    db::types::Instant,
    error::StoreError,
    schema::throttles,
};

/// Which wrong tries. They are counted apart, so that a stranger who only knows a login cannot keep its owner out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ladder {
    /// Those that anybody can make: password, and codes from an app.
    Anybody,
    /// Those of somebody who has shown a passkey of the person.
    PasskeyHolder,
    /// Wrong codes of somebody who is signed in, by the id of the person.
    Codes,
    /// Addresses of links that lead nowhere, by network.
    Links,
    /// What comes without a name, by network.
    Voices,
}

impl Ladder {
    const fn context(self) -> &'static str {
        match self {
            Self::Anybody => "throttles.anybody",
            Self::PasskeyHolder => "throttles.passkey-holder",
            Self::Codes => "throttles.codes",
            Self::Links => "throttles.links",
            Self::Voices => "throttles.voices",
        }
    }
}

fn login_key(tx: &Tx<'_>, ladder: Ladder, login: &str) -> Vec<u8> {
    let folded = login.trim().to_lowercase();
    tx.keys().lookups.hash(ladder.context(), folded.as_bytes()).as_bytes().to_vec()
}

/// The wrong tries for this login so far.
///
/// # Errors
/// The database's.
pub fn failures(tx: &mut Tx<'_>, ladder: Ladder, login: &str) -> Result<Failures, StoreError> {
    let key = login_key(tx, ladder, login);
    let row: Option<(i32, Instant)> = throttles::table
        .find(key)
        .select((throttles::failed_count, throttles::failed_at))
        .first(tx.conn())
        .optional()?;
    Ok(row.map_or_else(Failures::default, |(count, at)| Failures { count, last_at: Some(at.timestamp()) }))
}

/// Counts a wrong try: one more of today.
///
/// # Errors
/// The database's.
pub fn count(tx: &mut Tx<'_>, ladder: Ladder, login: &str) -> Result<(), StoreError> {
    let next = failures(tx, ladder, login)?.and_one_today(tx.now());
    let key = login_key(tx, ladder, login);
    let at = Instant::from(tx.now());
    let known = update(throttles::table.find(key.clone()))
        .set((throttles::failed_count.eq(next.count), throttles::failed_at.eq(at)))
        .execute(tx.conn())?;
    if known == 0 {
        insert_into(throttles::table)
            .values((throttles::login_key.eq(key), throttles::failed_count.eq(next.count), throttles::failed_at.eq(at)))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Forgets wrong tries for this login: it was the right person.
///
/// # Errors
/// The database's.
pub fn forget(tx: &mut Tx<'_>, ladder: Ladder, login: &str) -> Result<(), StoreError> {
    let key = login_key(tx, ladder, login);
    delete(throttles::table.find(key)).execute(tx.conn())?;
    Ok(())
}

/// Deletes what counts no more: the last wrong try was before `before`.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<usize, StoreError> {
    Ok(delete(throttles::table.filter(throttles::failed_at.lt(Instant::from(before)))).execute(tx.conn())?)
}
