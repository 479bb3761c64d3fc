//! What practices talk about first: their rules, and which of their findings wait for a talk.

use diesel::{delete, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{
    holds::{HoldRules, Topic},
    ids::{FindingId, PracticeId},
};

use super::upload::sender;
use crate::{
    access::{Caller, Scope, Tx, actions::UploadFinding},
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{finding_holds, hold_rules},
};

/// That a practice holds a finding back. What its resident wishes is not in it: the practice does not learn that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// When it ends by itself; never, if only a talk ends it.
    pub until: Option<Timestamp>,
}

impl Hold {
    /// Until a moment at most, unless no timer may end it.
    #[must_use]
    pub fn of(until: Timestamp, needs_a_person: bool) -> Self {
        Self { until: Some(until).filter(|_| !needs_a_person) }
    }
}

/// The holds that last: until a day, or until a talk where no timer may end them.
macro_rules! lasting {
    ($now:expr) => {
        finding_holds::table
            .filter(finding_holds::talked_at.is_null())
            .filter(finding_holds::held_until.is_not_null())
            .filter(finding_holds::critical.ne(0).or(finding_holds::held_until.gt(Some($now))))
    };
}
pub(super) use lasting;

/// Which of these findings their practices hold back.
pub(super) fn held(tx: &mut Tx<'_>, ids: &[FindingId]) -> Result<Vec<(FindingId, Hold)>, StoreError> {
    let now = Instant::from(tx.now());
    let rows: Vec<(Sql<FindingId>, Option<Instant>, i32)> = lasting!(now)
        .filter(finding_holds::finding_id.eq_any(ids.iter().map(|id| Sql(*id))))
        .select((finding_holds::finding_id, finding_holds::held_until, finding_holds::critical))
        .load(tx.conn())?;
    let hold = |(Sql(id), until, critical): (Sql<FindingId>, Option<Instant>, i32)| {
        Some((id, Hold::of(until?.timestamp(), critical != 0)))
    };
    Ok(rows.into_iter().filter_map(hold).collect())
}

fn rules_of(tx: &mut Tx<'_>, practice: PracticeId) -> Result<HoldRules, StoreError> {
    let row: Option<(String, i32, i32)> = hold_rules::table
        .find(Sql(practice))
        .select((hold_rules::topics, hold_rules::days, hold_rules::other_days))
        .first(tx.conn())
        .optional()?;
    let Some((topics, days, other_days)) = row else { return Ok(HoldRules::default()) };
    let number = |days: i32| u16::try_from(days).map_err(|_| StoreError::Corrupt("hold_rules.days"));
    let topics =
        topics.split_whitespace().map(|word| Topic::parse(word).ok_or(StoreError::Corrupt("hold_rules.topics")));
    Ok(HoldRules { topics: topics.collect::<Result<_, _>>()?, days: number(days)?, other_days: number(other_days)? })
}

/// The rules of the practice that sends.
///
/// # Errors
/// The database's.
pub fn rules_for_upload(tx: &mut Tx<'_>, scope: &Scope<'_, UploadFinding>) -> Result<HoldRules, StoreError> {
    let (_, _, practice) = sender(scope.actor())?;
    rules_of(tx, practice)
}

/// The rules of the caller's practice.
///
/// # Errors
/// [`StoreError::Unauthenticated`] when the caller is no person of a practice; otherwise the database's.
pub fn hold_rules(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<HoldRules, StoreError> {
    let (_, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    rules_of(tx, practice)
}

/// The rules of the caller's practice from now on. What is held back already stays so.
///
/// # Errors
/// As [`hold_rules`].
pub fn set_hold_rules(tx: &mut Tx<'_>, caller: &Caller<'_>, rules: &HoldRules) -> Result<(), StoreError> {
    let (person, practice) = caller.staff().ok_or(StoreError::Unauthenticated)?;
    let topics: Vec<&str> = rules.topics.iter().map(|topic| topic.as_str()).collect();
    delete(hold_rules::table.find(Sql(practice))).execute(tx.conn())?;
    insert_into(hold_rules::table)
        .values((
            hold_rules::practice_id.eq(Sql(practice)),
            hold_rules::topics.eq(topics.join(" ")),
            hold_rules::days.eq(i32::from(rules.days)),
            hold_rules::other_days.eq(i32::from(rules.other_days)),
            hold_rules::changed_by.eq(Sql(person)),
            hold_rules::changed_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    Ok(())
}
