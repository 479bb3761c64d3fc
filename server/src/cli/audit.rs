//! `nahraum audit …`: what can be asked about the access log.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use nahraum_domain::ids::{ActorId, OrganisationId};
use nahraum_secrets::VerifyingKey;

use super::ConfigArgs;

/// What can be done with the access log.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify the whole log: 0 when it is whole, 1 with the first entry that is not.
    ///
    /// Both chains, all signatures, what waits to be linked, and what was shown without an entry. Signed places in
    /// the data folder's checkpoints.jsonl are compared as well.
    Verify {
        /// A copy of checkpoints.jsonl that was kept on another machine; may be given several times.
        #[arg(long, value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// A key that this installation had before its root key was changed; may be given several times.
        #[arg(long, value_name = "HEX", value_parser = crate::audit::key)]
        key: Vec<VerifyingKey>,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Sign where the log ends now, and print that; the server does it every hour.
    Checkpoint(ConfigArgs),
    /// Print the public key that verifies the signatures.
    Key(ConfigArgs),
    /// Say who was affected between two instants, by whom and how often: what has to be told of a breach.
    ///
    /// One line for each resident and each who acted, as ids. Looks, downloads and changes happened; what was refused
    /// showed nothing. Reads one snapshot while the server runs.
    Affected(AffectedArgs),
    /// Verify a file from GET /v1/access-log/export, without any server: 0 when all is well, 1 with what is not.
    VerifyExport {
        /// The file.
        file: PathBuf,
        /// The key it must be signed with.
        #[arg(long, value_name = "HEX", value_parser = crate::audit::key)]
        key: Option<VerifyingKey>,
    },
}

/// What is asked about a breach.
#[derive(Debug, Clone, Args)]
pub(crate) struct AffectedArgs {
    /// From this instant on, such as 2026-11-22T08:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    pub from: Timestamp,
    /// Before this instant.
    #[arg(long, value_name = "INSTANT")]
    pub to: Timestamp,
    /// Only what this resident, person or credential did.
    #[arg(long, value_name = "ID")]
    pub actor: Option<ActorId>,
    /// Only what was done for this organisation.
    #[arg(long, value_name = "ID")]
    pub organisation: Option<OrganisationId>,
    /// Leave out what residents did with what is their own.
    #[arg(long)]
    pub by_others: bool,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub config: ConfigArgs,
}
