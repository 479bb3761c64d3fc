//! Why the demo's people could not be made.

use nahraum_app::Refusal;
use nahraum_secrets::HashError;

use super::district::DistrictError;

/// Why the demo's people could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    /// A file of the district could not be written.
    #[error(transparent)]
    District(#[from] DistrictError),
    /// A use case said no.
    #[error("the demo could not {step}: {refusal:?}")]
    Refused {
        /// What was tried.
        step: &'static str,
        /// The answer.
        refusal: Refusal,
    },
    /// The tables name something that is not there.
    #[error("the demo lacks {0}")]
    Missing(&'static str),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// A day that the calendar does not have.
    #[error(transparent)]
    Time(#[from] jiff::Error),
    /// The spool cannot be written.
    #[error("the demo's files could not be stored")]
    Spool(#[from] std::io::Error),
    /// A task was lost.
    #[error("a part of the demo was lost on the way")]
    Task(#[from] tokio::task::JoinError),
}

/// For `map_err`: at which step a use case said no.
pub(super) fn at(step: &'static str) -> impl Fn(Refusal) -> SeedError {
    move |refusal| SeedError::Refused { step, refusal }
}
