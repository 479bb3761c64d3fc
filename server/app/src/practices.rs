//! Room practices: upload credentials, and the authority of a practice's people.

use nahraum_domain::{disclosure::PracticeName, holds::HoldRules, ids::CredentialId, release::LONGEST_HOLD};
use nahraum_secrets::Token;
use nahraum_store::{Caller, Tx, actions, corrections, findings, invitations, practices as store};

pub use nahraum_store::practices::UploadCredential;

use crate::{App, Call, Refusal, refusal::Failure};

impl App {
    /// The caller's practice, how much waits in its inbox, and how many requests to correct a finding wait for an answer.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn practice(&self, call: &Call) -> Result<(PracticeName, u32, u32), Refusal> {
        self.as_staff(call, |tx, caller| {
            let scope = tx.scope::<actions::ListInbox>(caller)?;
            let count = findings::inbox_count(tx, &scope)?;
            let corrections = tx.scope::<actions::ReadCorrections>(caller)?;
            let asked = corrections::open_count(tx, &corrections)?;
            Ok((invitations::practice_of(tx, caller)?, count, asked))
        })
        .await
    }

    /// Makes an upload credential. Its token is shown once. The sign-in must be fresh: what this gives out lasts (SR-A08).
    ///
    /// # Errors
    /// As [`App::practice`], [`Refusal::StepUpRequired`], [`Refusal::Invalid`], and [`Refusal::BearerNotAllowed`] where tokens
    /// need a proof.
    pub async fn create_upload_credential(
        &self,
        call: &Call,
        label: &str,
    ) -> Result<(UploadCredential, Token), Refusal> {
        let label = label.trim().to_owned();
        if label.is_empty() || label.chars().count() > 80 {
            return Err(Refusal::invalid("/label", "invalid-length", "A label has 1 to 80 characters."));
        }
        let bearer = self.settings().bearer;
        self.write_fresh(call, move |tx, caller| {
            caller.staff().ok_or(Refusal::Forbidden)?;
            if !bearer {
                return Err(Refusal::BearerNotAllowed.into());
            }
            Ok(store::create_upload_credential(tx, caller, &label)?)
        })
        .await
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

    /// What the caller's practice talks about before it shows.
    ///
    /// # Errors
    /// As [`App::practice`].
    pub async fn hold_rules(&self, call: &Call) -> Result<HoldRules, Refusal> {
        self.as_staff(call, |tx, caller| Ok(findings::hold_rules(tx, caller)?)).await
    }

    /// What it talks about first from now on.
    ///
    /// # Errors
    /// As [`App::practice`], and [`Refusal::Invalid`] for days out of range.
    pub async fn set_hold_rules(&self, call: &Call, rules: HoldRules) -> Result<(), Refusal> {
        let HoldRules { days, other_days, .. } = rules;
        if !(1..=LONGEST_HOLD).contains(&days) {
            return Err(Refusal::invalid("/days", "out-of-range", "1 to 14 days."));
        }
        if other_days > LONGEST_HOLD {
            return Err(Refusal::invalid("/other_days", "out-of-range", "0 to 14 days."));
        }
        self.as_staff_writing(call, move |tx, caller| Ok(findings::set_hold_rules(tx, caller, &rules)?)).await
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
}
