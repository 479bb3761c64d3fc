//! The history of a resident's decisions: where each stood at a moment, by what was written down until one.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use nahraum_domain::{
    consent::event::{Event, Standing, standing},
    ids::ConsentId,
};
use nahraum_store::{
    Caller, Tx,
    consents::{self, Detail},
    shares::{self as store, By},
};

use super::StoredRule;
use crate::{App, Call, Refusal, refusal::Failure};

/// A decision with its steps.
#[derive(Debug, Clone)]
pub struct DecisionHistory {
    /// The decision.
    pub consent: ConsentId,
    /// Where it stood at the moment that was asked for.
    pub standing: Standing,
    /// Its steps, in the order in which they were written down.
    pub events: Vec<Event>,
    /// Who took each of them, and what is kept about how it came about.
    pub told: Vec<(By, Detail)>,
}

/// The steps of one decision, and what is told about each.
type Steps = (Vec<Event>, Vec<(By, Detail)>);

impl App {
    /// All decisions of the caller with their steps, newest first: where each stood at `as_of`, by what was written down
    /// until `known_at`.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn decision_history(
        &self,
        call: &Call,
        as_of: Option<Timestamp>,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<DecisionHistory>, Refusal> {
        self.in_own_or_anothers_place(call, move |tx, caller| {
            let (as_of, known_at) = (as_of.unwrap_or_else(|| tx.now()), known_at.unwrap_or_else(|| tx.now()));
            let rules = store::own_open(tx, caller)?;
            histories(tx, caller, &rules, as_of, known_at)
        })
        .await
    }
}

/// All decisions of the caller with their steps, newest first. `rules` are those that the caller may see.
pub(crate) fn histories(
    tx: &mut Tx<'_>,
    caller: &Caller<'_>,
    rules: &[StoredRule],
    as_of: Timestamp,
    known_at: Timestamp,
) -> Result<Vec<DecisionHistory>, Failure> {
    let mut decisions: BTreeMap<ConsentId, Steps> = BTreeMap::new();
    for step in store::history(tx, caller)? {
        let (events, told) = decisions.entry(step.consent).or_default();
        events.push(step.event);
        told.push((step.by, step.detail));
    }
    let mut ends = consents::ends(tx, caller, known_at)?;
    ends.extend(rules.iter().filter_map(|stored| Some((stored.rule.id, stored.rule.period.until?))));
    // In somebody's place, a rule that is not there for the caller has no history either; agreeing to texts is no secret.
    let mine: Option<HashSet<ConsentId>> =
        caller.acts_by().map(|_| rules.iter().map(|stored| stored.rule.id).collect());
    let texts: HashSet<ConsentId> = match mine {
        Some(_) => consents::own(tx, caller)?.into_iter().map(|consent| consent.id).collect(),
        None => HashSet::new(),
    };
    let shown = |id: &ConsentId| mine.as_ref().is_none_or(|mine| mine.contains(id) || texts.contains(id));
    let read = decisions.into_iter().filter(|(id, _)| shown(id)).rev().map(|(consent, (events, told))| {
        let stood = standing(&events, as_of, known_at);
        let over = ends.get(&consent).is_some_and(|until| *until <= as_of);
        let standing = if stood == Standing::Granted && over { Standing::Expired } else { stood };
        DecisionHistory { consent, standing, events, told }
    });
    Ok(read.collect())
}
