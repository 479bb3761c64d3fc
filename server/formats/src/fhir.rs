//! FHIR R4 as JSON (HL7 FHIR 4.0.1): reads the findings of one patient out of a resource or bundle.
//!
//! Own small structures for the resource types that carry findings, lenient where real files are, strict where a mistake
//! could give a finding to the wrong person: duplicate keys, two patients, a subject that is not the bundle's patient.

mod context;
mod date;
mod document;
mod graph;
mod guard;
mod identity;
mod lenient;
mod model;
mod observation;
mod refusal;
mod report;
mod subject;
mod value;

pub use refusal::FhirRefusal;

pub(crate) use model::REPORT_NOTE;
pub(crate) use observation::{LOINC, NAMELESS};
pub(crate) use refusal::embedded_german;
pub(crate) use value::{UCUM, gravest};

use memchr::memmem;
use nahraum_domain::finding::Warning;

use crate::read::{Read, Warnings};
use crate::refusal::Position;
use context::Context;
use graph::{Graph, Resource};

/// Whether an XML file is FHIR, so that the sentence for the sender can be exact.
pub(crate) fn is_fhir_xml(bytes: &[u8]) -> bool {
    memmem::find(bytes.get(..4096).unwrap_or(bytes), b"http://hl7.org/fhir").is_some()
}

/// Reads one FHIR resource or bundle: every finding of one patient. A UTF-8 byte order mark is accepted.
///
/// # Errors
/// [`FhirRefusal`] when the file is not sound JSON, not FHIR, speaks of more than one patient, or holds nothing that
/// could be shown.
pub fn read(bytes: &[u8]) -> Result<Read, FhirRefusal> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| FhirRefusal::NotUtf8)?;
    let null_seen = guard::check(text)?;
    let graph = Graph::load(text)?;
    let (subject, warnings) = subject::establish(&graph)?;
    let mut context = Context::new(&graph, subject, warnings);
    if null_seen {
        context.file_warnings.add(Warning::NullIgnored);
    }
    let mut findings = report::findings(&mut context)?;
    findings.extend(document::findings(&mut context)?);
    findings.extend(report::loose_observations(&mut context)?);
    if findings.is_empty() {
        return Err(nothing(&graph, &context));
    }
    Ok(Read { findings, warnings: context.file_warnings.0 })
}

/// Why a sound file gave no finding.
fn nothing(graph: &Graph<'_>, context: &Context<'_, '_>) -> FhirRefusal {
    if context.file_warnings.0.contains(&Warning::DocumentOnlyLinked) {
        return FhirRefusal::DocumentOnlyLinked(Position::default());
    }
    match graph.nodes.first() {
        Some(node) if !graph.is_bundle && matches!(node.resource, Resource::Other) => {
            FhirRefusal::UnsupportedResource(node.kind.clone())
        }
        Some(_) | None => FhirRefusal::NothingToRead(Position::default()),
    }
}
