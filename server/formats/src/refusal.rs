//! Why an upload is not accepted: stable codes for programs, one sentence for people, and the place in the file.
//!
//! No sentence contains anything from the file but the name of a FHIR resource type or of an HL7 message type, so refusals may be logged and
//! shown. A position may contain names of properties, never values.

use std::borrow::Cow;

use crate::cda::CdaRefusal;
use crate::fhir::FhirRefusal;
use crate::hl7::Hl7Refusal;
use crate::image::ImageRefusal;
use crate::pdf::PdfRefusal;
use crate::sniff::Sniffed;
use crate::xdt::XdtRefusal;

/// A place in an uploaded text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: Option<usize>,
    /// The byte in the line, from 1.
    pub column: Option<usize>,
    /// JSON pointer (RFC 6901).
    pub pointer: Option<String>,
}

impl Position {
    pub(crate) fn at_pointer(pointer: impl Into<String>) -> Self {
        // The empty pointer means the whole file, which is no help.
        Self { line: None, column: None, pointer: Some(pointer.into()).filter(|p| !p.is_empty()) }
    }

    /// The place of a line, from 1.
    pub(crate) const fn at_line(line: usize) -> Self {
        Self { line: Some(line), column: None, pointer: None }
    }
}

/// Why an upload is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No bytes, or only white space.
    #[error("The file is empty.")]
    Empty,
    /// A known kind of file that is not accepted.
    #[error("The file is {}; accepted are PDF, JPEG, PNG, LDT, GDT, HL7 v2, CDA R2 and FHIR R4 as JSON.", .0.english())]
    Unsupported(Sniffed),
    /// Nothing known.
    #[error(
        "The kind of file is not known; accepted are PDF, JPEG, PNG, LDT, GDT, HL7 v2, CDA R2 and FHIR R4 as JSON."
    )]
    Unknown,
    /// See [`PdfRefusal`].
    #[error(transparent)]
    Pdf(#[from] PdfRefusal),
    /// See [`ImageRefusal`].
    #[error(transparent)]
    Image(#[from] ImageRefusal),
    /// See [`FhirRefusal`].
    #[error(transparent)]
    Fhir(#[from] FhirRefusal),
    /// See [`XdtRefusal`].
    #[error(transparent)]
    Xdt(#[from] XdtRefusal),
    /// See [`Hl7Refusal`].
    #[error(transparent)]
    Hl7(#[from] Hl7Refusal),
    /// See [`CdaRefusal`].
    #[error(transparent)]
    Cda(#[from] CdaRefusal),
}

impl Refusal {
    /// Every code that [`Refusal::code`] can give.
    pub const CODES: &'static [&'static str] = &[
        "file-empty",
        "file-type-unsupported",
        "file-type-unknown",
        "file-type-polyglot",
        "pdf-truncated",
        "pdf-encrypted",
        "pdf-no-pages",
        "pdf-active",
        "pdf-attachments",
        "pdf-uncheckable",
        "image-truncated",
        "image-damaged",
        "image-too-large",
        "fhir-not-utf8",
        "fhir-xml",
        "fhir-too-deep",
        "fhir-duplicate-key",
        "fhir-truncated",
        "fhir-syntax",
        "fhir-shape",
        "fhir-no-resource-type",
        "fhir-resource-unsupported",
        "fhir-two-patients",
        "fhir-subject-mismatch",
        "fhir-nothing-to-read",
        "fhir-document-only-linked",
        "fhir-bad-base64",
        "fhir-embedded-document",
        "fhir-too-many-entries",
        "xdt-line",
        "xdt-truncated",
        "xdt-checksum",
        "xdt-two-packages",
        "xdt-wrong-end",
        "xdt-too-deep",
        "xdt-animal",
        "xdt-two-patients",
        "xdt-order",
        "xdt-request",
        "xdt-practice-export",
        "xdt-record-unknown",
        "xdt-nothing-to-read",
        "xdt-too-many",
        "hl7-no-header",
        "hl7-truncated",
        "hl7-count-differs",
        "hl7-message-unsupported",
        "hl7-two-patients",
        "hl7-nothing-to-read",
        "hl7-bad-base64",
        "hl7-embedded-document",
        "hl7-several-documents",
        "hl7-too-many-entries",
        "cda-encoding",
        "cda-too-large",
        "cda-too-deep",
        "cda-doctype",
        "cda-truncated",
        "cda-syntax",
        "cda-not-a-document",
        "cda-no-patient",
        "cda-two-patients",
        "cda-nothing-to-read",
        "cda-document-only-linked",
        "cda-bad-base64",
        "cda-embedded-document",
        "cda-several-documents",
        "cda-too-many-entries",
    ];

    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::Pdf(PdfRefusal::Empty) => "file-empty",
            Self::Unsupported(_) => "file-type-unsupported",
            Self::Unknown | Self::Pdf(PdfRefusal::NotPdf) | Self::Image(ImageRefusal::NotImage) => "file-type-unknown",
            Self::Pdf(PdfRefusal::Polyglot) | Self::Image(ImageRefusal::Polyglot) => "file-type-polyglot",
            Self::Pdf(PdfRefusal::Truncated) => "pdf-truncated",
            Self::Pdf(PdfRefusal::Encrypted) => "pdf-encrypted",
            Self::Pdf(PdfRefusal::NoPages) => "pdf-no-pages",
            Self::Pdf(PdfRefusal::Active) => "pdf-active",
            Self::Pdf(PdfRefusal::Attachments) => "pdf-attachments",
            Self::Pdf(PdfRefusal::Uncheckable) => "pdf-uncheckable",
            Self::Image(ImageRefusal::Truncated) => "image-truncated",
            Self::Image(ImageRefusal::Damaged) => "image-damaged",
            Self::Image(ImageRefusal::TooLarge) => "image-too-large",
            Self::Fhir(refusal) => refusal.code(),
            Self::Xdt(refusal) => refusal.code(),
            Self::Hl7(refusal) => refusal.code(),
            Self::Cda(refusal) => refusal.code(),
        }
    }

    /// One German sentence for the person who uploads.
    #[must_use]
    pub fn german(&self) -> Cow<'static, str> {
        match self {
            Self::Empty => "Die Datei ist leer.".into(),
            Self::Unsupported(kind) => format!(
                "Die Datei ist {}; angenommen werden PDF, JPEG, PNG, LDT, GDT, HL7 v2, CDA R2 und FHIR R4 als JSON.",
                kind.german()
            )
            .into(),
            Self::Unknown => {
                "Die Art der Datei ist nicht bekannt; angenommen werden PDF, JPEG, PNG, LDT, GDT, HL7 v2, CDA R2 und FHIR R4 als JSON."
                    .into()
            }
            Self::Pdf(refusal) => refusal.german().into(),
            Self::Image(refusal) => refusal.german().into(),
            Self::Fhir(refusal) => refusal.german().into(),
            Self::Xdt(refusal) => refusal.german().into(),
            Self::Hl7(refusal) => refusal.german(),
            Self::Cda(refusal) => refusal.german().into(),
        }
    }

    /// The place in the file, where there is one.
    #[must_use]
    pub const fn position(&self) -> Option<&Position> {
        match self {
            Self::Fhir(refusal) => refusal.position(),
            Self::Xdt(refusal) => refusal.position(),
            Self::Hl7(refusal) => refusal.position(),
            Self::Cda(refusal) => refusal.position(),
            Self::Empty | Self::Unsupported(_) | Self::Unknown | Self::Pdf(_) | Self::Image(_) => None,
        }
    }
}

impl PdfRefusal {
    /// One German sentence for the person who uploads.
    #[must_use]
    pub const fn german(self) -> &'static str {
        match self {
            Self::Empty => "Das PDF-Dokument ist leer.",
            Self::NotPdf => "Die Datei ist kein PDF-Dokument.",
            Self::Truncated => {
                "Das PDF-Dokument ist unvollständig; es wurde wohl beim Speichern oder Senden abgeschnitten."
            }
            Self::Encrypted => {
                "Das PDF-Dokument ist verschlüsselt; Patientinnen und Patienten könnten es nicht öffnen."
            }
            Self::Polyglot => "Vor oder hinter dem PDF-Dokument steckt eine zweite Datei anderer Art.",
            Self::NoPages => "Das PDF-Dokument hat keine Seiten.",
            Self::Active => {
                "Das PDF-Dokument enthält ein Programm, ein Formular mit eigenen Aktionen oder Medien; bitte als neues PDF-Dokument drucken."
            }
            Self::Attachments => "Das PDF-Dokument enthält weitere Dateien; bitte diese einzeln senden.",
            Self::Uncheckable => {
                "Das PDF-Dokument ist so gebaut, dass es nicht geprüft werden kann; bitte als neues PDF-Dokument drucken."
            }
        }
    }
}

impl ImageRefusal {
    /// One German sentence for the person who uploads.
    #[must_use]
    pub const fn german(self) -> &'static str {
        match self {
            Self::NotImage => "Die Datei ist weder ein JPEG- noch ein PNG-Bild.",
            Self::Truncated => "Das Bild ist unvollständig; es wurde wohl beim Speichern oder Senden abgeschnitten.",
            Self::Damaged => "Das Bild ist beschädigt.",
            Self::TooLarge => "Das Bild hat mehr als 40 Millionen Bildpunkte.",
            Self::Polyglot => "Hinter dem Bild steckt eine zweite Datei anderer Art.",
        }
    }
}
