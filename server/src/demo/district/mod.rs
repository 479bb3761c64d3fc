//! The demo district Lerchenbrook: invented practices and residents, and about 300 findings of the three years before
//! a given day. Pure data: the same day and seed give the same bytes on every machine, and nothing here does I/O.
//!
//! Tables say who lives here ([`people`]), what the laboratory measures ([`analytes`], [`panels`]), how values move
//! ([`courses`]) and what is sent when ([`schedule`], [`examinations`], [`letters`]); [`plan`] puts it in order of time,
//! and [`fhir`] and [`paper`] write the files. Every FHIR resource carries the security label `HTEST` (test data).

mod analytes;
mod courses;
mod examinations;
mod fhir;
mod letters;
mod measure;
mod panels;
mod paper;
mod people;
mod plan;
mod random;
mod schedule;
mod sheets;

#[cfg(test)]
mod tests;

use std::fmt;

use jiff::{Timestamp, civil::Date};
use nahraum_domain::finding::MediaType;

pub(crate) use people::DISTRICT;

/// A quarter with its practices and residents.
pub(crate) struct District {
    /// The name of the quarter. No place of this name is known.
    pub(crate) quarter: &'static str,
    /// The practices; other structs name them by their place in this list.
    pub(crate) practices: &'static [Practice],
    /// The health kiosk.
    pub(crate) kiosk: Office,
    /// The district office, which publishes consent texts.
    pub(crate) office: Office,
    /// The residents.
    pub(crate) residents: &'static [Resident],
}

/// A practice that sends findings.
pub(crate) struct Practice {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its field, in German.
    pub(crate) specialty: &'static str,
    /// Its address in one line.
    pub(crate) address: &'static str,
    /// Telephone in one line.
    pub(crate) contact: &'static str,
    /// Who signs in there.
    pub(crate) staff: &'static [StaffLogin],
    /// For its software.
    pub(crate) upload_credential: UploadCredential,
}

/// A place that has staff and sends no findings.
pub(crate) struct Office {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who signs in there.
    pub(crate) staff: &'static [StaffLogin],
}

impl District {
    /// Everybody who signs in at work.
    pub(crate) fn staff(&self) -> impl Iterator<Item = &'static StaffLogin> + Clone {
        self.practices.iter().flat_map(|practice| practice.staff).chain(self.kiosk.staff).chain(self.office.staff)
    }
}

/// A person who works in a practice, in the kiosk or in the district office.
pub(crate) struct StaffLogin {
    /// The name to sign in with, unique in the district.
    pub(crate) login: &'static str,
    /// The name to show.
    pub(crate) display_name: &'static str,
    /// What the person does, in German.
    pub(crate) duty: &'static str,
    /// The demo password, at least 15 characters. Known to everyone who reads this.
    pub(crate) password: &'static str,
}

/// The credential of a practice's software. Its secret is made when it is created.
pub(crate) struct UploadCredential {
    /// The name by which the practice knows it.
    pub(crate) label: &'static str,
}

/// A person of the district.
pub(crate) struct Resident {
    /// Family name; only for the FHIR patient and for printing demo logins.
    pub(crate) family_name: &'static str,
    /// Given name; as above.
    pub(crate) given_name: &'static str,
    /// Decides reference ranges.
    pub(crate) sex: Sex,
    /// Birth date.
    pub(crate) birth_date: Date,
    /// The tag of the preferred language, e.g. `de-simple`.
    pub(crate) language: &'static str,
    /// One German line about the person, for the sheet of demo logins.
    pub(crate) story: &'static str,
    /// Whose telephone it is, in German.
    pub(crate) phone: &'static str,
    /// Where the person is a patient: first the practice that activated the account.
    pub(crate) patients: &'static [Registration],
    /// How far the person is on the way to the own findings.
    pub(crate) standing: Standing,
    /// The demo PIN: six digits that obey the rules for PINs.
    pub(crate) pin: &'static str,
    /// The demo device secret: 32 hexadecimal digits, visibly not a real one.
    pub(crate) device_secret: &'static str,
    /// Where notices go.
    pub(crate) notice_address: Option<&'static str>,
}

/// Sex, as far as a laboratory asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// A resident as a practice's patient.
pub(crate) struct Registration {
    /// Place in [`District::practices`].
    pub(crate) practice: usize,
    /// The practice's own number of the patient.
    pub(crate) reference: &'static str,
    /// Days before today on which the patient was invited (and, if so, consented and activated).
    pub(crate) invited_days_ago: i32,
}

/// How far a resident is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Activated on the day of the first registration; further practices linked on the days of theirs.
    Activated,
    /// Consented on paper, not yet activated: findings wait. The invitation is still open.
    PaperConsent,
    /// Invited without any consent: no findings are sent.
    InvitedOnly,
}

