//! Every object of a PDF, wherever a reader might find one: what stands in the file, and what is packed into object streams
//! (ISO 32000-1, 7.3.10, 7.5.7).
//!
//! Readers look objects up by their offset, which may lead into a stream, a comment or a string, and into older revisions. So
//! the beginnings of objects are looked for everywhere, and not where the file says that they are. Nothing but object streams is
//! inflated, and only within limits.

use flate2::{Decompress, FlushDecompress, Status};
use memchr::memmem;

use super::token::{Bracket, Dictionary, Lexer, Token, is_white};

/// All object streams of a file together, inflated. Real ones of a thousand pages have a few megabytes.
const MAX_PACKED: usize = 32 << 20;

/// How much is inflated at once.
const INFLATE_STEP: usize = 64 << 10;

/// No object stream that was met holds more (100 and 200 are usual).
const MAX_IN_STREAM: usize = 100_000;

/// How often all bytes may be read on the average. Objects of honest files do not overlap, so they are read once.
const MOST_READINGS: usize = 8;

/// How far before an object a comment may begin that stands within its beginning.
const COMMENT_WINDOW: usize = 1024;

/// Why the objects of a file cannot be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uncheckable;

/// An object stream, inflated.
struct Packed {
    content: Vec<u8>,
    /// Number of each object, and where it begins.
    objects: Vec<(u64, usize)>,
}

/// The object streams of a file.
#[derive(Default)]
pub(super) struct ObjectStreams(Vec<Packed>);

impl ObjectStreams {
    /// The dictionary of a packed object; the last one with this number counts.
    pub(super) fn object(&self, number: u64) -> Option<Dictionary<'_>> {
        self.0.iter().rev().find_map(|packed| {
            let (_, at) = packed.objects.iter().rev().find(|(own, _)| *own == number)?;
            Dictionary::read(packed.content.get(*at..)?)
        })
    }
}

/// Shows every name of every object to `see`, and gives the object streams.
///
/// # Errors
/// [`Uncheckable`]: an object stream is packed in a way that is not read or inflates to more than any real one, or objects
/// overlap in a way that no writer produces.
pub(super) fn walk(bytes: &[u8], mut see: impl FnMut(&[u8])) -> Result<ObjectStreams, Uncheckable> {
    let mut budget = bytes.len().saturating_mul(MOST_READINGS).saturating_add(1 << 20);
    let mut room = MAX_PACKED;
    let mut streams = ObjectStreams::default();
    for start in beginnings(bytes) {
        let object = bytes.get(start..).unwrap_or_default();
        let mut keys = StreamKeys::default();
        let data = read_object(object, &mut budget, |name| {
            keys.see(name);
            see(name);
        })?;
        let Some(data) = data.filter(|_| keys.may_pack()) else { continue };
        let dictionary = Dictionary::read(object).ok_or(Uncheckable)?;
        if dictionary.is_name(b"Type", b"ObjStm") || (dictionary.has(b"N") && dictionary.has(b"First")) {
            let packed = unpack(&dictionary, object, data, &mut room)?;
            see_packed(&packed, &mut see)?;
            streams.0.push(packed);
        }
    }
    Ok(streams)
}

/// Whether an object could be an object stream.
#[derive(Default)]
struct StreamKeys {
    kind: bool,
    count: bool,
    first: bool,
}

impl StreamKeys {
    fn see(&mut self, name: &[u8]) {
        match name {
            b"ObjStm" => self.kind = true,
            b"N" => self.count = true,
            b"First" => self.first = true,
            _ => {}
        }
    }

    const fn may_pack(&self) -> bool {
        self.kind || (self.count && self.first)
    }
}

/// Where objects and trailers may begin: behind each `obj` that follows a number, and behind each `trailer`.
fn beginnings(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let objects = memmem::find_iter(bytes, b"obj").filter(|at| begins_object(bytes, *at)).map(|at| at + 3);
    objects.chain(memmem::find_iter(bytes, b"trailer").map(|at| at + b"trailer".len()))
}

fn begins_object(bytes: &[u8], at: usize) -> bool {
    // `obj1` is read as `obj 1` by some; `objective` by nobody.
    if bytes.get(at + 3).is_some_and(u8::is_ascii_alphabetic) {
        return false;
    }
    let before = bytes.get(..at).unwrap_or_default();
    let near = before.get(before.len().saturating_sub(COMMENT_WINDOW)..).unwrap_or(before);
    let last = near.iter().rev().find(|byte| !is_white(**byte));
    last.is_some_and(u8::is_ascii_digit) || (!before.ends_with(b"end") && near.contains(&b'%'))
}

/// Reads an object to its end and shows its names. Gives where the data of its stream begins, if it has one.
fn read_object(object: &[u8], budget: &mut usize, mut see: impl FnMut(&[u8])) -> Result<Option<usize>, Uncheckable> {
    let mut lexer = Lexer::new(object);
    let data = loop {
        match lexer.next_token() {
            None | Some(Token::Word(b"endobj" | b"startxref" | b"xref")) => break None,
            Some(Token::Word(b"stream")) => break Some(lexer.position()),
            Some(Token::Name(name)) => see(&name),
            Some(Token::Word(_) | Token::Text | Token::Open(_) | Token::Close(_)) => {}
        }
        if lexer.position() > *budget {
            return Err(Uncheckable);
        }
    };
    *budget = budget.checked_sub(lexer.position()).ok_or(Uncheckable)?;
    Ok(data)
}

