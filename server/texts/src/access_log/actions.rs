//! What is said about each action of the log.

use nahraum_domain::audit::LogAction;
use serde::Deserialize;

/// What is said about one action.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sentences {
    /// The reader did it.
    pub(super) you: String,
    /// Somebody else did it.
    pub(super) other: String,
    /// The action alone, to stand in a [`DeniedWords`](super::DeniedWords) frame.
    pub(super) attempt: String,
}

/// The sentences of all actions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActionWords {
    deliver: Sentences,
    list: Sentences,
    sync: Sentences,
    open: Sentences,
    download: Sentences,
    export: Sentences,
    export_everything: Sentences,
    trend: Sentences,
    mark_read: Sentences,
    recall: Sentences,
    replace: Sentences,
    receipt: Sentences,
    inbox: Sentences,
    assign: Sentences,
    reject: Sentences,
    link: Sentences,
    activate: Sentences,
    expire: Sentences,
    check: Sentences,
    erase: Sentences,
    confirm: Sentences,
    unlink: Sentences,
    share: Sentences,
    unshare: Sentences,
    block: Sentences,
    unblock: Sentences,
    read_log: Sentences,
    cut_off: Sentences,
    use_code: Sentences,
    adjust: Sentences,
    release: Sentences,
    emergency: Sentences,
    ask_correction: Sentences,
    read_correction: Sentences,
    answer_correction: Sentences,
    recommend: Sentences,
    read_registration: Sentences,
    read_contact: Sentences,
}

impl ActionWords {
    pub(super) const fn of(&self, action: LogAction) -> &Sentences {
        match action {
            LogAction::Deliver => &self.deliver,
            LogAction::List => &self.list,
            LogAction::Sync => &self.sync,
            LogAction::Open => &self.open,
            LogAction::Download => &self.download,
            LogAction::Export => &self.export,
            LogAction::ExportEverything => &self.export_everything,
            LogAction::Trend => &self.trend,
            LogAction::MarkRead => &self.mark_read,
            LogAction::Recall => &self.recall,
            LogAction::Replace => &self.replace,
            LogAction::Receipt => &self.receipt,
            LogAction::Inbox => &self.inbox,
            LogAction::Assign => &self.assign,
            LogAction::Reject => &self.reject,
            LogAction::Link => &self.link,
            LogAction::Activate => &self.activate,
            LogAction::Expire => &self.expire,
            LogAction::Check => &self.check,
            LogAction::Erase => &self.erase,
            LogAction::Confirm => &self.confirm,
            LogAction::Unlink => &self.unlink,
            LogAction::Share => &self.share,
            LogAction::Unshare => &self.unshare,
            LogAction::Block => &self.block,
            LogAction::Unblock => &self.unblock,
            LogAction::ReadLog => &self.read_log,
            LogAction::CutOff => &self.cut_off,
            LogAction::UseCode => &self.use_code,
            LogAction::Adjust => &self.adjust,
            LogAction::Release => &self.release,
            LogAction::Emergency => &self.emergency,
            LogAction::AskCorrection => &self.ask_correction,
            LogAction::ReadCorrection => &self.read_correction,
            LogAction::AnswerCorrection => &self.answer_correction,
            LogAction::Recommend => &self.recommend,
            LogAction::ReadRegistration => &self.read_registration,
            LogAction::ReadContact => &self.read_contact,
        }
    }
}
