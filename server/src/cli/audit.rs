//! `nahraum audit …`: what can be asked about the access log.

use std::path::PathBuf;

use clap::Subcommand;
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
    /// Verify a file from GET /v1/access-log/export, without any server: 0 when all is well, 1 with what is not.
    VerifyExport {
        /// The file.
        file: PathBuf,
        /// The key it must be signed with.
        #[arg(long, value_name = "HEX", value_parser = crate::audit::key)]
        key: Option<VerifyingKey>,
    },
}
