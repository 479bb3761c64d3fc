//! One decision of a resident as a FHIR R4 `Consent`: a consent to a published text, or a rule about who may look.
//!
//! Without a decision nothing is disclosed. The standard has a place for that: `policyRule` is `OPTOUT`, the root provision
//! has no type, and what was decided stands as one nested provision, which permits or denies. What R4 has no code for is
//! said in our own code systems beside the standard's nearest word; `docs/export.md` documents them.

use jiff::Timestamp;
use nahraum_domain::{
    consent::{
        Data, Effect, Period, Purpose, Recipient, Rights, Rule,
        event::{Event, EventKind, Standing},
    },
    ids::OrganisationId,
    private::Private,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::export::put;

/// The system of identifiers that are URIs.
const URI: &str = "urn:ietf:rfc:3986";
const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const DUTY: &str = "urn:nahraum:fhir:duty";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const ACTION: &str = "http://terminology.hl7.org/CodeSystem/consentaction";

/// Our code systems and extensions.
const OUR_ACTION: &str = "urn:nahraum:fhir:consent-action";
const OUR_PURPOSE: &str = "urn:nahraum:fhir:consent-purpose";
const OUR_KIND: &str = "urn:nahraum:fhir:finding-kind";
const OUR_EVENT: &str = "urn:nahraum:fhir:consent-event";
const OUR_EVIDENCE: &str = "urn:nahraum:fhir:consent-evidence";
/// The purpose of the text about receiving findings.
const BASE: &str = "base";
const OUR_TEXT: &str = "urn:nahraum:fhir:consent-text";

/// A decision to write down.
#[derive(Debug, Clone, Copy)]
pub struct ConsentExport<'a> {
    /// The id of the decision.
    pub id: [u8; 16],
    /// The id of the resident.
    pub resident: [u8; 16],
    /// The address of the installation, which keeps the decision.
    pub kept_by: &'a str,
    /// Where the decision stands.
    pub standing: Standing,
    /// Its steps, in the order in which they were written down.
    pub events: &'a [Event],
    /// What was decided.
    pub decided: Decided<'a>,
    /// The text that was shown for a rule.
    pub shown: Option<AgreedTo<'a>>,
    /// How it came about.
    pub evidence: &'a [EvidenceOf],
}

/// How a decision came about, in words: name and value of what is known.
pub type EvidenceOf = (&'static str, Private<String>);

/// What a decision is about.
#[derive(Debug, Clone, Copy)]
pub enum Decided<'a> {
    /// Agreeing to a published text.
    Text(AgreedTo<'a>),
    /// A rule about who may look, and how its recipient is called, if it is an organisation.
    Rule(&'a Rule, Option<&'a str>),
}

/// A published text.
#[derive(Debug, Clone, Copy)]
pub struct AgreedTo<'a> {
    /// What it is for.
    pub purpose: &'a str,
    /// Its version.
    pub version: i32,
    /// The language it was read in, as a tag.
    pub language: &'a str,
    /// Its SHA-256 in lower-case hex.
    pub sha256: &'a str,
}

