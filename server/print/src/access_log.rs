//! A resident's access log on paper: what was done, day by day, the newest first, and what one needs to compare it with
//! the log that they can take away as a file.

use std::fmt;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use krilla::tagging::{TableHeaderScope, Tag, TagKind};
use nahraum_domain::private::Private;
use nahraum_texts::{Direction, Language, LogSheetTexts, fill, isolate, localize_digits, log_sheet_texts, long_date};

use crate::{
    PrintError,
    sheet::{Align, Block, MARGIN, MEASURE, Sheet, set},
    table::{Row, table as tagged},
    typeset::{Style, Weight},
    values::{clock, made},
};

/// The widths of the columns in points, from where reading starts. Together they are the measure.
const COLUMNS: [f32; 3] = [46.0, 56.0, MEASURE - 102.0];

/// White space above a row, in points.
const SPACE: f32 = 3.0;

/// A part of a resident's access log as it is printed.
#[derive(Debug)]
pub struct AccessLogPaper {
    /// The language of the resident.
    pub language: Language,
    /// What the app is called.
    pub app_name: String,
    /// When it was read, where the resident lives.
    pub as_of: DateTime,
    /// The entries, newest first.
    pub rows: Vec<LogRow>,
    /// Whether there are entries before the last one here.
    pub has_older: bool,
    /// What the paper is compared by.
    pub proof: LogProof,
}

/// One entry.
pub struct LogRow {
    /// Its number in the resident's own log.
    pub number: i64,
    /// When, where the resident lives.
    pub at: DateTime,
    /// What was done, in one sentence.
    pub sentence: Private<String>,
    /// Why it was allowed, unless the sentence says so.
    pub basis: Option<&'static str>,
    /// Which finding, as an id.
    pub finding: Option<String>,
    /// Which person or program of an organisation, as an id.
    pub person: Option<String>,
}

impl fmt::Debug for LogRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogRow(•••)")
    }
}

/// Where the log ends, and the server's word for it. Hashes, keys and signatures as hexadecimal digits.
#[derive(Debug)]
pub struct LogProof {
    /// How many entries there have been.
    pub count: i64,
    /// The hash of the newest one.
    pub head: String,
    /// The public key of the signatures.
    pub key: String,
    /// The statement about where the log ends, as it was signed, and the signature.
    pub statement: (String, String),
    /// The newest place of the chain over all that was signed, and the signature.
    pub checkpoint: Option<(String, String)>,
}

/// Prints the log on as many A4 pages as it takes. `created_at` goes into the metadata only.
///
/// # Errors
/// [`PrintError::TooLong`] if one entry does not fit onto a page, [`PrintError::Pdf`] if the writer refuses.
pub fn access_log(paper: &AccessLogPaper, created_at: Timestamp) -> Result<Vec<u8>, PrintError> {
    compose(paper)?.finish(created_at)
}

fn compose(paper: &AccessLogPaper) -> Result<Sheet, PrintError> {
    let (language, texts) = (paper.language, log_sheet_texts(paper.language));
    let mut sheet = Sheet::new(language, fill(&texts.heading, &[("app_name", &paper.app_name)]));
    let title = fill(&texts.heading, &[("app_name", &isolate(language, &paper.app_name))]);
    sheet.heading(&sheet.style(Weight::Bold, 20.0), &title);
    sheet.y += 8.0;
    introduction(&mut sheet, paper, texts);
    sheet.y += 10.0;
    let mut rows = paper.rows.iter().peekable();
    while rows.peek().is_some() {
        table(&mut sheet, paper.language, texts, &mut rows)?;
    }
    sheet.y += 16.0;
    proof(&mut sheet, language, texts, &paper.proof);
    sheet.number_pages(&title);
    Ok(sheet)
}

fn introduction(sheet: &mut Sheet, paper: &AccessLogPaper, texts: &LogSheetTexts) {
    let body = sheet.style(Weight::Regular, 11.0);
    let number = |number: i64| localize_digits(paper.language, &number.to_string());
    let mut sentences = vec![texts.intro.clone(), made(paper.language, paper.as_of)];
    match (paper.rows.last(), paper.rows.first()) {
        (Some(first), Some(last)) => sentences.push(fill(
            &texts.shown,
            &[("first", &number(first.number)), ("last", &number(last.number)), ("count", &number(paper.proof.count))],
        )),
        (None, _) | (_, None) => sentences.push(texts.nothing.clone()),
    }
    if paper.has_older {
        sentences.push(texts.older.clone());
    }
    for sentence in sentences {
        sheet.paragraph(&body, Align::Start, &sentence);
        sheet.y += 3.0;
    }
}

