//! Finding offers. Three ways, by what is asked for: words, nearness, or the next date; each walks an index of its own and stops when
//! the page is full. What that costs in a large catalogue stands in `docs/performance.md`.

use std::collections::HashMap;

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use jiff::{Timestamp, civil::Weekday};
use nahraum_domain::{
    ids::{AreaId, OfferId, OrganisationId, PlaceId},
    offers::{
        OfferKind,
        lifecycle::Status,
        occurrences::OccurrenceState,
        places::{Access, AddressVisibility, Position},
        tags::LanguageTag,
    },
};

use super::{Listed, listed};
use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{areas, occurrences, offer_areas, offer_spoken, offer_topics, offer_words, offers, places},
};

/// The most offers that are looked at for words, or for nearness.
const LOOKED_AT: usize = 2_000;

/// What somebody looks for. Nothing of it is ever written down.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// About one of these topics.
    pub topics: Vec<String>,
    /// Of one of these kinds.
    pub kinds: Vec<OfferKind>,
    /// Of this organisation.
    pub organisation: Option<OrganisationId>,
    /// In this area, or one inside it.
    pub area: Option<AreaId>,
    /// Where this language is spoken.
    pub spoken: Option<LanguageTag>,
    /// For somebody of this age.
    pub age: Option<i32>,
    /// That costs nothing.
    pub free: bool,
    /// Where a wheelchair gets in.
    pub wheelchair: bool,
    /// Over the internet, or not.
    pub online: Option<bool>,
    /// With a date that has a free place, or where none are counted.
    pub places: bool,
    /// With a date that ends after this moment.
    pub from: Option<Timestamp>,
    /// With a date that begins before this moment.
    pub to: Option<Timestamp>,
    /// With a date on one of these days of the week, on the clock there. None: on any.
    pub weekdays: Vec<Weekday>,
    /// With all of these words, folded; the last one may be the beginning of one.
    pub words: Vec<String>,
    /// At most so many metres from here. The position is rounded.
    pub near: Option<(Position, u32)>,
}

/// Where a page ended. Order: sunk, then the first number of the way that was gone, then the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// 1 for what nobody has confirmed in time.
    pub sunk: i32,
    /// The next date, the distance, or minus the weight of the words.
    pub rank: i64,
    /// The offer.
    pub id: OfferId,
}

/// An offer that was found.
#[derive(Debug)]
pub struct Found {
    /// The offer.
    pub listed: Listed,
    /// Where a page that ends with it ended.
    pub mark: Mark,
    /// How far it is, if that was asked for.
    pub metres: Option<u32>,
}

type Query<'a> = offers::BoxedQuery<'a, <crate::db::Conn as diesel::Connection>::Backend>;

/// A page of what somebody looks for, at most `limit`, after `after`.
///
/// # Errors
/// The database's.
pub fn find(tx: &mut Tx<'_>, filter: &Filter, after: Option<Mark>, limit: usize) -> Result<Vec<Found>, StoreError> {
    let near = filter.near.map(|(from, metres)| near(tx, from.rounded(), metres)).transpose()?;
    let marks = match (&filter.words[..], &near) {
        ([], None) => by_date(tx, filter, after, limit)?,
        ([], Some(near)) => by_distance(tx, filter, near)?,
        (words, near) => by_words(tx, filter, words, near.as_ref())?,
    };
    let page: Vec<Mark> =
        marks.into_iter().filter(|mark| after.is_none_or(|after| *mark > after)).take(limit).collect();
    let ids: Vec<OfferId> = page.iter().map(|mark| mark.id).collect();
    let mut offers: HashMap<OfferId, Listed> = listed(tx, &ids)?.into_iter().map(|l| (l.offer.id, l)).collect();
    let found = |mark: Mark| {
        let listed = offers.remove(&mark.id)?;
        let place = listed.offer.facts.place;
        let metres = near.as_ref().zip(place).and_then(|(near, place)| near.get(&place)).copied();
        Some(Found { listed, mark, metres })
    };
    Ok(page.into_iter().filter_map(found).collect())
}

/// How far places are in metres, those that are near enough. Only those whose address everybody is told: a distance tells where
/// something is.
type Near = HashMap<PlaceId, u32>;

fn near(tx: &mut Tx<'_>, from: Position, metres: u32) -> Result<Near, StoreError> {
    let bounds = from.bounds(metres);
    let around: Vec<(Sql<PlaceId>, Option<i32>, Option<i32>)> = places::table
        .filter(places::latitude.between(bounds.south, bounds.north))
        .filter(places::longitude.between(bounds.west, bounds.east))
        .filter(places::address_visibility.eq(AddressVisibility::Public.as_str()))
        .select((places::id, places::latitude, places::longitude))
        .load(tx.conn())?;
    let far = |(id, latitude, longitude): (Sql<PlaceId>, Option<i32>, Option<i32>)| {
        let far = from.metres_to(Position::of_millionths(latitude?, longitude?));
        (far <= metres).then_some((id.0, far))
    };
    Ok(around.into_iter().filter_map(far).collect())
}

