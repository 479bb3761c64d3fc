//! Taking a practice's findings out of an account that was not its patient's.

use diesel::{delete, prelude::*, update};
use nahraum_domain::{
    activation::WAITING_LIFETIME,
    finding::FindingState,
    ids::{FindingId, PatientId, ResidentId},
    matching::MatchReason,
};

use super::keys::hand_back;
use crate::{
    access::Tx,
    corrections,
    db::types::{Day, Instant, Sql},
    error::StoreError,
    schema::{findings, patients, value_index},
};

/// What was delivered waits again: for the patient's next slip when there is a consent on paper, and else, because the
/// consent was somebody else's, in the practice's inbox. Earlier versions and stubs leave the account with it.
pub(crate) fn take_from(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StoreError> {
    let paper: Option<Day> = patients::table.find(Sql(patient)).select(patients::paper_consent_on).first(tx.conn())?;
    let theirs: Vec<(Sql<FindingId>, String)> = findings::table
        .filter(findings::patient_id.eq(Some(Sql(patient))))
        .filter(
            findings::state.eq_any(
                [FindingState::Waiting, FindingState::Delivered, FindingState::Superseded, FindingState::Recalled]
                    .map(FindingState::as_str),
            ),
        )
        .select((findings::id, findings::state))
        .load(tx.conn())?;
    for (id, state) in theirs {
        delete(value_index::table.filter(value_index::finding_id.eq(id))).execute(tx.conn())?;
        corrections::forget(tx, id.0)?;
        hand_back(tx, id.0)?;
        let nobody = (findings::resident_id.eq(None::<Sql<ResidentId>>), findings::read_at.eq(None::<Instant>));
        update(findings::table.find(id)).set(nobody).execute(tx.conn())?;
        let current = [FindingState::Waiting, FindingState::Delivered].map(FindingState::as_str);
        if !current.contains(&state.as_str()) {
            continue;
        }
        let expires = Instant::from(tx.now() + WAITING_LIFETIME);
        let row = findings::table.find(id);
        if paper.is_some() {
            update(row)
                .set((findings::state.eq(FindingState::Waiting.as_str()), findings::expires_at.eq(Some(expires))))
                .execute(tx.conn())?;
        } else {
            update(row)
                .set((
                    findings::state.eq(FindingState::Inbox.as_str()),
                    findings::patient_id.eq(None::<Sql<PatientId>>),
                    findings::match_reason.eq(MatchReason::Ambiguous.as_str()),
                    findings::expires_at.eq(Some(expires)),
                ))
                .execute(tx.conn())?;
        }
    }
    Ok(())
}
