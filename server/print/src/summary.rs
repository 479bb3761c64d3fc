//! Findings in brief on paper, for the next visit: what the physician says, what stands out, all values, and squares with the
//! same values, signed.

use std::{borrow::Cow, fmt, iter::Peekable, num::NonZeroU16};

use jiff::{Timestamp, civil::DateTime};
use krilla::tagging::{TableHeaderScope, Tag, TagKind};
use nahraum_domain::{
    disclosure::FindingRecord,
    finding::{FindingState, Flag, Observation, ReportStatus},
    understanding::{RangePlace, place, stands_out},
};
use nahraum_texts::{
    Banner, Direction, Language, RecordTexts, SummaryTexts, banner, fill, glossary_entry, isolate, kind_label,
    lab_texts, long_date, place_text, record_texts, summary_texts,
};

use crate::{
    PrintError,
    sheet::{Align, Block, MARGIN, MEASURE, Sheet, drawing, set},
    slip::qr_boxes,
    table::{GAP, Row, table as tagged},
    typeset::{Style, Weight},
    values::{made, range_words, result},
};

/// The widths of the columns in points, from where reading starts. Together they are the measure.
const COLUMNS: [f32; 4] = [156.0, 108.0, 98.0, MEASURE - 362.0];

/// How much of a text in a row and of a note is printed, in characters. The document has the rest.
const SHORT: usize = 300;
const NOTE: usize = 1500;

/// White space above a row, in points.
const SPACE: f32 = 2.0;

/// The width of a square with its quiet zone, in points: five and a half centimetres.
const SQUARE: f32 = 156.0;

/// How many squares stand side by side.
const SIDE_BY_SIDE: usize = 3;

/// Findings to print in brief.
pub struct SummaryPaper {
    /// The language of the resident.
    pub language: Language,
    /// What the app is called.
    pub app_name: String,
    /// When it is made, where the resident lives.
    pub as_of: DateTime,
    /// The address of the page that checks squares.
    pub page: String,
    /// The findings.
    pub findings: Vec<SummarizedFinding>,
}

/// A finding, and its values signed.
pub struct SummarizedFinding {
    /// The finding, as its owner may see it.
    pub finding: FindingRecord,
    /// What the squares hold.
    pub squares: Vec<String>,
}

impl fmt::Debug for SummaryPaper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SummaryPaper(•••)")
    }
}

impl fmt::Debug for SummarizedFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SummarizedFinding(•••)")
    }
}

/// Prints findings in brief on as many A4 pages as it takes. `created_at` goes into the metadata only.
///
/// # Errors
/// [`PrintError::TooLong`] if one value does not fit onto a page, [`PrintError::QrTooLong`] if what is signed does not fit into a
/// square, [`PrintError::Pdf`] if the writer refuses.
pub fn findings_summary(paper: &SummaryPaper, created_at: Timestamp) -> Result<Vec<u8>, PrintError> {
    compose(paper)?.finish(created_at)
}

fn compose(paper: &SummaryPaper) -> Result<Sheet, PrintError> {
    let (language, texts) = (paper.language, summary_texts(paper.language));
    let mut sheet = Sheet::new(language, fill(&texts.heading, &[("app_name", &paper.app_name)]));
    let title = fill(&texts.heading, &[("app_name", &isolate(language, &paper.app_name))]);
    sheet.heading(&sheet.style(Weight::Bold, 20.0), &title);
    sheet.y += 6.0;
    introduction(&mut sheet, paper, texts);
    for one in &paper.findings {
        finding(&mut sheet, language, &one.finding)?;
        squares(&mut sheet, paper, &one.squares)?;
    }
    sheet.number_pages(&title);
    Ok(sheet)
}

fn introduction(sheet: &mut Sheet, paper: &SummaryPaper, texts: &SummaryTexts) {
    let body = sheet.style(Weight::Regular, 11.0);
    for sentence in [&texts.intro, &made(paper.language, paper.as_of)] {
        sheet.paragraph(&body, Align::Start, sentence);
        sheet.y += 2.0;
    }
    // The server knows nobody's name: it is written by hand.
    sheet.y += 12.0;
    sheet.paragraph(&body, Align::Start, &format!("{}:", texts.person));
    sheet.y += 4.0;
    sheet.rule();
}

