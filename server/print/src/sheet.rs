//! Tagged pages: blocks are collected from top to bottom, page by page, and written as PDF at the end.

use std::num::NonZeroU16;

use jiff::{Timestamp, tz::Offset};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, Archival, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::{DateTime, Metadata, TextDirection},
    num::NormalizedF32,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Node, SpanTag, Tag, TagGroup, TagKind, TagTree},
};
use nahraum_texts::{Direction, Language, fill, localize_digits, log_sheet_texts};

use crate::{
    PrintError,
    typeset::{Line, Style, Weight, lines},
};

/// ISO 216 A4 in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// White space on every side, in points (20 mm).
pub(crate) const MARGIN: f32 = 56.69;
/// The width of the text, in points.
pub(crate) const MEASURE: f32 = PAGE.0 - 2.0 * MARGIN;

/// Where a line stands in its column.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    /// Where reading starts.
    Start,
    Center,
}

/// Ink on the page. Positions in points from the upper left corner.
enum Ink {
    Text { line: Line, weight: Weight, size: f32, x: f32, baseline: f32 },
    Boxes { boxes: Vec<Rect>, grey: u8 },
}

/// A part of the page and what it means.
pub(crate) enum Block {
    Group(TagKind, Vec<Block>),
    Leaf(InkWell),
    Decoration(InkWell),
}

/// The ink of one block.
pub(crate) struct InkWell(Vec<Ink>);

/// Text set into a column: the block's content and how far down it reaches.
pub(crate) struct Set {
    pub(crate) block: Block,
    /// In points.
    pub(crate) height: f32,
}

/// Sets a text into the column that starts `x` points from the left, its top `y` points from the top.
pub(crate) fn set(style: &Style, align: Align, text: &str, (x, y, width): (f32, f32, f32)) -> Set {
    let mut ink = Vec::new();
    let mut bottom = y;
    for line in lines(style, text, width) {
        let left = match (align, style.dir) {
            (Align::Start, Direction::Ltr) => x,
            (Align::Start, Direction::Rtl) => x + width - line.width - line.hang,
            (Align::Center, Direction::Ltr) => x + (width - line.width) / 2.0,
            (Align::Center, Direction::Rtl) => x + (width - line.width) / 2.0 - line.hang,
        };
        let baseline = bottom + style.size * 1.05;
        ink.push(Ink::Text { line, weight: style.weight, size: style.size, x: left, baseline });
        bottom += style.leading();
    }
    Set { block: Block::Leaf(InkWell(ink)), height: bottom - y }
}

/// Filled rectangles that are content, such as a QR code.
pub(crate) fn drawing(boxes: Vec<Rect>) -> Block {
    Block::Leaf(InkWell(vec![Ink::Boxes { boxes, grey: 0 }]))
}

/// A level-one heading around a block. PDF/UA wants the words as well.
pub(crate) fn heading(words: &str, block: Block) -> Block {
    Block::Group(Tag::Hn(NonZeroU16::MIN, Some(words.to_owned())).into(), vec![block])
}

/// Pages that grow from top to bottom. Most papers have one.
pub(crate) struct Sheet {
    language: Language,
    title: String,
    /// The pages before the one that grows.
    full: Vec<Vec<Block>>,
    blocks: Vec<Block>,
    /// Where the next block starts, in points from the top.
    pub(crate) y: f32,
}

impl Sheet {
    pub(crate) const fn new(language: Language, title: String) -> Self {
        Self { language, title, full: Vec::new(), blocks: Vec::new(), y: MARGIN }
    }

    /// A style in the language of the page.
    pub(crate) const fn style(&self, weight: Weight, size: f32) -> Style {
        Style { weight, size, language: self.language, dir: self.language.dir() }
    }

    /// How much room is left above the lower margin, in points.
    pub(crate) const fn room(&self) -> f32 {
        PAGE.1 - MARGIN - self.y
    }

    /// Begins the next page.
    pub(crate) fn break_page(&mut self) {
        self.full.push(std::mem::take(&mut self.blocks));
        self.y = MARGIN;
    }

    /// Puts a line into the lower margin of each page: what the paper is called, the page's number and how many there are. It is
    /// no content, and comes last.
    pub(crate) fn number_pages(&mut self, title: &str) {
        let (style, texts) = (self.style(Weight::Regular, 8.0), log_sheet_texts(self.language));
        let language = self.language;
        let digits = |number: usize| localize_digits(language, &number.to_string());
        let of = self.full.len().saturating_add(1);
        let pages = self.full.iter_mut().chain([&mut self.blocks]);
        for (number, page) in (1..).zip(pages) {
            let words = fill(&texts.page, &[("page", &digits(number)), ("pages", &digits(of))]);
            let words = format!("{title} · {words}");
            let set = set(&style, Align::Center, &words, (MARGIN, PAGE.1 - MARGIN + 16.0, MEASURE));
            if let Block::Leaf(ink) = set.block {
                page.push(Block::Decoration(ink));
            }
        }
    }

