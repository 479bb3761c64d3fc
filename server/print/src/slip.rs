//! The invitation slip: a QR code and a code to type in, and what to do with them, in the resident's language. It has
//! no name of a person and no medical word; the sender is the practice's own name for itself.

use jiff::{Timestamp, civil::Date};
use krilla::{
    geom::Rect,
    tagging::{ListNumbering, Tag},
};
use nahraum_domain::private::Private;
use nahraum_texts::{Direction, Language, SlipTexts, fill, isolate, localize_digits, long_date, slip_texts};
use qrcode::{Color, EcLevel, QrCode};

use crate::{
    PrintError,
    sheet::{Align, Block, MARGIN, MEASURE, PAGE, Sheet, drawing, set},
    typeset::{Style, Weight},
};

/// The side of the QR code with its quiet zone, in points (65 mm).
pub(crate) const QR_SIDE: f32 = 184.0;
/// The quiet zone on every side, in modules (ISO/IEC 18004, 5.3.8).
const QUIET: u16 = 4;
/// The column of the step numbers, in points.
const NUMBERS: f32 = 30.0;

/// What is on a slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// The language of the resident.
    pub language: Language,
    /// The sender.
    pub practice_name: String,
    /// What the app is called.
    pub app_name: String,
    /// The link in the QR code, with the secret in its fragment.
    pub qr_payload: Private<String>,
    /// The twelve characters to type in, without separators.
    pub manual_code: Private<String>,
    /// The last day the code works.
    pub valid_until: Date,
    /// Whether it is posted: then the sender is the app, because others see the letter, and it says what comes after.
    pub letter: bool,
}

impl Slip {
    fn sender(&self) -> &str {
        if self.letter { &self.app_name } else { &self.practice_name }
    }
}

/// Prints the slip on one A4 page. `printed_at` goes into the metadata only.
///
/// # Errors
/// [`PrintError::ManualCode`] if the code is not twelve ASCII letters and digits, [`PrintError::QrTooLong`] if the link
/// does not fit into a QR code, [`PrintError::TooLong`] if the names do not fit onto the page.
pub fn invitation_slip(slip: &Slip, printed_at: Timestamp) -> Result<Vec<u8>, PrintError> {
    let texts = slip_texts(slip.language);
    let code = grouped(slip.manual_code.reveal()).ok_or(PrintError::ManualCode)?;
    let app_name = isolate(slip.language, &slip.app_name);
    let heading = fill(&texts.heading, &[("app_name", &app_name)]);
    let mut sheet = Sheet::new(slip.language, fill(&texts.heading, &[("app_name", &slip.app_name)]));

    let small = sheet.style(Weight::Regular, 13.0);
    sheet.paragraph(&small, Align::Start, &isolate(slip.language, slip.sender()));
    sheet.y += 4.0;
    sheet.rule();
    sheet.y += 20.0;
    sheet.heading(&sheet.style(Weight::Bold, 24.0), &heading);
    sheet.y += 12.0;
    steps(&mut sheet, slip.language, &texts.steps, &app_name);
    sheet.y += 10.0;
    let boxes = qr_boxes(slip.qr_payload.reveal(), ((PAGE.0 - QR_SIDE) / 2.0, sheet.y), QR_SIDE)?;
    sheet.push(Block::Group(Tag::Figure(Some(texts.qr_alt.clone())).into(), vec![drawing(boxes)]));
    sheet.y += QR_SIDE + 4.0;
    sheet.paragraph(&small, Align::Center, &texts.code_label);
    sheet.y += 2.0;
    let big = Style { dir: Direction::Ltr, ..sheet.style(Weight::Bold, 34.0) };
    sheet.paragraph(&big, Align::Center, &code);
    sheet.y += 16.0;
    closing(&mut sheet, slip, texts);
    sheet.finish(printed_at)
}

/// The three numbered sentences.
pub(crate) fn steps(sheet: &mut Sheet, language: Language, sentences: &[String; 3], app_name: &str) {
    let body = sheet.style(Weight::Regular, 15.0);
    let bold = sheet.style(Weight::Bold, 15.0);
    let (numbers, words) = match language.dir() {
        Direction::Ltr => (MARGIN, MARGIN + NUMBERS),
        Direction::Rtl => (MARGIN + MEASURE - NUMBERS, MARGIN),
    };
    let mut items = Vec::new();
    for (number, step) in (1_u8..).zip(sentences) {
        let number = localize_digits(language, &format!("{number}."));
        let label = set(&bold, Align::Start, &number, (numbers, sheet.y, NUMBERS));
        let step = fill(step, &[("app_name", app_name)]);
        let text = set(&body, Align::Start, &step, (words, sheet.y, MEASURE - NUMBERS));
        sheet.y += text.height + 6.0;
        let label = Block::Group(Tag::Lbl.into(), vec![label.block]);
        let text = Block::Group(Tag::LBody.into(), vec![text.block]);
        items.push(Block::Group(Tag::LI.into(), vec![label, text]));
    }
    sheet.push(Block::Group(Tag::L(ListNumbering::Decimal).into(), items));
}

/// What holds for the code, and where help is.
fn closing(sheet: &mut Sheet, slip: &Slip, texts: &SlipTexts) {
    let date = long_date(slip.language, slip.valid_until);
    sheet.paragraph(&sheet.style(Weight::Bold, 15.0), Align::Start, &fill(&texts.valid_until, &[("date", &date)]));
    let body = sheet.style(Weight::Regular, 15.0);
    let sentences = [&texts.single_use, &texts.keep_private, &texts.letter_confirm];
    for sentence in sentences.into_iter().take(if slip.letter { 3 } else { 2 }) {
        sheet.paragraph(&body, Align::Start, sentence);
    }
    sheet.y += 10.0;
    sheet.rule();
    sheet.y += 8.0;
    let sender = isolate(slip.language, &slip.practice_name);
    let help = if slip.letter { texts.letter_help.clone() } else { fill(&texts.help, &[("sender", &sender)]) };
    sheet.paragraph(&sheet.style(Weight::Regular, 13.0), Align::Start, &help);
}

