//! The things that are handed out, each with the mark that tells one look from another.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
};

use nahraum_domain::{
    consent::Effect,
    disclosure::FindingRecord,
    finding::FindingState,
    ids::{FindingId, OfferId},
    sync::{Kind, Mark, Thing, View},
};

use crate::{
    access::{Caller, Tx},
    bookmarks,
    consents::{self, Consent},
    corrections::{self, Correction},
    error::StoreError,
    findings,
    questions::{self, Question},
    recommendations::{self, Recommendation},
    registrations::{self, Own as Registration},
    shares::{self, StoredRule},
};

/// How many of one kind that grows without end are handed out: the newest.
const SHOWN: i64 = 200;

/// Something that is handed out, as whoever it is for sees it. `F` is a finding, which not everybody may look into.
#[derive(Debug)]
pub enum Item<F = FindingRecord> {
    /// A finding with its content.
    Finding(Box<F>),
    /// What stays of a finding that was taken back.
    Recall(Box<F>),
    /// An answer to what was asked.
    Consent(Box<Consent>),
    /// A permission, or a rule that closes.
    Rule(Box<StoredRule>),
    /// Taking part.
    Registration(Box<Registration>),
    /// An offer that is kept.
    Bookmark(OfferId),
    /// An offer that was recommended, without what everybody is told of it.
    Recommendation(Box<Recommendation>),
    /// What to ask.
    Question(Question),
    /// What is said to be wrong.
    Correction(Box<Correction>),
}

/// The kind of a finding in a state.
fn kind_of(state: FindingState) -> Kind {
    if state.has_content() { Kind::Finding } else { Kind::Recall }
}

impl<F> Item<F> {
    /// The same, with findings seen otherwise.
    pub fn map<G>(self, f: impl FnOnce(F) -> G) -> Item<G> {
        match self {
            Self::Finding(finding) => Item::Finding(Box::new(f(*finding))),
            Self::Recall(finding) => Item::Recall(Box::new(f(*finding))),
            Self::Consent(consent) => Item::Consent(consent),
            Self::Rule(rule) => Item::Rule(rule),
            Self::Registration(own) => Item::Registration(own),
            Self::Bookmark(offer) => Item::Bookmark(offer),
            Self::Recommendation(one) => Item::Recommendation(one),
            Self::Question(question) => Item::Question(question),
            Self::Correction(correction) => Item::Correction(correction),
        }
    }
}

impl Item {
    /// A finding.
    pub(super) fn of_finding(record: FindingRecord) -> Self {
        let has_content = record.summary.state.has_content();
        let record = Box::new(record);
        if has_content { Self::Finding(record) } else { Self::Recall(record) }
    }

    /// What it is.
    pub(super) const fn thing(&self) -> Thing {
        match self {
            Self::Finding(finding) => (Kind::Finding, *finding.summary.id.as_bytes()),
            Self::Recall(finding) => (Kind::Recall, *finding.summary.id.as_bytes()),
            Self::Consent(consent) => (Kind::Consent, *consent.id.as_bytes()),
            Self::Rule(stored) => match stored.rule.effect {
                Effect::Permit => (Kind::Share, *stored.rule.id.as_bytes()),
                Effect::Deny => (Kind::Block, *stored.rule.id.as_bytes()),
            },
            Self::Registration(own) => (Kind::Registration, *own.id.as_bytes()),
            Self::Bookmark(offer) => (Kind::Bookmark, *offer.as_bytes()),
            Self::Recommendation(one) => (Kind::Recommendation, *one.id.as_bytes()),
            Self::Question(question) => (Kind::Question, *question.id.as_bytes()),
            Self::Correction(correction) => (Kind::Correction, *correction.id.as_bytes()),
        }
    }

