//! Making offers and changing their facts.

use diesel::{delete, insert_into, prelude::*};
use nahraum_domain::{
    ids::{AreaId, OfferId, OrganisationId, PlaceId},
    offers::{facts::Facts, lifecycle::Status, tags::LanguageTag},
};

use super::{
    Offer, Words, feed,
    load::{editing, get},
    publisher, texts,
};
use crate::{
    access::{Caller, Tx},
    db::{
        insert_many,
        types::{Instant, Sql},
    },
    error::StoreError,
    registrations,
    schema::{areas, offer_areas, offer_spoken, offer_topics, offers, places},
};

/// What became of writing an offer.
#[derive(Debug)]
pub enum Written {
    /// It is written.
    Done(Box<Offer>),
    /// There is no such offer for the caller.
    Unknown,
    /// Somebody else was faster.
    Changed,
    /// The organisation has no such place.
    NoPlace,
    /// There is no such area.
    NoArea,
    /// Not in the state it is in.
    Late,
}

/// Makes a draft with its first text.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller publishes nothing; otherwise the database's.
pub fn create(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    facts: &Facts,
    language: &LanguageTag,
    words: &Words,
) -> Result<Written, StoreError> {
    match make(tx, caller, facts, &[(language.clone(), words.clone())], None)? {
        Ok(id) => Ok(Written::Done(get(tx, id)?)),
        Err(missing) => Ok(missing),
    }
}

/// Makes a draft with its texts, the first of them its own, and the key by which its organisation knows it. Gives its id and does not read it
/// again, so that many can be made in one go.
///
/// # Errors
/// As [`create`]; the database's when the organisation knows another offer by that key.
pub fn make(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    facts: &Facts,
    texts: &[(LanguageTag, Words)],
    key: Option<&str>,
) -> Result<Result<OfferId, Written>, StoreError> {
    let (person, organisation) = publisher(caller)?;
    if let Some(missing) = missing(tx, organisation, facts)? {
        return Ok(Err(missing));
    }
    let id = tx.new_id(OfferId::new);
    let own = texts.first().map(|(language, _)| language.as_str()).unwrap_or_default();
    insert_into(offers::table)
        .values((
            offers::id.eq(Sql(id)),
            offers::organisation_id.eq(Sql(organisation)),
            offers::status.eq(Status::Draft.as_str()),
            offers::language.eq(own),
            offers::text_rev.eq(1),
            offers::revision.eq(1),
            offers::created_at.eq(Instant::from(tx.now())),
            offers::next_at.eq(feed::NEVER),
            offers::sunk.eq(0),
            offers::import_key.eq(key),
            columns(facts),
        ))
        .execute(tx.conn())?;
    add_lists(tx, id, facts)?;
    for (language, words) in texts {
        texts::write_first(tx, person, id, language, words)?;
    }
    Ok(Ok(id))
}

/// Gives an offer other facts. A change that makes it need a second person takes it out of the public until that one has agreed.
///
/// # Errors
/// As [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: OfferId,
    revision: i32,
    facts: &Facts,
) -> Result<Written, StoreError> {
    editing(tx, caller, id, revision, |tx, person, offer| {
        if let Some(missing) = missing(tx, offer.organisation, facts)? {
            return Ok(missing);
        }
        let status = offer.status.after_facts(offer.facts.sensitivity, facts.sensitivity);
        diesel::update(offers::table.find(Sql(id)))
            .set((
                columns(facts),
                offers::revision.eq(revision + 1),
                offers::status.eq(status.as_str()),
                offers::submitted_by.eq((status == Status::InReview).then_some(Sql(person))),
            ))
            .execute(tx.conn())?;
        lists(tx, id, facts)?;
        feed::touch(tx, id)?;
        registrations::facts_changed(tx, id)?;
        Ok(Written::Done(get(tx, id)?))
    })
}

