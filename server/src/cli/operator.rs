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

/// One person, and where the configuration comes from.
#[derive(Debug, Clone, Args)]
pub(crate) struct StaffLogin {
    /// The login, unique in this installation.
    #[arg(long)]
    pub login: String,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Understands the command line; the first argument is the program's own name. Without a command it is the demo.
///
/// # Errors
/// When there is nothing left to do: help or version was asked for and printed (0), or the command line is wrong and
/// the reason is printed (2).
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, ExitCode> {
    match Cli::try_parse_from(arguments) {
        Ok(cli) => Ok(cli.command.unwrap_or_else(|| Command::Demo(DemoArgs::default()))),
        Err(error) => {
            // When even standard error is closed, the exit code still tells.
            let _unheard = error.print().is_err();
            Err(ExitCode::from(if error.use_stderr() { Exit::Usage } else { Exit::Done }))
        }
    }
}
