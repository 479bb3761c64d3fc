//! Room recommendations: a physician or a case worker picks an offer, and it lies in the resident's own record. Whose offer it is learns
//! nothing of it, and who recommended it does not learn what became of it.

use jiff::civil::Date;
use nahraum_domain::{
    ids::{ConsentId, OfferId, RecommendationId},
    private::Private,
    recommendations::RecommendationState,
};
use nahraum_store::{
    actions,
    recommendations::{self as store, Ground, Made},
    shares,
};

pub use nahraum_store::recommendations::Recommendation;

use crate::{
    App, Call, Refusal, inbox::named_patient, invitations::checked_reference, refusal::Failure, refusal::words,
};

/// How long words about a recommendation are, in characters.
const SAID: std::ops::RangeInclusive<usize> = 1..=1000;

impl App {
    /// The caller recommends an offer to a patient of their practice.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::Invalid`] when reference and birth date belong to nobody, the patient
    /// has no account here or does not agree, or there is no such offer.
    pub async fn recommend_to_patient(
        &self,
        call: &Call,
        reference: Private<String>,
        birth_date: Private<Date>,
        offer: OfferId,
        said: Option<Private<String>>,
    ) -> Result<RecommendationId, Refusal> {
        let reference = checked_reference("/patient_reference", &reference)?;
        let said = checked(said)?;
        self.write(call, move |tx, caller| {
            let (_, practice) = caller.staff().ok_or(Refusal::Forbidden)?;
            let patient = named_patient(tx, practice, &reference, &birth_date)?;
            let Some(resident) = patient.resident.filter(|_| patient.consented && !patient.pending) else {
                let detail = "This patient has no account here that your practice has confirmed, or does not agree.";
                return Err(Refusal::invalid("/patient_reference", "no-account", detail).into());
            };
            made(store::make(tx, caller, Ground::Patient(resident), offer, said.as_ref())?)
        })
        .await
    }

    /// The caller recommends an offer to somebody who has let them see findings.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`] to who is nobody at work, [`Refusal::NotFound`], [`Refusal::Invalid`].
    pub async fn recommend_to_shared(
        &self,
        call: &Call,
        share: ConsentId,
        offer: OfferId,
        said: Option<Private<String>>,
    ) -> Result<RecommendationId, Refusal> {
        let said = checked(said)?;
        self.write(call, move |tx, caller| {
            let scope = tx.scope::<actions::ListShared>(caller)?;
            caller.publisher().ok_or(Refusal::Forbidden)?;
            let share = shares::received(tx, &scope, caller, share)?.ok_or(Refusal::NotFound)?;
            made(store::make(tx, caller, Ground::Share(&share), offer, said.as_ref())?)
        })
        .await
    }

    /// What was recommended to the caller, newest first.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn recommendations(&self, call: &Call) -> Result<Vec<Recommendation>, Refusal> {
        self.as_resident(call, |tx, caller| Ok(store::own(tx, caller)?)).await
    }

    /// The caller says what they make of a recommendation.
    ///
    /// # Errors
    /// As [`App::recommendations`], [`Refusal::NotFound`], [`Refusal::Invalid`].
    pub async fn say_of_recommendation(&self, call: &Call, id: RecommendationId, state: &str) -> Result<(), Refusal> {
        let Some(state) = RecommendationState::said(state) else {
            return Err(Refusal::invalid("/state", "unknown-state", "`seen` or `declined`."));
        };
        self.as_resident_writing(call, move |tx, caller| {
            if store::say(tx, caller, id, state)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }

    /// The caller throws a recommendation away.
    ///
    /// # Errors
    /// As [`App::recommendations`], [`Refusal::NotFound`].
    pub async fn throw_recommendation_away(&self, call: &Call, id: RecommendationId) -> Result<(), Refusal> {
        self.as_resident_writing(call, move |tx, caller| {
            if store::throw_away(tx, caller, id)? { Ok(()) } else { Err(Refusal::NotFound.into()) }
        })
        .await
    }
}

fn checked(said: Option<Private<String>>) -> Result<Option<Private<String>>, Refusal> {
    said.map(|said| words("/said", &said, SAID, "At most 1000 characters, in your own words.")).transpose()
}

fn made(made: Made) -> Result<RecommendationId, Failure> {
    match made {
        Made::Yes(id) => Ok(id),
        Made::NoOffer => Err(Refusal::invalid("/offer_id", "no-such-offer", "There is no such public offer.").into()),
        Made::TooMany => Err(Refusal::StateConflict.into()),
    }
}
