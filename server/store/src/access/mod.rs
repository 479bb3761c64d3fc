//! Units of work, callers and permits: permission as a value that only this module can make.
//!
//! A [`Tx`] carries a lifetime brand `'t`. Callers, permits and scopes are branded with it, so none of them can be kept
//! and used in another unit of work, where the facts may be different.

pub mod actions;
mod caller;
pub(crate) mod chain;
mod facts;
pub(crate) mod log;
pub(crate) mod sealed;

use std::{cell::Cell, marker::PhantomData};

use diesel::prelude::*;
use jiff::Timestamp;
use nahraum_domain::{
    access::{self, Action, Actor, Basis, Decision, FindingFacts},
    audit::{LogAction, LogEntry, LogOutcome, RulesEpoch},
    ids::{FindingId, RequestId, ResidentId},
};
use nahraum_secrets::{Keys, Random, random_bytes};

pub use self::caller::Caller;
pub(crate) use self::facts::{ITEM, ItemRow, read_item};
use self::facts::{Stored, load_facts};
use crate::{
    access::actions::ActionMarker,
    db::Conn,
    error::{Denied, Refused, StoreError},
    key_store::KeyStore,
    shares::rules,
    store::{Inner, Moment},
    vault::Vault,
};

/// Makes a lifetime invariant, so that two units of work never share a brand.
type Brand<'t> = PhantomData<Cell<&'t ()>>;

/// One unit of work: a transaction, its moment, and what the rooms need to do their part of it.
pub struct Tx<'t> {
    conn: &'t mut Conn,
    inner: &'t Inner,
    moment: Moment,
    has_entry: bool,
    brand: Brand<'t>,
}

impl<'t> Tx<'t> {
    pub(crate) fn begin(conn: &'t mut Conn, inner: &'t Inner, moment: Moment) -> Self {
        Self { conn, inner, moment, has_entry: false, brand: PhantomData }
    }

    /// Notes that this unit of work has written an entry that has to be linked after the commit.
    pub(crate) const fn note_entry(&mut self) {
        self.has_entry = true;
    }

    /// Whether it has.
    pub(crate) const fn has_entry(&self) -> bool {
        self.has_entry
    }

    pub(crate) const fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    /// Asks both databases for something small, to see whether they answer.
    ///
    /// # Errors
    /// When it does not.
    pub fn probe(&mut self) -> Result<(), StoreError> {
        let _: i64 = crate::schema::organisations::table.count().get_result(self.conn)?;
        self.inner.key_store.probe()
    }

