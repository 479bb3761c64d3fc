//! Room withdrawals: what becomes of it when a decision is taken back, told before it is confirmed.

use nahraum_domain::{
    consent::{
        Effect,
        event::Standing,
        withdrawal::{Consequence, OF_BASE, OF_OTHER_TEXTS, of_permit},
    },
    ids::ConsentId,
};
use nahraum_store::{consents, shares};
use nahraum_texts::{BASE_PURPOSE, Language};

use crate::{App, Call, Refusal, accounts::language_of};

impl App {
    /// What would happen if the caller took this decision back now, and the language to say it in.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`] for what is not the caller's, is no
    /// permission and no consent, or is over.
    pub async fn withdrawal(&self, call: &Call, id: ConsentId) -> Result<(&'static [Consequence], Language), Refusal> {
        let asked = call.language;
        self.as_resident(call, move |tx, caller| {
            let language = language_of(tx, caller, asked)?;
            let now = tx.now();
            let rule = shares::own(tx, caller)?.into_iter().map(|stored| stored.rule).find(|rule| rule.id == id);
            if let Some(rule) = rule.filter(|rule| rule.effect == Effect::Permit && rule.stands(now)) {
                return Ok((of_permit(rule.purpose, rule.rights), language));
            }
            let consents = consents::own(tx, caller)?;
            let consent = consents.iter().find(|consent| consent.id == id && consent.standing == Standing::Granted);
            let consent = consent.ok_or(Refusal::NotFound)?;
            Ok((if consent.text.purpose == BASE_PURPOSE { OF_BASE } else { OF_OTHER_TEXTS }, language))
        })
        .await
    }
}
