//! A mail relay for tests: it speaks SMTP (RFC 5321) with STARTTLS (RFC 3207) or TLS from the first byte, keeps what
//! it is given as files, and can be told to misbehave. Include it with `#[path = "…/support/smtp_sink.rs"]`.
//!
//! A folder is its whole interface: every accepted mail becomes `00001.eml` (the message as it went over the wire,
//! dots unstuffed) with `00001.envelope` beside it (sender, recipients and how they came, one a line), and the file
//! `mode` in the same folder says how the next connection is treated, so that a test can change its mind while the
//! server under test is running.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// How the sink treats a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Takes every mail.
    Accept,
    /// Refuses every recipient for good (550).
    RefuseRcpt,
    /// Refuses every recipient for now (451).
    Tempfail,
    /// Keeps the mail and hangs up without saying so: the sender cannot know.
    DropAfterData,
    /// Accepts the connection and never says a word.
    Tarpit,
    /// Takes every mail, but offers no STARTTLS.
    NoStarttls,
}

const MODES: [(&str, Mode); 6] = [
    ("accept", Mode::Accept),
    ("refuse-rcpt", Mode::RefuseRcpt),
    ("tempfail", Mode::Tempfail),
    ("drop-after-data", Mode::DropAfterData),
    ("tarpit", Mode::Tarpit),
    ("no-starttls", Mode::NoStarttls),
];

/// A mode by its name, such as `refuse-rcpt`.
#[must_use]
pub(crate) fn mode_named(name: &str) -> Option<Mode> {
    MODES.iter().find(|(known, _)| *known == name.trim()).map(|(_, mode)| *mode)
}

/// Says how the sink of this folder treats its next connections.
///
/// # Errors
/// When the folder cannot be written.
pub(crate) fn set_mode(dir: &Path, mode: Mode) -> io::Result<()> {
    let name = MODES.iter().find(|(_, known)| *known == mode).map_or("accept", |(name, _)| name);
    replace(&dir.join("mode"), name.as_bytes())
}

/// Where the sink listens and what it keeps.
#[derive(Debug, Clone)]
pub(crate) struct SinkOptions {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// The folder for mails and for the file `mode`.
    pub dir: PathBuf,
    /// Certificate and key as PEM files; without them there is no TLS.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// TLS from the first byte instead of STARTTLS.
    pub implicit_tls: bool,
}

/// A running sink. It lives as long as its process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
}

impl Sink {
    /// Starts a sink in a thread of its own.
    ///
    /// # Errors
    /// When the address is taken, the folder cannot be written or the certificate cannot be read.
    pub(crate) fn start(options: &SinkOptions) -> io::Result<Self> {
        fs::create_dir_all(&options.dir)?;
        let listener = TcpListener::bind(&options.listen)?;
        let address = listener.local_addr()?;
        let sink = Arc::new(Desk {
            dir: options.dir.clone(),
            tls: options.identity.as_ref().map(|(certificate, key)| identity(certificate, key)).transpose()?,
            implicit_tls: options.implicit_tls,
            count: AtomicU32::new(0),
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sink = Arc::clone(&sink);
                // A connection that ends in the middle is what half of the modes are for.
                thread::spawn(move || sink.serve(stream).ok());
            }
        });
        Ok(Self { address })
    }
}

