//! The words of the access log: who did what with health data, and how it ended.

use jiff::Timestamp;

pub mod affected;
pub mod chain;
pub mod record;
pub mod statement;

use crate::{
    access::{Action, Actor, Basis},
    ids::{
        AccessLogId, ConsentId, CredentialId, FindingId, LinkVisitId, OrganisationId, PracticeId, RequestId,
        ResidentId, StaffId,
    },
};

/// Who acted, as the log keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogActor {
    /// A resident.
    Resident(ResidentId),
    /// A resident, in the place of the one whose data it was about.
    Representative(ResidentId),
    /// A person of a practice.
    Staff(StaffId, PracticeId),
    /// A person of another organisation of the district.
    District(StaffId, OrganisationId),
    /// A person who runs the installation.
    Operator(StaffId, OrganisationId),
    /// A practice's software.
    Software(CredentialId, PracticeId),
    /// Somebody with a link, this one time.
    Holder(LinkVisitId),
    /// The server itself, by a job.
    System,
}

/// An actor as the log stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorParts {
    /// A stable word for the kind of actor.
    pub kind: &'static str,
    /// The person or the credential.
    pub id: Option<[u8; 16]>,
    /// The organisation they act for.
    pub organisation: Option<[u8; 16]>,
}

impl ActorParts {
    /// Every kind of actor that the log knows, as it is stored.
    pub const KINDS: [&str; 8] =
        ["resident", "staff", "district", "operator", "software", "holder", "system", "representative"];
}

impl LogActor {
    /// How it is stored. The one place that knows the kinds of actor when an entry is written.
    #[must_use]
    pub const fn parts(self) -> ActorParts {
        let (kind, id, organisation) = match self {
            Self::Resident(id) => ("resident", Some(*id.as_bytes()), None),
            Self::Representative(id) => ("representative", Some(*id.as_bytes()), None),
            Self::Staff(id, practice) => ("staff", Some(*id.as_bytes()), Some(*practice.as_bytes())),
            Self::District(id, organisation) => ("district", Some(*id.as_bytes()), Some(*organisation.as_bytes())),
            Self::Operator(id, organisation) => ("operator", Some(*id.as_bytes()), Some(*organisation.as_bytes())),
            Self::Software(id, practice) => ("software", Some(*id.as_bytes()), Some(*practice.as_bytes())),
            Self::Holder(visit) => ("holder", Some(*visit.as_bytes()), None),
            Self::System => ("system", None, None),
        };
        ActorParts { kind, id, organisation }
    }
}

impl From<Actor> for LogActor {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Resident(id) => Self::Resident(id),
            Actor::Representative { representative, .. } => Self::Representative(representative),
            Actor::Staff { staff, practice } => Self::Staff(staff, practice),
            Actor::District { staff, organisation } => Self::District(staff, organisation),
            Actor::Operator { staff, organisation } => Self::Operator(staff, organisation),
            Actor::Software { credential, practice } => Self::Software(credential, practice),
            Actor::Holder { visit, .. } => Self::Holder(visit),
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
    /// It went to an app that keeps what it may show.
    Sync,
    /// A finding was opened.
    Open,
    /// Its document was downloaded.
    Download,
    /// It was exported, by itself or with everything else.
    Export,
    /// Everything that is kept for the resident was taken away. Each finding that went out has its own line.
    ExportEverything,
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
    /// The server looked whether the log still takes entries. About nobody.
    Check,
    /// The account was erased with everything in it.
    Erase,
    /// The practice confirmed that the account is its patient's.
    Confirm,
    /// The practice cut the account off: it is not its patient's.
    Unlink,
    /// The resident let somebody see findings.
    Share,
    /// The resident took that back.
    Unshare,
    /// The resident closed findings to somebody, or to everybody.
    Block,
    /// The resident took that back.
    Unblock,
    /// A person of the operator looked into the access log itself (SR-L05).
    ReadLog,
    /// A person of the operator cut the phones off, for somebody who had called (SR-S07).
    CutOff,
    /// Somebody typed a code that the resident had shown them.
    UseCode,
    /// How a finding is treated was decided: whether it is delicate, where it shows, when.
    Adjust,
    /// A finding that was held back was released.
    Release,
    /// A physician declared an emergency, in which the resident could not be asked.
    Emergency,
    /// The resident said that a finding is wrong.
    AskCorrection,
    /// The practice read that.
    ReadCorrection,
    /// The practice answered it.
    AnswerCorrection,
    /// Somebody at work recommended an offer. Which one does not stand in the log.
    Recommend,
    /// Who publishes an offer looked at the list of those who take part.
    ReadRegistration,
    /// Who publishes an offer looked how somebody who takes part can be reached.
    ReadContact,
}

