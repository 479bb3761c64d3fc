//! What messages come wrapped in: MLLP frames, batches, byte order marks, and every kind of line end.
//!
//! Works on bytes, because each message says its own character set. Everything that wraps is ASCII in all of them.

use super::Hl7Refusal;
use crate::refusal::Position;

/// Start and end of a frame of the Minimal Lower Layer Protocol.
const FRAME_START: u8 = 0x0B;
const FRAME_END: u8 = 0x1C;

/// One message, still as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wrapped<'a> {
    /// From `MSH` to the last byte before the next message or trailer.
    pub(super) bytes: &'a [u8],
    /// Where these bytes stand in the file.
    pub(super) start: usize,
    /// The line of its `MSH`, from 1.
    pub(super) line: usize,
    /// Whether it ends because the file does, and nothing says that this is its end.
    pub(super) open: bool,
}

/// Whether bytes begin like an HL7 v2 file: a header segment, whatever its delimiters.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let Some((name, rest)) = bytes.split_at_checked(3) else { return false };
    let punctuation = |at: usize| rest.get(at).is_some_and(u8::is_ascii_punctuation);
    matches!(name, b"MSH" | b"FHS" | b"BHS") && punctuation(0) && punctuation(1)
}

/// The messages of a file, in its order.
pub(super) fn messages(bytes: &[u8]) -> Result<Vec<Wrapped<'_>>, Hl7Refusal> {
    let (file, bytes) = (bytes, bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    let skipped = file.len() - bytes.len();
    let mut unwrapping =
        Unwrapping { bytes, skipped, messages: Vec::new(), begun: None, framed: false, batches: Vec::new() };
    let mut last = 1;
    for (start, line, number) in lines(bytes) {
        unwrapping.line(start, line, number)?;
        last = number;
    }
    unwrapping.finish(last)
}

/// The state while a file is walked through.
struct Unwrapping<'a> {
    bytes: &'a [u8],
    /// How many bytes of the file were in front of these.
    skipped: usize,
    messages: Vec<Wrapped<'a>>,
    /// Where the message began that is being read, and its line.
    begun: Option<(usize, usize)>,
    /// Whether a frame is open.
    framed: bool,
    /// The open headers of files and batches, and how many messages there were before each.
    batches: Vec<(&'static [u8], usize)>,
}

impl<'a> Unwrapping<'a> {
    fn line(&mut self, start: usize, line: &[u8], number: usize) -> Result<(), Hl7Refusal> {
        let (mut start, mut line) = (start, line);
        while let [first @ (FRAME_START | FRAME_END), rest @ ..] = line {
            self.frame(*first == FRAME_START, start, number)?;
            (start, line) = (start + 1, rest);
        }
        // A frame may end behind the last segment without a line end between.
        let closed = line.strip_suffix(&[FRAME_END]);
        let line = closed.unwrap_or(line);
        match line {
            _ if line.trim_ascii().is_empty() => {}
            [b'M', b'S', b'H', ..] if is_header(line) => {
                self.end(start);
                self.begun = Some((start, number));
            }
            [b'F', b'H', b'S', ..] if is_header(line) => self.open(b"FTS", start),
            [b'B', b'H', b'S', ..] if is_header(line) => self.open(b"BTS", start),
            [b'B', b'T', b'S', rest @ ..] if is_trailer(rest) => self.close(b"BTS", rest, start, number)?,
            [b'F', b'T', b'S', rest @ ..] if is_trailer(rest) => self.close(b"FTS", rest, start, number)?,
            _ if self.begun.is_none() => return Err(Hl7Refusal::NoHeader(Position::at_line(number))),
            _ => {}
        }
        if closed.is_some() {
            self.frame(false, start + line.len(), number)?;
        }
        Ok(())
    }

    fn frame(&mut self, opens: bool, place: usize, number: usize) -> Result<(), Hl7Refusal> {
        // A frame inside a frame: the end of the first one is missing.
        if opens && self.framed {
            return Err(Hl7Refusal::Truncated(Position::at_line(number)));
        }
        self.end(place);
        self.framed = opens;
        Ok(())
    }

    fn open(&mut self, trailer: &'static [u8], place: usize) {
        self.end(place);
        self.batches.push((trailer, self.messages.len()));
    }

