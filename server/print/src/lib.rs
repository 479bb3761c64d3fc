//! Paper: the invitation slip, the recovery sheet, a resident's access log, the summary of findings for the next visit, and
//! the laboratory report and letter of the demo, as PDF; and the page on top of a copy of everything, as HTML. Pure functions
//! without I/O.
//!
//! Every PDF is tagged (PDF/UA-1, ISO 14289-1) and archivable (PDF/A-2a, ISO 19005-2): the writer refuses to
//! finish one that is not. The same input gives the same bytes; time comes in as an argument.

mod access_log;
mod qr;
mod record;
mod recovery;
mod report;
mod sheet;
mod slip;
mod summary;
mod table;
mod typeset;
mod values;

pub use access_log::{AccessLogPaper, LogProof, LogRow, access_log};
pub use qr::qr_svg;
pub use record::{DecisionLine, DecisionSubject, FindingFiles, RecordPage, record_readme};
pub use recovery::{RecoverySheet, recovery_sheet};
pub use report::{LabReport, LabRow, Letter, Letterhead, lab_report, letter};
pub use slip::{Slip, invitation_slip};
pub use summary::{SummarizedFinding, SummaryPaper, findings_summary};

/// Why a document could not be made. Carries nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrintError {
    /// The code to type in has the wrong form.
    #[error("the manual code is not made of twelve letters and digits")]
    ManualCode,
    /// The link does not fit into a QR code.
    #[error("the link is too long for a QR code")]
    QrTooLong,
    /// The text does not fit onto the page.
    #[error("the text is too long for one page")]
    TooLong,
    /// The PDF writer refused the document.
    #[error("the document could not be written as PDF")]
    Pdf,
}