    pub(crate) fn vault(&self) -> Vault<'t> {
        Vault::new(&self.inner.key_store, &*self.inner.random, self.moment.now)
    }

    pub(crate) fn key_store(&self) -> &'t KeyStore {
        &self.inner.key_store
    }

    pub(crate) fn keys(&self) -> &'t Keys {
        &self.inner.keys
    }

    pub(crate) fn random(&self) -> &'t dyn Random {
        &*self.inner.random
    }

    /// What the clock said when the unit of work began.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.moment.now
    }

    /// A new id.
    pub(crate) fn new_id<I>(&self, make: impl FnOnce(Timestamp, [u8; 10]) -> I) -> I {
        make(self.moment.now, random_bytes(self.random()))
    }

    /// The line of the access log for something this caller does now.
    pub(crate) fn entry(&self, caller: &Caller<'_>, action: LogAction) -> LogEntry {
        LogEntry {
            resident: caller.principal(),
            at: self.moment.now,
            actor: caller.actor().into(),
            action,
            finding: None,
            basis: None,
            consent: None,
            rests_on: None,
            outcome: LogOutcome::Done,
            request: self.moment.request,
        }
    }

    /// The request this unit of work belongs to.
    #[must_use]
    pub const fn request(&self) -> RequestId {
        self.moment.request
    }

    /// May this caller do `A` to this finding, now?
    ///
    /// # Errors
    /// [`StoreError::Denied`] with the line for the log. A finding that does not exist is refused like somebody
    /// else's.
    pub fn permit<A: ActionMarker>(
        &mut self,
        caller: &Caller<'t>,
        finding: FindingId,
    ) -> Result<Permit<'t, A>, StoreError> {
        let mut facts = load_facts(self.conn, finding)?;
        let mut rests_on = None;
        if let Some(Stored { facts, .. }) = &mut facts {
            facts.unlocked = caller.is_fresh(self.moment.now);
        }
        if let (Some(Stored { facts, item }), Some(right)) =
            (&mut facts, access::right_needed(&caller.actor(), A::ACTION))
        {
            let (verdict, epoch) = rules::verdict(self, caller, facts.owner, right, item)?;
            (facts.verdict, rests_on) = (verdict, epoch);
        }
        let facts = facts.map(|stored| stored.facts);
        let decision = match &facts {
            Some(facts) => access::decide(&caller.actor(), A::ACTION, facts),
            None if access::role_may(caller.actor().role(), A::ACTION) => Decision::Hide,
            None => Decision::Forbid,
        };
        let refused = match (decision, facts) {
            (Decision::Allow(basis), Some(facts)) => {
                return Ok(Permit {
                    finding,
                    facts,
                    basis,
                    rests_on,
                    actor: caller.actor(),
                    action: PhantomData,
                    brand: PhantomData,
                });
            }
            (Decision::Conflict, _) => Refused::Conflict,
            (Decision::Forbid, _) => Refused::Forbidden,
            (Decision::Hide | Decision::Allow(_), _) => Refused::Hidden,
        };
        // The line goes to the person whose finding was tried, so that they see the attempt.
        let resident = facts.and_then(|f| f.owner);
        Err(self.denied(caller, A::ACTION, refused, Some(finding), resident))
    }

    /// May this caller do `A` at all? For lists and for new things, where there is no one finding to ask about.
    ///
    /// # Errors
    /// [`StoreError::Denied`] with the line for the log.
    pub fn scope<A: ActionMarker>(&mut self, caller: &Caller<'t>) -> Result<Scope<'t, A>, StoreError> {
        if access::role_may(caller.actor().role(), A::ACTION) {
            Ok(Scope { actor: caller.actor(), action: PhantomData, brand: PhantomData })
        } else {
            Err(self.denied(caller, A::ACTION, Refused::Forbidden, None, caller.principal()))
        }
    }

    pub(crate) fn denied(
        &self,
        caller: &Caller<'_>,
        action: Action,
        refused: Refused,
        finding: Option<FindingId>,
        resident: Option<ResidentId>,
    ) -> StoreError {
        let entry = LogEntry { outcome: LogOutcome::Denied, finding, resident, ..self.entry(caller, action.into()) };
        StoreError::Denied(Box::new(Denied { refused, entry }))
    }
}

/// "This caller may do `A` to this finding, in this unit of work."
#[derive(Debug)]
pub struct Permit<'t, A> {
    finding: FindingId,
    facts: FindingFacts,
    basis: Basis,
    rests_on: Option<RulesEpoch>,
    actor: Actor,
    action: PhantomData<A>,
    brand: Brand<'t>,
}

impl<A: ActionMarker> Permit<'_, A> {
    /// Which finding.
    #[must_use]
    pub const fn finding(&self) -> FindingId {
        self.finding
    }

    /// The facts the decision was made on.
    #[must_use]
    pub const fn facts(&self) -> &FindingFacts {
        &self.facts
    }

    /// The line of the access log for using it.
    pub(crate) fn entry(&self, tx: &Tx<'_>) -> LogEntry {
        LogEntry {
            resident: self.facts.owner,
            at: tx.now(),
            actor: self.actor.into(),
            action: A::ACTION.into(),
            finding: Some(self.finding),
            basis: Some(self.basis),
            consent: self.facts.verdict.permitting(),
            rests_on: self.rests_on,
            outcome: LogOutcome::Done,
            request: tx.request(),
        }
    }
}

/// "This caller may do `A` within what is theirs, in this unit of work."
#[derive(Debug)]
pub struct Scope<'t, A> {
    actor: Actor,
    action: PhantomData<A>,
    brand: Brand<'t>,
}

impl<A: ActionMarker> Scope<'_, A> {
    /// Whose things.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The line of the access log for using it.
    pub(crate) fn entry(&self, tx: &Tx<'_>) -> LogEntry {
        let resident = self.actor.principal();
        let basis = match (resident, self.actor.acts_by()) {
            (_, Some(_)) => Basis::Representation,
            (Some(_), None) => Basis::Own,
            (None, None) => Basis::TreatmentDelivery,
        };
        LogEntry {
            resident,
            at: tx.now(),
            actor: self.actor.into(),
            action: A::ACTION.into(),
            finding: None,
            basis: Some(basis),
            consent: self.actor.acts_by(),
            rests_on: None,
            outcome: LogOutcome::Done,
            request: tx.request(),
        }
    }
}

/// The server's own authority, for jobs that run without a person. Each use says why.
#[derive(Debug)]
pub struct System(());

impl System {
    /// Takes the authority. The reason is for readers of the code; tidy pins the files that may do this.
    #[must_use]
    pub const fn because(_reason: &'static str) -> Self {
        Self(())
    }
}
