//! What a file really is, judged from its first bytes. Names and declared types are never asked.

/// A kind of file that the first bytes give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sniffed {
    /// PDF (ISO 32000).
    Pdf,
    /// JPEG (ITU-T T.81).
    Jpeg,
    /// PNG (ISO/IEC 15948).
    Png,
    /// JSON (RFC 8259).
    Json,
    /// XML.
    Xml,
    /// A web page.
    Html,
    /// ZIP, which is also what Office documents are.
    Zip,
    /// Another archive (gzip, 7z, RAR).
    Archive,
    /// A program for Windows, Linux or macOS.
    Executable,
    /// A script that starts with `#!`.
    Script,
    /// TIFF.
    Tiff,
    /// GIF.
    Gif,
    /// WebP, HEIC or another newer image format.
    NewerImage,
    /// A DICOM image.
    Dicom,
    /// Rich Text Format.
    Rtf,
    /// An old Office document (OLE2).
    OleDocument,
    /// An HL7 v2 message.
    Hl7v2,
    /// An xDT file (LDT, GDT, BDT).
    Xdt,
    /// A CDA document, or other XML of HL7 version 3.
    Cda,
    /// Text in UTF-16.
    Utf16Text,
}

impl Sniffed {
    /// What it is called in English, with article.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF document",
            Self::Jpeg => "a JPEG image",
            Self::Png => "a PNG image",
            Self::Json => "JSON data",
            Self::Xml => "an XML file",
            Self::Html => "a web page",
            Self::Zip => "a ZIP archive or Office document",
            Self::Archive => "an archive",
            Self::Executable => "a program",
            Self::Script => "a script",
            Self::Tiff => "a TIFF image",
            Self::Gif => "a GIF image",
            Self::NewerImage => "an image in a format that not every device can show",
            Self::Dicom => "a DICOM image",
            Self::Rtf => "an RTF text",
            Self::OleDocument => "an old Office document",
            Self::Hl7v2 => "an HL7 v2 message",
            Self::Xdt => "an LDT, GDT or BDT file",
            Self::Cda => "a CDA document",
            Self::Utf16Text => "text in UTF-16",
        }
    }

    /// What it is called in German, with article, as the object of a sentence.
    #[must_use]
    pub const fn german(self) -> &'static str {
        match self {
            Self::Pdf => "ein PDF-Dokument",
            Self::Jpeg => "ein JPEG-Bild",
            Self::Png => "ein PNG-Bild",
            Self::Json => "JSON-Daten",
            Self::Xml => "eine XML-Datei",
            Self::Html => "eine Webseite",
            Self::Zip => "ein ZIP-Archiv oder Office-Dokument",
            Self::Archive => "ein Archiv",
            Self::Executable => "ein Programm",
            Self::Script => "ein Skript",
            Self::Tiff => "ein TIFF-Bild",
            Self::Gif => "ein GIF-Bild",
            Self::NewerImage => "ein Bild in einem Format, das nicht jedes Gerät zeigen kann",
            Self::Dicom => "ein DICOM-Bild",
            Self::Rtf => "ein RTF-Text",
            Self::OleDocument => "ein altes Office-Dokument",
            Self::Hl7v2 => "eine HL7-v2-Nachricht",
            Self::Xdt => "eine LDT-, GDT- oder BDT-Datei",
            Self::Cda => "ein CDA-Dokument",
            Self::Utf16Text => "Text in UTF-16",
        }
    }
}

/// How far into a file a PDF header may start (PDF 1.7, implementation note 13).
pub(crate) const PDF_HEADER_WINDOW: usize = 1024;

/// How many bytes of a text are looked at.
const TEXT_WINDOW: usize = 4096;

/// Signatures at offset 0, the longer ones first where one begins another.
const SIGNATURES: &[(&[u8], Sniffed)] = &[
    (b"%PDF-", Sniffed::Pdf),
    (b"\xFF\xD8\xFF", Sniffed::Jpeg),
    (b"\x89PNG\r\n\x1A\n", Sniffed::Png),
    (b"PK\x03\x04", Sniffed::Zip),
    (b"PK\x05\x06", Sniffed::Zip),
    (b"\x1F\x8B", Sniffed::Archive),
    (b"7z\xBC\xAF\x27\x1C", Sniffed::Archive),
    (b"Rar!\x1A\x07", Sniffed::Archive),
    (b"MZ", Sniffed::Executable),
    (b"\x7FELF", Sniffed::Executable),
    (b"\xCF\xFA\xED\xFE", Sniffed::Executable),
    (b"\xCE\xFA\xED\xFE", Sniffed::Executable),
    (b"\xCA\xFE\xBA\xBE", Sniffed::Executable),
    (b"#!", Sniffed::Script),
    (b"II*\x00", Sniffed::Tiff),
    (b"MM\x00*", Sniffed::Tiff),
    (b"GIF87a", Sniffed::Gif),
    (b"GIF89a", Sniffed::Gif),
    (b"{\\rtf", Sniffed::Rtf),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Sniffed::OleDocument),
    (b"\xFF\xFE", Sniffed::Utf16Text),
    (b"\xFE\xFF", Sniffed::Utf16Text),
];

