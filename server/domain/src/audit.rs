//! The words of the access log: who did what with health data, and how it ended.

use jiff::Timestamp;

use crate::{
    access::{Action, Actor, Basis},
    ids::{CredentialId, FindingId, PracticeId, RequestId, ResidentId, StaffId},
};

/// Who acted, as the log keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogActor {
    /// A resident.
    Resident(ResidentId),
    /// A person of a practice.
    Staff(StaffId, PracticeId),
    /// A practice's software.
    Software(CredentialId, PracticeId),
    /// The server itself, by a job.
    System,
}

impl From<Actor> for LogActor {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Resident(id) => Self::Resident(id),
            Actor::Staff { staff, practice } => Self::Staff(staff, practice),
            Actor::Software { credential, practice } => Self::Software(credential, practice),
        }
    }
}

/// What was done (or tried).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogAction {
    /// A finding was delivered.
    Deliver,
    /// The list of findings was looked at.
    List,
    /// A finding was opened.
    Open,
    /// Its document was downloaded.
    Download,
    /// It was exported as FHIR.
    Export,
    /// A value was looked at over time.
    Trend,
    /// It was marked as read.
    MarkRead,
    /// It was taken back by the practice.
    Recall,
    /// A new version took its place.
    Replace,
    /// The practice looked at its receipt.
    Receipt,
    /// The practice looked into its inbox.
    Inbox,
    /// The practice chose by hand whose finding it is.
    Assign,
    /// The practice threw it out of the inbox.
    Reject,
    /// A practice was linked to the account.
    Link,
    /// The account was activated.
    Activate,
    /// It waited too long and was destroyed.
    Expire,
    /// The account was erased with everything in it.
    Erase,
}

impl LogAction {
    /// Every action.
    pub const ALL: [Self; 17] = [
        Self::Deliver,
        Self::List,
        Self::Open,
        Self::Download,
        Self::Export,
        Self::Trend,
        Self::MarkRead,
        Self::Recall,
        Self::Replace,
        Self::Receipt,
        Self::Inbox,
        Self::Assign,
        Self::Reject,
        Self::Link,
        Self::Activate,
        Self::Expire,
        Self::Erase,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::List => "list",
            Self::Open => "open",
            Self::Download => "download",
            Self::Export => "export",
            Self::Trend => "trend",
            Self::MarkRead => "mark-read",
            Self::Recall => "recall",
            Self::Replace => "replace",
            Self::Receipt => "receipt",
            Self::Inbox => "inbox",
            Self::Assign => "assign",
            Self::Reject => "reject",
            Self::Link => "link",
            Self::Activate => "activate",
            Self::Expire => "expire",
            Self::Erase => "erase",
        }
    }

    /// The action with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == word)
    }

    /// Whether it showed the content of a finding to someone: what a recall reports as "had seen it".
    #[must_use]
    pub const fn shows_content(self) -> bool {
        matches!(self, Self::Open | Self::Download | Self::Export | Self::Trend)
    }
}

impl From<Action> for LogAction {
    fn from(action: Action) -> Self {
        match action {
            Action::ListFindings => Self::List,
            Action::OpenFinding => Self::Open,
            Action::DownloadContent => Self::Download,
            Action::ExportFinding => Self::Export,
            Action::ReadTrend => Self::Trend,
            Action::MarkRead => Self::MarkRead,
            Action::UploadFinding => Self::Deliver,
            Action::ReplaceFinding => Self::Replace,
            Action::ReadReceipt | Action::ListReceipts => Self::Receipt,
            Action::ListInbox => Self::Inbox,
            Action::AssignInboxItem => Self::Assign,
            Action::RejectInboxItem => Self::Reject,
            Action::RecallFinding | Action::WithdrawFinding => Self::Recall,
        }
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogOutcome {
    /// It was allowed and done.
    Done,
    /// It was refused.
    Denied,
}

impl LogOutcome {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
        }
    }

    /// The outcome with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Done, Self::Denied].into_iter().find(|o| o.as_str() == word)
    }
}

/// One line of the access log before it is written.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// Whose data it was about, as far as that is known.
    pub resident: Option<ResidentId>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: LogActor,
    /// What.
    pub action: LogAction,
    /// Which finding.
    pub finding: Option<FindingId>,
    /// Why it was allowed; none when it was not.
    pub basis: Option<Basis>,
    /// How it ended.
    pub outcome: LogOutcome,
    /// In which request.
    pub request: RequestId,
}
