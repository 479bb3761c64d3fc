//! `nahraum operator …`: what can be done with those who run the installation.

use clap::Subcommand;

use super::StaffLogin;

/// What can be done with those who run the installation.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum OperatorCommand {
    /// Make the first operator: prints a one-time secret, good for ten minutes.
    ///
    /// Can be repeated until that person has enrolled, and is refused ever after. Further people come by
    /// `nahraum staff invite`.
    Bootstrap {
        /// The login.
        #[command(flatten)]
        who: StaffLogin,
        /// The name of the organisation that runs the installation.
        #[arg(long, default_value = "Betrieb")]
        name: String,
    },
}
