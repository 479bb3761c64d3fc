//! The vault: every byte of a finding, and every word about a person, passes here on its way into the database and out.
//!
//! Everything is encrypted (AES-256-GCM) and bound to its place. What belongs to a [`Subject`] (a resident, a practice,
//! the house) is sealed with the subject's key, which lies in the key store. A finding has a key of its own that lies
//! beside it, wrapped by its subject's, and each of its files one that is wrapped by the finding's: when a finding gets
//! its owner, one key is wrapped anew and no data is touched ([`FindingKey::hand_over`]).
//!
//! Documents are cut into chunks of 64 KiB, each sealed by itself, so that a part can be read without the whole.

use std::sync::Arc;

use jiff::Timestamp;
use nahraum_domain::ids::{BlobId, FindingId};
use nahraum_secrets::{Binding, BlobKey, ContentKey, NotOpened, Random};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use crate::key_store::Subject;
use crate::{error::StoreError, key_store::KeyStore};

/// Size of a document's chunks before sealing, in bytes. The last one may be shorter.
pub(crate) const CHUNK: usize = 64 * 1024;

/// Where a sealed value belongs. It is bound to it, so that values cannot be swapped between places.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Table and column.
    pub(crate) column: &'static str,
    /// The id of the row.
    pub(crate) row: &'a [u8; 16],
}

impl Place<'_> {
    /// What does not open is an error that names the column and shows nothing.
    fn broken(self) -> impl FnOnce(NotOpened) -> StoreError {
        move |NotOpened| StoreError::Corrupt(self.column)
    }
}

/// Seals and opens. See the module's text.
#[derive(Clone, Copy)]
pub(crate) struct Vault<'t> {
    keys: &'t KeyStore,
    random: &'t dyn Random,
    now: Timestamp,
}

impl<'t> Vault<'t> {
    /// The vault of one unit of work.
    pub(crate) const fn new(keys: &'t KeyStore, random: &'t dyn Random, now: Timestamp) -> Self {
        Self { keys, random, now }
    }

    /// Seals bytes for a place. A subject that had no key has one afterwards, durable before anything is committed here.
    ///
    /// # Errors
    /// The key store's; [`StoreError::Erased`] for a resident who was erased.
    pub(crate) fn seal(self, subject: Subject, place: Place<'_>, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self.keys.find_or_make(subject, self.now)?;
        Ok(key.seal(Binding { purpose: place.column, parts: &[&subject.id(), place.row] }, bytes, self.random))
    }

    /// Opens what was sealed for the same subject and place.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the column when it does not open, [`StoreError::Erased`] when the key was destroyed;
    /// otherwise the key store's.
    pub(crate) fn open(self, subject: Subject, place: Place<'_>, sealed: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let key = self.keys.find(subject, self.now)?;
        let binding = Binding { purpose: place.column, parts: &[&subject.id(), place.row] };
        key.open(binding, sealed).map_err(place.broken())
    }

    /// Seals a text.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub(crate) fn seal_text(self, subject: Subject, place: Place<'_>, text: &str) -> Result<Vec<u8>, StoreError> {
        self.seal(subject, place, text.as_bytes())
    }

    /// Opens a text.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub(crate) fn open_text(self, subject: Subject, place: Place<'_>, sealed: Vec<u8>) -> Result<String, StoreError> {
        String::from_utf8(self.open(subject, place, sealed)?).map_err(|_| StoreError::Corrupt(place.column))
    }

    /// A key for a new finding, and what to store of it in `findings.key_wrapped`.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub(crate) fn new_finding(
        self,
        subject: Subject,
        finding: FindingId,
    ) -> Result<(FindingKey<'t>, Vec<u8>), StoreError> {
        let key = FindingKey { vault: self, key: Arc::new(ContentKey::generate(self.random)), finding };
        let wrapped = key.hand_over(subject)?;
        Ok((key, wrapped))
    }

    /// The key of a stored finding.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub(crate) fn finding(
        self,
        subject: Subject,
        finding: FindingId,
        wrapped: Vec<u8>,
    ) -> Result<FindingKey<'t>, StoreError> {
        let key = self.keys.find(subject, self.now)?;
        let parts: [&[u8]; 2] = [&subject.id(), finding.as_bytes()];
        let key = key.unwrap(Binding { purpose: KEY_OF_FINDING, parts: &parts }, wrapped);
        let key = Arc::new(key.map_err(|_| StoreError::Corrupt(KEY_OF_FINDING))?);
        Ok(FindingKey { vault: self, key, finding })
    }
}

const KEY_OF_FINDING: &str = "findings.key_wrapped";
const KEY_OF_BLOB: &str = "blobs.key_wrapped";
const CHUNKS: &str = "blob_chunks.bytes";

/// The key of one finding.
#[derive(Clone)]
pub(crate) struct FindingKey<'t> {
    vault: Vault<'t>,
    key: Arc<ContentKey>,
    finding: FindingId,
}