/// Names the kind of file that starts with these bytes; 4 KiB are enough. `None`: nothing known.
#[must_use]
pub fn sniff(first_bytes: &[u8]) -> Option<Sniffed> {
    // First, because it may be in UTF-16, and may speak of pages in its comments.
    if crate::cda::is_document(first_bytes) {
        return Some(Sniffed::Cda);
    }
    let body = skip_blank(first_bytes);
    signature(first_bytes)
        .or_else(|| at_offset(first_bytes))
        .or_else(|| text(body))
        .or_else(|| signature(body).filter(|kind| *kind == Sniffed::Pdf))
        .or_else(|| find_pdf_header(first_bytes).map(|_| Sniffed::Pdf))
}

/// Where `%PDF-` stands within the window in which readers look for it.
pub(crate) fn find_pdf_header(bytes: &[u8]) -> Option<usize> {
    let window = bytes.get(..PDF_HEADER_WINDOW + 5).unwrap_or(bytes);
    window.windows(5).position(|w| w == b"%PDF-")
}

/// The bytes behind a UTF-8 byte order mark, white space and NUL.
pub(crate) fn skip_blank(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let blank = bytes.iter().take_while(|b| is_blank(**b)).count();
    bytes.get(blank..).unwrap_or_default()
}

pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0C | 0)
}

fn signature(bytes: &[u8]) -> Option<Sniffed> {
    SIGNATURES.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

fn at_offset(bytes: &[u8]) -> Option<Sniffed> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    if at(128, b"DICM") {
        return Some(Sniffed::Dicom);
    }
    if at(4, b"ftyp") || (bytes.starts_with(b"RIFF") && at(8, b"WEBP")) {
        return Some(Sniffed::NewerImage);
    }
    // UTF-16 without a byte order mark: every second byte of the first brace or bracket is NUL.
    if at(0, b"{\0") || at(0, b"\0{") || at(0, b"<\0") || at(0, b"\0<") {
        return Some(Sniffed::Utf16Text);
    }
    crate::xdt::is_first(bytes).then_some(Sniffed::Xdt)
}

fn text(body: &[u8]) -> Option<Sniffed> {
    if crate::hl7::is_header(body.strip_prefix(b"\x0B").unwrap_or(body)) {
        return Some(Sniffed::Hl7v2);
    }
    match body.first()? {
        b'{' if body.starts_with(b"{\\rtf") => Some(Sniffed::Rtf),
        b'{' | b'[' => Some(Sniffed::Json),
        b'<' => Some(markup(body)),
        _ => None,
    }
}

fn markup(body: &[u8]) -> Sniffed {
    let window = body.get(..TEXT_WINDOW).unwrap_or(body).to_ascii_lowercase();
    let page = [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<script", b"<svg"];
    if page.iter().any(|tag| window.windows(tag.len()).any(|w| w == *tag)) { Sniffed::Html } else { Sniffed::Xml }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_from_the_bytes() {
        let cases: &[(&[u8], Option<Sniffed>)] = &[
            (b"%PDF-1.7\n", Some(Sniffed::Pdf)),
            (b"\xEF\xBB\xBF\r\n%PDF-1.4", Some(Sniffed::Pdf)),
            (b"var a = 1; /* %PDF-1.4", Some(Sniffed::Pdf)),
            (b"MZ\x90\0 %PDF-1.4", Some(Sniffed::Executable)),
            (b"PK\x03\x04", Some(Sniffed::Zip)),
            (b"\xFF\xD8\xFF\xE0", Some(Sniffed::Jpeg)),
            (b"\x89PNG\r\n\x1A\n", Some(Sniffed::Png)),
            (b" \n{\"resourceType\":1}", Some(Sniffed::Json)),
            (b"\xEF\xBB\xBF{", Some(Sniffed::Json)),
            (b"\xFF\xFE{\0", Some(Sniffed::Utf16Text)),
            (b"{\0\"\0", Some(Sniffed::Utf16Text)),
            (b"<?xml version=\"1.0\"?><Bundle xmlns=\"http://hl7.org/fhir\"/>", Some(Sniffed::Xml)),
            (b"<?xml version=\"1.0\"?><!-- <html> --><ClinicalDocument xmlns=\"urn:hl7-org:v3\">", Some(Sniffed::Cda)),
            (b"\xFF\xFE<\0C\0l\0i\0n\0i\0c\0a\0l\0D\0o\0c\0u\0m\0e\0n\0t\0>\0", Some(Sniffed::Cda)),
            (b"<html><ClinicalDocument>", Some(Sniffed::Html)),
            (b"<!DOCTYPE html><p>", Some(Sniffed::Html)),
            (b"<?xml version=\"1.0\"?><svg onload=\"x\"/>", Some(Sniffed::Html)),
            (b"{\\rtf1 ", Some(Sniffed::Rtf)),
            (b"01380008220\r\n", Some(Sniffed::Xdt)),
            (b"80006310\r\n", Some(Sniffed::Xdt)),
            (b"MSH|^~\\&|", Some(Sniffed::Hl7v2)),
            (b"\xEF\xBB\xBF\r\nMSH#%~\\&#", Some(Sniffed::Hl7v2)),
            (b"\x0BMSH|^~\\&|", Some(Sniffed::Hl7v2)),
            (b"FHS|^~\\&|", Some(Sniffed::Hl7v2)),
            (b"MSH is short for", None),
            (b"hello", None),
            (b"", None),
        ];
        for (bytes, kind) in cases {
            assert_eq!(sniff(bytes), *kind, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