/// Writes the decision as a FHIR R4 `Consent`, UTF-8 JSON. The same input gives the same bytes.
#[must_use]
pub fn fhir_consent(export: &ConsentExport<'_>) -> Vec<u8> {
    let patient = party("Patient", &export.resident);
    let (category, provision) = match export.decided {
        Decided::Text(text) => ("ICOL", permission_by_text(&text)),
        Decided::Rule(rule, name) => ("IDSCL", provision(rule, name)),
    };
    let mut consent = json!({
        "resourceType": "Consent",
        "id": uuid(&export.id),
        "identifier": [{"system": URI, "value": urn(&export.id)}],
        "status": status(export.standing),
        "scope": {"coding": [{"system": SCOPE, "code": "patient-privacy"}]},
        "category": [
            {"coding": [{"system": crate::fhir::LOINC, "code": "59284-0", "display": "Consent Document"}]},
            {"coding": [{"system": ACT_CODE, "code": category}]},
        ],
        "patient": patient,
        "performer": [performer(export, &patient)],
        "organization": [{"type": "Organization", "identifier": {"system": URI, "value": export.kept_by}}],
        "policyRule": {
            "coding": [{"system": ACT_CODE, "code": "OPTOUT"}],
            "text": "Deny all: nothing is disclosed unless a provision permits it; a provision that denies beats every permit.",
        },
        "provision": {"provision": [provision]},
    });
    let decided = export.events.iter().find(|event| matches!(event.kind, EventKind::Granted | EventKind::Refused));
    put(&mut consent, "dateTime", decided.map(|event| event.at.to_string()));
    let changed = export.events.iter().map(|event| event.recorded_at).max();
    put(&mut consent, "meta", changed.map(|at| json!({"lastUpdated": at.to_string()})));
    let mut history: Vec<Json> = export.events.iter().map(event).collect();
    if !export.evidence.is_empty() {
        let told = |(name, value): &EvidenceOf| json!({"url": name, "valueString": value.reveal()});
        let told: Vec<Json> = export.evidence.iter().map(told).collect();
        history.push(json!({"url": OUR_EVIDENCE, "extension": told}));
    }
    let text = match export.decided {
        Decided::Text(text) => Some(text),
        Decided::Rule(..) => export.shown,
    };
    if let Some(text) = text {
        put(&mut consent, "policy", Some(json!([{"uri": address(export.kept_by, &text)}])));
        put(&mut consent, "sourceAttachment", Some(attachment(export.kept_by, &text)));
        history.push(json!({"url": OUR_TEXT, "extension": [
            {"url": "version", "valuePositiveInt": text.version},
            {"url": "sha256", "valueString": text.sha256},
        ]}));
    }
    put(&mut consent, "extension", (!history.is_empty()).then_some(history));
    consent.to_string().into_bytes()
}

/// Who decided: the resident, or somebody in their place, whose account is told to nobody.
fn performer(export: &ConsentExport<'_>, patient: &Json) -> Json {
    let decided = export.events.iter().find(|event| matches!(event.kind, EventKind::Granted | EventKind::Refused));
    if decided.is_some_and(|event| event.in_place) {
        json!({"type": "RelatedPerson", "display": "acting for the patient"})
    } else {
        patient.clone()
    }
}

/// What a standing is in R4: one status for "not any more", however it ended.
const fn status(standing: Standing) -> &'static str {
    match standing {
        Standing::NotAsked => "draft",
        Standing::Asked => "proposed",
        Standing::Granted => "active",
        Standing::Refused => "rejected",
        Standing::Withdrawn | Standing::Expired => "inactive",
        Standing::Corrected => "entered-in-error",
    }
}

fn event(event: &Event) -> Json {
    json!({"url": OUR_EVENT, "extension": [
        {"url": "kind", "valueCode": event.kind.as_str()},
        {"url": "at", "valueInstant": event.at.to_string()},
        {"url": "recordedAt", "valueInstant": event.recorded_at.to_string()},
        {"url": "inPlace", "valueBoolean": event.in_place},
    ]})
}

fn address(kept_by: &str, text: &AgreedTo<'_>) -> String {
    format!("{kept_by}/v1/consent-texts/{}?lang={}&version={}", text.purpose, text.language, text.version)
}

fn attachment(kept_by: &str, text: &AgreedTo<'_>) -> Json {
    json!({"contentType": "application/json", "language": text.language, "url": address(kept_by, text)})
}

/// Agreeing to the text `base` lets the installation receive and keep findings, and show them to the resident. What another text
/// permits stands in that text; here is only what it is for.
fn permission_by_text(text: &AgreedTo<'_>) -> Json {
    if text.purpose != BASE {
        return json!({"type": "permit", "purpose": [{"system": OUR_PURPOSE, "code": text.purpose}]});
    }
    let actions = ["collect", "access"].map(|code| json!({"coding": [{"system": ACTION, "code": code}]}));
    json!({
        "type": "permit",
        "action": actions,
        "purpose": [{"system": ACT_REASON, "code": "PATRQT"}],
    })
}

/// A rule. What is not said about data means all of it, also in R4.
fn provision(rule: &Rule, name: Option<&str>) -> Json {
    let permits = rule.effect == Effect::Permit;
    let mut provision = json!({
        "type": if permits { "permit" } else { "deny" },
        "period": period(&rule.period, rule.ended_at),
        "action": actions(rule.effect, rule.rights),
    });
    put(&mut provision, "actor", actor(&rule.recipient, name).map(|actor| json!([actor])));
    if permits {
        put(&mut provision, "purpose", Some(purpose(rule.purpose)));
        let delicate = rule.data.sensitive || rule.data.documents.is_some();
        put(&mut provision, "securityLabel", Some(labels(delicate)));
    }
    put_data(&mut provision, &rule.data);
    provision
}

