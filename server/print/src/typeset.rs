//! Lines of text: bidirectional order (UAX #9), line breaking (UAX #14) and shaping, with one bundled typeface that has
//! Latin, Cyrillic and Arabic letters.

use std::{ops::Range, str::FromStr as _, sync::LazyLock};

use krilla::text::{Font, GlyphId, KrillaGlyph};
use nahraum_texts::{Direction, Language};
use rustybuzz::UnicodeBuffer;
use unicode_bidi::{Level, ParagraphBidiInfo};

/// A cut of the typeface.
#[derive(Clone, Copy)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A cut as the shaper and as the PDF writer want it.
pub(crate) struct Face {
    shaper: rustybuzz::Face<'static>,
    pub(crate) font: Font,
}

impl Weight {
    pub(crate) fn face(self) -> &'static Face {
        static REGULAR: LazyLock<Face> = LazyLock::new(|| load(include_bytes!("../fonts/DejaVuSans.ttf")));
        static BOLD: LazyLock<Face> = LazyLock::new(|| load(include_bytes!("../fonts/DejaVuSans-Bold.ttf")));
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        }
    }
}

#[expect(clippy::expect_used, reason = "the fonts are compiled in and every test uses them")]
fn load(bytes: &'static [u8]) -> Face {
    Face {
        shaper: rustybuzz::Face::from_slice(bytes, 0).expect("an embedded font is readable"),
        font: Font::new(bytes.into(), 0).expect("an embedded font is readable"),
    }
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    /// In points.
    pub(crate) size: f32,
    pub(crate) language: Language,
    /// The direction of the paragraph; foreign runs inside it keep their own.
    pub(crate) dir: Direction,
}

impl Style {
    /// From one baseline to the next, in points.
    pub(crate) const fn leading(&self) -> f32 {
        self.size * 1.4
    }
}

/// A piece of one direction, shaped, in the order it is drawn.
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In points.
    pub(crate) width: f32,
}

/// A line, its runs from left to right.
pub(crate) struct Line {
    pub(crate) runs: Vec<Run>,
    /// In points, without the white space the line ends with.
    pub(crate) width: f32,
    /// The white space it ends with, in points. It is drawn, so that words stay apart when the text is taken out.
    pub(crate) hang: f32,
}

/// Breaks a text into lines of at most `width` points. A word longer than that is broken anywhere.
pub(crate) fn lines(style: &Style, text: &str, width: f32) -> Vec<Line> {
    let text = printable(style, text);
    let level = match style.dir {
        Direction::Ltr => Level::ltr(),
        Direction::Rtl => Level::rtl(),
    };
    let bidi = ParagraphBidiInfo::new(&text, Some(level));
    let breaks: Vec<usize> = unicode_linebreak::linebreaks(&text).map(|(at, _)| at).collect();
    let mut lines = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let fitting = |ends: &mut dyn Iterator<Item = usize>| {
            ends.filter(|&end| end > start)
                .map(|end| (end, line(style, &text, &bidi, start..end)))
                .take_while(|(_, line)| line.width <= width)
                .last()
        };
        let rest = || text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let next = fitting(&mut breaks.iter().copied()).or_else(|| fitting(&mut rest()));
        let (end, line) = next.unwrap_or_else(|| {
            let end = rest().find(|&at| at > start).unwrap_or(text.len());
            (end, line(style, &text, &bidi, start..end))
        });
        lines.push(line);
        start = end;
    }
    lines
}

/// The text without line breaks, and with U+FFFD for what the typeface does not have or what PDF/UA does not let
/// through: private use and non-characters, which mean nothing to a reader.
fn printable(style: &Style, text: &str) -> String {
    let face = &style.weight.face().shaper;
    text.chars()
        .map(|c| if c.is_whitespace() && c != '\u{a0}' { ' ' } else { c })
        .filter(|&c| !c.is_control() && c != '\u{feff}')
        .map(|c| if is_invisible(c) || (!is_meaningless(c) && face.glyph_index(c).is_some()) { c } else { '\u{fffd}' })
        .collect()
}

const fn is_meaningless(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffc}' | '\u{fffe}'..='\u{ffff}' | '\u{f0000}'..='\u{10ffff}')
}

/// Marks that steer direction and joining and have no shape of their own.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

