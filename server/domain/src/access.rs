//! Who may do what: the access policy, as pure functions over facts.
//!
//! Nothing here loads anything. The store brings the facts, asks [`decide`] and hands out a permit for an
//! [`Decision::Allow`]. The whole policy is printed as a matrix in `tests/access-matrix.txt`, for people who do not
//! read Rust; a test keeps the file true.

use crate::{
    finding::FindingState,
    ids::{CredentialId, PracticeId, ResidentId, StaffId},
};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A resident, for themself.
    Resident(ResidentId),
    /// A person of a practice, for the practice.
    Staff {
        /// The person.
        staff: StaffId,
        /// The practice they act for.
        practice: PracticeId,
    },
    /// A practice's software. Write-only but for its own receipts (SR-Z05).
    Software {
        /// The upload credential.
        credential: CredentialId,
        /// The practice it uploads for.
        practice: PracticeId,
    },
}

impl Actor {
    /// The role, which decides what kinds of action are open at all.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::Resident(_) => Role::Resident,
            Self::Staff { .. } => Role::Staff,
            Self::Software { .. } => Role::Software,
        }
    }

    /// The practice the actor acts for, if any.
    #[must_use]
    pub const fn practice(&self) -> Option<PracticeId> {
        match self {
            Self::Resident(_) => None,
            Self::Staff { practice, .. } | Self::Software { practice, .. } => Some(*practice),
        }
    }
}

/// The kinds of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A resident.
    Resident,
    /// A person of a practice.
    Staff,
    /// A practice's software.
    Software,
}

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
    /// Take it back because the sender's system reports it as entered in error.
    WithdrawFinding,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 15] = [
        Self::ListFindings,
        Self::OpenFinding,
        Self::DownloadContent,
        Self::ExportFinding,
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
        Self::WithdrawFinding,
    ];
}

/// Who sent a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uploader {
    /// A person of the practice.
    Staff(StaffId),
    /// The practice's software.
    Software(CredentialId),
}

/// What the policy needs to know about one finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FindingFacts {
    /// Whose it is, once that is settled.
    pub owner: Option<ResidentId>,
    /// Which practice sent it.
    pub practice: PracticeId,
    /// Who in the practice sent it.
    pub uploader: Uploader,
    /// Where it is on its way.
    pub state: FindingState,
}

/// Why something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// It is the resident's own.
    Own,
    /// The practice delivers what it has examined, with the patient's consent.
    TreatmentDelivery,
}

impl Basis {
    /// A stable word for it, in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::TreatmentDelivery => "treatment-delivery",
        }
    }

    /// The basis with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Own, Self::TreatmentDelivery].into_iter().find(|b| b.as_str() == word)
    }
}

/// The policy's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes, and why.
    Allow(Basis),
    /// No, and the record must look as if it did not exist.
    Hide,
    /// No: this kind of actor never does this kind of thing. Independent of the record, so it betrays nothing.
    Forbid,
    /// No: it is the actor's to decide on, but not in the state it is in.
    Conflict,
}

/// Whether a role has this kind of action at all, whatever the record.
#[must_use]
pub const fn role_may(role: Role, action: Action) -> bool {
    match role {
        Role::Resident => matches!(
            action,
            Action::ListFindings
                | Action::OpenFinding
                | Action::DownloadContent
                | Action::ExportFinding
                | Action::ReadTrend
                | Action::MarkRead
        ),
        Role::Staff => matches!(
            action,
            Action::UploadFinding
                | Action::ReplaceFinding
                | Action::ReadReceipt
                | Action::ListReceipts
                | Action::ListInbox
                | Action::AssignInboxItem
                | Action::RejectInboxItem
                | Action::RecallFinding
                | Action::WithdrawFinding
        ),
        Role::Software => matches!(
            action,
            Action::UploadFinding
                | Action::ReplaceFinding
                | Action::WithdrawFinding
                | Action::ReadReceipt
                | Action::ListReceipts
        ),
    }
}

/// May this actor do this to this finding?
#[must_use]
pub fn decide(actor: &Actor, action: Action, facts: &FindingFacts) -> Decision {
    if !role_may(actor.role(), action) {
        return Decision::Forbid;
    }
    match actor {
        Actor::Resident(resident) if facts.owner == Some(*resident) && facts.state.is_listed() => {
            Decision::Allow(Basis::Own)
        }
        Actor::Resident(_) => Decision::Hide,
        Actor::Staff { practice, .. } | Actor::Software { practice, .. } if facts.practice != *practice => {
            Decision::Hide
        }
        // Corrections come from the practice's software as a whole: a new credential must be able to correct what an
        // old one had sent. Receipts are the sender's own.
        Actor::Software { credential, .. }
            if action == Action::ReadReceipt && facts.uploader != Uploader::Software(*credential) =>
        {
            Decision::Hide
        }
        Actor::Staff { .. } | Actor::Software { .. } => decide_for_sender(action, facts.state),
    }
}

