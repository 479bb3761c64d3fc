//! `--http`: where programs on the same machine hand over what they want to send. `POST /send` takes the bytes, `GET
//! /send/{id}` tells what became of them.
//!
//! Nobody signs in here, so nothing but the machine itself is let in: the socket is a loopback address, a request must name it
//! (a page on the web can make its own name point here), and a browser, which says where a request comes from, is refused.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{
    clock::Clock,
    digest::Sha256,
    journal::{Journal, Line, Source},
    registry::{Code, Outcome, Registry},
    spool::{Spool, is_id},
    upload::LARGEST,
};

/// How many programs can be connected at once.
const MOST_CONNECTIONS: usize = 8;
/// The longest head of a request in bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// How many headers a request can have.
const MOST_HEADERS: usize = 48;
/// How long one request may take.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);
/// How long a read may take.
const TICK: Duration = Duration::from_secs(5);
/// What browsers say of where a request comes from.
const BROWSER: [&str; 3] = ["origin", "sec-fetch-site", "sec-fetch-mode"];

/// The door.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// Where it is.
    pub(crate) address: SocketAddr,
    /// Where contents go.
    pub(crate) spool: Arc<Spool>,
    /// What became of them.
    pub(crate) registry: Arc<Mutex<Registry>>,
    /// The log.
    pub(crate) journal: Arc<Journal>,
    /// The clocks.
    pub(crate) clock: Clock,
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    /// To take so many bytes.
    Send(u64),
    /// To take so many bytes; it waits for our word first.
    SendAfterContinue(u64),
    /// What became of this id.
    Tell(String),
}

