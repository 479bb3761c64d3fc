//! Which characters the bytes of a document mean, and whether it is one at all.
//!
//! XML says it by a byte order mark or in its declaration, and means UTF-8 otherwise (XML 1.0, section 4.3.3, appendix F). As in
//! the other formats the bytes win where they speak against what is declared.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr2, memmem};

use super::{CdaRefusal, HL7_V3};
use crate::charset::Charset;
use crate::sniff::{is_blank, skip_blank};

/// The text of a document.
pub(super) struct Decoded<'b> {
    pub(super) text: Cow<'b, str>,
    /// Whether the bytes speak against what is declared.
    pub(super) contradicts: bool,
}

/// How far into a file its first element is looked for when it is in UTF-16.
const UTF_16_WINDOW: usize = 64 << 10;

/// How long the beginning of the first element may be.
const ROOT_WINDOW: usize = 8 << 10;

/// Whether a file is a CDA document or anything else of HL7 version 3, so that the sentence for the sender can be exact.
pub(crate) fn is_document(bytes: &[u8]) -> bool {
    match utf_16(bytes) {
        Some(encoding) => {
            let window = bytes.get(..UTF_16_WINDOW).unwrap_or(bytes);
            is_of_version_3(encoding.decode(window).0.as_bytes())
        }
        None => is_of_version_3(bytes),
    }
}

fn is_of_version_3(text: &[u8]) -> bool {
    let Some(root) = root(text) else { return false };
    let root = root.get(..ROOT_WINDOW).unwrap_or(root);
    let name = root.iter().take_while(|byte| !is_blank(**byte) && !matches!(byte, b'>' | b'/')).count();
    let name = root.get(..name).unwrap_or_default();
    let local = memchr(b':', name).and_then(|colon| name.get(colon + 1..)).unwrap_or(name);
    let tag = memchr(b'>', root).and_then(|end| root.get(..end)).unwrap_or(root);
    local == b"ClinicalDocument" || memmem::find(tag, HL7_V3.as_bytes()).is_some()
}

/// The text from the name of the first element on, behind declaration, comments, instructions and document type.
fn root(text: &[u8]) -> Option<&[u8]> {
    let mut rest = skip_blank(text);
    loop {
        let end: &[u8] = match rest {
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', ..] => {
                let found = memchr2(b'>', b'[', rest)?;
                if rest.get(found) == Some(&b'[') { b"]>" } else { b">" }
            }
            [b'<', name @ ..] => return Some(name),
            _ => return None,
        };
        rest = skip_blank(rest.get(memmem::find(rest, end)? + end.len()..)?);
    }
}

/// UTF-16, by byte order mark or by the zeros beside the first sign.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The text that the bytes mean.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, CdaRefusal> {
    if let Some(encoding) = utf_16(bytes) {
        let (text, _, damaged) = encoding.decode(bytes);
        let text = text.into_owned();
        return if damaged { Err(CdaRefusal::Encoding) } else { Ok(Decoded { text: text.into(), contradicts: false }) };
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let declared = declared(bytes)?;
    let charset = charset(bytes, declared);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => charset.decode(bytes),
    };
    Ok(Decoded { text: without_blank_in_front(text), contradicts: charset != declared })
}

/// What the declaration says.
fn declared(bytes: &[u8]) -> Result<Charset, CdaRefusal> {
    let declaration = skip_blank(bytes).strip_prefix(b"<?xml").unwrap_or_default();
    let end = memmem::find(declaration, b"?>").unwrap_or_default();
    let declaration = declaration.get(..end).unwrap_or_default();
    let Some(at) = memmem::find(declaration, b"encoding") else { return Ok(Charset::Utf8) };
    let value = declaration.get(at..).unwrap_or_default();
    let quoted = value.split(|byte| matches!(byte, b'"' | b'\'')).nth(1).unwrap_or_default();
    match String::from_utf8_lossy(quoted).trim().to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" | "" => Ok(Charset::Utf8),
        "iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" => Ok(Charset::Iso8859_1),
        "iso-8859-15" | "iso8859-15" | "latin9" | "latin-9" => Ok(Charset::Iso8859_15),
        "windows-1252" | "cp1252" => Ok(Charset::Windows1252),
        _ => Err(CdaRefusal::Encoding),
    }
}

