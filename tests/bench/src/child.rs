//! Programs under measurement: started so that they end with this one, and waited for until they answer.

use std::{
    ffi::OsStr,
    fs::OpenOptions,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    Outcome,
    clock::Stopwatch,
    http::{Client, get},
};

/// How long a program may take until it answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command that sees nothing of this program's environment and is killed with it, even by `kill -9`. Only the main
/// thread may start it: the signal comes when the *thread* that started it ends.
pub(crate) fn command(program: &Path) -> Command {
    let wrapper = Path::new("/usr/bin/setpriv");
    let mut command = if wrapper.exists() {
        let mut command = Command::new(wrapper);
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").stdin(Stdio::null());
    command
}

/// Starts a server with its output in a file and waits until `path` answers with 200; gives it and how long that took.
pub(crate) fn start<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    log: &Path,
    address: SocketAddr,
    path: &str,
) -> Outcome<(Child, Duration)> {
    let output = OpenOptions::new().create(true).append(true).open(log)?;
    let mut command = command(program);
    command.args(arguments).stdout(output.try_clone()?).stderr(output);
    let watch = Stopwatch::start();
    let mut child = command.spawn()?;
    let request = get(path, "");
    while watch.elapsed() < PATIENCE {
        if Client::new(address).exchange(&request).is_ok_and(|reply| reply.status == 200) {
            return Ok((child, watch.elapsed()));
        }
        if let Some(status) = child.try_wait()? {
            return Err(format!("{} ended with {status}: {}", program.display(), last_words(log)).into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    end(&mut child)?;
    Err(format!("{} does not answer: {}", program.display(), last_words(log)).into())
}

/// `kill -9`, and waits until it is gone.
pub(crate) fn end(child: &mut Child) -> std::io::Result<()> {
    child.kill()?;
    child.wait().map(drop)
}

/// The last lines of a log.
pub(crate) fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().take(10).collect();
    lines.reverse();
    lines.join("\n")
}

/// An address on this machine that nobody listens on.
pub(crate) fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