fn finding(sheet: &mut Sheet, language: Language, finding: &FindingRecord) -> Result<(), PrintError> {
    let (texts, lab, summary) = (record_texts(language), lab_texts(language), &finding.summary);
    sheet.y += 14.0;
    if sheet.room() < 140.0 {
        sheet.break_page();
    }
    let title = summary.title.as_ref().map_or_else(|| kind_label(language, summary.class.kind), |title| title.reveal());
    let words = isolate(language, title);
    let set = set(&sheet.style(Weight::Bold, 14.0), Align::Start, &words, (MARGIN, sheet.y, MEASURE));
    sheet.y += set.height;
    let second = NonZeroU16::MIN.saturating_add(1);
    sheet.push(Block::Group(Tag::Hn(second, Some(title.to_owned())).into(), vec![set.block]));
    facts(sheet, language, texts, finding);
    let open = matches!(finding.report_status, ReportStatus::Partial | ReportStatus::Preliminary);
    let on_top = [
        (summary.state == FindingState::Superseded).then(|| banner(language, Banner::Superseded)),
        (summary.state == FindingState::Recalled).then(|| banner(language, Banner::Recalled)),
        open.then_some(lab.preliminary.as_str()),
    ];
    let bold = sheet.style(Weight::Bold, 10.0);
    for sentence in on_top.into_iter().flatten() {
        sheet.paragraph(&bold, Align::Start, sentence);
    }
    if let Some(note) = &finding.note {
        sheet.y += 3.0;
        let note = format!("{}: {}", texts.note, isolate(language, &shortened(note.reveal(), NOTE)));
        sheet.paragraph(&sheet.style(Weight::Regular, 11.0), Align::Start, &note);
    }
    let values = &finding.observations;
    let first: Vec<&Observation> =
        stands_out(values).into_iter().filter_map(|at| values.get(usize::try_from(at).ok()?)).collect();
    for (heading, rows) in [(&lab.stands_out, first), (&lab.all_values, values.iter().collect())] {
        if !rows.is_empty() {
            part(sheet, language, heading, &rows)?;
        }
    }
    Ok(())
}

fn facts(sheet: &mut Sheet, language: Language, texts: &RecordTexts, finding: &FindingRecord) {
    let summary = &finding.summary;
    let author = finding.author.as_ref().map(|author| author.reveal().as_str());
    let facts = [
        (&texts.practice, Some(summary.practice.name.as_str())),
        (&texts.author, author.filter(|author| *author != summary.practice.name)),
        (&texts.day, Some(&*long_date(language, summary.date))),
    ]
    .into_iter()
    .filter_map(|(label, words)| Some(format!("{label}: {}", isolate(language, words?))))
    .collect::<Vec<_>>();
    sheet.paragraph(&sheet.style(Weight::Regular, 10.0), Align::Start, &facts.join(" · "));
}

/// A heading and the rows below it, over as many pages as it takes.
fn part(sheet: &mut Sheet, language: Language, heading: &str, rows: &[&Observation]) -> Result<(), PrintError> {
    sheet.y += 8.0;
    if sheet.room() < 80.0 {
        sheet.break_page();
    }
    sheet.paragraph(&sheet.style(Weight::Bold, 11.0), Align::Start, heading);
    let mut rows = rows.iter().copied().peekable();
    while rows.peek().is_some() {
        table(sheet, language, &mut rows)?;
    }
    Ok(())
}

