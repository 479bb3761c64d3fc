//! A watched folder: which files are finished, and where they go.
//!
//! A file goes from the folder to `in-arbeit` before it is read, in one step. From then on a new file of the same name is
//! another file, and nothing is filed away that was not sent. From there it goes to `archiv/<day>` or to `fehler`.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::civil::Date;

use crate::durable;

/// Where files are while they are sent.
const AT_WORK: &str = "in-arbeit";
/// Where files are that were sent.
const ARCHIVE: &str = "archiv";
/// Where files are that were not taken.
pub(crate) const REFUSED: &str = "fehler";
/// What programs call files that they are not finished with, by their ending.
const UNFINISHED: &[&str] = &["tmp", "temp", "part", "partial", "crdownload", "download", "filepart", "lock", "lck"];
/// What systems put into folders by themselves.
const NOT_FILES_OF_PEOPLE: &[&str] = &["thumbs.db", "desktop.ini"];
/// An empty file is often one that somebody is about to write: it gets so many times as long.
const PATIENCE_WITH_EMPTY: u32 = 12;

/// Size and time of the last change: a file that keeps both is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Bytes.
    pub(crate) size: u64,
    changed: Option<SystemTime>,
}

impl Look {
    /// How a file looks now. What became a link or a folder in the meantime is none.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let data = fs::symlink_metadata(path)?;
        if data.is_file() { Ok(Self::of(&data)) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn of(data: &Metadata) -> Self {
        Self { size: data.len(), changed: data.modified().ok() }
    }
}

/// A watched folder.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// How long a file has to stay the same.
    stable_for: Duration,
    /// What was seen, and since when it looks so, by the running clock.
    seen: HashMap<OsString, (Look, Duration)>,
}

impl Folder {
    /// Watches this folder.
    pub(crate) fn new(root: PathBuf, stable_for: Duration) -> Self {
        Self { root, stable_for, seen: HashMap::new() }
    }

    /// Files that can be sent: first those that were at work when the program ended, then those that are finished, the oldest
    /// first.
    ///
    /// # Errors
    /// When the folder cannot be read, as a network drive that is away.
    pub(crate) fn ready(&mut self, running: Duration) -> io::Result<Vec<PathBuf>> {
        let mut at_work = match files(&self.at_work()) {
            Ok(at_work) => at_work,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        by_age(&mut at_work);
        let mut ready: Vec<PathBuf> = at_work.into_iter().map(|(path, _)| path).collect();
        let mut finished = Vec::new();
        let mut seen = HashMap::new();
        for (path, look) in files(&self.root)? {
            let Some(name) = path.file_name().filter(|name| is_wanted(&name.to_string_lossy())) else { continue };
            let before = self.seen.get(name).filter(|(before, _)| *before == look);
            let since = before.map_or(running, |(_, since)| *since);
            let patience = if look.size == 0 { PATIENCE_WITH_EMPTY } else { 1 };
            if running.saturating_sub(since) >= self.stable_for.saturating_mul(patience) {
                finished.push((path.clone(), look));
            }
            seen.insert(name.to_owned(), (look, since));
        }
        self.seen = seen;
        by_age(&mut finished);
        ready.extend(finished.into_iter().map(|(path, _)| path));
        Ok(ready)
    }

    /// Whether a file waits in the folder that is not finished yet.
    pub(crate) fn has_unfinished(&self) -> bool {
        !self.seen.is_empty()
    }

    /// Takes a file to work, and tells where it is now. Fails as long as another program holds it open and shares it with
    /// nobody, as on Windows.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn claim(&mut self, path: &Path) -> io::Result<PathBuf> {
        if path.parent() == Some(&self.at_work()) {
            return Ok(path.to_owned());
        }
        let claimed = durable::move_into(&self.at_work(), path)?;
        if let Some(name) = path.file_name() {
            self.seen.remove(name);
        }
        Ok(claimed)
    }

    /// Puts a file back that somebody went on writing while it was sent.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn put_back(&self, path: &Path) -> io::Result<()> {
        durable::move_into(&self.root, path).map(drop)
    }

    /// Files a file away that was sent.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn archive(&self, path: &Path, day: Date) -> io::Result<()> {
        durable::move_into(&self.root.join(ARCHIVE).join(day.to_string()), path).map(drop)
    }

    /// Puts a file aside that was not taken, with a text beside it.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn refuse(&self, path: &Path, why: &str) -> io::Result<()> {
        put_aside(&self.root.join(REFUSED), path, why)
    }

    fn at_work(&self) -> PathBuf {
        self.root.join(AT_WORK)
    }
}

/// How many files wait in a folder and lie in its `fehler`.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn counts(root: &Path) -> io::Result<(usize, usize)> {
    let wanted = |path: &PathBuf| path.file_name().is_some_and(|name| is_wanted(&name.to_string_lossy()));
    let waiting = files(root)?.iter().filter(|(path, _)| wanted(path)).count();
    let at_work = files(&root.join(AT_WORK)).map_or(0, |files| files.len());
    let aside = files(&root.join(REFUSED)).unwrap_or_default();
    let is_text =
        |path: &Path| path.with_extension("").is_file() && path.extension().is_some_and(|ending| ending == "txt");
    let refused = aside.iter().filter(|(path, _)| !is_text(path)).count();
    Ok((waiting.saturating_add(at_work), refused))
}

/// Moves a file into a folder for what was not taken. The text is there first: a file never lies there unexplained, and if the
/// machine stops in between, the same text is written again.
///
/// # Errors
/// The disk's.
pub(crate) fn put_aside(folder: &Path, path: &Path, why: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let to = durable::free_name(folder, path)?;
    let mut text = to.clone().into_os_string();
    text.push(".txt");
    durable::write_for_people(Path::new(&text), why.as_bytes())?;
    fs::rename(path, &to)?;
    durable::sync_parent(&to)
}

/// The files of a folder, without folders and links: a link could lead to anything.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, Look)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // what is gone by now was none of ours
        let Ok(data) = fs::symlink_metadata(entry.path()) else { continue };
        if data.is_file() {
            files.push((entry.path(), Look::of(&data)));
        }
    }
    Ok(files)
}

fn by_age(files: &mut [(PathBuf, Look)]) {
    files.sort_by(|(a, x), (b, y)| (x.changed, a).cmp(&(y.changed, b)));
}

/// Whether this is the name of a file that somebody wants to send.
fn is_wanted(name: &str) -> bool {
    let name = name.to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let hidden = name.starts_with('.') || name.starts_with('~') || name.ends_with('~');
    !hidden && !UNFINISHED.contains(&ending) && !NOT_FILES_OF_PEOPLE.contains(&name.as_str())
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
