//! When a finding shows: what the resident wishes and the physician holds back, written down so that every reading sees it.

use diesel::{delete, insert_into, prelude::*, update};
use jiff::Timestamp;
use nahraum_domain::{
    audit::{LogAction, LogEntry},
    disclosure::PracticeName,
    finding::FindingState,
    ids::{FindingId, PracticeId, ResidentId},
    release::{Discretion, Facts, Plan, Treatment, Wish, arrival, plan},
};

use super::{lifecycle::system_entry, read::confirmed};
use crate::{
    access::{
        Caller, Permit, System, Tx,
        actions::{AdjustFinding, ReleaseFinding},
        log,
    },
    db::types::{Instant, Sql},
    error::StoreError,
    notifications,
    schema::{discretions, finding_holds, findings, organisations, patients, residents},
    shares::rules,
};

/// A finding that is there and does not show yet, as its owner is told. Nothing of what it says.
#[derive(Debug)]
pub struct Waiting {
    /// Who sent it.
    pub practice: PracticeName,
    /// When it arrived.
    pub arrived: Timestamp,
    /// When it shows, as far as that is settled.
    pub plan: Plan,
}

type HoldRow = (Option<Instant>, Option<Instant>, i32);
type HoldColumns = (finding_holds::held_until, finding_holds::talked_at, finding_holds::critical);
const HOLD: HoldColumns = (finding_holds::held_until, finding_holds::talked_at, finding_holds::critical);

fn facts(hold: Option<HoldRow>, arrived: Instant, wish: Wish) -> Facts {
    let (held_until, talked, critical) = hold.unwrap_or((None, None, 0));
    Facts {
        wish,
        held_until: held_until.map(|until| until.timestamp()),
        talked: talked.is_some(),
        critical: critical != 0,
        arrived: arrived.timestamp(),
    }
}

fn wish_of(tx: &mut Tx<'_>, resident: ResidentId) -> Result<Wish, StoreError> {
    let word: String = residents::table.find(Sql(resident)).select(residents::release_wish).first(tx.conn())?;
    Wish::parse(&word).ok_or(StoreError::Corrupt("residents.release_wish"))
}

