//! PDF: is this one whole, readable document, and nothing but that? Nothing is rendered or executed.
//!
//! The check reads the header, the end, the cross-reference chain, the catalogue and the page tree, and looks through all
//! objects for what acts by itself or hands over other files. Nothing but object streams is inflated, and no more than 32 MiB of
//! them. Its time is linear in the file's length and it does not recurse.

mod active;
mod objects;
mod token;
mod xref;

use memchr::memmem;

use crate::sniff::{self, Sniffed, is_blank, skip_blank};
use objects::ObjectStreams;
use token::{Dictionary, Lexer, is_white};
use xref::Trailers;

/// How near the end `startxref` and `%%EOF` must stand. Readers look at the last 1024 bytes; writers add signatures.
const TAIL: usize = 2048;

/// How many bytes of unknown kind may follow the end mark: mail gateways and old writers leave some.
const MAX_TRAILING: usize = 1024;

/// The longest comment of a ZIP archive, and its end record (APPNOTE 4.3.16).
const ZIP_END: usize = 65_535 + 22;

/// What is known about an accepted document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PdfFacts {
    /// The version in the header, major and minor, if it is readable.
    pub version: Option<(u8, u8)>,
    /// The metadata claim PDF/A (ISO 19005). The claim is not verified.
    pub pdf_a: bool,
    /// The number of pages, when the page tree could be read.
    pub pages: Option<u64>,
    /// `startxref` was wrong, but everything needed was found; every viewer repairs such files silently.
    pub repaired: bool,
}

/// Why a document is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PdfRefusal {
    /// No bytes.
    #[error("The PDF document is empty.")]
    Empty,
    /// No PDF header.
    #[error("The file is not a PDF document.")]
    NotPdf,
    /// The end is missing.
    #[error("The PDF document is not complete; it was probably cut off while it was saved or sent.")]
    Truncated,
    /// Needs a password.
    #[error("The PDF document is encrypted; patients could not open it.")]
    Encrypted,
    /// Another file in front of or behind the document.
    #[error("The PDF document contains a second file of another kind in front of it or behind it.")]
    Polyglot,
    /// Nothing to see.
    #[error("The PDF document has no pages.")]
    NoPages,
    /// Something in it acts: programs, forms that send themselves, media.
    #[error(
        "The PDF document contains a program, a form that acts, or media; please print it into a new PDF document."
    )]
    Active,
    /// Other files in it.
    #[error("The PDF document contains other files; please send them by themselves.")]
    Attachments,
    /// Objects that are packed or laid out in a way that no real writer uses.
    #[error("The PDF document is built in a way that cannot be checked; please print it into a new PDF document.")]
    Uncheckable,
}

/// Checks one PDF document.
///
/// # Errors
/// [`PdfRefusal`] names the first thing that makes the document unusable for a reader or dangerous.
pub fn check(bytes: &[u8]) -> Result<PdfFacts, PdfRefusal> {
    if bytes.iter().all(|b| is_blank(*b)) {
        return Err(PdfRefusal::Empty);
    }
    let header = sniff::find_pdf_header(bytes).ok_or(PdfRefusal::NotPdf)?;
    let (prefix, document) = bytes.split_at_checked(header).ok_or(PdfRefusal::NotPdf)?;
    if !is_harmless_prefix(prefix) {
        return Err(PdfRefusal::Polyglot);
    }
    let start = end_of_document(document)?;
    refuse_cut_linearized(bytes)?;
    refuse_zip(bytes)?;
    let chained = xref::follow(document, start).or_else(|| xref::follow(bytes, start));
    let repaired = chained.is_none();
    let trailers = chained.unwrap_or_else(|| xref::rescue(document));
    if trailers.encrypted {
        return Err(PdfRefusal::Encrypted);
    }
    let streams = active::refuse(bytes)?;
    let pages = pages(document, &streams, trailers, repaired)?;
    if pages == Some(0) {
        return Err(PdfRefusal::NoPages);
    }
    Ok(PdfFacts { version: version(document), pdf_a: claims_pdf_a(document), pages, repaired })
}