impl LogAction {
    /// Every action.
    pub const ALL: [Self; 38] = [
        Self::Deliver,
        Self::List,
        Self::Sync,
        Self::Open,
        Self::Download,
        Self::Export,
        Self::ExportEverything,
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
        Self::Check,
        Self::Erase,
        Self::Confirm,
        Self::Unlink,
        Self::Share,
        Self::Unshare,
        Self::Block,
        Self::Unblock,
        Self::ReadLog,
        Self::CutOff,
        Self::UseCode,
        Self::Adjust,
        Self::Release,
        Self::Emergency,
        Self::AskCorrection,
        Self::ReadCorrection,
        Self::AnswerCorrection,
        Self::Recommend,
        Self::ReadRegistration,
        Self::ReadContact,
    ];

    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::List => "list",
            Self::Sync => "sync",
            Self::Open => "open",
            Self::Download => "download",
            Self::Export => "export",
            Self::ExportEverything => "export-everything",
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
            Self::Check => "check",
            Self::Erase => "erase",
            Self::Confirm => "confirm",
            Self::Unlink => "unlink",
            Self::Share => "share",
            Self::Unshare => "unshare",
            Self::Block => "block",
            Self::Unblock => "unblock",
            Self::ReadLog => "read-log",
            Self::CutOff => "cut-off",
            Self::UseCode => "use-code",
            Self::Adjust => "adjust",
            Self::Release => "release",
            Self::Emergency => "emergency",
            Self::AskCorrection => "ask-correction",
            Self::ReadCorrection => "read-correction",
            Self::AnswerCorrection => "answer-correction",
            Self::Recommend => "recommend",
            Self::ReadRegistration => "read-registration",
            Self::ReadContact => "read-contact",
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
        matches!(self, Self::Sync | Self::Open | Self::Download | Self::Export | Self::Trend)
    }
}

impl From<Action> for LogAction {
    fn from(action: Action) -> Self {
        match action {
            Action::ListFindings | Action::ListShared => Self::List,
            Action::OpenFinding | Action::OpenShared => Self::Open,
            Action::DownloadContent | Action::DownloadShared => Self::Download,
            Action::ExportFinding => Self::Export,
            Action::ExportEverything => Self::ExportEverything,
            Action::ReadTrend => Self::Trend,
            Action::MarkRead => Self::MarkRead,
            Action::UploadFinding => Self::Deliver,
            Action::ReplaceFinding => Self::Replace,
            Action::ReadReceipt | Action::ListReceipts => Self::Receipt,
            Action::ListInbox => Self::Inbox,
            Action::AssignInboxItem => Self::Assign,
            Action::RejectInboxItem => Self::Reject,
            Action::RecallFinding | Action::WithdrawFinding => Self::Recall,
            Action::ReleaseFinding => Self::Release,
            Action::AdjustFinding => Self::Adjust,
            Action::AskCorrection => Self::AskCorrection,
            Action::ReadCorrections => Self::ReadCorrection,
            Action::AnswerCorrection => Self::AnswerCorrection,
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
    /// By which decision of the resident; none where no decision was needed.
    pub consent: Option<ConsentId>,
    /// The state of the resident's rules on which it was allowed. The entry only becomes one if they are the same then.
    pub rests_on: Option<RulesEpoch>,
    /// How it ended.
    pub outcome: LogOutcome,
    /// In which request.
    pub request: RequestId,
}

/// How often the rules of a resident have changed: one more with every decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulesEpoch(pub i64);

impl LogEntry {
    /// The entry as it is stored, under this id.
    #[must_use]
    pub fn record(&self, id: AccessLogId) -> record::Record<'static> {
        let ActorParts { kind, id: actor_id, organisation } = self.actor.parts();
        record::Record {
            id,
            resident: self.resident,
            at: self.at.as_microsecond(),
            actor: kind,
            actor_id,
            organisation,
            action: self.action.as_str(),
            finding: self.finding,
            basis: self.basis.map(Basis::as_str),
            consent: self.consent,
            outcome: self.outcome.as_str(),
            request: self.request,
        }
    }
}
