//! `nahraum-uploader`: what a practice runs on its own computer. It takes files from folders, HL7 v2 messages from devices and
//! contents from local programs, and sends each of them once.
//!
//! Begin reading at `sender.rs`. Why it is so: `docs/decisions/0039-an-uploader-that-repeats-itself.md`; for people in a practice:
//! `ops/uploader/README.md`.

mod access;
mod address;
mod backoff;
mod cli;
mod clock;
mod digest;
mod door;
mod durable;
mod folder;
mod journal;
mod key;
mod mllp;
mod notice;
mod oauth;
mod pair;
mod places;
mod random;
mod registry;
mod sender;
mod session;
mod spool;
mod status;
mod upload;
mod watch;
mod wire;

use std::{io, process::ExitCode};

use clap::Parser;

use crate::{
    access::NoAccess,
    cli::{Cli, Command},
    clock::Clock,
    pair::Wish,
    places::Places,
    random::Random,
    watch::{Ending, NoWatch},
};

/// Something went wrong.
const FAILED: u8 = 1;
/// Nobody has let us in, or somebody has put us out.
const NOT_LET_IN: u8 = 3;
/// `--once`: something is left.
const LEFT: u8 = 4;
/// `--once`: something was not taken.
const REFUSED: u8 = 5;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let (clock, random) = (Clock::start(), Random::system());
    let places = cli.data.or_else(watch::usual_data_folder).ok_or_else(|| io::ErrorKind::NotFound.into());
    let places = match places.and_then(Places::open) {
        Ok(places) => places,
        Err(error) => return failed(&format!("Der Datenordner ist nicht benutzbar: {error}"), FAILED),
    };
    match cli.command {
        Command::Pair(pair) => {
            let wish = Wish { server: pair.server, name: pair.name, trusted: pair.ca, again: pair.again };
            match pair::pair(&wish, &places, clock, &random, &mut io::stdout()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&error.to_string(), FAILED),
            }
        }
        Command::Watch(wish) => match watch::watch(&wish, &places, clock, &random) {
            Ok(Ending::Done) => ExitCode::SUCCESS,
            Ok(Ending::Left) => ExitCode::from(LEFT),
            Ok(Ending::Refused) => ExitCode::from(REFUSED),
            Ok(Ending::ShutOut) => ExitCode::from(NOT_LET_IN),
            Err(error @ NoWatch::Access(NoAccess::NotPaired)) => failed(&error.to_string(), NOT_LET_IN),
            Err(error) => failed(&error.to_string(), FAILED),
        },
        Command::Status(wish) => match status::show(&places, &wish.folders, clock.now(), &mut io::stdout()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&format!("Das ging nicht: {error}"), FAILED),
        },
    }
}

fn failed(sentence: &str, code: u8) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::from(code)
}