fn line(style: &Style, text: &str, bidi: &ParagraphBidiInfo<'_>, range: Range<usize>) -> Line {
    let slice = text.get(range.clone()).unwrap_or_default();
    let trimmed = slice.trim_end();
    let (levels, visual) = bidi.visual_runs(range);
    let mut runs = Vec::new();
    for run in visual {
        let rtl = levels.get(run.start).is_some_and(Level::is_rtl);
        let piece = shape(style, text.get(run).unwrap_or_default(), rtl);
        if !piece.glyphs.is_empty() {
            runs.push(piece);
        }
    }
    let all: f32 = runs.iter().map(|run| run.width).sum();
    let hang = slice.get(trimmed.len()..).map_or(0.0, |spaces| shape(style, spaces, false).width);
    Line { runs, width: all - hang, hang }
}

fn shape(style: &Style, piece: &str, rtl: bool) -> Run {
    let face = style.weight.face();
    let text: String = piece.chars().filter(|&c| !is_direction_mark(c)).collect();
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text);
    buffer.set_direction(if rtl { rustybuzz::Direction::RightToLeft } else { rustybuzz::Direction::LeftToRight });
    if let Ok(language) = rustybuzz::Language::from_str(style.language.tag()) {
        buffer.set_language(language);
    }
    buffer.guess_segment_properties();
    let shaped = rustybuzz::shape(&face.shaper, &[], buffer);
    let clusters = shaped.glyph_infos().iter().map(|info| usize::try_from(info.cluster).unwrap_or(text.len()));
    let mut starts: Vec<usize> = clusters.clone().collect();
    starts.sort_unstable();
    let mut width = 0.0;
    let mut glyphs = Vec::with_capacity(shaped.len());
    for ((info, position), start) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()).zip(clusters) {
        let end = starts.iter().copied().find(|&next| next > start).unwrap_or(text.len());
        let em = |units: i32| i16::try_from(units).map_or(0.0, f32::from) / face.font.units_per_em();
        let (x, y) = (em(position.x_advance), em(position.y_advance));
        width += x * style.size;
        let id = GlyphId::new(info.glyph_id);
        glyphs.push(KrillaGlyph::new(id, x, em(position.x_offset), em(position.y_offset), y, start..end, None));
    }
    Run { text, glyphs, width }
}

/// Marks that have done their work when the order of the runs is known. U+200C and U+200D are not among them: they
/// decide how Arabic letters join.
const fn is_direction_mark(c: char) -> bool {
    is_invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(language: Language) -> Style {
        Style { weight: Weight::Regular, size: 10.0, language, dir: language.dir() }
    }

    fn texts(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| line.runs.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn lines_break_between_words_and_keep_to_the_width() {
        let set = lines(&style(Language::De), "Geben Sie dieses Blatt niemandem weiter.", 80.0);
        assert_eq!(texts(&set), ["Geben Sie ", "dieses Blatt ", "niemandem ", "weiter."]);
        assert!(set.iter().all(|line| line.width <= 80.0));
    }

    #[test]
    fn a_word_that_is_too_long_is_broken_anywhere() {
        let set = lines(&style(Language::De), &"x".repeat(40), 50.0);
        assert!(set.len() > 4 && set.iter().all(|line| line.width <= 50.0));
        assert_eq!(texts(&set).concat(), "x".repeat(40));
        assert_eq!(lines(&style(Language::De), "abc", 0.0).len(), 3, "even without any room it comes to an end");
    }

    #[test]
    fn a_latin_name_inside_arabic_is_a_run_of_its_own() {
        let set = lines(&style(Language::Ar), "افتح تطبيق \u{2068}Nahraum\u{2069} على هاتفك.", 500.0);
        assert_eq!(texts(&set), [" على هاتفك.Nahraumافتح تطبيق "]);
    }

    #[test]
    fn arabic_letters_are_joined() {
        let joined = lines(&style(Language::Ar), "بيت", 500.0);
        let apart = lines(&style(Language::Ar), "ب ي ت", 500.0);
        let ids = |lines: &[Line]| -> Vec<u32> {
            lines.iter().flat_map(|l| &l.runs).flat_map(|r| &r.glyphs).map(|g| g.glyph_id.to_u32()).collect()
        };
        let (joined, apart) = (ids(&joined), ids(&apart));
        assert!(joined.iter().all(|glyph| !apart.contains(glyph)), "{joined:?} {apart:?}");
    }

    #[test]
    fn every_letter_of_every_language_is_in_both_cuts() {
        for language in Language::ALL {
            let slip = nahraum_texts::slip_texts(language);
            for weight in [Weight::Regular, Weight::Bold] {
                let all = format!("{}{}{}{}", slip.heading, slip.steps.concat(), slip.keep_private, slip.help);
                assert!(!printable(&Style { weight, ..style(language) }, &all).contains('\u{fffd}'));
            }
        }
        assert_eq!(printable(&style(Language::De), "漢\n\u{7}a"), "\u{fffd} a");
    }
}