/// Valid UTF-8 with a longer character is UTF-8; the bytes 80 to 9F are used by no other set than Windows'.
fn charset(bytes: &[u8], declared: Charset) -> Charset {
    if bytes.is_ascii() {
        return declared;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Charset::Utf8;
    }
    match declared {
        _ if bytes.iter().any(|byte| matches!(byte, 0x80..=0x9F)) => Charset::Windows1252,
        Charset::Iso8859_1 | Charset::Iso8859_15 | Charset::Windows1252 => declared,
        Charset::Utf8 | Charset::Din66003 | Charset::Ibm437 => Charset::Iso8859_15,
    }
}

/// XML allows nothing in front of its declaration, and some senders put a blank line there. It stays, for the numbers of lines;
/// the declaration has been read and goes.
fn without_blank_in_front(text: Cow<'_, str>) -> Cow<'_, str> {
    let blank = text.bytes().take_while(|byte| is_blank(*byte)).count();
    let declaration = text.get(blank..).filter(|rest| blank > 0 && rest.starts_with("<?xml"));
    let end = declaration.map_or(blank, |rest| rest.find("?>").map_or(text.len(), |end| blank + end + 2));
    if blank == 0 {
        return text;
    }
    let space = |sign: char| if sign == '\n' { '\n' } else { ' ' };
    let front = text.chars().take_while({
        let mut at = 0;
        move |sign| {
            at += sign.len_utf8();
            at <= end
        }
    });
    Cow::Owned(front.map(space).chain(text.get(end..).unwrap_or_default().chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> (String, bool) {
        let decoded = decode(bytes).unwrap();
        (decoded.text.into_owned(), decoded.contradicts)
    }

    #[test]
    fn documents_are_known_by_their_first_element() {
        for text in [
            "<ClinicalDocument>",
            "\u{FEFF}\r\n<?xml version='1.0'?><?xml-stylesheet href='a'?><!-- <html> --><h:ClinicalDocument xmlns:h='x'>",
            "<!DOCTYPE ClinicalDocument [<!ENTITY a 'b'>]><ClinicalDocument/>",
            "<PRPA_IN201305UV02 xmlns='urn:hl7-org:v3'>",
        ] {
            assert!(is_document(text.as_bytes()), "{text}");
            let utf_16: Vec<u8> =
                text.trim_start_matches(['\u{FEFF}', '\r', '\n']).encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert!(is_document(&utf_16), "{text}");
        }
        for text in [
            "<html><ClinicalDocument>",
            "ClinicalDocument",
            "<ClinicalDocuments>",
            "<!-- <ClinicalDocument>",
            "<",
            "",
            "<!DOCTYPE [ ]",
        ] {
            assert!(!is_document(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn umlauts_are_the_same_in_every_encoding() {
        let declaration = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>");
        let text = |name: &str| format!("{}ÄÖÜ", declaration(name));
        let latin = |name: &str| [declaration(name).as_bytes(), b"\xC4\xD6\xDC"].concat();
        for name in ["UTF-8", "utf8"] {
            assert_eq!(of(text(name).as_bytes()), (text(name), false));
            assert_eq!(of(&latin(name)), (text(name), true), "what is not UTF-8 is Latin");
        }
        for name in ["ISO-8859-1", "iso-8859-15", "Windows-1252"] {
            assert_eq!(of(&latin(name)), (text(name), false));
            assert_eq!(of(text(name).as_bytes()), (text(name), true), "what is UTF-8 is UTF-8");
        }
        let euro = [declaration("ISO-8859-1").as_bytes(), b"\x80"].concat();
        assert_eq!(of(&euro), (format!("{}€", declaration("ISO-8859-1")), true));
        assert_eq!(of("\u{FEFF}<a>ß</a>".as_bytes()), ("<a>ß</a>".into(), false));
        let wide: Vec<u8> = "\u{FEFF}<a>ß</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(of(&wide), ("<a>ß</a>".into(), false));
        assert_eq!(decode(b"\xFF\xFE<\0a\0\0\xD8").err(), Some(CdaRefusal::Encoding), "half a character");
        assert_eq!(decode(b"<?xml version='1.0' encoding='EBCDIC-DE'?>").err(), Some(CdaRefusal::Encoding));
    }

    #[test]
    fn a_blank_line_in_front_does_not_matter() {
        let text = "\r\n <?xml version='1.0'?>\n<ä/>";
        let (kept, _) = of(text.as_bytes());
        assert_eq!((kept.trim(), kept.len()), ("<ä/>", text.len()));
        assert!(roxmltree::Document::parse(&kept).is_ok());
    }
}
