//! Uploads on their way in: streamed into a sink, never held in memory, never larger than allowed.

use std::{
    cell::RefCell,
    future::{Ready, ready},
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest, dev::Payload, error::PayloadError, http::header::HeaderMap, web::Bytes,
};
use futures_util::{Stream, StreamExt};
use nahraum_app::{Refusal, Spool};
use serde::de::DeserializeOwned;

use crate::{
    extract::{Paced, failure_of_payload, from_slice, refuse_announced, refuse_encodings},
    problem::{Failure, Words},
};

/// The largest file in bytes that holds a document as base64, such as FHIR: one of 25 MiB, and the rest.
pub(crate) const WITH_BASE64_LIMIT: u64 = 36 * 1024 * 1024;
/// The largest part `metadata` in bytes.
pub(crate) const METADATA_LIMIT: u64 = 64 * 1024;
/// What boundaries and headers of the parts may take.
const FRAME: u64 = 16 * 1024;
/// How much of a refused body is still read, so that its sender comes to see the answer.
const TAIL: u64 = 64 * 1024 * 1024;

/// Where the bytes of a file go.
pub(crate) trait Sink {
    /// Appends a chunk of some kilobytes.
    ///
    /// # Errors
    /// When the disk is full or broken.
    fn write(&mut self, chunk: &[u8]) -> io::Result<()>;
}

impl Sink for Spool {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        Self::write(self, chunk)
    }
}

/// For what is small enough to be held in memory: the limit is the reader's.
impl Sink for Vec<u8> {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.extend_from_slice(chunk);
        Ok(())
    }
}

/// A body that has not been read yet.
pub(crate) struct Incoming {
    headers: HeaderMap,
    media_type: String,
    payload: Payload,
}

/// What a form said besides the file, which went into the sink.
#[derive(Debug)]
pub(crate) struct Form<M> {
    /// The part `metadata`, if there was one.
    pub(crate) metadata: Option<M>,
}

impl FromRequest for Incoming {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = request.content_type().to_ascii_lowercase();
        ready(Ok(Self { headers: request.headers().clone(), media_type, payload: payload.take() }))
    }
}

impl Incoming {
    /// The declared media type without parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<&str> {
        Some(self.media_type.as_str()).filter(|media_type| !media_type.is_empty())
    }

    /// Reads a `multipart/form-data` body (RFC 7578) with a part `file` of at most `limit` bytes and, before or after
    /// it, a part `metadata`.
    ///
    /// # Errors
    /// `malformed-form`, `too-large`, `unsupported-media-type`, a fault in the metadata, or a body that did not arrive.
    pub(crate) async fn form<M: DeserializeOwned>(self, sink: &mut dyn Sink, limit: u64) -> Result<Form<M>, Failure> {
        let most = limit.saturating_add(METADATA_LIMIT).saturating_add(FRAME);
        let body = Body::new(self.payload, most);
        let read = match head(&self.headers, most, limit) {
            Ok(()) if self.media_type != "multipart/form-data" => Err(Failure::of("unsupported-media-type")),
            Ok(()) => read_form(Multipart::new(&self.headers, body.clone()), sink, limit).await,
            Err(failure) => Err(failure),
        };
        body.settle(read).await
    }

    /// Reads the body as it is, at most `limit` bytes, and tells how many there were.
    ///
    /// # Errors
    /// `too-large`, or a body that did not arrive.
    pub(crate) async fn raw(self, sink: &mut dyn Sink, limit: u64) -> Result<u64, Failure> {
        let body = Body::new(self.payload, limit);
        let read = match head(&self.headers, limit, limit) {
            Ok(()) => read_raw(body.clone(), sink, limit).await,
            Err(failure) => Err(failure),
        };
        body.settle(read).await
    }
}

/// What can be refused before a byte of the body is read.
fn head(headers: &HeaderMap, most: u64, told: u64) -> Result<(), Failure> {
    refuse_encodings(headers)?;
    refuse_announced(headers, most).map_err(|_| Failure::too_large(told))
}

async fn read_raw(mut body: Body, sink: &mut dyn Sink, limit: u64) -> Result<u64, Failure> {
    let mut size = 0_u64;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| failure_of_payload(&error, limit))?;
        size = size.saturating_add(length(&chunk));
        sink.write(&chunk).map_err(|error| unwritten(&error))?;
    }
    Ok(size)
}

async fn read_form<M: DeserializeOwned>(
    mut parts: Multipart,
    sink: &mut dyn Sink,
    limit: u64,
) -> Result<Form<M>, Failure> {
    let mut metadata = None;
    let mut file = false;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| broken(&error, limit))?;
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "metadata" if metadata.is_none() => {
                let mut text = Vec::new();
                read_part(part, METADATA_LIMIT, &mut |chunk| {
                    text.extend_from_slice(chunk);
                    Ok(())
                })
                .await?;
                metadata = Some(from_slice(&text).map_err(|failure| failure.within("/metadata"))?);
            }
            // what it is declared as does not count: files are judged from their bytes
            "file" if !file => {
                read_part(part, limit, &mut |chunk| sink.write(chunk)).await?;
                file = true;
            }
            "metadata" | "file" => {
                return Err(form_fault(&name, "doubled-part", "This part is there twice.", "Dieser Teil ist doppelt."));
            }
            _ => {
                let (en, de) = ("This part is not known here.", "Dieser Teil ist hier nicht bekannt.");
                return Err(form_fault(&name, "unknown-part", en, de));
            }
        }
    }
    if file {
        Ok(Form { metadata })
    } else {
        Err(form_fault("file", "missing-part", "This part is missing.", "Dieser Teil fehlt."))
    }
}

async fn read_part(mut part: Field, limit: u64, write: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), Failure> {
    let mut size = 0_u64;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| broken(&error, limit))?;
        size = size.saturating_add(length(&chunk));
        if size > limit {
            return Err(Failure::too_large(limit));
        }
        write(&chunk).map_err(|error| unwritten(&error))?;
    }
    Ok(())
}

fn form_fault(part: &str, code: &'static str, en: &'static str, de: &'static str) -> Failure {
    Failure::of("malformed-form").at(part, code, Words::new(en, de))
}

fn broken(error: &MultipartError, limit: u64) -> Failure {
    if let MultipartError::Payload(error) = error {
        failure_of_payload(error, limit)
    } else {
        Failure::of("malformed-form")
    }
}

/// The disk did not take it.
fn unwritten(error: &io::Error) -> Failure {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        Refusal::StorageFull.into()
    } else {
        tracing::error!(kind = ?error.kind(), "an upload could not be written to the spool");
        Refusal::Internal.into()
    }
}

fn length(chunk: &[u8]) -> u64 {
    u64::try_from(chunk.len()).unwrap_or(u64::MAX)
}

/// The body, in the hands of the form's reader and still in ours: what the reader has not taken must be read by somebody.
#[derive(Clone)]
struct Body(Rc<RefCell<Paced<Payload>>>);

impl Body {
    fn new(payload: Payload, limit: u64) -> Self {
        Self(Rc::new(RefCell::new(Paced::new(payload, limit))))
    }

    async fn settle<T>(self, read: Result<T, Failure>) -> Result<T, Failure> {
        if read.is_err() {
            let empty = Paced::new(Payload::None, 0);
            let mut rest = self.0.replace(empty);
            rest.discard(TAIL).await;
        }
        read
    }
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

#[cfg(test)]
mod tests;
