//! Callers: who acts, as the store has seen it from a credential.

use std::marker::PhantomData;

use jiff::Timestamp;
use nahraum_domain::{
    access::{Actor, Basis},
    ids::{ConsentId, OrganisationId, PracticeId, ResidentId, StaffId},
    offers::may_publish,
};

use super::Brand;
use crate::{error::StoreError, sessions::Session};

/// An authenticated actor. Only the store makes one, from a credential, inside a unit of work.
#[derive(Debug)]
pub struct Caller<'t> {
    actor: Actor,
    session: Option<Session>,
    brand: Brand<'t>,
}

impl Caller<'_> {
    /// For the sessions room, which has seen the credential.
    pub(crate) const fn new(actor: Actor, session: Option<Session>) -> Self {
        Self { actor, session, brand: PhantomData }
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// The session; a practice's software has none.
    #[must_use]
    pub const fn session(&self) -> Option<Session> {
        self.session
    }

    /// Whether the person has proven who they are within five minutes (SR-A08).
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.session.is_some_and(|session| nahraum_domain::sessions::is_fresh(session.authenticated_at, now))
    }

    /// The same person with the same session, as another actor: for who acts in somebody's place.
    pub(crate) const fn with_actor(self, actor: Actor) -> Self {
        Self { actor, ..self }
    }

    /// Whose things the caller may act on: the resident's own, or those of the one in whose place they act. What only the
    /// resident in person may do asks for [`Caller::resident`].
    #[must_use]
    pub const fn principal(&self) -> Option<ResidentId> {
        self.actor.principal()
    }

    /// [`Caller::principal`], of a caller who has one.
    ///
    /// # Errors
    /// [`StoreError::Unauthenticated`] when it is neither a resident nor somebody in a resident's place.
    pub(crate) fn whose(&self) -> Result<ResidentId, StoreError> {
        self.principal().ok_or(StoreError::Unauthenticated)
    }

    /// The rule by which the caller acts in somebody's place, if they do.
    #[must_use]
    pub const fn acts_by(&self) -> Option<ConsentId> {
        self.actor.acts_by()
    }

    /// On what grounds the caller acts on what is [theirs](Caller::principal).
    pub(crate) const fn basis(&self) -> Basis {
        if self.acts_by().is_some() { Basis::Representation } else { Basis::Own }
    }

    /// The resident in person, if it is one. None for who acts in a resident's place.
    #[must_use]
    pub const fn resident(&self) -> Option<ResidentId> {
        match self.actor {
            Actor::Resident(id) => Some(id),
            Actor::Representative { .. }
            | Actor::Staff { .. }
            | Actor::District { .. }
            | Actor::Operator { .. }
            | Actor::Software { .. }
            | Actor::Holder { .. } => None,
        }
    }

    /// Person and practice, if it is a person of a practice.
    #[must_use]
    pub const fn staff(&self) -> Option<(StaffId, PracticeId)> {
        match self.actor {
            Actor::Staff { staff, practice } => Some((staff, practice)),
            Actor::Resident(_)
            | Actor::Representative { .. }
            | Actor::District { .. }
            | Actor::Operator { .. }
            | Actor::Software { .. }
            | Actor::Holder { .. } => None,
        }
    }

    /// Person and organisation, if it is a person of an operator.
    #[must_use]
    pub const fn operator(&self) -> Option<(StaffId, OrganisationId)> {
        match self.actor {
            Actor::Operator { staff, organisation } => Some((staff, organisation)),
            Actor::Resident(_)
            | Actor::Representative { .. }
            | Actor::Staff { .. }
            | Actor::District { .. }
            | Actor::Software { .. }
            | Actor::Holder { .. } => None,
        }
    }

    /// The person at work, whatever they work for, if it is one.
    #[must_use]
    pub const fn person(&self) -> Option<StaffId> {
        match self.actor {
            Actor::Staff { staff, .. } | Actor::District { staff, .. } | Actor::Operator { staff, .. } => Some(staff),
            Actor::Resident(_) | Actor::Representative { .. } | Actor::Software { .. } | Actor::Holder { .. } => None,
        }
    }

    /// The person and the organisation in whose name they publish offers, if they do.
    #[must_use]
    pub fn publisher(&self) -> Option<(StaffId, OrganisationId)> {
        self.person().zip(self.actor.organisation()).filter(|_| may_publish(self.actor.role()))
    }
}
