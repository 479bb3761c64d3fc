//! Messages that were taken in and not answered yet: each a private file, on the disk before its sender hears yes.
//!
//! An id is `<number>-<random>`: the numbers keep the order of arrival without any clock, the random part makes an id that
//! nobody guesses.

use std::{
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::Sender,
    },
};

use crate::{
    digest::hex,
    durable::{self, UNFINISHED},
    random::Random,
};

/// The ending of a message that waits.
const ENDING: &str = "msg";
/// How many messages may wait. Beyond, senders are told to wait, before the disk of the practice is full.
const MOST: usize = 20_000;

/// The folder of waiting messages.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    next: AtomicU64,
    random: Random,
    wake: Mutex<Sender<()>>,
}

/// Why a message was not taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSpooled {
    /// The disk's.
    #[error("the disk does not take the message: {0}")]
    Disk(#[from] io::Error),
    /// Too many wait already, or there is no randomness for an id.
    #[error("no message is taken in at the moment")]
    Full,
}

impl Spool {
    /// Opens the folder, and deletes what was never finished: nobody was told yes for it. `answered` are ids that are gone
    /// already; `wake` hears of each new message.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn open<'i>(
        folder: &Path,
        answered: impl Iterator<Item = &'i str>,
        random: Random,
        wake: Sender<()>,
    ) -> io::Result<Self> {
        durable::private_folder(folder)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == UNFINISHED) {
                fs::remove_file(path)?;
            }
        }
        let spool = Self { folder: folder.to_owned(), next: AtomicU64::new(0), random, wake: Mutex::new(wake) };
        let waiting = spool.waiting()?;
        let last = waiting.iter().filter_map(|id| number(id)).chain(answered.filter_map(number)).max();
        spool.next.store(last.map_or(1, |last| last.saturating_add(1)), Ordering::Relaxed);
        Ok(spool)
    }

    /// Takes a message in. When this returns, it is on the disk.
    ///
    /// # Errors
    /// [`NotSpooled`]; nothing is kept then.
    pub(crate) fn put(&self, message: &[u8]) -> Result<String, NotSpooled> {
        if self.waiting()?.len() >= MOST {
            return Err(NotSpooled::Full);
        }
        let random = self.random.bytes::<8>().map_err(|_| NotSpooled::Full)?;
        let id = format!("{:012}-{}", self.next.fetch_add(1, Ordering::Relaxed), hex(&random));
        durable::write(&self.path(&id), message)?;
        let wake = self.wake.lock().unwrap_or_else(PoisonError::into_inner);
        // nobody listens any more when the program ends; the message stays
        let _heard = wake.send(()).is_ok();
        Ok(id)
    }

    /// The ids that wait, in the order of their arrival.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn waiting(&self) -> io::Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            ids.extend(id_of(&entry?));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Whether this message waits.
    pub(crate) fn has(&self, id: &str) -> bool {
        is_id(id) && self.path(id).is_file()
    }

    /// Where a message lies.
    pub(crate) fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.{ENDING}"))
    }
}

fn id_of(entry: &DirEntry) -> Option<String> {
    let path = entry.path();
    let id = path.file_stem()?.to_str().filter(|id| is_id(id))?;
    path.extension().filter(|ending| *ending == ENDING).map(|_| id.to_owned())
}

/// Whether a text has the form of an id. Anything else never becomes part of a path.
pub(crate) fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(number, random)| {
        (12..=20).contains(&number.len())
            && number.bytes().all(|digit| digit.is_ascii_digit())
            && random.len() == 16
            && random.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

fn number(id: &str) -> Option<u64> {
    id.split_once('-').and_then(|(number, _)| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn open(folder: &Path, answered: &[&str]) -> Spool {
        Spool::open(folder, answered.iter().copied(), Random::system(), mpsc::channel().0).unwrap()
    }

    #[test]
    fn messages_keep_their_order_over_a_restart_and_no_id_comes_twice() {
        let folder = tempfile::tempdir().unwrap();
        let first = open(folder.path(), &[]);
        let mut ids: Vec<String> = (0..3).map(|_| first.put(b"x").unwrap()).collect();
        fs::write(folder.path().join("000000000009-0000000000000000.msg.tmp"), b"half").unwrap();
        let second = open(folder.path(), &["000000000040-00112233445566aa"]);
        ids.push(second.put(b"y").unwrap());
        assert_eq!(second.waiting().unwrap(), ids);
        assert!(ids[3].starts_with("000000000041-"), "{}", ids[3]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "what was never finished is gone");
    }

    #[test]
    fn an_id_is_no_way_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let spool = open(&folder.path().join("spool"), &[]);
        fs::write(folder.path().join("x.msg"), b"").unwrap();
        assert!(!spool.has("../x") && !spool.has("x") && !spool.has(""));
        assert!(spool.has(&spool.put(b"z").unwrap()));
    }
}
