//! Room emergencies: a person of a practice sees findings of a patient who cannot be asked, for a short time, with a reason,
//! and the patient is told at once.
//!
//! What the resident has closed stays closed, and so does what is delicate: an emergency opens what nobody has decided about.

use jiff::civil::Date;
use nahraum_domain::private::Private;
use nahraum_store::shares::{self as store, Received};

use crate::{App, Call, Refusal, inbox::named_patient, invitations::checked_reference, refusal::words};

/// How long a reason is, in characters: a word is none, a report is too much.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

impl App {
    /// The caller declares an emergency of a patient of their practice. Gives the permission, for them alone.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::StepUpRequired`], [`Refusal::Invalid`] when reference and
    /// birth date belong to nobody, the patient has no account here, or the reason is none.
    pub async fn declare_emergency(
        &self,
        call: &Call,
        reference: Private<String>,
        birth_date: Private<Date>,
        reason: Private<String>,
    ) -> Result<Received, Refusal> {
        let reference = checked_reference("/patient_reference", &reference)?;
        let detail = "10 to 500 characters: what has happened, in your own words.";
        let reason = words("/reason", &reason, REASON, detail)?;
        let declared = self
            .write_fresh(call, move |tx, caller| {
                let (_, practice) = caller.staff().ok_or(Refusal::Forbidden)?;
                let patient = named_patient(tx, practice, &reference, &birth_date)?;
                let Some(resident) = patient.resident.filter(|_| !patient.pending) else {
                    let detail = "This patient has no account here that your practice has confirmed.";
                    return Err(Refusal::invalid("/patient_reference", "no-account", detail).into());
                };
                Ok(store::declare_emergency(tx, caller, resident, &reason)?)
            })
            .await?;
        let id = declared.id;
        tracing::warn!(alarm = "emergency", request = %call.moment.request, consent = %id, "an emergency was declared");
        Ok(declared)
    }
}
