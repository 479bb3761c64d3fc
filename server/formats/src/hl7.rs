//! HL7 v2 messages (2.3 to 2.6, read leniently): laboratory results (ORU^R01, OUL^R22) and documents (MDM).
//!
//! Bytes are unwrapped, decoded and taken apart in one pass each; memory is bounded by the file. Lenient where real files
//! are, strict where a mistake could give a finding to the wrong person or lose one: a second patient, a file that breaks
//! off, a batch with another number of messages. How each field is understood stands in `docs/formats.md`.

mod charset;
mod code;
mod document;
mod message;
mod moment;
mod order;
mod patient;
mod refusal;
mod report;
mod result;
mod segment;
mod status;
mod value;
mod wrapping;

pub use refusal::Hl7Refusal;

pub(crate) use moment::Moment;
pub(crate) use patient::{INSURANCE_OID, is_insurance_number};
pub(crate) use result::TEXT;
pub(crate) use status::{ResultStatus, of_both};
pub(crate) use wrapping::is_header;

use std::borrow::Cow;

use nahraum_domain::finding::ReadFinding;

use crate::read::Read;
use crate::refusal::Position;
use message::Message;
use segment::{Segments, Syntax};
use wrapping::Wrapped;

/// Reads the findings of one or many messages. Each message may be about another patient.
///
/// # Errors
/// [`Hl7Refusal`] when a message is no finding, breaks off, speaks of more than one patient, or holds nothing that could
/// be shown. One such message refuses the whole file.
pub fn read(bytes: &[u8]) -> Result<Read, Hl7Refusal> {
    let messages = wrapping::messages(bytes)?;
    let several = messages.len() > 1;
    let mut rows_left = report::MAX_ROWS;
    let mut findings = Vec::new();
    for message in messages {
        let read = one(message, &mut rows_left)?;
        // Whoever gets a finding must not be given the messages about others with it.
        let part = several.then(|| message.start..message.start + message.bytes.len());
        findings.extend(read.into_iter().map(|finding| ReadFinding { part: part.clone(), ..finding }));
    }
    if findings.is_empty() {
        return Err(Hl7Refusal::NoHeader(Position::default()));
    }
    Ok(Read { findings, warnings: Vec::new() })
}

fn one(wrapped: Wrapped<'_>, rows_left: &mut usize) -> Result<Vec<ReadFinding>, Hl7Refusal> {
    let position = Position::at_line(wrapped.line);
    // The header is in the same encoding, but the name of it is ASCII in all of them.
    let header_end = memchr::memchr2(b'\r', b'\n', wrapped.bytes).unwrap_or(wrapped.bytes.len());
    let header = String::from_utf8_lossy(wrapped.bytes.get(..header_end).unwrap_or_default());
    let syntax = Syntax::of(&header, encoding_rs::UTF_8).ok_or_else(|| Hl7Refusal::NoHeader(position.clone()))?;
    let header = Segments::of(&header, syntax, wrapped.line);
    let declared = header.all().first().and_then(|msh| msh.words(18, 1)).map(Cow::into_owned);
    let (encoding, odd) = charset::of(wrapped.bytes, declared.as_deref().unwrap_or_default());
    let text = encoding.decode_without_bom_handling(wrapped.bytes).0;
    let syntax = Syntax::of(&text, encoding).ok_or_else(|| Hl7Refusal::NoHeader(position.clone()))?;
    let segments = Segments::of(&text, syntax, wrapped.line);
    let segments = segments.all();
    if wrapped.open && segment::breaks_off(&text, &segments) {
        let line = segments.last().map_or(wrapped.line, |last| last.line);
        return Err(Hl7Refusal::Truncated(Position::at_line(line)));
    }
    let mut findings = report::findings(&Message::of(&segments)?, rows_left)?;
    for finding in &mut findings {
        finding.warnings.extend(odd.filter(|odd| !finding.warnings.contains(odd)));
    }
    Ok(findings)
}
