//! The finding model: what a practice sends, what is kept of it, and the words for its states.
//!
//! One *document* (what was received) and many *observations* (what could be read from it). The document is always
//! complete and showable; observations are a projection that can be rebuilt from the stored original.
//! Terms follow HL7 FHIR R4 (`DiagnosticReport`, `Observation`) and, for document classes, the German KDL.

use std::ops::Range;

use jiff::{Timestamp, civil::Date};

pub use crate::observation::{Comparator, Flag, Observation, Quantity, RangeKind, ReferenceRange, Value};
use crate::private::Private;

/// What the bytes of an upload are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceFormat {
    /// A PDF document.
    Pdf,
    /// A JPEG image.
    Jpeg,
    /// A PNG image.
    Png,
    /// FHIR R4 as JSON.
    FhirR4,
    /// What a laboratory sends a practice: LDT 2 of the KBV (LDT1014).
    Ldt2,
    /// The same, LDT 3.
    Ldt3,
    /// What a device sends a practice: GDT of the QMS.
    Gdt,
    /// HL7 v2 messages.
    Hl7V2,
    /// HL7 CDA R2.
    Cda,
}

/// The type of a document that can be shown to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// `application/pdf`
    Pdf,
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
}

impl MediaType {
    /// The name of the type (RFC 6838).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The type with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pdf, Self::Jpeg, Self::Png].into_iter().find(|t| t.as_str() == name)
    }

    /// The usual ending of a file name, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// What one upload turned out to hold: one finding, read but not yet matched to anyone.
#[derive(Debug, Clone)]
pub struct ReadFinding {
    /// What the bytes were.
    pub source_format: SourceFormat,
    /// The KDL class of the document, e.g. `LB120107` (Laborbefund). Always one of [`crate::kdl`]'s codes.
    pub class: &'static crate::kdl::DocumentClass,
    /// The title as the sender wrote it, or the class's German name.
    pub title: Private<String>,
    /// The responsible physician or institution, as the sender wrote it.
    pub author: Option<Private<String>>,
    /// A note of the sender for the patient.
    pub note: Option<Private<String>>,
    /// Whose finding the bytes say it is.
    pub subject: Subject,
    /// The day the examination or sampling belongs to.
    pub clinical_date: Option<Date>,
    /// When the report was issued.
    pub issued_at: Option<Timestamp>,
    /// The status of the report.
    pub status: ReportStatus,
    /// The sender's own, stable name of this report, if it has one.
    pub business_key: Option<BusinessKey>,
    /// The values that could be read.
    pub observations: Vec<Observation>,
    /// The document to show, when it is not the upload itself (a PDF inside a FHIR resource).
    pub embedded: Option<EmbeddedDocument>,
    /// Whether the sender takes back a value of an earlier version as never true of this patient: that version must not be
    /// read any more, not even as an old one.
    pub retracts: bool,
    /// What was odd but did not stop the reader.
    pub warnings: Vec<Warning>,
    /// The bytes of the upload that this finding was read from, when others in it may be about other people. Only they are
    /// kept with it: nobody's finding holds the words of somebody else's.
    pub part: Option<Range<usize>>,
}

/// A document found inside an upload.
#[derive(Clone, PartialEq, Eq)]
pub struct EmbeddedDocument {
    /// Its type, judged from the bytes.
    pub media_type: MediaType,
    /// Its bytes.
    pub bytes: Private<Vec<u8>>,
}

impl std::fmt::Debug for EmbeddedDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EmbeddedDocument({}, {} bytes)", self.media_type.as_str(), self.bytes.reveal().len())
    }
}

/// Whom an upload names. Evidence for matching, never a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Every identifier that could be the practice's own patient reference.
    pub references: Vec<Private<String>>,
    /// The birth date, when it is complete.
    pub birth_date: Option<Private<Date>>,
    /// Family name and given names, for the practice's eyes in its inbox.
    pub name: Option<Private<String>>,
    /// The number the practice ordered under, for its eyes in its inbox: some reports name nobody else.
    pub order: Option<Private<String>>,
}

/// The sender's name of a report and its version: the same key with other content is a new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusinessKey {
    /// `system|value` of the FHIR identifier, or what the sender gave as such.
    pub key: Private<String>,
    /// The name of this version alone, where that is another one than `key`: what takes its place may name it by that.
    pub own: Option<Private<String>>,
    /// The version by which two reports with one key are ordered: a version number if sent, else the instant of
    /// `issued`. A report that is not newer than the stored one is a conflict, never an overwrite.
    pub version: Option<ReportVersion>,
    /// The sender's technical version of the resource (FHIR `meta.versionId`), when it is a number. It decides only
    /// between two reports whose `version` is equal: some senders correct a report without a new time of issue.
    pub revision: Option<u32>,
}

/// What orders two reports with the same business key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReportVersion {
    /// An explicit number.
    Number(u32),
    /// The time of issue.
    Issued(Timestamp),
}

/// FHIR R4 `DiagnosticReport.status`, and `DocumentReference.docStatus` mapped onto it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportStatus {
    /// Some results are there, more follow.
    Partial,
    /// Not yet verified.
    Preliminary,
    /// Complete and verified.
    Final,
    /// Changed after it was final.
    Amended,
    /// Changed after it was final because something was wrong.
    Corrected,
    /// Added to after it was final.
    Appended,
    /// Will not be available.
    Cancelled,
    /// Was sent by mistake: content must vanish.
    EnteredInError,
}

