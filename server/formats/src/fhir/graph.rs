//! The resources of a file and the references between them (FHIR 2.3, 2.36.4: resolving references in bundles).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::{
    Binary, Bundle, Composition, DiagnosticReport, DocumentReference, Envelope, Head, Identifier, Measured,
    Observation, Organization, Patient, Practitioner, PractitionerRole, ServiceRequest, Specimen,
};
use super::{FhirRefusal, guard};

/// More than any single report has; also the limit for values that are read.
pub(super) const MAX_ENTRIES: usize = 5000;

/// A resource, read as far as its type is used here.
#[derive(Debug)]
pub(super) enum Resource<'a> {
    Patient(Patient),
    Report(Box<DiagnosticReport<'a>>),
    Observation(Box<Observation>, Box<Measured>),
    Document(Box<DocumentReference<'a>>),
    Composition(Box<Composition>),
    Binary(Binary<'a>),
    Organization(Organization),
    Practitioner(Practitioner),
    PractitionerRole(Box<PractitionerRole>),
    Specimen(Box<Specimen>),
    ServiceRequest(ServiceRequest),
    /// A type that carries no finding.
    Other,
}

/// One resource and its place.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// `resourceType`.
    pub(super) kind: String,
    /// `id`.
    pub(super) id: Option<String>,
    /// The address the bundle gives it.
    pub(super) full_url: Option<String>,
    /// The resource it is contained in.
    pub(super) parent: Option<usize>,
    /// Where it stands in the file.
    pub(super) pointer: String,
    /// Its content.
    pub(super) resource: Resource<'a>,
}

/// All resources of a file.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) is_bundle: bool,
    /// The bundle is one document (FHIR 3.3): its composition speaks for all of it.
    pub(super) is_document: bool,
    /// The identifier of the bundle.
    pub(super) identifier: Option<Identifier>,
    by_url: HashMap<String, usize>,
    /// `None`: two resources claim the same type and id.
    by_type_and_id: HashMap<String, Option<usize>>,
    contained: HashMap<(usize, String), usize>,
    text: &'a str,
}

impl<'a> Graph<'a> {
    /// Reads every resource of a text that has passed [`guard::check`].
    pub(super) fn load(text: &'a str) -> Result<Self, FhirRefusal> {
        let root: &RawValue = serde_json::from_str(text).map_err(|_| FhirRefusal::NotFhir)?;
        let mut graph = Self { text, ..Self::default() };
        if kind(root).ok_or(FhirRefusal::NotFhir)? == "Bundle" {
            graph.load_bundle(root)?;
        } else {
            graph.add(root, None, None, String::new())?;
        }
        for (index, node) in graph.nodes.iter().enumerate() {
            if let Some(url) = &node.full_url {
                graph.by_url.entry(url.clone()).or_insert(index);
            }
            if let (Some(parent), Some(id)) = (node.parent, &node.id) {
                graph.contained.entry((parent, id.clone())).or_insert(index);
            }
            if let (None, Some(id)) = (node.parent, &node.id) {
                let slot = graph.by_type_and_id.entry(format!("{}/{id}", node.kind)).or_insert(Some(index));
                if *slot != Some(index) {
                    *slot = None;
                }
            }
        }
        Ok(graph)
    }

    fn load_bundle(&mut self, root: &'a RawValue) -> Result<(), FhirRefusal> {
        let bundle: Bundle<'a> = self.parse(root, "")?;
        if bundle.entry.len() > MAX_ENTRIES {
            return Err(FhirRefusal::TooManyEntries);
        }
        self.is_bundle = true;
        self.is_document = bundle.r#type.as_deref() == Some("document");
        self.identifier = bundle.identifier;
        for (index, entry) in bundle.entry.iter().enumerate() {
            if let Some(resource) = entry.resource {
                self.add(resource, entry.full_url.clone(), None, format!("/entry/{index}/resource"))?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        raw: &'a RawValue,
        full_url: Option<String>,
        parent: Option<usize>,
        pointer: String,
    ) -> Result<(), FhirRefusal> {
        let kind = kind(raw).ok_or(FhirRefusal::NotFhir)?;
        let resource = self.resource(&kind, raw, &pointer)?;
        let envelope: Envelope<'a> = match resource {
            Resource::Other => Envelope { id: None, ..Envelope::default() },
            Resource::Patient(_)
            | Resource::Report(_)
            | Resource::Observation(_, _)
            | Resource::Document(_)
            | Resource::Composition(_)
            | Resource::Binary(_)
            | Resource::Organization(_)
            | Resource::Practitioner(_)
            | Resource::PractitionerRole(_)
            | Resource::Specimen(_)
            | Resource::ServiceRequest(_) => self.parse(raw, &pointer)?,
        };
        let index = self.nodes.len();
        if index >= MAX_ENTRIES * 2 {
            return Err(FhirRefusal::TooManyEntries);
        }
        let contained_in = pointer.clone();
        self.nodes.push(Node { kind, id: envelope.id, full_url, parent, pointer, resource });
        // Contained resources do not contain others (FHIR 2.3.4), so this does not go deeper.
        if parent.is_none() {
            for (n, raw) in envelope.contained.iter().enumerate() {
                self.add(raw, None, Some(index), format!("{contained_in}/contained/{n}"))?;
            }
        }
        Ok(())
    }

    fn resource(&self, kind: &str, raw: &'a RawValue, at: &str) -> Result<Resource<'a>, FhirRefusal> {
        Ok(match kind {
            "Patient" => Resource::Patient(self.parse(raw, at)?),
            "DiagnosticReport" => Resource::Report(self.parse(raw, at)?),
            "Observation" => Resource::Observation(self.parse(raw, at)?, self.parse(raw, at)?),
            "DocumentReference" => Resource::Document(self.parse(raw, at)?),
            "Composition" => Resource::Composition(self.parse(raw, at)?),
            "Binary" => Resource::Binary(self.parse(raw, at)?),
            "Organization" => Resource::Organization(self.parse(raw, at)?),
            "Practitioner" => Resource::Practitioner(self.parse(raw, at)?),
            "PractitionerRole" => Resource::PractitionerRole(self.parse(raw, at)?),
            "Specimen" => Resource::Specimen(self.parse(raw, at)?),
            "ServiceRequest" => Resource::ServiceRequest(self.parse(raw, at)?),
            _ => Resource::Other,
        })
    }

    fn parse<T: Deserialize<'a>>(&self, raw: &'a RawValue, pointer: &str) -> Result<T, FhirRefusal> {
        serde_json::from_str(raw.get()).map_err(|error| guard::shape(self.text, raw, pointer, &error))
    }

    pub(super) fn get(&self, index: usize) -> Option<&Node<'a>> {
        self.nodes.get(index)
    }