/// Blank bytes and the printer job header that some drivers leave in front.
fn is_harmless_prefix(prefix: &[u8]) -> bool {
    skip_blank(prefix).is_empty() || prefix.starts_with(b"\x1B%-12345X") || prefix.starts_with(b"@PJL")
}

/// The value of the last `startxref`, when the file ends as a PDF must and nothing foreign follows.
fn end_of_document(document: &[u8]) -> Result<usize, PdfRefusal> {
    let blank = document.iter().rev().take_while(|b| is_blank(**b)).count();
    let document = document.get(..document.len() - blank).unwrap_or_default();
    let window = document.get(document.len().saturating_sub(TAIL + MAX_TRAILING)..).unwrap_or_default();
    let end = memmem::rfind(window, b"%%EOF").ok_or(PdfRefusal::Truncated)?;
    let trailing = window.get(end + b"%%EOF".len()..).unwrap_or_default();
    let before = window.get(..end).unwrap_or_default();
    let start = memmem::rfind(before, b"startxref").ok_or(PdfRefusal::Truncated)?;
    let number = before.get(start + b"startxref".len()..).and_then(|rest| Lexer::new(rest).next_number());
    let offset = number.and_then(|n| usize::try_from(n).ok()).ok_or(PdfRefusal::Truncated)?;
    let foreign = sniff::sniff(skip_blank(trailing)).is_some_and(|kind| kind != Sniffed::Pdf);
    if foreign || trailing.len() > MAX_TRAILING {
        return Err(PdfRefusal::Polyglot);
    }
    if offset >= document.len() {
        return Err(PdfRefusal::Truncated);
    }
    Ok(offset)
}

/// A linearized file says its own length in its first object (ISO 32000-1, annex F). Cut after its first section, it
/// still ends with `%%EOF`.
fn refuse_cut_linearized(bytes: &[u8]) -> Result<(), PdfRefusal> {
    let window = bytes.get(..sniff::PDF_HEADER_WINDOW).unwrap_or(bytes);
    let first = memmem::find(window, b"obj").and_then(|at| Dictionary::read(window.get(at + 3..)?));
    let length = first.filter(|d| d.has(b"Linearized")).and_then(|d| d.number(b"L"));
    match length.and_then(|l| usize::try_from(l).ok()) {
        Some(length) if length > bytes.len() => Err(PdfRefusal::Truncated),
        Some(_) | None => Ok(()),
    }
}

/// A ZIP reader starts at the end: an end record whose comment reaches exactly to the end makes the file a ZIP too.
fn refuse_zip(bytes: &[u8]) -> Result<(), PdfRefusal> {
    if ends_as_zip(bytes) { Err(PdfRefusal::Polyglot) } else { Ok(()) }
}

/// Whether a ZIP reader would open the file.
pub(crate) fn ends_as_zip(bytes: &[u8]) -> bool {
    let window = bytes.get(bytes.len().saturating_sub(ZIP_END)..).unwrap_or(bytes);
    memmem::find_iter(window, b"PK\x05\x06").any(|at| {
        let length = window.get(at + 20..at + 22).map(|l| l.iter().rev().fold(0, |sum, b| sum * 256 + usize::from(*b)));
        // Some readers do not mind a byte or two behind the comment.
        length.is_some_and(|comment| (at + 22 + comment).abs_diff(window.len()) <= 2)
    })
}

/// The number of pages, if it can be read.
fn pages(
    document: &[u8],
    streams: &ObjectStreams,
    trailers: Trailers,
    repaired: bool,
) -> Result<Option<u64>, PdfRefusal> {
    let object = |at: (u64, u64)| xref::object(document, at).or_else(|| streams.object(at.0));
    let catalogue = trailers.root.and_then(object);
    if repaired && catalogue.is_none() {
        return Err(PdfRefusal::Truncated);
    }
    let tree = catalogue.and_then(|c| c.reference(b"Pages")).and_then(object);
    Ok(tree.and_then(|t| t.number(b"Count")))
}