/// One upload of a practice's software.
pub(crate) struct SeedUpload {
    /// Place in [`District::practices`].
    pub(crate) practice: usize,
    /// When the server received it.
    pub(crate) received_at: Timestamp,
    /// What was sent.
    pub(crate) content: SeedContent,
    /// What happens afterwards.
    pub(crate) then: SeedAfter,
}

/// What a practice sends.
pub(crate) enum SeedContent {
    /// FHIR R4 as JSON.
    Fhir(Vec<u8>),
    /// A document with its metadata beside it.
    Document {
        /// What the practice says about it.
        metadata: SeedMetadata,
        /// The type of the bytes.
        #[cfg_attr(not(test), expect(dead_code, reason = "the server judges the bytes; the tests compare"))]
        media_type: MediaType,
        /// The document.
        bytes: Vec<u8>,
    },
}

/// What a practice says about a document.
pub(crate) struct SeedMetadata {
    /// The practice's own number of the patient.
    pub(crate) patient_reference: String,
    /// The birth date, as the practice's software has it.
    pub(crate) birth_date: Date,
    /// The title.
    pub(crate) title: String,
    /// The KDL code, one of [`nahraum_domain::kdl::CLASSES`].
    pub(crate) class: &'static str,
    /// The day of the examination.
    pub(crate) clinical_date: Date,
    /// Who answers for it.
    pub(crate) author: String,
    /// A note for the patient.
    pub(crate) note: Option<String>,
}

/// What happens to a finding after it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeedAfter {
    /// Nothing: it is new, waits, or lies in the inbox.
    Nothing,
    /// The resident opened it.
    OpenedByResident,
    /// The resident opened it and marked it as read.
    MarkRead,
    /// The practice took it back.
    Recall {
        /// Why, in German.
        reason: &'static str,
    },
}

/// Why the district could not be made. Never happens for days of our calendar.
#[derive(Debug)]
pub(crate) enum DistrictError {
    /// A day or an hour that does not exist.
    Time(jiff::Error),
    /// A value that is no JSON number.
    Json(serde_json::Error),
    /// A document that could not be printed.
    Paper(nahraum_print::PrintError),
    /// A table names something that another table does not have.
    Table(&'static str),
}

impl fmt::Display for DistrictError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(_) => f.write_str("the demo district needs a day that the calendar does not have"),
            Self::Json(_) => f.write_str("the demo district has a value that cannot be written as JSON"),
            Self::Paper(_) => f.write_str("a document of the demo district could not be printed"),
            Self::Table(word) => write!(f, "the tables of the demo district do not agree on {word}"),
        }
    }
}

impl std::error::Error for DistrictError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Time(error) => Some(error),
            Self::Json(error) => Some(error),
            Self::Paper(error) => Some(error),
            Self::Table(_) => None,
        }
    }
}

impl From<jiff::Error> for DistrictError {
    fn from(error: jiff::Error) -> Self {
        Self::Time(error)
    }
}

impl From<serde_json::Error> for DistrictError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<nahraum_print::PrintError> for DistrictError {
    fn from(error: nahraum_print::PrintError) -> Self {
        Self::Paper(error)
    }
}

/// Everything the practices sent in the three years before `today`, in the order of time; the last upload is of the day
/// before. Files are written one at a time, when the iterator reaches them.
///
/// # Errors
/// [`DistrictError`], if the tables are wrong or `today` lies at the end of the calendar.
pub(crate) fn uploads(
    district: &'static District,
    today: Date,
    seed: u64,
) -> Result<impl Iterator<Item = Result<SeedUpload, DistrictError>>, DistrictError> {
    let planned = plan::plan(district, today, seed)?;
    Ok(planned.into_iter().map(move |item| {
        let content = match &item.what {
            plan::What::Report(report) => fhir_or_print(&item, report, seed)?,
            plan::What::Sheet(sheet) => paper::sheet_content(&item, sheet, seed)?,
        };
        Ok(SeedUpload {
            practice: item.to.registration.practice,
            received_at: item.issued.timestamp(),
            content,
            then: item.then,
        })
    }))
}

fn fhir_or_print(item: &plan::Planned, report: &plan::Report, seed: u64) -> Result<SeedContent, DistrictError> {
    let readings = measure::readings(&item.to, report, seed)?;
    match report.form {
        schedule::Form::Values => Ok(SeedContent::Fhir(fhir::report_bundle(item, report, &readings, seed)?)),
        schedule::Form::Print => paper::printed_report(item, report, &readings),
    }
}
