//! The recovery sheet: a QR code for the day on which the phone is gone, in the resident's language. It has no name of a
//! person and no medical word.

use jiff::{Timestamp, civil::Date};
use krilla::tagging::Tag;
use nahraum_domain::private::Private;
use nahraum_texts::{Language, fill, isolate, long_date, sheet_texts};

use crate::{
    PrintError,
    sheet::{Align, Block, PAGE, Sheet, drawing},
    slip::{QR_SIDE, qr_boxes, steps},
    typeset::Weight,
};

/// What is on a recovery sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverySheet {
    /// The language of the resident.
    pub language: Language,
    /// What the app is called.
    pub app_name: String,
    /// The link in the QR code, with the secret in its fragment.
    pub qr_payload: Private<String>,
    /// The day it was made.
    pub made_on: Date,
}

/// Prints the sheet on one A4 page. `printed_at` goes into the metadata only.
///
/// # Errors
/// [`PrintError::QrTooLong`] if the link does not fit into a QR code, [`PrintError::TooLong`] if the name of the app does not
/// fit onto the page.
pub fn recovery_sheet(sheet: &RecoverySheet, printed_at: Timestamp) -> Result<Vec<u8>, PrintError> {
    let (language, texts) = (sheet.language, sheet_texts(sheet.language));
    let app_name = isolate(language, &sheet.app_name);
    let mut page = Sheet::new(language, fill(&texts.heading, &[("app_name", &sheet.app_name)]));
    page.heading(&page.style(Weight::Bold, 24.0), &fill(&texts.heading, &[("app_name", &app_name)]));
    page.y += 12.0;
    steps(&mut page, language, &texts.steps, &app_name);
    page.y += 10.0;
    let boxes = qr_boxes(sheet.qr_payload.reveal(), ((PAGE.0 - QR_SIDE) / 2.0, page.y), QR_SIDE)?;
    page.push(Block::Group(Tag::Figure(Some(texts.qr_alt.clone())).into(), vec![drawing(boxes)]));
    page.y += QR_SIDE + 16.0;
    let body = page.style(Weight::Regular, 15.0);
    for sentence in [&texts.delay, &texts.single_use, &texts.keep_safe] {
        page.paragraph(&body, Align::Start, sentence);
    }
    page.y += 10.0;
    page.rule();
    page.y += 8.0;
    let day = long_date(language, sheet.made_on);
    page.paragraph(&page.style(Weight::Regular, 13.0), Align::Start, &fill(&texts.printed_on, &[("date", &day)]));
    page.finish(printed_at)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn prints_in_every_language_and_the_same_input_gives_the_same_bytes() {
        for language in Language::ALL {
            let sheet = RecoverySheet {
                language,
                app_name: "Nahraum".into(),
                qr_payload: Private::new("https://nahraum.example/a#r1.billstedt.AAECAwQFBgcICQoLDA0ODw".into()),
                made_on: date(2026, 12, 6),
            };
            let pdf = recovery_sheet(&sheet, Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(recovery_sheet(&sheet, Timestamp::UNIX_EPOCH).unwrap(), pdf);
            assert!(pdf.starts_with(b"%PDF-1.7"));
            assert!(!format!("{sheet:?}").contains("AAEC"));
        }
    }
}
