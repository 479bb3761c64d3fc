//! Room sync: what an app was handed, and what has to be said to it now.
//!
//! What somebody sees is compared with what they were handed ([`nahraum_domain::sync`]); each round of differences gets the next number
//! of the feed and a point that cursors lead back to. Two rounds at once cannot both count: the row of the feed is written first. A
//! restored database does not know the points that were made after its backup, so that an app that was ahead of it begins anew.

mod things;

use std::collections::{BTreeMap, BTreeSet};

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    ids::{ConsentId, FindingId, ResidentId, SyncPointId},
    sync::{Change as Difference, Gone, HandedOut, Kind, Mark, REMEMBERED, Thing, differences},
};

pub use self::things::Item;
use crate::{
    access::{Caller, Scope, System, Tx, actions::ListFindings, sealed::Sealed},
    db::{
        insert_many,
        types::{Instant, Sql},
    },
    error::StoreError,
    findings,
    schema::{consent_rules, sync_feeds as feeds, sync_items as rows, sync_points as points},
};

/// How many rows one statement writes: a statement has at most 65,535 parameters on PostgreSQL.
const ROWS_AT_ONCE: usize = 1_000;

/// How far somebody has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The newest point when this was given out.
    pub point: SyncPointId,
    /// Everything up to this round was handed out, with `within` all but the rest of it.
    pub rev: i64,
    /// The last thing of that round that was handed out, if there is more of it.
    pub within: Option<Thing>,
}

/// What is said of a thing.
#[derive(Debug)]
pub enum Said<I = Item> {
    /// It looks like this.
    Upsert(I),
    /// It is gone.
    Delete(Gone),
}

/// One change.
#[derive(Debug)]
pub struct Change<I = Item> {
    /// What changed.
    pub thing: Thing,
    /// In which round.
    pub rev: i64,
    /// What is said of it.
    pub said: Said<I>,
}

impl<I> Change<I> {
    /// Whether it shows a finding, or what stays of one.
    #[must_use]
    pub const fn shows_finding(&self) -> bool {
        matches!((&self.said, self.thing.0), (Said::Upsert(_), Kind::Finding | Kind::Recall))
    }
}

/// A page of changes, the oldest first.
#[derive(Debug)]
pub struct Page<I = Item> {
    /// The changes.
    pub changes: Vec<Change<I>>,
    /// From where to ask the next time.
    pub next: Position,
    /// Whether there is more at once.
    pub has_more: bool,
}

impl<I> Page<I> {
    /// The same, with other items.
    pub fn map<J>(self, mut f: impl FnMut(I) -> J) -> Page<J> {
        let change = |Change { thing, rev, said }| {
            let said = match said {
                Said::Upsert(item) => Said::Upsert(f(item)),
                Said::Delete(gone) => Said::Delete(gone),
            };
            Change { thing, rev, said }
        };
        Page { changes: self.changes.into_iter().map(change).collect(), next: self.next, has_more: self.has_more }
    }
}

/// Whose feed it is: the resident's own, or that of the permission by which the caller acts in their place.
fn feed(caller: &Caller<'_>) -> Result<(Vec<u8>, ResidentId), StoreError> {
    let resident = caller.whose()?;
    let id = caller.acts_by().map_or(*resident.as_bytes(), |by| *by.as_bytes());
    Ok((id.to_vec(), resident))
}

fn newest(tx: &mut Tx<'_>, feed: &[u8]) -> Result<Option<(SyncPointId, i64)>, StoreError> {
    let row: Option<(Sql<SyncPointId>, i64)> = points::table
        .filter(points::feed_id.eq(feed))
        .filter(points::superseded_at.is_null())
        .select((points::id, points::rev))
        .first(tx.conn())
        .optional()?;
    Ok(row.map(|(id, rev)| (id.0, rev)))
}

