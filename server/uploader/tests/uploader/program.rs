//! The program as a practice runs it: a process with folders of its own.

use std::{
    fs,
    io::Write,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::{Duration, Instant},
};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;
use tempfile::TempDir;

use crate::server::Server;

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Program {
    _home: TempDir,
    pub(crate) data: PathBuf,
    pub(crate) folder: PathBuf,
}

/// A process that is killed when the test is done with it.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

impl Program {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let (data, folder) = (home.path().join("data"), home.path().join("befunde"));
        fs::create_dir(&folder).unwrap();
        Self { _home: home, data, folder }
    }

    /// One that this server has let in, so many days ago.
    pub(crate) fn let_in(server: &Server, days_ago: i64) -> Self {
        let program = Self::new();
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        server.state().clients.insert("client-1".into(), json!({"kty": "EC", "crv": "P-256", "x": x, "y": y}));
        let since = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
        let access = json!({"server": server.url(), "issuer": server.url(), "client_id": "client-1", "key_since": since,
            "key": STANDARD.encode(pkcs8.as_ref()), "next_key": null, "trusted": null, "not_before": null});
        fs::create_dir(&program.data).unwrap();
        fs::write(program.data.join("access.json"), access.to_string()).unwrap();
        program
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nahraum-uploader"));
        command.arg("--data").arg(&self.data).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn watching(&self, more: &[&str]) -> Command {
        let mut command = self.command(&["watch", "--poll", "20ms", "--stable-for", "40ms", "--first-wait", "100ms"]);
        command.arg(&self.folder).args(more);
        command
    }

    /// Works off what is there, and tells how the process ended.
    pub(crate) fn once(&self, more: &[&str]) -> Output {
        self.watching(&["--once"]).args(more).output().unwrap()
    }

    /// Runs until it is killed.
    pub(crate) fn watch(&self, more: &[&str]) -> Running {
        Running(self.watching(more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.join(name), content).unwrap();
    }

    /// The names and contents of all archived files.
    pub(crate) fn archived(&self) -> Vec<(String, Vec<u8>)> {
        let days = files_and_folders(&self.folder.join("archiv"));
        let mut files: Vec<_> = days.iter().flat_map(|day| contents(day)).collect();
        files.sort();
        files
    }

    pub(crate) fn refused(&self) -> Vec<(String, Vec<u8>)> {
        contents(&self.folder.join("fehler"))
    }

    /// Files in the folder and at work.
    pub(crate) fn left(&self) -> Vec<(String, Vec<u8>)> {
        let mut left = contents(&self.folder);
        left.extend(contents(&self.folder.join("in-arbeit")));
        left
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.data.join("protokoll.log")).unwrap_or_default()
    }

    pub(crate) fn spooled(&self) -> usize {
        files_and_folders(&self.data.join("spool")).len()
    }
}

fn files_and_folders(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).map_or_else(|_| Vec::new(), |entries| entries.map(|entry| entry.unwrap().path()).collect())
}

/// The files of a folder with their contents, by name.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = files_and_folders(folder).into_iter().filter(|path| path.is_file());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    // a file can be moved while we look
    let mut contents: Vec<_> = files.filter_map(|path| Some((name(&path), fs::read(&path).ok()?))).collect();
    contents.sort();
    contents
}

/// Fails the test unless this comes true in time.
#[track_caller]
pub(crate) fn eventually(what: &str, mut is_true: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(start.elapsed() < PATIENCE, "it never came true: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A port that nobody uses, and that no system gives to who asks for any.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let own = u16::try_from(std::process::id() % 9_000).unwrap();
        let port = 20_000 + (own + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Connects as soon as somebody listens.
#[track_caller]
pub(crate) fn connected(port: u16) -> TcpStream {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = None;
    eventually("somebody listens", || {
        stream = TcpStream::connect(address).ok();
        stream.is_some()
    });
    let stream = stream.unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Writes; the other side may be dead.
pub(crate) fn write_if_alive(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    stream.write_all(bytes).is_ok()
}

/// Text of an output, for a failing test.
pub(crate) fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
