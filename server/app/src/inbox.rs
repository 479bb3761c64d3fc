//! Room inbox: uploads of which it is not clear whose they are, until a person of the practice decides.

use jiff::civil::Date;
use nahraum_domain::{
    ids::{FindingId, PracticeId},
    matching::{self, Match},
    private::Private,
};
use nahraum_store::{
    Tx, actions,
    findings::{self as store, ReceiptRecord},
    practices,
};

pub use nahraum_store::findings::InboxItem;

use crate::{App, Call, Refusal, invitations::checked_reference, refusal::Failure, uploads::destination};

/// How many items the inbox shows at once: the oldest.
const SHOWN: i64 = 200;

impl App {
    /// What waits in the practice's inbox, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn inbox(&self, call: &Call) -> Result<Vec<InboxItem>, Refusal> {
        let sealed = self
            .read(call, |tx, caller| {
                let scope = tx.scope::<actions::ListInbox>(caller)?;
                Ok(store::inbox(tx, &scope, SHOWN)?)
            })
            .await?;
        Ok(sealed.unseal(self.store().access_log()).await?)
    }

    /// Says whose an item is. The birth date is compared with the patient's.
    ///
    /// # Errors
    /// As [`App::inbox`], [`Refusal::NotFound`], [`Refusal::StateConflict`], [`Refusal::ConsentMissing`] and
    /// [`Refusal::Invalid`] when reference and birth date do not belong together.
    pub async fn assign_inbox_item(
        &self,
        call: &Call,
        id: FindingId,
        reference: Private<String>,
        birth_date: Private<Date>,
    ) -> Result<ReceiptRecord, Refusal> {
        let reference = checked_reference("/patient_reference", &reference)?;
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::AssignInboxItem>(caller, id)?;
            let practice = permit.facts().practice;
            let facts = named_patient(tx, practice, &reference, &birth_date)?;
            let to = destination(&facts)?;
            Ok(store::assign(tx, permit, to)?)
        })
        .await
    }

    /// Throws an item out. Its content is destroyed.
    ///
    /// # Errors
    /// As [`App::inbox`], [`Refusal::NotFound`], [`Refusal::StateConflict`].
    pub async fn reject_inbox_item(&self, call: &Call, id: FindingId) -> Result<ReceiptRecord, Refusal> {
        self.write(call, move |tx, caller| {
            let permit = tx.permit::<actions::RejectInboxItem>(caller, id)?;
            Ok(store::reject(tx, permit)?)
        })
        .await
    }
}

/// The patient of a practice whom somebody names by number and birth date.
pub(crate) fn named_patient(
    tx: &mut Tx<'_>,
    practice: PracticeId,
    reference: &Private<String>,
    birth_date: &Private<Date>,
) -> Result<practices::PatientFacts, Failure> {
    let references = [reference.clone()];
    let candidates = practices::candidates(tx, practice, &references, Some(*birth_date.reveal()))?;
    let Match::Certain(patient) = matching::decide(true, &candidates) else {
        let detail = "No patient of your practice has this reference and this birth date.";
        return Err(Refusal::invalid("/patient_reference", "no-such-patient", detail).into());
    };
    Ok(practices::patient_facts(tx, patient)?)
}