/// `ABCDEFGHJKMN` as `ABCD  EFGH  JKMN`.
fn grouped(code: &str) -> Option<String> {
    if code.len() != 12 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    Some([code.get(..4)?, code.get(4..8)?, code.get(8..)?].join("  "))
}

/// The dark modules, those side by side as one rectangle, in a square of this width with its quiet zone, in points.
pub(crate) fn qr_boxes(payload: &str, (left, top): (f32, f32), width: f32) -> Result<Vec<Rect>, PrintError> {
    let qr = QrCode::with_error_correction_level(payload, EcLevel::M).map_err(|_| PrintError::QrTooLong)?;
    let modules = u16::try_from(qr.width()).map_err(|_| PrintError::QrTooLong)?;
    let side = width / f32::from(modules + 2 * QUIET);
    let colors = qr.to_colors();
    let mut boxes = Vec::new();
    for (row, line) in (0_u16..).zip(colors.chunks(usize::from(modules))) {
        let y = top + f32::from(row + QUIET) * side;
        let mut column = 0_u16;
        for same in line.chunk_by(|a, b| a == b) {
            let count = u16::try_from(same.len()).map_err(|_| PrintError::QrTooLong)?;
            if same.first() == Some(&Color::Dark) {
                let x = left + f32::from(column + QUIET) * side;
                boxes.extend(Rect::from_xywh(x, y, f32::from(count) * side, side));
            }
            column += count;
        }
    }
    Ok(boxes)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn slip(language: Language) -> Slip {
        Slip {
            language,
            practice_name: "Praxis am Schiffbeker Weg".into(),
            app_name: "Nahraum".into(),
            qr_payload: Private::new("https://nahraum.example/a#1.hh-billstedt.AAECAwQFBgcICQoLDA0ODw".into()),
            manual_code: Private::new("K7QM3XWPA9HT".into()),
            valid_until: date(2026, 12, 6),
            letter: false,
        }
    }

    #[test]
    fn prints_in_every_language_and_the_same_input_gives_the_same_bytes() {
        for language in Language::ALL {
            let pdf = invitation_slip(&slip(language), Timestamp::UNIX_EPOCH).unwrap();
            assert!(pdf.starts_with(b"%PDF-1.7"));
            assert_eq!(invitation_slip(&slip(language), Timestamp::UNIX_EPOCH).unwrap(), pdf);
            // Built with this variable, the tests leave their PDFs in that folder, to be looked at.
            if let Some(folder) = option_env!("NAHRAUM_PRINT_SAMPLES") {
                std::fs::write(format!("{folder}/slip-{}.pdf", language.tag()), pdf).unwrap();
            }
        }
    }

    /// SR-B05: a letter is seen by others.
    #[test]
    fn sr_b05_a_letter_fits_onto_its_page_in_every_language_and_does_not_name_the_practice() {
        for language in Language::ALL {
            let letter = Slip { letter: true, ..slip(language) };
            assert_eq!(letter.sender(), "Nahraum");
            let pdf = invitation_slip(&letter, Timestamp::UNIX_EPOCH).unwrap();
            let same = Slip { practice_name: "Urologie am Markt".into(), ..letter };
            assert_eq!(invitation_slip(&same, Timestamp::UNIX_EPOCH).unwrap(), pdf, "{}", language.tag());
            if let Some(folder) = option_env!("NAHRAUM_PRINT_SAMPLES") {
                std::fs::write(format!("{folder}/letter-{}.pdf", language.tag()), pdf).unwrap();
            }
        }
    }

    #[test]
    fn no_character_in_a_name_keeps_a_slip_from_being_printed() {
        let interesting: Vec<char> = ('\0'..='\u{77f}')
            .chain('\u{2000}'..='\u{206f}')
            .chain(['\u{e000}', '\u{f6c5}', '\u{f8ff}', '\u{1f600}', '\u{e0001}', '\u{10ffff}'])
            .chain('\u{fb00}'..='\u{ffff}')
            .collect();
        for (language, chars) in [Language::Pl, Language::Ar].iter().cycle().zip(interesting.chunks(60)) {
            let odd = Slip { practice_name: chars.iter().collect(), ..slip(*language) };
            let printed = invitation_slip(&odd, Timestamp::UNIX_EPOCH);
            assert!(printed.is_ok(), "{printed:?}: {:?}", odd.practice_name);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let debug = format!("{:?}", slip(Language::De));
        assert!(!debug.contains("K7QM") && !debug.contains("AAEC"), "{debug}");
    }

    #[test]
    fn says_what_is_wrong_with_a_slip() {
        let print = |change: fn(&mut Slip)| {
            let mut odd = slip(Language::Fa);
            change(&mut odd);
            invitation_slip(&odd, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(print(|s| s.manual_code = Private::new("K7QM-3XWP-A9HT".into())), Err(PrintError::ManualCode));
        assert_eq!(print(|s| s.qr_payload = Private::new("x".repeat(3000))), Err(PrintError::QrTooLong));
        assert_eq!(print(|s| s.practice_name = "Praxis ".repeat(500)), Err(PrintError::TooLong));
        assert!(print(|s| s.practice_name = "漢字 \u{1f600} Ğışş\n2".into()).is_ok(), "letters we lack are no reason");
        assert!(print(|s| s.practice_name = String::new()).is_ok());
    }
}
