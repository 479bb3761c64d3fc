//! Documents inside a document: the body that is no XML, and PDFs that are embedded somewhere in one that is (ED).

use nahraum_domain::finding::{EmbeddedDocument, Warning};

use super::CdaRefusal;
use super::node::Element;
use crate::embedded::{self, BadDocument};
use crate::read::Warnings;
use crate::refusal::Refusal;
use crate::sniff::sniff;

/// How every PDF begins in base64.
const PDF: &str = "JVBERi0";

/// What a body that is no XML holds.
pub(super) enum NonXml {
    /// A document to show.
    Document(EmbeddedDocument),
    /// Plain text.
    Text(String),
    /// Nothing.
    Empty,
}

/// The body that is no XML (`nonXMLBody/text`).
pub(super) fn of_body(text: Element<'_, '_>, warnings: &mut Warnings) -> Result<NonXml, CdaRefusal> {
    let sent = text.own_text();
    let sent = sent.trim();
    if sent.is_empty() {
        // An address is never followed.
        let is_linked = text.child("reference").is_some_and(|reference| reference.attribute("value").is_some());
        return if is_linked { Err(CdaRefusal::DocumentOnlyLinked(text.place())) } else { Ok(NonXml::Empty) };
    }
    if is_base64(text) || sent.starts_with(PDF) {
        return decode(text, sent, warnings).map(NonXml::Document);
    }
    // A page or a text with commands is not shown as if it were words.
    match sniff(sent.as_bytes()) {
        Some(kind) => Err(CdaRefusal::EmbeddedDocument(text.place(), Box::new(Refusal::Unsupported(kind)))),
        None => Ok(NonXml::Text(sent.to_owned())),
    }
}

/// The PDF that is embedded in a body of sections. Pictures there belong to its layout, as logos and signatures do; they are passed over.
pub(super) fn within(body: Element<'_, '_>, warnings: &mut Warnings) -> Result<Option<EmbeddedDocument>, CdaRefusal> {
    let mut found = None;
    for element in body.below() {
        let declared = element.attribute("mediaType");
        if declared.is_none() && !is_base64(element) {
            continue;
        }
        let sent = element.own_text();
        let sent = sent.trim();
        let is_pdf = sent.starts_with(PDF) || (declared == Some("application/pdf") && is_base64(element));
        if is_pdf && !sent.is_empty() {
            if found.is_some() {
                return Err(CdaRefusal::SeveralDocuments(element.place()));
            }
            found = Some(decode(element, sent, warnings)?);
        } else if is_base64(element) {
            warnings.add(Warning::EntriesIgnored);
        } else if declared == Some("application/pdf") {
            warnings.add(Warning::DocumentOnlyLinked);
        }
    }
    Ok(found)
}

fn is_base64(element: Element<'_, '_>) -> bool {
    element.attribute("representation").is_some_and(|representation| representation.eq_ignore_ascii_case("B64"))
}

/// Whether an element holds bytes and no words.
pub(super) fn is_binary(element: Element<'_, '_>) -> bool {
    is_base64(element) || element.own_text().trim_start().starts_with(PDF)
}

fn decode(element: Element<'_, '_>, sent: &str, warnings: &mut Warnings) -> Result<EmbeddedDocument, CdaRefusal> {
    match embedded::from_base64(sent.as_bytes()) {
        Ok((document, odd)) => {
            warnings.add_all(odd);
            Ok(document)
        }
        Err(BadDocument::Base64) => Err(CdaRefusal::BadBase64(element.place())),
        Err(BadDocument::Refused(reason)) => Err(CdaRefusal::EmbeddedDocument(element.place(), Box::new(reason))),
    }
}
