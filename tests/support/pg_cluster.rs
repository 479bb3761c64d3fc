//! A throw-away PostgreSQL server for tests: started in a second, gone with the last who holds it.
//!
//! Plain std, so that any crate's tests can take it in: `#[path = "…/tests/support/pg_cluster.rs"] mod pg_cluster;`.
//!
//! [`Cluster::start`] takes the server of `NAHRAUM_TEST_POSTGRES_URL` when that is set (its user must be allowed to
//! create databases, and `psql` must be there). Otherwise it runs `initdb` and `postgres` from `PATH` or from the usual
//! places, as another user when the tests run as root, because PostgreSQL refuses to. When neither is there it
//! gives `None`, and the caller decides whether that is a failure.
//!
//! No server outlives the tests: the postmaster gets SIGQUIT when the thread that started it dies, even by
//! `kill -9` (`setpriv --pdeathsig`, util-linux), and folders of dead test runs are swept at the next start.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::let_underscore_must_use,
    clippy::string_slice,
    reason = "test support: each crate uses its own part, and cleaning up may fail"
)]

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::{fs::MetadataExt as _, fs::PermissionsExt as _, fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

const PREFIX: &str = "nahraum-pg-";
/// The superuser of the throw-away server; there is no password.
const SUPERUSER: &str = "nahraum";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A running server, ours or a borrowed one. Dropping it removes what it made.
pub(crate) struct Cluster(Kind);

enum Kind {
    Own(Own),
    Borrowed { url: String },
}

struct Own {
    folder: PathBuf,
    tools: PathBuf,
    port: u16,
    /// Told to stop, or hung up on, the keeper ends the server.
    stop: mpsc::Sender<()>,
    keeper: Option<JoinHandle<()>>,
}

impl Cluster {
    /// Starts a server with safe settings (`fsync = on`), or gives `None` when there is none to start.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(&[], |_| Ok(()))
    }

    /// [`Cluster::start`] with more settings, and with a chance to put files (certificates) into the data folder.
    /// A borrowed server cannot be set up: gives `None` when settings are asked of one.
    pub(crate) fn start_with(settings: &[(&str, &str)], prepare: impl Fn(&Path) -> io::Result<()>) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "a test asks where its server is")]
        if let Ok(url) = std::env::var("NAHRAUM_TEST_POSTGRES_URL") {
            return settings.is_empty().then_some(Self(Kind::Borrowed { url }));
        }
        sweep();
        let user = User::to_run_as()?;
        // A wrapper that does not work is passed over; so is a port that somebody else took in the meantime.
        tool_folders().iter().flat_map(|tools| [tools, tools]).find_map(|tools| {
            Own::start(tools, user, settings, &prepare)
                .inspect_err(|error| eprintln!("PostgreSQL from {}: {error}", tools.display()))
                .ok()
                .map(|own| Self(Kind::Own(own)))
        })
    }

    /// A fresh, empty database (UTF-8), and the URL of it.
    ///
    /// # Panics
    /// When the server does not make one: the test cannot go on.
    pub(crate) fn create_database(&self) -> String {
        self.create_from("template0 ENCODING 'UTF8'")
    }

    /// A copy of a database that nobody is connected to, and the URL of it.
    ///
    /// # Panics
    /// When the server does not make one: the test cannot go on.
    pub(crate) fn copy_database(&self, url: &str) -> String {
        let name = url.split('?').next().and_then(|place| place.rsplit('/').next()).expect("a name");
        self.create_from(name)
    }

    fn create_from(&self, template: &str) -> String {
        let name = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let url = match &self.0 {
            Kind::Own(own) => own.url("postgres"),
            Kind::Borrowed { url } => url.clone(),
        };
        self.query(&url, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
        match &self.0 {
            Kind::Own(own) => own.url(&name),
            Kind::Borrowed { url } => with_database(url, &name),
        }
    }

    /// What `psql` prints for a statement: a line for each row, columns apart by `|`, bytes as `\\x` and hex.
    ///
    /// # Panics
    /// When the statement fails.
    pub(crate) fn query(&self, url: &str, statement: &str) -> String {
        let psql = match &self.0 {
            Kind::Own(own) => own.psql(),
            Kind::Borrowed { .. } => PathBuf::from("psql"),
        };
        let mut command = Command::new(psql);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, url]).stdin(Stdio::null());
        let output = command.output().expect("psql");
        assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The port on 127.0.0.1, if the server is our own.
    pub(crate) fn port(&self) -> Option<u16> {
        match &self.0 {
            Kind::Own(own) => Some(own.port),
            Kind::Borrowed { .. } => None,
        }
    }

    /// The folder of the Unix socket, if the server is our own.
    pub(crate) fn socket_folder(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Own(own) => Some(&own.folder),
            Kind::Borrowed { .. } => None,
        }
    }
}

impl Own {
    fn start(
        tools: &Path,
        user: User,
        settings: &[(&str, &str)],
        prepare: &impl Fn(&Path) -> io::Result<()>,
    ) -> io::Result<Self> {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        user.own(&folder)?;
        let data = folder.join("data");
        let mut initdb = user.command(&tools.join("initdb"));
        initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1", "-U", SUPERUSER]);
        let started = run(initdb.arg("-D").arg(&data)).and_then(|()| {
            prepare(&data)?;
            for entry in fs::read_dir(&data)? {
                user.own(&entry?.path())?;
            }
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let command = postgres(tools, user, &folder, port, settings);
            let (stop, keeper) = keep(command, folder.join("log"), port)?;
            Ok(Self { folder: folder.clone(), tools: tools.to_owned(), port, stop, keeper: Some(keeper) })
        });
        if started.is_err() {
            let _ = fs::remove_dir_all(&folder);
        }
        started
    }

