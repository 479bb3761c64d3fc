//! What practices send: a laboratory report and a physician's letter, in German, for the demo and for tests.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use krilla::tagging::{TableHeaderScope, Tag, TagKind};
use nahraum_domain::private::Private;
use nahraum_texts::Language;

use crate::{
    PrintError,
    sheet::{Align, Block, MARGIN, MEASURE, Sheet, set},
    typeset::{Style, Weight},
};

/// The columns of the table of values: heading and width in points. Together they are the measure.
const COLUMNS: [(&str, f32); 5] =
    [("Untersuchung", 176.0), ("Ergebnis", 76.0), ("", 30.0), ("Einheit", 96.0), ("Referenzbereich", MEASURE - 378.0)];

/// Who sends a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// The name of the practice.
    pub practice: String,
    /// Its address in one line.
    pub address: String,
    /// Telephone and the like in one line.
    pub contact: String,
}

/// A laboratory report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabReport {
    /// Who sends it.
    pub letterhead: Letterhead,
    /// The practice's own number of the patient.
    pub patient_reference: Private<String>,
    /// The patient's birth date.
    pub birth_date: Private<Date>,
    /// The laboratory's number of the report.
    pub report_number: String,
    /// The day the sample was taken.
    pub collected_on: Date,
    /// The day of the report.
    pub reported_on: Date,
    /// The values, in the order they are printed.
    pub rows: Vec<LabRow>,
    /// The laboratory's comment.
    pub comment: Option<Private<String>>,
    /// Who answers for it.
    pub signature: String,
}

/// One line of a laboratory report, as it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct LabRow {
    /// A heading above the line, printed where it changes.
    pub group: Option<String>,
    /// What was measured.
    pub name: Private<String>,
    /// The value.
    pub result: Private<String>,
    /// The unit.
    pub unit: String,
    /// The reference range.
    pub range: String,
    /// `H`, `L`, `HH`, `LL` or nothing.
    pub flag: String,
}

impl fmt::Debug for LabRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LabRow(•••)")
    }
}

/// A letter of a physician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who sends it.
    pub letterhead: Letterhead,
    /// The practice's own number of the patient.
    pub patient_reference: Private<String>,
    /// The patient's birth date.
    pub birth_date: Private<Date>,
    /// The day of the letter.
    pub date: Date,
    /// The heading.
    pub heading: Private<String>,
    /// The text.
    pub paragraphs: Private<Vec<String>>,
    /// Who signs.
    pub signature: String,
}

/// Prints a laboratory report on one A4 page. `created_at` goes into the metadata only.
///
/// # Errors
/// [`PrintError::TooLong`] if it does not fit onto the page.
pub fn lab_report(report: &LabReport, created_at: Timestamp) -> Result<Vec<u8>, PrintError> {
    let mut sheet = Sheet::new(Language::De, "Laborbefund".to_owned());
    let body = sheet.style(Weight::Regular, 10.0);
    letterhead(&mut sheet, &report.letterhead);
    sheet.heading(&sheet.style(Weight::Bold, 18.0), "Laborbefund");
    sheet.y += 6.0;
    for line in [
        patient(&report.patient_reference, &report.birth_date),
        format!("Befundnummer: {}", report.report_number),
        format!("Entnahme: {}     Befund vom: {}", day(report.collected_on), day(report.reported_on)),
    ] {
        sheet.paragraph(&body, Align::Start, &line);
    }
    sheet.y += 14.0;
    table(&mut sheet, &report.rows);
    sheet.y += 12.0;
    if let Some(comment) = &report.comment {
        sheet.paragraph(&sheet.style(Weight::Bold, 10.0), Align::Start, "Beurteilung");
        sheet.paragraph(&body, Align::Start, comment.reveal());
        sheet.y += 12.0;
    }
    sheet.paragraph(&body, Align::Start, &report.signature);
    sheet.y += 6.0;
    let legend = "H = über, L = unter dem Referenzbereich; HH und LL = stark abweichend.";
    sheet.paragraph(&sheet.style(Weight::Regular, 8.0), Align::Start, legend);
    sheet.finish(created_at)
}

