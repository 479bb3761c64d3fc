//! Room imports: which offers an organisation knows by which keys.

use std::collections::HashMap;

use diesel::prelude::*;
use nahraum_domain::ids::OfferId;

use crate::{
    access::{Caller, Tx},
    db::types::Sql,
    error::StoreError,
    offers::{self, CHUNK, Offer, publisher},
    schema::offers as rows,
};

/// The offers that the organisation of the caller knows by these keys. Keys of others are not looked at.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn known(tx: &mut Tx<'_>, caller: &Caller<'_>, keys: &[String]) -> Result<HashMap<String, Offer>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    let mut key_of = HashMap::new();
    for chunk in keys.chunks(CHUNK) {
        let found: Vec<(Sql<OfferId>, Option<String>)> = rows::table
            .filter(rows::organisation_id.eq(Sql(organisation)))
            .filter(rows::import_key.eq_any(chunk))
            .select((rows::id, rows::import_key))
            .load(tx.conn())?;
        key_of.extend(found.into_iter().filter_map(|(id, key)| Some((id.0, key?))));
    }
    let ids: Vec<OfferId> = key_of.keys().copied().collect();
    let with_key = |offer: Offer| key_of.get(&offer.id).map(|key| (key.clone(), offer));
    Ok(offers::load(tx, &ids)?.into_iter().filter_map(with_key).collect())
}