impl FindingKey<'_> {
    /// Wraps the key for a (new) owner.
    ///
    /// # Errors
    /// As [`Vault::seal`].
    pub(crate) fn hand_over(&self, to: Subject) -> Result<Vec<u8>, StoreError> {
        let owner = self.vault.keys.find_or_make(to, self.vault.now)?;
        let parts: [&[u8]; 2] = [&to.id(), self.finding.as_bytes()];
        Ok(owner.wrap(Binding { purpose: KEY_OF_FINDING, parts: &parts }, &self.key, self.vault.random))
    }

    /// Seals bytes that belong to the finding.
    #[must_use]
    pub(crate) fn seal(&self, place: Place<'_>, bytes: &[u8]) -> Vec<u8> {
        let parts: [&[u8]; 2] = [self.finding.as_bytes(), place.row];
        self.key.seal(Binding { purpose: place.column, parts: &parts }, bytes, self.vault.random)
    }

    /// Opens them again.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the column.
    pub(crate) fn open(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let parts: [&[u8]; 2] = [self.finding.as_bytes(), place.row];
        self.key.open(Binding { purpose: place.column, parts: &parts }, sealed).map_err(place.broken())
    }

    /// Seals a structure as JSON.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, which none of ours does.
    pub(crate) fn seal_json<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, StoreError> {
        let json = serde_json::to_vec(value).map_err(|_| StoreError::Corrupt(place.column))?;
        Ok(self.seal(place, &json))
    }

    /// Opens a structure.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with the column, also when the JSON is not what was expected.
    pub(crate) fn open_json<T: DeserializeOwned>(&self, place: Place<'_>, sealed: Vec<u8>) -> Result<T, StoreError> {
        serde_json::from_slice(&self.open(place, sealed)?).map_err(|_| StoreError::Corrupt(place.column))
    }

    /// A file to store with the finding, and what to store of its key in `blobs.key_wrapped`.
    #[must_use]
    pub(crate) fn new_file(&self, file: FileFacts<'_>) -> (File, Vec<u8>) {
        let key = BlobKey::generate(self.vault.random);
        let size = file.size.to_be_bytes();
        let wrapped = self.key.wrap(self.of_file(&file, &size).binding(), &key, self.vault.random);
        (File { key: Arc::new(key), id: file.id, size: file.size }, wrapped)
    }

    /// A stored file. Its key is bound to its type and size, so that neither can be changed behind our back.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is not this finding's, or one of the facts is not as it was.
    pub(crate) fn file(&self, file: FileFacts<'_>, wrapped: Vec<u8>) -> Result<File, StoreError> {
        let size = file.size.to_be_bytes();
        let key = self.key.unwrap(self.of_file(&file, &size).binding(), wrapped);
        let key = Arc::new(key.map_err(|_| StoreError::Corrupt(KEY_OF_BLOB))?);
        Ok(File { key, id: file.id, size: file.size })
    }

    fn of_file<'a>(&'a self, file: &'a FileFacts<'a>, size: &'a [u8; 8]) -> FileParts<'a> {
        FileParts([self.finding.as_bytes(), file.id.as_bytes(), file.media_type.as_bytes(), size])
    }
}

struct FileParts<'a>([&'a [u8]; 4]);

impl FileParts<'_> {
    const fn binding(&self) -> Binding<'_> {
        Binding { purpose: KEY_OF_BLOB, parts: &self.0 }
    }
}

/// What stands in the clear about a file, and its key is bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileFacts<'a> {
    /// The file.
    pub(crate) id: BlobId,
    /// Its type.
    pub(crate) media_type: &'a str,
    /// Its size in bytes.
    pub(crate) size: u64,
}

/// A file whose chunks can be sealed and opened, also when the unit of work that found it is over.
#[derive(Debug, Clone)]
pub(crate) struct File {
    key: Arc<BlobKey>,
    id: BlobId,
    size: u64,
}

impl File {
    /// How many chunks it has.
    pub(crate) const fn chunks(&self) -> u64 {
        // a chunk's size fits wherever a file's does
        self.size.div_ceil(64 * 1024)
    }

    /// Seals a chunk, counted from 0.
    #[must_use]
    pub(crate) fn seal_chunk(&self, number: u32, bytes: &[u8]) -> Vec<u8> {
        let parts: [&[u8]; 1] = [self.id.as_bytes()];
        self.key.seal_chunk(Binding { purpose: CHUNKS, parts: &parts }, number, self.is_last(number), bytes)
    }

    /// Opens a chunk.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a chunk of another file or place, or a file that was cut.
    pub(crate) fn open_chunk(&self, number: u32, sealed: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let parts: [&[u8]; 1] = [self.id.as_bytes()];
        let opened =
            self.key.open_chunk(Binding { purpose: CHUNKS, parts: &parts }, number, self.is_last(number), sealed);
        opened.map_err(|_| StoreError::Corrupt(CHUNKS))
    }

    fn is_last(&self, number: u32) -> bool {
        u64::from(number).saturating_add(1) == self.chunks()
    }
}

#[cfg(test)]
mod tests;
