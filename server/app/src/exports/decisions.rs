//! Decisions for other programs: each as a FHIR R4 consent.

use std::collections::HashMap;

use jiff::Timestamp;
use nahraum_domain::{
    calendar,
    consent::{
        Effect, Recipient, Rule,
        event::{Event, EventKind, Standing},
    },
    ids::{ConsentId, OrganisationId, ResidentId},
};
use nahraum_formats::{
    AgreedTo, ConsentExport, Decided, EvidenceOf, ReceiptExport, ReceiptStep, fhir_consent, receipt_claims,
};
use nahraum_print::{DecisionLine, DecisionSubject};
use nahraum_secrets::VerifyingKey;
use nahraum_store::{
    Caller, Tx, audit,
    consents::{self, AgreedText, Detail, Evidence},
    shares::{self as store, By},
};
use nahraum_texts::{Language, consent_text};

use crate::{
    App, Call, Refusal,
    consents::texts,
    refusal::Failure,
    shares::{DecisionHistory, histories},
};

/// A decision with all that is known about it.
pub(super) struct Decision {
    pub(super) id: ConsentId,
    standing: Standing,
    events: Vec<Event>,
    told: Vec<(By, Detail)>,
    evidence: Vec<EvidenceOf>,
    what: What,
}

enum What {
    /// A text, and its title as it was read.
    Text(AgreedText, Option<String>),
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

/// The type of a receipt, in its header.
const RECEIPT_TYPE: &str = "nahraum-receipt+jwt";

impl App {
    /// The installation's signed word about one of the caller's decisions, a compact JWS, and the public key that verifies it.
    ///
    /// # Errors
    /// As [`App::export_decision`].
    pub async fn decision_receipt(&self, call: &Call, id: ConsentId) -> Result<(String, VerifyingKey), Refusal> {
        let issuer = self.settings().public_url.clone();
        let signed = self
            .as_resident(call, move |tx, caller| {
                let resident = caller.resident().ok_or(Refusal::Forbidden)?;
                let mut all = load(tx, caller)?.into_iter();
                let decision = all.find(|decision| decision.id == id).ok_or(Refusal::NotFound)?;
                let claims = decision.receipt(resident, &issuer, tx.now());
                Ok(audit::sign_jws(tx, caller, RECEIPT_TYPE, &claims))
            })
            .await?;
        Ok((signed, self.log_key()))
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
            | Recipient::Duty(..)
            | Recipient::Person(_)
            | Recipient::Resident(_)
            | Recipient::Explain(_)
            | Recipient::Link(_) => None,
        };
        (stored.rule.id, What::Rule(stored.rule, name))
    });
    let mut known: HashMap<ConsentId, What> = rules.collect();
    for consent in consents::own(tx, caller)? {
        let (language, version) = (Language::parse(&consent.text.language), u32::try_from(consent.text.version));
        let read = texts::find(tx, &consent.text.purpose, version.unwrap_or(0), language.unwrap_or(Language::De))?;
        known.insert(consent.id, What::Text(consent.text, read.map(|text| text.title)));
    }
    let read = histories.into_iter().filter_map(|history| {
        let what = known.remove(&history.consent)?;
        let DecisionHistory { consent, standing, events, told } = history;
        let evidence = told.iter().filter_map(|(_, detail)| detail.evidence.as_ref()).flat_map(Evidence::members);
        let evidence = evidence.filter_map(|(name, words)| Some((name, words?))).collect();
        Some(Decision { id: consent, standing, events, told, evidence, what })
    });
    Ok(read.collect())
}

impl Decision {
    /// The decision, to be written down for other programs.
    pub(super) fn export<'a>(&'a self, resident: ResidentId, kept_by: &'a str) -> ConsentExport<'a> {
        ConsentExport {
            id: *self.id.as_bytes(),
            resident: *resident.as_bytes(),
            kept_by,
            standing: self.standing,
            events: &self.events,
            decided: self.decided(),
            shown: self.told.iter().find_map(|(_, detail)| detail.text.as_ref()).map(agreed_to),
            evidence: &self.evidence,
        }
    }

    /// What is confirmed about the decision.
    fn receipt(&self, resident: ResidentId, issuer: &str, at: Timestamp) -> Vec<u8> {
        let step = |(event, (by, detail)): (&Event, &(By, Detail))| ReceiptStep {
            kind: event.kind,
            at: event.at,
            recorded_at: event.recorded_at,
            actor: by.kind.clone(),
            actor_id: by.id.map(|id| *id.as_bytes()),
            organisation: by.organisation.map(|id| *id.as_bytes()),
            text_sha256: detail.text.as_ref().map(|text| text.sha256.clone()),
            evidence: detail.evidence.as_ref().map(Evidence::digest),
        };
        let steps: Vec<ReceiptStep> = self.events.iter().zip(&self.told).map(step).collect();
        receipt_claims(&ReceiptExport {
            id: *self.id.as_bytes(),
            resident: *resident.as_bytes(),
            issuer,
            at,
            standing: self.standing,
            decided: self.decided(),
            steps: &steps,
        })
    }

    fn decided(&self) -> Decided<'_> {
        match &self.what {
            What::Text(text, _) => Decided::Text(agreed_to(text)),
            What::Rule(rule, name) => Decided::Rule(rule, name.as_deref()),
        }
    }

    /// The decision in a line for people.
    pub(super) fn line(&self, language: Language) -> DecisionLine<'_> {
        let day = calendar::day;
        let subject = match &self.what {
            What::Text(text, read) => {
                let title = consent_text(&text.purpose, language).map(|text| text.title.as_str()).or(read.as_deref());
                DecisionSubject::Text(title.unwrap_or(&text.purpose))
            }
            What::Rule(rule, name) => match (rule.effect, rule.recipient) {
                (Effect::Permit, _) => DecisionSubject::Permission(name.as_deref()),
                (Effect::Deny, Recipient::Everyone) => DecisionSubject::BlockForEveryone,
                (Effect::Deny, _) => DecisionSubject::Block(name.as_deref()),
            },
        };
        let (from, until) = match &self.what {
            What::Text(..) => {
                let of = |kind| self.events.iter().find(|event| event.kind == kind).map(|event| day(event.at));
                (of(EventKind::Granted), of(EventKind::Withdrawn).or(of(EventKind::Expired)))
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

fn agreed_to(text: &AgreedText) -> AgreedTo<'_> {
    AgreedTo { purpose: &text.purpose, version: text.version, language: &text.language, sha256: &text.sha256 }
}