/// Runs the sink as a process of its own until it is killed. Prints `listening on 127.0.0.1:2525` once it is ready.
///
/// Arguments: `--dir D [--listen A] [--certificate F --key F] [--implicit-tls] [--mode M]`.
///
/// # Errors
/// When an argument is wrong, or the sink cannot start.
pub(crate) fn main_loop(args: impl IntoIterator<Item = String>) -> io::Result<()> {
    let mut options =
        SinkOptions { listen: String::from("127.0.0.1:0"), dir: PathBuf::new(), identity: None, implicit_tls: false };
    let (mut certificate, mut key, mut mode) = (PathBuf::new(), PathBuf::new(), None);
    let mut args = args.into_iter();
    while let Some(name) = args.next() {
        let mut value = || args.next().ok_or_else(|| wrong("an argument lacks its value"));
        match name.as_str() {
            "--dir" => options.dir = value()?.into(),
            "--listen" => options.listen = value()?,
            "--certificate" => certificate = value()?.into(),
            "--key" => key = value()?.into(),
            "--implicit-tls" => options.implicit_tls = true,
            "--mode" => mode = Some(mode_named(&value()?).ok_or_else(|| wrong("there is no such mode"))?),
            _ => return Err(wrong("unknown argument")),
        }
    }
    if !certificate.as_os_str().is_empty() {
        options.identity = Some((certificate, key));
    }
    let sink = Sink::start(&options)?;
    if let Some(mode) = mode {
        set_mode(&options.dir, mode)?;
    }
    let mut out = io::stdout();
    writeln!(out, "listening on {}", sink.address)?;
    out.flush()?;
    loop {
        thread::park();
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

fn identity(certificate: &Path, key: &Path) -> io::Result<Arc<ServerConfig>> {
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(io::Error::other)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(io::Error::other)?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
        .map(Arc::new)
        .map_err(io::Error::other)
}

/// Writes a file so that a reader sees all of it or nothing.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, content)?;
    fs::rename(unfinished, path)
}

trait Wire: Read + Write {}
impl<T: Read + Write> Wire for T {}

struct Desk {
    dir: PathBuf,
    tls: Option<Arc<ServerConfig>>,
    implicit_tls: bool,
    count: AtomicU32,
}

/// What has been said on one connection since the last mail.
#[derive(Default)]
struct Envelope {
    from: String,
    to: Vec<String>,
}

/// How a dialogue ended.
enum End {
    Closed,
    StartTls,
}

impl Desk {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        let mode = fs::read_to_string(self.dir.join("mode")).ok().and_then(|name| mode_named(&name));
        let mode = mode.unwrap_or(Mode::Accept);
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        if mode == Mode::Tarpit {
            // Holds the line until the other side gives up.
            let mut silent = stream;
            return io::copy(&mut silent, &mut io::sink()).map(drop);
        }
        match (&self.tls, self.implicit_tls) {
            (Some(tls), true) => self.secured(tls, stream, mode, true),
            (tls, _) => match self.dialogue(&mut BufReader::new(&stream), mode, true, tls.is_none())? {
                End::Closed => Ok(()),
                End::StartTls => tls.as_ref().map_or(Ok(()), |tls| self.secured(tls, stream, mode, false)),
            },
        }
    }

    fn secured(&self, tls: &Arc<ServerConfig>, stream: TcpStream, mode: Mode, greet: bool) -> io::Result<()> {
        let connection = ServerConnection::new(Arc::clone(tls)).map_err(io::Error::other)?;
        self.dialogue(&mut BufReader::new(StreamOwned::new(connection, stream)), mode, greet, true).map(drop)
    }

    /// One dialogue; ends when the client quits, disappears or asks for TLS.
    fn dialogue<W: Wire>(&self, wire: &mut BufReader<W>, mode: Mode, greet: bool, encrypted: bool) -> io::Result<End> {
        if greet {
            say(wire, "220 sink ready")?;
        }
        let offers_tls = !encrypted && self.tls.is_some() && mode != Mode::NoStarttls;
        let mut envelope = Envelope::default();
        let mut line = String::new();
        loop {
            line.clear();
            if wire.read_line(&mut line)? == 0 {
                return Ok(End::Closed);
            }
            let command = line.trim_end();
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" | "HELO" => {
                    say(wire, "250-sink")?;
                    if offers_tls {
                        say(wire, "250-STARTTLS")?;
                    }
                    say(wire, "250-AUTH PLAIN")?;
                    say(wire, "250-SMTPUTF8")?;
                    say(wire, "250 8BITMIME")?;
                }
                "STARTTLS" if offers_tls => {
                    say(wire, "220 go ahead")?;
                    return Ok(End::StartTls);
                }
                // The password of every test is "geheim".
                "AUTH" if command.ends_with("AGdlaGVpbQ==") || command.ends_with("Z2VoZWlt") => {
                    say(wire, "235 welcome")?;
                }
                "AUTH" => say(wire, "535 who are you")?,
                "MAIL" => {
                    envelope = Envelope { from: command.to_owned(), to: Vec::new() };
                    say(wire, "250 ok")?;
                }
                "RCPT" => match mode {
                    Mode::RefuseRcpt => say(wire, "550 5.1.1 no such person")?,
                    Mode::Tempfail => say(wire, "451 4.3.0 come back later")?,
                    Mode::Accept | Mode::DropAfterData | Mode::Tarpit | Mode::NoStarttls => {
                        envelope.to.push(command.to_owned());
                        say(wire, "250 ok")?;
                    }
                },
                "DATA" => {
                    say(wire, "354 end with a dot")?;
                    self.keep(&message(wire)?, &envelope, encrypted)?;
                    if mode == Mode::DropAfterData {
                        return Ok(End::Closed);
                    }
                    say(wire, "250 kept")?;
                }
                "QUIT" => {
                    say(wire, "221 bye")?;
                    return Ok(End::Closed);
                }
                "RSET" | "NOOP" => say(wire, "250 ok")?,
                _ => say(wire, "502 not here")?,
            }
        }
    }

    fn keep(&self, message: &[u8], envelope: &Envelope, encrypted: bool) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let how = if encrypted && self.tls.is_some() { "tls" } else { "plain" };
        let lines = format!("{}\n{}\n{how}\n", envelope.from, envelope.to.join("\n"));
        replace(&self.dir.join(format!("{number:05}.envelope")), lines.as_bytes())?;
        replace(&self.dir.join(format!("{number:05}.eml")), message)
    }
}

fn say<W: Wire>(wire: &mut BufReader<W>, line: &str) -> io::Result<()> {
    let out = wire.get_mut();
    out.write_all(line.as_bytes())?;
    out.write_all(b"\r\n")?;
    out.flush()
}

/// The message up to the line with the single dot, with the doubled dots of RFC 5321 section 4.5.2 made single.
fn message<W: Wire>(wire: &mut BufReader<W>) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if wire.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(message);
        }
        message.extend(line.strip_prefix(b".").unwrap_or(&line));
    }
}