/// One page's table: as many rows as fit, with the headings of the columns and of the days.
fn table<'r>(
    sheet: &mut Sheet,
    language: Language,
    texts: &LogSheetTexts,
    rows: &mut std::iter::Peekable<impl Iterator<Item = &'r LogRow>>,
) -> Result<(), PrintError> {
    let bold = sheet.style(Weight::Bold, 9.0);
    let column = || TagKind::from(Tag::TH(TableHeaderScope::Column));
    let head = Row::set(
        sheet,
        COLUMNS,
        SPACE,
        [&texts.number, &texts.time, &texts.what].map(|w| (column(), bold, vec![w.as_str()])),
    );
    let (mut placed, mut day) = (Vec::new(), None);
    sheet.y += head.height;
    while let Some(row) = rows.peek() {
        let before = sheet.y;
        let new_day = (day != Some(row.at.date())).then(|| day_row(sheet, language, row.at.date()));
        sheet.y += new_day.as_ref().map_or(0.0, |day| day.height);
        let entry = entry_row(sheet, language, texts, row);
        if entry.height > sheet.room() {
            sheet.y = before;
            if placed.is_empty() && before < MARGIN + 60.0 {
                return Err(PrintError::TooLong);
            }
            break;
        }
        sheet.y += entry.height;
        day = Some(row.at.date());
        placed.extend(new_day.map(|day| day.block));
        placed.push(entry.block);
        rows.next();
    }
    if !placed.is_empty() {
        sheet.push(tagged(head.block, placed));
    }
    if rows.peek().is_some() {
        sheet.break_page();
    }
    Ok(())
}

/// The day above its entries, over the whole measure.
fn day_row(sheet: &Sheet, language: Language, day: Date) -> Row {
    let words = set(
        &sheet.style(Weight::Bold, 11.0),
        Align::Start,
        &long_date(language, day),
        (MARGIN, sheet.y + 10.0, MEASURE),
    );
    let cell = Tag::TD.with_col_span(std::num::NonZeroU32::new(3));
    let cell = Block::Group(cell.into(), vec![words.block]);
    Row { block: Block::Group(Tag::TR.into(), vec![cell]), height: words.height + 12.0 }
}

fn entry_row(sheet: &Sheet, language: Language, texts: &LogSheetTexts, row: &LogRow) -> Row {
    let body = sheet.style(Weight::Regular, 10.0);
    let number = localize_digits(language, &row.number.to_string());
    let time = clock(language, row.at);
    let id =
        |template: &str, id: &Option<String>| id.as_ref().map(|id| fill(template, &[("id", &isolate(language, id))]));
    let (finding, person) = (id(&texts.finding, &row.finding), id(&texts.person, &row.person));
    let small = [row.basis, finding.as_deref(), person.as_deref()].into_iter().flatten();
    let what = [row.sentence.reveal().as_str()].into_iter().chain(small).collect();
    Row::set(
        sheet,
        COLUMNS,
        SPACE,
        [
            (Tag::TH(TableHeaderScope::Row).into(), body, vec![&number]),
            (Tag::TD.into(), body, vec![&time]),
            (Tag::TD.into(), body, what),
        ],
    )
}

/// What the paper is compared by, in small digits that read from left to right in every language.
fn proof(sheet: &mut Sheet, language: Language, texts: &LogSheetTexts, proof: &LogProof) {
    let (label, words) = (sheet.style(Weight::Bold, 9.0), sheet.style(Weight::Regular, 10.0));
    let digits = Style { dir: Direction::Ltr, ..sheet.style(Weight::Regular, 7.5) };
    let count = localize_digits(language, &proof.count.to_string());
    let head = fill(&texts.head, &[("count", &count)]);
    let mut parts = vec![
        (&head, &proof.head),
        (&texts.statement, &proof.statement.0),
        (&texts.signature, &proof.statement.1),
        (&texts.key, &proof.key),
    ];
    if let Some((text, signature)) = &proof.checkpoint {
        parts.extend([(&texts.checkpoint, text), (&texts.signature, signature)]);
    }
    // The proof stays together: it is copied or photographed as one.
    if sheet.room() < 330.0 {
        sheet.break_page();
    }
    sheet.rule();
    sheet.y += 8.0;
    sheet.paragraph(&sheet.style(Weight::Bold, 12.0), Align::Start, &texts.proof_heading);
    sheet.y += 2.0;
    sheet.paragraph(&words, Align::Start, &texts.proof);
    for (name, value) in parts {
        sheet.y += 5.0;
        sheet.paragraph(&label, Align::Start, name);
        sheet.paragraph(&digits, Align::Start, &in_eights(value));
    }
}

