//! HTTP by hand, for what no decent client does: half requests, lies about lengths, bytes that trickle.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

/// The answer to a request by hand: status line and headers as text, and the body.
#[derive(Debug)]
pub(crate) struct RawReply {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl RawReply {
    /// The status, or 0 when nothing came.
    pub(crate) fn status(&self) -> u16 {
        self.head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }
}

/// A connection to a port of this machine.
pub(crate) fn connect(port: u16) -> TcpStream {
    try_connect(port).expect("a connection")
}

/// [`connect`], where it is no fault that nobody is there yet.
pub(crate) fn try_connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    Ok(stream)
}

/// Sends bytes as they are and reads until the other side closes or falls silent after an answer.
pub(crate) fn exchange(stream: &mut (impl Read + Write), request: &[u8]) -> RawReply {
    // A server that has decided need not read the rest.
    let _unread = stream.write_all(request).and_then(|()| stream.flush());
    read(stream)
}

/// Reads an answer.
pub(crate) fn read(stream: &mut impl Read) -> RawReply {
    let mut seen = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => seen.extend_from_slice(&chunk[..n]),
            Err(error) if is_end(&error) => break,
            Err(error) => panic!("reading: {error}"),
        }
        if is_whole(&seen) {
            break;
        }
    }
    let (head, body) = split(&seen);
    RawReply { head: String::from_utf8_lossy(head).into_owned(), body: body.to_vec() }
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::UnexpectedEof
    )
}

fn split(seen: &[u8]) -> (&[u8], &[u8]) {
    let end = seen.windows(4).position(|w| w == b"\r\n\r\n");
    end.map_or((seen, &[]), |end| (&seen[..end + 2], &seen[end + 4..]))
}

fn is_whole(seen: &[u8]) -> bool {
    let (head, body) = split(seen);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}
