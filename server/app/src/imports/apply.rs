//! Doing what was worked out, by the same ways as a change by hand.

use nahraum_domain::{
    ids::OfferId,
    offers::{tags::LanguageTag, texts::Origin},
};
use nahraum_store::{
    Caller, Tx,
    offers::{self, Offer, TextChange, Words},
    schedules as schedules_store,
};

use super::{Effect, places::Made, plan::Planned};
use crate::{Refusal, offers::written, refusal::Failure, schedules};

/// Does it; gives the offers in their order.
pub(super) fn all(tx: &mut Tx<'_>, caller: &Caller<'_>, planned: &[Planned]) -> Result<Vec<Option<OfferId>>, Failure> {
    let mut made = Made::default();
    planned.iter().map(|one| apply(tx, caller, one, &mut made).map(Some)).collect()
}

fn apply(tx: &mut Tx<'_>, caller: &Caller<'_>, one: &Planned, made: &mut Made) -> Result<OfferId, Failure> {
    let mut facts = one.facts.clone();
    if let Some(facts) = &mut facts {
        facts.place = one.place.as_ref().map(|meant| made.id(tx, caller, meant)).transpose()?;
    }
    let id = match (&one.known, one.effect) {
        (Some(known), Effect::Unchanged | Effect::Archived) => return Ok(known.id),
        (Some(known), Effect::New | Effect::Changed) => {
            let mut offer: Offer = match facts {
                Some(facts) => written(offers::update(tx, caller, known.id, known.revision, &facts)?)?,
                None => (**known).clone(),
            };
            for text in &one.texts {
                offer = written(offers::put_text(tx, caller, offer.id, offer.revision, &change(text))?)?;
            }
            offer.id
        }
        (None, _) => {
            let facts = facts.ok_or(Refusal::Internal)?;
            match offers::make(tx, caller, &facts, &one.texts, Some(&one.key))? {
                Ok(id) => id,
                Err(missing) => written(missing)?.id,
            }
        }
    };
    if let Some(wanted) = &one.schedules {
        let standing = match one.effect {
            Effect::New => Vec::new(),
            Effect::Changed | Effect::Unchanged | Effect::Archived => schedules_store::of_offer(tx, id)?,
        };
        let wanted = schedules::matched(wanted, &standing).map_err(|_| Refusal::Internal)?;
        schedules_store::replace(tx, id, &wanted)?;
    }
    Ok(id)
}

/// What a list says was written by people, and says something else than before.
fn change((language, words): &(LanguageTag, Words)) -> TextChange {
    TextChange {
        language: language.clone(),
        words: words.clone(),
        image_alt: None,
        origin: Origin::Human,
        engine: None,
        matters: true,
        made_from_rev: None,
    }
}
