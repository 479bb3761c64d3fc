//! What a document of the demo is: a sheet of paper with its metadata, sent on one or several days.

use super::schedule::Fault;

/// A document, issued once or several times with the same words.
pub(super) struct Sheet {
    /// Place in `District::residents`.
    pub(super) resident: usize,
    /// Place in `District::practices`: who sends it.
    pub(super) practice: usize,
    /// KDL class.
    pub(super) class: &'static str,
    /// The title in the resident's list and on the paper.
    pub(super) title: &'static str,
    /// Whose letterhead it carries.
    pub(super) sender: Sender,
    /// The words.
    pub(super) paragraphs: &'static [&'static str],
    /// The practice's note for the patient.
    pub(super) note: Option<&'static str>,
    /// How it is sent.
    pub(super) form: SheetForm,
    /// Days before today on which it was issued.
    pub(super) days_ago: &'static [i32],
    /// What becomes of it.
    pub(super) fate: Fate,
}

/// What most sheets have in common.
pub(super) const PLAIN: Sheet = Sheet {
    resident: 0,
    practice: 0,
    class: "",
    title: "",
    sender: Sender::Practice,
    paragraphs: &[],
    note: None,
    form: SheetForm::Pdf,
    days_ago: &[],
    fate: Fate::Arrives,
};

/// Whose letterhead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// The practice that uploads it.
    Practice,
    /// The hospital; the practice passes its letter on.
    Hospital,
    /// The radiologists; the practice passes their report on.
    Radiology,
    /// The gynaecologists.
    Gynaecology,
}

/// How a sheet is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SheetForm {
    /// PDF with metadata beside it.
    Pdf,
    /// FHIR `DocumentReference` (`ISiK` Dokumentenaustausch) with the PDF inside.
    Isik,
}

/// What becomes of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The resident gets it.
    Arrives,
    /// The practice takes it back.
    Recalled(&'static str),
    /// It ends in the practice's inbox.
    Astray(Fault),
}
