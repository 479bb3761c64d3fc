//! Reading a file where it can do no harm: in a process of its own that has so much memory and time, cannot open a file or a
//! connection, knows no secret and leaves nothing behind. What it does not survive, the server never tries.

use std::{
    io::{self, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use nahraum_app::Objection;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{
    cli::{Exit, ReadFileArgs},
    config::Uploads,
    wiring::Trouble,
};

/// This program as the kernel knows it: the same version as the one that runs, also after an upgrade on the disk.
const MYSELF: &str = "/proc/self/exe";

/// Starts a child for each file.
pub(super) struct Reader {
    program: PathBuf,
    memory: u64,
    time: Duration,
}

impl Reader {
    pub(super) fn new(uploads: &Uploads) -> Result<Self, Trouble> {
        let myself = Path::new(MYSELF);
        let program = if myself.exists() { Ok(myself.to_owned()) } else { std::env::current_exe() };
        let program = program.map_err(Trouble::io("the path of this program cannot be told"))?;
        Ok(Self { program, memory: uploads.reader_memory, time: uploads.reader_time })
    }

    /// Waits until a child has read the file to its end.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<(), Objection> {
        let unavailable = |error: io::Error| {
            tracing::error!(%error, "a file could not be read in a process of its own");
            Objection::Unavailable
        };
        let status = self.run(bytes).map_err(unavailable)?;
        judge(status)
    }

    fn run(&self, bytes: &[u8]) -> io::Result<ExitStatus> {
        let mut child = Command::new(&self.program)
            .arg0("nahraum")
            .args(["read-file", "--memory", &self.memory.to_string(), "--seconds", &self.time.as_secs().to_string()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // What a panic says may quote the file.
            .stderr(Stdio::null())
            .spawn()?;
        let written = child.stdin.take().map(|mut stdin| stdin.write_all(bytes));
        let status = child.wait()?;
        match written {
            // A child that is out of memory hangs up; how it ended tells more.
            Some(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(status),
        }
    }
}

fn judge(status: ExitStatus) -> Result<(), Objection> {
    if status.success() {
        return Ok(());
    }
    if status.code() == Some(Exit::Failed.code().into()) {
        tracing::error!("limits for reading files cannot be set");
        return Err(Objection::Unavailable);
    }
    tracing::warn!(code = status.code(), signal = status.signal(), "reading a file took too much, or failed");
    Err(Objection::TooDemanding)
}

/// `nahraum read-file`, the child: reads standard input under limits. Whether the file is any good is no question here.
///
/// # Errors
/// When it cannot be limited, and when the file alone is more than it may hold.
pub(crate) fn read_alone(limits: &ReadFileArgs) -> Result<(), Trouble> {
    let limits = [
        // What is written to: the heap, not the program.
        (Resource::Data, limits.memory),
        (Resource::Cpu, limits.seconds),
        // Standard input, output and error are open; nothing else will be.
        (Resource::Nofile, 3),
        (Resource::Fsize, 0),
        (Resource::Nproc, 0),
    ];
    for (resource, limit) in limits {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })
            .map_err(|error| Trouble::io("a limit cannot be set")(error.into()))?;
    }
    let mut bytes = Vec::new();
    let heard = io::stdin().lock().read_to_end(&mut bytes);
    heard.map_err(|error| Trouble::Refused(format!("there is no room for the file: {error}")))?;
    nahraum_app::uploads::read_alone(&bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_read_to_its_end_passes() {
        // As wait(2) tells it: the signal, or the code in the second byte.
        assert_eq!(judge(ExitStatus::from_raw(0)), Ok(()));
        for end in [6, 9, 11, 24, 101 << 8, 2 << 8] {
            assert_eq!(judge(ExitStatus::from_raw(end)), Err(Objection::TooDemanding), "{end}");
        }
        assert_eq!(judge(ExitStatus::from_raw(1 << 8)), Err(Objection::Unavailable));
    }

    #[test]
    fn a_program_that_is_not_there_is_no_verdict() {
        let reader = Reader { program: "/nowhere".into(), memory: 1 << 28, time: Duration::from_secs(1) };
        assert_eq!(reader.read(b"x"), Err(Objection::Unavailable));
    }
}
