//! What practices send: bytes in, domain findings out. Pure functions without I/O.
//!
//! [`read_upload`] is the one door. It judges a file by its bytes, never by its name or declared type, and either gives
//! what can be shown to a person or a [`Refusal`] with a stable code, a sentence and a place. [`fhir_document`] is the
//! way back: one finding as a FHIR R4 document for the person it belongs to, [`shlink`] the link that leads
//! others to it, and [`receipt_claims`] what is confirmed to them about a decision.

pub mod account;
pub mod archive;
pub mod area_list;
pub mod calendar;
pub mod cda;
pub mod charset;
mod classes;
pub mod consent;
mod embedded;
pub mod export;
pub mod fhir;
pub mod hl7;
mod hsds;
pub mod image;
mod number;
pub mod offer_list;
pub mod pdf;
mod read;
pub mod receipt;
pub mod recurrence;
pub mod refusal;
pub mod shlink;
pub mod sniff;
pub mod summary;
pub mod xdt;

pub use account::{
    CorrectionExport, LogProofs, QuestionExport, RecommendationExport, RegistrationExport, corrections_json,
    decisions_json, log_begin, log_end, log_entry, offers_json, questions_json, registrations_json,
};
pub use archive::{Archive, ArchiveError, Manifest};
pub use cda::CdaRefusal;
pub use consent::{AgreedTo, ConsentExport, Decided, EvidenceOf, fhir_consent};
pub use export::{ExportedDocument, FhirExport, fhir_document};
pub use fhir::FhirRefusal;
pub use hl7::Hl7Refusal;
pub use image::{ImageFacts, ImageRefusal};
pub use pdf::{PdfFacts, PdfRefusal};
pub use read::Read;
pub use receipt::{ReceiptExport, ReceiptStep, receipt_claims};
pub use refusal::{Position, Refusal};
pub use shlink::{ShlPayload, shlink};
pub use sniff::{Sniffed, sniff};
pub use summary::summary_claims;
pub use xdt::XdtRefusal;

use nahraum_domain::finding::{MediaType, Warning};

/// What an upload turned out to be.
#[derive(Debug, Clone)]
pub enum Upload {
    /// At least one finding, read from a format for programs.
    Findings(Read),
    /// A document as it is; whose it is and what it is called must come with it.
    Document {
        /// Its type, judged from the bytes.
        media_type: MediaType,
        /// What was odd but did no harm.
        warnings: Vec<Warning>,
    },
}

/// Reads one uploaded file.
///
/// # Errors
/// [`Refusal`] says what is wrong with the file as a whole. A file is either accepted with everything in it or refused:
/// no finding is lost silently.
pub fn read_upload(bytes: &[u8]) -> Result<Upload, Refusal> {
    if sniff::skip_blank(bytes).is_empty() {
        return Err(Refusal::Empty);
    }
    match sniff(bytes).ok_or(Refusal::Unknown)? {
        Sniffed::Pdf | Sniffed::Jpeg | Sniffed::Png => {
            let (media_type, warnings) = document(bytes)?;
            Ok(Upload::Document { media_type, warnings })
        }
        Sniffed::Json => Ok(Upload::Findings(fhir::read(bytes)?)),
        Sniffed::Xdt => Ok(Upload::Findings(xdt::read(bytes)?)),
        Sniffed::Hl7v2 => Ok(Upload::Findings(hl7::read(bytes)?)),
        Sniffed::Cda => Ok(Upload::Findings(cda::read(bytes)?)),
        Sniffed::Utf16Text => Err(FhirRefusal::NotUtf8.into()),
        Sniffed::Xml if fhir::is_fhir_xml(bytes) => Err(FhirRefusal::Xml.into()),
        other @ (Sniffed::Xml
        | Sniffed::Html
        | Sniffed::Zip
        | Sniffed::Archive
        | Sniffed::Executable
        | Sniffed::Script
        | Sniffed::Tiff
        | Sniffed::Gif
        | Sniffed::NewerImage
        | Sniffed::Dicom
        | Sniffed::Rtf
        | Sniffed::OleDocument) => Err(Refusal::Unsupported(other)),
    }
}

/// Checks bytes that must be a document a person can look at.
pub(crate) fn document(bytes: &[u8]) -> Result<(MediaType, Vec<Warning>), Refusal> {
    match sniff(bytes) {
        Some(Sniffed::Pdf) => {
            let facts = pdf::check(bytes)?;
            let warnings = if facts.pdf_a { Vec::new() } else { vec![Warning::NotPdfA] };
            Ok((MediaType::Pdf, warnings))
        }
        Some(Sniffed::Jpeg | Sniffed::Png) => Ok((image::check(bytes)?.media_type, Vec::new())),
        Some(other) => Err(Refusal::Unsupported(other)),
        None if bytes.is_empty() => Err(Refusal::Empty),
        None => Err(Refusal::Unknown),
    }
}
