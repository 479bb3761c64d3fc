//! The command line: what can be asked of the program, in words that are meant to be read.

mod areas;
mod audit;
mod demo;
mod keys;
mod operator;
mod organisation;
mod tls;

use std::{
    ffi::OsString,
    io::{self, BufRead},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use nahraum_domain::{ids::OrganisationId, organisations::Duty, private::Private};

pub(crate) use self::{
    areas::AreasCommand,
    audit::{AffectedArgs, AuditCommand},
    demo::DemoArgs,
    keys::KeysCommand,
    operator::OperatorCommand,
    organisation::OrganisationCommand,
    tls::TlsCommand,
};
use crate::config::{Config, ConfigError, PrivateFileError, read_private_file};

/// The first page of help. The list of commands is written by hand, because it is grouped; a test keeps it complete.
const HELP: &str = "\
{about-with-newline}
Just run `nahraum`: it starts a demo with invented people, on this machine only, and prints the address
and how to sign in. Its data lies in the folder nahraum-demo here; stop it with Ctrl-C.

{usage-heading} {usage}

Look around:
  demo            Start with invented people (this is what plain `nahraum` does)
  openapi         Print the description of the API

Run it for people:
  check-config    Say what is wrong with the configuration, or that nothing is
  config          Show every value and where it came from; secrets stay hidden
  migrate         Bring the database to this version, or show where it stands
  serve           Start the server
  healthcheck     Ask the running server whether it is ready; for containers and monitoring

Organisations and their staff:
  organisation    Add a practice, a kiosk, an institution; list them
  staff           Invite a person, say where they work, lock or unlock a login
  operator        Make the first person who runs the installation
  areas           Load the districts, quarters and postcodes that offers name

The access log:
  audit           Verify it, sign it, show its key; verify an export; say whom a breach affected

Keys:
  keys            List the keys, replace the key encryption key, erase a resident for good
  tls             Show the pins of the TLS keys, make the backup key

Options:
  -h, --help      This page; `nahraum serve --help` tells more about a command
  -V, --version   The version

Examples:
  nahraum
  nahraum demo --port 9000 --data-dir ./demo
  nahraum check-config --config /etc/nahraum/nahraum.toml
  NAHRAUM_SERVER__PUBLIC_URL=https://befunde.example.org nahraum serve
  nahraum operator bootstrap --login ada
  nahraum staff invite --organisation 0193… --login empfang

It ends with 0 when done, 1 when something failed, 2 when the command line is wrong, 3 when the database is
newer than the program, and 4 when the configuration is wrong or unsafe and it refused to start.
";

/// What the program's end means. Other programs rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All went well.
    Done,
    /// Something failed; the sentence is on standard error.
    Failed,
    /// The command line was wrong.
    Usage,
    /// The database was made by a newer version (SR-R03).
    NewerSchema,
    /// The configuration is wrong or unsafe.
    Refused,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NewerSchema => 3,
            Self::Refused => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[derive(Parser)]
#[command(name = "nahraum", version, about = "Nahraum gives residents their medical findings on their phone.")]
#[command(help_template = HELP, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

/// What is asked of the program.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Command {
    /// Start with invented people, on this machine only.
    ///
    /// The people are made once, at the first start, and stay until --fresh makes them anew.
    Demo(DemoArgs),
    /// Start the server.
    ///
    /// It refuses to start when the configuration would put findings at risk, and says why.
    /// SIGTERM or Ctrl-C lets running requests finish; a second one does not.
    Serve(ConfigArgs),
    /// Bring the database to this version.
    Migrate {
        /// Only show where the database stands, and change nothing.
        #[arg(long)]
        status: bool,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Say what is wrong with the configuration, or that nothing is.
    CheckConfig(ConfigArgs),
    /// Show every value and where it came from; secrets stay hidden.
    Config(ConfigArgs),
    /// Add an organisation, list organisations.
    #[command(subcommand)]
    Organisation(OrganisationCommand),
    /// Invite a person, say where they work, lock or unlock a login.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Verify the access log, sign it, show its key; verify an export; say whom a breach affected.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// List the keys, replace the key encryption key, erase a resident for good.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Show the pins of the TLS keys, make the backup key.
    #[command(subcommand)]
    Tls(TlsCommand),
    /// Make the first person who runs the installation.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Load the districts, quarters and postcodes that offers name.
    #[command(subcommand)]
    Areas(AreasCommand),
    /// Print the description of the API (OpenAPI, JSON).
    Openapi,
    /// Ask the running server whether it is ready: 0 when it is, 1 when not.
    Healthcheck(ConfigArgs),
    /// Read a file from standard input under limits and tell by the exit code whether that ended well: what the server does
    /// with every upload, in a process of its own.
    #[command(hide = true)]
    ReadFile(ReadFileArgs),
}

/// What reading one file may cost.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReadFileArgs {
    /// Memory, in bytes.
    #[arg(long, value_name = "BYTES")]
    pub memory: u64,
    /// Work of the processor, in seconds.
    #[arg(long, value_name = "N")]
    pub seconds: u64,
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration file. Environment variables win over it.
    #[arg(long, env = "NAHRAUM_CONFIG", hide_env_values = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set one value, such as server.workers=4; wins over environment and file. Not for secrets.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
}

