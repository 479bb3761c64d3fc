//! `nahraum keys …`: what can be asked about keys.

use clap::Subcommand;
use nahraum_domain::{erasure::ErasureReason, ids::ResidentId};

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
    Destroy {
        /// The resident's id.
        #[arg(long, value_name = "ID")]
        resident: ResidentId,
        /// Why; one of asked, unused, mistake. It stays in the ledger.
        #[arg(long, value_name = "WORD", value_parser = erasure_reason)]
        reason: ErasureReason,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

fn erasure_reason(text: &str) -> Result<ErasureReason, String> {
    ErasureReason::parse(text).ok_or_else(|| {
        let words: Vec<&str> = ErasureReason::ALL.into_iter().map(ErasureReason::as_str).collect();
        format!("expected one of {}", words.join(", "))
    })
}
