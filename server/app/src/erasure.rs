//! Room erasure: a resident's account goes for good, with everything in it.
//!
//! The key is destroyed first; from then on nothing can be read, not even in a backup of the data. See
//! [`nahraum_store::erasure`].

use nahraum_domain::ids::{ApprovalId, ResidentId};
use nahraum_store::{System, approvals, erasure};

use crate::{App, Call, Refusal};

impl App {
    /// Erases the caller's own account: first the key, so that nothing can be read any more, then everything. The sign-in
    /// must be fresh (SR-A08).
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`].
    pub async fn erase_own_account(&self, call: &Call) -> Result<(), Refusal> {
        self.write_fresh(call, |tx, caller| {
            caller.resident().ok_or(Refusal::Forbidden)?;
            Ok(erasure::erase_own(tx, caller)?)
        })
        .await
    }

    /// Erases a resident, which two persons of the operator want (SR-Z11). On the machine itself. Returns whether there was
    /// one.
    ///
    /// # Errors
    /// [`Refusal::StateConflict`] when nobody has agreed to just that, or no longer; the databases' trouble. The key may be
    /// destroyed all the same; doing it again, within the time that was agreed to, finishes it.
    pub fn operator_erase_resident(&self, resident: ResidentId, approval: ApprovalId) -> Result<bool, Refusal> {
        let system = System::because("two persons of the operator want a resident to be erased");
        self.operate(|tx| {
            let permit = approvals::permit_erasure(tx, &system, approval, resident)?.ok_or(Refusal::StateConflict)?;
            Ok(erasure::erase(tx, permit)?)
        })
    }

    /// Erases again whoever stands in the database and in a ledger of the erased: it was restored from a backup. To be
    /// called before anybody is served. Blocking; returns how many those were.
    ///
    /// # Errors
    /// The databases' trouble, as a refusal.
    pub fn replay_erasures(&self) -> Result<usize, Refusal> {
        let system = System::because("who was erased stays erased, whatever backup was restored");
        let back = self.operate(|tx| Ok(erasure::erased_and_here(tx, &system)?))?;
        for (resident, reason) in &back {
            self.operate(|tx| Ok(erasure::erase_again(tx, &system, *resident, *reason)?))?;
            tracing::warn!(%resident, "a resident who had been erased was in the database and is erased again");
        }
        Ok(back.len())
    }
}
