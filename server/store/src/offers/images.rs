//! Images of offers. They are public, so they lie in the open, beside the offers and in the same backup.

use std::collections::HashMap;

use diesel::{delete, insert_into, prelude::*};
use nahraum_domain::{finding::MediaType, ids::OfferId, offers::image::Image};

use super::{
    first,
    load::{editing, load},
    texts::changed,
    write::Written,
};
use crate::{
    access::{Caller, Tx},
    db::types::Sql,
    error::StoreError,
    schema::offer_images,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = offer_images)]
struct Row {
    offer_id: Sql<OfferId>,
    media_type: String,
    width: i32,
    height: i32,
    sha256: Vec<u8>,
}

impl Row {
    fn image(self) -> Result<Image, StoreError> {
        let number = |side: i32| u32::try_from(side).map_err(|_| StoreError::Corrupt("offer_images.width"));
        Ok(Image {
            media_type: MediaType::parse(&self.media_type).ok_or(StoreError::Corrupt("offer_images.media_type"))?,
            width: number(self.width)?,
            height: number(self.height)?,
            sha256: self.sha256.try_into().map_err(|_| StoreError::Corrupt("offer_images.sha256"))?,
        })
    }
}

/// What is known of the images of these offers.
pub(super) fn of(tx: &mut Tx<'_>, ids: &[Sql<OfferId>]) -> Result<HashMap<OfferId, Image>, StoreError> {
    let rows: Vec<Row> =
        offer_images::table.filter(offer_images::offer_id.eq_any(ids)).select(Row::as_select()).load(tx.conn())?;
    rows.into_iter().map(|row| Ok((row.offer_id.0, row.image()?))).collect()
}

/// Gives an offer this image, in the place of the one it had.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn put_image(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: OfferId,
    revision: i32,
    image: &Image,
    content: &[u8],
) -> Result<Written, StoreError> {
    editing(tx, caller, id, revision, |tx, person, offer| {
        let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        delete(offer_images::table.find(Sql(id))).execute(tx.conn())?;
        insert_into(offer_images::table)
            .values((
                offer_images::offer_id.eq(Sql(id)),
                offer_images::media_type.eq(image.media_type.as_str()),
                offer_images::width.eq(side(image.width)),
                offer_images::height.eq(side(image.height)),
                offer_images::sha256.eq(&image.sha256[..]),
                offer_images::content.eq(content),
            ))
            .execute(tx.conn())?;
        changed(tx, person, offer, offer.text_rev)
    })
}

/// Takes the image of an offer away. What the texts say it shows stays with them.
///
/// # Errors
/// As [`put_image`].
pub fn delete_image(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OfferId, revision: i32) -> Result<Written, StoreError> {
    editing(tx, caller, id, revision, |tx, person, offer| {
        if offer.image.is_none() {
            return Ok(Written::Unknown);
        }
        delete(offer_images::table.find(Sql(id))).execute(tx.conn())?;
        changed(tx, person, offer, offer.text_rev)
    })
}

/// The image of a public offer that is shown; none when there is no such offer, or nobody is shown one.
///
/// # Errors
/// The database's.
pub fn image(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<(Image, Vec<u8>)>, StoreError> {
    let offer = load(tx, &[id])?.pop().filter(|offer| offer.status.is_public());
    let Some(image) = offer.as_ref().and_then(|offer| offer.shown_image()) else { return Ok(None) };
    Ok(Some((image.clone(), content(tx, id)?)))
}

/// The image of an offer that the caller may see before the public does; none when there is none for them.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn own_image(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OfferId) -> Result<Option<(Image, Vec<u8>)>, StoreError> {
    let Some(image) = first(tx, caller, id)?.and_then(|offer| offer.image) else { return Ok(None) };
    Ok(Some((image, content(tx, id)?)))
}

fn content(tx: &mut Tx<'_>, id: OfferId) -> Result<Vec<u8>, StoreError> {
    Ok(offer_images::table.find(Sql(id)).select(offer_images::content).first(tx.conn())?)
}
