//! Segments, fields, repetitions, components and escapes of one message (HL7 2.5, chapter 2).
//!
//! Our own hundred lines and no library: `docs/decisions/0037` says why.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::wrapping::lines;

/// What separates what, and in which encoding `\X..\` is meant. MSH-1 and MSH-2 say it for each message anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Syntax {
    field: char,
    component: char,
    repetition: char,
    escape: char,
    subcomponent: char,
    encoding: &'static Encoding,
}

impl Syntax {
    /// The delimiters of a message that begins with `MSH`. What MSH-2 leaves out is as usual.
    pub(super) fn of(header: &str, encoding: &'static Encoding) -> Option<Self> {
        let mut signs = header.chars().skip(3);
        let field = signs.next().filter(char::is_ascii_punctuation)?;
        let mut signs = signs.take_while(|c| *c != field && !c.is_control());
        let mut next = |usual: char| signs.next().unwrap_or(usual);
        let (component, repetition, escape, subcomponent) = (next('^'), next('~'), next('\\'), next('&'));
        Some(Self { field, component, repetition, escape, subcomponent, encoding })
    }
}

/// One segment, with its line in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'m> {
    /// Its name, and what stands behind each delimiter.
    fields: &'m [&'m str],
    syntax: Syntax,
    pub(super) line: usize,
}

/// The segments of a message, split into fields once: each is asked for many of them.
#[derive(Debug)]
pub(super) struct Segments<'m> {
    /// The fields of all segments, one behind the other: 16 bytes for each delimiter, of one message at a time.
    fields: Vec<&'m str>,
    /// For each segment how many of the fields are its own, and its line.
    cuts: Vec<(usize, usize)>,
    syntax: Syntax,
}

/// How many characters of a name are kept.
const BRIEF: usize = 250;

/// A part of a segment, still with its escapes: a field, a repetition, a component or a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'m> {
    raw: &'m str,
    syntax: Syntax,
}

impl<'m> Segment<'m> {
    /// The name, such as `OBX`.
    pub(super) fn name(&self) -> &'m str {
        self.fields.first().and_then(|name| name.get(..3)).unwrap_or_default()
    }

    /// A field by the number the standard gives it.
    pub(super) fn field(&self, number: usize) -> Part<'m> {
        // MSH-1 is the delimiter itself.
        let at = if self.name() == "MSH" { number.saturating_sub(1) } else { number };
        let raw = self.fields.get(at).copied().unwrap_or_default();
        Part { raw, syntax: self.syntax }
    }

    /// The words of a component of a field's first repetition.
    pub(super) fn words(&self, field: usize, component: usize) -> Option<Cow<'m, str>> {
        self.field(field).first().component(component).words()
    }

    /// How many fields were sent, the name not counted.
    pub(super) const fn fields(&self) -> usize {
        self.fields.len().saturating_sub(1)
    }
}

