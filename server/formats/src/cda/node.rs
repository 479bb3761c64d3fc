//! Elements of a document, and what is asked of them everywhere.

use std::borrow::Cow;

use roxmltree::Node;

use super::guard::place;
use crate::refusal::Position;

/// The namespace of `xsi:type`.
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// A heading is no longer, in bytes.
const MAX_HEADING: usize = 300;

/// Words that many rows repeat, as headings. They are cut off, so that a small file does not become large rows.
pub(super) fn brief(words: &str) -> String {
    if words.len() <= MAX_HEADING {
        return words.to_owned();
    }
    let end = words.floor_char_boundary(MAX_HEADING);
    format!("{}…", words.get(..end).unwrap_or_default().trim_end())
}

/// An element.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'a, 'i>(pub(super) Node<'a, 'i>);

impl<'a, 'i> Element<'a, 'i> {
    /// Its name without the prefix.
    pub(super) fn name(self) -> &'a str {
        self.0.tag_name().name()
    }

    pub(super) fn namespace(self) -> Option<&'a str> {
        self.0.tag_name().namespace()
    }

    /// Its elements, in order.
    pub(super) fn elements(self) -> impl Iterator<Item = Self> {
        self.0.children().filter(Node::is_element).map(Element)
    }

    /// Its elements of a name, in its own namespace: extensions (`sdtc:id`) are other things.
    pub(super) fn all(self, name: &'static str) -> impl Iterator<Item = Self> {
        self.elements().filter(move |child| child.name() == name && child.namespace() == self.namespace())
    }

    /// The first of them.
    pub(super) fn child(self, name: &'static str) -> Option<Self> {
        self.all(name).next()
    }

    /// The first element at the end of a path.
    pub(super) fn path(self, names: &[&'static str]) -> Option<Self> {
        names.iter().try_fold(self, |element, name| element.child(name))
    }

    /// All elements at the end of a path.
    pub(super) fn all_at(self, names: &[&'static str]) -> Vec<Self> {
        names.iter().fold(vec![self], |found, name| found.into_iter().flat_map(|element| element.all(name)).collect())
    }

    /// What an attribute says, if it says anything.
    pub(super) fn attribute(self, name: &str) -> Option<&'a str> {
        self.0.attribute(name).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The type that it gives itself (`xsi:type`), without the prefix.
    pub(super) fn type_name(self) -> Option<&'a str> {
        let name = self.0.attribute((SCHEMA_INSTANCE, "type"))?.trim();
        Some(name.rsplit_once(':').map_or(name, |(_, local)| local))
    }

    /// Why there is nothing (`nullFlavor`).
    pub(super) fn null_flavor(self) -> Option<&'a str> {
        self.attribute("nullFlavor")
    }

    /// The text that stands directly in it, as sent.
    pub(super) fn own_text(self) -> Cow<'a, str> {
        let mut texts = self.0.children().filter(Node::is_text).filter_map(|text| text.text());
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// The words that stand directly in it, with single spaces between them.
    pub(super) fn words(self) -> Option<String> {
        let text = self.own_text();
        let words: Vec<&str> = text.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Every element below it.
    pub(super) fn below(self) -> impl Iterator<Item = Self> {
        self.0.descendants().skip(1).filter(Node::is_element).map(Element)
    }

    /// Where it begins.
    pub(super) fn place(self) -> Position {
        place(self.0.document().input_text(), self.0.range().start)
    }
}