/// A no: a status and a word.
type No = (u16, &'static str);

impl Door {
    /// Answers for as long as the program runs.
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
                continue;
            }
            let (door, connected) = (self.clone(), Arc::clone(&connected));
            thread::spawn(move || {
                // whoever goes away without our answer asks again
                let _told = door.answer(connection).is_ok();
                connected.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    fn answer(&self, mut connection: TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(TICK))?;
        connection.set_write_timeout(Some(TICK))?;
        let until = self.clock.running().saturating_add(LONGEST_REQUEST);
        let (status, body) = match self.handle(&mut connection, until) {
            Ok(Ok(good)) => good,
            Ok(Err((status, word))) => {
                self.journal.note(Line { status: Some(status), ..Line::new(Source::Http, word) });
                (status, format!(r#"{{"error":"{word}"}}"#))
            }
            Err(_) => return Ok(()),
        };
        let length = body.len();
        write!(
            connection,
            "HTTP/1.1 {status} {}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
             cache-control: no-store\r\nconnection: close\r\n\r\n{body}",
            reason(status)
        )
    }

    /// Reads a request and does what it asks for.
    fn handle(&self, connection: &mut TcpStream, until: Duration) -> io::Result<Result<(u16, String), No>> {
        let mut bytes = Vec::new();
        let (request, body_at) = loop {
            match read_head(&bytes, self.address) {
                Ok(Some(whole)) => break whole,
                Ok(None) if bytes.len() > LONGEST_HEAD => return Ok(Err((431, "head-too-large"))),
                Ok(None) => self.more(connection, &mut bytes, until)?,
                Err(no) => return Ok(Err(no)),
            }
        };
        let length = match request {
            Request::Tell(id) => return Ok(self.tell(&id)),
            Request::Send(length) => length,
            Request::SendAfterContinue(length) => {
                connection.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
                length
            }
        };
        let whole = usize::try_from(length).unwrap_or(usize::MAX).saturating_add(body_at);
        while bytes.len() < whole {
            self.more(connection, &mut bytes, until)?;
        }
        Ok(self.take(bytes.get(body_at..whole).unwrap_or_default()))
    }

    fn more(&self, connection: &mut TcpStream, bytes: &mut Vec<u8>, until: Duration) -> io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        let read = connection.read(&mut buffer)?;
        if read == 0 || self.clock.running() > until {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        Ok(())
    }

    fn take(&self, content: &[u8]) -> Result<(u16, String), No> {
        let id = self.spool.put(content).map_err(|_| (503, "not-spooled"))?;
        let hash = Sha256::of(content);
        self.journal.note(Line { hash: Some(&hash), status: Some(202), ..Line::new(Source::Http, "spooled") });
        Ok((202, format!(r#"{{"id":"{id}","state":"waiting"}}"#)))
    }

    fn tell(&self, id: &str) -> Result<(u16, String), No> {
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let state = match registry.of_id(id) {
            Some((outcome, code)) => state(*outcome, code.as_ref()),
            None if self.spool.has(id) => r#""state":"waiting""#.to_owned(),
            None => return Err((404, "unknown")),
        };
        Ok((200, format!(r#"{{"id":"{id}",{state}}}"#)))
    }
}

fn state(outcome: Outcome, code: Option<&Code>) -> String {
    let code = code.map_or_else(String::new, |code| format!(r#","code":"{}""#, code.as_str()));
    format!(r#""state":"{}"{code}"#, outcome.word())
}

/// Reads the head of a request; `None` as long as it is not whole. Who asks is checked before what.
fn read_head(bytes: &[u8], own: SocketAddr) -> Result<Option<(Request, usize)>, No> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    let body_at = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(at)) => at,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err((400, "malformed")),
    };
    let all = |name: &str| -> Vec<&[u8]> {
        parsed
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
            .collect()
    };
    if BROWSER.iter().any(|name| !all(name).is_empty()) {
        return Err((403, "browser"));
    }
    match all("host").as_slice() {
        [host] if is_own(host, own) => {}
        _ => return Err((421, "wrong-host")),
    }
    let path = parsed.path.unwrap_or_default();
    let request = match (parsed.method.unwrap_or_default(), path, path.strip_prefix("/send/")) {
        ("POST", "/send", _) => {
            let length = length(&all("transfer-encoding"), &all("content-length"))?;
            match all("expect").as_slice() {
                [] => Request::Send(length),
                [expect] if expect.eq_ignore_ascii_case(b"100-continue") => Request::SendAfterContinue(length),
                _ => return Err((417, "expectation")),
            }
        }
        ("GET", _, Some(id)) if is_id(id) => Request::Tell(id.to_owned()),
        (_, "/send", _) | (_, _, Some(_)) if !matches!(parsed.method, Some("GET")) => return Err((405, "method")),
        _ => return Err((404, "unknown")),
    };
    Ok(Some((request, body_at)))
}

fn length(encodings: &[&[u8]], lengths: &[&[u8]]) -> Result<u64, No> {
    let [length] = lengths else { return Err((411, "length-missing")) };
    if !encodings.is_empty() {
        return Err((411, "length-missing"));
    }
    let digits = std::str::from_utf8(length).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|text| text.parse().ok()) {
        Some(0) => Err((400, "empty")),
        Some(length) if length > LARGEST => Err((413, "too-large")),
        Some(length) => Ok(length),
        None => Err((400, "malformed")),
    }
}

/// Whether a `Host` is this door, by its address or the name that every machine has for itself.
fn is_own(host: &[u8], own: SocketAddr) -> bool {
    let name = format!("localhost:{}", own.port());
    host.eq_ignore_ascii_case(own.to_string().as_bytes()) || host.eq_ignore_ascii_case(name.as_bytes())
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        202 => "Accepted",
        403 => "Forbidden",
        404 => "Not Found",
        503 => "Service Unavailable",
        _ => "Refused",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own() -> SocketAddr {
        "127.0.0.1:8124".parse().unwrap()
    }

    fn asked(head: &str) -> Result<Request, No> {
        let head = format!("{head}\r\n\r\n").replace('\n', "\r\n").replace("\r\r", "\r");
        read_head(head.as_bytes(), own()).map(|whole| whole.expect("a whole head").0)
    }

    #[test]
    fn a_program_on_this_machine_is_let_in() {
        assert_eq!(asked("POST /send HTTP/1.1\nHost: 127.0.0.1:8124\nContent-Length: 5"), Ok(Request::Send(5)));
        let patient = "POST /send HTTP/1.1\nHost: LOCALHOST:8124\nContent-Length: 5\nExpect: 100-continue";
        assert_eq!(asked(patient), Ok(Request::SendAfterContinue(5)));
        let id = "000000000001-0011223344556677";
        assert_eq!(asked(&format!("GET /send/{id} HTTP/1.1\nHost: localhost:8124")), Ok(Request::Tell(id.into())));
    }

    #[test]
    fn a_page_in_a_browser_is_not_let_in() {
        for head in [
            "Origin: https://example.org",
            "Origin: null",
            "Sec-Fetch-Site: cross-site",
            "origin: http://127.0.0.1:8124",
        ] {
            let post = format!("POST /send HTTP/1.1\nHost: 127.0.0.1:8124\nContent-Length: 5\n{head}");
            assert_eq!(asked(&post), Err((403, "browser")), "{head}");
        }
        for host in [
            "Host: evil.example",
            "Host: 127.0.0.1",
            "Host: 127.0.0.1:80",
            "X: y",
            "Host: localhost:8124\nHost: evil.example",
        ] {
            let get = format!("GET /send/000000000001-0011223344556677 HTTP/1.1\n{host}");
            assert_eq!(asked(&get), Err((421, "wrong-host")), "{host}");
        }
    }

    #[test]
    fn what_is_not_asked_in_the_right_way_is_told() {
        let with = |line: &str, more: &str| asked(&format!("{line} HTTP/1.1\nHost: localhost:8124{more}"));
        assert_eq!(with("POST /send", ""), Err((411, "length-missing")));
        assert_eq!(with("POST /send", "\nTransfer-Encoding: chunked"), Err((411, "length-missing")));
        assert_eq!(with("POST /send", "\nTransfer-Encoding: chunked\nContent-Length: 5"), Err((411, "length-missing")));
        assert_eq!(with("POST /send", "\nContent-Length: 5\nContent-Length: 6"), Err((411, "length-missing")));
        assert_eq!(with("POST /send", "\nContent-Length: +5"), Err((400, "malformed")));
        assert_eq!(with("POST /send", "\nContent-Length: 0"), Err((400, "empty")));
        assert_eq!(with("POST /send", "\nContent-Length: 99999999999"), Err((413, "too-large")));
        assert_eq!(with("GET /send/../registry", ""), Err((404, "unknown")));
        assert_eq!(with("DELETE /send/000000000001-0011223344556677", ""), Err((405, "method")));
        assert_eq!(with("GET /", ""), Err((404, "unknown")));
    }

    proptest! {
        #[test]
        fn no_head_is_too_odd_to_be_answered(bytes in prop::collection::vec(any::<u8>(), 0..300), start in "(POST /send HTTP/1.1\r\n)?") {
            let head = [start.as_bytes(), &bytes].concat();
            if let Ok(Some((_, at))) = read_head(&head, own()) {
                prop_assert!(at <= head.len());
            }
        }
    }
}