/// Hexadecimal digits in groups that an eye can follow; any other text as it is.
fn in_eights(text: &str) -> String {
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return text.to_owned();
    }
    let mut grouped = String::with_capacity(text.len() + text.len() / 8);
    for (place, digit) in text.chars().enumerate() {
        if place > 0 && place % 8 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use nahraum_domain::{
        access::Basis,
        audit::{LogAction, LogOutcome},
    };
    use nahraum_texts::{AccessLine, ActorKind, access_sentence, basis_sentence};

    use super::*;

    fn paper(language: Language, count: i64) -> AccessLogPaper {
        let row = |number: i64| {
            let place = usize::try_from(number).unwrap();
            let actor = ActorKind::ALL[place % 6];
            let action = LogAction::ALL[place % 21];
            let outcome = if number % 7 == 0 { LogOutcome::Denied } else { LogOutcome::Done };
            let line =
                AccessLine { actor, organisation: Some("Praxis am Schiffbeker Weg"), action, outcome, basis: None };
            let is_staff = matches!(actor, ActorKind::Staff | ActorKind::Software | ActorKind::Operator);
            LogRow {
                number,
                at: datetime(2026, 11, 1, 8, 5, 0, 0).checked_add(jiff::Span::new().hours(number * 3)).unwrap(),
                sentence: Private::new(access_sentence(language, &line)),
                basis: (outcome == LogOutcome::Done).then(|| basis_sentence(language, Basis::ALL[place % 2])),
                finding: (number % 3 > 0).then(|| "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a02".into()),
                person: is_staff.then(|| "019343f2-7d6a-7c3e-9d5b-3a2f1c0b9a77".into()),
            }
        };
        let signed = |name: &str| {
            let text = format!(
                "{{\"at\":1795000100000000,\"format\":\"nahraum-log-{name}-1\",\"hash\":\"{}\"}}",
                "4f".repeat(32)
            );
            (text, "71b5".repeat(32))
        };
        AccessLogPaper {
            language,
            app_name: "Nahraum".into(),
            as_of: datetime(2026, 12, 6, 17, 4, 5, 0),
            rows: (1..=count).rev().map(row).collect(),
            has_older: count > 60,
            proof: LogProof {
                count,
                head: "c331".repeat(16),
                key: "36d4".repeat(16),
                statement: signed("statement"),
                checkpoint: Some(signed("checkpoint")),
            },
        }
    }

    #[test]
    fn prints_in_every_language_on_as_many_pages_as_it_takes() {
        for language in Language::ALL {
            for count in [0, 1, 50] {
                let pdf = access_log(&paper(language, count), Timestamp::UNIX_EPOCH).unwrap();
                assert!(pdf.starts_with(b"%PDF-1.7"));
                assert_eq!(access_log(&paper(language, count), Timestamp::UNIX_EPOCH).unwrap(), pdf);
                if let Some(folder) = option_env!("NAHRAUM_PRINT_SAMPLES") {
                    std::fs::write(format!("{folder}/access-log-{}-{count}.pdf", language.tag()), pdf).unwrap();
                }
            }
        }
    }

    /// SR-L03
    #[test]
    fn sr_l03_every_entry_its_number_and_the_end_of_the_log_stand_on_the_paper() {
        let paper = paper(Language::De, 50);
        let words = compose(&paper).unwrap().words();
        for row in &paper.rows {
            assert!(words.contains(row.sentence.reveal().as_str()), "{}", row.sentence.reveal());
        }
        assert!(words.contains("Das wurde abgelehnt."), "refused tries as well");
        assert!(words.contains("Dieser Ausdruck zeigt die Einträge 1 bis 50. Bisher gab es insgesamt 50 Einträge."));
        let head = in_eights(&paper.proof.head);
        assert!(head.starts_with("c331c331 c331c331") && words.contains(&head), "{words}");
        for part in [&paper.proof.statement.0, &paper.proof.key, &paper.proof.statement.1] {
            assert!(words.contains(&in_eights(part)), "{part}");
        }
        assert!(words.contains("Seite 1 von ") && !words.contains("kleineren Nummern"));
        let part = AccessLogPaper { has_older: true, ..paper };
        assert!(compose(&part).unwrap().words().contains("Die Einträge mit kleineren Nummern stehen nicht auf"));
    }

    #[test]
    fn a_thousand_entries_are_a_paper_and_debug_shows_none_of_them() {
        let long = paper(Language::De, 1_000);
        assert!(access_log(&long, Timestamp::UNIX_EPOCH).unwrap().len() < 4_000_000);
        assert!(!format!("{long:?}").contains("Schiffbeker"));
    }

    #[test]
    fn an_entry_that_fits_onto_no_page_is_refused_and_does_not_go_round_in_circles() {
        let mut endless = paper(Language::De, 2);
        endless.rows[1].sentence = Private::new("Wort ".repeat(20_000));
        assert_eq!(access_log(&endless, Timestamp::UNIX_EPOCH), Err(PrintError::TooLong));
    }
}
