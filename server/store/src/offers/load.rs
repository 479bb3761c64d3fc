//! Reading offers: many at once with one query for each table, so that a page costs the same few queries as one offer.

use std::collections::HashMap;

use diesel::prelude::*;
use nahraum_domain::{
    calendar,
    ids::{AreaId, OfferId, OrganisationId, PlaceId, StaffId},
    offers::{
        OfferKind,
        facts::{Cost, Facts, Registration},
        freshness::Told,
        image::Image,
        lifecycle::{ArchiveReason, Sensitivity, Status},
        tags::LanguageTag,
        texts::Origin,
    },
};

use super::{Offer, OfferText, Words, Written, images, publisher};
use crate::{
    access::{Caller, Tx},
    db::types::{Day, Instant, Sql},
    error::StoreError,
    schema::{offer_areas, offer_spoken, offer_texts, offer_topics, offers, organisations},
};

/// How many ids one statement names.
pub(crate) const CHUNK: usize = 500;

#[derive(Queryable, Selectable)]
#[diesel(table_name = offers)]
struct Row {
    id: Sql<OfferId>,
    organisation_id: Sql<OrganisationId>,
    place_id: Option<Sql<PlaceId>>,
    kind: String,
    sensitivity: String,
    status: String,
    language: String,
    text_rev: i32,
    revision: i32,
    age_min: Option<i32>,
    age_max: Option<i32>,
    cost: String,
    cost_cents: Option<i32>,
    registration: String,
    registration_at: Option<String>,
    places_max: Option<i32>,
    waiting_list: i32,
    interpreter: i32,
    online: i32,
    verified_on: Option<Day>,
    verify_due: Option<Day>,
    created_at: Instant,
    submitted_by: Option<Sql<StaffId>>,
    published_at: Option<Instant>,
    archived_at: Option<Instant>,
    archive_reason: Option<String>,
}

/// What lies in tables of its own, by offer.
#[derive(Default)]
struct Around {
    texts: HashMap<OfferId, Vec<OfferText>>,
    topics: HashMap<OfferId, Vec<String>>,
    spoken: HashMap<OfferId, Vec<LanguageTag>>,
    areas: HashMap<OfferId, Vec<AreaId>>,
    images: HashMap<OfferId, Image>,
}

impl Around {
    fn of(tx: &mut Tx<'_>, ids: &[Sql<OfferId>]) -> Result<Self, StoreError> {
        let mut around = Self::default();
        let texts: Vec<TextRow> = offer_texts::table
            .filter(offer_texts::offer_id.eq_any(ids))
            .order((offer_texts::offer_id, offer_texts::language))
            .select(TextRow::as_select())
            .load(tx.conn())?;
        for row in texts {
            around.texts.entry(row.offer_id.0).or_default().push(row.text()?);
        }
        let topics: Vec<(Sql<OfferId>, String)> = offer_topics::table
            .filter(offer_topics::offer_id.eq_any(ids))
            .order((offer_topics::offer_id, offer_topics::topic))
            .load(tx.conn())?;
        for (id, topic) in topics {
            around.topics.entry(id.0).or_default().push(topic);
        }
        let spoken: Vec<(Sql<OfferId>, String)> = offer_spoken::table
            .filter(offer_spoken::offer_id.eq_any(ids))
            .order((offer_spoken::offer_id, offer_spoken::language))
            .load(tx.conn())?;
        for (id, language) in spoken {
            around.spoken.entry(id.0).or_default().push(tag(&language, "offer_spoken.language")?);
        }
        let areas: Vec<(Sql<OfferId>, Sql<AreaId>)> = offer_areas::table
            .filter(offer_areas::offer_id.eq_any(ids))
            .order((offer_areas::offer_id, offer_areas::area_id))
            .load(tx.conn())?;
        for (id, area) in areas {
            around.areas.entry(id.0).or_default().push(area.0);
        }
        around.images = images::of(tx, ids)?;
        Ok(around)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = offer_texts)]
struct TextRow {
    offer_id: Sql<OfferId>,
    language: String,
    title: String,
    summary: String,
    body: String,
    how_to_come: String,
    image_alt: String,
    made_from_rev: i32,
    origin: String,
    engine: Option<String>,
    written_at: Instant,
}

impl TextRow {
    fn text(self) -> Result<OfferText, StoreError> {
        let Self { title, summary, body, how_to_come, .. } = self;
        Ok(OfferText {
            language: tag(&self.language, "offer_texts.language")?,
            words: Words { title, summary, body, how_to_come },
            image_alt: self.image_alt,
            made_from_rev: self.made_from_rev,
            origin: Origin::parse(&self.origin).ok_or(StoreError::Corrupt("offer_texts.origin"))?,
            engine: self.engine,
            written_at: self.written_at.timestamp(),
        })
    }
}

fn tag(text: &str, place: &'static str) -> Result<LanguageTag, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(place))
}

impl Row {
    fn facts(&self, around: &mut Around) -> Result<Facts, StoreError> {
        let id = self.id.0;
        Ok(Facts {
            kind: OfferKind::parse(&self.kind).ok_or(StoreError::Corrupt("offers.kind"))?,
            sensitivity: Sensitivity::parse(&self.sensitivity).ok_or(StoreError::Corrupt("offers.sensitivity"))?,
            place: self.place_id.map(|place| place.0),
            age_min: self.age_min,
            age_max: self.age_max,
            cost: Cost::parse(&self.cost, self.cost_cents).ok_or(StoreError::Corrupt("offers.cost"))?,
            registration: Registration::parse(&self.registration, self.registration_at.as_deref())
                .ok_or(StoreError::Corrupt("offers.registration"))?,
            places_max: self.places_max,
            waiting_list: self.waiting_list != 0,
            interpreter: self.interpreter != 0,
            online: self.online != 0,
            topics: around.topics.remove(&id).unwrap_or_default(),
            spoken: around.spoken.remove(&id).unwrap_or_default(),
            areas: around.areas.remove(&id).unwrap_or_default(),
        })
    }