/// Inflates an object stream. Other filters than Flate are laid down and written by nobody.
fn unpack(dictionary: &Dictionary<'_>, object: &[u8], data: usize, room: &mut usize) -> Result<Packed, Uncheckable> {
    let has_other_form = [&b"DecodeParms"[..], b"DP", b"F", b"FFilter"].iter().any(|key| dictionary.has(key));
    if has_other_form || dictionary.has_twins() {
        return Err(Uncheckable);
    }
    let data = object.get(data..).unwrap_or_default();
    let data = data
        .strip_prefix(b"\r\n")
        .or_else(|| data.strip_prefix(b"\n"))
        .or_else(|| data.strip_prefix(b"\r"))
        .unwrap_or(data);
    let content = match filters(object).as_deref() {
        Some([]) => data.get(..memmem::find(data, b"endstream").unwrap_or(data.len())).unwrap_or_default().to_vec(),
        Some([only]) if only == b"FlateDecode" || only == b"Fl" => inflate(data, *room)?,
        Some(_) | None => return Err(Uncheckable),
    };
    *room = room.checked_sub(content.len()).ok_or(Uncheckable)?;
    let first = dictionary.number(b"First").and_then(|first| usize::try_from(first).ok()).ok_or(Uncheckable)?;
    let mut header = Lexer::new(content.get(..first).ok_or(Uncheckable)?);
    let mut objects = Vec::new();
    while let (Some(number), Some(offset)) = (header.next_number(), header.next_number()) {
        let at = usize::try_from(offset).ok().and_then(|offset| first.checked_add(offset)).ok_or(Uncheckable)?;
        objects.push((number, at));
        if objects.len() > MAX_IN_STREAM {
            return Err(Uncheckable);
        }
    }
    if objects.is_empty() && dictionary.number(b"N") != Some(0) {
        return Err(Uncheckable);
    }
    Ok(Packed { content, objects })
}

/// What readers show of a damaged stream is what came before the damage, whatever the checksum says; so it is not asked.
fn inflate(data: &[u8], room: usize) -> Result<Vec<u8>, Uncheckable> {
    // RFC 1950: method 8, no dictionary, and both bytes together a multiple of 31.
    let (&[method, flags], mut rest) = data.split_first_chunk::<2>().ok_or(Uncheckable)?;
    if method & 0x0F != 8 || flags & 0x20 != 0 || u16::from_be_bytes([method, flags]) % 31 != 0 {
        return Err(Uncheckable);
    }
    let mut inflater = Decompress::new(false);
    let mut content = Vec::new();
    loop {
        content.reserve(INFLATE_STEP);
        let before = (inflater.total_in(), content.len());
        let outcome = inflater.decompress_vec(rest, &mut content, FlushDecompress::None);
        if content.len() > room {
            return Err(Uncheckable);
        }
        let used = usize::try_from(inflater.total_in() - before.0).map_err(|_| Uncheckable)?;
        rest = rest.get(used..).unwrap_or_default();
        let goes_on = matches!(outcome, Ok(Status::Ok)) && (used > 0 || content.len() > before.1);
        if !goes_on {
            return Ok(content);
        }
    }
}

/// The names of the filters of the dictionary that the bytes begin with. `None`: they stand elsewhere.
fn filters(object: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut lexer = Lexer::new(object);
    let mut depth = 0_usize;
    loop {
        match lexer.next_token()? {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth <= 1 => return Some(Vec::new()),
            Token::Close(_) => depth -= 1,
            Token::Name(name) if depth == 1 && name == b"Filter" => break,
            Token::Name(_) | Token::Word(_) | Token::Text => {}
        }
    }
    match lexer.next_token()? {
        Token::Name(only) => Some(vec![only]),
        Token::Open(Bracket::Array) => {
            let mut names = Vec::new();
            loop {
                match lexer.next_token()? {
                    Token::Name(name) => names.push(name),
                    Token::Close(Bracket::Array) => return Some(names),
                    Token::Word(_) | Token::Text | Token::Open(_) | Token::Close(_) => return None,
                }
            }
        }
        Token::Word(b"null") => Some(Vec::new()),
        Token::Word(_) | Token::Text | Token::Open(_) | Token::Close(_) => None,
    }
}

/// Each object by itself, from where the header says that it begins: it may begin within a string of another.
fn see_packed(packed: &Packed, mut see: impl FnMut(&[u8])) -> Result<(), Uncheckable> {
    let mut budget = packed.content.len().saturating_mul(MOST_READINGS).saturating_add(1 << 16);
    for (_, at) in &packed.objects {
        let mut lexer = Lexer::new(packed.content.get(*at..).unwrap_or_default());
        let mut depth = 0_usize;
        while let Some(token) = lexer.next_token() {
            match token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth = depth.saturating_sub(1),
                Token::Name(name) => see(&name),
                Token::Word(_) | Token::Text => {}
            }
            if depth == 0 {
                break;
            }
        }
        budget = budget.checked_sub(lexer.position()).ok_or(Uncheckable)?;
    }
    Ok(())
}
