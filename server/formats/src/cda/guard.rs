//! The first pass over an XML text: what would cost the reader of XML more than its length is worth is refused before.
//!
//! The reader compares each attribute of an element with all others, copies the namespaces in force to each element that
//! declares one, and sets memory aside for every `<` and `=` in the text. So these are counted here, in one pass that keeps
//! nothing. Document types are refused because entities could make a small text endless, or fetch what lies elsewhere.

use memchr::{memchr, memchr_iter, memchr3, memmem};

use super::CdaRefusal;
use crate::refusal::Position;

/// In bytes. The longest upload that the server takes is shorter.
const MAX_LENGTH: usize = 40 << 20;

/// Real documents stay below 40.
const MAX_DEPTH: usize = 100;

/// Beginnings and ends of elements, comments and the like. Real documents have some ten thousand.
const MAX_TAGS: usize = 400_000;

/// Nodes that the reader may make: each tag may be followed by a text.
pub(super) const MAX_NODES: u32 = 800_001;

/// Signs `=` in the whole text, so at least as many as attributes.
const MAX_EQUALS: usize = 800_000;

/// Attributes of one element. Real ones have up to ten.
const MAX_ATTRIBUTES: usize = 50;

/// Namespaces in force at one place. Real documents have up to ten.
const MAX_NAMESPACES: usize = 50;

/// Checks the text.
pub(super) fn check(text: &str) -> Result<(), CdaRefusal> {
    let bytes = text.as_bytes();
    if bytes.len() > MAX_LENGTH || memchr_iter(b'=', bytes).count() > MAX_EQUALS {
        return Err(CdaRefusal::TooLarge);
    }
    let mut open = Open::default();
    let (mut at, mut tags) = (0, 0_usize);
    while let Some(start) = bytes.get(at..).and_then(|rest| memchr(b'<', rest)).map(|found| at + found) {
        tags += 1;
        if tags > MAX_TAGS {
            return Err(CdaRefusal::TooLarge);
        }
        let rest = bytes.get(start..).unwrap_or_default();
        let end = match rest {
            [b'<', b'!', b'-', b'-', ..] => behind(rest, b"-->", 4),
            [b'<', b'!', b'[', ..] => behind(rest, b"]]>", 3),
            [b'<', b'?', ..] => behind(rest, b"?>", 2),
            [b'<', b'!', b'A'..=b'Z' | b'a'..=b'z', ..] => return Err(CdaRefusal::Doctype(place(text, start))),
            [b'<', b'/', ..] => {
                open.leave();
                behind(rest, b">", 2)
            }
            _ => Tag::read(rest).map(|tag| open.enter(&tag).map(|()| tag.length)).transpose(),
        };
        let end = match end {
            Ok(end) => end,
            Err(Excess::Depth) => return Err(CdaRefusal::TooDeep(place(text, start))),
            Err(Excess::Width) => return Err(CdaRefusal::TooLarge),
        };
        at = start + end.ok_or_else(|| CdaRefusal::Truncated(place(text, bytes.len())))?;
    }
    if open.namespaces.is_empty() { Ok(()) } else { Err(CdaRefusal::Truncated(place(text, bytes.len()))) }
}

enum Excess {
    Depth,
    Width,
}

/// Where something ends that begins with `from` bytes of its own. `Ok(None)`: nowhere.
#[expect(clippy::unnecessary_wraps, reason = "one of several ways in which an end is looked for")]
fn behind(rest: &[u8], end: &[u8], from: usize) -> Result<Option<usize>, Excess> {
    Ok(rest.get(from..).and_then(|rest| memmem::find(rest, end)).map(|found| from + found + end.len()))
}

/// The elements that are open, each with the number of namespaces that it declares.
#[derive(Default)]
struct Open {
    namespaces: Vec<usize>,
    in_force: usize,
}

