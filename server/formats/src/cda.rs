//! CDA R2 (HL7 Clinical Document Architecture, release 2; ISO 27932): letters and reports of hospitals as XML.
//!
//! One document is one finding about one patient. What is shown is the PDF inside, else the narrative of the sections, taken
//! apart into plain words: nothing of the sender's markup is passed on. Results that are coded become values beside it. Read by
//! structure and not by template, so that the guides of all countries are understood alike; `docs/formats.md` says how each
//! field is.

mod code;
mod document;
mod encoding;
mod guard;
mod header;
mod narrative;
mod node;
mod patient;
mod range;
mod refusal;
mod result;
mod section;
mod value;

pub use refusal::CdaRefusal;

pub(crate) use encoding::is_document;

use nahraum_domain::finding::{Observation, ReadFinding, ReportStatus, SourceFormat, Value, Warning};
use nahraum_domain::kdl::{self, DocumentClass};
use nahraum_domain::private::Private;
use roxmltree::{Document, ParsingOptions};

use crate::hl7::{ResultStatus, of_both};
use crate::read::Read;
use header::Facts;
use node::Element;
use section::Body;

/// The namespace of HL7 version 3.
const HL7_V3: &str = "urn:hl7-org:v3";

/// Reads the one finding of a document.
///
/// # Errors
/// [`CdaRefusal`] when the text is no sound XML or declares a document type, is larger or deeper than any real document, is no
/// `ClinicalDocument`, speaks of no patient or of two, or holds nothing that could be shown.
pub fn read(bytes: &[u8]) -> Result<Read, CdaRefusal> {
    let decoded = encoding::decode(bytes)?;
    let text = decoded.text.as_ref();
    guard::check(text)?;
    let options = ParsingOptions { nodes_limit: guard::MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| refusal::of_xml(text, &error))?;
    let root = Element(document.root_element());
    let foreign = root.namespace().is_some_and(|namespace| namespace != HL7_V3);
    if root.name() != "ClinicalDocument" || foreign {
        return Err(CdaRefusal::NotCda(root.place()));
    }
    let mut finding = finding(root)?;
    if decoded.contradicts {
        finding.warnings.push(Warning::CharsetContradicts);
    }
    Ok(Read { findings: vec![finding], warnings: Vec::new() })
}

fn finding(root: Element<'_, '_>) -> Result<ReadFinding, CdaRefusal> {
    let (subject, mut warnings) = patient::subject(root)?;
    let facts = Facts::of(root, &mut warnings);
    let body = section::read(root, &facts, &mut warnings)?;
    let status = of_both(Some(facts.status), &body.statuses);
    // What was never true of this person is not handed on.
    let is_withdrawn = facts.status == ReportStatus::EnteredInError || status == ReportStatus::EnteredInError;
    let Body { rows, statuses, document, .. } = if is_withdrawn { Body::default() } else { body };
    let status = if is_withdrawn { ReportStatus::EnteredInError } else { status };
    if rows.is_empty() && document.is_none() && !is_withdrawn {
        return Err(CdaRefusal::NothingToRead(root.place()));
    }
    let class = facts.class.unwrap_or_else(|| assumed_class(&rows));
    Ok(ReadFinding {
        source_format: SourceFormat::Cda,
        class,
        title: Private::new(facts.title.unwrap_or_else(|| class.name.to_owned())),
        author: facts.author.map(Private::new),
        note: None,
        subject,
        clinical_date: facts.clinical_date,
        issued_at: facts.issued.at,
        status,
        business_key: facts.key,
        retracts: is_withdrawn || statuses.contains(&ResultStatus::Withdrawn),
        observations: rows,
        embedded: document,
        part: None,
        warnings: warnings.0,
    })
}

/// What holds nothing but measured values comes from a laboratory; words may be anything.
fn assumed_class(rows: &[Observation]) -> &'static DocumentClass {
    let has_words = rows.is_empty() || rows.iter().any(|row| matches!(row.value, Value::Text(_)));
    if has_words { &kdl::OTHER_DOCUMENT } else { &kdl::LABORATORY_REPORT }
}
