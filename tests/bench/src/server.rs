//! The real server on a database of its own: started, asked, killed and started again.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Child,
    time::Duration,
};

use tempfile::TempDir;

use crate::{Outcome, child, engine::Engine};

/// A server process and everything it owns. Ends with the value.
#[derive(Debug)]
pub(crate) struct Server {
    folder: TempDir,
    program: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) database: String,
    child: Option<Child>,
}

impl Server {
    /// Starts the server on a new database, with the settings it has by itself.
    pub(crate) fn start(program: Option<&Path>, engine: &Engine) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("nahraum-bench-").tempdir()?;
        let database = engine.new_database(folder.path());
        let mut server =
            Self { folder, program: found(program)?, address: child::free_address()?, database, child: None };
        let address = server.address;
        let text = format!(
            "[server]\nbind = \"{address}\"\npublic_url = \"http://{address}\"\n[storage]\ndata_dir = \"{}\"\n\
             [database]\nurl = \"{}\"\n[sign_in]\nbearer = true\nsecond_factor = \"demo\"\n{}",
            server.path("data").display(),
            server.database,
            engine.key_store()
        );
        server.private_file("nahraum.toml", &text)?;
        server.restart()?;
        Ok(server)
    }

    /// Starts it again; gives how long it took until it answered `/readyz`.
    pub(crate) fn restart(&mut self) -> Outcome<Duration> {
        let configuration = self.path("nahraum.toml").display().to_string();
        let arguments = ["serve", "--config", &configuration];
        let (child, took) = child::start(&self.program, &arguments, &self.path("server.log"), self.address, "/readyz")?;
        self.child = Some(child);
        Ok(took)
    }

    /// The program it runs.
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The program it runs from the next start on.
    pub(crate) fn set_program(&mut self, program: &Path) -> Outcome<()> {
        self.program = found(Some(program))?;
        Ok(())
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> Outcome<()> {
        match self.child.take() {
            Some(mut child) => Ok(child::end(&mut child)?),
            None => Err("the server is dead already".into()),
        }
    }

    /// Whether the process still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    pub(crate) fn pid(&self) -> Outcome<u32> {
        Ok(self.child.as_ref().ok_or("the server is dead")?.id())
    }

    /// Runs a command of the program on the same configuration; gives what it printed.
    pub(crate) fn command(&self, arguments: &[&str]) -> Outcome<String> {
        let mut command = child::command(&self.program);
        let output = command.args(arguments).arg("--config").arg(self.path("nahraum.toml")).output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("nahraum {arguments:?} ended with {}: {said}", output.status).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A file that only this user can read.
    pub(crate) fn private_file(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.path(name);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes())?;
        Ok(path)
    }

    /// A path in the server's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        child::last_words(&self.path("server.log"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Nothing more can be done about one that does not go.
            let _stays = child::end(child).is_err();
        }
    }
}

/// The server program: the one that was named, or the one built beside this program.
fn found(program: Option<&Path>) -> Outcome<PathBuf> {
    let program = match program {
        Some(program) => program.to_owned(),
        None => std::env::current_exe()?.with_file_name("nahraum"),
    };
    fs::canonicalize(&program).map_err(|_| {
        format!("{} is not there: cargo build --release -p nahraum-server, or --server", program.display()).into()
    })
}
