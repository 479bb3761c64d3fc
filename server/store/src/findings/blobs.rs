//! Stored bytes: documents and originals, in sealed chunks beside the rows that name them.
//!
//! They lie in the database and not in files, so that a finding and its bytes are one commit, one backup and one
//! deletion (decision 0004).

use diesel::{delete, insert_into, prelude::*};
use jiff::Timestamp;
use nahraum_domain::{disclosure::DocumentRecord, finding::MediaType, ids::BlobId};

use crate::{
    access::Tx,
    db::types::{Instant, Sql},
    error::StoreError,
    schema::{blob_chunks, blobs},
    vault::{CHUNK, File, FileFacts, FindingKey, Place},
};

/// Bytes to store, with what is known about them.
#[derive(Debug, Clone, Copy)]
pub struct StoredFile<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Their type: a document's, or that of an original that is only kept, such as `application/fhir+json`.
    pub media_type: &'a str,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

/// A document that may be read, part by part. Only a permit leads to one.
#[derive(Debug)]
pub struct Content {
    pub(super) document: DocumentRecord,
    pub(super) received_at: Timestamp,
    pub(super) file: File,
}

impl Content {
    /// What it is.
    #[must_use]
    pub const fn document(&self) -> &DocumentRecord {
        &self.document
    }

    /// When it arrived; it never changes after that.
    #[must_use]
    pub const fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// The number of its parts.
    #[must_use]
    pub fn parts(&self) -> u64 {
        self.document.size.div_ceil(PART)
    }
}

/// The size of a part in bytes; the last one may be shorter.
pub const PART: u64 = 64 * 1024;

/// Stores bytes that belong to a finding. To be named by its row in the same transaction.
pub(super) fn store(tx: &mut Tx<'_>, key: &FindingKey<'_>, file: StoredFile<'_>) -> Result<BlobId, StoreError> {
    let id = tx.new_id(BlobId::new);
    let size = i64::try_from(file.bytes.len()).map_err(|_| StoreError::Corrupt("a blob's size"))?;
    let facts = FileFacts { id, media_type: file.media_type, size: size.unsigned_abs() };
    let (sealer, wrapped) = key.new_file(facts);
    insert_into(blobs::table)
        .values((
            blobs::id.eq(Sql(id)),
            blobs::media_type.eq(file.media_type),
            blobs::size.eq(size),
            blobs::sha256_sealed.eq(key.seal(hash_place(&id), &file.sha256)),
            blobs::key_wrapped.eq(wrapped),
            blobs::created_at.eq(Instant::from(tx.now())),
        ))
        .execute(tx.conn())?;
    for (seq, chunk) in (0_i32..).zip(file.bytes.chunks(CHUNK)) {
        let sealed = sealer.seal_chunk(seq.unsigned_abs(), chunk);
        insert_into(blob_chunks::table)
            .values((blob_chunks::blob_id.eq(Sql(id)), blob_chunks::seq.eq(seq), blob_chunks::bytes_sealed.eq(sealed)))
            .execute(tx.conn())?;
    }
    Ok(id)
}

/// One part of a blob; none when it is gone.
pub(super) fn part(tx: &mut Tx<'_>, id: BlobId, file: &File, seq: i32) -> Result<Option<Vec<u8>>, StoreError> {
    let sealed: Option<Vec<u8>> =
        blob_chunks::table.find((Sql(id), seq)).select(blob_chunks::bytes_sealed).first(tx.conn()).optional()?;
    sealed.map(|sealed| file.open_chunk(seq.unsigned_abs(), sealed)).transpose()
}

/// A whole blob, for what has to be held in one piece.
pub(super) fn whole(tx: &mut Tx<'_>, document: &DocumentRecord, file: &File) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    let parts = i32::try_from(file.chunks()).map_err(|_| StoreError::Corrupt("blobs.size"))?;
    for seq in 0..parts {
        let part = part(tx, document.blob, file, seq)?.ok_or(StoreError::Corrupt("blob_chunks: a part is missing"))?;
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// The columns of a blob.
pub(super) type Columns = (blobs::id, blobs::media_type, blobs::size, blobs::sha256_sealed, blobs::key_wrapped);

/// The columns of a blob.
pub(super) const COLUMNS: Columns =
    (blobs::id, blobs::media_type, blobs::size, blobs::sha256_sealed, blobs::key_wrapped);

/// What stands in them.
pub(super) type Row = (Sql<BlobId>, String, i64, Vec<u8>, Vec<u8>);

/// What is known about a blob that can be shown; none when it is of a type that is only kept.
pub(super) fn document(key: &FindingKey<'_>, row: &Row) -> Result<Option<DocumentRecord>, StoreError> {
    let (id, media_type, size, sha256, _) = row;
    let Some(media_type) = MediaType::parse(media_type) else { return Ok(None) };
    Ok(Some(DocumentRecord {
        blob: id.0,
        media_type,
        size: u64::try_from(*size).map_err(|_| StoreError::Corrupt("blobs.size"))?,
        sha256: hash(key.open(hash_place(&id.0), sha256.clone())?)?,
    }))
}

/// The file behind a row, to open its chunks with.
pub(super) fn file(key: &FindingKey<'_>, row: Row) -> Result<File, StoreError> {
    let (id, media_type, size, _, wrapped) = row;
    let size = u64::try_from(size).map_err(|_| StoreError::Corrupt("blobs.size"))?;
    key.file(FileFacts { id: id.0, media_type: &media_type, size }, wrapped)
}

/// A SHA-256 that was sealed.
pub(super) fn hash(opened: Vec<u8>) -> Result<[u8; 32], StoreError> {
    opened.try_into().map_err(|_| StoreError::Corrupt("a sealed SHA-256"))
}

/// Destroys bytes. The rows that name them must have let go before.
pub(super) fn destroy(tx: &mut Tx<'_>, id: BlobId) -> Result<(), StoreError> {
    delete(blob_chunks::table.filter(blob_chunks::blob_id.eq(Sql(id)))).execute(tx.conn())?;
    delete(blobs::table.find(Sql(id))).execute(tx.conn())?;
    Ok(())
}

const fn hash_place(id: &BlobId) -> Place<'_> {
    Place { column: "blobs.sha256", row: id.as_bytes() }
}