    /// Adds a block that is placed already.
    pub(crate) fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Adds a paragraph over the whole measure and moves below it.
    pub(crate) fn paragraph(&mut self, style: &Style, align: Align, text: &str) {
        let set = set(style, align, text, (MARGIN, self.y, MEASURE));
        self.y += set.height;
        self.push(Block::Group(Tag::P.into(), vec![set.block]));
    }

    /// Adds the heading of the paper and moves below it.
    pub(crate) fn heading(&mut self, style: &Style, text: &str) {
        let set = set(style, Align::Start, text, (MARGIN, self.y, MEASURE));
        self.y += set.height;
        self.push(heading(text, set.block));
    }

    /// Adds a hairline over the whole measure.
    pub(crate) fn rule(&mut self) {
        let boxes = Rect::from_xywh(MARGIN, self.y, MEASURE, 0.6).into_iter().collect();
        self.push(Block::Decoration(InkWell(vec![Ink::Boxes { boxes, grey: 120 }])));
    }

    /// Writes the pages.
    ///
    /// # Errors
    /// [`PrintError::TooLong`] if the last page reaches into the lower margin, [`PrintError::Pdf`] if the writer refuses.
    pub(crate) fn finish(self, created_at: Timestamp) -> Result<Vec<u8>, PrintError> {
        if self.y > PAGE.1 - MARGIN {
            return Err(PrintError::TooLong);
        }
        let configuration = ConfigurationBuilder::new()
            .with_archival_validator(Archival::A2_A)
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|_| PrintError::Pdf)?;
        let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
        let mut tree = TagTree::new();
        for blocks in self.full.into_iter().chain([self.blocks]) {
            let settings = PageSettings::from_wh(PAGE.0, PAGE.1).ok_or(PrintError::Pdf)?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for node in blocks.into_iter().filter_map(|block| draw(&mut surface, block)) {
                tree.push(node);
            }
            surface.finish();
            page.finish();
        }
        let mut outline = Outline::new();
        let top = XyzDestination::new(0, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(self.title.clone(), top));
        document.set_outline(outline);
        document.set_tag_tree(tree);
        document.set_metadata(metadata(self.language, self.title, created_at));
        document.finish().map_err(|_| PrintError::Pdf)
    }
}

#[cfg(test)]
impl Sheet {
    /// All words of all pages, in the order they are drawn.
    pub(crate) fn words(&self) -> String {
        fn add(block: &Block, words: &mut String) {
            match block {
                Block::Group(_, children) => children.iter().for_each(|child| add(child, words)),
                Block::Leaf(InkWell(ink)) | Block::Decoration(InkWell(ink)) => {
                    for ink in ink {
                        if let Ink::Text { line, .. } = ink {
                            line.runs.iter().for_each(|run| words.push_str(&run.text));
                        }
                    }
                    words.push(' ');
                }
            }
        }
        let mut words = String::new();
        self.full.iter().flatten().chain(&self.blocks).for_each(|block| add(block, &mut words));
        words
    }
}

fn metadata(language: Language, title: String, created_at: Timestamp) -> Metadata {
    let at = Offset::UTC.to_datetime(created_at);
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0);
    let direction = match language.dir() {
        Direction::Ltr => TextDirection::LeftToRight,
        Direction::Rtl => TextDirection::RightToLeft,
    };
    Metadata::new().title(title).language(language.tag().to_owned()).creation_date(date).text_direction(direction)
}

/// Draws a block and gives its place in the logical structure; decoration has none.
fn draw(surface: &mut Surface<'_>, block: Block) -> Option<Node> {
    match block {
        Block::Group(tag, children) => {
            let nodes = children.into_iter().filter_map(|child| draw(surface, child)).collect();
            Some(TagGroup::with_children(tag, nodes).into())
        }
        Block::Leaf(ink) => {
            let id = surface.start_tagged(ContentTag::Span(SpanTag::empty()));
            ink.flow(surface);
            surface.end_tagged();
            Some(id.into())
        }
        Block::Decoration(ink) => {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            ink.flow(surface);
            surface.end_tagged();
            None
        }
    }
}

impl InkWell {
    fn flow(self, surface: &mut Surface<'_>) {
        for ink in self.0 {
            match ink {
                Ink::Text { line, weight, size, mut x, baseline } => {
                    surface.set_fill(Some(grey(0)));
                    for run in line.runs {
                        let font = weight.face().font.clone();
                        surface.draw_glyphs(Point::from_xy(x, baseline), &run.glyphs, font, &run.text, size, false);
                        x += run.width;
                    }
                }
                Ink::Boxes { boxes, grey: level } => {
                    surface.set_fill(Some(grey(level)));
                    let mut path = PathBuilder::new();
                    for one in boxes {
                        path.push_rect(one);
                    }
                    if let Some(path) = path.finish() {
                        surface.draw_path(&path);
                    }
                }
            }
        }
    }
}

fn grey(level: u8) -> Fill {
    Fill { paint: rgb::Color::new(level, level, level).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}
