//! clamd, the scanner of ClamAV, as it is spoken to in clamd(8): `INSTREAM`, the file in chunks, and one line as answer.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    os::{fd::AsFd, unix::net::UnixStream},
    time::Duration,
};

use nahraum_app::Objection;
use rustix::net::sockopt::{Timeout, set_socket_timeout};

use crate::config::Clamd;

/// How long each step may take: clamd looks into archives and pictures.
const PATIENCE: Duration = Duration::from_secs(30);
/// What clamd takes at once, in bytes.
const CHUNK: usize = 64 * 1024;
/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: u64 = 1024;

/// A way to clamd. Each file has a connection of its own.
pub(super) struct Scanner {
    place: Clamd,
}

impl Scanner {
    pub(super) const fn new(place: Clamd) -> Self {
        Self { place }
    }

    /// Shows it a file.
    pub(super) fn scan(&self, bytes: &[u8]) -> Result<(), Objection> {
        let answer = match &self.place {
            Clamd::Unix(path) => UnixStream::connect(path).and_then(|stream| ask(stream, bytes)),
            Clamd::Tcp(address) => TcpStream::connect_timeout(address, PATIENCE).and_then(|stream| ask(stream, bytes)),
        };
        match answer {
            Ok(answer) => judge(&answer),
            Err(error) => {
                tracing::error!(%error, "clamd does not answer");
                Err(Objection::Unavailable)
            }
        }
    }
}

fn ask(mut stream: impl Read + Write + AsFd, bytes: &[u8]) -> io::Result<Vec<u8>> {
    for step in [Timeout::Send, Timeout::Recv] {
        set_socket_timeout(&stream, step, Some(PATIENCE))?;
    }
    let sent = send(&mut stream, bytes);
    let mut answer = Vec::new();
    let heard = stream.take(LONGEST_ANSWER).read_to_end(&mut answer);
    // clamd hangs up in the middle of what is too large for it, and says so.
    if answer.is_empty() { sent.and(heard).map(|_| answer) } else { Ok(answer) }
}

fn send(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(b"zINSTREAM\0")?;
    for chunk in bytes.chunks(CHUNK) {
        stream.write_all(&u32::try_from(chunk.len()).unwrap_or_default().to_be_bytes())?;
        stream.write_all(chunk)?;
    }
    stream.write_all(&0_u32.to_be_bytes())
}

/// `stream: OK`, `stream: NAME FOUND`, or anything else, which is no verdict.
fn judge(answer: &[u8]) -> Result<(), Objection> {
    let answer = answer.trim_ascii_end().strip_suffix(b"\0").unwrap_or(answer).trim_ascii_end();
    if answer == b"stream: OK" {
        Ok(())
    } else if answer.starts_with(b"stream: ") && answer.ends_with(b" FOUND") {
        // The name of what was found may come from a list of the operator's own; it is no health data.
        tracing::warn!(answer = %answer.escape_ascii(), "a file with malicious content was refused");
        Err(Objection::Malware)
    } else {
        tracing::error!(answer = %answer.escape_ascii(), "clamd did not scan a file");
        Err(Objection::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_clamd_calls_good_is_good() {
        assert_eq!(judge(b"stream: OK\0"), Ok(()));
        assert_eq!(judge(b"stream: OK\n"), Ok(()));
        for found in [&b"stream: Eicar-Test-Signature FOUND\0"[..], b"stream: Own.Rule.OK FOUND\n"] {
            assert_eq!(judge(found), Err(Objection::Malware));
        }
        for none in [
            &b""[..],
            b"OK",
            b"stream: OK FOUNDATION\0",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"UNKNOWN COMMAND\n",
        ] {
            assert_eq!(judge(none), Err(Objection::Unavailable), "{}", none.escape_ascii());
        }
    }

    #[test]
    fn a_file_is_sent_in_chunks_with_an_end() {
        let mut sent = Vec::new();
        send(&mut sent, &vec![7; CHUNK + 1]).unwrap();
        let mut expected = b"zINSTREAM\0\x00\x01\x00\x00".to_vec();
        expected.extend(vec![7; CHUNK]);
        expected.extend(b"\0\0\0\x01\x07\0\0\0\0");
        assert!(sent == expected);
    }
}
