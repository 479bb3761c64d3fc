//! `[uploads]`: what reading one file may cost, and the virus scanner, if there is one.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{key::Key, settings::Settings};

/// How much memory reading one file may take, in MiB.
const READER_MEMORY: Key = Key::number("uploads.reader_memory_mib", "a whole number from 32 to 4096").or("256");
/// How long reading one file may take, in seconds of work.
const READER_SECONDS: Key = Key::number("uploads.reader_seconds", "a whole number from 1 to 60").or("10");
/// Where clamd listens. Without it files are not shown to a scanner.
const CLAMD: Key = Key::text("uploads.clamd", "\"unix:\" and a path, or \"tcp:\" and an IP address with a port");

pub(super) const KEYS: &[Key] = &[READER_MEMORY, READER_SECONDS, CLAMD];

/// How files are looked at before they are taken in.
#[derive(Debug, Clone)]
pub(crate) struct Uploads {
    /// Memory for reading one file, in bytes.
    pub reader_memory: u64,
    /// Time of the processor for reading one file.
    pub reader_time: Duration,
    /// The virus scanner.
    pub clamd: Option<Clamd>,
}

/// Where clamd listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clamd {
    /// At a socket of this machine.
    Unix(PathBuf),
    /// At an address. Files go there as they are, so it has to be this machine or a wire of one's own.
    Tcp(SocketAddr),
}

impl Clamd {
    fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            return Some(Self::Unix(path.into())).filter(|_| path.starts_with('/'));
        }
        text.strip_prefix("tcp:")?.parse().ok().map(Self::Tcp)
    }
}

pub(super) fn read(settings: &mut Settings) -> Option<Uploads> {
    let mib: Option<u64> = settings.number(&READER_MEMORY, 32..=4096);
    let seconds = settings.number(&READER_SECONDS, 1..=60);
    let clamd = settings.text(&CLAMD, Clamd::parse);
    Some(Uploads { reader_memory: mib? << 20, reader_time: Duration::from_secs(seconds?), clamd })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scanner_is_at_a_socket_or_an_address() {
        assert_eq!(Clamd::parse("unix:/run/clamav/clamd.ctl"), Some(Clamd::Unix("/run/clamav/clamd.ctl".into())));
        assert_eq!(Clamd::parse("tcp:127.0.0.1:3310"), Some(Clamd::Tcp(([127, 0, 0, 1], 3310).into())));
        for wrong in ["", "unix:", "unix:clamd.ctl", "tcp:localhost:3310", "tcp:127.0.0.1", "/run/clamd.ctl"] {
            assert_eq!(Clamd::parse(wrong), None, "{wrong}");
        }
    }
}