/// What facts name and nobody has.
fn missing(tx: &mut Tx<'_>, organisation: OrganisationId, facts: &Facts) -> Result<Option<Written>, StoreError> {
    if let Some(place) = facts.place {
        let found: i64 = places::table
            .find(Sql(place))
            .filter(places::organisation_id.eq(Sql(organisation)))
            .filter(places::removed_at.is_null())
            .count()
            .get_result(tx.conn())?;
        if found == 0 {
            return Ok(Some(Written::NoPlace));
        }
    }
    if facts.areas.is_empty() {
        return Ok(None);
    }
    let named: Vec<Sql<AreaId>> = facts.areas.iter().copied().map(Sql).collect();
    let known: i64 = areas::table.filter(areas::id.eq_any(&named)).count().get_result(tx.conn())?;
    Ok((usize::try_from(known) != Ok(named.len())).then_some(Written::NoArea))
}

type Columns<'a> = (
    (
        diesel::dsl::Eq<offers::kind, &'a str>,
        diesel::dsl::Eq<offers::sensitivity, &'a str>,
        diesel::dsl::Eq<offers::place_id, Option<Sql<PlaceId>>>,
        diesel::dsl::Eq<offers::age_min, Option<i32>>,
        diesel::dsl::Eq<offers::age_max, Option<i32>>,
        diesel::dsl::Eq<offers::cost, &'a str>,
        diesel::dsl::Eq<offers::cost_cents, Option<i32>>,
    ),
    (
        diesel::dsl::Eq<offers::registration, &'a str>,
        diesel::dsl::Eq<offers::registration_at, Option<&'a str>>,
        diesel::dsl::Eq<offers::places_max, Option<i32>>,
        diesel::dsl::Eq<offers::waiting_list, i32>,
        diesel::dsl::Eq<offers::interpreter, i32>,
        diesel::dsl::Eq<offers::online, i32>,
    ),
);

fn columns(facts: &Facts) -> Columns<'_> {
    (
        (
            offers::kind.eq(facts.kind.as_str()),
            offers::sensitivity.eq(facts.sensitivity.as_str()),
            offers::place_id.eq(facts.place.map(Sql)),
            offers::age_min.eq(facts.age_min),
            offers::age_max.eq(facts.age_max),
            offers::cost.eq(facts.cost.as_str()),
            offers::cost_cents.eq(facts.cost.cents()),
        ),
        (
            offers::registration.eq(facts.registration.as_str()),
            offers::registration_at.eq(facts.registration.at()),
            offers::places_max.eq(facts.places_max),
            offers::waiting_list.eq(i32::from(facts.waiting_list)),
            offers::interpreter.eq(i32::from(facts.interpreter)),
            offers::online.eq(i32::from(facts.online)),
        ),
    )
}

/// Writes what lies in tables of its own.
fn lists(tx: &mut Tx<'_>, id: OfferId, facts: &Facts) -> Result<(), StoreError> {
    delete(offer_topics::table.filter(offer_topics::offer_id.eq(Sql(id)))).execute(tx.conn())?;
    delete(offer_spoken::table.filter(offer_spoken::offer_id.eq(Sql(id)))).execute(tx.conn())?;
    delete(offer_areas::table.filter(offer_areas::offer_id.eq(Sql(id)))).execute(tx.conn())?;
    add_lists(tx, id, facts)
}

/// The same for an offer that has nothing there yet.
fn add_lists(tx: &mut Tx<'_>, id: OfferId, facts: &Facts) -> Result<(), StoreError> {
    let offer = offer_topics::offer_id.eq(Sql(id));
    let topics: Vec<_> = facts.topics.iter().map(|topic| (offer, offer_topics::topic.eq(topic))).collect();
    insert_many!(tx.conn(), offer_topics::table, &topics)?;
    let offer = offer_spoken::offer_id.eq(Sql(id));
    let spoken: Vec<_> =
        facts.spoken.iter().map(|language| (offer, offer_spoken::language.eq(language.as_str()))).collect();
    insert_many!(tx.conn(), offer_spoken::table, &spoken)?;
    let offer = offer_areas::offer_id.eq(Sql(id));
    let areas: Vec<_> = facts.areas.iter().map(|area| (offer, offer_areas::area_id.eq(Sql(*area)))).collect();
    Ok(insert_many!(tx.conn(), offer_areas::table, &areas)?)
}