    /// Everything that it is shown with, also what time alone changes.
    fn look(&self, tx: &Tx<'_>, into: &mut Bytes) {
        match self {
            // Their looks come from their rows, so that nothing has to be opened.
            Self::Finding(_) | Self::Recall(_) => {}
            Self::Consent(consent) => consent.hash(into),
            Self::Rule(stored) => (stored, stored.rule.stands(tx.now())).hash(into),
            Self::Registration(own) => {
                (own.offer.id, own.offer.revision, &own.offer.organisation_name).hash(into);
                (&own.date, &own.place, own.state, own.is_on(), &own.code).hash(into);
                (own.held_until, &own.needs, &own.contact, own.created_at).hash(into);
            }
            Self::Bookmark(offer) => offer.hash(into),
            Self::Recommendation(one) => {
                (&one.offer, one.organisation, &one.organisation_name, &one.said).hash(into);
                (one.state, one.made_at).hash(into);
            }
            Self::Question(question) => question.hash(into),
            Self::Correction(correction) => {
                let overdue = correction.stage.is_open() && correction.due_at <= tx.now();
                (correction, overdue).hash(into);
            }
        }
    }
}

/// What is hashed, as bytes: the keyed hash is taken of them.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

fn mark(tx: &Tx<'_>, look: impl FnOnce(&mut Bytes)) -> Mark {
    let mut bytes = Bytes::default();
    look(&mut bytes);
    *tx.keys().lookups.hash("sync_items.mark", &bytes.0).as_bytes()
}

/// What the caller sees now. In somebody's place that is findings and nothing else.
pub(super) fn view(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<View, StoreError> {
    let mut view = View::new();
    for (id, state, look) in findings::seen(tx, caller)? {
        view.insert((kind_of(state), *id.as_bytes()), mark(tx, |into| look.hash(into)));
    }
    let own = own(tx, caller, &Kind::ALL.iter().copied().collect())?;
    view.extend(own.iter().map(|item| (item.thing(), mark(tx, |into| item.look(tx, into)))));
    Ok(view)
}

/// Those of these things that the caller sees.
pub(super) fn items(tx: &mut Tx<'_>, caller: &Caller<'_>, wanted: &BTreeSet<Thing>) -> Result<Vec<Item>, StoreError> {
    let (findings, others): (Vec<&Thing>, Vec<&Thing>) =
        wanted.iter().partition(|(kind, _)| matches!(kind, Kind::Finding | Kind::Recall));
    let ids: Vec<FindingId> = findings.into_iter().map(|(_, id)| FindingId::from_bytes(*id)).collect();
    let mut all: Vec<Item> = findings::opened(tx, caller, &ids)?.into_values().map(Item::of_finding).collect();
    all.extend(own(tx, caller, &others.into_iter().map(|(kind, _)| *kind).collect())?);
    all.retain(|item| wanted.contains(&item.thing()));
    Ok(all)
}

/// What is the caller's own of these kinds, but for findings.
fn own(tx: &mut Tx<'_>, caller: &Caller<'_>, kinds: &BTreeSet<Kind>) -> Result<Vec<Item>, StoreError> {
    if caller.resident().is_none() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    let effects = [(Kind::Share, Effect::Permit), (Kind::Block, Effect::Deny)];
    let effects: Vec<Effect> = effects.into_iter().filter(|(kind, _)| kinds.contains(kind)).map(|it| it.1).collect();
    if !effects.is_empty() {
        let listed = |stored: &StoredRule| effects.iter().any(|effect| stored.is_listed(*effect));
        all.extend(shares::own(tx, caller)?.into_iter().filter(listed).map(|rule| Item::Rule(Box::new(rule))));
    }
    for kind in kinds {
        match kind {
            Kind::Finding | Kind::Recall | Kind::Share | Kind::Block => {}
            Kind::Consent => {
                all.extend(consents::own(tx, caller)?.into_iter().map(|one| Item::Consent(Box::new(one))));
            }
            Kind::Registration => {
                let own = registrations::own(tx, caller, None, SHOWN)?;
                all.extend(own.into_iter().map(|own| Item::Registration(Box::new(own))));
            }
            Kind::Bookmark => all.extend(bookmarks::ids(tx, caller)?.into_iter().map(Item::Bookmark)),
            Kind::Recommendation => {
                let made = recommendations::made_to(tx, caller)?;
                all.extend(made.into_iter().map(|one| Item::Recommendation(Box::new(one))));
            }
            Kind::Question => all.extend(questions::own(tx, caller)?.into_iter().map(Item::Question)),
            Kind::Correction => {
                let own = corrections::own(tx, caller, SHOWN)?;
                all.extend(own.into_iter().map(|one| Item::Correction(Box::new(one))));
            }
        }
    }
    Ok(all)
}
