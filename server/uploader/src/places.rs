//! What lies where in the folder of this program.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::durable;

/// The folder.
#[derive(Debug)]
pub(crate) struct Places(PathBuf);

impl Places {
    /// This folder, made if need be.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn open(root: PathBuf) -> io::Result<Self> {
        durable::private_folder(&root)?;
        Ok(Self(root))
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    /// The server, our name there and the key.
    pub(crate) fn access(&self) -> PathBuf {
        self.0.join("access.json")
    }

    /// What was answered.
    pub(crate) fn registry(&self) -> PathBuf {
        self.0.join("registry")
    }

    /// The log.
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("protokoll.log")
    }

    /// Messages that wait.
    pub(crate) fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    /// How the connection is.
    pub(crate) fn connection(&self) -> PathBuf {
        self.0.join("connection")
    }

    /// Holds the folder for this process, as long as the file is open: two would move each other's files. `None`: another
    /// process holds it.
    ///
    /// # Errors
    /// The disk's.
    pub(crate) fn lock(&self) -> io::Result<Option<File>> {
        let options = &mut durable::private_file();
        let file = options.write(true).create(true).truncate(false).open(self.0.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}
