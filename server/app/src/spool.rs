//! Where an upload lies while it arrives: an unnamed file, so that nothing is left of it when the server dies.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};

/// A file that is being received.
#[derive(Debug)]
pub struct Spool {
    file: File,
    size: u64,
}

impl Spool {
    /// An empty one in this directory.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn create(dir: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(dir)?, size: 0 })
    }

    /// Appends what has arrived.
    ///
    /// # Errors
    /// When the disk is full or broken.
    pub fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk)?;
        self.size = self.size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// How much has arrived, in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Everything has arrived.
    ///
    /// # Errors
    /// When the file cannot be read back.
    pub fn finish(mut self) -> io::Result<Spooled> {
        self.file.flush()?;
        self.file.rewind()?;
        Ok(Spooled { file: self.file, size: self.size })
    }
}

/// A file that has been received.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    size: u64,
}

impl Spooled {
    /// Its size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// All of it. Blocking.
    pub(crate) fn into_bytes(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