impl ConfigArgs {
    /// Reads the configuration that these arguments ask for.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn load(&self, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), environment, self.set.iter().cloned())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE, such as server.workers=4")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

fn duty(word: &str) -> Result<Duty, String> {
    Duty::parse(word).ok_or_else(|| format!("it is one of {}", Duty::ALL.map(Duty::as_str).join(", ")))
}

/// What can be done with the people who work in the network.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum StaffCommand {
    /// Invite a person who will work in an organisation.
    ///
    /// Prints a one-time secret, good for a day (ten minutes for people of an operator). With it the person sets their
    /// own password and passkeys on the page /enrol of the server.
    Invite {
        /// The organisation's id, as `nahraum organisation list` shows it.
        #[arg(long, value_name = "ID")]
        organisation: OrganisationId,
        /// The login.
        #[command(flatten)]
        who: StaffLogin,
    },
    /// Let a person set password and passkeys anew: prints a one-time secret.
    ///
    /// What they have now stays good until they do; `nahraum staff lock` takes it away at once.
    Reset(StaffLogin),
    /// Add an invented person with a password, for tests and trying out.
    ///
    /// Refused where findings are real. The password is the first line of --password-file, or of standard input.
    Add {
        /// The organisation's id, as `nahraum organisation list` shows it.
        #[arg(long, value_name = "ID")]
        organisation: OrganisationId,
        #[command(flatten)]
        who: StaffLogin,
        /// A file with the password; only you may read it (chmod 600).
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// List the people of an organisation: login, since when, and whether it is locked.
    List {
        /// The organisation's id, as `nahraum organisation list` shows it.
        #[arg(long, value_name = "ID")]
        organisation: OrganisationId,
        /// Where the configuration comes from.
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Let a person work for another organisation as well, or say what they do there.
    Join {
        /// The organisation's id.
        #[arg(long, value_name = "ID")]
        organisation: OrganisationId,
        /// What they do there, so that residents can let in those who do it: physician, care, social-work, interpreting, office.
        #[arg(long, value_name = "DUTY", value_parser = duty)]
        duty: Option<Duty>,
        /// The login.
        #[command(flatten)]
        who: StaffLogin,
    },
    /// End a person's work for an organisation, and their sessions there.
    Leave {
        /// The organisation's id.
        #[arg(long, value_name = "ID")]
        organisation: OrganisationId,
        /// The login.
        #[command(flatten)]
        who: StaffLogin,
    },
    /// Lock a login: its sessions end, and it cannot sign in.
    Lock(StaffLogin),
    /// Let a locked login in again.
    Unlock(StaffLogin),
    /// End all sessions of a login.
    EndSessions(StaffLogin),
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

/// Why no password was read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordError {
    /// The file is missing, or others can read it.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// Standard input failed.
    #[error("the password could not be read: {0}")]
    Input(#[from] io::Error),
    /// There was no text in the first line.
    #[error("the password is empty: give it as the first line of --password-file or of standard input")]
    Empty,
    /// The file is not text.
    #[error("the password file is not UTF-8 text")]
    NotText,
}

/// A password: the first line of the file, or of `input` (standard input) when there is no file.
///
/// # Errors
/// When the file is missing or open to others, or the line is empty.
pub(crate) fn read_password(file: Option<&Path>, mut input: impl BufRead) -> Result<Private<String>, PasswordError> {
    let mut text = String::new();
    match file {
        Some(path) => {
            text = String::from_utf8(read_private_file(path)?).map_err(|_| PasswordError::NotText)?;
        }
        None => {
            input.read_line(&mut text)?;
        }
    }
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Private::new(line.to_owned())),
        Some(_) | None => Err(PasswordError::Empty),
    }
}

#[cfg(test)]
mod tests;
