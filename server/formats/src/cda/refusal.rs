//! Why a CDA document is not accepted.

use crate::fhir::embedded_german;
use crate::refusal::{Position, Refusal};

use super::guard::place;

/// Why a CDA document is not accepted. Nothing of it is kept. Each sentence names the element, the position its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CdaRefusal {
    /// An encoding that is not read, or damaged text.
    #[error(
        "The text is in an encoding that is not read; read are UTF-8, UTF-16, ISO 8859-1, ISO 8859-15 and Windows-1252."
    )]
    Encoding,
    /// Longer, or of more parts, than any real document.
    #[error("The document is too large: more than 40 MiB, 400000 elements or 50 attributes of one element.")]
    TooLarge,
    /// Nested deeper than any real document.
    #[error("The elements are nested too deeply.")]
    TooDeep(Position),
    /// Entities can make a small text endless or fetch what lies elsewhere; no CDA document needs them.
    #[error("The file declares a document type (DOCTYPE) or an entity; a CDA document has none.")]
    Doctype(Position),
    /// The text ends too early.
    #[error("The file ends too early; it was probably cut off while it was saved or sent.")]
    Truncated(Position),
    /// Not well-formed.
    #[error("The file is not well-formed XML.")]
    Syntax(Position),
    /// XML of HL7 version 3, but no document.
    #[error("The file is XML but no CDA document: its first element is not ClinicalDocument of HL7 version 3.")]
    NotCda(Position),
    /// Nobody's document.
    #[error("The document names no patient: the element recordTarget with a patientRole is missing.")]
    NoPatient(Position),
    /// The document names two patients.
    #[error("A second element patientRole names somebody else; please send one document for each patient.")]
    TwoPatients(Position),
    /// A document without any content.
    #[error("The document holds nothing that could be shown: no embedded document, no text and no values.")]
    NothingToRead(Position),
    /// Only the address of a document. It is never fetched.
    #[error("The body only links to a document; links are not followed, please send the document itself.")]
    DocumentOnlyLinked(Position),
    /// An embedded document is not base64.
    #[error("The embedded document is not valid base64.")]
    BadBase64(Position),
    /// An embedded document is not an acceptable one.
    #[error("The embedded document is not accepted: {1}")]
    EmbeddedDocument(Position, Box<Refusal>),
    /// Two embedded documents; one of them would not be shown.
    #[error("The document holds a second embedded document; please send one document for each.")]
    SeveralDocuments(Position),
    /// More values than a single document can have.
    #[error("The document has more than 5000 sections and values.")]
    TooManyEntries,
}

impl CdaRefusal {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "cda-encoding",
            Self::TooLarge => "cda-too-large",
            Self::TooDeep(_) => "cda-too-deep",
            Self::Doctype(_) => "cda-doctype",
            Self::Truncated(_) => "cda-truncated",
            Self::Syntax(_) => "cda-syntax",
            Self::NotCda(_) => "cda-not-a-document",
            Self::NoPatient(_) => "cda-no-patient",
            Self::TwoPatients(_) => "cda-two-patients",
            Self::NothingToRead(_) => "cda-nothing-to-read",
            Self::DocumentOnlyLinked(_) => "cda-document-only-linked",
            Self::BadBase64(_) => "cda-bad-base64",
            Self::EmbeddedDocument(_, _) => "cda-embedded-document",
            Self::SeveralDocuments(_) => "cda-several-documents",
            Self::TooManyEntries => "cda-too-many-entries",
        }
    }

    /// One German sentence for the person who uploads.
    #[must_use]
    pub const fn german(&self) -> &'static str {
        match self {
            Self::Encoding => {
                "Die Zeichenkodierung wird nicht gelesen; gelesen werden UTF-8, UTF-16, ISO 8859-1, ISO 8859-15 und Windows-1252."
            }
            Self::TooLarge => {
                "Das Dokument ist zu groß: mehr als 40 MiB, 400000 Elemente oder 50 Attribute eines Elements."
            }
            Self::TooDeep(_) => "Die Elemente sind zu tief verschachtelt.",
            Self::Doctype(_) => {
                "Die Datei deklariert einen Dokumenttyp (DOCTYPE) oder eine Entität; ein CDA-Dokument hat keine."
            }
            Self::Truncated(_) => "Die Datei endet zu früh; sie wurde wohl beim Speichern oder Senden abgeschnitten.",
            Self::Syntax(_) => "Die Datei ist kein wohlgeformtes XML.",
            Self::NotCda(_) => {
                "Die Datei ist XML, aber kein CDA-Dokument: ihr erstes Element ist nicht ClinicalDocument von HL7 Version 3."
            }
            Self::NoPatient(_) => "Das Dokument nennt niemanden: das Element recordTarget mit einer patientRole fehlt.",
            Self::TwoPatients(_) => {
                "Ein zweites Element patientRole nennt eine andere Person; bitte für jede Person ein eigenes Dokument senden."
            }
            Self::NothingToRead(_) => {
                "Das Dokument enthält nichts, was gezeigt werden könnte: kein eingebettetes Dokument, keinen Text und keine Werte."
            }
            Self::DocumentOnlyLinked(_) => {
                "Das Dokument ist nur verlinkt; Links wird nicht gefolgt, bitte das Dokument selbst senden."
            }
            Self::BadBase64(_) => "Das eingebettete Dokument ist kein gültiges base64.",
            Self::EmbeddedDocument(_, reason) => embedded_german(reason),
            Self::SeveralDocuments(_) => {
                "Es ist ein zweites Dokument eingebettet; bitte für jedes ein eigenes CDA-Dokument senden."
            }
            Self::TooManyEntries => "Das Dokument hat mehr als 5000 Abschnitte und Werte.",
        }
    }

    /// The place in the file, where there is one.
    #[must_use]
    pub const fn position(&self) -> Option<&Position> {
        match self {
            Self::TooDeep(at)
            | Self::Doctype(at)
            | Self::Truncated(at)
            | Self::Syntax(at)
            | Self::NotCda(at)
            | Self::NoPatient(at)
            | Self::TwoPatients(at)
            | Self::NothingToRead(at)
            | Self::DocumentOnlyLinked(at)
            | Self::BadBase64(at)
            | Self::EmbeddedDocument(at, _)
            | Self::SeveralDocuments(at) => Some(at),
            Self::Encoding | Self::TooLarge | Self::TooManyEntries => None,
        }
    }
}

/// Why a text is not well-formed. The words of the reader of XML may repeat what stands in the file, so they are not told.
pub(super) fn of_xml(text: &str, error: &roxmltree::Error) -> CdaRefusal {
    use roxmltree::Error;

    let is_limit =
        matches!(error, Error::NodesLimitReached | Error::AttributesLimitReached | Error::NamespacesLimitReached);
    if is_limit {
        return CdaRefusal::TooLarge;
    }
    if matches!(error, Error::DtdDetected) {
        return CdaRefusal::Doctype(Position::default());
    }
    if matches!(error, Error::UnclosedRootNode | Error::UnexpectedEndOfStream | Error::NoRootNode) {
        return CdaRefusal::Truncated(place(text, text.len()));
    }
    let at = error.pos();
    let (line, column) = (usize::try_from(at.row).ok(), usize::try_from(at.col).ok());
    CdaRefusal::Syntax(Position { line, column, pointer: None })
}
