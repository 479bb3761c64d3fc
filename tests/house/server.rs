//! A real server process on a database of its own: started, asked, killed and started again.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rustls::version::TLS13;
use serde_json::Value;
use tempfile::TempDir;
use ureq::Agent;

use crate::{
    contract::Contract,
    http::{self, Call},
    pg_cluster::Cluster,
    processes,
    secure::Line,
};

/// Where authorization codes may be sent.
pub(crate) const REDIRECT: &str = "https://portal.example.org/cb";

/// How a server is set up.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    /// Two empty PostgreSQL databases; SQLite without them.
    pub(crate) postgres: Option<Postgres>,
    /// Whether the test may move the time.
    pub(crate) clock: bool,
    /// More of the configuration file.
    pub(crate) more: String,
    /// Whether only proven keys count, as for real people (RFC 9449). Most tests go without, for curl's sake.
    pub(crate) proofs: bool,
    /// Whether people at work need two factors, as for real findings. Most tests do with a password.
    pub(crate) second_factor: bool,
    /// Whether secrets are hashed with as much work as real ones. Otherwise it is done quickly wherever the database is a
    /// test's own anyway: the slow hash is half of what all tests cost.
    pub(crate) slow_hashes: bool,
    /// Whether the test is the reverse proxy of the server, which says in `X-Forwarded-For` who asks.
    pub(crate) proxy: bool,
    /// Certificate and key.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    /// A server that never ran, whose SQLite databases to begin with.
    pub(crate) template: Option<Arc<Server>>,
}

/// A server's databases on PostgreSQL.
#[derive(Clone)]
pub(crate) struct Postgres {
    pub(crate) cluster: Arc<Cluster>,
    /// The URL of the main one.
    pub(crate) main: String,
    /// The URL of the key store.
    pub(crate) keys: String,
}

/// A server process and everything it owns. Ends with the value.
pub(crate) struct Server {
    dir: TempDir,
    setup: Setup,
    port: u16,
    process: Mutex<Option<Child>>,
    agent: Agent,
    jumps: AtomicU64,
}

impl Server {
    /// A server that does not run, in a folder of its own.
    fn new(setup: Setup) -> Self {
        let dir = tempfile::Builder::new().prefix("nahraum-house-").tempdir().expect("a folder");
        let agent = http::agent(setup.tls.as_ref().map(|(chain, _)| chain.as_path()));
        Self { dir, setup, port: 0, process: Mutex::default(), agent, jumps: AtomicU64::new(0) }
    }

    /// A server that never runs: empty databases with every migration, to be copied.
    pub(crate) fn migrated(setup: Setup) -> Arc<Self> {
        let server = Self::new(setup);
        server.write_config();
        server.cli(&["migrate"]);
        Arc::new(server)
    }

    /// Starts a server on an empty database.
    pub(crate) fn start(setup: Setup) -> Arc<Self> {
        let mut server = Self::new(setup);
        // Somebody else may take the free port before the server does.
        for _ in 0..5 {
            server.port = free_port();
            server.write_config();
            server.spawn();
            if server.wait_until_ready() {
                return Arc::new(server);
            }
            // A slow one must not keep its other ports.
            server.kill();
        }
        panic!("the server does not start:\n{}", server.last_words());
    }

    /// A second server process on the PostgreSQL databases of another one, with the same root key.
    pub(crate) fn beside(other: &Self) -> Arc<Self> {
        let mut server = Self::new(other.setup.clone());
        server.port = free_port();
        server.write_config();
        fs::copy(other.path("data/root.key"), server.path("data/root.key")).expect("the key");
        server.spawn();
        assert!(server.wait_until_ready(), "the second server does not start:\n{}", server.last_words());
        Arc::new(server)
    }

    /// The URL of its PostgreSQL database; none on SQLite.
    pub(crate) fn database(&self) -> Option<&str> {
        self.setup.postgres.as_ref().map(|postgres| postgres.main.as_str())
    }

