//! One upload: how bytes are sent, and what the answer means (`POST /v1/practice/findings`).

use std::time::Duration;

use serde::Deserialize;

use crate::{
    digest::{Sha256, hex},
    oauth::NotNow,
    registry::{Code, Known, Outcome},
    session::Session,
    wire::{Post, Reply},
};

const PATH: &str = "/v1/practice/findings";
/// The largest file in bytes that is sent: what the server takes of a finding that holds its document as base64.
pub(crate) const LARGEST: u64 = 36 * 1024 * 1024;
/// Behind white space and a byte order mark within so many bytes stands what a text is.
const WINDOW: usize = 64;

/// What is to be sent. It cannot be printed.
#[derive(Clone, Copy)]
pub(crate) struct Content<'a> {
    /// The bytes.
    pub(crate) bytes: &'a [u8],
    /// Their hash.
    pub(crate) hash: &'a Sha256,
    /// What was answered before.
    pub(crate) known: Known,
    /// For how many days it is held back (1 to 14).
    pub(crate) hold_days: Option<u8>,
}

/// What was answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Taken, all of it.
    Taken(Outcome),
    /// Not taken, or not all of it. Sending the same again changes nothing.
    Refused(Refused),
    /// The server failed with this content; with others it may not.
    Failed(Option<Duration>),
    /// Nothing can be sent now.
    NotNow(NotNow),
}

/// Why something was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The server's code, or the first of its codes.
    pub(crate) code: Code,
    /// The server's sentence for people, the same for every occurrence of the code.
    pub(crate) title: Option<String>,
    /// The name of the request in the server's logs.
    pub(crate) request: Option<String>,
    /// How many reports of the file were not taken, and how many there are.
    pub(crate) reports: Option<(usize, usize)>,
}

#[derive(Deserialize)]
struct UploadResult {
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    state: String,
    duplicate: bool,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    title: Option<String>,
    request_id: Option<String>,
}

/// The key that makes a repetition of this request the same request: the same for the same content, the same hold and the same
/// number of earlier answers. A refused file that is handed in again is another request, because the server keeps answers.
pub(crate) fn idempotency_key(content: &Content<'_>) -> String {
    let hold = content.hold_days.unwrap_or(0);
    let words = format!("nahraum-uploader 1 {} {} {hold}", content.hash, content.known.answers);
    hex(Sha256::of(words.as_bytes()).as_bytes())
}

/// Sends it, and says with which status it was answered.
pub(crate) fn send(session: &mut Session, content: &Content<'_>) -> (Option<u16>, Verdict) {
    let key = idempotency_key(content);
    let query = content.hold_days.map_or_else(String::new, |days| format!("?hold_days={days}"));
    let headers = [("idempotency-key", key.as_str())];
    let form;
    let (media_type, body) = match kind(content.bytes) {
        Kind::Document => {
            form = multipart(content.bytes, &key);
            (format!("multipart/form-data; boundary={key}"), form.as_slice())
        }
        Kind::Fhir => ("application/fhir+json".to_owned(), content.bytes),
        Kind::Hl7 => ("x-application/hl7-v2+er7".to_owned(), content.bytes),
        Kind::Other => ("application/octet-stream".to_owned(), content.bytes),
    };
    match session.post(PATH, &query, Post { target: "", headers: &headers, media_type: &media_type, body }) {
        Ok(reply) => match judge(&reply) {
            Verdict::NotNow(NotNow::ShutOut) => (Some(reply.status), Verdict::NotNow(session.shut_out())),
            verdict @ (Verdict::Taken(_) | Verdict::Refused(_) | Verdict::Failed(_) | Verdict::NotNow(_)) => {
                (Some(reply.status), verdict)
            }
        },
        Err(not_now) => (None, Verdict::NotNow(not_now)),
    }
}

/// How a content is sent. The server judges files from their bytes itself; this only chooses the way that is documented for
/// each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// PDF, JPEG or PNG: in a form.
    Document,
    /// JSON.
    Fhir,
    /// HL7 v2, also framed or in a batch.
    Hl7,
    /// LDT, GDT, and whatever else: the server decides.
    Other,
}

fn kind(bytes: &[u8]) -> Kind {
    const DOCUMENTS: [&[u8]; 3] = [b"%PDF-", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n"];
    const HL7: [&[u8]; 3] = [b"MSH", b"FHS", b"BHS"];
    if DOCUMENTS.iter().any(|magic| bytes.starts_with(magic)) {
        return Kind::Document;
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0B);
    let start = text.iter().take(WINDOW).position(|byte| !blank(byte)).unwrap_or(0);
    let text = text.get(start..).unwrap_or_default();
    match text.first() {
        Some(b'{') => Kind::Fhir,
        Some(_) if HL7.iter().any(|segment| text.starts_with(segment)) => Kind::Hl7,
        Some(_) | None => Kind::Other,
    }
}

/// A form with the parts `metadata`, which says nothing, and `file` (RFC 7578). The name of the file is not sent: it names
/// patients.
fn multipart(bytes: &[u8], boundary: &str) -> Vec<u8> {
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"metadata\"\r\ncontent-type: application/json\r\n\r\n{{}}\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"file\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat()
}

/// What an answer means. Only what is clearly our server's own word about this file counts as a refusal: a page of a proxy or
/// of a hotel's network must not empty a folder.
fn judge(reply: &Reply) -> Verdict {
    let later = Verdict::NotNow(NotNow::Later(reply.retry_after));
    if matches!(reply.status, 200..=202) {
        let result = serde_json::from_slice::<UploadResult>(&reply.body).ok();
        return result
            .filter(|result| !result.documents.is_empty())
            .map_or(later, |result| taken(&result, reply.status));
    }
    let problem = serde_json::from_slice::<Problem>(&reply.body).ok().filter(|_| reply.problem);
    let Some(Problem { code, title, request_id }) = problem else { return later };
    match (reply.status, code.as_str()) {
        (500, _) => Verdict::Failed(reply.retry_after),
        (_, "body-incomplete") | (404 | 405 | 408 | 429 | 501..=599, _) => later,
        (403, "consent-missing") | (400 | 402 | 406..=499, _) => {
            Verdict::Refused(Refused { code: Code::new(&code), title, request: request_id, reports: None })
        }
        (401 | 403, _) => Verdict::NotNow(NotNow::ShutOut),
        _ => later,
    }
}

fn taken(result: &UploadResult, status: u16) -> Verdict {
    let refused: Vec<&Document> = result.documents.iter().filter(|one| one.state == "refused").collect();
    if let Some(first) = refused.first() {
        let code = Code::new(first.warnings.first().map_or("refused", String::as_str));
        let reports = Some((refused.len(), result.documents.len()));
        return Verdict::Refused(Refused { code, title: None, request: None, reports });
    }
    if result.documents.iter().all(|one| one.duplicate) {
        return Verdict::Taken(Outcome::Known);
    }
    Verdict::Taken(if status == 202 { Outcome::Inbox } else { Outcome::Sent })
}

#[cfg(test)]
#[path = "upload_tests.rs"]
mod tests;
