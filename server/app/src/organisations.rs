//! Room organisations: what the operator does on the machine itself, about organisations and the people who work in them.

use nahraum_domain::{
    ids::{OrganisationId, StaffId},
    organisations::{Duty, OrganisationKind},
};
use nahraum_secrets::PasswordHash;
use nahraum_store::{DatabaseError, StoreError, System, Tx, organisations as store, sessions};

pub use nahraum_store::organisations::{Member, Organisation};

use crate::{App, Refusal, refusal::Failure};

impl App {
    /// Makes an organisation.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub fn operator_add_organisation(&self, kind: OrganisationKind, name: &str) -> Result<OrganisationId, Refusal> {
        let system = System::because("the operator makes organisations, on the machine itself");
        self.operate(|tx| Ok(store::create(tx, &system, kind, name)?))
    }

    /// All organisations.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub fn operator_organisations(&self) -> Result<Vec<Organisation>, Refusal> {
        let system = System::because("the operator lists organisations, on the machine itself");
        self.operate(|tx| Ok(store::all(tx, &system)?))
    }

    /// The people of an organisation.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub fn operator_members(&self, organisation: OrganisationId) -> Result<Vec<Member>, Refusal> {
        let system = System::because("the operator lists staff accounts, on the machine itself");
        self.operate(|tx| Ok(store::members(tx, &system, organisation)?))
    }

    /// Adds a person to an organisation.
    ///
    /// # Errors
    /// [`Refusal::StateConflict`] when the login is taken, [`Refusal::NotFound`] when there is no such organisation.
    pub fn operator_add_staff(
        &self,
        organisation: OrganisationId,
        login: &str,
        password: &PasswordHash,
    ) -> Result<StaffId, Refusal> {
        let system = System::because("the operator makes staff accounts, on the machine itself");
        self.operate(|tx| match store::add_staff(tx, &system, organisation, login, password) {
            Err(StoreError::Database(DatabaseError::Unique { .. })) => Err(Refusal::StateConflict.into()),
            Err(StoreError::Database(DatabaseError::ForeignKey)) => Err(Refusal::NotFound.into()),
            other => Ok(other?),
        })
    }

    /// Lets a person work for another organisation as well, or no longer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such login or organisation, or the person does not work there.
    pub fn operator_set_member(
        &self,
        organisation: OrganisationId,
        login: &str,
        works: bool,
        duty: Option<Duty>,
    ) -> Result<(), Refusal> {
        let system = System::because("the operator says who works where, on the machine itself");
        self.with_person(login, |tx, person| {
            let done = if works {
                store::join(tx, &system, person, organisation, duty).map(|()| true)
            } else {
                store::leave(tx, &system, person, organisation)
            };
            match done {
                Ok(true) => Ok(()),
                Ok(false) | Err(StoreError::Database(DatabaseError::ForeignKey)) => Err(Refusal::NotFound.into()),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Locks a login, which ends all its sessions, or unlocks it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such login.
    pub fn operator_set_staff_locked(&self, login: &str, locked: bool) -> Result<(), Refusal> {
        let system = System::because("the operator locks staff accounts, on the machine itself");
        self.with_person(login, |tx, person| Ok(store::set_locked(tx, &system, person, locked)?))
    }

    /// Ends all sessions of a login. Says how many there were.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such login.
    pub fn operator_end_sessions(&self, login: &str) -> Result<usize, Refusal> {
        self.with_person(login, |tx, person| {
            Ok(sessions::end_of_person(tx, person, None, nahraum_domain::sessions::EndReason::Ended)?)
        })
    }

    fn with_person<R>(
        &self,
        login: &str,
        mut work: impl FnMut(&mut Tx<'_>, StaffId) -> Result<R, Failure>,
    ) -> Result<R, Refusal> {
        let system = System::because("the operator names a person by their login, on the machine itself");
        self.operate(|tx| {
            let person = store::person(tx, &system, login)?.ok_or(Refusal::NotFound)?;
            work(tx, person)
        })
    }

    /// A unit of work of the operator or a job: on a plain thread, without a caller.
    pub(crate) fn operate<R>(&self, work: impl FnMut(&mut Tx<'_>) -> Result<R, Failure>) -> Result<R, Refusal> {
        match self.store().write_blocking(self.moment(None), work) {
            Ok(value) => Ok(value),
            Err(Failure::Refusal(refusal)) => Err(refusal),
            // Nobody's permit is asked for here.
            Err(Failure::Denied(_)) => Err(Refusal::Internal),
        }
    }
}
