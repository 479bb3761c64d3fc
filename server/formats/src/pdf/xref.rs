//! The cross-reference chain of a PDF (ISO 32000-1, 7.5.4, 7.5.5, 7.5.8): who is the root, is anything encrypted.

use memchr::memmem;

use super::token::{Dictionary, Lexer, Token};

/// More revisions than any real file has.
const MAX_SECTIONS: usize = 256;

/// How far before a name `/XRef` its object may begin.
const BACKWARD_WINDOW: usize = 2048;

/// What the trailers of a file say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Trailers {
    /// Some trailer names an encryption dictionary.
    pub(super) encrypted: bool,
    /// The newest catalogue named.
    pub(super) root: Option<(u64, u64)>,
}

impl Trailers {
    fn add(&mut self, dictionary: &Dictionary<'_>) {
        self.encrypted |= dictionary.has(b"Encrypt");
        self.root = self.root.or_else(|| dictionary.reference(b"Root"));
    }
}

/// Follows `/Prev` and `/XRefStm` from the section at `start`. `None`: there is no cross-reference at `start`.
///
/// Every section is read once; all of them together may cost no more than a few times the file's length.
pub(super) fn follow(bytes: &[u8], start: usize) -> Option<Trailers> {
    let mut trailers = Trailers::default();
    let mut visited = vec![start];
    let mut next = 0;
    let mut budget = bytes.len().saturating_mul(3).saturating_add(1 << 20);
    while let Some(&offset) = visited.get(next) {
        next += 1;
        let (dictionary, cost) = section(bytes, offset, budget);
        budget = budget.saturating_sub(cost);
        let Some(dictionary) = dictionary else {
            if offset == start || budget == 0 {
                return None;
            }
            continue; // a wrong /Prev is common (often 0) and harms nobody
        };
        trailers.add(&dictionary);
        for key in [&b"XRefStm"[..], b"Prev"] {
            let earlier = dictionary.number(key).and_then(|n| usize::try_from(n).ok());
            if let Some(earlier) = earlier.filter(|o| visited.len() < MAX_SECTIONS && !visited.contains(o)) {
                visited.push(earlier);
            }
        }
    }
    Some(trailers)
}

/// The trailer of the section at `offset`, and how many bytes were read for it, at most `budget`.
fn section(bytes: &[u8], offset: usize, budget: usize) -> (Option<Dictionary<'_>>, usize) {
    let Some(rest) = bytes.get(offset..) else { return (None, 1) };
    let rest = rest.get(..budget).unwrap_or(rest);
    let mut lexer = Lexer::new(rest);
    let is_table = lexer.keyword(b"xref");
    let found = if is_table { skip_table(&mut lexer) } else { object_header(&mut lexer) };
    let table = lexer.position();
    let dictionary = found.and_then(|()| Dictionary::read(rest.get(table..)?));
    (dictionary.filter(|d| is_table || d.is_name(b"Type", b"XRef")), table + 1024)
}

/// Reads `n g obj`, the beginning of a cross-reference stream.
fn object_header(lexer: &mut Lexer<'_>) -> Option<()> {
    lexer.next_number()?;
    lexer.next_number()?;
    lexer.keyword(b"obj").then_some(())
}

/// Reads subsections up to and including the keyword `trailer`. Line ends vary in real files, so tokens are counted.
fn skip_table(lexer: &mut Lexer<'_>) -> Option<()> {
    loop {
        match lexer.next_token()? {
            Token::Word(b"trailer") => return Some(()),
            Token::Word(_) => {}
            Token::Name(_) | Token::Text | Token::Open(_) | Token::Close(_) => return None,
        }
    }
}

/// What can be found when `startxref` points nowhere: every trailer and cross-reference stream in sight, newest first.
pub(super) fn rescue(bytes: &[u8]) -> Trailers {
    let mut trailers = Trailers::default();
    for at in memmem::rfind_iter(bytes, b"trailer").take(MAX_SECTIONS) {
        if let Some(dictionary) = bytes.get(at + b"trailer".len()..).and_then(Dictionary::read) {
            trailers.add(&dictionary);
        }
    }
    for at in memmem::rfind_iter(bytes, b"/XRef").take(MAX_SECTIONS) {
        let before = bytes.get(at.saturating_sub(BACKWARD_WINDOW)..at).unwrap_or_default();
        let Some(object) = memmem::rfind(before, b" obj") else { continue };
        let begin = at - before.len() + object + b" obj".len();
        let dictionary = bytes.get(begin..).and_then(Dictionary::read);
        if let Some(dictionary) = dictionary.filter(|d| d.is_name(b"Type", b"XRef")) {
            trailers.add(&dictionary);
        }
    }
    trailers
}

/// The dictionary of an object that stands uncompressed in the file; the last one with this number counts.
pub(super) fn object(bytes: &[u8], (number, generation): (u64, u64)) -> Option<Dictionary<'_>> {
    let header = format!("{number} {generation} obj");
    memmem::rfind_iter(bytes, header.as_bytes())
        .find(|at| at.checked_sub(1).and_then(|i| bytes.get(i)).is_none_or(|b| !b.is_ascii_digit()))
        .and_then(|at| Dictionary::read(bytes.get(at + header.len()..)?))
}
