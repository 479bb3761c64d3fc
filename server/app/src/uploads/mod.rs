//! Room uploads: what a practice sends becomes findings. One file is one unit of work: all of it or nothing.
//!
//! The way of a file: spooled while it arrives → read by `nahraum-formats` → planned (whose is it, is it new, may it be
//! delivered) → stored with log line and notice in one commit. A preview stops after the plan.

mod details;
mod plan;
mod store;

use std::collections::HashMap;

use nahraum_domain::{
    finding::{MediaType, ReadFinding, SourceFormat},
    private::Private,
};
use nahraum_formats::{Refusal as FormatRefusal, image::strip};
use nahraum_secrets::sha256;
use nahraum_store::{
    actions,
    findings::{self, ReceiptRecord},
    idempotency::RequestKey,
};

pub use details::UploadDetails;
pub use plan::Preview;
pub(crate) use plan::destination;

use crate::{
    App, Call, Refusal, Spooled,
    kept::{KeptAnswer, once},
    ports::Inspection,
};

/// A file with what the practice says about it.
#[derive(Debug)]
pub struct UploadRequest {
    /// The file.
    pub file: Spooled,
    /// What the practice says about it.
    pub details: UploadDetails,
    /// The client's name for this attempt, the same on every retry.
    pub idempotency_key: String,
}

/// What became of an upload.
#[derive(Debug)]
pub struct Uploaded {
    /// For every finding, in the order of the file.
    pub outcomes: Vec<Outcome>,
}

/// What became of one finding of a file.
#[derive(Debug)]
pub enum Outcome {
    /// It is stored; `true` when exactly this was there before.
    Kept(Box<ReceiptRecord>, bool),
    /// Nothing of it is stored; the others of the file, which are about other people, are not touched by it.
    Refused(Box<Preview>),
}

/// A file that has been read, ready for planning.
struct Parsed {
    bytes: Vec<u8>,
    sha256: [u8; 32],
    items: Vec<Item>,
    details: UploadDetails,
}

/// One finding of a file, with what was computed of it before the database was asked.
struct Item {
    read: ReadFinding,
    /// SHA-256 of the document in it.
    document: Option<[u8; 32]>,
    /// SHA-256 of the bytes that are kept with it.
    original: [u8; 32],
    /// SHA-256 by which exactly it is recognised when it comes again.
    content: [u8; 32],
}

impl Parsed {
    /// The bytes that are kept with a finding: in a file about several people only its own.
    fn original(&self, read: &ReadFinding) -> &[u8] {
        let part = read.part.clone().filter(|_| self.items.len() > 1);
        part.and_then(|part| self.bytes.get(part)).unwrap_or(&self.bytes)
    }
}

impl App {
    /// Whether the caller may upload at all: asked before the first byte of a file is taken in.
    ///
    /// # Errors
    /// [`Refusal::NotSignedIn`], [`Refusal::Forbidden`].
    pub async fn may_upload(&self, call: &Call) -> Result<(), Refusal> {
        self.read(call, |tx, caller| {
            tx.scope::<actions::UploadFinding>(caller)?;
            Ok(())
        })
        .await
    }

    /// Stores a file. `render` makes the answer, which is kept in the same commit, so that a retry gets the same one.
    ///
    /// # Errors
    /// As [`App::may_upload`]; [`Refusal::Unreadable`], [`Refusal::Invalid`], [`Refusal::ConsentMissing`],
    /// [`Refusal::OlderVersion`], [`Refusal::NothingToWithdraw`], [`Refusal::ReplacesOtherPatient`],
    /// [`Refusal::IdempotencyKeyReused`]. Nothing is stored then.
    pub async fn upload(
        &self,
        call: &Call,
        request: UploadRequest,
        render: impl Fn(&Uploaded) -> (u16, String) + Send + Sync + 'static,
    ) -> Result<KeptAnswer, Refusal> {
        let (parsed, _memory) = self.parse(request.file, request.details).await?;
        let key = RequestKey {
            operation: "upload_finding",
            key: request.idempotency_key,
            request_sha256: parsed.details.bind(parsed.sha256),
        };
        self.write(call, move |tx, caller| {
            once(tx, caller, &key, |tx, caller| {
                let parsed = parsed.checked()?;
                Ok(render(&store::store_all(tx, caller, parsed)?))
            })
        })
        .await
    }

    /// Says what would become of a file, and stores nothing.
    ///
    /// # Errors
    /// As [`App::upload`].
    pub async fn preview_upload(
        &self,
        call: &Call,
        file: Spooled,
        details: UploadDetails,
    ) -> Result<Vec<Preview>, Refusal> {
        let (parsed, _memory) = self.parse(file, details).await?;
        let parsed = parsed.result?;
        self.read(call, move |tx, caller| {
            let parsed = &parsed;
            let scope = tx.scope::<actions::UploadFinding>(caller)?;
            let rules = findings::rules_for_upload(tx, &scope)?;
            let plans = plan::each(tx, caller, &scope, parsed, |tx, plan, item| {
                let until = store::held_until(&rules, parsed, &item.read, tx.now());
                Ok(plan.preview(&item.read, parsed, until))
            })?;
            Ok(plans.into_iter().map(|plan| plan.unwrap_or_else(|refused| *refused)).collect())
        })
        .await
    }