fn version(document: &[u8]) -> Option<(u8, u8)> {
    let line = document.get(b"%PDF-".len()..)?;
    let length = line.iter().take_while(|b| !is_white(**b)).count().min(8);
    let (major, minor) = std::str::from_utf8(line.get(..length)?).ok()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// XMP metadata of PDF/A must stand uncompressed (ISO 19005-1, 6.7.2), so that programs like this one can see it.
fn claims_pdf_a(document: &[u8]) -> bool {
    memmem::find(document, b"http://www.aiim.org/pdfa/ns/id/").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &[u8] = include_bytes!("../../../tests/fixtures/formats/pdf/small.pdf");

    fn with(from: &str, to: &str) -> Vec<u8> {
        let text = String::from_utf8(SMALL.to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    }

    #[test]
    fn a_whole_document_is_accepted() {
        let facts = check(SMALL).unwrap();
        assert_eq!(facts, PdfFacts { version: Some((1, 4)), pdf_a: false, pages: Some(1), repaired: false });
        for prefix in [&b"\xEF\xBB\xBF"[..], b"\r\n", b"\x1B%-12345X@PJL JOB\n"] {
            assert!(check(&[prefix, SMALL].concat()).is_ok());
        }
        assert!(check(&[SMALL, b"\r\n\0\0\0"].concat()).is_ok());
    }

    #[test]
    fn a_wrong_startxref_is_repaired_like_viewers_do() {
        let facts = check(&with("startxref\n", "startxref\n1")).map(|f| f.repaired);
        assert_eq!(facts, Err(PdfRefusal::Truncated), "points behind the end");
        let damaged = with("\nxref\n", "\nxraf\n");
        assert_eq!(check(&damaged).map(|f| (f.repaired, f.pages)), Ok((true, Some(1))));
    }

    #[test]
    fn every_cut_is_noticed() {
        for cut in [10, 100, 300, SMALL.len() / 2, SMALL.len() - 7] {
            assert_eq!(check(&SMALL[..cut]), Err(PdfRefusal::Truncated), "{cut}");
        }
    }

    #[test]
    fn encryption_is_found_wherever_a_trailer_names_it() {
        assert_eq!(check(&with("/Size", "/Encrypt 9 0 R/Size")), Err(PdfRefusal::Encrypted));
        assert_eq!(check(&with("/Size", "/#45ncrypt 9 0 R/Size")), Err(PdfRefusal::Encrypted));
        let text = String::from_utf8(with("/Size", "/Encrypt 9 0 R/Size")).unwrap();
        let at = text.find("\nxref").unwrap() + 1;
        let update =
            format!("{text}xref\n0 0\ntrailer\n<</Root 1 0 R/Size 5/Prev {at}>>\nstartxref\n{}\n%%EOF\n", text.len());
        assert_eq!(check(update.as_bytes()), Err(PdfRefusal::Encrypted));
        let endless = format!(
            "{}xref\n0 0\ntrailer\n<</Root 1 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n",
            String::from_utf8_lossy(SMALL),
            SMALL.len(),
            SMALL.len()
        );
        assert_eq!(check(endless.as_bytes()).map(|f| f.pages), Ok(Some(1)), "a loop of /Prev ends");
    }

    #[test]
    fn second_files_are_found() {
        let mut zip = b"PK\x05\x06".to_vec();
        zip.extend([0; 18]);
        assert_eq!(check(&[SMALL, &zip].concat()), Err(PdfRefusal::Polyglot));
        assert_eq!(check(&[SMALL, b"\nMZ\x90\0"].concat()), Err(PdfRefusal::Polyglot));
        assert_eq!(check(&[SMALL, b"<html><script>"].concat()), Err(PdfRefusal::Polyglot));
        for prefix in [&b"MZ\x90\0"[..], b"PK\x03\x04", b"<html>", b"var a=1;/*"] {
            assert_eq!(check(&[prefix, SMALL].concat()), Err(PdfRefusal::Polyglot));
        }
    }

    #[test]
    fn nothing_and_other_things_are_refused() {
        assert_eq!(check(b""), Err(PdfRefusal::Empty));
        assert_eq!(check(b" \r\n"), Err(PdfRefusal::Empty));
        assert_eq!(check(b"hello"), Err(PdfRefusal::NotPdf));
        assert_eq!(check(&with("/Count 1", "/Count 0")), Err(PdfRefusal::NoPages));
    }
}
