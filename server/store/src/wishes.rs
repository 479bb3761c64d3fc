//! Room wishes: what people miss, said by themselves, and searches that found nothing. Counted by topic, area and month; nothing of it leads
//! to a person.

use std::collections::BTreeMap;

use diesel::{delete, insert_into, prelude::*, update};
use nahraum_domain::{
    calendar,
    ids::{AreaId, WishId},
    offers::tags::LanguageTag,
    private::Private,
};
use nahraum_secrets::random_bytes;

use crate::{
    access::{Caller, System, Tx},
    areas,
    db::types::Sql,
    error::StoreError,
    key_store::Subject,
    offers::reviews_others,
    schema::{unmet_searches, wishes},
    vault::Place,
};

/// No area.
const NOWHERE: [u8; 16] = [0; 16];

/// What somebody misses.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it would be about.
    pub topic: String,
    /// Where.
    pub area: Option<AreaId>,
    /// In which language.
    pub language: LanguageTag,
    /// Their own words.
    pub text: Option<Private<String>>,
}

/// What is looked for: a topic, or an area, or both. An empty topic is none.
pub type Sought = (String, Option<AreaId>);

/// How often something was missed in a month. As it is: nobody may be told that, but what `domain::statistics` makes of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missed {
    /// How many wishes.
    pub wishes: i64,
    /// How many searches.
    pub searches: i64,
}

/// Whether the caller acts for the district office, which alone reads what is missed.
///
/// # Errors
/// The database's.
pub fn may_read(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<bool, StoreError> {
    match caller.publisher() {
        Some((_, organisation)) => reviews_others(tx, organisation),
        None => Ok(false),
    }
}

/// Takes what somebody misses; false when there is no such area.
///
/// # Errors
/// The database's.
pub fn wish(tx: &mut Tx<'_>, wish: &Wish) -> Result<bool, StoreError> {
    if let Some(area) = wish.area
        && !areas::is_there(tx, area)?
    {
        return Ok(false);
    }
    let row = WishId::from_bytes(random_bytes(tx.random()));
    let seal = |text: &Private<String>| tx.vault().seal_text(Subject::House, place(row.as_bytes()), text.reveal());
    let text = wish.text.as_ref().map(seal).transpose()?;
    insert_into(wishes::table)
        .values((
            wishes::id.eq(Sql(row)),
            wishes::month.eq(calendar::month(tx.now())),
            wishes::topic.eq(&wish.topic),
            wishes::area_id.eq(stored(wish.area)),
            wishes::language.eq(wish.language.as_str()),
            wishes::text_sealed.eq(text),
        ))
        .execute(tx.conn())?;
    Ok(true)
}

/// How often each topic was missed in each area in a month.
///
/// # Errors
/// The database's.
pub fn missed(tx: &mut Tx<'_>, month: &str) -> Result<BTreeMap<Sought, Missed>, StoreError> {
    let mut all: BTreeMap<Sought, Missed> = BTreeMap::new();
    let wished: Vec<(String, Sql<AreaId>, i64)> = wishes::table
        .filter(wishes::month.eq(month))
        .group_by((wishes::topic, wishes::area_id))
        .select((wishes::topic, wishes::area_id, diesel::dsl::count_star()))
        .load(tx.conn())?;
    for (topic, area, count) in wished {
        all.entry((topic, read(area.0))).or_default().wishes = count;
    }
    let sought: Vec<(String, Sql<AreaId>, i64)> = unmet_searches::table
        .filter(unmet_searches::month.eq(month))
        .select((unmet_searches::topic, unmet_searches::area_id, unmet_searches::searches))
        .load(tx.conn())?;
    for (topic, area, count) in sought {
        all.entry((topic, read(area.0))).or_default().searches = count;
    }
    Ok(all)
}

/// The words of a month's wishes with their topics and languages, in no order, at most `limit`. Where somebody lives is not told with them.
///
/// # Errors
/// The database's.
pub fn texts(tx: &mut Tx<'_>, month: &str, limit: i64) -> Result<Vec<(String, String, Private<String>)>, StoreError> {
    type Row = (Sql<WishId>, String, String, Option<Vec<u8>>);
    let rows: Vec<Row> = wishes::table
        .filter(wishes::month.eq(month))
        .filter(wishes::text_sealed.is_not_null())
        .order(wishes::id)
        .limit(limit)
        .select((wishes::id, wishes::topic, wishes::language, wishes::text_sealed))
        .load(tx.conn())?;
    let open = |(id, topic, language, sealed): Row| {
        let sealed = sealed.ok_or(StoreError::Corrupt("wishes.text"))?;
        let text = tx.vault().open_text(Subject::House, place(id.0.as_bytes()), sealed)?;
        Ok((topic, language, Private::new(text)))
    };
    rows.into_iter().map(open).collect()
}

/// Adds searches that found nothing to those of a month.
///
/// # Errors
/// The database's.
pub fn add_searches(
    tx: &mut Tx<'_>,
    _system: &System,
    month: &str,
    counted: &BTreeMap<Sought, i64>,
) -> Result<(), StoreError> {
    for ((topic, area), count) in counted {
        let row = unmet_searches::table.find((month, topic, stored(*area)));
        let more = unmet_searches::searches.eq(unmet_searches::searches + *count);
        if update(row).set(more).execute(tx.conn())? == 0 {
            insert_into(unmet_searches::table)
                .values((
                    unmet_searches::month.eq(month),
                    unmet_searches::topic.eq(topic),
                    unmet_searches::area_id.eq(stored(*area)),
                    unmet_searches::searches.eq(*count),
                ))
                .execute(tx.conn())?;
        }
    }
    Ok(())
}

/// Deletes wishes and counts from before a month.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: &str) -> Result<usize, StoreError> {
    let counts = delete(unmet_searches::table.filter(unmet_searches::month.lt(before))).execute(tx.conn())?;
    Ok(counts + delete(wishes::table.filter(wishes::month.lt(before))).execute(tx.conn())?)
}

fn stored(area: Option<AreaId>) -> Sql<AreaId> {
    Sql(area.unwrap_or_else(|| AreaId::from_bytes(NOWHERE)))
}

fn read(area: AreaId) -> Option<AreaId> {
    (*area.as_bytes() != NOWHERE).then_some(area)
}

const fn place(row: &[u8; 16]) -> Place<'_> {
    Place { column: "wishes.text", row }
}
