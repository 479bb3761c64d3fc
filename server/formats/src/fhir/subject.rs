//! Whose findings a file holds. Everything in it must be about one person, or nothing is accepted.

use nahraum_domain::finding::{Subject, Warning};
use nahraum_domain::private::Private;

use super::date::When;
use super::graph::{Graph, Node, Resource, is_absolute, type_and_id};
use super::model::{HumanName, Identifier, Patient, Reference, filled};
use super::{FhirRefusal, Warnings};
use crate::read::{MAX_REFERENCE_LENGTH, MAX_REFERENCES};
use crate::refusal::Position;

/// Insurance numbers are never used for matching: the network has no right to process them (SGB V, section 290).
const INSURANCE_SYSTEMS: &[&str] = &[
    "http://fhir.de/sid/gkv/kvid-10",
    "http://fhir.de/sid/pkv/kvid-10",
    "http://fhir.de/NamingSystem/gkv/kvid-10",
    "http://fhir.de/NamingSystem/gkv/kvk-versichertennummer",
    "urn:oid:1.2.276.0.76.4.8",
];

/// Codes of identifier types that mean an insurance number.
const INSURANCE_TYPES: &[&str] = &["KVZ10", "GKV", "PKV", "KVK"];

/// Finds the one patient: the evidence for matching, and what was odd about it.
pub(super) fn establish(graph: &Graph<'_>) -> Result<(Subject, Warnings), FhirRefusal> {
    let patient = the_patient(graph)?;
    let mut first: Option<&Reference> = None;
    let mut references = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let Some(subject) = subject_of(node) else { continue };
        match patient {
            Some(patient) => belongs(graph, index, subject, patient)?,
            None => {
                if first.is_some_and(|first| !same_person(first, subject)) {
                    return Err(FhirRefusal::TwoPatients(Position::at_pointer(format!("{}/subject", node.pointer))));
                }
                first = first.or(Some(subject));
            }
        }
        references.extend(subject.identifier.as_ref().and_then(usable));
        if patient.is_none() {
            references.extend(subject.reference.as_deref().and_then(bare_id));
        }
    }
    let resource = patient.and_then(|i| graph.get(i)).and_then(as_patient);
    let from_patient = resource.into_iter().flat_map(|p| p.identifier.iter().filter_map(usable));
    let references = distinct(from_patient.chain(references));
    let display = || first.and_then(|r| filled(r.display.as_deref())).map(str::to_owned);
    let name = resource.and_then(|p| p.name.iter().find_map(full_name)).or_else(display);
    let birth_date = resource.and_then(|p| p.birth_date.as_deref()).and_then(|text| When::parse(text).date);
    let mut warnings = Warnings::default();
    if references.is_empty() {
        warnings.add(Warning::PatientReferenceMissing);
    }
    if birth_date.is_none() {
        warnings.add(Warning::BirthDateMissing);
    }
    let birth_date = birth_date.map(Private::new);
    let subject = Subject { references, birth_date, name: name.map(Private::new), order: None };
    Ok((subject, warnings))
}