    /// Reads a file, with a bound on how much of all uploads is in memory at once.
    async fn parse(
        &self,
        file: Spooled,
        details: UploadDetails,
    ) -> Result<(Unchecked, tokio::sync::OwnedSemaphorePermit), Refusal> {
        // A file inside FHIR is there twice: as base64 and as bytes.
        let mib = u32::try_from(file.size().div_ceil(1024 * 1024).saturating_mul(2)).unwrap_or(u32::MAX).clamp(1, 72);
        let memory = self.gates().upload(mib).await?;
        let inspection = self.inspection();
        let parsed = tokio::task::spawn_blocking(move || read_file(&*inspection, file, details)).await;
        Ok((parsed.map_err(|_| Refusal::Internal)??, memory))
    }
}

/// A file that was read from the spool and looked at; whether it is good comes later, because a retry of a request
/// must be answered before its faults are.
struct Unchecked {
    sha256: [u8; 32],
    details: UploadDetails,
    result: Result<Parsed, Refusal>,
}

impl Unchecked {
    fn checked(&self) -> Result<&Parsed, Refusal> {
        self.result.as_ref().map_err(Clone::clone)
    }
}

/// Reads a file and keeps nothing of it: for the process that tries what the server would do.
pub fn read_alone(bytes: &[u8]) {
    drop(nahraum_formats::read_upload(bytes));
}

fn read_file(inspection: &dyn Inspection, file: Spooled, details: UploadDetails) -> Result<Unchecked, Refusal> {
    let bytes = file.into_bytes().map_err(|error| {
        tracing::error!(%error, "the spool cannot be read");
        Refusal::Internal
    })?;
    let sha256 = sha256(&bytes);
    let result = inspection
        .inspect(&bytes)
        .map_err(Refusal::Objection)
        .and_then(|()| nahraum_formats::read_upload(&bytes).map_err(Refusal::Unreadable))
        .and_then(|upload| details.apply(upload))
        .and_then(|findings| {
            let (bytes, kept) = kept(bytes, sha256, &findings).map_err(Refusal::Unreadable)?;
            let findings: Result<_, _> = findings.into_iter().map(kept_inside).collect();
            let items = items(&bytes, sha256, kept, findings.map_err(Refusal::Unreadable)?);
            Ok(Parsed { bytes, sha256, items, details: details.clone() })
        });
    Ok(Unchecked { sha256, details, result })
}

/// What is kept of a file, and its hash: a picture without what a camera wrote into it, which nobody who sends a photo of a wound
/// thinks of: place, time, device. The practice's receipt still names the hash of what it sent.
fn kept(bytes: Vec<u8>, whole: [u8; 32], findings: &[ReadFinding]) -> Result<(Vec<u8>, [u8; 32]), FormatRefusal> {
    let is_picture = |read: &ReadFinding| matches!(read.source_format, SourceFormat::Jpeg | SourceFormat::Png);
    if !findings.iter().any(is_picture) {
        return Ok((bytes, whole));
    }
    let picture = strip(&bytes)?.bytes;
    let hash = sha256(&picture);
    Ok((picture, hash))
}

/// The same for a picture inside a finding.
fn kept_inside(mut read: ReadFinding) -> Result<ReadFinding, FormatRefusal> {
    if let Some(document) = read.embedded.as_mut().filter(|document| document.media_type != MediaType::Pdf) {
        document.bytes = Private::new(strip(document.bytes.reveal())?.bytes);
    }
    Ok(read)
}

/// The findings with their hashes. What is recognised again is a finding's own part of the file, or the file where there are no parts; two
/// findings of one file are two, also if they were read from the same bytes.
fn items(bytes: &[u8], whole: [u8; 32], kept: [u8; 32], findings: Vec<ReadFinding>) -> Vec<Item> {
    let several = findings.len() > 1;
    let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
    let item = |read: ReadFinding| {
        let document = read.embedded.as_ref().map(|document| sha256(document.bytes.reveal()));
        let part = read.part.clone().map(|part| sha256(bytes.get(part).unwrap_or_default()));
        let content = part.map_or(whole, |hash| {
            let times = seen.entry(hash).or_default();
            *times += 1;
            if *times == 1 { hash } else { sha256(&[&hash[..], &times.to_be_bytes()].concat()) }
        });
        Item { read, document, original: part.filter(|_| several).unwrap_or(kept), content }
    };
    findings.into_iter().map(item).collect()
}
