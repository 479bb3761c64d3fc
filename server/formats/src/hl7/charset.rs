//! In which character set a message really is. The bytes win over what MSH-18 says.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1254};
use nahraum_domain::finding::Warning;

use crate::charset::beyond_ascii;

/// HL7 table 0211, the names that are ASCII-compatible. ISO 8859-1 and -9 are read as the supersets of Windows, as
/// the Encoding Standard does; the letters are the same.
const DECLARED: &[(&str, &Encoding)] = &[
    ("UNICODE UTF-8", UTF_8),
    ("UTF-8", UTF_8),
    ("8859/1", WINDOWS_1252),
    ("8859/2", encoding_rs::ISO_8859_2),
    ("8859/3", encoding_rs::ISO_8859_3),
    ("8859/4", encoding_rs::ISO_8859_4),
    ("8859/5", encoding_rs::ISO_8859_5),
    ("8859/6", encoding_rs::ISO_8859_6),
    ("8859/7", encoding_rs::ISO_8859_7),
    ("8859/8", encoding_rs::ISO_8859_8),
    ("8859/9", WINDOWS_1254),
    ("8859/15", encoding_rs::ISO_8859_15),
];

/// The encoding of a message, and whether that is not what it says of itself.
pub(super) fn of(bytes: &[u8], declared: &str) -> (&'static Encoding, Option<Warning>) {
    let known = DECLARED.iter().find(|(name, _)| name.eq_ignore_ascii_case(declared)).map(|(_, encoding)| *encoding);
    if bytes.is_ascii() {
        return (known.unwrap_or(UTF_8), None);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (UTF_8, (known != Some(UTF_8)).then_some(Warning::CharsetContradicts));
    }
    // ISO 8859 has nothing from 0x80 to 0x9F that would be written in a report; Windows has € and quotation marks.
    let of_windows = beyond_ascii(bytes).any(|byte| (0x80..=0x9F).contains(byte));
    match known.filter(|encoding| *encoding != UTF_8) {
        Some(encoding) if !of_windows => (encoding, None),
        Some(encoding) if encoding == WINDOWS_1254 => (encoding, Some(Warning::CharsetContradicts)),
        Some(_) | None => (WINDOWS_1252, Some(Warning::CharsetContradicts)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_win() {
        let name = |bytes: &[u8], declared: &str| {
            let (encoding, warning) = of(bytes, declared);
            (encoding.name(), warning.is_some())
        };
        assert_eq!(name(b"M\xFCller", "8859/1"), ("windows-1252", false));
        assert_eq!(name(b"M\xFCller", ""), ("windows-1252", true));
        assert_eq!(name(b"M\xFCller 12 \xA4", "8859/15"), ("ISO-8859-15", false));
        assert_eq!(name(b"M\xFCller 12 \x80", "8859/1"), ("windows-1252", true));
        assert_eq!(name(b"M\xFCller 12 \x80", "8859/15"), ("windows-1252", true));
        assert_eq!(name("Müller".as_bytes(), "UNICODE UTF-8"), ("UTF-8", false));
        assert_eq!(name("Müller".as_bytes(), ""), ("UTF-8", true));
        assert_eq!(name("Müller".as_bytes(), "8859/1"), ("UTF-8", true));
        assert_eq!(name(b"M\xFCller", "UNICODE UTF-8"), ("windows-1252", true));
        assert_eq!(name(b"Celik \xDE", "8859/9"), ("windows-1254", false), "Turkish letters");
        assert_eq!(name(b"Mueller", "ASCII"), ("UTF-8", false));
    }
}
