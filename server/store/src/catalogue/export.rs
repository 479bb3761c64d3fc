//! Offers for other directories, page by page, with all that is public of them; and in which languages there are any.

use std::collections::BTreeMap;

use diesel::{dsl::count_star, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    ids::OfferId,
    offers::{lifecycle::Status, texts::Origin},
};

use super::{Listed, listed};
use crate::{
    access::Tx,
    areas::{self, Area},
    db::types::{Instant, Sql},
    error::StoreError,
    schedules::occurrences::{self, Occurrence},
    schema::{offer_feed, offer_spoken, offer_texts, offers},
};

/// The most dates of one offer.
const DATES: usize = 400;

/// A public offer with all its dates to come.
#[derive(Debug)]
pub struct Exported {
    /// The offer.
    pub listed: Listed,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Its dates that are not over, at most 400, cancelled ones included.
    pub dates: Vec<Occurrence>,
    /// The areas for whose people it is.
    pub areas: Vec<Area>,
}

/// A page of what is public and has changed at or after a moment, and how many there are.
///
/// # Errors
/// The database's.
pub fn exported(tx: &mut Tx<'_>, since: Timestamp, skip: i64, limit: i64) -> Result<(i64, Vec<Exported>), StoreError> {
    let since = Instant::from(since);
    let public = || offer_feed::table.filter(offer_feed::gone.eq(0)).filter(offer_feed::changed_at.ge(since));
    let total = public().count().get_result(tx.conn())?;
    let rows: Vec<(Sql<OfferId>, Instant)> = public()
        .order(offer_feed::offer_id)
        .offset(skip)
        .limit(limit)
        .select((offer_feed::offer_id, offer_feed::changed_at))
        .load(tx.conn())?;
    let rows: Vec<(OfferId, Timestamp)> = rows.into_iter().map(|(id, at)| (id.0, at.timestamp())).collect();
    Ok((total, with_all(tx, &rows)?))
}

/// One public offer with all its dates; none when there is no such offer, or not for everybody.
///
/// # Errors
/// The database's.
pub fn exported_one(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Exported>, StoreError> {
    let row: Option<Instant> =
        offer_feed::table.find(Sql(id)).select(offer_feed::changed_at).first(tx.conn()).optional()?;
    let rows: Vec<(OfferId, Timestamp)> = row.into_iter().map(|at| (id, at.timestamp())).collect();
    Ok(with_all(tx, &rows)?.into_iter().next())
}

fn with_all(tx: &mut Tx<'_>, rows: &[(OfferId, Timestamp)]) -> Result<Vec<Exported>, StoreError> {
    let known = areas::all(tx)?;
    let changed: BTreeMap<OfferId, Timestamp> = rows.iter().copied().collect();
    let ids: Vec<OfferId> = rows.iter().map(|(id, _)| *id).collect();
    let mut all = Vec::with_capacity(ids.len());
    for listed in listed(tx, &ids)? {
        let id = listed.offer.id;
        let meant = &listed.offer.facts.areas;
        all.push(Exported {
            changed_at: changed.get(&id).copied().unwrap_or(Timestamp::UNIX_EPOCH),
            dates: occurrences::standing(tx, id, tx.now(), None, DATES)?,
            areas: known.iter().filter(|area| meant.contains(&area.id)).cloned().collect(),
            listed,
        });
    }
    Ok(all)
}

/// How many public offers there are in a language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InLanguage {
    /// With a text that is shown.
    pub texts: i64,
    /// Where it is spoken.
    pub spoken: i64,
}

/// In which languages there are public offers, by their tags.
///
/// # Errors
/// The database's.
pub fn languages(tx: &mut Tx<'_>) -> Result<BTreeMap<String, InLanguage>, StoreError> {
    let public = || offers::status.eq_any(Status::PUBLIC);
    let texts: Vec<(String, String, i64)> = offer_texts::table
        .inner_join(offers::table.on(offers::id.eq(offer_texts::offer_id)))
        .filter(public())
        .group_by((offer_texts::language, offer_texts::origin))
        .select((offer_texts::language, offer_texts::origin, count_star()))
        .load(tx.conn())?;
    let spoken: Vec<(String, i64)> = offer_spoken::table
        .inner_join(offers::table.on(offers::id.eq(offer_spoken::offer_id)))
        .filter(public())
        .group_by(offer_spoken::language)
        .select((offer_spoken::language, count_star()))
        .load(tx.conn())?;
    let mut languages: BTreeMap<String, InLanguage> = BTreeMap::new();
    for (language, origin, many) in texts {
        let origin = Origin::parse(&origin).ok_or(StoreError::Corrupt("offer_texts.origin"))?;
        if origin.may_be_public(&language) {
            languages.entry(language).or_default().texts += many;
        }
    }
    for (language, many) in spoken {
        languages.entry(language).or_default().spoken += many;
    }
    Ok(languages)
}