    /// The same server again, after [`Server::kill`] or [`Server::stop`].
    pub(crate) fn restart(&self) {
        for _ in 0..20 {
            self.spawn();
            if self.wait_until_ready() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("the server does not start again:\n{}", self.last_words());
    }

    /// Kills it without a chance to clean up (`kill -9`).
    pub(crate) fn kill(&self) {
        if let Some(mut child) = self.process.lock().unwrap().take() {
            child.kill().expect("a living server");
            child.wait().expect("a dead server");
        }
    }

    /// Tells it to read its certificate anew (SIGHUP).
    pub(crate) fn hang_up(&self) {
        processes::signal(self.pid(), "-HUP");
    }

    /// Asks it to stop (SIGTERM) and waits; gives how it ended.
    pub(crate) fn stop(&self) -> Option<i32> {
        let mut child = self.process.lock().unwrap().take().expect("a living server");
        processes::signal(child.id(), "-TERM");
        child.wait().expect("a dead server").code()
    }

    /// From the next start on only proven keys count.
    pub(crate) fn forbid_bearers(&self) {
        let path = self.path("nahraum.toml");
        let text = fs::read_to_string(&path).expect("a configuration").replace("bearer = true", "bearer = false");
        private_file(&path).write_all(text.as_bytes()).expect("a configuration");
    }

    fn write_config(&self) {
        let (port, public) = (self.port, self.public(""));
        let data = self.path("data").display().to_string();
        let databases = self.setup.postgres.as_ref().map_or_else(
            || format!("[database]\nurl = \"sqlite:{data}/nahraum.db\"\n"),
            |p| format!("[database]\nurl = \"{}\"\n[keys]\ndatabase_url = \"{}\"\n", p.main, p.keys),
        );
        let tls = self.setup.tls.as_ref().map_or(String::new(), |(certificate, key)| {
            format!("[tls]\ncertificate = {:?}\nprivate_key = {:?}\n", certificate.display(), key.display())
        });
        let proxies = if self.setup.proxy { "trusted_proxies = [\"127.0.0.1\"]\n" } else { "" };
        let text = format!(
            "[server]\nbind = \"127.0.0.1:{port}\"\npublic_url = \"{public}\"\n\
             shutdown_timeout_seconds = 5\n{proxies}[storage]\ndata_dir = \"{data}\"\n{databases}\
             [log]\nlevel = \"debug\"\n[sign_in]\nbearer = {}\nsecond_factor = \"{}\"\nredirect_uris = [\"{REDIRECT}\"]\n{tls}{}",
            !self.setup.proofs,
            if self.setup.second_factor { "required" } else { "demo" },
            self.setup.more
        );
        fs::create_dir_all(self.path("data")).expect("a data folder");
        fs::set_permissions(self.path("data"), fs::Permissions::from_mode(0o700)).expect("a closed folder");
        if let Some(template) = &self.setup.template {
            copy_folder(&template.path("data"), &self.path("data"));
        }
        let mut file = private_file(&self.path("nahraum.toml"));
        file.write_all(text.as_bytes()).expect("a configuration");
        self.move_clock(0);
    }

    fn environment(&self, clock: bool) -> Vec<(&'static str, String)> {
        let mut variables = vec![("PATH", String::from("/usr/local/bin:/usr/bin:/bin"))];
        if clock {
            variables.push(("NAHRAUM_TEST_CLOCK_FILE", self.path("clock").display().to_string()));
        }
        // Without these the database is one for real findings.
        let is_test = self.setup.clock || !self.setup.second_factor;
        if is_test && !self.setup.slow_hashes {
            variables.push(("NAHRAUM_TEST_QUICK_HASHES", String::from("1")));
        }
        variables
    }

    fn spawn(&self) {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a log");
        let mut command = processes::command(processes::nahraum());
        command.arg("serve").arg("--config").arg(self.path("nahraum.toml"));
        command.env_clear().envs(self.environment(self.setup.clock));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        *self.process.lock().unwrap() = Some(processes::start(command));
    }

    fn wait_until_ready(&self) -> bool {
        let patience = Instant::now() + Duration::from_secs(20);
        while Instant::now() < patience {
            let ended = self.process.lock().unwrap().as_mut().expect("a server").try_wait().expect("its state");
            if ended.is_some() {
                return false;
            }
            let ready = if let Some((chain, _)) = &self.setup.tls {
                // A handshake: the operating system takes connections before the server does. And one that fails is no end:
                // for a moment, the port may be somebody else's.
                Line::open(self.port, chain, &TLS13, None).is_ok()
            } else {
                self.call("GET", "/readyz").try_send().is_ok_and(|reply| reply.status == 200)
            };
            if ready {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Moves the server's time: so many seconds ahead of the real one.
    pub(crate) fn move_clock(&self, seconds: i64) {
        self.set_clock(&seconds.to_string());
    }

    /// How often the time was moved.
    pub(crate) fn jumps(&self) -> u64 {
        self.jumps.load(Ordering::SeqCst)
    }

    /// Stops the server's time so many seconds ahead of the real one, for promises that are kept to the second: a slow
    /// machine must not let a second pass between two requests.
    pub(crate) fn stop_clock(&self, seconds: i64) {
        self.stop_clock_at(self.now().checked_add_signed(seconds).expect("a time after 1970"));
    }

    /// Stops the server's time at this second since 1970.
    pub(crate) fn stop_clock_at(&self, second: u64) {
        self.set_clock(&format!("={second}"));
    }

    /// The real time in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
    }

    /// What the server's clock says, in seconds since 1970.
    pub(crate) fn clock(&self) -> i64 {
        let now = i64::try_from(self.now()).expect("a time");
        if !self.setup.clock {
            return now;
        }
        let text = fs::read_to_string(self.path("clock")).expect("a clock");
        match text.strip_prefix('=') {
            Some(second) => second.parse().expect("a second"),
            None => now + text.parse::<i64>().expect("an offset"),
        }
    }

    fn set_clock(&self, text: &str) {
        self.jumps.fetch_add(1, Ordering::SeqCst);
        let unfinished = self.path("clock.unfinished");
        fs::write(&unfinished, text).expect("a clock");
        fs::rename(unfinished, self.path("clock")).expect("a clock");
    }

    /// Runs a command of the program on this server's configuration.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_in(arguments, self.setup.clock)
    }

    /// [`Server::run`], with the variable that moves the time.
    pub(crate) fn run_with_clock(&self, arguments: &[&str]) -> Output {
        self.run_in(arguments, true)
    }

    fn run_in(&self, arguments: &[&str], clock: bool) -> Output {
        let mut command = processes::command(processes::nahraum());
        command.args(arguments).arg("--config").arg(self.path("nahraum.toml"));
        command.env_clear().envs(self.environment(clock));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        processes::start(command).wait_with_output().expect("an end")
    }

    /// Starts a command of the program on this server's configuration, to be killed.
    pub(crate) fn start_command(&self, arguments: &[&str]) -> Child {
        let mut command = processes::command(processes::nahraum());
        command.args(arguments).arg("--config").arg(self.path("nahraum.toml"));
        command.env_clear().envs(self.environment(self.setup.clock));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        processes::start(command)
    }

    /// [`Server::run`], and it has to work; gives what it printed.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "nahraum {arguments:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// A file with a secret in it, for the command line.
    pub(crate) fn secret_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        private_file(&path).write_all(text.as_bytes()).expect("a secret");
        path
    }

    /// Begins a request.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    /// A request without a credential, sent.
    pub(crate) fn get(&self, path: &str) -> http::Reply {
        self.call("GET", path).send()
    }

    /// A request without a credential, sent.
    pub(crate) fn post(&self, path: &str, body: &Value) -> http::Reply {
        self.call("POST", path).json(body).send()
    }

    /// What every answer is compared with. Every server is the same program, so the document of the first one asked does
    /// for all.
    pub(crate) fn contract(&self) -> &'static Contract {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let reply = self.call("GET", "/v1/openapi.json").try_send().expect("the document");
            Contract::new(&reply.expect(200).json())
        })
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.setup.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    /// Its databases on PostgreSQL, if that is where they are.
    pub(crate) const fn postgres(&self) -> Option<&Postgres> {
        self.setup.postgres.as_ref()
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.lock().unwrap().as_ref().expect("a living server").id()
    }

    /// The same by the name that people use. Passkeys are bound to a name.
    pub(crate) fn public(&self, path: &str) -> String {
        let (scheme, host) = if self.setup.tls.is_some() { ("https", "127.0.0.1") } else { ("http", "localhost") };
        format!("{scheme}://{host}:{}{path}", self.port)
    }

    /// The port on 127.0.0.1.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) const fn agent(&self) -> &Agent {
        &self.agent
    }

    /// A path in the server's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn log_path(&self) -> PathBuf {
        self.path("server.log")
    }

    /// Everything the server wrote to its standard error and output so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// The end of the log, for failures.
    pub(crate) fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Copies what is in a folder, with its modes.
fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            fs::create_dir_all(&to).expect("a folder");
            fs::set_permissions(&to, from.metadata().expect("a mode").permissions()).expect("a mode");
            copy_folder(&from, &to);
        } else {
            fs::copy(from, to).expect("a copy");
        }
    }
}

fn private_file(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).open(path).expect("a private file")
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a free port").port()
}
