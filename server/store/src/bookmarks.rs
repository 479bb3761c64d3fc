//! Room bookmarks: the offers that a resident keeps, as one list under the resident's key. Nobody can count who keeps an offer.

use diesel::{insert_into, prelude::*, update};
use nahraum_domain::ids::{OfferId, ResidentId};

use crate::{
    access::{Caller, Tx},
    catalogue::{self, Listed},
    db::types::Sql,
    error::StoreError,
    schema::bookmarks as rows,
    vault::{Place, Subject},
};

/// The most offers that are kept.
pub const MOST: usize = 200;

/// An offer that is kept, and what everybody is told of it; none when it is not public any more.
pub type Bookmark = (OfferId, Option<Listed>);

/// What the caller keeps, the last one first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn own(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Bookmark>, StoreError> {
    let kept = ids(tx, caller)?;
    let mut listed = catalogue::each(tx, &kept)?;
    Ok(kept.into_iter().rev().map(|id| (id, listed.remove(&id))).collect())
}

/// [`own`], the last one last, and without what everybody is told of the offers.
pub(crate) fn ids(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<OfferId>, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    Ok(kept(tx, resident)?.0)
}

/// The caller keeps an offer. Returns whether there is room for it.
///
/// # Errors
/// As [`own`].
pub fn keep(tx: &mut Tx<'_>, caller: &Caller<'_>, offer: OfferId) -> Result<bool, StoreError> {
    change(tx, caller, |kept| {
        if kept.contains(&offer) {
            return true;
        }
        kept.push(offer);
        kept.len() <= MOST
    })
}

/// The caller does not keep an offer any more.
///
/// # Errors
/// As [`own`].
pub fn let_go(tx: &mut Tx<'_>, caller: &Caller<'_>, offer: OfferId) -> Result<(), StoreError> {
    change(tx, caller, |kept| {
        kept.retain(|id| *id != offer);
        true
    })?;
    Ok(())
}

/// Writes the list anew if the change is one that holds. Returns whether it is.
fn change(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    change: impl FnOnce(&mut Vec<OfferId>) -> bool,
) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let (mut kept, is_there) = kept(tx, resident)?;
    if !change(&mut kept) {
        return Ok(false);
    }
    let text: Vec<String> = kept.iter().map(ToString::to_string).collect();
    let sealed = tx.vault().seal_text(Subject::Resident(resident), place(&resident), &text.join(" "))?;
    if is_there {
        update(rows::table.find(Sql(resident))).set(rows::offers_sealed.eq(sealed)).execute(tx.conn())?;
    } else {
        insert_into(rows::table)
            .values((rows::resident_id.eq(Sql(resident)), rows::offers_sealed.eq(sealed)))
            .execute(tx.conn())?;
    }
    Ok(true)
}

/// What a resident keeps, the last one last, and whether there is a row for it.
fn kept(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(Vec<OfferId>, bool), StoreError> {
    let sealed: Option<Vec<u8>> =
        rows::table.find(Sql(resident)).select(rows::offers_sealed).first(tx.conn()).optional()?;
    let Some(sealed) = sealed else { return Ok((Vec::new(), false)) };
    let text = tx.vault().open_text(Subject::Resident(resident), place(&resident), sealed)?;
    let ids: Result<Vec<OfferId>, _> = text.split_whitespace().map(str::parse).collect();
    Ok((ids.map_err(|_| StoreError::Corrupt("bookmarks.offers_sealed"))?, true))
}

const fn place(resident: &ResidentId) -> Place<'_> {
    Place { column: "bookmarks.offers", row: resident.as_bytes() }
}
