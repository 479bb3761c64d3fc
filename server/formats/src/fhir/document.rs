//! DocumentReference (as gematik ISiK Dokumentenaustausch sends it) and documents inside other resources.

use std::borrow::Cow;
use std::collections::HashMap;

use nahraum_domain::finding::{EmbeddedDocument, ReadFinding, ReportStatus, SourceFormat, Warning};
use nahraum_domain::kdl;
use nahraum_domain::private::Private;

use super::context::Context;
use super::date::When;
use super::graph::Resource;
use super::identity::{self, Names};
use super::model::{Attachment, CodeableConcept, DocumentReference, filled};
use super::{FhirRefusal, Warnings, observation, report};
use crate::embedded::{BadDocument, from_base64};
use crate::refusal::Position;

/// The finding of every DocumentReference that is not part of a report.
pub(super) fn findings(context: &mut Context<'_, '_>) -> Result<Vec<ReadFinding>, FhirRefusal> {
    let documents: Vec<_> = context.roots().filter(|(index, _)| !context.used.contains(index)).collect();
    let mut findings = Vec::new();
    for (index, node) in documents {
        if let Resource::Document(document) = &node.resource {
            findings.extend(finding(context, index, document)?);
        }
    }
    Ok(findings)
}

/// `None`: the document is only linked, which the file's warnings then say.
fn finding(
    context: &mut Context<'_, '_>,
    index: usize,
    document: &DocumentReference<'_>,
) -> Result<Option<ReadFinding>, FhirRefusal> {
    let mut warnings = context.subject_warnings.clone();
    let attachments = || document.content.iter().filter_map(|c| c.attachment.as_ref());
    let embedded = embedded(context, index, "content", "/attachment", attachments(), &mut warnings)?;
    let status = status(document);
    if embedded.is_none() && status != ReportStatus::EnteredInError {
        if warnings.0.contains(&Warning::DocumentOnlyLinked) {
            context.file_warnings.add(Warning::DocumentOnlyLinked);
            return Ok(None);
        }
        let pointer = context.graph.get(index).map(|n| n.pointer.clone()).unwrap_or_default();
        return Err(FhirRefusal::NothingToRead(Position::at_pointer(pointer)));
    }
    let concepts: Vec<&CodeableConcept> = document.r#type.iter().chain(document.category.iter()).collect();
    let class = identity::class(&concepts, &kdl::OTHER_DOCUMENT, &mut warnings);
    let type_words = document.r#type.as_ref().and_then(CodeableConcept::words);
    let own_title = attachments().find_map(|a| filled(a.title.as_deref()));
    let title = identity::title([document.description.as_deref(), type_words, own_title], class, &mut warnings);
    let creation = attachments().find_map(|a| filled(a.creation.as_deref())).map(When::parse).unwrap_or_default();
    let date = document.date.as_deref().map(When::parse).unwrap_or_default();
    let clinical_date = creation.date.or_else(|| period_start(document)).or(date.date);
    if clinical_date.is_none() {
        warnings.add(Warning::DateMissing);
    }
    let issued_at = date.at.or(creation.at);
    let names = Names {
        master: document.master_identifier.as_ref(),
        rest: &document.identifier,
        replaced: identity::replaced(&document.relates_to),
        extensions: &document.extension,
        meta: document.meta.as_ref(),
        issued: issued_at,
        ..Names::default()
    };
    let note = observation::modifiers(&document.modifier_extension, &mut warnings).map(Private::new);
    Ok(Some(ReadFinding {
        source_format: SourceFormat::FhirR4,
        class,
        title,
        author: report::author(context, index, &[&document.author]),
        note,
        subject: context.subject.clone(),
        clinical_date,
        issued_at,
        status,
        business_key: identity::business_key(&names),
        observations: Vec::new(),
        embedded,
        retracts: false,
        warnings: warnings.0,
        part: None,
    }))
}

/// `docStatus`; a current document without one is final.
fn status(document: &DocumentReference<'_>) -> ReportStatus {
    match (document.status.as_deref(), document.doc_status.as_deref()) {
        (Some("entered-in-error"), _) => ReportStatus::EnteredInError,
        (_, Some(code)) => identity::status(Some(code)),
        (_, None) => ReportStatus::Final,
    }
}

fn period_start(document: &DocumentReference<'_>) -> Option<jiff::civil::Date> {
    let start = document.context.as_ref()?.period.as_ref()?.start.as_deref()?;
    When::parse(start).date
}

/// Which DocumentReference shows which report: it names the report as related, or both are all a document bundle has.
pub(super) fn companions(context: &Context<'_, '_>) -> HashMap<usize, usize> {
    let mut companions = HashMap::new();
    let mut reports = Vec::new();
    let mut documents = Vec::new();
    for (index, node) in context.roots() {
        if matches!(node.resource, Resource::Report(_)) {
            reports.push(index);
        }
        let Resource::Document(document) = &node.resource else { continue };
        documents.push(index);
        let related = document.context.iter().flat_map(|c| c.related.iter());
        for (report, _) in related.filter_map(|r| context.target(index, r)) {
            companions.entry(report).or_insert(index);
        }
    }
    if let ([report], [document], true) = (reports.as_slice(), documents.as_slice(), context.graph.is_document) {
        companions.entry(*report).or_insert(*document);
    }
    companions
}

/// The first acceptable document of several attachments. A refusal of the only one refuses the file.
pub(super) fn embedded<'x>(
    context: &Context<'_, '_>,
    index: usize,
    list: &str,
    inside: &str,
    attachments: impl Iterator<Item = &'x Attachment<'x>>,
    warnings: &mut Warnings,
) -> Result<Option<EmbeddedDocument>, FhirRefusal> {
    let own = context.graph.get(index).map(|n| n.pointer.as_str()).unwrap_or_default();
    let mut refusal = None;
    let mut only_linked = false;
    for (n, attachment) in attachments.enumerate() {
        let (data, pointer) = match (&attachment.data, &attachment.url) {
            (Some(data), _) => (data.0.clone(), format!("{own}/{list}/{n}{inside}/data")),
            (None, Some(url)) => match binary(context, index, url) {
                Some(found) => found,
                None => {
                    only_linked = true;
                    continue;
                }
            },
            (None, None) => continue,
        };
        match decode(&data, &pointer) {
            Ok((document, odd)) => {
                warnings.add_all(odd);
                return Ok(Some(document));
            }
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    if only_linked {
        warnings.add(Warning::DocumentOnlyLinked);
    }
    Ok(None)
}

/// The data of a Binary in the same file.
fn binary<'a>(context: &Context<'_, 'a>, from: usize, url: &str) -> Option<(Cow<'a, str>, String)> {
    let node = context.graph.resolve(from, url).and_then(|at| context.graph.get(at))?;
    let Resource::Binary(binary) = &node.resource else { return None };
    Some((binary.data.clone()?.0, format!("{}/data", node.pointer)))
}

fn decode(data: &str, pointer: &str) -> Result<(EmbeddedDocument, Vec<Warning>), FhirRefusal> {
    from_base64(data.as_bytes()).map_err(|bad| match bad {
        BadDocument::Base64 => FhirRefusal::BadBase64(Position::at_pointer(pointer)),
        BadDocument::Refused(reason) => FhirRefusal::EmbeddedDocument(Position::at_pointer(pointer), Box::new(reason)),
    })
}