/// The patient's resource; two of them are refused unless they are the same entry twice.
fn the_patient(graph: &Graph<'_>) -> Result<Option<usize>, FhirRefusal> {
    let mut found: Option<(usize, &Node<'_>)> = None;
    for (index, node) in graph.nodes.iter().enumerate().filter(|(_, n)| as_patient(n).is_some()) {
        match found {
            None => found = Some((index, node)),
            Some((_, first)) if is_repeated(first, node) => {}
            Some(_) => return Err(FhirRefusal::TwoPatients(Position::at_pointer(node.pointer.clone()))),
        }
    }
    Ok(found.map(|(index, _)| index))
}

/// Only byte-for-byte names count: the same address, or without addresses the same id, both not contained.
fn is_repeated(first: &Node<'_>, second: &Node<'_>) -> bool {
    let same_evidence = match (as_patient(first), as_patient(second)) {
        (Some(a), Some(b)) => a.birth_date == b.birth_date && identifiers(a) == identifiers(b),
        _ => false,
    };
    let same_place = match (&first.full_url, &second.full_url) {
        (Some(a), Some(b)) => a == b,
        (None, None) => first.id.is_some() && first.id == second.id,
        _ => false,
    };
    same_evidence && same_place && first.parent == second.parent
}

fn identifiers(patient: &Patient) -> Vec<(Option<&str>, Option<&str>)> {
    patient.identifier.iter().map(|i| (i.system.as_deref(), i.value.as_deref())).collect()
}

const fn as_patient<'n>(node: &'n Node<'_>) -> Option<&'n Patient> {
    if let Resource::Patient(patient) = &node.resource { Some(patient) } else { None }
}

/// Whom a resource is about, when it says so in a way that can be compared.
fn subject_of<'n>(node: &'n Node<'_>) -> Option<&'n Reference> {
    let subject = match &node.resource {
        Resource::Report(report) => report.subject.as_ref(),
        Resource::Observation(observation, _) => observation.subject.as_ref(),
        Resource::Document(document) => document.subject.as_ref(),
        Resource::Composition(composition) => composition.subject.as_ref(),
        // A specimen may come from a thing and an order may be for one; that is nobody's finding.
        Resource::Specimen(specimen) => specimen.subject.as_ref().filter(|s| may_be_patient(s)),
        Resource::ServiceRequest(request) => request.subject.as_ref().filter(|s| may_be_patient(s)),
        Resource::Patient(_)
        | Resource::Binary(_)
        | Resource::Organization(_)
        | Resource::Practitioner(_)
        | Resource::PractitionerRole(_)
        | Resource::Other => None,
    }?;
    (subject.reference.is_some() || subject.identifier.is_some()).then_some(subject)
}

fn may_be_patient(subject: &Reference) -> bool {
    subject.reference.as_deref().and_then(type_and_id).is_none_or(|key| key.starts_with("Patient/"))
}

/// Whether a subject is the patient of the file.
fn belongs(graph: &Graph<'_>, from: usize, subject: &Reference, patient: usize) -> Result<(), FhirRefusal> {
    let resource = graph.get(patient).and_then(as_patient);
    let has = |value: &str| {
        resource.is_some_and(|p| {
            p.identifier.iter().take(MAX_REFERENCES).any(|i| filled(i.value.as_deref()) == filled(Some(value)))
        })
    };
    let same = match (subject.reference.as_deref(), subject.identifier.as_ref()) {
        (Some(reference), _) => match reference.strip_prefix("Patient?identifier=") {
            // A conditional reference of a transaction (FHIR 3.1.0.11.2).
            Some(token) => has(token.rsplit_once('|').map_or(token, |(_, value)| value)),
            None => is_same_resource(graph, from, reference, patient),
        },
        (None, Some(identifier)) => identifier.value.as_deref().is_none_or(has),
        (None, None) => true,
    };
    if same {
        return Ok(());
    }
    let pointer = graph.get(from).map(|n| format!("{}/subject", n.pointer)).unwrap_or_default();
    Err(FhirRefusal::SubjectMismatch(Position::at_pointer(pointer)))
}

/// The reference leads to the patient, or to a repetition of the patient's entry.
fn is_same_resource(graph: &Graph<'_>, from: usize, reference: &str, patient: usize) -> bool {
    let Some(found) = graph.resolve(from, reference) else { return false };
    found == patient
        || matches!((graph.get(found), graph.get(patient)), (Some(a), Some(b)) if as_patient(a).is_some() && is_repeated(b, a))
}

/// Whether two subjects of a file without patient are provably the same.
fn same_person(a: &Reference, b: &Reference) -> bool {
    match (a.reference.as_deref(), b.reference.as_deref()) {
        (Some(a), Some(b)) if is_absolute(a) == is_absolute(b) => a == b,
        (Some(a), Some(b)) => type_and_id(a).is_some() && type_and_id(a) == type_and_id(b),
        _ => match (a.identifier.as_ref(), b.identifier.as_ref()) {
            (Some(a), Some(b)) => a.value.is_some() && a.value == b.value && a.system == b.system,
            _ => false,
        },
    }
}

/// An identifier that could be the practice's own reference.
fn usable(identifier: &Identifier) -> Option<String> {
    let insurance = filled(identifier.system.as_deref()).is_some_and(|s| INSURANCE_SYSTEMS.contains(&s))
        || identifier
            .r#type
            .iter()
            .flat_map(|t| t.coding.iter())
            .any(|c| c.code.as_deref().is_some_and(|code| INSURANCE_TYPES.contains(&code)));
    let value = filled(identifier.value.as_deref()).filter(|_| !insurance)?;
    Some(value.to_owned())
}

/// The id of `Patient/<id>`.
fn bare_id(reference: &str) -> Option<String> {
    let reference = reference.split_once("/_history/").map_or(reference, |(before, _)| before);
    type_and_id(reference)?.strip_prefix("Patient/").map(str::to_owned)
}

fn distinct(values: impl Iterator<Item = String>) -> Vec<Private<String>> {
    let mut distinct: Vec<Private<String>> = Vec::new();
    for value in values.filter(|v| v.len() <= MAX_REFERENCE_LENGTH) {
        if distinct.len() < MAX_REFERENCES && distinct.iter().all(|d| *d.reveal() != value) {
            distinct.push(Private::new(value));
        }
    }
    distinct
}

/// A name as one line: as the sender put it together, else given names and family name.
pub(super) fn full_name(name: &HumanName) -> Option<String> {
    if let Some(text) = filled(name.text.as_deref()) {
        return Some(text.to_owned());
    }
    let given = name.given.iter().map(String::as_str);
    let parts: Vec<&str> = given.chain(name.family.as_deref()).filter_map(|p| filled(Some(p))).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
