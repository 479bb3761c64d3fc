//! Why a FHIR file is not accepted.

use crate::image::ImageRefusal;
use crate::pdf::PdfRefusal;
use crate::refusal::{Position, Refusal};

/// Why a FHIR file is not accepted. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FhirRefusal {
    /// UTF-16, ISO 8859 or damaged text. FHIR JSON is UTF-8 (FHIR 2.6.2).
    #[error("The text is not in UTF-8; FHIR as JSON must be.")]
    NotUtf8,
    /// The XML form of FHIR.
    #[error("The file is FHIR as XML; please send FHIR as JSON.")]
    Xml,
    /// Nested deeper than any real resource.
    #[error("The data is nested too deeply.")]
    TooDeep(Position),
    /// One object names a property twice; programs disagree on which one counts.
    #[error("A property occurs twice in one object, so its value is ambiguous.")]
    DuplicateKey(Position),
    /// The text ends too early.
    #[error("The file ends too early; it was probably cut off while it was saved or sent.")]
    Truncated(Position),
    /// Not JSON.
    #[error("The file is not valid JSON.")]
    Syntax(Position),
    /// A property has another type than FHIR R4 gives it.
    #[error("A property has a form that FHIR R4 does not allow.")]
    Shape(Position),
    /// JSON without `resourceType`.
    #[error("The file is JSON but not FHIR: it has no resourceType.")]
    NotFhir,
    /// A resource type that carries no findings.
    #[error("A FHIR resource of the type {0} carries no finding.")]
    UnsupportedResource(String),
    /// The bundle holds or names more than one patient.
    #[error("The file speaks of more than one patient; please send one file for each.")]
    TwoPatients(Position),
    /// A resource belongs to somebody else than the bundle's patient.
    #[error("A resource of the bundle belongs to somebody else than the bundle's patient.")]
    SubjectMismatch(Position),
    /// No finding, or a finding without any content.
    #[error("The file holds no finding that could be shown: no values, no document, no text.")]
    NothingToRead(Position),
    /// Only addresses of documents. They are never fetched.
    #[error("The file only links to the document; links are not followed, please send the document itself.")]
    DocumentOnlyLinked(Position),
    /// An attachment is not base64.
    #[error("An embedded document is not valid base64.")]
    BadBase64(Position),
    /// An attachment is not an acceptable document.
    #[error("An embedded document is not accepted: {1}")]
    EmbeddedDocument(Position, Box<Refusal>),
    /// More entries or values than a single report can have.
    #[error("The bundle has more than 5000 entries or values.")]
    TooManyEntries,
}

