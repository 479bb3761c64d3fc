//! What every file has to pass before it is taken in: a virus scanner, if the operator has one, and a reading in a process of its own
//! with limits (SR-I03, SR-I05; decision 0041).

mod child;
mod clamd;

use nahraum_app::{Inspection, Objection};

pub(crate) use self::child::read_alone;
use self::{child::Reader, clamd::Scanner};
use crate::{config::Uploads, wiring::Trouble};

/// Scanner and reader.
pub(crate) struct Inspector {
    scanner: Option<Scanner>,
    reader: Reader,
}

impl Inspector {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// When this program cannot tell where it lies.
    pub(crate) fn new(uploads: &Uploads) -> Result<Self, Trouble> {
        let scanner = uploads.clamd.clone().map(Scanner::new);
        Ok(Self { scanner, reader: Reader::new(uploads)? })
    }
}

/// Lets pass what this program has just made itself: the documents of the demo.
pub(crate) struct MadeHere;

impl Inspection for MadeHere {
    fn inspect(&self, _: &[u8]) -> Result<(), Objection> {
        Ok(())
    }
}

impl Inspection for Inspector {
    fn inspect(&self, bytes: &[u8]) -> Result<(), Objection> {
        if let Some(scanner) = &self.scanner {
            scanner.scan(bytes)?;
        }
        self.reader.read(bytes)
    }
}
