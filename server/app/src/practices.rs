//! Room practices: upload credentials, and the authority of a practice's people.

use nahraum_domain::{
    disclosure::PracticeName,
    ids::{CredentialId, PracticeId, StaffId},
};
use nahraum_secrets::{PasswordHash, Token};
use nahraum_store::{Caller, System, Tx, actions, findings, invitations, practices as store};

pub use nahraum_store::practices::UploadCredential;

use crate::{App, Call, Refusal, refusal::Failure};

impl App {
    /// The caller's practice, and how much waits in its inbox.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn practice(&self, call: &Call) -> Result<(PracticeName, u32), Refusal> {
        self.as_staff(call, |tx, caller| {
            let scope = tx.scope::<actions::ListInbox>(caller)?;
            let count = findings::inbox_count(tx, &scope)?;
            Ok((invitations::practice_of(tx, caller)?, count))
        })
        .await
    }

    /// Makes an upload credential. Its token is shown once.
    ///
    /// # Errors
    /// As [`App::practice`], and [`Refusal::Invalid`].
    pub async fn create_upload_credential(
        &self,
        call: &Call,
        label: &str,
    ) -> Result<(UploadCredential, Token), Refusal> {
        let label = label.trim().to_owned();
        if label.is_empty() || label.chars().count() > 80 {
            return Err(Refusal::invalid("/label", "invalid-length", "A label has 1 to 80 characters."));
        }
        self.as_staff_writing(call, move |tx, caller| Ok(store::create_upload_credential(tx, caller, &label)?)).await
    }

    /// The practice's upload credentials, newest first.
    ///
    /// # Errors
    /// As [`App::practice`].
    pub async fn upload_credentials(&self, call: &Call) -> Result<Vec<UploadCredential>, Refusal> {
        self.as_staff(call, |tx, caller| Ok(store::upload_credentials(tx, caller)?)).await
    }

    /// Takes an upload credential away. It is useless with the next request.
    ///
    /// # Errors
    /// As [`App::practice`], and [`Refusal::NotFound`].
    pub async fn revoke_upload_credential(&self, call: &Call, id: CredentialId) -> Result<(), Refusal> {
        self.as_staff_writing(call, move |tx, caller| {
            if store::revoke_upload_credential(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// A unit of work for a person of a practice; anyone else is refused, whatever they ask for.
    pub(crate) async fn as_staff<R: Send + 'static>(
        &self,
        call: &Call,
        work: impl for<'t> FnOnce(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.read(call, |tx, caller| {
            caller.staff().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }

    /// [`App::as_staff`], writing.
    pub(crate) async fn as_staff_writing<R: Send + 'static>(
        &self,
        call: &Call,
        mut work: impl for<'t> FnMut(&mut Tx<'t>, &Caller<'t>) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Refusal> {
        self.write(call, move |tx, caller| {
            caller.staff().ok_or(Refusal::Forbidden)?;
            work(tx, caller)
        })
        .await
    }

    /// Makes a practice. For the operator, on the machine itself.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub fn operator_add_practice(&self, name: &str) -> Result<PracticeId, Refusal> {
        let system = System::because("the operator makes practices, on the machine itself");
        self.operate(|tx| Ok(store::create(tx, &system, name)?))
    }

    /// All practices. For the operator, on the machine itself.
    ///
    /// # Errors
    /// The database's trouble, as a refusal.
    pub fn operator_practices(&self) -> Result<Vec<(PracticeId, String)>, Refusal> {
        let system = System::because("the operator lists practices, on the machine itself");
        self.operate(|tx| Ok(store::all(tx, &system)?))
    }

    /// Adds a person to a practice. For the operator, on the machine itself.
    ///
    /// # Errors
    /// [`Refusal::StateConflict`] when the login is taken, [`Refusal::NotFound`] when there is no such practice.
    pub fn operator_add_staff(
        &self,
        practice: PracticeId,
        login: &str,
        password: &PasswordHash,
    ) -> Result<StaffId, Refusal> {
        let system = System::because("the operator makes staff accounts, on the machine itself");
        self.operate(|tx| match store::add_staff(tx, &system, practice, login, password) {
            Err(nahraum_store::StoreError::Database(nahraum_store::DatabaseError::Unique { .. })) => {
                Err(Refusal::StateConflict.into())
            }
            Err(nahraum_store::StoreError::Database(nahraum_store::DatabaseError::ForeignKey)) => {
                Err(Refusal::NotFound.into())
            }
            other => Ok(other?),
        })
    }

    /// Locks or unlocks a staff account. For the operator, on the machine itself.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the practice has no such login.
    pub fn operator_set_staff_locked(&self, practice: PracticeId, login: &str, locked: bool) -> Result<(), Refusal> {
        let system = System::because("the operator locks staff accounts, on the machine itself");
        self.operate(|tx| {
            if store::set_staff_locked(tx, &system, practice, login, locked)? {
                Ok(())
            } else {
                Err(Refusal::NotFound.into())
            }
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