/// Notes what holds a new finding back, or could.
pub(super) fn note(
    tx: &mut Tx<'_>,
    id: FindingId,
    held_until: Option<Timestamp>,
    critical: bool,
) -> Result<(), StoreError> {
    if held_until.is_some() || critical {
        insert_into(finding_holds::table)
            .values((
                finding_holds::finding_id.eq(Sql(id)),
                finding_holds::held_until.eq(held_until.map(Instant::from)),
                finding_holds::critical.eq(i32::from(critical)),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

fn hold_of(tx: &mut Tx<'_>, id: FindingId) -> Result<Option<HoldRow>, StoreError> {
    Ok(finding_holds::table.find(Sql(id)).select(HOLD).first(tx.conn()).optional()?)
}

/// Whether a finding shows from now on, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// Not yet.
    Later,
    /// Without a notice.
    Quietly,
    /// With one.
    WithNotice,
}

impl Shows {
    /// Sends the notice, if there is to be one.
    pub(super) fn tell(self, tx: &mut Tx<'_>, resident: ResidentId) -> Result<(), StoreError> {
        match self {
            Self::Later | Self::Quietly => Ok(()),
            Self::WithNotice => notifications::something_new(tx, resident),
        }
    }
}

/// How a resident wants the findings of a practice to come.
pub(crate) fn discretion(
    tx: &mut Tx<'_>,
    resident: ResidentId,
    practice: PracticeId,
) -> Result<Discretion, StoreError> {
    let row: Option<(i32, i32)> = discretions::table
        .find((Sql(resident), Sql(practice)))
        .select((discretions::notice, discretions::put_away))
        .first(tx.conn())
        .optional()?;
    Ok(row.map_or_else(Discretion::default, |(notice, put_away)| Discretion {
        notice: notice != 0,
        put_away: put_away != 0,
    }))
}

fn treatment_of(word: &str) -> Result<Treatment, StoreError> {
    Treatment::parse(word).ok_or(StoreError::Corrupt("findings.sensitivity"))
}

/// Writes down when a finding shows that has come to its resident and shows not yet. Returns whether it does now.
pub(super) fn settle(tx: &mut Tx<'_>, id: FindingId, resident: ResidentId) -> Result<Shows, StoreError> {
    let wish = wish_of(tx, resident)?;
    let hold = hold_of(tx, id)?;
    let (arrived, Sql(practice), replaces): (Instant, Sql<PracticeId>, Option<Sql<FindingId>>) = findings::table
        .find(Sql(id))
        .select((findings::received_at, findings::practice_id, findings::replaces))
        .first(tx.conn())?;
    let before: Option<String> = match replaces {
        Some(before) => findings::table.find(before).select(findings::sensitivity).first(tx.conn()).optional()?,
        None => None,
    };
    let before = before.as_deref().map(treatment_of).transpose()?;
    let plan = plan(&facts(hold, arrived, wish), tx.now());
    let (treatment, shows) = match plan {
        Plan::Shows => match arrival(before, discretion(tx, resident, practice)?) {
            (treatment, true) => (treatment, Shows::WithNotice),
            (treatment, false) => (treatment, Shows::Quietly),
        },
        Plan::From(_) | Plan::AfterTalk | Plan::AfterWish => (Treatment::Held, Shows::Later),
    };
    if hold.is_none() && treatment == Treatment::Normal {
        // Like most: nothing holds it, nothing ever did.
        return Ok(shows);
    }
    update(findings::table.find(Sql(id))).set(findings::sensitivity.eq(treatment.as_str())).execute(tx.conn())?;
    if hold.is_none() && treatment != Treatment::Held {
        return Ok(shows);
    }
    if treatment == Treatment::Held && hold.is_none() {
        insert_into(finding_holds::table)
            .values((finding_holds::finding_id.eq(Sql(id)), finding_holds::critical.eq(0)))
            .execute(tx.conn())?;
    }
    let shows_at = if let Plan::From(moment) = plan { Some(Instant::from(moment)) } else { None };
    update(finding_holds::table.find(Sql(id))).set(finding_holds::shows_at.eq(shows_at)).execute(tx.conn())?;
    Ok(shows)
}

fn is_held(tx: &mut Tx<'_>, id: FindingId) -> Result<bool, StoreError> {
    let word: String = findings::table.find(Sql(id)).select(findings::sensitivity).first(tx.conn())?;
    Ok(word == Treatment::Held.as_str())
}

/// The practice has talked about it: nothing but the resident's own wish holds it back any more.
///
/// # Errors
/// The database's.
#[expect(clippy::needless_pass_by_value, reason = "a permit to change something is used up by it")]
pub fn talked(tx: &mut Tx<'_>, permit: Permit<'_, ReleaseFinding>) -> Result<(), StoreError> {
    let id = permit.finding();
    let now = Some(Instant::from(tx.now()));
    if hold_of(tx, id)?.is_none() {
        return Ok(());
    }
    update(finding_holds::table.find(Sql(id)).filter(finding_holds::talked_at.is_null()))
        .set(finding_holds::talked_at.eq(now))
        .execute(tx.conn())?;
    let Some(resident) = permit.facts().owner else { return Ok(()) };
    if !is_held(tx, id)? {
        return Ok(());
    }
    let shows = settle(tx, id, resident)?;
    if shows != Shows::Later {
        let entry = permit.entry(tx);
        log::insert_with(tx, &entry)?;
    }
    shows.tell(tx, resident)
}

/// The caller wishes something else from now on. What waits is settled anew; what shows already goes on to.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn wish(tx: &mut Tx<'_>, caller: &Caller<'_>, wish: Wish) -> Result<(), StoreError> {
    let resident = caller.whose()?;
    update(residents::table.find(Sql(resident))).set(residents::release_wish.eq(wish.as_str())).execute(tx.conn())?;
    let waiting: Vec<Sql<FindingId>> = findings::table
        .filter(findings::resident_id.eq(Some(Sql(resident))))
        .filter(findings::sensitivity.eq(Treatment::Held.as_str()))
        .select(findings::id)
        .load(tx.conn())?;
    for Sql(id) in waiting {
        if settle(tx, id, resident)? != Shows::Later {
            let basis = caller.basis();
            let done = tx.entry(caller, LogAction::Release);
            let entry = LogEntry { finding: Some(id), basis: Some(basis), consent: caller.acts_by(), ..done };
            log::insert_with(tx, &entry)?;
        }
    }
    Ok(())
}

/// Releases what a timer may release and whose time has come. Returns how many.
///
/// # Errors
/// The database's.
pub fn release_due(tx: &mut Tx<'_>, _system: &System, limit: i64) -> Result<usize, StoreError> {
    let now = Instant::from(tx.now());
    let due: Vec<(Sql<FindingId>, Option<Sql<ResidentId>>)> = finding_holds::table
        .inner_join(findings::table)
        .filter(finding_holds::shows_at.le(Some(now)))
        .filter(findings::sensitivity.eq(Treatment::Held.as_str()))
        .limit(limit)
        .select((findings::id, findings::resident_id))
        .load(tx.conn())?;
    for (Sql(id), resident) in &due {
        let Some(Sql(resident)) = *resident else { continue };
        let shows = settle(tx, *id, resident)?;
        if shows != Shows::Later {
            let entry = system_entry(tx, LogAction::Release, Some(resident), *id);
            log::insert_with(tx, &entry)?;
        }
        shows.tell(tx, resident)?;
    }
    Ok(due.len())
}

/// What of the caller's is there and does not show yet, newest first.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn waiting(tx: &mut Tx<'_>, caller: &Caller<'_>, limit: i64) -> Result<Vec<Waiting>, StoreError> {
    type Row = (Sql<PracticeId>, String, Instant, Option<HoldRow>);
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let wish = wish_of(tx, resident)?;
    let rows: Vec<Row> = findings::table
        .inner_join(organisations::table)
        .left_join(finding_holds::table)
        .filter(findings::resident_id.eq(Some(Sql(resident))))
        .filter(findings::patient_id.eq_any(confirmed!(resident)))
        .filter(findings::state.eq(FindingState::Delivered.as_str()))
        .filter(findings::sensitivity.eq(Treatment::Held.as_str()))
        .order((findings::received_at.desc(), findings::id.desc()))
        .limit(limit)
        .select((organisations::id, organisations::name, findings::received_at, HOLD.nullable()))
        .load(tx.conn())?;
    let now = tx.now();
    let read = |(Sql(id), name, arrived, hold): Row| {
        let facts = facts(hold, arrived, wish);
        Waiting { practice: PracticeName { id, name }, arrived: facts.arrived, plan: plan(&facts, now) }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The owner decides how a finding is treated, with all its versions. It holds for the very next request of everybody else.
///
/// # Errors
/// The database's.
pub fn adjust(tx: &mut Tx<'_>, permit: &Permit<'_, AdjustFinding>, treatment: Treatment) -> Result<(), StoreError> {
    let versions = versions(tx, permit.finding())?;
    let there = findings::table.filter(findings::id.eq_any(versions));
    // What waits goes on to wait; it takes the treatment of the one before it when it shows.
    update(there.filter(findings::sensitivity.ne(Treatment::Held.as_str())))
        .set(findings::sensitivity.eq(treatment.as_str()))
        .execute(tx.conn())?;
    if let Some(owner) = permit.facts().owner {
        rules::changed(tx, owner)?;
    }
    let entry = permit.entry(tx);
    Ok(log::insert_with(tx, &entry)?)
}

/// A finding with its earlier and later versions.
fn versions(tx: &mut Tx<'_>, id: FindingId) -> Result<Vec<Sql<FindingId>>, StoreError> {
    type Neighbours = (Option<Sql<FindingId>>, Option<Sql<FindingId>>);
    let mut known = vec![Sql(id)];
    let mut next = vec![Sql(id)];
    while let Some(one) = next.pop() {
        let row = findings::table.find(one).select((findings::replaces, findings::superseded_by));
        let (before, after): Neighbours = row.first(tx.conn())?;
        for neighbour in [before, after].into_iter().flatten() {
            if !known.iter().any(|other| other.0 == neighbour.0) {
                known.push(neighbour);
                next.push(neighbour);
            }
        }
    }
    Ok(known)
}

/// How the caller wants the findings of one of their practices to come from now on. Returns whether it is one of theirs.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no resident; otherwise the database's.
pub fn set_discretion(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    practice: PracticeId,
    wanted: Discretion,
) -> Result<bool, StoreError> {
    let resident = caller.resident().ok_or(StoreError::Unauthenticated)?;
    let linked: i64 = patients::table
        .filter(patients::resident_id.eq(Some(Sql(resident))))
        .filter(patients::practice_id.eq(Sql(practice)))
        .count()
        .get_result(tx.conn())?;
    if linked == 0 {
        return Ok(false);
    }
    delete(discretions::table.find((Sql(resident), Sql(practice)))).execute(tx.conn())?;
    if wanted != Discretion::default() {
        insert_into(discretions::table)
            .values((
                discretions::resident_id.eq(Sql(resident)),
                discretions::practice_id.eq(Sql(practice)),
                discretions::notice.eq(i32::from(wanted.notice)),
                discretions::put_away.eq(i32::from(wanted.put_away)),
            ))
            .execute(tx.conn())?;
    }
    Ok(true)
}