/// A rule that was taken back ended then, whatever was planned.
fn period(period: &Period, ended: Option<Timestamp>) -> Json {
    let end = match (period.until, ended) {
        (Some(until), Some(ended)) => Some(until.min(ended)),
        (until, ended) => until.or(ended),
    };
    let mut written = json!({"start": period.from.to_string()});
    put(&mut written, "end", end.map(|end| end.to_string()));
    written
}

/// A denial closes everything.
fn actions(effect: Effect, rights: Rights) -> Vec<Json> {
    let all = effect == Effect::Deny;
    let given = [
        (true, "access", "view"),
        (all || rights.download, "collect", "download"),
        (all || rights.pass_on, "disclose", "pass-on"),
    ];
    let coded = |(_, standard, ours): (bool, &str, &str)| json!({"coding": [{"system": ACTION, "code": standard}, {"system": OUR_ACTION, "code": ours}]});
    given.into_iter().filter(|(is_given, ..)| *is_given).map(coded).collect()
}

/// For whom; nobody is named where it is for everybody.
fn actor(recipient: &Recipient, name: Option<&str>) -> Option<Json> {
    let kind = match recipient {
        Recipient::Everyone => return None,
        Recipient::Organisation(_) | Recipient::Duty(..) => Some("Organization"),
        Recipient::Person(_) => Some("Practitioner"),
        Recipient::Resident(_) => Some("RelatedPerson"),
        // Whoever holds the link, or takes part in the conversation.
        Recipient::Explain(_) | Recipient::Link(_) => None,
    };
    let mut role = vec![json!({"system": PARTICIPATION, "code": "IRCP"})];
    if let Recipient::Duty(_, duty) = recipient {
        role.push(json!({"system": DUTY, "code": duty.as_str()}));
    }
    let (_, id) = recipient.parts();
    let mut reference = json!({"identifier": {"system": URI, "value": urn(id?)}});
    put(&mut reference, "type", kind);
    put(&mut reference, "display", name);
    Some(json!({"role": {"coding": role}, "reference": reference}))
}

fn purpose(purpose: Purpose) -> Json {
    let standard = match purpose {
        Purpose::Treatment => "TREAT",
        Purpose::Explanation | Purpose::Link => "PATRQT",
        Purpose::Representation => "SUPNWK",
        Purpose::Emergency => "ETREAT",
    };
    json!([{"system": ACT_REASON, "code": standard}, {"system": OUR_PURPOSE, "code": purpose.as_str()}])
}

fn labels(delicate: bool) -> Vec<Json> {
    let codes: &[&str] = if delicate { &["N", "R"] } else { &["N"] };
    codes.iter().map(|code| json!({"system": CONFIDENTIALITY, "code": code})).collect()
}

fn put_data(provision: &mut Json, data: &Data) {
    let named = data.documents.iter().flatten().map(
        |id| json!({"meaning": "instance", "reference": {"identifier": {"system": URI, "value": urn(id.as_bytes())}}}),
    );
    let by_authors = data.authors.iter().flatten().map(|id| {
        let practice = OrganisationId::from(*id);
        json!({"meaning": "authoredby", "reference": party("Organization", practice.as_bytes())})
    });
    let named: Vec<Json> = named.chain(by_authors).collect();
    put(provision, "data", (!named.is_empty()).then_some(named));
    let kinds: Vec<Json> =
        data.kinds.iter().flatten().map(|kind| json!({"coding": [{"system": OUR_KIND, "code": kind}]})).collect();
    put(provision, "code", (!kinds.is_empty()).then_some(kinds));
    if data.from.is_some() || data.to.is_some() {
        let mut days = json!({});
        put(&mut days, "start", data.from.map(|day| day.to_string()));
        put(&mut days, "end", data.to.map(|day| day.to_string()));
        put(provision, "dataPeriod", Some(days));
    }
}

/// Somebody by an identifier, and never by name.
fn party(kind: &str, id: &[u8; 16]) -> Json {
    json!({"type": kind, "identifier": {"system": URI, "value": urn(id)}})
}

fn uuid(id: &[u8; 16]) -> String {
    Uuid::from_bytes(*id).to_string()
}

fn urn(id: &[u8; 16]) -> String {
    format!("urn:uuid:{}", uuid(id))
}

#[cfg(test)]
mod tests;