impl ReportStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Partial,
        Self::Preliminary,
        Self::Final,
        Self::Amended,
        Self::Corrected,
        Self::Appended,
        Self::Cancelled,
        Self::EnteredInError,
    ];

    /// The FHIR code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Preliminary => "preliminary",
            Self::Final => "final",
            Self::Amended => "amended",
            Self::Corrected => "corrected",
            Self::Appended => "appended",
            Self::Cancelled => "cancelled",
            Self::EnteredInError => "entered-in-error",
        }
    }

    /// The status with this FHIR code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == code)
    }
}

/// What a reader found odd. A code for machines, without values or names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Warning {
    /// No KDL class was sent; one was assumed from the kind of report.
    ClassAssumed,
    /// A KDL code was sent that this server does not know; a general class was taken.
    ClassUnknown,
    /// No title was sent.
    TitleMissing,
    /// No clinical date was sent.
    DateMissing,
    /// A date was not complete (only year or month).
    DatePartial,
    /// The birth date is missing or incomplete.
    BirthDateMissing,
    /// No identifier of the patient was found.
    PatientReferenceMissing,
    /// A reference inside the bundle leads nowhere.
    ReferenceUnresolved,
    /// A modifier extension may change the meaning of a value; it is named in the comment.
    ModifierExtension,
    /// A value could not be read and is kept as text.
    ValueKeptAsText,
    /// A document is only linked, not included; links are never followed.
    DocumentOnlyLinked,
    /// Entries of the bundle that are no findings were ignored.
    EntriesIgnored,
    /// A `null` was met where FHIR allows none.
    NullIgnored,
    /// A PDF is not PDF/A. Nothing is wrong with it.
    NotPdfA,
    /// A line says another length than it has.
    LineLengthWrong,
    /// A record, or the file, says another length than it has.
    RecordLengthWrong,
    /// Lines end without a carriage return: something on the way has changed the file.
    LineFeedOnly,
    /// The bytes are in another set of characters than the file declares.
    CharsetContradicts,
    /// A number has a form that its field does not provide for, such as a comparator. It was understood.
    ValueIrregular,
    /// A code for a status or a verdict is not known.
    CodeUnknown,
    /// A result is of a kind that is not read.
    ResultNotRead,
    /// The check digit of an insurance number is wrong.
    InsuranceNumberWrong,
    /// The number of a physician or a practice is not one.
    SenderNumberWrong,
    /// A document inside the file is damaged or of a kind that is not accepted; it was left out.
    AttachmentRefused,
    /// The report is about somebody's genes.
    Genetic,
    /// The laboratory must notify the infection (IfSG, section 7).
    Notifiable,
    /// The sender calls the document confidential (HL7 `Confidentiality`: restricted, very restricted).
    Confidential,
}

impl Warning {
    /// A stable code for the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClassAssumed => "class-assumed",
            Self::ClassUnknown => "class-unknown",
            Self::TitleMissing => "title-missing",
            Self::DateMissing => "date-missing",
            Self::DatePartial => "date-partial",
            Self::BirthDateMissing => "birth-date-missing",
            Self::PatientReferenceMissing => "patient-reference-missing",
            Self::ReferenceUnresolved => "reference-unresolved",
            Self::ModifierExtension => "modifier-extension",
            Self::ValueKeptAsText => "value-kept-as-text",
            Self::DocumentOnlyLinked => "document-only-linked",
            Self::EntriesIgnored => "entries-ignored",
            Self::NullIgnored => "null-ignored",
            Self::NotPdfA => "not-pdf-a",
            Self::LineLengthWrong => "line-length-wrong",
            Self::RecordLengthWrong => "record-length-wrong",
            Self::LineFeedOnly => "line-feed-only",
            Self::CharsetContradicts => "charset-contradicts",
            Self::ValueIrregular => "value-irregular",
            Self::CodeUnknown => "code-unknown",
            Self::ResultNotRead => "result-not-read",
            Self::InsuranceNumberWrong => "insurance-number-wrong",
            Self::SenderNumberWrong => "sender-number-wrong",
            Self::AttachmentRefused => "attachment-refused",
            Self::Genetic => "genetic",
            Self::Notifiable => "notifiable",
            Self::Confidential => "confidential",
        }
    }

    /// Whether a person of the practice must look at the finding before anybody gets it, however clear it seems whose it is.
    #[must_use]
    pub const fn is_doubt(self) -> bool {
        matches!(self, Self::InsuranceNumberWrong | Self::AttachmentRefused)
    }
}

/// Where a finding is on its way. Every upload ends in exactly one of these, visible to the practice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FindingState {
    /// Waits in the practice's inbox because it is not clear whose it is. Nobody's finding yet.
    Inbox,
    /// Belongs to a patient who consented on paper and has not activated yet. Unreadable for everyone.
    Waiting,
    /// The resident has it.
    Delivered,
    /// A newer version took its place; the resident still sees it, with a banner.
    Superseded,
    /// Taken back by the practice: content gone, a stub stays.
    Recalled,
    /// Thrown out of the inbox by the practice: content gone.
    Rejected,
    /// Waited longer than allowed: content gone.
    Expired,
}

impl FindingState {
    /// Every state.
    pub const ALL: [Self; 7] =
        [Self::Inbox, Self::Waiting, Self::Delivered, Self::Superseded, Self::Recalled, Self::Rejected, Self::Expired];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Superseded => "superseded",
            Self::Recalled => "recalled",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Whether the resident's list shows it.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Delivered | Self::Superseded | Self::Recalled)
    }

    /// Whether it is clear whose it is and nothing has taken its place: its resident has it, or will at the activation.
    #[must_use]
    pub const fn is_current(self) -> bool {
        matches!(self, Self::Waiting | Self::Delivered)
    }

    /// Whether there is content to read.
    #[must_use]
    pub const fn has_content(self) -> bool {
        matches!(self, Self::Delivered | Self::Superseded)
    }
}
