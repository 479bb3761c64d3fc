//! One result of an LDT 3 report: values with units, ranges with verdicts, words.

use std::collections::HashMap;

use nahraum_domain::kdl::{self, DocumentClass};

use super::super::result::{Limits, REMARKS, Sent, Told};
use super::super::text::{Text, some};
use super::super::tree::{Item, Object};
use super::super::verdict::Stage;
use super::{MOMENT, Material, moment};
use crate::read::Warnings;

/// Text of several lines (field 3564), and what draws attention (field 7280).
const LINES: &[u8] = b"Obj_0068";
const ATTENTION: &[u8] = b"Obj_0026";
const RANGE: &[u8] = b"Obj_0042";

/// A line with so many bytes is full: 990 are allowed, and senders keep a few free.
const FULL_LINE: usize = 970;

/// What kind of result an object is. The first kind in a report gives the report its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// About genes of the person.
    Genetics,
    /// Values of a laboratory.
    Chemistry,
    /// Germs and what they withstand.
    Microbiology,
    /// Tissue.
    Tissue,
    /// Cells.
    Cells,
    /// Genes of a tissue.
    Molecules,
    /// Anything else.
    Other,
}

impl Kind {
    pub(super) fn class(self) -> &'static DocumentClass {
        let code = match self {
            Self::Chemistry | Self::Genetics | Self::Other => kdl::LABORATORY_REPORT.code,
            Self::Microbiology => "LB130101",
            Self::Tissue => "PT080102",
            Self::Cells => "PT260102",
            Self::Molecules => "PT130102",
        };
        kdl::find(code).unwrap_or(&kdl::LABORATORY_REPORT)
    }
}

/// The kind of result. `None`: the object is none, but e.g. a moment.
pub(super) fn kind(object: &Object<'_>, text: Text) -> Option<Kind> {
    match object.name {
        b"Obj_0060" => Some(Kind::Chemistry),
        b"Obj_0061" => Some(Kind::Microbiology),
        b"Obj_0062" | b"Obj_0063" => Some(Kind::Cells),
        b"Obj_0073" => Some(match object.field(7431).map(|line| text.of(line)).as_deref() {
            Some("1") => Kind::Tissue,
            Some("2") => Kind::Genetics,
            Some("3") => Kind::Molecules,
            Some(_) | None => Kind::Other,
        }),
        MOMENT | LINES | ATTENTION => None,
        _ => Some(Kind::Other),
    }
}

/// What the fields of one result say.
pub(super) fn told(
    object: &Object<'_>,
    text: Text,
    materials: &HashMap<String, Material>,
    warnings: &mut Warnings,
) -> Told {
    let mut told = Told::default();
    let mut loinc = false;
    let mut material = None;
    for item in &object.items {
        let line = match item {
            Item::Field(line) => line,
            Item::Object(inner) => {
                inside(&mut told, inner, text, warnings);
                continue;
            }
        };
        let content = text.of(line);
        match line.field {
            7260 => loinc = content == "1",
            7365 if loinc => told.loinc = some(content),
            7365 | 8410 => told.code = some(content),
            8411 => told.name = some(content),
            8418 => told.stage = some(content).map(|code| Stage::parse(&code)),
            7306 => told.in_words = content == "04",
            8420 => told.values.push(Sent { raw: content.into_owned(), unit: None }),
            8421 => {
                if let Some(sent) = told.values.last_mut() {
                    sent.unit = some(content);
                }
            }
            7302 => told.method = some(content),
            7364 => material = materials.get(&*content),
            _ => {}
        }
    }
    // One material for all is not always named.
    let only = materials.values().next().filter(|_| materials.len() == 1);
    if let Some(material) = material.or(only) {
        told.specimen.clone_from(&material.name);
        if material.date.is_some() {
            (told.date, told.at) = (material.date, material.at);
        }
    }
    told
}

/// An object in a result: a range, words, a moment, attention.
fn inside(told: &mut Told, object: &Object<'_>, text: Text, warnings: &mut Warnings) {
    match object.name {
        RANGE => range(told, object, text),
        MOMENT if object.attribute == 8225 && told.date.is_none() => {
            (told.date, told.at) = moment(object, text, warnings);
        }
        _ => {}
    }
    for inner in object.every() {
        match inner.name {
            LINES if inner.attribute == 8237 => told.text.extend(lines(inner, text)),
            LINES => told.comment.extend(lines(inner, text)),
            ATTENTION => told.grave |= is_grave(inner, text),
            _ => {}
        }
    }
}

fn range(told: &mut Told, object: &Object<'_>, text: Text) {
    let (mut normal, mut alarm) = (Limits::default(), Limits { alarm: true, ..Limits::default() });
    let mut last = 0;
    for line in object.fields() {
        let content = text.of(line);
        match line.field {
            8460 | 7316 => normal.text.extend(some(content)),
            8461 => normal.low = some(content),
            8462 => normal.high = some(content),
            7363 => alarm.low = some(content),
            7371 => alarm.high = some(content),
            8421 if matches!(last, 7363 | 7371) => alarm.unit = some(content),
            8421 => normal.unit = some(content),
            8422 => told.flags.extend(some(content)),
            _ => {}
        }
        // The system of a unit stands between a limit and its unit.
        if !matches!(line.field, 8419 | 8421) {
            last = line.field;
        }
    }
    told.ranges.push(normal);
    if alarm.low.is_some() || alarm.high.is_some() {
        told.ranges.push(alarm);
    }
}

/// The text of an object. A line that is as long as lines may be goes on in the next one, in the middle of a word.
fn lines(object: &Object<'_>, text: Text) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in object.fields().filter(|line| line.field == 3564) {
        let is_full = line.content.len() >= FULL_LINE;
        let row = if is_full { text.whole(line).into_owned() } else { text.row(line) };
        match lines.last_mut().filter(|_| goes_on) {
            Some(last) => last.push_str(&row),
            None => lines.push(row),
        }
        goes_on = is_full;
    }
    lines
}

/// Field 7280: of the reasons for attention, 2 is a danger to life.
fn is_grave(object: &Object<'_>, text: Text) -> bool {
    has_reason(object, "2", text)
}

/// Whether anything in a report is an infection that the laboratory must notify (7280 is 7; IfSG, section 7).
pub(super) fn is_notifiable(tree: &Object<'_>, text: Text) -> bool {
    tree.every().any(|object| object.name == ATTENTION && has_reason(object, "7", text))
}

fn has_reason(object: &Object<'_>, code: &str, text: Text) -> bool {
    object.fields().any(|line| line.field == 7280 && text.of(line).trim_start_matches('0') == code)
}

/// What is said about a report as a whole: all words that stand in none of its results.
pub(super) fn remarks(tree: &Object<'_>, results: &[&Object<'_>], text: Text) -> Option<Told> {
    let mut of_results: Vec<usize> =
        results.iter().flat_map(|result| result.every()).map(|object| object.line).collect();
    of_results.sort_unstable();
    let every = tree.every().filter(|object| of_results.binary_search(&object.line).is_err());
    let (mut words, mut grave) = (Vec::new(), false);
    for object in every {
        match object.name {
            LINES => words.extend(lines(object, text)),
            ATTENTION => grave |= is_grave(object, text),
            _ => {}
        }
    }
    (grave || !words.is_empty()).then(|| Told { grave, stage: Some(Stage::Final), ..Told::words(REMARKS, words) })
}