/// What the sending practice may still do, state by state.
fn decide_for_sender(action: Action, state: FindingState) -> Decision {
    let possible = match action {
        Action::AssignInboxItem | Action::RejectInboxItem => state == FindingState::Inbox,
        Action::RecallFinding => {
            matches!(state, FindingState::Waiting | FindingState::Delivered | FindingState::Superseded)
        }
        // What the sender itself calls a mistake vanishes wherever it lies.
        Action::WithdrawFinding => matches!(
            state,
            FindingState::Inbox | FindingState::Waiting | FindingState::Delivered | FindingState::Superseded
        ),
        Action::ReplaceFinding => matches!(state, FindingState::Waiting | FindingState::Delivered),
        Action::ReadReceipt
        | Action::UploadFinding
        | Action::ListReceipts
        | Action::ListInbox
        | Action::ListFindings
        | Action::OpenFinding
        | Action::DownloadContent
        | Action::ExportFinding
        | Action::ReadTrend
        | Action::MarkRead => true,
    };
    if possible { Decision::Allow(Basis::TreatmentDelivery) } else { Decision::Conflict }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use jiff::Timestamp;

    use super::*;

    const GOLDEN: &str = include_str!("../tests/access-matrix.txt");

    fn id<T>(make: impl Fn(Timestamp, [u8; 10]) -> T, n: u8) -> T {
        make(Timestamp::UNIX_EPOCH, [n; 10])
    }

    /// Each actor seen from one finding: owner, stranger, sender, colleague, other practice, other credential.
    fn actors() -> Vec<(&'static str, Actor)> {
        let (here, there) = (id(PracticeId::new, 1), id(PracticeId::new, 2));
        vec![
            ("the resident it belongs to", Actor::Resident(id(ResidentId::new, 1))),
            ("another resident", Actor::Resident(id(ResidentId::new, 2))),
            ("staff of the sending practice", Actor::Staff { staff: id(StaffId::new, 1), practice: here }),
            ("staff of another practice", Actor::Staff { staff: id(StaffId::new, 2), practice: there }),
            ("the software that sent it", Actor::Software { credential: id(CredentialId::new, 1), practice: here }),
            ("other software, same practice", Actor::Software { credential: id(CredentialId::new, 2), practice: here }),
            ("software of another practice", Actor::Software { credential: id(CredentialId::new, 3), practice: there }),
        ]
    }

    fn facts(state: FindingState) -> FindingFacts {
        let owner = match state {
            FindingState::Inbox | FindingState::Waiting | FindingState::Rejected | FindingState::Expired => None,
            FindingState::Delivered | FindingState::Superseded | FindingState::Recalled => Some(id(ResidentId::new, 1)),
        };
        FindingFacts {
            owner,
            practice: id(PracticeId::new, 1),
            uploader: Uploader::Software(id(CredentialId::new, 1)),
            state,
        }
    }

    fn matrix() -> String {
        let mut out = String::from(
            "Who may do what with one finding, state by state. Written by the test of `domain::access`; do not edit.\n\
             yes = allowed · - = looks as if it did not exist · no = never for this role · late = not in this state\n",
        );
        for (name, actor) in actors() {
            write!(out, "\n{name}\n{:18}", "").unwrap();
            for state in FindingState::ALL {
                write!(out, "{:11}", state.as_str()).unwrap();
            }
            out.push('\n');
            for action in Action::ALL {
                write!(out, "{:18}", format!("{action:?}")).unwrap();
                for state in FindingState::ALL {
                    let cell = match decide(&actor, action, &facts(state)) {
                        Decision::Allow(_) => "yes",
                        Decision::Hide => "-",
                        Decision::Forbid => "no",
                        Decision::Conflict => "late",
                    };
                    write!(out, "{cell:11}").unwrap();
                }
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
            }
        }
        out
    }

    #[test]
    fn the_printed_matrix_is_the_policy() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/access-matrix.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, matrix()).unwrap();
        }
        assert_eq!(
            matrix(),
            std::fs::read_to_string(path).unwrap_or_else(|_| GOLDEN.into()),
            "UPDATE_GOLDEN=1 writes it"
        );
    }

    #[test]
    fn nobody_reads_content_but_its_owner() {
        let content = [Action::OpenFinding, Action::DownloadContent, Action::ExportFinding, Action::ReadTrend];
        for (name, actor) in actors() {
            for action in content {
                for state in FindingState::ALL {
                    let allowed = matches!(decide(&actor, action, &facts(state)), Decision::Allow(_));
                    let owner = name == "the resident it belongs to" && state.is_listed();
                    assert_eq!(allowed, owner, "{name} {action:?} {state:?}");
                }
            }
        }
    }

    #[test]
    fn a_waiting_finding_is_unreadable_for_everyone() {
        for (name, actor) in actors() {
            for action in [Action::OpenFinding, Action::DownloadContent, Action::ExportFinding] {
                let decision = decide(&actor, action, &facts(FindingState::Waiting));
                assert!(!matches!(decision, Decision::Allow(_)), "{name} {action:?}");
            }
        }
    }
}
