//! The narrative of sections (CDA R2, section 4.3.5) as plain words: paragraphs, lists and tables become lines of text.
//!
//! No element and no attribute of the sender comes through, so there is nothing that a screen could take for markup, a link or a
//! program. Addresses of links and pictures are dropped; what the author has struck out is not shown.

use super::node::Element;

/// What is no text even where somebody put it into a narrative.
const NO_TEXT: &[&str] = &["script", "style", "object", "iframe", "svg", "footnoteRef", "colgroup", "col"];

/// Elements that begin a paragraph; beside those of CDA those of web pages, which some senders use.
const BLOCKS: &[&str] =
    &["paragraph", "list", "table", "p", "div", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6"];

/// Lists are indented no further.
const MAX_INDENT: usize = 8;

/// The words of an element. `None`: there are none.
pub(super) fn words(element: Element<'_, '_>) -> Option<String> {
    let mut writer = Writer::default();
    writer.content(element);
    (!writer.text.is_empty()).then_some(writer.text)
}

/// The words of an element in one line.
pub(super) fn line(element: Element<'_, '_>) -> Option<String> {
    words(element).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What stands between two words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

/// A text that grows. It never begins or ends with white space.
#[derive(Default)]
struct Writer {
    text: String,
    gap: Gap,
    indent: usize,
    /// Behind the mark of an item: its words follow in the same line.
    marked: bool,
    /// How many cells there are around, one in the other.
    cells: usize,
    /// The strokes that stand before the next word of a row.
    strokes: usize,
}

impl Writer {
    fn gap(&mut self, gap: Gap) {
        // Within a list there are lines and no paragraphs, within a cell there is one line.
        let most = if self.marked || self.cells > 0 {
            Gap::Space
        } else if self.indent > 0 {
            Gap::Line
        } else {
            Gap::Paragraph
        };
        let gap = gap.min(most);
        self.gap = self.gap.max(gap);
    }

    fn word(&mut self, word: &str) {
        let begins_line = self.text.is_empty() || self.gap >= Gap::Line;
        if !self.text.is_empty() {
            self.text.push_str(match self.gap {
                Gap::None => "",
                Gap::Space if self.strokes > 0 => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
            if self.gap >= Gap::Line {
                self.text.extend(std::iter::repeat_n("  ", self.indent));
            }
        }
        if self.strokes > 0 {
            let strokes = " |".repeat(self.strokes) + " ";
            self.text.push_str(if begins_line { strokes.trim_start() } else { &strokes });
        }
        (self.gap, self.marked, self.strokes) = (Gap::None, false, 0);
        self.text.push_str(word);
    }

    /// White space is one space, whatever the sender wrote.
    fn words(&mut self, text: &str) {
        let mut rest = text;
        while let Some(start) = rest.find(|sign: char| !sign.is_ascii_whitespace()) {
            if start > 0 {
                self.gap(Gap::Space);
            }
            rest = rest.get(start..).unwrap_or_default();
            let end = rest.find(|sign: char| sign.is_ascii_whitespace()).unwrap_or(rest.len());
            let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            self.word(word);
            rest = behind;
        }
        if !rest.is_empty() {
            self.gap(Gap::Space);
        }
    }

    fn content(&mut self, element: Element<'_, '_>) {
        for child in element.0.children() {
            if let Some(text) = child.text().filter(|_| child.is_text()) {
                self.words(text);
            } else if child.is_element() {
                self.element(Element(child));
            }
        }
    }

    fn element(&mut self, element: Element<'_, '_>) {
        let name = element.name();
        if NO_TEXT.contains(&name) || element.attribute("revised") == Some("delete") {
            return;
        }
        match name {
            "br" => self.gap(Gap::Line),
            "sup" => self.raised(element),
            "list" | "ul" | "ol" => self.list(element),
            "tr" => self.row(element),
            "caption" | "thead" | "tbody" | "tfoot" | "li" | "item" => self.between(Gap::Line, element),
            name if BLOCKS.contains(&name) => self.between(Gap::Paragraph, element),
            _ => self.content(element),
        }
    }

    fn between(&mut self, gap: Gap, element: Element<'_, '_>) {
        self.gap(gap);
        self.content(element);
        self.gap(gap);
    }

    /// Ten to the ninth must not become a hundred and nine.
    fn raised(&mut self, element: Element<'_, '_>) {
        let is_power =
            element.own_text().trim_start().starts_with(|sign: char| sign.is_ascii_digit() || "+-−".contains(sign));
        if is_power && self.gap == Gap::None && !self.text.is_empty() {
            self.word("^");
        }
        self.content(element);
    }

    fn list(&mut self, list: Element<'_, '_>) {
        self.gap(Gap::Paragraph);
        let is_ordered = list.name() == "ol" || list.attribute("listType") == Some("ordered");
        let is_nested = self.indent;
        let mut number = 0;
        for child in list.elements() {
            if !matches!(child.name(), "item" | "li") {
                self.element(child);
                continue;
            }
            number += 1;
            self.gap(Gap::Line);
            // An empty item leaves no mark behind.
            let mark = if is_ordered { format!("{number}.") } else { "–".to_owned() };
            let before = (self.text.len(), self.gap, self.strokes);
            self.word(&mark);
            let with_mark = self.text.len();
            (self.gap, self.marked, self.indent) = (Gap::Space, true, (is_nested + 1).min(MAX_INDENT));
            self.content(child);
            if self.text.len() == with_mark {
                self.text.truncate(before.0);
                (self.gap, self.strokes) = (before.1, before.2);
            }
            (self.marked, self.indent) = (false, is_nested);
        }
        self.gap(Gap::Paragraph);
    }

    /// A row is a line, its cells are parted by strokes; what is within a cell stays in the line.
    fn row(&mut self, row: Element<'_, '_>) {
        self.gap(Gap::Line);
        let outer = std::mem::replace(&mut self.strokes, 0);
        self.cells += 1;
        for (number, cell) in row.elements().enumerate() {
            self.strokes += usize::from(number > 0);
            self.content(cell);
        }
        self.cells -= 1;
        self.strokes = outer;
        self.gap(Gap::Line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(narrative: &str) -> String {
        let text = format!("<text>{narrative}</text>");
        let document = roxmltree::Document::parse(&text).unwrap();
        words(Element(document.root_element())).unwrap_or_default()
    }

    #[test]
    fn paragraphs_lists_and_tables_become_lines() {
        assert_eq!(of("Ein\n  <content styleCode='Bold'>Wort</content>.<br/>Zwei"), "Ein Wort.\nZwei");
        assert_eq!(
            of("<paragraph><caption>Labor</caption>Eins</paragraph> <paragraph>Zwei</paragraph>"),
            "Labor\nEins\n\nZwei"
        );
        assert_eq!(
            of(
                "Mittel:<list listType='ordered'><item>A<list><item><paragraph>B</paragraph></item><item/></list></item><item>C</item></list>Ende"
            ),
            "Mittel:\n\n1. A\n  – B\n2. C\n\nEnde"
        );
        assert_eq!(
            of(
                "<table><caption>Werte</caption><thead><tr><th>Name</th><th>Wert</th></tr></thead><tbody><tr><td>Kalium</td><td>4,2<br/>mmol/l</td><td/></tr><tr><td/></tr></tbody></table>"
            ),
            "Werte\nName | Wert\nKalium | 4,2 mmol/l"
        );
        assert_eq!(
            of(
                "<table><tr><td/><td>a</td><td/><td>b<table><tr><td>c</td><td>d</td></tr></table></td></tr><tr><td>e</td></tr></table>f"
            ),
            "| a | | b c | d\ne\n\nf"
        );
        assert_eq!(of("<table><tr><td>a</td><td><list><item/><item>b</item></list></td></tr></table>"), "a | – b");
        assert_eq!(of(" \n <paragraph/> <list/> "), "");
    }

    #[test]
    fn powers_stay_powers() {
        assert_eq!(
            of("6 x 10<sup>9</sup>/l, Na<sup>+</sup>, H<sub>2</sub>O, Marke<sup>®</sup>"),
            "6 x 10^9/l, Na^+, H2O, Marke®"
        );
    }

    #[test]
    fn nothing_of_the_markup_comes_through() {
        let text = of(
            "<linkHtml href='javascript:alert(1)'>hier</linkHtml> <script>alert(1)</script><style>a{}</style>\
            <renderMultiMedia referencedObject='x'><caption>Bild</caption></renderMultiMedia>\
            <content revised='delete'>falsch</content> <img src='http://a.example/b'/><b onclick='x'>fett</b> &lt;i&gt; 1 &lt; 2",
        );
        assert_eq!(text, "hier\nBild\nfett <i> 1 < 2");
    }
}