    /// The resource a reference inside `from` leads to, if it is in the file.
    pub(super) fn resolve(&self, from: usize, reference: &str) -> Option<usize> {
        let reference = reference.split_once("/_history/").map_or(reference, |(before, _)| before);
        let origin = self.get(from)?;
        if let Some(id) = reference.strip_prefix('#') {
            let root = origin.parent.unwrap_or(from);
            return self.contained.get(&(root, id.to_owned())).copied();
        }
        if let Some(found) = self.by_url.get(reference) {
            return Some(*found);
        }
        let by_type_and_id = |key: &str| self.by_type_and_id.get(key).copied().flatten();
        if is_absolute(reference) {
            // Only resources without an address of their own can be meant.
            return by_type_and_id(type_and_id(reference)?)
                .filter(|i| self.get(*i).is_some_and(|n| n.full_url.as_deref().is_none_or(|u| u.starts_with("urn:"))));
        }
        let outer = origin.parent.and_then(|parent| self.get(parent)).unwrap_or(origin);
        let same_server = outer.full_url.as_deref().and_then(|url| {
            let base = url.strip_suffix(type_and_id(url)?)?;
            self.by_url.get(&format!("{base}{reference}")).copied()
        });
        same_server.or_else(|| by_type_and_id(reference))
    }
}

/// Whether a reference is a full address.
pub(super) fn is_absolute(reference: &str) -> bool {
    reference.contains("://") || reference.starts_with("urn:")
}

/// The last two segments of a reference, `Type/id`, if it has that form.
pub(super) fn type_and_id(reference: &str) -> Option<&str> {
    let mut slashes = reference.rmatch_indices('/').map(|(at, _)| at);
    let last = slashes.next()?;
    let start = slashes.next().map_or(0, |at| at + 1);
    let tail = reference.get(start..)?;
    let (kind, id) = (reference.get(start..last)?, reference.get(last + 1..)?);
    (kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(char::is_alphanumeric) && !id.is_empty())
        .then_some(tail)
}

/// The `resourceType`, if it is a plausible one.
fn kind(raw: &RawValue) -> Option<String> {
    let head: Head = serde_json::from_str(raw.get()).ok()?;
    head.resource_type.filter(|k| !k.is_empty() && k.len() <= 64 && k.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_where_fhir_says() {
        let text = r##"{"resourceType":"Bundle","entry":[
            {"fullUrl":"urn:uuid:a","resource":{"resourceType":"Patient","id":"a"}},
            {"fullUrl":"https://x/fhir/Observation/o","resource":{"resourceType":"Observation","id":"o",
              "contained":[{"resourceType":"Specimen","id":"s"}]}},
            {"fullUrl":"https://y/fhir/Observation/o","resource":{"resourceType":"Observation","id":"o"}},
            {"fullUrl":"https://y/fhir/DiagnosticReport/r","resource":{"resourceType":"DiagnosticReport","id":"r"}}]}"##;
        let graph = Graph::load(text).unwrap();
        let report = graph.nodes.iter().position(|n| n.kind == "DiagnosticReport").unwrap();
        let url = |i: Option<usize>| i.and_then(|i| graph.get(i)).and_then(|n| n.full_url.clone());
        assert_eq!(url(graph.resolve(report, "urn:uuid:a")), Some("urn:uuid:a".into()));
        assert_eq!(url(graph.resolve(report, "Patient/a")), Some("urn:uuid:a".into()));
        assert_eq!(url(graph.resolve(report, "Observation/o")), Some("https://y/fhir/Observation/o".into()));
        assert_eq!(
            url(graph.resolve(report, "https://x/fhir/Observation/o/_history/2")),
            Some("https://x/fhir/Observation/o".into())
        );
        assert_eq!(graph.resolve(0, "Observation/o"), None, "two candidates");
        assert_eq!(graph.resolve(1, "#s").and_then(|i| graph.get(i)).map(|n| n.kind.as_str()), Some("Specimen"));
        assert_eq!(graph.resolve(report, "#s"), None);
        assert_eq!(graph.resolve(report, "https://z/fhir/Observation/o"), None);
    }
}
