//! The log: one line an event, with time, source, the beginning of the content's hash and a code. There is no way to write
//! a name or a content into it: names of files carry names of patients.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{clock::Clock, digest::Sha256, durable, registry::Code};

/// Beyond this many bytes the log begins anew, and the one before is kept beside it.
const LONGEST: u64 = 5 * 1024 * 1024;

/// Where something came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The program itself.
    Own,
    /// A watched folder.
    Folder,
    /// A message that came by MLLP.
    Mllp,
    /// What a local program handed over.
    Http,
    /// A message in the spool, whoever handed it over.
    Spool,
}

impl Source {
    const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Folder => "folder",
            Self::Mllp => "mllp",
            Self::Http => "http",
            Self::Spool => "spool",
        }
    }
}

/// A line of the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// Where it came from.
    pub(crate) source: Source,
    /// What happened, a word of ours.
    pub(crate) event: &'static str,
    /// Of which content.
    pub(crate) hash: Option<&'a Sha256>,
    /// The HTTP status that it is about.
    pub(crate) status: Option<u16>,
    /// A word of the server's.
    pub(crate) code: Option<&'a Code>,
}

impl Line<'_> {
    /// An event without more to say.
    pub(crate) const fn new(source: Source, event: &'static str) -> Self {
        Self { source, event, hash: None, status: None, code: None }
    }
}

/// The log, on the standard error output and in a file.
#[derive(Debug)]
pub(crate) struct Journal {
    clock: Clock,
    path: PathBuf,
    file: Mutex<Option<File>>,
}

impl Journal {
    /// Opens the log in this file.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn open(path: &Path, clock: Clock) -> io::Result<Self> {
        let file = Mutex::new(Some(opened(path)?));
        Ok(Self { clock, path: path.to_owned(), file })
    }

    /// Writes a line. A full disk must not stop the work, so a line can be lost in the file; it stands on the standard
    /// error output then.
    pub(crate) fn note(&self, line: Line<'_>) {
        let mut text = format!("{:.0} {} {}", self.clock.now(), line.source.word(), line.event);
        let hash = line.hash.map(Sha256::prefix);
        let status = line.status.map(|status| status.to_string());
        let code = line.code.map(|code| code.as_str().to_owned());
        for part in [hash, status, code].into_iter().flatten() {
            text.push(' ');
            text.push_str(&part);
        }
        text.push('\n');
        let _lost = io::stderr().write_all(text.as_bytes()).is_err();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if file.as_ref().and_then(|file| file.metadata().ok()).is_some_and(|data| data.len() > LONGEST) {
            // closed first: Windows does not rename what is open
            *file = None;
            let _kept = fs::rename(&self.path, self.path.with_extension("1.log")).is_ok();
        }
        if file.is_none() {
            *file = opened(&self.path).ok();
        }
        let _lost = file.as_mut().is_some_and(|file| file.write_all(text.as_bytes()).is_err());
    }
}

fn opened(path: &Path) -> io::Result<File> {
    durable::private_file().append(true).create(true).open(path)
}