impl<'m> Part<'m> {
    /// Whether nothing was sent; `""` says that there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        let raw = self.raw.trim();
        raw.is_empty() || raw == "\"\""
    }

    /// The repetitions of a field, at least one.
    pub(super) fn repetitions(&self) -> impl Iterator<Item = Self> + use<'m> {
        self.split(self.syntax.repetition)
    }

    /// The first repetition.
    pub(super) fn first(&self) -> Self {
        self.repetitions().next().unwrap_or(*self)
    }

    /// A component by its number, from 1.
    pub(super) fn component(&self, number: usize) -> Self {
        self.nth(self.syntax.component, number)
    }

    /// A part of a component by its number, from 1.
    pub(super) fn subcomponent(&self, number: usize) -> Self {
        self.nth(self.syntax.subcomponent, number)
    }

    /// The words of all components.
    pub(super) fn components(&self) -> impl Iterator<Item = Option<Cow<'m, str>>> + use<'m> {
        self.split(self.syntax.component).map(|part| part.words())
    }

    /// As it was sent.
    pub(super) const fn raw(&self) -> &'m str {
        self.raw
    }

    /// Without escapes, in lines without control characters; nothing if nothing was sent.
    pub(super) fn words(&self) -> Option<Cow<'m, str>> {
        if self.is_empty() {
            return None;
        }
        let words = match self.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Some(words).filter(|words| !words.is_empty())
    }

    /// The words of what is repeated with many findings or values, such as a name: no longer than any real one, so that a
    /// file cannot become larger by being read.
    pub(super) fn brief(&self) -> Option<String> {
        if self.raw.len() <= BRIEF {
            return self.words().map(Cow::into_owned);
        }
        let end = self.raw.char_indices().map(|(at, _)| at).nth(BRIEF).unwrap_or(self.raw.len());
        Self { raw: self.raw.get(..end).unwrap_or_default(), syntax: self.syntax }.words().map(Cow::into_owned)
    }

    /// Without escapes; the white space at the ends stays, because it may lay out a text.
    pub(super) fn text(&self) -> Cow<'m, str> {
        let (raw, escape) = (self.raw, self.syntax.escape);
        // Bytes are looked at faster than characters, and nearly all text is ASCII.
        let is_changed = if raw.is_ascii() {
            raw.bytes().map(char::from).any(|c| c == escape || (c.is_ascii_control() && !matches!(c, '\n' | '\t')))
        } else {
            raw.chars().any(|c| c == escape || is_unwanted(c))
        };
        if is_changed {
            return Cow::Owned(plain(&self.unescaped()));
        }
        Cow::Borrowed(self.raw)
    }

    fn split(&self, at: char) -> impl Iterator<Item = Self> + use<'m> {
        let syntax = self.syntax;
        split(self.raw, at).map(move |raw| Self { raw, syntax })
    }

    fn nth(&self, at: char, number: usize) -> Self {
        let raw = number.checked_sub(1).and_then(|n| split(self.raw, at).nth(n)).unwrap_or_default();
        Self { raw, syntax: self.syntax }
    }

    fn unescaped(&self) -> String {
        let escape = self.syntax.escape;
        let mut text = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        while let Some((before, after)) = rest.split_once(escape) {
            text.push_str(before);
            let meant = after.split_once(escape).and_then(|(code, tail)| Some((self.meaning(code)?, tail)));
            rest = match meant {
                Some((meaning, tail)) => {
                    text.push_str(&meaning);
                    tail
                }
                // An escape that nobody knows is kept as it is: it may be a backslash that was never escaped.
                None => {
                    text.push(escape);
                    after
                }
            };
        }
        text.push_str(rest);
        text
    }

    /// What stands for an escape (HL7 2.5, section 2.7).
    fn meaning(&self, code: &str) -> Option<String> {
        let sign = match code {
            "F" => self.syntax.field,
            "S" => self.syntax.component,
            "T" => self.syntax.subcomponent,
            "R" => self.syntax.repetition,
            "E" => self.syntax.escape,
            ".br" | ".sp" => '\n',
            // Begin and end of what is highlighted.
            "H" | "N" => return Some(String::new()),
            _ => {
                let bytes = hex(code.strip_prefix('X')?)?;
                return Some(self.syntax.encoding.decode_without_bom_handling(&bytes).0.into_owned());
            }
        };
        Some(sign.to_string())
    }
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let pairs = digits.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(value(*high)? * 16 + value(*low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

/// Every line end as `\n`, and no other control character but tabs.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.contains(is_unwanted) {
        return text.chars().filter(|c| !is_unwanted(*c)).collect();
    }
    text
}

/// A control character that lays nothing out.
fn is_unwanted(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
}