/// One page's table: as many rows as fit.
fn table<'r>(
    sheet: &mut Sheet,
    language: Language,
    rows: &mut Peekable<impl Iterator<Item = &'r Observation>>,
) -> Result<(), PrintError> {
    let (texts, bold) = (record_texts(language), sheet.style(Weight::Bold, 9.0));
    let heads = [&texts.value, &texts.result, &texts.range, ""];
    let heads = heads.map(|words| (TagKind::from(Tag::TH(TableHeaderScope::Column)), bold, vec![words]));
    let head = Row::set(sheet, COLUMNS, SPACE, heads);
    sheet.y += head.height;
    let (top, mut body) = (sheet.y, Vec::new());
    while let Some(one) = rows.peek() {
        let row = value_row(sheet, language, one);
        if row.height > sheet.room() {
            if body.is_empty() && top < MARGIN + 60.0 {
                return Err(PrintError::TooLong);
            }
            break;
        }
        sheet.y += row.height;
        body.push(row.block);
        rows.next();
    }
    if !body.is_empty() {
        sheet.push(tagged(head.block, body));
    }
    if rows.peek().is_some() {
        sheet.break_page();
    }
    Ok(())
}

/// Name and number as the report has them, so that the next physician recognises them, and below the name what people call it.
fn value_row(sheet: &Sheet, language: Language, one: &Observation) -> Row {
    let body = sheet.style(Weight::Regular, 9.5);
    let texts = record_texts(language);
    let brief = |text: &str| isolate(language, &shortened(text, SHORT));
    let name: &str = one.name.reveal();
    let called = one.loinc.as_deref().and_then(|code| glossary_entry(code, language));
    let called = called.filter(|entry| entry.name != name).map(|entry| isolate(language, entry.name));
    let comment = one.comment.as_ref().map(|comment| brief(comment.reveal()));
    let (name, result) = (brief(name), brief(&result(one)));
    let ranges: Vec<String> = one.ranges.iter().map(|range| brief(&range_words(range, &one.value))).take(3).collect();
    let place = place(one);
    let critical = one.flag.is_some_and(Flag::is_critical).then_some(texts.critical.as_str());
    let said = place.map(|place| place_text(language, place));
    let stands_out = place.is_some_and(|place| place != RangePlace::Within);
    let strong = if stands_out { Style { weight: Weight::Bold, ..body } } else { body };
    let name = [name.as_str()].into_iter().chain(called.as_deref()).collect();
    let result = [result.as_str()].into_iter().chain(comment.as_deref()).collect();
    let cells = [
        (Tag::TH(TableHeaderScope::Row).into(), body, name),
        (Tag::TD.into(), strong, result),
        (Tag::TD.into(), body, ranges.iter().map(String::as_str).collect()),
        (Tag::TD.into(), strong, said.into_iter().chain(critical).collect()),
    ];
    Row::set(sheet, COLUMNS, SPACE, cells)
}

/// The beginning of a text that is too long for a summary.
fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => text.get(..end).map_or(Cow::Borrowed(text), |begin| Cow::Owned(format!("{begin} …"))),
        None => Cow::Borrowed(text),
    }
}

fn squares(sheet: &mut Sheet, paper: &SummaryPaper, squares: &[String]) -> Result<(), PrintError> {
    if squares.is_empty() {
        return Ok(());
    }
    let (language, texts) = (paper.language, summary_texts(paper.language));
    let check = fill(&texts.check, &[("page", &isolate(language, &paper.page))]);
    sheet.y += 8.0;
    if sheet.room() < SQUARE + 44.0 {
        sheet.break_page();
    }
    sheet.paragraph(&sheet.style(Weight::Regular, 8.5), Align::Start, &check);
    for row in squares.chunks(SIDE_BY_SIDE) {
        if sheet.room() < SQUARE {
            sheet.break_page();
        }
        let mut offset = 0.0;
        for payload in row {
            let left = match language.dir() {
                Direction::Ltr => MARGIN + offset,
                Direction::Rtl => MARGIN + MEASURE - offset - SQUARE,
            };
            let boxes = qr_boxes(payload, (left, sheet.y), SQUARE)?;
            sheet.push(Block::Group(Tag::Figure(Some(texts.qr_alt.clone())).into(), vec![drawing(boxes)]));
            offset += SQUARE + GAP;
        }
        sheet.y += SQUARE;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
