//! What everybody is told of the places of many offers, with a few queries for all of them.

use std::collections::HashMap;

use diesel::{
    dsl::{max, min},
    prelude::*,
};
use nahraum_domain::{
    ids::OfferId,
    offers::{capacity::Band, facts::Registration, occurrences::OccurrenceState},
};

use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    offers::{CHUNK, Offer},
    schema::{occurrences, offers},
};

/// The bands of these offers. Of an offer with dates, the one to come that has most places says how it is.
pub(super) fn bands(tx: &mut Tx<'_>, all: &[Offer]) -> Result<HashMap<OfferId, Band>, StoreError> {
    let counted = |offer: &&Offer| offer.facts.registration == Registration::InApp;
    let ids: Vec<Sql<OfferId>> = all.iter().filter(counted).map(|offer| Sql(offer.id)).collect();
    let mut free: HashMap<OfferId, Free> = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        add(tx, chunk, &mut free)?;
    }
    let band = |offer: &Offer| {
        let most = offer.facts.places_max;
        let free = match free.get(&offer.id) {
            None => most,
            Some(Free { of_its_own, least_taken }) => {
                let of_offer = most.zip(*least_taken).map(|(most, taken)| most.saturating_sub(taken));
                of_offer.max(*of_its_own).or(Some(0))
            }
        };
        let free = free.map(|free| u32::try_from(free).unwrap_or(0));
        (offer.id, Band::of(&offer.facts.registration, free, offer.facts.waiting_list))
    };
    Ok(all.iter().map(band).collect())
}

/// What is free of an offer.
#[derive(Default)]
struct Free {
    /// The most that is free of dates with a number of places of their own.
    of_its_own: Option<i32>,
    /// The least that is taken of dates without, or of the offer that has no dates.
    least_taken: Option<i32>,
}

fn add(tx: &mut Tx<'_>, ids: &[Sql<OfferId>], free: &mut HashMap<OfferId, Free>) -> Result<(), StoreError> {
    let dated: Vec<Sql<OfferId>> = occurrences::table
        .filter(occurrences::offer_id.eq_any(ids))
        .select(occurrences::offer_id)
        .distinct()
        .load(tx.conn())?;
    let undated: Vec<(Sql<OfferId>, i32)> = offers::table
        .filter(offers::id.eq_any(ids))
        .filter(offers::id.ne_all(&dated))
        .select((offers::id, offers::places_taken))
        .load(tx.conn())?;
    free.extend(dated.iter().map(|id| (id.0, Free::default())));
    free.extend(undated.into_iter().map(|(id, taken)| (id.0, Free { least_taken: Some(taken), of_its_own: None })));
    let now = Instant::from(tx.now());
    let to_come = || {
        occurrences::table
            .filter(occurrences::offer_id.eq_any(&dated))
            .filter(occurrences::state.ne(OccurrenceState::Cancelled.as_str()))
            .filter(occurrences::starts_at.gt(now))
    };
    let least: Vec<(Sql<OfferId>, Option<i32>)> = to_come()
        .filter(occurrences::places_max.is_null())
        .group_by(occurrences::offer_id)
        .select((occurrences::offer_id, min(occurrences::places_taken)))
        .load(tx.conn())?;
    for (id, taken) in least {
        free.entry(id.0).or_default().least_taken = taken;
    }
    let most: Vec<(Sql<OfferId>, Option<i32>)> = to_come()
        .filter(occurrences::places_max.is_not_null())
        .group_by(occurrences::offer_id)
        .select((occurrences::offer_id, max(occurrences::places_max - occurrences::places_taken.nullable())))
        .load(tx.conn())?;
    for (id, places) in most {
        free.entry(id.0).or_default().of_its_own = places;
    }
    Ok(())
}
