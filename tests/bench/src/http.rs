//! A minimal HTTP/1.1 client (RFC 9112): one kept connection, bytes out, one answer in. It costs little beside what it
//! measures.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::Outcome;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection, made again when the server has closed it.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    seen: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

/// How the length of a body is told.
enum Framing {
    Length(usize),
    Chunked,
}

impl Client {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, seen: Vec::new() }
    }

    /// Connects, if it is not yet.
    pub(crate) fn connect(&mut self) -> io::Result<&mut TcpStream> {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                stream
            }
        };
        Ok(self.stream.insert(stream))
    }

    /// Sends a request and reads the answer. A connection that the server has closed while it lay idle is replaced
    /// once.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Reply> {
        let kept = self.stream.is_some();
        match self.attempt(request) {
            Err(error) if kept && self.seen.is_empty() && is_closed(&error) => self.attempt(request),
            other => other,
        }
    }

    fn attempt(&mut self, request: &[u8]) -> io::Result<Reply> {
        self.seen.clear();
        self.connect()?.write_all(request).inspect_err(|_| self.stream = None)?;
        let reply = self.read().inspect_err(|_| self.stream = None)?;
        if reply.header("connection").is_some_and(|word| word.eq_ignore_ascii_case("close")) {
            self.stream = None;
        }
        Ok(reply)
    }

    fn read(&mut self) -> io::Result<Reply> {
        let end = self.read_until(0, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(self.seen.get(..end).unwrap_or_default()).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(|| malformed("status"))?;
        let mut reply = Reply { status, head, body: Vec::new() };
        match reply.framing()? {
            Framing::Length(length) => reply.body = self.take(end + 4, length)?,
            Framing::Chunked => self.read_chunks(end + 4, &mut reply.body)?,
        }
        Ok(reply)
    }

    fn read_chunks(&mut self, mut at: usize, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let end = self.read_until(at, b"\r\n")?;
            let line = String::from_utf8_lossy(self.seen.get(at..end).unwrap_or_default()).into_owned();
            let size = usize::from_str_radix(line.trim(), 16).map_err(|_| malformed("chunk"))?;
            // The chunk and the line end behind it.
            let chunk = self.take(end + 2, size + 2)?;
            body.extend_from_slice(chunk.get(..size).unwrap_or_default());
            at = end + 2 + size + 2;
            if size == 0 {
                return Ok(());
            }
        }
    }

    /// Reads until `needle` stands at or after `from`; gives where.
    fn read_until(&mut self, from: usize, needle: &[u8]) -> io::Result<usize> {
        loop {
            let seen = self.seen.get(from..).unwrap_or_default();
            if let Some(at) = seen.windows(needle.len()).position(|window| window == needle) {
                return Ok(from + at);
            }
            self.fill()?;
        }
    }

    fn take(&mut self, from: usize, length: usize) -> io::Result<Vec<u8>> {
        while self.seen.len() < from + length {
            self.fill()?;
        }
        Ok(self.seen.get(from..from + length).unwrap_or_default().to_vec())
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 32 * 1024];
        let count = self.connect()?.read(&mut chunk)?;
        if count == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.seen.extend_from_slice(chunk.get(..count).unwrap_or_default());
        Ok(())
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("no {what} that HTTP knows"))
}

impl Reply {
    /// A header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn framing(&self) -> io::Result<Framing> {
        if self.header("transfer-encoding").is_some() {
            return Ok(Framing::Chunked);
        }
        let length = self.header("content-length").map(str::parse).transpose().map_err(|_| malformed("length"))?;
        Ok(Framing::Length(length.unwrap_or(0)))
    }

    /// Itself, when it has this status.
    pub(crate) fn expect(self, status: u16) -> Outcome<Self> {
        if self.status == status { Ok(self) } else { Err(self.unexpected()) }
    }

    /// What to say about an answer nobody expected.
    pub(crate) fn unexpected(&self) -> crate::Trouble {
        format!("status {}: {}", self.status, String::from_utf8_lossy(&self.body)).into()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// A text in the body, by JSON pointer (RFC 6901).
    pub(crate) fn text(&self, pointer: &str) -> Outcome<String> {
        let json = self.json()?;
        Ok(at(&json, pointer).as_str().ok_or_else(|| format!("no text at {pointer}"))?.to_owned())
    }
}

/// A place in JSON, by pointer (RFC 6901); null when there is no such place.
pub(crate) fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The bytes of a GET. An empty token means none.
pub(crate) fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n", authorization(token)).into_bytes()
}

/// The bytes of a POST. An empty token or key means none.
pub(crate) fn post(path: &str, token: &str, key: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    sending("POST", path, token, key, media_type, body)
}

fn sending(method: &str, path: &str, token: &str, key: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let key = if key.is_empty() { String::new() } else { format!("Idempotency-Key: {key}\r\n") };
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{}{key}Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        authorization(token),
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// The bytes of a POST with JSON.
pub(crate) fn post_json(path: &str, token: &str, body: &Value) -> Vec<u8> {
    post(path, token, "", "application/json", body.to_string().as_bytes())
}

/// The bytes of a PUT with JSON.
pub(crate) fn put_json(path: &str, token: &str, body: &Value) -> Vec<u8> {
    sending("PUT", path, token, "", "application/json", body.to_string().as_bytes())
}

fn authorization(token: &str) -> String {
    if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") }
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    fn answered_with(answer: &'static [u8]) -> Reply {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            assert!(stream.read(&mut request).unwrap() > 0);
            for piece in answer.chunks(7) {
                stream.write_all(piece).unwrap();
            }
        });
        let reply = Client::new(address).exchange(&get("/", "")).unwrap();
        server.join().unwrap();
        reply
    }

    #[test]
    fn answers_with_a_length_in_chunks_and_without_a_body_are_read() {
        let reply = answered_with(b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\nretry-after: 3\r\n\r\nok");
        assert_eq!((reply.status, reply.header("Retry-After"), reply.body.as_slice()), (503, Some("3"), &b"ok"[..]));
        let reply = answered_with(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA\r\n, chunks!\n\r\n0\r\n\r\n",
        );
        assert_eq!(reply.body, b"hello, chunks!\n");
        assert_eq!(answered_with(b"HTTP/1.1 204 No Content\r\n\r\n").body, b"");
    }
}
