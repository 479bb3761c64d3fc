//! A ZIP archive that is written as it is sent: pieces go in, bytes come out, and nothing of it is kept.
//!
//! It never looks whole before it is: the list of its files (ZIP's central directory) comes last, and before it, as the last
//! file, `manifest.json` with the SHA-256 of all others. Everything is deflated: an entry whose size is told behind its
//! bytes and that is only stored cannot be read by phones that unpack while they load (decision 0025).

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::civil::DateTime;
use nahraum_domain::audit::statement::hex;
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions, write::StreamWriter};

/// The name of the last file.
pub const MANIFEST: &str = "manifest.json";

/// Quick: most of what is in it is pictures and PDF, which hardly get smaller.
const LEVEL: i64 = 1;

/// The longest readable part of a file name, in characters.
const MAX_TITLE: usize = 60;

/// The archive cannot be written as ZIP.
#[derive(Debug, thiserror::Error)]
#[error("an archive cannot be written: {0}")]
pub struct ArchiveError(String);

impl From<zip::result::ZipError> for ArchiveError {
    fn from(error: zip::result::ZipError) -> Self {
        Self(error.to_string())
    }
}

impl From<io::Error> for ArchiveError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A file of the archive, when it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its name, with `/` between folders.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What the manifest says about the archive as a whole.
#[derive(Debug, Clone, Copy)]
pub struct Manifest<'a> {
    /// The form of the archive.
    pub format: &'a str,
    /// Whose it is.
    pub resident: &'a str,
    /// When it was begun, in RFC 3339.
    pub made_at: &'a str,
    /// How many findings are in it.
    pub findings: usize,
    /// What is not in it: ids, each with the reason in a word.
    pub left_out: &'a [(String, &'static str)],
    /// The public key of the signature, in hexadecimal digits.
    pub key: &'a str,
    /// The signature over [`Archive::listing`], in hexadecimal digits.
    pub signature: &'a str,
}

/// Where the bytes lie until they are taken.
#[derive(Debug, Clone, Default)]
struct Outbox(Arc<Mutex<Vec<u8>>>);

impl Write for Outbox {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The file that is being written.
struct Current {
    name: String,
    size: u64,
    hash: Sha256,
}

/// An archive under way.
pub struct Archive {
    zip: ZipWriter<StreamWriter<Outbox>>,
    outbox: Outbox,
    options: SimpleFileOptions,
    current: Option<Current>,
    files: Vec<FileFacts>,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Archive({} files)", self.files.len())
    }
}

impl Archive {
    /// An empty archive; all its files carry this time.
    #[must_use]
    pub fn new(made_at: DateTime) -> Self {
        let outbox = Outbox::default();
        // ZIP knows the years 1980 to 2107, and even seconds.
        let time = zip::DateTime::from_date_and_time(
            made_at.year().unsigned_abs(),
            made_at.month().unsigned_abs(),
            made_at.day().unsigned_abs(),
            made_at.hour().unsigned_abs(),
            made_at.minute().unsigned_abs(),
            made_at.second().unsigned_abs(),
        );
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(time.unwrap_or_default())
            .unix_permissions(0o600);
        Self { zip: ZipWriter::new_stream(outbox.clone()), outbox, options, current: None, files: Vec::new() }
    }

    /// Begins a file; the one before it has ended.
    ///
    /// # Errors
    /// When there is one of this name.
    pub fn begin(&mut self, name: &str) -> Result<(), ArchiveError> {
        self.end();
        self.zip.start_file(name, self.options)?;
        self.current = Some(Current { name: name.to_owned(), size: 0, hash: Sha256::new() });
        Ok(())
    }

    /// Adds bytes to the file that was begun.
    ///
    /// # Errors
    /// When none was begun.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let Some(current) = &mut self.current else { return Err(ArchiveError("no file was begun".into())) };
        current.hash.update(bytes);
        current.size = current.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(self.zip.write_all(bytes)?)
    }

    /// A whole file at once.
    ///
    /// # Errors
    /// As [`Archive::begin`].
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        self.begin(name)?;
        self.write(bytes)?;
        self.end();
        Ok(())
    }

    /// Ends the file that was begun, and says what it has become.
    pub fn end(&mut self) -> Option<&FileFacts> {
        let Current { name, size, hash } = self.current.take()?;
        self.files.push(FileFacts { name, size, sha256: hash.finalize().into() });
        self.files.last()
    }

    /// What has become of it since the last time, to be sent.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut *self.outbox.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The files so far, one a line as `sha256sum` writes them, below a line with form, owner and time: what is signed.
    #[must_use]
    pub fn listing(&mut self, format: &str, resident: &str, made_at: &str) -> String {
        self.end();
        let mut text = format!("{format} {resident} {made_at}\n");
        for file in &self.files {
            text.push_str(&format!("{}  {}\n", hex(&file.sha256), file.name));
        }
        text
    }

    /// Ends the archive with its manifest and gives the last bytes of it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self, manifest: &Manifest<'_>) -> Result<Vec<u8>, ArchiveError> {
        self.end();
        let files =
            self.files.iter().map(|file| json!({"name": file.name, "size": file.size, "sha256": hex(&file.sha256)}));
        let left_out = manifest.left_out.iter().map(|(id, why)| json!({"finding_id": id, "why": why}));
        let text = json!({
            "format": manifest.format,
            "complete": true,
            "resident": manifest.resident,
            "made_at": manifest.made_at,
            "findings": manifest.findings,
            "left_out": left_out.collect::<Vec<_>>(),
            "files": files.collect::<Vec<_>>(),
            "key": manifest.key,
            "signature": manifest.signature,
        });
        self.zip.start_file(MANIFEST, self.options)?;
        self.zip.write_all(format!("{text:#}\n").as_bytes())?;
        let Self { zip, outbox, .. } = self;
        zip.finish()?;
        let mut bytes = outbox.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *bytes))
    }
}

/// A file name that people can read and every system can keep: a number that makes it the only one, the day, and of the
/// title its letters and digits.
#[must_use]
pub fn file_name(number: usize, day: &str, title: &str, extension: &str) -> String {
    let mut name = format!("{number:04}-{day}");
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let title: String = words.collect::<Vec<_>>().join("-").chars().take(MAX_TITLE).collect();
    if !title.is_empty() {
        name.push('-');
        name.push_str(title.trim_end_matches('-'));
    }
    format!("{name}.{extension}")
}

/// A path inside the archive as a link (RFC 3986): everything but letters, digits and `-._~/` by its bytes.
#[must_use]
pub fn link(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests;
