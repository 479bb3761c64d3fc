//! The permits that come of what two persons have agreed to, and the line in the resident's log for what is done with one.

use std::{cell::Cell, marker::PhantomData};

use nahraum_domain::{
    access::Basis,
    approvals::{Act, Verdict, role_may},
    audit::{LogAction, LogActor, LogEntry, LogOutcome},
    erasure::ErasureReason,
    ids::{ApprovalId, ResidentId},
    security::SecurityEvent,
};

use super::{find, is_here, set_used};
use crate::{
    access::{Caller, System, Tx},
    error::{Denied, Refused, StoreError},
    security::{self, Happened},
};

/// What is done with an approval, to whom and by whom.
#[derive(Debug)]
struct Done {
    resident: ResidentId,
    basis: Basis,
    actor: LogActor,
    action: LogAction,
}

impl Done {
    /// The line in the resident's own log for it.
    fn entry(&self, tx: &Tx<'_>) -> LogEntry {
        LogEntry {
            resident: Some(self.resident),
            at: tx.now(),
            actor: self.actor,
            action: self.action,
            finding: None,
            basis: Some(self.basis),
            consent: None,
            rests_on: None,
            outcome: LogOutcome::Done,
            request: tx.request(),
        }
    }
}

/// "This person of the operator may read this resident's access log, in this unit of work."
#[derive(Debug)]
pub struct LogPermit<'t> {
    done: Done,
    brand: PhantomData<Cell<&'t ()>>,
}

impl LogPermit<'_> {
    /// Whose log.
    pub(crate) const fn resident(&self) -> ResidentId {
        self.done.resident
    }

    /// The line in the resident's own log for a look.
    pub(crate) fn entry(&self, tx: &Tx<'_>) -> LogEntry {
        self.done.entry(tx)
    }
}

/// "This person of the operator may cut off all phones of this resident, in this unit of work." Used up by it.
#[derive(Debug)]
pub struct CutOffPermit<'t> {
    done: Done,
    brand: PhantomData<Cell<&'t ()>>,
}

impl CutOffPermit<'_> {
    /// Whose phones, and the line in the resident's own log for it.
    pub(crate) fn into_parts(self, tx: &Tx<'_>) -> (ResidentId, LogEntry) {
        (self.done.resident, self.done.entry(tx))
    }
}

/// "This resident may be erased, in this unit of work: two persons want it." Used up by it.
#[derive(Debug)]
pub struct ErasurePermit<'t> {
    resident: ResidentId,
    reason: ErasureReason,
    actor: LogActor,
    brand: PhantomData<Cell<&'t ()>>,
}

impl ErasurePermit<'_> {
    /// Who, why, and whose wish it is.
    pub(crate) const fn into_parts(self) -> (ResidentId, ErasureReason, LogActor) {
        (self.resident, self.reason, self.actor)
    }
}

/// May this caller do what this wish is for, now? `meant` picks the acts of a kind, with the reason for the line in the
/// resident's log; `action` is what that line calls the try. Gives whether it is the first time.
fn permit_use(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    id: ApprovalId,
    action: LogAction,
    meant: fn(Act) -> Option<Basis>,
) -> Result<(Done, bool), StoreError> {
    let refuse = |tx: &Tx<'_>, resident, refused| {
        let entry = LogEntry { resident, outcome: LogOutcome::Denied, ..tx.entry(caller, action) };
        Err(StoreError::Denied(Box::new(Denied { refused, entry })))
    };
    let Some((person, _)) = caller.operator().filter(|_| role_may(caller.actor().role())) else {
        return refuse(tx, caller.resident(), Refused::Forbidden);
    };
    let Some(row) = find(tx, id)? else { return refuse(tx, None, Refused::Hidden) };
    let (wish, resident) = (row.wish()?, row.resident_id.0);
    let Some(basis) = meant(wish.act) else { return refuse(tx, None, Refused::Hidden) };
    match wish.may_use(person, tx.now()) {
        Verdict::WrongPerson => return refuse(tx, Some(resident), Refused::Forbidden),
        Verdict::Late => return refuse(tx, Some(resident), Refused::Conflict),
        Verdict::Yes if !is_here(tx, resident)? => return refuse(tx, Some(resident), Refused::Hidden),
        Verdict::Yes => {}
    }
    let is_first = wish.used_at.is_none();
    if is_first {
        set_used(tx, id)?;
    }
    Ok((Done { resident, basis, actor: row.actor(), action }, is_first))
}

/// May this caller look into the log that this wish is about, now? With the first look the resident is told: on every
/// phone, and by a notice.
///
/// # Errors
/// [`StoreError::Denied`] with the line for the resident's log, if the wish is for a look; otherwise the databases'.
pub fn permit_look<'t>(tx: &mut Tx<'t>, caller: &Caller<'t>, id: ApprovalId) -> Result<LogPermit<'t>, StoreError> {
    let (done, is_first) = permit_use(tx, caller, id, LogAction::ReadLog, |act| match act {
        Act::ReadAccessLog(why) => Some(why.basis()),
        Act::DestroyKey(_) | Act::CutOffPhones(_) => None,
    })?;
    if is_first {
        security::note(tx, done.resident, Happened::new(SecurityEvent::LogLookedAt))?;
    }
    Ok(LogPermit { done, brand: PhantomData })
}

/// May this caller cut off the phones of the resident whom this wish is about, now?
///
/// # Errors
/// As [`permit_look`].
pub fn permit_cut_off<'t>(
    tx: &mut Tx<'t>,
    caller: &Caller<'t>,
    id: ApprovalId,
) -> Result<CutOffPermit<'t>, StoreError> {
    let (done, _) = permit_use(tx, caller, id, LogAction::CutOff, |act| match act {
        Act::CutOffPhones(why) => Some(why.basis()),
        Act::DestroyKey(_) | Act::ReadAccessLog(_) => None,
    })?;
    Ok(CutOffPermit { done, brand: PhantomData })
}

/// Takes the permit to erase this resident, which is used up by that. None when there is no such wish, when it is about
/// another act or another resident, or when nobody has agreed to it, or no longer.
///
/// # Errors
/// The databases'.
pub fn permit_erasure<'t>(
    tx: &mut Tx<'t>,
    _system: &System,
    id: ApprovalId,
    resident: ResidentId,
) -> Result<Option<ErasurePermit<'t>>, StoreError> {
    let Some(row) = find(tx, id)?.filter(|row| row.resident_id.0 == resident) else { return Ok(None) };
    let wish = row.wish()?;
    let Act::DestroyKey(reason) = wish.act else { return Ok(None) };
    // The machine's command line knows no persons; what is done is the one's who asked.
    if wish.may_use(wish.asked_by, tx.now()) != Verdict::Yes {
        return Ok(None);
    }
    set_used(tx, id)?;
    Ok(Some(ErasurePermit { resident, reason, actor: row.actor(), brand: PhantomData }))
}
