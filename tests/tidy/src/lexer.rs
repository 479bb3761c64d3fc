//! As much of Rust's lexical grammar as the rules need: where code ends and comments and strings begin.

/// A source file taken apart. Both texts have the lines of the original; what belongs to the other is blank.
pub(crate) struct Parts {
    /// Code. Strings keep their quotes and lose their content.
    pub(crate) code: String,
    /// Comments of every kind.
    pub(crate) comments: String,
}

/// Takes a Rust source apart.
pub(crate) fn split(source: &str) -> Parts {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        parts: Parts { code: String::with_capacity(source.len()), comments: String::new() },
    };
    while let Some(c) = lexer.peek(0) {
        match (c, lexer.peek(1)) {
            ('/', Some('/')) => lexer.line_comment(),
            ('/', Some('*')) => lexer.block_comment(),
            ('"', _) => lexer.string(),
            ('r', Some('"' | '#')) if !lexer.inside_word() && lexer.raw_string() => {}
            ('\'', _) => lexer.quote(),
            _ => lexer.take(To::Code),
        }
    }
    lexer.parts
}

#[derive(Clone, Copy, PartialEq)]
enum To {
    Code,
    Comments,
    Nowhere,
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    parts: Parts,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// Whether the character before this one belongs to the same word. `br"…"` and `cr"…"` are strings all the same.
    fn inside_word(&self) -> bool {
        let before = |n: usize| self.at.checked_sub(n).and_then(|at| self.chars.get(at)).copied();
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        match before(1) {
            Some('b' | 'c') => word(before(2)),
            other => word(other),
        }
    }

    fn take(&mut self, to: To) {
        let Some(c) = self.peek(0) else { return };
        self.at += 1;
        let blank = if c == '\n' { '\n' } else { ' ' };
        self.parts.code.push(if to == To::Code { c } else { blank });
        self.parts.comments.push(if to == To::Comments { c } else { blank });
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.take(To::Comments);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while let Some(c) = self.peek(0) {
            let pair = (c, self.peek(1));
            if pair == ('/', Some('*')) {
                depth += 1;
            }
            if pair == ('*', Some('/')) {
                depth -= 1;
            }
            if pair == ('/', Some('*')) || pair == ('*', Some('/')) {
                self.take(To::Comments);
            }
            self.take(To::Comments);
            if depth == 0 {
                break;
            }
        }
    }

    fn string(&mut self) {
        self.take(To::Code);
        while let Some(c) = self.peek(0) {
            if c == '"' {
                return self.take(To::Code);
            }
            if c == '\\' {
                self.take(To::Nowhere);
            }
            self.take(To::Nowhere);
        }
    }

    /// Reads `r"…"` or `r#"…"#`; false when it is a raw identifier (`r#type`).
    fn raw_string(&mut self) -> bool {
        let hashes = self.chars.iter().skip(self.at + 1).take_while(|c| **c == '#').count();
        if self.peek(hashes + 1) != Some('"') {
            return false;
        }
        for _ in 0..hashes + 2 {
            self.take(To::Code);
        }
        while let Some(c) = self.peek(0) {
            let closes = c == '"' && (1..=hashes).all(|n| self.peek(n) == Some('#'));
            if closes {
                for _ in 0..=hashes {
                    self.take(To::Code);
                }
                break;
            }
            self.take(To::Nowhere);
        }
        true
    }

    /// A character (`'x'`, `'\n'`) or a lifetime (`'a`).
    fn quote(&mut self) {
        let escaped = self.peek(1) == Some('\\');
        self.take(To::Code);
        if escaped {
            self.take(To::Nowhere);
            self.take(To::Nowhere);
            while self.peek(0).is_some_and(|c| c != '\'') {
                self.take(To::Nowhere);
            }
            self.take(To::Code);
        } else if self.peek(1) == Some('\'') {
            self.take(To::Nowhere);
            self.take(To::Code);
        }
    }
}

/// The position of the bracket that closes the first one in `code`, which has no strings and comments any more.
pub(crate) fn closing(code: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Blanks every item that stands under `#[cfg(test)]`.
pub(crate) fn without_test_modules(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        let (before, from) = rest.split_at(start);
        let after_mark = &from[MARK.len()..];
        let end = after_mark.find([';', '{']).map_or(from.len(), |open| {
            let body = &after_mark[open..];
            let length = if body.starts_with(';') { 0 } else { closing(body).unwrap_or(body.len() - 1) };
            MARK.len() + open + length + 1
        });
        let (blanked, after) = from.split_at(end);
        kept.push_str(before);
        kept.extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_not_code() {
        let parts = split("let a = \"x // y \\\" z\"; // why\nlet b = r#\"q\"w\"#; /* a /* b */ c */ let c = 'x';");
        assert!(!parts.code.contains('y') && !parts.code.contains('z') && !parts.code.contains('w'));
        assert!(
            parts.code.contains("let a = \"") && parts.code.contains("let b = r#\"") && parts.code.contains("let c")
        );
        assert!(parts.comments.contains("// why") && parts.comments.contains("/* a /* b */ c */"));
        assert!(!parts.comments.contains("let"));
    }

    #[test]
    fn lifetimes_quotes_and_raw_words_do_not_open_a_string() {
        let code = split("fn f<'a>(x: &'a str) -> char { '\"' } fn g() { r#type(); '\\'' ; b'\"' ; tr(\"x\") }").code;
        assert!(code.contains("fn g() { r#type();"), "{code}");
        assert!(code.ends_with("tr(\" \") }"), "{code}");
    }

    #[test]
    fn test_modules_can_be_left_out() {
        let code =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { {} }\n}\nfn c() {}\n#[cfg(test)]\nmod d;\nfn e() {}";
        let kept = without_test_modules(code);
        assert!(kept.contains("fn a") && kept.contains("fn c") && kept.contains("fn e"));
        assert!(!kept.contains("fn b") && !kept.contains("mod d"));
        assert_eq!(kept.lines().count(), code.lines().count());
    }
}