    /// A trailer ends what the header of its kind began; a batch says how many messages it had.
    fn close(&mut self, trailer: &[u8], rest: &[u8], place: usize, number: usize) -> Result<(), Hl7Refusal> {
        self.end(place);
        let (kind, before) = self.batches.pop().ok_or(Hl7Refusal::NoHeader(Position::at_line(number)))?;
        if kind != trailer {
            return Err(Hl7Refusal::Truncated(Position::at_line(number)));
        }
        let told: String = rest.iter().skip(1).take_while(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
        let counted = self.messages.len() - before;
        if trailer == b"BTS" && told.parse().is_ok_and(|told: usize| told != counted) {
            return Err(Hl7Refusal::CountDiffers(Position::at_line(number)));
        }
        Ok(())
    }

    fn end(&mut self, place: usize) {
        if let Some((start, line)) = self.begun.take() {
            let bytes = self.bytes.get(start..place).unwrap_or_default();
            self.messages.push(Wrapped { bytes, start: start + self.skipped, line, open: false });
        }
    }

    fn finish(mut self, last: usize) -> Result<Vec<Wrapped<'a>>, Hl7Refusal> {
        let open = self.begun.is_some();
        self.end(self.bytes.len());
        if let Some(last) = self.messages.last_mut().filter(|_| open) {
            last.open = true;
        }
        if self.framed || !self.batches.is_empty() {
            return Err(Hl7Refusal::Truncated(Position::at_line(last)));
        }
        Ok(self.messages)
    }
}

/// `BTS`, alone or with fields.
fn is_trailer(rest: &[u8]) -> bool {
    rest.first().is_none_or(u8::is_ascii_punctuation)
}

/// Lines with their offset and number. CR, LF and CR LF end one, the last line may have no end.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8], usize)> {
    let (mut at, mut number) = (0, 0);
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let start = at;
        let length = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
        let end = match rest.get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            Some([]) | None => 0,
        };
        at = start + length + end;
        number += 1;
        Some((start, rest.get(..length).unwrap_or_default(), number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(text: &str) -> Result<Vec<(usize, String)>, Hl7Refusal> {
        let found = messages(text.as_bytes())?;
        Ok(found.iter().map(|m| (m.line, String::from_utf8(m.bytes.to_vec()).unwrap())).collect())
    }

    fn parts(text: &str) -> Vec<String> {
        unwrapped(text).unwrap().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn frames_batches_marks_and_line_ends_come_off() {
        assert_eq!(parts("MSH|^~\\&|A\rPID|1\r"), ["MSH|^~\\&|A\rPID|1\r"]);
        assert_eq!(parts("\u{FEFF}\n\nMSH|^~\\&|A\nPID|1"), ["MSH|^~\\&|A\nPID|1"]);
        assert_eq!(parts("\x0BMSH|^~\\&|A\rPID|1\r\x1C\r"), ["MSH|^~\\&|A\rPID|1\r"]);
        assert_eq!(parts("\x0BMSH|^~\\&|A\x1C\r\x0BMSH|^~\\&|B\r\x1C"), ["MSH|^~\\&|A", "MSH|^~\\&|B\r"]);
        let batch = "FHS|^~\\&|L\rBHS|^~\\&|L\rMSH|^~\\&|A\rMSH|^~\\&|B\rBTS|2\rFTS|1\r";
        assert_eq!(parts(batch), ["MSH|^~\\&|A\r", "MSH|^~\\&|B\r"]);
        assert_eq!(unwrapped("\r\n\r\nMSH|^~\\&|A\r\nMSH|^~\\&|B").unwrap()[1].0, 4, "CR LF is one line end");
        assert_eq!(parts("MSH$%~\\&$A\r"), ["MSH$%~\\&$A\r"]);
    }

    #[test]
    fn what_breaks_off_is_told_from_what_is_whole() {
        let refusal = |text: &str| unwrapped(text).unwrap_err();
        assert_eq!(refusal("\x0BMSH|^~\\&|A\rPID|1\r"), Hl7Refusal::Truncated(Position::at_line(2)));
        assert_eq!(refusal("\x0BMSH|^~\\&|A\r\x0BMSH|^~\\&|B\r\x1C\r"), Hl7Refusal::Truncated(Position::at_line(2)));
        assert_eq!(refusal("BHS|^~\\&|L\rMSH|^~\\&|A\r"), Hl7Refusal::Truncated(Position::at_line(2)));
        assert_eq!(refusal("BHS|^~\\&|L\rMSH|^~\\&|A\rBTS|2\r"), Hl7Refusal::CountDiffers(Position::at_line(3)));
        assert_eq!(refusal("PID|1\rMSH|^~\\&|A\r"), Hl7Refusal::NoHeader(Position::at_line(1)));
        assert_eq!(refusal("BTS|1\r"), Hl7Refusal::NoHeader(Position::at_line(1)));
    }
}