    /// The server's own `psql`, or that of a client package.
    fn psql(&self) -> PathBuf {
        Some(self.tools.join("psql")).filter(|psql| psql.is_file()).unwrap_or_else(|| "psql".into())
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Kind::Own(own) = &mut self.0 {
            let _ = own.stop.send(());
            if let Some(keeper) = own.keeper.take() {
                let _ = keeper.join();
            }
            let _ = fs::remove_dir_all(&own.folder);
        }
    }
}

fn postgres(tools: &Path, user: User, folder: &Path, port: u16, settings: &[(&str, &str)]) -> Command {
    let server = tools.join("postgres");
    let mut command = if Path::new("/usr/bin/setpriv").exists() {
        let mut command = user.command(Path::new("/usr/bin/setpriv"));
        command.args(["--pdeathsig", "QUIT", "--"]).arg(server);
        command
    } else {
        user.command(&server)
    };
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    let port = port.to_string();
    let fixed = [
        ("listen_addresses", "127.0.0.1"),
        ("port", port.as_str()),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("max_connections", "80"),
        ("shared_buffers", "32MB"),
        // It would visit hundreds of databases that live for seconds.
        ("autovacuum", "off"),
        ("logging_collector", "off"),
    ];
    for (setting, value) in fixed.iter().chain(settings) {
        command.arg("-c").arg(format!("{setting}={value}"));
    }
    command
}

/// Runs the server on a thread of its own. The signal of `--pdeathsig` comes when the *thread* that started the child
/// ends, so it must not be a test's.
fn keep(mut command: Command, log: PathBuf, port: u16) -> io::Result<(mpsc::Sender<()>, JoinHandle<()>)> {
    let output = fs::File::create(&log)?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let (stop, stopped) = mpsc::channel();
    let (ready, is_ready) = mpsc::channel();
    let keeper = thread::Builder::new().name("postgres-keeper".to_owned()).spawn(move || {
        let child = command.spawn().and_then(|child| wait_until_ready(child, port, &log));
        match child {
            Ok(mut child) => {
                let _ = ready.send(Ok(()));
                let _ = stopped.recv();
                end(&mut child);
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    })?;
    is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the keeper died")))?;
    Ok((stop, keeper))
}

fn wait_until_ready(mut child: Child, port: u16, log: &Path) -> io::Result<Child> {
    for _ in 0..500 {
        let said = fs::read_to_string(log).unwrap_or_default();
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("ended with {status}: {said}")));
        }
        if said.contains("ready to accept connections") && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(child);
        }
        thread::sleep(Duration::from_millis(20));
    }
    end(&mut child);
    Err(io::Error::new(io::ErrorKind::TimedOut, "not ready after ten seconds"))
}

/// SIGQUIT is PostgreSQL's immediate shutdown: it takes its shared memory with it, which SIGKILL leaves behind.
fn end(child: &mut Child) {
    let told = Command::new("kill").args(["-QUIT", &child.id().to_string()]).stderr(Stdio::null()).status();
    if told.is_ok_and(|status| status.success()) {
        for _ in 0..250 {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{} ended with {}: {said}", command.get_program().display(), output.status)))
}

/// Where PostgreSQL's programs may be: in `PATH`, then in the folders of Debian, Red Hat and Homebrew, newest first.
fn tool_folders() -> Vec<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "a test looks for a program")]
    let path = std::env::var("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for parent in ["/usr/lib/postgresql", "/usr", "/opt/homebrew/opt", "/usr/local/opt"] {
        let mut versions: Vec<PathBuf> = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                parent.ends_with("postgresql")
                    || path.to_string_lossy().contains("pgsql-")
                    || path.to_string_lossy().contains("postgresql@")
            })
            .collect();
        versions.sort();
        folders.extend(versions.into_iter().rev().map(|version| version.join("bin")));
    }
    // The programs look for each other beside themselves, so a link in `PATH` is followed to where they all are.
    let mut found: Vec<PathBuf> = Vec::new();
    for folder in folders.iter().filter(|folder| folder.join("initdb").is_file()) {
        let real = fs::canonicalize(folder.join("postgres")).ok();
        if let Some(real) = real.as_deref().and_then(Path::parent)
            && !found.iter().any(|known| known == real)
        {
            found.push(real.to_owned());
        }
    }
    found
}

/// Removes the folders of test runs that are no more.
fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let run = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if let Some(run) = run
            && Path::new("/proc/self").exists()
            && !Path::new("/proc").join(run).exists()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The name of the database in a URL, exchanged.
fn with_database(url: &str, name: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = place.find("://").map_or(0, |at| at + 3);
    let end = place[authority..].find('/').map_or(place.len(), |at| authority + at);
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("{}/{name}{query}", &place[..end])
}

/// Who runs the server.
#[derive(Clone, Copy)]
enum User {
    Me,
    Other { uid: u32, gid: u32 },
}

impl User {
    /// Root must hand over to somebody else: `postgres`, or whoever owns nothing. `None` when there is nobody.
    fn to_run_as() -> Option<Self> {
        if fs::metadata("/proc/self").map_or(true, |me| me.uid() != 0) {
            return Some(Self::Me);
        }
        let users = fs::read_to_string("/etc/passwd").ok()?;
        ["postgres:", "nobody:"].iter().find_map(|name| {
            let mut fields = users.lines().find(|line| line.starts_with(name))?.split(':').skip(2);
            let uid = fields.next()?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self::Other { uid, gid })
        })
    }

    fn own(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Me => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }

    fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        // Not in a folder that the other user may not enter; messages in English.
        command.current_dir("/").env("LC_ALL", "C");
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }
}