/// Whether everything that the caller sees was noted down already.
///
/// # Errors
/// The database's.
pub fn is_current(tx: &mut Tx<'_>, caller: &Caller<'_>, _scope: &Scope<'_, ListFindings>) -> Result<bool, StoreError> {
    let (feed, _) = feed(caller)?;
    if newest(tx, &feed)?.is_none() {
        return Ok(false);
    }
    let view = things::view(tx, caller)?;
    Ok(differences(&view, &handed_out(tx, &feed)?).is_empty())
}

/// Notes down what has changed for the caller, as the next round.
///
/// # Errors
/// The database's.
pub fn catch_up(tx: &mut Tx<'_>, caller: &Caller<'_>, _scope: &Scope<'_, ListFindings>) -> Result<(), StoreError> {
    let (feed, resident) = feed(caller)?;
    let rev = next_round(tx, &feed, resident)?;
    let view = things::view(tx, caller)?;
    let changes = differences(&view, &handed_out(tx, &feed)?);
    if changes.is_empty() && newest(tx, &feed)?.is_some() {
        return Ok(());
    }
    let looks = looks(tx, caller, changes)?;
    write(tx, &feed, rev, &looks)?;
    update(points::table.filter(points::feed_id.eq(&feed)).filter(points::superseded_at.is_null()))
        .set(points::superseded_at.eq(Some(Instant::from(tx.now()))))
        .execute(tx.conn())?;
    let point = tx.new_id(SyncPointId::new);
    insert_into(points::table)
        .values((points::id.eq(Sql(point)), points::feed_id.eq(&feed), points::rev.eq(rev)))
        .execute(tx.conn())?;
    Ok(())
}

/// How things look from now on, or why they are gone.
/// In somebody's place nothing is told of what became of a finding that is closed by now.
fn looks(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    changes: Vec<Difference>,
) -> Result<BTreeMap<Thing, Result<Mark, Gone>>, StoreError> {
    let gone = |change: &Difference| match change {
        Difference::Hidden((Kind::Finding | Kind::Recall, id)) => Some(FindingId::from_bytes(*id)),
        Difference::Hidden(_) | Difference::Shown(..) => None,
    };
    let gone: Vec<FindingId> = changes.iter().filter_map(gone).collect();
    let states = findings::states(tx, &gone)?;
    let look = |change| match change {
        Difference::Shown(thing, mark) => (thing, Ok(mark)),
        Difference::Hidden((kind @ (Kind::Finding | Kind::Recall), id)) => {
            let state = states.get(&FindingId::from_bytes(id)).copied();
            let gone = if caller.acts_by().is_some() { Gone::AccessEnded } else { Gone::of_finding(state) };
            ((kind, id), Err(gone))
        }
        Difference::Hidden(thing) => (thing, Err(Gone::Deleted)),
    };
    Ok(changes.into_iter().map(look).collect())
}

/// Takes the number of the next round, so that of two who do only one goes on.
fn next_round(tx: &mut Tx<'_>, feed: &[u8], resident: ResidentId) -> Result<i64, StoreError> {
    let known = update(feeds::table.find(feed)).set(feeds::rev.eq(feeds::rev + 1)).execute(tx.conn())?;
    if known == 0 {
        insert_into(feeds::table)
            .values((feeds::id.eq(feed), feeds::resident_id.eq(Sql(resident)), feeds::rev.eq(1_i64)))
            .execute(tx.conn())?;
    }
    Ok(feeds::table.find(feed).select(feeds::rev).first(tx.conn())?)
}

fn handed_out(tx: &mut Tx<'_>, feed: &[u8]) -> Result<HandedOut, StoreError> {
    let found: Vec<(String, Vec<u8>, Option<Vec<u8>>)> =
        rows::table.filter(rows::feed_id.eq(feed)).select((rows::kind, rows::item_id, rows::mark)).load(tx.conn())?;
    let read = |(kind, id, mark): (String, Vec<u8>, Option<Vec<u8>>)| {
        let mark = mark.map(|mark| Mark::try_from(mark).map_err(|_| StoreError::Corrupt("sync_items.mark")));
        Ok((read_thing(&kind, id)?, mark.transpose()?))
    };
    found.into_iter().map(read).collect()
}

