//! Why an HL7 v2 file is not accepted.

use std::borrow::Cow;

use crate::fhir::embedded_german;
use crate::refusal::{Position, Refusal};

/// Why an HL7 v2 file is not accepted. Nothing of it is kept. Each sentence names the segment, the position its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Hl7Refusal {
    /// Something stands where a message should begin, or its header says no delimiters.
    #[error("A message must begin with a segment MSH that says its delimiters and the type of message.")]
    NoHeader(Position),
    /// A frame, a batch or the last segment has no end.
    #[error("The file ends too early; it was probably cut off while it was saved or sent.")]
    Truncated(Position),
    /// The trailer of a batch tells another number of messages.
    #[error("The segment BTS tells another number of messages than there are; some may have been lost.")]
    CountDiffers(Position),
    /// A message that is no finding. Its type holds nothing but letters, digits and `^`.
    #[error(
        "A message of the type {1} (MSH-9) carries no finding that is read; read are ORU^R01, OUL^R22 and MDM^T02."
    )]
    MessageType(Position, String),
    /// One message names two patients.
    #[error("A second segment PID names somebody else; please send one message for each patient.")]
    TwoPatients(Position),
    /// No report, or a report without any content.
    #[error(
        "The message holds no finding that could be shown: under OBR or TXA is no OBX with a value, a text or a document."
    )]
    NothingToRead(Position),
    /// A document in OBX-5 is not base64.
    #[error("The document in the segment OBX is not valid base64.")]
    BadBase64(Position),
    /// A document in OBX-5 is not an acceptable one.
    #[error("The document in the segment OBX is not accepted: {1}")]
    EmbeddedDocument(Position, Box<Refusal>),
    /// A report with two documents; one of them would not be shown.
    #[error("A report holds a second document in a segment OBX; please send one report for each document.")]
    SeveralDocuments(Position),
    /// More messages or values than a single file can have.
    #[error("The file has more than 5000 values.")]
    TooManyEntries,
}

impl Hl7Refusal {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoHeader(_) => "hl7-no-header",
            Self::Truncated(_) => "hl7-truncated",
            Self::CountDiffers(_) => "hl7-count-differs",
            Self::MessageType(_, _) => "hl7-message-unsupported",
            Self::TwoPatients(_) => "hl7-two-patients",
            Self::NothingToRead(_) => "hl7-nothing-to-read",
            Self::BadBase64(_) => "hl7-bad-base64",
            Self::EmbeddedDocument(_, _) => "hl7-embedded-document",
            Self::SeveralDocuments(_) => "hl7-several-documents",
            Self::TooManyEntries => "hl7-too-many-entries",
        }
    }

    /// One German sentence for the person who uploads.
    #[must_use]
    pub fn german(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::NoHeader(_) => {
                "Eine Nachricht muss mit einem Segment MSH beginnen, das Trennzeichen und Nachrichtentyp nennt."
            }
            Self::Truncated(_) => "Die Datei endet zu früh; sie wurde wohl beim Speichern oder Senden abgeschnitten.",
            Self::CountDiffers(_) => {
                "Das Segment BTS nennt eine andere Zahl von Nachrichten, als da sind; vielleicht sind welche verloren gegangen."
            }
            Self::MessageType(_, name) => {
                let read = "gelesen werden ORU^R01, OUL^R22 und MDM^T02.";
                return format!(
                    "Eine Nachricht vom Typ {name} (MSH-9) enthält keinen Befund, der gelesen wird; {read}"
                )
                .into();
            }
            Self::TwoPatients(_) => {
                "Ein zweites Segment PID nennt eine andere Person; bitte für jede Person eine eigene Nachricht senden."
            }
            Self::NothingToRead(_) => {
                "Die Nachricht enthält keinen Befund, der gezeigt werden könnte: unter OBR oder TXA steht kein OBX mit Wert, Text oder Dokument."
            }
            Self::BadBase64(_) => "Das Dokument im Segment OBX ist kein gültiges base64.",
            Self::EmbeddedDocument(_, reason) => embedded_german(reason),
            Self::SeveralDocuments(_) => {
                "Ein Befund enthält ein zweites Dokument in einem Segment OBX; bitte für jedes Dokument einen eigenen Befund senden."
            }
            Self::TooManyEntries => "Die Datei hat mehr als 5000 Werte.",
        })
    }

    /// The place in the file, where there is one.
    #[must_use]
    pub const fn position(&self) -> Option<&Position> {
        match self {
            Self::NoHeader(at)
            | Self::Truncated(at)
            | Self::CountDiffers(at)
            | Self::MessageType(at, _)
            | Self::TwoPatients(at)
            | Self::NothingToRead(at)
            | Self::BadBase64(at)
            | Self::EmbeddedDocument(at, _)
            | Self::SeveralDocuments(at) => Some(at),
            Self::TooManyEntries => None,
        }
    }
}
