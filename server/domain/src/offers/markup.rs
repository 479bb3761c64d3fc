//! The little that a text may have besides words: paragraphs, lists, bold words and links, written in a subset of CommonMark.
//! Everything else is words. There is no HTML in it, and a reader that shows the plain form loses nothing but the looks.

use super::facts::{is_page, is_phone};

/// What a text can be made of that no phone opens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a link that leads nowhere")]
pub struct BadLink(
    /// Where it should lead.
    pub String,
);

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// Words that stand out: `**so**`.
    Bold(&'a str),
    /// Words that lead somewhere: `[so](https://…)`.
    Link {
        /// The words.
        words: &'a str,
        /// A page (https), `tel:` with a number, or `mailto:` with an address.
        to: &'a str,
    },
}

/// The pieces of a line.
///
/// # Errors
/// When a link leads nowhere.
pub fn pieces(line: &str) -> Result<Vec<Piece<'_>>, BadLink> {
    let (mut pieces, mut rest) = (Vec::new(), line);
    while let Some((before, piece, after)) = next(rest)? {
        if !before.is_empty() {
            pieces.push(Piece::Words(before));
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    Ok(pieces)
}

type Next<'a> = (&'a str, Piece<'a>, &'a str);

/// What stands before the next bold word or link, that, and what stands behind it.
fn next(text: &str) -> Result<Option<Next<'_>>, BadLink> {
    let bold = text.split_once("**").and_then(|(before, rest)| Some((before, rest.split_once("**")?)));
    let bold = bold.filter(|(_, (words, _))| !words.is_empty());
    let link = text.split_once('[').and_then(|(before, rest)| {
        let (words, rest) = rest.split_once("](")?;
        let (to, after) = rest.split_once(')')?;
        Some((before, words, to, after))
    });
    match (bold, link) {
        (Some((before, (words, after))), link) if link.is_none_or(|(other, ..)| before.len() < other.len()) => {
            Ok(Some((before, Piece::Bold(words), after)))
        }
        (_, Some((before, words, to, after))) => {
            if leads_somewhere(to) {
                Ok(Some((before, Piece::Link { words, to }, after)))
            } else {
                Err(BadLink(to.to_owned()))
            }
        }
        (_, None) => Ok(None),
    }
}

fn leads_somewhere(to: &str) -> bool {
    let is_address = |text: &str| {
        text.split_once('@').is_some_and(|(name, host)| {
            let plain =
                |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || ".-_+".contains(c));
            plain(name) && plain(host) && host.contains('.')
        })
    };
    is_page(to) || to.strip_prefix("tel:").is_some_and(is_phone) || to.strip_prefix("mailto:").is_some_and(is_address)
}

/// The text without its marks, for reading aloud and for whatever shows plain words only. Where a link leads stands behind its
/// words.
///
/// # Errors
/// When a link leads nowhere.
pub fn plain(text: &str) -> Result<String, BadLink> {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        for piece in pieces(line)? {
            match piece {
                Piece::Words(words) | Piece::Bold(words) => out.push_str(words),
                Piece::Link { words, to } => {
                    let shown = to.strip_prefix("tel:").or_else(|| to.strip_prefix("mailto:")).unwrap_or(to);
                    out.push_str(words);
                    if shown != words {
                        out.push_str(" (");
                        out.push_str(shown);
                        out.push(')');
                    }
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_are_what_is_left_when_the_looks_are_gone() {
        let text = "**Mitbringen:**\n- feste Schuhe\n- [Anmeldung](https://kiosk.example/kurs) oder [+4940123456](tel:+4940123456)";
        assert_eq!(
            plain(text).unwrap(),
            "Mitbringen:\n- feste Schuhe\n- Anmeldung (https://kiosk.example/kurs) oder +4940123456"
        );
        for text in ["", "2 ** 3", "[nur Klammern]", "a [b] (c)", "<b>kein HTML</b>", "****"] {
            assert_eq!(plain(text).unwrap(), text);
        }
        assert_eq!(
            pieces("a **b** [c](mailto:kiosk@example.org)").unwrap(),
            [
                Piece::Words("a "),
                Piece::Bold("b"),
                Piece::Words(" "),
                Piece::Link { words: "c", to: "mailto:kiosk@example.org" }
            ]
        );
    }

    #[test]
    fn a_link_that_leads_nowhere_is_refused() {
        for to in ["javascript:alert", "http://x.example", "/kurs", "tel:112", "mailto:x", ""] {
            assert_eq!(plain(&format!("[hier]({to})")), Err(BadLink(to.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-z \\n]{0,20}(\\*\\*[a-z]{1,9}\\*\\*){0,3}[a-z \\[\\]()*]{0,20}") {
            if let Ok(plain) = plain(&text) {
                let letters = |text: &str| text.chars().filter(|c| c.is_ascii_lowercase()).collect::<String>();
                prop_assert_eq!(letters(&plain), letters(&text));
            }
        }
    }
}