/// What comes next.
fn by_date(tx: &mut Tx<'_>, filter: &Filter, after: Option<Mark>, limit: usize) -> Result<Vec<Mark>, StoreError> {
    let mut query = filtered(tx, filter, Among::All)?;
    if let Some(Mark { sunk, rank, id }) = after {
        query = query.filter(
            offers::sunk.gt(sunk).or(offers::sunk
                .eq(sunk)
                .and(offers::next_at.gt(rank).or(offers::next_at.eq(rank).and(offers::id.gt(Sql(id)))))),
        );
    }
    let rows: Vec<(i32, i64, Sql<OfferId>)> = query
        .order((offers::sunk, offers::next_at, offers::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((offers::sunk, offers::next_at, offers::id))
        .load(tx.conn())?;
    Ok(rows.into_iter().map(|(sunk, rank, id)| Mark { sunk, rank, id: id.0 }).collect())
}

/// What is nearest.
fn by_distance(tx: &mut Tx<'_>, filter: &Filter, near: &Near) -> Result<Vec<Mark>, StoreError> {
    let mut places: Vec<(u32, PlaceId)> = near.iter().map(|(id, far)| (*far, *id)).collect();
    places.sort_unstable();
    let mut marks = Vec::new();
    for chunk in places.chunks(200) {
        let ids: Vec<Sql<PlaceId>> = chunk.iter().map(|(_, id)| Sql(*id)).collect();
        let rows: Vec<Row> =
            filtered(tx, filter, Among::Named)?.filter(offers::place_id.eq_any(ids)).select(ROW).load(tx.conn())?;
        marks.extend(rows.into_iter().filter_map(|(sunk, place, id)| {
            let far = near.get(&place?.0)?;
            Some(Mark { sunk, rank: i64::from(*far), id: id.0 })
        }));
        if marks.len() >= LOOKED_AT {
            break;
        }
    }
    marks.sort_unstable();
    Ok(marks)
}

type Row = (i32, Option<Sql<PlaceId>>, Sql<OfferId>);
const ROW: (offers::sunk, offers::place_id, offers::id) = (offers::sunk, offers::place_id, offers::id);

/// What has all of the words, those in titles before those in texts.
fn by_words(tx: &mut Tx<'_>, filter: &Filter, words: &[String], near: Option<&Near>) -> Result<Vec<Mark>, StoreError> {
    let weights = weights(tx, words)?;
    let mut ids: Vec<(i64, OfferId)> = weights.iter().map(|(id, weight)| (-weight, *id)).collect();
    ids.sort_unstable();
    ids.truncate(LOOKED_AT);
    let mut marks = Vec::new();
    for chunk in ids.chunks(500) {
        let chunk: Vec<Sql<OfferId>> = chunk.iter().map(|(_, id)| Sql(*id)).collect();
        let rows: Vec<Row> =
            filtered(tx, filter, Among::Named)?.filter(offers::id.eq_any(chunk)).select(ROW).load(tx.conn())?;
        marks.extend(rows.into_iter().filter_map(|(sunk, place, id)| {
            let is_near = near.is_none_or(|near| place.is_some_and(|place| near.contains_key(&place.0)));
            let weight = weights.get(&id.0).filter(|_| is_near)?;
            Some(Mark { sunk, rank: -weight, id: id.0 })
        }));
    }
    marks.sort_unstable();
    Ok(marks)
}

/// What has all of the words, and how much they weigh there.
fn weights(tx: &mut Tx<'_>, words: &[String]) -> Result<HashMap<OfferId, i64>, StoreError> {
    let mut weights: Option<HashMap<OfferId, i64>> = None;
    for (place, word) in words.iter().enumerate() {
        let mut query = offer_words::table.select((offer_words::offer_id, offer_words::weight)).into_boxed();
        query = if place + 1 == words.len() {
            // Everything that begins like it. No word has the last character of all.
            query.filter(offer_words::word.ge(word)).filter(offer_words::word.lt(format!("{word}\u{10FFFF}")))
        } else {
            query.filter(offer_words::word.eq(word))
        };
        let rows: Vec<(Sql<OfferId>, i32)> = query.load(tx.conn())?;
        let mut heaviest: HashMap<OfferId, i64> = HashMap::new();
        for (id, weight) in rows {
            let held = heaviest.entry(id.0).or_default();
            *held = (*held).max(i64::from(weight));
        }
        weights = Some(match weights {
            None => heaviest,
            Some(before) => before
                .into_iter()
                .filter_map(|(id, weight)| Some((id, weight.saturating_add(*heaviest.get(&id)?))))
                .collect(),
        });
    }
    Ok(weights.unwrap_or_default())
}

/// Which offers a filter is laid on.
#[derive(Clone, Copy)]
enum Among {
    /// All there are: the list of those of a topic is made once.
    All,
    /// A chunk whose ids or places are named: each is looked up, or that list would be made anew for every chunk (8 times slower with
    /// 20,000 offers on SQLite, 9 times on PostgreSQL).
    Named,
}

/// The public offers that pass the filter, words and nearness left aside.
fn filtered<'a>(tx: &mut Tx<'_>, filter: &'a Filter, among: Among) -> Result<Query<'a>, StoreError> {
    let mut query = offers::table.filter(offers::status.eq_any(Status::PUBLIC)).into_boxed();
    if !filter.kinds.is_empty() {
        query = query.filter(offers::kind.eq_any(filter.kinds.iter().map(|kind| kind.as_str())));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(offers::organisation_id.eq(Sql(organisation)));
    }
    if !filter.topics.is_empty() {
        let topics = offer_topics::table.filter(offer_topics::topic.eq_any(&filter.topics));
        query = match among {
            Among::All => query.filter(offers::id.eq_any(topics.select(offer_topics::offer_id))),
            Among::Named => query.filter(exists(topics.filter(offer_topics::offer_id.eq(offers::id)))),
        };
    }
    if let Some(spoken) = &filter.spoken {
        let spoken = offer_spoken::table.filter(offer_spoken::language.eq(spoken.as_str()));
        query = match among {
            Among::All => query.filter(offers::id.eq_any(spoken.select(offer_spoken::offer_id))),
            Among::Named => query.filter(exists(spoken.filter(offer_spoken::offer_id.eq(offers::id)))),
        };
    }
    if let Some(age) = filter.age {
        query = query
            .filter(offers::age_min.is_null().or(offers::age_min.le(age)))
            .filter(offers::age_max.is_null().or(offers::age_max.ge(age)));
    }
    if filter.free {
        query = query.filter(offers::cost.eq_any(["free", "donation"]));
    }
    if let Some(online) = filter.online {
        query = query.filter(offers::online.eq(i32::from(online)));
    }
    if filter.wheelchair {
        let place = places::table.filter(places::id.nullable().eq(offers::place_id));
        query = query.filter(exists(place.filter(places::wheelchair.eq(Access::Yes.as_str()))));
    }
    if let Some(area) = filter.area {
        let inside = inside(tx, area)?;
        let places = places::table.filter(places::area_id.eq_any(inside.clone())).select(places::id.nullable());
        let meant = offer_areas::table.filter(offer_areas::area_id.eq_any(inside)).select(offer_areas::offer_id);
        query = query.filter(offers::place_id.eq_any(places).or(offers::id.eq_any(meant)));
    }
    Ok(with_dates(query, filter, tx.now()))
}

/// Only those with a date that is asked for.
fn with_dates<'a>(query: Query<'a>, filter: &Filter, now: Timestamp) -> Query<'a> {
    let asks = filter.from.is_some() || filter.to.is_some() || !filter.weekdays.is_empty();
    if !asks && !filter.places {
        return query;
    }
    let from = filter.from.map_or(now, |from| from.max(now));
    let weekdays: Vec<i32> = if filter.weekdays.is_empty() {
        (0..7).collect()
    } else {
        filter.weekdays.iter().map(|day| i32::from(day.to_monday_zero_offset())).collect()
    };
    let dates = occurrences::table
        .filter(occurrences::weekday.eq_any(weekdays))
        .filter(occurrences::offer_id.eq(offers::id))
        .filter(occurrences::state.ne(OccurrenceState::Cancelled.as_str()))
        .filter(occurrences::ends_at.gt(Instant::from(from)))
        .filter(occurrences::starts_at.lt(Instant::from(filter.to.unwrap_or(Timestamp::MAX))));
    if filter.places {
        let free = dates.filter(occurrences::starts_at.gt(Instant::from(now))).filter(
            occurrences::places_taken.nullable().lt(occurrences::places_max).or(occurrences::places_max
                .is_null()
                .and(offers::places_max.is_null().or(occurrences::places_taken.nullable().lt(offers::places_max)))),
        );
        if asks {
            return query.filter(exists(free));
        }
        let any = occurrences::table.filter(occurrences::offer_id.eq(offers::id));
        let of_offer = offers::places_taken.nullable().lt(offers::places_max).and(not(exists(any)));
        query.filter(offers::places_max.is_null().or(exists(free)).or(of_offer))
    } else {
        query.filter(exists(dates))
    }
}

/// An area and all that lie in it.
fn inside(tx: &mut Tx<'_>, area: AreaId) -> Result<Vec<Sql<AreaId>>, StoreError> {
    let rows: Vec<(Sql<AreaId>, Option<Sql<AreaId>>)> =
        areas::table.select((areas::id, areas::parent_id)).load(tx.conn())?;
    let mut inside = vec![Sql(area)];
    let mut next = 0;
    while let Some(parent) = inside.get(next).copied() {
        let children = rows.iter().filter(|(id, up)| *up == Some(parent) && !inside.contains(id));
        let children: Vec<Sql<AreaId>> = children.map(|(id, _)| *id).collect();
        inside.extend(children);
        next += 1;
    }
    Ok(inside)
}
