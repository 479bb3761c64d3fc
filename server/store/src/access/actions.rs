//! One type per action, so that a permit to read cannot be used to recall.

use nahraum_domain::access::Action;

/// A type that stands for an action. Sealed: the list below is all there is.
pub trait ActionMarker: private::Sealed {
    /// The action.
    const ACTION: Action;
}

mod private {
    pub trait Sealed {}
}

macro_rules! markers {
    ($($name:ident),+ $(,)?) => {$(
        #[doc = concat!("[`Action::", stringify!($name), "`] as a type.")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;
        impl private::Sealed for $name {}
        impl ActionMarker for $name {
            const ACTION: Action = Action::$name;
        }
    )+};
}

markers!(
    ListFindings,
    OpenFinding,
    DownloadContent,
    ExportFinding,
    ExportEverything,
    ReadTrend,
    MarkRead,
    UploadFinding,
    ReplaceFinding,
    ReadReceipt,
    ListReceipts,
    ListInbox,
    AssignInboxItem,
    RejectInboxItem,
    RecallFinding,
    ReleaseFinding,
    AdjustFinding,
    AskCorrection,
    ReadCorrections,
    AnswerCorrection,
    WithdrawFinding,
    ListShared,
    OpenShared,
    DownloadShared,
);
