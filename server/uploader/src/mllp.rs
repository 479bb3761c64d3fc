//! `--mllp`: takes HL7 v2 messages from devices and laboratories in the practice (Minimal Lower Layer Protocol, HL7 v2.5.1
//! appendix C). A message is on the disk before its sender is told `AA`.

mod acknowledgment;
mod framing;

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use self::{
    acknowledgment::{Acknowledgment, acknowledge},
    framing::{Deframer, Frame, frame},
};
use crate::{
    clock::Clock,
    digest::Sha256,
    journal::{Journal, Line, Source},
    spool::Spool,
    upload::LARGEST,
};

/// How many senders can be connected at once.
const MOST_CONNECTIONS: usize = 16;
/// How often a quiet connection is looked at.
const TICK: Duration = Duration::from_secs(5);
/// Silence after which a connection is closed. Many senders keep theirs for the whole day.
const LONGEST_SILENCE: Duration = Duration::from_secs(3600);
/// How long one message may take from its first byte to its last.
const LONGEST_MESSAGE: Duration = Duration::from_secs(120);

/// What listens.
#[derive(Debug, Clone)]
pub(crate) struct Listener {
    /// Where messages go.
    pub(crate) spool: Arc<Spool>,
    /// The log.
    pub(crate) journal: Arc<Journal>,
    /// The clocks.
    pub(crate) clock: Clock,
    /// The largest message in bytes.
    pub(crate) largest: usize,
}

impl Listener {
    /// Listens with the usual limits.
    pub(crate) fn new(spool: Arc<Spool>, journal: Arc<Journal>, clock: Clock) -> Self {
        Self { spool, journal, clock, largest: usize::try_from(LARGEST).unwrap_or(usize::MAX) }
    }

    /// Takes connections for as long as the program runs.
    pub(crate) fn serve(&self, socket: &TcpListener) {
        let connected = Arc::new(AtomicUsize::new(0));
        for connection in socket.incoming() {
            let Ok(connection) = connection else {
                // out of sockets for a moment: asking again at once would keep a core busy
                thread::sleep(TICK);
                continue;
            };
            if connected.fetch_add(1, Ordering::Relaxed) >= MOST_CONNECTIONS {
                connected.fetch_sub(1, Ordering::Relaxed);
                self.note("too-many-connections");
                continue;
            }
            let (listener, connected) = (self.clone(), Arc::clone(&connected));
            thread::spawn(move || {
                if listener.converse(connection).is_err() {
                    listener.note("connection-broken");
                }
                connected.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    fn note(&self, event: &'static str) {
        self.journal.note(Line::new(Source::Mllp, event));
    }

    /// Reads messages from one sender and answers each. After a frame that is none, where the next one begins would be a
    /// guess: the connection is closed, and the sender begins anew.
    fn converse(&self, mut connection: TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(TICK))?;
        connection.set_write_timeout(Some(TICK))?;
        let mut deframer = Deframer::new(self.largest);
        let mut buffer = [0; 16 * 1024];
        let mut last = self.clock.running();
        loop {
            let read = match connection.read(&mut buffer) {
                Ok(0) if deframer.is_inside() => {
                    self.note("frame-cut-off");
                    return Ok(());
                }
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if is_timeout(&error) => 0,
                Err(error) => return Err(error),
            };
            let now = self.clock.running();
            if read == 0 || deframer.is_inside() {
                let longest = if deframer.is_inside() { LONGEST_MESSAGE } else { LONGEST_SILENCE };
                if now.saturating_sub(last) > longest {
                    self.note("too-slow");
                    return Ok(());
                }
            } else {
                last = now;
            }
            for byte in buffer.get(..read).unwrap_or_default() {
                match deframer.push(*byte) {
                    None => {}
                    Some(Frame::Message(message)) => {
                        last = now;
                        connection.write_all(&frame(&self.take(&message)))?;
                    }
                    Some(Frame::Broken(why)) => {
                        self.note(why);
                        let refusal = acknowledge(b"", Acknowledgment::Reject, "0", self.clock.now());
                        return connection.write_all(&frame(&refusal));
                    }
                }
            }
        }
    }

    /// Puts a message into the spool, and makes its answer.
    fn take(&self, message: &[u8]) -> Vec<u8> {
        let now = self.clock.now();
        let hash = Sha256::of(message);
        let note = |event| self.journal.note(Line { hash: Some(&hash), ..Line::new(Source::Mllp, event) });
        if !acknowledgment::is_message(message) {
            note("no-message");
            return acknowledge(message, Acknowledgment::Reject, "0", now);
        }
        match self.spool.put(message) {
            Ok(id) => {
                note("spooled");
                acknowledge(message, Acknowledgment::Accept, &id, now)
            }
            Err(_) => {
                note("not-spooled");
                acknowledge(message, Acknowledgment::Error, "0", now)
            }
        }
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
