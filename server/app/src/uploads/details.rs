//! What a practice says about a file beside the file itself, and how the two become findings.

use jiff::civil::Date;
use nahraum_domain::{
    finding::{MediaType, ReadFinding, ReportStatus, SourceFormat, Subject, Warning},
    ids::FindingId,
    kdl,
    private::Private,
};
use nahraum_formats::Upload;
use nahraum_secrets::sha256;

use crate::{Refusal, invitations::checked_reference};

/// What the practice says about a file. For a PDF or a picture all of it; beside data for programs only what the file lacks.
#[derive(Debug, Clone, Default)]
pub struct UploadDetails {
    /// The practice's own number for the patient.
    pub patient_reference: Option<Private<String>>,
    /// The patient's birth date.
    pub birth_date: Option<Private<Date>>,
    /// The title the resident will see.
    pub title: Option<Private<String>>,
    /// The KDL code of the document class.
    pub document_class: Option<String>,
    /// The day of the examination.
    pub date: Option<Date>,
    /// The physician or institution.
    pub author: Option<Private<String>>,
    /// A word to the patient.
    pub note: Option<Private<String>>,
    /// The finding whose place this one takes.
    pub replaces: Option<FindingId>,
    /// For how many days the physician holds it back at most, today being the first.
    pub hold_days: Option<u16>,
}

impl UploadDetails {
    /// The hash of everything that makes a request what it is, for recognising a retry.
    pub(super) fn bind(&self, file: [u8; 32]) -> [u8; 32] {
        fn part(text: Option<&Private<String>>) -> &str {
            text.map_or("", |t| t.reveal().as_str())
        }
        let birth_date = self.birth_date.as_ref().map_or_else(String::new, |d| d.reveal().to_string());
        let date = self.date.map_or_else(String::new, |d| d.to_string());
        let replaces = self.replaces.map_or_else(String::new, |id| id.to_string());
        let parts = [
            part(self.patient_reference.as_ref()),
            &birth_date,
            part(self.title.as_ref()),
            self.document_class.as_deref().unwrap_or(""),
            &date,
            part(self.author.as_ref()),
            part(self.note.as_ref()),
            &replaces,
        ];
        let mut all = file.to_vec();
        let hold = self.hold_days.map(|days| days.to_string());
        for part in parts.into_iter().chain(hold.as_deref()) {
            all.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            all.extend_from_slice(part.as_bytes());
        }
        sha256(&all)
    }

    /// Makes findings of what was read and what was said.
    pub(super) fn apply(&self, upload: Upload) -> Result<Vec<ReadFinding>, Refusal> {
        match upload {
            Upload::Document { media_type, warnings } => Ok(vec![self.document(media_type, warnings)?]),
            Upload::Findings(read) => {
                if self.replaces.is_some() && read.findings.len() != 1 {
                    let detail = "Only a file with one finding can take the place of one finding.";
                    return Err(Refusal::invalid("/metadata/replaces", "not-one-finding", detail));
                }
                let several = read.findings.len() > 1 && read.findings.iter().any(|finding| finding.part.is_some());
                if let Some(pointer) = self.about_one_person().filter(|_| several) {
                    let detail = "The file may speak of several people, so nothing can be said about one beside it.";
                    return Err(Refusal::invalid(pointer, "not-one-patient", detail));
                }
                read.findings.into_iter().map(|finding| self.complete(finding, &read.warnings)).collect()
            }
        }
    }

    /// Where something is said that can hold for one person only.
    fn about_one_person(&self) -> Option<&'static str> {
        let said = [
            ("/metadata/patient_reference", self.patient_reference.is_some()),
            ("/metadata/birth_date", self.birth_date.is_some()),
            ("/metadata/note", self.note.is_some()),
        ];
        said.into_iter().find(|(_, said)| *said).map(|(pointer, _)| pointer)
    }

    fn document(&self, media_type: MediaType, mut warnings: Vec<Warning>) -> Result<ReadFinding, Refusal> {
        let class = match &self.document_class {
            Some(code) => kdl::find(code).ok_or_else(|| {
                let detail = "This is no KDL code that this server knows, e.g. LB120107 for a laboratory report.";
                Refusal::invalid("/metadata/document_class", "unknown-document-class", detail)
            })?,
            None => {
                warnings.push(Warning::ClassAssumed);
                &kdl::OTHER_DOCUMENT
            }
        };
        let title = self.title.as_ref().filter(|t| !t.reveal().trim().is_empty());
        if title.is_none() {
            warnings.push(Warning::TitleMissing);
        }
        if self.date.is_none() {
            warnings.push(Warning::DateMissing);
        }
        Ok(ReadFinding {
            source_format: match media_type {
                MediaType::Pdf => SourceFormat::Pdf,
                MediaType::Jpeg => SourceFormat::Jpeg,
                MediaType::Png => SourceFormat::Png,
            },
            class,
            title: title.cloned().unwrap_or_else(|| Private::new(class.name.to_owned())),
            author: self.author.clone(),
            note: self.note.clone(),
            subject: self.subject(Subject::default())?,
            clinical_date: self.date,
            issued_at: None,
            status: ReportStatus::Final,
            business_key: None,
            observations: Vec::new(),
            embedded: None,
            retracts: false,
            warnings,
            part: None,
        })
    }

    /// A finding that was read, with what the practice added. What both say must agree.
    fn complete(&self, mut finding: ReadFinding, warnings: &[Warning]) -> Result<ReadFinding, Refusal> {
        finding.subject = self.subject(finding.subject)?;
        if let Some(title) = &self.title {
            finding.title = title.clone();
        }
        finding.author = self.author.clone().or(finding.author);
        finding.note = self.note.clone().or(finding.note);
        finding.clinical_date = finding.clinical_date.or(self.date);
        finding.warnings.extend_from_slice(warnings);
        finding.warnings.retain(|warning| {
            let mended = (*warning == Warning::BirthDateMissing && self.birth_date.is_some())
                || (*warning == Warning::PatientReferenceMissing && self.patient_reference.is_some());
            !mended
        });
        Ok(finding)
    }

    fn subject(&self, mut subject: Subject) -> Result<Subject, Refusal> {
        if let Some(reference) = &self.patient_reference {
            subject.references.insert(0, checked_reference("/metadata/patient_reference", reference)?);
        }
        match (&self.birth_date, &subject.birth_date) {
            (Some(said), Some(read)) if said != read => {
                let detail = "The file names another birth date.";
                return Err(Refusal::invalid("/metadata/birth_date", "contradicts-file", detail));
            }
            (Some(said), _) => subject.birth_date = Some(said.clone()),
            (None, _) => {}
        }
        Ok(subject)
    }
}
