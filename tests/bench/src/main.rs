//! Measures the real server: reads beside a bare program in the same run, a flood of sign-ins, and `kill -9` in the
//! middle of uploads. Everything happens on 127.0.0.1, in folders that are gone afterwards.

mod bare;
mod catalogue;
mod child;
mod clock;
mod crash;
mod engine;
mod export;
mod http;
mod load;
mod log_cost;
mod log_verify;
mod login_flood;
mod paper;
mod people;
#[path = "../../support/pg_cluster.rs"]
mod pg_cluster;
mod reads;
mod report;
mod server;
mod sync;
mod usage;

use std::{error::Error, io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// What went wrong, in words.
type Trouble = Box<dyn Error + Send + Sync>;
type Outcome<T> = Result<T, Trouble>;

#[derive(Debug, Parser)]
#[command(name = "nahraum-bench", about = "Load, floods and crashes against the real server")]
struct Arguments {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Debug, Subcommand)]
enum Mode {
    /// The list and one finding, beside a bare program that reads the same rows.
    Reads(reads::Options),
    /// Many sign-ins at once: memory, health checks, and what the refused are told.
    LoginFlood(login_flood::Options),
    /// kill -9 in the middle of uploads, again and again.
    Crash(crash::Options),
    /// What the access log costs a reader.
    LogCost(log_cost::Options),
    /// How long it takes to verify a long access log, and to say from it whom a breach affected.
    LogVerify(log_verify::Options),
    /// A copy of everything: time, memory, and whether it is whole.
    Export(export::Options),
    /// The offers of a whole district, as a phone takes them.
    Catalogue(catalogue::Options),
    /// What an app pays that keeps things.
    Sync(sync::Options),
    /// The bare program itself; `reads` starts it.
    #[command(hide = true)]
    Bare(bare::Options),
}

/// What all measurements share.
#[derive(Debug, Args)]
struct Setting {
    /// The server; without it, the program `nahraum` beside this one.
    #[arg(long)]
    server: Option<PathBuf>,
    /// On which databases. PostgreSQL is left out when there is none to start.
    #[arg(long, value_enum, default_value = "both")]
    engine: Engines,
    /// Where to write the numbers as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engines {
    Sqlite,
    Postgres,
    Both,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().mode {
        Mode::Reads(options) => reads::run(&options),
        Mode::LoginFlood(options) => login_flood::run(&options),
        Mode::Crash(options) => crash::run(&options),
        Mode::LogCost(options) => log_cost::run(&options),
        Mode::LogVerify(options) => log_verify::run(&options),
        Mode::Export(options) => export::run(&options),
        Mode::Catalogue(options) => catalogue::run(&options),
        Mode::Sync(options) => sync::run(&options),
        Mode::Bare(options) => bare::run(&options).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            say(&format!("nahraum-bench: {trouble}"));
            ExitCode::FAILURE
        }
    }
}

/// A line for whoever watches; the results go to standard output.
fn say(line: &str) {
    // When nobody listens any more, the measurement still ends well.
    let _unheard = writeln!(std::io::stderr(), "{line}").is_err();
}