/// As `str::split`, which takes longer to begin than most parts are long.
fn split(text: &str, at: char) -> impl Iterator<Item = &str> {
    let ascii = u8::try_from(at).ok().filter(u8::is_ascii);
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let cut = match ascii {
            Some(byte) => memchr::memchr(byte, text.as_bytes()),
            None => text.find(at),
        };
        let Some(cut) = cut else { return rest.take() };
        rest = text.get(cut + at.len_utf8()..);
        text.get(..cut)
    })
}

impl<'m> Segments<'m> {
    /// Takes a message apart.
    ///
    /// A line that begins no segment belongs to the one before it: some senders put line ends into their texts.
    pub(super) fn of(message: &'m str, syntax: Syntax, first_line: usize) -> Self {
        let begins = |(start, line, number): (usize, &[u8], usize)| {
            let text = message.get(start..start + line.len())?;
            begins_segment(text, syntax).then_some((start, first_line + number - 1))
        };
        let starts: Vec<(usize, usize)> = lines(message.as_bytes()).filter_map(begins).collect();
        let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([message.len()]);
        let delimiters =
            u8::try_from(syntax.field).map_or(0, |sign| memchr::memchr_iter(sign, message.as_bytes()).count());
        let mut fields = Vec::with_capacity(delimiters + starts.len());
        let mut cuts = Vec::with_capacity(starts.len());
        for ((start, line), end) in starts.iter().zip(ends) {
            let text = message.get(*start..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
            let before = fields.len();
            fields.extend(split(text, syntax.field));
            cuts.push((fields.len() - before, *line));
        }
        Self { fields, cuts, syntax }
    }

    /// All of them, in the order of the message.
    pub(super) fn all(&self) -> Vec<Segment<'_>> {
        let mut rest = self.fields.as_slice();
        let segment = |(count, line): &(usize, usize)| {
            let fields = rest.split_off(..*count).unwrap_or_default();
            Segment { fields, syntax: self.syntax, line: *line }
        };
        self.cuts.iter().map(segment).collect()
    }
}

fn begins_segment(line: &str, syntax: Syntax) -> bool {
    let Some((name, rest)) = line.split_at_checked(3) else { return false };
    let named = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    named && rest.chars().next().is_none_or(|c| c == syntax.field || c.is_control())
}