fn read_thing(kind: &str, id: Vec<u8>) -> Result<Thing, StoreError> {
    let kind = Kind::parse(kind).ok_or(StoreError::Corrupt("sync_items.kind"))?;
    Ok((kind, id.try_into().map_err(|_| StoreError::Corrupt("sync_items.item_id"))?))
}

/// Writes down how things look, or why they are gone.
fn write(
    tx: &mut Tx<'_>,
    feed: &[u8],
    rev: i64,
    looks: &BTreeMap<Thing, Result<Mark, Gone>>,
) -> Result<(), StoreError> {
    let now = Instant::from(tx.now());
    for kind in Kind::ALL {
        let ids: Vec<Vec<u8>> = looks.keys().filter(|(of, _)| of == kind).map(|(_, id)| id.to_vec()).collect();
        if ids.is_empty() {
            continue;
        }
        let known = rows::table.filter(rows::feed_id.eq(feed)).filter(rows::kind.eq(kind.as_str()));
        delete(known.filter(rows::item_id.eq_any(ids))).execute(tx.conn())?;
    }
    let row = |(&(kind, id), look): (&Thing, &Result<Mark, Gone>)| {
        let gone = look.err();
        (
            rows::feed_id.eq(feed.to_vec()),
            rows::kind.eq(kind.as_str()),
            rows::item_id.eq(id.to_vec()),
            rows::rev.eq(rev),
            rows::mark.eq(look.ok().map(|mark| mark.to_vec())),
            rows::gone.eq(gone.map(Gone::as_str)),
            rows::gone_at.eq(gone.map(|_| now)),
        )
    };
    let all: Vec<_> = looks.iter().map(row).collect();
    for some in all.chunks(ROWS_AT_ONCE) {
        insert_many!(tx.conn(), rows::table, some)?;
    }
    Ok(())
}

/// A page of what the caller has to be told: everything that there is, or what changed since. None when that is too long ago, or was
/// never given out to them.
///
/// # Errors
/// The database's.
pub fn page(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    scope: &Scope<'_, ListFindings>,
    since: Option<Position>,
    limit: u32,
) -> Result<Sealed<Option<Page>>, StoreError> {
    let (feed, _) = feed(caller)?;
    let Some((point, head)) = newest(tx, &feed)? else { return Ok(Sealed::with_all(None, Vec::new())) };
    if let Some(since) = since {
        let remembered = Some(Instant::from(tx.now() - REMEMBERED));
        let known = points::table
            .find(Sql(since.point))
            .filter(points::feed_id.eq(&feed))
            .filter(points::superseded_at.is_null().or(points::superseded_at.ge(remembered)));
        if known.count().get_result::<i64>(tx.conn())? == 0 {
            return Ok(Sealed::with_all(None, Vec::new()));
        }
    }
    let mut found = changed(tx, &feed, since, i64::from(limit).saturating_add(1))?;
    let has_more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    if has_more {
        found.pop();
    }
    let last = found.last().filter(|_| has_more).map(|(thing, rev, _)| (*thing, *rev));
    let next = last.map_or(Position { point, rev: head, within: None }, |(thing, rev)| Position {
        point,
        rev,
        within: Some(thing),
    });
    let changes = said(tx, caller, found)?;
    let shown = changes.iter().filter(|change| change.shows_finding());
    let shown = shown.map(|change| FindingId::from_bytes(change.thing.1));
    let entries = findings::entries(tx, scope, shown)?;
    Ok(Sealed::with_all(Some(Page { changes, next, has_more }), entries))
}

type Changed = (Thing, i64, Option<Gone>);

