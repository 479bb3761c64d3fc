//! `nahraum keys …`: what can be asked about keys.

use clap::Subcommand;
use nahraum_domain::ids::{ApprovalId, ResidentId};

use super::ConfigArgs;

/// What can be done with keys.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum KeysCommand {
    /// Show every kind of key and what it is for, and what lies in the key store.
    List {
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Replace the key encryption key, while servers run.
    ///
    /// A new one takes over all keys, some at a time, and the old one is destroyed. What was interrupted goes on when it
    /// is started again.
    Rotate {
        /// How many keys one transaction takes over.
        #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=10_000))]
        batch: i64,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Erase a resident for good: first the key, then everything that is stored. No backup of the data brings it back.
    ///
    /// Takes two persons of the operator: one has asked for it (POST /v1/operator/approvals), another one has agreed, within
    /// the last half hour. The reason that the ledger keeps is the one that was asked with.
    Destroy {
        /// The resident's id.
        #[arg(long, value_name = "ID")]
        resident: ResidentId,
        /// The approval, which must be for just this resident.
        #[arg(long, value_name = "ID")]
        approval: ApprovalId,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
}
