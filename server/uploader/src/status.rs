//! `status`: in plain German, how many files went out and what waits. Nothing is changed, also while the program runs.

use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::PathBuf,
};

use jiff::Timestamp;

use crate::{
    access::Access,
    clock::{german_day, german_time},
    folder,
    places::Places,
    registry::{Outcome, entries},
};

/// Shows it.
///
/// # Errors
/// When the screen cannot be written to, or the registry cannot be read.
pub(crate) fn show(places: &Places, folders: &[PathBuf], now: Timestamp, screen: &mut dyn Write) -> io::Result<()> {
    match Access::load(&places.access()) {
        Ok(access) => {
            writeln!(screen, "Verbunden mit:  {}", access.issuer)?;
            writeln!(screen, "Zugang bis:     {} (verlängert sich von selbst)", german_day(access.ends_at()))?;
            writeln!(screen, "Verbindung:     {}", connection(places))?;
        }
        Err(error) => writeln!(screen, "{error}")?,
    }
    let bytes = match fs::read(places.registry()) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let (mut today, mut ever) = (Counts::default(), Counts::default());
    for entry in entries(&bytes).flatten() {
        ever.add(entry.outcome);
        if german_day(entry.at) == german_day(now) {
            today.add(entry.outcome);
        }
    }
    writeln!(screen, "Heute:          {today}")?;
    writeln!(screen, "Insgesamt:      {ever}")?;
    let waiting = fs::read_dir(places.spool()).map_or(0, Iterator::count);
    writeln!(screen, "Nachrichten:    {waiting} warten")?;
    for (number, root) in folders.iter().enumerate() {
        match folder::counts(root) {
            Ok((waiting, refused)) => {
                writeln!(screen, "Ordner {}:       {waiting} warten, {refused} in „fehler“", number + 1)?;
            }
            Err(_) => writeln!(screen, "Ordner {}:       nicht lesbar", number + 1)?,
        }
    }
    Ok(())
}

fn connection(places: &Places) -> String {
    let text = fs::read_to_string(places.connection()).unwrap_or_default();
    let (word, since) = text.split_once(' ').unwrap_or_default();
    let since = since.parse().map_or_else(|_| "?".to_owned(), german_time);
    match word {
        "good" => format!("in Ordnung (zuletzt gestartet oder wiederhergestellt: {since})"),
        "down" => format!("gestört seit {since}; es wird von selbst weiter versucht"),
        "shut-out" => format!("gesperrt seit {since}; bitte in der Praxisansicht unter „Programme“ nachsehen"),
        _ => "noch nie gestartet".to_owned(),
    }
}

#[derive(Debug, Default)]
struct Counts(HashMap<Outcome, usize>);

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        *self.0.entry(outcome).or_default() += 1;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let count = |outcome| self.0.get(&outcome).copied().unwrap_or_default();
        write!(
            f,
            "{} gesendet, {} im Posteingang der Praxis, {} schon bekannt, {} abgelehnt",
            count(Outcome::Sent),
            count(Outcome::Inbox),
            count(Outcome::Known),
            count(Outcome::Refused)
        )
    }
}