/// Whether the end of a message is missing: its last line has no end, and is no whole segment or a result without status.
pub(super) fn breaks_off(message: &str, segments: &[Segment<'_>]) -> bool {
    if message.ends_with(['\r', '\n']) {
        return false;
    }
    let last_line = message.rsplit(['\r', '\n']).next().unwrap_or_default();
    let Some(last) = segments.last() else { return true };
    let begun = last_line.len() <= 3 && last_line.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    begun || (last.name() == "OBX" && last.fields() < STATUS)
}

/// OBX-11, which every result has (HL7 2.5, section 7.4.2).
const STATUS: usize = 11;

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{UTF_8, WINDOWS_1252};

    const HEADER: &str = "MSH|^~\\&|LIS|LAB";

    fn message(text: &str) -> (String, Syntax) {
        (text.to_owned(), Syntax::of(HEADER, WINDOWS_1252).unwrap())
    }

    fn words(raw: &str) -> Option<String> {
        let (text, syntax) = message(&format!("OBX|{raw}"));
        Segments::of(&text, syntax, 1).all()[0].field(1).words().map(Cow::into_owned)
    }

    #[test]
    fn escapes_are_undone_and_unknown_ones_stay() {
        for (raw, meant) in [
            ("10\\S\\9/l", "10^9/l"),
            ("a\\F\\b\\T\\c\\R\\d\\E\\e", "a|b&c~d\\e"),
            ("one\\.br\\two", "one\ntwo"),
            ("\\H\\loud\\N\\", "loud"),
            ("\\XE4\\\\X0D0A\\x", "ä\nx"),
            ("\\X00\\a\\X1B\\b", "ab"),
            ("\\.unknown\\ \\Q\\ \\XZ\\ \\X\\", "\\.unknown\\ \\Q\\ \\XZ\\ \\X\\"),
            ("C:\\Temp", "C:\\Temp"),
            ("\\E\\S\\E\\", "\\S\\"),
            ("Haut & Haar", "Haut & Haar"),
        ] {
            assert_eq!(words(raw).as_deref(), Some(meant), "{raw}");
        }
        assert_eq!(words("\"\""), None, "deleted");
        assert_eq!(words("  "), None);
    }

    #[test]
    fn hexadecimal_bytes_are_of_the_messages_encoding() {
        let syntax = Syntax::of(HEADER, UTF_8).unwrap();
        assert_eq!(Part { raw: "\\XC3A4\\", syntax }.words().as_deref(), Some("ä"));
    }

    #[test]
    fn fields_are_counted_as_in_the_standard() {
        let (text, syntax) = message("MSH|^~\\&|LIS|LAB\rPID|1||7^^^K^PI~X^^^&1.2&ISO^NI||Beispiel&von^Ada\r\nZZZ\r");
        let all = Segments::of(&text, syntax, 4);
        let all = all.all();
        assert_eq!(all.iter().map(|s| (s.name(), s.line)).collect::<Vec<_>>(), [("MSH", 4), ("PID", 5), ("ZZZ", 6)]);
        assert_eq!(all[0].words(3, 1).as_deref(), Some("LIS"));
        assert_eq!(all[0].field(2).raw(), "^~\\&");
        let numbers = all[1].field(3);
        let of: Vec<_> = numbers.repetitions().map(|r| (r.component(1).words(), r.component(5).words())).collect();
        assert_eq!(of, [(Some("7".into()), Some("PI".into())), (Some("X".into()), Some("NI".into()))]);
        let authority = numbers.repetitions().nth(1).unwrap().component(4);
        assert_eq!(authority.subcomponent(2).words().as_deref(), Some("1.2"));
        assert_eq!(all[1].field(5).first().component(1).subcomponent(1).words().as_deref(), Some("Beispiel"));
        assert!(all[1].field(99).is_empty());
    }

    #[test]
    fn other_delimiters_are_read_from_the_header() {
        let syntax = Syntax::of("MSH#%!/*#LIS", UTF_8).unwrap();
        let all = Segments::of("MSH#%!/*#LIS\rOBX#a%b*c!d#x/S/y", syntax, 1);
        let all = all.all();
        assert_eq!(all[1].field(1).repetitions().nth(1).and_then(|r| r.words()).as_deref(), Some("d"));
        assert_eq!(all[1].field(1).first().component(2).subcomponent(2).words().as_deref(), Some("c"));
        assert_eq!(all[1].words(2, 1).as_deref(), Some("x%y"));
        assert!(Syntax::of("MSHX", UTF_8).is_none());
    }

    #[test]
    fn a_line_that_begins_no_segment_belongs_to_the_text_before() {
        let (text, syntax) = message("OBX|one\ntwo\nand three|F\rNTE|1\r");
        assert_eq!(Segments::of(&text, syntax, 1).all().len(), 2);
        assert_eq!(Segments::of(&text, syntax, 1).all()[0].words(1, 1).as_deref(), Some("one\ntwo\nand three"));
    }

    #[test]
    fn a_message_that_breaks_off_is_noticed() {
        let off = |text: &str| {
            let (text, syntax) = message(text);
            breaks_off(&text, &Segments::of(&text, syntax, 1).all())
        };
        let whole = "OBX|1|NM|K^Kalium||4.2|mmol/l|3.5-5.1|N|||F";
        assert!(!off(whole), "the last line end is often lost");
        assert!(off("OBX|1|NM|K^Kalium||4.2|mmol"));
        assert!(off(&format!("{whole}\rOB")));
        assert!(off(&format!("{whole}\rOBX")));
        assert!(!off("OBX|1|NM|K^Kalium||4.2\r"));
    }
}