impl FhirRefusal {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "fhir-not-utf8",
            Self::Xml => "fhir-xml",
            Self::TooDeep(_) => "fhir-too-deep",
            Self::DuplicateKey(_) => "fhir-duplicate-key",
            Self::Truncated(_) => "fhir-truncated",
            Self::Syntax(_) => "fhir-syntax",
            Self::Shape(_) => "fhir-shape",
            Self::NotFhir => "fhir-no-resource-type",
            Self::UnsupportedResource(_) => "fhir-resource-unsupported",
            Self::TwoPatients(_) => "fhir-two-patients",
            Self::SubjectMismatch(_) => "fhir-subject-mismatch",
            Self::NothingToRead(_) => "fhir-nothing-to-read",
            Self::DocumentOnlyLinked(_) => "fhir-document-only-linked",
            Self::BadBase64(_) => "fhir-bad-base64",
            Self::EmbeddedDocument(_, _) => "fhir-embedded-document",
            Self::TooManyEntries => "fhir-too-many-entries",
        }
    }

    /// One German sentence for the person who uploads.
    #[must_use]
    pub const fn german(&self) -> &'static str {
        match self {
            Self::NotUtf8 => "Der Text ist nicht in UTF-8; FHIR als JSON muss es sein.",
            Self::Xml => "Die Datei ist FHIR als XML; bitte FHIR als JSON senden.",
            Self::TooDeep(_) => "Die Daten sind zu tief verschachtelt.",
            Self::DuplicateKey(_) => {
                "Eine Angabe kommt in einem Objekt doppelt vor, ihr Wert ist also nicht eindeutig."
            }
            Self::Truncated(_) => "Die Datei endet zu früh; sie wurde wohl beim Speichern oder Senden abgeschnitten.",
            Self::Syntax(_) => "Die Datei ist kein gültiges JSON.",
            Self::Shape(_) => "Eine Angabe hat eine Form, die FHIR R4 nicht erlaubt.",
            Self::NotFhir => "Die Datei ist JSON, aber kein FHIR: resourceType fehlt.",
            Self::UnsupportedResource(_) => "Eine FHIR-Ressource dieser Art enthält keinen Befund.",
            Self::TwoPatients(_) => {
                "Die Datei betrifft mehr als eine Patientin oder einen Patienten; bitte für jede Person eine eigene senden."
            }
            Self::SubjectMismatch(_) => {
                "Ein Teil des Bundles gehört zu einer anderen Person als der Patientin oder dem Patienten des Bundles."
            }
            Self::NothingToRead(_) => {
                "Die Datei enthält keinen Befund, der gezeigt werden könnte: keine Werte, kein Dokument, keinen Text."
            }
            Self::DocumentOnlyLinked(_) => {
                "Die Datei verweist nur auf das Dokument; Verweisen wird nicht gefolgt, bitte das Dokument selbst senden."
            }
            Self::BadBase64(_) => "Ein eingebettetes Dokument ist kein gültiges base64.",
            Self::EmbeddedDocument(_, reason) => embedded_german(reason),
            Self::TooManyEntries => "Das Bundle hat mehr als 5000 Einträge oder Werte.",
        }
    }

    /// The place in the file, where there is one.
    #[must_use]
    pub const fn position(&self) -> Option<&Position> {
        match self {
            Self::TooDeep(at)
            | Self::DuplicateKey(at)
            | Self::Truncated(at)
            | Self::Syntax(at)
            | Self::Shape(at)
            | Self::TwoPatients(at)
            | Self::SubjectMismatch(at)
            | Self::NothingToRead(at)
            | Self::DocumentOnlyLinked(at)
            | Self::BadBase64(at)
            | Self::EmbeddedDocument(at, _) => Some(at),
            Self::NotUtf8 | Self::Xml | Self::NotFhir | Self::UnsupportedResource(_) | Self::TooManyEntries => None,
        }
    }
}

/// Why a document inside another file is not accepted, in German.
pub(crate) const fn embedded_german(reason: &Refusal) -> &'static str {
    match reason {
        Refusal::Pdf(PdfRefusal::Truncated) => "Ein eingebettetes PDF-Dokument ist unvollständig.",
        Refusal::Pdf(PdfRefusal::Encrypted) => "Ein eingebettetes PDF-Dokument ist verschlüsselt.",
        Refusal::Pdf(PdfRefusal::NoPages) => "Ein eingebettetes PDF-Dokument hat keine Seiten.",
        Refusal::Pdf(PdfRefusal::Active) => {
            "Ein eingebettetes PDF-Dokument enthält ein Programm, ein Formular mit eigenen Aktionen oder Medien."
        }
        Refusal::Pdf(PdfRefusal::Attachments) => "Ein eingebettetes PDF-Dokument enthält weitere Dateien.",
        Refusal::Pdf(PdfRefusal::Uncheckable) => {
            "Ein eingebettetes PDF-Dokument ist so gebaut, dass es nicht geprüft werden kann."
        }
        Refusal::Pdf(PdfRefusal::Polyglot) | Refusal::Image(ImageRefusal::Polyglot) => {
            "In einem eingebetteten Dokument steckt eine zweite Datei anderer Art."
        }
        Refusal::Image(_) => "Ein eingebettetes Bild ist beschädigt oder zu groß.",
        Refusal::Empty | Refusal::Pdf(PdfRefusal::Empty) => "Ein eingebettetes Dokument ist leer.",
        Refusal::Unsupported(_)
        | Refusal::Unknown
        | Refusal::Pdf(PdfRefusal::NotPdf)
        | Refusal::Fhir(_)
        | Refusal::Xdt(_)
        | Refusal::Hl7(_)
        | Refusal::Cda(_) => "Ein eingebettetes Dokument ist weder PDF noch JPEG noch PNG.",
    }
}
