//! What a list does to each of its offers, worked out before anything is done.

use nahraum_domain::{
    ids::{OfferId, PlaceId},
    offers::{facts::Facts, lifecycle::Status, tags::LanguageTag},
};
use nahraum_formats::offer_list::{Faults, ListedOffer, ListedText, Notice, Spot};
use nahraum_store::{
    Caller, StoreError, Tx, imports as store,
    offers::{Offer, Words},
    schedules::{self as schedules_store, Schedule},
};

use super::{
    Defaults, Effect, ImportedOffer, Prepared,
    facts::{self, told},
    places::{Meant, Places},
};
use crate::{offers::checks, schedules::Checked};

/// The language of lists that name none.
const LANGUAGE: &str = "de";

/// What is to be done with one offer.
#[derive(Debug)]
pub(super) struct Planned {
    at: Spot,
    pub(super) key: String,
    /// The offer as it stands; none for a new one.
    pub(super) known: Option<Box<Offer>>,
    pub(super) effect: Effect,
    /// The facts it is to have, if they are others.
    pub(super) facts: Option<Facts>,
    pub(super) place: Option<Meant>,
    /// The texts that say something else than before, the offer's own first.
    pub(super) texts: Vec<(LanguageTag, Words)>,
    /// The schedules it is to have, if they are others.
    pub(super) schedules: Option<Vec<Checked>>,
    notices: Vec<Notice>,
}

impl Planned {
    /// The offer, if it stands.
    pub(super) fn known(&self) -> Option<OfferId> {
        self.known.as_ref().map(|offer| offer.id)
    }

    /// What is told of it.
    pub(super) fn told(self, offer: Option<OfferId>) -> ImportedOffer {
        let Self { at, key, effect, facts, texts, schedules, notices, .. } = self;
        let texts = texts.iter().map(|(language, _)| format!("text:{language}"));
        let changes = facts.iter().map(|_| "facts".to_owned()).chain(texts);
        let changes = changes.chain(schedules.iter().map(|_| "schedules".to_owned())).collect();
        ImportedOffer { at, key, offer, effect, changes, notices }
    }
}

/// Works out what the offers of a list become. What is wrong is told, and its offers are left out.
pub(super) fn all(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    prepared: &[Prepared],
    defaults: &Defaults,
    faults: &mut Faults,
) -> Result<Vec<Planned>, StoreError> {
    let keys: Vec<String> = prepared.iter().map(|one| one.listed.key.clone()).collect();
    let mut known = store::known(tx, caller, &keys)?;
    let places = Places::of(tx, caller)?;
    let mut planned = Vec::with_capacity(prepared.len());
    for one in prepared {
        let offer = known.remove(&one.listed.key);
        let standing = match &offer {
            Some(offer) if one.schedules.is_some() => schedules_store::of_offer(tx, offer.id)?,
            Some(_) | None => Vec::new(),
        };
        planned.extend(plan(one, offer, &standing, (&places, defaults), faults));
    }
    Ok(planned)
}

fn plan(
    one: &Prepared,
    known: Option<Offer>,
    standing: &[Schedule],
    (places, defaults): (&Places, &Defaults),
    faults: &mut Faults,
) -> Option<Planned> {
    let Prepared { listed, schedules } = one;
    let mut notices = listed.notices.clone();
    let place = match &listed.facts.place {
        None => Ok(known.as_ref().and_then(|offer| offer.facts.place).map(Meant::Known)),
        Some(None) => Ok(None),
        Some(Some(place)) => places.find(place, &listed.at, &mut notices, faults).map(Some).ok_or(()),
    };
    // Every fault is told, so that the rest is looked at as if the place were good.
    let named = match &place {
        Ok(None) => None,
        Ok(Some(Meant::Known(id))) => Some(*id),
        Ok(Some(Meant::New(_))) | Err(()) => Some(PlaceId::from_bytes([0; 16])),
    };
    let old = known.as_ref().map(|offer| &offer.facts);
    let named = named.map(|id| id.to_string());
    let facts = facts::read(listed, old, named, defaults, &mut notices, faults);
    let texts = texts(listed, known.as_ref(), defaults, faults);
    let (place, facts, texts) = (place.ok()?, facts?, texts?);
    let schedules = schedules.clone().filter(|wanted| !says_the_same(wanted, standing));
    let planned = Planned {
        at: listed.at.clone(),
        key: listed.key.clone(),
        effect: Effect::New,
        facts: Some(facts).filter(|facts| old.is_none_or(|old| !same(old, facts))),
        place,
        texts,
        schedules: schedules.filter(|wanted| known.is_some() || !wanted.is_empty()),
        notices,
        known: known.map(Box::new),
    };
    Some(settled(planned))
}

