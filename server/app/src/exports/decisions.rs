//! Decisions for other programs: each as a FHIR R4 consent.

use std::collections::HashMap;

use nahraum_domain::{
    consent::{
        Effect, Recipient, Rule,
        event::{Event, EventKind, Standing},
    },
    ids::{ConsentId, OrganisationId, ResidentId},
};
use nahraum_formats::{AgreedTo, ConsentExport, Decided, fhir_consent};
use nahraum_print::{DecisionLine, DecisionSubject};
use nahraum_store::{
    Caller, Tx,
    consents::{self, AgreedText},
    shares as store,
};
use nahraum_texts::{Language, consent_text};

use crate::{App, Call, Refusal, invitations::berlin, refusal::Failure, shares::histories};

/// A decision with all that is known about it.
pub(super) struct Decision {
    pub(super) id: ConsentId,
    standing: Standing,
    events: Vec<Event>,
    what: What,
}

enum What {
    Text(AgreedText),
    /// A rule, and the name of its recipient, if it is an organisation.
    Rule(Rule, Option<String>),
}

impl App {
    /// One of the caller's decisions as a FHIR R4 `Consent` in JSON.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`], [`Refusal::NotFound`].
    pub async fn export_decision(&self, call: &Call, id: ConsentId) -> Result<Vec<u8>, Refusal> {
        let (decision, resident) = self
            .in_own_or_anothers_place(call, move |tx, caller| {
                let resident = caller.principal().ok_or(Refusal::Forbidden)?;
                let mut all = load(tx, caller)?.into_iter();
                Ok((all.find(|decision| decision.id == id).ok_or(Refusal::NotFound)?, resident))
            })
            .await?;
        Ok(fhir_consent(&decision.export(resident, &self.settings().public_url)))
    }
}

/// All decisions of the caller, newest first.
pub(super) fn load(tx: &mut Tx<'_>, caller: &Caller<'_>) -> Result<Vec<Decision>, Failure> {
    let names: HashMap<OrganisationId, String> =
        store::directory(tx)?.into_iter().map(|organisation| (organisation.id, organisation.name)).collect();
    let rules = store::own_open(tx, caller)?;
    let now = tx.now();
    let histories = histories(tx, caller, &rules, now, now)?;
    let rules = rules.into_iter().map(|stored| {
        let name = match stored.rule.recipient {
            Recipient::Organisation(id) => names.get(&id).cloned(),
            Recipient::Everyone
            | Recipient::Person(_)
            | Recipient::Resident(_)
            | Recipient::Explain(_)
            | Recipient::Link(_) => None,
        };
        (stored.rule.id, What::Rule(stored.rule, name))
    });
    let texts = consents::own(tx, caller)?.into_iter().map(|consent| (consent.id, What::Text(consent.text)));
    let mut known: HashMap<ConsentId, What> = rules.chain(texts).collect();
    let read = histories.into_iter().filter_map(|history| {
        let what = known.remove(&history.consent)?;
        Some(Decision { id: history.consent, standing: history.standing, events: history.events, what })
    });
    Ok(read.collect())
}

impl Decision {
    /// The decision, to be written down for other programs.
    pub(super) fn export<'a>(&'a self, resident: ResidentId, kept_by: &'a str) -> ConsentExport<'a> {
        let decided = match &self.what {
            What::Text(text) => Decided::Text(AgreedTo {
                purpose: &text.purpose,
                version: text.version,
                language: &text.language,
                sha256: &text.sha256,
            }),
            What::Rule(rule, name) => Decided::Rule(rule, name.as_deref()),
        };
        ConsentExport {
            id: *self.id.as_bytes(),
            resident: *resident.as_bytes(),
            kept_by,
            standing: self.standing,
            events: &self.events,
            decided,
        }
    }

    /// The decision in a line for people.
    pub(super) fn line(&self, language: Language) -> DecisionLine<'_> {
        let zone = berlin();
        let day = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date();
        let subject = match &self.what {
            What::Text(text) => {
                let title = consent_text(&text.purpose, language).map(|text| text.title.as_str());
                DecisionSubject::Text(title.unwrap_or(&text.purpose))
            }
            What::Rule(rule, name) => match (rule.effect, rule.recipient) {
                (Effect::Permit, _) => DecisionSubject::Permission(name.as_deref()),
                (Effect::Deny, Recipient::Everyone) => DecisionSubject::BlockForEveryone,
                (Effect::Deny, _) => DecisionSubject::Block(name.as_deref()),
            },
        };
        let (from, until) = match &self.what {
            What::Text(_) => {
                let of = |kind| self.events.iter().find(|event| event.kind == kind).map(|event| day(event.at));
                (of(EventKind::Granted), of(EventKind::Withdrawn))
            }
            What::Rule(rule, _) => {
                let end = [rule.period.until, rule.ended_at].into_iter().flatten().min();
                // The end is the first moment that is not in it.
                let last = end.map(|end| end.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(end));
                (Some(day(rule.period.from)), last.map(day))
            }
        };
        DecisionLine { subject, standing: self.standing, from, until }
    }
}