/// The things that were noted down since, the oldest first. Who begins is not told what is gone.
fn changed(tx: &mut Tx<'_>, feed: &[u8], since: Option<Position>, limit: i64) -> Result<Vec<Changed>, StoreError> {
    let mut query = rows::table
        .filter(rows::feed_id.eq(feed))
        .order((rows::rev, rows::kind, rows::item_id))
        .limit(limit)
        .select((rows::kind, rows::item_id, rows::rev, rows::gone))
        .into_boxed();
    query = match since {
        None => query.filter(rows::gone.is_null()),
        Some(Position { rev, within: None, .. }) => query.filter(rows::rev.gt(rev)),
        Some(Position { rev, within: Some((kind, id)), .. }) => {
            let kind = kind.as_str();
            let rest = rows::kind.gt(kind).or(rows::kind.eq(kind).and(rows::item_id.gt(id.to_vec())));
            query.filter(rows::rev.gt(rev).or(rows::rev.eq(rev).and(rest)))
        }
    };
    let found: Vec<(String, Vec<u8>, i64, Option<String>)> = query.load(tx.conn())?;
    let read = |(kind, id, rev, gone): (String, Vec<u8>, i64, Option<String>)| {
        let gone = gone.map(|word| Gone::parse(&word).ok_or(StoreError::Corrupt("sync_items.gone")));
        Ok((read_thing(&kind, id)?, rev, gone.transpose()?))
    };
    found.into_iter().map(read).collect()
}

/// What is said of them. A thing that has just gone is left out: the next round says so.
fn said(tx: &mut Tx<'_>, caller: &Caller<'_>, found: Vec<Changed>) -> Result<Vec<Change>, StoreError> {
    let wanted: BTreeSet<Thing> =
        found.iter().filter(|(_, _, gone)| gone.is_none()).map(|(thing, ..)| *thing).collect();
    let items = things::items(tx, caller, &wanted)?;
    let mut items: BTreeMap<Thing, Item> = items.into_iter().map(|item| (item.thing(), item)).collect();
    let say = |(thing, rev, gone): Changed| {
        let said = match gone {
            Some(gone) => Said::Delete(gone),
            None => Said::Upsert(items.remove(&thing)?),
        };
        Some(Change { thing, rev, said })
    };
    Ok(found.into_iter().filter_map(say).collect())
}

/// Forgets what nobody can ask for any more: what was gone before a moment, the points that another one had followed by then, and
/// everything for those whose permission was over.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>, _system: &System, before: Timestamp) -> Result<(), StoreError> {
    let before = Some(Instant::from(before));
    delete(rows::table.filter(rows::gone_at.lt(before))).execute(tx.conn())?;
    delete(points::table.filter(points::superseded_at.lt(before))).execute(tx.conn())?;
    let over: Vec<Sql<ConsentId>> = feeds::table
        .inner_join(consent_rules::table.on(consent_rules::id.eq(feeds::id)))
        .filter(consent_rules::ended_at.lt(before).or(consent_rules::ends_at.lt(before)))
        .select(consent_rules::id)
        .load(tx.conn())?;
    forget(tx, over.into_iter().map(|id| id.0.as_bytes().to_vec()).collect())
}

/// Forgets what was handed out about a resident, to whomever.
pub(crate) fn erase(tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
    let theirs = feeds::table.filter(feeds::resident_id.eq(Sql(resident))).select(feeds::id).load(tx.conn())?;
    forget(tx, theirs)
}

fn forget(tx: &mut Tx<'_>, ids: Vec<Vec<u8>>) -> Result<(), StoreError> {
    for id in ids {
        delete(rows::table.filter(rows::feed_id.eq(&id))).execute(tx.conn())?;
        delete(points::table.filter(points::feed_id.eq(&id))).execute(tx.conn())?;
        delete(feeds::table.find(&id)).execute(tx.conn())?;
    }
    Ok(())
}
