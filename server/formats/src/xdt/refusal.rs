//! Why an xDT file is not accepted.

use crate::refusal::Position;

/// Why an xDT file is not accepted. Nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XdtRefusal {
    /// Not digits where length and field must stand.
    #[error("A line does not begin with the digits of a length and a field; the file is damaged.")]
    Line(Position),
    /// The end of a record, an object or the file is missing.
    #[error("The file ends too early; it was probably cut off while it was saved or sent.")]
    Truncated(Position),
    /// The SHA-1 of an LDT 3 file is missing or another.
    #[error("The checksum of the file (field 9300) is missing or wrong; the file is damaged.")]
    Checksum(Position),
    /// Two data packages in one file.
    #[error("The file holds two data packages; please send one file for each.")]
    TwoPackages(Position),
    /// The end of an object or a record names another one.
    #[error("An object or a record ends that was not begun; the file is damaged.")]
    WrongEnd(Position),
    /// Nested deeper than any real report.
    #[error("The data is nested too deeply.")]
    TooDeep(Position),
    /// The report is about an animal.
    #[error("The report is about an animal; only findings of people are accepted.")]
    Animal(Position),
    /// A report names two patients.
    #[error("A report names more than one patient.")]
    TwoPatients(Position),
    /// What a practice sends to a laboratory.
    #[error("The file is an order to a laboratory, not a finding.")]
    Order(Position),
    /// What a practice sends to a device.
    #[error("The file is a request to a device, not its finding; accepted is record 6310.")]
    Request(Position),
    /// The whole of a practice's records.
    #[error("The file is an export of a practice's records (BDT); please send findings as LDT, GDT, FHIR R4 or PDF.")]
    PracticeExport(Position),
    /// A kind of record that is not known.
    #[error("A record of the file is of a kind that is not known; accepted are LDT 2, LDT 3 and GDT with record 6310.")]
    UnknownRecord(Position),
    /// No finding, or one without any content.
    #[error("The file holds a report without anything that could be shown: no values, no document, no text.")]
    NothingToRead(Position),
    /// More than a single file can have.
    #[error("The file has more than 500 reports, 20,000 values or 600,000 lines.")]
    TooMany,
}

impl XdtRefusal {
    /// A stable code for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Line(_) => "xdt-line",
            Self::Truncated(_) => "xdt-truncated",
            Self::Checksum(_) => "xdt-checksum",
            Self::TwoPackages(_) => "xdt-two-packages",
            Self::WrongEnd(_) => "xdt-wrong-end",
            Self::TooDeep(_) => "xdt-too-deep",
            Self::Animal(_) => "xdt-animal",
            Self::TwoPatients(_) => "xdt-two-patients",
            Self::Order(_) => "xdt-order",
            Self::Request(_) => "xdt-request",
            Self::PracticeExport(_) => "xdt-practice-export",
            Self::UnknownRecord(_) => "xdt-record-unknown",
            Self::NothingToRead(_) => "xdt-nothing-to-read",
            Self::TooMany => "xdt-too-many",
        }
    }

    /// One German sentence for the person who uploads.
    #[must_use]
    pub const fn german(&self) -> &'static str {
        match self {
            Self::Line(_) => {
                "Eine Zeile beginnt nicht mit den Ziffern für Länge und Feldkennung; die Datei ist beschädigt."
            }
            Self::Truncated(_) => "Die Datei endet zu früh; sie wurde wohl beim Speichern oder Senden abgeschnitten.",
            Self::Checksum(_) => "Die Prüfsumme der Datei (Feld 9300) fehlt oder ist falsch; die Datei ist beschädigt.",
            Self::TwoPackages(_) => "Die Datei enthält zwei Datenpakete; bitte für jedes eine eigene Datei senden.",
            Self::WrongEnd(_) => "Ein Objekt oder ein Satz endet, der nicht begonnen wurde; die Datei ist beschädigt.",
            Self::TooDeep(_) => "Die Daten sind zu tief verschachtelt.",
            Self::Animal(_) => "Der Befund betrifft ein Tier; angenommen werden nur Befunde von Menschen.",
            Self::TwoPatients(_) => "Ein Befund nennt mehr als eine Patientin oder einen Patienten.",
            Self::Order(_) => "Die Datei ist ein Auftrag an ein Labor, kein Befund.",
            Self::Request(_) => {
                "Die Datei ist eine Anforderung an ein Gerät, nicht sein Befund; angenommen wird die Satzart 6310."
            }
            Self::PracticeExport(_) => {
                "Die Datei ist ein Export aus einer Praxis (BDT); bitte Befunde als LDT, GDT, FHIR R4 oder PDF senden."
            }
            Self::UnknownRecord(_) => {
                "Ein Satz der Datei ist von unbekannter Art; angenommen werden LDT 2, LDT 3 und GDT mit Satzart 6310."
            }
            Self::NothingToRead(_) => {
                "Die Datei enthält einen Befund ohne Inhalt, der gezeigt werden könnte: keine Werte, kein Dokument, \
                 keinen Text."
            }
            Self::TooMany => "Die Datei hat mehr als 500 Befunde, 20.000 Werte oder 600.000 Zeilen.",
        }
    }

    /// The place in the file, where there is one.
    #[must_use]
    pub const fn position(&self) -> Option<&Position> {
        match self {
            Self::Line(at)
            | Self::Truncated(at)
            | Self::Checksum(at)
            | Self::TwoPackages(at)
            | Self::WrongEnd(at)
            | Self::TooDeep(at)
            | Self::Animal(at)
            | Self::TwoPatients(at)
            | Self::Order(at)
            | Self::Request(at)
            | Self::PracticeExport(at)
            | Self::UnknownRecord(at)
            | Self::NothingToRead(at) => Some(at),
            Self::TooMany => None,
        }
    }
}
