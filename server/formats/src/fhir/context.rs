//! What the readers of reports and documents share: the resources, the patient, what has been used and warned about.

use std::collections::{HashMap, HashSet};

use nahraum_domain::finding::{Subject, Warning};

use super::graph::{Graph, MAX_ENTRIES, Node, Resource};
use super::model::{Composition, Reference, filled};
use super::{FhirRefusal, Warnings, subject};

/// The state of reading one file.
pub(super) struct Context<'g, 'a> {
    pub(super) graph: &'g Graph<'a>,
    pub(super) subject: Subject,
    /// What was odd about the patient; every finding repeats it.
    pub(super) subject_warnings: Warnings,
    /// What was odd about the file.
    pub(super) file_warnings: Warnings,
    /// Observations that belong to a finding, and documents that became part of a report.
    pub(super) used: HashSet<usize>,
    /// The document that shows a report, by report.
    pub(super) companions: HashMap<usize, usize>,
    rows_left: usize,
    links_left: usize,
}

/// References that are followed from reports and panels to values. Panels may be shared, so they are counted.
const MAX_LINKS: usize = 100_000;

impl<'g, 'a> Context<'g, 'a> {
    pub(super) fn new(graph: &'g Graph<'a>, subject: Subject, warnings: Warnings) -> Self {
        let mut file_warnings = Warnings::default();
        if graph.is_bundle && graph.nodes.iter().any(|n| matches!(n.resource, Resource::Other)) {
            file_warnings.add(Warning::EntriesIgnored);
        }
        Self {
            graph,
            subject,
            subject_warnings: warnings,
            file_warnings,
            used: HashSet::new(),
            companions: HashMap::new(),
            rows_left: MAX_ENTRIES,
            links_left: MAX_LINKS,
        }
    }

    /// Takes from the limit of references that are followed.
    pub(super) fn take_links(&mut self, count: usize) -> Result<(), FhirRefusal> {
        self.links_left = self.links_left.checked_sub(count).ok_or(FhirRefusal::TooManyEntries)?;
        Ok(())
    }

    /// Takes from the limit of values a file may have.
    pub(super) fn take_rows(&mut self, count: usize) -> Result<(), FhirRefusal> {
        self.rows_left = self.rows_left.checked_sub(count).ok_or(FhirRefusal::TooManyEntries)?;
        Ok(())
    }

    /// The resources that are not contained in others.
    pub(super) fn roots(&self) -> impl Iterator<Item = (usize, &'g Node<'a>)> + use<'g, 'a> {
        self.graph.nodes.iter().enumerate().filter(|(_, node)| node.parent.is_none())
    }

    /// The composition of a document bundle.
    pub(super) fn composition(&self) -> Option<(usize, &'g Composition)> {
        let mut compositions = self.roots().filter_map(|(index, node)| {
            let Resource::Composition(composition) = &node.resource else { return None };
            Some((index, &**composition))
        });
        compositions.next().filter(|_| self.graph.is_document)
    }

    /// The resource a reference leads to.
    pub(super) fn target(&self, from: usize, reference: &Reference) -> Option<(usize, &'g Node<'a>)> {
        let index = self.graph.resolve(from, reference.reference.as_deref()?)?;
        Some((index, self.graph.get(index)?))
    }

    /// The name of a person or institution that a reference names.
    pub(super) fn actor(&self, from: usize, reference: &Reference) -> Option<String> {
        let display = || filled(reference.display.as_deref()).map(str::to_owned);
        let Some((index, node)) = self.target(from, reference) else { return display() };
        let name = match &node.resource {
            Resource::Organization(organization) => filled(organization.name.as_deref()).map(str::to_owned),
            Resource::Practitioner(practitioner) => practitioner.name.iter().find_map(with_title),
            Resource::PractitionerRole(role) => {
                let parts = [role.practitioner.as_ref(), role.organization.as_ref()];
                let names: Vec<String> =
                    parts.into_iter().flatten().filter_map(|r| self.plain_actor(index, r)).collect();
                (!names.is_empty()).then(|| names.join(", "))
            }
            Resource::Patient(_)
            | Resource::Report(_)
            | Resource::Observation(_, _)
            | Resource::Document(_)
            | Resource::Composition(_)
            | Resource::Binary(_)
            | Resource::Specimen(_)
            | Resource::ServiceRequest(_)
            | Resource::Other => None,
        };
        name.or_else(display)
    }

    /// A practitioner or organization, but no further role: references must not run in circles.
    fn plain_actor(&self, from: usize, reference: &Reference) -> Option<String> {
        match self.target(from, reference) {
            Some((_, node)) if matches!(node.resource, Resource::PractitionerRole(_)) => None,
            Some(_) | None => self.actor(from, reference),
        }
    }
}

/// A physician's name with the title in front.
fn with_title(name: &super::model::HumanName) -> Option<String> {
    let full = subject::full_name(name)?;
    let title: Vec<&str> = name.prefix.iter().map(String::as_str).filter_map(|p| filled(Some(p))).collect();
    let missing = !title.is_empty() && !full.starts_with(title.first().copied().unwrap_or_default());
    Some(if missing { format!("{} {full}", title.join(" ")) } else { full })
}