/// Prints a letter on one A4 page. `created_at` goes into the metadata only.
///
/// # Errors
/// [`PrintError::TooLong`] if it does not fit onto the page.
pub fn letter(letter: &Letter, created_at: Timestamp) -> Result<Vec<u8>, PrintError> {
    let mut sheet = Sheet::new(Language::De, "Arztbrief".to_owned());
    let body = sheet.style(Weight::Regular, 11.0);
    letterhead(&mut sheet, &letter.letterhead);
    sheet.paragraph(&body, Align::Start, &day(letter.date));
    sheet.paragraph(&body, Align::Start, &patient(&letter.patient_reference, &letter.birth_date));
    sheet.y += 16.0;
    sheet.heading(&sheet.style(Weight::Bold, 15.0), letter.heading.reveal());
    sheet.y += 8.0;
    for paragraph in letter.paragraphs.reveal() {
        sheet.paragraph(&body, Align::Start, paragraph);
        sheet.y += 8.0;
    }
    sheet.y += 8.0;
    sheet.paragraph(&body, Align::Start, "Mit freundlichen Grüßen");
    sheet.y += 20.0;
    sheet.paragraph(&body, Align::Start, &letter.signature);
    sheet.finish(created_at)
}

fn letterhead(sheet: &mut Sheet, head: &Letterhead) {
    sheet.paragraph(&sheet.style(Weight::Bold, 14.0), Align::Start, &head.practice);
    let small = sheet.style(Weight::Regular, 9.0);
    sheet.paragraph(&small, Align::Start, &head.address);
    sheet.paragraph(&small, Align::Start, &head.contact);
    sheet.y += 6.0;
    sheet.rule();
    sheet.y += 24.0;
}

fn patient(reference: &Private<String>, birth_date: &Private<Date>) -> String {
    format!("Patientennummer: {}     geboren am: {}", reference.reveal(), day(*birth_date.reveal()))
}

/// `06.12.2026` (DIN 5008).
fn day(date: Date) -> String {
    date.strftime("%d.%m.%Y").to_string()
}

fn table(sheet: &mut Sheet, rows: &[LabRow]) {
    let bold = sheet.style(Weight::Bold, 10.0);
    let plain = sheet.style(Weight::Regular, 10.0);
    let column = || TagKind::from(Tag::TH(TableHeaderScope::Column));
    let head = table_row(sheet, COLUMNS.map(|(name, _)| (column(), bold, name)));
    let mut lines = Vec::new();
    let mut group = None;
    for row in rows {
        if row.group.as_deref() != group {
            group = row.group.as_deref();
            sheet.y += 6.0;
            let cell = |words| (TagKind::from(Tag::TD), bold, words);
            lines.push(table_row(sheet, [cell(group.unwrap_or_default()), cell(""), cell(""), cell(""), cell("")]));
        }
        let style = if row.flag.is_empty() { plain } else { bold };
        lines.push(table_row(
            sheet,
            [
                (Tag::TH(TableHeaderScope::Row).into(), plain, row.name.reveal().as_str()),
                (Tag::TD.into(), style, row.result.reveal().as_str()),
                (Tag::TD.into(), bold, row.flag.as_str()),
                (Tag::TD.into(), plain, row.unit.as_str()),
                (Tag::TD.into(), plain, row.range.as_str()),
            ],
        ));
    }
    let head = Block::Group(Tag::THead.into(), vec![head]);
    let body = Block::Group(Tag::TBody.into(), lines);
    sheet.push(Block::Group(Tag::Table.into(), vec![head, body]));
}