    fn offer(self, organisation_name: String, around: &mut Around) -> Result<Offer, StoreError> {
        let facts = self.facts(around)?;
        let archived = match (self.archived_at, self.archive_reason.as_deref()) {
            (Some(at), Some(reason)) => {
                let reason = ArchiveReason::parse(reason).ok_or(StoreError::Corrupt("offers.archive_reason"))?;
                Some((at.timestamp(), reason))
            }
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(StoreError::Corrupt("offers.archived_at")),
        };
        Ok(Offer {
            id: self.id.0,
            organisation: self.organisation_id.0,
            organisation_name,
            facts,
            status: Status::parse(&self.status).ok_or(StoreError::Corrupt("offers.status"))?,
            language: tag(&self.language, "offers.language")?,
            text_rev: self.text_rev,
            revision: self.revision,
            texts: around.texts.remove(&self.id.0).unwrap_or_default(),
            image: around.images.remove(&self.id.0),
            verified_on: self.verified_on.map(|day| day.date()),
            verify_due: self.verify_due.map(|day| day.date()),
            created_at: self.created_at.timestamp(),
            published_at: self.published_at.map(Instant::timestamp),
            archived,
            submitted_by: self.submitted_by.map(|person| person.0),
        })
    }
}

/// These offers, in the order of their ids here; what is not there is left out.
pub(crate) fn load(tx: &mut Tx<'_>, ids: &[OfferId]) -> Result<Vec<Offer>, StoreError> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let chunk: Vec<Sql<OfferId>> = chunk.iter().copied().map(Sql).collect();
        let rows: Vec<(Row, String)> = offers::table
            .inner_join(organisations::table)
            .filter(offers::id.eq_any(&chunk))
            .select((Row::as_select(), organisations::name))
            .load(tx.conn())?;
        let mut around = Around::of(tx, &chunk)?;
        for (row, name) in rows {
            let offer = row.offer(name, &mut around)?;
            found.insert(offer.id, offer);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// One offer that has just been written.
pub(crate) fn get(tx: &mut Tx<'_>, id: OfferId) -> Result<Box<Offer>, StoreError> {
    load(tx, &[id])?.into_iter().next().map(Box::new).ok_or(StoreError::Corrupt("offers.id"))
}

/// Where an offer stands; none when there is no such offer.
pub(crate) fn status(tx: &mut Tx<'_>, id: OfferId) -> Result<Option<Status>, StoreError> {
    let word: Option<String> = offers::table.find(Sql(id)).select(offers::status).first(tx.conn()).optional()?;
    word.map(|word| Status::parse(&word).ok_or(StoreError::Corrupt("offers.status"))).transpose()
}

/// Changes the caller's own offer in this revision, if it can be written; otherwise says why not. `change` gets the person who writes.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub(super) fn editing<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'_>,
    id: OfferId,
    revision: i32,
    change: impl FnOnce(&mut Tx<'t>, StaffId, &Offer) -> Result<Written, StoreError>,
) -> Result<Written, StoreError> {
    let (person, organisation) = publisher(caller)?;
    let Some(offer) = first(tx, caller, id)?.filter(|offer| offer.organisation == organisation) else {
        return Ok(Written::Unknown);
    };
    if offer.revision != revision {
        return Ok(Written::Changed);
    }
    if offer.status == Status::Archived { Ok(Written::Late) } else { change(tx, person, &offer) }
}

/// One offer that the caller may see before the public does: their organisation's own, or, for the district office, one that waits for a
/// second person. None when there is no such offer for them.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn first(tx: &mut Tx<'_>, caller: &Caller<'_>, id: OfferId) -> Result<Option<Offer>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    let Some(offer) = load(tx, &[id])?.into_iter().next() else { return Ok(None) };
    let may = offer.organisation == organisation
        || (offer.status == Status::InReview && super::lifecycle::reviews_others(tx, organisation)?);
    Ok(may.then_some(offer))
}

/// The offers of the caller's organisation, newest first, at most `limit` and older than `before`; with `due`, those that have to be
/// confirmed within two weeks; with `waiting`, all that wait for a
/// second person and that the caller may agree to.
///
/// # Errors
/// As [`first`].
pub fn own(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    status: Option<Status>,
    due: bool,
    before: Option<OfferId>,
    limit: i64,
) -> Result<Vec<Offer>, StoreError> {
    let (_, organisation) = publisher(caller)?;
    let mut query = offers::table.order(offers::id.desc()).limit(limit).select(offers::id).into_boxed();
    let sees_all = status == Some(Status::InReview) && super::lifecycle::reviews_others(tx, organisation)?;
    if !sees_all {
        query = query.filter(offers::organisation_id.eq(Sql(organisation)));
    }
    if let Some(status) = status {
        query = query.filter(offers::status.eq(status.as_str()));
    }
    if due {
        let soon = Told::Soon.due_by(calendar::day(tx.now())).map(Day::from);
        query = query.filter(offers::verify_due.le(soon)).filter(offers::status.eq_any(Status::PUBLIC));
    }
    if let Some(before) = before {
        query = query.filter(offers::id.lt(Sql(before)));
    }
    let ids: Vec<Sql<OfferId>> = query.load(tx.conn())?;
    load(tx, &ids.into_iter().map(|id| id.0).collect::<Vec<_>>())
}
