//! PDF tokens (ISO 32000-1, 7.2 and 7.3), as far as dictionaries and cross-reference tables need them.
//!
//! The lexer only moves forward and counts depth instead of recursing, so its time is linear in what it reads.

/// No dictionary that matters here is longer; what is longer is cut off.
const DICTIONARY_LIMIT: usize = 256 * 1024;

/// One lexical unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name without its slash, `#xx` decoded.
    Name(Vec<u8>),
    /// A number or keyword.
    Word(&'a [u8]),
    /// A literal or hexadecimal string; its content is of no interest.
    Text,
    /// `<<` or `[`.
    Open(Bracket),
    /// `>>` or `]`.
    Close(Bracket),
}

/// What encloses a group of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// `<<` … `>>`
    Dictionary,
    /// `[` … `]`
    Array,
}

/// Reads tokens from the front of a slice.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|b| keep(**b)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn skip_blank(&mut self) {
        loop {
            self.take_while(is_white);
            if self.peek(0) != Some(b'%') {
                return;
            }
            self.take_while(|b| b != b'\r' && b != b'\n');
        }
    }

    /// The next token, or `None` at the end.
    pub(super) fn next_token(&mut self) -> Option<Token<'a>> {
        self.skip_blank();
        let token = match (self.peek(0)?, self.peek(1)) {
            (b'<', Some(b'<')) => self.advance(2, Token::Open(Bracket::Dictionary)),
            (b'>', Some(b'>')) => self.advance(2, Token::Close(Bracket::Dictionary)),
            (b'[', _) => self.advance(1, Token::Open(Bracket::Array)),
            (b']', _) => self.advance(1, Token::Close(Bracket::Array)),
            (b'/', _) => {
                self.at += 1;
                Token::Name(decode_name(self.take_while(is_regular)))
            }
            (b'(', _) => self.literal(),
            (b'<', _) => {
                self.take_while(|b| b != b'>');
                self.advance(1, Token::Text)
            }
            (byte, _) if is_regular(byte) => Token::Word(self.take_while(is_regular)),
            _ => self.advance(1, Token::Text),
        };
        Some(token)
    }

    fn advance(&mut self, by: usize, token: Token<'a>) -> Token<'a> {
        self.at += by;
        token
    }

    /// A string in parentheses, which may nest and be escaped (7.3.4.2).
    fn literal(&mut self) -> Token<'a> {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' if depth <= 1 => break,
                b')' => depth -= 1,
                _ => {}
            }
        }
        Token::Text
    }

    /// The next token as a number that is not negative.
    pub(super) fn next_number(&mut self) -> Option<u64> {
        match self.next_token()? {
            Token::Word(word) => number(word),
            Token::Name(_) | Token::Text | Token::Open(_) | Token::Close(_) => None,
        }
    }

    /// Consumes the next token if it is this keyword.
    pub(super) fn keyword(&mut self, word: &[u8]) -> bool {
        let before = self.at;
        let found = self.next_token() == Some(Token::Word(word));
        if !found {
            self.at = before;
        }
        found
    }
}

/// White space of PDF (table 1).
pub(super) const fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_regular(byte: u8) -> bool {
    !is_white(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// A word as a number; `None` also when it does not fit.
pub(super) fn number(word: &[u8]) -> Option<u64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Names may hide letters as `#45` (7.3.5).
fn decode_name(raw: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(raw.len().min(64));
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'#').then(|| tail.split_at_checked(2)).flatten().and_then(|(digits, behind)| {
            let value = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            Some((value, behind))
        });
        let (value, behind) = escaped.unwrap_or((byte, tail));
        name.push(value);
        rest = behind;
    }
    name
}

/// A dictionary's own entries; what its values nest is skipped.
#[derive(Debug, Default)]
pub(super) struct Dictionary<'a> {
    entries: Vec<(Vec<u8>, Vec<Token<'a>>)>,
}

impl<'a> Dictionary<'a> {
    /// Reads the dictionary that the bytes begin with. `None`: there is none, or it does not end.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut lexer = Lexer::new(bytes.get(..DICTIONARY_LIMIT).unwrap_or(bytes));
        if lexer.next_token()? != Token::Open(Bracket::Dictionary) {
            return None;
        }
        let mut entries: Vec<(Vec<u8>, Vec<Token<'a>>)> = Vec::new();
        let mut depth = 1_usize;
        let mut value_wanted = false;
        loop {
            let token = lexer.next_token()?;
            let top = depth == 1;
            match &token {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth -= 1,
                Token::Name(_) | Token::Word(_) | Token::Text => {}
            }
            if depth == 0 {
                return Some(Self { entries });
            }
            if !top {
                continue;
            }
            match (token, entries.last_mut()) {
                (Token::Name(key), _) if !value_wanted => {
                    entries.push((key, Vec::new()));
                    value_wanted = true;
                }
                (token, Some((_, value))) => {
                    value.push(token);
                    value_wanted = false;
                }
                (_, None) => return None, // a value without a key
            }
        }
    }

    fn value(&self, key: &[u8]) -> Option<&[Token<'a>]> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_slice())
    }

    /// Whether the key is there with a value other than `null`.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        self.value(key).is_some_and(|value| value.first() != Some(&Token::Word(b"null")))
    }

    /// Whether a key stands there twice, so that readers may differ on what it says.
    pub(super) fn has_twins(&self) -> bool {
        let names = || self.entries.iter().map(|(name, _)| name);
        names().enumerate().any(|(at, name)| names().take(at).any(|earlier| earlier == name))
    }

    /// A number that is not negative.
    pub(super) fn number(&self, key: &[u8]) -> Option<u64> {
        match self.value(key)? {
            [Token::Word(word)] => number(word),
            _ => None,
        }
    }

    /// An indirect reference `n g R`.
    pub(super) fn reference(&self, key: &[u8]) -> Option<(u64, u64)> {
        match self.value(key)? {
            [Token::Word(object), Token::Word(generation), Token::Word(b"R")] => {
                Some((number(object)?, number(generation)?))
            }
            _ => None,
        }
    }

    /// Whether the value is this name.
    pub(super) fn is_name(&self, key: &[u8], name: &[u8]) -> bool {
        matches!(self.value(key), Some([Token::Name(found)]) if found == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_shows_its_own_entries_only() {
        let bytes =
            b"<</Type/XRef /W[1 2 1]/Root 11 0 R%x\n/Nested<</Encrypt 3 0 R>>/T(a\\)(b)>>)/#45ncrypt 5 0 R/Size 7>>";
        let dictionary = Dictionary::read(bytes).unwrap();
        assert!(dictionary.is_name(b"Type", b"XRef"));
        assert_eq!(dictionary.reference(b"Root"), Some((11, 0)));
        assert_eq!(dictionary.reference(b"Encrypt"), Some((5, 0)));
        assert_eq!(dictionary.number(b"Size"), Some(7));
        assert!(dictionary.has(b"W"));
        assert!(!Dictionary::read(b"<</Nested<</Encrypt 3 0 R>>>>").unwrap().has(b"Encrypt"));
        assert!(!Dictionary::read(b"<</Encrypt null>>").unwrap().has(b"Encrypt"));
        assert!(Dictionary::read(b"<</Size 7").is_none());
    }
}