fn same(old: &Facts, new: &Facts) -> bool {
    let sorted = |facts: &Facts| {
        let mut facts = facts.clone();
        facts.topics.sort_unstable();
        facts.spoken.sort_unstable();
        facts.areas.sort_unstable();
        facts
    };
    sorted(old) == sorted(new)
}

/// The same with what becomes of it.
fn settled(planned: Planned) -> Planned {
    let Some(offer) = &planned.known else { return planned };
    let changes = planned.facts.is_some() || !planned.texts.is_empty() || planned.schedules.is_some();
    if !changes {
        return Planned { effect: Effect::Unchanged, ..planned };
    }
    if offer.status != Status::Archived {
        return Planned { effect: Effect::Changed, ..planned };
    }
    let detail = "The offer is archived here and stays as it is; reopen it, and import again.";
    let mut notices = planned.notices;
    notices.push(Notice { code: "archived", fields: Vec::new(), detail });
    Planned { effect: Effect::Archived, facts: None, texts: Vec::new(), schedules: None, notices, ..planned }
}

/// Whether these schedules stand, in any order.
fn says_the_same(wanted: &[Checked], standing: &[Schedule]) -> bool {
    let mut free: Vec<&Schedule> = standing.iter().collect();
    let all = wanted.iter().all(|(_, plan, _)| {
        let found = free.iter().position(|one| one.plan == *plan);
        found.map(|at| free.remove(at)).is_some()
    });
    all && free.is_empty()
}

/// The texts that say something else than before, the offer's own first. None when something is wrong with one.
fn texts(
    listed: &ListedOffer,
    known: Option<&Offer>,
    defaults: &Defaults,
    faults: &mut Faults,
) -> Option<Vec<(LanguageTag, Words)>> {
    let own = known.map(|offer| offer.language.clone());
    let (mut found, mut good) = (Vec::new(), true);
    for text in &listed.texts {
        let said = text.language.as_deref().or(defaults.language.as_deref()).unwrap_or(LANGUAGE);
        let language = checks::tag("/lang", said);
        let standing = language
            .as_ref()
            .ok()
            .and_then(|language| known?.texts.iter().find(|text| text.language == *language).map(|text| &text.words));
        match (language, checks::words(&words(text, standing))) {
            (Ok(language), Ok(words)) => {
                if standing != Some(&words) {
                    found.push((language, words));
                }
            }
            (language, words) => {
                good = false;
                let refusals = language.err().into_iter().chain(words.err());
                refusals.for_each(|refusal| told(&text.at, refusal, faults));
            }
        }
    }
    found.sort_by_key(|(language, _)| own.as_ref() != Some(language));
    let twice = found.iter().enumerate().any(|(n, (tag, _))| found.iter().skip(n + 1).any(|(other, _)| tag == other));
    if twice {
        faults.add(&listed.at, "language", "doubled", "The same key is there twice in one language.");
    }
    (good && !twice).then_some(found)
}

/// The words of a text; what the list does not say stays.
fn words(text: &ListedText, standing: Option<&Words>) -> Words {
    let kept = |of: fn(&Words) -> &String| standing.map(of).cloned().unwrap_or_default();
    Words {
        title: text.title.clone(),
        summary: text.summary.clone(),
        body: text.body.clone().unwrap_or_else(|| kept(|words| &words.body)),
        how_to_come: text.how_to_come.clone().unwrap_or_else(|| kept(|words| &words.how_to_come)),
    }
}
