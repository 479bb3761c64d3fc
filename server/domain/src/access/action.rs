//! What can be done with findings: a word of the policy, and of every permit.

use crate::consent::Right;

/// What can be done with findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See one's own list.
    ListFindings,
    /// Open one finding with its values.
    OpenFinding,
    /// Download its document.
    DownloadContent,
    /// Export it as FHIR.
    ExportFinding,
    /// Take away everything that is kept for one.
    ExportEverything,
    /// See one value over time.
    ReadTrend,
    /// Mark it as read.
    MarkRead,
    /// Upload a new one.
    UploadFinding,
    /// Put a new version in its place.
    ReplaceFinding,
    /// See its receipt.
    ReadReceipt,
    /// See the practice's receipts.
    ListReceipts,
    /// See what waits in the inbox.
    ListInbox,
    /// Say whose it is.
    AssignInboxItem,
    /// Throw it out of the inbox.
    RejectInboxItem,
    /// Take it back.
    RecallFinding,
    /// Say that it was talked about, so that it shows.
    ReleaseFinding,
    /// Decide how it is treated: how delicate it is, whether it is put away.
    AdjustFinding,
    /// Say that it is wrong, and ask its sender to correct it.
    AskCorrection,
    /// Read what residents say is wrong.
    ReadCorrections,
    /// Answer that.
    AnswerCorrection,
    /// Take it back because the sender's system reports it as entered in error.
    WithdrawFinding,
    /// See what another resident shows one, as a list.
    ListShared,
    /// Open one of these.
    OpenShared,
    /// Download its document.
    DownloadShared,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 24] = [
        Self::ListFindings,
        Self::OpenFinding,
        Self::DownloadContent,
        Self::ExportFinding,
        Self::ExportEverything,
        Self::ReadTrend,
        Self::MarkRead,
        Self::UploadFinding,
        Self::ReplaceFinding,
        Self::ReadReceipt,
        Self::ListReceipts,
        Self::ListInbox,
        Self::AssignInboxItem,
        Self::RejectInboxItem,
        Self::RecallFinding,
        Self::ReleaseFinding,
        Self::AdjustFinding,
        Self::AskCorrection,
        Self::ReadCorrections,
        Self::AnswerCorrection,
        Self::WithdrawFinding,
        Self::ListShared,
        Self::OpenShared,
        Self::DownloadShared,
    ];

    /// What it takes of the rights that a resident gives, for somebody who acts in their place.
    #[must_use]
    pub const fn right_in_place(self) -> Right {
        match self {
            Self::DownloadContent | Self::DownloadShared | Self::ExportFinding | Self::ExportEverything => {
                Right::Download
            }
            Self::ListFindings
            | Self::OpenFinding
            | Self::ReadTrend
            | Self::MarkRead
            | Self::UploadFinding
            | Self::ReplaceFinding
            | Self::ReadReceipt
            | Self::ListReceipts
            | Self::ListInbox
            | Self::AssignInboxItem
            | Self::RejectInboxItem
            | Self::RecallFinding
            | Self::ReleaseFinding
            | Self::AdjustFinding
            | Self::AskCorrection
            | Self::ReadCorrections
            | Self::AnswerCorrection
            | Self::WithdrawFinding
            | Self::ListShared
            | Self::OpenShared => Right::View,
        }
    }

    /// What it takes of the rights that a resident gives; none where it needs no consent of that kind.
    #[must_use]
    pub const fn right(self) -> Option<Right> {
        match self {
            Self::ListShared | Self::OpenShared | Self::DownloadShared => Some(self.right_in_place()),
            Self::ListFindings
            | Self::OpenFinding
            | Self::DownloadContent
            | Self::ExportFinding
            | Self::ExportEverything
            | Self::ReadTrend
            | Self::MarkRead
            | Self::UploadFinding
            | Self::ReplaceFinding
            | Self::ReadReceipt
            | Self::ListReceipts
            | Self::ListInbox
            | Self::AssignInboxItem
            | Self::RejectInboxItem
            | Self::RecallFinding
            | Self::ReleaseFinding
            | Self::AdjustFinding
            | Self::AskCorrection
            | Self::ReadCorrections
            | Self::AnswerCorrection
            | Self::WithdrawFinding => None,
        }
    }
}
