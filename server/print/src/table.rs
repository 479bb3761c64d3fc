//! Tables: rows of cells side by side, from where reading starts.

use krilla::tagging::{Tag, TagKind};
use nahraum_texts::Direction;

use crate::{
    sheet::{Align, Block, MARGIN, MEASURE, Sheet, set},
    typeset::{Style, Weight},
};

/// White space between two columns, in points.
pub(crate) const GAP: f32 = 8.0;

/// What a cell is, how its first text is set, and its texts.
pub(crate) type Cell<'t> = (TagKind, Style, Vec<&'t str>);

/// A row that is set and not yet on the page.
pub(crate) struct Row {
    pub(crate) block: Block,
    /// In points.
    pub(crate) height: f32,
}

impl Row {
    /// Sets the cells side by side in columns of these widths, with so much space above and a point less below, all in points. The
    /// texts of a cell stand below each other, all but the first small.
    pub(crate) fn set<const N: usize>(sheet: &Sheet, widths: [f32; N], space: f32, cells: [Cell<'_>; N]) -> Self {
        let (mut offset, mut height, mut blocks) = (0.0, 0.0_f32, Vec::new());
        for ((tag, style, texts), width) in cells.into_iter().zip(widths) {
            let x = match style.dir {
                Direction::Ltr => MARGIN + offset,
                Direction::Rtl => MARGIN + MEASURE - offset - width + GAP,
            };
            let (mut y, mut lines) = (sheet.y + space, Vec::new());
            for (at, text) in texts.into_iter().enumerate() {
                let style = if at == 0 { style } else { Style { size: 8.0, weight: Weight::Regular, ..style } };
                let cell = set(&style, Align::Start, text, (x, y, width - GAP));
                y += cell.height;
                lines.push(cell.block);
            }
            height = height.max(y - sheet.y);
            blocks.push(Block::Group(tag, lines));
            offset += width;
        }
        Self { block: Block::Group(Tag::TR.into(), blocks), height: height + space - 1.0 }
    }
}

/// A table of rows that are set.
pub(crate) fn table(head: Block, body: Vec<Block>) -> Block {
    let parts = [(TagKind::from(Tag::THead), vec![head]), (Tag::TBody.into(), body)];
    Block::Group(Tag::Table.into(), parts.into_iter().map(|(tag, rows)| Block::Group(tag, rows)).collect())
}
