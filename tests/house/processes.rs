//! Child processes that never outlive the suite: servers, mail relays, the command line.

use std::{
    io,
    path::Path,
    process::{Child, Command},
    sync::{LazyLock, Mutex, mpsc},
    thread,
};

type Job = (Command, mpsc::Sender<io::Result<Child>>);

/// All children are started from one thread that lives as long as the suite: the signal of `--pdeathsig` comes when the
/// *thread* that started a child ends.
static STARTER: LazyLock<Mutex<mpsc::Sender<Job>>> = LazyLock::new(|| {
    let (jobs, inbox) = mpsc::channel::<Job>();
    thread::spawn(move || {
        for (mut command, started) in inbox {
            drop(started.send(command.spawn()));
        }
    });
    Mutex::new(jobs)
});

/// A command for a program that is killed when the suite dies, even by `kill -9`.
pub(crate) fn command(program: &Path) -> Command {
    let wrapper = Path::new("/usr/bin/setpriv");
    if wrapper.exists() {
        let mut command = Command::new(wrapper);
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Sends a running process a signal, such as `-HUP`.
pub(crate) fn signal(id: u32, name: &str) {
    let told = Command::new("kill").args([name, &id.to_string()]).status();
    assert!(told.expect("kill").success());
}

/// Starts a child.
pub(crate) fn start(command: Command) -> Child {
    let (started, child) = mpsc::channel();
    STARTER.lock().unwrap().send((command, started)).unwrap();
    child.recv().unwrap().expect("a child process")
}

/// The program under test.
pub(crate) fn nahraum() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_nahraum"))
}