impl Open {
    fn enter(&mut self, tag: &Tag) -> Result<(), Excess> {
        if tag.attributes > MAX_ATTRIBUTES || self.in_force + tag.namespaces > MAX_NAMESPACES {
            return Err(Excess::Width);
        }
        if !tag.is_empty {
            self.namespaces.push(tag.namespaces);
            self.in_force += tag.namespaces;
        }
        if self.namespaces.len() > MAX_DEPTH { Err(Excess::Depth) } else { Ok(()) }
    }

    /// An end without a beginning is left to the reader.
    fn leave(&mut self) {
        self.in_force -= self.namespaces.pop().unwrap_or_default();
    }
}

/// The beginning of an element.
struct Tag {
    length: usize,
    attributes: usize,
    namespaces: usize,
    is_empty: bool,
}

impl Tag {
    /// `None`: it does not end.
    fn read(rest: &[u8]) -> Option<Self> {
        let (mut at, mut attributes) = (1, 0);
        loop {
            let found = at + memchr3(b'>', b'"', b'\'', rest.get(at..)?)?;
            let sign = *rest.get(found)?;
            if sign == b'>' {
                let tag = rest.get(..found)?;
                let namespaces = memmem::find_iter(tag, b"xmlns").count();
                return Some(Self { length: found + 1, attributes, namespaces, is_empty: tag.ends_with(b"/") });
            }
            attributes += 1;
            at = found + 1 + memchr(sign, rest.get(found + 1..)?)? + 1;
        }
    }
}

/// Line and column of a byte.
pub(super) fn place(text: &str, offset: usize) -> Position {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let line = memchr_iter(b'\n', before).count() + 1;
    let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |end| end + 1) + 1;
    Position { line: Some(line), column: Some(column), pointer: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        check(text).map_or_else(|refusal| refusal.code(), |()| "sound")
    }

    #[test]
    fn real_forms_pass() {
        let text = "<?xml version='1.0'?><!-- <a> --><a b='>' c=\"'\"><![CDATA[<b>]]><c/><d xmlns:x='y'>&lt;</d></a>";
        assert_eq!(code(text), "sound");
        assert_eq!(code("</a></a>"), "sound", "what is not well-formed is left to the reader");
    }

    #[test]
    fn document_types_and_what_is_declared_in_them_are_refused_with_their_place() {
        for text in
            ["<?xml version='1.0'?>\n<!DOCTYPE a>", "<a>\n<!ENTITY b 'c'>", "<!-- -->\n<!doctype a [<!ENTITY x 'y'>]>"]
        {
            let Err(CdaRefusal::Doctype(position)) = check(text) else { panic!("{text}") };
            assert_eq!((position.line, position.column), (Some(2), Some(1)), "{text}");
        }
    }

    #[test]
    fn what_breaks_off_is_told_from_what_is_too_much() {
        for text in ["<a>", "<a b='c", "<a", "<!-- ", "<a><![CDATA[", "<a></a", "<?xml", "<a><b></b>"] {
            assert_eq!(code(text), "cda-truncated", "{text}");
        }
        assert_eq!(code(&format!("{}{}", "<a>".repeat(100), "</a>".repeat(100))), "sound");
        assert_eq!(code(&"<a>".repeat(101)), "cda-too-deep");
        assert_eq!(code(&"<a>".repeat(1_000_000)), "cda-too-deep");
        assert_eq!(code(&"<a/>".repeat(400_001)), "cda-too-large");
        assert_eq!(code(&"=".repeat(800_001)), "cda-too-large");
        let attributes = |count: usize| format!("<a {}/>", "b='' ".repeat(count));
        assert_eq!((code(&attributes(50)), code(&attributes(51))), ("sound", "cda-too-large"));
        let nested = |count: usize| format!("{}{}", "<a xmlns:b='c'>".repeat(count), "</a>".repeat(count));
        assert_eq!((code(&nested(50)), code(&nested(51))), ("sound", "cda-too-large"));
        assert_eq!(code(&"<a xmlns:b='c'/>".repeat(1000)), "sound", "namespaces end with their element");
        assert_eq!(code(&" ".repeat(MAX_LENGTH + 1)), "cda-too-large");
    }
}
