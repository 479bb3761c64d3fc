//! Who was affected between two instants, read from the whole log (SR-L08).

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::{
    audit::{ActorParts, LogAction, LogOutcome, affected::Affected},
    ids::{ActorId, OrganisationId, ResidentId},
};

use crate::{
    access::{
        Tx,
        chain::{self, array},
    },
    db::types::Sql,
    error::StoreError,
    schema::{access_log, access_log_pending},
};

/// How many places of the chain one query looks at. There is no index by time, because every reader would pay for it
/// with each entry; the log is read from its beginning instead.
const PAGE: i64 = 16_384;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// From this instant on.
    pub from: Timestamp,
    /// Before this one.
    pub to: Timestamp,
    /// Only what this one did.
    pub actor: Option<ActorId>,
    /// Only what was done for this organisation.
    pub organisation: Option<OrganisationId>,
}

/// What was found.
#[derive(Debug)]
pub struct Answer {
    /// Whom, by whom, how often.
    pub affected: Affected,
    /// Entries of that time that were not linked yet when it was read, and are not in the answer.
    pub waiting: i64,
}

type Row = (Option<Vec<u8>>, i64, String, Option<Vec<u8>>, Option<Vec<u8>>, String, String);

/// Reads the answer from one snapshot, page by page.
///
/// # Errors
/// The database's; [`StoreError::Corrupt`] when an entry is none.
pub fn affected(tx: &mut Tx<'_>, question: &Question) -> Result<Answer, StoreError> {
    let (from, to) = (question.from.as_microsecond(), question.to.as_microsecond());
    let mut affected = Affected::default();
    let end = chain::head(tx.conn())?.count;
    let mut after = super::prune::anchor(tx)?.count;
    while after < end {
        let until = after.saturating_add(PAGE);
        let mut query = access_log::table
            .filter(access_log::seq.gt(after).and(access_log::seq.le(until)))
            .filter(access_log::at.ge(from).and(access_log::at.lt(to)))
            .select((
                access_log::resident_id,
                access_log::at,
                access_log::actor_kind,
                access_log::actor_id,
                access_log::organisation_id,
                access_log::action,
                access_log::outcome,
            ))
            .into_boxed();
        if let Some(actor) = question.actor {
            query = query.filter(access_log::actor_id.eq(Some(actor.as_bytes().to_vec())));
        }
        if let Some(organisation) = question.organisation {
            query = query.filter(access_log::organisation_id.eq(Some(Sql(organisation))));
        }
        let rows: Vec<Row> = query.load(tx.conn())?;
        for row in &rows {
            take_in(&mut affected, row).ok_or(StoreError::Corrupt("access_log"))?;
        }
        after = until;
    }
    let waiting = access_log_pending::table
        .filter(access_log_pending::at.ge(from).and(access_log_pending::at.lt(to)))
        .count()
        .get_result(tx.conn())?;
    Ok(Answer { affected, waiting })
}

fn take_in(affected: &mut Affected, row: &Row) -> Option<()> {
    let (resident, at, kind, id, organisation, action, outcome) = row;
    let bytes = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(array).map_or(Some(None), |id| id.map(Some));
    let by = ActorParts {
        kind: ActorParts::KINDS.into_iter().find(|known| known == kind)?,
        id: bytes(id)?,
        organisation: bytes(organisation)?,
    };
    let resident = bytes(resident)?.map(ResidentId::from_bytes);
    affected.note(resident, by, LogAction::parse(action)?, LogOutcome::parse(outcome)?, *at);
    Some(())
}