/// Sets one row and moves below its tallest cell and a hairline.
fn table_row(sheet: &mut Sheet, cells: [(TagKind, Style, &str); 5]) -> Block {
    let (mut x, mut height) = (MARGIN, 0.0_f32);
    let mut blocks = Vec::new();
    for ((tag, style, words), (_, width)) in cells.into_iter().zip(COLUMNS) {
        let cell = set(&style, Align::Start, words, (x, sheet.y, width - 6.0));
        height = height.max(cell.height);
        blocks.push(Block::Group(tag, vec![cell.block]));
        x += width;
    }
    sheet.y += height + 1.0;
    sheet.rule();
    sheet.y += 3.0;
    Block::Group(Tag::TR.into(), blocks)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn head() -> Letterhead {
        Letterhead {
            practice: "Praxis am Schiffbeker Weg".into(),
            address: "Schiffbeker Weg 20, 22111 Hamburg".into(),
            contact: "Telefon 040 0000000".into(),
        }
    }

    fn row(group: &str, name: &str, result: &str, unit: &str, range: &str, flag: &str) -> LabRow {
        LabRow {
            group: Some(group.into()),
            name: Private::new(name.into()),
            result: Private::new(result.into()),
            unit: unit.into(),
            range: range.into(),
            flag: flag.into(),
        }
    }

    fn report(times: usize) -> LabReport {
        let rows = [
            row("Blutbild", "Leukozyten", "6,1", "Gpt/l", "4,0 – 10,0", ""),
            row("Blutbild", "Hämoglobin", "7,1", "mmol/l", "7,4 – 9,9", "L"),
            row("Stoffwechsel", "HbA1c (IFCC)", "48", "mmol/mol", "20 – 42", "H"),
            row("Stoffwechsel", "Glomeruläre Filtrationsrate (CKD-EPI 2021)", "> 60", "ml/min/1,73 m²", "> 60", ""),
        ];
        LabReport {
            letterhead: head(),
            patient_reference: Private::new("4711".into()),
            birth_date: Private::new(date(1971, 3, 9)),
            report_number: "26-118842".into(),
            collected_on: date(2026, 11, 18),
            reported_on: date(2026, 11, 19),
            rows: rows.iter().cycle().take(rows.len() * times).cloned().collect(),
            comment: Some(Private::new(
                "Leichte Anämie, HbA1c im Bereich eines beginnenden Diabetes. Kontrolle in drei Monaten empfohlen."
                    .into(),
            )),
            signature: "Dr. med. A. Beispiel, Labormedizin".into(),
        }
    }

    fn sample(name: &str, pdf: &[u8]) {
        assert!(pdf.starts_with(b"%PDF-1.7"));
        if let Some(folder) = option_env!("NAHRAUM_PRINT_SAMPLES") {
            std::fs::write(format!("{folder}/{name}.pdf"), pdf).unwrap();
        }
    }

    #[test]
    fn prints_a_laboratory_report_on_one_page_or_says_that_it_does_not_fit() {
        sample("lab-report", &lab_report(&report(1), Timestamp::UNIX_EPOCH).unwrap());
        assert_eq!(lab_report(&report(20), Timestamp::UNIX_EPOCH), Err(PrintError::TooLong));
    }

    #[test]
    fn prints_a_letter() {
        let text = "wir berichten über die Untersuchung vom 18. November. Der Blutdruck lag bei 132/84 mmHg, das EKG zeigte einen regelmäßigen Sinusrhythmus ohne Zeichen einer Durchblutungsstörung.";
        let doc = Letter {
            letterhead: head(),
            patient_reference: Private::new("4711".into()),
            birth_date: Private::new(date(1971, 3, 9)),
            date: date(2026, 11, 19),
            heading: Private::new("Bericht über die kardiologische Untersuchung".into()),
            paragraphs: Private::new(vec!["Sehr geehrte Damen und Herren,".into(), text.into()]),
            signature: "Dr. med. A. Beispiel".into(),
        };
        sample("letter", &letter(&doc, Timestamp::UNIX_EPOCH).unwrap());
        assert!(!format!("{doc:?} {:?}", report(1)).contains("48"), "debug shows nothing");
    }
}
