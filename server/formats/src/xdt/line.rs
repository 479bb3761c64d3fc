//! The lines of an xDT file: three digits of length, four of a field, its content, CR and LF.
//!
//! The length is compared and never used to find the next line: in real files it is often wrong, because something on
//! the way has changed the characters or the line ends. Some devices leave the length out altogether.

use std::fmt;

use memchr::memchr_iter;
use nahraum_domain::finding::Warning;

use super::XdtRefusal;
use crate::read::Warnings;
use crate::refusal::Position;

/// No file that can be uploaded has more: a document of 25 MiB takes half a million. A line is short and what is noted about it is
/// not, so this bounds the memory too.
const MAX_LINES: usize = 600_000;

/// One line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub(super) number: usize,
    /// Where it begins in the file, in bytes.
    pub(super) start: usize,
    /// The field, e.g. 8420.
    pub(super) field: u16,
    /// The bytes after it, without the line end.
    pub(super) content: &'a [u8],
}

/// Where it is and which, never what it says.
impl fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({}, field {:04})", self.number, self.field)
    }
}

impl Line<'_> {
    /// How many bytes the line has, with everything around its content.
    pub(super) const fn length(&self) -> usize {
        self.content.len() + 9
    }

    /// Where it stands, for a refusal.
    pub(super) fn position(&self) -> Position {
        Position::at_line(self.number)
    }
}

/// Splits a file into its lines. Blank ones and the end mark of MS-DOS are left out.
pub(super) fn split<'a>(bytes: &'a [u8], warnings: &mut Warnings) -> Result<Vec<Line<'a>>, XdtRefusal> {
    let mut start = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let has_lengths = !bytes.get(start..).unwrap_or_default().starts_with(b"8000");
    let mut lines = Vec::with_capacity(memchr_iter(b'\n', bytes).count().min(MAX_LINES));
    let ends = memchr_iter(b'\n', bytes).chain([bytes.len()]);
    for (index, end) in ends.enumerate() {
        let (first, raw) = (start, bytes.get(start..end).unwrap_or_default());
        start = end + 1;
        let content = raw.strip_suffix(b"\r").unwrap_or(raw);
        if content.iter().all(|byte| matches!(byte, b' ' | b'\r' | 0x1A | 0)) {
            continue;
        }
        // The last line may lack its end altogether; that is not worth a word.
        if raw.len() == content.len() && end < bytes.len() {
            warnings.add(Warning::LineFeedOnly);
        }
        if lines.len() == MAX_LINES {
            return Err(XdtRefusal::TooMany);
        }
        let number = index + 1;
        let line = line(content, has_lengths, warnings).ok_or_else(|| XdtRefusal::Line(Position::at_line(number)))?;
        lines.push(Line { number, start: first, ..line });
    }
    Ok(lines)
}

fn line<'a>(bytes: &'a [u8], has_length: bool, warnings: &mut Warnings) -> Option<Line<'a>> {
    let (length, rest) = if has_length { bytes.split_at_checked(3)? } else { (&b""[..], bytes) };
    let (field, content) = rest.split_at_checked(4)?;
    let line = Line { number: 0, start: 0, field: u16::try_from(digits(field)?).ok()?, content };
    if has_length && digits(length)? != line.length() {
        warnings.add(Warning::LineLengthWrong);
    }
    Some(line)
}

/// Whether an xDT file of any kind begins like this: a first line with the field 8000, with or without its length.
pub(crate) fn is_first(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let of = |offset: usize| bytes.get(offset..offset + 4).and_then(digits);
    let code = |offset: usize| bytes.get(offset + 4..offset + 8).and_then(digits);
    let with_length = bytes.get(..3).and_then(digits).is_some() && of(3) == Some(8000) && code(3).is_some();
    with_length || (of(0) == Some(8000) && code(0).is_some())
}

/// A number in decimal digits and nothing else.
pub(super) fn digits(bytes: &[u8]) -> Option<usize> {
    if bytes.is_empty() || bytes.len() > 15 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |number: usize, digit: &u8| number.checked_mul(10)?.checked_add(usize::from(digit - b'0'));
    bytes.iter().try_fold(0, add)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number, field and content.
    type Told = (usize, u16, Vec<u8>);

    fn read(text: &[u8]) -> (Vec<Told>, Vec<Warning>) {
        let mut warnings = Warnings::default();
        let lines = split(text, &mut warnings).unwrap();
        (lines.into_iter().map(|l| (l.number, l.field, l.content.to_vec())).collect(), warnings.0)
    }

    #[test]
    fn a_line_is_its_field_and_its_content() {
        let (lines, warnings) = read(b"01380006310\r\n0153101M\xFCller\r\n\r\n01084201\r\n\x1A");
        assert_eq!(lines, [(1, 8000, b"6310".to_vec()), (2, 3101, b"M\xFCller".to_vec()), (4, 8420, b"1".to_vec())]);
        assert_eq!(warnings, []);
    }

    #[test]
    fn wrong_lengths_and_line_ends_are_told_and_read() {
        let (lines, warnings) = read(b"01380006310\n9993101M\xC3\xBCller");
        assert_eq!((lines.len(), lines[1].2.as_slice()), (2, "Müller".as_bytes()));
        assert_eq!(warnings, [Warning::LineFeedOnly, Warning::LineLengthWrong]);
        let (lines, warnings) = read(b"80006310\r\n3101Beispiel\r\n");
        assert_eq!((lines[1].1, lines[1].2.as_slice(), warnings.len()), (3101, &b"Beispiel"[..], 0));
    }

    #[test]
    fn what_is_no_line_is_refused_with_its_place() {
        for text in [&b"01380006310\r\nBefund\r\n"[..], b"01380006310\r\n012 3632079", b"01380006310\r\n0123"] {
            assert_eq!(split(text, &mut Warnings::default()), Err(XdtRefusal::Line(Position::at_line(2))));
        }
        let many = b"0098000\n".repeat(MAX_LINES + 1);
        assert_eq!(split(&many, &mut Warnings::default()), Err(XdtRefusal::TooMany));
    }

    #[test]
    fn the_first_line_gives_the_kind_away() {
        for text in [&b"01380008220\r\n"[..], b"80006310\r\n", b"\xEF\xBB\xBF01380006310"] {
            assert!(is_first(text));
        }
        for text in [&b"0138220"[..], b"8000", b"013800abcd", b"hello", b""] {
            assert!(!is_first(text));
        }
    }
}
