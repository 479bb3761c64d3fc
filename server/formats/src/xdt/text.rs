//! The content of a field as text: decoded, and without characters that control a terminal.

use super::line::Line;
use crate::charset::Charset;

/// Turns content into text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text(pub(super) Charset);

impl Text {
    /// A field on one line, without space around it.
    pub(super) fn of(self, line: &Line<'_>) -> String {
        self.row(line).trim().to_owned()
    }

    /// The same, `None` if it says nothing.
    pub(super) fn said(self, line: &Line<'_>) -> Option<String> {
        some(self.of(line))
    }

    /// A row of a table or of running text: the space in front of it belongs to it.
    pub(super) fn row(self, line: &Line<'_>) -> String {
        self.whole(line).trim_end().to_owned()
    }

    /// All of it, with the space around it.
    pub(super) fn whole(self, line: &Line<'_>) -> String {
        let text = self.0.decode(line.content);
        if text.contains(char::is_control) {
            return text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        }
        text.into_owned()
    }
}

/// A text that says something.
pub(super) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_indent_and_nothing_keeps_control_characters() {
        let line = Line { number: 1, start: 0, field: 6228, content: b"  Ps\x1B[31m  1\x07 " };
        assert_eq!(Text(Charset::Iso8859_15).row(&line), "  Ps [31m  1");
        assert_eq!(Text(Charset::Iso8859_15).of(&line), "Ps [31m  1");
        assert_eq!(Text(Charset::Utf8).said(&Line { content: b" \t ", ..line }), None);
    }
}
