//! Room audit: the access log as residents read it and take it away, and the proofs that nobody changed it.

mod affected;
mod checkpoints;
mod counters;
mod in_place;
mod parties;
mod prune;
mod statement;
mod verify;
mod view;

pub use affected::{Answer, Question, affected};
pub use checkpoints::{SignedCheckpoint, checkpoint, newest_checkpoint};
pub use counters::{Gap, check_entry, count_answers, gaps, has_entry};
pub use parties::announce;
pub use prune::prune;
pub use statement::{
    ExportedEntry, SignedStatement, entries_of, own_anchor, sign_deflated, sign_jws, sign_listing, statement,
};
pub use verify::{Known, Problem, Report, Trust, verify};
pub use view::{Entry, Filter, Who, inspect, own};
