//! The command line. What it says to people is German.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

/// Überträgt Befunde aus Ordnern, von Geräten und aus Programmen der Praxis an Nahraum.
#[derive(Debug, Parser)]
#[command(
    name = "nahraum-uploader",
    version,
    args_override_self = true,
    after_help = "Endet mit: 0 = alles in Ordnung, 1 = Fehler, 2 = Aufruf falsch, 3 = nicht verbunden oder gesperrt, \
                  4 = es blieb etwas liegen (nur --once), 5 = etwas wurde abgelehnt (nur --once)"
)]
pub(crate) struct Cli {
    /// Ordner für Zugang, Protokoll und wartende Nachrichten. Ohne Angabe: .nahraum-uploader im eigenen Benutzerordner
    #[arg(long, value_name = "ORDNER", env = "NAHRAUM_UPLOADER_DATA", global = true)]
    pub(crate) data: Option<PathBuf>,
    /// Was getan werden soll.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Was getan werden kann.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Dieses Programm mit der Praxis verbinden: zeigt einen Code, den jemand in der Praxisansicht eingibt
    Pair(Pair),
    /// Ordner überwachen und Nachrichten annehmen
    Watch(Box<Watch>),
    /// Zeigen, was gesendet wurde und was wartet
    Status(Status),
}

/// `pair`
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// Adresse des Servers, zum Beispiel <https://befunde.example.org>
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    /// Wie dieser Rechner heißt, zum Beispiel „Empfang“
    #[arg(long)]
    pub(crate) name: String,
    /// Datei mit dem Zertifikat (PEM), dem allein vertraut wird, wenn das Netzwerk ein eigenes hat
    #[arg(long, value_name = "DATEI")]
    pub(crate) ca: Option<PathBuf>,
    /// Neu verbinden, auch wenn schon ein Zugang da ist
    #[arg(long)]
    pub(crate) again: bool,
}

/// `watch`
#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub(crate) struct Watch {
    /// Ordner, aus denen gesendet wird
    #[arg(value_name = "ORDNER")]
    pub(crate) folders: Vec<PathBuf>,
    /// Abarbeiten, was da ist, und enden
    #[arg(long)]
    pub(crate) once: bool,
    /// Wie oft in die Ordner gesehen wird (500ms, 5s, 2m)
    #[arg(long, value_name = "ZEIT", default_value = "5s", value_parser = time)]
    pub(crate) poll: Duration,
    /// Wie lange eine Datei unverändert sein muss
    #[arg(long, value_name = "ZEIT", default_value = "5s", value_parser = time)]
    pub(crate) stable_for: Duration,
    /// Erste Wartezeit, wenn der Server nicht erreichbar ist; sie verdoppelt sich bis zu fünf Minuten
    #[arg(long, value_name = "ZEIT", default_value = "2s", value_parser = time)]
    pub(crate) first_wait: Duration,
    /// Befunde so viele Tage zurückhalten (1 bis 14), bis die Praxis sie freigibt
    #[arg(long, value_name = "TAGE", value_parser = clap::value_parser!(u8).range(1..=14))]
    pub(crate) hold_days: Option<u8>,
    /// HL7-Nachrichten annehmen (MLLP), zum Beispiel 127.0.0.1:2575
    #[arg(long, value_name = "ADRESSE:PORT")]
    pub(crate) mllp: Option<SocketAddr>,
    /// HL7-Nachrichten auch von anderen Geräten im Praxisnetz annehmen. Sie kommen unverschlüsselt und ohne Anmeldung
    #[arg(long, requires = "mllp")]
    pub(crate) lan: bool,
    /// Inhalte von Programmen auf diesem Rechner annehmen, zum Beispiel 127.0.0.1:8124
    #[arg(long, value_name = "ADRESSE:PORT")]
    pub(crate) http: Option<SocketAddr>,
}

/// `status`
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Ordner, deren Inhalt gezählt werden soll
    #[arg(value_name = "ORDNER")]
    pub(crate) folders: Vec<PathBuf>,
}

/// A span of time: `500ms`, `5s`, `2m`; at most a day.
fn time(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 3] = [("ms", 1), ("s", 1_000), ("m", 60_000)];
    let found = UNITS.iter().find_map(|(unit, milliseconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*milliseconds).filter(|span| *span <= 86_400_000).map(Duration::from_millis)
    });
    found.ok_or_else(|| "eine Zeit sieht so aus: 500ms, 5s oder 2m".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_are_read() {
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "5", "s", "-1s", "1.5s", "99999m", "5h"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
