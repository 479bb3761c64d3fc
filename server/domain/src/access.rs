//! Who may do what: the access policy, as pure functions over facts.
//!
//! Nothing here loads anything. The store brings the facts, asks [`decide`] and hands out a permit for an
//! [`Decision::Allow`]. The whole policy is printed as a matrix in `tests/access-matrix.txt`, for people who do not
//! read Rust; a test keeps the file true.

mod action;
mod actor;
mod basis;

pub use self::{
    action::Action,
    actor::{Actor, Role},
    basis::Basis,
};
use crate::{
    consent::{Right, Verdict},
    finding::FindingState,
    ids::{CredentialId, PracticeId, ResidentId, StaffId},
    release::Treatment,
};

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
    /// Whether the practice still has to confirm that the account is its patient's (SR-B05).
    pub pending: bool,
    /// How it is treated.
    pub treatment: Treatment,
    /// Whether whoever asks has proven who they are within five minutes.
    pub unlocked: bool,
    /// What the owner's rules say about whoever asks, for what they ask. Of no meaning for the owner and the sender.
    pub verdict: Verdict,
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
                | Action::ExportEverything
                | Action::ReadTrend
                | Action::MarkRead
                | Action::AdjustFinding
                | Action::AskCorrection
                | Action::ListShared
                | Action::OpenShared
                | Action::DownloadShared
        ),
        Role::Representative => matches!(
            action,
            Action::ListFindings
                | Action::OpenFinding
                | Action::DownloadContent
                | Action::ExportFinding
                | Action::ExportEverything
                | Action::MarkRead
        ),
        Role::Staff => matches!(
            action,
            Action::ListShared
                | Action::OpenShared
                | Action::DownloadShared
                | Action::UploadFinding
                | Action::ReplaceFinding
                | Action::ReadReceipt
                | Action::ListReceipts
                | Action::ListInbox
                | Action::AssignInboxItem
                | Action::RejectInboxItem
                | Action::RecallFinding
                | Action::ReleaseFinding
                | Action::ReadCorrections
                | Action::AnswerCorrection
                | Action::WithdrawFinding
        ),
        Role::District | Role::Holder => {
            matches!(action, Action::ListShared | Action::OpenShared | Action::DownloadShared)
        }
        Role::Operator => false,
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

/// What an actor needs of the rights that the owner of a finding gives, to do this with it; none where it needs no consent of
/// that kind.
#[must_use]
pub const fn right_needed(actor: &Actor, action: Action) -> Option<Right> {
    match actor {
        Actor::Representative { .. } => Some(action.right_in_place()),
        Actor::Resident(_)
        | Actor::Staff { .. }
        | Actor::District { .. }
        | Actor::Operator { .. }
        | Actor::Software { .. }
        | Actor::Holder { .. } => action.right(),
    }
}

/// May this actor do this to this finding?
#[must_use]
pub fn decide(actor: &Actor, action: Action, facts: &FindingFacts) -> Decision {
    if !role_may(actor.role(), action) {
        return Decision::Forbid;
    }
    if action.right().is_some() {
        return decide_for_recipient(facts);
    }
    match actor {
        Actor::Representative { resident, .. } if facts.owner == Some(*resident) => decide_for_recipient(facts),
        Actor::Resident(resident)
            if facts.owner == Some(*resident)
                && facts.state.is_listed()
                && !facts.pending
                && facts.treatment.shows(facts.unlocked) =>
        {
            // What was taken back or replaced is nobody's to correct.
            let asks_in_vain = action == Action::AskCorrection && facts.state != FindingState::Delivered;
            if asks_in_vain { Decision::Conflict } else { Decision::Allow(Basis::Own) }
        }
        // Their role has no action at all, so they were refused above.
        Actor::Resident(_)
        | Actor::Representative { .. }
        | Actor::District { .. }
        | Actor::Operator { .. }
        | Actor::Holder { .. } => Decision::Hide,
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

/// What somebody may see whom the owner has let in: what is there now, and nothing that betrays what is not for them.
/// Neither stubs nor replaced versions, nothing that the owner does not see yet, and no difference between what is closed and
/// what does not exist.
fn decide_for_recipient(facts: &FindingFacts) -> Decision {
    let there = facts.owner.is_some() && !facts.pending && facts.treatment != Treatment::Held;
    match (facts.verdict, facts.state) {
        (Verdict::Permitted(_, purpose), FindingState::Delivered) if there => Decision::Allow(Basis::of(purpose)),
        (Verdict::Permitted(..) | Verdict::Denied(_) | Verdict::NotAsked, _) => Decision::Hide,
    }
}

/// What the sending practice may still do, state by state.
fn decide_for_sender(action: Action, state: FindingState) -> Decision {
    let possible = match action {
        Action::AssignInboxItem | Action::RejectInboxItem => state == FindingState::Inbox,
        Action::RecallFinding | Action::ReleaseFinding => {
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
        | Action::ExportEverything
        | Action::ReadTrend
        | Action::MarkRead
        | Action::AdjustFinding
        | Action::AskCorrection
        | Action::ReadCorrections
        | Action::AnswerCorrection
        | Action::ListShared
        | Action::OpenShared
        | Action::DownloadShared => true,
    };
    if possible { Decision::Allow(Basis::TreatmentDelivery) } else { Decision::Conflict }
}

#[cfg(test)]
mod tests;
