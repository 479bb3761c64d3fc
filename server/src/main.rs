//! The `nahraum` binary: understands the command line, does what it asks, and ends with a number that tells how it went.

mod areas;
mod audit;
mod cli;
mod clock;
mod config;
mod databases;
mod demo;
mod healthcheck;
mod inspection;
mod jobs;
mod keys;
mod logging;
mod mail;
mod operator;
mod people;
mod push;
mod serving;
mod tls;
mod wiring;

use std::{error::Error, io::Write, process::ExitCode};

use cli::{Command, Exit};

fn main() -> ExitCode {
    forbid_core_dumps();
    tls::install_provider();
    match cli::parse(std::env::args_os()) {
        Ok(command) => run(command).into(),
        Err(code) => code,
    }
}

/// Keys are in this process's memory, and a core dump would write them to a disk (SR-K06). To lower a limit needs no
/// right, and where there is no such limit there is nothing to lower.
fn forbid_core_dumps() {
    let nothing = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    if rustix::process::setrlimit(rustix::process::Resource::Core, nothing).is_err() {
        let _unheard = writeln!(std::io::stderr(), "nahraum: core dumps could not be switched off").is_err();
    }
}

fn run(command: Command) -> Exit {
    let environment = environment();
    let done = match command {
        Command::Demo(args) => demo::run(args, &environment),
        Command::Serve(args) => serving::serve(&args, &environment),
        Command::Migrate { status, config } => operator::migrate(status, &config, &environment),
        Command::CheckConfig(args) => operator::check_config(&args, &environment),
        Command::Config(args) => operator::show_config(&args, &environment),
        Command::Organisation(command) => operator::organisation(command, &environment),
        Command::Staff(command) => operator::staff(command, &environment),
        Command::Audit(command) => audit::run(command, &environment),
        Command::Keys(command) => keys::run(command, &environment),
        Command::Tls(command) => tls::run(&command, &environment),
        Command::Operator(command) => operator::bootstrap(command, &environment),
        Command::Areas(command) => areas::run(&command, &environment),
        Command::Openapi => operator::openapi(),
        Command::ReadFile(limits) => inspection::read_alone(&limits),
        Command::Healthcheck(args) => operator::healthcheck(&args, &environment),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(trouble) => {
            // When even standard error is closed, the exit code still tells.
            let _unheard = writeln!(std::io::stderr(), "nahraum: {}", sentence(&trouble)).is_err();
            trouble.exit()
        }
    }
}

/// The environment. A variable that is not UTF-8 is none of ours.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// An error with what led to it.
fn sentence(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
