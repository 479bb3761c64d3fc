//! The content of a field as text: decoded, and without characters that control a terminal.

use std::borrow::Cow;

use super::line::Line;
use crate::charset::Charset;

/// Turns content into text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text(pub(super) Charset);

impl Text {
    /// A field on one line, without space around it.
    pub(super) fn of<'a>(self, line: &Line<'a>) -> Cow<'a, str> {
        trimmed(self.whole(line), str::trim)
    }

    /// The same, `None` if it says nothing.
    pub(super) fn said(self, line: &Line<'_>) -> Option<String> {
        some(self.of(line))
    }

    /// A row of a table or of running text: the space in front of it belongs to it.
    pub(super) fn row(self, line: &Line<'_>) -> String {
        trimmed(self.whole(line), str::trim_end).into_owned()
    }

    /// All of it, with the space around it.
    pub(super) fn whole<'a>(self, line: &Line<'a>) -> Cow<'a, str> {
        let text = self.0.decode(line.content);
        if text.contains(char::is_control) {
            return text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        }
        text
    }
}

/// A text without what is cut away from it; most have nothing to cut away and are not copied.
fn trimmed(text: Cow<'_, str>, cut: fn(&str) -> &str) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text)),
        Cow::Owned(text) if cut(&text).len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(cut(&text).to_owned()),
    }
}

/// A text that says something.
pub(super) fn some(text: Cow<'_, str>) -> Option<String> {
    (!text.is_empty()).then(|| text.into_owned())
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
